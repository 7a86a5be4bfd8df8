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
use super::certificate::{CertificateCheck, Facts, Role, check_anchor};
use super::nodes::{KeyIdMatch, key_id};
use super::search::{Search, nowhere};
use super::tried::Tried;
use super::violation::{AllViolations, Findings, Rule, Violation};
use super::whole::{PathFacts, WholePath};
use super::world::{AnchorId, Issuer, PoolId, World};

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
pub(crate) fn explain(world: &World<'_>, search: &mut Search, choice: Choice) -> Explanation {
    let tried = match choice {
        Choice::Closest => closest(world, search),
        Choice::AsDotNet => None,
    };
    let (mut certificates, mut anchor) = match tried {
        Some(tried) => (tried.certificates, tried.anchor),
        None => (Vec::from([PoolId::LEAF]), None),
    };
    if anchor.is_none() {
        anchor = continue_upwards(world, search, &mut certificates, choice);
    }
    let mut violations = all_violations(world, search, &certificates, anchor);
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
fn closest(world: &World<'_>, search: &mut Search) -> Option<Tried> {
    let tried = search.tried.kept.clone();
    let signed = tried
        .into_iter()
        .filter(|tried| is_signed(world, search, &tried.certificates));
    let scored = signed.map(|tried| {
        let reaches = tried.anchor.is_some();
        ((tried.violation.rule.closeness(), reaches), tried)
    });
    // The first of equals, which the search held for the best.
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (_, mut best) = best?;
    if !reaches_anchor(world, search, &best) {
        best.anchor = None;
    }
    Some(best)
}

/// Did the anchor of this path sign its last certificate? One that has the name and not the key, as
/// a root has that was renewed, is not where the path leads: a root that came along says more of
/// it.
fn reaches_anchor(world: &World<'_>, search: &mut Search, tried: &Tried) -> bool {
    let (Some(anchor), Some(&last)) = (tried.anchor, tried.certificates.last()) else {
        return false;
    };
    let Search {
        signatures, budget, ..
    } = search;
    let signed = signatures.verify_pair(world, last, Issuer::Anchor(anchor), budget);
    !matches!(signed, Err(Rule::Signature(_)))
}

fn is_signed(world: &World<'_>, search: &mut Search, path: &[PoolId]) -> bool {
    let mut pairs = path.windows(2);
    pairs.all(|pair| match *pair {
        [child, issuer] => {
            let issuer = Issuer::Pool(issuer);
            let Search {
                signatures, budget, ..
            } = search;
            signatures.verify_pair(world, child, issuer, budget).is_ok()
        }
        _ => true,
    })
}

fn continue_upwards(
    world: &World<'_>,
    search: &mut Search,
    path: &mut Vec<PoolId>,
    choice: Choice,
) -> Option<AnchorId> {
    while let Some(&last) = path.last() {
        match next_issuer(world, search, path, last, choice)? {
            Issuer::Anchor(anchor) => return Some(anchor),
            Issuer::Pool(_) if path.len() >= world.options.limits.path_length as usize => {
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
    world: &World<'_>,
    search: &mut Search,
    path: &[PoolId],
    last: PoolId,
    choice: Choice,
) -> Option<Issuer> {
    let child = world.certificate(last);
    let self_issued = search.is_self_issued(world, last);
    if self_issued && (choice == Choice::AsDotNet || signed_itself(world, search, last)) {
        return None;
    }
    let on_path = |id: PoolId| {
        path.iter()
            .any(|&p| world.certificate(p) == world.certificate(id))
    };
    let mut candidates = search.all_issuers(world, last);
    candidates.retain(|issuer| !matches!(issuer, Issuer::Pool(id) if on_path(*id)));

    let Search {
        signatures, budget, ..
    } = search;
    let signed = |&issuer: &Issuer| signatures.verify_pair(world, last, issuer, budget).is_ok();
    if let Some(issuer) = candidates.iter().copied().find(signed) {
        return Some(issuer);
    }
    if self_issued {
        return None;
    }
    let wanted = child.authority_key_id();
    let plausible =
        |issuer: &Issuer| KeyIdMatch::of(wanted, key_id(world, *issuer)) != KeyIdMatch::Different;
    candidates.into_iter().find(plausible)
}

/// Did a certificate's own key sign it? Then it is where a path ends, whoever else has its key.
fn signed_itself(world: &World<'_>, search: &mut Search, id: PoolId) -> bool {
    let Search {
        signatures, budget, ..
    } = search;
    let itself = Issuer::Pool(id);
    signatures.verify_pair(world, id, itself, budget).is_ok()
}

/// Runs every check on a path and keeps going.
pub(crate) fn all_violations(
    world: &World<'_>,
    search: &mut Search,
    path: &[PoolId],
    anchor: Option<AnchorId>,
) -> Vec<Violation> {
    let in_circle = leads_back(search, world, path);
    let mut findings = AllViolations::default();
    let facts: PathFacts = path
        .iter()
        .enumerate()
        .map(|(position, &id)| facts_of(world, search, position, id, &mut findings))
        .collect();
    let top = path.len();
    let trusted = anchor.and_then(|id| Some((id, world.anchor(id)?)));
    let trusted = trusted.map(|(id, anchor)| {
        let signs_itself = || world.signs_itself(id);
        let checked = check_anchor(
            anchor,
            top,
            world.at,
            world.options,
            None,
            &signs_itself,
            &mut findings,
        );
        (anchor, checked.unwrap_or_default())
    });
    let whole = WholePath {
        world,
        certificates: path,
        facts: &facts,
        anchor: trusted,
    };
    // Notes are never refused here, so that there is nothing to pass on.
    let _ = whole.check(&mut search.budget, &mut findings);
    let mut note = |violation| findings.note(violation);
    let (signatures, budget) = (&mut search.signatures, &mut search.budget);
    let _ = match anchor {
        Some(anchor) => signatures.verify_path(world, path, anchor, budget, &mut note),
        None => signatures.verify_partial(world, path, budget, &mut note),
    };
    let is_cut = search.exhausted == Some(Rule::Exhausted(Exhausted::PathLength));
    if anchor.is_none()
        && !is_cut
        && let Some(&last) = path.last()
    {
        let self_issued = search.is_self_issued(world, last);
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
fn leads_back(search: &mut Search, world: &World<'_>, path: &[PoolId]) -> bool {
    let Some(&last) = path.last() else {
        return false;
    };
    let issuers = search.all_issuers(world, last);
    let on_path = |issuer: &Issuer| matches!(issuer, Issuer::Pool(id) if path.contains(id));
    !issuers.is_empty() && issuers.iter().all(on_path)
}

fn facts_of(
    world: &World<'_>,
    search: &mut Search,
    position: usize,
    id: PoolId,
    findings: &mut AllViolations,
) -> Facts {
    let certificate = world.certificate(id);
    // Of a leaf nobody asks.
    let self_issued = position > 0 && search.is_self_issued(world, id);
    let check = CertificateCheck {
        certificate,
        position,
        role: if position == 0 {
            Role::Leaf
        } else {
            Role::Intermediate
        },
        at: world.at,
        options: world.options,
        expected: world.expected,
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
