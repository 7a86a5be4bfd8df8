//! Verdicts that a fleet of servers shares: the cache of the process first, then the store of all,
//! then a validation.
//!
//! The store saves work. What it returns counts only if a key of the fleet sealed it, and if no
//! evidence that this server has revokes a certificate of its path; otherwise, and where it is
//! down, the client is validated as if there were no store, and the caller is told. A verdict from
//! the store enters the cache with the moment at which it was made and the end that it was sealed
//! with, so that being passed on does not prolong its life.
//!
//! A server that has not heard of a revocation yet may still accept, and those that know as little
//! take its word. That lasts no longer than if each of them had accepted the client itself.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::sync::Mutex;

use super::entry::{Life, Remembered};
use super::key::{CacheKey, PeerHash, Sought};
use super::sealing::{Opened, Sealed, Sealing};
use super::shard::lock;
use super::shared::{Epoch, VerdictCache};
use super::store::{AsyncSharedStore, SharedStore};
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use crate::time::Time;
use crate::validator::{Accepted, OpenError, Presented, Rejected, SealError, Validator};

/// A cache in front of a store that servers share.
///
/// Forgetting in the cache does not reach the store, from which the next request would read the
/// same verdict again. In an emergency each server calls [`refuse_before`](Self::refuse_before) and
/// then forgets what it remembers itself; or all of them change the key. [`names`](Self::names)
/// says what to remove from the store about one client.
///
/// To change the key, put another one in its place over the same cache and store, on all servers
/// once [all of them accept it](Sealing#changing-the-key):
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
///     let sealing = Sealing::new(new).also_accepting(old);
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
    /// Verdicts that were made until then are not taken from the store.
    refused_until: Mutex<Time>,
}

/// A verdict, and how it came about.
#[derive(Debug)]
#[non_exhaustive]
pub struct Served<T, E> {
    /// The verdict, and what the caller keeps with it.
    pub remembered: Arc<Remembered<T>>,
    /// Where it is from.
    pub source: Source,
    /// What went wrong with the store on the way, if anything did: for the log. The verdict is as
    /// good.
    pub trouble: Option<Trouble<E>>,
}

/// Where a verdict is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// This process remembered it.
    Cache,
    /// A server of the fleet had put it into the store.
    Store,
    /// The client was validated.
    Validation,
}

/// What went wrong with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble<E> {
    /// It could not be asked. Nothing was put there either.
    Get(E),
    /// It returned what is no verdict for this client.
    Refused(OpenError),
    /// The verdict could not be put there.
    Put(E),
    /// The verdict could not be sealed.
    Sealing(SealError),
}

impl<E: fmt::Display> fmt::Display for Trouble<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(error) => write!(f, "the store was not asked: {error}"),
            Self::Refused(error) => write!(f, "what the store returned was refused: {error}"),
            Self::Put(error) => write!(f, "the store did not take the verdict: {error}"),
            Self::Sealing(error) => write!(f, "the verdict was not sealed: {error}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Trouble<E> {}

impl<T, S> FleetCache<T, S> {
    /// A cache in front of a store, to be read and written with these keys.
    #[must_use]
    pub fn new(cache: Arc<VerdictCache<T>>, store: S, sealing: Sealing) -> Self {
        Self {
            cache,
            store,
            sealing,
            refused_until: Mutex::new(Time::from_unix(i64::MIN)),
        }
    }

    /// Takes no verdict from the store that was made before this moment or in its very second,
    /// whichever server made it: after an emergency, or where somebody else may have written to
    /// the store, who could put back an older one. An earlier moment than the last changes
    /// nothing. Default: any moment will do.
    ///
    /// What this server remembers is forgotten after this call, not by it:
    ///
    /// ```
    /// # use portcullis::cache::FleetCache;
    /// # fn emergency<T, S>(fleet: &FleetCache<T, S>, now: portcullis::Time) {
    /// fleet.refuse_before(now);
    /// fleet.cache().clear();
    /// # }
    /// ```
    ///
    /// Clocks differ: a server that is ahead made a verdict earlier than it says. A moment that
    /// lies ahead by as much keeps it out, and until then the store is of no use. It is not
    /// kept anywhere: a server that starts anew, or with another `FleetCache`, is told again as
    /// long as verdicts of before may be in the store.
    pub fn refuse_before(&self, made: Time) {
        let mut refused = lock(&self.refused_until);
        *refused = made.max(*refused);
    }

    /// Under which the store may have a verdict for this key: what to remove there, in the store's
    /// own way, so that this one client is validated anew. It has a name of its own for each
    /// namespace, validator and set of expected names. A server that is validating the client
    /// just then may put the verdict there once more: [`refuse_before`](Self::refuse_before) is
    /// what ends it for certain.
    ///
    /// ```
    /// # use portcullis::cache::{CacheKey, FleetCache};
    /// # use portcullis::{Presented, Validator};
    /// # struct Redis;
    /// # impl Redis { fn remove(&self, _: &[u8; 32]) {} }
    /// fn validate_anew<T>(fleet: &FleetCache<T, Redis>, validator: &Validator, client: &Presented) {
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

    /// The cache of this process. A [`KnownPeer`](super::KnownPeer) asks it first.
    #[must_use]
    pub fn cache(&self) -> &Arc<VerdictCache<T>> {
        &self.cache
    }

    /// The store of all.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The verdict that is remembered here or in the store, or a new one, which is remembered in
    /// both if it accepts. A verdict that was not remembered here comes with what `keep` makes
    /// of it.
    pub fn validate(
        &self,
        namespace: &[u8],
        validator: &Validator,
        presented: &Presented,
        now: Time,
        fetcher: &impl RevocationFetcher,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Served<T, S::Error>
    where
        S: SharedStore,
    {
        let key = CacheKey::new(namespace, validator, presented);
        let peer = self.cache.hash(key.of_peer());
        let mut asking = match self.begin(key, &peer, now) {
            Ok(served) => return served,
            Err(asking) => asking,
        };
        while let Some(name) = asking.next_name() {
            let answer = self.store.get(&name);
            if let Some(opened) = asking.answered(self, answer) {
                return self.opened(asking, opened, keep);
            }
        }
        let verdict = validator.validate(presented, now, fetcher);
        let (mut served, sealed) = self.validated(asking, verdict, keep);
        if let Some(Sealed {
            name,
            bytes,
            seconds,
        }) = sealed
        {
            let put = self.store.put(&name, &bytes, seconds);
            served.note_put(put);
        }
        served
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
    ) -> Served<T, S::Error>
    where
        S: AsyncSharedStore,
    {
        let key = CacheKey::new(namespace, validator, presented);
        let peer = self.cache.hash(key.of_peer());
        let mut asking = match self.begin(key, &peer, now) {
            Ok(served) => return served,
            Err(asking) => asking,
        };
        while let Some(name) = asking.next_name() {
            let answer = self.store.get(&name).await;
            if let Some(opened) = asking.answered(self, answer) {
                return self.opened(asking, opened, keep);
            }
        }
        let verdict = validator.validate_async(presented, now, fetcher).await;
        let (mut served, sealed) = self.validated(asking, verdict, keep);
        if let Some(Sealed {
            name,
            bytes,
            seconds,
        }) = sealed
        {
            let put = self.store.put(&name, &bytes, seconds).await;
            served.note_put(put);
        }
        served
    }

    /// What this process remembers, or what to ask the store.
    fn begin<'k, E>(
        &self,
        key: CacheKey<'k>,
        peer: &'k PeerHash,
        now: Time,
    ) -> Result<Served<T, E>, Asking<'k, E>> {
        let sought = Sought::new(key, peer);
        let epoch = self.cache.epoch();
        if let Some(remembered) = self.cache.find(&sought, now) {
            return Ok(Served {
                remembered,
                source: Source::Cache,
                trouble: None,
            });
        }
        // Where no accepted verdict is remembered, none is asked for.
        let most = self.cache.options().accepted.most;
        let names = match most {
            0 => Vec::new(),
            _ => self.sealing.names(&key).collect(),
        };
        Err(Asking {
            sought,
            now,
            epoch,
            most,
            names: names.into_iter(),
            is_down: false,
            trouble: None,
        })
    }

    fn opened<E>(
        &self,
        asking: Asking<'_, E>,
        opened: Opened,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Served<T, E> {
        let verdict = Ok(opened.accepted);
        let kept = keep(&verdict);
        let life = Life {
            made: opened.made,
            until: opened.until,
        };
        let when = (life, asking.now);
        let cache = &self.cache;
        Served {
            remembered: cache.store(&asking.sought, verdict, kept, when, asking.epoch),
            source: Source::Store,
            trouble: asking.trouble,
        }
    }

    /// Remembers a new verdict here; what is to be put into the store comes back.
    fn validated<E>(
        &self,
        asking: Asking<'_, E>,
        verdict: Result<Accepted, Rejected>,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> (Served<T, E>, Option<Sealed>) {
        let Asking {
            sought,
            now,
            epoch,
            is_down,
            mut trouble,
            ..
        } = asking;
        let mut sealed = None;
        let cache = &self.cache;
        // A store that was down just now is not waited for twice, and what may have to be forgotten
        // is not passed on.
        if let (Ok(accepted), false, true) = (&verdict, is_down, cache.epoch() == epoch) {
            let options = cache.options();
            match self.sealing.seal(&sought.key, accepted, now, options) {
                Ok(new) => sealed = Some(new),
                // What is not remembered here is not shared either.
                Err(SealError::Ended) => {}
                Err(error) => trouble = trouble.or(Some(Trouble::Sealing(error))),
            }
        }
        let kept = keep(&verdict);
        let served = Served {
            remembered: cache.store(&sought, verdict, kept, (Life::new(now), now), epoch),
            source: Source::Validation,
            trouble,
        };
        (served, sealed)
    }
}

impl<T, E> Served<T, E> {
    fn note_put(&mut self, put: Result<(), E>) {
        if let (Err(error), None) = (put, &self.trouble) {
            self.trouble = Some(Trouble::Put(error));
        }
    }
}

/// Asking the store, name by name.
struct Asking<'k, E> {
    sought: Sought<'k>,
    now: Time,
    epoch: Epoch,
    /// Seconds for which a verdict counts here, whoever made it.
    most: u32,
    names: alloc::vec::IntoIter<[u8; 32]>,
    is_down: bool,
    /// The first thing that went wrong.
    trouble: Option<Trouble<E>>,
}

impl<E> Asking<'_, E> {
    /// A store that does not answer is asked no more.
    fn next_name(&mut self) -> Option<[u8; 32]> {
        if self.is_down {
            return None;
        }
        self.names.next()
    }

    fn answered<T, S>(
        &mut self,
        fleet: &FleetCache<T, S>,
        answer: Result<Option<Vec<u8>>, E>,
    ) -> Option<Opened> {
        let trouble = match answer {
            Ok(None) => return None,
            Err(error) => {
                self.is_down = true;
                Trouble::Get(error)
            }
            Ok(Some(bytes)) => match self.open(fleet, &bytes) {
                Ok(opened) => return Some(opened),
                // The store kept it a moment longer than it holds.
                Err(OpenError::Ended { .. }) => return None,
                Err(error) => Trouble::Refused(error),
            },
        };
        self.trouble.get_or_insert(trouble);
        None
    }

    fn open<T, S>(&self, fleet: &FleetCache<T, S>, bytes: &[u8]) -> Result<Opened, OpenError> {
        let opened = fleet.sealing.open(&self.sought.key, bytes, self.now)?;
        let until = opened.made.plus(i64::from(self.most));
        if self.now >= until {
            return Err(OpenError::Ended { until });
        }
        // Those of before an emergency ended with it.
        let until = *lock(&fleet.refused_until);
        if opened.made <= until {
            return Err(OpenError::Ended { until });
        }
        Ok(opened)
    }
}
