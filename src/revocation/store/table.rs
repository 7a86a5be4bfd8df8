//! Entries in numbered slots, found by hashes: an entry stands under one hash or several, several
//! entries may stand under one. Whoever looks one up compares what was hashed; the table promises
//! only that nothing is missed.
//!
//! It grows in parts, so that no call pays for what others put in: slots and buckets stand in
//! segments that never move, and one bucket is split for each hash that is added (linear hashing,
//! Litwin 1980). Adding touches as many buckets as the entry has hashes and as many splits; finding
//! touches one bucket; removing as many as the entry has hashes.

use alloc::vec::Vec;

use tinyvec::TinyVec;

use crate::narrow;

/// How many items a segment has.
const SEGMENT: usize = 256;

/// How many hashes a bucket has on average.
const LOAD: usize = 2;

/// The number of an entry's slot, until it is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place(u32);

impl Place {
    const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The hashes under which an entry stands.
pub(super) type Hashes = TinyVec<[u64; 2]>;

type Bucket = TinyVec<[(u64, Place); 2]>;

/// A list that grows without moving what it has.
struct Segments<T>(Vec<Vec<T>>);

impl<T> Segments<T> {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn len(&self) -> usize {
        let last = self.0.last().map_or(SEGMENT, Vec::len);
        self.0.len() * SEGMENT + last - SEGMENT
    }

    fn push(&mut self, item: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < SEGMENT => last.push(item),
            _ => {
                let mut segment = Vec::with_capacity(SEGMENT);
                segment.push(item);
                self.0.push(segment);
            }
        }
    }

    fn get(&self, index: usize) -> Option<&T> {
        self.0.get(index / SEGMENT)?.get(index % SEGMENT)
    }

    fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.0.get_mut(index / SEGMENT)?.get_mut(index % SEGMENT)
    }
}

struct Slot<T> {
    entry: T,
    hashes: Hashes,
}

/// Entries by hash.
pub(super) struct Table<T> {
    slots: Segments<Option<Slot<T>>>,
    free: Vec<Place>,
    buckets: Segments<Bucket>,
    /// The next bucket to be split, of 2^`level`.
    split: usize,
    level: u32,
    /// How many hashes all entries have.
    hashes: usize,
    touched: Touched,
}

/// How many entries and buckets were looked at: for tests of what a call costs.
#[derive(Default)]
struct Touched(#[cfg(test)] core::sync::atomic::AtomicUsize);

impl Touched {
    fn add(&self, _count: usize) {
        #[cfg(test)]
        self.0
            .fetch_add(_count, core::sync::atomic::Ordering::Relaxed);
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        let mut buckets = Segments::new();
        buckets.push(Bucket::default());
        Self {
            slots: Segments::new(),
            free: Vec::new(),
            buckets,
            split: 0,
            level: 0,
            hashes: 0,
            touched: Touched::default(),
        }
    }
}

impl<T> Table<T> {
    pub(super) fn insert(&mut self, entry: T, hashes: Hashes) -> Place {
        self.touched.add(1);
        let place = match self.free.pop() {
            Some(free) => free,
            None => {
                self.slots.push(None);
                Place(narrow::bounded(self.slots.len() - 1))
            }
        };
        for &hash in &hashes {
            self.hashes += 1;
            let bucket = self.bucket_of(hash);
            if let Some(bucket) = self.buckets.get_mut(bucket) {
                bucket.push((hash, place));
            }
            self.grow();
        }
        if let Some(slot) = self.slots.get_mut(place.index()) {
            *slot = Some(Slot { entry, hashes });
        }
        place
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<T> {
        self.touched.add(1);
        let slot = self.slots.get_mut(place.index())?.take()?;
        for &hash in &slot.hashes {
            self.hashes -= 1;
            let bucket = self.bucket_of(hash);
            let Some(bucket) = self.buckets.get_mut(bucket) else {
                continue;
            };
            self.touched.add(bucket.len());
            if let Some(at) = bucket.iter().position(|known| *known == (hash, place)) {
                bucket.swap_remove(at);
            }
        }
        self.free.push(place);
        Some(slot.entry)
    }

    /// The entries that stand under a hash, in no order.
    pub(super) fn find(&self, hash: u64) -> impl Iterator<Item = (Place, &T)> {
        let bucket = self.buckets.get(self.bucket_of(hash));
        let bucket = bucket.into_iter().flatten();
        bucket.filter_map(move |(known, place)| {
            self.touched.add(1);
            (*known == hash).then_some((*place, self.get(*place)?))
        })
    }

    pub(super) fn get(&self, place: Place) -> Option<&T> {
        self.touched.add(1);
        let slot = self.slots.get(place.index())?.as_ref()?;
        Some(&slot.entry)
    }

    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        self.touched.add(1);
        let slot = self.slots.get_mut(place.index())?.as_mut()?;
        Some(&mut slot.entry)
    }

    /// The entries of so many slots from this one on, and the slot behind them, if there are more.
    pub(super) fn part(
        &self,
        from: Place,
        slots: u32,
    ) -> (impl Iterator<Item = (Place, &T)>, Option<Place>) {
        let end = from.0.saturating_add(slots);
        let places = (from.0..end).map(Place);
        let entries = places.filter_map(|place| Some((place, self.get(place)?)));
        let next = Place(end);
        (entries, (next.index() < self.slots.len()).then_some(next))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Place, &T)> {
        let places = (0..narrow::bounded(self.slots.len())).map(Place);
        places.filter_map(|place| Some((place, self.get(place)?)))
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    #[cfg(test)]
    pub(super) fn take_touched(&self) -> usize {
        self.touched
            .0
            .swap(0, core::sync::atomic::Ordering::Relaxed)
    }

    fn bucket_of(&self, hash: u64) -> usize {
        // A remainder below the number of buckets.
        let below = |level: u32| usize::try_from(hash & ((1 << level) - 1)).unwrap_or(0);
        let bucket = below(self.level + 1);
        if bucket < self.buckets.len() {
            return bucket;
        }
        below(self.level)
    }

    /// Splits one bucket if there are too few.
    fn grow(&mut self) {
        if self.hashes <= self.buckets.len() * LOAD {
            return;
        }
        let split = self.split;
        self.buckets.push(Bucket::default());
        self.split += 1;
        if self.split == 1 << self.level {
            self.split = 0;
            self.level += 1;
        }
        let Some(bucket) = self.buckets.get_mut(split) else {
            return;
        };
        let all = core::mem::take(bucket);
        self.touched.add(all.len());
        for (hash, place) in all {
            let bucket = self.bucket_of(hash);
            if let Some(bucket) = self.buckets.get_mut(bucket) {
                bucket.push((hash, place));
            }
        }
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
                    let mut found: Vec<Place> = table.find(*hash).map(|(place, _)| place).collect();
                    found.sort_unstable();
                    let expected = model.iter().filter(|(_, hashes)| hashes.contains(hash));
                    let expected: Vec<Place> = expected.map(|(place, _)| *place).collect();
                    prop_assert_eq!(found, expected);
                }
                let mut parts = Vec::new();
                let mut next = Some(Place(0));
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
        let _ = table.find(hash >> 16).count();
        assert!(table.take_touched() < 40);
    }
}
