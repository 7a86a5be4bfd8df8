//! Validates a chain and checks revocation online, with an async fetcher.
//!
//! ```text
//! cargo run --example fetcher_async -- chain.pem roots.pem
//! ```
//!
//! `chain.pem` has the leaf first. The exit status is 0 if the chain is accepted. See `main` for
//! how a validator uses a fetcher: the requests of one round run at the same time. `fetcher.rs`
//! here and `rules.rs` of the blocking example are there to be copied.

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
