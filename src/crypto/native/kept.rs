//! The table of a key: made at the second verification of a key that is kept, while there is room
//! for the tables of all keys of the process.

#[cfg(feature = "std")]
pub(super) use with_std::KeptTable;
#[cfg(not(feature = "std"))]
pub(super) use without_std::KeptTable;

#[cfg(feature = "std")]
mod with_std {
    use alloc::vec::Vec;
    use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::OnceLock;

    /// Octets that the tables of all keys may take: 2,048 tables of 8 kB.
    const MAX_OCTETS: usize = 16 * 1024 * 1024;

    /// How many they take.
    static OCTETS: AtomicUsize = AtomicUsize::new(0);

    pub(in super::super) struct KeptTable<P> {
        is_kept: AtomicBool,
        was_used: AtomicBool,
        points: OnceLock<Vec<P>>,
    }

    impl<P> Default for KeptTable<P> {
        fn default() -> Self {
            Self {
                is_kept: AtomicBool::new(false),
                was_used: AtomicBool::new(false),
                points: OnceLock::new(),
            }
        }
    }

    impl<P> KeptTable<P> {
        /// The key will be used again.
        pub(in super::super) fn keep(&self) {
            self.is_kept.store(true, Ordering::Relaxed);
        }

        /// The table, if it is time to have one and there is room for it.
        pub(in super::super) fn get(&self, make: impl FnOnce() -> Vec<P>) -> Option<&[P]> {
            if let Some(points) = self.points.get() {
                return Some(points);
            }
            // What is always set is only read: threads that verify do not wait for each other.
            if !self.is_kept.load(Ordering::Relaxed) || !self.was_used.load(Ordering::Relaxed) {
                self.was_used.store(true, Ordering::Relaxed);
                return None;
            }
            let points = make();
            if !take_room(octets(&points)) {
                return None;
            }
            if let Err(points) = self.points.set(points) {
                give_back(octets(&points));
            }
            self.points.get().map(Vec::as_slice)
        }
    }

    impl<P> Drop for KeptTable<P> {
        fn drop(&mut self) {
            if let Some(points) = self.points.get() {
                give_back(octets(points));
            }
        }
    }

    fn octets<P>(points: &[P]) -> usize {
        core::mem::size_of_val(points)
    }

    fn take_room(octets: usize) -> bool {
        let with = |taken: usize| taken.checked_add(octets).filter(|sum| *sum <= MAX_OCTETS);
        OCTETS
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, with)
            .is_ok()
    }

    fn give_back(octets: usize) {
        OCTETS.fetch_sub(octets, Ordering::Relaxed);
    }

    #[cfg(test)]
    mod tests {
        use alloc::vec;

        use super::*;

        #[test]
        fn a_table_is_made_for_a_kept_key_at_its_second_use() {
            let table = KeptTable::default();
            let make = || vec![1_u8, 2, 3];
            assert_eq!(table.get(make), None);
            assert_eq!(table.get(make), None);
            table.keep();
            assert_eq!(table.get(make), Some(&[1, 2, 3][..]));
            assert_eq!(table.get(|| unreachable!()), Some(&[1, 2, 3][..]));
        }

        #[test]
        fn a_kept_key_that_was_not_used_has_none_at_first() {
            let table = KeptTable::default();
            table.keep();
            assert_eq!(table.get(|| vec![0_u8]), None);
            assert!(table.get(|| vec![0_u8]).is_some());
        }

        #[test]
        fn room_is_limited_and_given_back() {
            let table = || {
                let table = KeptTable::default();
                table.keep();
                table.get(|| vec![0_u8; MAX_OCTETS / 4]);
                table
            };
            let all: Vec<KeptTable<u8>> = (0..5).map(|_| table()).collect();
            let made = all
                .iter()
                .filter(|table| table.get(|| vec![0_u8; MAX_OCTETS / 4]).is_some());
            // Other tests have tables too.
            assert!((2..=4).contains(&made.count()));
            drop(all);
            let again = table();
            assert!(again.get(|| vec![0_u8; MAX_OCTETS / 4]).is_some());
        }
    }
}

/// Nothing is shared safely between threads here, and no memo keeps keys: there are no tables.
#[cfg(not(feature = "std"))]
mod without_std {
    use alloc::vec::Vec;
    use core::marker::PhantomData;

    pub(in super::super) struct KeptTable<P>(PhantomData<fn() -> P>);

    impl<P> Default for KeptTable<P> {
        fn default() -> Self {
            Self(PhantomData)
        }
    }

    impl<P> KeptTable<P> {
        pub(in super::super) fn keep(&self) {}

        pub(in super::super) fn get(&self, _make: impl FnOnce() -> Vec<P>) -> Option<&[P]> {
            None
        }
    }
}
