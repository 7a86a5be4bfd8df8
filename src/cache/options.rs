//! How many verdicts a cache holds, and for how long.

use core::ops::Range;

use crate::path::{Rule, UnknownStatus};
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// How long a verdict is cached: until the first of these, and no longer than the evidence and the
/// certificates that it depends on are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VerdictLifetime {
    /// Seconds since it was used last; `None`: no limit.
    pub sliding: Option<u32>,
    /// Seconds since it was made; 0: it is not cached.
    pub most: u32,
}

impl VerdictLifetime {
    /// So many seconds since it was made.
    #[must_use]
    pub const fn seconds(most: u32) -> Self {
        let sliding = None;
        Self { sliding, most }
    }

    /// Also ends so many seconds after it was used last.
    #[must_use]
    pub const fn sliding(mut self, seconds: u32) -> Self {
        self.sliding = Some(seconds);
        self
    }
}

/// How a leaf is looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeafLookup {
    /// By a seeded hash of the leaf's bytes, and a comparison of all of them.
    #[default]
    Bytes,
    /// By the leaf's SHA-256 thumbprint: for certificates so large that comparing them costs more
    /// than hashing.
    Thumbprint,
}

/// `CacheSize` and `CacheEntryExpiration` of ASP.NET Core, and the end that no use postpones.
const DOTNET_CAPACITY: usize = 1024;
const DOTNET: VerdictLifetime = VerdictLifetime::seconds(30 * 60).sliding(2 * 60);

/// A rejected client that has corrected the cause should not wait.
const REJECTED: VerdictLifetime = VerdictLifetime::seconds(10);

defaults! {
    /// The bounds of a cache, and what it holds.
    ///
    /// ```
    /// use portcullis::cache::{CacheOptions, VerdictLifetime};
    ///
    /// let options =
    ///     CacheOptions::default().capacity(100_000).accepted(VerdictLifetime::seconds(300));
    /// assert_ne!(options, CacheOptions::dotnet());
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[must_use]
    pub struct CacheOptions;

    /// 1,024 verdicts: accepted ones for 5 minutes, rejections for 10 seconds, and not those that a
    /// later fetch could change.
    default;
    pub(super) capacity: usize = DOTNET_CAPACITY;
    pub(super) accepted: VerdictLifetime = VerdictLifetime::seconds(5 * 60);
    pub(super) rejected: VerdictLifetime = REJECTED;
    pub(super) transient_rejections: bool = false;
    pub(super) expired_rejections: bool = true;
    pub(super) clock_goes_back: bool = false;
    pub(super) lookup: LeafLookup = LeafLookup::Bytes;
}

impl CacheOptions {
    /// As ASP.NET Core: 1,024 verdicts of all kinds, until 2 minutes after their last use, 30
    /// minutes at most. A rejection because a server was down is kept while its client keeps
    /// coming; an expired leaf is validated each time, and a verdict from later than now is
    /// returned.
    pub fn dotnet() -> Self {
        Self {
            accepted: DOTNET,
            rejected: DOTNET,
            transient_rejections: true,
            expired_rejections: false,
            clock_goes_back: true,
            ..Self::default()
        }
    }

    setters! {
        /// The most accepted verdicts. Rejections have room of their own, a quarter as many, so
        /// that junk displaces no accepted client. Default: 1,024.
        capacity: usize;

        /// How long an accepted verdict is cached. It also ends with a certificate of its path, and
        /// with the evidence that none of them is revoked. Default: 5 minutes. An unknown status
        /// that was accepted is cached as long as any other.
        accepted: VerdictLifetime;

        /// How long a rejection is cached, for the very same certificates. Default: 10 seconds.
        rejected: VerdictLifetime;

        /// Are rejections cached that a later fetch could change: for want of an issuer, a stapled
        /// response or revocation evidence? Default: no.
        transient_rejections: bool;

        /// Are rejections cached after the leaf has expired? Default: yes, since it will not get
        /// better.
        expired_rejections: bool;

        /// How leaves are looked up. Default: [`LeafLookup::Bytes`].
        lookup: LeafLookup;
    }

    /// The time in which a verdict that was made then may be returned. `None` if it is not cached.
    pub(super) fn term(
        &self,
        verdict: &Result<Accepted, Rejected>,
        made: Time,
    ) -> Option<Range<Time>> {
        let (lifetime, from, until) = match verdict {
            Ok(accepted) => (self.accepted, accepted.not_before(), accepted.not_after()),
            Err(rejected) if is_transient(rejected) && !self.transient_rejections => return None,
            Err(rejected) => {
                let until = match rejected.error().rule {
                    Rule::NotYetValid { not_before } => not_before,
                    _ if !self.expired_rejections => rejected.leaf().not_after(),
                    _ => Time::from_unix(i64::MAX),
                };
                (self.rejected, Time::from_unix(i64::MIN), until)
            }
        };
        // Verdicts from a clock that was ahead would otherwise live on after its correction.
        let from = match self.clock_goes_back {
            true => from,
            false => from.max(made),
        };
        let until = until.min(made.plus(i64::from(lifetime.most)));
        (lifetime.most > 0).then_some(from..until)
    }
}

/// Could it change if missing evidence came?
fn is_transient(rejected: &Rejected) -> bool {
    rejected.violations().iter().any(|violation| {
        matches!(
            violation.rule,
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
