//! Mistakes that shipped in certificate validators, each tried with whole validations. A test is
//! named after the identifier of the mistake.

use std::time::{Duration, Instant};

use portcullis::certificate::{CertificateError, ExtensionKind, Field};
use portcullis::crypto::{HashAlgorithm, KeyError, PolicyError, SignatureError};
use portcullis::path::{Exhausted, NameForm, NameViolation, PolicyViolation};
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{
    AlgorithmPolicy, Certificate, InitialPolicies, InputError, ObjectIdentifier, PeerName,
    PemError, PolicyInputs, Presented, Purpose, Rule, TrustAnchor, TrustMode, TrustStore,
    TrustStoreError, Validator, Violation,
};
use portcullis_testkit::der::{
    bit_string, null, octet_string, oid, primitive, sequence, small, tlv, unsigned,
};
use portcullis_testkit::extensions::{
    ANY_POLICY, BASIC_CONSTRAINTS, CERTIFICATE_POLICIES, Extension, KEY_USAGE, NAME_CONSTRAINTS,
    POLICY_MAPPINGS, SUBJECT_ALT_NAME, UNKNOWN, alt_names, basic_constraints, certificate_policies,
    extended_key_usage, key_usage, name_constraints, not_a_ca, require_explicit_policy,
};
use portcullis_testkit::keys::{Hash, Key, Scheme};
use portcullis_testkit::names::{self, common_name, dns, email, registered_id, uri};
use portcullis_testkit::tamper::{tampered, with_broken_signature, with_signature};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, PrivateKey};

use crate::support;
use crate::support::{
    Authority, Counting, Made, Template, World, below, now, parsed, presented, refusal, refused,
    verdict, violations,
};

fn client() -> Template {
    Template::client("client")
}

/// The verdict about a client with these names below an authority with these constraints.
fn constrained(
    permitted: &[Vec<u8>],
    excluded: &[Vec<u8>],
    names: &[Vec<u8>],
) -> Result<portcullis::Accepted, Violation> {
    let world = World::new("constrained");
    let ca = Template::ca("constrained ca").with(name_constraints(permitted, excluded));
    let ca = world.root.issue_ca(ca);
    let leaf = ca.issue(client().with(alt_names(names)));
    verdict(&[&world.root], &leaf, &[&ca.certificate])
}

/// The rule about names that such a client breaks.
fn name_violation(
    permitted: &[Vec<u8>],
    excluded: &[Vec<u8>],
    names: &[Vec<u8>],
) -> Option<NameViolation> {
    match constrained(permitted, excluded, names) {
        Ok(_) => None,
        Err(Violation {
            position: 0,
            rule: Rule::Name(violation),
        }) => Some(violation),
        Err(other) => panic!("{other}"),
    }
}

/// webpki and Go built paths without counting signatures: now one budget holds for all candidate
/// paths together.
#[test]
fn rustsec_2023_0052_rustsec_2023_0053_go_cve_2018_16875_one_budget_of_signatures() {
    let root = Authority::root("budget root");
    let impostor = Authority::self_signed(
        Template::ca("budget impostor")
            .subject(root.name.clone())
            .without_key_identifiers(),
    );
    let bare = |n: usize| {
        Template::ca(&format!("budget {n}"))
            .subject(common_name("budget ca"))
            .without_key_identifiers()
    };
    let pool: Vec<Made> = (0..120).map(|n| impostor.issue(bare(n))).collect();
    let stranger = Authority::self_signed(bare(1000));
    let leaf = stranger.issue(client().without_key_identifiers());
    let counting = Counting::new();
    let validator = below(&[&root]).provider(counting.provider());
    let validator = validator.build().unwrap();
    let more: Vec<&Made> = pool.iter().collect();
    let (_, rule) = refusal(&validator, &leaf, &more);
    assert_eq!(rule, Rule::Exhausted(Exhausted::Signatures));
    assert_eq!(counting.checks(), 100);
}

/// A constraint on a form of names that is not implemented must not be passed over where such a
/// name is present.
#[test]
fn rustsec_2026_0098_cve_2026_5263_talos_2026_2410_forms_that_are_not_implemented() {
    let one = || vec![registered_id("1.3.6.1.4.1.32473.1")];
    let other = || vec![registered_id("1.3.6.1.4.1.32473.2")];
    let unsupported = Some(NameViolation::NotSupported(NameForm::RegisteredId));
    assert_eq!(name_violation(&one(), &[], &one()), unsupported);
    assert_eq!(name_violation(&one(), &[], &other()), unsupported);
    assert_eq!(name_violation(&[], &one(), &other()), unsupported);
    let host = [dns("host.example.test")];
    assert_eq!(name_violation(&one(), &[], &host), None);
    assert_eq!(name_violation(&[], &one(), &host), None);

    // URIs, which some passed over, are implemented.
    let permitted = [uri(".example.test")];
    let inside = [uri("https://host.example.test/x")];
    let outside = [uri("https://host.example.org/x")];
    let without_host = [uri("urn:example:x")];
    let not_permitted = Some(NameViolation::NotPermitted(NameForm::Uri));
    assert_eq!(name_violation(&permitted, &[], &inside), None);
    assert_eq!(name_violation(&permitted, &[], &outside), not_permitted);
    assert_eq!(
        name_violation(&[], &permitted, &inside),
        Some(NameViolation::Excluded(NameForm::Uri))
    );
    assert_eq!(
        name_violation(&permitted, &[], &without_host),
        Some(NameViolation::Invalid(NameForm::Uri))
    );
}

/// A wildcard stands for all its expansions: permitted needs them all, excluded hits on any
/// (go#76442; pyca/cryptography, certificate-transparency-go#1809 and firedancer#11467 had the
/// same).
#[test]
fn rustsec_2026_0099_go_cve_2025_61727_wildcards_under_constraints() {
    let wildcard = [dns("*.example.test")];
    let not_permitted = Some(NameViolation::NotPermitted(NameForm::Dns));
    let excluded = Some(NameViolation::Excluded(NameForm::Dns));
    let below = |base: &str| name_violation(&[dns(base)], &[], &wildcard);
    assert_eq!(below("example.test"), None);
    assert_eq!(below("test"), None);
    assert_eq!(below("host.example.test"), not_permitted);
    assert_eq!(below("ample.test"), not_permitted);
    let apart = |base: &str| name_violation(&[], &[dns(base)], &wildcard);
    assert_eq!(apart("host.example.test"), excluded);
    assert_eq!(apart("example.test"), excluded);
    assert_eq!(apart("test"), excluded);
    assert_eq!(apart("example.org"), None);
    assert_eq!(apart("a.b.example.test"), None);
}

/// The fix went too far (go#76935): an excluded single label is no part of wildcards elsewhere.
#[test]
fn go_76935_single_label_excluded_is_not_each_wildcard() {
    let wildcard = [dns("*.example.test")];
    assert_eq!(name_violation(&[], &[dns("org")], &wildcard), None);
    assert_eq!(name_violation(&[], &[dns("example")], &wildcard), None);
}

/// Constraints on mailboxes were indexed by local part, so that one of several won (go#77952).
#[test]
fn go_cve_2026_27137_mailboxes_of_equal_local_parts() {
    let both = [email("admin@one.test"), email("admin@two.test")];
    let excluded = Some(NameViolation::Excluded(NameForm::Rfc822));
    for mailbox in ["admin@one.test", "admin@two.test"] {
        let names = [email(mailbox)];
        assert_eq!(name_violation(&both, &[], &names), None, "{mailbox}");
        assert_eq!(name_violation(&[], &both, &names), excluded, "{mailbox}");
    }
    let third = [email("admin@three.test")];
    assert_eq!(name_violation(&[], &both, &third), None);
    assert_eq!(
        name_violation(&both, &[], &third),
        Some(NameViolation::NotPermitted(NameForm::Rfc822))
    );
}

/// An empty dNSName under an excluded subtree indexed out of bounds (go#77953).
#[test]
fn go_cve_2026_27138_empty_dns_name_under_excluded_subtree() {
    let empty = [dns("")];
    let invalid = Some(NameViolation::Invalid(NameForm::Dns));
    assert_eq!(name_violation(&[], &[dns("example.test")], &empty), invalid);
    assert_eq!(name_violation(&[dns("example.test")], &[], &empty), invalid);
    // Each leading dot, and nothing at all, as a constraint.
    for base in ["", ".", ".."] {
        let _ = constrained(&[], &[dns(base)], &empty);
        let _ = constrained(&[dns(base)], &[], &[dns("host.example.test")]);
    }
}

/// Names times constraints: their product is paid for before it is computed.
#[test]
fn go_cve_2025_58187_name_constraints_are_not_quadratic() {
    let bases: Vec<Vec<u8>> = (0..1500)
        .map(|n| dns(&format!("b{n}.example.test")))
        .collect();
    let hosts: Vec<Vec<u8>> = (0..1500)
        .map(|n| dns(&format!("h{n}.example.org")))
        .collect();
    let start = Instant::now();
    let (_, rule) = refused(constrained(&[], &bases, &hosts));
    assert_eq!(rule, Rule::Exhausted(Exhausted::NameConstraintPairs));
    assert!(start.elapsed() < Duration::from_secs(20));
}

/// A DSA key in a chain made the verifier panic; here a kind of key that nobody knows is an error
/// of its own.
#[test]
fn go_cve_2025_58188_unsupported_key_type() {
    let unknown = || {
        let algorithm = sequence(&[oid(UNKNOWN), null()]);
        sequence(&[algorithm, bit_string(&[1, 2, 3])])
    };
    let world = World::new("unsupported");
    let policy = Rule::Algorithm(PolicyError::UnknownAlgorithm);
    let leaf = client().public_key(unknown());
    assert_eq!(refused(world.client(leaf)), (0, policy));
    let ca = Template::ca("unsupported key").public_key(unknown());
    // The second look goes on, and finds that the key is of no use either.
    let both = [
        (0, Rule::IssuerKey(KeyError::UnsupportedAlgorithm)),
        (1, policy),
    ];
    let issuer = world.root.issue_ca(ca.clone());
    let leaf = issuer.issue(client());
    let found = violations(&world.validator(), &leaf, &[&issuer.certificate]);
    assert_eq!(found, both);
    let root = Authority::self_signed(ca.clone());
    let leaf = root.issue(client());
    let validator = below(&[&root]).build().unwrap();
    assert_eq!(violations(&validator, &leaf, &[]), both);

    // Where a policy lets the key through, the provider has the last word.
    let policy = AlgorithmPolicy::default().allow_key(ObjectIdentifier::new_unwrap(UNKNOWN));
    let ca = world.root.issue_ca(ca);
    let leaf = ca.issue(client());
    let validator = below(&[&world.root]).algorithms(policy).build().unwrap();
    assert_eq!(
        refusal(&validator, &leaf, &[&ca.certificate]),
        (0, Rule::IssuerKey(KeyError::UnsupportedAlgorithm))
    );
}

/// The text of an error was as long as the list of names in the certificate, and quadratic to make.
#[test]
fn go_cve_2025_61729_error_text_is_bounded() {
    let hosts: Vec<Vec<u8>> = (0..3000)
        .map(|n| dns(&format!("host-{n}.example.org")))
        .collect();
    let long = "x".repeat(20_000);
    let world = World::new("texts");
    let subject = names::name(&[(names::COMMON_NAME, &long)]);
    let leaf = world
        .ca
        .issue(client().subject(subject).with(alt_names(&hosts)));
    let validator = below(&[&world.root])
        .expect_name(PeerName::dns("host.example.test").unwrap())
        .build()
        .unwrap();
    let presented = presented(&leaf, &[&world.ca.certificate]);
    let rejected = validator
        .validate(&presented, now(), &NoFetcher)
        .unwrap_err();
    assert_eq!(rejected.error().rule, Rule::NameMismatch);
    assert!(rejected.to_string().len() < 400, "{rejected}");
    assert!(format!("{:?}", parsed(&leaf)).len() < 5_000);
}

/// Each BEGIN line was searched for its end anew.
#[test]
fn go_cve_2025_61723_pem_is_linear_in_garbage() {
    let block = "-----BEGIN CERTIFICATE-----\nA";
    let start = Instant::now();
    let garbage = block.repeat(100_000);
    let error = TrustStore::from_pem(garbage.as_bytes()).unwrap_err();
    assert!(
        matches!(
            error,
            TrustStoreError::Input(InputError::Pem(PemError::Unterminated { .. }))
        ),
        "{error}"
    );
    let dashes = "-----BEGIN ".repeat(200_000) + &"-----END ".repeat(200_000);
    let error = Presented::from_pem(dashes.as_bytes()).unwrap_err();
    assert!(
        matches!(error, InputError::Pem(_) | InputError::Empty),
        "{error}"
    );
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// An empty BIT STRING is legal syntax; it was indexed before its length was looked at.
#[test]
fn rustsec_2026_0104_empty_bit_string() {
    let world = World::new("bits");
    let empty = |value: Vec<u8>| Extension::new(KEY_USAGE, value).critical();
    let no_bits = empty(vec![3, 1, 0]);
    assert_eq!(
        refused(world.client(client().with(no_bits.clone()))),
        (0, Rule::KeyUsageAgainstPurpose)
    );
    assert_eq!(
        refused(world.below(Template::ca("bits/none").with(no_bits))),
        (1, Rule::MayNotSignCertificates)
    );
    for value in [vec![3, 0], vec![3, 1, 1]] {
        let (position, rule) = refused(world.client(client().with(empty(value))));
        assert_eq!(position, 0);
        assert!(is_invalid(rule, ExtensionKind::KeyUsage), "{rule}");
    }
}

fn is_invalid(rule: Rule, kind: ExtensionKind) -> bool {
    matches!(rule, Rule::InvalidExtension { extension, .. } if extension == kind)
}

/// The common name is no host name: neither to be found by nor to be constrained as one.
#[test]
fn rustsec_2026_0044_common_name_is_no_dns_name() {
    let world = World::new("common name");
    let named = || client().subject(common_name("host.example.test"));
    let leaf = world.ca.issue(named());
    let validator = below(&[&world.root])
        .expect_name(PeerName::dns("host.example.test").unwrap())
        .build()
        .unwrap();
    assert_eq!(
        refusal(&validator, &leaf, &[&world.ca.certificate]),
        (0, Rule::NameMismatch)
    );
    let empty = world.ca.issue(named().with(alt_names(&[])));
    assert_eq!(
        refusal(&validator, &empty, &[&world.ca.certificate]),
        (0, Rule::NameMismatch)
    );
}

/// A later check overwrote the failure of an earlier one: each violation stands, whatever else
/// passes or fails.
#[test]
fn cve_2021_3450_a_later_check_does_not_undo_a_failure() {
    let world = World::new("undo");
    // An end entity that issues, once by a named curve, once by a key that the strict checks looked
    // at last.
    for key in [Key::p256("undo"), Key::p384("undo"), Key::ed25519("undo")] {
        let ca = Template::ca("undo/leaf")
            .with(not_a_ca())
            .with(key_usage(&[0, 5]))
            .key(key);
        assert_eq!(refused(world.below(ca)), (1, Rule::NotACa));
    }
    // Two violations in the other order of checks.
    let ca = Template::ca("undo/both")
        .with(not_a_ca())
        .with(key_usage(&[0]));
    let ca = world.root.issue_ca(ca);
    let leaf = ca.issue(client());
    let presented = presented(&leaf, &[&ca.certificate]);
    let rejected = world
        .validator()
        .validate(&presented, now(), &NoFetcher)
        .unwrap_err();
    let rules: Vec<Rule> = rejected
        .violations()
        .iter()
        .map(|violation| violation.rule)
        .collect();
    assert_eq!(rules, [Rule::NotACa, Rule::MayNotSignCertificates]);
}

/// An intermediate that is no CA was let through, and the signature of its leaf was not looked at.
#[test]
fn cve_2026_5501_no_ca_never_issues_and_leaf_signatures_are_checked() {
    let world = World::new("5501");
    let ca = Template::ca("5501/no ca").with(not_a_ca());
    assert_eq!(refused(world.below(ca)), (1, Rule::NotACa));
    let leaf = with_broken_signature(&world.ca.issue(client()));
    assert_eq!(
        refused(verdict(&[&world.root], &leaf, &[&world.ca.certificate])),
        (0, Rule::Signature(SignatureError::Invalid))
    );
    // Both at once, and a client that poses as the issuer.
    let posing = world.ca.issue_ca(Template::client("5501/posing"));
    let leaf = posing.issue(client());
    let more = [&posing.certificate, &world.ca.certificate];
    assert_eq!(
        refused(verdict(&[&world.root], &leaf, &more)),
        (1, Rule::NotACa)
    );
}

/// Compiles only while `$from` does not convert to `$to`: otherwise the helper method is ambiguous.
macro_rules! assert_not_into {
    ($from:ty, $to:ty) => {{
        trait AmbiguousIfInto<Marker> {
            fn nothing() {}
        }
        struct Converts;
        impl<T> AmbiguousIfInto<()> for T {}
        impl<T: Into<$to>> AmbiguousIfInto<Converts> for T {}
        <$from as AmbiguousIfInto<_>>::nothing();
    }};
}

/// What a peer presents never becomes an anchor: there is no conversion, and no method that takes
/// the one for the other.
#[test]
fn cve_2026_11310_untrusted_never_become_anchors() {
    assert_not_into!(Certificate, TrustAnchor);
    assert_not_into!(&'static Certificate, TrustAnchor);
    assert_not_into!(Presented, TrustStore);
    assert_not_into!(Certificate, TrustStore);

    let trusted = World::new("11310 trusted");
    let other = World::new("11310 other");
    let leaf = other.ca.issue(client());
    let validator = trusted.validator();
    let whole = [&other.ca.certificate, &other.root.certificate];
    for _ in 0..2 {
        assert_eq!(refusal(&validator, &leaf, &whole), (2, Rule::UntrustedRoot));
    }
    // Additional certificates of the caller help to build and are not trusted either.
    let additional = whole.map(parsed);
    let validator = below(&[&trusted.root])
        .additional_chain_certificates(additional)
        .build()
        .unwrap();
    assert_eq!(refusal(&validator, &leaf, &[]), (2, Rule::UntrustedRoot));
}

/// An entry of the SAN that claims to be longer than the SEQUENCE around it.
#[test]
fn cve_2026_5188_san_entry_beyond_its_sequence() {
    let world = World::new("5188");
    let mut value = alt_names(&[dns("client.example.test")]).value;
    for claimed in [20, 30, 0x7f] {
        value[3] = claimed;
        let broken = Extension::new(SUBJECT_ALT_NAME, value.clone());
        let (position, rule) = refused(world.client(client().with(broken)));
        assert_eq!(position, 0);
        assert!(is_invalid(rule, ExtensionKind::SubjectAltName), "{rule}");
    }
}

/// A curve that is described, not named, with a generator of the attacker's; and trust by the point
/// alone.
#[test]
fn cve_2020_0601_explicit_curve_and_spki_identity() {
    let world = World::new("0601");
    let explicit = Rule::Algorithm(PolicyError::ExplicitCurve);
    let described = |key: &Key| key.spki_on_described_curve();
    let key = Key::p256("0601");
    let leaf = client().public_key(described(&key));
    assert_eq!(refused(world.client(leaf)), (0, explicit));
    let ca = Template::ca("0601/ca").public_key(described(&key));
    let ca = world.root.issue_ca(ca);
    let leaf = ca.issue(client());
    let both = [(0, Rule::IssuerKey(KeyError::ExplicitCurve)), (1, explicit)];
    let found = violations(&world.validator(), &leaf, &[&ca.certificate]);
    assert_eq!(found, both);

    // The root's point under other parameters, beside the root, with its name: not the root.
    let twin = Template::ca("0601/twin")
        .subject(world.root.name.clone())
        .public_key(described(&world.root.key));
    let twin = Authority::self_signed(twin);
    let forged = twin.issue_ca(Template::ca("0601/forged"));
    let leaf = forged.issue(client());
    let store = TrustStore::anchoring_each([parsed(&twin.certificate)]);
    let validator = support::with_store(store).build().unwrap();
    let found = violations(&validator, &leaf, &[&forged.certificate]);
    let both = [(1, Rule::IssuerKey(KeyError::ExplicitCurve)), (2, explicit)];
    assert_eq!(found, both);

    // Identity is that of the whole key.
    let anchor = TrustAnchor::from_certificate(parsed(&world.root.certificate));
    let other = TrustAnchor::from_certificate(parsed(&twin.certificate));
    assert_ne!(anchor.spki_der(), other.spki_der());
}

/// Decoding punycode overflowed a buffer: A-labels are compared as the ASCII that they are.
#[test]
fn cve_2022_3602_cve_2022_3786_punycode_is_not_decoded() {
    let overlong = format!("xn--{}.example.test", "a".repeat(59));
    let broken = "xn--999999999999.example.test";
    let names = |host: &str| [email(&format!("user@{host}")), dns(host)];
    for host in [overlong.as_str(), broken, "xn--bcher-kva.example.test"] {
        let permitted = [email(host), dns(host)];
        assert_eq!(
            name_violation(&permitted, &[], &names(host)),
            None,
            "{host}"
        );
        let upper = host.to_ascii_uppercase();
        assert_eq!(
            name_violation(&permitted, &[], &names(&upper)),
            None,
            "{host}"
        );
        assert!(
            name_violation(&[], &permitted, &names(host)).is_some(),
            "{host}"
        );
    }
    // A U-label is no dNSName, and is never taken for its A-label.
    let (_, rule) = refused(constrained(
        &[dns("xn--bcher-kva.example.test")],
        &[],
        &[dns("b\u{fc}cher.example.test")],
    ));
    assert!(is_invalid(rule, ExtensionKind::SubjectAltName), "{rule}");
}

const POLICY: &str = "1.3.6.1.4.1.32473.1.";

fn policy(n: usize) -> String {
    format!("{POLICY}{n}")
}

/// Each of these policies mapped to each.
fn all_mappings(policies: &[String]) -> Extension {
    let pairs: Vec<Vec<u8>> = policies
        .iter()
        .flat_map(|a| policies.iter().map(move |b| sequence(&[oid(a), oid(b)])))
        .collect();
    Extension::new(POLICY_MAPPINGS, sequence(&pairs)).critical()
}

/// Policies that map to each other doubled a tree at each level.
#[test]
fn cve_2023_0464_policy_processing_is_linear() {
    let policies: Vec<String> = (1..=2).map(policy).collect();
    let listed: Vec<&str> = policies.iter().map(String::as_str).collect();
    let template = |n: usize| {
        Template::ca(&format!("0464 ca {n}"))
            .with(certificate_policies(&listed))
            .with(all_mappings(&policies))
    };
    let root = Authority::root("0464 root");
    let mut line = vec![root.clone()];
    for n in 0..30 {
        line.push(line[n].issue_ca(template(n)));
    }
    let leaf = line[30].issue(client().with(certificate_policies(&listed)));
    let inputs = PolicyInputs {
        initial: InitialPolicies::Only(vec![ObjectIdentifier::new_unwrap(&policies[0])]),
        require_explicit_policy: true,
        ..PolicyInputs::default()
    };
    let validator = below(&[&root]).policies(inputs).build().unwrap();
    let more: Vec<&Made> = line[1..].iter().map(|ca| &ca.certificate).collect();
    let start = Instant::now();
    let accepted = validator.validate(&presented(&leaf, &more), now(), &NoFetcher);
    assert!(accepted.is_ok(), "{:?}", accepted.err());
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// A bomb of nodes runs into the budget, and says so.
#[test]
fn cve_2022_3996_policy_bombs_are_typed_errors() {
    let policies: Vec<String> = (1..=60).map(policy).collect();
    let listed: Vec<&str> = policies.iter().map(String::as_str).collect();
    let root = Authority::root("3996 root");
    let mut line = vec![root.clone()];
    for n in 0..6 {
        let template = Template::ca(&format!("3996 ca {n}"))
            .with(certificate_policies(&listed))
            .with(all_mappings(&policies))
            .with(require_explicit_policy(0));
        line.push(line[n].issue_ca(template));
    }
    let leaf = line[6].issue(client().with(certificate_policies(&listed)));
    let more: Vec<&Made> = line[1..].iter().map(|ca| &ca.certificate).collect();
    let start = Instant::now();
    let (_, rule) = refused(verdict(&[&root], &leaf, &more));
    assert_eq!(rule, Rule::Exhausted(Exhausted::PolicyNodes));
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// Malformed policies were passed over without a word, and the checks with them.
#[test]
fn cve_2023_0465_malformed_policies_are_an_error() {
    let world = World::new("0465");
    let broken = Extension::new(CERTIFICATE_POLICIES, sequence(&[tlv(2, &[1])]));
    let (position, rule) = refused(world.client(client().with(broken.clone())));
    assert_eq!(position, 0);
    assert!(
        is_invalid(rule, ExtensionKind::CertificatePolicies),
        "{rule}"
    );
    let (position, rule) = refused(world.below(Template::ca("0465/broken").with(broken)));
    assert_eq!(position, 1);
    assert!(
        is_invalid(rule, ExtensionKind::CertificatePolicies),
        "{rule}"
    );

    let one = policy(1);
    let twice = certificate_policies(&[&one, &one]);
    let ca = Template::ca("0465/twice")
        .with(twice)
        .with(require_explicit_policy(0));
    let (position, rule) = refused(world.below(ca));
    let duplicate = Rule::Policy(PolicyViolation::DuplicatePolicy);
    assert!(
        rule == duplicate || is_invalid(rule, ExtensionKind::CertificatePolicies),
        "{rule}"
    );
    assert_eq!(position, 1);

    let mapped = Extension::new(
        POLICY_MAPPINGS,
        sequence(&[sequence(&[oid(ANY_POLICY), oid(&one)])]),
    );
    let ca = Template::ca("0465/mapped")
        .with(certificate_policies(&[ANY_POLICY]))
        .with(mapped.critical());
    assert_eq!(
        refused(world.below(ca)),
        (1, Rule::Policy(PolicyViolation::MappedAnyPolicy))
    );
}

/// P5: Asking for a policy did not switch the check on.
#[test]
fn cve_2023_0466_a_policy_that_is_required_is_checked() {
    let world = World::new("0466");
    let leaf = world.ca.issue(client());
    let inputs = PolicyInputs {
        initial: InitialPolicies::Only(vec![ObjectIdentifier::new_unwrap(&policy(1))]),
        ..PolicyInputs::default()
    };
    for require_explicit_policy in [false, true] {
        let inputs = PolicyInputs {
            require_explicit_policy,
            ..inputs.clone()
        };
        let validator = below(&[&world.root]).policies(inputs).build();
        assert_eq!(
            refusal(&validator.unwrap(), &leaf, &[&world.ca.certificate]),
            (1, Rule::Policy(PolicyViolation::NoValidPolicy))
        );
    }
    // Not required, it is still told: the path is good for none of the policies that were asked
    // for.
    let inputs = PolicyInputs {
        initial: InitialPolicies::WhereRequired(vec![ObjectIdentifier::new_unwrap(&policy(1))]),
        ..PolicyInputs::default()
    };
    let validator = below(&[&world.root]).policies(inputs).build().unwrap();
    let presented = presented(&leaf, &[&world.ca.certificate]);
    let accepted = validator.validate(&presented, now(), &NoFetcher).unwrap();
    assert_eq!(accepted.policies().user_constrained, Some(Vec::new()));
}

/// Randomness for a key that everybody may know.
struct Counter(u64);

impl TryRng for Counter {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|word| word as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_be_bytes(word))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            let block = portcullis::certificate::sha256(&self.0.to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

/// A parser that skips over garbage accepts what a cube root can forge: the whole encoded message
/// is compared.
#[test]
fn bleichenbacher_2006_cve_2006_4339_berserk_cve_2014_1568_whole_message_is_compared() {
    let key = PrivateKey::new(&mut Counter(0), 2048).unwrap();
    let numbers = sequence(&[
        unsigned(&key.n().to_be_bytes()),
        unsigned(&key.e().to_be_bytes()),
    ]);
    let algorithm = sequence(&[oid("1.2.840.113549.1.1.1"), null()]);
    let spki = sequence(&[algorithm, bit_string(&numbers)]);
    let world = World::new("bleichenbacher");
    let ca = Template::ca("bleichenbacher/rsa").public_key(spki);
    let ca = Authority {
        // Any RSA key: what it signs is replaced below.
        key: Key::rsa("bleichenbacher", 1024),
        ..world.root.issue_ca(ca)
    };
    let template = client()
        .without_key_identifiers()
        .scheme(Scheme::Pkcs1(Hash::Sha256));
    let leaf = ca.issue(template);
    let digest = portcullis::certificate::sha256(parsed(&leaf).tbs());
    let sha256 = |parameters: &[u8]| {
        let kind = oid("2.16.840.1.101.3.4.2.1");
        sequence(&[&kind[..], parameters])
    };
    let info = |identifier: Vec<u8>| sequence(&[identifier, octet_string(&digest)]);
    let sign = |message: &[u8]| {
        let signature = key.sign(Pkcs1v15Sign::new_unprefixed(), message).unwrap();
        with_signature(&leaf, |_| signature)
    };
    let decide = |leaf: &Made| verdict(&[&world.root], leaf, &[&ca.certificate]);

    let good = info(sha256(&null()));
    assert!(decide(&sign(&good)).is_ok());
    let garbage_behind = [&good[..], &[0; 32]].concat();
    let garbage_inside = sequence(&[sha256(&null()), octet_string(&digest), null()]);
    let garbage_parameters = info(sha256(&octet_string(&[0xaa; 16])));
    let long_length = {
        let mut der = good.clone();
        der.splice(1..2, [0x81, good[1]]);
        der
    };
    let other_digest = {
        let mut der = good.clone();
        der[good.len() - 1] ^= 1;
        der
    };
    let without_null = info(sha256(&[]));
    for forged in [
        garbage_behind,
        garbage_inside,
        garbage_parameters,
        long_length,
        other_digest,
        without_null,
        digest.to_vec(),
        Vec::new(),
    ] {
        let invalid = (0, Rule::Signature(SignatureError::Invalid));
        assert_eq!(refused(decide(&sign(&forged))), invalid);
    }
}

/// What stood before the NUL was taken for the name.
#[test]
fn cve_2009_2408_nul_in_names() {
    let world = World::new("2408");
    for name in [
        dns("host.example.test\0.example.org"),
        dns("host.example.test\0"),
        email("user@example.test\0.example.org"),
        uri("https://example.test\0.example.org/"),
    ] {
        let (position, rule) = refused(world.client(client().with(alt_names(&[name]))));
        assert_eq!(position, 0);
        assert!(is_invalid(rule, ExtensionKind::SubjectAltName), "{rule}");
    }
    // Names that are no host names decode and match nothing.
    let leaf = world
        .ca
        .issue(client().with(alt_names(&[dns("host.example.test/evil")])));
    let validator = below(&[&world.root])
        .expect_name(PeerName::dns("host.example.test").unwrap())
        .build()
        .unwrap();
    let (_, rule) = refusal(&validator, &leaf, &[&world.ca.certificate]);
    assert!(
        rule == Rule::NameMismatch || is_invalid(rule, ExtensionKind::SubjectAltName),
        "{rule}"
    );
}

/// Any certificate could issue others.
#[test]
fn cve_2002_0862_ca_bit() {
    let world = World::new("0862");
    for template in [
        Template::ca("0862/absent").without(BASIC_CONSTRAINTS),
        Template::ca("0862/false").with(not_a_ca()),
        Template::ca("0862/v1").v1(),
        Template::client("0862/client"),
    ] {
        assert_eq!(refused(world.below(template)), (1, Rule::NotACa));
    }
    let no_usage = Template::ca("0862/usage").with(key_usage(&[0, 6]));
    assert_eq!(
        refused(world.below(no_usage)),
        (1, Rule::MayNotSignCertificates)
    );
    let long = world
        .root
        .issue_ca(Template::ca("0862/long").with(basic_constraints(Some(0))));
    let below = long.issue_ca(Template::ca("0862/below"));
    let leaf = below.issue(client());
    let more = [&long.certificate, &below.certificate];
    assert_eq!(
        refused(verdict(&[&world.root], &leaf, &more)),
        (2, Rule::PathTooLong { allowed: 0 })
    );
}

/// An error code read as a truth value made a version 1 certificate a CA.
#[test]
fn gnutls_cve_2014_0092_errors_are_not_yes() {
    let world = World::new("0092");
    let mut value = basic_constraints(None).value;
    value.push(0);
    let broken = Extension::new(BASIC_CONSTRAINTS, value).critical();
    let (position, rule) = refused(world.below(Template::ca("0092/broken").with(broken)));
    assert_eq!(position, 1);
    assert!(is_invalid(rule, ExtensionKind::BasicConstraints), "{rule}");
    assert_eq!(
        refused(world.below(Template::ca("0092/v1").v1())),
        (1, Rule::NotACa)
    );
}

/// A jump over the check: each octet of what is signed, and of the signature, matters.
#[test]
fn apple_cve_2014_1266_signatures_are_really_checked() {
    let world = World::new("1266");
    let leaf = world.ca.issue(client());
    let forged = tampered(&leaf, b"client", b"master");
    let invalid = (0, Rule::Signature(SignatureError::Invalid));
    let decide = |leaf: &Made| verdict(&[&world.root], leaf, &[&world.ca.certificate]);
    assert!(decide(&leaf).is_ok());
    assert_eq!(refused(decide(&forged)), invalid);
    for signature in [Vec::new(), vec![0], sequence(&[small(0), small(0)])] {
        let forged = with_signature(&leaf, |_| signature);
        let (position, rule) = refused(decide(&forged));
        assert_eq!(position, 0);
        assert!(matches!(rule, Rule::Signature(_)), "{rule}");
    }
    let broken = with_broken_signature(&world.ca.certificate);
    assert_eq!(
        refused(verdict(&[&world.root], &leaf, &[&broken])),
        (1, Rule::Signature(SignatureError::Invalid))
    );
}

/// The parameters of a PSS signature were followed where there were none.
#[test]
fn cve_2015_3194_pss_parameters() {
    let world = World::new("3194");
    let ca = Template::ca("3194/rsa").key(Key::rsa("3194", 2048));
    let ca = world.root.issue_ca(ca);
    let missing = ca.issue(client().scheme(Scheme::PssWithoutParameters(Hash::Sha256)));
    let both = [
        (0, Rule::Algorithm(PolicyError::PssParameters)),
        (0, Rule::Signature(SignatureError::BadParameters)),
    ];
    let found = violations(&world.validator(), &missing, &[&ca.certificate]);
    assert_eq!(found, both);
    let weak = ca.issue(client().scheme(Scheme::Pss(Hash::Sha1)));
    let found = violations(&world.validator(), &weak, &[&ca.certificate]);
    let sha1 = PolicyError::WeakHash(HashAlgorithm::Sha1);
    assert!(found.contains(&(0, Rule::Algorithm(sha1))), "{found:?}");
    let good = ca.issue(client().scheme(Scheme::Pss(Hash::Sha256)));
    assert!(verdict(&[&world.root], &good, &[&ca.certificate]).is_ok());
    // A PSS signature under a key that does not make such.
    let mismatched = with_signature(&world.ca.issue(client()), |_| vec![1; 256]);
    let (_, rule) = refused(verdict(
        &[&world.root],
        &mismatched,
        &[&world.ca.certificate],
    ));
    assert_eq!(rule, Rule::Signature(SignatureError::Malformed));
}

/// What is signed and what stands beside the signature must name one algorithm.
#[test]
fn algorithms_inside_and_outside_are_one() {
    let world = World::new("two algorithms");
    let leaf = world
        .ca
        .issue(client().inner_scheme(Scheme::Ecdsa(Hash::Sha384)));
    assert_eq!(
        Certificate::from_der(&leaf.der),
        Err(CertificateError::AlgorithmMismatch)
    );
    let spki = primitive(1, &[0]);
    let broken = world.ca.issue(client().public_key(spki));
    let error = Certificate::from_der(&broken.der).unwrap_err();
    assert!(
        matches!(
            error,
            CertificateError::Encoding {
                field: Field::SubjectPublicKeyInfo,
                ..
            }
        ),
        "{error}"
    );
}

/// Constraints that do not decode are no absent constraints.
#[test]
fn malformed_constraints_are_not_absent_ones() {
    let world = World::new("constraints");
    let broken = Extension::new(NAME_CONSTRAINTS, vec![0x30, 2, 5, 0]).critical();
    let (position, rule) = refused(world.below(Template::ca("constraints/broken").with(broken)));
    assert_eq!(position, 1);
    assert!(is_invalid(rule, ExtensionKind::NameConstraints), "{rule}");
    // An extended key usage that lists nothing allows nothing.
    let purposes = extended_key_usage(&[]);
    let leaf = client().with(purposes);
    assert_eq!(refused(world.client(leaf)), (0, Rule::WrongUsage));
}

/// Trust in nobody is no trust in everybody.
#[test]
fn an_empty_store_accepts_nobody() {
    let world = World::new("nobody");
    let leaf = world.ca.issue(client());
    let empty = TrustMode::CustomRootTrust(TrustStore::default());
    let validator = Validator::builder(empty)
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .purpose(Purpose::ClientAuth)
        .dotnet_compatible(true)
        .build()
        .unwrap();
    let whole = [&world.ca.certificate, &world.root.certificate];
    assert_eq!(refusal(&validator, &leaf, &whole), (2, Rule::UntrustedRoot));
}

/// Evidence of revocation: `std` brings the store that these validations share it in.
#[cfg(feature = "std")]
mod revocation {
    use portcullis::UnknownStatus;
    use portcullis::revocation::{Crl, RevocationPolicy};
    use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
    use portcullis_testkit::distribution::{
        ALL_REASONS, DistributionPoint, IssuingDistributionPoint, access, points,
    };
    use portcullis_testkit::extensions::unknown_critical;
    use portcullis_testkit::ocsp::{CertStatus, IdField, ResponseTemplate, SingleResponse};
    use portcullis_testkit::tamper::broken;

    use super::*;
    use crate::support::inquiry::{Inquiry, Outcome, Web};

    const AT: &str = "http://crl.example.test/a";
    const OTHER: &str = "http://crl.example.test/b";
    const OCSP: &str = "http://ocsp.example.test/";

    struct Client {
        world: World,
        leaf: Made,
    }

    impl Client {
        fn new(template: Template) -> Self {
            let world = World::new("regression");
            let leaf = world.ca.issue(template);
            Self { world, leaf }
        }

        fn pointing_to(at: &[DistributionPoint]) -> Self {
            Self::new(client().with(points(at)))
        }

        fn asking() -> Self {
            Self::new(client().with(access(&[OCSP], &[])))
        }

        fn list(&self) -> CrlTemplate {
            CrlTemplate::by(&self.world.ca)
        }

        fn inquiry(&self) -> Inquiry {
            let ca = &self.world.ca.certificate;
            Inquiry::about(&self.world.root, &self.leaf, &[ca])
        }

        fn given(&self, list: &CrlTemplate) -> Outcome {
            self.inquiry().given(&[list.der()])
        }

        fn told(&self, response: &ResponseTemplate) -> Outcome {
            self.inquiry().given(&[response.der()])
        }
    }

    /// Only the first distribution point was compared with the list's, so that a list of the second
    /// cleared nobody, or with lenient policies hid a revocation.
    #[test]
    fn rustsec_2026_0049_any_point_with_any_name_of_the_list() {
        let two = DistributionPoint::full(&[uri("http://c.example.test/"), uri(OTHER)]);
        let client = Client::pointing_to(&[DistributionPoint::url(AT), two]);
        let lenient = RevocationPolicy::default().accept_unknown(UnknownStatus::NotAuthoritative);
        for at in [AT, OTHER] {
            let names = [uri("http://d.example.test/"), uri(at)];
            for scope in [
                IssuingDistributionPoint::url(at),
                IssuingDistributionPoint::full(&names),
            ] {
                client.given(&client.list().scope(scope.clone())).good();
                let revoking = client.list().scope(scope).revoking(&client.leaf);
                client.given(&revoking).revoked();
                let inquiry = client.inquiry().policy(lenient.clone());
                inquiry.given(&[revoking.der()]).revoked();
            }
        }
    }

    /// A list of another scope was taken for one that clears: each combination of point and scope,
    /// there or not.
    #[test]
    fn cve_2026_4428_rustsec_2026_0048_scope_of_lists() {
        let whole = |client: &Client| {
            IssuingDistributionPoint::full(&[names::directory(&client.world.ca.name)])
        };
        let bare = Client::new(client().with(access(&[AT], &[])));
        let pointing = Client::pointing_to(&[DistributionPoint::url(AT)]);
        // Lists come as answers about the CA, so that a client without points gets them too.
        let outcome = |client: &Client, scope: Option<IssuingDistributionPoint>| {
            let list = match scope {
                Some(scope) => client.list().scope(scope),
                None => client.list(),
            };
            let ca = Template::ca("regression ca").with(points(&[DistributionPoint::url(OTHER)]));
            let ca = client.world.root.issue_ca(ca);
            let inquiry = Inquiry::about(&client.world.root, &client.leaf, &[&ca.certificate]);
            let inquiry = inquiry.flag(RevocationFlag::ExcludeRoot);
            let of_root = CrlTemplate::by(&client.world.root).der();
            let web = Web::new().with(OTHER, of_root).with(OTHER, list.der());
            let web = match client.leaf.der == pointing.leaf.der {
                true => web.with(AT, list.der()),
                false => web,
            };
            inquiry.ask(&web)
        };
        for client in [&bare, &pointing] {
            outcome(client, None).good();
            outcome(client, Some(IssuingDistributionPoint::all().user())).good();
            outcome(client, Some(whole(client))).good();
            for scope in [
                IssuingDistributionPoint::url("http://elsewhere.example.test/"),
                IssuingDistributionPoint::all().ca(),
                IssuingDistributionPoint::all().attribute(),
                whole(client).ca(),
            ] {
                assert!(!outcome(client, Some(scope)).is_accepted());
            }
        }
        outcome(&pointing, Some(IssuingDistributionPoint::url(AT))).good();
        outcome(&pointing, Some(IssuingDistributionPoint::url(AT).user())).good();
        assert!(!outcome(&pointing, Some(IssuingDistributionPoint::url(AT).ca())).is_accepted());
        assert!(!outcome(&bare, Some(IssuingDistributionPoint::url(AT))).is_accepted());
    }

    /// An empty set of reasons is legal syntax, in a point as in a list: it covers nothing.
    #[test]
    fn rustsec_2026_0104_empty_reasons() {
        let partial = UnknownStatus::Partial;
        let client = Client::pointing_to(&[DistributionPoint::url(AT).reasons(&[])]);
        let list = client.list().scope(IssuingDistributionPoint::url(AT));
        client.given(&list).unknown(partial);
        client.given(&list.revoking(&client.leaf)).revoked();
        let client = Client::pointing_to(&[DistributionPoint::url(AT)]);
        let list = client
            .list()
            .scope(IssuingDistributionPoint::url(AT).reasons(&[]));
        client.given(&list).unknown(partial);
        // So is one of unused bits only in which nothing is set, or more than there are.
        for bits in [&[0][..], &[15], &[0, 15]] {
            let list = client
                .list()
                .scope(IssuingDistributionPoint::url(AT).reasons(bits));
            let _ = client.given(&list);
        }
    }

    /// Only the last of several signers was verified: here each certificate of a responder that is
    /// used, and each list.
    #[test]
    fn rustsec_2026_0046_rustsec_2026_0047_every_signer_is_verified() {
        let client = Client::asking();
        let usage = extended_key_usage(&["1.3.6.1.5.5.7.3.9"]);
        let template = Template::client("responder").with(usage);
        let right = client.world.ca.issue_ca(template.clone());
        let forged = Authority::root("a stranger").issue_ca(template.key(Key::p256("forged")));
        let single = SingleResponse::about(&client.world.ca, &client.leaf, CertStatus::Good);
        let by = |signer: &Authority| ResponseTemplate::by(signer).single(single.clone());
        let both = |response: ResponseTemplate, first: &Authority, last: &Authority| {
            let response = response.sending(&first.certificate);
            client.told(&response.sending(&last.certificate))
        };
        let reason = UnknownStatus::NotAuthoritative;
        both(by(&right), &forged, &right).good();
        both(by(&right), &right, &forged).good();
        both(by(&forged), &forged, &right).unknown(reason);
        both(by(&forged), &right, &forged).unknown(reason);
        // Parts of one list, of which the last is right.
        let client = Client::pointing_to(&[DistributionPoint::url(AT)]);
        let part = |bits: &[u8]| {
            client
                .list()
                .scope(IssuingDistributionPoint::url(AT).reasons(bits))
                .der()
        };
        let (first, last) = (part(&ALL_REASONS[..3]), part(&ALL_REASONS[3..]));
        client
            .inquiry()
            .given(&[first.clone(), last.clone()])
            .good();
        let outcome = client
            .inquiry()
            .given(&[broken(first.clone()), last.clone()]);
        assert!(!outcome.is_accepted());
        let outcome = client.inquiry().given(&[first, broken(last)]);
        assert!(!outcome.is_accepted());
    }

    /// The class of OCSP mix-ups: whose certificate, who signed, when, and that unknown is not
    /// good.
    #[test]
    fn ocsp_class_rfc_6960() {
        let client = Client::asking();
        let ca = &client.world.ca;
        let single = || SingleResponse::about(ca, &client.leaf, CertStatus::Good);
        let one = |single: SingleResponse| client.told(&ResponseTemplate::by(ca).single(single));
        one(single()).good();
        one(single().sha256()).good();
        let reason = UnknownStatus::NotAuthoritative;
        for field in [
            IdField::Algorithm,
            IdField::Name,
            IdField::Key,
            IdField::Serial,
        ] {
            one(single().wrong(field)).unknown(reason);
        }
        let unknown = SingleResponse::about(ca, &client.leaf, CertStatus::Unknown);
        one(unknown).unknown(UnknownStatus::UnknownToResponder);
        let stale = UnknownStatus::Stale;
        for (this, next) in [
            ("20260101000101Z", Some("20260102000000Z")),
            ("20251201000000Z", Some("20251231235959Z")),
            ("20251201000000Z", None),
        ] {
            one(single().issued(this, next)).unknown(stale);
        }
        let without_right = ca.issue_ca(Template::client("no responder"));
        let of_root = Template::client("responder of the root");
        let of_root = of_root.with(extended_key_usage(&["1.3.6.1.5.5.7.3.9"]));
        let of_root = client.world.root.issue_ca(of_root);
        for responder in [&without_right, &of_root] {
            let response = ResponseTemplate::by(responder).single(single());
            client
                .told(&response.sending(&responder.certificate))
                .unknown(reason);
        }
        client
            .told(&ResponseTemplate::by(&client.world.root).single(single()))
            .unknown(reason);
    }

    /// The class of mistakes with lists: who signed, what is not known, deltas, and that stale is
    /// not good.
    #[test]
    fn crl_class() {
        let client = Client::pointing_to(&[DistributionPoint::url(AT)]);
        let reason = UnknownStatus::NotAuthoritative;
        client.given(&client.list()).good();
        client
            .given(&client.list().signed_by(&Key::p256("x")))
            .unknown(reason);
        client
            .inquiry()
            .given(&[broken(client.list().der())])
            .unknown(reason);
        client
            .given(&CrlTemplate::by(&client.world.root))
            .unknown(reason);
        client
            .given(&client.list().with(unknown_critical()))
            .unknown(reason);
        let odd = CrlEntry::labelled("another").with(unknown_critical());
        client.given(&client.list().entry(odd)).unknown(reason);
        let stale = client
            .list()
            .issued("20251201000000Z", Some("20251202000000Z"));
        client.given(&stale).unknown(UnknownStatus::Stale);
        client.given(&stale.revoking(&client.leaf)).revoked();

        let held = client
            .list()
            .entry(CrlEntry::of(&client.leaf).reason(6))
            .der();
        let removed = client.list().entry(CrlEntry::of(&client.leaf).reason(8));
        client.given(&removed).revoked();
        let delta = |base| removed.clone().number(20).delta_to(base).der();
        client.inquiry().given(&[held.clone(), delta(7)]).good();
        client.inquiry().given(&[held, delta(8)]).revoked();

        let bits = key_usage(&[5]);
        let ca = Template::ca("signs no lists").with(bits);
        let ca = client.world.root.issue_ca(ca);
        let leaf = ca.issue(super::client().with(points(&[DistributionPoint::url(AT)])));
        let inquiry = Inquiry::about(&client.world.root, &leaf, &[&ca.certificate]);
        inquiry.given(&[CrlTemplate::by(&ca).der()]).unknown(reason);
    }

    /// An older list, a v1 one and a delta do not take the place of what is newer, whoever brings
    /// them.
    #[test]
    fn lists_cannot_be_rolled_back() {
        let client = Client::pointing_to(&[DistributionPoint::url(AT)]);
        let new = client.list().revoking(&client.leaf);
        let old = client
            .list()
            .number(6)
            .issued("20251201000000Z", Some("20260201000000Z"));
        let v1 = old.clone().v1();
        let delta = old.clone().delta_to(5);
        for other in [old, v1, delta] {
            assert!(Crl::from_der(&other.der()).is_ok());
            client.inquiry().given(&[other.der(), new.der()]).revoked();
            client.inquiry().given(&[new.der(), other.der()]).revoked();
        }
    }
}
