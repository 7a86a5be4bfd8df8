//! What is known of a certificate before anybody is asked: from the caller's own source of
//! statuses, and from the certificate itself where the policy takes its word.
//!
//! RFC 9608: a certificate with noRevAvail is one about which its CA publishes nothing. The CA may
//! only say so of an end entity, and not beside the places where to ask (section 3); one that does
//! has not said it. A certificate that lives shorter than news of a revocation travels need not be
//! asked about either; how short that is, the policy says.
//!
//! Evidence at hand that revokes such a certificate counts all the same.

use super::Inquiry;
use crate::certificate::Certificate;
use crate::certificate::extensions::{AuthorityInfoAccess, ExtensionKind};
use crate::oid::NO_REV_AVAIL;
use crate::path::Revocation;
use crate::path::context::Issuer;
use crate::revocation::policy::RevocationPolicy;
use crate::revocation::status::{EvidenceKind, EvidenceUsed, Finding};
use crate::revocation::status_source::KnownStatus;

impl Inquiry<'_> {
    /// The status of a certificate, if nobody needs to be asked for it. The first one of a path may
    /// speak for itself, if it is not a CA's: a CA is worth a revocation, however short its life.
    pub(super) fn known(
        &self,
        (subject, issuer): (Issuer, Issuer),
        is_first: bool,
    ) -> Option<Finding> {
        let subject = self.context.subject_of(subject)?;
        let by_source = self.by_source(subject.certificate, issuer);
        by_source.or_else(|| match is_first && !subject.is_ca {
            true => by_itself(self.policy, subject.certificate),
            false => None,
        })
    }

    fn by_source(&self, certificate: &Certificate, issuer: Issuer) -> Option<Finding> {
        let at = self.context.at;
        let key = self.context.key_of(issuer)?;
        let used = |until| EvidenceUsed {
            kind: EvidenceKind::StatusSource,
            this_update: at,
            until: Some(until),
        };
        match self.statuses?.status(certificate, &key, at) {
            KnownStatus::Revoked { date, reason } => {
                Some(Finding::Revoked(Revocation::new(date, reason), used(at)))
            }
            KnownStatus::GoodUntil(until) if until >= at => Some(Finding::Good(used(until))),
            KnownStatus::GoodUntil(_) | KnownStatus::NotCovered => None,
        }
    }
}

fn by_itself(policy: &RevocationPolicy, certificate: &Certificate) -> Option<Finding> {
    let is_short = policy
        .short_lived
        .is_some_and(|most| lives(certificate) <= i64::from(most));
    let kind = if is_short {
        EvidenceKind::ShortLife
    } else if policy.accept_no_rev_avail && says_no_rev_avail(certificate) {
        EvidenceKind::NoRevAvail
    } else {
        return None;
    };
    Some(Finding::Good(EvidenceUsed {
        kind,
        this_update: certificate.not_before(),
        until: Some(certificate.not_after()),
    }))
}

/// For how many seconds a certificate is valid, the first and the last included (RFC 5280 section
/// 4.1.2.5).
fn lives(certificate: &Certificate) -> i64 {
    let (first, last) = (certificate.not_before(), certificate.not_after());
    last.unix().saturating_sub(first.unix()).saturating_add(1)
}

/// RFC 9608 sections 2 and 3: there, not critical, a NULL, and no place where to ask beside it.
fn says_no_rev_avail(certificate: &Certificate) -> bool {
    let mut all = certificate.extensions();
    let is_said = all.any(|extension| {
        extension.oid.as_bytes() == NO_REV_AVAIL.as_bytes()
            && !extension.critical
            && extension.value == [5, 0]
    });
    let access = certificate.readable::<AuthorityInfoAccess<'_>>();
    is_said
        && !certificate.has(ExtensionKind::CrlDistributionPoints)
        && !certificate.has(ExtensionKind::FreshestCrl)
        && access.is_none_or(|access| access.ocsp_uris().next().is_none())
}
