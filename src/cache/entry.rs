//! One remembered verdict, from when to when it is served, and how one is looked up among the
//! others.

use alloc::sync::Arc;

use hashbrown::DefaultHashBuilder;

use super::key::{Hashes, Scope, Sought};
use super::lru::Lru;
use super::options::CacheOptions;
use crate::certificate::Certificate;
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// A verdict that is remembered, and what the caller keeps with it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Remembered<T> {
    /// The verdict.
    pub verdict: Result<Accepted, Rejected>,
    /// What the caller keeps: the principal, say.
    pub kept: T,
    pub(super) hashes: Hashes,
}

/// Accepted verdicts and rejections stand apart, so that whoever presents junk crowds out nobody
/// who was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shelf {
    Accepted,
    Rejected,
}

impl Shelf {
    pub(super) const ALL: [Self; 2] = [Self::Accepted, Self::Rejected];

    pub(super) fn of(verdict: &Result<Accepted, Rejected>) -> Self {
        match verdict {
            Ok(_) => Self::Accepted,
            Err(_) => Self::Rejected,
        }
    }

    /// How many verdicts it has room for.
    pub(super) fn capacity(self, options: &CacheOptions) -> usize {
        match self {
            Self::Accepted => options.capacity,
            Self::Rejected => options.capacity.div_ceil(4),
        }
    }
}

/// A verdict in its place, with all that most look-ups read.
#[derive(Debug)]
pub(super) struct Entry<T> {
    /// It is served from here.
    from: Time,
    /// Here it is served no longer.
    until: Time,
    /// Seconds that were left when it was used last.
    left: u32,
    /// The generation in which it was used last.
    pub(super) generation: u32,
    scope: Arc<Scope>,
    leaf: Certificate,
    pub(super) remembered: Arc<Remembered<T>>,
}

/// What is known of the life of a verdict that is put in.
#[derive(Clone, Copy)]
pub(super) struct Life {
    pub(super) made: Time,
    /// Here it ends at the latest.
    pub(super) until: Time,
}

impl Life {
    /// Of a verdict that was made just now.
    pub(super) const fn new(made: Time) -> Self {
        Self {
            made,
            until: Time::from_unix(i64::MAX),
        }
    }
}

/// When a look-up takes place.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Time,
    /// Uses in one generation do not change the order; `None`: every use does.
    pub(super) generation: Option<u32>,
}

impl<T> Entry<T> {
    /// Of a verdict with this life; `None` where it is not to be remembered.
    pub(super) fn new(
        options: &CacheOptions,
        scope: Arc<Scope>,
        remembered: Arc<Remembered<T>>,
        (life, moment): (Life, Moment),
    ) -> Option<Self> {
        let (leaf, may_be_found) = match &remembered.verdict {
            Ok(accepted) => (accepted.leaf(), true),
            // Without all that was presented a rejection can't be found again.
            Err(rejected) => (rejected.leaf(), remembered.hashes.company.is_some()),
        };
        let term = options.term(&remembered.verdict).filter(|_| may_be_found)?;
        // A clock that was ahead made verdicts that would live on when it is set right.
        let from = match options.clock_goes_back {
            true => term.from,
            false => term.from.max(life.made),
        };
        let most = life.made.plus(i64::from(term.most));
        let mut entry = Self {
            from,
            until: term.until.min(life.until).min(most),
            left: 0,
            generation: moment.generation.unwrap_or_default(),
            scope,
            leaf: leaf.clone(),
            remembered,
        };
        entry.left = entry.left_at(moment.now);
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
        let sliding = match self.remembered.verdict {
            Ok(_) => options.accepted.sliding,
            Err(_) => options.rejected.sliding,
        };
        let used = self.until.plus(-i64::from(self.left));
        sliding.is_none_or(|seconds| now < used.plus(i64::from(seconds)))
    }

    /// Notes that it is used. Does it move?
    fn is_used(&mut self, moment: Moment) -> bool {
        let left = self.left_at(moment.now);
        // What other threads read is not written without need.
        if self.left != left {
            self.left = left;
        }
        let Some(generation) = moment.generation else {
            return true;
        };
        if self.generation == generation {
            return false;
        }
        self.generation = generation;
        true
    }

    pub(super) fn is(&self, sought: &Sought<'_>, company: Option<&[u8; 32]>) -> bool {
        let hashes = || &self.remembered.hashes;
        sought.is_of(&self.scope, &self.leaf)
            && (company.is_none() || hashes().company.as_deref() == company)
            && (sought.thumbprint.is_none() || hashes().thumbprint.as_ref() == sought.thumbprint)
    }
}

/// What a look-up met: one of the two at most.
pub(super) struct Found<T> {
    pub(super) current: Option<Arc<Remembered<T>>>,
    /// What has ended and was taken out.
    pub(super) ended: Option<Entry<T>>,
}

/// The verdict that is remembered under what is sought.
pub(super) fn find<T>(
    entries: &mut Lru<Entry<T>>,
    (options, hasher): (&CacheOptions, &DefaultHashBuilder),
    sought: &Sought<'_>,
    company: Option<&[u8; 32]>,
    moment: Moment,
) -> Found<T> {
    let hash = sought.hash_with(hasher, company);
    let mut is_current = true;
    let met = entries.meet(
        hash,
        |entry| entry.is(sought, company),
        |entry| {
            is_current = entry.is_current(options, moment.now);
            is_current && entry.is_used(moment)
        },
    );
    let current = met.filter(|_| is_current);
    let current = current.map(|entry| Arc::clone(&entry.remembered));
    let ended = match is_current {
        true => None,
        false => entries.remove(hash, |entry| entry.is(sought, company)),
    };
    Found { current, ended }
}
