//! A memo of bounded size that threads may share.
//!
//! It compares whole keys and whole documents: a hash only finds the candidate, so no collision can
//! make a signature hold. When it is full, the clock algorithm makes room: a hand goes round the
//! slots, spares those that were used since it last came by, and takes the first that was not. A
//! look-up costs one short hash and one comparison; an insertion O(1) amortised, and at most one
//! turn of the hand.
//!
//! A memo of a handful of facts compares them one by one and hashes nothing; an empty one takes no
//! lock either. Beyond that a hash leads to the fact. It is seeded and runs over the key and the
//! end of the signature: as good as random for facts that hold, and a fraction of the document's
//! length. A fact takes the place of another one with its hash, so that a look-up compares no more
//! than a handful. Only the owner of a key can make certificates that end alike under this key, and
//! only at the expense of its own facts.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{BuildHasher, Hasher};
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Document, Fact, Recalled, SignatureMemo};
use crate::certificate::Certificate;
use crate::crypto::provider::PreparedKey;
use crate::narrow;

/// Entries by default: a certificate has some 1,000 octets and a key some hundreds, so a full memo
/// keeps about 2 MB, and whatever it is told at most 16 MiB and the keys.
const DEFAULT_ENTRIES: usize = 1024;

/// Longer facts are not kept, so that the bound on entries is a bound on memory.
const MAX_FACT_LEN: usize = 16 * 1024;

/// How much of a signature is hashed: a P-256 one, or as good as random bytes of a longer one.
const HASHED_LEN: usize = 72;

/// A memo of bounded size that threads may share.
pub struct BoundedMemo {
    /// False for an empty memo, which is asked nothing. It may lag behind: a memo may forget.
    filled: AtomicBool,
    slots: Mutex<Slots>,
}

impl Default for BoundedMemo {
    /// Keeps 1,024 facts.
    fn default() -> Self {
        Self::with_capacity(DEFAULT_ENTRIES)
    }
}

impl BoundedMemo {
    /// Keeps at most `entries` facts; with 0 it remembers nothing.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self {
            filled: AtomicBool::new(false),
            slots: Mutex::new(Slots {
                // Slots are numbered with 32 bits.
                capacity: entries.min(u32::MAX as usize),
                ..Slots::default()
            }),
        }
    }

    /// How many facts it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().slots.len()
    }

    /// True when it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything, and keeps the memory for what comes.
    pub fn clear(&self) {
        let mut slots = self.lock();
        self.filled.store(false, Ordering::Relaxed);
        slots.table.clear();
        slots.slots.clear();
        slots.hand = 0;
    }

    /// A thread that panicked elsewhere while it held the lock left a consistent state, or at worst
    /// a table that misses facts: each one found is compared in full.
    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SignatureMemo for BoundedMemo {
    fn recall(&self, fact: &Fact<'_>) -> Option<Recalled> {
        if !self.filled.load(Ordering::Relaxed) {
            return None;
        }
        self.lock().find(fact)
    }

    fn remember(&self, fact: &Fact<'_>, key: Option<&Arc<dyn PreparedKey>>) {
        if fact_len(fact) > MAX_FACT_LEN {
            return;
        }
        let mut slots = self.lock();
        slots.insert(fact, key);
        self.filled.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for BoundedMemo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slots = self.lock();
        f.debug_struct("BoundedMemo")
            .field("entries", &slots.slots.len())
            .field("capacity", &slots.capacity)
            .finish()
    }
}

/// The last octets of a signature.
fn tail(bytes: &[u8]) -> &[u8] {
    bytes
        .get(bytes.len().saturating_sub(HASHED_LEN)..)
        .unwrap_or_default()
}

fn fact_len(fact: &Fact<'_>) -> usize {
    fact.document.as_der().len() + fact.spki.len() + fact.inherited.map_or(0, <[u8]>::len)
}

/// A document, kept.
enum Kept {
    Certificate(Certificate),
    Response { der: Box<[u8]>, tail: Box<[u8]> },
}

impl Kept {
    #[inline]
    fn new(document: &Document<'_>) -> Self {
        match *document {
            Document::Certificate(certificate) => Self::Certificate(certificate.clone()),
            Document::Response { der, signature } => Self::Response {
                der: der.into(),
                tail: tail(signature).into(),
            },
        }
    }

    fn is(&self, document: &Document<'_>) -> bool {
        match (self, document) {
            (Self::Certificate(kept), Document::Certificate(sought)) => kept == *sought,
            (Self::Response { der: kept, .. }, Document::Response { der, .. }) => **kept == **der,
            _ => false,
        }
    }

    fn tail(&self) -> &[u8] {
        match self {
            Self::Certificate(certificate) => tail(certificate.signature()),
            Self::Response { tail, .. } => tail,
        }
    }
}

struct Slot {
    /// Of a slot that the table has.
    hash: u64,
    /// Seen since the hand last came by.
    used: bool,
    spki: Box<[u8]>,
    inherited: Option<Box<[u8]>>,
    document: Kept,
    /// The certificate's.
    key: Option<Arc<dyn PreparedKey>>,
}

impl Slot {
    #[inline]
    fn new(fact: &Fact<'_>, key: Option<&Arc<dyn PreparedKey>>) -> Self {
        Self {
            hash: 0,
            used: false,
            spki: fact.spki.into(),
            inherited: fact.inherited.map(Into::into),
            document: Kept::new(&fact.document),
            key: key.cloned(),
        }
    }

    /// Takes a key that it has not been told yet.
    fn complete(&mut self, key: Option<&Arc<dyn PreparedKey>>) {
        if self.key.is_none() {
            self.key = key.cloned();
        }
    }

    fn holds(&self, fact: &Fact<'_>) -> bool {
        *self.spki == *fact.spki
            && self.inherited.as_deref() == fact.inherited
            && self.document.is(&fact.document)
    }
}

/// Most facts that are looked for one by one.
const FEW: usize = 4;

/// Slots that stay where they are, and a table from hashes to their numbers, once there are more
/// than a few.
#[derive(Default)]
struct Slots {
    hasher: DefaultHashBuilder,
    capacity: usize,
    slots: Vec<Slot>,
    table: HashTable<u32>,
    hand: usize,
}

impl Slots {
    /// The hash of a key and the end of a signature.
    fn hash(hasher: &DefaultHashBuilder, spki: &[u8], tail: &[u8]) -> u64 {
        let mut hasher = hasher.build_hasher();
        hasher.write(spki);
        hasher.write(tail);
        hasher.finish()
    }

    fn hash_of(&self, fact: &Fact<'_>) -> u64 {
        Self::hash(&self.hasher, fact.spki, tail(fact.document.signature()))
    }

    /// A slot with this hash that is like this.
    fn slot(&mut self, hash: u64, like: impl Fn(&Slot) -> bool) -> Option<&mut Slot> {
        let Self { slots, table, .. } = self;
        let found = |&number: &u32| {
            let slot = slots.get(number as usize);
            slot.is_some_and(|slot| slot.hash == hash && like(slot))
        };
        let number = *table.find(hash, found)?;
        slots.get_mut(number as usize)
    }

    fn find(&mut self, fact: &Fact<'_>) -> Option<Recalled> {
        let slot = if self.slots.len() <= FEW {
            self.slots.iter_mut().find(|slot| slot.holds(fact))
        } else {
            let hash = self.hash_of(fact);
            self.slot(hash, |slot| slot.holds(fact))
        };
        let slot = slot?;
        slot.used = true;
        Some(Recalled {
            key: slot.key.clone(),
        })
    }

    fn insert(&mut self, fact: &Fact<'_>, key: Option<&Arc<dyn PreparedKey>>) {
        if self.slots.len() <= FEW {
            if let Some(slot) = self.slots.iter_mut().find(|slot| slot.holds(fact)) {
                return slot.complete(key);
            }
        } else {
            let hash = self.hash_of(fact);
            if let Some(slot) = self.slot(hash, |slot| slot.holds(fact)) {
                return slot.complete(key);
            }
            if let Some(slot) = self.slot(hash, |_| true) {
                *slot = Slot::new(fact, key);
                slot.hash = hash;
                return;
            }
        }
        let number = if self.slots.len() < self.capacity {
            self.slots.push(Slot::new(fact, key));
            self.slots.len() - 1
        } else {
            let number = self.make_room();
            let Some(slot) = self.slots.get_mut(number) else {
                return; // the capacity is 0
            };
            *slot = Slot::new(fact, key);
            number
        };
        if self.slots.len() > FEW {
            self.index(number);
        }
    }

    /// Puts a slot into the table: the first time, all of them.
    fn index(&mut self, number: usize) {
        let numbers = if self.table.is_empty() {
            0..self.slots.len()
        } else {
            number..number + 1
        };
        let Self {
            hasher,
            slots,
            table,
            ..
        } = self;
        for number in numbers {
            let Some(slot) = slots.get_mut(number) else {
                return;
            };
            let hash = Self::hash(hasher, &slot.spki, slot.document.tail());
            slot.hash = hash;
            let hash_of = |n: &u32| slots.get(*n as usize).map_or(0, |slot| slot.hash);
            table.insert_unique(hash, narrow::bounded(number), hash_of);
        }
    }

    /// Takes the first slot that was not used since the hand last came by out of the table.
    fn make_room(&mut self) -> usize {
        // One turn clears every mark, so the loop ends there at the latest.
        while let Some(slot) = self.slots.get_mut(self.hand) {
            if !slot.used {
                break;
            }
            slot.used = false;
            self.advance();
        }
        let number = self.hand;
        let hash = self.slots.get(number).map_or(0, |slot| slot.hash);
        if let Ok(entry) = self
            .table
            .find_entry(hash, |&other| other as usize == number)
        {
            entry.remove();
        }
        self.advance();
        number
    }

    fn advance(&mut self) {
        self.hand = match self.hand + 1 {
            next if next < self.slots.len() => next,
            _ => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use std::collections::HashSet;
    use std::thread;

    use proptest::prelude::*;

    use super::*;
    use crate::certificate::AlgorithmIdentifier;
    use crate::certificate::testing::{Parts, tlv};
    use crate::crypto::SignatureError;

    fn certificate(number: u32) -> Certificate {
        signed(number, &[&[0; 64][..], &number.to_be_bytes()].concat())
    }

    fn signed(serial: u32, signature: &[u8]) -> Certificate {
        let serial = serial.to_be_bytes();
        let parts = Parts {
            serial: tlv(0x02, &[&[1][..], &serial].concat()),
            signature: tlv(0x03, &[&[0][..], signature].concat()),
            ..Parts::default()
        };
        Certificate::from_der(&parts.der()).unwrap()
    }

    fn fact<'a>(spki: &'a [u8], certificate: &'a Certificate) -> Fact<'a> {
        Fact {
            spki,
            inherited: None,
            document: Document::Certificate(certificate),
        }
    }

    fn knows(memo: &BoundedMemo, fact: &Fact<'_>) -> bool {
        memo.recall(fact).is_some()
    }

    struct Key;

    impl PreparedKey for Key {
        fn verify(
            &self,
            _: &AlgorithmIdentifier<'_>,
            _: &[u8],
            _: &[u8],
        ) -> Result<(), SignatureError> {
            Err(SignatureError::Invalid)
        }
    }

    #[test]
    fn places_fit_into_32_bits() {
        let memo = BoundedMemo::with_capacity(usize::MAX);
        assert_eq!(memo.lock().capacity, u32::MAX as usize);
    }

    /// Few and many facts are found in different ways.
    #[test]
    fn a_key_comes_back_with_its_fact() {
        for others in [0, 100] {
            let memo = BoundedMemo::default();
            for number in 0..others {
                memo.remember(&fact(b"key", &certificate(number)), None);
            }
            let (certificate, key) = (certificate(1000), Arc::new(Key) as Arc<_>);
            let fact = fact(b"key", &certificate);
            memo.remember(&fact, None);
            assert!(memo.recall(&fact).unwrap().key.is_none());
            memo.remember(&fact, Some(&key));
            let recalled = memo.recall(&fact).unwrap().key.unwrap();
            assert!(Arc::ptr_eq(&recalled, &key));
            memo.remember(&fact, Some(&(Arc::new(Key) as Arc<_>)));
            let recalled = memo.recall(&fact).unwrap().key.unwrap();
            assert!(Arc::ptr_eq(&recalled, &key), "the first one stays");
            assert_eq!(memo.len(), others as usize + 1);
        }
    }

    #[test]
    fn responses_are_told_from_each_other() {
        let memo = BoundedMemo::default();
        let about = |der| Fact {
            spki: b"key",
            inherited: None,
            document: Document::Response {
                der,
                signature: b"signature",
            },
        };
        let certificate = certificate(1);
        memo.remember(&about(b"one"), None);
        memo.remember(&fact(b"key", &certificate), None);
        assert!(knows(&memo, &about(b"one")) && !knows(&memo, &about(b"two")));
        assert!(!knows(&memo, &about(certificate.as_der())));
    }

    #[test]
    fn a_fact_is_all_of_its_parts() {
        let memo = BoundedMemo::default();
        let (one, other) = (certificate(1), certificate(2));
        memo.remember(&fact(b"key", &one), None);
        assert!(knows(&memo, &fact(b"key", &one)));
        assert!(knows(&memo, &fact(b"key", &certificate(1))));
        assert!(!knows(&memo, &fact(b"key", &other)));
        assert!(!knows(&memo, &fact(b"kez", &one)));
        for inherited in [&b""[..], b"parameters"] {
            let inheriting = Fact {
                inherited: Some(inherited),
                ..fact(b"key", &one)
            };
            assert!(!knows(&memo, &inheriting));
        }
    }

    /// What is not hashed is compared, and facts with one hash take few places.
    #[test]
    fn equal_ends_are_told_apart() {
        let memo = BoundedMemo::default();
        let with = |serial| signed(serial, &[7; HASHED_LEN]);
        for first in 0..100 {
            let certificate = with(first);
            assert!(!knows(&memo, &fact(b"key", &certificate)));
            memo.remember(&fact(b"key", &certificate), None);
            assert!(knows(&memo, &fact(b"key", &certificate)));
            assert!(memo.len() <= FEW + 1);
        }
        memo.remember(&fact(b"another key", &with(0)), None);
        assert!(knows(&memo, &fact(b"key", &with(99))));
        assert!(knows(&memo, &fact(b"another key", &with(0))));
        assert!(!knows(&memo, &fact(b"a third key", &with(0))));
    }

    #[test]
    fn the_bound_holds_and_what_is_used_stays() {
        let memo = BoundedMemo::with_capacity(8);
        let kept = certificate(u32::MAX);
        memo.remember(&fact(b"key", &kept), None);
        for number in 0..1000 {
            memo.remember(&fact(b"key", &certificate(number)), None);
            assert!(knows(&memo, &fact(b"key", &kept)), "{number}");
            assert!(memo.len() <= 8);
        }
        assert_eq!(memo.lock().table.len(), 8);
        let last = (900..1000).filter(|&n| knows(&memo, &fact(b"key", &certificate(n))));
        assert!(last.eq(993..1000));
    }

    #[test]
    fn repeating_a_fact_takes_no_room() {
        let memo = BoundedMemo::with_capacity(2);
        memo.remember(&fact(b"key", &certificate(1)), None);
        memo.remember(&fact(b"key", &certificate(1)), None);
        assert_eq!(memo.len(), 1);
        memo.clear();
        assert!(memo.is_empty());
        assert!(!knows(&memo, &fact(b"key", &certificate(1))));
        memo.remember(&fact(b"key", &certificate(1)), None);
        assert_eq!(memo.len(), 1);
    }

    #[test]
    fn nothing_or_too_much() {
        let none = BoundedMemo::with_capacity(0);
        none.remember(&fact(b"key", &certificate(1)), None);
        assert!(!knows(&none, &fact(b"key", &certificate(1))));
        let memo = BoundedMemo::default();
        let huge = signed(1, &[7; MAX_FACT_LEN]);
        memo.remember(&fact(b"key", &huge), None);
        assert!(memo.is_empty());
    }

    #[test]
    fn survives_a_poisoned_lock() {
        let memo = Arc::new(BoundedMemo::default());
        memo.remember(&fact(b"key", &certificate(1)), None);
        let other = Arc::clone(&memo);
        let outcome = thread::spawn(move || {
            let _guard = other.slots.lock();
            panic!("on purpose");
        })
        .join();
        assert!(outcome.is_err() && memo.slots.is_poisoned());
        assert!(knows(&memo, &fact(b"key", &certificate(1))));
        memo.remember(&fact(b"key", &certificate(2)), None);
        assert_eq!(
            format!("{memo:?}"),
            "BoundedMemo { entries: 2, capacity: 1024 }"
        );
    }

    proptest! {
        #[test]
        fn knows_only_what_it_was_told(
            capacity in 0usize..9,
            steps in proptest::collection::vec((any::<bool>(), 0u32..16), 0..200),
        ) {
            let memo = BoundedMemo::with_capacity(capacity);
            let mut told = HashSet::new();
            for (remember, number) in steps {
                let certificate = certificate(number);
                let fact = fact(b"key", &certificate);
                if remember {
                    memo.remember(&fact, None);
                    told.insert(number);
                    prop_assert_eq!(knows(&memo, &fact), capacity > 0);
                } else {
                    prop_assert!(!knows(&memo, &fact) || told.contains(&number));
                }
                prop_assert!(memo.len() <= capacity);
                let indexed = if memo.len() > FEW { memo.len() } else { 0 };
                prop_assert_eq!(memo.lock().table.len(), indexed);
            }
        }
    }
}
