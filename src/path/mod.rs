//! Certification paths: the search for one, the rules that it must satisfy, and what is wrong with
//! those that do not.
//!
//! Over the functions that take a step of RFC 5280 section 6.1 stands which step it is; the rule
//! index in `docs/ARCHITECTURE.md` leads to each.

mod anchor_reach;
pub(crate) mod budget;
pub(crate) mod certificate_checks;
pub(crate) mod checked_certificate;
pub(crate) mod context;
pub(crate) mod explain;
mod interner;
pub(crate) mod issuer_candidates;
mod issuer_names;
mod issuer_requirement;
pub(crate) mod name_constraints;
pub(crate) mod options;
mod origin;
pub(crate) mod path_checks;
pub(crate) mod peer_name;
pub(crate) mod policy_graph;
mod policy_inputs;
mod profile;
mod requirements;
pub(crate) mod revocation_outcome;
pub(crate) mod role_checks;
pub(crate) mod search;
pub(crate) mod signatures;
pub(crate) mod status;
pub(crate) mod tried;
pub(crate) mod violation;
mod working_key;

pub use budget::{Budget, Exhausted, Limits};
pub use issuer_candidates::KeyIdMatch;
pub use issuer_requirement::IssuerRequirement;
pub(crate) use name_constraints::is_host_name;
pub use name_constraints::{Form as NameForm, Violation as NameViolation};
pub use options::{Purpose, UsagePolicy, UsageScope};
pub use origin::Origin;
pub use peer_name::{InvalidPeerName, PeerName};
pub use policy_graph::PolicyViolation;
pub use policy_inputs::{InitialPolicies, PolicyInputs};
pub use profile::Profile;
pub use revocation_outcome::{Revocation, UnknownStatus};
pub use status::{ChainStatus, VerificationFlags};
pub use violation::{Rule, Violation};
