//! A memo of signatures that held.
//!
//! That a key signed certain bytes stays true for ever, so it need not be computed twice: a new leaf under a known
//! issuer costs one signature. Only successes are kept; a failure costs its finder the computation again, and nobody
//! can fill the memo without signatures that hold.
//!
//! [`BoundedMemo`] compares whole keys and whole certificates: a hash only finds the candidate, so no collision can
//! make a signature hold. When it is full, the clock algorithm makes room: a hand goes round the slots, spares those
//! that were used since it last came by, and takes the first that was not. A look-up costs one short hash and one
//! comparison; an insertion O(1) amortised, and at most one turn of the hand.
//!
//! The hash is seeded and runs over the key and the end of the certificate, which is its signature: as good as random
//! for facts that hold, and a fraction of the certificate's length. Of facts with one hash only the last is kept, so
//! that a look-up never compares twice. Only the owner of a key can make certificates that end alike under this key, and
//! only at the expense of its own facts.

use alloc::sync::Arc;
use core::fmt;

/// "This key, with these inherited parameters, signed this certificate."
///
/// The certificate is the whole of it: to-be-signed bytes, algorithm and signature.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// The issuer's SubjectPublicKeyInfo.
    pub spki: &'a [u8],
    /// The parameters that the issuer's key inherited, if it needed any.
    pub inherited: Option<&'a [u8]>,
    /// The certificate that was signed.
    pub certificate: &'a Arc<[u8]>,
}

/// Remembers signatures that held.
///
/// An implementation may forget at any time. It must never claim a fact that it was not told.
pub trait SignatureMemo: Send + Sync + fmt::Debug {
    /// True when this very fact was remembered.
    fn contains(&self, fact: &Fact<'_>) -> bool;

    /// Takes note that this signature held. To be called after a verification that succeeded, and only then.
    fn remember(&self, fact: &Fact<'_>);
}

/// Remembers nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoMemo;

impl SignatureMemo for NoMemo {
    fn contains(&self, _: &Fact<'_>) -> bool {
        false
    }

    fn remember(&self, _: &Fact<'_>) {}
}

#[cfg(feature = "std")]
pub use bounded::BoundedMemo;

#[cfg(feature = "std")]
mod bounded {
    use alloc::boxed::Box;
    use alloc::sync::Arc;
    use alloc::vec::Vec;
    use core::fmt;
    use core::hash::{BuildHasher, Hasher};
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use hashbrown::{DefaultHashBuilder, HashTable};

    use super::{Fact, SignatureMemo};

    /// Entries by default: a certificate has some 1,000 octets, so a full memo keeps about 1.5 MB.
    const DEFAULT_ENTRIES: usize = 1024;

    /// Longer facts are not kept, so that the bound on entries is a bound on memory.
    const MAX_FACT_LEN: usize = 16 * 1024;

    /// How much of a certificate's end is hashed: a P-256 signature and more.
    const HASHED_LEN: usize = 96;

    /// A memo of bounded size that threads may share.
    pub struct BoundedMemo {
        hasher: DefaultHashBuilder,
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
                hasher: DefaultHashBuilder::default(),
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

        /// Forgets everything.
        pub fn clear(&self) {
            let mut slots = self.lock();
            *slots = Slots {
                capacity: slots.capacity,
                ..Slots::default()
            };
        }

        /// A thread that panicked elsewhere while it held the lock left a consistent state, or at worst a table that
        /// misses facts: each one found is compared in full.
        fn lock(&self) -> MutexGuard<'_, Slots> {
            self.slots.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn hash(&self, fact: &Fact<'_>) -> u64 {
            let mut hasher = self.hasher.build_hasher();
            hasher.write(fact.spki);
            hasher.write(tail(fact.certificate));
            hasher.finish()
        }
    }

    impl SignatureMemo for BoundedMemo {
        fn contains(&self, fact: &Fact<'_>) -> bool {
            let mut slots = self.lock();
            // Nothing is hashed for a memo that is empty.
            !slots.slots.is_empty() && slots.find(self.hash(fact), fact)
        }

        fn remember(&self, fact: &Fact<'_>) {
            if fact_len(fact) > MAX_FACT_LEN {
                return;
            }
            let hash = self.hash(fact);
            self.lock().insert(hash, fact);
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

    /// The last octets of a certificate.
    fn tail(bytes: &[u8]) -> &[u8] {
        bytes
            .get(bytes.len().saturating_sub(HASHED_LEN)..)
            .unwrap_or_default()
    }

    fn fact_len(fact: &Fact<'_>) -> usize {
        fact.certificate.len() + fact.spki.len() + fact.inherited.map_or(0, <[u8]>::len)
    }

    struct Slot {
        hash: u64,
        /// Seen since the hand last came by.
        used: bool,
        spki: Box<[u8]>,
        inherited: Option<Box<[u8]>>,
        certificate: Arc<[u8]>,
    }

    impl Slot {
        fn new(hash: u64, fact: &Fact<'_>) -> Self {
            Self {
                hash,
                used: false,
                spki: fact.spki.into(),
                inherited: fact.inherited.map(Into::into),
                certificate: Arc::clone(fact.certificate),
            }
        }

        fn holds(&self, fact: &Fact<'_>) -> bool {
            *self.spki == *fact.spki
                && self.inherited.as_deref() == fact.inherited
                && (Arc::ptr_eq(&self.certificate, fact.certificate)
                    || self.certificate == *fact.certificate)
        }
    }

    /// Most facts that are looked for one by one.
    const FEW: usize = 4;

    /// Slots that stay where they are, and a table from hashes to their numbers, once there are more than a few.
    #[derive(Default)]
    struct Slots {
        capacity: usize,
        slots: Vec<Slot>,
        table: HashTable<u32>,
        hand: usize,
    }

    impl Slots {
        /// The only slot with this hash.
        fn slot(&mut self, hash: u64) -> Option<&mut Slot> {
            let Self { slots, table, .. } = self;
            if slots.len() <= FEW {
                return slots.iter_mut().find(|slot| slot.hash == hash);
            }
            let has_hash = |&number: &u32| {
                slots
                    .get(number as usize)
                    .is_some_and(|slot| slot.hash == hash)
            };
            let number = *table.find(hash, has_hash)?;
            slots.get_mut(number as usize)
        }

        fn find(&mut self, hash: u64, fact: &Fact<'_>) -> bool {
            match self.slot(hash) {
                Some(slot) if slot.holds(fact) => {
                    slot.used = true;
                    true
                }
                _ => false,
            }
        }

        fn insert(&mut self, hash: u64, fact: &Fact<'_>) {
            if let Some(slot) = self.slot(hash) {
                if !slot.holds(fact) {
                    *slot = Slot::new(hash, fact);
                }
                return;
            }
            let number = if self.slots.len() < self.capacity {
                self.slots.push(Slot::new(hash, fact));
                self.slots.len() - 1
            } else {
                let number = self.make_room();
                let Some(slot) = self.slots.get_mut(number) else {
                    return; // the capacity is 0
                };
                *slot = Slot::new(hash, fact);
                number
            };
            self.index(hash, number);
        }

        /// Puts a slot into the table: the first time that there are more than a few, all of them.
        fn index(&mut self, hash: u64, number: usize) {
            let Self { slots, table, .. } = self;
            if slots.len() <= FEW {
                return;
            }
            let hash_of = |number: &u32| slots.get(*number as usize).map_or(0, |slot| slot.hash);
            if table.is_empty() {
                for (number, slot) in slots.iter().enumerate() {
                    table.insert_unique(slot.hash, number as u32, hash_of);
                }
            } else {
                table.insert_unique(hash, number as u32, hash_of);
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

        fn certificate(number: u32) -> Arc<[u8]> {
            number.to_be_bytes().as_slice().into()
        }

        fn fact<'a>(spki: &'a [u8], certificate: &'a Arc<[u8]>) -> Fact<'a> {
            Fact {
                spki,
                inherited: None,
                certificate,
            }
        }

        #[test]
        fn a_fact_is_all_of_its_parts() {
            let memo = BoundedMemo::default();
            let (one, other) = (certificate(1), certificate(2));
            memo.remember(&fact(b"key", &one));
            assert!(memo.contains(&fact(b"key", &one)));
            assert!(memo.contains(&fact(b"key", &certificate(1))));
            assert!(!memo.contains(&fact(b"key", &other)));
            assert!(!memo.contains(&fact(b"kez", &one)));
            for inherited in [&b""[..], b"parameters"] {
                let inheriting = Fact {
                    inherited: Some(inherited),
                    ..fact(b"key", &one)
                };
                assert!(!memo.contains(&inheriting));
            }
        }

        /// What is not hashed is compared, and facts with one hash take one place.
        #[test]
        fn equal_ends_are_told_apart() {
            let memo = BoundedMemo::default();
            let with = |first| -> Arc<[u8]> { [&[first][..], &[7; HASHED_LEN]].concat().into() };
            for first in 0..100 {
                let certificate = with(first);
                assert!(!memo.contains(&fact(b"key", &certificate)));
                memo.remember(&fact(b"key", &certificate));
                assert!(memo.contains(&fact(b"key", &certificate)));
                assert_eq!(memo.len(), 1);
            }
            memo.remember(&fact(b"another key", &with(0)));
            assert!(memo.contains(&fact(b"key", &with(99))));
            assert!(!memo.contains(&fact(b"key", &with(0))));
        }

        /// The hash runs over the parts as one; the comparison does not.
        #[test]
        fn parts_do_not_flow_into_each_other() {
            let memo = BoundedMemo::default();
            let (long, short): (Arc<[u8]>, Arc<[u8]>) = ([1, 2, 3][..].into(), [1, 2][..].into());
            memo.remember(&fact(&[9], &long));
            assert!(!memo.contains(&fact(&[3, 9], &short)));
        }

        #[test]
        fn the_bound_holds_and_what_is_used_stays() {
            let memo = BoundedMemo::with_capacity(8);
            let kept = certificate(u32::MAX);
            memo.remember(&fact(b"key", &kept));
            for number in 0..1000 {
                memo.remember(&fact(b"key", &certificate(number)));
                assert!(memo.contains(&fact(b"key", &kept)), "{number}");
                assert!(memo.len() <= 8);
            }
            assert_eq!(memo.lock().table.len(), 8);
            let last = (900..1000).filter(|&n| memo.contains(&fact(b"key", &certificate(n))));
            assert!(last.eq(993..1000));
        }

        #[test]
        fn repeating_a_fact_takes_no_room() {
            let memo = BoundedMemo::with_capacity(2);
            memo.remember(&fact(b"key", &certificate(1)));
            memo.remember(&fact(b"key", &certificate(1)));
            assert_eq!(memo.len(), 1);
            memo.clear();
            assert!(memo.is_empty());
            assert!(!memo.contains(&fact(b"key", &certificate(1))));
            memo.remember(&fact(b"key", &certificate(1)));
            assert_eq!(memo.len(), 1);
        }

        #[test]
        fn nothing_or_too_much() {
            let none = BoundedMemo::with_capacity(0);
            none.remember(&fact(b"key", &certificate(1)));
            assert!(!none.contains(&fact(b"key", &certificate(1))));
            let memo = BoundedMemo::default();
            let huge: Arc<[u8]> = alloc::vec![0; MAX_FACT_LEN].into();
            memo.remember(&fact(b"key", &huge));
            assert!(memo.is_empty());
        }

        #[test]
        fn survives_a_poisoned_lock() {
            let memo = Arc::new(BoundedMemo::default());
            memo.remember(&fact(b"key", &certificate(1)));
            let other = Arc::clone(&memo);
            let outcome = thread::spawn(move || {
                let _guard = other.slots.lock();
                panic!("on purpose");
            })
            .join();
            assert!(outcome.is_err() && memo.slots.is_poisoned());
            assert!(memo.contains(&fact(b"key", &certificate(1))));
            memo.remember(&fact(b"key", &certificate(2)));
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
                        memo.remember(&fact);
                        told.insert(number);
                        prop_assert_eq!(memo.contains(&fact), capacity > 0);
                    } else {
                        prop_assert!(!memo.contains(&fact) || told.contains(&number));
                    }
                    prop_assert!(memo.len() <= capacity);
                    let indexed = if memo.len() > FEW { memo.len() } else { 0 };
                    prop_assert_eq!(memo.lock().table.len(), indexed);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_memo_remembers_nothing() {
        let certificate: Arc<[u8]> = [1][..].into();
        let fact = Fact {
            spki: b"key",
            inherited: None,
            certificate: &certificate,
        };
        NoMemo.remember(&fact);
        assert!(!NoMemo.contains(&fact));
    }
}
