//! Third phase: a request needs a certificate. The conditions are looked at in the order of
//! Kestrel, HTTP.sys and IIS.
//!
//! Where those do harm this does otherwise: a request for another host than that of the handshake
//! is sent to a connection of its own (they answer with what the connection has); a TLS 1.3 client
//! that did not offer to be asked is not asked (.NET failed and closed until 2026, HTTP.sys resets
//! the connection); HTTP.sys's renegotiation under a body that waits is refused (there it can hang
//! until both give up).

use super::Negotiation;
use super::authority::{Authority, Host};
use super::decision::{Connection, Decision, Reason, Status};
use super::hosts::is_host_name;
use super::mode::{ClientCertificateMode, Http, Psk, Server, Tls};
use super::received::Received;

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

/// How asking ended that was done before.
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

/// What is known when a request needs a certificate.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Request<'a> {
    sni: Option<&'a str>,
    authority: &'a str,
    target: Option<&'a str>,
    https: bool,
    tls: Tls,
    http: Http,
    psk: Psk,
    certificate: bool,
    asked: Asked,
    post_handshake_offered: bool,
    body: Body,
    buffered_plaintext: usize,
    concurrent_io: bool,
}

impl<'a> Request<'a> {
    /// A request without a body over a connection without a certificate, whose client was never
    /// asked and did not offer to be.
    ///
    /// The authority is the host that the request is for, with its port or without, as
    /// [`requested_authority`](super::requested_authority) finds it in target, `:authority` and
    /// `Host`; it is empty where there is none.
    pub const fn new(tls: Tls, http: Http, authority: &'a str) -> Self {
        Self {
            sni: None,
            authority,
            target: None,
            https: true,
            tls,
            http,
            psk: Psk::None,
            certificate: false,
            asked: Asked::Never,
            post_handshake_offered: false,
            body: Body::None,
            buffered_plaintext: 0,
            concurrent_io: false,
        }
    }

    /// The host that the client named in the handshake, and not the one of the request. Default:
    /// none.
    pub const fn sni(mut self, name: Option<&'a str>) -> Self {
        self.sni = name;
        self
    }

    /// Path and query, for the redirect. Default: none, and no redirect.
    pub const fn target(mut self, target: &'a str) -> Self {
        self.target = Some(target);
        self
    }

    /// Did it come over TLS? Default: yes.
    pub const fn https(mut self, yes: bool) -> Self {
        self.https = yes;
        self
    }

    /// Whether the handshake rested on a key that both had before. Default: [`Psk::None`].
    pub const fn psk(mut self, psk: Psk) -> Self {
        self.psk = psk;
        self
    }

    /// Does the connection have a certificate? Default: no.
    pub const fn has_certificate(mut self, yes: bool) -> Self {
        self.certificate = yes;
        self
    }

    /// Has the client been asked since the handshake? Default: [`Asked::Never`].
    pub const fn asked(mut self, asked: Asked) -> Self {
        self.asked = asked;
        self
    }

    /// Did the ClientHello have the extension `post_handshake_auth`? Default: no, as with browsers.
    pub const fn post_handshake_offered(mut self, yes: bool) -> Self {
        self.post_handshake_offered = yes;
        self
    }

    /// What is left of the body. Default: [`Body::None`].
    pub const fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Bytes that TLS has decrypted and nobody has read. Default: 0.
    pub const fn buffered_plaintext(mut self, bytes: usize) -> Self {
        self.buffered_plaintext = bytes;
        self
    }

    /// Is somebody reading from the connection or writing to it? Default: no.
    pub const fn concurrent_io(mut self, yes: bool) -> Self {
        self.concurrent_io = yes;
        self
    }
}

/// What the server does for a request that needs a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestOutcome {
    /// There is none, and asking would not change that.
    NoCertificate,
    /// There is one: that of the connection.
    Certificate,
    /// Read the body first, at most so many bytes, and then decide again with [`Body::Consumed`];
    /// answer with the status if there are more.
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

/// How asking ended that [`Negotiation::request`] led to.
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
    pub fn request(&self, request: &Request<'_>) -> Decision<RequestOutcome> {
        let decision = self.decide(request);
        let is_answered = decision.connection != Connection::Abort;
        if is_answered && decision.status.is_none() && ends_without(decision.outcome) {
            let status = self.redirect(request);
            return decision.status(status);
        }
        decision
    }

    fn decide(&self, request: &Request<'_>) -> Decision<RequestOutcome> {
        if !request.https {
            return none(Reason::NotHttps);
        }
        let mode = match self.mode(request.sni) {
            Ok(mode) => mode,
            Err(reason) => return fail(reason).connection(Connection::Abort),
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
        if request.certificate {
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

    /// What becomes of a body that has not been read.
    fn body_first(&self, body: Body) -> Option<Decision<RequestOutcome>> {
        let Body::Pending { length } = body else {
            return None;
        };
        match self.platform.server {
            Server::Own => None,
            Server::HttpSys { .. } => {
                let decision = fail(Reason::BodyPending);
                Some(decision.connection(Connection::CloseAfterResponse))
            }
            Server::Iis {
                upload_read_ahead, ..
            } => Some(read_ahead(length, upload_read_ahead)),
        }
    }

    /// Is the request for a host that asks otherwise than the one of the handshake, or for what is
    /// no host? A connection that was opened for one of two such hosts says nothing about the
    /// other.
    fn is_misdirected(&self, request: &Request<'_>, mode: ClientCertificateMode) -> bool {
        if self.hosts.is_one_for_all() {
            return false;
        }
        match Authority::parse(request.authority).map(|authority| authority.host) {
            None => true,
            Some(Host::Name(name)) => self.mode(Some(name)) != Ok(mode),
            // Whoever goes to an address names no host in the handshake.
            Some(Host::Address(_)) => request.sni.is_some_and(is_host_name),
        }
    }

    fn redirect(&self, request: &Request<'_>) -> Option<Status> {
        let host = self.certificate_host.as_ref()?;
        // Whoever is there already would be sent in circles.
        if host.is(request.authority) {
            return None;
        }
        let location = host.location(request.target?)?;
        Some(Status::TemporaryRedirect { location })
    }

    /// What became of a client that was asked in the middle of a connection. Remember it for the
    /// connection, as [`Asked::Before`].
    pub fn asked(&self, tls: Tls, end: AskingEnd) -> Decision<RequestOutcome> {
        match end {
            AskingEnd::Received(Received::Accepted) => found(Reason::Accepted),
            AskingEnd::Received(Received::None) => none(Reason::NoneSent),
            AskingEnd::Received(Received::Refused) => {
                fail(Reason::Refused).connection(Connection::Abort)
            }
            AskingEnd::RenegotiationRefused => none(Reason::RenegotiationRefused),
            AskingEnd::ApplicationData if tls == Tls::V1_3 => {
                Decision::new(RequestOutcome::AskPostHandshake, Reason::DataInBetween)
            }
            AskingEnd::ApplicationData => {
                fail(Reason::DataInBetween).connection(Connection::CloseAfterResponse)
            }
            AskingEnd::HandshakeFailed => {
                fail(Reason::HandshakeFailed).connection(Connection::Abort)
            }
            AskingEnd::Failed => fail(Reason::Failed).connection(Connection::CloseAfterResponse),
        }
    }
}

/// Asks, or says why not: the mode, the protocols and the platform allow it.
fn ask(request: &Request<'_>) -> Decision<RequestOutcome> {
    if request.buffered_plaintext > 0 {
        return fail(Reason::UnreadPlaintext).connection(Connection::CloseAfterResponse);
    }
    if request.concurrent_io {
        return fail(Reason::ConcurrentIo);
    }
    if request.asked == Asked::Now {
        return fail(Reason::BeingAsked);
    }
    match request.tls {
        Tls::V1_2 => Decision::new(RequestOutcome::Renegotiate, Reason::Renegotiation),
        Tls::V1_3 if request.psk == Psk::External => none(Reason::ExternalPsk),
        Tls::V1_3 if request.post_handshake_offered => {
            Decision::new(RequestOutcome::AskPostHandshake, Reason::Offered)
        }
        Tls::V1_3 => none(Reason::NotOffered),
    }
}

fn read_ahead(length: Option<u64>, at_most: u64) -> Decision<RequestOutcome> {
    let status = Some(Status::ContentTooLarge);
    if length.is_some_and(|length| length > at_most) {
        return fail(Reason::BodyTooLarge).status(status);
    }
    Decision::new(RequestOutcome::BufferBody { at_most }, Reason::BodyPending).status(status)
}

fn ends_without(outcome: RequestOutcome) -> bool {
    matches!(
        outcome,
        RequestOutcome::NoCertificate | RequestOutcome::Fail
    )
}

fn none(reason: Reason) -> Decision<RequestOutcome> {
    Decision::new(RequestOutcome::NoCertificate, reason)
}

fn found(reason: Reason) -> Decision<RequestOutcome> {
    Decision::new(RequestOutcome::Certificate, reason)
}

fn fail(reason: Reason) -> Decision<RequestOutcome> {
    Decision::new(RequestOutcome::Fail, reason)
}
