//! Certificates or anchors by their subjects: finding those of a name costs one hash of it, however
//! many there are. A few are compared one by one, which costs no more.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::anchor::TrustAnchor;
use crate::certificate::{Certificate, Name};

/// Most names that are compared one by one.
const FEW: usize = 4;

/// What has a name.
pub(crate) trait Subject {
    fn subject(&self) -> Name<'_>;
}

impl Subject for Certificate {
    fn subject(&self) -> Name<'_> {
        self.subject()
    }
}

impl Subject for TrustAnchor {
    fn subject(&self) -> Name<'_> {
        self.subject()
    }
}

/// Items that can be found by their subjects. They are told by their positions.
#[derive(Clone, Debug)]
pub(crate) struct Named<T> {
    items: Vec<T>,
    index: NameIndex,
}

/// Certificates that may stand between a leaf and an anchor.
pub(crate) type Pool = Named<Certificate>;

impl<T: Subject> Default for Named<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Pool {
    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.items
    }
}

impl<T: Subject> Named<T> {
    pub(crate) fn new(items: Vec<T>) -> Self {
        let mut index = NameIndex::default();
        for (position, item) in items.iter().enumerate() {
            index.insert(position, item.subject());
        }
        Self { items, index }
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// Those whose subject has these very bytes.
    pub(crate) fn named(&self, name: Name<'_>) -> impl Iterator<Item = usize> + use<T> {
        let same = |&position: &usize| {
            let item = self.items.get(position);
            item.is_some_and(|item| item.subject().as_der() == name.as_der())
        };
        if self.items.len() <= FEW {
            return Positions::of((0..self.items.len()).filter(same));
        }
        self.index.same_bytes(name, same)
    }

    /// Those whose subject is equal by RFC 5280 section 7.1 but has other bytes.
    pub(crate) fn named_alike(&self, name: Name<'_>) -> impl Iterator<Item = usize> {
        let alike = move |item: &T| {
            let subject = item.subject();
            subject.as_der() != name.as_der() && subject.matches(&name)
        };
        let found = self.index.alike(name);
        found.filter(move |&position| self.items.get(position).is_some_and(alike))
    }
}

/// Names to positions in a list: by their bytes, which is what nearly every chain needs, and by
/// their normal form.
#[derive(Clone, Debug, Default)]
struct NameIndex {
    hasher: DefaultHashBuilder,
    bytes: HashTable<(u64, usize)>,
    normal: HashTable<(u64, usize)>,
}

impl NameIndex {
    fn insert(&mut self, position: usize, name: Name<'_>) {
        let bytes = self.hash_bytes(name);
        let normal = self.hash_normal(name);
        let rehash = |entry: &(u64, usize)| entry.0;
        self.bytes.insert_unique(bytes, (bytes, position), rehash);
        self.normal
            .insert_unique(normal, (normal, position), rehash);
    }

    fn same_bytes(&self, name: Name<'_>, same: impl Fn(&usize) -> bool) -> Positions {
        Self::ordered(&self.bytes, || self.hash_bytes(name), same)
    }

    fn alike(&self, name: Name<'_>) -> Positions {
        Self::ordered(&self.normal, || self.hash_normal(name), |_| true)
    }

    fn ordered(
        table: &HashTable<(u64, usize)>,
        hash: impl FnOnce() -> u64,
        same: impl Fn(&usize) -> bool,
    ) -> Positions {
        if table.is_empty() {
            return Positions::None;
        }
        let hash = hash();
        let found = table.iter_hash(hash).filter(|entry| entry.0 == hash);
        Positions::of(found.map(|entry| entry.1).filter(same))
    }

    fn hash_bytes(&self, name: Name<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(name.as_der());
        hasher.finish()
    }

    fn hash_normal(&self, name: Name<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        name.write_key(&mut hasher);
        hasher.finish()
    }
}

/// The usual case of one anchor to a name takes no memory.
enum Positions {
    None,
    One(usize),
    /// Descending: taken from the end.
    Many(Vec<usize>),
}

impl Positions {
    /// In the order of insertion, which a table does not keep.
    #[inline]
    fn of(mut found: impl Iterator<Item = usize>) -> Self {
        let Some(first) = found.next() else {
            return Self::None;
        };
        let Some(second) = found.next() else {
            return Self::One(first);
        };
        let mut many: Vec<usize> = [first, second].into_iter().chain(found).collect();
        many.sort_unstable_by(|a, b| b.cmp(a));
        Self::Many(many)
    }
}

impl Iterator for Positions {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::One(position) => {
                let position = *position;
                *self = Self::None;
                Some(position)
            }
            Self::Many(positions) => positions.pop(),
        }
    }
}
