//! Limits: each can be set, and reaching it is a separate error.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::crypto::NoMemo;
use portcullis::path::Exhausted;
use portcullis::revocation::NoFetcher;
use portcullis::{InitialPolicies, Limits, ObjectIdentifier, PolicyInputs, Rule};
use portcullis_testkit::der::{oid, sequence};
use portcullis_testkit::extensions::{
    Extension, POLICY_MAPPINGS, alt_names, certificate_policies, name_constraints,
    require_explicit_policy,
};
use portcullis_testkit::names::{common_name, dns, email};

use crate::support::{
    Authority, Counting, Made, Template, World, below, decide, now, presented, refusal, violations,
};

fn client() -> Template {
    Template::client("client")
}

fn limits(set: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits);
    limits
}

/// A chain of this many authorities.
struct Line {
    root: Authority,
    authorities: Vec<Authority>,
    leaf: Made,
}

impl Line {
    fn new(length: usize) -> Self {
        let root = Authority::root("line root");
        let mut authorities: Vec<Authority> = Vec::new();
        for n in 0..length {
            let issuer = authorities.last().unwrap_or(&root);
            authorities.push(issuer.issue_ca(Template::ca(&format!("line {n}"))));
        }
        let leaf = authorities.last().unwrap_or(&root).issue(client());
        Self {
            root,
            authorities,
            leaf,
        }
    }

    fn more(&self) -> Vec<&Made> {
        self.authorities.iter().map(|ca| &ca.certificate).collect()
    }

    /// The rule by which the chain falls under these limits.
    fn rule(&self, limits: Limits) -> Option<Rule> {
        let builder = below(&[&self.root]).memo(Arc::new(NoMemo));
        let validator = builder.limits(limits).build().unwrap();
        let verdict = decide(&validator, &self.leaf, &self.more());
        verdict.err().map(|violation| violation.rule)
    }
}

#[test]
fn signatures() {
    let line = Line::new(3);
    let under = |n| line.rule(limits(|limits| limits.signatures = n));
    assert_eq!(under(4), None);
    for n in 0..4 {
        let exhausted = Some(Rule::Exhausted(Exhausted::Signatures));
        assert_eq!(under(n), exhausted, "{n}");
    }
}

#[test]
fn search_steps() {
    let line = Line::new(3);
    let under = |n| line.rule(limits(|limits| limits.search_steps = n));
    assert_eq!(under(4), None);
    for n in 0..4 {
        let exhausted = Some(Rule::Exhausted(Exhausted::SearchSteps));
        assert_eq!(under(n), exhausted, "{n}");
    }
}

#[test]
fn certificates() {
    let line = Line::new(3);
    let under = |n| line.rule(limits(|limits| limits.certificates = n));
    assert_eq!(under(4), None);
    for n in 0..4 {
        let exhausted = Some(Rule::Exhausted(Exhausted::Certificates));
        assert_eq!(under(n), exhausted, "{n}");
    }
}

#[test]
fn bytes() {
    let line = Line::new(3);
    let all: usize = line.more().iter().map(|made| made.der.len()).sum();
    let all = u32::try_from(all + line.leaf.der.len()).unwrap();
    let under = |n| line.rule(limits(|limits| limits.bytes = n));
    assert_eq!(under(all), None);
    for n in [0, 10, all - 1] {
        let exhausted = Some(Rule::Exhausted(Exhausted::Bytes));
        assert_eq!(under(n), exhausted, "{n}");
    }
}

#[test]
fn path_length() {
    let line = Line::new(3);
    let under = |n| line.rule(limits(|limits| limits.path_length = n));
    assert_eq!(under(4), None);
    for n in 1..4 {
        let exhausted = Some(Rule::Exhausted(Exhausted::PathLength));
        assert_eq!(under(n), exhausted, "{n}");
    }
    // By default there is room for 32 certificates and an anchor.
    assert_eq!(Line::new(31).rule(Limits::default()), None);
    assert_eq!(
        Line::new(32).rule(Limits::default()),
        Some(Rule::Exhausted(Exhausted::PathLength))
    );
}

#[test]
fn a_path_that_is_too_long_does_not_hide_a_shorter_one() {
    let line = Line::new(6);
    let top = line.authorities.last().unwrap();
    let short = line.root.cross_sign("line short", top);
    let validator = below(&[&line.root])
        .limits(limits(|limits| limits.path_length = 3))
        .build()
        .unwrap();
    let mut more = line.more();
    more.push(&short);
    assert!(decide(&validator, &line.leaf, &more).is_ok());
}

/// A client with these hosts below an authority with these excluded subtrees.
fn constrained(hosts: usize, bases: usize) -> (World, Authority, Made) {
    let world = World::new("comparisons");
    let bases: Vec<Vec<u8>> = (0..bases)
        .map(|n| dns(&format!("b{n}.example.org")))
        .collect();
    let hosts: Vec<Vec<u8>> = (0..hosts)
        .map(|n| dns(&format!("h{n}.example.test")))
        .collect();
    let ca = Template::ca("comparisons constrained").with(name_constraints(&[], &bases));
    let ca = world.root.issue_ca(ca);
    let leaf = ca.issue(client().with(alt_names(&hosts)));
    (world, ca, leaf)
}

#[test]
fn name_comparisons() {
    let (world, ca, leaf) = constrained(20, 10);
    let under = |n| {
        let limits = limits(|limits| limits.name_comparisons = n);
        let validator = below(&[&world.root]).limits(limits).build().unwrap();
        let verdict = decide(&validator, &leaf, &[&ca.certificate]);
        verdict.err().map(|violation| violation.rule)
    };
    // 20 hosts and the subject are looked at, the hosts put in order, and 10 constraints read and
    // looked up among them: 5 comparisons each, and some for reading.
    assert_eq!(under(210), None);
    for n in [0, 100, 180] {
        let exhausted = Some(Rule::Exhausted(Exhausted::NameComparisons));
        assert_eq!(under(n), exhausted, "{n}");
    }
}

/// As many names under as many constraints as OpenSSL takes pass by default, and one more does not,
/// whatever the allowance.
#[test]
fn a_million_pairs_of_names_and_constraints() {
    // The subject has one RDN.
    let (world, ca, leaf) = constrained(1_023, 1_024);
    let validator = world.validator();
    assert!(decide(&validator, &leaf, &[&ca.certificate]).is_ok());
    let (world, ca, leaf) = constrained(1_023, 1_025);
    let limits = limits(|limits| limits.name_comparisons = u32::MAX);
    let validator = below(&[&world.root]).limits(limits).build().unwrap();
    let (_, rule) = refusal(&validator, &leaf, &[&ca.certificate]);
    assert_eq!(rule, Rule::Exhausted(Exhausted::NameConstraintPairs));
}

/// Certificates of nearly the largest size that each need a quarter of a billion comparisons.
#[test]
fn a_flood_of_names_and_constraints_is_refused_quickly() {
    let (world, ca, leaf) = constrained(3_000, 3_000);
    let validator = world.validator();
    let start = Instant::now();
    let (_, rule) = refusal(&validator, &leaf, &[&ca.certificate]);
    assert_eq!(rule, Rule::Exhausted(Exhausted::NameConstraintPairs));
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// The budget is that of the validation, not of a path: many candidate paths share it.
#[test]
fn candidate_paths_share_the_comparisons() {
    let world = World::new("shared");
    let bases: Vec<Vec<u8>> = (0..100)
        .map(|n| email(&format!("a{n}@example.org")))
        .collect();
    let template = |n: usize| {
        Template::ca(&format!("shared {n}"))
            .subject(common_name("shared ca"))
            .with(name_constraints(&[], &bases))
            .without_key_identifiers()
    };
    let pool: Vec<Authority> = (0..60).map(|n| world.root.issue_ca(template(n))).collect();
    let names: Vec<Vec<u8>> = (0..100)
        .map(|n| email(&format!("u{n}@example.test")))
        .collect();
    let stranger = Authority::self_signed(template(1_000));
    let leaf = stranger.issue(client().with(alt_names(&names)).without_key_identifiers());
    let more: Vec<&Made> = pool.iter().map(|ca| &ca.certificate).collect();
    let counting = Counting::new();
    let under = |comparisons, more: &[&Made]| {
        let limits = limits(|limits| limits.name_comparisons = comparisons);
        let validator = below(&[&world.root]).provider(counting.provider());
        refusal(&validator.limits(limits).build().unwrap(), &leaf, more).1
    };
    // A path takes some 1,600: 100 names in order, and 100 constraints read and looked up.
    let exhausted = Rule::Exhausted(Exhausted::NameComparisons);
    assert_eq!(under(20_000, &more), exhausted);
    assert_ne!(under(20_000, &more[..10]), exhausted);
    assert!(counting.checks() <= 200);
}

#[test]
fn policy_nodes() {
    let policies: Vec<String> = (1..=20)
        .map(|n| format!("1.3.6.1.4.1.32473.1.{n}"))
        .collect();
    let listed: Vec<&str> = policies.iter().map(String::as_str).collect();
    let world = World::new("nodes");
    let ca = Template::ca("nodes ca").with(certificate_policies(&listed));
    let ca = world.root.issue_ca(ca);
    let leaf = ca.issue(client().with(certificate_policies(&listed)));
    let inputs = PolicyInputs {
        initial: InitialPolicies::Only(vec![ObjectIdentifier::new_unwrap(&policies[3])]),
        require_explicit_policy: true,
        ..PolicyInputs::default()
    };
    let under = |n| {
        let validator = below(&[&world.root])
            .policies(inputs.clone())
            .limits(limits(|limits| limits.policy_nodes = n))
            .build()
            .unwrap();
        let verdict = decide(&validator, &leaf, &[&ca.certificate]);
        verdict.err().map(|violation| violation.rule)
    };
    assert_eq!(under(200), None);
    for n in [0, 10, 39] {
        let exhausted = Some(Rule::Exhausted(Exhausted::PolicyNodes));
        assert_eq!(under(n), exhausted, "{n}");
    }
}

/// Every policy mapped to every other on each level, which once was exponential.
#[test]
fn policy_bombs_end() {
    let policies: Vec<String> = (1..=50)
        .map(|n| format!("1.3.6.1.4.1.32473.1.{n}"))
        .collect();
    let listed: Vec<&str> = policies.iter().map(String::as_str).collect();
    let pairs: Vec<Vec<u8>> = listed
        .iter()
        .flat_map(|a| listed.iter().map(move |b| sequence(&[oid(a), oid(b)])))
        .collect();
    let mappings = Extension::new(POLICY_MAPPINGS, sequence(&pairs)).critical();
    let root = Authority::root("bomb root");
    let mut line = vec![root.clone()];
    for n in 0..10 {
        let template = Template::ca(&format!("bomb {n}"))
            .with(certificate_policies(&listed))
            .with(mappings.clone())
            .with(require_explicit_policy(0));
        line.push(line[n].issue_ca(template));
    }
    let leaf = line[10].issue(client().with(certificate_policies(&listed)));
    let more: Vec<&Made> = line[1..].iter().map(|ca| &ca.certificate).collect();
    let validator = below(&[&root]).build().unwrap();
    let start = Instant::now();
    let (_, rule) = refusal(&validator, &leaf, &more);
    assert_eq!(rule, Rule::Exhausted(Exhausted::PolicyNodes));
    assert!(start.elapsed() < Duration::from_secs(10));

    // With room enough the same chain is sound.
    let roomy = limits(|limits| limits.policy_nodes = 10_000_000);
    let validator = below(&[&root]).limits(roomy).build().unwrap();
    let start = Instant::now();
    let accepted = decide(&validator, &leaf, &more);
    assert!(accepted.is_ok(), "{accepted:?}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// One validation's exhaustion leaves nothing behind.
#[test]
fn the_next_validation_has_a_full_budget() {
    let line = Line::new(3);
    let counting = Counting::new();
    let validator = below(&[&line.root])
        .provider(counting.provider())
        .limits(limits(|limits| limits.signatures = 2))
        .build()
        .unwrap();
    // What held before the budget ran out is remembered, so that the chain gets through at last.
    let (_, rule) = refusal(&validator, &line.leaf, &line.more());
    assert_eq!(rule, Rule::Exhausted(Exhausted::Signatures));
    assert_eq!(counting.reset(), 2);
    assert!(decide(&validator, &line.leaf, &line.more()).is_ok());
    assert_eq!(counting.reset(), 2);
}

/// Running out is told first, and beside it what is known of the path that is shown.
#[test]
fn an_exhausted_search_says_so() {
    let line = Line::new(3);
    let validator = below(&[&line.root])
        .memo(Arc::new(NoMemo))
        .limits(limits(|limits| limits.search_steps = 2))
        .build()
        .unwrap();
    let rejected = validator
        .validate(&presented(&line.leaf, &line.more()), now(), &NoFetcher)
        .unwrap_err();
    assert_eq!(
        rejected.error().rule,
        Rule::Exhausted(Exhausted::SearchSteps)
    );
    let text = rejected.to_string();
    assert!(text.contains("search steps"), "{text}");
    let found = violations(&validator, &line.leaf, &line.more());
    assert_eq!(found, [(0, Rule::Exhausted(Exhausted::SearchSteps))]);
}
