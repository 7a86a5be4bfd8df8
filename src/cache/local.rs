//! The cache itself, for one owner.
//!
//! A verdict is found by what it depends on: the caller's namespace, the digest of the validator, the names that were
//! expected, and the leaf; a rejection by all that was presented, too, so that what one client sends along never
//! decides about another. All of it is compared, hashes only find the place. A verdict that has ended is dropped where it
//! is met.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;
use sha2::{Digest, Sha256};

use super::lru::Lru;
use super::options::{CacheOptions, Lookup, Term};
use crate::certificate::{Certificate, sha256};
use crate::time::Time;
use crate::validator::{Accepted, Presented, Rejected, Validator};

/// A verdict that is remembered, and what the caller keeps with it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Remembered<T> {
    /// The verdict.
    pub verdict: Result<Accepted, Rejected>,
    /// What the caller keeps: the principal, say.
    pub kept: T,
}

/// Under which a verdict is remembered.
///
/// The namespace is the caller's: the scheme that asks, and whether the certificate came from the handshake or from a
/// proxy. Verdicts of one are never served to another.
#[derive(Clone, Copy, Debug)]
pub struct CacheKey<'a> {
    namespace: &'a [u8],
    digest: [u8; 32],
    leaf: &'a [u8],
    presented: Option<&'a Presented>,
}

impl<'a> CacheKey<'a> {
    /// Of what a peer presents to a validator.
    #[must_use]
    pub fn new(namespace: &'a [u8], validator: &Validator, presented: &'a Presented) -> Self {
        Self {
            namespace,
            digest: validator.digest(),
            leaf: presented.leaf().as_der(),
            presented: Some(presented),
        }
    }

    /// Of a leaf in DER that has not been parsed: it finds accepted leaves of which no name was expected.
    #[must_use]
    pub fn of_leaf(namespace: &'a [u8], validator: &Validator, leaf: &'a [u8]) -> Self {
        Self {
            namespace,
            digest: validator.digest(),
            leaf,
            presented: None,
        }
    }

    /// The names that were expected, in a form of their own; empty for none.
    fn expected(&self) -> Vec<u8> {
        match self.presented {
            Some(presented) if !presented.expected().is_empty() => {
                alloc::format!("{:?}", presented.expected()).into_bytes()
            }
            _ => Vec::new(),
        }
    }

    /// SHA-256 of all that came with the leaf.
    fn company(&self) -> Option<[u8; 32]> {
        let presented = self.presented?;
        let mut hash = Sha256::new();
        let stapled = presented
            .stapled()
            .and_then(|stapled| stapled.as_ref().ok());
        for certificate in presented.certificates() {
            hash.update((certificate.as_der().len() as u64).to_be_bytes());
            hash.update(certificate.as_der());
        }
        hash.update(u64::MAX.to_be_bytes());
        if let Some(stapled) = stapled {
            hash.update(stapled.as_der());
        }
        Some(hash.finalize().into())
    }
}

/// Verdicts for one owner: without `std`, or behind a lock of the caller's. With `std`,
/// `VerdictCache` is shared between threads.
#[derive(Debug)]
pub struct LocalCache<T> {
    options: CacheOptions,
    hasher: DefaultHashBuilder,
    accepted: Lru<Entry<T>>,
    /// Apart, so that whoever presents junk crowds out nobody who was accepted.
    rejected: Lru<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    namespace: Arc<[u8]>,
    digest: [u8; 32],
    expected: Vec<u8>,
    leaf: Leaf,
    /// Of a rejection: all that came with the leaf.
    company: Option<[u8; 32]>,
    made: Time,
    used: Time,
    term: Term,
    remembered: Arc<Remembered<T>>,
}

#[derive(Debug)]
enum Leaf {
    Certificate(Certificate),
    Bytes(Box<[u8]>),
    Thumbprint([u8; 32]),
}

impl<T> LocalCache<T> {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(options: CacheOptions) -> Self {
        Self {
            options,
            hasher: DefaultHashBuilder::default(),
            accepted: Lru::new(options.capacity),
            rejected: Lru::new(options.capacity.div_ceil(4)),
        }
    }

    /// The verdict that is remembered, if it has not ended.
    pub fn get(&mut self, key: &CacheKey<'_>, now: Time) -> Option<Arc<Remembered<T>>> {
        let sought = Sought::new(&self.options, &self.hasher, key);
        self.find(&sought, now)
    }

    /// Remembers a verdict. Returns it, shared as it is kept.
    pub fn put(
        &mut self,
        key: &CacheKey<'_>,
        verdict: Result<Accepted, Rejected>,
        kept: T,
        now: Time,
    ) -> Arc<Remembered<T>> {
        let sought = Sought::new(&self.options, &self.hasher, key);
        let remembered = Arc::new(Remembered { verdict, kept });
        self.store(&sought, Arc::clone(&remembered), now);
        remembered
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.accepted = Lru::new(self.options.capacity);
        self.rejected = Lru::new(self.options.capacity.div_ceil(4));
    }

    /// Forgets the verdicts that `is_it` holds for: after an emergency list, say, those of its issuer.
    pub fn forget(&mut self, is_it: impl Fn(&Remembered<T>) -> bool) {
        for entries in [&mut self.accepted, &mut self.rejected] {
            entries.retain(|entry| !is_it(&entry.remembered));
        }
    }

    /// Forgets the verdicts that have ended. What is met is dropped anyway; this makes room for what keeps memory.
    pub fn forget_ended(&mut self, now: Time) {
        for entries in [&mut self.accepted, &mut self.rejected] {
            entries.retain(|entry| entry.is_current(now));
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

    pub(super) fn find(&mut self, sought: &Sought<'_>, now: Time) -> Option<Arc<Remembered<T>>> {
        // An accepted leaf is accepted whatever came with it.
        let accepted = self.take_if_current(sought, None, now);
        if accepted.is_some() || sought.key.presented.is_none() {
            return accepted;
        }
        let company = sought.key.company();
        self.take_if_current(sought, company, now)
    }

    fn take_if_current(
        &mut self,
        sought: &Sought<'_>,
        company: Option<[u8; 32]>,
        now: Time,
    ) -> Option<Arc<Remembered<T>>> {
        let hash = sought.hash_with(company.as_ref());
        let entries = match company {
            None => &mut self.accepted,
            Some(_) => &mut self.rejected,
        };
        let entry = entries.get(hash, |entry| sought.is(entry, company))?;
        if entry.is_current(now) {
            entry.used = now;
            return Some(Arc::clone(&entry.remembered));
        }
        entries.remove(hash, |entry| sought.is(entry, company));
        None
    }

    pub(super) fn store(&mut self, sought: &Sought<'_>, remembered: Arc<Remembered<T>>, now: Time) {
        let Some(term) = self.options.term(&remembered.verdict) else {
            return;
        };
        let company = match &remembered.verdict {
            Ok(_) => None,
            // Without all that was presented a rejection can't be found again.
            Err(_) => match sought.key.company() {
                Some(company) => Some(company),
                None => return,
            },
        };
        let leaf = match &sought.thumbprint {
            Some(thumbprint) => Leaf::Thumbprint(*thumbprint),
            None => match sought.key.presented {
                Some(presented) => Leaf::Certificate(presented.leaf().clone()),
                None => Leaf::Bytes(Box::from(sought.key.leaf)),
            },
        };
        let entry = Entry {
            namespace: Arc::from(sought.key.namespace),
            digest: sought.key.digest,
            expected: sought.expected.clone(),
            leaf,
            company,
            made: now,
            used: now,
            term,
            remembered,
        };
        let hash = sought.hash_with(company.as_ref());
        let entries = match company {
            None => &mut self.accepted,
            Some(_) => &mut self.rejected,
        };
        entries.insert(hash, entry, |entry| sought.is(entry, company));
    }
}

impl<T> Entry<T> {
    fn is_current(&self, now: Time) -> bool {
        let Term {
            lifetime,
            from,
            until,
            clock_goes_back,
        } = self.term;
        let slides = lifetime
            .sliding
            .is_none_or(|seconds| now < self.used.plus(i64::from(seconds)));
        // A clock that was ahead made verdicts that would live on when it is set right.
        let in_order = clock_goes_back || self.made <= now;
        in_order
            && from <= now
            && now < until
            && slides
            && now < self.made.plus(i64::from(lifetime.most))
    }
}

/// A key with its hashes, taken outside of any lock.
pub(super) struct Sought<'a> {
    key: &'a CacheKey<'a>,
    expected: Vec<u8>,
    thumbprint: Option<[u8; 32]>,
    hash: u64,
}

impl<'a> Sought<'a> {
    pub(super) fn new(
        options: &CacheOptions,
        hasher: &DefaultHashBuilder,
        key: &'a CacheKey<'a>,
    ) -> Self {
        let expected = key.expected();
        let thumbprint = match options.lookup {
            Lookup::Bytes => None,
            Lookup::Thumbprint => Some(sha256(key.leaf)),
        };
        let mut hash = hasher.build_hasher();
        hash.write(&key.digest);
        hash.write(key.namespace);
        hash.write(&expected);
        match &thumbprint {
            Some(thumbprint) => hash.write(thumbprint),
            None => hash.write(key.leaf),
        }
        Self {
            key,
            expected,
            thumbprint,
            hash: hash.finish(),
        }
    }

    #[cfg(feature = "std")]
    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    /// What came along is itself a hash, so that mixing it in takes no more than this.
    fn hash_with(&self, company: Option<&[u8; 32]>) -> u64 {
        let mixed = company.and_then(|company| company.first_chunk().copied());
        self.hash ^ mixed.map_or(0, u64::from_be_bytes)
    }

    fn is<T>(&self, entry: &Entry<T>, company: Option<[u8; 32]>) -> bool {
        entry.company == company
            && entry.digest == self.key.digest
            && *entry.namespace == *self.key.namespace
            && entry.expected == self.expected
            && match (&entry.leaf, &self.thumbprint) {
                (Leaf::Certificate(leaf), None) => *leaf.as_der() == *self.key.leaf,
                (Leaf::Bytes(bytes), None) => **bytes == *self.key.leaf,
                (Leaf::Thumbprint(known), Some(thumbprint)) => known == thumbprint,
                _ => false,
            }
    }
}
