//! Where the entries of a serial number are: an open-addressing table of offsets.
//!
//! A slot is the offset of an entry, 0 for none; the serial numbers stay in the list. At most five slots of eight are taken, and
//! collisions go to the next slot, so that entries with one hash stand in the order of the list. The hash is a cheap one of
//! the last eight octets, which suffices for numbers that count up and for random ones alike.
//!
//! A list may be made by somebody who knows the hash. Placing an entry may take [`MOST_STEPS`] and all of them together
//! [`MOST_STEPS_PER_ENTRY`] each; a list that needs more is indexed again, *with care*: by a polynomial over all octets, whose
//! point follows from the digest of the list itself, so that nobody can choose numbers to suit it, and
//! each certificate once only, so that no number is repeated. That costs the digest and some time for each entry, and
//! lookups stay short.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

/// Most slots that an entry may pass. At this load the longest way among four million random ones is below 200.
const MOST_STEPS: usize = 512;

/// Most slots that entries may pass, on average; random ones pass one.
const MOST_STEPS_PER_ENTRY: usize = 4;

/// An entry to be placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) offset: u32,
    /// The upper half of its hash.
    pub(super) hash: u32,
}

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
    /// Most slots that any entry passed: a search goes no further.
    longest: u32,
    hash: Hash,
}

impl Index {
    pub(super) fn build(items: &[Item], list: &impl List) -> Self {
        let mut index = Self::empty(items.len(), Hash::Tail);
        if index.place_all(items) {
            return index;
        }
        let point = Hash::point(list.bytes());
        Self::with_care(items.iter().map(|item| item.offset), list, point)
    }

    /// The offsets of all entries that may be of this certificate, in the order of the list.
    pub(super) fn candidates(&self, serial: &[u8], issuer: u64) -> impl Iterator<Item = u32> {
        let mut place = self.place(self.hash.of(serial, issuer));
        (0..=self.longest).map_while(move |_| {
            let offset = *self.slots.get(place)?;
            place = self.next(place);
            (offset != 0).then_some(offset)
        })
    }

    pub(super) fn memory_size(&self) -> usize {
        size_of_val(&*self.slots)
    }

    fn empty(entries: usize, hash: Hash) -> Self {
        let slots = match entries {
            0 => Vec::new(),
            _ => vec![0; entries / 5 * 8 + 8],
        };
        Self {
            slots: slots.into(),
            longest: 0,
            hash,
        }
    }

    /// False when it would take too long.
    fn place_all(&mut self, items: &[Item]) -> bool {
        let mut left = (items.len() + MOST_STEPS) * MOST_STEPS_PER_ENTRY;
        for item in items {
            let mut place = self.place(item.hash);
            let mut steps = 0;
            loop {
                let next = self.next(place);
                let Some(slot) = self.slots.get_mut(place) else {
                    return false;
                };
                if *slot == 0 {
                    *slot = item.offset;
                    break;
                }
                place = next;
                steps += 1;
            }
            if steps > left.min(MOST_STEPS) {
                return false;
            }
            left -= steps;
            self.longest = self.longest.max(steps as u32);
        }
        true
    }

    /// Of several entries for one certificate the table gets the first that does not undo a revocation, or else the first.
    fn with_care(
        entries: impl ExactSizeIterator<Item = u32>,
        list: &impl List,
        point: u64,
    ) -> Self {
        let mut index = Self::empty(entries.len(), Hash::Polynomial(point));
        for entry in entries {
            let (serial, issuer) = list.key(entry);
            let mut place = index.place(index.hash.of(serial, issuer));
            for steps in 0.. {
                let next = index.next(place);
                let Some(slot) = index.slots.get_mut(place) else {
                    break;
                };
                if *slot == 0 {
                    *slot = entry;
                    index.longest = index.longest.max(steps);
                    break;
                }
                if list.is_same(*slot, entry) {
                    if list.is_removal(*slot) && !list.is_removal(entry) {
                        *slot = entry;
                    }
                    break;
                }
                place = next;
            }
        }
        index
    }

    /// The slot of a hash: the hash as a fraction of the table.
    #[inline]
    fn place(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.slots.len() as u64) >> 32) as usize
    }

    #[inline]
    fn next(&self, place: usize) -> usize {
        let next = place + 1;
        if next == self.slots.len() { 0 } else { next }
    }
}

/// How serial numbers are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    /// By the last eight octets.
    Tail,
    /// By all octets, as a polynomial at this point.
    Polynomial(u64),
}

impl Hash {
    /// A point below 2^61 - 1 that follows from all of these bytes.
    fn point(bytes: &[u8]) -> u64 {
        let digest = Sha256::digest(bytes);
        let first = digest.first_chunk().copied().unwrap_or_default();
        u64::from_le_bytes(first) % PRIME
    }

    #[inline]
    fn of(self, serial: &[u8], issuer: u64) -> u32 {
        match self {
            Self::Tail => tail_hash(serial, issuer),
            Self::Polynomial(point) => polynomial_hash(serial, issuer, point),
        }
    }
}

/// A hash of the last eight octets of a serial number, and of what stands for its issuer.
#[inline]
pub(super) fn tail_hash(serial: &[u8], issuer: u64) -> u32 {
    let tail = match serial.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => serial.iter().fold(0, |tail, &b| tail << 8 | u64::from(b)),
    };
    mix(tail ^ issuer)
}

/// A Mersenne prime.
const PRIME: u64 = (1 << 61) - 1;

/// Two numbers of at most 20 octets have the same value at no more than five points of 2^61.
#[inline(never)]
fn polynomial_hash(serial: &[u8], issuer: u64, point: u64) -> u32 {
    // A last part shorter than others is told from one with zeros by the length.
    let start = (issuer % PRIME) ^ serial.len() as u64;
    let value = serial.chunks(7).fold(start, |value, part| {
        let part = part.iter().fold(0, |word, &b| word << 8 | u64::from(b));
        let product = u128::from(value) * u128::from(point) + u128::from(part);
        (product % u128::from(PRIME)) as u64
    });
    mix(value.wrapping_mul(point | 1))
}

/// The upper half of what spreads every bit over all others.
#[inline]
fn mix(word: u64) -> u32 {
    let wide = u128::from(word ^ 0x9e37_79b9_7f4a_7c15) * 0xa076_1d64_78bd_642f;
    (((wide >> 64) as u64 ^ wide as u64) >> 32) as u32
}
