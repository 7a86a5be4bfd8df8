//! Floor 3: revocation: what a certificate's status is by the evidence at hand, and which evidence is missing.

pub mod ocsp;
mod reason;

pub use reason::RevocationReason;
