//! The cache for several threads: 64 shards, each with its own lock.
//!
//! The hash of a key selects the shard, so threads rarely contend. Hashing happens before the lock
//! is taken, and no lock is held during validation: if two threads miss at the same time, both
//! validate, and the second verdict replaces the first. A verdict whose validation began before a
//! call to `forget` or `clear` is not stored, since it may depend on what had to be forgotten.
//! These calls are counted, and the count is compared under the lock of the shard.
//!
//! The capacity applies to all shards together. When it is reached, a new verdict displaces one of
//! the least recently used. Uses are dated by generation: sixteen generations pass while the cache
//! is filled once, and a verdict of the oldest generation is displaced. So most hits write only to
//! the lock and to the reference count of the verdict. A cache for at most 64 verdicts has one
//! shard and displaces exactly the least recently used.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::entry::{CacheEntry, CachedVerdict, LookupTime, VerdictKind, VerdictLife};
use super::key::{CacheKey, KeyScopes, LookupKey};
use super::options::CacheOptions;
use super::verdict_tables::{CacheRules, VerdictTables};
use crate::lru::Lru;
use crate::narrow;
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use crate::time::Time;
use crate::validator::{Accepted, Presented, Rejected, Validator};

/// Several times the number of threads that run at once on most servers.
const SHARDS: usize = 64;

/// Caches up to this capacity have one shard.
const UNDIVIDED: usize = 64;

/// The minimum number of generations in which a full cache is replaced.
const GENERATIONS: usize = 16;

/// Caches verdicts for several threads.
///
/// It never exceeds [`CacheOptions::capacity`]. A cache for up to 64 verdicts displaces exactly the
/// least recently used one; a larger cache displaces one among roughly the sixteenth that was least
/// recently used.
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
    pub(super) rules: CacheRules,
    scopes: Mutex<KeyScopes>,
    accepted: AtomicUsize,
    rejected: AtomicUsize,
    insertions: AtomicUsize,
    /// The number of calls that made the cache forget verdicts.
    epoch: AtomicUsize,
    /// The number of insertions per generation, as the exponent of a power of two.
    generation_length: u32,
    shards: Box<[Shard<T>]>,
}

/// Aligned to separate cache lines, so taking one lock does not slow down its neighbours.
#[repr(align(128))]
struct Shard<T>(Mutex<VerdictTables<T>>);

/// Identifies the time between two calls that make a cache forget verdicts. A verdict whose
/// validation began in an earlier epoch is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForgetEpoch(usize);

/// Looks up a verdict, and validates if there is none. `$validate` may await.
macro_rules! get_or_validate {
    ($cache:expr, $key:expr, $now:ident, $keep:ident, $validate:expr) => {{
        let (cache, key) = ($cache, $key);
        let epoch = cache.epoch();
        match cache.find(&key, $now) {
            Some(cached) => cached,
            None => {
                let verdict = $validate;
                let kept = $keep(&verdict);
                cache.store(&key, verdict, kept, (VerdictLife::new($now), $now), epoch)
            }
        }
    }};
}
pub(super) use get_or_validate;

impl<T> VerdictCache<T> {
    /// An empty cache.
    #[must_use]
    pub fn new(options: CacheOptions) -> Self {
        let shards = match options.capacity {
            ..=UNDIVIDED => 1,
            _ => SHARDS,
        };
        // The capacity applies to all shards together.
        let shard = || Shard(Mutex::new(VerdictTables::new(|_| usize::MAX)));
        Self {
            rules: CacheRules::new(options),
            scopes: Mutex::default(),
            accepted: AtomicUsize::new(0),
            rejected: AtomicUsize::new(0),
            insertions: AtomicUsize::new(0),
            epoch: AtomicUsize::new(0),
            generation_length: (options.capacity / GENERATIONS).max(1).ilog2(),
            shards: (0..shards).map(|_| shard()).collect(),
        }
    }

    /// The cached verdict, if it has not ended.
    pub fn get(&self, key: &CacheKey<'_>, now: Time) -> Option<Arc<CachedVerdict<T>>> {
        self.find(&self.rules.lookup_key(*key), now)
    }

    /// Caches a verdict and returns it in shared form. A verdict for another leaf, by another
    /// validator, or for other expected names than the key's is not cached. A rejection must be for
    /// everything that the key presents.
    pub fn put(
        &self,
        key: &CacheKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        now: Time,
    ) -> Arc<CachedVerdict<T>> {
        self.put_since(self.epoch(), key, verdict, kept, now)
    }

    /// The current epoch. Read it before a look-up whose verdict is stored later: see
    /// [`put_since`](Self::put_since).
    #[must_use]
    pub fn epoch(&self) -> ForgetEpoch {
        ForgetEpoch(self.epoch.load(Relaxed))
    }

    /// Like [`put`](Self::put), but does not cache a verdict if the cache was told to forget
    /// anything since that epoch. A CRL may have arrived during the validation that did not use it.
    pub fn put_since(
        &self,
        epoch: ForgetEpoch,
        key: &CacheKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        now: Time,
    ) -> Arc<CachedVerdict<T>> {
        let when = (VerdictLife::new(now), now);
        self.store(&self.rules.lookup_key(*key), verdict, kept, when, epoch)
    }

    /// The cached verdict, or a new one, which is cached together with the value that `keep`
    /// returns for it.
    ///
    /// The fetcher may block; [`validate_async`](Self::validate_async) takes one that does not.
    pub fn validate(
        &self,
        namespace: &[u8],
        validator: &Validator,
        presented: &Presented,
        now: Time,
        fetcher: &impl RevocationFetcher,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<CachedVerdict<T>> {
        let key = CacheKey::new(namespace, validator, presented);
        let validate = || validator.validate(presented, now, fetcher);
        get_or_validate!(self, self.rules.lookup_key(key), now, keep, validate())
    }

    /// Like [`validate`](Self::validate), with a fetcher that does not block.
    pub async fn validate_async<F: AsyncRevocationFetcher>(
        &self,
        namespace: &[u8],
        validator: &Validator,
        presented: &Presented,
        now: Time,
        fetcher: &F,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<CachedVerdict<T>> {
        let key = CacheKey::new(namespace, validator, presented);
        let validate = || validator.validate_async(presented, now, fetcher);
        get_or_validate!(
            self,
            self.rules.lookup_key(key),
            now,
            keep,
            validate().await
        )
    }

    /// Removes everything. Verdicts whose validation is in progress are not cached either. If the
    /// cache is in front of a shared store, call
    /// [`refuse_before`](super::FleetCache::refuse_before) first, since removed verdicts would be
    /// read again from there.
    pub fn clear(&self) {
        self.begin_epoch();
        *lock(&self.scopes) = KeyScopes::default();
        for shard in &self.shards {
            for kind in VerdictKind::ALL {
                let gone = core::mem::replace(lock(&shard.0).get(kind), Lru::new(usize::MAX));
                self.count(kind).fetch_sub(gone.len(), Relaxed);
            }
        }
    }

    /// Removes the verdicts for which `is_it` returns true, for example those of one issuer after
    /// an emergency CRL.
    ///
    /// No verdict whose validation is in progress is cached. `is_it` is called while a lock is
    /// held, so it must not use this cache. If the cache is in front of a shared store, call
    /// [`refuse_before`](super::FleetCache::refuse_before) first, since removed verdicts would be
    /// read again from there.
    pub fn forget(&self, is_it: impl Fn(&CachedVerdict<T>) -> bool) {
        self.begin_epoch();
        self.retain(|entry| !is_it(&entry.cached));
    }

    /// Removes the verdicts that have ended. A look-up that finds one removes it anyway; this frees
    /// memory earlier.
    pub fn forget_ended(&self, now: Time) {
        self.retain(|entry| entry.is_current(&self.rules.options, now));
    }

    getters! { |self|
        /// The number of verdicts, including those that have ended.
        len: usize = self.shards.iter().map(|shard| lock(&shard.0).len()).sum();

        /// True if there are none.
        is_empty: bool = self.len() == 0;
    }

    pub(super) fn namespace(&self, namespace: &[u8]) -> Arc<[u8]> {
        lock(&self.scopes).namespace(namespace)
    }

    pub(super) fn find(&self, key: &LookupKey<'_>, now: Time) -> Option<Arc<CachedVerdict<T>>> {
        // An accepted leaf is accepted regardless of what came with it.
        if let Some(accepted) = self.find_kind(VerdictKind::Accepted, key, None, now) {
            return Some(accepted);
        }
        if self.count(VerdictKind::Rejected).load(Relaxed) == 0 {
            return None;
        }
        let rest_hash = key.key.rest_hash()?;
        self.find_kind(VerdictKind::Rejected, key, Some(&rest_hash), now)
    }

    fn find_kind(
        &self,
        kind: VerdictKind,
        key: &LookupKey<'_>,
        rest_hash: Option<&[u8; 32]>,
        now: Time,
    ) -> Option<Arc<CachedVerdict<T>>> {
        let time = self.time(now);
        let mut shard = self.shard(key)?;
        let (current, ended) = self.rules.find(shard.get(kind), key, rest_hash, time);
        drop(shard);
        if ended.is_some() {
            self.count(kind).fetch_sub(1, Relaxed);
        }
        current
    }

    /// Caches a verdict with this life, unless its validation began in an earlier epoch.
    pub(super) fn store(
        &self,
        key: &LookupKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        (life, now): (VerdictLife, Time),
        epoch: ForgetEpoch,
    ) -> Arc<CachedVerdict<T>> {
        let cached = self.rules.share(key, verdict, kept);
        let scope = || lock(&self.scopes).of(&key.key);
        let times = (life, self.time(now));
        if let Some(entry) = CacheEntry::new(&self.rules.options, key, scope, &cached, times) {
            self.insert(key, cached.hashes.rest_hash.as_deref(), entry, epoch);
        }
        cached
    }

    /// A displaced verdict is dropped after the lock is released.
    fn insert(
        &self,
        key: &LookupKey<'_>,
        rest_hash: Option<&[u8; 32]>,
        entry: CacheEntry<T>,
        epoch: ForgetEpoch,
    ) {
        let kind = VerdictKind::of(&entry.cached.verdict);
        let hash = key.hash_with(&self.rules.hasher, rest_hash);
        let is_it = |known: &CacheEntry<T>| known.is(key, rest_hash);
        self.insertions.fetch_add(1, Relaxed);
        let shard = self.shard_in(epoch, key);
        let replaced = shard.map(|mut shard| shard.get(kind).replace(hash, entry, is_it));
        let Some(Err(entry)) = replaced else {
            return;
        };
        if !self.make_room(kind) {
            return;
        }
        let shard = self.shard_in(epoch, key);
        let gone = shard.map(|mut shard| shard.get(kind).insert(hash, entry, is_it));
        if !matches!(gone, Some(None)) {
            // Another thread stored it in the meantime, or it had to be forgotten.
            self.count(kind).fetch_sub(1, Relaxed);
        }
    }

    /// Reserves room for one verdict, if necessary by displacing one of the least recently used.
    fn make_room(&self, kind: VerdictKind) -> bool {
        let count = self.count(kind);
        if count.fetch_add(1, Relaxed) < kind.capacity(&self.rules.options) {
            return true;
        }
        let generation = self.generation();
        let age = |shard: &&Shard<T>| {
            let mut tables = lock(&shard.0);
            let oldest = tables.get(kind).oldest();
            oldest.map(|oldest| generation.wrapping_sub(oldest.generation))
        };
        let oldest = self.shards.iter().max_by_key(age);
        let gone = oldest.and_then(|shard| lock(&shard.0).get(kind).take_oldest());
        count.fetch_sub(1, Relaxed);
        gone.is_some()
    }

    fn time(&self, now: Time) -> LookupTime {
        let is_divided = self.shards.len() > 1;
        LookupTime {
            now,
            generation: is_divided.then(|| self.generation()),
        }
    }

    fn generation(&self) -> u32 {
        // Only differences are used, so it may wrap.
        narrow::wrapped(self.insertions.load(Relaxed) >> self.generation_length)
    }

    fn retain(&self, keep: impl Fn(&CacheEntry<T>) -> bool) {
        for shard in &self.shards {
            for kind in VerdictKind::ALL {
                // Dropped after the lock is released, even if `keep` panics.
                let mut removed = Removed(self.count(kind), Vec::new());
                let mut tables = lock(&shard.0);
                let table = tables.get(kind);
                table.retain(&keep, |entry| removed.1.push(entry));
            }
        }
    }

    /// The number of verdicts that are stored or about to be stored.
    fn count(&self, kind: VerdictKind) -> &AtomicUsize {
        match kind {
            VerdictKind::Accepted => &self.accepted,
            VerdictKind::Rejected => &self.rejected,
        }
    }

    /// Call this before removing anything, so that every lock taken later sees the new epoch.
    fn begin_epoch(&self) {
        self.epoch.fetch_add(1, Relaxed);
    }

    /// `None` if the cache was told to forget since that epoch.
    fn shard_in(
        &self,
        epoch: ForgetEpoch,
        key: &LookupKey<'_>,
    ) -> Option<MutexGuard<'_, VerdictTables<T>>> {
        let shard = self.shard(key)?;
        (self.epoch() == epoch).then_some(shard)
    }

    fn shard(&self, key: &LookupKey<'_>) -> Option<MutexGuard<'_, VerdictTables<T>>> {
        // The table of a shard uses the low bits and the highest seven bits.
        let place = (key.hash >> 40) as usize % self.shards.len().max(1);
        self.shards.get(place).map(|shard| lock(&shard.0))
    }
}

/// Removed entries. They are no longer counted, even if dropping one panics.
struct Removed<'c, T>(&'c AtomicUsize, Vec<CacheEntry<T>>);

impl<T> Drop for Removed<'_, T> {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1.len(), Relaxed);
    }
}

/// A thread that panicked did not leave a partial verdict: entries are stored whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

debug! {
    impl[T] VerdictCache<T>: "VerdictCache", |self|
    "options": self.rules.options, "len": self.len()
}
