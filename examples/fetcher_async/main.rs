//! Validates a chain with revocation checked online, with a fetcher that does not block.
//!
//! ```text
//! cargo run --example fetcher_async -- chain.pem roots.pem
//! ```
//!
//! `chain.pem` has the leaf first. The exit status is 0 for a chain that is accepted. What matters
//! stands in `main`: a fetcher, and a validator that is given it. All requests of a round run at
//! once. `fetcher.rs` here and `rules.rs` of the blocking example are there to be copied.

mod fetcher;
#[path = "../fetcher_blocking/program.rs"]
mod program;
#[path = "../fetcher_blocking/rules.rs"]
mod rules;

use std::error::Error;
use std::process::ExitCode;

use fetcher::AsyncHttpFetcher;
use program::Task;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let task = Task::from_arguments()?;
    let fetcher = AsyncHttpFetcher::new(task.rules);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let verdict = runtime.block_on(task.validator.validate_async(
        &task.presented,
        task.now,
        &fetcher,
    ));
    Ok(program::report(&verdict))
}
