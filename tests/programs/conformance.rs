//! Conformance suites: that of this repository, and those of others if they are at hand.
//!
//! Other suites are looked for in the folder that `X509_CORPORA` names, or else in
//! `../shared/corpora`. If a suite is missing, its test says so and passes.

#[path = "../../examples/conformance/claims.rs"]
mod claims;
#[path = "../../examples/conformance/corpus.rs"]
mod corpus;
#[path = "../../examples/conformance/dotnet.rs"]
mod dotnet;
#[path = "../support/dsa.rs"]
mod dsa;
#[path = "../../examples/conformance/events.rs"]
mod events;
#[path = "../../examples/conformance/forwarding.rs"]
mod forwarding;
#[path = "../../examples/conformance/handler.rs"]
mod handler;
#[path = "../../examples/conformance/negotiation.rs"]
mod negotiation;
#[path = "../../examples/conformance/paths.rs"]
mod paths;
#[path = "../../examples/conformance/suite.rs"]
mod suite;

use std::path::{Path, PathBuf};

use suite::{Options, Score};

fn run(path: &Path) -> Score {
    let corpus = corpus::read(path).unwrap();
    let score = suite::run(&corpus, Options::default());
    if let Some(agreed) = score.default_profile {
        let (suite, total) = (&corpus.suite, score.total);
        eprintln!("{suite} under the default profile: {agreed} of {total} agree");
    }
    score
}

/// Runs a suite of others, if it is there.
fn run_if_present(name: &str) -> Option<Score> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("X509_CORPORA")
        .map_or_else(|| here.join("../shared/corpora"), PathBuf::from);
    let path = folder.join(format!("{name}.json.gz"));
    if path.is_file() {
        return Some(run(&path));
    }
    eprintln!(
        "{name}: skipped, {} is not there; set X509_CORPORA to the folder of the suites",
        path.display()
    );
    None
}

#[track_caller]
fn all_pass(score: &Score, cases: usize) {
    let failures = score.failures.join("\n");
    assert_eq!(score.passed, score.total, "{failures}");
    assert_eq!(score.total, cases, "the suite has another number of cases");
}

#[test]
fn own_testdata() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases.json");
    let score = run(&path);
    let failures = score.failures.join("\n");
    assert_eq!(score.passed, score.total, "{failures}");
    assert!(score.total > 200, "{} cases", score.total);
}

#[test]
fn nist_pkits() {
    if let Some(score) = run_if_present("pkits") {
        all_pass(&score, 498);
    }
}

#[test]
fn x509_limbo() {
    let Some(mut score) = run_if_present("limbo") else {
        return;
    };
    if cfg!(not(feature = "public-suffix")) {
        let failures = score.failures.len();
        score
            .failures
            .retain(|line| !line.contains("public-suffix"));
        score.passed += failures - score.failures.len();
    }
    all_pass(&score, 208);
}

#[test]
fn bettertls_path_building() {
    if let Some(score) = run_if_present("bettertls-pathbuilding") {
        all_pass(&score, 81);
    }
}

#[test]
fn dotnet_verification_flags() {
    if let Some(score) = run_if_present("dotnet-flags") {
        all_pass(&score, 231);
    }
}

#[test]
fn openssl_ocsp() {
    if let Some(score) = run_if_present("openssl-ocsp") {
        all_pass(&score, 59);
    }
}

#[test]
fn dotnet_revocation() {
    if let Some(score) = run_if_present("dotnet-revocation") {
        all_pass(&score, 500);
    }
}

#[test]
fn dotnet_cache() {
    if let Some(score) = run_if_present("dotnet-cache") {
        all_pass(&score, 12);
    }
}

#[test]
fn dotnet_handler() {
    if let Some(score) = run_if_present("dotnet-handler") {
        all_pass(&score, 1_347);
    }
}

#[test]
fn dotnet_claims() {
    if let Some(score) = run_if_present("dotnet-claims") {
        all_pass(&score, 135);
    }
}

#[test]
fn dotnet_events() {
    if let Some(score) = run_if_present("dotnet-events") {
        all_pass(&score, 119);
    }
}

#[test]
fn dotnet_forwarding() {
    if let Some(score) = run_if_present("dotnet-forwarding") {
        all_pass(&score, 90);
    }
}

#[test]
fn dotnet_negotiation() {
    if let Some(score) = run_if_present("dotnet-negotiation") {
        all_pass(&score, 303);
    }
}

/// A suite of one case about a chain of testdata/, whose certificates are `leaf`, `ca` and `root`.
fn suite_of_one(suite: &str, case: serde_json::Value) -> corpus::Corpus {
    use base64ct::{Base64, Encoding};
    use portcullis::Certificate;

    let pem = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata")
            .join(name);
        Certificate::from_pem_bundle(&std::fs::read(path).unwrap()).unwrap()
    };
    let chain = pem("chains/good-d2.pem");
    let root = pem("roots/root.pem");
    let text = |certificate: &Certificate| Base64::encode_string(certificate.as_der());
    let format = match suite {
        "paths" => "x509-corpus/2",
        _ => "dotnet-verdicts/1",
    };
    let file = serde_json::json!({
        "format": format,
        "suite": suite,
        "der": { "leaf": text(&chain[0]), "ca": text(&chain[1]), "root": text(&root[0]) },
        "cases": [case],
    });
    corpus::parse(file.to_string().as_bytes()).unwrap()
}

/// How the one case of a suite went.
fn outcome(corpus: &corpus::Corpus) -> Result<(), String> {
    let mut score = suite::run(corpus, Options::default());
    score.failures.pop().map_or(Ok(()), Err)
}

/// The moment that the chains of testdata/ are for: 2026-01-01.
const MOMENT: i64 = 1_767_225_600;

/// F9: a ruling on steps is read, a word for each.
#[test]
fn rulings_on_steps_are_read() {
    let step = serde_json::json!({
        "revocation_mode": "NoCheck",
        "answers": {},
        "expect": { "valid": false, "chain": [] },
    });
    let ruled = |ours: &str| {
        let case = serde_json::json!({
            "id": "steps",
            "time": MOMENT,
            "certificate": "leaf",
            "options": {
                "revocation_mode": "NoCheck",
                "custom_trust_store": ["root"],
                "extra_store": ["ca"],
            },
            "steps": [step, step],
            "ours": ours,
        });
        outcome(&suite_of_one("dotnet-revocation", case))
    };
    assert_eq!(ruled("steps: valid, valid"), Ok(()));
    assert_eq!(ruled("valid"), Ok(()));
    assert!(ruled("invalid").unwrap_err().contains("step 0"));
    assert!(
        ruled("steps: valid, invalid")
            .unwrap_err()
            .contains("step 1")
    );
    assert!(
        ruled("steps: invalid, valid")
            .unwrap_err()
            .contains("step 0")
    );
    for count in ["steps: valid", "steps: valid, valid, valid"] {
        assert!(ruled(count).unwrap_err().contains("for 2 steps"), "{count}");
    }
}

/// F9: a class is compared where one was recorded.
#[test]
fn what_was_not_recorded_is_not_compared() {
    let with = |expect: serde_json::Value| {
        let case = serde_json::json!({
            "id": "class",
            "time": MOMENT,
            "certificate": "leaf",
            "options": {
                "revocation_mode": "NoCheck",
                "chain_trust_validation_mode": "CustomRootTrust",
                "custom_trust_store": ["root"],
            },
            "expect": expect,
        });
        outcome(&suite_of_one("dotnet-handler", case))
    };
    let chain = serde_json::json!([{ "certificate": "leaf", "statuses": ["PartialChain"] }]);
    let mut expect = serde_json::json!({ "result": "fail", "chain": chain });
    assert_eq!(with(expect.clone()), Ok(()));
    expect["class"] = "chained".into();
    expect["failure"] = "chain-invalid".into();
    assert_eq!(with(expect.clone()), Ok(()));
    expect["class"] = "self-signed".into();
    assert!(with(expect.clone()).unwrap_err().contains("class"));
    expect["class"] = "chained".into();
    expect["failure"] = "chained-not-allowed".into();
    assert!(with(expect).unwrap_err().contains("failure"));
}

/// F9: a case that cannot be read fails, whatever it expects: a purpose that is not known is none
/// that a leaf breaks.
#[test]
fn a_case_that_cannot_be_read_fails() {
    let with = |purpose: &str, expect: &str| {
        let case = serde_json::json!({
            "id": "purpose",
            "time": MOMENT,
            "target": "leaf",
            "anchors": ["root"],
            "intermediates": ["ca"],
            "purpose": purpose,
            "expect": expect,
        });
        outcome(&suite_of_one("paths", case))
    };
    assert_eq!(with("client-auth", "valid"), Ok(()));
    assert!(with("client-auth", "invalid").is_err());
    for expect in ["valid", "invalid"] {
        assert!(with("nonsense", expect).unwrap_err().contains("purpose"));
    }
}
