//! Certification paths: the search for one, the rules that it must satisfy, and what is wrong with
//! those that do not.
//!
//! Validation as in RFC 5280 section 6.1, step by step:
//!
//! | step | where |
//! |---|---|
//! | 6.1.1 (a), (b), (d) | `context.rs` |
//! | 6.1.1 (c), (e) to (g) | `policy_inputs.rs` |
//! | 6.1.1 (h), (i); 6.1.2 (b), (c) | `path_checks.rs`, from the constraints of the anchor |
//! | 6.1.2 (a), (d) to (f) | `policy_graph.rs` |
//! | 6.1.2 (g) to (i); 6.1.4 (d) to (f); 6.1.5 (c) to (e) | `working_key.rs` |
//! | 6.1.2 (j); 6.1.3 (a)(4); 6.1.4 (c) | `issuer_names.rs`: the search only builds paths whose names chain |
//! | 6.1.2 (k); 6.1.4 (l), (m) | `path_checks.rs` |
//! | 6.1.3 (a)(1) | `signatures.rs` |
//! | 6.1.3 (a)(2); 6.1.4 (k), (n), (o); 6.1.5 (f) | `certificate_checks.rs` |
//! | 6.1.3 (a)(3) | the module `revocation` |
//! | 6.1.3 (b), (c); 6.1.4 (g) | `name_constraints/` |
//! | 6.1.3 (d) to (f); 6.1.4 (a), (b), (h) to (j); 6.1.5 (a), (b), (g) | `policy_graph.rs` |
//! | 6.1.6 | `validator::Accepted` |

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
