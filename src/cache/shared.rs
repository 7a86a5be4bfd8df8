//! The cache between threads: several of them, each behind a lock of its own.
//!
//! Which one holds a verdict is decided by its hash, so that two threads rarely meet. Hashing is done before the lock is
//! taken, validating while no lock is held: two threads that miss at once validate both, and the second verdict replaces
//! the first.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::DefaultHashBuilder;

use super::local::{CacheKey, LocalCache, Remembered, Sought};
use super::options::CacheOptions;
use crate::revocation::RevocationFetcher;
use crate::time::Time;
use crate::validator::{Accepted, Presented, Rejected, Validator};

/// How many locks there are: some times as many as threads that run at once on most servers.
const SHARDS: usize = 32;

/// Verdicts that are remembered and shared between threads.
///
/// ```
/// use portcullis::cache::{CacheOptions, VerdictCache};
/// use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
/// use portcullis::{Presented, Time, TrustMode, TrustStore, Validator};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
///     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
///     .build()?;
/// let cache = VerdictCache::new(CacheOptions::default());
///
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
/// let name = |verdict: &Result<_, _>| verdict.is_ok();
/// let first = cache.validate(b"api", &validator, &presented, now, &NoFetcher, name);
/// let again = cache.validate(b"api", &validator, &presented, now, &NoFetcher, name);
/// assert!(std::sync::Arc::ptr_eq(&first, &again) && again.kept);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct VerdictCache<T> {
    options: CacheOptions,
    hasher: DefaultHashBuilder,
    shards: Vec<Mutex<LocalCache<T>>>,
}

impl<T> VerdictCache<T> {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(options: CacheOptions) -> Self {
        // A small cache is one, so that its capacity and its order are what they say.
        let shards = if options.capacity <= 64 * SHARDS {
            1
        } else {
            SHARDS
        };
        let each = options.capacity(options.capacity.div_ceil(shards));
        Self {
            options,
            hasher: DefaultHashBuilder::default(),
            shards: (0..shards)
                .map(|_| Mutex::new(LocalCache::new(each)))
                .collect(),
        }
    }

    /// The verdict that is remembered, if it has not ended.
    pub fn get(&self, key: &CacheKey<'_>, now: Time) -> Option<Arc<Remembered<T>>> {
        let sought = Sought::new(&self.options, &self.hasher, key);
        self.shard(&sought)?.find(&sought, now)
    }

    /// Remembers a verdict. Returns it, shared as it is kept.
    pub fn put(
        &self,
        key: &CacheKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        now: Time,
    ) -> Arc<Remembered<T>> {
        let sought = Sought::new(&self.options, &self.hasher, key);
        let remembered = Arc::new(Remembered { verdict, kept });
        if let Some(mut shard) = self.shard(&sought) {
            shard.store(&sought, Arc::clone(&remembered), now);
        }
        remembered
    }

    /// The verdict that is remembered, or a new one, which is remembered then with what `keep` makes of it.
    ///
    /// The fetcher may block. With one that does not, [`get`](Self::get) the verdict, ask [`Validator::validate_async`] if
    /// there is none, and [`put`](Self::put) what comes out.
    pub fn validate(
        &self,
        namespace: &[u8],
        validator: &Validator,
        presented: &Presented,
        now: Time,
        fetcher: &impl RevocationFetcher,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<Remembered<T>> {
        let key = CacheKey::new(namespace, validator, presented);
        if let Some(remembered) = self.get(&key, now) {
            return remembered;
        }
        let verdict = validator.validate(presented, now, fetcher);
        let kept = keep(&verdict);
        self.put(&key, verdict, kept, now)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        for shard in &self.shards {
            lock(shard).clear();
        }
    }

    /// Forgets the verdicts that `is_it` holds for: after an emergency list, say, those of its issuer.
    pub fn forget(&self, is_it: impl Fn(&Remembered<T>) -> bool) {
        for shard in &self.shards {
            lock(shard).forget(&is_it);
        }
    }

    /// Forgets the verdicts that have ended. What is met is dropped anyway; this makes room for what keeps memory.
    pub fn forget_ended(&self, now: Time) {
        for shard in &self.shards {
            lock(shard).forget_ended(now);
        }
    }

    /// How many verdicts are held, ended ones among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// True when none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, sought: &Sought<'_>) -> Option<MutexGuard<'_, LocalCache<T>>> {
        // The table of a shard uses the low bits and the highest seven.
        let place = (sought.hash() >> 40) as usize % self.shards.len().max(1);
        self.shards.get(place).map(lock)
    }
}

/// What panicked elsewhere left no verdict half made: an entry is put in whole.
fn lock<T>(shard: &Mutex<LocalCache<T>>) -> MutexGuard<'_, LocalCache<T>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> fmt::Debug for VerdictCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerdictCache")
            .field("options", &self.options)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
