//! Remembered verdicts: what is kept with them, and when they are looked up and put away.
//!
//! A verdict is put away before the events, with the principal that they start from, so that a
//! later request runs them again; or after them, with their result, where they are not to run
//! again. A result is not remembered that an event which failed had a part in, and what the events
//! of one authenticator decided is never served by another.
//!
//! The cache is the caller's, who may put into it what is kept with another verdict. What is found
//! is therefore served only where it is of this certificate, scheme and provenance; otherwise it is
//! made anew.

use alloc::sync::Arc;

use super::authenticator::{Begun, CertificateAuthenticator, Decided, Missed};
use super::forwarded::{ClientCertificate, Provenance};
use super::principal::Principal;
use super::result::{AuthenticationResult, Failure};
use crate::cache::{CacheKey, Epoch, Remembered, VerdictCache};
use crate::certificate::Certificate;
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// A cache that authenticators share, each scheme with verdicts of its own.
///
/// ```
/// use portcullis::authentication::AuthenticationCache;
/// use portcullis::cache::CacheOptions;
///
/// let cache = AuthenticationCache::new(CacheOptions::default());
/// assert!(cache.is_empty());
/// ```
pub type AuthenticationCache = VerdictCache<Kept>;

/// What an authenticator keeps with a verdict: the principal, and the whole result where events are
/// not to run again.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    principal: Option<Principal>,
    decided: Option<DecidedByEvents>,
}

/// What events made of a verdict, and whose they were.
#[derive(Clone, Debug)]
struct DecidedByEvents {
    result: AuthenticationResult,
    whose: Arc<()>,
    certificate: Certificate,
    provenance: Provenance,
}

impl Kept {
    /// The principal, as the certificate makes it; `None` for a rejection.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }
}

/// A new verdict that is to be remembered with what the events make of it.
pub(super) struct Fresh<'a> {
    certificate: &'a ClientCertificate,
    epoch: Epoch,
    verdict: Result<Accepted, Rejected>,
}

impl<E> CertificateAuthenticator<E> {
    /// Where verdicts are remembered.
    #[must_use]
    pub fn cache(&self) -> Option<&Arc<AuthenticationCache>> {
        self.settings().cache.as_ref()
    }

    /// What this authenticator keeps with a verdict: for whoever validates ahead of it into the
    /// same cache.
    ///
    /// Do so only after the client **proved that it holds the key** (CertificateVerify of TLS):
    /// until then anybody can present the certificate, with intermediates of their choice, and
    /// which of several paths is remembered would be theirs to choose.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::authentication::forwarded::{ClientCertificate, Provenance};
    /// use portcullis::authentication::{
    ///     AuthenticationCache, AuthenticationRequest, CertificateAuthenticator,
    ///     ChainTrustValidationMode, RequestScheme,
    /// };
    /// use portcullis::cache::CacheOptions;
    /// use portcullis::revocation::{NoFetcher, RevocationMode};
    /// use portcullis::{Presented, Time, TrustStore};
    ///
    /// let cache = Arc::new(AuthenticationCache::new(CacheOptions::default()));
    /// let authenticator = CertificateAuthenticator::builder()
    ///     .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
    ///     .custom_trust_store(TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?)
    ///     .revocation_mode(RevocationMode::NoCheck)
    ///     .cache(Arc::clone(&cache))
    ///     .build()?;
    /// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
    /// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
    ///
    /// // In the handshake, once CertificateVerify holds:
    /// let namespace = authenticator.cache_namespace(Provenance::Handshake);
    /// let validator = authenticator.validator();
    /// let in_handshake = cache.validate(namespace, validator, &presented, now, &NoFetcher, |verdict| {
    ///     authenticator.keep(Provenance::Handshake, verdict)
    /// });
    /// assert!(in_handshake.verdict.is_ok());
    ///
    /// // For each request:
    /// let certificate = ClientCertificate::Handshake(presented);
    /// let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
    /// let principal = authenticator.authenticate(&request, now, &NoFetcher).require()?;
    /// assert!(principal.is_same(in_handshake.kept.principal().unwrap()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keep(&self, provenance: Provenance, verdict: &Result<Accepted, Rejected>) -> Kept {
        let accepted = verdict.as_ref().ok();
        Kept {
            principal: accepted.map(|accepted| self.principal(provenance, accepted.clone())),
            decided: None,
        }
    }

    pub(super) fn look_up<'a>(&self, certificate: &'a ClientCertificate, now: Time) -> Begun<'a> {
        // Before the look-up: what is to be forgotten from here on includes the verdict that is
        // made now.
        let epoch = self.cache().map(|cache| cache.epoch());
        let remembered = self.cache().and_then(|cache| {
            let key = self.key(certificate);
            cache.get(&key, now)
        });
        let Some(remembered) = remembered else {
            return Begun::Unknown(Missed { certificate, epoch });
        };
        if let Some(result) = self.decided_before(&remembered, certificate) {
            return Begun::Ended(result.clone());
        }
        let kept = remembered.kept.principal.as_ref();
        let kept = kept.filter(|principal| self.is_of(principal, certificate));
        let outcome = match (&remembered.verdict, kept) {
            (Ok(_), Some(principal)) => Ok(principal.clone()),
            (Ok(accepted), None) => Ok(self.principal(certificate.provenance(), accepted.clone())),
            (Err(rejected), _) => Err(Failure::rejected_by_validator(rejected.clone())),
        };
        Begun::Decided(Decided::about(certificate, outcome))
    }

    /// What the events of this very authenticator made of this verdict, where they are not to run
    /// again.
    fn decided_before<'r>(
        &self,
        remembered: &'r Remembered<Kept>,
        certificate: &ClientCertificate,
    ) -> Option<&'r AuthenticationResult> {
        if self.settings().events_on_each_request {
            return None;
        }
        let kept = &remembered.kept;
        let decided = kept.decided.as_ref()?;
        let is_ours = Arc::ptr_eq(&decided.whose, &self.settings().whose)
            && decided.provenance == certificate.provenance()
            && decided.certificate == *certificate.presented().leaf()
            && kept.principal.is_some() == remembered.verdict.is_ok();
        is_ours.then_some(&decided.result)
    }

    /// Did this authenticator, or one like it, make this principal of this certificate?
    fn is_of(&self, principal: &Principal, certificate: &ClientCertificate) -> bool {
        principal.provenance() == certificate.provenance()
            && principal.scheme() == self.scheme()
            && principal.identity().certificate() == certificate.presented().leaf()
    }

    /// Takes in a new verdict.
    pub(super) fn decide<'a>(
        &self,
        missed: Missed<'a>,
        verdict: Result<Accepted, Rejected>,
        now: Time,
    ) -> Decided<'a> {
        let certificate = missed.certificate;
        let (Some(cache), Some(epoch)) = (self.cache(), missed.epoch) else {
            return Decided::about(certificate, self.outcome(certificate, verdict));
        };
        let outcome = self.outcome(certificate, verdict.clone());
        let kept = Kept {
            principal: outcome.as_ref().ok().cloned(),
            decided: None,
        };
        let mut decided = Decided::about(certificate, outcome);
        if self.settings().events_on_each_request {
            let _ = cache.put_since(epoch, &self.key(certificate), verdict, kept, now);
        } else {
            decided.fresh = Some(Fresh {
                certificate,
                epoch,
                verdict,
            });
        }
        decided
    }

    /// Remembers what the events made of a new verdict.
    pub(super) fn remember(&self, decided: Decided<'_>, result: &AuthenticationResult, now: Time) {
        let (Some(fresh), Some(cache)) = (decided.fresh, self.cache()) else {
            return;
        };
        let kept = Kept {
            principal: decided.outcome.ok(),
            decided: Some(DecidedByEvents {
                result: result.clone(),
                whose: Arc::clone(&self.settings().whose),
                certificate: fresh.certificate.presented().leaf().clone(),
                provenance: decided.provenance,
            }),
        };
        let key = self.key(fresh.certificate);
        let _ = cache.put_since(fresh.epoch, &key, fresh.verdict, kept, now);
    }

    fn key<'a>(&'a self, certificate: &'a ClientCertificate) -> CacheKey<'a> {
        let namespace = self.cache_namespace(certificate.provenance());
        CacheKey::new(namespace, self.validator(), certificate.presented())
    }
}
