//! Signatures: which are trusted, who checks them, and which have been checked already.
//!
//! A [`Provider`] turns a subject public key into a [`PreparedKey`] once and verifies with it many
//! times; [`RustCrypto`] is the one that comes with the crate. An [`AlgorithmPolicy`] says which
//! algorithms and key sizes are good enough; it is asked before the provider, which judges
//! mathematics only. A [`SignatureMemo`] remembers what held.

mod algorithm;
mod integers;
mod key_shape;
mod memo;
mod native;
#[cfg(feature = "pki-types")]
mod pki_types;
mod policy;
mod policy_error;
mod provider;
mod pss;
mod rsa_key;
mod rustcrypto;
mod signed;
#[cfg(test)]
mod testing;

pub use algorithm::{HashAlgorithm, KeyFamily, NamedCurve};
pub(crate) use algorithm::{KeyAlgorithm, is_ecdsa_with_null};
#[cfg(feature = "std")]
pub use memo::BoundedMemo;
pub use memo::{Document, Fact, NoMemo, Recalled, SignatureMemo};
pub use native::Native;
#[cfg(feature = "pki-types")]
pub use pki_types::PkiTypes;
pub use policy::AlgorithmPolicy;
pub use policy_error::PolicyError;
pub use provider::{KeyError, PreparedKey, Provider, SignatureError, SupportedPair};
pub use rustcrypto::RustCrypto;

/// The memo of a validator that was given none.
#[cfg(feature = "std")]
pub(crate) fn default_memo() -> alloc::sync::Arc<dyn SignatureMemo> {
    alloc::sync::Arc::new(BoundedMemo::default())
}

/// The memo of a validator that was given none.
#[cfg(not(feature = "std"))]
pub(crate) fn default_memo() -> alloc::sync::Arc<dyn SignatureMemo> {
    alloc::sync::Arc::new(NoMemo)
}
