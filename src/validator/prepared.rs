//! What the validations of a validator share: its options, and what is prepared from them once.
//!
//! The keys of anchors are decoded, what can be checked of an anchor without a path is checked, and
//! the digest is computed, so that no validation does so again.

use core::ops::Deref;

use super::digest::digest;
use super::options::ValidatorOptions;
use crate::path::ChainStatus;
use crate::path::certificate_checks::AnchorSummaries;
use crate::path::options::PathOptions;
use crate::path::status::Forgiven;
use crate::trust::AnchorKeys;

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

impl PreparedOptions {
    pub(super) fn new(options: ValidatorOptions) -> Self {
        let store = &options.store;
        let anchor_keys = AnchorKeys::prepare(&*options.provider, store);
        Self {
            anchor_summaries: AnchorSummaries::prepare(store, &anchor_keys, &options.path),
            anchor_keys,
            signer: signer_options(&options.path),
            digest: digest(&options),
            options,
        }
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
