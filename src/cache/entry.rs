//! A cached verdict, and the period in which it is returned.

use alloc::sync::Arc;

use super::key::{ExtraHashes, KeyScope, LookupKey};
use super::options::CacheOptions;
use crate::certificate::Certificate;
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// A cached verdict and the value that the caller keeps with it.
#[derive(Debug)]
#[non_exhaustive]
pub struct CachedVerdict<T> {
    /// The verdict.
    pub verdict: Result<Accepted, Rejected>,
    /// The caller's value, such as the principal.
    pub kept: T,
    pub(super) hashes: ExtraHashes,
}

/// The maximum size of the certificates of a cached rejection, in bytes.
const MAX_REJECTION: usize = 16 * 1024;

/// The maximum size of the certificates of a cached path, in bytes: four with keys and signatures
/// of ML-DSA-87 are smaller.
const MAX_PATH: usize = 32 * 1024;

/// Accepted verdicts and rejections have separate tables, so that junk does not displace accepted
/// clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VerdictKind {
    Accepted,
    Rejected,
}

impl VerdictKind {
    pub(super) const ALL: [Self; 2] = [Self::Accepted, Self::Rejected];

    pub(super) fn of(verdict: &Result<Accepted, Rejected>) -> Self {
        match verdict {
            Ok(_) => Self::Accepted,
            Err(_) => Self::Rejected,
        }
    }

    /// The maximum number of verdicts of this kind.
    pub(super) fn capacity(self, options: &CacheOptions) -> usize {
        match self {
            Self::Accepted => options.capacity,
            Self::Rejected => options.capacity.div_ceil(4),
        }
    }
}

/// A verdict in its table, with the data that most look-ups read.
#[derive(Debug)]
pub(super) struct CacheEntry<T> {
    /// It is returned from this time.
    from: Time,
    /// It is returned before this time.
    until: Time,
    /// The number of seconds that were left when it was last used.
    left: u32,
    /// The generation in which it was last used.
    pub(super) generation: u32,
    scope: Arc<KeyScope>,
    leaf: Certificate,
    pub(super) cached: Arc<CachedVerdict<T>>,
}

/// When a verdict was made, and the latest time at which it ends.
#[derive(Clone, Copy)]
pub(super) struct VerdictLife {
    pub(super) made: Time,
    pub(super) until: Time,
}

impl VerdictLife {
    /// The life of a verdict that was just made.
    pub(super) const fn new(made: Time) -> Self {
        let until = Time::from_unix(i64::MAX);
        Self { made, until }
    }
}

/// The time of a look-up.
#[derive(Clone, Copy)]
pub(super) struct LookupTime {
    pub(super) now: Time,
    /// Only the first use in a generation changes the order. `None`: every use does.
    pub(super) generation: Option<u32>,
}

impl LookupTime {
    /// A time at which every use changes the order.
    pub(super) const fn exact(now: Time) -> Self {
        let generation = None;
        Self { now, generation }
    }
}

impl<T> CacheEntry<T> {
    /// `None` if the verdict does not belong to the key or must not be cached.
    pub(super) fn new(
        options: &CacheOptions,
        key: &LookupKey<'_>,
        scope: impl FnOnce() -> Arc<KeyScope>,
        cached: &Arc<CachedVerdict<T>>,
        (life, time): (VerdictLife, LookupTime),
    ) -> Option<Self> {
        if !key.key.is_answered_by(&cached.verdict) {
            return None;
        }
        let (leaf, may_be_cached) = match &cached.verdict {
            // A large path is not kept: the cache limits the number of verdicts, not their size.
            Ok(accepted) => {
                let octets = accepted.certificates().map(|one| one.as_der().len());
                (accepted.leaf(), octets.sum::<usize>() <= MAX_PATH)
            }
            // A rejection is found only by everything that was presented. Nor is a large one kept,
            // which anyone can cause.
            Err(rejected) => {
                let is_small = rejected.octets() <= MAX_REJECTION;
                let may_be_found = cached.hashes.rest_hash.is_some();
                (rejected.leaf(), may_be_found && is_small)
            }
        };
        let term = options.term(&cached.verdict, life.made);
        let term = term.filter(|_| may_be_cached)?;
        let mut entry = Self {
            from: term.start,
            until: term.end.min(life.until),
            left: 0,
            generation: time.generation.unwrap_or_default(),
            scope: scope(),
            leaf: leaf.clone(),
            cached: Arc::clone(cached),
        };
        entry.left = entry.left_at(time.now);
        Some(entry)
    }

    fn left_at(&self, now: Time) -> u32 {
        let left = self.until.unix().saturating_sub(now.unix());
        u32::try_from(left.max(0)).unwrap_or(u32::MAX)
    }

    pub(super) fn is_current(&self, options: &CacheOptions, now: Time) -> bool {
        self.from <= now && now < self.until && self.slides(options, now)
    }

    fn slides(&self, options: &CacheOptions, now: Time) -> bool {
        if options.accepted.sliding.is_none() && options.rejected.sliding.is_none() {
            return true;
        }
        let sliding = match self.cached.verdict {
            Ok(_) => options.accepted.sliding,
            Err(_) => options.rejected.sliding,
        };
        let used = self.until.plus(-i64::from(self.left));
        sliding.is_none_or(|seconds| now < used.plus(i64::from(seconds)))
    }

    /// Notes a use. Returns true if this changes its place in the order.
    pub(super) fn is_used(&mut self, time: LookupTime) -> bool {
        let left = self.left_at(time.now);
        // Memory that other threads read is written only if necessary.
        if self.left != left {
            self.left = left;
        }
        let Some(generation) = time.generation else {
            return true;
        };
        if self.generation == generation {
            return false;
        }
        self.generation = generation;
        true
    }

    pub(super) fn is(&self, sought: &LookupKey<'_>, rest_hash: Option<&[u8; 32]>) -> bool {
        let hashes = || &self.cached.hashes;
        sought.is_of(&self.scope, &self.leaf)
            && (rest_hash.is_none() || hashes().rest_hash.as_deref() == rest_hash)
            && (sought.thumbprint.is_none() || hashes().thumbprint == sought.thumbprint)
    }
}
