//! Entries that are named by numbers of a type of their own, so that nobody takes the number of a
//! CRL for that of a question. Nothing is ever removed.

use alloc::vec::Vec;
use core::marker::PhantomData;

/// The number of an entry.
pub(super) struct Id<T>(usize, PhantomData<fn() -> T>);

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Id<T> {}

/// Entries by number.
pub(super) struct Numbered<T>(Vec<T>);

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Numbered<T> {
    pub(super) fn push(&mut self, entry: T) -> Id<T> {
        self.0.push(entry);
        Id(self.0.len() - 1, PhantomData)
    }

    pub(super) fn get(&self, id: Id<T>) -> Option<&T> {
        self.0.get(id.0)
    }

    pub(super) fn get_mut(&mut self, id: Id<T>) -> Option<&mut T> {
        self.0.get_mut(id.0)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &T)> {
        let entries = self.0.iter().enumerate();
        entries.map(|(number, entry)| (Id(number, PhantomData), entry))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }

    /// The numbers of those that there are now.
    pub(super) fn ids(&self) -> impl DoubleEndedIterator<Item = Id<T>> + use<T> {
        (0..self.0.len()).map(|number| Id(number, PhantomData))
    }

    pub(super) fn find(&self, is_it: impl FnMut(&T) -> bool) -> Option<Id<T>> {
        let found = self.0.iter().position(is_it)?;
        Some(Id(found, PhantomData))
    }
}
