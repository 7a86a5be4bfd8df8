//! Self-signed leaves: they are refused unless they are allowed and pinned. Also options that
//! contradict each other.

use std::sync::Arc;

use portcullis::crypto::{NoMemo, PolicyError, SignatureError};
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{
    AlgorithmPolicy, BuildError, Certificate, CertificateTypes, InvalidPin, ObjectIdentifier, Pin,
    Presented, Purpose, Rule, TrustMode, TrustStore, Validator, ValidatorBuilder,
    VerificationFlags,
};
use portcullis_testkit::extensions::{
    DIGITAL_SIGNATURE, SERVER_AUTH, extended_key_usage, key_usage, unknown,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::tamper::{tampered, with_broken_signature};

use crate::support;
use crate::support::{
    Authority, Counting, Made, Template, World, below, decide, now, parsed, presented, refusal,
    time, violations, with_store,
};

fn own(label: &str) -> Template {
    Template::client(label)
}

fn self_signed(template: Template) -> Made {
    Authority::self_signed(template).certificate
}

/// Self-signed clients only, of whom these are trusted.
fn pinned(pins: &[Pin]) -> ValidatorBuilder {
    with_store(TrustStore::default())
        .certificate_types(CertificateTypes::SelfSigned)
        .pins(pins.iter().copied())
}

fn accepts(builder: ValidatorBuilder, leaf: &Made) -> Result<(), Rule> {
    let validator = builder.build().unwrap();
    let verdict = decide(&validator, leaf, &[]);
    verdict.map(|_| ()).map_err(|violation| violation.rule)
}

#[test]
fn refused_by_default() {
    let leaf = self_signed(own("refused"));
    let world = World::new("refused");
    let not_allowed = Err(Rule::SelfSignedNotAllowed);
    assert_eq!(accepts(below(&[&world.root]), &leaf), not_allowed);
    // Not even as an anchor of its own.
    let store = TrustStore::anchoring_each([parsed(&leaf)]);
    assert_eq!(accepts(with_store(store.clone()), &leaf), not_allowed);
    // Nor as what .NET would do with the store.
    let dotnet = with_store(store).dotnet_compatible(true);
    assert_eq!(accepts(dotnet, &leaf), not_allowed);
    // A refusal by type is told, and there is no chain to show.
    let validator = world.validator();
    let rejected = validator.validate(&presented(&leaf, &[]), now(), &NoFetcher);
    let rejected = rejected.unwrap_err();
    assert!(rejected.chain().is_empty());
    assert_eq!(rejected.violations(), [*rejected.error()]);
}

#[test]
fn pinned_by_certificate() {
    let leaf = self_signed(own("by certificate"));
    let pin = Pin::certificate(&parsed(&leaf));
    assert_eq!(accepts(pinned(&[pin]), &leaf), Ok(()));
    let renewed = own("by certificate").valid("20250101000000Z", "20300101000000Z");
    let renewed = self_signed(renewed);
    assert_eq!(
        accepts(pinned(&[pin]), &renewed),
        Err(Rule::SelfSignedNotPinned)
    );
    let validator = pinned(&[pin]).build().unwrap();
    let accepted = decide(&validator, &leaf, &[]).unwrap();
    assert!(accepted.anchor().is_none());
    assert_eq!(accepted.certificates().count(), 1);
    assert_eq!(accepted.leaf().as_der(), leaf.der);
    assert_eq!(accepted.not_after(), time("2044-01-01T00:00:00Z"));
}

#[test]
fn pinned_by_key() {
    let key = || Key::p256("by key");
    let leaf = self_signed(own("by key").key(key()));
    let pin = Pin::public_key(&parsed(&leaf));
    assert_eq!(accepts(pinned(&[pin]), &leaf), Ok(()));
    let renewed = own("by key, renewed")
        .key(key())
        .valid("20250101000000Z", "20300101000000Z");
    assert_eq!(accepts(pinned(&[pin]), &self_signed(renewed)), Ok(()));
    let other = self_signed(own("by key").key(Key::p256("another key")));
    assert_eq!(
        accepts(pinned(&[pin]), &other),
        Err(Rule::SelfSignedNotPinned)
    );
    // Whoever does not have the key can write it down all the same.
    let copied = own("by key").public_key(key().spki());
    let copied = self_signed(copied.key(Key::p256("a copyist")));
    let (_, rule) = refusal(&pinned(&[pin]).build().unwrap(), &copied, &[]);
    assert_eq!(rule, Rule::Signature(SignatureError::Invalid));
}

#[test]
fn pins_among_others() {
    let leaf = self_signed(own("among others"));
    let other = self_signed(own("another"));
    let world = World::new("among others");
    let pins = [
        Pin::certificate(&parsed(&other)),
        Pin::certificate(&parsed(&leaf)),
        Pin::certificate(&parsed(&world.root.certificate)),
    ];
    assert_eq!(accepts(pinned(&pins), &leaf), Ok(()));
    assert_eq!(
        accepts(pinned(&pins[..1]), &leaf),
        Err(Rule::SelfSignedNotPinned)
    );
    // A pinned authority that signed itself vouches for nobody else.
    let chained = world.ca.issue(own("chained"));
    let validator = pinned(&pins).build().unwrap();
    let more = [&world.ca.certificate, &world.root.certificate];
    assert_eq!(
        refusal(&validator, &chained, &more),
        (0, Rule::ChainedNotAllowed)
    );
}

#[test]
fn pins_as_text() {
    let leaf = self_signed(own("text"));
    let certificate: Certificate = parsed(&leaf);
    let hex = |octets: &[u8]| -> String {
        let hash = portcullis::certificate::sha256(octets);
        hash.iter().map(|octet| format!("{octet:02x}")).collect()
    };
    let whole = hex(certificate.as_der());
    let key = hex(certificate.spki_der());
    assert_eq!(whole.parse(), Ok(Pin::certificate(&certificate)));
    let of_key = format!("spki:{key}").parse();
    assert_eq!(of_key, Ok(Pin::public_key(&certificate)));
    assert_eq!(accepts(pinned(&[of_key.unwrap()]), &leaf), Ok(()));
    // The hash of the one is no pin of the other.
    let confused = [
        key.parse().unwrap(),
        format!("spki:{whole}").parse().unwrap(),
    ];
    assert_eq!(
        accepts(pinned(&confused), &leaf),
        Err(Rule::SelfSignedNotPinned)
    );
    let error: InvalidPin = "sha1:00".parse::<Pin>().unwrap_err();
    assert!(
        error.to_string().starts_with("a pin is the SHA-256"),
        "{error}"
    );
}

#[test]
fn tampered_with() {
    let leaf = self_signed(own("tampered"));
    let pin = [
        Pin::certificate(&parsed(&leaf)),
        Pin::public_key(&parsed(&leaf)),
    ];
    let later = tampered(&leaf, b"440101000000Z", b"450101000000Z");
    let broken = with_broken_signature(&leaf);
    for forged in [&later, &broken] {
        // By its key it is pinned still; its signature does not hold.
        assert_eq!(
            accepts(pinned(&pin), forged),
            Err(Rule::Signature(SignatureError::Invalid))
        );
    }
    // Where chained certificates are allowed too, one whose own key did not sign it has an issuer
    // to be found.
    let world = World::new("tampered");
    let both = below(&[&world.root])
        .certificate_types(CertificateTypes::All)
        .pins(pin)
        .build()
        .unwrap();
    assert!(decide(&both, &leaf, &[]).is_ok());
    let (position, rule) = refusal(&both, &later, &[]);
    assert_eq!(position, 0);
    assert!(
        matches!(
            rule,
            Rule::Signature(_) | Rule::NoIssuer | Rule::UntrustedRoot
        ),
        "{rule}"
    );
}

#[test]
fn its_own_checks_hold() {
    let not_after = time("2025-01-01T00:00:00Z");
    let expired = own("checks").valid("20240101000000Z", "20250101000000Z");
    let servers = own("checks").with(extended_key_usage(&[SERVER_AUTH]));
    let critical = own("checks").with(unknown().critical());
    let weak = own("checks").key(Key::rsa("weak", 1024));
    for (template, number) in [
        (expired, Rule::Expired { not_after }.number()),
        (servers, Rule::WrongUsage.number()),
        (critical, Rule::UnknownCriticalExtension(None).number()),
        (weak, 15),
    ] {
        let leaf = self_signed(template);
        let pin = [Pin::certificate(&parsed(&leaf))];
        let rule = accepts(pinned(&pin), &leaf).unwrap_err();
        assert_eq!(rule.number(), number, "{rule}");
        let any = with_store(TrustStore::default())
            .certificate_types(CertificateTypes::SelfSigned)
            .dangerously_trust_any_self_signed();
        let rule = accepts(any, &leaf).unwrap_err();
        assert_eq!(rule.number(), number, "{rule}");
    }
    // What can be forgiven is forgiven here too.
    let expired = own("checks").valid("20240101000000Z", "20250101000000Z");
    let leaf = self_signed(expired);
    let pin = [Pin::certificate(&parsed(&leaf))];
    let lenient = pinned(&pin).validate_leaf_period(false);
    assert_eq!(accepts(lenient, &leaf), Ok(()));
    let flags = VerificationFlags::IGNORE_NOT_TIME_VALID;
    assert_eq!(
        accepts(pinned(&pin).verification_flags(flags), &leaf),
        Ok(())
    );
    // What it need not be: a CA.
    let plain = own("checks").with(key_usage(&[DIGITAL_SIGNATURE]));
    let leaf = self_signed(plain);
    let pin = [Pin::certificate(&parsed(&leaf))];
    assert_eq!(accepts(pinned(&pin), &leaf), Ok(()));
}

#[test]
fn any_at_all_takes_a_loud_call() {
    let any = || {
        with_store(TrustStore::default())
            .certificate_types(CertificateTypes::SelfSigned)
            .dangerously_trust_any_self_signed()
    };
    for label in ["one", "two", "three"] {
        assert_eq!(accepts(any(), &self_signed(own(label))), Ok(()));
    }
    let forged = with_broken_signature(&self_signed(own("four")));
    assert_eq!(
        accepts(any(), &forged),
        Err(Rule::Signature(SignatureError::Invalid))
    );
    let world = World::new("any");
    let chained = world.ca.issue(own("chained"));
    assert_eq!(accepts(any(), &chained), Err(Rule::ChainedNotAllowed));
}

#[test]
fn both_types() {
    let world = World::new("both");
    let leaf = self_signed(own("both"));
    let validator = below(&[&world.root])
        .certificate_types(CertificateTypes::All)
        .pins([Pin::certificate(&parsed(&leaf))])
        .build()
        .unwrap();
    assert!(decide(&validator, &leaf, &[]).is_ok());
    let chained = world.ca.issue(own("chained"));
    let accepted = decide(&validator, &chained, &[&world.ca.certificate]).unwrap();
    assert!(accepted.anchor().is_some());
    let other = self_signed(own("other"));
    assert_eq!(
        refusal(&validator, &other, &[]),
        (0, Rule::SelfSignedNotPinned)
    );
}

/// A leaf that bears its issuer's name is self-issued, and not self-signed.
#[test]
fn self_issued_is_not_self_signed() {
    let world = World::new("self-issued");
    let template = own("self-issued").with_key_identifier();
    let leaf = world.ca.issue(template.subject(world.ca.name.clone()));
    assert!(parsed(&leaf).has_identical_names());
    let validator = world.validator();
    assert!(decide(&validator, &leaf, &[&world.ca.certificate]).is_ok());
    // .NET goes by the names.
    let dotnet = below(&[&world.root]).dotnet_compatible(true).build();
    assert_eq!(
        refusal(&dotnet.unwrap(), &leaf, &[&world.ca.certificate]),
        (0, Rule::SelfSignedNotAllowed)
    );
}

#[test]
fn its_signature_is_checked_once() {
    let leaf = self_signed(own("once"));
    let counting = Counting::new();
    let validator = pinned(&[Pin::certificate(&parsed(&leaf))])
        .provider(counting.provider())
        .memo(Arc::new(NoMemo))
        .build()
        .unwrap();
    assert!(decide(&validator, &leaf, &[]).is_ok());
    assert_eq!(counting.reset(), 1);
    let broken = with_broken_signature(&leaf);
    assert!(decide(&validator, &broken, &[]).is_err());
    assert_eq!(counting.checks(), 1);
}

#[test]
fn a_rejection_of_a_self_signed_leaf_names_all_violations() {
    let template = own("all violations")
        .valid("20240101000000Z", "20250101000000Z")
        .with(extended_key_usage(&[SERVER_AUTH]));
    let leaf = self_signed(template);
    let validator = pinned(&[Pin::certificate(&parsed(&leaf))]).build().unwrap();
    let found = violations(&validator, &with_broken_signature(&leaf), &[]);
    let numbers: Vec<u16> = found.iter().map(|(_, rule)| rule.number()).collect();
    for rule in [
        Rule::Signature(SignatureError::Invalid),
        Rule::WrongUsage,
        Rule::SelfSignedNotPinned,
    ] {
        assert!(numbers.contains(&rule.number()), "{rule}: {found:?}");
    }
    assert!(numbers.contains(&5), "{found:?}");
}

#[test]
fn options_that_make_no_validator() {
    let world = World::new("options");
    let build = |builder: ValidatorBuilder| builder.build().err();
    let pin = Pin::certificate(&parsed(&world.root.certificate));
    for types in [CertificateTypes::SelfSigned, CertificateTypes::All] {
        let no_pins = below(&[&world.root]).certificate_types(types);
        assert_eq!(build(no_pins), Some(BuildError::NoPins));
    }
    assert_eq!(
        build(below(&[&world.root]).pins([pin])),
        Some(BuildError::UnusedPins)
    );
    assert_eq!(
        build(below(&[&world.root]).dangerously_trust_any_self_signed()),
        Some(BuildError::UnusedPins)
    );
    assert_eq!(
        build(with_store(TrustStore::default())),
        Some(BuildError::NoAnchors)
    );
    let all = with_store(TrustStore::default())
        .certificate_types(CertificateTypes::All)
        .pins([pin]);
    assert_eq!(build(all), Some(BuildError::NoAnchors));
    assert_eq!(build(pinned(&[pin])), None);
    assert_eq!(
        build(with_store(TrustStore::default()).dotnet_compatible(true)),
        None
    );

    let dangerous = [
        VerificationFlags::IGNORE_INVALID_BASIC_CONSTRAINTS,
        VerificationFlags::ALLOW_UNKNOWN_CERTIFICATE_AUTHORITY,
        VerificationFlags::IGNORE_INVALID_NAME,
        VerificationFlags::ALL_FLAGS,
    ];
    for flags in dangerous {
        let quiet = below(&[&world.root]).verification_flags(flags);
        // Named are those of them that are dangerous.
        let named = flags.intersection(VerificationFlags::DANGEROUS);
        assert_eq!(build(quiet), Some(BuildError::DangerousFlags(named)));
        let loud = below(&[&world.root]).dangerously_forgive(flags);
        assert_eq!(build(loud), None);
    }
    let harmless = VerificationFlags::IGNORE_NOT_TIME_VALID
        | VerificationFlags::IGNORE_WRONG_USAGE
        | VerificationFlags::IGNORE_INVALID_POLICY;
    assert_eq!(
        build(below(&[&world.root]).verification_flags(harmless)),
        None
    );
    for error in [
        BuildError::NoPins,
        BuildError::UnusedPins,
        BuildError::NoAnchors,
        BuildError::DangerousFlags(VerificationFlags::IGNORE_INVALID_NAME),
    ] {
        assert!(error.to_string().len() > 20);
    }
}

/// Trust is nothing that a flag forgives, however loudly.
#[test]
fn no_flag_forgives_trust() {
    let world = World::new("no flag");
    let other = World::new("no flag other");
    let leaf = other.ca.issue(own("stranger"));
    let validator = Validator::builder(TrustMode::System(support::store(&[&world.root])))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .purpose(Purpose::ClientAuth)
        .dangerously_forgive(VerificationFlags::ALL_FLAGS)
        .build()
        .unwrap();
    let whole = [&other.ca.certificate, &other.root.certificate];
    assert_eq!(refusal(&validator, &leaf, &whole), (2, Rule::UntrustedRoot));
    assert_eq!(refusal(&validator, &leaf, &[]), (0, Rule::NoIssuer));
    let own = self_signed(own("no flag"));
    assert_eq!(
        refusal(&validator, &own, &[]),
        (0, Rule::SelfSignedNotAllowed)
    );
    let presented = Presented::new(parsed(&with_broken_signature(
        &world.ca.issue(own_client()),
    )))
    .with_certificates([parsed(&world.ca.certificate)]);
    let rejected = validator
        .validate(&presented, now(), &NoFetcher)
        .unwrap_err();
    assert_eq!(
        rejected.error().rule,
        Rule::Signature(SignatureError::Invalid)
    );
}

fn own_client() -> Template {
    Template::client("no flag client")
}

/// F7: where nobody could check the signature of a leaf that bears its issuer's name, that is what
/// is said, and not that it is not trusted: the caller may trust it by pin, or as an anchor.
#[test]
fn a_signature_that_cannot_be_checked_is_told() {
    const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    const ECDSA_WITH_SHA224: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1];
    let world = World::new("unchecked");
    let leaf = self_signed(own("unchecked"));
    // Outside of what is signed, then inside.
    let odd = tampered(&leaf, ECDSA_WITH_SHA256, ECDSA_WITH_SHA224);
    let odd = tampered(&odd, ECDSA_WITH_SHA256, ECDSA_WITH_SHA224);
    let with_pin = |leaf: &Made, types| {
        let builder = below(&[&world.root]).certificate_types(types);
        builder.pins([Pin::certificate(&parsed(leaf))])
    };
    let unknown = || Err(Rule::Algorithm(PolicyError::UnknownAlgorithm));
    for types in [CertificateTypes::All, CertificateTypes::SelfSigned] {
        assert_eq!(accepts(with_pin(&odd, types), &odd), unknown());
    }
    // In the store, or nowhere.
    let store = TrustStore::anchoring_each([parsed(&odd)]);
    assert_eq!(accepts(with_store(store), &odd), unknown());
    assert_eq!(accepts(below(&[&world.root]), &odd), unknown());
    // The policy may allow what the provider does not have.
    let allowed = AlgorithmPolicy::default();
    let allowed = allowed.allow_signature(ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.1"));
    let lax = with_pin(&odd, CertificateTypes::All).algorithms(allowed);
    let unsupported = Rule::Signature(SignatureError::UnsupportedAlgorithm);
    assert_eq!(accepts(lax, &odd), Err(unsupported));
    assert!(unsupported.to_string().contains("cannot be checked"));

    // A pinned one whose signature is wrong is told so too; one that is not pinned is not trusted.
    let forged = with_broken_signature(&leaf);
    let invalid = Rule::Signature(SignatureError::Invalid);
    assert!(invalid.to_string().contains("does not hold"));
    assert_eq!(
        accepts(with_pin(&forged, CertificateTypes::All), &forged),
        Err(invalid)
    );
    assert_eq!(
        accepts(with_pin(&leaf, CertificateTypes::All), &forged),
        Err(Rule::UntrustedRoot)
    );
    // Another key may have signed it, of which this one knows nothing: then that decides.
    let ed25519 =
        Authority::self_signed(Template::ca("unchecked ca").key(Key::ed25519("unchecked")));
    let template = own("self-issued").with_key_identifier();
    let issued = ed25519.issue(template.subject(ed25519.name.clone()));
    let validator = below(&[&ed25519]).certificate_types(CertificateTypes::All);
    let validator = validator.pins([Pin::certificate(&parsed(&issued))]);
    assert_eq!(accepts(validator, &issued), Ok(()));
}
