//! Decides which leaves are self-signed, and which of those are trusted.
//!
//! A self-signed leaf has no path. It must pass the checks of a leaf, its signature must verify
//! with its own key, and only a pin makes it trusted. Nobody can revoke it. A leaf is self-signed
//! if its own key made its signature. In the .NET-compatible mode, identical names suffice, as in
//! .NET.

use alloc::vec::Vec;

use super::inputs::ValidationInputs;
use super::rejection::{Rejecting, Shown};
use super::verdict::{Accepted, Rejected};
use crate::crypto::SignatureError;
use crate::few::Few;
use crate::path::context::{Issuer, PoolId};
use crate::path::explain::{all_violations, primary};
use crate::path::search::Search;
use crate::path::signatures::Signatures;
use crate::path::violation::{Rule, Violation};

/// The type of a leaf.
pub(super) enum Class {
    /// It needs a path. If subject and issuer are identical, the value is why its own key does not
    /// verify its signature.
    Chained(Option<SignatureError>),
    SelfSigned,
}

/// Determines the type of a leaf. Fails if the budget is exhausted.
pub(super) fn classify(inputs: ValidationInputs<'_>, search: &mut Search) -> Result<Class, Rule> {
    if !inputs.presented.leaf.has_identical_names() {
        return Ok(Class::Chained(None));
    }
    if inputs.shared.dotnet_compatible {
        return Ok(Class::SelfSigned);
    }
    match own_signature(inputs, search) {
        Err(rule @ Rule::Exhausted(_)) => Err(rule),
        Err(Rule::Signature(flaw)) if inputs.shared.certificate_types.allow_chained() => {
            search.signatures = Signatures::default();
            Ok(Class::Chained(Some(flaw)))
        }
        _ => Ok(Class::SelfSigned),
    }
}

fn own_signature(inputs: ValidationInputs<'_>, search: &mut Search) -> Result<(), Rule> {
    let own = Issuer::Pool(PoolId::LEAF);
    let (signatures, budget) = (&mut search.signatures, &mut search.budget);
    signatures.verify_pair(&inputs.context(&[]), PoolId::LEAF, own, budget)
}

/// The verdict for a self-signed leaf.
pub(super) fn decide(
    inputs: ValidationInputs<'_>,
    search: &mut Search,
) -> Result<Accepted, Rejected> {
    let mut violations = all_violations(&inputs.context(&[]), search, &[PoolId::LEAF], None);
    if let Err(rule) = own_signature(inputs, search) {
        violations.insert(0, Violation::of_leaf(rule));
    }
    let of_trust = |violation: &Violation| violation.rule.lacks_issuer();
    let passes = |violation: &Violation| of_trust(violation) || inputs.forgives(violation);
    let error = if inputs.shared.self_signed.holds(&inputs.presented.leaf) {
        primary(&violations, passes).copied()
    } else {
        let error = Violation::of_leaf(Rule::SelfSignedNotPinned);
        violations.retain(|violation| !of_trust(violation));
        violations.push(error);
        Some(error)
    };
    let Some(error) = error else {
        return Ok(inputs.accepted(Few::None, None, violations, Vec::new()));
    };
    let rejecting = Rejecting {
        inputs,
        fetched: &[],
        search,
    };
    Err(rejecting.rejected(Shown {
        certificates: &[PoolId::LEAF],
        anchor: None,
        violations,
        error: Some(error),
        statuses: &[],
    }))
}
