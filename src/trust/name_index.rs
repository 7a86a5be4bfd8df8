//! Names to positions in a list, so that finding the certificates or anchors of a name costs one
//! hash of it, however many there are.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::certificate::Name;

/// Equal by RFC 5280 section 7.1, not byte for byte.
pub(super) fn is_alike(a: Name<'_>, b: Name<'_>) -> bool {
    a.as_der() != b.as_der() && a.matches(&b)
}

/// Names to positions in a list: by their bytes, which is what nearly every chain needs, and by
/// their normal form.
#[derive(Clone, Debug, Default)]
pub(super) struct NameIndex {
    hasher: DefaultHashBuilder,
    bytes: HashTable<(u64, usize)>,
    normal: HashTable<(u64, usize)>,
}

impl NameIndex {
    pub(super) fn insert(&mut self, position: usize, name: Name<'_>) {
        let bytes = self.hash_bytes(name);
        let normal = self.hash_normal(name);
        let rehash = |entry: &(u64, usize)| entry.0;
        self.bytes.insert_unique(bytes, (bytes, position), rehash);
        self.normal
            .insert_unique(normal, (normal, position), rehash);
    }

    pub(super) fn same_bytes(&self, name: Name<'_>, same: impl Fn(&usize) -> bool) -> Positions {
        Self::ordered(&self.bytes, || self.hash_bytes(name), same)
    }

    pub(super) fn alike(&self, name: Name<'_>) -> Positions {
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
pub(super) enum Positions {
    None,
    One(usize),
    /// Descending: taken from the end.
    Many(Vec<usize>),
}

impl Positions {
    /// In the order of insertion, which a table does not keep.
    #[inline]
    pub(super) fn of(mut found: impl Iterator<Item = usize>) -> Self {
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
