//! Where the entries of a serial number are: an open-addressing table of offsets.
//!
//! The serial numbers stay in the list. A slot is the offset of an entry, 0 for none, and in the
//! bits that no offset of this list has, the low bits of its hash: so hardly any entry but the
//! right one is looked at. Two slots of five are taken, and what finds its own taken goes to the
//! next, so that entries of one hash stand in the order of the list. The hash is a cheap one, which
//! suffices for numbers that count up and for random ones alike.
//!
//! A list may be made by somebody who knows the hash. Placing an entry may take [`MOST_STEPS`], and
//! all of them together one for each entry; a list that needs more is indexed again, *with care*:
//! by a polynomial over all octets at a point that the process draws, so that nobody can choose
//! numbers to suit it, and each certificate once only, so that no number is repeated. That costs
//! some time for each entry, and look-ups stay short.

use alloc::boxed::Box;
use alloc::vec;
use core::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

use super::issuers::OWN;
use crate::narrow;

/// Most taken slots that an entry may pass. Of four million random ones hardly any passes fifty.
const MOST_STEPS: usize = 128;

/// An entry to be placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) offset: u32,
    pub(super) hash: Hash,
}

/// A hash: its upper bits choose the slot, its lower ones stand in it.
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

/// The table.
#[derive(Debug)]
pub(super) struct Index {
    slots: Box<[u32]>,
    /// How many bits of a slot are the offset.
    offset_bits: u32,
    /// Most slots that any entry passed: a search goes no further.
    longest: u32,
    hashing: Hashing,
}

impl Index {
    pub(super) fn build(items: &[Item], list: &impl List) -> Self {
        let mut index = Self::empty(items.len(), list.bytes().len(), Hashing::Fast);
        if index.place_all(items) {
            return index;
        }
        let hashing = Hashing::Polynomial(point(items.len()));
        let mut index = Self::empty(items.len(), list.bytes().len(), hashing);
        for item in items {
            index.place_with_care(item.offset, list);
        }
        index
    }

    /// The offsets of all entries that may be of this certificate, in the order of the list.
    pub(super) fn candidates(&self, serial: &[u8], issuer: u64) -> Candidates<'_> {
        self.with_hash(self.hashing.of(serial, issuer))
    }

    /// The first of [`Index::candidates`] of a serial number, in a list that did not need care and
    /// speaks of one issuer only.
    #[inline(always)]
    pub(super) fn first_candidate(&self, serial: &[u8]) -> Option<u32> {
        let hash = fast_hash(serial, OWN);
        let slot = *self.slots.get(self.place(hash))?;
        let offset = slot ^ self.slot(0, hash);
        if slot != 0 && offset <= self.offset_mask() {
            return Some(offset);
        }
        self.with_hash(hash).next()
    }

    /// Did the list need care?
    pub(super) fn took_care(&self) -> bool {
        self.hashing != Hashing::Fast
    }

    #[inline(always)]
    fn with_hash(&self, hash: Hash) -> Candidates<'_> {
        Candidates {
            index: self,
            place: self.place(hash),
            wanted: self.slot(0, hash),
            left: self.longest + 1,
        }
    }

    pub(super) fn memory_size(&self) -> usize {
        size_of_val(&*self.slots)
    }

    /// For this many entries of a list of this many bytes.
    fn empty(entries: usize, bytes: usize, hashing: Hashing) -> Self {
        Self {
            slots: vec![0; (entries * 5).div_ceil(2)].into(),
            offset_bits: (usize::BITS - bytes.leading_zeros()).min(31),
            longest: 0,
            hashing,
        }
    }

    /// False when it would take too long.
    fn place_all(&mut self, items: &[Item]) -> bool {
        // A short list may repeat itself.
        let mut left = items.len() + 16 * MOST_STEPS;
        for item in items {
            let new = self.slot(item.offset, item.hash);
            let mut place = self.place(item.hash);
            let mut steps = 0;
            while let Some(&taken) = self.slots.get(place)
                && taken != 0
            {
                place = self.next(place);
                steps += 1;
                if steps > MOST_STEPS.min(left) {
                    return false;
                }
            }
            if let Some(slot) = self.slots.get_mut(place) {
                *slot = new;
            }
            left -= steps;
            self.longest = self.longest.max(narrow::bounded(steps));
        }
        true
    }

    /// Of several entries for one certificate the table gets the first that does not undo a
    /// revocation, or else the first.
    fn place_with_care(&mut self, entry: u32, list: &impl List) {
        let (serial, issuer) = list.key(entry);
        let hash = self.hashing.of(serial, issuer);
        let new = self.slot(entry, hash);
        let offset = self.offset_mask();
        let is_same = |slot: u32| (slot ^ new) & !offset == 0 && list.is_same(slot & offset, entry);
        let mut place = self.place(hash);
        // There are more slots than entries.
        for steps in 0..narrow::bounded(self.slots.len()) {
            let next = self.next(place);
            let Some(slot) = self.slots.get_mut(place) else {
                return;
            };
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
            place = next;
        }
    }

    /// The slot of a hash: the hash as a fraction of the table.
    #[inline(always)]
    fn place(&self, hash: Hash) -> usize {
        ((u64::from(hash) * self.slots.len() as u64) >> 32) as usize
    }

    #[inline(always)]
    fn next(&self, place: usize) -> usize {
        let next = place + 1;
        if next == self.slots.len() { 0 } else { next }
    }

    #[inline(always)]
    fn offset_mask(&self) -> u32 {
        (1 << self.offset_bits) - 1
    }

    #[inline(always)]
    fn slot(&self, offset: u32, hash: Hash) -> u32 {
        hash << self.offset_bits | offset
    }
}

/// Offsets of entries to look at, made by [`Index::candidates`].
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    index: &'a Index,
    place: usize,
    wanted: u32,
    /// Slots that are left.
    left: u32,
}

impl Iterator for Candidates<'_> {
    type Item = u32;

    #[inline(always)]
    fn next(&mut self) -> Option<u32> {
        while self.left != 0 {
            let slot = *self.index.slots.get(self.place)?;
            if slot == 0 {
                return None;
            }
            self.left -= 1;
            self.place = self.index.next(self.place);
            let offset = slot ^ self.wanted;
            if offset <= self.index.offset_mask() {
                return Some(offset);
            }
        }
        None
    }
}

/// How serial numbers are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hashing {
    /// By a few multiplications.
    Fast,
    /// By all octets, as a polynomial at this point.
    Polynomial(u64),
}

impl Hashing {
    #[inline]
    fn of(self, serial: &[u8], issuer: u64) -> Hash {
        match self {
            Self::Fast => fast_hash(serial, issuer),
            Self::Polynomial(point) => polynomial_hash(serial, issuer, point),
        }
    }
}

/// A hash of both ends of a serial number, and of what stands for its issuer.
#[inline(always)]
pub(super) fn fast_hash(serial: &[u8], issuer: u64) -> Hash {
    let (Some(first), Some(last)) = (serial.first_chunk(), serial.last_chunk()) else {
        return mix(short(serial) ^ issuer);
    };
    let [first, last] = [first, last].map(|octets| u64::from_be_bytes(*octets));
    mix(first.rotate_left(29) ^ last ^ issuer)
}

/// Fewer than eight octets as a number.
#[inline(never)]
fn short(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |word, &b| word << 8 | u64::from(b))
}

/// A Mersenne prime.
const PRIME: u64 = (1 << 61) - 1;

/// A point below [`PRIME`] that nobody knows in advance: that of this process for such a number of
/// entries.
fn point(entries: usize) -> u64 {
    DefaultHashBuilder::default().hash_one(entries) % PRIME
}

/// What is left of a number below 2^123 by [`PRIME`]: its digits to the base of 2^61 add up,
/// without a division.
fn remainder(number: u128) -> u64 {
    let once = (low(number) & PRIME) + low(number >> 61);
    let twice = (once & PRIME) + (once >> 61);
    if twice >= PRIME { twice - PRIME } else { twice }
}

/// The lower half.
#[inline(always)]
const fn low(wide: u128) -> u64 {
    (wide & 0xffff_ffff_ffff_ffff) as u64
}

/// Two numbers of at most 20 octets have the same value at no more than five points of 2^61.
#[inline(never)]
fn polynomial_hash(serial: &[u8], issuer: u64, point: u64) -> Hash {
    // The length tells a last part that is shorter than the others from one with zeros.
    let start = (issuer % PRIME) ^ serial.len() as u64;
    let step =
        |value: u64, part: u64| remainder(u128::from(value) * u128::from(point) + u128::from(part));
    let (parts, last) = serial.as_chunks::<7>();
    let value = parts.iter().fold(start, |value, &[a, b, c, d, e, f, g]| {
        step(value, u64::from_be_bytes([0, a, b, c, d, e, f, g]))
    });
    let value = match last {
        [] => value,
        last => step(value, short(last)),
    };
    mix(value.wrapping_mul(point | 1))
}

/// Spreads every bit over all others: numbers in steps of any size must not crowd, which one
/// multiplication does not ensure.
#[inline]
fn mix(word: u64) -> Hash {
    let wide = u128::from(word ^ 0x9e37_79b9_7f4a_7c15) * 0xa076_1d64_78bd_642f;
    let folded = low(wide >> 64) ^ low(wide);
    let folded = (folded ^ folded >> 32).wrapping_mul(0xe703_7ed1_a0b4_28db);
    (folded >> 32) as Hash
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// A list whose entries are these serial numbers with what stands for their issuers, and
    /// whether they are removals. Offsets are places, counted from 1.
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
                    hash: fast_hash(serial, *issuer),
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
    fn remainders_are_those_of_a_division() {
        let prime = u128::from(PRIME);
        let largest = (1u128 << 123) - 1;
        let mut number = 1u128;
        for step in 0..10_000u128 {
            number = number
                .wrapping_mul(0x2545_f491_4f6c_dd1d_8a5c_d789_635d_2dff)
                .wrapping_add(step);
            let number = number & largest;
            assert_eq!(u128::from(remainder(number)), number % prime);
        }
        for number in [0, 1, prime - 1, prime, prime + 1, prime * prime, largest] {
            assert_eq!(u128::from(remainder(number)), number % prime);
        }
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
            assert_eq!(index.hashing, Hashing::Fast);
            assert!(index.longest < 48, "{}", index.longest);
            assert_all_found(&list, &index);
        }
    }

    #[test]
    fn few_numbers() {
        for count in 0..40 {
            let list = Fake::of((0..count).map(octets));
            let index = list.index();
            assert_all_found(&list, &index);
            assert!(index.memory_size() <= 10 * count as usize + 4);
        }
        assert_eq!(Fake::default().index().candidates(&[1], 0).count(), 0);
    }

    /// R21: they are no burden.
    #[test]
    fn numbers_that_end_alike() {
        let list = Fake::of((0..ENTRIES).map(|n| [octets(n), octets(7)].concat()));
        let index = list.index();
        assert_eq!(index.hashing, Hashing::Fast);
        assert!(index.longest < 48, "{}", index.longest);
        assert_all_found(&list, &index);
    }

    #[test]
    fn numbers_made_for_few_places() {
        let crowded = |n: &u64| fast_hash(&octets(*n), 0) >> 28 == 3;
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
        let list = Fake::of((0..30).map(|n| octets(n % 3)));
        let index = list.index();
        assert_eq!(index.hashing, Hashing::Fast);
        for number in 0..3 {
            let found: Vec<_> = index.candidates(&octets(number), 0).collect();
            let expected: Vec<_> = (0..10).map(|n| number as u32 + 3 * n + 1).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_search_ends_where_no_entry_can_be() {
        // One long run of taken slots, all entries where their hashes say.
        let list = Fake::of((0..ENTRIES).map(octets));
        let mut index = list.index();
        index.slots.fill(index.slot(1, fast_hash(&octets(1), 0)));
        let all = index.candidates(&octets(1), 0);
        assert_eq!(all.count(), index.longest as usize + 1);
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
