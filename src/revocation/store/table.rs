//! Entries in numbered slots, found by hashes: an entry stands under one hash or several, several
//! entries may stand under one. Whoever looks one up compares what was hashed; the table promises
//! only that nothing is missed.
//!
//! Adding costs as much as the entry has hashes, however many entries there are and however many
//! share one; finding as much as there is under the hash; removing a walk through the numbers of
//! those that share one.

use alloc::vec::Vec;

use hashbrown::HashTable;
use tinyvec::TinyVec;

/// The number of an entry's slot, until it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(usize);

/// The hashes under which an entry stands.
pub(super) type Hashes = TinyVec<[u64; 2]>;

/// A hash, and the slots of the entries that stand under it.
type Bucket = (u64, TinyVec<[usize; 2]>);

/// Entries by hash.
pub(super) struct Table<T> {
    slots: Vec<Option<Slot<T>>>,
    free: Vec<usize>,
    index: HashTable<Bucket>,
}

struct Slot<T> {
    entry: T,
    hashes: Hashes,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            index: HashTable::new(),
        }
    }
}

impl<T> Table<T> {
    pub(super) fn insert(&mut self, entry: T, hashes: Hashes) -> Place {
        let place = self.free.pop().unwrap_or(self.slots.len());
        for &hash in &hashes {
            let bucket = self
                .index
                .entry(hash, |(known, _)| *known == hash, |(hash, _)| *hash)
                .or_insert_with(|| (hash, TinyVec::new()));
            let (_, places) = bucket.into_mut();
            // An entry that has a hash twice has just been added under it.
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        let slot = Some(Slot { entry, hashes });
        match self.slots.get_mut(place) {
            Some(free) => *free = slot,
            None => self.slots.push(slot),
        }
        Place(place)
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<T> {
        let slot = self.slots.get_mut(place.0)?.take()?;
        for &hash in &slot.hashes {
            let found = self.index.find_entry(hash, |(known, _)| *known == hash);
            let Ok(mut bucket) = found else { continue };
            let (_, places) = bucket.get_mut();
            if let Some(known) = places.iter().position(|known| *known == place.0) {
                places.swap_remove(known);
            }
            if places.is_empty() {
                bucket.remove();
            }
        }
        self.free.push(place.0);
        Some(slot.entry)
    }

    /// The entries that stand under a hash, in no order.
    pub(super) fn find(&self, hash: u64) -> impl Iterator<Item = (Place, &T)> {
        let bucket = self.index.find(hash, |(known, _)| *known == hash);
        let places = bucket.into_iter().flat_map(|(_, places)| places.iter());
        places.filter_map(|place| Some((Place(*place), self.get(Place(*place))?)))
    }

    pub(super) fn get(&self, place: Place) -> Option<&T> {
        let slot = self.slots.get(place.0)?.as_ref()?;
        Some(&slot.entry)
    }

    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        let slot = self.slots.get_mut(place.0)?.as_mut()?;
        Some(&mut slot.entry)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Place, &T)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(place, slot)| Some((Place(place), &slot.as_ref()?.entry)))
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
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
                if adds {
                    let place = table.insert(number, [a, b].into_iter().collect());
                    prop_assert_eq!(model.insert(place, [a, b]), None);
                } else if let Some((&place, _)) = model.iter().nth(a as usize) {
                    prop_assert!(table.remove(place).is_some());
                    prop_assert!(table.remove(place).is_none());
                    model.remove(&place);
                }
                prop_assert_eq!(table.len(), model.len());
                for hash in 0..6 {
                    let mut found: Vec<Place> = table.find(hash).map(|(place, _)| place).collect();
                    found.sort_unstable();
                    let expected = model.iter().filter(|(_, hashes)| hashes.contains(&hash));
                    let expected: Vec<Place> = expected.map(|(place, _)| *place).collect();
                    prop_assert_eq!(found, expected);
                }
            }
            let indexed: usize = table.index.iter().map(|(_, places)| places.len()).sum();
            prop_assert!(table.index.iter().all(|(_, places)| !places.is_empty()));
            prop_assert_eq!(indexed, table.iter().map(|(place, _)| {
                let [a, b] = model[&place];
                if a == b { 1 } else { 2 }
            }).sum::<usize>());
        }
    }
}
