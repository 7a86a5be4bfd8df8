//! Responses by the certificate that they speak of.
//!
//! A response is held for each certificate for which it was found to hold. For one certificate the newer statement wins,
//! by its thisUpdate: a revocation is not undone by an older answer that says good, while a newer one that says good
//! undoes it (a hold that was released). Of two statements of one moment the revocation wins.
//!
//! Nobody has verified what the caller inserts: it stands aside, for all certificates of which it speaks.
//!
//! All are indexed by serial number; of those that share one the CertID decides.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

use super::lists::Kept;
use super::record::{Record, Worth};
use super::table::{Hashes, Place, Table};
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::revocation::ocsp::{CertStatus, IssuerHashes, OcspRequest, OcspResponse};
use crate::revocation::request::Request;
use crate::time::Time;

/// A response in the store.
pub(super) struct Entry {
    pub(super) response: OcspResponse,
    /// The certificate for which it holds; `None` for one that nobody has verified.
    pub(super) about: Option<About>,
    pub(super) statement: Statement,
    pub(super) record: Record,
}

/// A certificate, by what its issuer is and what its issuer gave it.
#[derive(PartialEq, Eq)]
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
    /// A response that holds for a certificate; `None` if it does not speak of it.
    pub(super) fn about(
        response: &OcspResponse,
        certificate: &Certificate,
        key: &SubjectPublicKeyInfo<'_>,
        source: Option<&Request>,
    ) -> Option<Self> {
        let hashes = IssuerHashes::new(&certificate.issuer(), key);
        let singles = || response.singles_for(certificate.serial(), &hashes);
        let usable = singles().filter(|single| single.unknown_critical_extension.is_none());
        let statement = usable.map(|single| Statement {
            this_update: single.this_update,
            is_revoked: matches!(single.status, CertStatus::Revoked { .. }),
            next_update: single.next_update,
        });
        let statement = statement.max()?;
        // The nonce of the request that brought it was for that one answer.
        let hash = singles().find_map(|single| single.cert_id.hash())?;
        let source = source.and_then(|source| {
            let request = OcspRequest::from_hashes(certificate.serial(), &hashes, hash, None);
            Some(Request {
                certificate: certificate.clone(),
                ocsp: Some(request.ok()?),
                ..source.clone()
            })
        });
        let about = About::new(certificate, key);
        Some(Self {
            response: response.clone(),
            statement,
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

    fn rank(&self) -> (Statement, Time, &[u8]) {
        let response = &self.response;
        (self.statement, response.produced_at(), response.as_der())
    }
}

/// The responses, by serial number.
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
    pub(super) fn keep(&mut self, mut entry: Entry) -> Kept {
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
        if known.rank() > entry.rank() {
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

    /// The responses that speak of the certificate that this issuer gave this serial number.
    pub(super) fn places_for(&self, serial: &[u8], issuer: &IssuerHashes<'_>) -> Vec<Place> {
        let found = self.table.find(self.hash(serial));
        let speaks = |entry: &Entry| entry.response.singles_for(serial, issuer).next().is_some();
        let speaking = found.filter(|(_, entry)| speaks(entry));
        let mut places: Vec<Place> = speaking.map(|(place, _)| place).collect();
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
        let mut found = self.table.find(self.hash(&about.serial));
        let held = found.find(|(_, known)| known.about.as_ref() == Some(about));
        held.map(|(place, _)| place)
    }

    fn add(&mut self, entry: Entry) {
        self.bytes += entry.record.size();
        let hashes = match &entry.about {
            Some(about) => Hashes::from_iter([self.hash(&about.serial)]),
            None => {
                let singles = entry.response.singles();
                singles.map(|one| self.hash(one.cert_id.serial)).collect()
            }
        };
        self.table.insert(entry, hashes);
    }

    fn unverified(&self, response: &OcspResponse) -> impl Iterator<Item = Place> {
        let serial = response.singles().next().map(|one| one.cert_id.serial);
        let found = serial.into_iter();
        let found = found.flat_map(|serial| self.table.find(self.hash(serial)));
        found
            .filter(move |(_, known)| known.about.is_none() && known.response == *response)
            .map(|(place, _)| place)
    }

    fn hash(&self, serial: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(serial);
        hasher.finish()
    }
}
