//! What is asked about revocation, of which certificates, and what an unknown answer does.

use alloc::vec::Vec;

use super::ocsp::CertIdHash;
use crate::certificate::Certificate;
use crate::path::UnknownStatus;

/// Is revocation checked: `X509RevocationMode` of .NET.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevocationMode {
    /// Not at all: whoever has been revoked comes in as before.
    NoCheck = 0,
    /// From the evidence at hand, and what is missing is asked for.
    #[default]
    Online = 1,
    /// From the evidence at hand alone; what it does not say is unknown.
    Offline = 2,
}

/// Which certificates of a path are checked: `X509RevocationFlag` of .NET.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevocationFlag {
    /// The leaf alone.
    EndCertificateOnly = 0,
    /// All of them. A root is checked by a list of its own: one that names it revokes it, and
    /// without one there is nothing to say.
    EntireChain = 1,
    /// All but the anchor.
    #[default]
    ExcludeRoot = 2,
}

/// Which source is asked first; the other one is asked for what is unknown then. Evidence at hand
/// counts in any case, whichever source it is of: a stapled response under [`SourceOrder::CrlOnly`]
/// too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceOrder {
    /// CRLs, then OCSP: no responder learns who connects as long as there are lists. .NET on Linux
    /// does so.
    #[default]
    CrlFirst = 0,
    /// OCSP, then CRLs.
    OcspFirst = 1,
    /// CRLs only: no responder is asked.
    CrlOnly = 2,
    /// OCSP only: no list is asked for.
    OcspOnly = 3,
}

/// What a nonce that was sent asks of the response (RFC 9654).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonceRule {
    /// A response that has one must have the one that was sent; one without passes, since
    /// responders that sign in advance know none.
    #[default]
    IfPresent = 0,
    /// The response must have the one that was sent.
    Required = 1,
    /// Nothing.
    Ignored = 2,
}

/// A set of reasons for an unknown status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct AcceptedUnknown(u16);

impl AcceptedUnknown {
    pub(crate) fn insert(&mut self, reason: UnknownStatus) {
        // These two say that something else is wrong; to accept them would accept that.
        if !matches!(
            reason,
            UnknownStatus::PathFell | UnknownStatus::IssuerRevoked
        ) {
            self.0 |= 1 << reason.number();
        }
    }

    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    pub(crate) const fn contains(self, reason: UnknownStatus) -> bool {
        self.0 & (1 << reason.number()) != 0
    }
}

defaults! {
    /// How evidence of revocation is judged and asked for.
    ///
    /// The defaults are .NET's where it has the option, and fail closed. Whether revocation is
    /// checked at all, and of which certificates, is no part of it: that is
    /// `ValidatorBuilder::revocation`.
    ///
    /// ```
    /// use portcullis::UnknownStatus;
    /// use portcullis::revocation::{RevocationPolicy, SourceOrder};
    ///
    /// let policy = RevocationPolicy::default()
    ///     .order(SourceOrder::OcspFirst)
    ///     .accept_unknown(UnknownStatus::NoSource);
    /// assert_ne!(policy, RevocationPolicy::default());
    /// ```
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[must_use]
    pub struct RevocationPolicy;

    /// The default of each option, as its setter states it.
    default;
    pub(crate) mode: RevocationMode = RevocationMode::Online;
    pub(crate) flag: RevocationFlag = RevocationFlag::ExcludeRoot;
    pub(crate) order: SourceOrder = SourceOrder::CrlFirst;
    pub(crate) accepted: AcceptedUnknown = AcceptedUnknown::default();
    pub(crate) clock_skew: u32 = 0;
    pub(crate) max_age_without_next_update: Option<u32> = Some(MAX_AGE_WITHOUT_NEXT_UPDATE);
    pub(crate) max_age: Option<u32> = None;
    pub(crate) use_deltas: bool = true;
    pub(crate) revoked_only_from_its_date_on: bool = false;
    pub(crate) must_staple: bool = false;
    pub(crate) cert_id_hash: CertIdHash = CertIdHash::default();
    pub(crate) nonce: NonceRule = NonceRule::default();
    pub(crate) require_no_check: bool = false;
    pub(crate) trusted_responders: Vec<Certificate> = Vec::new();
    pub(crate) accept_no_rev_avail: bool = false;
    pub(crate) short_lived: Option<u32> = None;
    /// CRLs must do what RFC 5280 asks of their issuers (the `Rfc5280` profile).
    pub(crate) strict_crls: bool = false;
    /// A CRL that a distribution point names covers the reasons of that point only, even the
    /// issuer's complete CRL (as in .NET).
    pub(crate) reasons_by_points_alone: bool = false;
}

/// .NET's answer to a list that does not say when the next one comes: 3 days.
const MAX_AGE_WITHOUT_NEXT_UPDATE: u32 = 3 * 24 * 60 * 60;

impl RevocationPolicy {
    setters! {
        /// Which source is asked first. Default: [`SourceOrder::CrlFirst`].
        order: SourceOrder;

        /// Seconds by which thisUpdate may lie in the future and nextUpdate in the past. Default:
        /// 0; a minute is granted to thisUpdate in any case, since responders sign when they are
        /// asked and clocks differ. The periods of certificates have an option of their own,
        /// `ValidatorBuilder::clock_skew`.
        clock_skew: u32;

        /// Seconds after thisUpdate for which evidence counts that has no nextUpdate; `None`: for
        /// ever. Default: 3 days, as in .NET.
        max_age_without_next_update: Option<u32>;

        /// Seconds after thisUpdate for which evidence counts, whatever its nextUpdate. Default: no
        /// limit of one's own.
        max_age: Option<u32>;

        /// Are delta CRLs asked for where a certificate or a list names them? Default: yes. Those
        /// at hand always count.
        use_deltas: bool;

        /// Does a revocation that is dated after the time of the validation not count? Default: it
        /// counts, since a certificate that was revoked once is not to be trusted; signatures of
        /// the past may ask otherwise.
        revoked_only_from_its_date_on: bool;

        /// Must a leaf that promises a stapled response (RFC 7633) come with one that holds?
        /// Default: no. Under [`RevocationMode::NoCheck`] nobody looks.
        must_staple: bool;

        /// The hash in OCSP requests. Default: SHA-1, which every responder knows and on which
        /// nothing rests.
        cert_id_hash: CertIdHash;

        /// What a nonce that was sent asks of the response. Default: [`NonceRule::IfPresent`].
        nonce: NonceRule;

        /// Is a delegated responder without `id-pkix-ocsp-nocheck` of no use? Default: no; a list
        /// at hand that names it counts, and nothing is asked for.
        require_no_check: bool;

        /// Is nobody asked about an end entity whose certificate says noRevAvail (RFC 9608: its CA
        /// publishes nothing about it)? Default: no, since such a holder can't be shut out before
        /// the certificate ends; for CAs that issue short-lived certificates alone. What evidence
        /// at hand revokes is revoked all the same.
        accept_no_rev_avail: bool;

        /// The longest life, in seconds, of an end entity's certificate about which nobody is
        /// asked: from its notBefore to its notAfter, both included. The Baseline Requirements of
        /// the CA/Browser Forum (section 1.6.1) draw the line at 7 days (604,800 s). Default:
        /// `None`, so that all are asked about. What evidence at hand revokes is revoked all the
        /// same.
        short_lived: Option<u32>;
    }

    /// Accepts certificates whose status is unknown for this reason, wherever they stand; again for
    /// another one. Default: none. [`UnknownStatus::PathFell`] and
    /// [`UnknownStatus::IssuerRevoked`] are never accepted.
    ///
    /// Accepting [`UnknownStatus::Unreachable`] lets in whoever can keep a packet from arriving;
    /// `NoSource` is the one that private CAs need.
    pub fn accept_unknown(mut self, reason: UnknownStatus) -> Self {
        self.accepted.insert(reason);
        self
    }

    /// Responders that are trusted for all certificates (RFC 6960 section 4.2.2.2, first case),
    /// within the period of their own certificate; further ones if called again. Default: none.
    pub fn trusted_responders(mut self, responders: impl IntoIterator<Item = Certificate>) -> Self {
        self.trusted_responders.extend(responders);
        self
    }

    pub(crate) const fn is_online(&self) -> bool {
        matches!(self.mode, RevocationMode::Online)
    }

    pub(crate) const fn is_checked(&self) -> bool {
        !matches!(self.mode, RevocationMode::NoCheck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_something_else_causes_is_never_accepted() {
        let mut accepted = AcceptedUnknown::default();
        for &reason in UnknownStatus::ALL {
            accepted.insert(reason);
        }
        for &reason in UnknownStatus::ALL {
            let never = matches!(
                reason,
                UnknownStatus::PathFell | UnknownStatus::IssuerRevoked
            );
            assert_eq!(accepted.contains(reason), !never, "{reason}");
        }
    }
}
