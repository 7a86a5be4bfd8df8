//! The cache of a fleet of servers. It asks the cache of the process, then the store that all
//! servers share, and then validates.
//!
//! The store saves work but decides nothing. A verdict from it is used only if a key of the fleet
//! sealed it and this server's evidence revokes no certificate of its path. Otherwise, or if the
//! store is down, the client is validated as if there were no store, and the caller is told. A
//! verdict from the store keeps the time at which it was made and its end, so passing it on does
//! not extend its life.
//!
//! A server that does not know of a revocation yet may accept, and other servers that do not know
//! of it use its verdict. This does not last longer than if each of them had accepted the client
//! itself.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::ops::ControlFlow;
use std::sync::Mutex;

use super::entry::{CachedVerdict, VerdictLife};
use super::key::{CacheKey, LookupKey};
use super::sealing::{SealedVerdict, Sealing};
use super::shared_store::{AsyncSharedStore, SharedStore};
use super::verdict_cache::{ForgetEpoch, VerdictCache, lock};
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use crate::time::Time;
use crate::validator::{
    Accepted, OpenError, OpenedVerdict, Presented, Rejected, SealError, Validator,
};

/// A cache in front of a store that servers share.
///
/// Removing verdicts from the cache does not remove them from the store, so the next request would
/// read them from there. In an emergency, either each server calls
/// [`refuse_before`](Self::refuse_before) and then clears its own cache, or all servers change the
/// key. [`names`](Self::names) tells what to remove from the store for one client.
///
/// To change the key, create another `FleetCache` with the same cache and store. Do this on each
/// server after [all of them accept the new key](Sealing#changing-the-key):
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::cache::{FleetCache, Sealing, SealingKey};
///
/// fn rotated<T, S>(
///     fleet: &FleetCache<T, Arc<S>>,
///     new: SealingKey,
///     old: SealingKey,
/// ) -> FleetCache<T, Arc<S>> {
///     let sealing = Sealing::new(new).also_accept(old);
///     FleetCache::new(Arc::clone(fleet.cache()), Arc::clone(fleet.store()), sealing)
/// }
/// ```
///
/// `examples/shared_cache` keeps verdicts in Redis.
#[derive(Debug)]
pub struct FleetCache<T, S> {
    cache: Arc<VerdictCache<T>>,
    store: S,
    sealing: Sealing,
    /// Verdicts that were made at this time or before are refused.
    refused_until: Mutex<Time>,
}

/// A verdict, and where it came from.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServedVerdict<T, E> {
    /// The verdict and the caller's value.
    pub cached: Arc<CachedVerdict<T>>,
    /// Where it came from.
    pub source: VerdictSource,
    /// An error of the store, for the log. The verdict is valid in any case.
    pub store_error: Option<StoreError<E>>,
}

/// Where a verdict came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerdictSource {
    /// The cache of this process.
    Cache,
    /// The store, where a server of the fleet had put it.
    Store,
    /// A validation.
    Validation,
}

/// An error of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError<E> {
    /// The store could not be read. The verdict was not put there either.
    Get(E),
    /// What the store returned is not a valid verdict for this client.
    Refused(OpenError),
    /// The verdict could not be put into the store.
    Put(E),
    /// The verdict could not be sealed.
    Sealing(SealError),
}

impl<E: fmt::Display> fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(error) => write!(f, "the store could not be read: {error}"),
            Self::Refused(error) => write!(f, "the verdict from the store was refused: {error}"),
            Self::Put(error) => write!(f, "the verdict could not be put into the store: {error}"),
            Self::Sealing(error) => write!(f, "the verdict could not be sealed: {error}"),
        }
    }
}

impl<E: Error + 'static> Error for StoreError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Get(error) | Self::Put(error) => Some(error),
            Self::Refused(error) => Some(error),
            Self::Sealing(error) => Some(error),
        }
    }
}

/// The steps of [`FleetCache::validate`] and its asynchronous variant, in which `.await` follows
/// `$validate` and each call of the store.
macro_rules! validate {
    ($fleet:ident, $key:ident, $now:ident, $keep:ident, $validate:expr $(, $wait:tt)?) => {{
        let mut query = match $fleet.begin($key, $now) {
            ControlFlow::Break(served) => return served,
            ControlFlow::Continue(query) => query,
        };
        while let Some(name) = query.next_name() {
            let answer = $fleet.store.get(&name)$(.$wait)?;
            if let Some(opened) = query.answered($fleet, answer) {
                let life = VerdictLife { made: opened.made, until: opened.until };
                return $fleet.serve(query, Ok(opened.accepted), life, $keep);
            }
        }
        let verdict = $validate$(.$wait)?;
        let (mut served, sealed) = $fleet.validated(query, verdict, $keep);
        if let Some(SealedVerdict { name, bytes, seconds }) = sealed
            && let Err(error) = $fleet.store.put(&name, &bytes, seconds)$(.$wait)?
        {
            served.store_error.get_or_insert(StoreError::Put(error));
        }
        served
    }};
}

impl<T, S> FleetCache<T, S> {
    /// A cache in front of a store, with the keys for its verdicts.
    #[must_use]
    pub fn new(cache: Arc<VerdictCache<T>>, store: S, sealing: Sealing) -> Self {
        Self {
            cache,
            store,
            sealing,
            refused_until: Mutex::new(Time::from_unix(i64::MIN)),
        }
    }

    /// Refuses verdicts from the store that any server made at this time or before. Call it in an
    /// emergency, or if an intruder may have written to the store and could put back older
    /// verdicts. A time before that of an earlier call has no effect. Default: no verdict is
    /// refused.
    ///
    /// This does not clear the server's own cache; do that afterwards:
    ///
    /// ```
    /// # use portcullis::cache::FleetCache;
    /// # fn emergency<T, S>(fleet: &FleetCache<T, S>, now: portcullis::Time) {
    /// fleet.refuse_before(now);
    /// fleet.cache().clear();
    /// # }
    /// ```
    ///
    /// Clocks differ: a server whose clock is ahead made a verdict earlier than the verdict states.
    /// Add that difference to the time. Until then, verdicts in the store are refused. The time is
    /// not stored: call this again after a restart, and for another `FleetCache`, as long as older
    /// verdicts may be in the store.
    pub fn refuse_before(&self, made: Time) {
        let mut refused = lock(&self.refused_until);
        *refused = made.max(*refused);
    }

    /// The names under which the store may have a verdict for this key. Remove them from the store
    /// so that this client is validated again. The names differ for each namespace, validator and
    /// set of expected names. A server that is validating the client at that moment may store the
    /// verdict again; only [`refuse_before`](Self::refuse_before) reliably ends it.
    ///
    /// ```
    /// # use portcullis::cache::{CacheKey, FleetCache};
    /// # use portcullis::{Presented, Validator};
    /// # struct Redis;
    /// # impl Redis { fn remove(&self, _: &[u8; 32]) {} }
    /// fn validate_anew<T>(fleet: &FleetCache<T, Redis>, validator: &Validator, client: &Presented)
    /// {
    ///     for name in fleet.names(&CacheKey::new(b"api", validator, client)) {
    ///         fleet.store().remove(&name);
    ///     }
    ///     // Then, in every server:
    ///     fleet.cache().forget(|known| match &known.verdict {
    ///         Ok(accepted) => accepted.leaf() == client.leaf(),
    ///         Err(_) => false,
    ///     });
    /// }
    /// ```
    pub fn names(&self, key: &CacheKey<'_>) -> impl Iterator<Item = [u8; 32]> + use<T, S> {
        self.sealing.names(key)
    }

    getters! {
        /// The cache of this process. A [`ConnectionPeer`](super::ConnectionPeer) asks it first.
        ref cache: Arc<VerdictCache<T>>;
        /// The store that all servers share.
        ref store: S;
    }

    /// The verdict from the cache or the store, or a new one, which is put into both if it accepts.
    /// A verdict that was not in the cache is cached together with the value that `keep` returns
    /// for it.
    pub fn validate(
        &self,
        namespace: &[u8],
        validator: &Validator,
        presented: &Presented,
        now: Time,
        fetcher: &impl RevocationFetcher,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> ServedVerdict<T, S::Error>
    where
        S: SharedStore,
    {
        let key = CacheKey::new(namespace, validator, presented);
        let validate = || validator.validate(presented, now, fetcher);
        validate!(self, key, now, keep, validate())
    }

    /// Like [`validate`](Self::validate), with a store and a fetcher that do not block.
    pub async fn validate_async<F: AsyncRevocationFetcher>(
        &self,
        namespace: &[u8],
        validator: &Validator,
        presented: &Presented,
        now: Time,
        fetcher: &F,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> ServedVerdict<T, S::Error>
    where
        S: AsyncSharedStore,
    {
        let key = CacheKey::new(namespace, validator, presented);
        let validate = || validator.validate_async(presented, now, fetcher);
        validate!(self, key, now, keep, validate(), await)
    }

    /// The cached verdict, or what to ask the store.
    fn begin<'k, E>(
        &self,
        key: CacheKey<'k>,
        now: Time,
    ) -> ControlFlow<ServedVerdict<T, E>, StoreQuery<'k, E>> {
        let key = self.cache.rules.lookup_key(key);
        let epoch = self.cache.epoch();
        if let Some(cached) = self.cache.find(&key, now) {
            return ControlFlow::Break(ServedVerdict {
                cached,
                source: VerdictSource::Cache,
                store_error: None,
            });
        }
        // If accepted verdicts are not cached, the store is not asked.
        let names: Vec<_> = match self.cache.rules.options.accepted.most {
            0 => Vec::new(),
            _ => self.sealing.names(&key.key).collect(),
        };
        ControlFlow::Continue(StoreQuery {
            key,
            now,
            epoch,
            names: names.into_iter(),
            is_down: false,
            store_error: None,
        })
    }

    /// Caches a new verdict, and also returns what to put into the store.
    fn validated<E>(
        &self,
        mut query: StoreQuery<'_, E>,
        verdict: Result<Accepted, Rejected>,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> (ServedVerdict<T, E>, Option<SealedVerdict>) {
        let mut sealed = None;
        // A store that was just down is not tried again, and a verdict that may have to be
        // forgotten is not shared.
        if let Ok(accepted) = &verdict
            && !query.is_down
            && self.cache.epoch() == query.epoch
        {
            let (key, options) = (&query.key.key, &self.cache.rules.options);
            match self.sealing.seal(key, accepted, query.now, options) {
                Ok(new) => sealed = Some(new),
                // What is not cached here is not shared either.
                Err(SealError::Ended) => {}
                Err(error) => {
                    query.store_error.get_or_insert(StoreError::Sealing(error));
                }
            }
        }
        let life = VerdictLife::new(query.now);
        let mut served = self.serve(query, verdict, life, keep);
        served.source = VerdictSource::Validation;
        (served, sealed)
    }

    fn serve<E>(
        &self,
        query: StoreQuery<'_, E>,
        verdict: Result<Accepted, Rejected>,
        life: VerdictLife,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> ServedVerdict<T, E> {
        let (kept, when) = (keep(&verdict), (life, query.now));
        let cache = &self.cache;
        ServedVerdict {
            cached: cache.store(&query.key, verdict, kept, when, query.epoch),
            source: VerdictSource::Store,
            store_error: query.store_error,
        }
    }
}

/// A query of the store, name by name.
struct StoreQuery<'k, E> {
    key: LookupKey<'k>,
    now: Time,
    epoch: ForgetEpoch,
    names: alloc::vec::IntoIter<[u8; 32]>,
    is_down: bool,
    /// The first error.
    store_error: Option<StoreError<E>>,
}

impl<E> StoreQuery<'_, E> {
    /// The next name to ask for. A store that is down is not asked again.
    fn next_name(&mut self) -> Option<[u8; 32]> {
        self.names.next().filter(|_| !self.is_down)
    }

    fn answered<T, S>(
        &mut self,
        fleet: &FleetCache<T, S>,
        answer: Result<Option<Vec<u8>>, E>,
    ) -> Option<OpenedVerdict> {
        let error = match answer.map(|bytes| bytes.map(|bytes| self.open(fleet, &bytes))) {
            Ok(Some(Ok(opened))) => return Some(opened),
            // The store may have kept it a moment longer than it is valid.
            Ok(None | Some(Err(OpenError::Ended { .. }))) => return None,
            Ok(Some(Err(error))) => StoreError::Refused(error),
            Err(error) => {
                self.is_down = true;
                StoreError::Get(error)
            }
        };
        self.store_error.get_or_insert(error);
        None
    }

    fn open<T, S>(
        &self,
        fleet: &FleetCache<T, S>,
        bytes: &[u8],
    ) -> Result<OpenedVerdict, OpenError> {
        let opened = fleet.sealing.open(&self.key.key, bytes, self.now)?;
        let most = fleet.cache.rules.options.accepted.most;
        let until = opened.made.plus(i64::from(most));
        if self.now >= until {
            return Err(OpenError::Ended { until });
        }
        // Verdicts from before an emergency have ended.
        let until = *lock(&fleet.refused_until);
        if opened.made <= until {
            return Err(OpenError::Ended { until });
        }
        Ok(opened)
    }
}
