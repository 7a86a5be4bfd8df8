//! Conformance suites: the crate's own always, those of others where they are at hand.
//!
//! The suites of others are looked for in the folder that `X509_CORPORA` names, else in
//! `../shared/corpora`; where they are not, the tests say so and pass.

#![cfg(feature = "std")] // for the cases that ask about the present moment

#[path = "../examples/conformance/claims.rs"]
mod claims;
#[path = "../examples/conformance/corpus.rs"]
mod corpus;
#[path = "../examples/conformance/dotnet.rs"]
mod dotnet;
#[path = "support/dsa.rs"]
mod dsa;
#[path = "../examples/conformance/events.rs"]
mod events;
#[path = "../examples/conformance/forwarding.rs"]
mod forwarding;
#[path = "../examples/conformance/handler.rs"]
mod handler;
#[path = "../examples/conformance/negotiation.rs"]
mod negotiation;
#[path = "../examples/conformance/paths.rs"]
mod paths;
#[path = "../examples/conformance/suite.rs"]
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
