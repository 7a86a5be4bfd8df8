use ClientCertificateMode::{
    AllowCertificate, DelayCertificate, NoCertificate, RequireCertificate,
};
use portcullis::authentication::negotiation::*;

#[test]
fn a_full_handshake_asks_by_mode_whatever_the_protocols() {
    for (mode, asks) in [
        (NoCertificate, false),
        (AllowCertificate, true),
        (RequireCertificate, true),
        (DelayCertificate, false),
    ] {
        for tls in [Tls::V1_2, Tls::V1_3] {
            for http in [Http::V1, Http::V2, Http::V3] {
                let decision =
                    Negotiation::new(mode).client_hello(&ClientHello::new(tls).http(http));
                let expected = if asks {
                    HelloOutcome::Ask
                } else {
                    HelloOutcome::DoNotAsk
                };
                assert_eq!(decision.outcome, expected, "{mode:?} {tls:?} {http:?}");
                assert_eq!(decision.connection, Connection::Keep);
            }
        }
    }
    let delayed = Negotiation::new(DelayCertificate);
    let quic = delayed.client_hello(&ClientHello::new(Tls::V1_3).http(Http::V3));
    assert_eq!(quic.reason, Reason::Quic);
}

#[test]
fn nobody_is_asked_in_a_resumed_handshake() {
    let hello = ClientHello::new(Tls::V1_3).psk(Psk::Resumption);
    for mode in [AllowCertificate, RequireCertificate] {
        let negotiation = Negotiation::new(mode);
        assert_eq!(
            negotiation.client_hello(&hello).outcome,
            HelloOutcome::UseSession
        );
        let full = negotiation
            .clone()
            .on_resumption(OnResumption::FullHandshake);
        assert_eq!(
            full.client_hello(&hello).outcome,
            HelloOutcome::AskInFullHandshake
        );
        let external = ClientHello::new(Tls::V1_3).psk(Psk::External);
        assert_eq!(
            negotiation.client_hello(&external).outcome,
            HelloOutcome::DoNotAsk
        );
        assert_eq!(
            negotiation.client_hello(&external).reason,
            Reason::ExternalPsk
        );
    }
    let none = Negotiation::new(NoCertificate).on_resumption(OnResumption::FullHandshake);
    assert_eq!(none.client_hello(&hello).outcome, HelloOutcome::DoNotAsk);
}

#[test]
fn an_unknown_host_is_aborted() {
    let hosts = HostMap::new().host("a.test", RequireCertificate).unwrap();
    let strict = Negotiation::by_host(hosts.clone());
    let hello = ClientHello::new(Tls::V1_3);
    for (sni, reason) in [
        (None, Reason::NoServerName),
        (Some("192.0.2.1"), Reason::NoServerName),
        (Some("a.test."), Reason::NoServerName),
        (Some("b.test"), Reason::UnknownHost),
    ] {
        let decision = strict.client_hello(&hello.sni(sni));
        assert_eq!(decision.outcome, HelloOutcome::Abort);
        assert_eq!(decision.reason, reason);
        assert_eq!(decision.connection, Connection::Abort);
    }
    assert_eq!(
        strict.client_hello(&hello.sni(Some("A.test"))).outcome,
        HelloOutcome::Ask
    );

    let lenient = Negotiation::by_host(hosts.any(NoCertificate));
    assert_eq!(lenient.client_hello(&hello).outcome, HelloOutcome::DoNotAsk);
    let named = lenient.missing_sni(MissingSni::Abort);
    assert_eq!(named.client_hello(&hello).outcome, HelloOutcome::Abort);
    assert_eq!(
        named.client_hello(&hello.sni(Some("b.test"))).outcome,
        HelloOutcome::DoNotAsk
    );
}

#[test]
fn a_binding_decides_over_the_mode() {
    for mode in [
        NoCertificate,
        AllowCertificate,
        RequireCertificate,
        DelayCertificate,
    ] {
        for negotiates in [false, true] {
            for platform in [Platform::http_sys(negotiates), Platform::iis(negotiates)] {
                let negotiation = Negotiation::new(mode).platform(platform);
                let decision = negotiation.client_hello(&ClientHello::new(Tls::V1_2));
                let expected = if negotiates {
                    HelloOutcome::Ask
                } else {
                    HelloOutcome::DoNotAsk
                };
                assert_eq!(
                    (decision.outcome, decision.reason),
                    (expected, Reason::Binding)
                );
            }
        }
    }
}
