//! Tests of findings by their ids in `docs/FINDINGS.md`. Those that belong to another file are
//! there.

use portcullis::certificate::CertificateError;
use portcullis::path::{IssuerRequirement, NameForm, NameViolation};
use portcullis::revocation::NoFetcher;
use portcullis::{
    Accepted, BuildError, PeerName, Presented, Profile, Purpose, Rule, ValidatorBuilder, Violation,
};
use portcullis_testkit::extensions::{
    CLIENT_AUTH, EXTENDED_KEY_USAGE, Extension, KEY_USAGE, SERVER_AUTH, alt_names,
    extended_key_usage, key_usage, name_constraints,
};
use portcullis_testkit::keys::{Hash, Key, Scheme};
use portcullis_testkit::names::dns;
use portcullis_testkit::tamper::with_broken_signature;

use crate::support::{
    Authority, Template, World, below, decide, now, parsed, presented, refused, verdict,
};

fn client() -> Template {
    Template::client("client")
}

/// The verdict about a leaf below this authority, under a profile.
fn under(
    profile: Profile,
    root: &Authority,
    ca: &Authority,
    leaf: Template,
) -> Result<Accepted, Violation> {
    let validator = below(&[root]).profile(profile).build().unwrap();
    decide(&validator, &ca.issue(leaf), &[&ca.certificate])
}

/// F1: a dNSName that is no host name, in a leaf, a CA or an anchor.
#[test]
fn dns_names_that_name_no_host() {
    for text in ["Root CA", "a:443", "a,b", "Server ECDSA cert", " "] {
        let names = || alt_names(&[dns(text)]);
        let root = Authority::self_signed(Template::ca("f1 root").with(names()));
        let ca = root.issue_ca(Template::ca("f1 ca").with(names()));
        let leaf = || client().with(names());
        assert!(
            under(Profile::Default, &root, &ca, leaf()).is_ok(),
            "{text}"
        );

        // It matches nobody.
        let validator = below(&[&root]).build().unwrap();
        let leaf = presented(&ca.issue(leaf()), &[&ca.certificate]);
        let leaf = leaf.expecting(PeerName::dns("a").unwrap());
        let rejected = validator.validate(&leaf, now(), &NoFetcher).unwrap_err();
        assert_eq!(rejected.error().rule, Rule::NameMismatch, "{text}");

        // Strict profiles refuse it, wherever it stands.
        let syntax = Rule::IssuerRequirement(IssuerRequirement::DnsNameSyntax);
        let ordinary = World::new("f1 strict");
        let of_leaf = under(
            Profile::Rfc5280,
            &ordinary.root,
            &ordinary.ca,
            client().with(names()),
        );
        assert_eq!(refused(of_leaf), (0, syntax), "{text}");
        let of_root = root.issue_ca(Template::ca("f1 plain ca"));
        let of_root = under(Profile::Rfc5280, &root, &of_root, client());
        assert_eq!(refused(of_root), (2, syntax), "{text}");
    }
}

/// F1: a constraint that meets it cannot tell what it names, and refuses it.
#[test]
fn constraints_refuse_dns_names_that_name_no_host() {
    let world = World::new("f1 constraints");
    let (inside, outside) = ([dns("example.test")], [dns("example.org")]);
    for constraints in [
        name_constraints(&inside, &[]),
        name_constraints(&[], &outside),
    ] {
        let ca = Template::ca("f1 constrained").with(constraints);
        let ca = world.root.issue_ca(ca);
        let leaf = client().with(alt_names(&[dns("Root CA")]));
        let verdict = under(Profile::Default, &world.root, &ca, leaf);
        let invalid = Rule::Name(NameViolation::Invalid(NameForm::Dns));
        assert_eq!(refused(verdict), (0, invalid));
    }
}

/// F3: where a leaf has both, keyUsage and extended key usage must both allow the purpose.
#[test]
fn key_usage_and_extended_key_usage_both_allow_the_purpose() {
    const DIGITAL_SIGNATURE: u8 = 0;
    const NON_REPUDIATION: u8 = 1;
    const KEY_ENCIPHERMENT: u8 = 2;
    const KEY_AGREEMENT: u8 = 4;
    const CRL_SIGN: u8 = 6;
    let world = World::new("f3");
    let ask = |bits: &[u8], purpose: Purpose, change: fn(ValidatorBuilder) -> ValidatorBuilder| {
        let leaf = client()
            .with(key_usage(bits))
            .with(extended_key_usage(&[CLIENT_AUTH, SERVER_AUTH]));
        let builder = change(below(&[&world.root]).purpose(purpose));
        let validator = builder.build().unwrap();
        let verdict = decide(&validator, &world.ca.issue(leaf), &[&world.ca.certificate]);
        verdict
            .map(drop)
            .map_err(|violation| (violation.position, violation.rule))
    };
    let strict = |bits: &[u8], purpose| ask(bits, purpose, |builder| builder);
    let refused = Err((0, Rule::KeyUsageAgainstPurpose));
    for (bits, of_client, of_server) in [
        (&[DIGITAL_SIGNATURE][..], Ok(()), Ok(())),
        (&[KEY_AGREEMENT], Ok(()), Ok(())),
        (&[KEY_ENCIPHERMENT], refused, Ok(())),
        (&[NON_REPUDIATION], refused, refused),
        (&[CRL_SIGN], refused, refused),
        (&[CRL_SIGN, DIGITAL_SIGNATURE], Ok(()), Ok(())),
    ] {
        assert_eq!(strict(bits, Purpose::ClientAuth), of_client, "{bits:?}");
        assert_eq!(strict(bits, Purpose::ServerAuth), of_server, "{bits:?}");
    }
    // Who asks for nothing, or wants it as .NET has it.
    assert_eq!(strict(&[CRL_SIGN], Purpose::Any), Ok(()));
    let dotnet = |builder: ValidatorBuilder| builder.dotnet_compatible(true);
    assert_eq!(ask(&[CRL_SIGN], Purpose::ClientAuth, dotnet), Ok(()));

    // With one of the two alone there is nothing to agree with.
    for missing in [KEY_USAGE, EXTENDED_KEY_USAGE] {
        let leaf = client().with(key_usage(&[CRL_SIGN])).without(missing);
        assert!(world.client(leaf).is_ok(), "{missing}");
    }
}

/// F8: `critical FALSE`, written out, has one meaning.
#[test]
fn critical_false_is_read_by_default_only() {
    const UNKNOWN: &str = "1.2.3.4.5";
    let world = World::new("f8");
    let said = |kind| Extension::new(kind, vec![5, 0]).saying_not_critical();
    let usage = || extended_key_usage(&[CLIENT_AUTH]).saying_not_critical();
    let leaves = [client().with(said(UNKNOWN)), client().with(usage())];
    for leaf in leaves {
        let made = world.ca.issue(leaf.clone());
        assert!(parsed(&made).has_explicit_not_critical());
        let (root, ca) = (&world.root, &world.ca);
        assert!(verdict(&[root], &made, &[&ca.certificate]).is_ok());
        let not_der = Rule::IssuerRequirement(IssuerRequirement::DistinguishedValues);
        let strict = under(Profile::Rfc5280, root, ca, leaf);
        assert_eq!(refused(strict), (0, not_der));
    }
    // It counts once: as not critical, and as there.
    let twice = client().with(usage()).with(said(UNKNOWN));
    assert!(world.client(twice).is_ok());
    assert!(
        world
            .below(Template::ca("f8 ca").with(said(UNKNOWN)))
            .is_ok()
    );
}

/// P5: all of no purposes would ask nothing, and look as if it asked something.
#[test]
fn all_of_no_purposes_is_an_error() {
    let world = World::new("p5");
    let built = below(&[&world.root])
        .purpose(Purpose::All(Vec::new()))
        .build();
    assert_eq!(built.unwrap_err(), BuildError::NoPurpose);
}

/// F7: NULL for the parameters of an ECDSA signature, as old Java wrote it, is read by default, on
/// leaf, CA and each curve, and refused by strict profiles. The signature must hold as ever.
#[test]
fn null_parameters_of_ecdsa_are_read_by_default_only() {
    type Make = fn(&str) -> Key;
    for (key, hash) in [
        (Key::p256 as Make, Hash::Sha256),
        (Key::p384, Hash::Sha384),
        (Key::p521, Hash::Sha512),
    ] {
        let with_null = |template: Template| template.scheme(Scheme::EcdsaWithNull(hash));
        let root = Authority::self_signed(with_null(Template::ca("f7 root").key(key("f7 root"))));
        let ca = || Template::ca("f7 ca").key(key("f7 ca"));
        let (plain, odd) = (root.issue_ca(ca()), root.issue_ca(with_null(ca())));
        let not_read = Rule::IssuerRequirement(IssuerRequirement::EcdsaWithoutParameters);
        for (ca, leaf, place) in [(&plain, with_null(client()), 0), (&odd, client(), 1)] {
            let of = |profile| under(profile, &root, ca, leaf.clone());
            assert!(of(Profile::Default).is_ok());
            assert_eq!(refused(of(Profile::Rfc5280)), (place, not_read));
            let dotnet = below(&[&root]).dotnet_compatible(true).build().unwrap();
            let made = ca.issue(leaf.clone());
            assert!(decide(&dotnet, &made, &[&ca.certificate]).is_ok());
            let changed = with_broken_signature(&made);
            let verdict = verdict(&[&root], &changed, &[&ca.certificate]);
            let (position, rule) = refused(verdict);
            assert!(
                matches!((position, rule), (0, Rule::Signature(_))),
                "{rule}"
            );
        }
        // Of the anchor nobody asks.
        assert!(under(Profile::Rfc5280, &root, &plain, client()).is_ok());
    }
}

/// F7: a rejection for want of an issuer says which of the presented certificates could not be
/// read, and why.
#[test]
fn presented_certificates_that_cannot_be_read_are_told() {
    let world = World::new("f7 unreadable");
    let leaf = world.ca.issue(client()).der;
    let genuine = &world.ca.certificate.der;
    // Of the real issuer, but with one algorithm outside and another one inside.
    let odd = Template::ca("f7 unreadable ca").inner_scheme(Scheme::Ecdsa(Hash::Sha384));
    let odd = world.root.issue(odd).der;
    let decide = |chain: &[&[u8]]| {
        let presented = Presented::from_der(chain).unwrap();
        world.validator().validate(&presented, now(), &NoFetcher)
    };
    let rejected = decide(&[&leaf, &odd]).unwrap_err();
    assert_eq!(rejected.error().rule, Rule::NoIssuer);
    assert_eq!(
        rejected.unreadable(),
        [(1, CertificateError::AlgorithmMismatch)]
    );
    let text = rejected.to_string();
    assert!(
        text.contains("no certificate of its issuer was found"),
        "{text}"
    );
    assert!(
        text.contains("presented certificate 1 could not be read"),
        "{text}"
    );
    assert!(text.contains("RFC 5280 section 4.1.1.2"), "{text}");

    // Where nothing is missing nobody is refused for it, and nothing else is blamed on it.
    assert!(decide(&[&leaf, &odd, genuine]).is_ok());
    assert!(decide(&[&leaf, genuine, &odd]).is_ok());
    let expired = client().valid("20240101000000Z", "20250101000000Z");
    let expired = decide(&[&world.ca.issue(expired).der, &odd, genuine]).unwrap_err();
    assert!(matches!(expired.error().rule, Rule::Expired { .. }));
    assert_eq!(expired.unreadable().len(), 1);
    assert!(!expired.to_string().contains("could not be read"));

    // However many there are, what is kept and what is said of them is bounded.
    let mut many = vec![&leaf[..]];
    many.resize(5_000, &[0x30]);
    let rejected = decide(&many).unwrap_err();
    assert_eq!(rejected.unreadable().len(), 16);
    let text = rejected.to_string();
    assert!(
        text.contains("nor could others") && text.len() < 1_000,
        "{text}"
    );
    assert!(decide(&[many, vec![genuine]].concat()).is_ok());
}
