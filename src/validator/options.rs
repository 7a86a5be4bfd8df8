//! What the validations of a validator share: its options, and what is prepared from them once.
//!
//! The builder writes [`ValidatorOptions`]. Preparing them decodes the keys of the anchors, checks
//! what can be checked of an anchor without a path, and computes the digest, so that no validation
//! does so again.

use alloc::sync::Arc;
use core::ops::Deref;

use super::digest::digest;
use super::types::{CertificateTypes, SelfSignedTrust};
use crate::crypto::{Provider, RustCrypto, SignatureMemo, default_memo};
use crate::path::ChainStatus;
use crate::path::certificate_checks::AnchorSummaries;
use crate::path::options::PathOptions;
use crate::path::status::Forgiven;
use crate::revocation::{EvidenceStore, RevocationPolicy};
use crate::trust::{AnchorKeys, Pool, TrustStore};

defaults! {
    /// All that a validator is told.
    #[derive(Clone, Debug)]
    pub(super) struct ValidatorOptions;
    /// No anchors, and the defaults that the methods of `ValidatorBuilder` name.
    default;
    pub(super) store: TrustStore = TrustStore::default();
    pub(super) additional: Pool = Pool::default();
    pub(super) types: CertificateTypes = CertificateTypes::default();
    pub(super) self_signed: SelfSignedTrust = SelfSignedTrust::default();
    pub(super) dotnet: bool = false;
    pub(super) path: PathOptions = PathOptions::default();
    pub(super) provider: Arc<dyn Provider> = Arc::new(RustCrypto);
    pub(super) memo: Arc<dyn SignatureMemo> = default_memo();
    pub(super) revocation: RevocationPolicy = RevocationPolicy::default();
    pub(super) evidence: Option<Arc<dyn EvidenceStore>> = default_evidence();
    pub(super) fetch_issuers: bool = false;
}

/// Options with all that is prepared from them.
#[derive(Debug)]
pub(super) struct PreparedOptions {
    options: ValidatorOptions,
    /// What the paths of CRL issuers and OCSP responders must satisfy.
    pub(super) signer: PathOptions,
    pub(super) anchor_keys: AnchorKeys,
    pub(super) anchor_summaries: AnchorSummaries,
    pub(super) digest: [u8; 32],
}

impl ValidatorOptions {
    pub(super) fn prepare(self) -> Arc<PreparedOptions> {
        let anchor_keys = AnchorKeys::prepare(&*self.provider, &self.store);
        Arc::new(PreparedOptions {
            anchor_summaries: AnchorSummaries::prepare(&self.store, &anchor_keys, &self.path),
            anchor_keys,
            signer: signer_options(&self.path),
            digest: digest(&self),
            options: self,
        })
    }
}

impl Deref for PreparedOptions {
    type Target = ValidatorOptions;

    fn deref(&self) -> &ValidatorOptions {
        &self.options
    }
}

/// All that is asked of a path, but for the purpose and the name of the leaf.
fn signer_options(path: &PathOptions) -> PathOptions {
    PathOptions {
        limits: path.limits.clone(),
        algorithms: path.algorithms.clone(),
        clock_skew: path.clock_skew,
        // An anchor that vouches for clients alone also vouches for the signers of evidence
        // about them.
        ignores_anchor_purposes: true,
        // What is forgiven the leaf is not forgiven those who vouch for it.
        forgiven: Forgiven {
            leaf: ChainStatus::empty(),
            ..path.forgiven
        },
        ..PathOptions::default()
    }
}

fn default_evidence() -> Option<Arc<dyn EvidenceStore>> {
    #[cfg(feature = "std")]
    return Some(Arc::new(crate::revocation::SharedEvidence::default()));
    #[cfg(not(feature = "std"))]
    None
}
