//! The page of `authentication::making_certificates`, the generator that it shows,
//! `examples/make_pki`, and an attack of the page of `authentication::wrong_clients` that takes a
//! certificate.
//!
//! `cargo test` builds the examples. `cargo test --test making_certificates` alone does not, and
//! would run those of an earlier build: it needs `cargo build --examples` before it.

mod attack;
mod generator;
mod mistakes;
mod page;
mod programs;
#[path = "../support/mod.rs"]
mod support;
