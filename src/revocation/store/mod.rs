//! Evidence that outlives a validation: lists and responses by what they speak for, and the URLs that did not answer.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::crl::Crl;
use super::ocsp::{IssuerHashes, OcspResponse};
use super::request::Request;
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::time::Time;

/// Where validations share evidence.
///
/// It stands behind a trait so that it works without `std`: there the caller wraps an [`Evidence`] in the lock of
/// the target. With `std`, [`SharedEvidence`] is ready to use.
pub trait EvidenceStore: Send + Sync + fmt::Debug {
    /// Runs some short work on the evidence, under the lock. Nothing slow runs in it: no signature, no fetch.
    fn with(&self, work: &mut dyn FnMut(&mut Evidence));
}

/// Lists and responses at hand.
#[derive(Debug, Default)]
pub struct Evidence {
    lists: Vec<(Crl, Option<Arc<[u8]>>)>,
    responses: Vec<OcspResponse>,
}

impl Evidence {
    /// No evidence.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a list by hand.
    pub fn insert_list(&mut self, list: Crl) {
        self.lists.push((list, None));
    }

    /// Adds a response by hand.
    pub fn insert_response(&mut self, response: OcspResponse) {
        self.responses.push(response);
    }

    pub(crate) fn lists_of(&self, issuer: Name<'_>) -> Vec<(Crl, Option<Arc<[u8]>>)> {
        let mut lists = self.lists.clone();
        lists.retain(|(list, _)| list.issuer().matches(&issuer));
        lists
    }

    pub(crate) fn responses_about(
        &self,
        serial: &[u8],
        issuer: &IssuerHashes<'_>,
    ) -> Vec<OcspResponse> {
        let mut responses = self.responses.clone();
        responses.retain(|response| response.singles_for(serial, issuer).next().is_some());
        responses
    }

    /// Keeps a list whose signature has held under a key, and where it came from.
    pub(crate) fn keep_list(&mut self, list: &Crl, key: &Arc<[u8]>, _source: Option<&Request>) {
        self.lists
            .retain(|(known, _)| known.as_der() != list.as_der());
        self.lists.push((list.clone(), Some(Arc::clone(key))));
    }

    /// Keeps a response that holds for a certificate of the issuer with this key, and where it came from.
    pub(crate) fn keep_response(
        &mut self,
        response: &OcspResponse,
        _certificate: &Certificate,
        _issuer_key: &SubjectPublicKeyInfo<'_>,
        _source: Option<&Request>,
    ) {
        self.responses
            .retain(|known| known.as_der() != response.as_der());
        self.responses.push(response.clone());
    }

    pub(crate) fn is_paused(&self, _url: &str, _at: Time) -> bool {
        false
    }

    pub(crate) fn note_failure(&mut self, _url: &str, _at: Time) {}
}

#[cfg(feature = "std")]
pub use shared::SharedEvidence;

#[cfg(feature = "std")]
mod shared {
    use std::sync::{Mutex, PoisonError};

    use super::{Evidence, EvidenceStore};

    /// Evidence behind a mutex.
    #[derive(Debug, Default)]
    pub struct SharedEvidence(Mutex<Evidence>);

    impl SharedEvidence {
        /// Shares some evidence.
        #[must_use]
        pub fn new(evidence: Evidence) -> Self {
            Self(Mutex::new(evidence))
        }
    }

    impl EvidenceStore for SharedEvidence {
        fn with(&self, work: &mut dyn FnMut(&mut Evidence)) {
            work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// Has this URL failed lately?
pub(crate) fn paused(store: Option<&dyn EvidenceStore>, url: &str, at: Time) -> bool {
    let mut paused = false;
    if let Some(store) = store {
        store.with(&mut |evidence| paused = evidence.is_paused(url, at));
    }
    paused
}

/// Notes that these URLs did not answer.
pub(super) fn pause_urls<'u>(
    store: Option<(&dyn EvidenceStore, Time)>,
    urls: impl Iterator<Item = &'u String>,
) {
    let Some((store, at)) = store else { return };
    for url in urls {
        store.with(&mut |evidence| evidence.note_failure(url, at));
    }
}
