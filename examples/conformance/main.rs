//! Runs conformance suites.
//!
//! ```text
//! cargo run --release --example conformance -- [--revocation off] FILE...
//! ```
//!
//! A file is JSON, gzipped or not, in one of three formats: `x509-corpus/2`, which
//! `testdata/README.md` describes; `dotnet-verdicts/1`, recorded answers of .NET; and `limbo.json`
//! as x509-limbo publishes it. The program prints each case that fails and, for each file, how many
//! pass. The exit status is 0 if all pass, 1 if a case fails, and 2 if a file cannot be read or the
//! command line is wrong.

mod claims;
#[path = "corpus.rs"]
mod corpus;
mod dotnet;
#[path = "../../tests/support/dsa.rs"]
mod dsa;
mod events;
mod forwarding;
mod handler;
mod negotiation;
mod paths;
mod suite;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut options = suite::Options::default();
    let mut files = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--revocation" => match arguments.next().as_deref() {
                Some("off") => options.without_revocation = true,
                Some("on") => options.without_revocation = false,
                _ => return usage(),
            },
            text if text.starts_with('-') => return usage(),
            _ => files.push(PathBuf::from(argument)),
        }
    }
    if files.is_empty() {
        return usage();
    }
    let mut all = true;
    for file in files {
        match corpus::read(&file) {
            Ok(corpus) => all &= report(&corpus, options),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(2);
            }
        }
    }
    if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn report(corpus: &corpus::Corpus, options: suite::Options) -> bool {
    let score = suite::run(corpus, options);
    for failure in &score.failures {
        println!("{failure}");
    }
    if let Some(agreed) = score.default_profile {
        println!(
            "{} under the default profile: {agreed} of {} agree",
            corpus.suite, score.total
        );
    }
    println!("{}: {} of {}", corpus.suite, score.passed, score.total);
    score.passed == score.total
}

fn usage() -> ExitCode {
    eprintln!("usage: conformance [--revocation off] FILE...");
    ExitCode::from(2)
}
