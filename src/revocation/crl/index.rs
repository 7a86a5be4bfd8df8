//! Where the entries of a serial number are: a hash table of offsets, in buckets of a cache line.
//!
//! The serial numbers stay in the list. A slot is the offset of an entry, 0 for none, and in the bits that no offset of this
//! list has, the low bits of its hash: so hardly any entry but the right one is looked at, and all slots of a bucket are
//! compared in a few instructions without a branch. A bucket has ten entries on average; what finds it full goes to the next,
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
const SLOTS: usize = 16;

/// Entries of a bucket, on average.
const LOAD: usize = 10;

/// Most full buckets that an entry may pass. Of a million random ones hardly any passes four.
const MOST_STEPS: usize = 32;

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
#[repr(align(64))]
struct Bucket([u32; SLOTS]);

impl Bucket {
    /// One bit for each slot with the upper bits of `wanted`. Empty ones may be among them.
    #[inline]
    fn matching(&self, wanted: u32, offset_bits: u32) -> u32 {
        let slots = self.0.iter().enumerate();
        slots.fold(0, |found, (i, slot)| {
            found | u32::from((slot ^ wanted) >> offset_bits == 0) << i
        })
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
    #[inline]
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

    #[inline]
    fn next(&mut self) -> Option<u32> {
        loop {
            let slots = self.index.buckets.get(self.bucket)?;
            if self.found != 0 {
                let slot = *slots.0.get(self.found.trailing_zeros() as usize)?;
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

/// Spreads every bit over all others.
#[inline]
fn mix(word: u64) -> Hash {
    let wide = u128::from(word ^ 0x9e37_79b9_7f4a_7c15) * 0xa076_1d64_78bd_642f;
    (((wide >> 64) as u64 ^ wide as u64) >> 16) as Hash
}
