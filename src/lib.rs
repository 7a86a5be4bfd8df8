#![no_std]
//! (docs come later)
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod certificate;
pub mod crypto;
pub mod der;
pub mod oid;
pub mod path;
mod time;
mod trust;
mod validator;

pub use certificate::{
    Certificate, CertificateError, GeneralName, GeneralNames, InputError, Name, PemError,
};
pub use const_oid::ObjectIdentifier;
pub use crypto::{AlgorithmPolicy, RustCrypto};
pub use oid::Oid;
pub use path::{
    ChainStatus, Fault, InitialPolicies, KeyIdMatch, Limits, Origin, PeerName, PolicyInputs,
    Profile, Purpose, Rule, UsagePolicy, UsageScope, VerificationFlags,
};
pub use time::Time;
pub use trust::{AnchorConstraints, AnchorError, TrustAnchor, TrustStore};
pub use validator::{
    Accepted, BuildError, CertificateTypes, ChainElement, Pin, PinError, Presented, Rejected,
    TriedPath, TrustMode, ValidPolicies, Validator, ValidatorBuilder,
};
