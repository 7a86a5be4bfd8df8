#![doc = include_str!("guide.md")]

pub mod crl;
mod fetcher;
pub(crate) mod inquiry;
pub(crate) mod judge;
pub mod ocsp;
mod policy;
mod refresh;
mod request;
mod status;
mod status_source;
mod store;

pub use crl::{
    Crl, CrlError, CrlField, CrlFlaw, CrlInputError, CrlNumber, CrlVersion,
    IssuingDistributionPoint, RevokedEntry,
};
pub use fetcher::{AsyncRevocationFetcher, NoFetcher, RevocationFetcher};
pub(crate) use fetcher::{fetch_all, fetch_one};
pub use ocsp::{CertIdHash, OcspError, OcspRequest, OcspResponse};
pub(crate) use policy::AcceptedUnknown;
pub use policy::{NonceRule, RevocationFlag, RevocationMode, RevocationPolicy, SourceOrder};
pub(crate) use refresh::Refresh;
pub use refresh::RefreshOutcome;
pub(crate) use request::Wanted;
pub use request::{Answer, FetchFailure, Nonce, Request, RequestId, RequestKind};
pub use status::{EvidenceKind, EvidenceUsed, RevocationStatus};
pub use status_source::{KnownStatus, StatusSource};
#[cfg(feature = "std")]
pub use store::SharedEvidence;
#[cfg(test)]
pub(crate) use store::testing;
pub use store::{
    Due, Evidence, EvidenceStore, KeptCrl, KeptResponse, MAX_DUE, RefreshSchedule, Source, TooLarge,
};
pub(crate) use store::{Speaker, due};

pub use crate::certificate::extensions::RevocationReason;
