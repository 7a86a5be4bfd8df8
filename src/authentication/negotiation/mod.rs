//! Whether and when a client is asked for a certificate.
//!
//! A server can ask in the handshake, or later, when a request needs the client's identity. Asking
//! later often fails: HTTP/2 and HTTP/3 forbid it, browsers do not offer it under TLS 1.3, an
//! unread body blocks it, and a server that tries regardless hangs, resets, or lets the client in
//! unasked. [`Negotiation`] computes, phase by phase, from what the server knows what it should do
//! and why. It follows Kestrel, HTTP.sys and IIS except for their violations.
//!
//! | phase | question | answer |
//! |---|---|---|
//! | a ClientHello has come | [`Negotiation::client_hello`] | [`HelloOutcome`]: ask in the handshake, do not, or abort |
//! | the client's certificate has come, or none | [`Negotiation::certificate_received`] | [`ReceivedOutcome`] |
//! | a request needs a certificate | [`Negotiation::request`] | [`RequestOutcome`]: there is one, there is none, ask now, buffer the body first, fail |
//! | asking in the middle of a connection has ended | [`Negotiation::asked`] | [`RequestOutcome`] |
//!
//! The mode of a connection depends on the server name that the client sent, by a [`HostMap`]: an
//! exact name comes before the longest wildcard, which comes before `*`.
//!
//! # The way that works everywhere
//!
//! Use two hosts: the main one asks nobody
//! ([`NoCertificate`](ClientCertificateMode::NoCertificate)), the other one asks everybody in the
//! handshake, and a request that needs a certificate is sent there by a 307, which keeps method and
//! body.
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
//! // A request to the main host needs a certificate:
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
//! browser may use one HTTP/2 connection for both hosts, if the server's certificate has both
//! names: such a request gets a 421 ([`Status::MisdirectedRequest`]), which tells it to open
//! another connection. The same answer goes to clients that ask for one host in the handshake and
//! for the other in the request, or for something that is not a host: `id.example.test.`,
//! `x@id.example.test`. A request may name its host in its target, in `:authority` and in `Host`:
//! [`requested_authority`] says which one counts.
//!
//! Two hosts of the same mode may share a connection. Where they accept different certificates,
//! judge each request by the rules of its own host, or answer 421 to every request whose host is
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
