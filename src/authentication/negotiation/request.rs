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

#[cfg(test)]
mod tests {
    use super::super::{CertificateHost, HostMap, Platform};
    use super::*;
    use ClientCertificateMode::{
        AllowCertificate, DelayCertificate, NoCertificate, RequireCertificate,
    };
    use RequestOutcome::{
        AskPostHandshake, BufferBody, Certificate, Fail, NoCertificate as Without, Renegotiate,
    };
    use alloc::vec;
    use proptest::prelude::*;

    const OLD: Request<'static> = Request::new(Tls::V1_2, Http::V1, "www.test");
    const NEW: Request<'static> =
        Request::new(Tls::V1_3, Http::V1, "www.test").post_handshake_offered(true);
    const PENDING: Body = Body::Pending {
        length: Some(1_000),
    };

    fn delayed() -> Negotiation {
        Negotiation::new(DelayCertificate).platform(Platform::kestrel())
    }

    #[track_caller]
    fn says(
        negotiation: &Negotiation,
        request: Request<'_>,
        outcome: RequestOutcome,
        reason: Reason,
    ) -> Connection {
        let decision = negotiation.request(&request);
        assert_eq!((decision.outcome, decision.reason), (outcome, reason));
        decision.connection
    }

    #[test]
    fn delay_asks_in_the_way_of_each_version() {
        says(&delayed(), OLD, Renegotiate, Reason::Renegotiation);
        says(&delayed(), NEW, AskPostHandshake, Reason::Offered);
        // Kestrel asks whatever the endpoint could have spoken, and never what was negotiated.
        for http in [Http::V2, Http::V3] {
            for tls in [Tls::V1_2, Tls::V1_3] {
                let request = Request::new(tls, http, "www.test").post_handshake_offered(true);
                assert_eq!(
                    says(&delayed(), request, Without, Reason::HttpVersion),
                    Connection::Keep
                );
            }
        }
    }

    #[test]
    fn a_client_that_did_not_offer_it_is_not_asked() {
        let request = NEW.post_handshake_offered(false);
        assert_eq!(
            says(&delayed(), request, Without, Reason::NotOffered),
            Connection::Keep
        );
        says(
            &delayed(),
            NEW.psk(Psk::Resumption),
            AskPostHandshake,
            Reason::Offered,
        );
        says(
            &delayed(),
            NEW.psk(Psk::External),
            Without,
            Reason::ExternalPsk,
        );
    }

    #[test]
    fn other_modes_answer_what_the_handshake_brought() {
        for mode in [NoCertificate, AllowCertificate, RequireCertificate] {
            let negotiation = Negotiation::new(mode).platform(Platform::kestrel());
            for request in [
                OLD,
                NEW,
                OLD.body(PENDING),
                NEW.buffered_plaintext(9),
                Request::new(Tls::V1_3, Http::V2, "www.test"),
            ] {
                assert_eq!(
                    says(&negotiation, request, Without, Reason::Mode),
                    Connection::Keep
                );
                says(
                    &negotiation,
                    request.has_certificate(true),
                    Certificate,
                    Reason::AlreadyThere,
                );
            }
        }
    }

    #[test]
    fn the_first_reason_is_the_one_that_counts() {
        let everything = Request::new(Tls::V1_3, Http::V2, "www.test")
            .https(false)
            .asked(Asked::Before(Earlier::Failed))
            .has_certificate(true)
            .body(PENDING)
            .buffered_plaintext(1)
            .concurrent_io(true);
        let iis = |mode| {
            Negotiation::new(mode).platform(Platform {
                post_handshake: false,
                ..Platform::iis(false)
            })
        };
        says(&iis(NoCertificate), everything, Without, Reason::NotHttps);
        let next = everything.https(true);
        says(&iis(NoCertificate), next, Fail, Reason::AskedBefore);
        let next = next.asked(Asked::Now);
        says(&iis(NoCertificate), next, Certificate, Reason::AlreadyThere);
        let next = next.has_certificate(false);
        says(&iis(NoCertificate), next, Without, Reason::Mode);
        says(&iis(DelayCertificate), next, Without, Reason::HttpVersion);
        let next = Request {
            http: Http::V1,
            ..next
        };
        says(&iis(DelayCertificate), next, Fail, Reason::Platform);
        let able = Negotiation::new(DelayCertificate).platform(Platform::iis(false));
        says(
            &able,
            next,
            BufferBody { at_most: 49_152 },
            Reason::BodyPending,
        );
        let next = next.body(Body::Consumed);
        assert_eq!(
            says(&able, next, Fail, Reason::UnreadPlaintext),
            Connection::CloseAfterResponse
        );
        let next = next.buffered_plaintext(0);
        assert_eq!(
            says(&able, next, Fail, Reason::ConcurrentIo),
            Connection::Keep
        );
        let next = next.concurrent_io(false);
        says(&able, next, Fail, Reason::BeingAsked);
        says(&able, next.asked(Asked::Never), Without, Reason::NotOffered);
    }

    #[test]
    fn what_was_answered_before_is_answered_again() {
        for (earlier, outcome) in [
            (Earlier::Certificate, Certificate),
            (Earlier::None, Without),
            (Earlier::Failed, Fail),
        ] {
            says(
                &delayed(),
                NEW.asked(Asked::Before(earlier)),
                outcome,
                Reason::AskedBefore,
            );
        }
    }

    #[test]
    fn bodies_differ_by_server() {
        // A server of its own goes by what has arrived.
        says(
            &delayed(),
            OLD.body(PENDING),
            Renegotiate,
            Reason::Renegotiation,
        );
        let arrived = OLD.body(PENDING).buffered_plaintext(10);
        assert_eq!(
            says(&delayed(), arrived, Fail, Reason::UnreadPlaintext),
            Connection::CloseAfterResponse
        );

        let http_sys = delayed().platform(Platform::http_sys(false));
        assert_eq!(
            says(&http_sys, OLD.body(PENDING), Fail, Reason::BodyPending),
            Connection::CloseAfterResponse
        );
        says(
            &http_sys,
            OLD.body(Body::Consumed),
            Renegotiate,
            Reason::Renegotiation,
        );

        let iis = delayed().platform(Platform::iis(false));
        let body = |length| OLD.body(Body::Pending { length });
        let too_large = iis.request(&body(Some(49_153)));
        assert_eq!(
            (too_large.outcome, too_large.reason),
            (Fail, Reason::BodyTooLarge)
        );
        assert_eq!(too_large.status.unwrap().code(), 413);
        for length in [Some(49_152), Some(0), None] {
            let decision = iis.request(&body(length));
            assert_eq!(decision.outcome, BufferBody { at_most: 49_152 });
            assert_eq!(decision.status.unwrap().code(), 413);
        }
    }

    #[test]
    fn rustls_cannot_ask_later_and_sends_elsewhere() {
        let host = CertificateHost::new("id.example.test").unwrap();
        let negotiation = Negotiation::new(DelayCertificate).certificate_host(host);
        for request in [OLD, NEW] {
            let decision = negotiation.request(&request.target("/a?b"));
            assert_eq!(
                (decision.outcome, decision.reason),
                (Fail, Reason::Platform)
            );
            assert_eq!(decision.connection, Connection::Keep);
            let status = decision.status.unwrap();
            assert_eq!(status.code(), 307);
            let location = "https://id.example.test/a?b".into();
            assert_eq!(status, Status::TemporaryRedirect { location });
            assert_eq!(negotiation.request(&request).status, None);
            let there = Request {
                authority: "id.example.test",
                ..request.target("/a?b").sni(Some("id.example.test"))
            };
            assert_eq!(negotiation.request(&there).status, None);
        }
    }

    #[test]
    fn the_same_host_on_another_port_is_another_place() {
        let host = CertificateHost::new("www.test").unwrap().port(8443);
        let negotiation = Negotiation::new(NoCertificate).certificate_host(host);
        let status = |authority| {
            let request = Request::new(Tls::V1_3, Http::V2, authority).target("/a");
            negotiation.request(&request.sni(Some("www.test"))).status
        };
        let location = "https://www.test:8443/a".into();
        let there = Some(Status::TemporaryRedirect { location });
        assert_eq!(status("www.test"), there);
        assert_eq!(status("www.test:443"), there);
        assert_eq!(status("www.test:8443"), None);
    }

    #[test]
    fn nobody_is_redirected_over_an_aborted_connection() {
        let hosts = HostMap::new().host("id.test", RequireCertificate).unwrap();
        let host = CertificateHost::new("id.test").unwrap();
        let negotiation = Negotiation::by_host(hosts).certificate_host(host);
        let request = Request::new(Tls::V1_3, Http::V2, "nobody.test").target("/a");
        let decision = negotiation.request(&request.sni(Some("nobody.test")));
        assert_eq!(decision.connection, Connection::Abort);
        assert_eq!(decision.status, None);
    }

    #[test]
    fn no_spelling_of_a_host_is_another_host() {
        let negotiation = Negotiation::new(NoCertificate)
            .host("id.test", RequireCertificate)
            .unwrap();
        let misdirected = |sni, authority| {
            let request = Request::new(Tls::V1_3, Http::V2, authority).sni(sni);
            let decision = negotiation.request(&request);
            decision.status == Some(Status::MisdirectedRequest)
        };
        for authority in [
            "id.test",
            "ID.test:443",
            "id.test.",
            "id.test.:443",
            "x@id.test",
            "x@www.test",
            "id.test:443:443",
            "id.test:+443",
            "id.test,www.test",
            "id_.test",
            "",
        ] {
            for sni in [Some("www.test"), None] {
                assert!(misdirected(sni, authority), "{authority}");
            }
        }
        // What is no host is none under its own name either.
        assert!(misdirected(Some("id.test."), "id.test."));
        for address in ["192.0.2.1", "[2001:db8::1]:8443"] {
            assert!(!misdirected(None, address));
            assert!(misdirected(Some("www.test"), address));
            assert!(misdirected(Some("id.test"), address));
        }
        for authority in ["www.test", "also.test:8443"] {
            assert!(!misdirected(Some("www.test"), authority));
            assert!(!misdirected(None, authority));
        }
    }

    #[test]
    fn where_all_hosts_are_alike_no_name_is_wrong() {
        let request = Request::new(Tls::V1_3, Http::V1, "a_b.test").sni(Some("a_b.test"));
        says(
            &Negotiation::new(AllowCertificate),
            request,
            Without,
            Reason::Mode,
        );
    }

    #[test]
    fn another_host_needs_another_connection() {
        let hosts = HostMap::new().host("www.test", NoCertificate).unwrap();
        let hosts = hosts.host("id.test", RequireCertificate).unwrap();
        let hosts = hosts.host("also.test", NoCertificate).unwrap();
        let negotiation = Negotiation::by_host(hosts);
        let h2 = |authority| Request::new(Tls::V1_3, Http::V2, authority).has_certificate(true);
        for (sni, authority, misdirected) in [
            ("www.test", "www.test", false),
            ("www.test", "WWW.test:8443", false),
            ("www.test", "also.test", false),
            ("www.test", "id.test", true),
            ("www.test", "ID.TEST:443", true),
            ("id.test", "www.test", true),
            ("id.test", "id.test", false),
            ("www.test", "unknown.test", true),
            ("www.test", "id.test.", true),
            ("www.test", "", true),
        ] {
            let decision = negotiation.request(&h2(authority).sni(Some(sni)));
            if misdirected {
                assert_eq!(
                    (decision.outcome, decision.reason),
                    (Fail, Reason::OtherHost),
                    "{authority}"
                );
                assert_eq!(decision.status.unwrap().code(), 421);
            } else {
                assert_eq!(decision.outcome, Certificate, "{authority}");
            }
        }
        // Without a name in the handshake, nothing but `*` holds.
        let decision = negotiation.request(&h2("id.test"));
        assert_eq!(
            (decision.outcome, decision.reason),
            (Fail, Reason::NoServerName)
        );
    }

    #[test]
    fn how_asking_ends() {
        for tls in [Tls::V1_2, Tls::V1_3] {
            for (end, outcome, connection) in [
                (
                    AskingEnd::Received(Received::Accepted),
                    Certificate,
                    Connection::Keep,
                ),
                (
                    AskingEnd::Received(Received::None),
                    Without,
                    Connection::Keep,
                ),
                (
                    AskingEnd::Received(Received::Refused),
                    Fail,
                    Connection::Abort,
                ),
                (AskingEnd::RenegotiationRefused, Without, Connection::Keep),
                (AskingEnd::HandshakeFailed, Fail, Connection::Abort),
                (AskingEnd::Failed, Fail, Connection::CloseAfterResponse),
            ] {
                let decision = delayed().asked(tls, end);
                assert_eq!(
                    (decision.outcome, decision.connection),
                    (outcome, connection),
                    "{end:?}"
                );
            }
        }
        let data = |tls| delayed().asked(tls, AskingEnd::ApplicationData);
        assert_eq!(data(Tls::V1_2).outcome, Fail);
        assert_eq!(data(Tls::V1_2).connection, Connection::CloseAfterResponse);
        assert_eq!(data(Tls::V1_3).outcome, AskPostHandshake);
    }

    proptest! {
        #[test]
        fn nobody_is_asked_whom_the_protocols_protect(
            mode in prop::sample::select(vec![NoCertificate, AllowCertificate, RequireCertificate, DelayCertificate]),
            platform in 0..4usize,
            tls in prop::sample::select(vec![Tls::V1_2, Tls::V1_3]),
            http in prop::sample::select(vec![Http::V1, Http::V2, Http::V3]),
            psk in prop::sample::select(vec![Psk::None, Psk::Resumption, Psk::External]),
            asked in prop::sample::select(vec![Asked::Never, Asked::Now, Asked::Before(Earlier::None)]),
            body in prop::sample::select(vec![Body::None, Body::Consumed, PENDING]),
            (https, certificate, offered, io) in any::<(bool, bool, bool, bool)>(),
            buffered in 0..2usize,
        ) {
            let platforms = [Platform::rustls(), Platform::kestrel(), Platform::http_sys(true), Platform::iis(false)];
            let platform = platforms[platform];
            let request = Request::new(tls, http, "www.test")
                .https(https)
                .psk(psk)
                .has_certificate(certificate)
                .asked(asked)
                .post_handshake_offered(offered)
                .body(body)
                .buffered_plaintext(buffered)
                .concurrent_io(io);
            let decision = Negotiation::new(mode).platform(platform).request(&request);
            let asks = matches!(decision.outcome, Renegotiate | AskPostHandshake);
            if asks {
                prop_assert!(https && !certificate && http == Http::V1 && mode == DelayCertificate);
                prop_assert!(asked == Asked::Never && buffered == 0 && !io);
                prop_assert!(platform.renegotiation && platform.post_handshake);
                prop_assert_eq!(decision.outcome == Renegotiate, tls == Tls::V1_2);
                prop_assert!(tls == Tls::V1_2 || (offered && psk != Psk::External));
                prop_assert_eq!(decision.connection, Connection::Keep);
            }
            if decision.outcome == Certificate {
                prop_assert!(certificate && https);
            }
            if decision.connection != Connection::Keep {
                prop_assert_eq!(decision.outcome, Fail);
            }
        }
    }
}
