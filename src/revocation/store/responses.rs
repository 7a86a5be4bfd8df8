//! Responses by the certificate that they are about.
//!
//! A response is held for each certificate for which it was found to hold, one for each: the judge
//! says which of two. What else such a response says is of no account: a CA that may speak of its
//! own certificates could otherwise bring up what it likes about those of others, and the
//! signatures would be at the cost of their validations.
//!
//! Nobody has verified what the caller inserts: it stands aside, for the certificates of which it
//! speaks.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::BuildHasher;

use super::accounts::Party;
use super::entry::{About, Entry, Held, Source, Summary};
use super::table::Hashes;
use super::{Evidence, Kept, TooLarge};
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::revocation::judge::responder::ResponseSigner;
use crate::revocation::judge::response::together;
use crate::revocation::judge::{Judge, Statement};
use crate::revocation::ocsp::{CertIdHash, CertStatus, IssuerHashes, OcspRequest, OcspResponse};
use crate::revocation::request::{Request, Wanted};

/// Most statements of an inserted response under which it is found.
const MAX_STATEMENTS: usize = 32;

/// Most inserted responses that a look-up gives.
const MAX_ASIDE: usize = 16;

impl Evidence {
    /// Adds a response by hand, as [`insert_crl`](Self::insert_crl) does with CRLs.
    ///
    /// # Errors
    /// As [`insert_crl`](Self::insert_crl).
    pub fn insert_response(&mut self, response: OcspResponse) -> Result<(), TooLarge> {
        let summary = response.singles().map(|single| Summary {
            this_update: single.this_update,
            next_update: single.next_update,
            is_revoked: matches!(single.status, CertStatus::Revoked { .. }),
        });
        let Some(summary) = summary.reduce(Summary::and) else {
            return Ok(());
        };
        self.put_aside(Entry::new(Held::Response(response), summary, None, None))
    }

    /// The response that was found to hold for a certificate of the issuer with this key, and those
    /// that the caller inserted and that speak of it; for each whether it was found to hold.
    pub(crate) fn responses_about(
        &self,
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        issuer: &IssuerHashes<'_>,
    ) -> Vec<(OcspResponse, bool)> {
        let (key, serial) = (issuer_key.as_der(), certificate.serial());
        let hash = self.about_hash(serial, certificate.issuer().as_der(), key);
        let is_about = |entry: &Entry| {
            let about = entry.about.as_ref();
            entry.key.as_deref() == Some(key) && about.is_some_and(|about| about.is(certificate))
        };
        let mut found = self.entries.find(&[hash], 1, is_about);
        if self.aside > 0 {
            let hash = |hash: &CertIdHash| self.statement_hash(serial, issuer.key_hash(*hash));
            let hashes: Hashes = CertIdHash::ALL.iter().map(hash).collect();
            let speaks = |entry: &Entry| match &entry.held {
                Held::Response(response) if entry.key.is_none() => {
                    response.singles_for(serial, issuer).next().is_some()
                }
                _ => false,
            };
            found.extend(self.entries.find(&hashes, MAX_ASIDE, speaks));
        }
        let found = found.into_iter().filter_map(|place| {
            let entry = self.entries.get(place)?;
            entry.note_use();
            Some((entry.held.response()?.clone(), entry.key.is_some()))
        });
        found.collect()
    }

    /// Keeps a response that holds for a certificate of the issuer with the last key of a party,
    /// and where it came from.
    pub(crate) fn keep_response(
        &mut self,
        judge: Judge<'_>,
        response: &OcspResponse,
        certificate: &Certificate,
        party: &Party,
        source: Option<&Source>,
    ) -> Kept {
        let key = party.last();
        let entry = key.and_then(|key| entry(judge, response, certificate, key, source));
        let Some(mut entry) = entry else {
            return Kept::Known;
        };
        *entry.asked_for.get_mut() = true;
        self.keep(judge, entry, party)
    }

    /// The hash under which a response stands that was found to hold for a certificate.
    pub(super) fn about_hash(&self, serial: &[u8], issuer: &[u8], key: &[u8]) -> u64 {
        self.hasher.hash_one((serial, issuer, key))
    }

    /// The hashes under which a response stands that nobody has verified.
    pub(super) fn statement_hashes(&self, response: &OcspResponse) -> Hashes {
        let ids = response.singles().map(|single| single.cert_id);
        let hashes = ids.map(|id| self.statement_hash(id.serial, id.issuer_key_hash));
        hashes.take(MAX_STATEMENTS).collect()
    }

    fn statement_hash(&self, serial: &[u8], key_hash: &[u8]) -> u64 {
        self.hasher.hash_one((serial, key_hash))
    }
}

/// A response whose signer may speak for a certificate of the issuer with this key; `None` if
/// nothing that it says of it holds.
pub(super) fn entry(
    judge: Judge<'_>,
    response: &OcspResponse,
    certificate: &Certificate,
    key: &Arc<[u8]>,
    source: Option<&Source>,
) -> Option<Entry> {
    let name = certificate.issuer();
    let hashes = IssuerHashes::new(&name, &SubjectPublicKeyInfo::from_checked(key));
    let statements = judge.statements(response, certificate, &hashes, ResponseSigner::Issuer);
    let holding: Vec<_> = statements.flatten().filter(Statement::holds).collect();
    let said = together(&holding)?;
    let singles = || response.singles_for(certificate.serial(), &hashes);
    let single = singles().find(|single| single.this_update == said.order.0)?;
    // The nonce of the request that brought it was for that one answer.
    let hash = singles().find_map(|single| single.cert_id.hash())?;
    let source = source.and_then(|source| {
        let request = OcspRequest::from_hashes(certificate.serial(), &hashes, hash, None);
        let request = Request {
            certificate: certificate.clone(),
            wanted: Wanted::Ocsp(request.ok()?),
            ..source.request.clone()
        };
        let urls = source.urls.clone();
        Some(Source { request, urls })
    });
    let summary = Summary {
        this_update: single.this_update,
        next_update: single.next_update,
        is_revoked: said.revokes(),
    };
    let held = Held::Response(response.clone());
    let mut entry = Entry::new(held, summary, Some(Arc::clone(key)), source);
    entry.about = Some(About::new(certificate, said));
    Some(entry)
}

/// Does a response take the place of another one about the same certificate? Of two that do not
/// silence each other the revocation is kept, then that which lasts.
pub(super) fn supersedes(judge: Judge<'_>, new: &Entry, old: &Entry) -> bool {
    let (Some(a), Some(b)) = (&new.about, &old.about) else {
        return false;
    };
    let (said, known) = (a.said.later(judge.at), b.said.later(judge.at));
    (&a.serial, &a.issuer) == (&b.serial, &b.issuer)
        && (known.is_silenced_by(&said) || !said.is_silenced_by(&known) && rank(new) > rank(old))
}

fn rank(entry: &Entry) -> impl Ord {
    let (summary, response) = (entry.summary, entry.held.response());
    let lasts = (summary.next_update.is_none(), summary.next_update);
    let produced = response.map(|one| (one.produced_at(), Box::<[u8]>::from(one.as_der())));
    (summary.is_revoked, lasts, produced)
}

/// Does a response speak of certificates of this issuer?
pub(super) fn is_of(response: &OcspResponse, about: Option<&About>, issuer: &Name<'_>) -> bool {
    if let Some(about) = about {
        return Name::from_checked(&about.issuer).matches(issuer);
    }
    // Of what nobody has verified only a hash of the name is known.
    let hashes = IssuerHashes::new(issuer, &SubjectPublicKeyInfo::from_checked(&[]));
    response.singles().any(|single| {
        let hash = single.cert_id.hash();
        hash.is_some_and(|hash| hashes.name_hash(hash) == single.cert_id.issuer_name_hash)
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::super::testing::{ResponseParts, at, certificate, judge, key, party, source};
    use super::*;

    fn keep(evidence: &mut Evidence, parts: &ResponseParts) -> Kept {
        let certificate = certificate("issuer", 7, &[]);
        let party = party(&[parts.issuer_key]);
        evidence.keep_response(judge(0), &parts.response(), &certificate, &party, None)
    }

    /// The responses that are held about a certificate of the issuer with this key.
    fn held(evidence: &mut Evidence, serial: u8, issuer_key: u8) -> Vec<OcspResponse> {
        let certificate = certificate("issuer", serial, &[]);
        let key = key(issuer_key);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        let hashes = IssuerHashes::new(&certificate.issuer(), &key);
        let found = evidence.responses_about(&certificate, &key, &hashes);
        found.into_iter().map(|(response, _)| response).collect()
    }

    fn good(this: i64) -> ResponseParts {
        ResponseParts {
            this,
            ..ResponseParts::default()
        }
    }

    fn revoked(this: i64) -> ResponseParts {
        ResponseParts {
            this,
            revoked: true,
            ..ResponseParts::default()
        }
    }

    #[test]
    fn the_newer_statement_wins_in_any_order() {
        let cases = [
            // An older answer undoes no revocation.
            (revoked(5), good(4)),
            (revoked(5), good(5)),
            // A hold was released.
            (good(6), revoked(5)),
            (good(6), good(5)),
        ];
        for (winner, loser) in cases {
            for order in [[&winner, &loser], [&loser, &winner]] {
                let mut evidence = Evidence::new();
                for parts in order {
                    keep(&mut evidence, parts);
                }
                assert_eq!(held(&mut evidence, 7, 1), [winner.response()]);
                assert_eq!(keep(&mut evidence, &loser), Kept::Known);
                assert_eq!(keep(&mut evidence, &winner), Kept::Known);
                assert_eq!(evidence.len(), 1);
            }
        }
    }

    #[test]
    fn a_certificate_is_its_serial_and_its_issuers_key() {
        let mut evidence = Evidence::new();
        let of_other_key = ResponseParts {
            issuer_key: 2,
            ..good(9)
        };
        keep(&mut evidence, &revoked(1));
        assert_eq!(keep(&mut evidence, &of_other_key), Kept::New);
        assert_eq!(held(&mut evidence, 7, 1), [revoked(1).response()]);
        assert_eq!(held(&mut evidence, 7, 2), [of_other_key.response()]);
        assert_eq!(held(&mut evidence, 8, 1), []);
        let about_others = ResponseParts {
            serials: Vec::from([8]),
            ..good(99)
        };
        assert_eq!(keep(&mut evidence, &about_others), Kept::Known);
        assert_eq!(evidence.len(), 2);
    }

    #[test]
    fn what_holds_for_one_certificate_is_not_brought_up_for_another() {
        let mut evidence = Evidence::new();
        let several = ResponseParts {
            serials: Vec::from([7, 8]),
            ..good(1)
        };
        assert_eq!(keep(&mut evidence, &several), Kept::New);
        assert_eq!(held(&mut evidence, 7, 1), [several.response()]);
        assert_eq!(held(&mut evidence, 8, 1), []);
        // What the caller vouches for is.
        evidence.insert_response(several.response()).unwrap();
        assert_eq!(held(&mut evidence, 8, 1), [several.response()]);
    }

    #[test]
    fn inserted_responses_are_found_for_all_their_certificates_and_stand_aside() {
        let mut evidence = Evidence::new();
        let several = ResponseParts {
            serials: Vec::from([7, 8, 7]),
            ..good(50)
        };
        keep(&mut evidence, &revoked(1));
        evidence.insert_response(several.response()).unwrap();
        evidence.insert_response(several.response()).unwrap();
        assert_eq!(evidence.len(), 2);
        assert_eq!(held(&mut evidence, 8, 1), [several.response()]);
        assert_eq!(held(&mut evidence, 8, 2), []);
        assert_eq!(held(&mut evidence, 7, 1).len(), 2);
        // Verified for one of them, it still speaks of the others.
        assert_eq!(keep(&mut evidence, &several), Kept::New);
        assert_eq!(held(&mut evidence, 8, 1), [several.response()]);
        let verified = evidence.responses().filter(|kept| kept.is_verified());
        assert_eq!(
            verified.map(|kept| kept.this_update()).collect::<Vec<_>>(),
            [at(50)]
        );
    }

    #[test]
    fn an_inserted_response_about_one_certificate_takes_its_place_once_verified() {
        let mut evidence = Evidence::new();
        evidence.insert_response(good(3).response()).unwrap();
        assert!(evidence.responses().all(|kept| kept.serial().is_none()));
        assert_eq!(keep(&mut evidence, &good(3)), Kept::New);
        assert_eq!(evidence.len(), 1);
        let kept = evidence.responses().next().unwrap();
        assert_eq!(kept.serial(), Some(&[7][..]));
        assert_eq!(kept.issuer().unwrap().to_string(), "CN=issuer");
        assert!(!kept.is_revoked());
        assert_eq!(kept.next_update(), Some(at(1_000)));
    }

    #[test]
    fn the_nonce_of_the_request_is_not_kept() {
        let certificate = certificate("issuer", 7, &[]);
        let source = source(&certificate, Some(1), "ocsp.example");
        let key = key(1);
        let response = good(0).response();
        let kept = entry(judge(0), &response, &certificate, &key, Some(&source)).unwrap();
        let kept = kept.source.unwrap();
        let key = SubjectPublicKeyInfo::from_checked(&key);
        let expected = OcspRequest::new(&certificate, &key, Default::default(), None);
        assert_eq!(kept.request.body(), Some(expected.unwrap().as_der()));
        assert_ne!(kept.request.body(), source.request.body());
    }

    #[test]
    fn an_issuer_is_flushed_by_name() {
        let mut evidence = Evidence::new();
        keep(&mut evidence, &good(0));
        let foreign = ResponseParts {
            issuer: "other",
            ..good(0)
        };
        evidence.insert_response(good(1).response()).unwrap();
        evidence.insert_response(foreign.response()).unwrap();
        let one = certificate("issuer", 1, &[]);
        evidence.flush_issuer(&one.issuer());
        assert_eq!(evidence.len(), 1);
        let left = evidence.responses().next().unwrap();
        assert_eq!(*left.response(), foreign.response());
        assert_eq!(evidence.bytes(), left.size());
    }
}
