//! The peer of a connection. Its hashes are computed once, and each request on the connection costs
//! only a look-up.
//!
//! It does not keep a verdict. Each request asks the cache, so that the time, the current validator
//! and calls to forget take effect on every request.

use alloc::sync::Arc;

use super::entry::{CachedVerdict, VerdictLife};
use super::key::{CacheKey, LookupKey, PeerHash};
use super::verdict_cache::{VerdictCache, get_or_validate};
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use crate::time::Time;
use crate::validator::{Accepted, Presented, Rejected, Validator};

/// What a peer presented on a connection, with its hashes, for the lifetime of the connection.
///
/// A server creates one after the handshake and asks it on each request, because a verdict may end
/// and the validator may be replaced during the connection. A cached verdict needs no parsing,
/// hashing or allocation.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::cache::{CacheOptions, ConnectionPeer, VerdictCache};
/// use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
/// use portcullis::{Presented, Time, TrustMode, TrustStore, Validator};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
///     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
///     .build()?;
/// let cache = Arc::new(VerdictCache::new(CacheOptions::default()));
///
/// // Once for each connection:
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// let peer = ConnectionPeer::new(Arc::clone(&cache), b"api", presented);
///
/// // For each request:
/// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
/// let served = peer.validate(&validator, now, &NoFetcher, |_| "its principal");
/// assert!(served.verdict.is_ok());
/// assert!(peer.get(&validator, now).is_some());
/// cache.clear();
/// assert!(peer.get(&validator, now).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ConnectionPeer<T> {
    cache: Arc<VerdictCache<T>>,
    namespace: Arc<[u8]>,
    presented: Presented,
    hash: PeerHash,
}

impl<T> ConnectionPeer<T> {
    /// A peer that presents this on a connection. The namespace is that of [`CacheKey`].
    #[must_use]
    pub fn new(cache: Arc<VerdictCache<T>>, namespace: &[u8], presented: Presented) -> Self {
        let of_peer = (namespace, presented.expected(), presented.leaf().as_der());
        Self {
            hash: cache.rules.peer_hash(of_peer),
            namespace: cache.namespace(namespace),
            cache,
            presented,
        }
    }

    /// What the peer presents.
    pub fn presented(&self) -> &Presented {
        &self.presented
    }

    /// The key of the peer's verdicts by this validator.
    #[must_use]
    pub fn key<'a>(&'a self, validator: &'a Validator) -> CacheKey<'a> {
        CacheKey::new(&self.namespace, validator, &self.presented)
    }

    /// The cached verdict, if it has not ended.
    #[must_use]
    pub fn get(&self, validator: &Validator, now: Time) -> Option<Arc<CachedVerdict<T>>> {
        self.cache.find(&self.lookup_key(validator), now)
    }

    /// The cached verdict, or a new one, as in [`VerdictCache::validate`].
    pub fn validate(
        &self,
        validator: &Validator,
        now: Time,
        fetcher: &impl RevocationFetcher,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<CachedVerdict<T>> {
        let key = self.lookup_key(validator);
        let validate = || validator.validate(&self.presented, now, fetcher);
        get_or_validate!(&self.cache, key, now, keep, validate())
    }

    /// Like [`validate`](Self::validate), with a fetcher that does not block.
    pub async fn validate_async<F: AsyncRevocationFetcher>(
        &self,
        validator: &Validator,
        now: Time,
        fetcher: &F,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<CachedVerdict<T>> {
        let key = self.lookup_key(validator);
        let validate = || validator.validate_async(&self.presented, now, fetcher);
        get_or_validate!(&self.cache, key, now, keep, validate().await)
    }

    fn lookup_key<'a>(&'a self, validator: &'a Validator) -> LookupKey<'a> {
        LookupKey::new(self.key(validator), &self.hash)
    }
}

debug! { impl[T] ConnectionPeer<T>: "ConnectionPeer", |self| "presented": self.presented }
