//! The programs and pages around the engine: the examples run as programs and against real servers,
//! conformance suites, and what documentation promises.
//!
//! `cargo test` builds the examples. `cargo test --test programs` alone does not, and would run
//! those of an earlier build: it needs `cargo build --examples` before it.
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
