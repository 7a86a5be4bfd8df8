//! Whole validations: what must hold for every verdict.
//!
//! Signatures are stubs, so that the fuzzer reaches paths, loops and forks. Each validation is
//! repeated with other certificates in addition to the leaf and with other limits. More
//! certificates, another order, or remembered signatures must not turn an acceptance into a
//! rejection. A small limit may do so only if the rejection says that it was reached. Step by step
//! and at once, a validation must give the same verdict under all limits, so it spends the same
//! too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::revocation::NoFetcher;
use portcullis::{
    Accepted, Certificate, CertificateTypes, InitialPolicies, Limits, Presented, Progress,
    Rejected, Rule, Validator,
};
use portcullis_fuzz::input::Input;
use portcullis_fuzz::scenario::Scenario;

/// The longest text of an error, which may quote names of bounded length.
const MAX_TEXT: usize = 16 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let kept = input.u16();
    let Some(scenario) = Scenario::read(&mut input) else {
        return;
    };
    let Ok(validator) = scenario.options.validator(&scenario.store, large()) else {
        return;
    };
    let all = scenario.present(scenario.presented.clone());
    let verdict = check(&scenario, &validator, &all);
    let accepted = verdict.is_ok();

    assert_eq!(
        check(&scenario, &validator, &all).is_ok(),
        accepted,
        "the same again"
    );

    if !exhausted(&verdict) {
        let reversed = scenario.present(scenario.presented.iter().rev().cloned());
        assert_same(&scenario, &validator, &reversed, accepted);
        let twice = scenario.presented.iter().chain(&scenario.presented);
        assert_same(
            &scenario,
            &validator,
            &scenario.present(twice.cloned()),
            accepted,
        );

        let some = scenario.presented.iter().enumerate();
        let some = some.filter(|(i, _)| kept >> i & 1 != 0);
        let some = scenario.present(some.map(|(_, certificate)| certificate.clone()));
        if check(&scenario, &validator, &some).is_ok() {
            assert!(
                accepted,
                "more certificates took an acceptance away: {verdict:?}"
            );
        }
    }
    limited(&scenario, &all, &verdict);
    through_all_doors(&scenario, &all, &large());
    through_all_doors(&scenario, &all, &scenario.options.limits);
});

/// With other certificates in addition to the leaf the verdict is the same, unless a limit was
/// reached.
fn assert_same(scenario: &Scenario, validator: &Validator, presented: &Presented, accepted: bool) {
    let verdict = check(scenario, validator, presented);
    if !exhausted(&verdict) {
        assert_eq!(verdict.is_ok(), accepted, "{verdict:?}");
    }
}

/// A limit may turn an acceptance into a rejection that says so.
fn limited(scenario: &Scenario, presented: &Presented, verdict: &Result<Accepted, Rejected>) {
    let limits = scenario.options.limits.clone();
    let validator = scenario.options.validator(&scenario.store, limits);
    let validator = validator.expect("limits do not matter for building");
    let limited = check(scenario, &validator, presented);
    match (&limited, verdict) {
        (Ok(_), Err(rejected)) => {
            assert!(exhausted(verdict), "accepted with less: {rejected:?}");
        }
        (Err(rejected), Ok(_)) => assert!(says_limit(rejected), "{rejected:?}"),
        _ => {}
    }
}

/// Validates, and checks what must hold for any verdict.
fn check(
    scenario: &Scenario,
    validator: &Validator,
    presented: &Presented,
) -> Result<Accepted, Rejected> {
    let verdict = validator.validate(presented, scenario.at, &NoFetcher);
    match &verdict {
        Ok(accepted) => check_accepted(scenario, validator, presented, accepted),
        Err(rejected) => check_rejected(rejected),
    }
    verdict
}

/// Validates at once and step by step, with validators that share nothing.
fn through_all_doors(scenario: &Scenario, presented: &Presented, limits: &Limits) {
    let validator = || {
        let validator = scenario.options.validator(&scenario.store, limits.clone());
        validator.expect("limits do not matter for building")
    };
    let at_once = validator().validate(presented, scenario.at, &NoFetcher);
    match validator().begin(presented, scenario.at).advance() {
        Progress::Done(stepwise) => assert_eq!(said(&stepwise), said(&at_once)),
        Progress::Fetch(_) => panic!("nobody asked about revocation"),
    }
}

/// Everything that a verdict says.
fn said(verdict: &Result<Accepted, Rejected>) -> String {
    match verdict {
        Ok(accepted) => format!("{:?} {:?}", accepted.anchor(), accepted.chain()),
        Err(rejected) => format!(
            "{:?} {:?} {:?} {:?}",
            rejected.error(),
            rejected.violations(),
            rejected.tried(),
            rejected.more_tried()
        ),
    }
}

fn check_accepted(
    scenario: &Scenario,
    validator: &Validator,
    presented: &Presented,
    accepted: &Accepted,
) {
    let options = &scenario.options;
    let path: Vec<&Certificate> = accepted.certificates().collect();
    assert_eq!(path[0], presented.leaf());
    assert_eq!(accepted.leaf(), presented.leaf());
    for pair in path.windows(2) {
        assert!(pair[0].issuer().matches(&pair[1].subject()));
    }
    for issuer in &path[1..] {
        let known = presented.certificates().iter();
        let known = known.chain(&options.additional);
        let mut known = known.chain(validator.store().candidates());
        assert!(known.any(|certificate| certificate == *issuer));
    }
    match accepted.anchor() {
        Some(anchor) => {
            let top = path[path.len() - 1];
            assert!(top.issuer().matches(&anchor.subject()));
            let trusted = validator.store().anchors().iter();
            let trusted = trusted.map(|anchor| (anchor.subject().as_der(), anchor.spki_der()));
            let found = (anchor.subject().as_der(), anchor.spki_der());
            assert!(trusted.into_iter().any(|trusted| trusted == found));
            assert_ne!(options.types, CertificateTypes::SelfSigned);
        }
        None => {
            assert_eq!(path.len(), 1);
            assert!(path[0].has_identical_names());
            assert_ne!(options.types, CertificateTypes::Chained);
        }
    }
    if options.is_plain() {
        let certificates = path.iter().copied();
        let anchor = accepted.anchor().and_then(|anchor| anchor.certificate());
        for certificate in certificates.chain(anchor) {
            assert!(certificate.not_before() <= scenario.at);
            assert!(scenario.at <= certificate.not_after());
        }
        assert!(accepted.not_after() >= scenario.at);
        let statuses = accepted.chain().into_iter().map(|element| element.status);
        // A pinned self-signed certificate needs no trust anchor.
        let pinned = accepted.anchor().is_none();
        assert!(pinned || statuses.into_iter().all(|status| status.is_empty()));
    }
    let length = path.len() + usize::from(accepted.anchor().is_some());
    assert_eq!(accepted.chain().len(), length);
    let policies = accepted.policies();
    let policies_of = &options.policies;
    let requires = policies_of.require_explicit_policy
        || matches!(policies_of.initial, InitialPolicies::Only(_));
    if requires && options.flags.is_empty() && length > 1 {
        assert_ne!(policies.user_constrained, Some(Vec::new()));
    }
    assert!(format!("{accepted:?}").len() < MAX_TEXT);
}

fn check_rejected(rejected: &Rejected) {
    let text = rejected.to_string();
    assert!(!text.is_empty() && text.len() < MAX_TEXT);
    assert!(rejected.tried().len() <= 16);
    assert!(rejected.more_tried() == 0 || rejected.tried().len() == 16);
    let chain = rejected.chain();
    for violation in rejected.violations() {
        assert!(chain.is_empty() || violation.position < chain.len());
        assert!(!violation.to_string().is_empty() && !violation.rule.section().is_empty());
    }
    assert!(
        rejected
            .violations()
            .windows(2)
            .all(|pair| pair[0].position <= pair[1].position)
    );
    for tried in rejected.tried() {
        assert!(!tried.certificates.is_empty());
        assert!(tried.violation.to_string().len() < MAX_TEXT);
    }
}

fn exhausted(verdict: &Result<Accepted, Rejected>) -> bool {
    verdict.as_ref().is_err_and(says_limit)
}

/// Whether the rejection says that a limit was reached.
fn says_limit(rejected: &Rejected) -> bool {
    let is_limit = |rule: &Rule| matches!(rule, Rule::TooDeep { .. } | Rule::Exhausted(_));
    let violations = rejected.violations().iter();
    let tried = rejected.tried().iter().map(|tried| &tried.violation);
    violations
        .chain(tried)
        .any(|violation| is_limit(&violation.rule))
        || rejected.more_tried() > 0
}

/// More than almost any input can use up.
fn large() -> Limits {
    let mut limits = Limits::default();
    limits.search_steps = 20_000;
    limits.signatures = 10_000;
    limits.name_comparisons = 10_000_000;
    limits.policy_nodes = 1_000_000;
    limits
}
