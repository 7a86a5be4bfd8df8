//! Verifiers of client and server certificates for [rustls](https://docs.rs/rustls/0.23) 0.23, over
//! the engine [portcullis], without a crypto library of their own.
//!
//! rustls calls a verifier in the handshake and waits for it, so that nothing here fetches
//! anything. There are two ways to authenticate clients:
//!
//! - **full** ([`ClientVerifier::full`]): the handshake validates, from the evidence of revocation
//!   at hand. What is missing is unknown, is judged by the validator's policy, and goes into
//!   [`MissingEvidence`], from which a task of the caller's fetches it for the next handshake. A
//!   client that is rejected gets a TLS alert. **By default unknown is no**: after each start a
//!   client whose evidence is not at hand yet is turned away, and, where nothing fetches it, for
//!   ever (see "Revocation").
//! - **deferred** ([`ClientVerifier::deferred`]): the handshake only proves that the client holds
//!   the key of the certificate that it sent, *any* certificate. The server validates before it
//!   answers a request, and can say why not. This is how ASP.NET Core splits the work.
//!
//! ```
//! use std::sync::Arc;
//!
//! use portcullis::revocation::{RevocationFlag, RevocationMode};
//! use portcullis_rustls::{ClientVerifier, SharedValidator};
//! use portcullis::{Purpose, TrustMode, TrustStore, Validator};
//! use rustls::ServerConfig;
//! # use rustls::pki_types::{CertificateDer, PrivateKeyDer};
//! # fn f(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<(), Box<dyn std::error::Error>> {
//!
//! let roots = TrustStore::from_pem(include_bytes!("../../../testdata/roots/root.pem"))?;
//! let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
//!     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
//!     .purpose(Purpose::ClientAuth)
//!     .build()?;
//! let validator = Arc::new(SharedValidator::new(validator));
//!
//! let verifier = ClientVerifier::full(Arc::clone(&validator)).build();
//! let provider = Arc::new(rustls_graviola::default_provider());
//! let mut config = ServerConfig::builder_with_provider(provider)
//!     .with_safe_default_protocol_versions()?
//!     .with_client_cert_verifier(Arc::new(verifier))
//!     .with_single_cert(chain, key)?;
//! // No verifier is called for a session that is resumed: here none is (see "Resumption").
//! config.send_tls13_tickets = 0;
//! config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
//!
//! // Later, under load: other anchors, for all handshakes that begin from here on.
//! let roots = TrustStore::from_pem(include_bytes!("../../../testdata/roots/another-root.pem"))?;
//! validator.replace_store(roots);
//! # Ok(())
//! # }
//! ```
//!
//! # Revocation
//!
//! The example above checks none. A validator that does begins with no evidence; a task fetches
//! what handshakes lacked, and renews it before it runs out:
//!
//! ```
//! use std::sync::{Arc, mpsc};
//! use std::thread;
//! use std::time::{Duration, SystemTime};
//!
//! use portcullis::revocation::RevocationFetcher;
//! use portcullis_rustls::{ClientVerifier, MissingEvidence, SharedValidator};
//! use portcullis::{BuildError, Purpose, Time, TrustMode, TrustStore, Validator};
//!
//! /// `http` fetches from the web: `examples/fetcher_blocking` has one.
//! fn verifier(
//!     roots: TrustStore,
//!     http: impl RevocationFetcher + Send + 'static,
//! ) -> Result<ClientVerifier, BuildError> {
//!     let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
//!         .purpose(Purpose::ClientAuth)
//!         .build()?; // all but the root are checked, online
//!     let validator = Arc::new(SharedValidator::new(validator));
//!
//!     let (wake, woken) = mpsc::sync_channel(1);
//!     let missing = MissingEvidence::default().on_note(move || {
//!         let _ = wake.try_send(()); // it is awake already where this is full
//!     });
//!     let missing = Arc::new(missing);
//!     let verifier = ClientVerifier::full(Arc::clone(&validator))
//!         .missing(Arc::clone(&missing))
//!         .build();
//!
//!     thread::spawn(move || {
//!         loop {
//!             let _ = woken.recv_timeout(Duration::from_secs(10));
//!             let (now, validator) = (Time::from(SystemTime::now()), validator.current());
//!             validator.refresh_due(now, 3600, &http);
//!             missing.fetch(&validator, now, &http);
//!         }
//!     });
//!     Ok(verifier)
//! }
//! ```
//!
//! A client that was turned away and comes again a moment later gets in, and so does every other
//! client that the same CRL covers. Where even the first one must get in, validate a certificate of
//! each CA that publishes CRLs with the fetcher before the listener opens, or choose `deferred`,
//! where requests wait for the evidence and handshakes do not. [`SharedValidator::replace_store`]
//! keeps the evidence, and a validator from a new builder has none.
//!
//! # Resumption
//!
//! rustls does not call a verifier for a session that is resumed: the client is who it was, however
//! long ago that was, and a ticket can be renewed for ever, past a
//! [replacement](SharedValidator::replace) of the validator too. rustls resumes unless it is told
//! not to: from its session storage, and by tickets. Either a listener keeps no sessions and hands
//! out no tickets (the two lines above, and no `ticketer`), or the server asks [`Recheck`] about
//! each connection. A server that validates each request, through a
//! [cache](portcullis::cache), needs neither.
//!
//! # What belongs to the server
//!
//! Which host a client asks for, and what to do with one that names none, is decided before a
//! verifier is chosen ([`Negotiation::client_hello`], [`MissingSni`]): make one `ServerConfig` for
//! each way of asking for certificates, and choose in rustls's `Acceptor`. Give each its own
//! ticketer and session store, so that a session of a host that asks for nothing resumes nowhere
//! else. `examples/mtls_server` does all of it.
//!
//! Handshake signatures are verified by the validator's own provider
//! ([`Provider`](portcullis::crypto::Provider)); the rest of TLS is done by the `CryptoProvider`
//! that the server gives rustls.
//!
//! [`Negotiation::client_hello`]: portcullis::authentication::negotiation::Negotiation::client_hello
//! [`MissingSni`]: portcullis::authentication::negotiation::MissingSni

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(unreachable_pub)]
// As in the engine: nothing that a peer sends may make it panic.
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

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod client;
mod decide;
mod error;
mod hints;
mod missing;
mod recheck;
mod server;
mod shared;
mod signature;
#[cfg(test)]
mod testing;

pub use client::{ClientVerifier, ClientVerifierBuilder, Deferred, Full};
pub use decide::OnVerdict;
pub use error::certificate_error;
pub use hints::RootHints;
pub use missing::MissingEvidence;
/// The engine, whose types stand in this crate's interface.
pub use portcullis;
pub use recheck::{Recheck, Rechecked};
pub use server::ServerVerifier;
pub use shared::SharedValidator;
