//! What CRLs say about a certificate (RFC 5280 section 6.3.3 (c) to (l)).
//!
//! Each CRL that is about the certificate adds the reasons that it covers. With all of them covered
//! by current CRLs, and none naming the certificate, it is good. A CRL that names it revokes it,
//! even one that has run out. Of several CRLs of one speaker the newest speaks, where it covers
//! what the older ones do.
//!
//! A delta CRL is laid over a CRL that it fits: of the same issuer, key and scope, newer than it,
//! and built on it or on one before it. It costs one look-up for each CRL and each delta.

use alloc::vec::Vec;

use super::{Dates, Judge, Order, Statement};
use crate::certificate::Certificate;
use crate::certificate::extensions::ReasonFlags;
use crate::path::{Revocation, UnknownStatus};
use crate::revocation::RevocationReason;
use crate::revocation::crl::Crl;
use crate::revocation::status::{EvidenceKind, EvidenceUsed, Finding};
use crate::time::Time;

/// For which reasons a CRL speaks about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// For these.
    Reasons(ReasonFlags),
    /// It is the issuer's own complete CRL, while the certificate leaves its revocation to somebody
    /// else: what it names is revoked, what it does not name is not cleared.
    RevokesOnly,
}

impl Coverage {
    fn reasons(self) -> Option<ReasonFlags> {
        match self {
            Self::Reasons(reasons) => Some(reasons),
            Self::RevokesOnly => None,
        }
    }

    /// Does it cover all that the other one does?
    fn contains(self, other: Self) -> bool {
        match (self.reasons(), other.reasons()) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => own.contains(other),
        }
    }
}

/// A CRL that is about the certificate in question, and whose signer may speak.
pub(crate) struct ApplicableCrl<'a> {
    pub(crate) crl: Crl,
    pub(crate) coverage: Coverage,
    /// The key that signed it: a `SubjectPublicKeyInfo` in DER.
    pub(crate) key: &'a [u8],
    /// When the first certificate of the signer, or of the evidence about it, ends; `None` where
    /// the signer stands on the path in question.
    pub(crate) signer_until: Option<Time>,
    /// The delta CRLs that fit it, and that the same key signed.
    pub(crate) deltas: Vec<Crl>,
}

/// What an applicable CRL says.
struct Said<'a> {
    statement: Statement<'a>,
    coverage: Coverage,
    key: &'a [u8],
}

impl Judge<'_> {
    /// What these CRLs say about a certificate.
    pub(crate) fn by_crls(
        &self,
        certificate: &Certificate,
        applicable: &[ApplicableCrl<'_>],
    ) -> Finding {
        let said = |applicable| self.said(certificate, applicable);
        let all: Vec<Said<'_>> = applicable.iter().map(said).collect();
        let speaks = |old: &&Said<'_>| {
            !all.iter().any(|new| {
                new.key == old.key
                    && new.coverage.contains(old.coverage)
                    && old.statement.is_silenced_by(&new.statement)
            })
        };
        weigh(all.iter().filter(speaks))
    }

    /// Which of the delta CRLs at hand belong to a CRL, if the same key signed them? One with the
    /// number of the CRL, issued together with it (RFC 5280 section 5.2.4), is the newest there is,
    /// and adds nothing: see [`adds_to`].
    pub(crate) fn fits(&self, crl: &Crl, delta: &Crl) -> bool {
        let (Some(base), Some(number)) = (delta.delta_base(), crl.crl_number()) else {
            return false;
        };
        let is_as_new = delta.crl_number().is_some_and(|delta| delta >= number);
        !crl.is_delta()
            && base <= number
            && is_as_new
            && crl.idp_der() == delta.idp_der()
            && key_identifiers(crl, delta) != KeyIdentifiers::Differ
            && self.can_use(delta)
            && self.crl_dates(delta) != Dates::Early
            && crl.issuer().matches(&delta.issuer())
    }

    fn said<'a>(&self, certificate: &Certificate, applicable: &'a ApplicableCrl<'a>) -> Said<'a> {
        let crl = &applicable.crl;
        let deltas = newest(applicable.deltas.iter().filter(|delta| adds_to(crl, delta)));
        let look_up = |crl: &Crl| {
            let entry = crl.find(certificate.serial(), certificate.issuer())?;
            Some(Revocation::new(entry.revocation_date(), entry.reason()))
        };
        let entries: Vec<_> = deltas.iter().map(|delta| look_up(delta)).collect();
        let is_removal = |entry: &Revocation| entry.reason == Some(RevocationReason::RemoveFromCrl);
        let named = entries.iter().flatten().filter(|entry| !is_removal(entry));
        let is_current = |delta: &&Crl| self.crl_dates(delta) == Dates::Current;
        let all_current = !deltas.is_empty() && deltas.iter().all(is_current);
        let is_released = all_current
            && entries.iter().all(Option::is_some)
            && deltas
                .iter()
                .all(|delta| key_identifiers(crl, delta) == KeyIdentifiers::Agree);
        let revocation = match named.min() {
            Some(entry) => Some(*entry),
            None if is_released => None,
            None => look_up(crl),
        };
        let counts = |revocation: &Revocation| {
            !self.policy.revoked_only_from_its_date_on || revocation.date <= self.at
        };
        let revocation = revocation.filter(counts);

        // A current delta carries a CRL that has run out.
        let base_is_current = self.crl_dates(crl) == Dates::Current;
        let own = base_is_current || !all_current;
        let current = deltas.iter().copied().filter(|_| all_current);
        let parts = own.then_some(crl).into_iter().chain(current);
        let used = parts.map(|crl| self.crl_used(crl, applicable.signer_until));
        let used = used.reduce(both);
        let finding = match (revocation, used) {
            (Some(revocation), Some(used)) => Finding::Revoked(revocation, used),
            (None, Some(used)) if base_is_current || all_current => Finding::Good(used),
            _ => Finding::Unknown(UnknownStatus::Stale),
        };
        let newest = deltas.first().map(|delta| order(delta));
        Said {
            statement: Statement {
                order: newest.map_or(order(crl), |newest| newest.max(order(crl))),
                finding,
            },
            coverage: applicable.coverage,
            key: applicable.key,
        }
    }

    fn crl_used(&self, crl: &Crl, signer_until: Option<Time>) -> EvidenceUsed {
        let dates = (crl.this_update(), crl.next_update());
        self.used(EvidenceKind::Crl, dates, signer_until)
    }
}

/// What all that speak come to together.
fn weigh<'s>(speaking: impl Iterator<Item = &'s Said<'s>>) -> Finding {
    let mut good: Option<(ReasonFlags, EvidenceUsed)> = None;
    let mut revoked: Option<Finding> = None;
    let mut lacking = UnknownStatus::PathFell;
    for said in speaking {
        match (said.statement.finding, said.coverage) {
            (finding @ Finding::Revoked(..), _) => {
                revoked = Some(revoked.map_or(finding, |known| known.and(finding)));
            }
            (Finding::Good(used), Coverage::Reasons(reasons)) => {
                let (covered, all) = good.unwrap_or((reasons, used));
                good = Some((covered | reasons, both(all, used)));
            }
            (Finding::Unknown(reason), Coverage::Reasons(_)) => lacking = lacking.max(reason),
            _ => {}
        }
    }
    match (revoked, good) {
        (Some(revoked), _) => revoked,
        (None, Some((covered, used))) if covered.contains(ReasonFlags::ALL) => Finding::Good(used),
        (None, Some(_)) => Finding::Unknown(lacking.max(UnknownStatus::Partial)),
        (None, None) => Finding::Unknown(lacking),
    }
}

/// Does a CRL name a certificate?
pub(crate) fn names(crl: &Crl, certificate: &Certificate) -> bool {
    crl.find(certificate.serial(), certificate.issuer())
        .is_some()
}

/// How new a CRL is.
pub(crate) fn order(crl: &Crl) -> Order<'_> {
    (crl.this_update(), crl.crl_number())
}

/// The newest delta CRL; several where the issuer gave them one date and number.
fn newest<'a>(deltas: impl Iterator<Item = &'a Crl> + Clone) -> Vec<&'a Crl> {
    let newest = deltas.clone().map(order).max();
    deltas
        .filter(|delta| Some(order(delta)) == newest)
        .collect()
}

/// Does a delta follow its CRL in the numbering (RFC 5280 section 5.2.4 (c))?
fn adds_to(crl: &Crl, delta: &Crl) -> bool {
    delta.crl_number() > crl.crl_number()
}

/// Evidence that takes both: it is as old as the older and ends with the first.
fn both(a: EvidenceUsed, b: EvidenceUsed) -> EvidenceUsed {
    EvidenceUsed {
        kind: a.kind,
        this_update: a.this_update.min(b.this_update),
        until: a.until.into_iter().chain(b.until).min(),
    }
}

#[derive(PartialEq, Eq)]
enum KeyIdentifiers {
    Agree,
    /// One of the two has none.
    Unsaid,
    Differ,
}

/// Do a CRL and a delta name the same key (6.3.3 (c)(3))? Where one of them names none, the same
/// key may have signed both: then the delta revokes, but releases nobody.
fn key_identifiers(crl: &Crl, delta: &Crl) -> KeyIdentifiers {
    match (
        crl.authority_key_identifier(),
        delta.authority_key_identifier(),
    ) {
        (a, b) if a == b => KeyIdentifiers::Agree,
        (Some(_), Some(_)) => KeyIdentifiers::Differ,
        _ => KeyIdentifiers::Unsaid,
    }
}

/// What RFC 5280 section 5 asks of CRL issuers, and a strict profile holds them to: a nextUpdate
/// (5.1.2.5), no empty list of entries (5.1.2.6), an authority key identifier (5.2.1), a number
/// that is not critical (5.2.3), and an issuing distribution point that is critical and says
/// something (5.2.5).
pub(super) fn follows_the_profile(crl: &Crl) -> bool {
    crl.next_update().is_some()
        && !crl.has_empty_entries()
        && crl.authority_key_identifier().is_some()
        && crl.crl_number().is_some()
        && !crl.crl_number_is_critical()
        && crl.idp_follows_the_profile()
}
