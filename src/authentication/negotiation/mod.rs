//! Decides whether and when a client is asked for a certificate.
//!
//! A server can ask in the handshake, or later, when a request requires the client's identity.
//! Asking later often fails: HTTP/2 and HTTP/3 forbid it, browsers do not offer it in TLS 1.3, and
//! an unread body blocks it. A server that tries anyway hangs, resets the connection, or accepts
//! the client without asking. In each phase [`Negotiation`] decides what the server should do and
//! why, based on what the server knows. It follows Kestrel, HTTP.sys and IIS, except where they
//! violate a standard.
//!
//! | phase | question | answer |
//! |---|---|---|
//! | the server has received a ClientHello | [`Negotiation::client_hello`] | [`HelloOutcome`]: ask in the handshake, do not ask, or abort |
//! | the client has sent its certificate, or none | [`Negotiation::certificate_received`] | [`ReceivedOutcome`] |
//! | a request requires a certificate | [`Negotiation::request`] | [`RequestOutcome`]: there is one, there is none, ask now, buffer the body first, or fail |
//! | asking in the middle of a connection has ended | [`Negotiation::asked`] | [`RequestOutcome`] |
//!
//! A [`HostMap`] gives the mode of a connection by the server name that the client sent: an exact
//! name takes precedence over the longest wildcard, and that over `*`.
//!
//! # What works everywhere
//!
//! Use two hosts. The main host asks no client
//! ([`NoCertificate`](ClientCertificateMode::NoCertificate)); the other asks every client in the
//! handshake. A request that requires a certificate is redirected there by a 307, which keeps
//! method and body.
//!
//! ```
//! use portcullis::authentication::negotiation::{
//!     CertificateHost, ClientCertificateMode, ClientHello, HelloOutcome, Http, HttpRequest,
//!     Negotiation, RequestOutcome, Status, Tls,
//! };
//!
//! let negotiation = Negotiation::new(ClientCertificateMode::NoCertificate)
//!     .host("id.example.test", ClientCertificateMode::RequireCertificate)?
//!     .certificate_host(CertificateHost::new("id.example.test")?);
//!
//! // In the handshake:
//! let hello = ClientHello::new(Tls::V1_3).sni(Some("www.example.test"));
//! assert_eq!(negotiation.client_hello(&hello).outcome, HelloOutcome::DoNotAsk);
//! let hello = ClientHello::new(Tls::V1_3).sni(Some("id.example.test"));
//! assert_eq!(negotiation.client_hello(&hello).outcome, HelloOutcome::Ask);
//!
//! // A request to the main host requires a certificate:
//! let request = HttpRequest::new(Tls::V1_3, Http::V2, "www.example.test")
//!     .sni(Some("www.example.test"))
//!     .target("/orders?open");
//! let decision = negotiation.request(&request);
//! assert_eq!(decision.outcome, RequestOutcome::NoCertificate);
//! let Some(Status::TemporaryRedirect { location }) = decision.status else { unreachable!() };
//! assert_eq!(location, "https://id.example.test/orders?open");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Going back to the main host is not a sign-out: a browser keeps the certificate that it chose. A
//! browser may use one HTTP/2 connection for both hosts if the server's certificate has both names.
//! Such a request gets a 421 ([`Status::MisdirectedRequest`]), which tells the browser to open
//! another connection. So does a client that names one host in the handshake and another in the
//! request, or something that is not a host, such as `id.example.test.` or `x@id.example.test`. A
//! request may name its host in the target, in `:authority` and in `Host`;
//! [`requested_authority()`] decides which one applies.
//!
//! Two hosts with the same mode may share a connection. If they accept different certificates,
//! validate each request by the rules of its own host, or answer 421 to every request whose host is
//! not that of the handshake.

mod authority;
mod certificate_received;
mod client_hello;
mod decision;
mod hosts;
mod http_request;
mod mode;
mod policy;
mod redirect;
mod requested_authority;

pub use certificate_received::{Received, ReceivedOutcome};
pub use client_hello::{ClientHello, HelloOutcome};
pub use decision::{Connection, NegotiationDecision, Reason, Status};
pub use hosts::{HostMap, InvalidHost};
pub use http_request::{Asked, AskingEnd, Body, Earlier, HttpRequest, RequestOutcome};
pub use mode::{ClientCertificateMode, Http, MissingSni, OnResumption, Platform, Psk, Server, Tls};
pub use policy::Negotiation;
pub use redirect::CertificateHost;
pub use requested_authority::{InvalidAuthority, requested_authority};
