//! Requirements on the leaf: purposes, key usages, names, validity periods and policies.

use std::net::Ipv4Addr;

use portcullis::certificate::extensions::KeyUsage;
use portcullis::crypto::{NamedCurve, PolicyError};
use portcullis::path::PolicyViolation;
use portcullis::revocation::NoFetcher;
use portcullis::{
    AlgorithmPolicy, Exhausted, InitialPolicies, Limits, ObjectIdentifier, PeerName, PolicyInputs,
    Presented, Purpose, Rule, UsagePolicy, UsageScope, Validator, ValidatorBuilder, oid,
};
use portcullis_testkit::der::{self, sequence};
use portcullis_testkit::extensions::{
    ANY_POLICY, ANY_USAGE, CLIENT_AUTH, CODE_SIGNING, DIGITAL_SIGNATURE, EXTENDED_KEY_USAGE,
    Extension, KEY_USAGE, SERVER_AUTH, TLS_FEATURE, alt_names, certificate_policies,
    extended_key_usage, inhibit_any_policy, inhibit_policy_mapping, key_usage, policy_mapping,
    policy_with_qualifier, policy_with_statement, require_explicit_policy,
};
use portcullis_testkit::keys::{Hash, Key, Scheme};
use portcullis_testkit::names::{common_name, dns, email, ip};

use crate::support;
use crate::support::{
    Authority, Made, Template, World, below, decide, now, parsed, presented, refusal, time,
    with_store,
};

fn client() -> Template {
    Template::client("client")
}

/// A client, an authority and a root with these extended key usages, `None` for no extension.
struct Usages {
    root: Authority,
    ca: Authority,
    leaf: Made,
}

impl Usages {
    fn new(leaf: Option<&[&str]>, ca: Option<&[&str]>, root: Option<&[&str]>) -> Self {
        let with = |template: Template, usages: Option<&[&str]>| match usages {
            Some(usages) => template.with(extended_key_usage(usages)),
            None => template.without(EXTENDED_KEY_USAGE),
        };
        let root = Authority::self_signed(with(Template::ca("usage root"), root));
        let ca = root.issue_ca(with(Template::ca("usage ca"), ca));
        let leaf = ca.issue(with(client(), leaf));
        Self { root, ca, leaf }
    }

    fn under(
        &self,
        set: impl FnOnce(ValidatorBuilder) -> ValidatorBuilder,
    ) -> Result<(), (usize, Rule)> {
        let validator = set(below(&[&self.root])).build().unwrap();
        let verdict = decide(&validator, &self.leaf, &[&self.ca.certificate]);
        verdict
            .map(|_| ())
            .map_err(|violation| (violation.position, violation.rule))
    }

    fn with(&self, usage: UsagePolicy) -> Result<(), (usize, Rule)> {
        self.under(|builder| builder.usage(usage))
    }

    fn by_default(&self) -> Result<(), (usize, Rule)> {
        self.under(|builder| builder)
    }
}

const CLIENT: Option<&[&str]> = Some(&[CLIENT_AUTH]);
const SERVER: Option<&[&str]> = Some(&[SERVER_AUTH]);
const BOTH: Option<&[&str]> = Some(&[SERVER_AUTH, CLIENT_AUTH]);
const ANY: Option<&[&str]> = Some(&[ANY_USAGE]);

fn wrong(position: usize) -> Result<(), (usize, Rule)> {
    Err((position, Rule::WrongUsage))
}

#[test]
fn purposes_of_the_whole_path_or_of_the_leaf() {
    let leaf_only = || UsagePolicy::default().scope(UsageScope::LeafOnly);
    for (usages, nested, alone) in [
        (Usages::new(CLIENT, None, None), Ok(()), Ok(())),
        (Usages::new(BOTH, BOTH, BOTH), Ok(()), Ok(())),
        (Usages::new(SERVER, None, None), wrong(0), wrong(0)),
        (Usages::new(CLIENT, SERVER, None), wrong(1), Ok(())),
        (Usages::new(CLIENT, BOTH, SERVER), wrong(2), Ok(())),
        (Usages::new(None, SERVER, None), wrong(1), Ok(())),
    ] {
        assert_eq!(usages.by_default(), nested);
        assert_eq!(usages.with(leaf_only()), alone);
        let any = usages.under(|builder| builder.purpose(Purpose::Any));
        assert_eq!(any, Ok(()));
    }
}

#[test]
fn any_usage_is_a_choice() {
    let stands = UsagePolicy::default().any_stands_for_all(true);
    for (usages, by_default, position) in [
        (Usages::new(ANY, None, None), wrong(0), 0),
        (Usages::new(CLIENT, ANY, None), wrong(1), 1),
        (Usages::new(CLIENT, None, ANY), wrong(2), 2),
    ] {
        assert_eq!(usages.by_default(), by_default, "{position}");
        assert_eq!(usages.with(stands), Ok(()));
    }
    // It stands for purposes, not for nothing.
    assert_eq!(Usages::new(SERVER, ANY, None).with(stands), wrong(0));
}

#[test]
fn a_leaf_without_usages() {
    let absent = Usages::new(None, None, None);
    assert_eq!(absent.by_default(), Ok(()));
    let required = UsagePolicy::default().leaf_must_have(true);
    assert_eq!(absent.with(required), Err((0, Rule::NoExtendedKeyUsage)));
    let present = Usages::new(CLIENT, None, None);
    assert_eq!(present.with(required), Ok(()));
    let empty = Usages::new(Some(&[]), None, None);
    assert_eq!(empty.by_default(), wrong(0));
}

#[test]
fn several_purposes_are_all_required() {
    let all = |usages: &Usages, purposes: &[&str]| {
        let purposes = purposes.iter().map(|p| ObjectIdentifier::new_unwrap(p));
        let purpose = Purpose::All(purposes.collect());
        usages.under(|builder| builder.purpose(purpose))
    };
    let both = Usages::new(BOTH, None, None);
    assert_eq!(all(&both, &[CLIENT_AUTH, SERVER_AUTH]), Ok(()));
    assert_eq!(all(&both, &[CLIENT_AUTH, CODE_SIGNING]), wrong(0));
    let one = Usages::new(CLIENT, None, None);
    assert_eq!(all(&one, &[CLIENT_AUTH, SERVER_AUTH]), wrong(0));
    assert_eq!(
        Usages::new(SERVER, None, None).under(|builder| builder.purpose(Purpose::ServerAuth)),
        Ok(())
    );
    assert_eq!(Purpose::ClientAuth.required(), [oid::CLIENT_AUTH]);
}

const APPLICATION_POLICIES: &str = "1.3.6.1.4.1.311.21.10";

#[test]
fn application_policies_replace_usages_where_asked_for() {
    let policies = |usage: &str| {
        let information = sequence(&[der::oid(usage)]);
        Extension::new(APPLICATION_POLICIES, sequence(&[information]))
    };
    let world = World::new("application policies");
    let replaced = UsagePolicy::default().application_policies(true);
    let verdict = |template: Template, usage: UsagePolicy| {
        let leaf = world.ca.issue(template);
        let validator = below(&[&world.root]).usage(usage).build().unwrap();
        decide(&validator, &leaf, &[&world.ca.certificate]).is_ok()
    };
    let for_servers = || client().with(policies(SERVER_AUTH));
    assert!(verdict(for_servers(), UsagePolicy::default()));
    assert!(!verdict(for_servers(), replaced));
    let for_clients = || {
        client()
            .with(extended_key_usage(&[SERVER_AUTH]))
            .with(policies(CLIENT_AUTH))
    };
    assert!(!verdict(for_clients(), UsagePolicy::default()));
    assert!(verdict(for_clients(), replaced));
    // .NET does so always.
    let leaf = world.ca.issue(for_servers());
    let dotnet = below(&[&world.root]).dotnet_compatible(true).build();
    let (_, rule) = refusal(&dotnet.unwrap(), &leaf, &[&world.ca.certificate]);
    assert_eq!(rule, Rule::WrongUsage);
}

#[test]
fn periods_and_the_clock() {
    let root = Authority::root("period root");
    let ca = Template::ca("period ca").valid("20250601000000Z", "20250701000000Z");
    let ca = root.issue_ca(ca);
    let leaf = ca.issue(client().valid("20250610000000Z", "20250620000000Z"));
    let at = |builder: ValidatorBuilder, moment: &str| {
        let validator = builder.build().unwrap();
        let presented = presented(&leaf, &[&ca.certificate]);
        let verdict = validator.validate(&presented, time(moment), &NoFetcher);
        verdict
            .map(|_| ())
            .map_err(|rejected| (rejected.error().position, rejected.error().rule))
    };
    let plain = || below(&[&root]);
    let early = Rule::NotYetValid {
        not_before: time("2025-06-10T00:00:00Z"),
    };
    let late = Rule::Expired {
        not_after: time("2025-06-20T00:00:00Z"),
    };
    // Both ends belong to the period.
    assert_eq!(at(plain(), "2025-06-10T00:00:00Z"), Ok(()));
    assert_eq!(at(plain(), "2025-06-20T00:00:00Z"), Ok(()));
    assert_eq!(at(plain(), "2025-06-09T23:59:59Z"), Err((0, early)));
    assert_eq!(at(plain(), "2025-06-20T00:00:01Z"), Err((0, late)));
    // A clock that is not exact.
    let skewed = || plain().clock_skew(300);
    assert_eq!(at(skewed(), "2025-06-09T23:55:00Z"), Ok(()));
    assert_eq!(at(skewed(), "2025-06-20T00:05:00Z"), Ok(()));
    assert_eq!(at(skewed(), "2025-06-09T23:54:59Z"), Err((0, early)));
    assert_eq!(at(skewed(), "2025-06-20T00:05:01Z"), Err((0, late)));
    let forever = plain().clock_skew(u32::MAX);
    assert_eq!(at(forever, "2026-01-01T00:00:00Z"), Ok(()));

    // The leaf's period, those of the issuers, or neither.
    let after_ca = "2025-08-01T00:00:00Z";
    let expired_ca = Rule::Expired {
        not_after: time("2025-07-01T00:00:00Z"),
    };
    let no_leaf = plain().validate_leaf_period(false);
    assert_eq!(at(no_leaf, "2025-06-25T00:00:00Z"), Ok(()));
    let no_leaf = plain().validate_leaf_period(false);
    assert_eq!(at(no_leaf, after_ca), Err((1, expired_ca)));
    let no_issuers = plain().validate_issuers_period(false);
    assert_eq!(at(no_issuers, after_ca), Err((0, late)));
    let neither = plain()
        .validate_leaf_period(false)
        .validate_issuers_period(false);
    assert_eq!(at(neither, after_ca), Ok(()));
    // The anchor is among the issuers.
    let old = Template::ca("period old root").valid("20200101000000Z", "20210101000000Z");
    let old = Authority::self_signed(old);
    let leaf = old.issue(client());
    let strict = below(&[&old]).build().unwrap();
    let (position, rule) = refusal(&strict, &leaf, &[]);
    assert_eq!(position, 1);
    assert!(matches!(rule, Rule::Expired { .. }));
    let lenient = below(&[&old]).validate_issuers_period(false).build();
    assert!(decide(&lenient.unwrap(), &leaf, &[]).is_ok());
}

#[test]
fn how_long_a_verdict_holds() {
    let root = Authority::root("lasting root");
    let ca = Template::ca("lasting ca").valid("20240101000000Z", "20270101000000Z");
    let ca = root.issue_ca(ca);
    for (until, end) in [
        ("20260601000000Z", "2026-06-01T00:00:00Z"),
        ("20280101000000Z", "2027-01-01T00:00:00Z"),
    ] {
        let leaf = ca.issue(client().valid("20250101000000Z", until));
        let validator = below(&[&root]).build().unwrap();
        let accepted = decide(&validator, &leaf, &[&ca.certificate]).unwrap();
        assert_eq!(accepted.not_after(), time(end));
    }
}

#[test]
fn key_usages_of_the_leaf() {
    let world = World::new("key usage");
    let verdict = |template: Template, usage: KeyUsage| {
        let leaf = world.ca.issue(template);
        let validator = below(&[&world.root]).key_usage(usage).build().unwrap();
        let verdict = decide(&validator, &leaf, &[&world.ca.certificate]);
        verdict.map(|_| ()).map_err(|violation| violation.rule)
    };
    let signs = || client().with(key_usage(&[DIGITAL_SIGNATURE]));
    let missing = Err(Rule::KeyUsageMissing);
    assert_eq!(verdict(signs(), KeyUsage::DIGITAL_SIGNATURE), Ok(()));
    assert_eq!(verdict(signs(), KeyUsage::KEY_AGREEMENT), missing);
    let both = KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_ENCIPHERMENT;
    assert_eq!(verdict(signs(), both), missing);
    let more = || client().with(key_usage(&[0, 2]));
    assert_eq!(verdict(more(), both), Ok(()));
    // The ninth bit is in a second octet.
    let decipher = || client().with(key_usage(&[4, 8]));
    assert_eq!(verdict(decipher(), KeyUsage::DECIPHER_ONLY), Ok(()));
    // Without the extension the key may do anything.
    assert_eq!(verdict(client().without(KEY_USAGE), both), Ok(()));
    assert_eq!(verdict(signs(), KeyUsage::default()), Ok(()));
}

#[test]
fn names_that_the_peer_must_have() {
    let world = World::new("peers");
    let names = [
        dns("host.example.test"),
        dns("*.wild.example.test"),
        email("client@example.test"),
        ip(&[192, 0, 2, 1]),
    ];
    let leaf = world.ca.issue(client().with(alt_names(&names)));
    let more = [&world.ca.certificate];
    let host = |name: &str| PeerName::dns(name).unwrap();
    let mail = || PeerName::email("client@example.test").unwrap();
    let address = |last| PeerName::ip(Ipv4Addr::new(192, 0, 2, last));
    let expecting = |names: &[PeerName]| {
        let builder = names
            .iter()
            .cloned()
            .fold(below(&[&world.root]), ValidatorBuilder::expect_name);
        decide(&builder.build().unwrap(), &leaf, &more)
            .map(|_| ())
            .map_err(|violation| (violation.position, violation.rule))
    };
    let mismatch = Err((0, Rule::NameMismatch));
    assert_eq!(expecting(&[]), Ok(()));
    assert_eq!(expecting(&[host("HOST.example.test.")]), Ok(()));
    assert_eq!(expecting(&[host("a.wild.example.test")]), Ok(()));
    assert_eq!(expecting(&[host("wild.example.test")]), mismatch);
    assert_eq!(expecting(&[host("a.b.wild.example.test")]), mismatch);
    assert_eq!(expecting(&[mail(), address(1)]), Ok(()));
    // All of them.
    assert_eq!(expecting(&[mail(), address(2)]), mismatch);

    // Of the validator and of the presentation together.
    let validator = below(&[&world.root]).expect_name(mail()).build().unwrap();
    let expecting = |name: PeerName| {
        let presented = presented(&leaf, &more).expecting(name);
        let verdict = validator.validate(&presented, now(), &NoFetcher);
        verdict.map_err(|rejected| rejected.error().rule).is_ok()
    };
    assert!(expecting(host("host.example.test")));
    assert!(!expecting(host("other.example.test")));
    // A presentation's expectation is its own.
    assert!(decide(&validator, &leaf, &more).is_ok());
    // No name of the issuer counts.
    let ca = Template::ca("peers ca").with(alt_names(&[dns("host.example.test")]));
    let ca = world.root.issue_ca(ca);
    let leaf = ca.issue(client());
    let presented = Presented::new(parsed(&leaf))
        .with_certificates([parsed(&ca.certificate)])
        .expecting(host("host.example.test"));
    assert!(
        world
            .validator()
            .validate(&presented, now(), &NoFetcher)
            .is_err()
    );
}

const GOLD: &str = "1.3.6.1.4.1.32473.1.1";
const SILVER: &str = "1.3.6.1.4.1.32473.1.2";

fn policies(list: &[&str]) -> Vec<ObjectIdentifier> {
    list.iter()
        .map(|p| ObjectIdentifier::new_unwrap(p))
        .collect()
}

fn only(list: &[&str]) -> PolicyInputs {
    PolicyInputs {
        initial: InitialPolicies::Only(policies(list)),
        ..PolicyInputs::default()
    }
}

/// A client below an authority of these templates.
struct Issued {
    validator: Box<dyn Fn(PolicyInputs) -> Validator>,
    ca: Made,
    leaf: Made,
}

impl Issued {
    fn new(ca: Template, leaf: Template) -> Self {
        let root = Authority::root("policy root");
        let ca = root.issue_ca(ca);
        let leaf = ca.issue(leaf);
        let store = support::store(&[&root]);
        let validator = move |inputs| with_store(store.clone()).policies(inputs).build().unwrap();
        Self {
            validator: Box::new(validator),
            ca: ca.certificate,
            leaf,
        }
    }

    fn decide(&self, inputs: PolicyInputs) -> Result<portcullis::ValidPolicies, (usize, Rule)> {
        let verdict = decide(&(self.validator)(inputs), &self.leaf, &[&self.ca]);
        verdict
            .map(|accepted| accepted.policies())
            .map_err(|violation| (violation.position, violation.rule))
    }
}

fn ca_of(list: &[&str]) -> Template {
    Template::ca("policy ca").with(certificate_policies(list))
}

fn leaf_of(list: &[&str]) -> Template {
    client().with(certificate_policies(list))
}

#[test]
fn policies_in_and_out() {
    let issued = Issued::new(ca_of(&[GOLD, SILVER]), leaf_of(&[GOLD]));
    let gold = Some(policies(&[GOLD]));
    let valid = issued.decide(only(&[GOLD])).unwrap();
    assert_eq!(valid.user_constrained, gold);
    assert_eq!(valid.authority_constrained, gold);
    let valid = issued.decide(PolicyInputs::default()).unwrap();
    assert_eq!(valid.user_constrained, gold);
    let not_acceptable = Err((0, Rule::Policy(PolicyViolation::NoAcceptablePolicy)));
    assert_eq!(issued.decide(only(&[SILVER])), not_acceptable);
    let lax = PolicyInputs {
        initial: InitialPolicies::WhereRequired(policies(&[SILVER])),
        ..PolicyInputs::default()
    };
    let valid = issued.decide(lax).unwrap();
    assert_eq!(valid.user_constrained, Some(Vec::new()));
    assert_eq!(valid.authority_constrained, gold);

    // No policies at all are no valid ones.
    let none = Issued::new(Template::ca("policy ca"), client());
    let valid = none.decide(PolicyInputs::default()).unwrap();
    assert_eq!(valid.user_constrained, Some(Vec::new()));
    assert_eq!(
        none.decide(only(&[GOLD])),
        Err((1, Rule::Policy(PolicyViolation::NoValidPolicy)))
    );
    // anyPolicy throughout is any.
    let any = Issued::new(ca_of(&[ANY_POLICY]), leaf_of(&[ANY_POLICY]));
    let valid = any.decide(PolicyInputs::default()).unwrap();
    assert_eq!(valid.user_constrained, None);
    let valid = any.decide(only(&[GOLD])).unwrap();
    assert_eq!(valid.user_constrained, gold);
}

/// Whoever does not know a qualifier does not know what the policy is qualified by (RFC 5280
/// section 4.2.1.4).
#[test]
fn a_critical_policy_has_known_qualifiers() {
    let unknown = || policy_with_qualifier(GOLD, "1.2.3.4", der::ia5("qualified"));
    let known = || policy_with_statement(GOLD, "https://policy.example.test/");
    let kind = ObjectIdentifier::new_unwrap("1.2.3.4");
    let rule = Rule::UnknownPolicyQualifier(Some(kind));
    let decided = |ca: Extension, leaf: Extension| {
        let ca = Template::ca("policy ca").with(ca);
        let issued = Issued::new(ca, client().with(leaf));
        issued.decide(PolicyInputs::default()).map(|_| ())
    };
    assert_eq!(decided(known().critical(), known().critical()), Ok(()));
    assert_eq!(decided(unknown(), unknown()), Ok(()));
    assert_eq!(decided(known(), unknown().critical()), Err((0, rule)));
    assert_eq!(decided(unknown().critical(), known()), Err((1, rule)));
}

/// F6: whoever takes a critical certificatePolicies can interpret the values of its qualifiers too,
/// or refuses it (RFC 5280 section 4.2.1.4).
#[test]
fn a_critical_policy_has_qualifiers_of_their_type() {
    const CPS: &str = "1.3.6.1.5.5.7.2.1";
    const USER_NOTICE: &str = "1.3.6.1.5.5.7.2.2";
    let statement = || der::utf8("https://policy.example.test/");
    let notice = || sequence(&[der::utf8("for tests alone")]);
    let decided = |ca: Extension, leaf: Extension| {
        let ca = Template::ca("policy ca").with(ca);
        let issued = Issued::new(ca, client().with(leaf));
        issued.decide(PolicyInputs::default()).map(|_| ())
    };
    let plain = || certificate_policies(&[GOLD]);
    let sound = policy_with_qualifier(GOLD, USER_NOTICE, notice()).critical();
    assert_eq!(decided(plain(), sound), Ok(()));
    for (kind, value) in [
        (CPS, statement()),
        (USER_NOTICE, statement()),
        (CPS, notice()),
    ] {
        let odd = || policy_with_qualifier(GOLD, kind, value.clone());
        let rule = Rule::UnknownPolicyQualifier(Some(ObjectIdentifier::new_unwrap(kind)));
        assert!(rule.to_string().contains("is not of its type"), "{rule}");
        assert_eq!(decided(odd(), odd()), Ok(()));
        assert_eq!(decided(plain(), odd().critical()), Err((0, rule)));
        assert_eq!(decided(odd().critical(), plain()), Err((1, rule)));
    }
}

#[test]
fn any_policy_may_be_inhibited() {
    let issued = Issued::new(ca_of(&[ANY_POLICY]), leaf_of(&[GOLD]));
    assert!(issued.decide(only(&[GOLD])).is_ok());
    let inhibited = PolicyInputs {
        inhibit_any_policy: true,
        ..only(&[GOLD])
    };
    assert_eq!(
        issued.decide(inhibited),
        Err((1, Rule::Policy(PolicyViolation::NoValidPolicy)))
    );
    let by_ca = ca_of(&[GOLD]).with(inhibit_any_policy(0));
    let issued = Issued::new(by_ca, leaf_of(&[ANY_POLICY]));
    assert_eq!(
        issued.decide(only(&[GOLD])),
        Err((0, Rule::Policy(PolicyViolation::NoValidPolicy)))
    );
}

#[test]
fn mappings_and_their_inhibition() {
    let mapping = || ca_of(&[GOLD]).with(policy_mapping(GOLD, SILVER));
    let issued = Issued::new(mapping(), leaf_of(&[SILVER]));
    let valid = issued.decide(only(&[GOLD])).unwrap();
    assert_eq!(valid.user_constrained, Some(policies(&[GOLD])));
    assert!(issued.decide(only(&[SILVER])).is_err());
    let inhibited = PolicyInputs {
        inhibit_policy_mapping: true,
        ..only(&[GOLD])
    };
    assert_eq!(
        issued.decide(inhibited),
        Err((0, Rule::Policy(PolicyViolation::NoValidPolicy)))
    );
    // An authority inhibits mapping for those below it.
    let root = Authority::root("inhibit root");
    let upper = ca_of(&[GOLD]).with(inhibit_policy_mapping(0));
    let upper = root.issue_ca(upper.subject(common_name("inhibit upper")));
    let lower = upper.issue_ca(mapping());
    let leaf = lower.issue(leaf_of(&[SILVER]));
    let validator = below(&[&root]).policies(only(&[GOLD])).build().unwrap();
    let more = [&lower.certificate, &upper.certificate];
    assert_eq!(
        refusal(&validator, &leaf, &more),
        (0, Rule::Policy(PolicyViolation::NoValidPolicy))
    );
}

#[test]
fn authorities_may_require_policies() {
    let demanding = || ca_of(&[GOLD]).with(require_explicit_policy(0));
    let inputs = PolicyInputs::default;
    let issued = Issued::new(demanding(), leaf_of(&[GOLD]));
    assert!(issued.decide(inputs()).is_ok());
    let no_valid = Err((0, Rule::Policy(PolicyViolation::NoValidPolicy)));
    let issued = Issued::new(demanding(), client());
    assert_eq!(issued.decide(inputs()), no_valid);
    let issued = Issued::new(demanding(), leaf_of(&[SILVER]));
    assert_eq!(issued.decide(inputs()), no_valid);
    let later = ca_of(&[GOLD]).with(require_explicit_policy(2));
    let issued = Issued::new(later, client());
    assert!(issued.decide(inputs()).is_ok());
}

/// RFC 7633 section 4.2.2: what a CA promises to do in TLS, all below it promise too, and may
/// promise more.
#[test]
fn tls_features_of_issuers() {
    const NONE: &[u32] = &[];
    let with = |template: Template, features: &[u32]| {
        if features.is_empty() {
            return template;
        }
        let numbers: Vec<Vec<u8>> = features.iter().map(|n| der::small(*n)).collect();
        template.with(Extension::new(TLS_FEATURE, sequence(&numbers)))
    };
    let under = |root: &[u32], ca: &[u32], leaf: &[u32], limits: Limits| {
        let root = Authority::self_signed(with(Template::ca("features root"), root));
        let ca = root.issue_ca(with(Template::ca("features ca"), ca));
        let leaf = ca.issue(with(client(), leaf));
        let validator = below(&[&root]).limits(limits).build().unwrap();
        let verdict = decide(&validator, &leaf, &[&ca.certificate]);
        verdict
            .err()
            .map(|violation| (violation.position, violation.rule))
    };
    for (root, ca, leaf, missing) in [
        (NONE, NONE, &[5][..], None),
        (NONE, &[5], &[5], None),
        (NONE, &[5], &[17, 5], None),
        (&[5], &[5, 17], &[17, 5, 6], None),
        (NONE, &[5], NONE, Some(0)),
        (NONE, &[5], &[17], Some(0)),
        (NONE, &[5, 17], &[5], Some(0)),
        (&[5], NONE, &[5], Some(1)),
        (&[5, 17], &[5], &[5, 17], Some(1)),
    ] {
        let found = under(root, ca, leaf, Limits::default());
        let expected = missing.map(|position| (position, Rule::TlsFeatureMissing));
        assert_eq!(found, expected, "{root:?} {ca:?} {leaf:?}");
    }
    // Comparisons are paid for.
    let many: Vec<u32> = (0..100).collect();
    let mut limits = Limits::default();
    limits.name_comparisons = 9_999;
    let exhausted = Rule::Exhausted(Exhausted::NameComparisons);
    let found = under(NONE, &many, &many, limits);
    assert_eq!(found.map(|(_, rule)| rule), Some(exhausted));
}

/// Each key on a curve signs over the curve's own hash, where a policy asks for it: the anchor's
/// too.
#[test]
fn hashes_that_suit_the_curve() {
    let p384 = Authority::self_signed(Template::ca("curve root").key(Key::p384("curve root")));
    let judged = |of_leaf: Hash, of_ca: Hash, algorithms: AlgorithmPolicy| {
        let ca = p384.issue_ca(Template::ca("curve ca").scheme(Scheme::Ecdsa(of_ca)));
        let leaf = ca.issue(client().scheme(Scheme::Ecdsa(of_leaf)));
        let validator = below(&[&p384]).algorithms(algorithms).build().unwrap();
        let verdict = decide(&validator, &leaf, &[&ca.certificate]);
        verdict
            .map(|_| ())
            .map_err(|violation| (violation.position, violation.rule))
    };
    let bound = || AlgorithmPolicy::default().hash_of_curve(true);
    let wrong = |position, curve| {
        let error = PolicyError::HashOfAnotherCurve(curve);
        Err((position, Rule::Algorithm(error)))
    };
    assert_eq!(judged(Hash::Sha256, Hash::Sha384, bound()), Ok(()));
    assert_eq!(
        judged(Hash::Sha384, Hash::Sha384, bound()),
        wrong(0, NamedCurve::P256)
    );
    assert_eq!(
        judged(Hash::Sha256, Hash::Sha256, bound()),
        wrong(1, NamedCurve::P384)
    );
    assert_eq!(
        judged(Hash::Sha384, Hash::Sha256, AlgorithmPolicy::default()),
        Ok(())
    );
}
