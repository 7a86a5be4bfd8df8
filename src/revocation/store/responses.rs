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
use alloc::vec::Vec;
use core::hash::BuildHasher;

use super::accounts::Party;
use super::entry::{Entry, Held, Source};
use super::table::{Hashes, Place};
use super::{Evidence, Kept, TooLarge};
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::revocation::judge::responder::ResponseSigner;
use crate::revocation::judge::response::together;
use crate::revocation::judge::{Judge, Statement};
use crate::revocation::ocsp::{
    CertIdHash, CertStatus, IssuerHashes, OcspRequest, OcspResponse, SingleResponse,
};
use crate::revocation::request::{Request, Wanted};
use crate::time::Time;

/// Most statements of an inserted response under which it is found.
const MAX_STATEMENTS: usize = 32;

/// Most inserted responses that a look-up gives.
const MAX_ASIDE: usize = 16;

/// A certificate, by what its issuer is and what its issuer gave it.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct About {
    pub(super) serial: Box<[u8]>,
    /// The issuer's name, as the certificate has it.
    pub(super) issuer: Box<[u8]>,
    /// The issuer's key.
    pub(super) key: Box<[u8]>,
}

impl About {
    pub(super) fn new(certificate: &Certificate, key: &SubjectPublicKeyInfo<'_>) -> Self {
        Self {
            serial: certificate.serial().into(),
            issuer: certificate.issuer().as_der().into(),
            key: key.as_der().into(),
        }
    }

    pub(super) fn size(&self) -> usize {
        self.serial.len() + self.issuer.len() + self.key.len()
    }
}

/// What a response says, for whoever lists the store; of several certificates what is the least
/// favourable.
#[derive(Clone, Copy)]
pub(super) struct Summary {
    pub(super) this_update: Time,
    pub(super) next_update: Option<Time>,
    pub(super) is_revoked: bool,
}

impl Summary {
    fn of(single: &SingleResponse<'_>) -> Self {
        Self {
            this_update: single.this_update,
            next_update: single.next_update,
            is_revoked: matches!(single.status, CertStatus::Revoked { .. }),
        }
    }

    fn and(self, other: Self) -> Self {
        let ends = self.next_update.zip(other.next_update);
        Self {
            this_update: self.this_update.max(other.this_update),
            // Without an end it does not run out.
            next_update: ends.map(|(a, b)| a.max(b)),
            is_revoked: self.is_revoked || other.is_revoked,
        }
    }
}

impl Evidence {
    /// Adds a response by hand, as [`insert_crl`](Self::insert_crl) does with CRLs.
    ///
    /// # Errors
    /// As [`insert_crl`](Self::insert_crl).
    pub fn insert_response(&mut self, response: OcspResponse) -> Result<(), TooLarge> {
        let summaries = response.singles().map(|single| Summary::of(&single));
        let Some(summary) = summaries.reduce(Summary::and) else {
            return Ok(());
        };
        let singles = response.singles().take(MAX_STATEMENTS);
        let mut hashes = Hashes::new();
        for id in singles.map(|single| single.cert_id) {
            let hash = self.aside_hash(id.serial, id.issuer_key_hash);
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
        if self.response_twin(&hashes, &response).is_some() {
            return Ok(());
        }
        let held = Held::Response {
            response,
            about: None,
            summary,
        };
        let mut entry = Entry::new(held, None, self.clock);
        entry.inserted = true;
        self.add(entry, hashes, &[])?;
        self.responses_aside += 1;
        while !self.trim() {}
        Ok(())
    }

    /// The response that was found to hold for a certificate of the issuer with this key, and those
    /// that the caller inserted and that speak of it; for each whether it was found to hold.
    pub(crate) fn responses_about(
        &self,
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        issuer: &IssuerHashes<'_>,
    ) -> Vec<(OcspResponse, bool)> {
        let mut found = Vec::new();
        let mut give = |entry: &Entry| {
            let Held::Response {
                response, about, ..
            } = &entry.held
            else {
                return;
            };
            entry.note_use();
            found.push((response.clone(), about.is_some()));
        };
        let held = self.response_place(&About::new(certificate, issuer_key));
        held.and_then(|place| self.entries.get(place))
            .into_iter()
            .for_each(&mut give);
        if self.responses_aside > 0 {
            let serial = certificate.serial();
            let hashes = CertIdHash::ALL.iter().map(|hash| issuer.key_hash(*hash));
            let hashes = hashes.map(|key_hash| self.aside_hash(serial, key_hash));
            let aside = hashes
                .flat_map(|hash| self.entries.find(hash))
                .take(MAX_ASIDE);
            let speaks = |entry: &Entry| {
                matches!(&entry.held, Held::Response { response, about: None, .. }
                    if response.singles_for(serial, issuer).next().is_some())
            };
            aside
                .filter(|(_, entry)| speaks(entry))
                .for_each(|(_, entry)| give(entry));
        }
        found
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
        let Some(key) = party.last() else {
            return Kept::Known;
        };
        let key = SubjectPublicKeyInfo::from_checked(key);
        let Some(entry) = entry(judge, response, certificate, &key, source) else {
            return Kept::Known;
        };
        self.clock = judge.heard;
        entry.note_asked();
        let about = About::new(certificate, &key);
        self.keep_about(judge, entry, &about, party)
    }

    pub(super) fn keep_about(
        &mut self,
        judge: Judge<'_>,
        mut entry: Entry,
        about: &About,
        party: &Party,
    ) -> Kept {
        let known = self.response_place(about);
        if let Some(known) = known.and_then(|place| self.entries.get_mut(place))
            && !replaces(&entry, known, judge.at)
        {
            known.seen = judge.heard;
            known.note_use();
            return Kept::Known;
        }
        let Held::Response { response, .. } = &entry.held else {
            return Kept::Known;
        };
        // An inserted response that speaks of one certificate only has been verified with that.
        let mut singles = response.singles();
        let twin = match (singles.next(), singles.next()) {
            (Some(one), None) => {
                let hash = self.aside_hash(one.cert_id.serial, one.cert_id.issuer_key_hash);
                self.response_twin(&Hashes::from_iter([hash]), response)
            }
            _ => None,
        };
        let gone: Vec<Place> = known.into_iter().chain(twin).collect();
        for &place in &gone {
            if let Some(old) = self.entries.get(place) {
                entry.inserted |= old.inserted;
                entry.source = old.source.clone().or(entry.source.take());
            }
        }
        let hashes = Hashes::from_iter([self.about_hash(about)]);
        if self.add(entry, hashes, party).is_err() {
            return Kept::TooLarge;
        }
        self.responses_aside -= usize::from(twin.is_some());
        gone.into_iter().for_each(|place| drop(self.remove(place)));
        Kept::New
    }

    /// The response that is held for a certificate.
    pub(super) fn response_place(&self, about: &About) -> Option<Place> {
        let mut found = self.entries.find(self.about_hash(about));
        let is_it = |entry: &Entry| matches!(&entry.held, Held::Response { about: Some((one, _)), .. } if one == about);
        found
            .find(|(_, entry)| is_it(entry))
            .map(|(place, _)| place)
    }

    fn response_twin(&self, hashes: &Hashes, response: &OcspResponse) -> Option<Place> {
        let mut found = hashes.iter().flat_map(|&hash| self.entries.find(hash));
        let is_it = |entry: &Entry| {
            matches!(&entry.held, Held::Response { response: one, about: None, .. }
                if one == response)
        };
        found
            .find(|(_, entry)| is_it(entry))
            .map(|(place, _)| place)
    }

    fn about_hash(&self, about: &About) -> u64 {
        self.hasher.hash_one((1_u8, about))
    }

    fn aside_hash(&self, serial: &[u8], key_hash: &[u8]) -> u64 {
        self.hasher.hash_one((2_u8, serial, key_hash))
    }
}

/// A response whose signer may speak for a certificate; `None` if nothing that it says of it holds.
pub(super) fn entry(
    judge: Judge<'_>,
    response: &OcspResponse,
    certificate: &Certificate,
    key: &SubjectPublicKeyInfo<'_>,
    source: Option<&Source>,
) -> Option<Entry> {
    let name = certificate.issuer();
    let hashes = IssuerHashes::new(&name, key);
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
    let held = Held::Response {
        response: response.clone(),
        about: Some((About::new(certificate, key), said)),
        summary: Summary {
            is_revoked: said.revokes(),
            ..Summary::of(&single)
        },
    };
    Some(Entry::new(held, source, judge.heard))
}

/// Does a response take the place of one that is held for the same certificate?
fn replaces(new: &Entry, held: &Entry, at: Time) -> bool {
    let (Some((response, said, summary)), Some((old, known, known_summary))) =
        (said_by(new), said_by(held))
    else {
        return false;
    };
    let known = known.later(at);
    let ranks_higher = || rank(response, summary) > rank(old, known_summary);
    known.is_silenced_by(&said) || !said.is_silenced_by(&known) && ranks_higher()
}

/// What a response says that holds for a certificate.
fn said_by(entry: &Entry) -> Option<(&OcspResponse, Statement<'static>, &Summary)> {
    match &entry.held {
        Held::Response {
            response,
            about: Some((_, said)),
            summary,
        } => Some((response, *said, summary)),
        _ => None,
    }
}

/// Of two that do not silence each other the revocation is kept, then that which lasts.
fn rank(response: &OcspResponse, summary: &Summary) -> impl Ord {
    let (next, der) = (summary.next_update, response.as_der());
    let lasts = (next.is_none(), next, response.produced_at());
    (summary.is_revoked, lasts, Box::<[u8]>::from(der))
}

/// Does a response speak of certificates of this issuer?
pub(super) fn is_of(
    response: &OcspResponse,
    about: Option<&(About, Statement<'_>)>,
    issuer: &Name<'_>,
) -> bool {
    if let Some((about, _)) = about {
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
        let key = SubjectPublicKeyInfo::from_checked(&key);
        let response = good(0).response();
        let kept = entry(judge(0), &response, &certificate, &key, Some(&source)).unwrap();
        let kept = kept.source.unwrap();
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
