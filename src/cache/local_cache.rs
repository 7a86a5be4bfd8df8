//! The cache for one owner. It displaces exactly the least recently used verdict.

use alloc::sync::Arc;

use super::entry::{CacheEntry, CachedVerdict, LookupTime, VerdictKind, VerdictLife};
use super::key::{CacheKey, KeyScopes, LookupKey};
use super::options::CacheOptions;
use super::verdict_tables::{CacheRules, VerdictTables};
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// Caches verdicts for one owner: without `std`, or behind your own lock. With `std`, threads can
/// share a `VerdictCache`.
#[derive(Debug)]
pub struct LocalCache<T> {
    rules: CacheRules,
    scopes: KeyScopes,
    tables: VerdictTables<T>,
}

impl<T> LocalCache<T> {
    /// An empty cache.
    #[must_use]
    pub fn new(options: CacheOptions) -> Self {
        let rules = CacheRules::new(options);
        Self {
            tables: VerdictTables::new(|kind| kind.capacity(&rules.options)),
            scopes: KeyScopes::default(),
            rules,
        }
    }

    /// The cached verdict, if it has not ended.
    ///
    /// If there is no accepted verdict for the leaf but the cache has rejections, this hashes
    /// everything that was presented. A lock around the cache is held during that time.
    pub fn get(&mut self, key: &CacheKey<'_>, now: Time) -> Option<Arc<CachedVerdict<T>>> {
        let key = self.rules.lookup_key(*key);
        // An accepted leaf is accepted regardless of what came with it.
        if let Some(accepted) = self.find(VerdictKind::Accepted, &key, None, now) {
            return Some(accepted);
        }
        if self.tables.get(VerdictKind::Rejected).is_empty() {
            return None;
        }
        let rest_hash = key.key.rest_hash()?;
        self.find(VerdictKind::Rejected, &key, Some(&rest_hash), now)
    }

    /// Caches a verdict and returns it in shared form. A verdict for another leaf, by another
    /// validator, or for other expected names than the key's is not cached. A rejection must be for
    /// everything that the key presents.
    pub fn put(
        &mut self,
        key: &CacheKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        now: Time,
    ) -> Arc<CachedVerdict<T>> {
        let key = self.rules.lookup_key(*key);
        let cached = self.rules.share(&key, verdict, kept);
        let rest_hash = cached.hashes.rest_hash.as_deref();
        let scope = || self.scopes.of(&key.key);
        let times = (VerdictLife::new(now), LookupTime::exact(now));
        if let Some(entry) = CacheEntry::new(&self.rules.options, &key, scope, &cached, times) {
            let hash = key.hash_with(&self.rules.hasher, rest_hash);
            let table = self.tables.get(VerdictKind::of(&cached.verdict));
            table.insert(hash, entry, |entry| entry.is(&key, rest_hash));
        }
        cached
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.scopes = KeyScopes::default();
        self.tables = VerdictTables::new(|kind| kind.capacity(&self.rules.options));
    }

    /// Removes the verdicts for which `is_it` returns true, for example those of one issuer after
    /// an emergency CRL. A verdict whose validation began earlier can still be put in afterwards;
    /// the owner must prevent that.
    pub fn forget(&mut self, is_it: impl Fn(&CachedVerdict<T>) -> bool) {
        for kind in VerdictKind::ALL {
            let table = self.tables.get(kind);
            table.retain(|entry| !is_it(&entry.cached), drop);
        }
    }

    /// Removes the verdicts that have ended. A look-up that finds one removes it anyway; this frees
    /// memory earlier.
    pub fn forget_ended(&mut self, now: Time) {
        for kind in VerdictKind::ALL {
            let table = self.tables.get(kind);
            table.retain(|entry| entry.is_current(&self.rules.options, now), drop);
        }
    }

    getters! { |self|
        /// The number of verdicts, including those that have ended.
        len: usize = self.tables.len();

        /// True if there are none.
        is_empty: bool = self.len() == 0;
    }

    fn find(
        &mut self,
        kind: VerdictKind,
        key: &LookupKey<'_>,
        rest_hash: Option<&[u8; 32]>,
        now: Time,
    ) -> Option<Arc<CachedVerdict<T>>> {
        let (table, time) = (self.tables.get(kind), LookupTime::exact(now));
        self.rules.find(table, key, rest_hash, time).0
    }
}
