//! The cache between threads: many small ones, each behind a lock of its own.
//!
//! Which one holds a verdict is decided by its hash, so that two threads rarely meet. Hashing is
//! done before the lock is taken, validating while no lock is held: two threads that miss at once
//! validate both, and the second verdict replaces the first. A verdict that was begun before the
//! cache was told to forget is not remembered: it may rest on what had to be forgotten. For this
//! the times are counted, and compared under the lock of the part.
//!
//! The room is one for all of them: a count of what is held, so that the capacity is what it says
//! however the hashes fall. Who comes when there is no room left takes that of a verdict that was
//! used about least recently: uses are dated by generations, sixteen of them while as many verdicts
//! are put in as there is room for, and the verdict that has to go is one of the oldest generation.
//! So most hits write nothing but the lock and the count of owners of what they return, which
//! is what keeps threads out of each other's way. A cache of at most 64 verdicts is not divided,
//! and its order is exact.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard};

use hashbrown::DefaultHashBuilder;

use super::entry::{self, Entry, Life, Moment, Remembered, Shelf};
use super::key::{CacheKey, Hashes, PeerHash, Scopes, Sought};
use super::lru::Lru;
use super::options::CacheOptions;
use super::shard::{Shard, Shelves, lock};
use crate::narrow;
use crate::path::PeerName;
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use crate::time::Time;
use crate::validator::{Accepted, Presented, Rejected, Validator};

/// How many locks there are: some times as many as threads that run at once on most servers.
const SHARDS: usize = 64;

/// Up to so many verdicts stand behind one lock, in the exact order of their use.
const UNDIVIDED: usize = 64;

/// Generations, at least, while as many verdicts are put in as there is room for.
const GENERATIONS: usize = 16;

/// Verdicts that are remembered and shared between threads.
///
/// There are never more than [`CacheOptions::capacity`] says. Up to 64 of them are forgotten in the
/// exact order of their last use; with more room the one to go is among the sixteenth or so that
/// was used least recently.
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
    scopes: Mutex<Scopes>,
    accepted: AtomicUsize,
    rejected: AtomicUsize,
    insertions: AtomicUsize,
    /// How often it was told to forget.
    epoch: AtomicUsize,
    /// Of insertions, as a power of two.
    generation_length: u32,
    shards: Box<[Shard<T>]>,
}

/// How often a cache was told to forget. A verdict that was made before the last time is not put in
/// after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(usize);

impl<T> VerdictCache<T> {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(options: CacheOptions) -> Self {
        let shards = match options.capacity {
            ..=UNDIVIDED => 1,
            _ => SHARDS,
        };
        Self {
            options,
            hasher: DefaultHashBuilder::default(),
            scopes: Mutex::default(),
            accepted: AtomicUsize::new(0),
            rejected: AtomicUsize::new(0),
            insertions: AtomicUsize::new(0),
            epoch: AtomicUsize::new(0),
            generation_length: (options.capacity / GENERATIONS).max(1).ilog2(),
            shards: (0..shards).map(|_| Shard::new()).collect(),
        }
    }

    /// The verdict that is remembered, if it has not ended.
    pub fn get(&self, key: &CacheKey<'_>, now: Time) -> Option<Arc<Remembered<T>>> {
        let peer = self.hash(key.of_peer());
        self.find(&Sought::new(*key, &peer), now)
    }

    /// Remembers a verdict. Returns it, shared as it is kept. One about another leaf than the
    /// key's, of another validator, or for other expected names is not remembered. A rejection
    /// must be about all that the key presents.
    pub fn put(
        &self,
        key: &CacheKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        now: Time,
    ) -> Arc<Remembered<T>> {
        self.put_since(self.epoch(), key, verdict, kept, now)
    }

    /// To be asked before a look-up whose verdict is put in later: see
    /// [`put_since`](Self::put_since).
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Relaxed))
    }

    /// As [`put`](Self::put), but a verdict is not remembered if the cache was told to forget
    /// anything since that epoch: while it was made, say, the list came that it does not know.
    pub fn put_since(
        &self,
        epoch: Epoch,
        key: &CacheKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        now: Time,
    ) -> Arc<Remembered<T>> {
        let peer = self.hash(key.of_peer());
        let sought = Sought::new(*key, &peer);
        self.store(&sought, verdict, kept, (Life::new(now), now), epoch)
    }

    /// The verdict that is remembered, or a new one, which is remembered then with what `keep`
    /// makes of it.
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
    ) -> Arc<Remembered<T>> {
        let key = CacheKey::new(namespace, validator, presented);
        let peer = self.hash(key.of_peer());
        self.validate_sought(&Sought::new(key, &peer), presented, now, fetcher, keep)
    }

    /// As [`validate`](Self::validate), with a fetcher that does not block.
    pub async fn validate_async<F: AsyncRevocationFetcher>(
        &self,
        namespace: &[u8],
        validator: &Validator,
        presented: &Presented,
        now: Time,
        fetcher: &F,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<Remembered<T>> {
        let key = CacheKey::new(namespace, validator, presented);
        let peer = self.hash(key.of_peer());
        let sought = Sought::new(key, &peer);
        self.validate_sought_async(&sought, presented, now, fetcher, keep)
            .await
    }

    /// Forgets everything. What is being validated meanwhile is not remembered either. In front of
    /// a store that servers share, [`refuse_before`](super::FleetCache::refuse_before) comes
    /// first: what is forgotten comes back from there.
    pub fn clear(&self) {
        self.begin_epoch();
        lock(&self.scopes).clear();
        for shard in &self.shards {
            for shelf in Shelf::ALL {
                let gone = core::mem::replace(shard.lock().get(shelf), Lru::new(usize::MAX));
                self.held(shelf).fetch_sub(gone.len(), Relaxed);
            }
        }
    }

    /// Forgets the verdicts that `is_it` holds for: after an emergency list, say, those of its
    /// issuer.
    ///
    /// What is being validated meanwhile is not remembered, whomever it is about. `is_it` is asked
    /// while a lock is held, so that it must not ask this cache in turn. In front of a store
    /// that servers share, [`refuse_before`](super::FleetCache::refuse_before) comes first:
    /// what is forgotten comes back from there.
    pub fn forget(&self, is_it: impl Fn(&Remembered<T>) -> bool) {
        self.begin_epoch();
        self.retain(|entry| !is_it(&entry.remembered));
    }

    /// Forgets the verdicts that have ended. What is met is dropped anyway; this makes room for
    /// what keeps memory.
    pub fn forget_ended(&self, now: Time) {
        self.retain(|entry| entry.is_current(&self.options, now));
    }

    /// How many verdicts are held, ended ones among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    /// True when none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn options(&self) -> &CacheOptions {
        &self.options
    }

    pub(super) fn hash(&self, of_peer: (&[u8], &[PeerName], &[u8])) -> PeerHash {
        PeerHash::new(self.options.lookup, &self.hasher, of_peer)
    }

    pub(super) fn namespace(&self, namespace: &[u8]) -> Arc<[u8]> {
        lock(&self.scopes).namespace(namespace)
    }

    pub(super) fn validate_sought(
        &self,
        sought: &Sought<'_>,
        presented: &Presented,
        now: Time,
        fetcher: &impl RevocationFetcher,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<Remembered<T>> {
        let epoch = self.epoch();
        self.find(sought, now).unwrap_or_else(|| {
            let verdict = sought.key.validator().validate(presented, now, fetcher);
            let kept = keep(&verdict);
            self.store(sought, verdict, kept, (Life::new(now), now), epoch)
        })
    }

    pub(super) async fn validate_sought_async<F: AsyncRevocationFetcher>(
        &self,
        sought: &Sought<'_>,
        presented: &Presented,
        now: Time,
        fetcher: &F,
        keep: impl FnOnce(&Result<Accepted, Rejected>) -> T,
    ) -> Arc<Remembered<T>> {
        let epoch = self.epoch();
        if let Some(remembered) = self.find(sought, now) {
            return remembered;
        }
        let validator = sought.key.validator();
        let verdict = validator.validate_async(presented, now, fetcher).await;
        let kept = keep(&verdict);
        self.store(sought, verdict, kept, (Life::new(now), now), epoch)
    }

    pub(super) fn find(&self, sought: &Sought<'_>, now: Time) -> Option<Arc<Remembered<T>>> {
        // An accepted leaf is accepted whatever came with it.
        if let Some(accepted) = self.find_on(Shelf::Accepted, sought, None, now) {
            return Some(accepted);
        }
        if self.held(Shelf::Rejected).load(Relaxed) == 0 {
            return None;
        }
        let company = sought.key.company()?;
        self.find_on(Shelf::Rejected, sought, Some(&company), now)
    }

    fn find_on(
        &self,
        shelf: Shelf,
        sought: &Sought<'_>,
        company: Option<&[u8; 32]>,
        now: Time,
    ) -> Option<Arc<Remembered<T>>> {
        let moment = self.moment(now);
        let mut shard = self.shard(sought)?;
        let with = (&self.options, &self.hasher);
        let found = entry::find(shard.get(shelf), with, sought, company, moment);
        drop(shard);
        if found.ended.is_some() {
            self.held(shelf).fetch_sub(1, Relaxed);
        }
        found.current
    }

    /// Remembers a verdict with this life, unless it is of an earlier epoch.
    pub(super) fn store(
        &self,
        sought: &Sought<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        (life, now): (Life, Time),
        epoch: Epoch,
    ) -> Arc<Remembered<T>> {
        let company = verdict.is_err().then(|| sought.key.company()).flatten();
        let remembered = Arc::new(Remembered {
            hashes: Hashes {
                thumbprint: sought.thumbprint.copied(),
                company: company.map(Box::new),
            },
            verdict,
            kept,
        });
        if sought.key.is_answered_by(&remembered.verdict) {
            let scope = lock(&self.scopes).of(&sought.key);
            let when = (life, self.moment(now));
            let entry = Entry::new(&self.options, scope, Arc::clone(&remembered), when);
            if let Some(entry) = entry {
                self.insert(sought, company.as_ref(), entry, epoch);
            }
        }
        remembered
    }

    /// What has to go is dropped while no lock is held.
    fn insert(
        &self,
        sought: &Sought<'_>,
        company: Option<&[u8; 32]>,
        entry: Entry<T>,
        epoch: Epoch,
    ) {
        let shelf = Shelf::of(&entry.remembered.verdict);
        let hash = sought.hash_with(&self.hasher, company);
        let is = |known: &Entry<T>| known.is(sought, company);
        self.insertions.fetch_add(1, Relaxed);
        let replaced = self
            .shard_in(epoch, sought)
            .map(|mut shard| shard.get(shelf).replace(hash, entry, is));
        let Some(Err(entry)) = replaced else {
            return;
        };
        if !self.make_room(shelf) {
            return;
        }
        let gone = self
            .shard_in(epoch, sought)
            .map(|mut shard| shard.get(shelf).insert(hash, entry, is));
        if !matches!(gone, Some(None)) {
            // Another thread had put it in meanwhile, or it was to be forgotten.
            self.held(shelf).fetch_sub(1, Relaxed);
        }
    }

    /// Takes room for one verdict, that of one used least recently where there is none left.
    fn make_room(&self, shelf: Shelf) -> bool {
        let held = self.held(shelf);
        if held.fetch_add(1, Relaxed) < shelf.capacity(&self.options) {
            return true;
        }
        let generation = self.generation();
        let age = |shard: &&Shard<T>| {
            let mut shelves = shard.lock();
            let oldest = shelves.get(shelf).oldest();
            oldest.map(|oldest| generation.wrapping_sub(oldest.generation))
        };
        let oldest = self.shards.iter().max_by_key(age);
        let gone = oldest.and_then(|shard| shard.lock().get(shelf).take_oldest());
        held.fetch_sub(1, Relaxed);
        gone.is_some()
    }

    fn moment(&self, now: Time) -> Moment {
        let is_divided = self.shards.len() > 1;
        Moment {
            now,
            generation: is_divided.then(|| self.generation()),
        }
    }

    fn generation(&self) -> u32 {
        // Only that it goes on matters: it may come round.
        narrow::wrapped(self.insertions.load(Relaxed) >> self.generation_length)
    }

    fn retain(&self, keep: impl Fn(&Entry<T>) -> bool) {
        for shard in &self.shards {
            for shelf in Shelf::ALL {
                shard.retain(shelf, self.held(shelf), &keep);
            }
        }
    }

    /// How many verdicts there are or are about to be.
    fn held(&self, shelf: Shelf) -> &AtomicUsize {
        match shelf {
            Shelf::Accepted => &self.accepted,
            Shelf::Rejected => &self.rejected,
        }
    }

    /// Before anything is forgotten: who takes a lock after that sees it.
    fn begin_epoch(&self) {
        self.epoch.fetch_add(1, Relaxed);
    }

    /// `None` where the cache was told to forget since.
    fn shard_in(&self, epoch: Epoch, sought: &Sought<'_>) -> Option<MutexGuard<'_, Shelves<T>>> {
        let shard = self.shard(sought)?;
        (self.epoch() == epoch).then_some(shard)
    }

    fn shard(&self, sought: &Sought<'_>) -> Option<MutexGuard<'_, Shelves<T>>> {
        // The table of a shard uses the low bits and the highest seven.
        let place = (sought.hash() >> 40) as usize % self.shards.len().max(1);
        self.shards.get(place).map(Shard::lock)
    }
}

impl<T> fmt::Debug for VerdictCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerdictCache")
            .field("options", &self.options)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
