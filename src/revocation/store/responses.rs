//! Responses by the certificate that they speak of.
//!
//! A response is held for each certificate for which it was found to hold, one for each: the judge
//! says which of two speaks.
//!
//! What else such a response says is of no account: a CA that may speak of its own certificates
//! could otherwise bring up what it likes about those of others, and the signatures would be at the
//! cost of their validations.
//!
//! Nobody has verified what the caller inserts: it stands aside, for all certificates of which it
//! speaks.
//!
//! What holds is indexed by its certificate, what was inserted by serial number; of those that
//! share one the CertID decides.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

use super::lists::Kept;
use super::record::{Record, Source, Worth};
use super::table::{Hashes, Place, Table};
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::revocation::judge::responder::ResponseSigner;
use crate::revocation::judge::response::together;
use crate::revocation::judge::{self, Judge};
use crate::revocation::ocsp::{CertStatus, IssuerHashes, OcspRequest, OcspResponse};
use crate::revocation::request::{Request, Wanted};
use crate::time::Time;

/// A response in the store.
pub(super) struct Entry {
    pub(super) response: OcspResponse,
    /// The certificate for which it holds; `None` for one that nobody has verified.
    pub(super) about: Option<About>,
    pub(super) statement: Statement,
    /// What it says of that certificate, when it was taken in.
    said: Option<judge::Statement<'static>>,
    pub(super) record: Record,
}

/// A certificate, by what its issuer is and what its issuer gave it.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct About {
    pub(super) serial: Box<[u8]>,
    /// The issuer's name, as the certificate has it.
    pub(super) issuer: Box<[u8]>,
    /// The issuer's key.
    pub(super) key: Box<[u8]>,
}

/// What a response says of the certificate; of several certificates what is the least favourable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Statement {
    pub(super) this_update: Time,
    pub(super) is_revoked: bool,
    pub(super) next_update: Option<Time>,
}

impl About {
    fn new(certificate: &Certificate, key: &SubjectPublicKeyInfo<'_>) -> Self {
        Self {
            serial: certificate.serial().into(),
            issuer: certificate.issuer().as_der().into(),
            key: key.as_der().into(),
        }
    }

    fn size(&self) -> usize {
        self.serial.len() + self.issuer.len() + self.key.len()
    }
}

impl Entry {
    /// A response whose signer may speak for a certificate; `None` if nothing that it says of it
    /// holds.
    pub(super) fn about(
        judge: Judge<'_>,
        response: &OcspResponse,
        certificate: &Certificate,
        key: &SubjectPublicKeyInfo<'_>,
        source: Option<&Source>,
    ) -> Option<Self> {
        let name = certificate.issuer();
        let hashes = IssuerHashes::new(&name, key);
        let statements = judge.statements(response, certificate, &hashes, ResponseSigner::Issuer);
        let holding: Vec<_> = statements
            .flatten()
            .filter(judge::Statement::holds)
            .collect();
        let said = together(&holding)?;
        let singles = || response.singles_for(certificate.serial(), &hashes);
        // The nonce of the request that brought it was for that one answer.
        let hash = singles().find_map(|single| single.cert_id.hash())?;
        let next_update = singles().find(|single| single.this_update == said.order.0);
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
        let about = About::new(certificate, key);
        Some(Self {
            response: response.clone(),
            statement: Statement {
                this_update: said.order.0,
                is_revoked: said.revokes(),
                next_update: next_update.and_then(|single| single.next_update),
            },
            said: Some(said),
            record: Record {
                evidence: response.memory_size() + about.size(),
                source,
                ..Record::default()
            },
            about: Some(about),
        })
    }

    /// A response of which nobody knows whether it holds; `None` if it says nothing.
    pub(super) fn unverified(response: &OcspResponse) -> Option<Self> {
        let statements = response.singles().map(|single| Statement {
            this_update: single.this_update,
            is_revoked: matches!(single.status, CertStatus::Revoked { .. }),
            next_update: single.next_update,
        });
        let worst = statements.reduce(|a, b| Statement {
            this_update: a.this_update.max(b.this_update),
            is_revoked: a.is_revoked || b.is_revoked,
            // Without an end it does not run out.
            next_update: a
                .next_update
                .zip(b.next_update)
                .map(|(a, b)| Time::max(a, b)),
        });
        Some(Self {
            response: response.clone(),
            statement: worst?,
            record: Record {
                evidence: response.memory_size(),
                ..Record::default()
            },
            about: None,
            said: None,
        })
    }

    pub(super) fn worth(&self, at: Time) -> Worth {
        let next_update = self.statement.next_update;
        let ran_out = next_update.is_some_and(|next| next < at);
        match self.record.inserted {
            true => Worth::Inserted,
            false if self.statement.is_revoked => Worth::Revoked,
            false if ran_out => Worth::RanOut,
            false => Worth::Good,
        }
    }

    /// Does this response take the place of one that is held for the same certificate?
    fn replaces(&self, held: &Self, at: Time) -> bool {
        let (Some(new), Some(old)) = (self.said, held.said) else {
            return held.said.is_none();
        };
        let old = old.later(at);
        old.is_silenced_by(&new) || !new.is_silenced_by(&old) && self.rank() > held.rank()
    }

    /// Of two that do not silence each other the revocation is kept, then that which lasts.
    fn rank(&self) -> (bool, bool, Option<Time>, Time, &[u8]) {
        let statement = self.statement;
        (
            statement.is_revoked,
            statement.next_update.is_none(),
            statement.next_update,
            self.response.produced_at(),
            self.response.as_der(),
        )
    }
}

/// The responses, by certificate.
#[derive(Default)]
pub(super) struct Responses {
    hasher: DefaultHashBuilder,
    table: Table<Entry>,
    bytes: usize,
}

impl Responses {
    /// Adds a response of which nobody knows whether it holds.
    pub(super) fn insert(&mut self, mut entry: Entry) {
        if self.unverified(&entry.response).next().is_none() {
            entry.record.inserted = true;
            self.add(entry);
        }
    }

    /// Takes in a response that holds for a certificate, in place of an older one.
    pub(super) fn keep(&mut self, judge: Judge<'_>, mut entry: Entry) -> Kept {
        self.take_twin(&mut entry);
        let held = entry.about.as_ref().and_then(|about| self.held(about));
        let Some((place, known)) = held.and_then(|held| Some((held, self.table.get_mut(held)?)))
        else {
            self.add(entry);
            return Kept::New;
        };
        if known.response == entry.response {
            self.bytes -= known.record.size();
            known.record.meet(entry.record);
            self.bytes += known.record.size();
            return Kept::Known;
        }
        if !entry.replaces(known, judge.at) {
            return Kept::Known;
        }
        if let Some(old) = self.remove(place) {
            entry.record.succeed(old.record);
        }
        self.add(entry);
        Kept::New
    }

    /// An inserted response that speaks of one certificate only has been verified with that.
    fn take_twin(&mut self, entry: &mut Entry) {
        if entry.response.singles().nth(1).is_some() {
            return;
        }
        let twin = self.unverified(&entry.response).next();
        if let Some(old) = twin.and_then(|place| self.remove(place)) {
            entry.record.succeed(old.record);
        }
    }

    /// The response that holds for a certificate, and those that nobody has verified and that speak
    /// of it.
    pub(super) fn places_for(
        &self,
        certificate: &Certificate,
        key: &SubjectPublicKeyInfo<'_>,
        issuer: &IssuerHashes<'_>,
    ) -> Vec<Place> {
        let serial = certificate.serial();
        let aside = self.table.find(self.hash_serial(serial));
        let speaking = aside.filter(|(_, entry)| {
            entry.about.is_none() && entry.response.singles_for(serial, issuer).next().is_some()
        });
        let held = self.held_for(certificate, key).into_iter();
        let mut places: Vec<Place> = held.chain(speaking.map(|(place, _)| place)).collect();
        places.sort_unstable();
        places
    }

    /// The response that is held for a certificate.
    pub(super) fn held_for(
        &self,
        certificate: &Certificate,
        key: &SubjectPublicKeyInfo<'_>,
    ) -> Option<Place> {
        self.held(&About::new(certificate, key))
    }

    /// Does a response speak of certificates of this issuer?
    pub(super) fn is_of(entry: &Entry, issuer: &Name<'_>) -> bool {
        if let Some(about) = &entry.about {
            return Name::from_checked(&about.issuer).matches(issuer);
        }
        // Of what nobody has verified only a hash of the name is known.
        let hashes = IssuerHashes::new(issuer, &SubjectPublicKeyInfo::from_checked(&[]));
        entry.response.singles().any(|single| {
            let hash = single.cert_id.hash();
            hash.is_some_and(|hash| hashes.name_hash(hash) == single.cert_id.issuer_name_hash)
        })
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<Entry> {
        let entry = self.table.remove(place)?;
        self.bytes -= entry.record.size();
        Some(entry)
    }

    pub(super) fn get(&self, place: Place) -> Option<&Entry> {
        self.table.get(place)
    }

    /// To note something that does not change its size.
    pub(super) fn record(&mut self, place: Place) -> Option<&mut Record> {
        Some(&mut self.table.get_mut(place)?.record)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Place, &Entry)> {
        self.table.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn held(&self, about: &About) -> Option<Place> {
        let mut found = self.table.find(self.hash_about(about));
        let held = found.find(|(_, known)| known.about.as_ref() == Some(about));
        held.map(|(place, _)| place)
    }

    fn add(&mut self, entry: Entry) {
        self.bytes += entry.record.size();
        let hashes = match &entry.about {
            Some(about) => Hashes::from_iter([self.hash_about(about)]),
            None => {
                let singles = entry.response.singles();
                let serials = singles.map(|one| one.cert_id.serial);
                serials.map(|serial| self.hash_serial(serial)).collect()
            }
        };
        self.table.insert(entry, hashes);
    }

    fn unverified(&self, response: &OcspResponse) -> impl Iterator<Item = Place> {
        let serial = response.singles().next().map(|one| one.cert_id.serial);
        let found = serial.into_iter();
        let found = found.flat_map(|serial| self.table.find(self.hash_serial(serial)));
        found
            .filter(move |(_, known)| known.about.is_none() && known.response == *response)
            .map(|(place, _)| place)
    }

    fn hash_about(&self, about: &About) -> u64 {
        self.hasher.hash_one(about)
    }

    fn hash_serial(&self, serial: &[u8]) -> u64 {
        self.hasher.hash_one(serial)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::super::Evidence;
    use super::super::testing::{ResponseParts, at, certificate, judge, key, source};
    use super::*;

    fn keep(evidence: &mut Evidence, parts: &ResponseParts) -> Kept {
        let certificate = certificate("issuer", 7, &[]);
        let key = key(parts.issuer_key);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        evidence.keep_response(judge(0), &parts.response(), &certificate, &key, None)
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
        let mut evidence = Evidence::new();
        let certificate = certificate("issuer", 7, &[]);
        let request = source(&certificate, Some(1), "ocsp.example");
        let key = key(1);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        let response = good(0).response();
        evidence.keep_response(judge(0), &response, &certificate, &key, Some(&request));
        let due = evidence.due(at(1_000), 0, &Default::default());
        let body = due[0].request().body().unwrap();
        let expected = OcspRequest::new(&certificate, &key, Default::default(), None);
        assert_eq!(body, expected.unwrap().as_der());
        assert_ne!(Some(body), request.request.body());
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
