//! Decides, without doing any I/O, whether a certificate's holder may come in, and if not, why not.
//!
//! A server gets a client's certificate, from TLS or from a proxy's header. It hands it to a
//! [`Validator`] with the certificates that came along and the time, and gets a verdict: an
//! [`Accepted`] path to a trust anchor, or a [`Rejected`] that names the certificate, the rule and
//! the section of the standard.
//!
//! ```
//! use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
//! use portcullis::{Presented, Purpose, Time, TrustMode, TrustStore, Validator};
//!
//! let roots = TrustStore::from_pem(include_bytes!("../testdata/roots/root.pem"))?;
//! let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
//!     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
//!     .purpose(Purpose::ClientAuth)
//!     .build()?;
//!
//! let presented = Presented::from_pem(include_bytes!("../testdata/chains/good-d2.pem"))?;
//! let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
//! match validator.validate(&presented, now, &NoFetcher) {
//!     Ok(accepted) => println!("welcome, {}", accepted.leaf().subject()),
//!     Err(rejected) => println!("no: {rejected}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! | floor | module | what lives there |
//! |---|---|---|
//! | 6 | [`authentication`] | options, events, principals; certificates that a proxy forwards; when a client is asked for one |
//! | 5 | [`cache`] | verdicts remembered until what they rest on ends |
//! | 4 | [`Validator`], [`Presented`], [`Accepted`], [`Rejected`] | options, one validation, the report |
//! | 3 | [`revocation`] | CRLs and OCSP: what they say, which are missing |
//! | 2 | [`path`] | search, the checks of RFC 5280 section 6.1, name constraints, policies, budget, profiles |
//! | 1 | [`TrustStore`], [`crypto`] | anchors; algorithms, the provider trait, the memo of checked signatures |
//! | 0 | [`certificate`], [`Time`], [`der`], [`oid`] | one certificate as bytes |
//!
//! A module imports only from its own floor and those below it; `tests/floors.rs` sees to that.
//!
//! # What it promises
//!
//! - No I/O, no clock, no threads, no randomness: time and evidence are arguments.
//! - No panic on any input, no `unsafe`, no recursion that input drives; every kind of work has a
//!   limit ([`Limits`]), and running out of it is an error of its own.
//! - What is compared and verified is what was received, never something encoded anew.
//! - An untrusted certificate cannot become an anchor, and only a validation makes an [`Accepted`].
//!
//! # Errors
//!
//! The text of an error is one complete line of bounded length: what is wrong, where, by which
//! section, and what caused it. Log that line alone; a chain of sources would repeat parts of it.
//! [`source`](core::error::Error::source) is for programs: it gives the cause as a value, such as
//! the [`CertificateError`] of an [`InputError`], and its [`der::Error`]. A [`Rejected`] has no
//! source: what is wrong is its [`error`](Rejected::error).
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | [`Time`] from the system's clock type; memo of signatures, store of evidence and cache of verdicts between threads |
//! | `ml-dsa` | no | ML-DSA-44/65/87 signatures (RFC 9881) |
//! | `pki-types` | no | signatures by any crypto library that rustls knows |
//! | `public-suffix` | no | the public suffix list for wildcards in the WebPki profile |
//!
//! Without `std` the crate needs `alloc` only.
//!
//! # With rustls
//!
//! The package [portcullis-rustls](https://docs.rs/portcullis-rustls) verifies client and server
//! certificates for [rustls](https://docs.rs/rustls):
//!
//! ```toml
//! [dependencies]
//! portcullis-rustls = "0.23"
//! ```

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(unreachable_pub)]
// No input may make the library panic, and no number may be cut unnoticed. Tests may do both.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::unimplemented,
        clippy::string_slice,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap
    )
)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[macro_use]
mod accessors;

pub mod authentication;
pub mod cache;
pub mod certificate;
pub mod crypto;
pub mod der;
mod few;
mod narrow;
mod octets;
pub mod oid;
pub mod path;
mod recorded;
pub mod revocation;
mod table;
mod time;
mod trust;
mod validator;

pub use certificate::{
    Certificate, CertificateError, ExtensionKind, GeneralName, GeneralNames, InputError, Name,
    PemError, extensions::KeyUsage,
};
pub use const_oid::ObjectIdentifier;
pub use crypto::{AlgorithmPolicy, RustCrypto};
pub use oid::Oid;
pub use path::{
    ChainStatus, Exhausted, InitialPolicies, InvalidPeerName, IssuerRequirement, KeyIdMatch,
    Limits, NameViolation, Origin, PeerName, PolicyInputs, PolicyViolation, Profile, Purpose,
    Revocation, Rule, UnknownStatus, UsagePolicy, UsageScope, VerificationFlags, Violation,
};
pub use time::{InvalidTime, Time};
pub use trust::{AnchorConstraints, AnchorError, TrustAnchor, TrustStore, TrustStoreError};
pub use validator::{
    Accepted, BuildError, CertificateTypes, ChainElement, InvalidPin, Pin, Presented, Progress,
    Rejected, TriedPath, TrustMode, ValidPolicies, Validation, Validator, ValidatorBuilder,
};
