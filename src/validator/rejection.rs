//! Builds a rejection: chooses the path to show, and finds what is wrong with it.
//!
//! A path that is valid except for revocation came closest and is shown as is. Otherwise the path
//! that came closest is checked a second time to find everything that is wrong with it. Revocation
//! statuses that were not determined are those that .NET's `X509Chain` would show.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::inputs::ValidationInputs;
use super::verdict::{Found, Rejected, Rejection, TriedPath, chain};
use crate::certificate::Certificate;
use crate::crypto::SignatureError;
use crate::path::context::{AnchorId, PoolId};
use crate::path::explain::{Choice, explain, primary};
use crate::path::search::{FoundPath, Search};
use crate::path::tried::TriedPaths;
use crate::path::violation::{Rule, Violation};
use crate::path::{ChainStatus, UnknownStatus};
use crate::revocation::{RevocationFlag, RevocationStatus};

/// A path that is valid except for revocation.
pub(super) struct RevokedPath {
    pub(super) path: FoundPath,
    pub(super) violations: Vec<Violation>,
    pub(super) statuses: Vec<Option<RevocationStatus>>,
    pub(super) error: Violation,
}

/// What a rejection is built from.
pub(super) struct Rejecting<'a, 's> {
    pub(super) inputs: ValidationInputs<'a>,
    /// Certificates that were fetched.
    pub(super) fetched: &'a [Certificate],
    pub(super) search: &'s mut Search,
}

/// The path that a rejection shows.
pub(super) struct Shown<'p> {
    /// Leaf first.
    pub(super) certificates: &'p [PoolId],
    pub(super) anchor: Option<AnchorId>,
    pub(super) violations: Vec<Violation>,
    /// The main error. `None` if the path has none.
    pub(super) error: Option<Violation>,
    pub(super) statuses: &'p [Option<RevocationStatus>],
}

impl Rejecting<'_, '_> {
    /// The rejection if no path is left.
    pub(super) fn reject(
        self,
        revoked: Option<Box<RevokedPath>>,
        own_flaw: Option<SignatureError>,
    ) -> Rejected {
        if self.search.exhausted.is_none()
            && let Some(revoked) = revoked
        {
            return self.rejected(Shown {
                certificates: &revoked.path.certificates,
                anchor: Some(revoked.path.anchor),
                violations: revoked.violations,
                error: Some(revoked.error),
                statuses: &revoked.statuses,
            });
        }
        self.explained(own_flaw)
    }

    fn explained(self, own_flaw: Option<SignatureError>) -> Rejected {
        let inputs = self.inputs;
        let choice = match inputs.shared.dotnet_compatible {
            true => Choice::AsDotNet,
            false => Choice::Closest,
        };
        let explained = explain(&inputs.context(self.fetched), self.search, choice);
        let (certificates, anchor) = (explained.certificates, explained.anchor);
        let mut violations = explained.violations;
        let forgives = |violation: &Violation| inputs.forgives(violation);
        let mut error = primary(&violations, forgives).copied();
        if error.is_some_and(|error| error.position == 0 && error.rule.lacks_issuer())
            && let Some(own) = why_not_self_signed(inputs, own_flaw)
        {
            violations.insert(0, own);
            let passes = |one: &Violation| one.rule.lacks_issuer() || forgives(one);
            error = primary(&violations, passes).copied();
        }
        let statuses = not_asked(inputs, &violations, certificates.len(), anchor.is_some());
        violations.extend(violations_of(&statuses));
        violations.sort_by_key(|violation| violation.position);
        self.rejected(Shown {
            certificates: &certificates,
            anchor,
            violations,
            error,
            statuses: &statuses,
        })
    }

    /// The rejection that shows this path.
    pub(super) fn rejected(self, shown: Shown<'_>) -> Rejected {
        let inputs = self.inputs;
        let context = inputs.context(self.fetched);
        let TriedPaths { kept, more } = core::mem::take(&mut self.search.tried);
        let certificate = |&id: &PoolId| context.certificate(id).clone();
        let tried = kept.into_iter().map(|tried| TriedPath {
            certificates: tried.certificates.iter().map(certificate).collect(),
            anchor: tried.anchor.and_then(|id| context.anchor(id)).cloned(),
            violation: tried.violation,
        });
        let tried: Vec<TriedPath> = tried.collect();
        let path = shown.certificates.iter();
        let path = path.map(|id| (certificate(id), context.origin(*id)));
        let path: Vec<_> = path.collect();
        let anchor = shown.anchor.and_then(|id| context.anchor(id));
        // If the second check does not find a violation, the one that the search found is reported.
        let of_tried = || {
            let violations = tried.iter().map(|tried| tried.violation);
            violations.max_by_key(|violation| violation.rule.closeness())
        };
        let error = shown.error.or_else(of_tried);
        let error = error.unwrap_or(Violation::of_leaf(Rule::NoIssuer));
        let found = Found {
            violations: &shown.violations,
            revocation: shown.statuses,
        };
        Rejected(Arc::new(Rejection {
            chain: chain(&path, anchor, found, inputs.shared.dotnet_compatible),
            violations: shown.violations,
            tried,
            more_tried: more,
            ..rejection(inputs, error)
        }))
    }
}

/// A rejection before any search for a path.
pub(super) fn refuse(inputs: ValidationInputs<'_>, rule: Rule) -> Rejected {
    let error = Violation::of_leaf(rule);
    Rejected(Arc::new(Rejection {
        violations: Vec::from([error]),
        ..rejection(inputs, error)
    }))
}

/// A rejection without a path.
fn rejection(inputs: ValidationInputs<'_>, error: Violation) -> Rejection {
    let presented = inputs.presented;
    Rejection {
        leaf: presented.leaf.clone(),
        expected: Box::from(presented.expected()),
        unreadable: Box::from(presented.unreadable()),
        digest: inputs.shared.digest,
        error,
        violations: Vec::new(),
        chain: Vec::new(),
        tried: Vec::new(),
        more_tried: 0,
    }
}

/// The violations for these statuses, leaf first (RFC 5280 section 6.1.3 (a)(3)).
pub(super) fn violations_of(statuses: &[Option<RevocationStatus>]) -> Vec<Violation> {
    let found = statuses.iter().enumerate();
    let found = found.filter_map(|(position, status)| {
        let rule = match status {
            Some(RevocationStatus::Revoked(revocation, _)) => Rule::Revoked(*revocation),
            Some(RevocationStatus::Unknown(reason)) => Rule::RevocationUnknown(*reason),
            _ => return None,
        };
        Some(Violation { position, rule })
    });
    found.collect()
}

/// The revocation statuses of an invalid path, for which revocation was not checked. As in .NET, on
/// a complete path that is invalid for a reason other than time or usage, all certificates but the
/// root are unknown; any other path has no statuses.
fn not_asked(
    inputs: ValidationInputs<'_>,
    violations: &[Violation],
    certificates: usize,
    has_anchor: bool,
) -> Vec<Option<RevocationStatus>> {
    let policy = &inputs.shared.revocation;
    let of_time_or_usage = ChainStatus::NOT_TIME_VALID.union(ChainStatus::NOT_VALID_FOR_USAGE);
    let other = |violation: &Violation| {
        let status = violation.rule.status();
        !status.is_empty() && !of_time_or_usage.contains(status)
    };
    let is_root = |violation: &Violation| violation.rule == Rule::UntrustedRoot;
    let is_complete = has_anchor || violations.iter().any(is_root);
    if !policy.is_checked() || !is_complete || !violations.iter().any(other) {
        return Vec::new();
    }
    let below_root = certificates.saturating_sub(usize::from(!has_anchor));
    let count = match policy.flag {
        RevocationFlag::EndCertificateOnly => below_root.min(1),
        _ => below_root,
    };
    let unknown = RevocationStatus::Unknown(UnknownStatus::PathFell);
    (0..count).map(|_| Some(unknown)).collect()
}

/// Why a leaf whose subject and issuer are the same is not self-signed, if that says more than that
/// no path was found: the leaf is pinned, or its signature could not be checked.
fn why_not_self_signed(
    inputs: ValidationInputs<'_>,
    flaw: Option<SignatureError>,
) -> Option<Violation> {
    let flaw = flaw?;
    let pin = || inputs.shared.self_signed.pin_of(&inputs.presented.leaf);
    let says_more = !flaw.is_found_wrong() || pin().is_some();
    says_more.then_some(Violation::of_leaf(Rule::Signature(flaw)))
}
