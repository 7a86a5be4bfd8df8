//! Trust anchors and stores of them (RFC 5280 section 6.1.1 (d)).
//!
//! Only this module makes anchors, out of what the caller configures: nothing that a peer presents
//! becomes one.

mod anchor;
mod keys;
mod named;
mod store;

pub use anchor::{AnchorConstraints, AnchorError, TrustAnchor};
pub(crate) use keys::AnchorKeys;
pub(crate) use named::Pool;
pub use store::{TrustStore, TrustStoreError};
