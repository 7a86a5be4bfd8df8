//! Certificates or anchors by their subjects: finding those of a name costs one hash of it, however
//! many there are. A few are compared one by one, which costs no more.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};
use tinyvec::{TinyVec, TinyVecIterator};

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
    hasher: DefaultHashBuilder,
    /// By the bytes of their names, which is what nearly every chain needs.
    bytes: Index,
    /// By the normal form of their names.
    normal: Index,
}

/// Certificates that may stand between a leaf and an anchor.
pub(crate) type Pool = Named<Certificate>;

/// Hashes of names, and positions.
type Index = HashTable<(u64, usize)>;

impl Pool {
    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.items
    }
}

impl<T: Subject> Default for Named<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<T: Subject> Named<T> {
    pub(crate) fn new(items: Vec<T>) -> Self {
        let (hasher, mut bytes, mut normal) = <(_, Index, Index)>::default();
        for (position, item) in items.iter().enumerate() {
            let name = item.subject();
            let insert = |index: &mut Index, hash| {
                index.insert_unique(hash, (hash, position), |entry| entry.0);
            };
            insert(&mut bytes, hash_bytes(&hasher, name));
            insert(&mut normal, hash_normal(&hasher, name));
        }
        Self {
            items,
            hasher,
            bytes,
            normal,
        }
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
            return ordered((0..self.items.len()).filter(same));
        }
        let hash = hash_bytes(&self.hasher, name);
        ordered(positions(&self.bytes, hash).filter(same))
    }

    /// Those whose subject is equal by RFC 5280 section 7.1 but has other bytes.
    pub(crate) fn named_alike(&self, name: Name<'_>) -> impl Iterator<Item = usize> {
        let hash = (!self.items.is_empty()).then(|| hash_normal(&self.hasher, name));
        let found = hash.into_iter();
        let found = ordered(found.flat_map(|hash| positions(&self.normal, hash)));
        found.filter(move |&position| {
            self.items.get(position).is_some_and(|item| {
                let subject = item.subject();
                subject.as_der() != name.as_der() && subject.matches(&name)
            })
        })
    }
}

fn hash_bytes(hasher: &DefaultHashBuilder, name: Name<'_>) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(name.as_der());
    hasher.finish()
}

fn hash_normal(hasher: &DefaultHashBuilder, name: Name<'_>) -> u64 {
    let mut hasher = hasher.build_hasher();
    name.write_key(&mut hasher);
    hasher.finish()
}

fn positions(index: &Index, hash: u64) -> impl Iterator<Item = usize> {
    let found = index.iter_hash(hash);
    let found = found.filter(move |entry| entry.0 == hash);
    found.map(|entry| entry.1)
}

/// In the order of insertion, which a table does not keep. The usual case of one anchor to a name
/// takes no memory.
fn ordered(found: impl Iterator<Item = usize>) -> TinyVecIterator<[usize; 1]> {
    let mut found: TinyVec<[usize; 1]> = found.collect();
    found.sort_unstable();
    found.into_iter()
}
