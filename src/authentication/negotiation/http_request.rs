//! Third phase: a request needs a certificate. The conditions are checked in the order of Kestrel,
//! HTTP.sys and IIS.
//!
//! It differs from those where they do harm: a request for another host than that of the handshake
//! gets a 421 (they answer with what the connection has); a TLS 1.3 client that did not offer to be
//! asked is not asked (.NET failed and closed until 2026, HTTP.sys resets the connection);
//! HTTP.sys's renegotiation with an unread body is refused (there it can hang until both sides give
//! up).

use super::authority::Host;
use super::certificate_received::Received;
use super::decision::{Connection, NegotiationDecision, Reason, Status, decision};
use super::hosts::is_host_name;
use super::mode::{ClientCertificateMode, Http, Psk, Server, Tls};
use super::policy::Negotiation;

/// What is left of a request's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Body {
    /// It has none.
    #[default]
    None,
    /// It has been read.
    Consumed,
    /// It has not.
    Pending {
        /// How long it is, where that is known.
        length: Option<u64>,
    },
}

/// How asking ended earlier on the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Earlier {
    /// With a certificate.
    Certificate,
    /// Without one.
    None,
    /// It failed.
    Failed,
}

/// Has the client been asked on this connection, since its handshake?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Asked {
    /// No.
    #[default]
    Never,
    /// It is being asked.
    Now,
    /// It has.
    Before(Earlier),
}

options! {
    /// What is known when a request needs a certificate.
    #[derive(Clone, Copy, Debug)]
    pub struct HttpRequest<'a>;

    /// A request without a body over a connection without a certificate, whose client was never
    /// asked and did not offer to be.
    ///
    /// The authority is the host that the request is for, with or without its port, as
    /// [`requested_authority`](super::requested_authority) finds it in target, `:authority` and
    /// `Host`; it is empty where there is none.
    new(tls: Tls, http: Http, authority: &'a str);

    /// The host that the client named in the handshake, not that of the request. Default: none.
    sni: Option<&'a str> = None;
    /// Path and query, for the redirect; empty: no redirect. Default: empty.
    target: &'a str = "";
    /// Did it come over TLS? Default: yes.
    https: bool = true;
    /// Did the handshake use a key that both sides had before? Default: [`Psk::None`].
    psk: Psk = Psk::None;
    /// Does the connection have a certificate? Default: no.
    has_certificate: bool = false;
    /// Has the client been asked since the handshake? Default: [`Asked::Never`].
    asked: Asked = Asked::Never;
    /// Did the ClientHello have the extension `post_handshake_auth`? Default: no, as with browsers.
    post_handshake_offered: bool = false;
    /// What is left of the body. Default: [`Body::None`].
    body: Body = Body::None;
    /// Bytes that TLS has decrypted and nobody has read. Default: 0.
    buffered_plaintext: usize = 0;
    /// Is somebody reading from the connection or writing to it? Default: no.
    concurrent_io: bool = false;
}

/// What the server does for a request that needs a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestOutcome {
    /// There is none, and asking would not change that.
    NoCertificate,
    /// There is one: that of the connection.
    Certificate,
    /// Read the body first, up to a limit, and then decide again with [`Body::Consumed`]; answer
    /// with the status if it is longer.
    BufferBody {
        /// How many bytes at most.
        at_most: u64,
    },
    /// Send a HelloRequest and a CertificateRequest in the handshake that follows.
    Renegotiate,
    /// Send a CertificateRequest after the handshake. Data of the application may come in between.
    AskPostHandshake,
    /// Asking is impossible now, and saying that there is no certificate would be wrong.
    Fail,
}

/// How asking ended after [`Negotiation::request`] said to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AskingEnd {
    /// The client answered.
    Received(Received),
    /// The client does not renegotiate.
    RenegotiationRefused,
    /// Data of the application came before the answer.
    ApplicationData,
    /// The handshake failed.
    HandshakeFailed,
    /// Anything else.
    Failed,
}

impl Negotiation {
    /// Where does the certificate of a request come from?
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

    /// Is the request for a host with another mode than that of the handshake, or for something
    /// that is not a host? A connection to one of two such hosts says nothing about the other.
    fn is_misdirected(&self, request: &HttpRequest<'_>, mode: ClientCertificateMode) -> bool {
        if self.hosts.is_one_for_all() {
            return false;
        }
        match Host::of_authority(request.authority) {
            None => true,
            Some(Host::Name(name)) => self.mode(Some(name)) != Ok(mode),
            // A client that connects to an address sends no server name.
            Some(Host::Address(_)) => request.sni.is_some_and(is_host_name),
        }
    }

    fn redirect(&self, request: &HttpRequest<'_>) -> Option<Status> {
        let host = self.certificate_host.as_ref()?;
        // A client that is there already would be sent in circles.
        if host.is(request.authority) {
            return None;
        }
        let location = host.location(request.target)?;
        Some(Status::TemporaryRedirect { location })
    }

    /// The result of asking a client in the middle of a connection. Remember it for the connection,
    /// as [`Asked::Before`].
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

/// Asks, or says why not, where the mode, the protocols and the platform allow it.
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
