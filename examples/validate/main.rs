//! Validates certificate chains on the command line and explains the verdicts.
//!
//! Without arguments it validates twelve samples of `testdata/`, good and bad, and prints a line on
//! each. With `--verbose` it prints the whole report on each:
//!
//! ```text
//! cargo run --release --example validate
//! ```
//!
//! With files it validates the chain in them (PEM or DER, the leaf first, `-` for standard input):
//!
//! ```text
//! cargo run --release --example validate -- chain.pem --roots ca.pem --purpose client
//! openssl s_client -showcerts -connect example.com:443 </dev/null \
//!     | cargo run --release --example validate -- - --system-roots \
//!         --purpose server --name example.com
//! ```
//!
//! Revocation is checked by default, as in the library: with the files of `--crl`, `--ocsp` and
//! `--stapled`, and what they lack is fetched. `--revocation offline` fetches nothing;
//! `--revocation off` does not check.
//!
//! The exit status is 0 if the chain is accepted, 1 if it is rejected, and 2 if the input cannot be
//! read or the command line is wrong. The library does no I/O: this program reads the files and the
//! clock, and fetches.

mod advice;
mod arguments;
mod describe;
#[path = "../fetcher_blocking/fetcher.rs"]
mod fetcher;
mod input;
mod question;
mod report;
mod requests;
#[path = "../fetcher_blocking/rules.rs"]
mod rules;
mod samples;
mod style;
mod tree;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Command, Options};
use question::Question;
use requests::Recorder;
use style::Style;

const ACCEPTED: u8 = 0;
const REJECTED: u8 = 1;
const UNREADABLE: u8 = 2;

/// The input cannot be read, or the command line is wrong. The text says what to do.
#[derive(Debug)]
struct Problem(String);

impl Problem {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(status) => ExitCode::from(status),
        Err(problem) => {
            complain(&problem.to_string());
            ExitCode::from(UNREADABLE)
        }
    }
}

fn run() -> Result<u8, Problem> {
    match arguments::parse()? {
        Command::Help => {
            print(arguments::HELP)?;
            Ok(ACCEPTED)
        }
        Command::Samples(detail) => {
            let (text, as_expected) = samples::run(detail, Style::for_stdout())?;
            print(&text)?;
            Ok(if as_expected { ACCEPTED } else { REJECTED })
        }
        Command::Validate(options) => validate(&options),
    }
}

fn validate(options: &Options) -> Result<u8, Problem> {
    let question = Question::ask(options)?;
    for note in &question.notes {
        complain(&format!("note: {note}"));
    }
    let fetcher = Recorder::new(options.allow_private);
    let verdict = question
        .validator
        .validate(&question.presented, question.at, &fetcher);
    let requests = fetcher.into_requests();
    let text = if options.json {
        report::json(&question, &verdict, &requests)
    } else {
        tree::verdict(&question, &verdict, &requests, Style::for_stdout())
    };
    print(&text)?;
    Ok(if verdict.is_ok() { ACCEPTED } else { REJECTED })
}

/// Writes to standard output. It is no failure if the reader closes it early (`| head`).
fn print(text: &str) -> Result<(), Problem> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Problem::new(format!("cannot write the report: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error. If that fails, there is nobody to tell.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "validate: {text}");
}
