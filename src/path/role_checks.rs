//! What a walk up a path asks of each certificate by itself, in its place: the leaf, an issuer, an
//! anchor.
//!
//! It costs what [`CertificateCheck`] costs,
//! and for an issuer whose names do not show at a glance whether they are one, their comparison,
//! which is paid for.

use super::budget::{Budget, Exhausted, comparisons_to_read};
use super::certificate_checks::{CertificateSummary, check_anchor};
use super::checked_certificate::{CertificateCheck, Role};
use super::context::{AnchorId, PathContext, PoolId};
use super::violation::{FirstViolation, Rule, Violation};
use crate::certificate::Certificate;

/// Checks the leaf by itself.
pub(crate) fn check_leaf(context: &PathContext<'_>) -> Result<CertificateSummary, Violation> {
    let check = CertificateCheck {
        certificate: context.leaf,
        position: 0,
        role: Role::Leaf,
        at: context.at,
        options: context.options,
        expected: context.expected,
        self_issued: None,
        signs_itself: &|| context.leaf.has_identical_names(),
    };
    check.run(&mut FirstViolation(context.options.forgiven))
}

/// Are subject and issuer of a certificate the same name? It is paid for, should they take more
/// than a glance.
pub(super) fn is_self_issued(
    certificate: &Certificate,
    budget: &mut Budget,
) -> Result<bool, Exhausted> {
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    if let Some(shown) = subject.glance(&issuer) {
        return Ok(shown);
    }
    budget.spend_comparisons(comparisons_to_read(subject) + comparisons_to_read(issuer))?;
    Ok(subject.matches(&issuer))
}

/// Checks a certificate as an issuer by itself. The outer error is a budget that has no room for
/// the look at its names.
pub(crate) fn check_intermediate(
    context: &PathContext<'_>,
    id: PoolId,
    position: usize,
    budget: &mut Budget,
) -> Result<Result<CertificateSummary, Violation>, Rule> {
    let certificate = context.certificate(id);
    let self_issued = is_self_issued(certificate, budget).map_err(Rule::Exhausted)?;
    let check = CertificateCheck {
        certificate,
        position,
        role: Role::Intermediate,
        at: context.at,
        options: context.options,
        expected: &[],
        self_issued: Some(self_issued),
        signs_itself: &|| false,
    };
    Ok(check.run(&mut FirstViolation(context.options.forgiven)))
}

/// Checks an anchor by itself; `None` for one that the store does not have.
pub(crate) fn check_anchor_at(
    context: &PathContext<'_>,
    id: AnchorId,
    position: usize,
) -> Option<Result<CertificateSummary, Violation>> {
    let checked = check_anchor(
        context.anchor(id)?,
        position,
        context.at,
        context.options,
        context.anchor_summaries.get(id.0 as usize),
        &|| context.signs_itself(id),
        &mut FirstViolation(context.options.forgiven),
    );
    Some(checked)
}
