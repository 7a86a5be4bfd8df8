//! First phase: a ClientHello has come. Does the server send a CertificateRequest (RFC 8446 section
//! 4.3.2)?

use super::decision::{Connection, NegotiationDecision, Reason, decision};
use super::mode::{ClientCertificateMode, Http, OnResumption, Psk, Server, Tls};
use super::policy::Negotiation;

options! {
    /// What is known when a ClientHello has come.
    #[derive(Clone, Copy, Debug)]
    pub struct ClientHello<'a>;

    /// A full handshake for HTTP/1.1 or 2, without a server name.
    new(tls: Tls);

    /// The host that the client names; that of the inner ClientHello where there are two (ECH).
    /// Default: none.
    sni: Option<&'a str> = None;
    /// The version of HTTP, as far as it is known: only HTTP/3 matters here. Default: HTTP/1.1.
    http: Http = Http::V1;
    /// Does the handshake use a key that both sides had before? Default: [`Psk::None`].
    psk: Psk = Psk::None;
}

/// What the server does about a certificate in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HelloOutcome {
    /// Sends a CertificateRequest.
    Ask,
    /// Sends none.
    DoNotAsk,
    /// Sends none; the session has the client's certificate, which is to be judged anew. The server
    /// must know that the session began with the same server name, and do a full handshake
    /// otherwise (RFC 6066 section 3): hosts that share ticket keys let a client of one of them
    /// into the other (CVE-2025-23419).
    UseSession,
    /// Refuses to resume, and asks in a full handshake.
    AskInFullHandshake,
    /// Aborts the handshake (`unrecognized_name`).
    Abort,
}

impl Negotiation {
    /// Is the client asked in the handshake?
    pub fn client_hello(&self, hello: &ClientHello<'_>) -> NegotiationDecision<HelloOutcome> {
        let mode = match self.mode(hello.sni) {
            Ok(mode) => mode,
            Err(reason) => {
                let decision = decision(HelloOutcome::Abort, reason);
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
            return decision(HelloOutcome::DoNotAsk, reason);
        }
        match (hello.psk, self.on_resumption) {
            // TLS 1.2 resumes without asking too, and has its own cipher suites for external keys.
            (Psk::Resumption, OnResumption::UseSession) => {
                decision(HelloOutcome::UseSession, Reason::Resumed)
            }
            (Psk::Resumption, OnResumption::FullHandshake) => {
                decision(HelloOutcome::AskInFullHandshake, Reason::Resumed)
            }
            (Psk::External, _) if hello.tls == Tls::V1_3 => {
                decision(HelloOutcome::DoNotAsk, Reason::ExternalPsk)
            }
            _ => decision(HelloOutcome::Ask, reason),
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
