//! The certificate authenticator: who is accepted, as whom, and what events and caches may change.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use portcullis::authentication::forwarded::{
    self, BehindProxy, ChoiceError, ClientCertificate, Peer, Provenance,
};
use portcullis::authentication::{
    AsyncEvents, AuthenticationCache, AuthenticationError, AuthenticationFailed,
    AuthenticationRequest, AuthenticationResult, AuthenticatorBuildError, CertificateAuthenticator,
    CertificateAuthenticatorBuilder, CertificateValidated, ChainTrustValidationMode, Challenge,
    ChallengeAsked, ChallengeDecision, Claim, Claims, Denied, EventError, Events, FailureDecision,
    ForwardedPrincipal, HandshakePrincipal, NoResult, Principal, RequestScheme, SpiffeError,
    ValidatedDecision, WrongProvenance, claim_types,
};
use portcullis::cache::{CacheOptions, VerdictLifetime};
use portcullis::revocation::{
    AsyncRevocationFetcher, Crl, FetchFailure, NoFetcher, Request, RevocationFetcher,
    RevocationFlag, RevocationMode, SharedEvidence,
};
use portcullis::{
    BuildError, Certificate, CertificateTypes, Pin, Profile, Rule, Time, TrustStore,
    VerificationFlags,
};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::extensions::{alt_names, distribution_point, key_usage};
use portcullis_testkit::names::{dns, email, ip, upn, uri};

use crate::support::{Authority, Made, Template, World, now, parsed, presented, store};

/// S1: an authority that stands in the custom store, as .NET wants all issuers to, is not trusted
/// by itself. Its own revocation counts.
#[test]
fn an_intermediate_in_the_custom_store_can_be_revoked() {
    let world = World::new("store");
    let leaf = world.ca.issue(Template::client("client"));
    let all = [&world.root, &world.ca].map(|authority| parsed(&authority.certificate));
    let pem: String = all.iter().map(Certificate::to_pem).collect();
    let ask = |lists: [CrlTemplate; 2]| {
        let evidence = SharedEvidence::default();
        for list in lists {
            let list = Crl::from_der(&list.der()).unwrap();
            evidence.edit(|evidence| evidence.insert_crl(list).unwrap());
        }
        let authenticator = CertificateAuthenticator::builder()
            .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
            .custom_trust_store(TrustStore::from_pem(pem.as_bytes()).unwrap())
            .revocation_mode(RevocationMode::Offline)
            .configure_validator(move |builder| builder.evidence(Arc::new(evidence)))
            .build()
            .unwrap();
        let certificate = ClientCertificate::Handshake(presented(&leaf, &[]));
        let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
        let result = authenticator.authenticate(&request, now(), &NoFetcher);
        result
            .require()
            .map(drop)
            .map_err(|denied| denied.to_string())
    };
    let clean = || CrlTemplate::by(&world.ca);
    assert_eq!(ask([CrlTemplate::by(&world.root), clean()]), Ok(()));
    let revoking = CrlTemplate::by(&world.root).revoking(&world.ca.certificate);
    let error = ask([revoking, clean()]).unwrap_err();
    assert!(
        error.contains("issuer 1") && error.contains("revoked"),
        "{error}"
    );
}

/// A builder that trusts this world.
fn trusting(world: &World) -> CertificateAuthenticatorBuilder {
    CertificateAuthenticator::builder()
        .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
        .custom_trust_store(store(&[&world.root]))
        .additional_chain_certificates([parsed(&world.ca.certificate)])
        .revocation_mode(RevocationMode::NoCheck)
}

fn handshake(leaf: &Made) -> ClientCertificate {
    ClientCertificate::Handshake(presented(leaf, &[]))
}

fn over_proxy(leaf: &Made) -> ClientCertificate {
    let codec = forwarded::nginx();
    let headers = codec.encode(&presented(leaf, &[]));
    let peer = Peer::TrustedProxy;
    let decoded = codec.decode(&headers, peer).unwrap();
    ClientCertificate::choose(peer, None, decoded, BehindProxy::OnlyForwarded)
        .unwrap()
        .unwrap()
}

fn ask<E: Events>(
    authenticator: &CertificateAuthenticator<E>,
    certificate: &ClientCertificate,
    at: Time,
) -> AuthenticationResult {
    let request = AuthenticationRequest::new(RequestScheme::Https, Some(certificate));
    authenticator.authenticate(&request, at, &NoFetcher)
}

fn code(result: AuthenticationResult) -> &'static str {
    match result.require() {
        Ok(_) => "success",
        Err(denied) => denied.code(),
    }
}

/// Polls a future that is never really pending to its end.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future never ends");
}

/// Pending once, as a service that has to be asked.
async fn later<T>(value: T) -> T {
    let asked = AtomicBool::new(false);
    std::future::poll_fn(|context| {
        if asked.swap(true, Ordering::Relaxed) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    value
}

/// Records which events ran, and decides as it is told to.
#[derive(Default)]
struct Recorder {
    calls: Mutex<Vec<String>>,
    decision: Mutex<Option<ValidatedDecision>>,
    of_failure: Mutex<Option<FailureDecision>>,
    errs: AtomicBool,
}

impl Recorder {
    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

impl Events for Recorder {
    fn certificate_validated(
        &self,
        context: &CertificateValidated<'_>,
    ) -> Result<ValidatedDecision, EventError> {
        let call = format!("{} validated", context.scheme());
        self.calls.lock().unwrap().push(call);
        if self.errs.load(Ordering::Relaxed) {
            return Err("the service is down".into());
        }
        let decision = self.decision.lock().unwrap().clone();
        Ok(decision.unwrap_or(ValidatedDecision::Accept))
    }

    fn authentication_failed(
        &self,
        context: &AuthenticationFailed<'_>,
    ) -> Result<FailureDecision, EventError> {
        let call = format!("failed {}", context.failure().code());
        self.calls.lock().unwrap().push(call);
        Ok(self.of_failure.lock().unwrap().clone().unwrap_or_default())
    }
}

#[test]
fn the_order_of_questions() {
    let world = World::new("order");
    let events = Recorder::default();
    let authenticator = trusting(&world).events(&events).build().unwrap();
    let certificate = handshake(&world.ca.issue(Template::client("client")));
    let asked = |scheme, certificate| {
        let request = AuthenticationRequest::new(scheme, certificate);
        authenticator.authenticate(&request, now(), &NoFetcher)
    };
    let why = |result: AuthenticationResult| match result {
        AuthenticationResult::NoResult(why) => why,
        other => panic!("{other:?}"),
    };
    // Without https not even the certificate is looked at, and no event runs for what is not there.
    let over_http = asked(RequestScheme::Http, Some(&certificate));
    assert_eq!(over_http.suggested_status(), Some(403));
    assert_eq!(why(over_http), NoResult::NotHttps);
    assert_eq!(
        why(asked(RequestScheme::Https, None)),
        NoResult::NoCertificate
    );
    assert!(events.calls().is_empty());
    let result = asked(RequestScheme::Https, Some(&certificate));
    assert_eq!(result.suggested_status(), None);
    assert_eq!(events.calls(), ["Certificate validated"]);
    assert_eq!(code(result), "success");
}

#[test]
fn a_certificate_that_could_not_be_read_is_a_failure() {
    let world = World::new("broken");
    let events = Recorder::default();
    let authenticator = trusting(&world).events(&events);
    let authenticator = authenticator
        .dangerously_let_failed_event_replace_result()
        .build()
        .unwrap();
    let request = AuthenticationRequest::broken(
        RequestScheme::Https,
        Provenance::Forwarded,
        ChoiceError::TwoCertificates,
    );
    let denied = authenticator
        .authenticate(&request, now(), &NoFetcher)
        .require()
        .unwrap_err();
    assert_eq!(
        (denied.code(), denied.suggested_status()),
        ("unreadable", 403)
    );
    assert!(denied.to_string().contains("forwarded one"), "{denied}");
    assert_eq!(events.calls(), ["failed unreadable"]);
    // Nor can an event make somebody of it.
    let admin = Claims::default().with(Claim::new(claim_types::NAME, "admin"));
    *events.of_failure.lock().unwrap() = Some(FailureDecision::LetIn(admin));
    let result = authenticator.authenticate(&request, now(), &NoFetcher);
    assert_eq!(code(result), "no-principal");
}

#[test]
fn who_is_let_in_is_known_in_full() {
    let world = World::new("identity");
    let names = [
        dns("a.example"),
        dns("b.example"),
        email("m@example.com"),
        upn("user@realm"),
        uri("spiffe://trust.example/ns/a/sa/b"),
        ip(&[192, 0, 2, 7]),
    ];
    let client = world
        .ca
        .issue(Template::client("client").with(alt_names(&names)));
    let authenticator = trusting(&world)
        .claims_issuer("example CA")
        .build()
        .unwrap();
    let result = ask(&authenticator, &handshake(&client), now());
    let principal = result.require().unwrap();
    assert_eq!(principal.provenance(), Provenance::Handshake);
    assert_eq!(principal.scheme(), "Certificate");
    assert_eq!(principal.authentication_type(), "Certificate");

    let identity = principal.identity();
    assert_eq!(identity.certificate().as_der(), client.der);
    assert_eq!(
        *identity.sha256_thumbprint(),
        parsed(&client).sha256_thumbprint()
    );
    let dns_names: Vec<&str> = identity.dns_names().collect();
    assert_eq!(dns_names, ["a.example", "b.example"]);
    assert_eq!(identity.emails().collect::<Vec<_>>(), ["m@example.com"]);
    assert_eq!(identity.upn().unwrap(), "user@realm");
    assert_eq!(identity.alternative_names().count(), 6);
    let address = identity.ip_addresses().next().unwrap();
    assert_eq!(address.to_string(), "192.0.2.7");
    let spiffe = identity.spiffe_id().unwrap();
    assert_eq!(spiffe.trust_domain(), "trust.example");
    let name = identity.subject().common_name().unwrap();
    assert_eq!(name, "client");

    let types: Vec<&str> = principal.claims().iter().map(Claim::claim_type).collect();
    assert_eq!(
        types,
        [
            claim_types::ISSUER,
            claim_types::THUMBPRINT,
            claim_types::X500_DISTINGUISHED_NAME,
            claim_types::SERIAL_NUMBER,
            claim_types::DNS,
            claim_types::NAME,
            claim_types::EMAIL,
            claim_types::UPN,
            claim_types::URI,
        ]
    );
    assert!(
        principal
            .claims()
            .iter()
            .all(|claim| claim.issuer() == "example CA")
    );
    assert_eq!(
        principal.claims().first(claim_types::DNS),
        Some("a.example")
    );
    assert_eq!(principal.name().unwrap(), "client");
    assert_eq!(principal.accepted().unwrap().certificates().count(), 2);
}

#[test]
fn a_spiffe_id_is_one_by_all_the_rules() {
    let world = World::new("spiffe");
    let id = |names: &[Vec<u8>], change: fn(Template) -> Template| {
        let template = change(Template::client("client").with(alt_names(names)));
        let authenticator = trusting(&world).build().unwrap();
        let result = ask(&authenticator, &handshake(&world.ca.issue(template)), now());
        let principal = result.require().unwrap();
        principal
            .identity()
            .spiffe_id()
            .map(|id| id.path().to_owned())
    };
    let workload = uri("spiffe://a.example/w");
    let plain: fn(Template) -> Template = |template| template;
    assert_eq!(id(std::slice::from_ref(&workload), plain), Ok("/w".into()));
    assert_eq!(id(&[dns("a.example")], plain), Err(SpiffeError::NoUri));
    assert_eq!(
        id(&[workload.clone(), uri("urn:other")], plain),
        Err(SpiffeError::SeveralUris)
    );
    assert_eq!(
        id(&[workload.clone(), workload.clone()], plain),
        Err(SpiffeError::SeveralUris)
    );
    assert_eq!(
        id(&[uri("https://a.example/w")], plain),
        Err(SpiffeError::Scheme)
    );
    assert_eq!(
        id(&[uri("spiffe://a.example")], plain),
        Err(SpiffeError::NoPath)
    );
    // keyCertSign and cRLSign make a certificate one that signs, whatever its names.
    for bit in [5, 6] {
        let template = Template::client("client").with(alt_names(std::slice::from_ref(&workload)));
        let signing = world.ca.issue(template.with(key_usage(&[0, bit])));
        let authenticator = trusting(&world).build().unwrap();
        let principal = ask(&authenticator, &handshake(&signing), now()).require();
        let error = principal.unwrap().identity().spiffe_id().unwrap_err();
        assert_eq!(error, SpiffeError::SigningCertificate);
    }
}

#[test]
fn failures_say_what_the_validation_found() {
    let world = World::new("failures");
    let expired = Template::client("client").valid("20240101000000Z", "20250101000000Z");
    let expired = handshake(&world.ca.issue(expired));
    let authenticator = trusting(&world).build().unwrap();
    let result = ask(&authenticator, &expired, now());
    let rejected = result
        .failure()
        .and_then(AuthenticationError::rejected)
        .unwrap();
    assert!(matches!(rejected.error().rule, Rule::Expired { .. }));
    assert_eq!(code(result), "chain-invalid");
    let lenient = trusting(&world).validate_validity_period(false).build();
    assert_eq!(code(ask(&lenient.unwrap(), &expired, now())), "success");

    let self_signed = Authority::self_signed(Template::client("alone")).certificate;
    let result = ask(&authenticator, &handshake(&self_signed), now());
    assert_eq!(code(result), "self-signed-not-allowed");
    let pinned = trusting(&world)
        .allowed_certificate_types(CertificateTypes::SelfSigned)
        .pins([Pin::certificate(&parsed(&self_signed))])
        .build()
        .unwrap();
    assert_eq!(
        code(ask(&pinned, &handshake(&self_signed), now())),
        "success"
    );
    let chained = handshake(&world.ca.issue(Template::client("client")));
    assert_eq!(code(ask(&pinned, &chained, now())), "chained-not-allowed");
    let other = Authority::self_signed(Template::client("another")).certificate;
    assert_eq!(
        code(ask(&pinned, &handshake(&other), now())),
        "chain-invalid"
    );
}

#[test]
fn options_that_contradict_each_other_do_not_build() {
    let world = World::new("options");
    let builder = CertificateAuthenticator::builder;
    let roots = || store(&[&world.root]);
    let error = |builder: CertificateAuthenticatorBuilder| builder.build().unwrap_err();
    assert_eq!(error(builder()), AuthenticatorBuildError::NoSystemStore);
    assert_eq!(
        error(
            builder()
                .system_trust_store(roots())
                .custom_trust_store(roots())
        ),
        AuthenticatorBuildError::CustomStoreUnderSystemTrust
    );
    assert_eq!(
        error(builder().custom_trust_store(roots())),
        AuthenticatorBuildError::CustomStoreUnderSystemTrust
    );
    assert_eq!(
        error(trusting(&world).scheme("")),
        AuthenticatorBuildError::NoScheme
    );
    assert_eq!(
        error(trusting(&world).events_on_each_request(false)),
        AuthenticatorBuildError::NoCache
    );
    let of_validator = [
        (
            builder().chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust),
            BuildError::NoAnchors,
        ),
        (
            trusting(&world).allowed_certificate_types(CertificateTypes::All),
            BuildError::NoPins,
        ),
        (
            trusting(&world).dangerously_trust_any_self_signed(),
            BuildError::UnusedPins,
        ),
        (
            trusting(&world).configure_validator(|validator| {
                validator.verification_flags(VerificationFlags::IGNORE_INVALID_BASIC_CONSTRAINTS)
            }),
            BuildError::DangerousFlags(VerificationFlags::IGNORE_INVALID_BASIC_CONSTRAINTS),
        ),
    ];
    for (builder, why) in of_validator {
        assert_eq!(error(builder), AuthenticatorBuildError::Validator(why));
    }
    // The system's roots, given by the caller, are the default; an empty custom store is none.
    let system = builder()
        .system_trust_store(roots())
        .custom_trust_store(TrustStore::default());
    assert!(system.build().is_ok());
    // Whoever pins needs no roots.
    let alone = Authority::self_signed(Template::client("alone")).certificate;
    let pinned = builder()
        .allowed_certificate_types(CertificateTypes::SelfSigned)
        .pins([Pin::certificate(&parsed(&alone))])
        .build()
        .unwrap();
    assert_eq!(code(ask(&pinned, &handshake(&alone), now())), "success");
}

#[test]
fn options_of_this_builder_count_over_those_of_the_validator() {
    let world = World::new("configured");
    let server_only =
        Template::client("client").with(portcullis_testkit::extensions::extended_key_usage(&[
            "1.3.6.1.5.5.7.3.1",
        ]));
    let certificate = handshake(&world.ca.issue(server_only));
    let configured = || {
        trusting(&world).configure_validator(|validator| {
            validator
                .purpose(portcullis::Purpose::ServerAuth)
                .revocation(RevocationMode::Online, RevocationFlag::EntireChain)
        })
    };
    let authenticator = configured().build().unwrap();
    assert_eq!(
        code(ask(&authenticator, &certificate, now())),
        "chain-invalid"
    );
    let authenticator = configured().validate_certificate_use(false).build();
    assert_eq!(
        code(ask(&authenticator.unwrap(), &certificate, now())),
        "success"
    );
    // Each call adds to the one before.
    let twice = trusting(&world)
        .configure_validator(|validator| validator.max_intermediates(0))
        .configure_validator(|validator| validator.profile(Profile::Default));
    let client = handshake(&world.ca.issue(Template::client("client")));
    assert_eq!(
        code(ask(&twice.build().unwrap(), &client, now())),
        "chain-invalid"
    );
}

#[test]
fn an_event_decides_last() {
    let world = World::new("decides");
    let events = Recorder::default();
    let authenticator = trusting(&world).events(&events).build().unwrap();
    let certificate = handshake(&world.ca.issue(Template::client("client")));
    let decided = |decision: ValidatedDecision| {
        *events.decision.lock().unwrap() = Some(decision);
        ask(&authenticator, &certificate, now())
    };
    let operator = Claims::default().with(Claim::new(claim_types::ROLE, "operator"));
    let principal = decided(ValidatedDecision::AcceptAs(operator))
        .require()
        .unwrap();
    assert!(principal.claims().has(claim_types::ROLE, "operator"));
    assert_eq!(principal.name(), None);
    // Other claims, the same certificate.
    let leaf = certificate.presented().leaf();
    assert_eq!(principal.identity().certificate(), leaf);
    assert!(principal.accepted().is_some());
    events.calls();

    assert_eq!(code(decided(ValidatedDecision::fail("left"))), "refused");
    assert_eq!(events.calls(), ["Certificate validated", "failed refused"]);
    let why = decided(ValidatedDecision::no_result("unknown here"));
    assert!(
        matches!(why, AuthenticationResult::NoResult(NoResult::Event(why)) if why == "unknown here")
    );
    assert_eq!(events.calls(), ["Certificate validated"]);
    let nobody = decided(ValidatedDecision::AcceptAs(Claims::default()));
    assert_eq!(code(nobody), "no-principal");
    assert_eq!(
        events.calls(),
        ["Certificate validated", "failed no-principal"]
    );
    events.errs.store(true, Ordering::Relaxed);
    let denied = ask(&authenticator, &certificate, now())
        .require()
        .unwrap_err();
    assert_eq!(denied.code(), "event-failed");
    assert!(denied.to_string().contains("the service is down"));
}

#[test]
fn a_failure_stays_one_unless_it_was_asked_for() {
    let world = World::new("replaced");
    let expired = Template::client("client").valid("20240101000000Z", "20250101000000Z");
    let certificate = handshake(&world.ca.issue(expired));
    let admin = || Claims::default().with(Claim::new(claim_types::NAME, "admin"));
    let events = Recorder::default();
    let plain = trusting(&world).events(&events).build().unwrap();
    let builder = trusting(&world).dangerously_let_failed_event_replace_result();
    let replacing = builder.events(&events).build().unwrap();
    for (decision, replaced) in [
        (FailureDecision::LetIn(admin()), "success"),
        (FailureDecision::LetIn(Claims::default()), "no-principal"),
        (FailureDecision::Fail("another".into()), "refused"),
        (
            FailureDecision::NoResult("nothing".into()),
            "event-no-result",
        ),
        (FailureDecision::Keep, "chain-invalid"),
    ] {
        *events.of_failure.lock().unwrap() = Some(decision);
        assert_eq!(code(ask(&plain, &certificate, now())), "chain-invalid");
        assert_eq!(code(ask(&replacing, &certificate, now())), replaced);
    }
    *events.of_failure.lock().unwrap() = Some(FailureDecision::LetIn(admin()));
    let principal = ask(&replacing, &certificate, now()).require().unwrap();
    // Whoever asks can tell that nobody vouched for the certificate.
    assert!(principal.accepted().is_none());
}

#[test]
fn events_run_for_remembered_verdicts_too() {
    let world = World::new("each request");
    let events = Recorder::default();
    let cache = Arc::new(AuthenticationCache::new(CacheOptions::default()));
    let authenticator = trusting(&world).cache(Arc::clone(&cache)).events(&events);
    let authenticator = authenticator.build().unwrap();
    let certificate = handshake(&world.ca.issue(Template::client("client")));
    let first = ask(&authenticator, &certificate, now()).require().unwrap();
    let second = ask(&authenticator, &certificate, now()).require().unwrap();
    assert!(first.is_same(&second));
    assert_eq!(cache.len(), 1);
    assert_eq!(events.calls().len(), 2);
    // Taken off the list, the client is out at once.
    *events.decision.lock().unwrap() = Some(ValidatedDecision::fail("left"));
    assert_eq!(code(ask(&authenticator, &certificate, now())), "refused");
    *events.decision.lock().unwrap() = None;
    assert_eq!(code(ask(&authenticator, &certificate, now())), "success");
}

#[test]
fn the_preset_of_dotnet_remembers_what_events_decided() {
    let world = World::new("once");
    let events = Recorder::default();
    let cache = Arc::new(AuthenticationCache::new(CacheOptions::dotnet()));
    let authenticator = trusting(&world)
        .cache(Arc::clone(&cache))
        .events_on_each_request(false)
        .events(&events)
        .build()
        .unwrap();
    let certificate = handshake(&world.ca.issue(Template::client("client")));
    *events.decision.lock().unwrap() = Some(ValidatedDecision::fail("left"));
    assert_eq!(code(ask(&authenticator, &certificate, now())), "refused");
    *events.decision.lock().unwrap() = None;
    assert_eq!(code(ask(&authenticator, &certificate, now())), "refused");
    assert_eq!(events.calls().len(), 2);
    cache.clear();
    // What a failed event had a part in is not remembered.
    events.errs.store(true, Ordering::Relaxed);
    assert_eq!(
        code(ask(&authenticator, &certificate, now())),
        "event-failed"
    );
    assert!(cache.is_empty());
    events.errs.store(false, Ordering::Relaxed);
    assert_eq!(code(ask(&authenticator, &certificate, now())), "success");
}

#[test]
fn neither_schemes_nor_provenances_share_verdicts() {
    let world = World::new("schemes");
    let cache = Arc::new(AuthenticationCache::new(CacheOptions::default()));
    let scheme = |name: &str, issuer: &str| {
        let builder = trusting(&world).scheme(name).claims_issuer(issuer);
        builder.cache(Arc::clone(&cache)).build().unwrap()
    };
    let client = world.ca.issue(Template::client("client"));
    let (direct, proxied) = (handshake(&client), over_proxy(&client));
    let schemes = [
        scheme("a", ""),
        scheme("b", ""),
        scheme("a", "b"),
        scheme("ab", ""),
    ];
    let mut known = 0;
    for authenticator in &schemes {
        for certificate in [&direct, &proxied] {
            let principal = ask(authenticator, certificate, now()).require().unwrap();
            known += 1;
            assert_eq!(cache.len(), known);
            assert_eq!(principal.provenance(), certificate.provenance());
            assert_eq!(principal.scheme(), authenticator.scheme());
        }
    }
    for authenticator in &schemes {
        for certificate in [&direct, &proxied] {
            let principal = ask(authenticator, certificate, now()).require().unwrap();
            assert_eq!(principal.provenance(), certificate.provenance());
            assert_eq!(principal.scheme(), authenticator.scheme());
        }
    }
    assert_eq!(cache.len(), known);
    // Other roots find nothing of what the old ones let in.
    let stranger = World::new("schemes, another world");
    let swapped = schemes[0].with_store(store(&[&stranger.root]));
    assert_eq!(code(ask(&swapped, &direct, now())), "chain-invalid");
    assert_eq!(code(ask(&schemes[0], &direct, now())), "success");
}

#[test]
fn provenance_is_a_type_for_whoever_asks() {
    let world = World::new("sourced");
    let authenticator = trusting(&world).build().unwrap();
    let client = world.ca.issue(Template::client("client"));
    let of = |certificate| ask(&authenticator, &certificate, now()).require().unwrap();
    let direct = HandshakePrincipal::try_from(of(handshake(&client))).unwrap();
    assert_eq!(direct.name().unwrap(), "client");
    let proxied = of(over_proxy(&client));
    let found = Provenance::Forwarded;
    let refused = HandshakePrincipal::try_from(proxied.clone()).unwrap_err();
    assert_eq!(refused, WrongProvenance::Found(found));
    let proxied = ForwardedPrincipal::try_from(proxied).unwrap();
    assert_eq!(Principal::from(proxied).provenance(), found);
    assert!(ForwardedPrincipal::try_from(Principal::from(direct)).is_err());
}

#[test]
fn a_session_that_was_resumed_is_asked_about_anew() {
    let world = World::new("resumed");
    let template = Template::client("client").valid("20250101000000Z", "20260101000010Z");
    let certificate = handshake(&world.ca.issue(template));
    let lifetime = VerdictLifetime::seconds(3600);
    let options = CacheOptions::default().accepted(lifetime);
    let cache = Arc::new(AuthenticationCache::new(options));
    let authenticator = trusting(&world).cache(cache).build().unwrap();
    // The same certificate of the same session, request after request.
    let at = |seconds| ask(&authenticator, &certificate, now().plus(seconds));
    assert_eq!(code(at(0)), "success");
    assert_eq!(code(at(9)), "success");
    assert_eq!(code(at(11)), "chain-invalid");
}

#[test]
fn a_rejection_costs_no_copy_when_it_is_remembered() {
    let world = World::new("rejections");
    let cache = Arc::new(AuthenticationCache::new(CacheOptions::default()));
    let authenticator = trusting(&world).cache(Arc::clone(&cache)).build().unwrap();
    let expired = Template::client("client").valid("20240101000000Z", "20250101000000Z");
    let certificate = handshake(&world.ca.issue(expired));
    let report = |result: AuthenticationResult| {
        let rejected = result
            .failure()
            .and_then(AuthenticationError::rejected)
            .unwrap();
        std::ptr::from_ref(rejected.error())
    };
    let first = ask(&authenticator, &certificate, now());
    let second = ask(&authenticator, &certificate, now());
    assert_eq!(report(first.clone()), report(second));
    assert_eq!(cache.len(), 1);
    drop(first);
}

#[test]
fn a_challenge_is_answered_403_unless_an_event_has_another() {
    struct Redirect;
    impl Events for Redirect {
        fn challenge(&self, context: &ChallengeAsked<'_>) -> Result<ChallengeDecision, EventError> {
            let path: &String = context.carried().ok_or("no path is carried")?;
            if matches!(context.denied(), Denied::NoResult(NoResult::NoCertificate)) {
                let location = format!("https://mtls.example{path}");
                let redirect = Challenge::redirect(307, location)?;
                return Ok(ChallengeDecision::Handled(redirect));
            }
            Ok(ChallengeDecision::Forbid)
        }
    }
    let world = World::new("challenge");
    let plain = trusting(&world).build().unwrap();
    let request = AuthenticationRequest::new(RequestScheme::Https, None);
    let denied = plain
        .authenticate(&request, now(), &NoFetcher)
        .require()
        .unwrap_err();
    assert_eq!(
        plain.challenge(&request, &denied, now()),
        Challenge::forbid()
    );

    let redirecting = trusting(&world).events(Redirect).build().unwrap();
    let path = String::from("/orders?id=1");
    let carrying = request.clone().carrying(&path);
    let challenge = redirecting.challenge(&carrying, &denied, now());
    assert_eq!(challenge.status(), 307);
    assert_eq!(
        challenge.location(),
        Some("https://mtls.example/orders?id=1")
    );
    assert_eq!(
        run(redirecting.challenge_async(&carrying, &denied, now())),
        challenge
    );
    // An event that errs changes nothing.
    for path in ["/a\r\nSet-Cookie: b", "/ä"] {
        let path = String::from(path);
        let request = request.clone().carrying(&path);
        assert_eq!(
            redirecting.challenge(&request, &denied, now()),
            Challenge::forbid()
        );
    }
    assert_eq!(
        redirecting.challenge(&request, &denied, now()),
        Challenge::forbid()
    );
}

/// Asks a service about the client.
struct Service {
    asked: AtomicUsize,
}

impl AsyncEvents for Service {
    async fn certificate_validated(
        &self,
        context: &CertificateValidated<'_>,
    ) -> Result<ValidatedDecision, EventError> {
        let name = context
            .principal()
            .claims()
            .name()
            .ok_or("no name")?
            .to_owned();
        let role = later(match name.as_str() {
            "alice" => Some("operator"),
            _ => None,
        })
        .await;
        self.asked.fetch_add(1, Ordering::Relaxed);
        match role {
            Some(role) => {
                let claims = context.claims().clone();
                Ok(ValidatedDecision::AcceptAs(
                    claims.with(Claim::new(claim_types::ROLE, role)),
                ))
            }
            None => Ok(ValidatedDecision::fail(
                "the service does not know the client",
            )),
        }
    }
}

/// Answers nothing, after a while.
struct Slow;

impl AsyncRevocationFetcher for Slow {
    async fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        later(Err(FetchFailure::Unreachable)).await
    }
}

#[test]
fn events_may_ask_a_service() {
    let world = World::new("service");
    let service = Service {
        asked: AtomicUsize::new(0),
    };
    let cache = Arc::new(AuthenticationCache::new(CacheOptions::default()));
    let authenticator = trusting(&world).cache(cache).events(service);
    let authenticator = authenticator.build().unwrap();
    fn must_be_send<T: Send>(future: T) -> T {
        future
    }
    let asked = |name: &str| {
        let common_name = portcullis_testkit::names::name(&[("2.5.4.3", name)]);
        let template = Template::client(name).subject(common_name);
        let certificate = handshake(&world.ca.issue(template));
        let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
        run(must_be_send(authenticator.authenticate_async(
            &request,
            now(),
            &Slow,
        )))
    };
    for _ in 0..2 {
        let principal = asked("alice").require().unwrap();
        assert!(principal.claims().has(claim_types::ROLE, "operator"));
        assert_eq!(principal.name().unwrap(), "alice");
    }
    assert_eq!(code(asked("mallory")), "refused");
    assert_eq!(authenticator.events().asked.load(Ordering::Relaxed), 3);
}

#[test]
fn everything_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<CertificateAuthenticator>();
    shared::<CertificateAuthenticator<Service>>();
    shared::<AuthenticationCache>();
    shared::<AuthenticationResult>();
    shared::<Denied>();

    let world = World::new("threads");
    let cache = Arc::new(AuthenticationCache::new(CacheOptions::default()));
    let authenticator = trusting(&world).cache(cache).build().unwrap();
    let certificate = handshake(&world.ca.issue(Template::client("client")));
    let first = ask(&authenticator, &certificate, now()).require().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let again = ask(&authenticator, &certificate, now()).require();
                    assert!(again.unwrap().is_same(&first));
                }
            });
        }
    });
}

#[test]
fn what_a_service_said_may_be_remembered() {
    let world = World::new("service, once");
    let service = Service {
        asked: AtomicUsize::new(0),
    };
    let authenticator = trusting(&world)
        .cache(Arc::new(AuthenticationCache::new(CacheOptions::dotnet())))
        .events_on_each_request(false)
        .events(service)
        .build()
        .unwrap();
    let name = portcullis_testkit::names::name(&[("2.5.4.3", "alice")]);
    let certificate = handshake(&world.ca.issue(Template::client("alice").subject(name)));
    let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
    for _ in 0..3 {
        let result = run(authenticator.authenticate_async(&request, now(), &Slow));
        let principal = result.require().unwrap();
        assert!(principal.claims().has(claim_types::ROLE, "operator"));
    }
    assert_eq!(authenticator.events().asked.load(Ordering::Relaxed), 1);
}

#[test]
fn clients_are_told_little() {
    let world = World::new("told");
    let events = Recorder::default();
    let authenticator = trusting(&world).events(&events).build().unwrap();
    let expired = Template::client("client").valid("20240101000000Z", "20250101000000Z");
    let expired = handshake(&world.ca.issue(expired));
    let denied = ask(&authenticator, &expired, now()).require().unwrap_err();
    assert!(denied.public_reason().contains("has expired"));
    let client = handshake(&world.ca.issue(Template::client("client")));
    *events.decision.lock().unwrap() = Some(ValidatedDecision::fail("\"}, not on the list of db1"));
    let denied = ask(&authenticator, &client, now()).require().unwrap_err();
    assert!(denied.to_string().contains("db1"));
    let problem = denied.problem_details();
    let problem: serde_json::Value = serde_json::from_str(&problem).unwrap();
    assert_eq!(problem["status"], 403);
    assert_eq!(problem["code"], "refused");
    assert_eq!(problem["detail"], "the client certificate was refused");
}

#[test]
fn both_ways_of_asking_answer_alike() {
    let world = World::new("alike");
    let online = trusting(&world).revocation_mode(RevocationMode::Online);
    let authenticator = online.events(Recorder::default()).build().unwrap();
    let unknown = Template::client("client").with(distribution_point("http://crl.example/l"));
    let certificate = handshake(&world.ca.issue(unknown));
    let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
    struct Unreachable;
    impl RevocationFetcher for Unreachable {
        fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
            Err(FetchFailure::Unreachable)
        }
    }
    let blocking = authenticator.authenticate(&request, now(), &Unreachable);
    let blocking_calls = authenticator.events().calls();
    let waiting = run(authenticator.authenticate_async(&request, now(), &Slow));
    assert_eq!(blocking_calls, authenticator.events().calls());
    let text = |result: AuthenticationResult| result.require().unwrap_err().to_string();
    assert_eq!(text(blocking), text(waiting));
}
