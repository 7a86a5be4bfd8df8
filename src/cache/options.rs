//! How many verdicts a cache stores, and for how long.

use core::ops::Range;

use crate::path::{Rule, UnknownStatus};
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// How long a verdict is cached: until the first of these times, but no longer than the evidence
/// and the certificates that it depends on are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VerdictLifetime {
    /// Seconds since it was last used. `None`: no limit.
    pub sliding: Option<u32>,
    /// Seconds since it was made. 0: it is not cached.
    pub most: u32,
}

impl VerdictLifetime {
    /// Ends this number of seconds after it was made.
    #[must_use]
    pub const fn seconds(most: u32) -> Self {
        let sliding = None;
        Self { sliding, most }
    }

    /// Also ends this number of seconds after it was last used.
    #[must_use]
    pub const fn sliding(mut self, seconds: u32) -> Self {
        self.sliding = Some(seconds);
        self
    }
}

/// How leaves are looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeafLookup {
    /// By a seeded hash of the leaf, and a comparison of all its bytes.
    #[default]
    Bytes,
    /// By the leaf's SHA-256 thumbprint, for certificates so large that comparing them costs more
    /// than hashing.
    Thumbprint,
}

/// ASP.NET Core's `CacheSize` and `CacheEntryExpiration`, and its absolute expiration.
const DOTNET_CAPACITY: usize = 1024;
const DOTNET: VerdictLifetime = VerdictLifetime::seconds(30 * 60).sliding(2 * 60);

/// A rejected client that has corrected the cause should not have to wait.
const REJECTED: VerdictLifetime = VerdictLifetime::seconds(10);

defaults! {
    /// The limits of a cache, and what it stores.
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

    /// 1,024 verdicts: accepted ones for 5 minutes, and rejections for 10 seconds unless a later
    /// fetch could change them.
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
    /// Like ASP.NET Core: 1,024 verdicts of all kinds, until 2 minutes after their last use and for
    /// at most 30 minutes. A rejection because a server was down stays while its client keeps
    /// coming back. An expired leaf is validated each time. A verdict that was made later than the
    /// current time is returned.
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
        /// The maximum number of accepted verdicts. A verdict about certificates of more than 32 KiB
        /// in all, or a rejection of more than 16 KiB, is not stored. A quarter as many rejections are stored in
        /// addition, so that junk does not displace accepted clients. Default: 1,024.
        capacity: usize;

        /// How long an accepted verdict is cached. It also ends when a certificate of its path or
        /// the evidence about revocation expires. Default: 5 minutes. A verdict with an unknown
        /// status that was accepted is cached like any other.
        accepted: VerdictLifetime;

        /// How long a rejection is cached, for exactly the same certificates. Default: 10 seconds.
        rejected: VerdictLifetime;

        /// Whether to cache rejections that a later fetch could change: those for lack of an
        /// issuer, a stapled response or revocation evidence. Default: false.
        transient_rejections: bool;

        /// Whether to cache rejections after the leaf has expired. Default: true, since it stays
        /// expired.
        expired_rejections: bool;

        /// How leaves are looked up. Default: [`LeafLookup::Bytes`].
        lookup: LeafLookup;
    }

    /// The period in which a verdict made at this time may be returned. `None` if it must not be
    /// cached.
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
        // Otherwise verdicts from a clock that was ahead would outlive its correction.
        let from = match self.clock_goes_back {
            true => from,
            false => from.max(made),
        };
        let until = until.min(made.plus(i64::from(lifetime.most)));
        (lifetime.most > 0).then_some(from..until)
    }
}

/// Whether missing evidence, once fetched, could change the rejection.
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
