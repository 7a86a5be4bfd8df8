//! The cache for one owner.
//!
//! Its order is that of use, exactly, and a verdict that has ended is dropped where it is met.

use alloc::boxed::Box;
use alloc::sync::Arc;

use hashbrown::DefaultHashBuilder;

use super::entry::{self, Entry, Found, Life, Moment, Remembered, Shelf};
use super::key::{CacheKey, Hashes, PeerHash, Scopes, Sought};
use super::lru::Lru;
use super::options::CacheOptions;
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// Verdicts for one owner: without `std`, or behind a lock of the caller's. With `std`,
/// `VerdictCache` is shared between threads.
#[derive(Debug)]
pub struct LocalCache<T> {
    options: CacheOptions,
    hasher: DefaultHashBuilder,
    scopes: Scopes,
    accepted: Lru<Entry<T>>,
    rejected: Lru<Entry<T>>,
}

impl<T> LocalCache<T> {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(options: CacheOptions) -> Self {
        Self {
            options,
            hasher: DefaultHashBuilder::default(),
            scopes: Scopes::default(),
            accepted: Lru::new(Shelf::Accepted.capacity(&options)),
            rejected: Lru::new(Shelf::Rejected.capacity(&options)),
        }
    }

    /// The verdict that is remembered, if it has not ended.
    ///
    /// Where the leaf is not known as accepted and rejections are held, all that was presented is
    /// hashed: who keeps this cache behind a lock holds it as long.
    pub fn get(&mut self, key: &CacheKey<'_>, now: Time) -> Option<Arc<Remembered<T>>> {
        let peer = self.hash(key);
        let sought = Sought::new(*key, &peer);
        // An accepted leaf is accepted whatever came with it.
        if let Some(accepted) = self.find(&sought, None, now) {
            return Some(accepted);
        }
        if self.rejected.is_empty() {
            return None;
        }
        let company = key.company()?;
        self.find(&sought, Some(&company), now)
    }

    /// Remembers a verdict. Returns it, shared as it is kept. One about another leaf than the
    /// key's, of another validator, or for other expected names is not remembered. A rejection
    /// must be about all that the key presents.
    pub fn put(
        &mut self,
        key: &CacheKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        now: Time,
    ) -> Arc<Remembered<T>> {
        let peer = self.hash(key);
        let sought = Sought::new(*key, &peer);
        let company = verdict.is_err().then(|| key.company()).flatten();
        let remembered = Arc::new(Remembered {
            hashes: Hashes {
                thumbprint: sought.thumbprint.copied(),
                company: company.map(Box::new),
            },
            verdict,
            kept,
        });
        if key.is_answered_by(&remembered.verdict) {
            self.store(&sought, company.as_ref(), Arc::clone(&remembered), now);
        }
        remembered
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.scopes.clear();
        for shelf in Shelf::ALL {
            *self.shelf(shelf) = Lru::new(shelf.capacity(&self.options));
        }
    }

    /// Forgets the verdicts that `is_it` holds for: after an emergency list, say, those of its
    /// issuer. One that is made meanwhile and put in afterwards is remembered, unless its owner
    /// sees to it.
    pub fn forget(&mut self, is_it: impl Fn(&Remembered<T>) -> bool) {
        for shelf in Shelf::ALL {
            self.shelf(shelf)
                .retain(|entry| !is_it(&entry.remembered), drop);
        }
    }

    /// Forgets the verdicts that have ended. What is met is dropped anyway; this makes room for
    /// what keeps memory.
    pub fn forget_ended(&mut self, now: Time) {
        let options = self.options;
        for shelf in Shelf::ALL {
            self.shelf(shelf)
                .retain(|entry| entry.is_current(&options, now), drop);
        }
    }

    /// How many verdicts are held, ended ones among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accepted.len() + self.rejected.len()
    }

    /// True when none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shelf(&mut self, shelf: Shelf) -> &mut Lru<Entry<T>> {
        match shelf {
            Shelf::Accepted => &mut self.accepted,
            Shelf::Rejected => &mut self.rejected,
        }
    }

    fn hash(&self, key: &CacheKey<'_>) -> PeerHash {
        PeerHash::new(self.options.lookup, &self.hasher, key.of_peer())
    }

    fn find(
        &mut self,
        sought: &Sought<'_>,
        company: Option<&[u8; 32]>,
        now: Time,
    ) -> Option<Arc<Remembered<T>>> {
        let entries = match company {
            None => &mut self.accepted,
            Some(_) => &mut self.rejected,
        };
        let moment = Moment {
            now,
            generation: None,
        };
        let with = (&self.options, &self.hasher);
        let Found { current, ended } = entry::find(entries, with, sought, company, moment);
        drop(ended);
        current
    }

    fn store(
        &mut self,
        sought: &Sought<'_>,
        company: Option<&[u8; 32]>,
        remembered: Arc<Remembered<T>>,
        now: Time,
    ) {
        let shelf = Shelf::of(&remembered.verdict);
        let scope = self.scopes.of(&sought.key);
        let moment = Moment {
            now,
            generation: None,
        };
        if let Some(entry) = Entry::new(&self.options, scope, remembered, (Life::new(now), moment))
        {
            let hash = sought.hash_with(&self.hasher, company);
            self.shelf(shelf)
                .insert(hash, entry, |entry| entry.is(sought, company));
        }
    }
}
