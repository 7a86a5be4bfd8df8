//! First phase: the server has received a ClientHello. Decides whether it sends a
//! CertificateRequest (RFC 8446 section 4.3.2).

use super::decision::{Connection, NegotiationDecision, Reason, decision};
use super::mode::{ClientCertificateMode, Http, OnResumption, Psk, Server, Tls};
use super::policy::Negotiation;

options! {
    /// What is known when a ClientHello has been received.
    #[derive(Clone, Copy, Debug)]
    pub struct ClientHello<'a>;

    /// A full handshake without a server name, for HTTP/1.1 or HTTP/2.
    new(tls: Tls);

    /// The host that the client names. With ECH, that of the inner ClientHello. Default: none.
    sni: Option<&'a str> = None;
    /// The version of HTTP, as far as it is known. Only HTTP/3 makes a difference. Default:
    /// HTTP/1.1.
    http: Http = Http::V1;
    /// The pre-shared key that the handshake uses. Default: [`Psk::None`].
    psk: Psk = Psk::None;
}

/// What the server does about a client certificate in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HelloOutcome {
    /// Send a CertificateRequest.
    Ask,
    /// Do not send one.
    DoNotAsk,
    /// Do not send one: the session has the client's certificate. Validate it again. The server
    /// must know that the session began with the same server name, and do a full handshake
    /// otherwise (RFC 6066 section 3). Hosts that share ticket keys would accept each other's
    /// clients (CVE-2025-23419).
    UseSession,
    /// Do not resume the session, and ask in a full handshake.
    AskInFullHandshake,
    /// Abort the handshake (`unrecognized_name`).
    Abort,
}

impl Negotiation {
    /// Decides whether the client is asked for a certificate in the handshake.
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
            // Resumption in TLS 1.2 does not ask either. TLS 1.2 has separate cipher suites for
            // external keys.
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
