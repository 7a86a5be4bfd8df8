//! Revocation in whole validations: CRLs, OCSP responses, and fetched issuers.
#![cfg(feature = "std")] // for the evidence that threads share

mod answer_order;
mod crl;
mod evidence_store;
mod findings;
mod issuer_fetch;
mod known_issuers;
mod namesakes;
mod ocsp;
mod put_back;
mod refresh_rounds;
mod session;
mod several_paths;
mod status_source;
#[path = "../support/mod.rs"]
mod support;
