//! First phase: a ClientHello has come. Is a CertificateRequest sent?

use super::Negotiation;
use super::decision::{Connection, Decision, Reason};
use super::mode::{ClientCertificateMode, Http, OnResumption, Psk, Server, Tls};

/// What is known when a ClientHello has come.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ClientHello<'a> {
    sni: Option<&'a str>,
    tls: Tls,
    http: Http,
    psk: Psk,
}

impl<'a> ClientHello<'a> {
    /// A full handshake for HTTP/1.1 or 2, without the name of a host.
    pub const fn new(tls: Tls) -> Self {
        Self {
            sni: None,
            tls,
            http: Http::V1,
            psk: Psk::None,
        }
    }

    /// The host that the client names; that of the inner ClientHello where there are two (ECH).
    /// Default: none.
    pub const fn sni(mut self, name: Option<&'a str>) -> Self {
        self.sni = name;
        self
    }

    /// The version of HTTP, as far as it is known: only HTTP/3 matters here. Default: HTTP/1.1.
    pub const fn http(mut self, http: Http) -> Self {
        self.http = http;
        self
    }

    /// Whether the handshake rests on a key that both had before. Default: [`Psk::None`].
    pub const fn psk(mut self, psk: Psk) -> Self {
        self.psk = psk;
        self
    }
}

/// What the server does about a certificate in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HelloOutcome {
    /// Sends a CertificateRequest.
    Ask,
    /// Sends none.
    DoNotAsk,
    /// Sends none; who the client is was found out when the session began, and is to be judged
    /// anew. The server must know that it began under the same host, and do a full handshake
    /// otherwise (RFC 6066 section 3): hosts that share the keys of their tickets let a client
    /// of one of them into the other (CVE-2025-23419).
    UseSession,
    /// Refuses to resume, and asks in a full handshake.
    AskInFullHandshake,
    /// Aborts the handshake (`unrecognized_name`).
    Abort,
}

impl Negotiation {
    /// Is the client asked in the handshake?
    pub fn client_hello(&self, hello: &ClientHello<'_>) -> Decision<HelloOutcome> {
        let mode = match self.mode(hello.sni) {
            Ok(mode) => mode,
            Err(reason) => {
                let decision = Decision::new(HelloOutcome::Abort, reason);
                return decision.connection(Connection::Abort);
            }
        };
        let (asks, reason) = match self.platform.server {
            Server::HttpSys { negotiates } | Server::Iis { negotiates, .. } => {
                (negotiates, Reason::Binding)
            }
            Server::Own => in_handshake(mode, hello.http),
        };
        if !asks {
            return Decision::new(HelloOutcome::DoNotAsk, reason);
        }
        match (hello.psk, self.on_resumption) {
            // Up to TLS 1.2 a session is resumed without asking too, and other keys belong to
            // cipher suites of their own.
            (Psk::Resumption, OnResumption::UseSession) => {
                Decision::new(HelloOutcome::UseSession, Reason::Resumed)
            }
            (Psk::Resumption, OnResumption::FullHandshake) => {
                Decision::new(HelloOutcome::AskInFullHandshake, Reason::Resumed)
            }
            (Psk::External, _) if hello.tls == Tls::V1_3 => {
                Decision::new(HelloOutcome::DoNotAsk, Reason::ExternalPsk)
            }
            _ => Decision::new(HelloOutcome::Ask, reason),
        }
    }
}

fn in_handshake(mode: ClientCertificateMode, http: Http) -> (bool, Reason) {
    match mode {
        ClientCertificateMode::AllowCertificate | ClientCertificateMode::RequireCertificate => {
            (true, Reason::ModeAsks)
        }
        ClientCertificateMode::DelayCertificate if http == Http::V3 => (false, Reason::Quic),
        ClientCertificateMode::NoCertificate | ClientCertificateMode::DelayCertificate => {
            (false, Reason::Mode)
        }
    }
}
