//! The options of a validator, as the builder sets them.

use alloc::sync::Arc;

use super::types::{CertificateTypes, SelfSignedTrust};
use crate::crypto::{Native, Provider, SignatureMemo, default_memo};
use crate::path::options::PathOptions;
use crate::revocation::{EvidenceStore, RevocationPolicy, StatusSource};
use crate::trust::{Pool, TrustStore};

defaults! {
    /// All options of a validator.
    #[derive(Clone, Debug)]
    pub(super) struct ValidatorOptions;
    /// No anchors, and the defaults that the methods of `ValidatorBuilder` state.
    default;
    pub(super) store: TrustStore = TrustStore::default();
    pub(super) additional: Pool = Pool::default();
    pub(super) certificate_types: CertificateTypes = CertificateTypes::default();
    pub(super) self_signed: SelfSignedTrust = SelfSignedTrust::default();
    pub(super) dotnet_compatible: bool = false;
    pub(super) path: PathOptions = PathOptions::default();
    pub(super) provider: Arc<dyn Provider> = Arc::new(Native);
    pub(super) memo: Arc<dyn SignatureMemo> = default_memo();
    pub(super) revocation: RevocationPolicy = RevocationPolicy::default();
    pub(super) evidence: Option<Arc<dyn EvidenceStore>> = default_evidence();
    pub(super) status_source: Option<Arc<dyn StatusSource>> = None;
    pub(super) fetch_issuers: bool = false;
}

fn default_evidence() -> Option<Arc<dyn EvidenceStore>> {
    #[cfg(feature = "std")]
    return Some(Arc::new(crate::revocation::SharedEvidence::default()));
    #[cfg(not(feature = "std"))]
    None
}
