//! A bounded map that displaces the least recently used value.
//!
//! A hash table contains slot numbers. The slots are a dense array and linked by their numbers in
//! the order of use, without unsafe code. Each operation costs one look-up in the table and a few
//! assignments. A removal moves the last slot into the gap. The caller hashes and compares, since
//! it looks up values by parts of them.

use alloc::vec::Vec;

use hashbrown::HashTable;

use crate::narrow;

/// The maximum number of values that are compared one by one.
#[cfg(feature = "std")]
const FEW: usize = 4;

/// No slot.
const NONE: u32 = u32::MAX;

/// Aligned so that a look-up reads one cache line.
#[derive(Debug)]
#[repr(align(64))]
struct Slot<V> {
    hash: u64,
    newer: u32,
    older: u32,
    value: V,
}

/// A map by hash, with a limited number of values.
#[derive(Debug)]
pub(crate) struct Lru<V> {
    capacity: usize,
    table: HashTable<u32>,
    slots: Vec<Slot<V>>,
    newest: u32,
    oldest: u32,
}

impl<V> Lru<V> {
    /// An empty map for at most `capacity` values, which may be 0.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            // Slot numbers have 32 bits, and `NONE` is not one.
            capacity: capacity.min(NONE as usize - 1),
            table: HashTable::new(),
            slots: Vec::new(),
            newest: NONE,
            oldest: NONE,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The value with this hash for which `is_it` is true. This counts as a use.
    #[cfg(any(test, feature = "std"))]
    pub(crate) fn get(&mut self, hash: u64, is_it: impl Fn(&V) -> bool) -> Option<&mut V> {
        self.meet(hash, is_it, |_| true)
    }

    /// Like [`get`](Self::get), but does not count as a use.
    pub(crate) fn peek(&self, hash: u64, is_it: impl Fn(&V) -> bool) -> Option<&V> {
        let slot = self.slots.get(self.find(hash, is_it)? as usize)?;
        Some(&slot.value)
    }

    /// Like [`get`](Self::get). If there are few values, they are compared one by one without
    /// hashing.
    #[cfg(feature = "std")]
    pub(crate) fn get_hashing(
        &mut self,
        hash: impl FnOnce() -> u64,
        is_it: impl Fn(&V) -> bool,
    ) -> Option<&mut V> {
        if self.slots.len() > FEW {
            return self.get(hash(), is_it);
        }
        let slot = self.slots.iter().position(|slot| is_it(&slot.value))?;
        self.use_now(narrow::bounded(slot));
        self.slots.get_mut(slot).map(|slot| &mut slot.value)
    }

    /// Like [`get`](Self::get), but counts as a use only if `is_use` returns true: a value that was
    /// just used need not move.
    pub(crate) fn meet(
        &mut self,
        hash: u64,
        is_it: impl Fn(&V) -> bool,
        is_use: impl FnOnce(&mut V) -> bool,
    ) -> Option<&mut V> {
        let slot = self.find(hash, is_it)?;
        if is_use(&mut self.slots.get_mut(slot as usize)?.value) {
            self.use_now(slot);
        }
        self.slots
            .get_mut(slot as usize)
            .map(|slot| &mut slot.value)
    }

    /// Inserts a value, or replaces the one for which `is_it` is true. Returns the replaced value,
    /// or the least recently used one if that was displaced.
    pub(crate) fn insert(&mut self, hash: u64, value: V, is_it: impl Fn(&V) -> bool) -> Option<V> {
        if self.capacity == 0 {
            return Some(value);
        }
        if let Some(slot) = self.find(hash, is_it) {
            self.use_now(slot);
            let slot = self.slots.get_mut(slot as usize)?;
            return Some(core::mem::replace(&mut slot.value, value));
        }
        let gone = if self.slots.len() >= self.capacity {
            self.take(self.oldest)
        } else {
            None
        };
        let slot = narrow::bounded(self.slots.len());
        self.slots.push(Slot {
            hash,
            newer: NONE,
            older: NONE,
            value,
        });
        self.link(slot);
        let slots = &self.slots;
        self.table
            .insert_unique(hash, slot, |&slot| hash_of(slots, slot));
        gone
    }

    /// Replaces the value for which `is_it` is true and returns it. If there is none, returns the
    /// new value as an error.
    #[cfg(feature = "std")]
    pub(crate) fn replace(
        &mut self,
        hash: u64,
        value: V,
        is_it: impl Fn(&V) -> bool,
    ) -> Result<V, V> {
        match self.get(hash, is_it) {
            Some(known) => Ok(core::mem::replace(known, value)),
            None => Err(value),
        }
    }

    /// The least recently used value.
    #[cfg(feature = "std")]
    pub(crate) fn oldest(&self) -> Option<&V> {
        self.slots.get(self.oldest as usize).map(|slot| &slot.value)
    }

    /// Removes the least recently used value.
    #[cfg(feature = "std")]
    pub(crate) fn take_oldest(&mut self) -> Option<V> {
        self.take(self.oldest)
    }

    /// Removes the value with this hash for which `is_it` is true.
    pub(crate) fn remove(&mut self, hash: u64, is_it: impl Fn(&V) -> bool) -> Option<V> {
        let slot = self.find(hash, is_it)?;
        self.take(slot)
    }

    /// Removes all values and keeps the memory.
    #[cfg(feature = "std")]
    pub(crate) fn clear(&mut self) {
        self.table.clear();
        self.slots.clear();
        (self.newest, self.oldest) = (NONE, NONE);
    }

    /// Removes all values for which `keep` is false, and passes them to `gone`.
    pub(crate) fn retain(&mut self, keep: impl Fn(&V) -> bool, mut gone: impl FnMut(V)) {
        let mut slot = 0;
        while let Some(value) = self.slots.get(slot as usize).map(|slot| &slot.value) {
            if keep(value) {
                slot += 1;
            } else {
                // Another value moves to its place and is checked next.
                self.take(slot).into_iter().for_each(&mut gone);
            }
        }
    }

    /// All values, in no particular order.
    #[cfg(test)]
    fn iter(&self) -> impl Iterator<Item = &V> {
        self.slots.iter().map(|slot| &slot.value)
    }

    fn find(&self, hash: u64, is_it: impl Fn(&V) -> bool) -> Option<u32> {
        let is_it = |&slot: &u32| {
            let slot = self.slots.get(slot as usize);
            slot.is_some_and(|slot| slot.hash == hash && is_it(&slot.value))
        };
        self.table.find(hash, is_it).copied()
    }

    fn use_now(&mut self, slot: u32) {
        if self.newest != slot {
            self.unlink(slot);
            self.link(slot);
        }
    }

    /// Makes two slots neighbours in the order. [`NONE`] stands for the position beyond either end.
    fn connect(&mut self, newer: u32, older: u32) {
        match self.slots.get_mut(newer as usize) {
            Some(slot) => slot.older = older,
            None => self.newest = older,
        }
        match self.slots.get_mut(older as usize) {
            Some(slot) => slot.newer = newer,
            None => self.oldest = newer,
        }
    }

    /// Adds an unlinked slot as the newest.
    fn link(&mut self, slot: u32) {
        let before = self.newest;
        self.connect(NONE, slot);
        self.connect(slot, before);
    }

    fn unlink(&mut self, slot: u32) {
        if let Some(&Slot { newer, older, .. }) = self.slots.get(slot as usize) {
            self.connect(newer, older);
        }
    }

    fn take(&mut self, slot: u32) -> Option<V> {
        self.unlink(slot);
        let hash = self.slots.get(slot as usize)?.hash;
        if let Ok(entry) = self.table.find_entry(hash, |&known| known == slot) {
            entry.remove();
        }
        let moved = narrow::bounded(self.slots.len().checked_sub(1)?);
        let gone = self.slots.swap_remove(slot as usize);
        if moved != slot {
            self.renumber(moved, slot);
        }
        Some(gone.value)
    }

    /// Updates the links and the table for a slot that has moved.
    fn renumber(&mut self, from: u32, to: u32) {
        let Some(slot) = self.slots.get(to as usize) else {
            return;
        };
        let (hash, newer, older) = (slot.hash, slot.newer, slot.older);
        if let Some(number) = self.table.find_mut(hash, |&known| known == from) {
            *number = to;
        }
        self.connect(newer, to);
        self.connect(to, older);
    }
}

fn hash_of<V>(slots: &[Slot<V>], slot: u32) -> u64 {
    slots.get(slot as usize).map_or(0, |slot| slot.hash)
}

#[cfg(test)]
mod tests {
    use alloc::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    /// Each hash is shared by four keys.
    fn hash(key: u8) -> u64 {
        u64::from(key / 4)
    }

    #[derive(Clone, Debug)]
    enum Operation {
        Get(u8),
        Insert(u8, u32),
        Remove(u8),
        Retain(u32),
    }

    fn operation() -> impl Strategy<Value = Operation> {
        prop_oneof![
            (0u8..24).prop_map(Operation::Get),
            (0u8..24, 0u32..100).prop_map(|(key, value)| Operation::Insert(key, value)),
            (0u8..24).prop_map(Operation::Remove),
            (1u32..4).prop_map(Operation::Retain),
        ]
    }

    /// A naive map, the least recently used first.
    #[derive(Default)]
    struct Model(VecDeque<(u8, u32)>);

    impl Model {
        fn take(&mut self, key: u8) -> Option<u32> {
            let place = self.0.iter().position(|(known, _)| *known == key)?;
            self.0.remove(place).map(|(_, value)| value)
        }

        fn get(&mut self, key: u8) -> Option<u32> {
            let value = self.take(key)?;
            self.0.push_back((key, value));
            Some(value)
        }

        fn insert(&mut self, capacity: usize, key: u8, value: u32) -> Option<u32> {
            let mut gone = self.take(key);
            if capacity == 0 {
                return Some(value);
            }
            if gone.is_none() && self.0.len() >= capacity {
                gone = self.0.pop_front().map(|(_, value)| value);
            }
            self.0.push_back((key, value));
            gone
        }
    }

    proptest! {
        #[test]
        fn does_as_a_naive_map(
            capacity in 0usize..12,
            operations in proptest::collection::vec(operation(), 0..200),
        ) {
            let mut lru: Lru<(u8, u32)> = Lru::new(capacity);
            let mut model = Model::default();
            for operation in operations {
                match operation {
                    Operation::Get(key) => {
                        let found = lru.get(hash(key), |(known, _)| *known == key);
                        prop_assert_eq!(found.map(|(_, value)| *value), model.get(key));
                    }
                    Operation::Insert(key, value) => {
                        let gone = lru.insert(hash(key), (key, value), |(known, _)| *known == key);
                        let gone = gone.map(|(_, value)| value);
                        prop_assert_eq!(gone, model.insert(capacity, key, value));
                    }
                    Operation::Remove(key) => {
                        let gone = lru.remove(hash(key), |(known, _)| *known == key);
                        prop_assert_eq!(gone.map(|(_, value)| value), model.take(key));
                    }
                    Operation::Retain(n) => {
                        lru.retain(|(_, value)| value % n == 0, |gone| assert!(gone.1 % n != 0));
                        model.0.retain(|(_, value)| value % n == 0);
                    }
                }
                prop_assert_eq!(lru.len(), model.0.len());
                let mut ours: Vec<_> = lru.iter().copied().collect();
                let mut theirs: Vec<_> = model.0.iter().copied().collect();
                ours.sort_unstable();
                theirs.sort_unstable();
                prop_assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn places_fit_into_32_bits() {
        let lru: Lru<()> = Lru::new(usize::MAX);
        assert_eq!(lru.capacity, NONE as usize - 1);
    }

    #[test]
    fn what_was_used_stays() {
        let mut lru = Lru::new(2);
        let is = |key: u32| move |known: &u32| *known == key;
        assert_eq!(lru.insert(1, 1, is(1)), None);
        assert_eq!(lru.insert(2, 2, is(2)), None);
        assert!(lru.get(1, is(1)).is_some());
        assert_eq!(lru.insert(3, 3, is(3)), Some(2));
        assert!(lru.get(1, is(1)).is_some());
        assert!(lru.get(2, is(2)).is_none());
    }
}
