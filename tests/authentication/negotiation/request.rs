use ClientCertificateMode::{
    AllowCertificate, DelayCertificate, NoCertificate, RequireCertificate,
};
use RequestOutcome::{
    AskPostHandshake, BufferBody, Certificate, Fail, NoCertificate as Without, Renegotiate,
};
use portcullis::authentication::negotiation::{
    Asked, AskingEnd, Body, CertificateHost, ClientCertificateMode, Connection, Earlier, HostMap,
    Http, HttpRequest, Negotiation, Platform, Psk, Reason, Received, RequestOutcome, Status, Tls,
};
use proptest::prelude::*;

const OLD: HttpRequest<'static> = HttpRequest::new(Tls::V1_2, Http::V1, "www.test");
const NEW: HttpRequest<'static> =
    HttpRequest::new(Tls::V1_3, Http::V1, "www.test").post_handshake_offered(true);
const PENDING: Body = Body::Pending {
    length: Some(1_000),
};

fn delayed() -> Negotiation {
    Negotiation::new(DelayCertificate).platform(Platform::kestrel())
}

#[track_caller]
fn says(
    negotiation: &Negotiation,
    request: HttpRequest<'_>,
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
            let request = HttpRequest::new(tls, http, "www.test").post_handshake_offered(true);
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
            HttpRequest::new(Tls::V1_3, Http::V2, "www.test"),
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
    let everything_over = |http| {
        HttpRequest::new(Tls::V1_3, http, "www.test")
            .https(false)
            .asked(Asked::Before(Earlier::Failed))
            .has_certificate(true)
            .body(PENDING)
            .buffered_plaintext(1)
            .concurrent_io(true)
    };
    let everything = everything_over(Http::V2);
    let iis = |mode| {
        let mut platform = Platform::iis(false);
        platform.post_handshake = false;
        Negotiation::new(mode).platform(platform)
    };
    says(&iis(NoCertificate), everything, Without, Reason::NotHttps);
    let next = everything.https(true);
    says(&iis(NoCertificate), next, Fail, Reason::AskedBefore);
    let next = next.asked(Asked::Now);
    says(&iis(NoCertificate), next, Certificate, Reason::AlreadyThere);
    let next = next.has_certificate(false);
    says(&iis(NoCertificate), next, Without, Reason::Mode);
    says(&iis(DelayCertificate), next, Without, Reason::HttpVersion);
    let next = everything_over(Http::V1)
        .https(true)
        .asked(Asked::Now)
        .has_certificate(false);
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
    const OTHER: &str = "id.example.test";
    let there = [
        HttpRequest::new(Tls::V1_2, Http::V1, OTHER),
        HttpRequest::new(Tls::V1_3, Http::V1, OTHER).post_handshake_offered(true),
    ];
    for (request, there) in [OLD, NEW].into_iter().zip(there) {
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
        let there = there.target("/a?b").sni(Some(OTHER));
        assert_eq!(negotiation.request(&there).status, None);
    }
}

#[test]
fn the_same_host_on_another_port_is_another_place() {
    let host = CertificateHost::new("www.test").unwrap().port(8443);
    let negotiation = Negotiation::new(NoCertificate).certificate_host(host);
    let status = |authority| {
        let request = HttpRequest::new(Tls::V1_3, Http::V2, authority).target("/a");
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
    let request = HttpRequest::new(Tls::V1_3, Http::V2, "nobody.test").target("/a");
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
        let request = HttpRequest::new(Tls::V1_3, Http::V2, authority).sni(sni);
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
    let request = HttpRequest::new(Tls::V1_3, Http::V1, "a_b.test").sni(Some("a_b.test"));
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
    let h2 = |authority| HttpRequest::new(Tls::V1_3, Http::V2, authority).has_certificate(true);
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
        let request = HttpRequest::new(tls, http, "www.test")
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
