//! Authenticates a request: the order of the steps, which is that of ASP.NET Core's
//! `CertificateAuthenticationHandler`.
//!
//! 1. Is it https?
//! 2. Is there a certificate?
//! 3. Is its verdict cached? If not, its type and path are validated.
//! 4. The principal is made.
//! 5. Events run.
//!
//! Blocking and asynchronous callers run the same steps. A request on a resumed TLS session is
//! like any other: the certificate that the session keeps is judged again, for the price of a cache
//! look-up, so that one that expired or was revoked since the handshake is refused.

use alloc::sync::Arc;

use super::challenge::Challenge;
use super::event_outcome::{JudgedCertificate, after_challenge, after_failed, after_validated};
use super::events::{
    AsyncEvents, AuthenticationFailed, CertificateValidated, ChallengeAsked, EventContext, Events,
    NoEvents,
};
use super::forwarded::{ClientCertificate, Provenance};
use super::principal::Principal;
use super::request::{AuthenticationRequest, RequestCertificate, RequestScheme};
use super::result::{AuthenticationError, AuthenticationResult, Denied, NoResult};
use super::scheme_options::SchemeOptions;
#[cfg(feature = "std")]
use super::verdict_cache::{
    AuthenticationCache, AuthenticatorCache, CachedOutcome, CachedPrincipal,
};
#[cfg(feature = "std")]
use crate::cache::{CacheKey, ForgetEpoch};
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use crate::time::Time;
use crate::trust::TrustStore;
use crate::validator::{Accepted, Rejected, Validator};

/// Authenticates clients by their certificates, as ASP.NET Core's handler does. Immutable, cheap to
/// clone, and shared between threads.
///
/// ```
/// use portcullis::authentication::forwarded::ClientCertificate;
/// use portcullis::authentication::{
///     AuthenticationRequest, CertificateAuthenticator, ChainTrustValidationMode, RequestScheme,
/// };
/// use portcullis::revocation::{NoFetcher, RevocationMode};
/// use portcullis::{Presented, Time, TrustStore};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// let authenticator = CertificateAuthenticator::builder()
///     .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
///     .custom_trust_store(roots)
///     .revocation_mode(RevocationMode::NoCheck) // this CA revokes nobody
///     .build()?;
///
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// let certificate = ClientCertificate::Handshake(presented);
/// let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
/// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
/// match authenticator.authenticate(&request, now, &NoFetcher).require() {
///     Ok(principal) => println!("welcome, {}", principal.identity().subject()),
///     Err(denied) => println!("{}: {denied}", denied.suggested_status()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CertificateAuthenticator<E = NoEvents> {
    pub(super) validator: Validator,
    pub(super) options: Arc<SchemeOptions>,
    #[cfg(feature = "std")]
    pub(super) cache: Option<AuthenticatorCache>,
    pub(super) events: Arc<E>,
}

impl<E> CertificateAuthenticator<E> {
    /// The same authenticator over other roots: the way to change them under load. No verdict that
    /// was cached under the old ones is used.
    pub fn with_store(&self, store: TrustStore) -> Self {
        Self {
            validator: self.validator.with_store(store),
            ..self.clone()
        }
    }

    getters! { |self|
        /// The name of the scheme.
        scheme: &str = &self.options.scheme;
        /// The validator. A TLS layer may use it too, so that one policy decides.
        validator: &Validator = &self.validator;
        /// The events.
        events: &E = &self.events;
    }

    /// The namespace under which verdicts of this provenance are cached: for code that validates
    /// ahead of this authenticator, in the handshake, into the same cache.
    #[must_use]
    pub fn cache_namespace(&self, provenance: Provenance) -> &[u8] {
        self.options.namespace(provenance)
    }

    /// All that needs neither evidence nor events.
    fn begin<'a>(&self, request: &'a AuthenticationRequest<'_>, now: Time) -> Begun<'a> {
        let ended = |why| Begun::Ended(AuthenticationResult::NoResult(why));
        if request.scheme() != RequestScheme::Https {
            return ended(NoResult::NotHttps);
        }
        match &request.certificate {
            RequestCertificate::None => ended(NoResult::NoCertificate),
            RequestCertificate::Broken(provenance, error) => {
                let error = AuthenticationError::in_reading(Arc::clone(error));
                Begun::Judged(JudgedCertificate::new(*provenance, None, Err(error)))
            }
            RequestCertificate::Present(certificate) => self.look_up(certificate, now),
        }
    }

    fn context<'a>(
        &'a self,
        request: &'a AuthenticationRequest<'a>,
        now: Time,
    ) -> EventContext<'a> {
        EventContext {
            scheme: self.scheme(),
            request,
            now,
        }
    }
}

#[cfg(feature = "std")]
impl<E> CertificateAuthenticator<E> {
    /// Where verdicts are cached.
    #[must_use]
    pub fn cache(&self) -> Option<&Arc<AuthenticationCache>> {
        self.cache.as_ref().map(|cache| &cache.cache)
    }

    /// What this authenticator stores with a verdict: for code that validates ahead of it into the
    /// same cache.
    ///
    /// Do so only after the client **proved that it holds the key** (CertificateVerify of TLS):
    /// until then anybody can present the certificate, with intermediates of their choice, and so
    /// choose which of several paths is cached.
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
    pub fn keep(
        &self,
        provenance: Provenance,
        verdict: &Result<Accepted, Rejected>,
    ) -> CachedPrincipal {
        let accepted = verdict.as_ref().ok();
        let principal = accepted.map(|a| self.options.principal(provenance, a.clone()));
        CachedPrincipal::new(principal)
    }

    fn look_up<'a>(&self, certificate: &'a ClientCertificate, now: Time) -> Begun<'a> {
        // Before the look-up: whatever is forgotten from here on includes the verdict made now.
        let epoch = self.cache().map(|cache| cache.epoch());
        let key = self.key(certificate);
        let cache = self.cache.as_ref();
        match cache.and_then(|cache| cache.get(&self.options, &key, certificate, now)) {
            None => Begun::Unknown(Unjudged { certificate, epoch }),
            Some(CachedOutcome::Result(result)) => Begun::Ended(result),
            Some(CachedOutcome::BeforeEvents(outcome)) => {
                Begun::Judged(judged(certificate, outcome))
            }
        }
    }

    /// Takes in a new verdict.
    fn judge<'a>(
        &self,
        unjudged: Unjudged<'a>,
        verdict: Result<Accepted, Rejected>,
        now: Time,
    ) -> JudgedCertificate<'a> {
        let certificate = unjudged.certificate;
        let Some((cache, epoch)) = self.cache.as_ref().zip(unjudged.epoch) else {
            let outcome = self.options.outcome(certificate.provenance(), verdict);
            return judged(certificate, outcome);
        };
        let outcome = self
            .options
            .outcome(certificate.provenance(), verdict.clone());
        let principal = outcome.as_ref().ok().cloned();
        let mut judged = judged(certificate, outcome);
        if self.options.events_on_each_request {
            let key = self.key(certificate);
            cache.put((epoch, verdict), &key, principal, None, now);
        } else {
            judged.not_cached = Some((epoch, verdict));
        }
        judged
    }

    /// Caches what the events made of a new verdict, where they are not to run again.
    fn remember(&self, judged: JudgedCertificate<'_>, result: &AuthenticationResult, now: Time) {
        let certificate = judged.certificate;
        if let (Some(new), Some(cache), Some(certificate)) =
            (judged.not_cached, &self.cache, certificate)
        {
            let (key, principal) = (self.key(certificate), judged.outcome.ok());
            cache.put(new, &key, principal, Some((certificate, result)), now);
        }
    }

    fn key<'a>(&'a self, certificate: &'a ClientCertificate) -> CacheKey<'a> {
        let namespace = self.cache_namespace(certificate.provenance());
        CacheKey::new(namespace, &self.validator, certificate.presented())
    }
}

/// Without `std` there is no cache.
#[cfg(not(feature = "std"))]
impl<E> CertificateAuthenticator<E> {
    fn look_up<'a>(&self, certificate: &'a ClientCertificate, _: Time) -> Begun<'a> {
        Begun::Unknown(Unjudged { certificate })
    }

    fn judge<'a>(
        &self,
        Unjudged { certificate }: Unjudged<'a>,
        verdict: Result<Accepted, Rejected>,
        _: Time,
    ) -> JudgedCertificate<'a> {
        let outcome = self.options.outcome(certificate.provenance(), verdict);
        judged(certificate, outcome)
    }

    fn remember(&self, _: JudgedCertificate<'_>, _: &AuthenticationResult, _: Time) {}
}

/// The steps of [`CertificateAuthenticator::authenticate`], which the asynchronous one shares:
/// `$validate` and each event are followed by `.await` there.
macro_rules! authenticate {
    ($self:ident, $request:ident, $now:ident, $presented:ident, $validate:expr $(, $wait:tt)?) => {{
        let mut judged = match $self.begin($request, $now) {
            Begun::Ended(result) => return result,
            Begun::Judged(judged) => judged,
            Begun::Unknown(unjudged) => {
                let $presented = unjudged.certificate.presented();
                let verdict = $validate$(.$wait)?;
                $self.judge(unjudged, verdict, $now)
            }
        };
        let context = $self.context($request, $now);
        let mut result = match &judged.outcome {
            Ok(principal) => {
                let context = CertificateValidated { context, principal };
                let decision = $self.events.certificate_validated(&context)$(.$wait)?;
                after_validated(principal, decision)
            }
            Err(error) => AuthenticationResult::Failure(error.clone()),
        };
        if let AuthenticationResult::Failure(error) = result {
            let failed = AuthenticationFailed {
                context,
                failure: &error,
                certificate: judged.leaf(),
                provenance: judged.provenance,
            };
            let decision = $self.events.authentication_failed(&failed)$(.$wait)?;
            result = after_failed(&$self.options, &mut judged, error, decision);
        }
        $self.remember(judged, &result, $now);
        result
    }};
}

impl<E: Events> CertificateAuthenticator<E> {
    /// Decides about a request, at this time. The fetcher may block;
    /// [`NoFetcher`](crate::revocation::NoFetcher) does with the evidence at hand.
    pub fn authenticate(
        &self,
        request: &AuthenticationRequest<'_>,
        now: Time,
        fetcher: &impl RevocationFetcher,
    ) -> AuthenticationResult {
        let validator = &self.validator;
        authenticate!(
            self,
            request,
            now,
            presented,
            validator.validate(presented, now, fetcher)
        )
    }

    /// The answer to a client that was not let in where a client is required: 403, unless the
    /// challenge event gives another. An event that fails changes nothing.
    pub fn challenge(
        &self,
        request: &AuthenticationRequest<'_>,
        denied: &Denied,
        now: Time,
    ) -> Challenge {
        let context = self.context(request, now);
        after_challenge(self.events.challenge(&ChallengeAsked { context, denied }))
    }
}

impl<E: AsyncEvents> CertificateAuthenticator<E> {
    /// As [`CertificateAuthenticator::authenticate`], with a fetcher and events that do not block,
    /// on whichever runtime polls the future.
    pub async fn authenticate_async<F: AsyncRevocationFetcher>(
        &self,
        request: &AuthenticationRequest<'_>,
        now: Time,
        fetcher: &F,
    ) -> AuthenticationResult {
        let validator = &self.validator;
        authenticate!(
            self,
            request,
            now,
            presented,
            validator.validate_async(presented, now, fetcher),
            await
        )
    }

    /// As [`CertificateAuthenticator::challenge`], with events that do not block.
    pub async fn challenge_async(
        &self,
        request: &AuthenticationRequest<'_>,
        denied: &Denied,
        now: Time,
    ) -> Challenge {
        let context = self.context(request, now);
        let asked = ChallengeAsked { context, denied };
        after_challenge(self.events.challenge(&asked).await)
    }
}

/// How far a request gets without evidence and events.
enum Begun<'a> {
    /// To its end.
    Ended(AuthenticationResult),
    /// To the outcome for its certificate.
    Judged(JudgedCertificate<'a>),
    /// To a certificate that has to be validated.
    Unknown(Unjudged<'a>),
}

/// A certificate whose verdict is not cached.
struct Unjudged<'a> {
    certificate: &'a ClientCertificate,
    /// That of the cache before the look-up.
    #[cfg(feature = "std")]
    epoch: Option<ForgetEpoch>,
}

fn judged(
    certificate: &ClientCertificate,
    outcome: Result<Principal, AuthenticationError>,
) -> JudgedCertificate<'_> {
    JudgedCertificate::new(certificate.provenance(), Some(certificate), outcome)
}

impl<E> Clone for CertificateAuthenticator<E> {
    fn clone(&self) -> Self {
        Self {
            validator: self.validator.clone(),
            options: Arc::clone(&self.options),
            #[cfg(feature = "std")]
            cache: self.cache.clone(),
            events: Arc::clone(&self.events),
        }
    }
}

debug! {
    impl[E] CertificateAuthenticator<E>: "CertificateAuthenticator", |self|
    "scheme": self.scheme()
}
