//! A part of a cache between threads, behind a lock of its own.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::entry::{Entry, Shelf};
use super::lru::Lru;

/// Each has cache lines of its own, so that who takes one lock does not slow down the next.
#[repr(align(128))]
pub(super) struct Shard<T>(Mutex<Shelves<T>>);

pub(super) struct Shelves<T> {
    accepted: Lru<Entry<T>>,
    /// Elsewhere, so that a shard takes two cache lines.
    rejected: Box<Lru<Entry<T>>>,
}

impl<T> Shard<T> {
    pub(super) fn new() -> Self {
        // What is held is counted for all of them.
        Self(Mutex::new(Shelves {
            accepted: Lru::new(usize::MAX),
            rejected: Box::new(Lru::new(usize::MAX)),
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Shelves<T>> {
        lock(&self.0)
    }

    /// Takes out the verdicts of a shelf that `keep` does not hold for, and subtracts them from
    /// what is held.
    pub(super) fn retain(
        &self,
        shelf: Shelf,
        held: &AtomicUsize,
        keep: impl Fn(&Entry<T>) -> bool,
    ) {
        // Dropped last, after the lock, and also where `keep` panics.
        let mut gone = Gone {
            held,
            entries: Vec::new(),
        };
        let mut shelves = self.lock();
        let entries = shelves.get(shelf);
        entries.retain(keep, |entry| gone.entries.push(entry));
    }
}

impl<T> Shelves<T> {
    pub(super) fn get(&mut self, shelf: Shelf) -> &mut Lru<Entry<T>> {
        match shelf {
            Shelf::Accepted => &mut self.accepted,
            Shelf::Rejected => &mut self.rejected,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.accepted.len() + self.rejected.len()
    }
}

/// What was taken out: no longer held, whatever its owners do when they are dropped.
struct Gone<'h, T> {
    held: &'h AtomicUsize,
    entries: Vec<Entry<T>>,
}

impl<T> Drop for Gone<'_, T> {
    fn drop(&mut self) {
        self.held.fetch_sub(self.entries.len(), Relaxed);
    }
}

/// What panicked elsewhere left no verdict half made: an entry is put in whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
