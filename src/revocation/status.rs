//! What came out for one certificate, and the evidence for it.

use crate::path::{Revocation, UnknownStatus};
use crate::table::numbered;
use crate::time::Time;

numbered! {
    /// Where evidence comes from.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum EvidenceKind: u8 {
        /// A CRL (RFC 5280 section 5), with its delta CRL where there is one.
        Crl = 0, "CRL";
        /// A responder's answer about the certificate (RFC 6960).
        Ocsp = 1, "OCSP response";
        /// What a [`StatusSource`](super::StatusSource) knows: thisUpdate is the time at which it
        /// was asked.
        StatusSource = 2, "status source";
        /// The certificate itself, about which its CA publishes nothing (RFC 9608): thisUpdate is
        /// its notBefore.
        NoRevAvail = 3, "noRevAvail";
        /// The certificate itself, whose life is short enough: thisUpdate is its notBefore.
        ShortLife = 4, "short life";
    }
}

/// The evidence that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EvidenceUsed {
    /// What it is.
    pub kind: EvidenceKind,
    /// When its issuer said so: thisUpdate.
    pub this_update: Time,
    /// Until when it counts by its nextUpdate, the policy, and the certificates of whoever signed
    /// it, where these are not on the path anyway; `None`: for ever.
    pub until: Option<Time>,
}

impl EvidenceUsed {
    /// By what one of two is reported: that which counts longer, then the newer one.
    pub(crate) fn rank(&self) -> (bool, Option<Time>, Time, EvidenceKind) {
        (
            self.until.is_none(),
            self.until,
            self.this_update,
            self.kind,
        )
    }

    pub(crate) fn counts_at(&self, at: Time) -> bool {
        self.until.is_none_or(|until| at <= until)
    }

    /// The same, signed by somebody whose certificate ends then. One that has ended, and is taken
    /// all the same, is taken for this moment.
    pub(crate) fn signed_until(self, end: Time, at: Time) -> Self {
        let end = end.max(at);
        Self {
            until: Some(self.until.map_or(end, |until| until.min(end))),
            ..self
        }
    }
}

/// Is a certificate revoked, as far as the evidence tells?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationStatus {
    /// No: evidence that covers all reasons speaks for it.
    Good(EvidenceUsed),
    /// Yes.
    Revoked(Revocation, EvidenceUsed),
    /// It could not be found out.
    Unknown(UnknownStatus),
}

/// What one kind of evidence comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    Good(EvidenceUsed),
    Revoked(Revocation, EvidenceUsed),
    Unknown(UnknownStatus),
    /// It depends on the status of someone who signed evidence, which is not known yet.
    Pending,
}

impl Finding {
    /// What is reported. What still waits was not told with authority.
    pub(crate) const fn status(self) -> RevocationStatus {
        match self {
            Self::Good(used) => RevocationStatus::Good(used),
            Self::Revoked(revocation, used) => RevocationStatus::Revoked(revocation, used),
            Self::Unknown(reason) => RevocationStatus::Unknown(reason),
            Self::Pending => RevocationStatus::Unknown(UnknownStatus::NotAuthoritative),
        }
    }

    /// Is it a revocation by evidence that has run out?
    pub(crate) fn has_run_out(self, at: Time) -> bool {
        match self {
            Self::Revoked(_, used) => !used.counts_at(at),
            _ => false,
        }
    }

    /// Both kinds of evidence together: what is revoked stays revoked, whoever says that it is
    /// good.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Revoked(a, by), Self::Revoked(b, too)) => {
                if (a, too.rank()) <= (b, by.rank()) {
                    self
                } else {
                    other
                }
            }
            (Self::Revoked(..), _) => self,
            (_, Self::Revoked(..)) => other,
            // What is waited for may say revoked.
            (Self::Pending, _) | (_, Self::Pending) => Self::Pending,
            (Self::Good(a), Self::Good(b)) => Self::Good(if a.rank() >= b.rank() { a } else { b }),
            (Self::Good(_), _) => self,
            (_, Self::Good(_)) => other,
            (Self::Unknown(a), Self::Unknown(b)) => Self::Unknown(a.max(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revoked_stands_whatever_else_is_said() {
        let used = EvidenceUsed {
            kind: EvidenceKind::Crl,
            this_update: Time::from_unix(0),
            until: None,
        };
        let revoked = Finding::Revoked(Revocation::new(Time::from_unix(5), None), used);
        let good = Finding::Good(used);
        let stale = Finding::Unknown(UnknownStatus::Stale);
        let none = Finding::Unknown(UnknownStatus::NoSource);
        for other in [good, stale, none, Finding::Pending, revoked] {
            assert_eq!(revoked.and(other), revoked);
            assert_eq!(other.and(revoked), revoked);
        }
        for other in [stale, none, good] {
            assert_eq!(good.and(other), good);
            assert_eq!(other.and(good), good);
        }
        assert_eq!(good.and(Finding::Pending), Finding::Pending);
        assert_eq!(Finding::Pending.and(good), Finding::Pending);
        assert_eq!(stale.and(none), stale);
        assert_eq!(none.and(stale), stale);
        assert_eq!(stale.and(Finding::Pending), Finding::Pending);
    }
}
