//! Measures portcullis and other libraries with the same certificates.
//!
//! `data` reads the certificates. `ours` and `theirs` validate them with portcullis and with
//! rustls-webpki in the same way: from DER to a verdict with its path, which is dropped. Both have
//! prepared their roots before, and check neither names nor revocation. `others` does the same with
//! OpenSSL and certval, and `sums` checks the signatures of a chain only. `crl` makes a CRL for
//! both sides, `signatures` has the rows of the default provider, `cache` has the rows of cached
//! verdicts, `store` those of the evidence store. `timing` times two closures in turn, and `memory`
//! counts what a call allocates.

pub mod cache;
pub mod crl;
pub mod data;
pub mod memory;
pub mod others;
pub mod ours;
pub mod signatures;
pub mod store;
pub mod sums;
pub mod theirs;
pub mod timing;
