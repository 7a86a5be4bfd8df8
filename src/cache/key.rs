//! The key of a cached verdict: the caller's namespace, the digest of the validator, the expected
//! names, and the leaf. For a rejection it includes everything else that was presented, so that one
//! client's intermediates never affect another client.
//!
//! The whole key is compared; hashes only locate it. The parts that most clients of a server have
//! in common (namespace, digest, names) form a [`KeyScope`], which their verdicts share.
//!
//! The peer's hash and the validator's digest are combined last, so a connection hashes its
//! certificate only once, no matter how often its validator is replaced.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash, Hasher};

use hashbrown::DefaultHashBuilder;
use sha2::{Digest, Sha256};

use super::options::LeafLookup;
use crate::certificate::{Certificate, sha256};
use crate::path::PeerName;
use crate::validator::{Accepted, Presented, Rejected, Subject, Validator};

/// The key of a cached verdict.
///
/// The caller chooses the namespace: for example the scheme, and whether the certificate came from
/// the handshake or from a proxy. Verdicts of one namespace are never returned for another.
#[derive(Clone, Copy, Debug)]
pub struct CacheKey<'a> {
    namespace: &'a [u8],
    pub(super) validator: &'a Validator,
    /// The leaf in DER.
    pub(super) leaf: &'a [u8],
    /// `None` if only the leaf is known.
    presented: Option<&'a Presented>,
}

impl<'a> CacheKey<'a> {
    /// The key for what a peer presents to a validator.
    #[must_use]
    pub fn new(namespace: &'a [u8], validator: &'a Validator, presented: &'a Presented) -> Self {
        Self {
            namespace,
            validator,
            leaf: presented.leaf().as_der(),
            presented: Some(presented),
        }
    }

    /// The key for a leaf in DER that has not been parsed. It finds accepted leaves for which no
    /// name was expected.
    #[must_use]
    pub fn of_leaf(namespace: &'a [u8], validator: &'a Validator, leaf: &'a [u8]) -> Self {
        Self {
            namespace,
            validator,
            leaf,
            presented: None,
        }
    }

    /// The leaf, if it has been parsed.
    pub(super) fn certificate(&self) -> Option<&'a Certificate> {
        self.presented.map(Presented::leaf)
    }

    /// Whether this is the key's leaf. For two handles of the same certificate no bytes are
    /// compared.
    fn is_leaf(&self, known: &Certificate) -> bool {
        match self.certificate() {
            Some(leaf) => known == leaf,
            None => known.as_der() == self.leaf,
        }
    }

    /// Namespace, expected names and leaf: everything but the validator.
    pub(super) fn of_peer(&self) -> (&'a [u8], &'a [PeerName], &'a [u8]) {
        (self.namespace, self.expected(), self.leaf)
    }

    fn expected(&self) -> &'a [PeerName] {
        self.presented.map_or(&[], Presented::expected)
    }

    /// SHA-256 of everything but the leaf.
    pub(super) fn rest_hash(&self) -> Option<[u8; 32]> {
        let presented = self.presented?;
        let mut hash = Sha256::new();
        for certificate in presented.certificates() {
            hash.update((certificate.as_der().len() as u64).to_be_bytes());
            hash.update(certificate.as_der());
        }
        hash.update(u64::MAX.to_be_bytes());
        if let Some(Ok(stapled)) = presented.stapled() {
            hash.update(stapled.as_der());
        }
        Some(hash.finalize().into())
    }

    /// The subject that a sealed verdict is bound to.
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
        self.validator.subject(scope, self.leaf, self.expected())
    }

    /// Whether this is a verdict for this key's leaf and expected names, by its validator.
    pub(super) fn is_answered_by(&self, verdict: &Result<Accepted, Rejected>) -> bool {
        let (leaf, digest, expected) = match verdict {
            Ok(accepted) => (accepted.leaf(), accepted.digest(), accepted.expected()),
            Err(rejected) => (rejected.leaf(), rejected.digest(), rejected.expected()),
        };
        digest == self.validator.digest() && expected == self.expected() && self.is_leaf(leaf)
    }
}

/// The part of the key that most verdicts of a server share.
#[derive(Debug)]
pub(super) struct KeyScope {
    namespace: Arc<[u8]>,
    digest: [u8; 32],
    expected: Box<[PeerName]>,
}

impl KeyScope {
    fn is_of(&self, key: &CacheKey<'_>) -> bool {
        let namespace = core::ptr::eq(&*self.namespace, key.namespace);
        self.digest == key.validator.digest()
            && (namespace || *self.namespace == *key.namespace)
            && *self.expected == *key.expected()
    }
}

/// The most recently used scopes.
#[derive(Debug, Default)]
pub(super) struct KeyScopes(Vec<Arc<KeyScope>>);

/// More than the number of namespaces that most servers use at once.
const KEPT_SCOPES: usize = 16;

impl KeyScopes {
    /// The scope of a key, shared with earlier verdicts.
    pub(super) fn of(&mut self, key: &CacheKey<'_>) -> Arc<KeyScope> {
        let known = self.0.iter().position(|scope| scope.is_of(key));
        let scope = match known {
            Some(place) => self.0.remove(place),
            None => Arc::new(KeyScope {
                namespace: self.namespace(key.namespace),
                digest: key.validator.digest(),
                expected: Box::from(key.expected()),
            }),
        };
        // The most recently used one is first, so that unused ones are dropped.
        self.0.truncate(KEPT_SCOPES - 1);
        self.0.insert(0, Arc::clone(&scope));
        scope
    }

    /// A namespace, shared with the scopes that use it.
    pub(super) fn namespace(&self, namespace: &[u8]) -> Arc<[u8]> {
        match self.0.iter().find(|scope| *scope.namespace == *namespace) {
            Some(scope) => Arc::clone(&scope.namespace),
            None => Arc::from(namespace),
        }
    }
}

/// Hashes that only some look-ups compare.
#[derive(Debug)]
pub(super) struct ExtraHashes {
    /// For [`LeafLookup::Thumbprint`]: SHA-256 of the leaf.
    pub(super) thumbprint: Option<[u8; 32]>,
    /// For a rejection: SHA-256 of everything but the leaf.
    pub(super) rest_hash: Option<Box<[u8; 32]>>,
}

/// The hash of a key without its validator.
#[derive(Debug)]
pub(super) struct PeerHash {
    hash: u64,
    thumbprint: Option<[u8; 32]>,
}

impl PeerHash {
    pub(super) fn new(
        lookup: LeafLookup,
        hasher: &DefaultHashBuilder,
        (namespace, expected, leaf): (&[u8], &[PeerName], &[u8]),
    ) -> Self {
        let thumbprint = match lookup {
            LeafLookup::Bytes => None,
            LeafLookup::Thumbprint => Some(sha256(leaf)),
        };
        let mut hash = hasher.build_hasher();
        hash.write(namespace);
        if !expected.is_empty() {
            expected.hash(&mut hash);
        }
        hash.write(thumbprint.as_ref().map_or(leaf, |thumbprint| thumbprint));
        let hash = hash.finish();
        Self { hash, thumbprint }
    }
}

/// A key with its hashes, computed before any lock is taken.
#[derive(Clone, Copy)]
pub(super) struct LookupKey<'a> {
    pub(super) key: CacheKey<'a>,
    pub(super) thumbprint: Option<[u8; 32]>,
    /// The hash of the key for accepted verdicts.
    pub(super) hash: u64,
}

impl<'a> LookupKey<'a> {
    pub(super) fn new(key: CacheKey<'a>, peer: &PeerHash) -> Self {
        // The bits of a digest are as good as random.
        let digest = key.validator.digest().first_chunk().copied();
        let digest = digest.map_or(0, u64::from_be_bytes);
        Self {
            key,
            thumbprint: peer.thumbprint,
            hash: peer.hash ^ digest,
        }
    }

    /// The hash for a rejection includes the rest of what was presented. The peer chooses that, so
    /// the seeded hasher mixes it in.
    pub(super) fn hash_with(
        &self,
        hasher: &DefaultHashBuilder,
        rest_hash: Option<&[u8; 32]>,
    ) -> u64 {
        rest_hash.map_or(self.hash, |rest| mix(hasher, self.hash, rest))
    }

    /// Whether a verdict with this scope and leaf belongs to this key.
    pub(super) fn is_of(&self, scope: &KeyScope, leaf: &Certificate) -> bool {
        scope.is_of(&self.key) && (self.thumbprint.is_some() || self.key.is_leaf(leaf))
    }
}

fn mix(hasher: &DefaultHashBuilder, hash: u64, rest_hash: &[u8; 32]) -> u64 {
    hasher.hash_one((hash, rest_hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A peer that searches for intermediates with a certain SHA-256 cannot choose its place in the
    /// table.
    #[test]
    fn nobody_chooses_a_place_by_what_comes_along() {
        let hasher = DefaultHashBuilder::default();
        let (mut a, mut b) = ([7; 32], [7; 32]);
        b[31] = 8;
        assert_ne!(mix(&hasher, 1, &a), mix(&hasher, 1, &b));
        // Nor by the first bytes, which once were the place itself.
        a[..8].fill(0);
        b[..8].fill(1);
        let moved = |hash| mix(&hasher, hash, &a) ^ mix(&hasher, hash, &b);
        assert_ne!(moved(1), 0x0101_0101_0101_0101);
        assert_ne!(moved(1), moved(2));
    }
}
