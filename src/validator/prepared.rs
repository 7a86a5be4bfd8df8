//! What the validations of a validator share: its options, and what is computed from them once.
//!
//! Preparation decodes the keys of the anchors, runs the checks of an anchor that do not need a
//! path, and computes the digest.

use alloc::sync::Arc;
use core::ops::Deref;

use super::digest::digest;
use super::options::ValidatorOptions;
use crate::path::ChainStatus;
use crate::path::certificate_checks::AnchorSummaries;
use crate::path::options::PathOptions;
use crate::path::status::Forgiven;
use crate::trust::AnchorKeys;

/// Options with everything that is computed from them.
#[derive(Debug)]
pub(super) struct PreparedOptions {
    options: ValidatorOptions,
    /// The options for paths of CRL issuers and OCSP responders.
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

/// The requirements on a path, without the purpose and the name of the leaf.
fn signer_options(path: &PathOptions) -> PathOptions {
    PathOptions {
        limits: path.limits.clone(),
        algorithms: path.algorithms.clone(),
        clock_skew: path.clock_skew,
        // An anchor that is trusted only for clients is also trusted for signers of evidence about
        // them.
        ignores_anchor_purposes: true,
        // What is forgiven for the leaf is not forgiven for those who sign evidence about it.
        forgiven: Forgiven {
            leaf: ChainStatus::empty(),
            ..path.forgiven
        },
        ..PathOptions::default()
    }
}
