//! Evidence that threads share.

use std::sync::{PoisonError, RwLock};

use super::{Evidence, EvidenceStore};

/// Evidence behind a lock: validations read at once, and wait while evidence is added.
///
/// ```
/// use portcullis::revocation::{Crl, Evidence, SharedEvidence};
///
/// let evidence = SharedEvidence::new(Evidence::new());
/// let crl = Crl::from_pem(include_bytes!("../../../testdata/crls/crl-root-revoking.pem"))?;
/// evidence.edit(|evidence| evidence.insert_crl(crl))?;
/// assert_eq!(evidence.edit(|evidence| evidence.len()), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct SharedEvidence(RwLock<Evidence>);

impl SharedEvidence {
    /// Shares some evidence.
    #[must_use]
    pub fn new(evidence: Evidence) -> Self {
        Self(RwLock::new(evidence))
    }

    /// Works on the evidence. Validations wait meanwhile.
    pub fn edit<T>(&self, work: impl FnOnce(&mut Evidence) -> T) -> T {
        // Each change of the evidence is whole before anything of the caller's could panic.
        work(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl EvidenceStore for SharedEvidence {
    fn with(&self, work: &mut dyn FnMut(&mut Evidence)) {
        self.edit(work);
    }

    fn read(&self, work: &mut dyn FnMut(&Evidence)) {
        work(&self.0.read().unwrap_or_else(PoisonError::into_inner));
    }
}
