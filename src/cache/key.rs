//! Under what a verdict is remembered, and how it is found again.
//!
//! A verdict depends on the caller's namespace, the digest of the validator, the names that were
//! expected, and the leaf; a rejection on all that was presented, too, so that what one client
//! sends along never decides about another. All of it is compared, hashes only find the place. What
//! is the same for most clients of a server (namespace, digest, names) is a [`Scope`], which their
//! verdicts share; the leaf is compared with the one that the verdict speaks of.
//!
//! The hash of what a peer brings and the digest of the validator are mixed last, so that a
//! connection hashes its certificate once however often its validator is swapped.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash, Hasher};

use hashbrown::DefaultHashBuilder;
use sha2::{Digest, Sha256};

use super::options::Lookup;
use crate::certificate::{Certificate, sha256};
use crate::path::PeerName;
use crate::validator::{Accepted, Presented, Rejected, Subject, Validator};

/// Under which a verdict is remembered.
///
/// The namespace is the caller's: the scheme that asks, and whether the certificate came from the
/// handshake or from a proxy. Verdicts of one are never served to another.
#[derive(Clone, Copy, Debug)]
pub struct CacheKey<'a> {
    namespace: &'a [u8],
    validator: &'a Validator,
    peer: Peer<'a>,
}

/// A leaf's bytes stand elsewhere, and are not looked for before they are asked for.
#[derive(Clone, Copy, Debug)]
enum Peer<'a> {
    Presented(&'a Presented),
    Leaf(&'a [u8]),
}

impl<'a> CacheKey<'a> {
    /// Of what a peer presents to a validator.
    #[must_use]
    pub fn new(namespace: &'a [u8], validator: &'a Validator, presented: &'a Presented) -> Self {
        Self {
            namespace,
            validator,
            peer: Peer::Presented(presented),
        }
    }

    /// Of a leaf in DER that has not been parsed: it finds accepted leaves of which no name was
    /// expected.
    #[must_use]
    pub fn of_leaf(namespace: &'a [u8], validator: &'a Validator, leaf: &'a [u8]) -> Self {
        Self {
            namespace,
            validator,
            peer: Peer::Leaf(leaf),
        }
    }

    pub(super) fn validator(&self) -> &'a Validator {
        self.validator
    }

    fn presented(&self) -> Option<&'a Presented> {
        match self.peer {
            Peer::Presented(presented) => Some(presented),
            Peer::Leaf(_) => None,
        }
    }

    /// The leaf in DER.
    pub(super) fn leaf(&self) -> &'a [u8] {
        match self.peer {
            Peer::Presented(presented) => presented.leaf().as_der(),
            Peer::Leaf(leaf) => leaf,
        }
    }

    /// The leaf, parsed if it was.
    pub(super) fn certificate(&self) -> Option<&'a Certificate> {
        self.presented().map(Presented::leaf)
    }

    /// Is this its leaf? Nothing is compared where both are one certificate.
    fn is_leaf(&self, known: &Certificate) -> bool {
        match self.peer {
            Peer::Presented(presented) => known == presented.leaf(),
            Peer::Leaf(leaf) => known.as_der() == leaf,
        }
    }

    /// What a peer brings and is asked for, whoever is asked.
    pub(super) fn of_peer(&self) -> (&'a [u8], &'a [PeerName], &'a [u8]) {
        (self.namespace, self.expected(), self.leaf())
    }

    fn expected(&self) -> &'a [PeerName] {
        self.presented().map_or(&[], Presented::expected)
    }

    /// SHA-256 of all that came with the leaf.
    pub(super) fn company(&self) -> Option<[u8; 32]> {
        let presented = self.presented()?;
        let mut hash = Sha256::new();
        let stapled = presented
            .stapled()
            .and_then(|stapled| stapled.as_ref().ok());
        for certificate in presented.certificates() {
            hash.update((certificate.as_der().len() as u64).to_be_bytes());
            hash.update(certificate.as_der());
        }
        hash.update(u64::MAX.to_be_bytes());
        if let Some(stapled) = stapled {
            hash.update(stapled.as_der());
        }
        Some(hash.finalize().into())
    }

    /// What a verdict is bound to when it leaves the process.
    pub(super) fn subject(&self) -> Subject<'a> {
        let mut scope = Sha256::new();
        scope.update((self.namespace.len() as u64).to_be_bytes());
        scope.update(self.namespace);
        for name in self.expected() {
            let name = format!("{name:?}");
            scope.update((name.len() as u64).to_be_bytes());
            scope.update(name);
        }
        let scope = scope.finalize().into();
        Subject::new(self.validator, scope, (self.leaf(), self.expected()))
    }

    /// Is this verdict one about the leaf of this key, of its validator, for the names that it
    /// expects?
    pub(super) fn is_answered_by(&self, verdict: &Result<Accepted, Rejected>) -> bool {
        let (leaf, digest, expected) = match verdict {
            Ok(accepted) => (accepted.leaf(), accepted.digest(), accepted.expected()),
            Err(rejected) => (rejected.leaf(), rejected.digest(), rejected.expected()),
        };
        digest == self.validator.digest() && expected == self.expected() && self.is_leaf(leaf)
    }
}

/// What most verdicts of a server have in common.
#[derive(Debug)]
pub(super) struct Scope {
    namespace: Arc<[u8]>,
    digest: [u8; 32],
    expected: Box<[PeerName]>,
}

impl Scope {
    fn is_of(&self, key: &CacheKey<'_>) -> bool {
        let namespace = core::ptr::eq(&*self.namespace, key.namespace);
        self.digest == key.validator.digest()
            && (namespace || *self.namespace == *key.namespace)
            && *self.expected == *key.expected()
    }
}

/// The scopes that were met last.
#[derive(Debug, Default)]
pub(super) struct Scopes(Vec<Arc<Scope>>);

/// More than most servers have namespaces at once.
const KEPT_SCOPES: usize = 16;

impl Scopes {
    /// The scope of a key, shared with the verdicts before it.
    pub(super) fn of(&mut self, key: &CacheKey<'_>) -> Arc<Scope> {
        let known = self.0.iter().position(|scope| scope.is_of(key));
        let scope = match known {
            Some(place) => self.0.remove(place),
            None => Arc::new(Scope {
                namespace: self.namespace(key.namespace),
                digest: key.validator.digest(),
                expected: Box::from(key.expected()),
            }),
        };
        // The one that is met stands in front, so that those no longer met leave.
        self.0.truncate(KEPT_SCOPES - 1);
        self.0.insert(0, Arc::clone(&scope));
        scope
    }

    /// A namespace, shared with the scopes that have it.
    pub(super) fn namespace(&self, namespace: &[u8]) -> Arc<[u8]> {
        let known = self.0.iter().find(|scope| *scope.namespace == *namespace);
        known.map_or_else(
            || Arc::from(namespace),
            |scope| Arc::clone(&scope.namespace),
        )
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// What only some look-ups compare.
#[derive(Debug)]
pub(super) struct Hashes {
    /// With [`Lookup::Thumbprint`].
    pub(super) thumbprint: Option<[u8; 32]>,
    /// Of a rejection: SHA-256 of all that came with the leaf.
    pub(super) company: Option<Box<[u8; 32]>>,
}

/// The hashes of what a peer brings.
#[derive(Debug)]
pub(super) struct PeerHash<P = [u8; 32]> {
    hash: u64,
    thumbprint: Option<P>,
}

impl PeerHash {
    pub(super) fn new(
        lookup: Lookup,
        hasher: &DefaultHashBuilder,
        (namespace, expected, leaf): (&[u8], &[PeerName], &[u8]),
    ) -> Self {
        let thumbprint = match lookup {
            Lookup::Bytes => None,
            Lookup::Thumbprint => Some(sha256(leaf)),
        };
        let mut hash = hasher.build_hasher();
        hash.write(namespace);
        if !expected.is_empty() {
            expected.hash(&mut hash);
        }
        match &thumbprint {
            Some(thumbprint) => hash.write(thumbprint),
            None => hash.write(leaf),
        }
        Self {
            hash: hash.finish(),
            thumbprint,
        }
    }
}

impl PeerHash {
    /// In little space, for those that are kept.
    #[cfg(feature = "std")]
    pub(super) fn boxed(self) -> PeerHash<Box<[u8; 32]>> {
        PeerHash {
            hash: self.hash,
            thumbprint: self.thumbprint.map(Box::new),
        }
    }
}

/// A key with its hashes, taken outside of any lock.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) key: CacheKey<'a>,
    pub(super) thumbprint: Option<&'a [u8; 32]>,
    hash: u64,
}

impl<'a> Sought<'a> {
    pub(super) fn new<P: Borrow<[u8; 32]>>(key: CacheKey<'a>, peer: &'a PeerHash<P>) -> Self {
        // A digest is as good as random.
        let digest = key.validator.digest().first_chunk().copied();
        let digest = digest.map_or(0, u64::from_be_bytes);
        Self {
            key,
            thumbprint: peer.thumbprint.as_ref().map(Borrow::borrow),
            hash: peer.hash ^ digest,
        }
    }

    /// Without what came along.
    #[cfg(feature = "std")]
    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    /// What came along is the peer's choice, so that only the seeded hasher mixes it in.
    pub(super) fn hash_with(&self, hasher: &DefaultHashBuilder, company: Option<&[u8; 32]>) -> u64 {
        company.map_or(self.hash, |company| mix(hasher, self.hash, company))
    }

    /// Was a verdict about this leaf remembered under it?
    pub(super) fn is_of(&self, scope: &Scope, leaf: &Certificate) -> bool {
        scope.is_of(&self.key) && (self.thumbprint.is_some() || self.key.is_leaf(leaf))
    }
}

fn mix(hasher: &DefaultHashBuilder, hash: u64, company: &[u8; 32]) -> u64 {
    hasher.hash_one((hash, company))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever looks for company with a certain SHA-256 meets nobody in the table by it.
    #[test]
    fn nobody_chooses_a_place_by_what_comes_along() {
        let hasher = DefaultHashBuilder::default();
        let (mut a, mut b) = ([7; 32], [7; 32]);
        b[31] = 8;
        assert_ne!(mix(&hasher, 1, &a), mix(&hasher, 1, &b));
        // Nor by what stands in front, which was the place itself once.
        a[..8].fill(0);
        b[..8].fill(1);
        let moved = |hash| mix(&hasher, hash, &a) ^ mix(&hasher, hash, &b);
        assert_ne!(moved(1), 0x0101_0101_0101_0101);
        assert_ne!(moved(1), moved(2));
    }
}
