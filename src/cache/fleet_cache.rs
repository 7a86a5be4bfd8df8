//! The cache of a fleet of servers: that of the process first, then the store that all share, then
//! a validation.
//!
//! The store saves work and decides nothing. What it returns counts only if a key of the fleet
//! sealed it, and if no evidence of this server revokes a certificate of its path; otherwise, and
//! where the store is down, the client is validated as if there were no store, and the caller is
//! told. A verdict from the store keeps the time at which it was made and its end, so that passing
//! it on does not prolong its life.
//!
//! A server that does not know of a revocation yet may still accept, and servers that know as
//! little take its verdict. That lasts no longer than if each of them had accepted the client
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
/// Removing verdicts from the cache does not remove them from the store, from which the next
/// request would read them again. In an emergency each server calls
/// [`refuse_before`](Self::refuse_before) and then clears its own cache; or all of them change the
/// key. [`names`](Self::names) says what to remove from the store about one client.
///
/// To change the key, make another one over the same cache and store, on all servers once [all of
/// them accept it](Sealing#changing-the-key):
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
    /// Verdicts that were made until then are refused.
    refused_until: Mutex<Time>,
}

/// A verdict, and where it came from.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServedVerdict<T, E> {
    /// The verdict, and what the caller keeps with it.
    pub cached: Arc<CachedVerdict<T>>,
    /// Where it came from.
    pub source: VerdictSource,
    /// What went wrong with the store, if anything did: for the log. The verdict is valid all the
    /// same.
    pub store_error: Option<StoreError<E>>,
}

/// Where a verdict came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerdictSource {
    /// The cache of this process.
    Cache,
    /// The store, in which a server of the fleet had put it.
    Store,
    /// A validation.
    Validation,
}

/// What went wrong with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError<E> {
    /// It could not be asked. Nothing was put there either.
    Get(E),
    /// It returned something that is not a verdict for this client.
    Refused(OpenError),
    /// The verdict could not be put there.
    Put(E),
    /// The verdict could not be sealed.
    Sealing(SealError),
}

impl<E: fmt::Display> fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(error) => write!(f, "the store was not asked: {error}"),
            Self::Refused(error) => write!(f, "what the store returned was refused: {error}"),
            Self::Put(error) => write!(f, "the store did not take the verdict: {error}"),
            Self::Sealing(error) => write!(f, "the verdict was not sealed: {error}"),
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

/// The steps of [`FleetCache::validate`], which the asynchronous one shares: `$validate` and each
/// call of the store are followed by `.await` there.
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
    /// A cache in front of a store that is read and written with these keys.
    #[must_use]
    pub fn new(cache: Arc<VerdictCache<T>>, store: S, sealing: Sealing) -> Self {
        Self {
            cache,
            store,
            sealing,
            refused_until: Mutex::new(Time::from_unix(i64::MIN)),
        }
    }

    /// Refuses verdicts of the store that were made at this time or before, by whichever server:
    /// after an emergency, or where an intruder may have written to the store and could put
    /// back older ones. An earlier time than the last one changes nothing. Default: no verdict
    /// is refused.
    ///
    /// Clear this server's own cache after this call, which does not do it:
    ///
    /// ```
    /// # use portcullis::cache::FleetCache;
    /// # fn emergency<T, S>(fleet: &FleetCache<T, S>, now: portcullis::Time) {
    /// fleet.refuse_before(now);
    /// fleet.cache().clear();
    /// # }
    /// ```
    ///
    /// Clocks differ: a server whose clock is ahead made a verdict earlier than it says. Add that
    /// difference to the time; until then the store is of no use. The time is not stored: call this
    /// again in a server that restarts, and for another `FleetCache`, as long as older verdicts may
    /// be in the store.
    pub fn refuse_before(&self, made: Time) {
        let mut refused = lock(&self.refused_until);
        *refused = made.max(*refused);
    }

    /// The names under which the store may have a verdict for this key. Remove them from the store,
    /// in its own way, so that this client is validated anew. There are other names for each
    /// namespace, validator and set of expected names. A server that is validating the client
    /// at that moment may store the verdict again: only [`refuse_before`](Self::refuse_before)
    /// ends it for certain.
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
    ///     // In every server, after that:
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

    /// The verdict of the cache or of the store, or a new one, which goes into both if it accepts.
    /// A verdict that was not in the cache is cached with what `keep` makes of it.
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

    /// As [`validate`](Self::validate), with a store and a fetcher that do not block.
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

    /// Caches a new verdict. Returned with it is what to put into the store.
    fn validated<E>(
        &self,
        mut query: StoreQuery<'_, E>,
        verdict: Result<Accepted, Rejected>,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> (ServedVerdict<T, E>, Option<SealedVerdict>) {
        let mut sealed = None;
        // A store that was down just now is not waited for twice, and what may have to be forgotten
        // is not passed on.
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

/// Asks the store, name by name.
struct StoreQuery<'k, E> {
    key: LookupKey<'k>,
    now: Time,
    epoch: ForgetEpoch,
    names: alloc::vec::IntoIter<[u8; 32]>,
    is_down: bool,
    /// The first thing that went wrong.
    store_error: Option<StoreError<E>>,
}

impl<E> StoreQuery<'_, E> {
    /// A store that does not answer is asked no more.
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
            // It may be that the store kept it a moment longer than it is valid.
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
        // Verdicts from before an emergency ended with it.
        let until = *lock(&fleet.refused_until);
        if opened.made <= until {
            return Err(OpenError::Ended { until });
        }
        Ok(opened)
    }
}
