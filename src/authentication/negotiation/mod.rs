//! Whether, and when, a client is asked for a certificate.
//!
//! A server can ask in the handshake, or later, when a request needs to know who is there. Later is
//! where it goes wrong: HTTP/2 and HTTP/3 forbid it, browsers do not offer it under TLS 1.3, a body
//! that waits to be read blocks it, and a server that tries regardless hangs, resets, or lets the
//! client in unasked. [`Negotiation`] is a pure function over what the server knows, phase by
//! phase, to what it should do and why; it follows what Kestrel, HTTP.sys and IIS do, but for what
//! they do wrong.
//!
//! | phase | question | answer |
//! |---|---|---|
//! | a ClientHello has come | [`Negotiation::client_hello`] | [`HelloOutcome`]: ask in the handshake, do not, or abort |
//! | the client's certificate has come, or none | [`Negotiation::certificate_received`] | [`ReceivedOutcome`] |
//! | a request needs a certificate | [`Negotiation::request`] | [`RequestOutcome`]: there is one, there is none, ask now, buffer the body first, fail |
//! | asking in the middle of a connection has ended | [`Negotiation::asked`] | [`RequestOutcome`] |
//!
//! Which mode a connection has depends on the name that the client asked for, by a [`HostMap`]: an
//! exact name before the longest wildcard before `*`.
//!
//! # The way that works everywhere
//!
//! Two hosts: the main one asks nobody ([`NoCertificate`](ClientCertificateMode::NoCertificate)),
//! the other one asks everybody in the handshake, and whoever needs a certificate is sent there by
//! a 307, which keeps method and body.
//!
//! ```
//! use portcullis::authentication::negotiation::{
//!     CertificateHost, ClientCertificateMode, ClientHello, HelloOutcome, Http, Negotiation, Request, RequestOutcome,
//!     Status, Tls,
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
//! let request = Request::new(Tls::V1_3, Http::V2, "www.example.test")
//!     .sni(Some("www.example.test"))
//!     .target("/orders?open");
//! let decision = negotiation.request(&request);
//! assert_eq!(decision.outcome, RequestOutcome::NoCertificate);
//! let Some(Status::TemporaryRedirect { location }) = decision.status else { unreachable!() };
//! assert_eq!(location, "https://id.example.test/orders?open");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Coming back to the main host is no sign-out: a browser keeps the certificate that it chose. And
//! a browser that holds an HTTP/2 connection may use it for both hosts, if the server's certificate
//! has both names: such a request gets a 421 ([`Status::MisdirectedRequest`]), which tells it to
//! open another connection. The same answer keeps clients out that ask for one host in the
//! handshake and for the other in the request, or for what is no host at all: `id.example.test.`,
//! `x@id.example.test`. A request may name its host in its target, in `:authority` and in `Host`:
//! [`requested_authority`] tells which one counts.
//!
//! Two hosts of the same mode may share a connection. Where they accept different certificates,
//! judge each request by the rules of the host that it is for, or answer 421 to every request whose
//! host is another than that of the handshake.

mod authority;
mod decision;
mod hello;
mod hosts;
mod mode;
mod received;
mod redirect;
mod request;
mod requested;

pub use decision::{Connection, Decision, Reason, Status};
pub use hello::{ClientHello, HelloOutcome};
pub use hosts::{HostMap, InvalidHost};
pub use mode::{ClientCertificateMode, Http, MissingSni, OnResumption, Platform, Psk, Server, Tls};
pub use received::{Received, ReceivedOutcome};
pub use redirect::CertificateHost;
pub use request::{Asked, AskingEnd, Body, Earlier, Request, RequestOutcome};
pub use requested::{InvalidAuthority, requested_authority};

/// How a server asks for certificates, with what it runs on.
///
/// Cheap to share; every question is answered from its arguments alone.
#[derive(Clone, Debug)]
#[must_use]
pub struct Negotiation {
    hosts: HostMap<ClientCertificateMode>,
    platform: Platform,
    missing_sni: MissingSni,
    on_resumption: OnResumption,
    certificate_host: Option<CertificateHost>,
}

impl Negotiation {
    /// This mode for all hosts.
    pub fn new(mode: ClientCertificateMode) -> Self {
        Self::by_host(HostMap::new().any(mode))
    }

    /// A mode for each host. One that the map does not know has its handshake aborted.
    pub fn by_host(hosts: HostMap<ClientCertificateMode>) -> Self {
        Self {
            hosts,
            platform: Platform::default(),
            missing_sni: MissingSni::default(),
            on_resumption: OnResumption::default(),
            certificate_host: None,
        }
    }

    /// A mode for a host, `example.test` or `*.example.test`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn host(mut self, name: &str, mode: ClientCertificateMode) -> Result<Self, InvalidHost> {
        self.hosts = self.hosts.host(name, mode)?;
        Ok(self)
    }

    /// What the server runs on. Default: [`Platform::rustls`], which cannot ask once the handshake
    /// is over.
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = platform;
        self
    }

    /// What happens to a client that does not say which host it wants. Default:
    /// [`MissingSni::AnyHost`].
    pub fn missing_sni(mut self, policy: MissingSni) -> Self {
        self.missing_sni = policy;
        self
    }

    /// What happens to a client that resumes a session where it would be asked. Default:
    /// [`OnResumption::UseSession`].
    pub fn on_resumption(mut self, policy: OnResumption) -> Self {
        self.on_resumption = policy;
        self
    }

    /// The host to which clients are sent that need a certificate. Default: none.
    pub fn certificate_host(mut self, host: CertificateHost) -> Self {
        self.certificate_host = Some(host);
        self
    }

    /// The mode of the connections that ask for this host; why there is none.
    fn mode(&self, sni: Option<&str>) -> Result<ClientCertificateMode, Reason> {
        let valid = sni.filter(|name| hosts::is_host_name(name));
        if valid.is_none() && self.missing_sni == MissingSni::Abort {
            return Err(Reason::NoServerName);
        }
        let missing = match valid {
            Some(_) => Reason::UnknownHost,
            None => Reason::NoServerName,
        };
        self.hosts.get(valid).copied().ok_or(missing)
    }
}
