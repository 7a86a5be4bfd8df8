//! Cached verdicts: what is stored with each, and which of them an authenticator may use again.
//!
//! Normally the verdict is stored before the events run, with the principal that they start from,
//! so that the next request runs them again. Where events are not to run again, it is stored after
//! them, with their result. A result in which an event failed is not stored, and what the events of
//! one authenticator decided is never served by another.
//!
//! The cache is the caller's, who may store anything with a verdict. So what is found is used only
//! where it belongs to this certificate, scheme and provenance; otherwise it is made anew.

use alloc::sync::Arc;

use super::forwarded::{ClientCertificate, Provenance};
use super::principal::Principal;
use super::result::{AuthenticationError, AuthenticationResult};
use super::scheme_options::SchemeOptions;
use crate::cache::{CacheKey, CachedVerdict, ForgetEpoch, VerdictCache};
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
pub type AuthenticationCache = VerdictCache<CachedPrincipal>;

/// What an authenticator stores with a verdict: the principal, and the whole result where events
/// are not to run again.
#[derive(Clone, Debug, Default)]
pub struct CachedPrincipal {
    principal: Option<Principal>,
    event_result: Option<EventResult>,
}

/// What the events of one authenticator made of a verdict.
#[derive(Clone, Debug)]
struct EventResult {
    result: AuthenticationResult,
    owner: Arc<()>,
    certificate: Certificate,
    provenance: Provenance,
}

impl CachedPrincipal {
    pub(super) fn new(principal: Option<Principal>) -> Self {
        Self {
            principal,
            event_result: None,
        }
    }

    /// The principal that the certificate gives; `None` for a rejection.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }
}

/// The cache of one authenticator and its clones.
#[derive(Clone)]
pub(super) struct AuthenticatorCache {
    pub(super) cache: Arc<AuthenticationCache>,
    /// Identifies this authenticator and its clones: the events of another decide for that one
    /// only, and no bytes could tell them apart.
    owner: Arc<()>,
}

/// What the cache has for a certificate.
pub(super) enum CachedOutcome {
    /// The result, events included.
    Result(AuthenticationResult),
    /// The outcome from which events start.
    BeforeEvents(Result<Principal, AuthenticationError>),
}

impl AuthenticatorCache {
    pub(super) fn new(cache: Arc<AuthenticationCache>) -> Self {
        let owner = Arc::new(());
        Self { cache, owner }
    }

    pub(super) fn get(
        &self,
        options: &SchemeOptions,
        key: &CacheKey<'_>,
        certificate: &ClientCertificate,
        now: Time,
    ) -> Option<CachedOutcome> {
        let cached = self.cache.get(key, now)?;
        if !options.events_on_each_request
            && let Some(result) = self.event_result(&cached, certificate)
        {
            return Some(CachedOutcome::Result(result.clone()));
        }
        let principal = cached.kept.principal();
        let principal = principal.filter(|principal| {
            principal.provenance() == certificate.provenance()
                && principal.scheme() == &*options.scheme
                && principal.identity().certificate() == certificate.presented().leaf()
        });
        Some(CachedOutcome::BeforeEvents(
            match (&cached.verdict, principal) {
                (Ok(_), Some(principal)) => Ok(principal.clone()),
                (verdict, _) => options.outcome(certificate.provenance(), verdict.clone()),
            },
        ))
    }

    /// What the events of this very authenticator made of this verdict.
    fn event_result<'c>(
        &self,
        cached: &'c CachedVerdict<CachedPrincipal>,
        certificate: &ClientCertificate,
    ) -> Option<&'c AuthenticationResult> {
        let known = cached.kept.event_result.as_ref()?;
        let is_ours = Arc::ptr_eq(&known.owner, &self.owner)
            && known.provenance == certificate.provenance()
            && known.certificate == *certificate.presented().leaf()
            && cached.kept.principal.is_some() == cached.verdict.is_ok();
        is_ours.then_some(&known.result)
    }

    /// Stores a verdict with the principal that events start from, and their result where they are
    /// not to run again.
    pub(super) fn put(
        &self,
        (epoch, verdict): NewVerdict,
        key: &CacheKey<'_>,
        principal: Option<Principal>,
        result: Option<(&ClientCertificate, &AuthenticationResult)>,
        now: Time,
    ) {
        let event_result = result.map(|(certificate, result)| EventResult {
            result: result.clone(),
            owner: Arc::clone(&self.owner),
            certificate: certificate.presented().leaf().clone(),
            provenance: certificate.provenance(),
        });
        let kept = CachedPrincipal {
            principal,
            event_result,
        };
        let _ = self.cache.put_since(epoch, key, verdict, kept, now);
    }
}

/// A verdict that is not stored yet, and the epoch in which it was begun.
pub(super) type NewVerdict = (ForgetEpoch, Result<Accepted, Rejected>);
