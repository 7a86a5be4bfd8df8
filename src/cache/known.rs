//! A connection's peer: what a look-up needs is worked out once, and each request on the connection
//! costs the look-up alone.
//!
//! The peer keeps no verdict. Each request asks the cache, so that the time, the validator of that
//! moment and what the cache was told to forget decide every time.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use super::entry::Remembered;
use super::key::{CacheKey, PeerHash, Sought};
use super::shared::VerdictCache;
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use crate::time::Time;
use crate::validator::{Accepted, Presented, Rejected, Validator};

/// What a peer presented on a connection, with its hashes: kept for as long as the connection is.
///
/// A server makes one after the handshake, and asks it on each request: a verdict may end, a
/// validator may be swapped, while the connection lives on. Nothing is parsed, hashed or allocated
/// for a verdict that is remembered.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::cache::{CacheOptions, KnownPeer, VerdictCache};
/// use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
/// use portcullis::{Presented, Time, TrustMode, TrustStore, Validator};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
///     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
///     .build()?;
/// let cache = Arc::new(VerdictCache::new(CacheOptions::default()));
///
/// // Once a connection:
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// let peer = KnownPeer::new(Arc::clone(&cache), b"api", presented);
///
/// // Once a request:
/// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
/// let served = peer.validate(&validator, now, &NoFetcher, |_| "its principal");
/// assert!(served.verdict.is_ok());
/// assert!(peer.get(&validator, now).is_some());
/// cache.clear();
/// assert!(peer.get(&validator, now).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct KnownPeer<T> {
    cache: Arc<VerdictCache<T>>,
    namespace: Arc<[u8]>,
    presented: Presented,
    hash: PeerHash<Box<[u8; 32]>>,
}

impl<T> KnownPeer<T> {
    /// Of what a peer presents on a connection, in a namespace as [`CacheKey`] has it.
    #[must_use]
    pub fn new(cache: Arc<VerdictCache<T>>, namespace: &[u8], presented: Presented) -> Self {
        let of_peer = (namespace, presented.expected(), presented.leaf().as_der());
        Self {
            hash: cache.hash(of_peer).boxed(),
            namespace: cache.namespace(namespace),
            cache,
            presented,
        }
    }

    /// What it presents.
    pub fn presented(&self) -> &Presented {
        &self.presented
    }

    /// Under which its verdicts of this validator are remembered.
    #[must_use]
    pub fn key<'a>(&'a self, validator: &'a Validator) -> CacheKey<'a> {
        CacheKey::new(&self.namespace, validator, &self.presented)
    }

    /// The verdict that is remembered, if it has not ended.
    #[must_use]
    pub fn get(&self, validator: &Validator, now: Time) -> Option<Arc<Remembered<T>>> {
        self.cache.find(&self.sought(validator), now)
    }

    /// The verdict that is remembered, or a new one, as [`VerdictCache::validate`] has it.
    pub fn validate(
        &self,
        validator: &Validator,
        now: Time,
        fetcher: &impl RevocationFetcher,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<Remembered<T>> {
        let sought = self.sought(validator);
        self.cache
            .validate_sought(&sought, &self.presented, now, fetcher, keep)
    }

    /// As [`validate`](Self::validate), with a fetcher that does not block.
    pub async fn validate_async<F: AsyncRevocationFetcher>(
        &self,
        validator: &Validator,
        now: Time,
        fetcher: &F,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<Remembered<T>> {
        let sought = self.sought(validator);
        self.cache
            .validate_sought_async(&sought, &self.presented, now, fetcher, keep)
            .await
    }

    fn sought<'a>(&'a self, validator: &'a Validator) -> Sought<'a> {
        Sought::new(self.key(validator), &self.hash)
    }
}

impl<T> fmt::Debug for KnownPeer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownPeer")
            .field("presented", &self.presented)
            .finish_non_exhaustive()
    }
}
