//! Lists by what they speak for.
//!
//! Of lists that one key signed for one issuer name and one scope (the octets of the issuing
//! distribution point), those that a newer one stands for are given up, and nothing older ever
//! takes the place of what is held, whoever sends it: else a replay would undo a revocation. Age is
//! not looked at: a list that ran out goes on revoking until its successor comes. Deltas are held
//! beside the list that they amend, several of them as long as none stands for the others: a delta
//! that builds on a newer base does not contain what one on the older base says.
//!
//! Nobody has verified what the caller inserts. It stands aside, replaces nothing and is replaced
//! by nothing, until a validation finds the key that signed it.
//!
//! An issuer may cut its list into thousands of parts, each named by its URL. Such a part is
//! indexed by its URLs, any other list by its issuer, so that a look-up for a certificate meets the
//! parts that its distribution points name and not all the others.
//!
//! A name is not a key. Whoever may certify somebody of the issuer's name can have as many lists
//! held under that name as they like, and who they are is known only once a validation has looked
//! for paths to them. So a look-up brings all lists that the issuer's own key signed and all that
//! nobody has verified, but of the others (an issuer of lists of its own, another key of the
//! issuer) the [`MAX_OTHERS`] newest: what is left out is asked for as if it were not held. It
//! costs one walk through those that share the name or URL, and a few of them are looked at closer.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

use super::record::{Record, Source, Worth};
use super::table::{Hashes, Place, Table};
use crate::certificate::extensions::{CrlDistributionPoints, DistributionPointName};
use crate::certificate::{Certificate, GeneralName, GeneralNames, Name};
use crate::revocation::crl::Crl;
use crate::revocation::judge::Judge;
use crate::time::Time;

/// A list in the store.
pub(super) struct Entry {
    pub(super) list: Crl,
    /// The key that signed it, as far as that is known.
    pub(super) key: Option<Arc<[u8]>>,
    pub(super) record: Record,
}

impl Entry {
    pub(super) fn new(list: &Crl, key: Option<&Arc<[u8]>>, source: Option<&Source>) -> Self {
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
    pub(super) fn keep(&mut self, judge: Judge<'_>, mut entry: Entry) -> Kept {
        let hashes = self.hashes(&entry.list);
        let unverified =
            |this: &Self, place: &Place| this.get(*place).is_some_and(|known| known.key.is_none());
        let mut twins = self.same_bytes(&hashes, &entry.list);
        let twin = twins.find(|place| unverified(self, place));
        drop(twins);
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
            if judge.replaces(&known.list, &entry.list) {
                return Kept::Known;
            }
        }
        for &place in &rivals {
            let is_old = |known: &Entry| judge.replaces(&entry.list, &known.list);
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

    /// The lists that may speak of a certificate: of its issuer or of whom its distribution points
    /// name. Those of the issuer's own key and those of nobody known come first, then the
    /// newest of the others.
    pub(super) fn places_for(&self, certificate: &Certificate, issuer_key: &[u8]) -> Vec<Place> {
        let points = certificate.readable::<CrlDistributionPoints<'_>>();
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
        let mut own: Vec<Place> = Vec::new();
        let mut others = Newest::default();
        for (place, entry) in found {
            let is_own = entry.key.as_deref().is_none_or(|key| key == issuer_key);
            let rank = (entry.list.this_update(), place);
            if !is_own && !others.takes(rank) || !fits(entry) {
                continue;
            }
            match is_own {
                true => own.push(place),
                false => others.add(rank),
            }
        }
        own.sort_unstable();
        own.dedup();
        own.extend(others.0.iter().map(|(_, place)| place));
        own
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

    /// The lists that take more than its share of the key that signed them, together with what was
    /// used after them; in the order of their places.
    pub(super) fn excess(&self, share: usize) -> Vec<Place> {
        let fetched = self.iter().filter(|(_, entry)| !entry.record.inserted);
        let mut lists: Vec<_> = fetched
            .filter_map(|(place, entry)| Some((entry.key.as_deref()?, &entry.record, place)))
            .collect();
        lists.sort_unstable_by_key(|(key, record, _)| (*key, Reverse(record.last_used)));
        let mut excess = Vec::new();
        for of_key in lists.chunk_by(|(a, ..), (b, ..)| a == b) {
            let mut taken = 0;
            for (_, record, place) in of_key {
                taken += record.size();
                if taken > share {
                    excess.push(*place);
                }
            }
        }
        excess.sort_unstable();
        excess
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
    pub(super) fn take_source(&mut self, place: Place) -> Option<Source> {
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

/// Most lists of other keys than the issuer's that a look-up brings.
const MAX_OTHERS: usize = 16;

/// The newest lists, newest first, each once and at most [`MAX_OTHERS`].
#[derive(Default)]
struct Newest(Vec<(Time, Place)>);

impl Newest {
    fn takes(&self, rank: (Time, Place)) -> bool {
        let is_full = self.0.len() >= MAX_OTHERS;
        !self.0.contains(&rank) && (!is_full || self.0.last().is_some_and(|last| rank > *last))
    }

    fn add(&mut self, rank: (Time, Place)) {
        let place = self.0.partition_point(|known| *known > rank);
        self.0.insert(place, rank);
        self.0.truncate(MAX_OTHERS);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Evidence;
    use super::super::testing::{ListParts, at, certificate, judge, key, source};
    use super::*;

    fn keep(evidence: &mut Evidence, parts: &ListParts) -> Kept {
        evidence.keep_list(judge(0), &parts.list(), &key(parts.key), None)
    }

    /// The lists that are held for a certificate of the issuer.
    fn held(evidence: &mut Evidence, points: &[&str]) -> Vec<Crl> {
        let found = evidence.lists_for(&certificate("issuer", 9, points), &key(1));
        found.into_iter().map(|(list, _)| list).collect()
    }

    #[test]
    fn a_replay_does_not_undo_a_revocation() {
        let old = ListParts::default();
        let new = ListParts {
            this: 10,
            number: Some(2),
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        for order in [[&old, &new], [&new, &old]] {
            let mut evidence = Evidence::new();
            for parts in order {
                keep(&mut evidence, parts);
            }
            assert_eq!(keep(&mut evidence, &old), Kept::Known);
            // Given in by hand, it stands beside until it is verified, and falls then.
            evidence.insert_list(old.list()).unwrap();
            assert_eq!(held(&mut evidence, &[]).len(), 2);
            assert_eq!(keep(&mut evidence, &old), Kept::Known);
            assert_eq!(held(&mut evidence, &[]), [new.list()]);
        }
    }

    #[test]
    fn of_one_date_the_number_decides_and_both_of_one_number_stay() {
        let first = ListParts::default();
        let numbered = ListParts {
            number: Some(100),
            ..ListParts::default()
        };
        let longer = ListParts {
            serials: Vec::from([1]),
            ..numbered.clone()
        };
        let mut evidence = Evidence::new();
        for parts in [&first, &numbered, &longer] {
            assert_eq!(keep(&mut evidence, parts), Kept::New);
        }
        for parts in [&longer, &numbered, &first] {
            assert_eq!(keep(&mut evidence, parts), Kept::Known);
        }
        assert_eq!(held(&mut evidence, &[]), [numbered.list(), longer.list()]);
    }

    #[test]
    fn a_stale_list_stays_until_its_successor_comes() {
        let stale = ListParts {
            next: Some(1),
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        let mut evidence = Evidence::new();
        keep(&mut evidence, &stale);
        let other = ListParts {
            issuer: "other",
            ..ListParts::default()
        };
        evidence.keep_list(judge(1_000_000), &other.list(), &key(1), None);
        assert_eq!(held(&mut evidence, &[]), [stale.list()]);
    }

    #[test]
    fn keys_scopes_and_names_stand_side_by_side() {
        let mut evidence = Evidence::new();
        let all = [
            ListParts::default(),
            ListParts {
                key: 2,
                this: 5,
                ..ListParts::default()
            },
            ListParts {
                uris: Vec::from(["http://example/1"]),
                this: 6,
                ..ListParts::default()
            },
            ListParts {
                issuer: "ISSUER ",
                this: 7,
                ..ListParts::default()
            },
            ListParts {
                issuer: "other",
                this: 8,
                ..ListParts::default()
            },
        ];
        for parts in &all {
            assert_eq!(keep(&mut evidence, parts), Kept::New);
        }
        // The fourth bears the name of the first, written otherwise.
        assert_eq!(evidence.lists().count(), 4);
        let held = held(&mut evidence, &["http://example/1"]);
        assert_eq!(held.len(), 3);
        assert!(!held.contains(&all[0].list()) && !held.contains(&all[4].list()));
    }

    #[test]
    fn parts_are_found_by_their_urls() {
        let mut evidence = Evidence::new();
        let part = |uris: &[&'static str]| ListParts {
            uris: uris.into(),
            ..ListParts::default()
        };
        let one = part(&["http://example/1"]);
        let two = part(&["http://example/2", "ldap://example/2"]);
        let foreign = ListParts {
            issuer: "other",
            ..one.clone()
        };
        for parts in [&one, &two, &foreign] {
            keep(&mut evidence, parts);
        }
        let mut found = |points: &[&str]| held(&mut evidence, points);
        assert_eq!(found(&[]), []);
        assert_eq!(found(&["http://example/3"]), []);
        assert_eq!(found(&["http://example/1"]), [one.list()]);
        assert_eq!(found(&["http://x/", "ldap://example/2"]), [two.list()]);
        let both = found(&["http://example/2", "http://example/1", "ldap://example/2"]);
        assert_eq!(both.len(), 2);
    }

    #[test]
    fn a_namesakes_many_lists_do_not_come_up_for_the_issuers_certificates() {
        const URIS: [&str; 3] = ["http://example/1", "http://example/2", "ldap://example/3"];
        let mut evidence = Evidence::new();
        let own = ListParts::default();
        keep(&mut evidence, &own);
        let aside = ListParts {
            key: 9,
            ..ListParts::default()
        };
        evidence.insert_list(aside.list()).unwrap();
        for this in 1..100 {
            let theirs = ListParts {
                key: 2,
                this,
                number: None,
                uris: URIS.into(),
                ..ListParts::default()
            };
            // Each as if another key had signed it, so that none takes the place of another.
            let signer = Arc::from(&[this as u8][..]);
            assert_eq!(
                evidence.keep_list(judge(0), &theirs.list(), &signer, None),
                Kept::New
            );
        }
        let found = held(&mut evidence, &URIS);
        assert_eq!(found.len(), 2 + MAX_OTHERS);
        assert!(found[..2].contains(&own.list()) && found[..2].contains(&aside.list()));
        let dates: Vec<Time> = found[2..].iter().map(Crl::this_update).collect();
        let newest: Vec<Time> = (1..100).rev().take(MAX_OTHERS).map(at).collect();
        assert_eq!(dates, newest);
    }

    #[test]
    fn deltas_make_way_for_what_says_as_much() {
        let delta = |this: i64, base: u8| ListParts {
            this,
            number: Some(this as u8),
            base: Some(base),
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        let complete = |this: i64| ListParts {
            this,
            number: Some(this as u8),
            ..ListParts::default()
        };
        let mut evidence = Evidence::new();
        keep(&mut evidence, &complete(10));
        keep(&mut evidence, &delta(11, 10));
        assert_eq!(keep(&mut evidence, &delta(12, 10)), Kept::New);
        assert_eq!(held(&mut evidence, &[]).len(), 2);
        // A delta to a list that is not here says nothing of what the other one says.
        keep(&mut evidence, &delta(21, 20));
        assert_eq!(held(&mut evidence, &[]).len(), 3);
        keep(&mut evidence, &complete(20));
        let left = held(&mut evidence, &[]);
        assert_eq!(left.len(), 2);
        assert!(left.contains(&complete(20).list()) && left.contains(&delta(21, 20).list()));
        assert_eq!(keep(&mut evidence, &delta(12, 10)), Kept::Known);
    }

    #[test]
    fn what_the_caller_inserts_replaces_nothing_until_it_is_verified() {
        let mut evidence = Evidence::new();
        let forged = ListParts {
            key: 66,
            this: 100,
            ..ListParts::default()
        };
        let true_one = ListParts {
            this: 50,
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        evidence.insert_list(forged.list()).unwrap();
        evidence.insert_list(forged.list()).unwrap();
        evidence.insert_list(true_one.list()).unwrap();
        assert_eq!(keep(&mut evidence, &ListParts::default()), Kept::New);
        assert_eq!(evidence.len(), 3);
        assert_eq!(keep(&mut evidence, &true_one), Kept::New);
        let verified = evidence.lists().filter(|kept| kept.is_verified());
        let verified: Vec<Crl> = verified.map(|kept| kept.list().clone()).collect();
        assert_eq!(verified, [true_one.list()]);
        assert_eq!(evidence.len(), 2);
    }

    #[test]
    fn a_successor_inherits_where_it_comes_from() {
        let mut evidence = Evidence::new();
        let cert = certificate("issuer", 9, &[]);
        let request = source(&cert, None, "crl.example");
        let first = ListParts::default().list();
        evidence.keep_list(judge(0), &first, &key(1), Some(&request));
        let second = ListParts {
            this: 1,
            ..ListParts::default()
        };
        keep(&mut evidence, &second);
        let urls = evidence.lists().map(|kept| kept.urls().len());
        assert_eq!(urls.collect::<Vec<_>>(), [2]);
    }

    fn any_list() -> impl Strategy<Value = ListParts> {
        let issuer = prop_oneof![Just("issuer"), Just("other")];
        let serials = prop_oneof![Just(0..0_u8), Just(0..1), Just(0..2)];
        let uris = prop_oneof![Just(None), Just(Some("http://example/1"))];
        (issuer, 1..3_u8, 0..5_u8, 0..8_u8, serials, uris).prop_map(
            |(issuer, key, this, base, serials, uris)| ListParts {
                issuer,
                key,
                this: i64::from(this),
                // Half of them are deltas.
                base: base.checked_sub(4).map(|base| base.min(this)),
                number: Some(this),
                serials: serials.collect(),
                uris: uris.into_iter().collect(),
                ..ListParts::default()
            },
        )
    }

    proptest! {
        /// Whatever the order, those are held than which none held is newer.
        #[test]
        fn holds_what_a_naive_store_holds(
            all in proptest::collection::vec((any_list(), any::<bool>()), 0..24),
        ) {
            let mut evidence = Evidence::new();
            let mut verified: Vec<ListParts> = Vec::new();
            let mut aside: Vec<Crl> = Vec::new();
            for (parts, is_inserted) in &all {
                let list = parts.list();
                if *is_inserted {
                    evidence.insert_list(list.clone()).unwrap();
                    let known = evidence.lists().filter(|kept| kept.is_verified());
                    let known = known.map(|kept| kept.list()).any(|kept| *kept == list);
                    if !known && !aside.contains(&list) {
                        aside.push(list);
                    }
                } else {
                    keep(&mut evidence, parts);
                    aside.retain(|known| *known != list);
                    verified.push(parts.clone());
                }
            }
            let same = |a: &ListParts, b: &ListParts| {
                (a.issuer, a.key, &a.uris) == (b.issuer, b.key, &b.uris)
            };
            let is_last = |parts: &ListParts| {
                let stands_for = |new: &ListParts| {
                    same(new, parts) && judge(0).replaces(&new.list(), &parts.list())
                };
                !verified.iter().any(stands_for)
            };
            let lists = verified.iter().filter(|parts| is_last(parts));
            let mut expected: Vec<Vec<u8>> = lists.map(ListParts::der).collect();
            expected.sort();
            expected.dedup();
            expected.extend(aside.iter().map(|list| list.as_der().to_vec()));
            expected.sort();
            let mut held: Vec<Vec<u8>> =
                evidence.lists().map(|kept| kept.list().as_der().to_vec()).collect();
            held.sort();
            prop_assert_eq!(held, expected);
            let sizes: usize = evidence.lists().map(|kept| kept.size()).sum();
            prop_assert_eq!(evidence.bytes(), sizes);
        }
    }
}
