//! Lists by what they speak for.
//!
//! Of lists that one key signed for one issuer name and one scope (the octets of the issuing distribution point), those
//! that a newer one stands for are given up, and nothing older ever takes the place of what is held, whoever sends it:
//! else a replay would undo a revocation. Age is not looked at: a list that ran out goes on revoking until its
//! successor comes. Deltas are held beside the list that they amend, several of them as long as none stands for the
//! others: a delta that builds on a newer base does not contain what one on the older base says.
//!
//! Nobody has verified what the caller inserts. It stands aside, replaces nothing and is replaced by nothing, until a
//! validation finds the key that signed it.
//!
//! An issuer may cut its list into thousands of parts, each named by its URL. Such a part is indexed by its URLs, any
//! other list by its issuer, so that a look-up for a certificate meets the parts that its distribution points name
//! and not all the others.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

use super::record::{Record, Worth};
use super::table::{Hashes, Place, Table};
use crate::certificate::extensions::{CrlDistributionPoints, DistributionPointName};
use crate::certificate::{Certificate, ExtensionKind, GeneralName, GeneralNames, Name};
use crate::revocation::crl::{Crl, CrlNumber};
use crate::revocation::request::Request;
use crate::time::Time;

/// A list in the store.
pub(super) struct Entry {
    pub(super) list: Crl,
    /// The key that signed it, as far as that is known.
    pub(super) key: Option<Arc<[u8]>>,
    pub(super) record: Record,
}

impl Entry {
    pub(super) fn new(list: &Crl, key: Option<&Arc<[u8]>>, source: Option<&Request>) -> Self {
        Self {
            list: list.clone(),
            key: key.cloned(),
            record: Record {
                source: source.cloned(),
                evidence: list.memory_size() + key.map_or(0, |key| key.len()),
                ..Record::default()
            },
        }
    }

    pub(super) fn worth(&self, at: Time) -> Worth {
        let ran_out = self.list.next_update().is_some_and(|next| next < at);
        match self.record.inserted {
            true => Worth::Inserted,
            false if ran_out && self.list.is_empty() => Worth::EmptyList,
            false => Worth::List,
        }
    }
}

/// What became of evidence that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is held, and was not before.
    New,
    /// What is held is as new or newer.
    Known,
    /// It takes more than the store holds.
    TooLarge,
}

/// The lists, by issuer or URL.
#[derive(Default)]
pub(super) struct Lists {
    hasher: DefaultHashBuilder,
    table: Table<Entry>,
    bytes: usize,
}

impl Lists {
    /// Adds a list of which nobody knows who signed it.
    pub(super) fn insert(&mut self, mut entry: Entry) {
        let hashes = self.hashes(&entry.list);
        let known = self.same_bytes(&hashes, &entry.list).next();
        if let Some(record) = known.and_then(|place| self.record(place)) {
            record.inserted = true;
            return;
        }
        entry.record.inserted = true;
        self.add(entry, hashes);
    }

    /// Takes in a list that a key signed, in place of those that it stands for.
    pub(super) fn keep(&mut self, mut entry: Entry) -> Kept {
        let hashes = self.hashes(&entry.list);
        let unverified =
            |this: &Self, place: &Place| this.get(*place).is_some_and(|known| known.key.is_none());
        let twin = self.same_bytes(&hashes, &entry.list);
        let twin = twin.filter(|place| unverified(self, place)).next();
        if let Some(old) = twin.and_then(|place| self.remove(place)) {
            entry.record.succeed(old.record);
        }
        let rivals: Vec<Place> = self.rivals(&hashes, &entry).collect();
        for &place in &rivals {
            let Some(known) = self.table.get_mut(place) else {
                continue;
            };
            if known.list == entry.list {
                self.bytes -= known.record.size();
                known.record.meet(entry.record);
                self.bytes += known.record.size();
                return Kept::Known;
            }
            if supersedes(&known.list, &entry.list) {
                return Kept::Known;
            }
        }
        for &place in &rivals {
            let is_old = |known: &Entry| supersedes(&entry.list, &known.list);
            if !self.get(place).is_some_and(is_old) {
                continue;
            }
            let is_delta = self.get(place).is_some_and(|known| known.list.is_delta());
            if let Some(old) = self.remove(place)
                // The URL of a delta does not bring lists.
                && is_delta == entry.list.is_delta()
            {
                entry.record.succeed(old.record);
            }
        }
        self.add(entry, hashes);
        Kept::New
    }

    /// The lists that may speak of a certificate: of its issuer or of whom its distribution points name.
    pub(super) fn places_for(&self, certificate: &Certificate) -> Vec<Place> {
        let points = points(certificate);
        let names = || {
            let others = points.iter().flat_map(CrlDistributionPoints::iter);
            let others = others.filter_map(|point| point.crl_issuer);
            let others = others.flat_map(|names| names.iter());
            let others = others.filter_map(|name| match name {
                GeneralName::Directory(name) => Some(name),
                _ => None,
            });
            core::iter::once(certificate.issuer()).chain(others)
        };
        let uris = points.iter().flat_map(CrlDistributionPoints::iter);
        let uris = uris.flat_map(|point| {
            let of_issuer = point.crl_issuer.into_iter().flat_map(uris_of);
            point.uris().chain(of_issuer)
        });
        let mut hashes: Vec<u64> = names().map(|name| self.hash_name(name)).collect();
        hashes.extend(uris.map(|uri| self.hash_uri(uri)));
        hashes.sort_unstable();
        hashes.dedup();
        let found = hashes.iter().flat_map(|&hash| self.table.find(hash));
        let fits = |entry: &Entry| names().any(|name| entry.list.issuer().matches(&name));
        let fitting = found.filter(|(_, entry)| fits(entry));
        let mut places: Vec<Place> = fitting.map(|(place, _)| place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The list that stands where this one stood: of the same key, name, scope and kind.
    pub(super) fn successor(&self, list: &Crl, key: &Arc<[u8]>) -> Option<Place> {
        let entry = Entry::new(list, Some(key), None);
        let same_kind = |place: &Place| {
            let known = self.get(*place);
            known.is_some_and(|known| known.list.is_delta() == list.is_delta())
        };
        let hashes = self.hashes(list);
        let rivals = self.rivals(&hashes, &entry).filter(same_kind);
        rivals.max_by_key(|place| self.get(*place).map(|known| known.list.this_update()))
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

    /// The source of a list is of no use for it any more.
    pub(super) fn take_source(&mut self, place: Place) -> Option<Request> {
        let record = &mut self.table.get_mut(place)?.record;
        let before = record.size();
        let source = record.source.take();
        self.bytes = self.bytes - before + record.size();
        source
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

    fn add(&mut self, entry: Entry, hashes: Hashes) {
        self.bytes += entry.record.size();
        self.table.insert(entry, hashes);
    }

    fn same_bytes(&self, hashes: &Hashes, list: &Crl) -> impl Iterator<Item = Place> {
        let first = hashes.first().into_iter();
        let found = first.flat_map(|&hash| self.table.find(hash));
        found
            .filter(move |(_, known)| known.list == *list)
            .map(|(place, _)| place)
    }

    /// The lists that the same key signed for the same issuer and scope.
    fn rivals(&self, hashes: &Hashes, entry: &Entry) -> impl Iterator<Item = Place> {
        // One scope has one set of URLs, hence lists of one scope share their hashes.
        let first = hashes.first().into_iter();
        let found = first.flat_map(|&hash| self.table.find(hash));
        let same = move |known: &Entry| {
            known.key.is_some()
                && known.key == entry.key
                && known.list.idp_der() == entry.list.idp_der()
                && known.list.issuer().matches(&entry.list.issuer())
        };
        found
            .filter(move |(_, known)| same(known))
            .map(|(place, _)| place)
    }

    fn hashes(&self, list: &Crl) -> Hashes {
        let scope = list.issuing_distribution_point();
        let names = match scope.and_then(|scope| scope.name) {
            Some(DistributionPointName::FullName(names)) => Some(names),
            _ => None,
        };
        match names.and_then(only_uris) {
            Some(uris) => uris.map(|uri| self.hash_uri(uri)).collect(),
            None => Hashes::from_iter([self.hash_name(list.issuer())]),
        }
    }

    fn hash_name(&self, name: Name<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u8(0);
        name.write_key(&mut hasher);
        hasher.finish()
    }

    fn hash_uri(&self, uri: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u8(1);
        hasher.write(uri.as_bytes());
        hasher.finish()
    }
}

/// Most URLs by which a part is indexed; one with more is looked up as any other list.
const MAX_URIS: usize = 16;

/// The URIs of names among which there is nothing else.
fn only_uris(names: GeneralNames<'_>) -> Option<impl Iterator<Item = &str>> {
    let count = names.iter().take(MAX_URIS + 1).count();
    let all = uris_of(names).take(MAX_URIS + 1).count() == count;
    ((1..=MAX_URIS).contains(&count) && all).then(|| uris_of(names))
}

fn uris_of(names: GeneralNames<'_>) -> impl Iterator<Item = &str> {
    names.iter().filter_map(|name| match name {
        GeneralName::Uri(uri) => Some(uri),
        _ => None,
    })
}

fn points(certificate: &Certificate) -> Option<CrlDistributionPoints<'_>> {
    let value = certificate.extension(ExtensionKind::CrlDistributionPoints)?;
    CrlDistributionPoints::from_der(value).ok()
}

/// Does one list stand for the other, of the same key, issuer and scope? What the other one says, it says too, or says
/// that it is so no more.
fn supersedes(new: &Crl, old: &Crl) -> bool {
    match (new.delta_base(), old.delta_base()) {
        (None, None) => rank(new) > rank(old),
        (None, Some(_)) => {
            new.this_update() >= old.this_update()
                && new.crl_number().is_some()
                && new.crl_number() >= old.crl_number()
        }
        (Some(new_base), Some(old_base)) => rank(new) > rank(old) && new_base <= old_base,
        (Some(_), None) => false,
    }
}

/// How new a list is. Two of one date and number are an error of the issuer; the longer one revokes more.
fn rank(list: &Crl) -> (Time, Option<CrlNumber<'_>>, usize, &[u8]) {
    let number = list.crl_number();
    (list.this_update(), number, list.len(), list.as_der())
}
