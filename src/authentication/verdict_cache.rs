//! Cached verdicts: what is stored with each, and which ones an authenticator may reuse.
//!
//! By default the verdict is stored before the events run, with the principal that is passed to
//! them, and the next request runs them again. If events run only for new verdicts, the verdict is
//! stored after them, together with their result. The result is not stored if an event failed, and
//! an authenticator never uses what the events of another decided.
//!
//! The caller owns the cache and may store anything with a verdict. So a stored principal is used
//! only if it belongs to this certificate, scheme and provenance; otherwise a new one is created.

use alloc::sync::Arc;

use super::forwarded::{ClientCertificate, Provenance};
use super::principal::Principal;
use super::result::{AuthenticationError, AuthenticationResult};
use super::scheme_options::SchemeOptions;
use crate::cache::{CacheKey, CachedVerdict, ForgetEpoch, VerdictCache};
use crate::certificate::Certificate;
use crate::time::Time;
use crate::validator::{Accepted, Rejected};

/// A cache that authenticators can share. Each scheme has its own verdicts.
///
/// ```
/// use portcullis::authentication::AuthenticationCache;
/// use portcullis::cache::CacheOptions;
///
/// let cache = AuthenticationCache::new(CacheOptions::default());
/// assert!(cache.is_empty());
/// ```
pub type AuthenticationCache = VerdictCache<CachedPrincipal>;

/// What an authenticator stores with a verdict: the principal, and the whole result if events run
/// only for new verdicts.
#[derive(Clone, Debug, Default)]
pub struct CachedPrincipal {
    principal: Option<Principal>,
    event_result: Option<EventResult>,
}

/// The result of one authenticator's events for a verdict.
#[derive(Clone, Debug)]
struct EventResult {
    result: AuthenticationResult,
    owner: Arc<()>,
    certificate: Certificate,
    provenance: Provenance,
}

impl CachedPrincipal {
    pub(super) fn new(principal: Option<Principal>) -> Self {
        let event_result = None;
        Self {
            principal,
            event_result,
        }
    }

    /// The principal of the certificate. `None` for a rejection.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }
}

/// The cache of one authenticator and its clones.
#[derive(Clone)]
pub(super) struct AuthenticatorCache {
    pub(super) cache: Arc<AuthenticationCache>,
    /// Identifies this authenticator and its clones. Decisions of another authenticator's events
    /// do not apply, and events cannot be compared by bytes.
    owner: Arc<()>,
}

/// What the cache has stored for a certificate.
pub(super) enum CachedOutcome {
    /// The result after events.
    Result(AuthenticationResult),
    /// The outcome that is passed to events.
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
        let outcome = match (&cached.verdict, principal) {
            (Ok(_), Some(principal)) => Ok(principal.clone()),
            (verdict, _) => options.outcome(certificate.provenance(), verdict.clone()),
        };
        Some(CachedOutcome::BeforeEvents(outcome))
    }

    /// The result of this authenticator's events for this verdict.
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

    /// Stores a verdict with the principal that is passed to events, and their result if they run
    /// only for new verdicts.
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

/// A verdict that is not stored yet, and the epoch in which its validation began.
pub(super) type NewVerdict = (ForgetEpoch, Result<Accepted, Rejected>);
