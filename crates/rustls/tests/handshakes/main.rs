//! The rustls verifiers in handshakes with real clients and servers.

mod doors;
mod handshake;
mod support;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Authority, Made, Template, World, below, now};
use handshake::{HOST, Holder, Shaken, Site, VERSIONS, Wallet, client, shake, shake_for};
use portcullis::revocation::{
    FetchFailure, NoFetcher, Request, RevocationFetcher, RevocationFlag, RevocationMode,
};
use portcullis::{Presented, Purpose, Rule, Validator};
use portcullis_rustls::{
    ClientVerifier, MissingEvidence, Recheck, Rechecked, RootHints, ServerVerifier, SharedValidator,
};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::der::{bit_string, oid, sequence};
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::{
    CLIENT_AUTH, CODE_SIGNING, SERVER_AUTH, alt_names, extended_key_usage, key_usage,
};
use portcullis_testkit::keys::{Hash, Key, Scheme};
use portcullis_testkit::names::dns;
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate};
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, Error, PeerMisbehaved, SignatureScheme,
    SupportedProtocolVersion, version,
};

const CRL: &str = "http://crl.example.test/list";
/// Its bit of a key usage (RFC 5280 section 4.2.1.3).
const KEY_ENCIPHERMENT: u8 = 2;

/// Clients below an authority, and the server that they come to.
struct Scene {
    world: World,
    site: Site,
}

impl Scene {
    fn new() -> Self {
        Self {
            world: World::new("clients"),
            site: Site::new(),
        }
    }

    fn shared(&self) -> Arc<SharedValidator> {
        Arc::new(SharedValidator::new(self.world.validator()))
    }

    fn issue(&self, template: Template) -> Made {
        self.world.ca.issue(template)
    }

    fn wallet(&self, leaf: &Made, holder: Holder) -> Arc<Wallet> {
        Wallet::new(leaf, &[&self.world.ca.certificate], holder)
    }

    /// A client with a key on P-256.
    fn client(&self, template: Template) -> Arc<Wallet> {
        let key = Key::p256(&template.label);
        self.wallet(&self.issue(template), Holder::p256(&key))
    }

    fn shake(
        &self,
        version: &'static SupportedProtocolVersion,
        verifier: ClientVerifier,
        wallet: &Arc<Wallet>,
    ) -> Shaken {
        let server = Arc::new(self.site.server(version, verifier, None));
        shake(&Arc::new(self.site.client(version, wallet)), &server)
    }

    /// Full, and with both versions of TLS the same.
    #[track_caller]
    fn both(&self, wallet: &Arc<Wallet>) -> Result<(), Error> {
        let said = VERSIONS.map(|version| {
            let verifier = ClientVerifier::full(self.shared()).build();
            self.shake(version, verifier, wallet).server
        });
        let [first, second] = said;
        // Errors of the kind `Other` are never alike.
        assert_eq!(format!("{first:?}"), format!("{second:?}"));
        first
    }
}

fn good() -> Template {
    Template::client("good")
}

#[track_caller]
fn alert(shaken: &Shaken, expected: AlertDescription) {
    assert_eq!(shaken.client, Err(Error::AlertReceived(expected)));
}

#[test]
fn a_good_client_comes_in() {
    let scene = Scene::new();
    let wallet = scene.client(good());
    for version in VERSIONS {
        for verifier in [
            ClientVerifier::full(scene.shared()).build(),
            ClientVerifier::full(scene.shared()).optional(true).build(),
            ClientVerifier::deferred(scene.shared()).build(),
        ] {
            let shaken = scene.shake(version, verifier, &wallet);
            shaken.held();
            assert_eq!(shaken.peer.unwrap().len(), 2);
            assert!(!shaken.resumed);
        }
    }
}

#[test]
fn whether_a_client_may_have_none() {
    let scene = Scene::new();
    let wallet = Wallet::empty();
    for version in VERSIONS {
        let mandatory = ClientVerifier::full(scene.shared()).build();
        let shaken = scene.shake(version, mandatory, &wallet);
        assert_eq!(shaken.server, Err(Error::NoCertificatesPresented));
        for verifier in [
            ClientVerifier::full(scene.shared()).optional(true).build(),
            ClientVerifier::deferred(scene.shared())
                .optional(true)
                .build(),
        ] {
            let shaken = scene.shake(version, verifier, &wallet);
            shaken.held();
            assert!(shaken.peer.is_none());
        }
    }
}

#[test]
fn who_is_rejected_learns_why() {
    let scene = Scene::new();
    let expired = good().valid("20240101000000Z", "20250101000000Z");
    let code = good().with(extended_key_usage(&[CODE_SIGNING]));
    let stranger = Authority::root("stranger");
    let theirs = Wallet::new(
        &stranger.issue(good()),
        &[&stranger.certificate],
        Holder::p256(&Key::p256("good")),
    );
    for (wallet, name, expected) in [
        (
            scene.client(expired),
            "ExpiredContext",
            AlertDescription::CertificateExpired,
        ),
        (
            scene.client(code),
            "InvalidPurpose",
            AlertDescription::UnsupportedCertificate,
        ),
        (theirs, "UnknownIssuer", AlertDescription::UnknownCA),
    ] {
        let error = scene.both(&wallet).unwrap_err();
        assert!(format!("{error:?}").contains(name), "{error:?}");
        for version in VERSIONS {
            // One that is sent must hold, even where none need be.
            let optional = ClientVerifier::full(scene.shared()).optional(true).build();
            let shaken = scene.shake(version, optional, &wallet);
            assert!(shaken.server.is_err());
            alert(&shaken, expected);
            // Deferred, they get as far as the server's own check.
            let deferred = ClientVerifier::deferred(scene.shared()).build();
            let shaken = scene.shake(version, deferred, &wallet);
            shaken.held();
            let presented = Presented::from_der(shaken.peer.unwrap()).unwrap();
            let verdict = scene
                .world
                .validator()
                .validate(&presented, now(), &NoFetcher);
            assert!(verdict.is_err());
        }
    }
}

#[test]
fn what_is_no_certificate_is_refused() {
    let scene = Scene::new();
    let garbage = Made {
        label: "garbage".into(),
        der: b"no certificate".to_vec(),
    };
    let wallet = scene.wallet(&garbage, Holder::p256(&Key::p256("good")));
    for version in VERSIONS {
        for verifier in [
            ClientVerifier::full(scene.shared()).build(),
            ClientVerifier::deferred(scene.shared()).build(),
        ] {
            let shaken = scene.shake(version, verifier, &wallet);
            let expected = Error::InvalidCertificate(CertificateError::BadEncoding);
            assert_eq!(shaken.server, Err(expected));
        }
    }
}

/// Somebody who has seen a certificate does not hold its key.
#[test]
fn a_stolen_certificate_is_of_no_use() {
    let scene = Scene::new();
    let leaf = scene.issue(good());
    let thief = scene.wallet(&leaf, Holder::p256(&Key::p256("thief")));
    for version in VERSIONS {
        for verifier in [
            ClientVerifier::full(scene.shared()).build(),
            ClientVerifier::full(scene.shared()).optional(true).build(),
            ClientVerifier::deferred(scene.shared()).build(),
            ClientVerifier::deferred(scene.shared())
                .optional(true)
                .build(),
        ] {
            let shaken = scene.shake(version, verifier, &thief);
            let expected = Error::InvalidCertificate(CertificateError::BadSignature);
            assert_eq!(shaken.server, Err(expected));
            alert(&shaken, AlertDescription::DecryptError);
        }
    }
}

#[test]
fn keys_of_all_kinds_sign_handshakes() {
    let scene = Scene::new();
    let rsa = Key::rsa("tls client", 2048);
    let ecdsa = |hash| Scheme::Ecdsa(hash);
    use SignatureScheme as Tls;
    for (key, named, made) in [
        (
            Key::p256("k"),
            Tls::ECDSA_NISTP256_SHA256,
            ecdsa(Hash::Sha256),
        ),
        (
            Key::p384("k"),
            Tls::ECDSA_NISTP384_SHA384,
            ecdsa(Hash::Sha384),
        ),
        (
            Key::p521("k"),
            Tls::ECDSA_NISTP521_SHA512,
            ecdsa(Hash::Sha512),
        ),
        (Key::ed25519("k"), Tls::ED25519, Scheme::Ed25519),
        (rsa.clone(), Tls::RSA_PSS_SHA256, Scheme::Pss(Hash::Sha256)),
        (rsa.clone(), Tls::RSA_PSS_SHA384, Scheme::Pss(Hash::Sha384)),
        (rsa.clone(), Tls::RSA_PSS_SHA512, Scheme::Pss(Hash::Sha512)),
    ] {
        let leaf = scene.issue(good().key(key.clone()));
        let wallet = scene.wallet(&leaf, Holder::new(&key, &[(named, made)]));
        assert_eq!(scene.both(&wallet), Ok(()), "{named:?}");
        // Named otherwise than it is, it does not hold.
        let other = match named {
            Tls::RSA_PSS_SHA256 => Tls::RSA_PSS_SHA384,
            _ => Tls::RSA_PSS_SHA256,
        };
        let wallet = scene.wallet(&leaf, Holder::new(&key, &[(other, made)]));
        assert!(scene.both(&wallet).is_err(), "{named:?} as {other:?}");
    }
}

#[test]
fn versions_of_tls_bind_schemes_differently() {
    let scene = Scene::new();
    let (tls12, tls13) = (&version::TLS12, &version::TLS13);
    let say = |version, key: &Key, named, made| {
        let leaf = scene.issue(good().key(key.clone()));
        let holder = Holder::new(key, &[(named, made)]).stubborn();
        let verifier = ClientVerifier::full(scene.shared()).build();
        let wallet = scene.wallet(&leaf, holder);
        scene.shake(version, verifier, &wallet).server
    };
    // A curve goes with one hash in 1.3 only.
    let p384 = Key::p384("k");
    let (named, made) = (
        SignatureScheme::ECDSA_NISTP256_SHA256,
        Scheme::Ecdsa(Hash::Sha256),
    );
    assert_eq!(say(tls12, &p384, named, made), Ok(()));
    let refused = say(tls13, &p384, named, made).unwrap_err();
    assert!(format!("{refused:?}").contains("UnsupportedSignatureAlgorithmForPublicKey"));

    // PKCS #1 v1.5 is none of 1.3, nor SHA-1 of any.
    let rsa = Key::rsa("tls client", 2048);
    let unadvertised = PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme;
    let unadvertised = Err(Error::PeerMisbehaved(unadvertised));
    let (named, made) = (
        SignatureScheme::RSA_PKCS1_SHA256,
        Scheme::Pkcs1(Hash::Sha256),
    );
    assert_eq!(say(tls12, &rsa, named, made), Ok(()));
    assert_eq!(say(tls13, &rsa, named, made), unadvertised);
    let (named, made) = (SignatureScheme::RSA_PKCS1_SHA1, Scheme::Pkcs1(Hash::Sha1));
    for version in VERSIONS {
        assert_eq!(say(version, &rsa, named, made), unadvertised);
    }
}

/// `rsa_pss_pss_*`, for which rustls has no names.
#[test]
fn keys_for_pss_alone() {
    let scene = Scene::new();
    let rsa = Key::rsa("tls client", 2048);
    let algorithm = sequence(&[oid("1.2.840.113549.1.1.10")]);
    let spki = sequence(&[algorithm, bit_string(&rsa.public_bits())]);
    let leaf = scene.issue(good().key(rsa.clone()).public_key(spki));
    let holder = |named| Holder::new(&rsa, &[(named, Scheme::Pss(Hash::Sha256))]);
    let pss = scene.wallet(&leaf, holder(SignatureScheme::Unknown(0x0809)));
    let verifier = ClientVerifier::full(scene.shared()).build();
    scene.shake(&version::TLS13, verifier, &pss).held();
    let rsae = scene.wallet(&leaf, holder(SignatureScheme::RSA_PSS_SHA256));
    assert!(scene.both(&rsae).is_err());
}

#[test]
fn authorities_are_named_unless_they_are_not_to_be() {
    let scene = Scene::new();
    let name = scene.world.root.name.clone();
    for (hints, expected) in [
        (RootHints::default(), vec![name.clone()]),
        (RootHints::Anchors { octets: 1 }, Vec::new()),
        (RootHints::None, Vec::new()),
    ] {
        for version in VERSIONS {
            let wallet = scene.client(good());
            let verifier = ClientVerifier::full(scene.shared()).hints(hints).build();
            scene.shake(version, verifier, &wallet).held();
            assert_eq!(wallet.hints(), expected);
        }
    }
}

#[test]
fn another_validator_between_two_handshakes() {
    let scene = Scene::new();
    let wallet = scene.client(good());
    let shared = scene.shared();
    for version in VERSIONS {
        let verifier = ClientVerifier::full(Arc::clone(&shared)).build();
        let server = Arc::new(scene.site.server(version, verifier, None));
        let client = || Arc::new(scene.site.client(version, &wallet));
        shake(&client(), &server).held();
        let stranger = Authority::root("stranger");
        let before = shared.replace(below(&[&stranger]).build().unwrap());
        let refused = shake(&client(), &server);
        let expected = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(refused.server, Err(expected));
        shared.replace(before);
        shake(&client(), &server).held();
    }
}

#[test]
fn validators_are_replaced_while_handshakes_run() {
    let scene = Scene::new();
    let wallet = scene.client(good());
    let shared = scene.shared();
    let verifier = ClientVerifier::full(Arc::clone(&shared)).build();
    let server = Arc::new(scene.site.server(&version::TLS13, verifier, None));
    let client = Arc::new(scene.site.client(&version::TLS13, &wallet));
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..8).for_each(|_| shake(&client, &server).held())))
            .collect();
        while !running.iter().all(|thread| thread.is_finished()) {
            shared.replace(scene.world.validator());
        }
    });
}

/// Serves this at [`CRL`], and nothing elsewhere.
struct Http(Vec<u8>);

impl RevocationFetcher for Http {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        match request.url() == CRL {
            true => Ok(self.0.clone()),
            false => Err(FetchFailure::Unreachable),
        }
    }
}

fn online(world: &World) -> Validator {
    below(&[&world.root])
        .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
        .build()
        .unwrap()
}

#[test]
fn what_is_missing_is_fetched_for_the_next_handshake() {
    let scene = Scene::new();
    let with_list =
        |label: &str| Template::client(label).with(points(&[DistributionPoint::url(CRL)]));
    let (good, fired) = (
        scene.client(with_list("good")),
        scene.client(with_list("fired")),
    );
    let revoked = scene.issue(with_list("fired"));
    let list = CrlTemplate::by(&scene.world.ca).revoking(&revoked).der();
    let http = Http(list);
    for version in VERSIONS {
        let shared = Arc::new(SharedValidator::new(online(&scene.world)));
        let missing = Arc::new(MissingEvidence::default());
        let say = |wallet| {
            let verifier = ClientVerifier::full(Arc::clone(&shared));
            let verifier = verifier.missing(Arc::clone(&missing)).build();
            scene.shake(version, verifier, wallet).server
        };
        let unknown = Error::InvalidCertificate(CertificateError::UnknownRevocationStatus);
        assert_eq!(say(&good), Err(unknown.clone()));
        assert_eq!(say(&good), Err(unknown));
        assert_eq!(missing.len(), 1);
        assert_eq!(missing.fetch(&shared.current(), now(), &http), 1);
        assert_eq!(say(&good), Ok(()));
        let gone = Error::InvalidCertificate(CertificateError::Revoked);
        assert_eq!(say(&fired), Err(gone));
        assert!(missing.is_empty());
    }
}

#[test]
fn verdicts_are_told_whole() {
    let scene = Scene::new();
    let shared = scene.shared();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let verifier = ClientVerifier::full(Arc::clone(&shared));
    let verifier = verifier.on_verdict(move |validator, presented, verdict, at| {
        assert_eq!(at, now());
        if let Ok(accepted) = verdict {
            assert_eq!(accepted.leaf(), presented.leaf());
        }
        let rule = verdict.as_ref().err().map(|rejected| rejected.error().rule);
        tell.lock().unwrap().push((validator.digest(), rule));
    });
    let server = Arc::new(scene.site.server(&version::TLS13, verifier.build(), None));
    let expired = good().valid("20240101000000Z", "20250101000000Z");
    let shake_as = |wallet| {
        let client = Arc::new(scene.site.client(&version::TLS13, &wallet));
        shake(&client, &server).server.is_ok()
    };
    assert!(shake_as(scene.client(good())));
    assert!(!shake_as(scene.client(expired)));
    let another = [&scene.world.root, &Authority::root("another")];
    let another = below(&another).build().unwrap();
    shared.replace(another.clone());
    assert!(shake_as(scene.client(good())));

    // Each verdict is told with the validator that reached it.
    let first = scene.world.validator().digest();
    let told = told.lock().unwrap();
    let [accepted, expired, last] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(*accepted, (first, None));
    assert!(expired.0 == first && matches!(expired.1, Some(Rule::Expired { .. })));
    assert_eq!(*last, (another.digest(), None));
}

/// The holder of a server's certificate below the same anchors is no client, whatever the validator
/// leaves out.
#[test]
fn a_servers_certificate_is_no_clients() {
    let scene = Scene::new();
    let server = scene.client(good().with(extended_key_usage(&[SERVER_AUTH])));
    let good = scene.client(good());
    let of = |purpose| {
        let builder = below(&[&scene.world.root]).purpose(purpose);
        builder.build().unwrap()
    };
    let refused = Err(Error::InvalidCertificate(CertificateError::InvalidPurpose));
    for version in VERSIONS {
        let shared = Arc::new(SharedValidator::new(of(Purpose::Any)));
        let full = || ClientVerifier::full(Arc::clone(&shared));
        let verifiers = || [full(), full().optional(true)].map(|builder| builder.build());
        for verifier in verifiers() {
            let shaken = scene.shake(version, verifier, &server);
            assert_eq!(shaken.server, refused);
            alert(&shaken, AlertDescription::UnsupportedCertificate);
        }
        scene.shake(version, full().build(), &good).held();

        // One that takes the place of another opens nothing either.
        for purpose in [Purpose::ClientAuth, Purpose::Any] {
            shared.replace(of(purpose));
            shared.replace_store(support::store(&[&scene.world.root]));
            for verifier in verifiers() {
                assert_eq!(scene.shake(version, verifier, &server).server, refused);
            }
            scene.shake(version, full().build(), &good).held();
        }

        // Who says so lets it in, and overrules nobody who asks for a purpose.
        let any = || full().allow_any_purpose(true).build();
        scene.shake(version, any(), &server).held();
        shared.replace(of(Purpose::ClientAuth));
        assert_eq!(scene.shake(version, any(), &server).server, refused);
        shared.replace(of(Purpose::ServerAuth));
        scene.shake(version, full().build(), &server).held();
    }
}

/// P5: the holder of a client's certificate with a host name is no server, whatever the validator
/// leaves out.
#[test]
fn a_clients_certificate_is_no_servers() {
    let scene = Scene::new();
    let issue = |usages: &[&str]| {
        let template = good().with(alt_names(&[dns(HOST)]));
        scene.issue(template.with(extended_key_usage(usages)))
    };
    let (client, server) = (issue(&[CLIENT_AUTH]), issue(&[SERVER_AUTH]));
    let of = |purpose| {
        let builder = below(&[&scene.world.root]).purpose(purpose);
        Arc::new(SharedValidator::new(builder.build().unwrap()))
    };
    let verify = |verifier: &ServerVerifier, leaf: &Made| {
        let more = [CertificateDer::from(scene.world.ca.certificate.der.clone())];
        let name = ServerName::try_from(HOST).unwrap();
        let seconds = u64::try_from(now().unix()).unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let leaf = CertificateDer::from(leaf.der.clone());
        verifier
            .verify_server_cert(&leaf, &more, &name, &[], at)
            .map(drop)
    };
    let refused = Err(Error::InvalidCertificate(CertificateError::InvalidPurpose));
    let any = of(Purpose::Any);
    let verifier = ServerVerifier::new(Arc::clone(&any));
    assert_eq!(verify(&verifier, &client), refused);
    assert_eq!(verify(&verifier, &server), Ok(()));
    // One that takes the place of another opens nothing either.
    any.replace_store(support::store(&[&scene.world.root]));
    assert_eq!(verify(&verifier, &client), refused);

    // Who says so lets it pass, and overrules nobody who asks for a purpose.
    let lax = |shared| ServerVerifier::new(shared).allow_any_purpose(true);
    assert_eq!(verify(&lax(any), &client), Ok(()));
    assert_eq!(verify(&lax(of(Purpose::ServerAuth)), &client), refused);
    let for_clients = ServerVerifier::new(of(Purpose::ClientAuth));
    assert_eq!(verify(&for_clients, &client), Ok(()));
}

/// What the verifier fetches for a validator that asks for nothing is where that one looks.
#[test]
fn evidence_is_one_whatever_purpose_is_asked_for() {
    let scene = Scene::new();
    let listed = scene.client(good().with(points(&[DistributionPoint::url(CRL)])));
    let http = Http(CrlTemplate::by(&scene.world.ca).der());
    let validator = below(&[&scene.world.root])
        .purpose(Purpose::Any)
        .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly);
    let shared = Arc::new(SharedValidator::new(validator.build().unwrap()));
    let missing = Arc::new(MissingEvidence::default());
    let say = || {
        let verifier = ClientVerifier::full(Arc::clone(&shared)).missing(Arc::clone(&missing));
        scene.shake(&version::TLS13, verifier.build(), &listed)
    };
    assert!(say().server.is_err());
    assert_eq!(missing.fetch(&shared.current(), now(), &http), 1);
    say().held();
    // Other anchors leave it where it is; a new validator begins with none.
    shared.replace_store(support::store(&[
        &scene.world.root,
        &Authority::root("another"),
    ]));
    say().held();
    shared.replace(online(&scene.world));
    assert!(say().server.is_err());
}

/// Nobody can make a server fetch what a stranger's certificate names.
#[test]
fn strangers_leave_nothing_to_be_fetched() {
    let scene = Scene::new();
    let stranger = Authority::root("stranger");
    let theirs = good()
        .with(points(&[DistributionPoint::url(CRL)]))
        .with(access(
            &["http://ocsp.example.test/"],
            &["http://ca.example.test/"],
        ));
    let leaf = stranger.issue(theirs);
    for more in [&[&stranger.certificate][..], &[]] {
        for fetches_issuers in [false, true] {
            let wallet = Wallet::new(&leaf, more, Holder::p256(&Key::p256("good")));
            let validator = below(&[&scene.world.root])
                .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
                .fetch_issuers(fetches_issuers);
            let shared = Arc::new(SharedValidator::new(validator.build().unwrap()));
            let missing = Arc::new(MissingEvidence::default());
            let verifier = ClientVerifier::full(shared).missing(Arc::clone(&missing));
            let shaken = scene.shake(&version::TLS13, verifier.build(), &wallet);
            assert!(shaken.server.is_err());
            assert!(missing.is_empty());
        }
    }
}

/// A certificate that says that its key is for something else (RFC 8446 section 4.4.2.2).
#[test]
fn keys_that_are_not_for_signatures_prove_nothing() {
    let scene = Scene::new();
    let wallet = scene.client(good().with(key_usage(&[KEY_ENCIPHERMENT])));
    for version in VERSIONS {
        for verifier in [
            ClientVerifier::full(scene.shared()).build(),
            ClientVerifier::deferred(scene.shared()).build(),
        ] {
            let shaken = scene.shake(version, verifier, &wallet);
            let expected = Error::InvalidCertificate(CertificateError::InvalidPurpose);
            assert_eq!(shaken.server, Err(expected));
        }
    }
}

#[test]
fn resumed_sessions_are_the_servers_to_check() {
    let scene = Scene::new();
    let wallet = scene.client(good());
    for version in VERSIONS {
        for ticketed in [true, false] {
            let shared = scene.shared();
            let verifier = ClientVerifier::full(Arc::clone(&shared)).build();
            let mut server = scene.site.server(version, verifier, None);
            if ticketed {
                server.ticketer = rustls_graviola::Ticketer::new().unwrap();
            }
            let server = Arc::new(server);
            let client = Arc::new(scene.site.client(version, &wallet));
            let first = shake(&client, &server);
            first.held();
            assert!(!first.resumed);
            let presented = Presented::from_der(first.peer.unwrap()).unwrap();
            let check = |recheck: Recheck, kept, at| {
                recheck.check(&shared.current(), &presented, kept, at, &NoFetcher)
            };
            let Ok(Rechecked::Anew(kept)) = check(Recheck::Always, None, now()) else {
                panic!("the client is good");
            };

            let again = check(Recheck::OnExpiry, Some(&kept), now());
            assert!(matches!(again, Ok(Rechecked::Kept)));

            // Nobody is trusted any more, and nobody asks the verifier.
            let stranger = Authority::root("stranger");
            shared.replace(below(&[&stranger]).build().unwrap());
            let second = shake(&client, &server);
            second.held();
            assert!(second.resumed);
            let again = Presented::from_der(second.peer.unwrap()).unwrap();
            assert_eq!(again.leaf(), presented.leaf());
            assert!(check(Recheck::Always, Some(&kept), now()).is_err());
            assert!(check(Recheck::OnExpiry, None, now()).is_err());
            let late = kept.not_after().plus(1);
            assert!(check(Recheck::OnExpiry, Some(&kept), late).is_err());
            // What is kept is the verdict of the one that was replaced.
            assert!(check(Recheck::OnExpiry, Some(&kept), now()).is_err());
            let never = check(Recheck::Never, Some(&kept), late);
            assert!(matches!(never, Ok(Rechecked::Kept)));
        }
    }
}

/// As the example of the module has it.
#[test]
fn a_listener_that_keeps_no_sessions_resumes_none() {
    let scene = Scene::new();
    let wallet = scene.client(good());
    for version in VERSIONS {
        let shared = scene.shared();
        let verifier = ClientVerifier::full(Arc::clone(&shared)).build();
        let mut server = scene.site.server(version, verifier, None);
        server.send_tls13_tickets = 0;
        server.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        let server = Arc::new(server);
        let client = Arc::new(scene.site.client(version, &wallet));
        for _ in 0..2 {
            let shaken = shake(&client, &server);
            shaken.held();
            assert!(!shaken.resumed);
        }
        shared.replace_store(support::store(&[&Authority::root("stranger")]));
        let expected = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(shake(&client, &server).server, Err(expected));
    }
}

#[test]
fn servers_go_by_name_purpose_and_anchor() {
    let scene = Scene::new();
    let site = &scene.site;
    for version in VERSIONS {
        let say = |host: &str, validator: Validator| {
            let verifier = ServerVerifier::new(Arc::new(SharedValidator::new(validator)));
            let client = client(version, verifier, &scene.client(good()));
            let own = ClientVerifier::full(scene.shared()).build();
            shake_for(
                host,
                &Arc::new(client),
                &Arc::new(site.server(version, own, None)),
            )
            .client
        };
        let of = |purpose| below(&[&site.root]).purpose(purpose).build().unwrap();
        assert_eq!(say(HOST, of(Purpose::ServerAuth)), Ok(()));
        let wrong = Error::InvalidCertificate(CertificateError::NotValidForName);
        for host in ["other.example.test", "192.0.2.1"] {
            assert_eq!(say(host, of(Purpose::ServerAuth)), Err(wrong.clone()));
        }
        let purpose = Error::InvalidCertificate(CertificateError::InvalidPurpose);
        assert_eq!(say(HOST, of(Purpose::ClientAuth)), Err(purpose));
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let others = below(&[&scene.world.root]).purpose(Purpose::ServerAuth);
        assert_eq!(say(HOST, others.build().unwrap()), Err(unknown));
    }
}

#[test]
fn a_stapled_response_speaks_for_the_server() {
    let scene = Scene::new();
    let site = &scene.site;
    let response = |said| Some(ResponseTemplate::of(&site.root, &site.leaf, said).der());
    let unknown = CertificateError::UnknownRevocationStatus;
    for (staple, expected) in [
        (response(CertStatus::Good), Ok(())),
        (
            response(CertStatus::Revoked),
            Err(CertificateError::Revoked),
        ),
        (Some(b"no response".to_vec()), Err(unknown.clone())),
        (None, Err(unknown)),
    ] {
        for version in VERSIONS {
            let validator = below(&[&site.root])
                .purpose(Purpose::ServerAuth)
                .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
                .build();
            let shared = SharedValidator::new(validator.unwrap());
            let verifier = ServerVerifier::new(Arc::new(shared));
            let client = client(version, verifier, &scene.client(good()));
            let own = ClientVerifier::full(scene.shared()).build();
            let server = site.server(version, own, staple.clone());
            let said = shake(&Arc::new(client), &Arc::new(server)).client;
            let expected = expected.clone().map_err(Error::InvalidCertificate);
            assert_eq!(said, expected, "{version:?}");
        }
    }
}
