//! What a rejection says: all that is wrong with the path that came closest, and the other paths
//! that were tried.

use std::error::Error;
use std::fmt::Debug;

use portcullis::authentication::AuthenticatorBuildError;
use portcullis::certificate::{CertificateError, ExtensionKind, Field};
use portcullis::crypto::SignatureError;
use portcullis::der;
use portcullis::path::{NameForm, NameViolation, PolicyViolation};
use portcullis::revocation::crl::{CrlError, CrlField, CrlInputError};
use portcullis::revocation::ocsp::{OcspError, OcspField, ResponderStatus};
use portcullis::revocation::{EvidenceKind, NoFetcher};
use portcullis::{
    BuildError, ChainStatus, InputError, KeyIdMatch, Origin, PeerName, PemError, Presented,
    Progress, Rejected, Rule, TrustAnchor, TrustStore, TrustStoreError, UnknownStatus,
    VerificationFlags, Violation,
};
use portcullis_testkit::der::tlv;
use portcullis_testkit::extensions::{
    CRL_SIGN, Extension, SERVER_AUTH, SUBJECT_ALT_NAME, alt_names, extended_key_usage, key_usage,
    name_constraints, not_a_ca, unknown,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{COMMON_NAME, attribute, common_name, dns, name_of};
use portcullis_testkit::tamper::with_broken_signature;

use crate::support;
use crate::support::{
    Authority, Made, Template, World, below, now, parsed, presented, refusal, rules, time,
    violations,
};

fn client() -> Template {
    Template::client("client")
}

fn rejection(validator: &portcullis::Validator, leaf: &Made, more: &[&Made]) -> Rejected {
    validator
        .validate(&presented(leaf, more), now(), &NoFetcher)
        .unwrap_err()
}

#[test]
fn all_violations_of_the_closest_path_at_once() {
    let world = World::new("all");
    let ca = Template::ca("all ca")
        .with(not_a_ca())
        .with(key_usage(&[CRL_SIGN]))
        .with(name_constraints(&[dns("example.org")], &[]))
        .with(unknown().critical());
    let ca = world.root.issue_ca(ca);
    let leaf = client()
        .valid("20240101000000Z", "20250101000000Z")
        .with(extended_key_usage(&[SERVER_AUTH]))
        .with(alt_names(&[dns("host.example.test")]));
    let leaf = with_broken_signature(&ca.issue(leaf));
    let validator = below(&[&world.root])
        .expect_name(PeerName::dns("other.example.test").unwrap())
        .build()
        .unwrap();
    let rejected = rejection(&validator, &leaf, &[&ca.certificate]);
    let not_after = time("2025-01-01T00:00:00Z");
    let expected = [
        (0, Rule::NameMismatch),
        (0, Rule::WrongUsage),
        (0, Rule::Expired { not_after }),
        (0, Rule::Name(NameViolation::NotPermitted(NameForm::Dns))),
        (0, Rule::Signature(SignatureError::Invalid)),
        (1, Rule::NotACa),
        (1, Rule::MayNotSignCertificates),
    ];
    let found: Vec<(usize, Rule)> = rejected
        .violations()
        .iter()
        .map(|violation| (violation.position, violation.rule))
        .collect();
    for violation in expected {
        assert!(
            found.contains(&violation),
            "{} is not in {found:?}",
            violation.1
        );
    }
    let unknown = |(place, rule): &(usize, Rule)| {
        *place == 1 && matches!(rule, Rule::UnknownCriticalExtension(Some(_)))
    };
    assert!(found.iter().any(unknown));
    assert_eq!(found.len(), expected.len() + 1);
    // Leaf first.
    assert!(found.is_sorted_by_key(|(place, _)| *place));
    // The most fundamental one is the error.
    assert_eq!(
        rejected.error().rule,
        Rule::Signature(SignatureError::Invalid)
    );

    let chain = rejected.chain();
    let status: Vec<ChainStatus> = chain.iter().map(|element| element.status).collect();
    let of_leaf = ChainStatus::NOT_TIME_VALID
        | ChainStatus::NOT_SIGNATURE_VALID
        | ChainStatus::NOT_VALID_FOR_USAGE
        | ChainStatus::HAS_NOT_PERMITTED_NAME_CONSTRAINT;
    let of_ca =
        ChainStatus::INVALID_BASIC_CONSTRAINTS | ChainStatus::HAS_NOT_SUPPORTED_CRITICAL_EXTENSION;
    assert_eq!(status, [of_leaf, of_ca, ChainStatus::empty()]);
    let origins: Vec<Origin> = chain.iter().map(|element| element.origin).collect();
    assert_eq!(origins, [Origin::Leaf, Origin::Presented, Origin::Anchor]);
    let hints: Vec<KeyIdMatch> = chain.iter().map(|element| element.key_id).collect();
    let same = KeyIdMatch::Same;
    assert_eq!(hints, [KeyIdMatch::Unknown, same, same]);
}

#[test]
fn a_leaf_that_fails_by_itself_is_shown_with_its_chain() {
    let world = World::new("by itself");
    let leaf = client()
        .valid("20240101000000Z", "20250101000000Z")
        .with(extended_key_usage(&[SERVER_AUTH]));
    let leaf = world.ca.issue(leaf);
    let validator = below(&[&world.root])
        .expect_name(PeerName::dns("host.example.test").unwrap())
        .build()
        .unwrap();
    let rejected = rejection(&validator, &leaf, &[&world.ca.certificate]);
    let not_after = time("2025-01-01T00:00:00Z");
    let rules: Vec<Rule> = rejected
        .violations()
        .iter()
        .map(|violation| violation.rule)
        .collect();
    let expected = [
        Rule::NameMismatch,
        Rule::WrongUsage,
        Rule::Expired { not_after },
    ];
    assert_eq!(rules, expected);
    assert_eq!(rejected.error().rule, Rule::WrongUsage);
    assert_eq!(rejected.chain().len(), 3);
    assert!(rejected.chain()[2].anchor.is_some());
}

#[test]
fn the_closest_path_is_shown() {
    let world = World::new("closest");
    let stranger = Authority::root("closest stranger");
    let crossed = stranger.cross_sign("closest crossed", &world.ca);
    let old = Template::ca("closest old")
        .subject(world.ca.name.clone())
        .key(world.ca.key.clone())
        .valid("20200101000000Z", "20210101000000Z");
    let old = world.root.issue(old);
    let leaf = world.ca.issue(client());
    let validator = world.validator();
    // Of a certificate that leads nowhere and one that is expired the second tells more.
    let not_after = time("2021-01-01T00:00:00Z");
    for more in [[&crossed, &old], [&old, &crossed]] {
        assert_eq!(
            refusal(&validator, &leaf, &more),
            (1, Rule::Expired { not_after })
        );
        let rejected = rejection(&validator, &leaf, &more);
        assert_eq!(rejected.chain().len(), 3);
        assert_eq!(rejected.tried().len(), 2);
    }
    // Of one that only looks like the issuer and one that is, the second.
    let impostor = Template::ca("closest impostor").subject(world.ca.name.clone());
    let impostor = Authority::self_signed(impostor);
    let hint = impostor.key.identifier();
    let leaf = world.ca.issue(client().key_hint(hint));
    let found = violations(&validator, &leaf, &[&impostor.certificate, &old]);
    assert_eq!(found, [(1, Rule::Expired { not_after })]);
}

/// The usual path is walked before there is a search: should a signature on it not hold, it is told
/// among the tried ones, as a validation step by step tells it.
#[test]
fn a_path_that_fell_for_a_signature_was_tried() {
    let world = World::new("signature");
    let leaf = world.ca.issue(client());
    let ca = &world.ca.certificate;
    let cases = [
        (0, with_broken_signature(&leaf), ca.clone()),
        (1, leaf.clone(), with_broken_signature(ca)),
    ];
    let validator = world.validator();
    for (position, leaf, ca) in cases {
        let presented = presented(&leaf, &[&ca]);
        let walked = rejection(&validator, &leaf, &[&ca]);
        let Progress::Done(stepped) = validator.begin(&presented, now()).advance() else {
            panic!("nobody asked about revocation");
        };
        for rejected in [walked, stepped.unwrap_err()] {
            let [tried] = rejected.tried() else {
                panic!("{:?}", rejected.tried());
            };
            let rule = Rule::Signature(SignatureError::Invalid);
            assert_eq!(tried.violation, Violation { position, rule });
            assert_eq!(tried.certificates, [parsed(&leaf), parsed(&ca)]);
            assert!(tried.anchor.is_some());
        }
    }
}

#[test]
fn at_most_sixteen_tried_paths_are_kept_and_the_rest_is_counted() {
    let world = World::new("tried");
    let template = |n: usize| {
        Template::ca(&format!("tried {n}"))
            .subject(common_name("tried ca"))
            .with(not_a_ca())
    };
    let leaf = Authority::root("tried stranger");
    let leaf = Authority {
        name: common_name("tried ca"),
        ..leaf
    };
    let leaf = leaf.issue(client().without_key_identifiers());
    for count in [1, 16, 17, 50] {
        let pool: Vec<Made> = (0..count).map(|n| world.root.issue(template(n))).collect();
        let more: Vec<&Made> = pool.iter().collect();
        let rejected = rejection(&world.validator(), &leaf, &more);
        assert_eq!(rejected.tried().len(), count.min(16));
        assert_eq!(rejected.more_tried(), count.saturating_sub(16));
        for tried in rejected.tried() {
            assert_eq!(tried.violation.rule, Rule::NotACa);
            assert_eq!(tried.certificates[0], parsed(&leaf));
            assert_eq!(tried.certificates.len(), 2);
        }
    }
    // The one that came closest is kept, wherever it stands.
    let expired = Template::ca("tried expired")
        .subject(common_name("tried ca"))
        .valid("20200101000000Z", "20210101000000Z");
    let expired = world.root.issue(expired);
    let pool: Vec<Made> = (0..30).map(|n| world.root.issue(template(n))).collect();
    let mut more: Vec<&Made> = pool.iter().collect();
    more.push(&expired);
    let rejected = rejection(&world.validator(), &leaf, &more);
    let is_expired = |rule: Rule| matches!(rule, Rule::Expired { .. });
    let mut tried = rejected.tried().iter();
    assert!(tried.any(|tried| is_expired(tried.violation.rule)));
    assert_eq!(rejected.tried().len() + rejected.more_tried(), 31);
}

#[test]
fn what_is_forgiven_stays_visible() {
    let world = World::new("forgiven");
    let leaf = client()
        .valid("20240101000000Z", "20250101000000Z")
        .with(extended_key_usage(&[SERVER_AUTH]));
    let leaf = world.ca.issue(leaf);
    let flags = VerificationFlags::IGNORE_NOT_TIME_VALID | VerificationFlags::IGNORE_WRONG_USAGE;
    let validator = below(&[&world.root]).verification_flags(flags);
    let validator = validator.build().unwrap();
    let accepted = support::decide(&validator, &leaf, &[&world.ca.certificate]).unwrap();
    let status: Vec<ChainStatus> = accepted.chain().iter().map(|e| e.status).collect();
    let forgiven = ChainStatus::NOT_TIME_VALID | ChainStatus::NOT_VALID_FOR_USAGE;
    let none = ChainStatus::empty();
    assert_eq!(status, [forgiven, none, none]);
    assert_eq!(accepted.not_after(), time("2025-01-01T00:00:00Z"));

    // One flag of the two: what is forgiven is told beside what is not, and is not the error.
    let one = VerificationFlags::IGNORE_WRONG_USAGE;
    let validator = below(&[&world.root]).verification_flags(one);
    let rejected = rejection(&validator.build().unwrap(), &leaf, &[&world.ca.certificate]);
    assert!(matches!(rejected.error().rule, Rule::Expired { .. }));
    assert_eq!(rejected.violations().len(), 2);
    assert_eq!(rejected.chain()[0].status, forgiven);
}

#[test]
fn each_flag_forgives_its_statuses() {
    let world = World::new("flags");
    let broken = |flags: VerificationFlags, leaf: &Made, more: &[&Made]| {
        let validator = below(&[&world.root]).dangerously_forgive(flags).build();
        support::decide(&validator.unwrap(), leaf, more).map_err(|violation| violation.rule)
    };
    let expired = world
        .ca
        .issue(client().valid("20240101000000Z", "20250101000000Z"));
    let no_ca = world
        .root
        .issue_ca(Template::ca("flags none").with(not_a_ca()));
    let by_no_ca = no_ca.issue(client());
    let servers = world
        .ca
        .issue(client().with(extended_key_usage(&[SERVER_AUTH])));
    let named = Template::ca("flags named").with(name_constraints(&[dns("example.org")], &[]));
    let named = world.root.issue_ca(named);
    let outside = named.issue(client().with(alt_names(&[dns("host.example.test")])));
    let forged = with_broken_signature(&world.ca.issue(client()));
    let critical = world.ca.issue(client().with(unknown().critical()));
    let all = [
        VerificationFlags::IGNORE_NOT_TIME_VALID,
        VerificationFlags::IGNORE_INVALID_BASIC_CONSTRAINTS,
        VerificationFlags::IGNORE_WRONG_USAGE,
        VerificationFlags::IGNORE_INVALID_NAME,
    ];
    let cases = [
        (&expired, &world.ca, Some(all[0])),
        (&by_no_ca, &no_ca, Some(all[1])),
        (&servers, &world.ca, Some(all[2])),
        (&outside, &named, Some(all[3])),
        (&forged, &world.ca, None),
        (&critical, &world.ca, None),
    ];
    for (leaf, issuer, forgiving) in cases {
        let more = [&issuer.certificate];
        assert!(broken(VerificationFlags::empty(), leaf, &more).is_err());
        for flag in all {
            let verdict = broken(flag, leaf, &more);
            assert_eq!(
                verdict.is_ok(),
                forgiving == Some(flag),
                "{flag}: {verdict:?}"
            );
        }
        let verdict = broken(VerificationFlags::ALL_FLAGS, leaf, &more);
        assert_eq!(verdict.is_ok(), forgiving.is_some(), "{verdict:?}");
    }
}

/// Whoever writes a certificate does not write the log.
#[test]
fn texts_are_bounded_and_harmless_whatever_the_names() {
    let hostile = [
        "x".repeat(60_000),
        "\r\n2026-01-01 accepted: root\r\n".into(),
        "\u{1b}[2J\u{1b}[31m\u{7}".into(),
        "\u{202e}\u{2066}\u{200b}nimda".into(),
        "\0\u{1}\u{7f}\u{85}".into(),
    ];
    let names = hostile.iter().map(|text| {
        let value = tlv(0x0c, text.as_bytes());
        name_of(vec![vec![attribute(COMMON_NAME, value)]])
    });
    for name in names {
        let world = World::new("hostile");
        let ca = world.root.issue_ca(
            Template::ca("hostile ca")
                .subject(name.clone())
                .with(not_a_ca()),
        );
        let leaf = ca.issue(client().subject(name));
        let rejected = rejection(&world.validator(), &leaf, &[&ca.certificate]);
        let mut texts = vec![
            rejected.to_string(),
            format!("{:?}", rejected.chain()[0].certificate),
        ];
        texts.extend(rejected.violations().iter().map(Violation::to_string));
        for text in texts {
            assert!(text.len() < 1_500, "{} octets", text.len());
            assert!(!text.contains(char::is_control), "{text:?}");
        }
    }
}

#[test]
fn a_rejection_names_the_certificate_and_the_section_once() {
    let world = World::new("sections");
    let leaf = world
        .ca
        .issue(client().with(extended_key_usage(&[SERVER_AUTH])));
    let rejected = rejection(&world.validator(), &leaf, &[&world.ca.certificate]);
    let text = rejected.to_string();
    assert!(text.contains("RFC 5280 section 4.2.1.12"), "{text}");
    assert!(text.contains("CN=client"), "{text}");
    // The violation is part of the text: whoever prints an error and its sources should not read it
    // twice.
    assert!(rejected.source().is_none());
}

/// A root was renewed under its old name, and the store has the old one. The new one is what it is,
/// a root that is not trusted: nothing is wrong with its signature, and nothing with those below
/// it.
#[test]
fn a_root_with_the_name_of_an_anchor() {
    for (label, identifiers) in [("identified", true), ("unidentified", false)] {
        let template = |template: Template| match identifiers {
            true => template,
            false => template.without_key_identifiers(),
        };
        let root = |key: &str| {
            let key = Key::p256(&format!("{label} {key}"));
            Authority::self_signed(template(Template::ca("renewed root").key(key)))
        };
        let (old, new) = (root("old"), root("new"));
        let ca = new.issue_ca(template(Template::ca("renewed ca")));
        let leaf = ca.issue(template(client()));
        let validator = below(&[&old]).build().unwrap();
        let whole = [&ca.certificate, &new.certificate];
        let expected = [(2, Rule::UntrustedRoot)];
        assert_eq!(violations(&validator, &leaf, &whole), expected, "{label}");
        // Where nobody shows the new one, the old one is all that is known.
        let (position, rule) = refusal(&validator, &leaf, &whole[..1]);
        assert_eq!(position, 1, "{label}");
        assert_eq!(matches!(rule, Rule::NoIssuer), identifiers, "{rule}");
    }
}

/// A path that fell for a signature says so, whoever found that out and when.
#[test]
fn a_tried_path_names_the_signature_that_does_not_hold() {
    let world = World::new("tried signature");
    let leaf = world.ca.issue(client());
    let ca = &world.ca.certificate;
    let (broken_leaf, broken_ca) = (with_broken_signature(&leaf), with_broken_signature(ca));
    let validator = world.validator();
    let invalid = Rule::Signature(SignatureError::Invalid);
    for (position, leaf, more) in [
        (0, &broken_leaf, vec![ca]),
        (0, &broken_leaf, vec![ca, &world.root.certificate]),
        (1, &leaf, vec![&broken_ca]),
        (1, &leaf, vec![&broken_ca, &world.root.certificate]),
    ] {
        let rejected = rejection(&validator, leaf, &more);
        let rule = invalid;
        assert_eq!(*rejected.error(), Violation { position, rule });
        let tried = rejected.tried().iter().map(|tried| tried.violation);
        assert!(tried.eq([Violation { position, rule }]), "{rejected:?}");
    }
}

/// Numbers go into logs, metrics and records: they never change.
#[test]
fn numbers_of_rules_are_stable() {
    let numbers: Vec<u16> = rules().iter().map(Rule::number).collect();
    let expected: Vec<u16> = (1..=28).chain(30..=34).collect();
    assert_eq!(numbers, expected);
    let mut named = Rule::NUMBERS.to_vec();
    named.sort_by_key(|(_, number)| *number);
    let expected = [
        ("Malformed", 1),
        ("InvalidExtension", 2),
        ("UnknownCriticalExtension", 3),
        ("NotYetValid", 4),
        ("Expired", 5),
        ("NotACa", 6),
        ("PathTooLong", 7),
        ("MayNotSignCertificates", 8),
        ("KeyUsageMissing", 9),
        ("WrongUsage", 10),
        ("NoExtendedKeyUsage", 11),
        ("NameMismatch", 12),
        ("Name", 13),
        ("Policy", 14),
        ("Algorithm", 15),
        ("IssuerKey", 16),
        ("Signature", 17),
        ("IssuerRequirement", 18),
        ("NoIssuer", 19),
        ("UntrustedRoot", 20),
        ("TooDeep", 21),
        ("AnchorExpired", 22),
        ("AnchorPurpose", 23),
        ("SelfSignedNotAllowed", 24),
        ("SelfSignedNotPinned", 25),
        ("ChainedNotAllowed", 26),
        ("Exhausted", 27),
        ("Circle", 28),
        ("Revoked", 29),
        ("RevocationUnknown", 30),
        ("StapleMissing", 31),
        ("UnknownPolicyQualifier", 32),
        ("TlsFeatureMissing", 33),
        ("KeyUsageAgainstPurpose", 34),
    ];
    assert_eq!(named, expected);
    for rule in rules() {
        let known = Rule::NUMBERS
            .iter()
            .find(|(_, number)| *number == rule.number());
        assert!(
            format!("{rule:?}").starts_with(known.unwrap().0),
            "{rule:?}"
        );
    }
}

/// The same for the enums beside it, whose numbers are their places in this list.
#[test]
fn numbers_of_fields_and_reasons_are_stable() {
    let names = |all: &[&dyn Debug]| -> String {
        let names: Vec<String> = all.iter().map(|one| format!("{one:?}")).collect();
        names.join(" ")
    };
    macro_rules! hold {
        ($($Name:ident, $numbers:expr, $names:literal;)+) => {$(
            let numbers = $Name::ALL.iter().map(|one| u16::from(one.number()));
            assert!(numbers.eq($numbers), stringify!($Name));
            let all: Vec<&dyn Debug> = $Name::ALL.iter().map(|one| one as &dyn Debug).collect();
            assert_eq!(names(&all), $names);
            for one in $Name::ALL {
                assert_eq!($Name::from_number(one.number()), Some(*one));
            }
        )+};
    }
    hold! {
        Field, 1..=11, "Frame Version SerialNumber SignatureAlgorithm Issuer Validity Subject SubjectPublicKeyInfo UniqueIdentifier Extensions SignatureValue";
        CrlField, 1..=20, "Frame Version SignatureAlgorithm SignatureValue Issuer ThisUpdate NextUpdate RevokedCertificates Extensions AuthorityKeyIdentifier IssuerAltName CrlNumber DeltaCrlIndicator IssuingDistributionPoint FreshestCrl AuthorityInfoAccess EntryExtensions ReasonCode InvalidityDate CertificateIssuer";
        OcspField, 1..=16, "Frame ResponseStatus ResponseType Version ResponderId ProducedAt SingleResponse CertId CertStatus ThisUpdate NextUpdate SingleExtensions ResponseExtensions SignatureAlgorithm Signature Certificates";
        ResponderStatus, [1, 2, 3, 5, 6], "MalformedRequest InternalError TryLater SigRequired Unauthorized";
        UnknownStatus, 0..=9, "PathFell IssuerRevoked NoSource NotFetched Unreachable Malformed NotAuthoritative Partial UnknownToResponder Stale";
        PolicyViolation, 0..=3, "DuplicatePolicy MappedAnyPolicy NoValidPolicy NoAcceptablePolicy";
        NameForm, 0..=9, "Directory Dns Rfc822 Uri Ip Upn OtherName X400 EdiParty RegisteredId";
        Origin, 0..=5, "Leaf Presented Additional Store Anchor Fetched";
        EvidenceKind, 0..=4, "Crl Ocsp StatusSource NoRevAvail ShortLife";
    }
}

/// An error's text is whole, so that a log needs no more than its line; what is underneath is at
/// hand as a value, and its text is part of that line.
#[test]
fn errors_are_complete_and_have_their_source() {
    fn sources<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
        let all: Vec<_> = std::iter::successors(Some(error), |&error| error.source()).collect();
        for pair in all.windows(2) {
            let (text, source) = (pair[0].to_string(), pair[1].to_string());
            assert!(text.contains(&source), "{text:?} has not {source:?}");
        }
        all
    }
    let der = der::Error {
        kind: der::ErrorKind::BadValue,
        offset: 7,
    };
    let pem = "-----BEGIN CERTIFICATE-----\nMAMBAgM=\n-----END CERTIFICATE-----";
    let error = TrustStore::from_pem(pem.as_bytes()).unwrap_err();
    let found = sources(&error);
    assert!(found[0].is::<TrustStoreError>() && found[1].is::<InputError>());
    assert!(found[2].is::<CertificateError>() && found[3].is::<der::Error>());
    let unterminated = TrustStore::from_pem(b"-----BEGIN CERTIFICATE-----").unwrap_err();
    assert!(sources(&unterminated)[2].is::<PemError>());
    let anchor = TrustAnchor::from_name_and_key(b"", b"").unwrap_err();
    assert!(sources(&anchor)[1].is::<der::Error>());
    let (field, index) = (OcspField::CertId, 2);
    assert!(sources(&OcspError::Encoding { field, error: der })[1].is::<der::Error>());
    let crl = CrlError::Encoding {
        field: CrlField::Issuer,
        error: der,
    };
    assert_eq!(sources(&CrlInputError::Crl { index, error: crl }).len(), 3);

    // A rule that holds an error has it underneath.
    let with_source = rules().into_iter().filter(|rule| {
        let violation = Violation {
            position: 1,
            rule: *rule,
        };
        sources(&violation).len() > 1
    });
    let numbers: Vec<u16> = with_source.map(|rule| rule.number()).collect();
    assert_eq!(numbers, [1, 2, 13, 14, 15, 16, 17, 27]);

    let invalid = AuthenticatorBuildError::from(BuildError::NoPins);
    assert!(sources(&invalid)[1].is::<BuildError>());
}

#[test]
fn each_rule_has_a_text_with_its_section() {
    for rule in rules() {
        let text = rule.to_string();
        assert!(text.contains(rule.section()), "{text}");
        assert!(rule.section().len() > 5, "{text}");
        assert!(text.len() < 300, "{text}");
        let violation = Violation { position: 3, rule };
        assert!(
            violation
                .to_string()
                .starts_with("issuer 3 above the leaf: ")
        );
        let violation = Violation { position: 0, rule };
        assert!(violation.to_string().starts_with("leaf: "));
    }
}

#[test]
fn statuses_of_rules_are_dotnets() {
    let silent = [
        Rule::NameMismatch,
        Rule::SelfSignedNotAllowed,
        Rule::ChainedNotAllowed,
    ];
    for rule in rules() {
        assert_eq!(rule.status().is_empty(), silent.contains(&rule), "{rule}");
    }
}

/// A leaf that is no certificate is refused before there is anything to report on.
#[test]
fn a_leaf_that_does_not_parse() {
    let error = Presented::from_der([[0x30, 0x03, 1, 2, 3]]).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("RFC 5280 section 4.1"), "{text}");
    assert!(text.contains("certificate 0"), "{text}");
}

#[test]
fn violations_say_where_in_the_certificate() {
    let world = World::new("where");
    let broken = Extension::new(SUBJECT_ALT_NAME, vec![0x30, 2, 0x82, 5]);
    let leaf = world.ca.issue(client().with(broken));
    let rejected = rejection(&world.validator(), &leaf, &[&world.ca.certificate]);
    let Rule::InvalidExtension { extension, error } = rejected.error().rule else {
        panic!("{rejected}");
    };
    assert_eq!(extension, ExtensionKind::SubjectAltName);
    let place = error.offset as usize;
    let here = leaf
        .der
        .windows(4)
        .position(|octets| octets == [0x30, 2, 0x82, 5]);
    let here = here.unwrap();
    assert!(
        (here..here + 4).contains(&place),
        "{place} is not at {here}"
    );
}
