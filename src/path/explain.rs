//! The second look at a rejected path: which one to show, and all that is wrong with it.
//!
//! The search stops a path at its first violation and does not follow what cannot lead anywhere; a
//! report should show where a chain was meant to lead and everything that is in its way. So one
//! path is chosen and all checks run on it without stopping. Shown is the tried path that came
//! closest, continued upwards by a fixed rule: among the certificates of the issuer's name, the one
//! whose key made the signature, anchors first; failing that, the first whose key identifier does
//! not contradict. That rule alone, from the leaf on, gives the path that .NET reports. Signatures
//! are paid for from what is left of the budget, and those that have been checked are not checked
//! again.

use alloc::vec::Vec;

use super::budget::Exhausted;
use super::certificate_checks::{CertificateSummary, check_anchor};
use super::checked_certificate::{CertificateCheck, Role};
use super::context::{AnchorId, Issuer, PathContext, PoolId};
use super::issuer_candidates::{KeyIdMatch, key_id};
use super::path_checks::{CertificateSummaries, PathChecks};
use super::search::{Search, nowhere};
use super::tried::Tried;
use super::violation::{AllViolations, Findings, Rule, Violation};

/// A path to show and its violations, forgiven ones included.
pub(crate) struct Explanation {
    /// Leaf first.
    pub(crate) certificates: Vec<PoolId>,
    pub(crate) anchor: Option<AnchorId>,
    pub(crate) violations: Vec<Violation>,
}

/// How to choose the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The tried path that came closest.
    Closest,
    /// The path that .NET would report.
    AsDotNet,
}

/// Explains a search that found nothing.
pub(crate) fn explain(
    context: &PathContext<'_>,
    search: &mut Search,
    choice: Choice,
) -> Explanation {
    let tried = match choice {
        Choice::Closest => closest(context, search),
        Choice::AsDotNet => None,
    };
    let (mut certificates, mut anchor) = match tried {
        Some(tried) => (tried.certificates, tried.anchor),
        None => (Vec::from([PoolId::LEAF]), None),
    };
    if anchor.is_none() {
        anchor = continue_upwards(context, search, &mut certificates, choice);
    }
    let mut violations = all_violations(context, search, &certificates, anchor);
    // That the search ran out of an allowance is a violation; that the second look did is none.
    let of_search =
        |violation: &Violation| violation.position == 0 && Some(violation.rule) == search.exhausted;
    violations
        .retain(|violation| !matches!(violation.rule, Rule::Exhausted(_)) || of_search(violation));
    Explanation {
        certificates,
        anchor,
        violations,
    }
}

/// The tried path that came closest, of those whose signatures hold as far as they go. One that
/// only looks alike is none: a certificate that failed on it is not tried again where it belongs.
fn closest(context: &PathContext<'_>, search: &mut Search) -> Option<Tried> {
    let tried = search.tried.kept.clone();
    let signed = tried
        .into_iter()
        .filter(|tried| is_signed(context, search, &tried.certificates));
    let scored = signed.map(|tried| {
        let reaches = tried.anchor.is_some();
        ((tried.violation.rule.closeness(), reaches), tried)
    });
    // The first of equals, which the search held for the best.
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (_, mut best) = best?;
    if !reaches_anchor(context, search, &best) {
        best.anchor = None;
    }
    Some(best)
}

/// Did the anchor of this path sign its last certificate? One that has the name and not the key, as
/// a root has that was renewed, is not where the path leads: a root that came along says more of
/// it.
fn reaches_anchor(context: &PathContext<'_>, search: &mut Search, tried: &Tried) -> bool {
    let (Some(anchor), Some(&last)) = (tried.anchor, tried.certificates.last()) else {
        return false;
    };
    let Search {
        signatures, budget, ..
    } = search;
    let signed = signatures.verify_pair(context, last, Issuer::Anchor(anchor), budget);
    !matches!(signed, Err(Rule::Signature(_)))
}

fn is_signed(context: &PathContext<'_>, search: &mut Search, path: &[PoolId]) -> bool {
    let mut pairs = path.windows(2);
    pairs.all(|pair| match *pair {
        [child, issuer] => {
            let issuer = Issuer::Pool(issuer);
            let Search {
                signatures, budget, ..
            } = search;
            signatures
                .verify_pair(context, child, issuer, budget)
                .is_ok()
        }
        _ => true,
    })
}

fn continue_upwards(
    context: &PathContext<'_>,
    search: &mut Search,
    path: &mut Vec<PoolId>,
    choice: Choice,
) -> Option<AnchorId> {
    while let Some(&last) = path.last() {
        match next_issuer(context, search, path, last, choice)? {
            Issuer::Anchor(anchor) => return Some(anchor),
            Issuer::Pool(_) if path.len() >= context.options.limits.path_length as usize => {
                let too_long = Rule::Exhausted(Exhausted::PathLength);
                search.exhausted.get_or_insert(too_long);
                return None;
            }
            Issuer::Pool(id) => path.push(id),
        }
    }
    None
}

fn next_issuer(
    context: &PathContext<'_>,
    search: &mut Search,
    path: &[PoolId],
    last: PoolId,
    choice: Choice,
) -> Option<Issuer> {
    let child = context.certificate(last);
    let self_issued = search.is_self_issued(context, last);
    if self_issued && (choice == Choice::AsDotNet || signed_itself(context, search, last)) {
        return None;
    }
    let on_path = |id: PoolId| {
        path.iter()
            .any(|&p| context.certificate(p) == context.certificate(id))
    };
    let mut candidates = search.all_issuers(context, last);
    candidates.retain(|issuer| !matches!(issuer, Issuer::Pool(id) if on_path(*id)));

    let Search {
        signatures, budget, ..
    } = search;
    let signed = |&issuer: &Issuer| {
        signatures
            .verify_pair(context, last, issuer, budget)
            .is_ok()
    };
    if let Some(issuer) = candidates.iter().copied().find(signed) {
        return Some(issuer);
    }
    if self_issued {
        return None;
    }
    let wanted = child.authority_key_id();
    let plausible =
        |issuer: &Issuer| KeyIdMatch::of(wanted, key_id(context, *issuer)) != KeyIdMatch::Different;
    candidates.into_iter().find(plausible)
}

/// Did a certificate's own key sign it? Then it is where a path ends, whoever else has its key.
fn signed_itself(context: &PathContext<'_>, search: &mut Search, id: PoolId) -> bool {
    let Search {
        signatures, budget, ..
    } = search;
    let itself = Issuer::Pool(id);
    signatures.verify_pair(context, id, itself, budget).is_ok()
}

/// Runs every check on a path and keeps going.
pub(crate) fn all_violations(
    context: &PathContext<'_>,
    search: &mut Search,
    path: &[PoolId],
    anchor: Option<AnchorId>,
) -> Vec<Violation> {
    let in_circle = leads_back(search, context, path);
    let mut findings = AllViolations::default();
    let summary: CertificateSummaries = path
        .iter()
        .enumerate()
        .map(|(position, &id)| summary_of(context, search, position, id, &mut findings))
        .collect();
    let top = path.len();
    let trusted = anchor.and_then(|id| Some((id, context.anchor(id)?)));
    let trusted = trusted.map(|(id, anchor)| {
        let signs_itself = || context.signs_itself(id);
        let checked = check_anchor(
            anchor,
            top,
            context.at,
            context.options,
            None,
            &signs_itself,
            &mut findings,
        );
        (anchor, checked.unwrap_or_default())
    });
    let whole = PathChecks {
        context,
        certificates: path,
        summaries: &summary,
        anchor: trusted,
    };
    // Notes are never refused here, so that there is nothing to pass on.
    let _ = whole.check(&mut search.budget, &mut findings);
    let mut note = |violation| findings.note(violation);
    let (signatures, budget) = (&mut search.signatures, &mut search.budget);
    let _ = signatures.verify_path(context, path, anchor, budget, &mut note);
    let is_cut = search.exhausted == Some(Rule::Exhausted(Exhausted::PathLength));
    if anchor.is_none()
        && !is_cut
        && let Some(&last) = path.last()
    {
        let self_issued = search.is_self_issued(context, last);
        let (position, rule) = (top - 1, nowhere(self_issued, in_circle));
        let _ = findings.note(Violation { position, rule });
    }
    if let Some(rule) = search.exhausted {
        let position = 0;
        let _ = findings.note(Violation { position, rule });
    }
    let mut violations = findings.violations;
    violations.sort_by_key(|violation| violation.position);
    violations
}

/// Is everyone who may have issued the last certificate of a path on it already?
fn leads_back(search: &mut Search, context: &PathContext<'_>, path: &[PoolId]) -> bool {
    let Some(&last) = path.last() else {
        return false;
    };
    let issuers = search.all_issuers(context, last);
    let on_path = |issuer: &Issuer| matches!(issuer, Issuer::Pool(id) if path.contains(id));
    !issuers.is_empty() && issuers.iter().all(on_path)
}

fn summary_of(
    context: &PathContext<'_>,
    search: &mut Search,
    position: usize,
    id: PoolId,
    findings: &mut AllViolations,
) -> CertificateSummary {
    let certificate = context.certificate(id);
    // Of a leaf nobody asks.
    let self_issued = position > 0 && search.is_self_issued(context, id);
    let check = CertificateCheck {
        certificate,
        position,
        role: if position == 0 {
            Role::Leaf
        } else {
            Role::Intermediate
        },
        at: context.at,
        options: context.options,
        expected: context.expected,
        self_issued: Some(self_issued),
        signs_itself: &|| position == 0 && certificate.has_identical_names(),
    };
    check.run(findings).unwrap_or_default()
}

/// The violation to name first: the most fundamental of those that are not forgiven. Before all is
/// that the search was not finished, since another path might have held.
pub(crate) fn primary(
    violations: &[Violation],
    is_forgiven: impl Fn(&Violation) -> bool,
) -> Option<&Violation> {
    let blocking = violations
        .iter()
        .filter(|violation| !is_forgiven(violation));
    blocking.min_by_key(|violation| match violation.rule {
        Rule::Exhausted(_) => 0,
        Rule::NoIssuer | Rule::Circle => u8::MAX,
        rule => rule.closeness(),
    })
}
