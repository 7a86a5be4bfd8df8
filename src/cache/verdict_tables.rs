//! The tables of cached verdicts, and the rules that all caches share: how verdicts are looked up
//! and what is stored.

use alloc::boxed::Box;
use alloc::sync::Arc;

use hashbrown::DefaultHashBuilder;

use super::entry::{CacheEntry, CachedVerdict, LookupTime, VerdictKind};
use super::key::{CacheKey, ExtraHashes, LookupKey, PeerHash};
use super::options::CacheOptions;
use crate::lru::Lru;
use crate::path::PeerName;
use crate::validator::{Accepted, Rejected};

/// A table for each kind of verdict.
#[derive(Debug)]
pub(super) struct VerdictTables<T> {
    accepted: Lru<CacheEntry<T>>,
    /// On the heap, so that a shard fits into two cache lines.
    rejected: Box<Lru<CacheEntry<T>>>,
}

impl<T> VerdictTables<T> {
    /// Empty tables with these capacities.
    pub(super) fn new(capacity: impl Fn(VerdictKind) -> usize) -> Self {
        Self {
            accepted: Lru::new(capacity(VerdictKind::Accepted)),
            rejected: Box::new(Lru::new(capacity(VerdictKind::Rejected))),
        }
    }

    pub(super) fn get(&mut self, kind: VerdictKind) -> &mut Lru<CacheEntry<T>> {
        match kind {
            VerdictKind::Accepted => &mut self.accepted,
            VerdictKind::Rejected => &mut self.rejected,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.accepted.len() + self.rejected.len()
    }
}

/// The result of a look-up: the current verdict, or one that has ended and was removed.
pub(super) type Lookup<T> = (Option<Arc<CachedVerdict<T>>>, Option<CacheEntry<T>>);

/// The options of a cache and its seeded hasher.
#[derive(Debug)]
pub(super) struct CacheRules {
    pub(super) options: CacheOptions,
    pub(super) hasher: DefaultHashBuilder,
}

impl CacheRules {
    pub(super) fn new(options: CacheOptions) -> Self {
        let hasher = DefaultHashBuilder::default();
        Self { options, hasher }
    }

    pub(super) fn peer_hash(&self, of_peer: (&[u8], &[PeerName], &[u8])) -> PeerHash {
        PeerHash::new(self.options.lookup, &self.hasher, of_peer)
    }

    pub(super) fn lookup_key<'a>(&self, key: CacheKey<'a>) -> LookupKey<'a> {
        LookupKey::new(key, &self.peer_hash(key.of_peer()))
    }

    /// Looks up an accepted verdict or, if `rest_hash` is given, a rejection.
    pub(super) fn find<T>(
        &self,
        table: &mut Lru<CacheEntry<T>>,
        key: &LookupKey<'_>,
        rest_hash: Option<&[u8; 32]>,
        time: LookupTime,
    ) -> Lookup<T> {
        let hash = key.hash_with(&self.hasher, rest_hash);
        let is_it = |entry: &CacheEntry<T>| entry.is(key, rest_hash);
        let mut is_current = true;
        let met = table.meet(hash, is_it, |entry| {
            is_current = entry.is_current(&self.options, time.now);
            is_current && entry.is_used(time)
        });
        match met {
            Some(entry) if is_current => (Some(Arc::clone(&entry.cached)), None),
            Some(_) => (None, table.remove(hash, is_it)),
            None => (None, None),
        }
    }

    /// Makes the shared form of a verdict.
    pub(super) fn share<T>(
        &self,
        key: &LookupKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
    ) -> Arc<CachedVerdict<T>> {
        let rest_hash = verdict.is_err().then(|| key.key.rest_hash()).flatten();
        let hashes = ExtraHashes {
            thumbprint: key.thumbprint,
            rest_hash: rest_hash.map(Box::new),
        };
        Arc::new(CachedVerdict {
            verdict,
            kept,
            hashes,
        })
    }
}
