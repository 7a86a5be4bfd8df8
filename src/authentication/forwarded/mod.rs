//! Certificates that a proxy forwards.

mod client;

pub use client::{Both, ClientCertificate, Forwarded, Provenance, TwoCertificates};
