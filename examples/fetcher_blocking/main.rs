//! Validates a chain and checks revocation online, with a blocking fetcher.
//!
//! ```text
//! cargo run --example fetcher_blocking -- chain.pem roots.pem
//! ```
//!
//! `chain.pem` has the leaf first. The exit status is 0 if the chain is accepted. See `main` for
//! how a validator uses a fetcher. `fetcher.rs` and `rules.rs` are there to be copied.

mod fetcher;
mod program;
mod rules;

use std::error::Error;
use std::process::ExitCode;

use fetcher::HttpFetcher;
use program::Task;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let task = Task::from_arguments()?;
    let fetcher = HttpFetcher::new(task.rules);
    let verdict = task.validator.validate(&task.presented, task.now, &fetcher);
    Ok(program::report(&verdict))
}
