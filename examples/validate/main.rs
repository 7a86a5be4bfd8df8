//! Validates certificate chains from the command line and shows how each verdict came about.
//!
//! Without arguments it goes through a dozen samples of `testdata/`, good and bad, and prints a
//! line on each; `--verbose` shows the chains as trees, as a chain of your own is shown:
//!
//! ```text
//! cargo run --release --example validate
//! ```
//!
//! With files it validates those (PEM or DER, the leaf first, `-` for standard input):
//!
//! ```text
//! cargo run --release --example validate -- chain.pem --roots ca.pem --purpose client
//! openssl s_client -showcerts -connect example.com:443 </dev/null \
//!     | cargo run --release --example validate -- - --system-roots --purpose server --name example.com
//! ```
//!
//! Revocation is checked, as the library does unless told otherwise: by the files of `--crl`,
//! `--ocsp` and `--stapled`, and what they do not say is fetched. `--revocation offline` fetches
//! nothing, `--revocation off` does not check.
//!
//! The exit status is 0 for an accepted chain, 1 for a rejected one, and 2 for input that cannot be
//! read or a command line that makes no sense. The library itself reads no files, no clock and no
//! network: all of that happens here.

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

/// Input that cannot be read, or a command line that makes no sense: what went wrong and what to
/// do.
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

/// Writes to standard output. A reader that went away (`| head`) is no failure.
fn print(text: &str) -> Result<(), Problem> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Problem::new(format!("cannot write the report: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error. Where that is closed there is nobody left to tell.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "validate: {text}");
}
