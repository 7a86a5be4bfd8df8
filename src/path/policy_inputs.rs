//! What the caller says about certificate policies: the inputs (c) and (e) to (g) of RFC 5280
//! section 6.1.1.

use alloc::vec::Vec;

use const_oid::ObjectIdentifier;

use crate::oid::ANY_POLICY;

/// The caller's part in policy processing (RFC 5280 section 6.1.1 (c) and (e) to (g)).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PolicyInputs {
    /// (c), user-initial-policy-set: the policies that are acceptable.
    pub initial: InitialPolicies,
    /// (f), initial-explicit-policy: the path must be valid for an acceptable policy.
    /// [`InitialPolicies::Only`] says so too.
    pub require_explicit_policy: bool,
    /// (e), initial-policy-mapping-inhibit: no certificate may map policies.
    pub inhibit_policy_mapping: bool,
    /// (g), initial-any-policy-inhibit: anyPolicy in a certificate says nothing.
    pub inhibit_any_policy: bool,
}

impl PolicyInputs {
    /// Must the path be valid for an acceptable policy?
    pub(crate) const fn require_policy(&self) -> bool {
        self.require_explicit_policy || matches!(self.initial, InitialPolicies::Only(_))
    }
}

/// The policies that are acceptable to the caller; anyPolicy among them means any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InitialPolicies {
    /// Any policy at all.
    #[default]
    Any,
    /// These, and a path that is valid for none of them is refused: user-initial-policy-set and
    /// initial-explicit-policy of RFC 5280 in one.
    Only(Vec<ObjectIdentifier>),
    /// By itself it refuses nobody. If a CA on the path requires a policy, the path must be valid
    /// for one of these; otherwise it may have none. `Accepted::policies` tells which. It is
    /// user-initial-policy-set of RFC 5280.
    WhereRequired(Vec<ObjectIdentifier>),
}

impl InitialPolicies {
    pub(super) fn listed(&self) -> Option<&[ObjectIdentifier]> {
        match self {
            Self::Only(list) | Self::WhereRequired(list) if !list.contains(&ANY_POLICY) => {
                Some(list)
            }
            Self::Only(_) | Self::WhereRequired(_) | Self::Any => None,
        }
    }
}
