//! Floor 3: revocation: what a certificate's status is by the evidence at hand, and which evidence is missing.

pub mod crl;

pub use crl::{
    Crl, CrlError, CrlField, CrlFlaw, CrlInputError, CrlNumber, CrlVersion,
    IssuingDistributionPoint, RevokedEntry,
};

pub use crate::certificate::extensions::RevocationReason;
