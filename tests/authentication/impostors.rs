//! Ways to pass for somebody else, all of which must fail: names that only their holder vouches
//! for, verdicts and decisions made for another client, and texts that mislead whoever reads them.

use std::error::Error;
use std::future::{Future, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use portcullis::authentication::forwarded::{
    self, ChoiceError, ClientCertificate, Peer, Provenance, ProxySecret,
};
use portcullis::authentication::{
    AsyncEvents, AuthenticationCache, AuthenticationError, AuthenticationFailed,
    AuthenticationRequest, AuthenticationResult, CertificateAuthenticator,
    CertificateAuthenticatorBuilder, CertificateValidated, ChainTrustValidationMode, Claim, Claims,
    Denied, EventError, Events, FailureDecision, ForwardedPrincipal, HandshakePrincipal, Principal,
    RequestScheme, SpiffeError, ValidatedDecision, WrongProvenance, claim_types,
};
use portcullis::cache::{CacheKey, CacheOptions};
use portcullis::revocation::{
    Crl, FetchFailure, NoFetcher, Request, RevocationFetcher, RevocationMode,
};
use portcullis::{CertificateTypes, Pin, Presented, Purpose, TrustMode, Validator};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, points};
use portcullis_testkit::extensions::{alt_names, name_constraints};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{self, dns, email, upn, uri};

use crate::support::{Authority, Made, Template, World, now, parsed, presented, store};

/// A builder that trusts this world.
fn trusting(world: &World) -> CertificateAuthenticatorBuilder {
    CertificateAuthenticator::builder()
        .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
        .custom_trust_store(store(&[&world.root]))
        .additional_chain_certificates([parsed(&world.ca.certificate)])
        .revocation_mode(RevocationMode::NoCheck)
}

/// A builder that trusts these self-signed certificates and nobody else.
fn pinning(pins: impl IntoIterator<Item = Pin>) -> CertificateAuthenticatorBuilder {
    CertificateAuthenticator::builder()
        .allowed_certificate_types(CertificateTypes::SelfSigned)
        .pins(pins)
}

fn handshake(leaf: &Made) -> ClientCertificate {
    ClientCertificate::Handshake(presented(leaf, &[]))
}

fn ask<E: Events>(
    authenticator: &CertificateAuthenticator<E>,
    certificate: &ClientCertificate,
) -> AuthenticationResult {
    let request = AuthenticationRequest::new(RequestScheme::Https, Some(certificate));
    authenticator.authenticate(&request, now(), &NoFetcher)
}

fn let_in<E: Events>(
    authenticator: &CertificateAuthenticator<E>,
    certificate: &ClientCertificate,
) -> Principal {
    ask(authenticator, certificate).require().unwrap()
}

fn denied<E: Events>(
    authenticator: &CertificateAuthenticator<E>,
    certificate: &ClientCertificate,
) -> Denied {
    ask(authenticator, certificate).require().unwrap_err()
}

fn shared_cache() -> Arc<AuthenticationCache> {
    Arc::new(AuthenticationCache::new(CacheOptions::default()))
}

/// The output of a future that never waits.
fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}

/// Lets in one name only, and counts how often it is asked.
struct Only(&'static str, AtomicUsize);

impl Only {
    fn new(name: &'static str) -> Self {
        Self(name, AtomicUsize::new(0))
    }

    fn asked(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }
}

impl Events for Only {
    fn certificate_validated(
        &self,
        context: &CertificateValidated<'_>,
    ) -> Result<ValidatedDecision, EventError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        match context.principal().claims().name() == Some(self.0) {
            true => Ok(ValidatedDecision::Accept),
            false => Ok(ValidatedDecision::fail("not on the list")),
        }
    }
}

/// Sends a list, and has everything forgotten while it is on its way: by an operator who learned of
/// a revocation, say.
struct ForgettingMeanwhile<'a>(&'a AuthenticationCache, Vec<u8>);

impl RevocationFetcher for ForgettingMeanwhile<'_> {
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        self.0.clear();
        Ok(self.1.clone())
    }
}

/// What is forgotten stays so, though the verdict was being made.
#[test]
fn a_verdict_under_way_is_forgotten_too() {
    let root = Authority::root("forgetful root");
    let list = CrlTemplate::by(&root).der();
    assert!(Crl::from_der(&list).is_ok());
    let point = points(&[DistributionPoint::url("http://crl.example.test/root")]);
    let leaf = root.issue(Template::client("under way").with(point));
    for on_each_request in [true, false] {
        let cache = shared_cache();
        let authenticator = CertificateAuthenticator::builder()
            .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
            .custom_trust_store(store(&[&root]))
            .events_on_each_request(on_each_request)
            .cache(Arc::clone(&cache))
            .build()
            .unwrap();
        let certificate = handshake(&leaf);
        let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
        let fetcher = ForgettingMeanwhile(&cache, list.clone());
        let result = authenticator.authenticate(&request, now(), &fetcher);
        assert!(result.require().is_ok());
        assert!(cache.is_empty());
        let again = authenticator.authenticate(&request, now(), &fetcher);
        assert!(again.require().is_ok());
        assert_eq!(
            cache.len(),
            1,
            "the list is at hand: nothing was forgotten meanwhile"
        );
    }
}

#[test]
fn who_holds_a_pinned_key_gives_themselves_no_name() {
    let key = || Key::p256("the pinned key");
    let signed = |name: &str, id: &str| {
        let template = Template::client(name).key(key());
        Authority::self_signed(template.with(alt_names(&[uri(id)]))).certificate
    };
    let bob = signed("bob", "spiffe://example.org/bob");
    let forged = signed("alice", "spiffe://example.org/admin");
    let by_key = Pin::public_key(&parsed(&bob));
    let whole = Pin::certificate(&parsed(&bob));

    let authenticator = pinning([by_key]).build().unwrap();
    for certificate in [&bob, &forged] {
        let principal = let_in(&authenticator, &handshake(certificate));
        assert_eq!(principal.accepted().unwrap().pin(), Some(by_key));
        assert!(!principal.identity().names_are_vouched_for());
        let id = principal.identity().spiffe_id();
        assert_eq!(id.unwrap_err(), SpiffeError::NotVouchedFor);
    }
    // With the whole certificate pinned only its own names count, whatever else is pinned.
    for pins in [vec![whole], vec![by_key, whole]] {
        let authenticator = pinning(pins).build().unwrap();
        let principal = let_in(&authenticator, &handshake(&bob));
        assert_eq!(principal.accepted().unwrap().pin(), Some(whole));
        let id = principal.identity().spiffe_id().unwrap();
        assert_eq!(id.as_str(), "spiffe://example.org/bob");
    }
    let authenticator = pinning([whole]).build().unwrap();
    assert_eq!(
        denied(&authenticator, &handshake(&forged)).code(),
        "chain-invalid"
    );
    // Nor does anybody vouch where any certificate is trusted.
    let authenticator = pinning([]).dangerously_trust_any_self_signed().build();
    let principal = let_in(&authenticator.unwrap(), &handshake(&forged));
    assert_eq!(principal.accepted().unwrap().pin(), None);
    assert!(!principal.identity().names_are_vouched_for());
    assert!(principal.identity().spiffe_id().is_err());
}

#[test]
fn an_authority_vouches_for_names() {
    let world = World::new("vouched");
    let leaf = Template::client("a").with(alt_names(&[uri("spiffe://example.org/a")]));
    let authenticator = trusting(&world).build().unwrap();
    let principal = let_in(&authenticator, &handshake(&world.ca.issue(leaf)));
    assert_eq!(principal.accepted().unwrap().pin(), None);
    assert!(principal.identity().names_are_vouched_for());
    assert!(principal.identity().spiffe_id().is_ok());
}

#[test]
fn what_the_events_of_one_decided_is_not_served_by_another() {
    let world = World::new("events of another");
    let cache = shared_cache();
    let builder = || {
        let builder = trusting(&world).cache(Arc::clone(&cache));
        builder.events_on_each_request(false)
    };
    let api = builder().build().unwrap();
    let admins = Arc::new(Only::new("admin"));
    let admin = builder()
        .shared_events(Arc::clone(&admins))
        .build()
        .unwrap();
    let mallory = handshake(&world.ca.issue(Template::client("mallory")));

    let_in(&api, &mallory);
    assert_eq!(cache.len(), 1);
    assert_eq!(denied(&admin, &mallory).code(), "refused");
    // Nor the other way round.
    cache.clear();
    assert_eq!(denied(&admin, &mallory).code(), "refused");
    let_in(&api, &mallory);

    // What is remembered is served to the one whose events decided, and to its clones.
    let asked = admins.asked();
    assert_eq!(denied(&admin, &mallory).code(), "refused");
    assert_eq!(denied(&admin.clone(), &mallory).code(), "refused");
    assert_eq!(admins.asked(), asked);
}

#[test]
fn no_constraint_covers_the_claims_that_dotnet_takes_from_a_common_name() {
    let root = Authority::root("constrained");
    let to_partner = name_constraints(&[dns("partner.test")], &[]);
    let ca = root.issue_ca(Template::ca("partner").with(to_partner));
    let authenticator = CertificateAuthenticator::builder()
        .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
        .custom_trust_store(store(&[&root]))
        .revocation_mode(RevocationMode::NoCheck)
        .build()
        .unwrap();
    let of = |template: Template| {
        let leaf = ca.issue(template.subject(names::common_name("admin.bank.test")));
        ClientCertificate::Handshake(presented(&leaf, &[&ca.certificate]))
    };
    // The claim is as .NET has it; the typed identity has no name that the authority may not give.
    let principal = let_in(&authenticator, &of(Template::client("common name")));
    assert_eq!(
        principal.claims().first(claim_types::DNS),
        Some("admin.bank.test")
    );
    assert_eq!(principal.identity().dns_names().next(), None);
    let named = Template::client("alternative name");
    let named = of(named.with(alt_names(&[dns("admin.bank.test")])));
    assert_eq!(denied(&authenticator, &named).code(), "chain-invalid");
}

#[test]
fn a_path_that_a_stranger_chose_changes_nobody() {
    let (one, other) = (Authority::root("one"), Authority::root("other"));
    let ca = one.issue_ca(Template::ca("ca"));
    let crossed = other.cross_sign("crossed", &ca);
    let leaf = ca.issue(Template::client("victim"));
    let authenticator = CertificateAuthenticator::builder()
        .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
        .custom_trust_store(store(&[&one, &other]))
        .revocation_mode(RevocationMode::NoCheck)
        .cache(shared_cache())
        .build()
        .unwrap();
    let strangers = ClientCertificate::Handshake(presented(&leaf, &[&crossed]));
    let victims = ClientCertificate::Handshake(presented(&leaf, &[&ca.certificate]));
    let first = let_in(&authenticator, &strangers);
    let second = let_in(&authenticator, &victims);
    assert_eq!(second.claims(), first.claims());
    assert_eq!(second.identity().certificate(), victims.presented().leaf());
    assert!(second.identity().names_are_vouched_for());
}

/// Lets in as a guest whoever failed.
struct Lenient;

impl Events for Lenient {
    fn authentication_failed(
        &self,
        _: &AuthenticationFailed<'_>,
    ) -> Result<FailureDecision, EventError> {
        let guest = Claim::new(claim_types::NAME, "guest");
        Ok(FailureDecision::LetIn(Claims::default().with(guest)))
    }
}

#[test]
fn a_rejected_certificate_proves_nothing_to_whoever_asks_for_a_handshake() {
    let (world, stranger) = (World::new("lenient"), World::new("stranger"));
    let leaf = Template::client("x").with(alt_names(&[uri("spiffe://example.org/admin")]));
    let certificate = handshake(&stranger.ca.issue(leaf));
    let authenticator = trusting(&world)
        .events(Lenient)
        .dangerously_let_failed_event_replace_result()
        .build()
        .unwrap();
    let principal = let_in(&authenticator, &certificate);
    assert_eq!(principal.name().unwrap(), "guest");
    assert!(!principal.identity().names_are_vouched_for());
    let id = principal.identity().spiffe_id();
    assert_eq!(id.unwrap_err(), SpiffeError::NotVouchedFor);
    let refused = HandshakePrincipal::try_from(principal.clone()).unwrap_err();
    assert_eq!(refused, WrongProvenance::NotAccepted);
    assert!(refused.to_string().contains("not accepted"));
    let refused = ForwardedPrincipal::try_from(principal).unwrap_err();
    assert_eq!(refused, WrongProvenance::NotAccepted);
}

/// Fails when it is told of a failure.
struct FullLog;

impl Events for FullLog {
    fn authentication_failed(
        &self,
        _: &AuthenticationFailed<'_>,
    ) -> Result<FailureDecision, EventError> {
        Err("the log\nis full".into())
    }
}

#[test]
fn a_failing_event_hides_no_rejection() {
    let (world, stranger) = (World::new("full log"), World::new("rejected"));
    let certificate = handshake(&stranger.ca.issue(Template::client("x")));
    let cache = shared_cache();
    let plain = denied(&trusting(&world).build().unwrap(), &certificate);
    let authenticator = trusting(&world)
        .events(FullLog)
        .dangerously_let_failed_event_replace_result()
        .cache(Arc::clone(&cache))
        .events_on_each_request(false)
        .build()
        .unwrap();
    let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
    for result in [
        authenticator.authenticate(&request, now(), &NoFetcher),
        run(authenticator.authenticate_async(&request, now(), &Never)),
    ] {
        let failure = result.failure().unwrap();
        assert!(failure.rejected().is_some());
        assert!(!failure.is_of_event());
        assert!(matches!(
            failure,
            AuthenticationError::WithEventError { .. }
        ));
        assert!(failure.source().unwrap().is::<AuthenticationError>());
        let denied = result.require().unwrap_err();
        assert_eq!(denied.code(), plain.code());
        assert_eq!(denied.public_reason(), plain.public_reason());
        let text = denied.to_string();
        assert!(text.starts_with(&plain.to_string()), "{text}");
        assert!(text.ends_with(r"failed: the log\nis full"), "{text}");
        // What a failing event had a part in is not remembered.
        assert!(cache.is_empty());
    }
}

/// Is never asked.
struct Never;

impl portcullis::revocation::AsyncRevocationFetcher for Never {
    async fn fetch(&self, _: &portcullis::revocation::Request) -> Result<Vec<u8>, FetchFailure> {
        panic!("nothing is to be fetched")
    }
}

#[test]
fn a_name_says_the_same_to_all_who_read_it() {
    let world = World::new("control");
    let named = |name: &str| {
        let template = Template::client("x").with(alt_names(&[upn(name)]));
        let_in(
            &trusting(&world).build().unwrap(),
            &handshake(&world.ca.issue(template)),
        )
    };
    assert_eq!(
        named("user@corp.test").identity().upn().unwrap(),
        "user@corp.test"
    );
    for name in [
        "admin@corp.test\0@evil.test",
        "admin@corp.test\n",
        "a\r\nb@corp.test",
        "\u{1b}[2Kadmin@corp.test",
    ] {
        let principal = named(name);
        assert_eq!(principal.identity().upns().next(), None, "{name:?}");
        assert_eq!(principal.claims().first(claim_types::UPN), None, "{name:?}");
    }
}

/// S5: names that a certificate gives are shown on one line, and compared as they are.
#[test]
fn no_name_of_an_identity_ends_a_line() {
    let world = World::new("names that are shown");
    let lines = "x\r\nINFO alice came in\u{1b}[1A";
    let template = Template::client(&format!("{lines}\u{202e}")).with(alt_names(&[
        email(lines),
        uri(lines),
        upn("user\u{202e}@corp.test"),
    ]));
    let certificate = handshake(&world.ca.issue(template));
    let principal = let_in(&trusting(&world).build().unwrap(), &certificate);
    let identity = principal.identity();
    let name = principal.name().unwrap();
    assert_eq!(name.raw(), format!("{lines}\u{202e}"));
    let subject = identity.subject();
    assert_eq!(subject.common_name().unwrap(), name.raw());
    assert_eq!(identity.emails().next().unwrap(), lines);
    assert_eq!(identity.uris().next().unwrap(), lines);
    assert_eq!(identity.upn().unwrap(), "user\u{202e}@corp.test");
    let shown = [
        name.to_string(),
        format!("{name:?} {principal:?}"),
        subject.common_name().unwrap().to_string(),
        subject.values("2.5.4.3").next().unwrap().to_string(),
        subject.to_string(),
        identity.emails().next().unwrap().to_string(),
        identity.uris().next().unwrap().to_string(),
        identity.upn().unwrap().to_string(),
        format!("{:?}", identity.alternative_names().collect::<Vec<_>>()),
    ];
    for shown in shown {
        assert!(
            !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{shown:?}"
        );
    }
}

#[test]
fn what_events_repeat_of_a_client_ends_no_line() {
    struct Repeats;
    impl Events for Repeats {
        fn certificate_validated(
            &self,
            context: &CertificateValidated<'_>,
        ) -> Result<ValidatedDecision, EventError> {
            let name = context.principal().claims().name().unwrap_or_default();
            match context.carried::<bool>() {
                Some(true) => Ok(ValidatedDecision::fail(format!("unknown: {name}"))),
                Some(false) => Ok(ValidatedDecision::no_result(format!("unknown: {name}"))),
                None => Err(format!("unknown: {name}").into()),
            }
        }
    }
    let world = World::new("lines");
    let subject = names::name(&[("2.5.4.3", "x\nINFO admin logged in\u{202e}")]);
    let certificate = handshake(&world.ca.issue(Template::client("x").subject(subject)));
    let authenticator = trusting(&world).events(Repeats).build().unwrap();
    let plain = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
    for request in [
        plain.clone().carrying(&true),
        plain.clone().carrying(&false),
        plain.clone(),
    ] {
        let result = authenticator.authenticate(&request, now(), &NoFetcher);
        let text = result.require().unwrap_err().to_string();
        assert!(text.ends_with(r"x\nINFO admin logged in\u{202e}"), "{text}");
    }
    let unreadable = AuthenticationRequest::from_result(
        RequestScheme::Https,
        Provenance::Forwarded,
        Err("bad\r\nINFO admin logged in"),
    );
    let result = authenticator.authenticate(&unreadable, now(), &NoFetcher);
    let text = result.require().unwrap_err().to_string();
    assert!(text.ends_with(r"bad\r\nINFO admin logged in"), "{text}");
}

#[test]
fn configuring_the_validator_trusts_nobody_else() {
    let (mine, other) = (World::new("mine"), World::new("other"));
    let others = store(&[&other.root]);
    let authenticator = trusting(&mine)
        .configure_validator(move |_| {
            Validator::builder(TrustMode::System(others)).purpose(Purpose::ServerAuth)
        })
        .build()
        .unwrap();
    let leaf = other.ca.issue(Template::client("x"));
    let others = ClientCertificate::Handshake(presented(&leaf, &[&other.ca.certificate]));
    assert_eq!(denied(&authenticator, &others).code(), "chain-invalid");
    let_in(
        &authenticator,
        &handshake(&mine.ca.issue(Template::client("x"))),
    );
}

#[test]
fn what_is_kept_with_another_verdict_is_not_served() {
    let world = World::new("kept");
    let cache = shared_cache();
    let builder = || trusting(&world).cache(Arc::clone(&cache));
    let authenticator = builder().build().unwrap();
    let other_scheme = builder().scheme("other").build().unwrap();
    let of = |name: &str| presented(&world.ca.issue(Template::client(name)), &[]);
    let (alice, mallory) = (of("alice"), of("mallory"));
    let verdict = |presented: &Presented| {
        let validator = authenticator.validator();
        validator.validate(presented, now(), &NoFetcher)
    };
    let namespace = authenticator.cache_namespace(Provenance::Handshake);
    let key = CacheKey::new(namespace, authenticator.validator(), &mallory);
    for kept in [
        authenticator.keep(Provenance::Handshake, &verdict(&alice)),
        authenticator.keep(Provenance::Forwarded, &verdict(&mallory)),
        other_scheme.keep(Provenance::Handshake, &verdict(&mallory)),
    ] {
        cache.clear();
        let _ = cache.put(&key, verdict(&mallory), kept, now());
        assert_eq!(cache.len(), 1);
        let certificate = ClientCertificate::Handshake(mallory.clone());
        let principal = let_in(&authenticator, &certificate);
        assert_eq!(principal.name().unwrap(), "mallory");
        assert_eq!(principal.identity().certificate(), mallory.leaf());
        assert_eq!(principal.provenance(), Provenance::Handshake);
        assert_eq!(principal.scheme(), "Certificate");
    }
}

#[test]
fn what_events_decided_of_another_is_not_served() {
    let world = World::new("decided");
    let cache = shared_cache();
    let authenticator = trusting(&world)
        .cache(Arc::clone(&cache))
        .events_on_each_request(false)
        .events(Only::new("alice"))
        .build()
        .unwrap();
    let of = |name: &str| presented(&world.ca.issue(Template::client(name)), &[]);
    let (alice, mallory) = (of("alice"), of("mallory"));
    let_in(&authenticator, &ClientCertificate::Handshake(alice.clone()));

    let namespace = authenticator.cache_namespace(Provenance::Handshake);
    let key = |presented| CacheKey::new(namespace, authenticator.validator(), presented);
    let of_alice = cache.get(&key(&alice), now()).unwrap();
    let validator = authenticator.validator();
    let verdict = validator.validate(&mallory, now(), &NoFetcher);
    let _ = cache.put(&key(&mallory), verdict, of_alice.kept.clone(), now());
    let certificate = ClientCertificate::Handshake(mallory);
    assert_eq!(denied(&authenticator, &certificate).code(), "refused");
}

#[test]
fn a_certificate_that_could_not_be_read_is_not_an_absent_one() {
    let world = World::new("from result");
    let authenticator = trusting(&world).build().unwrap();
    let client = world.ca.issue(Template::client("client"));
    let codec = forwarded::nginx();
    let asked = |headers: &[(String, String)], peer| {
        let found = || -> Result<_, Box<dyn Error + Send + Sync>> {
            let forwarded = codec.decode(headers, peer)?;
            Ok(forwarded.map(ClientCertificate::Forwarded))
        };
        let provenance = Provenance::Forwarded;
        let request = AuthenticationRequest::from_result(RequestScheme::Https, provenance, found());
        let is_there = request.certificate().is_some();
        let result = authenticator.authenticate(&request, now(), &NoFetcher);
        let code = match &result {
            AuthenticationResult::Success(principal) => {
                assert_eq!(principal.provenance(), Provenance::Forwarded);
                "success"
            }
            AuthenticationResult::NoResult(why) => why.code(),
            AuthenticationResult::Failure(why) => why.code(),
        };
        (is_there, code)
    };
    let mut headers: Vec<(String, String)> = codec
        .encode(&presented(&client, &[]))
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect();
    assert_eq!(asked(&headers, Peer::TrustedProxy), (true, "success"));
    assert_eq!(asked(&[], Peer::TrustedProxy), (false, "no-certificate"));
    // Somebody adds the header in front of the proxy's, or cuts it.
    headers.push(headers[0].clone());
    assert_eq!(asked(&headers, Peer::TrustedProxy), (false, "unreadable"));
    headers.pop();
    headers[0].1.truncate(40);
    assert_eq!(asked(&headers, Peer::TrustedProxy), (false, "unreadable"));
}

/// An error of the caller's own, with another underneath.
#[derive(Debug)]
struct Wrapped(Box<dyn Error + Send + Sync>);

impl core::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("no client certificate for this request")
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

#[test]
fn a_header_that_must_not_be_believed_is_told_from_one_that_can_not_be_read() {
    let world = World::new("not believed");
    let authenticator = trusting(&world).build().unwrap();
    let client = presented(&world.ca.issue(Template::client("client")), &[]);
    let codec = forwarded::nginx()
        .confirmed_by("verify", "SUCCESS")
        .unwrap();
    let refused = |error: Box<dyn Error + Send + Sync>| {
        let (https, forwarded) = (RequestScheme::Https, Provenance::Forwarded);
        let request = AuthenticationRequest::from_result(https, forwarded, Err(error));
        let result = authenticator.authenticate(&request, now(), &NoFetcher);
        let denied = result.require().unwrap_err();
        (denied.code(), denied.public_reason())
    };
    let asked = |verify: &[&str], peer| {
        let mut headers = codec.encode(&client);
        headers.extend(verify.iter().map(|&value| ("verify".into(), value.into())));
        let error = || codec.decode(&headers, peer).unwrap_err();
        let plain = refused(error().into());
        let twice = Wrapped(Wrapped(error().into()).into());
        assert_eq!(refused(twice.into()), plain);
        plain
    };
    let stranger = (
        "header-not-trusted",
        "a client certificate is not accepted from this header",
    );
    assert_eq!(asked(&["SUCCESS"], Peer::Untrusted), stranger);
    assert_eq!(asked(&[], Peer::Untrusted), stranger);
    assert_eq!(refused(ChoiceError::UntrustedPeer.into()), stranger);
    // S7: or from the right address, without the secret.
    let secret = ProxySecret::new("x-proxy-secret", "0123456789abcdef0123456789abcdef").unwrap();
    let error = codec.clone().proxy_secret(secret);
    let error = error.decode(&codec.encode(&client), Peer::TrustedProxy);
    assert_eq!(refused(error.unwrap_err().into()), stranger);

    let unverified = ("not-confirmed", "the client certificate was not verified");
    assert_eq!(asked(&["NONE"], Peer::TrustedProxy), unverified);
    assert_eq!(asked(&[], Peer::TrustedProxy), unverified);

    let unreadable = ("unreadable", "the client certificate cannot be read");
    assert_eq!(asked(&["SUCCESS"; 2], Peer::TrustedProxy), unreadable);
    assert_eq!(refused(ChoiceError::TwoCertificates.into()), unreadable);
    assert_eq!(refused("not confirmed".into()), unreadable);
}

#[test]
fn events_that_ask_a_service_may_be_shared() {
    struct Counted(AtomicUsize);
    impl AsyncEvents for Counted {
        fn certificate_validated(
            &self,
            _: &CertificateValidated<'_>,
        ) -> impl Future<Output = Result<ValidatedDecision, EventError>> + Send {
            self.0.fetch_add(1, Ordering::Relaxed);
            ready(Ok(ValidatedDecision::fail("nobody is let in")))
        }
    }
    let world = World::new("service");
    let service = Arc::new(Counted(AtomicUsize::new(0)));
    let certificate = handshake(&world.ca.issue(Template::client("client")));
    for scheme in ["one", "two"] {
        let builder = trusting(&world).scheme(scheme);
        let authenticator = builder.shared_events(Arc::clone(&service)).build().unwrap();
        let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
        let result = run(authenticator.authenticate_async(&request, now(), &Never));
        assert_eq!(result.require().unwrap_err().code(), "refused");
    }
    assert_eq!(service.0.load(Ordering::Relaxed), 2);
    // Events behind a pointer are events as they were.
    let dynamic: Arc<dyn Events + Send + Sync> = Arc::new(Only::new("nobody"));
    let authenticator = trusting(&world).events(dynamic).build().unwrap();
    assert_eq!(denied(&authenticator, &certificate).code(), "refused");
}
