//! Validates X.509 certificates without any I/O: may the holder of a certificate come in, who is
//! it, and if not, why not?
//!
//! A server gets a client's certificate and the certificates sent along with it, from TLS or from a
//! proxy's header. It passes them to a [`Validator`] with the time. The result is an [`Accepted`]
//! path to a trust anchor (a certificate that you trust, usually a root), or a [`Rejected`] that
//! names the certificate, the rule and the section of the standard.
//!
//! ```
//! use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
//! use portcullis::{Presented, Purpose, Time, TrustMode, TrustStore, Validator};
//!
//! let roots = TrustStore::from_pem(include_bytes!("../testdata/roots/root.pem"))?;
//! let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
//!     // This CA publishes no CRLs. The default is to check them.
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
//! # Where to look
//!
//! | to | see |
//! |---|---|
//! | validate a certificate | [`Validator`], [`ValidatorBuilder`], [`Presented`] |
//! | say whom to trust | [`TrustStore`], [`TrustAnchor`]; [`Pin`] for one self-signed certificate |
//! | check revocation | [`revocation`]: CRLs, OCSP, fetchers |
//! | know who the client is | [`authentication`]: identities, claims, proxies, ASP.NET Core |
//! | validate again cheaply | [`cache`] |
//! | understand a rejection | [`Rejected`], [`Rule`], [`Violation`] |
//! | bound the work | [`Limits`] |
//! | choose how strict to be with issuers | [`Profile`] |
//! | choose algorithms and crypto libraries | [`AlgorithmPolicy`], [`crypto`] |
//! | read certificates | [`Certificate`], [`certificate`], [`der`], [`oid`] |
//!
//! With [rustls](https://docs.rs/rustls), use the verifiers of
//! [portcullis-rustls](https://docs.rs/portcullis-rustls).
//!
//! # What it promises
//!
//! - No I/O, no clock, no threads, no randomness: time and evidence are arguments.
//! - No panic on any input, no `unsafe`, and no recursion whose depth input decides. Every kind of
//!   work has a limit ([`Limits`]), and reaching one is a separate error.
//! - Signatures and names are checked over the received bytes, never over a new encoding.
//! - An untrusted certificate cannot become an anchor, and only a validation makes an [`Accepted`].
//!
//! # Errors
//!
//! The text of an error is one complete line of bounded length: what is wrong, where, by which
//! section, and what caused it. Log only that line; the texts of its sources would repeat parts of
//! it. [`source`](core::error::Error::source) is for programs: it gives the cause as a value, such
//! as the [`CertificateError`] of an [`InputError`], and its [`der::Error`]. A [`Rejected`] has no
//! source; its [`error`](Rejected::error) says what is wrong.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | system time; caches of signatures, evidence and verdicts that threads share |
//! | `ml-dsa` | no | ML-DSA-44/65/87 signatures (RFC 9881) |
//! | `pki-types` | no | signatures by any crypto library that works with rustls |
//! | `public-suffix` | no | the public suffix list, for wildcards in the WebPki profile |
//!
//! Without `std` the crate needs `alloc` only.

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
mod lru;
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
pub use crypto::{AlgorithmPolicy, Native, RustCrypto};
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
