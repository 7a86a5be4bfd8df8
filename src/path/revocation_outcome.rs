//! What revocation says of a certificate on a path: the words that rules and reports use.
//!
//! How it is found out is the business of a floor above; here is only what can come out (RFC 5280
//! section 6.3.3).

use core::fmt;

use crate::certificate::extensions::RevocationReason;
use crate::table::numbered;
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

numbered! {
    /// Why it could not be found out whether a certificate is revoked.
    ///
    /// The order is that of how much has been learned: of several reasons the last is reported.
    // The cache lists by name the reasons that a later fetch could change: `cache/options.rs`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum UnknownStatus: u8 {
        /// The path had fallen for another reason, so that nobody asked. It can't be accepted.
        PathFell = 0, "the path had fallen before it was asked";
        /// A CA above it is revoked, so that what was issued below says nothing. It can't be
        /// accepted.
        IssuerRevoked = 1, "a CA above it is revoked";
        /// The certificate names no source that can be asked: no distribution point and no
        /// responder with an http or https URL.
        NoSource = 2, "it names no source that can be asked";
        /// There is a source, and it was not asked: the mode is `Offline`, nobody answered the
        /// request, the fetcher refused to ask there, or a limit was met.
        NotFetched = 3, "its sources were not asked";
        /// The source did not answer, or with an error, or with more bytes than the fetcher takes
        /// in; or it failed a moment ago and was left alone.
        Unreachable = 4, "its sources did not answer";
        /// What came is not a CRL or OCSP response.
        Malformed = 5, "what its sources sent is no CRL and no OCSP response";
        /// Evidence came and does not speak for this certificate: of another issuer or scope, not
        /// signed by whom it must be, or with a critical extension that is not known.
        NotAuthoritative = 6, "no evidence speaks for it";
        /// The lists that count cover some reasons for revocation and not all.
        Partial = 7, "its lists do not cover all reasons";
        /// The responder does not know the certificate.
        UnknownToResponder = 8, "the responder does not know it";
        /// The evidence is not current: it has run out, is too old, or is not valid yet.
        Stale = 9, "the evidence is not current";
    }
}
