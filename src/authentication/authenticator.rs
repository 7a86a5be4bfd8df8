//! Authenticates a request, in the order of ASP.NET Core's `CertificateAuthenticationHandler`.
//!
//! 1. Check that the request uses https.
//! 2. Check that there is a certificate.
//! 3. Look up its cached verdict. If there is none, validate its type and path.
//! 4. Create the principal.
//! 5. Run the events.
//!
//! Blocking and asynchronous callers run the same steps. A request on a resumed TLS session is like
//! any other: the session's certificate is checked again at the cost of a cache look-up, so one
//! that has expired or been revoked since the handshake is refused.

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

/// Authenticates clients by their certificates, like ASP.NET Core's handler. An authenticator is
/// immutable, cheap to clone, and can be shared between threads.
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
    /// The same authenticator with other roots. Use it to change the roots of a running server.
    /// Verdicts cached under the old roots are not used.
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

    /// The namespace under which verdicts of this provenance are cached. It is for code that
    /// validates before this authenticator does, such as in the handshake, with the same cache.
    #[must_use]
    pub fn cache_namespace(&self, provenance: Provenance) -> &[u8] {
        self.options.namespace(provenance)
    }

    /// The steps that need neither evidence nor events.
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
    /// The cache of verdicts, if there is one.
    #[must_use]
    pub fn cache(&self) -> Option<&Arc<AuthenticationCache>> {
        self.cache.as_ref().map(|cache| &cache.cache)
    }

    /// What this authenticator stores with a verdict. It is for code that validates before this
    /// authenticator does, with the same cache.
    ///
    /// Validate only after the client has **proved possession of the key** (CertificateVerify in
    /// TLS). Until then anyone can present the certificate with intermediates of their choice, and
    /// so choose which of several paths is cached.
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
        // Read before the look-up, so that a later call to forget also covers the verdict made now.
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

    /// Continues with a new verdict.
    fn judge<'a>(
        &self,
        unjudged: Unjudged<'a>,
        verdict: Result<Accepted, Rejected>,
        now: Time,
    ) -> JudgedCertificate<'a> {
        let certificate = unjudged.certificate;
        let outcome = |verdict| self.options.outcome(certificate.provenance(), verdict);
        let Some(epoch) = unjudged.epoch else {
            return judged(certificate, outcome(verdict));
        };
        let mut judged = judged(certificate, outcome(verdict.clone()));
        judged.not_cached = Some((epoch, verdict));
        if self.options.events_on_each_request {
            self.remember(&mut judged, None, now);
        }
        judged
    }

    /// Caches a new verdict. The result of the events is stored with it if they do not run again.
    fn remember(
        &self,
        judged: &mut JudgedCertificate<'_>,
        result: Option<&AuthenticationResult>,
        now: Time,
    ) {
        let new = judged.not_cached.take().zip(judged.certificate);
        if let Some(((new, certificate), cache)) = new.zip(self.cache.as_ref()) {
            let principal = judged.outcome.as_ref().ok().cloned();
            let result = result.map(|result| (certificate, result));
            cache.put(new, &self.key(certificate), principal, result, now);
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

    fn remember(&self, _: &mut JudgedCertificate<'_>, _: Option<&AuthenticationResult>, _: Time) {}
}

/// The steps of [`CertificateAuthenticator::authenticate`] and its asynchronous variant, in which
/// `.await` follows `$validate` and each event.
macro_rules! authenticate {
    ($self:ident, $request:ident, $now:ident, $validate:ident $(, $wait:tt)?) => {{
        let mut judged = match $self.begin($request, $now) {
            Begun::Ended(result) => return result,
            Begun::Judged(judged) => judged,
            Begun::Unknown(unjudged) => {
                let verdict = $validate(unjudged.certificate.presented())$(.$wait)?;
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
        $self.remember(&mut judged, Some(&result), $now);
        result
    }};
}

impl<E: Events> CertificateAuthenticator<E> {
    /// Authenticates a request at this time. The fetcher may block.
    /// [`NoFetcher`](crate::revocation::NoFetcher) uses only the evidence that is already
    /// available.
    pub fn authenticate(
        &self,
        request: &AuthenticationRequest<'_>,
        now: Time,
        fetcher: &impl RevocationFetcher,
    ) -> AuthenticationResult {
        let validate = |presented| self.validator.validate(presented, now, fetcher);
        authenticate!(self, request, now, validate)
    }

    /// The response to a client that was denied access to a resource that requires a client: 403,
    /// unless the challenge event chooses another. If the event fails, the response is 403.
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
    /// Like [`CertificateAuthenticator::authenticate`], with a fetcher and events that do not
    /// block. It works on any runtime.
    pub async fn authenticate_async<F: AsyncRevocationFetcher>(
        &self,
        request: &AuthenticationRequest<'_>,
        now: Time,
        fetcher: &F,
    ) -> AuthenticationResult {
        let validate = |presented| self.validator.validate_async(presented, now, fetcher);
        authenticate!(self, request, now, validate, await)
    }

    /// Like [`CertificateAuthenticator::challenge`], with events that do not block.
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

/// The state of a request before evidence is fetched and events run.
enum Begun<'a> {
    /// The result is known.
    Ended(AuthenticationResult),
    /// The outcome for its certificate is known.
    Judged(JudgedCertificate<'a>),
    /// Its certificate must be validated.
    Unknown(Unjudged<'a>),
}

/// A certificate whose verdict is not cached.
struct Unjudged<'a> {
    certificate: &'a ClientCertificate,
    /// The cache's epoch before the look-up.
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
