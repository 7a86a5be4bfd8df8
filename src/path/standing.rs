//! What revocation says of a certificate on a path: the words that rules and reports use.
//!
//! How it is found out is the business of a floor above; here is only what can come out (RFC 5280
//! section 6.3.3).

use core::fmt;

use crate::certificate::extensions::RevocationReason;
use crate::time::Time;

/// A revocation: when, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Revocation {
    /// The date that the issuer gives. It may lie in the future, which makes no difference unless
    /// `RevocationPolicy::revoked_only_from_its_date_on` says so.
    pub date: Time,
    /// The reason, where the issuer gives one.
    pub reason: Option<RevocationReason>,
}

impl Revocation {
    pub(crate) const fn new(date: Time, reason: Option<RevocationReason>) -> Self {
        Self { date, reason }
    }
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on {}", self.date)?;
        match self.reason {
            Some(reason) => write!(f, ", reason {reason}"),
            None => Ok(()),
        }
    }
}

/// Why it could not be found out whether a certificate is revoked.
///
/// The order is that of how much has been learned: of several reasons the last is reported.
// The cache lists by name the reasons that a later fetch could change: `cache/options.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UnknownStatus {
    /// The path had fallen for another reason, so that nobody asked. It can't be accepted.
    PathFell,
    /// A CA above it is revoked, so that what was issued below says nothing. It can't be accepted.
    IssuerRevoked,
    /// The certificate names no source that can be asked: no distribution point and no responder
    /// with an http or https URL.
    NoSource,
    /// There is a source, and it was not asked: the mode is `Offline`, nobody answered the request,
    /// the fetcher refused to ask there, or a limit was met.
    NotFetched,
    /// The source did not answer, or with an error, or with more bytes than the fetcher takes in;
    /// or it failed a moment ago and was left alone.
    Unreachable,
    /// What came is not a CRL or OCSP response.
    Malformed,
    /// Evidence came and does not speak for this certificate: of another issuer or scope, not
    /// signed by whom it must be, or with a critical extension that is not known.
    NotAuthoritative,
    /// The lists that count cover some reasons for revocation and not all.
    Partial,
    /// The responder does not know the certificate.
    UnknownToResponder,
    /// The evidence is not current: it has run out, is too old, or is not valid yet.
    Stale,
}

impl UnknownStatus {
    /// All reasons, each at the place of its number.
    pub const ALL: [Self; 10] = [
        Self::PathFell,
        Self::IssuerRevoked,
        Self::NoSource,
        Self::NotFetched,
        Self::Unreachable,
        Self::Malformed,
        Self::NotAuthoritative,
        Self::Partial,
        Self::UnknownToResponder,
        Self::Stale,
    ];

    /// A stable number: it does not change between versions of this library.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for UnknownStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PathFell => "the path had fallen before it was asked",
            Self::IssuerRevoked => "a CA above it is revoked",
            Self::NoSource => "it names no source that can be asked",
            Self::NotFetched => "its sources were not asked",
            Self::Unreachable => "its sources did not answer",
            Self::Malformed => "what its sources sent is no CRL and no OCSP response",
            Self::NotAuthoritative => "no evidence speaks for it",
            Self::Partial => "its lists do not cover all reasons",
            Self::UnknownToResponder => "the responder does not know it",
            Self::Stale => "the evidence is not current",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places() {
        for (place, reason) in UnknownStatus::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(reason.number()), place);
        }
    }
}
