//! portcullis and others on the same certificates.
//!
//! `data` reads the certificates, `ours` and `theirs` put them before the two validators in the
//! same way, `timing` measures two closures in turn. Both sides go from DER to a verdict with its
//! path and drop it; both have prepared their roots in advance; neither is asked for a name or for
//! revocation. `crl` is one list of revoked certificates for both, `memory` counts what a call
//! allocates. `sums` is what a chain's signatures cost by themselves, `others` what OpenSSL and
//! certval make of it. `cache` has the rows of remembered verdicts,
//! `store` those of the evidence store.

pub mod cache;
pub mod crl;
pub mod data;
pub mod memory;
pub mod others;
pub mod ours;
pub mod store;
pub mod sums;
pub mod theirs;
pub mod timing;
