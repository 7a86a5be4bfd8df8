//! Where the entries of a serial number are: a hash table of offsets, in buckets of eight.
//!
//! The serial numbers stay in the list. A slot is the offset of an entry, 0 for none, and in the bits that no offset of this
//! list has, the low bits of its hash: so hardly any entry but the right one is looked at, and all slots of a bucket are
//! compared in a few instructions without a branch. A bucket has five entries on average; what finds it full goes to the next,
//! so that entries of one hash stand in the order of the list. The hash is a cheap one of the last eight octets, which
//! suffices for numbers that count up and for random ones alike.
//!
//! A list may be made by somebody who knows the hash. Placing an entry may take [`MOST_STEPS`], and all of them
//! together one for each entry; a list that needs more is indexed again, *with care*: by a polynomial over all octets, whose
//! point follows from the digest of the list itself, so that nobody can choose numbers to suit it, and each certificate
//! once only, so that no number is repeated. That costs the digest and some time for each entry, and lookups stay
//! short.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

/// Slots of a bucket.
const SLOTS: usize = 8;

/// Entries of a bucket, on average.
const LOAD: usize = 5;

/// Most full buckets that an entry may pass. Of a million random ones hardly any passes eight.
const MOST_STEPS: usize = 64;

/// An entry to be placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) offset: u32,
    pub(super) hash: Hash,
}

/// A hash: its upper bits choose the bucket, its lower ones stand in the slot.
pub(super) type Hash = u32;

/// What the index asks of a list whose entries have been checked.
pub(super) trait List {
    /// All of its bytes.
    fn bytes(&self) -> &[u8];

    /// The serial number of the entry at this offset, and what stands for its issuer.
    fn key(&self, entry: u32) -> (&[u8], u64);

    /// Do both entries speak of the same certificate?
    fn is_same(&self, entry: u32, other: u32) -> bool;

    /// Does the entry undo a revocation?
    fn is_removal(&self, entry: u32) -> bool;
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(32))]
struct Bucket([u32; SLOTS]);

/// The bit of each slot, 2 for the first: were one of them 1, compilers would not treat them all alike.
const BITS: [u32; SLOTS] = {
    let mut bits = [2; SLOTS];
    let mut i = 1;
    while i < SLOTS {
        bits[i] = bits[i - 1] << 1;
        i += 1;
    }
    bits
};

impl Bucket {
    /// The bit of each slot with the upper bits of `wanted`. Empty ones may be among them.
    #[inline(always)]
    fn matching(&self, wanted: u32, offset_bits: u32) -> u32 {
        let slots = self.0.iter().zip(BITS);
        let bits = slots.map(|(slot, bit)| {
            if (slot ^ wanted) >> offset_bits == 0 {
                bit
            } else {
                0
            }
        });
        bits.fold(0, |all, bit| all | bit)
    }

    fn is_full(&self) -> bool {
        self.0.last().is_some_and(|&last| last != 0)
    }
}

/// The table.
#[derive(Debug)]
pub(super) struct Index {
    buckets: Box<[Bucket]>,
    /// How many bits of a slot are the offset.
    offset_bits: u32,
    /// Most buckets that any entry passed: a search goes no further.
    longest: u32,
    hashing: Hashing,
}

impl Index {
    pub(super) fn build(items: &[Item], list: &impl List) -> Self {
        let mut index = Self::empty(items.len(), list.bytes().len(), Hashing::Tail);
        if index.place_all(items) {
            return index;
        }
        let hashing = Hashing::Polynomial(point(list.bytes()));
        let mut index = Self::empty(items.len(), list.bytes().len(), hashing);
        for item in items {
            index.place_with_care(item.offset, list);
        }
        index
    }

    /// The offsets of all entries that may be of this certificate, in the order of the list.
    #[inline(always)]
    pub(super) fn candidates(&self, serial: &[u8], issuer: u64) -> Candidates<'_> {
        let hash = self.hashing.of(serial, issuer);
        let bucket = self.bucket(hash);
        let wanted = self.slot(0, hash);
        let slots = self.buckets.get(bucket);
        Candidates {
            index: self,
            bucket,
            wanted,
            found: slots.map_or(0, |slots| slots.matching(wanted, self.offset_bits)),
            left: self.longest,
        }
    }

    pub(super) fn memory_size(&self) -> usize {
        size_of_val(&*self.buckets)
    }

    /// For this many entries of a list of this many bytes.
    fn empty(entries: usize, bytes: usize, hashing: Hashing) -> Self {
        Self {
            buckets: vec![Bucket::default(); entries.div_ceil(LOAD)].into(),
            offset_bits: (usize::BITS - bytes.leading_zeros()).min(31),
            longest: 0,
            hashing,
        }
    }

    /// False when it would take too long.
    fn place_all(&mut self, items: &[Item]) -> bool {
        let mut taken: Vec<u8> = vec![0; self.buckets.len()];
        let mut left = items.len() + MOST_STEPS;
        for item in items {
            let mut bucket = self.bucket(item.hash);
            let mut steps = 0;
            while taken.get(bucket).is_some_and(|&n| usize::from(n) == SLOTS) {
                bucket = self.next(bucket);
                steps += 1;
                if steps > MOST_STEPS.min(left) {
                    return false;
                }
            }
            let slot = self.slot(item.offset, item.hash);
            let (Some(bucket), Some(taken)) = (self.buckets.get_mut(bucket), taken.get_mut(bucket))
            else {
                return false;
            };
            if let Some(place) = bucket.0.get_mut(usize::from(*taken)) {
                *place = slot;
            }
            *taken += 1;
            left -= steps;
            self.longest = self.longest.max(steps as u32);
        }
        true
    }

    /// Of several entries for one certificate the table gets the first that does not undo a revocation, or else the first.
    fn place_with_care(&mut self, entry: u32, list: &impl List) {
        let (serial, issuer) = list.key(entry);
        let hash = self.hashing.of(serial, issuer);
        let new = self.slot(entry, hash);
        let offset = self.offset_mask();
        let is_same = |slot: u32| (slot ^ new) & !offset == 0 && list.is_same(slot & offset, entry);
        let mut bucket = self.bucket(hash);
        // There are more slots than entries.
        for steps in 0..self.buckets.len() as u32 {
            let next = self.next(bucket);
            let Some(slots) = self.buckets.get_mut(bucket) else {
                return;
            };
            for slot in &mut slots.0 {
                if *slot == 0 {
                    *slot = new;
                    self.longest = self.longest.max(steps);
                    return;
                }
                if is_same(*slot) {
                    if list.is_removal(*slot & offset) && !list.is_removal(entry) {
                        *slot = new;
                    }
                    return;
                }
            }
            bucket = next;
        }
    }

    /// The bucket of a hash: the hash as a fraction of the table.
    #[inline]
    fn bucket(&self, hash: Hash) -> usize {
        ((u64::from(hash) * self.buckets.len() as u64) >> 32) as usize
    }

    #[inline]
    fn next(&self, bucket: usize) -> usize {
        let next = bucket + 1;
        if next == self.buckets.len() { 0 } else { next }
    }

    #[inline]
    fn offset_mask(&self) -> u32 {
        (1 << self.offset_bits) - 1
    }

    #[inline]
    fn slot(&self, offset: u32, hash: Hash) -> u32 {
        hash << self.offset_bits | offset
    }
}

/// Offsets of entries to look at, made by [`Index::candidates`].
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    index: &'a Index,
    bucket: usize,
    wanted: u32,
    /// Slots of the bucket that are left to look at.
    found: u32,
    /// Buckets behind this one that are left.
    left: u32,
}

impl Iterator for Candidates<'_> {
    type Item = u32;

    #[inline(always)]
    fn next(&mut self) -> Option<u32> {
        loop {
            let slots = self.index.buckets.get(self.bucket)?;
            if self.found != 0 {
                let place = self.found.trailing_zeros() as usize;
                let slot = *slots.0.get(place.wrapping_sub(1))?;
                self.found &= self.found - 1;
                // The first empty slot is followed by none that is not.
                return (slot != 0).then_some(slot & self.index.offset_mask());
            }
            if self.left == 0 || !slots.is_full() {
                return None;
            }
            self.left -= 1;
            self.bucket = self.index.next(self.bucket);
            let slots = self.index.buckets.get(self.bucket)?;
            self.found = slots.matching(self.wanted, self.index.offset_bits);
        }
    }
}

/// How serial numbers are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hashing {
    /// By the last eight octets.
    Tail,
    /// By all octets, as a polynomial at this point.
    Polynomial(u64),
}

impl Hashing {
    #[inline]
    fn of(self, serial: &[u8], issuer: u64) -> Hash {
        match self {
            Self::Tail => tail_hash(serial, issuer),
            Self::Polynomial(point) => polynomial_hash(serial, issuer, point),
        }
    }
}

/// A hash of the last eight octets of a serial number, and of what stands for its issuer.
#[inline]
pub(super) fn tail_hash(serial: &[u8], issuer: u64) -> Hash {
    let tail = match serial.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => serial.iter().fold(0, |tail, &b| tail << 8 | u64::from(b)),
    };
    mix(tail ^ issuer)
}

/// A Mersenne prime.
const PRIME: u64 = (1 << 61) - 1;

/// A point below [`PRIME`] that follows from all of these bytes.
fn point(bytes: &[u8]) -> u64 {
    let digest = Sha256::digest(bytes);
    let first = digest.first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(first) % PRIME
}

/// Two numbers of at most 20 octets have the same value at no more than five points of 2^61.
#[inline(never)]
fn polynomial_hash(serial: &[u8], issuer: u64, point: u64) -> Hash {
    // The length tells a last part that is shorter than the others from one with zeros.
    let start = (issuer % PRIME) ^ serial.len() as u64;
    let value = serial.chunks(7).fold(start, |value, part| {
        let part = part.iter().fold(0, |word, &b| word << 8 | u64::from(b));
        let product = u128::from(value) * u128::from(point) + u128::from(part);
        (product % u128::from(PRIME)) as u64
    });
    mix(value.wrapping_mul(point | 1))
}

/// Spreads every bit over all others: numbers in steps of any size must not crowd, which one multiplication does not ensure.
#[inline]
fn mix(word: u64) -> Hash {
    let wide = u128::from(word ^ 0x9e37_79b9_7f4a_7c15) * 0xa076_1d64_78bd_642f;
    let folded = (wide >> 64) as u64 ^ wide as u64;
    let folded = (folded ^ folded >> 32).wrapping_mul(0xe703_7ed1_a0b4_28db);
    (folded >> 32) as Hash
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list whose entries are these serial numbers with what stands for their issuers, and whether they are removals.
    /// Offsets are places, counted from 1.
    #[derive(Default)]
    struct Fake(Vec<(Vec<u8>, u64, bool)>);

    impl Fake {
        fn of(serials: impl Iterator<Item = Vec<u8>>) -> Self {
            Self(serials.map(|serial| (serial, 0, false)).collect())
        }

        fn entry(&self, entry: u32) -> &(Vec<u8>, u64, bool) {
            &self.0[entry as usize - 1]
        }

        fn index(&self) -> Index {
            let items = self
                .0
                .iter()
                .enumerate()
                .map(|(i, (serial, issuer, _))| Item {
                    offset: i as u32 + 1,
                    hash: tail_hash(serial, *issuer),
                });
            Index::build(&items.collect::<Vec<_>>(), self)
        }
    }

    impl List for Fake {
        // Offsets of up to 20 bits.
        fn bytes(&self) -> &[u8] {
            &[7; 1 << 20]
        }

        fn key(&self, entry: u32) -> (&[u8], u64) {
            let (serial, issuer, _) = self.entry(entry);
            (serial, *issuer)
        }

        fn is_same(&self, entry: u32, other: u32) -> bool {
            self.key(entry) == self.key(other)
        }

        fn is_removal(&self, entry: u32) -> bool {
            self.entry(entry).2
        }
    }

    const ENTRIES: u64 = if cfg!(miri) { 500 } else { 20_000 };

    fn octets(number: u64) -> Vec<u8> {
        number.to_be_bytes().into()
    }

    /// Every entry is found, none is asked for in vain more often than tags are alike by chance.
    fn assert_all_found(list: &Fake, index: &Index) {
        let mut looked_at = 0;
        for (i, (serial, issuer, _)) in list.0.iter().enumerate() {
            let mut candidates = index.candidates(serial, *issuer);
            let found = candidates.position(|entry| entry == i as u32 + 1);
            looked_at += found.expect("it is there") + candidates.count();
        }
        assert!(looked_at < list.0.len() / 20 + 20, "{looked_at}");
    }

    #[test]
    fn usual_numbers() {
        let spread = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let small = Fake::of((0..ENTRIES).map(|n| octets(n)[5..].to_vec()));
        let counted = Fake::of((0..ENTRIES).map(octets));
        let strided = Fake::of((0..ENTRIES).map(|n| octets(n << 20)));
        let random =
            Fake::of((0..ENTRIES).map(|n| [octets(spread(n)), octets(spread(!n))].concat()));
        let stamped =
            Fake::of((0..ENTRIES).map(|n| [octets(n), octets(spread(n / 100) << 16 | n)].concat()));
        for list in [small, counted, strided, random, stamped] {
            let index = list.index();
            assert_eq!(index.hashing, Hashing::Tail);
            assert!(index.longest < 16, "{}", index.longest);
            assert_all_found(&list, &index);
        }
    }

    #[test]
    fn few_numbers() {
        for count in 0..40 {
            let list = Fake::of((0..count).map(octets));
            let index = list.index();
            assert_all_found(&list, &index);
            assert!(index.memory_size() <= 32 * (count as usize / 5 + 1));
        }
        assert_eq!(Fake::default().index().candidates(&[1], 0).count(), 0);
    }

    #[test]
    fn numbers_that_end_alike() {
        let list = Fake::of((0..ENTRIES).map(|n| [octets(n), octets(7)].concat()));
        let index = list.index();
        assert!(matches!(index.hashing, Hashing::Polynomial(_)));
        assert!(index.longest < 16, "{}", index.longest);
        assert_all_found(&list, &index);
    }

    #[test]
    fn numbers_made_for_few_buckets() {
        let crowded = |n: &u64| tail_hash(&octets(*n), 0) >> 28 == 3;
        let list = Fake::of((0..).filter(crowded).take(ENTRIES as usize).map(octets));
        let index = list.index();
        assert!(matches!(index.hashing, Hashing::Polynomial(_)));
        assert_all_found(&list, &index);
    }

    #[test]
    fn one_number_again_and_again() {
        let mut list = Fake::of((0..ENTRIES).map(|_| octets(7)));
        for (i, (_, issuer, is_removal)) in list.0.iter_mut().enumerate() {
            *issuer = i as u64 % 3;
            *is_removal = i < 100 || *issuer == 2;
        }
        let index = list.index();
        assert!(matches!(index.hashing, Hashing::Polynomial(_)));
        for (issuer, expected) in [(0, 103), (1, 101), (2, 3)] {
            let found: Vec<_> = index.candidates(&octets(7), issuer).collect();
            assert_eq!(found, [expected]);
        }
        assert_eq!(index.candidates(&octets(7), 3).count(), 0);
    }

    #[test]
    fn a_few_repetitions_keep_their_order() {
        let list = Fake::of((0..60).map(|n| octets(n % 3)));
        let index = list.index();
        assert_eq!(index.hashing, Hashing::Tail);
        for number in 0..3 {
            let found: Vec<_> = index.candidates(&octets(number), 0).collect();
            let expected: Vec<_> = (0..20).map(|n| number as u32 + 3 * n + 1).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_search_ends_where_no_entry_can_be() {
        // One long run of full buckets, all entries where their hashes say.
        let list = Fake::of((0..ENTRIES).map(octets));
        let mut index = list.index();
        for bucket in &mut index.buckets {
            bucket.0 = [u32::MAX; SLOTS];
        }
        let all = index.candidates(&octets(1), 0);
        assert!(all.count() <= SLOTS * (index.longest as usize + 1));
    }

    #[test]
    fn the_polynomial_tells_lengths_apart() {
        let of = |serial: &[u8]| polynomial_hash(serial, 0, 12_345);
        assert_ne!(of(&[0; 7]), of(&[0; 8]));
        assert_ne!(of(&[1]), of(&[0, 1]));
        assert_ne!(of(&[1; 14]), polynomial_hash(&[1; 14], 1, 12_345));
        assert_ne!(of(&[1; 14]), polynomial_hash(&[1; 14], 0, 54_321));
    }
}
