//! Evidence that threads share.

use std::sync::{Mutex, PoisonError};

use super::{Evidence, EvidenceStore};

/// Evidence behind a mutex.
///
/// ```
/// use portcullis::revocation::{Crl, Evidence, SharedEvidence};
///
/// let evidence = SharedEvidence::new(Evidence::new());
/// let list = Crl::from_pem(include_bytes!("../../../testdata/crls/crl-root-revoking.pem"))?;
/// evidence.edit(|evidence| evidence.insert_list(list))?;
/// assert_eq!(evidence.edit(|evidence| evidence.len()), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct SharedEvidence(Mutex<Evidence>);

impl SharedEvidence {
    /// Shares some evidence.
    #[must_use]
    pub fn new(evidence: Evidence) -> Self {
        Self(Mutex::new(evidence))
    }

    /// Works on the evidence. Validations wait meanwhile.
    pub fn edit<T>(&self, work: impl FnOnce(&mut Evidence) -> T) -> T {
        // Each change of the evidence is whole before anything of the caller's could panic.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl EvidenceStore for SharedEvidence {
    fn with(&self, work: &mut dyn FnMut(&mut Evidence)) {
        self.edit(work);
    }
}
