//! The page of `authentication::making_certificates`, and the generator that it shows, `examples/make_pki`.
//!
//! `cargo test` builds the examples. `cargo test --test making_certificates` alone does not, and would run those of an earlier
//! build: it needs `cargo build --examples` before it.

mod generator;
mod mistakes;
mod page;
mod programs;
#[path = "../support/mod.rs"]
mod support;
