//! Programs and pages: the examples as programs and against real servers, conformance suites, and
//! the promises of the documentation.
//!
//! `cargo test` builds the examples. `cargo test --test programs` does not, and would run those of
//! an earlier build: run `cargo build --examples` first.
#![cfg(feature = "std")] // programs read the clock

mod architecture;
mod conformance;
mod formats;
mod items;
mod making_certificates;
mod pages;
mod real_servers;
mod shared_cache;
#[path = "../support/mod.rs"]
mod support;
mod validate_cli;
