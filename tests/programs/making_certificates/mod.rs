//! The page of `authentication::making_certificates`, the generator that it shows,
//! `examples/make_pki`, and an attack of the page of `authentication::wrong_clients` that takes a
//! certificate.

mod attack;
mod generator;
mod mistakes;
mod page;
mod programs;
