//! The page `authentication::making_certificates`, the program `examples/make_pki`, and an attack
//! on the page `authentication::wrong_clients` that needs a certificate.

mod attack;
mod generator;
mod mistakes;
mod page;
mod programs;
