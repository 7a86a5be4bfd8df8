//! Entries with numbers, found by hashes: an entry stands under one hash or several, several
//! entries may stand under one. Whoever looks one up compares what was hashed; the table promises
//! only that nothing is missed.
//!
//! Both are trees, so that no call pays for what others put in: a hash table would move all that it
//! has when it grows. What is looked up costs the logarithm of what is held, of numbers alone.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use tinyvec::TinyVec;

/// The number of an entry. No other entry of its table ever has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place(u64);

impl Place {
    const LAST: Self = Self(u64::MAX);
}

/// The hashes under which an entry stands.
pub(super) type Hashes = TinyVec<[u64; 2]>;

/// Entries by number and by hash.
pub(super) struct Table<T> {
    entries: BTreeMap<Place, Box<(T, Hashes)>>,
    index: BTreeSet<(u64, Place)>,
    next: Place,
    touched: Touched,
}

/// How many entries were looked at: for tests of what a call costs.
#[derive(Default)]
struct Touched(#[cfg(test)] core::sync::atomic::AtomicUsize);

impl Touched {
    fn add_one(&self) {
        #[cfg(test)]
        self.0.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            index: BTreeSet::new(),
            next: Place::default(),
            touched: Touched::default(),
        }
    }
}

impl<T> Table<T> {
    pub(super) fn insert(&mut self, entry: T, hashes: Hashes) -> Place {
        self.touched.add_one();
        let place = self.next;
        self.next = Place(place.0 + 1);
        self.index.extend(hashes.iter().map(|&hash| (hash, place)));
        self.entries.insert(place, Box::new((entry, hashes)));
        place
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<T> {
        self.touched.add_one();
        let (entry, hashes) = *self.entries.remove(&place)?;
        for hash in hashes {
            self.index.remove(&(hash, place));
        }
        Some(entry)
    }

    /// The entries under any of these hashes that `is_it` holds for, each once; no more than
    /// `most`.
    pub(super) fn find(
        &self,
        hashes: &[u64],
        most: usize,
        is_it: impl Fn(&T) -> bool,
    ) -> Vec<Place> {
        let mut found = Vec::new();
        let under = |&hash| {
            self.index
                .range((hash, Place::default())..=(hash, Place::LAST))
        };
        for &(_, place) in hashes.iter().flat_map(under) {
            if found.len() >= most {
                break;
            }
            if self.get(place).is_some_and(&is_it) && !found.contains(&place) {
                found.push(place);
            }
        }
        found
    }

    pub(super) fn get(&self, place: Place) -> Option<&T> {
        self.touched.add_one();
        self.entries.get(&place).map(|entry| &entry.0)
    }

    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        self.touched.add_one();
        self.entries.get_mut(&place).map(|entry| &mut entry.0)
    }

    /// So many entries from this number on, and the number of the next one.
    pub(super) fn part(
        &self,
        from: Place,
        count: usize,
    ) -> (impl Iterator<Item = (Place, &T)>, Option<Place>) {
        let rest = || self.entries.range(from..);
        let next = rest().nth(count).map(|(place, _)| *place);
        let part = rest().take(count);
        let part = part.inspect(|_| self.touched.add_one());
        (part.map(|(place, entry)| (*place, &entry.0)), next)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Place, &T)> {
        self.entries.iter().map(|(place, entry)| (*place, &entry.0))
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    #[cfg(test)]
    pub(super) fn take_touched(&self) -> usize {
        self.touched
            .0
            .swap(0, core::sync::atomic::Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_map_finds(
            steps in proptest::collection::vec((0..6_u64, 0..6_u64, any::<bool>()), 0..60),
        ) {
            let mut table = Table::default();
            let mut model: BTreeMap<Place, [u64; 2]> = BTreeMap::new();
            for (number, (a, b, adds)) in steps.into_iter().enumerate() {
                let [a, b] = [a, b].map(|hash| hash * 0x9e37_79b9);
                if adds {
                    let place = table.insert(number, [a, b + 1].into_iter().collect());
                    prop_assert_eq!(model.insert(place, [a, b + 1]), None);
                } else if let Some((&place, _)) = model.iter().nth((a % 7) as usize) {
                    prop_assert!(table.remove(place).is_some());
                    prop_assert!(table.remove(place).is_none());
                    model.remove(&place);
                }
                prop_assert_eq!(table.len(), model.len());
                for hash in model.values().flatten() {
                    let found = table.find(&[*hash, *hash], usize::MAX, |_| true);
                    let one = table.find(&[*hash], 1, |_| true);
                    prop_assert_eq!(one.first(), found.first());
                    let expected = model.iter().filter(|(_, hashes)| hashes.contains(hash));
                    let expected: Vec<Place> = expected.map(|(place, _)| *place).collect();
                    prop_assert_eq!(found, expected);
                }
                let mut parts = Vec::new();
                let mut next = Some(Place::default());
                while let Some(from) = next {
                    let (part, then) = table.part(from, 3);
                    parts.extend(part.map(|(place, _)| place));
                    next = then;
                }
                prop_assert_eq!(parts, model.keys().copied().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn no_call_pays_for_what_is_there() {
        let mut table = Table::default();
        let mut hash = 1_u64;
        let mut most = 0;
        for number in 0..200_000_u32 {
            hash = hash.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            table.take_touched();
            let place = table.insert(number, [hash >> 16].into_iter().collect());
            if number % 3 == 0 {
                table.remove(place);
            }
            most = most.max(table.take_touched());
        }
        assert!(most < 40, "{most}");
        assert_eq!(table.find(&[hash >> 16], 1, |_| true).len(), 1);
        assert!(table.take_touched() < 40);
    }
}
