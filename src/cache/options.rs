//! How many verdicts are remembered, and for how long.

use crate::path::{Rule, UnknownStatus};
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// How long a verdict is remembered. It ends with the first of these, and with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Lifetime {
    /// Seconds since it was used last; `None`: however long that is ago.
    pub sliding: Option<u32>,
    /// Seconds since it was made; 0: it is not remembered.
    pub most: u32,
}

impl Lifetime {
    /// So many seconds since it was made.
    #[must_use]
    pub const fn seconds(most: u32) -> Self {
        Self {
            sliding: None,
            most,
        }
    }

    /// Ends so many seconds after it was used last, too.
    #[must_use]
    pub const fn sliding(mut self, seconds: u32) -> Self {
        self.sliding = Some(seconds);
        self
    }
}

/// How verdicts are found again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lookup {
    /// By a seeded hash of the leaf's bytes, and a comparison of all of them.
    #[default]
    Bytes,
    /// By the leaf's SHA-256 thumbprint: for certificates so large that comparing them costs more
    /// than hashing.
    Thumbprint,
}

/// The bounds of a cache.
///
/// ```
/// use portcullis::cache::{CacheOptions, Lifetime};
///
/// let options = CacheOptions::default().capacity(100_000).accepted(Lifetime::seconds(300));
/// assert_ne!(options, CacheOptions::dotnet());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct CacheOptions {
    pub(super) capacity: usize,
    pub(super) accepted: Lifetime,
    pub(super) rejected: Lifetime,
    pub(super) transient: bool,
    pub(super) expired: bool,
    pub(super) clock_goes_back: bool,
    pub(super) lookup: Lookup,
}

/// .NET's `CacheSize` and `CacheEntryExpiration`, and the end that no use puts off.
const DOTNET_CAPACITY: usize = 1024;
const DOTNET: Lifetime = Lifetime::seconds(30 * 60).sliding(2 * 60);

/// A client that was rejected and has mended what was wrong should not wait.
const REJECTED: Lifetime = Lifetime::seconds(10);

impl Default for CacheOptions {
    /// 1,024 verdicts: accepted ones for 5 minutes, rejected ones for 10 seconds, and those that a
    /// later fetch could change not at all.
    fn default() -> Self {
        Self {
            capacity: DOTNET_CAPACITY,
            accepted: Lifetime::seconds(5 * 60),
            rejected: REJECTED,
            transient: false,
            expired: true,
            clock_goes_back: false,
            lookup: Lookup::Bytes,
        }
    }
}

impl CacheOptions {
    /// What .NET does: 1,024 verdicts of all kinds, 2 minutes after their last use, 30 minutes at
    /// most. A rejection that was due to a server that was down lives on while its client keeps
    /// coming; a leaf that has expired is validated each time, and a verdict from later than
    /// now is served.
    pub fn dotnet() -> Self {
        Self {
            accepted: DOTNET,
            rejected: DOTNET,
            transient: true,
            expired: false,
            clock_goes_back: true,
            ..Self::default()
        }
    }

    /// Most accepted leaves that are remembered; a quarter as many rejections have room of their
    /// own, so that nobody is crowded out by junk. Default: 1,024.
    pub fn capacity(mut self, verdicts: usize) -> Self {
        self.capacity = verdicts;
        self
    }

    /// How long a leaf that was accepted stays so. It ends too when a certificate of its path does,
    /// or the evidence that none of them is revoked. Default: 5 minutes. An unknown status that
    /// was accepted is remembered as long as any other.
    pub fn accepted(mut self, lifetime: Lifetime) -> Self {
        self.accepted = lifetime;
        self
    }

    /// How long a rejection is remembered, for the very same certificates. Default: 10 seconds.
    pub fn rejected(mut self, lifetime: Lifetime) -> Self {
        self.rejected = lifetime;
        self
    }

    /// Are rejections remembered that a later fetch could change: for want of an issuer, a stapled
    /// response or evidence of revocation? Default: no.
    pub fn transient_rejections(mut self, yes: bool) -> Self {
        self.transient = yes;
        self
    }

    /// Are rejections remembered after the leaf has expired? Default: yes, since it will not get
    /// better.
    pub fn expired_rejections(mut self, yes: bool) -> Self {
        self.expired = yes;
        self
    }

    /// How verdicts are found again. Default: [`Lookup::Bytes`].
    pub fn lookup(mut self, lookup: Lookup) -> Self {
        self.lookup = lookup;
        self
    }

    /// How long this verdict may be remembered, and the moments between which it holds; `None`: not
    /// at all.
    pub(super) fn term(&self, verdict: &Result<Accepted, Rejected>) -> Option<Term> {
        let (lifetime, from, until) = match verdict {
            Ok(accepted) => (self.accepted, accepted.not_before(), accepted.not_after()),
            Err(rejected) if is_transient(rejected) && !self.transient => return None,
            Err(rejected) => {
                let until = match rejected.error().rule {
                    Rule::NotYetValid { not_before } => not_before,
                    _ if !self.expired => rejected.leaf().not_after(),
                    _ => Time::from_unix(i64::MAX),
                };
                (self.rejected, Time::from_unix(i64::MIN), until)
            }
        };
        (lifetime.most > 0).then_some(Term {
            most: lifetime.most,
            from,
            until,
        })
    }
}

/// How long a verdict may be remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    /// Seconds since it was made.
    pub(super) most: u32,
    /// It holds from here.
    pub(super) from: Time,
    /// Here it holds no longer.
    pub(super) until: Time,
}

/// Might it be another one if what was missing came?
fn is_transient(rejected: &Rejected) -> bool {
    rejected.faults().iter().any(|fault| {
        matches!(
            fault.rule,
            Rule::RevocationUnknown(
                UnknownStatus::NotFetched
                    | UnknownStatus::Unreachable
                    | UnknownStatus::Malformed
                    | UnknownStatus::NotAuthoritative
                    | UnknownStatus::Partial
                    | UnknownStatus::UnknownToResponder
                    | UnknownStatus::Stale
            ) | Rule::StapleMissing
                | Rule::NoIssuer
        )
    })
}
