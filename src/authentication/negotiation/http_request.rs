//! Third phase: a request requires a certificate. The conditions are checked in the order of
//! Kestrel, HTTP.sys and IIS.
//!
//! Three harmful behaviours of those servers are not copied. A request for another host than that
//! of the handshake gets a 421; they use the connection's certificate. A TLS 1.3 client that did
//! not offer post-handshake authentication is not asked; .NET failed and closed the connection
//! until 2026, and HTTP.sys resets it. Renegotiation with an unread body is refused; in HTTP.sys it
//! can hang until both sides give up.

use super::authority::Host;
use super::certificate_received::Received;
use super::decision::{Connection, NegotiationDecision, Reason, Status, decision};
use super::hosts::is_host_name;
use super::mode::{ClientCertificateMode, Http, Psk, Server, Tls};
use super::policy::Negotiation;

/// How much of a request's body is unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Body {
    /// The request has no body.
    #[default]
    None,
    /// The body has been read.
    Consumed,
    /// The body has not been read.
    Pending {
        /// The length, if known.
        length: Option<u64>,
    },
}

/// The result of asking the client earlier on the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Earlier {
    /// The client sent a certificate.
    Certificate,
    /// The client did not send one.
    None,
    /// Asking failed.
    Failed,
}

/// Whether the client has been asked on this connection since the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Asked {
    /// Not yet.
    #[default]
    Never,
    /// It is being asked now.
    Now,
    /// It was asked, with this result.
    Before(Earlier),
}

options! {
    /// What is known when a request requires a certificate.
    #[derive(Clone, Copy, Debug)]
    pub struct HttpRequest<'a>;

    /// A request without a body, on a connection without a certificate, whose client was never
    /// asked and did not offer post-handshake authentication.
    ///
    /// The authority is the host that the request names, with or without a port, as
    /// [`requested_authority()`](super::requested_authority()) determines it from the target,
    /// `:authority` and `Host`. It is empty if there is none.
    new(tls: Tls, http: Http, authority: &'a str);

    /// The host that the client named in the handshake, not the request's. Default: none.
    sni: Option<&'a str> = None;
    /// Path and query, for the redirect. If empty, there is no redirect. Default: empty.
    target: &'a str = "";
    /// Whether the request came over TLS. Default: true.
    https: bool = true;
    /// The pre-shared key that the handshake used. Default: [`Psk::None`].
    psk: Psk = Psk::None;
    /// Whether the connection has a certificate. Default: false.
    has_certificate: bool = false;
    /// Whether the client has been asked since the handshake. Default: [`Asked::Never`].
    asked: Asked = Asked::Never;
    /// Whether the ClientHello had the extension `post_handshake_auth`. Default: false, as for
    /// browsers.
    post_handshake_offered: bool = false;
    /// How much of the body is unread. Default: [`Body::None`].
    body: Body = Body::None;
    /// The number of bytes that TLS has decrypted but nothing has read. Default: 0.
    buffered_plaintext: usize = 0;
    /// Whether another task is reading from the connection or writing to it. Default: false.
    concurrent_io: bool = false;
}

/// What the server does for a request that requires a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestOutcome {
    /// There is no certificate, and asking would not change that.
    NoCertificate,
    /// Use the connection's certificate.
    Certificate,
    /// Read the body first, up to a limit, and then decide again with [`Body::Consumed`]. If the
    /// body is longer, respond with the status.
    BufferBody {
        /// The maximum number of bytes.
        at_most: u64,
    },
    /// Send a HelloRequest, and a CertificateRequest in the handshake that follows.
    Renegotiate,
    /// Send a CertificateRequest after the handshake. Application data may arrive before the
    /// answer.
    AskPostHandshake,
    /// Asking is impossible now, and it would be wrong to treat the client as one without a
    /// certificate.
    Fail,
}

/// The result of asking the client after [`Negotiation::request`] decided to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AskingEnd {
    /// The client answered.
    Received(Received),
    /// The client refused to renegotiate.
    RenegotiationRefused,
    /// Application data arrived before the answer.
    ApplicationData,
    /// The handshake failed.
    HandshakeFailed,
    /// Anything else.
    Failed,
}

impl Negotiation {
    /// Decides how to get the certificate for a request.
    pub fn request(&self, request: &HttpRequest<'_>) -> NegotiationDecision<RequestOutcome> {
        let decision = self.decide(request);
        match decision.outcome {
            RequestOutcome::NoCertificate | RequestOutcome::Fail
                if decision.connection != Connection::Abort && decision.status.is_none() =>
            {
                let status = self.redirect(request);
                decision.status(status)
            }
            _ => decision,
        }
    }

    fn decide(&self, request: &HttpRequest<'_>) -> NegotiationDecision<RequestOutcome> {
        if !request.https {
            return none(Reason::NotHttps);
        }
        let mode = match self.mode(request.sni) {
            Ok(mode) => mode,
            Err(reason) => return abort(reason),
        };
        if self.is_misdirected(request, mode) {
            return fail(Reason::OtherHost).status(Some(Status::MisdirectedRequest));
        }
        match request.asked {
            Asked::Before(Earlier::Certificate) => return found(Reason::AskedBefore),
            Asked::Before(Earlier::None) => return none(Reason::AskedBefore),
            Asked::Before(Earlier::Failed) => return fail(Reason::AskedBefore),
            Asked::Never | Asked::Now => {}
        }
        if request.has_certificate {
            return found(Reason::AlreadyThere);
        }
        if mode != ClientCertificateMode::DelayCertificate {
            return none(Reason::Mode);
        }
        if request.http != Http::V1 {
            return none(Reason::HttpVersion);
        }
        if !self.can_ask(request.tls) {
            return fail(Reason::Platform);
        }
        if let Some(decision) = self.body_first(request.body) {
            return decision;
        }
        ask(request)
    }

    fn can_ask(&self, tls: Tls) -> bool {
        match tls {
            Tls::V1_2 => self.platform.renegotiation,
            Tls::V1_3 => self.platform.post_handshake,
        }
    }

    /// The decision for a body that has not been read.
    fn body_first(&self, body: Body) -> Option<NegotiationDecision<RequestOutcome>> {
        let Body::Pending { length } = body else {
            return None;
        };
        match self.platform.server {
            Server::Own => None,
            Server::HttpSys { .. } => Some(close(Reason::BodyPending)),
            Server::Iis {
                upload_read_ahead, ..
            } => Some(read_ahead(length, upload_read_ahead)),
        }
    }

    /// Whether the request names a host with another mode than that of the handshake, or something
    /// that is not a host. A connection to one of two such hosts proves nothing for the other.
    fn is_misdirected(&self, request: &HttpRequest<'_>, mode: ClientCertificateMode) -> bool {
        if self.hosts.is_one_for_all() {
            return false;
        }
        match Host::of_authority(request.authority) {
            None => true,
            Some(Host::Name(name)) => self.mode(Some(name)) != Ok(mode),
            // A client that connects to an address does not send a server name.
            Some(Host::Address(_)) => request.sni.is_some_and(is_host_name),
        }
    }

    fn redirect(&self, request: &HttpRequest<'_>) -> Option<Status> {
        let host = self.certificate_host.as_ref()?;
        // A client that is already there would be redirected in a loop.
        if host.is(request.authority) {
            return None;
        }
        let location = host.location(request.target)?;
        Some(Status::TemporaryRedirect { location })
    }

    /// Decides how to continue after asking a client in the middle of a connection. Keep the result
    /// with the connection, as [`Asked::Before`].
    pub fn asked(&self, tls: Tls, end: AskingEnd) -> NegotiationDecision<RequestOutcome> {
        match end {
            AskingEnd::Received(Received::Accepted) => found(Reason::Accepted),
            AskingEnd::Received(Received::None) => none(Reason::NoneSent),
            AskingEnd::Received(Received::Refused) => abort(Reason::Refused),
            AskingEnd::RenegotiationRefused => none(Reason::RenegotiationRefused),
            AskingEnd::ApplicationData if tls == Tls::V1_3 => {
                decision(RequestOutcome::AskPostHandshake, Reason::DataInBetween)
            }
            AskingEnd::ApplicationData => close(Reason::DataInBetween),
            AskingEnd::HandshakeFailed => abort(Reason::HandshakeFailed),
            AskingEnd::Failed => close(Reason::Failed),
        }
    }
}

/// Asks the client, once mode, HTTP version and platform allow it, unless the connection's state
/// prevents it.
fn ask(request: &HttpRequest<'_>) -> NegotiationDecision<RequestOutcome> {
    if request.buffered_plaintext > 0 {
        return close(Reason::UnreadPlaintext);
    }
    if request.concurrent_io {
        return fail(Reason::ConcurrentIo);
    }
    if request.asked == Asked::Now {
        return fail(Reason::BeingAsked);
    }
    match request.tls {
        Tls::V1_2 => decision(RequestOutcome::Renegotiate, Reason::Renegotiation),
        Tls::V1_3 if request.psk == Psk::External => none(Reason::ExternalPsk),
        Tls::V1_3 if request.post_handshake_offered => {
            decision(RequestOutcome::AskPostHandshake, Reason::Offered)
        }
        Tls::V1_3 => none(Reason::NotOffered),
    }
}

fn read_ahead(length: Option<u64>, at_most: u64) -> NegotiationDecision<RequestOutcome> {
    let status = Some(Status::ContentTooLarge);
    if length.is_some_and(|length| length > at_most) {
        return fail(Reason::BodyTooLarge).status(status);
    }
    decision(RequestOutcome::BufferBody { at_most }, Reason::BodyPending).status(status)
}

fn none(reason: Reason) -> NegotiationDecision<RequestOutcome> {
    decision(RequestOutcome::NoCertificate, reason)
}

fn found(reason: Reason) -> NegotiationDecision<RequestOutcome> {
    decision(RequestOutcome::Certificate, reason)
}

fn fail(reason: Reason) -> NegotiationDecision<RequestOutcome> {
    decision(RequestOutcome::Fail, reason)
}

fn close(reason: Reason) -> NegotiationDecision<RequestOutcome> {
    fail(reason).connection(Connection::CloseAfterResponse)
}

fn abort(reason: Reason) -> NegotiationDecision<RequestOutcome> {
    fail(reason).connection(Connection::Abort)
}
