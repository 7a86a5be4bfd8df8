//! The handler: one request in, one result out, in the order of .NET's.
//!
//! https, then whether there is a certificate, then what is remembered, then the type of the certificate and its path, then
//! the principal, then the events. What comes before the events is the same for a blocking and a waiting caller and is
//! written once; the events are asked in two ways, and what they answer is judged in one place.
//!
//! A request on a resumed session is like any other: the TLS layer keeps the client's certificate with the session, and it is
//! authenticated anew, at the price of a look-up where a cache remembers it. So a certificate that expired or was revoked
//! since the full handshake lets nobody in.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::builder::CertificateAuthenticatorBuilder;
use super::challenge::Challenge;
use super::claims::Claims;
use super::dotnet_claims::dotnet_claims;
use super::events::{
    AsyncEvents, AuthenticationFailed, CertificateValidated, ChallengeAsked, ChallengeDecision,
    Decision, EventError, Events, FailureDecision, NoEvents, Surroundings,
};
use super::forwarded::{ClientCertificate, Provenance};
#[cfg(feature = "std")]
use super::kept::AuthenticationCache;
use super::kept::Kept;
use super::principal::Principal;
use super::request::{AuthenticationRequest, Given, RequestScheme};
use super::result::{AuthenticationResult, Denied, Failure, NoResult};
#[cfg(feature = "std")]
use crate::cache::{CacheKey, Remembered};
use crate::certificate::Certificate;
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use crate::time::Time;
use crate::trust::TrustStore;
use crate::validator::{Accepted, Rejected, Validator};

/// Authenticates clients by their certificates, as ASP.NET Core's handler does. Immutable, cheap to clone, and shared
/// between threads.
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
    validator: Validator,
    settings: Arc<Settings>,
    events: Arc<E>,
}

/// What does not decide a verdict.
pub(super) struct Settings {
    scheme: Arc<str>,
    /// Who issues the claims, if not the default issuer.
    issuer: Option<Arc<str>>,
    /// Under which verdicts are remembered, by provenance.
    handshake: Vec<u8>,
    forwarded: Vec<u8>,
    replace_failures: bool,
    #[cfg_attr(not(feature = "std"), allow(dead_code))]
    events_on_each_request: bool,
    #[cfg(feature = "std")]
    cache: Option<Arc<AuthenticationCache>>,
}

impl Settings {
    pub(super) fn new(
        scheme: &str,
        issuer: Option<&str>,
        replace_failures: bool,
        events_on_each_request: bool,
        #[cfg(feature = "std")] cache: Option<Arc<AuthenticationCache>>,
    ) -> Self {
        Self {
            scheme: Arc::from(scheme),
            issuer: issuer.map(Arc::from),
            handshake: namespace(Provenance::Handshake, scheme, issuer),
            forwarded: namespace(Provenance::Forwarded, scheme, issuer),
            replace_failures,
            events_on_each_request,
            #[cfg(feature = "std")]
            cache,
        }
    }
}

/// What tells remembered verdicts apart: provenance, scheme, and who issues the claims that are kept. The scheme stands
/// behind its length, so that no two of these give the same bytes.
fn namespace(provenance: Provenance, scheme: &str, issuer: Option<&str>) -> Vec<u8> {
    let provenance = match provenance {
        Provenance::Handshake => b'h',
        Provenance::Forwarded => b'f',
    };
    let mut bytes = Vec::from([provenance]);
    bytes.extend((scheme.len() as u64).to_be_bytes());
    bytes.extend(scheme.as_bytes());
    bytes.extend(issuer.unwrap_or_default().as_bytes());
    bytes
}

impl CertificateAuthenticator {
    /// Starts from .NET's defaults, which the methods of [`CertificateAuthenticatorBuilder`] name.
    pub fn builder() -> CertificateAuthenticatorBuilder {
        CertificateAuthenticatorBuilder::new()
    }
}

impl<E> CertificateAuthenticator<E> {
    pub(super) fn new(validator: Validator, settings: Settings, events: E) -> Self {
        Self {
            validator,
            settings: Arc::new(settings),
            events: Arc::new(events),
        }
    }

    /// The same authenticator over other roots: the way to change them under load. Nothing that was remembered under the old
    /// ones is served.
    #[must_use]
    pub fn with_store(&self, store: TrustStore) -> Self {
        Self {
            validator: self.validator.with_store(store),
            ..self.clone()
        }
    }

    /// The name of the scheme.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.settings.scheme
    }

    /// The validator, which a TLS layer may use too, so that one policy decides.
    #[must_use]
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> &E {
        &self.events
    }

    /// Where verdicts are remembered.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn cache(&self) -> Option<&Arc<AuthenticationCache>> {
        self.settings.cache.as_ref()
    }

    /// The namespace under which this authenticator remembers verdicts of this provenance: for whoever validates ahead of
    /// it, in the handshake, into the same cache.
    #[must_use]
    pub fn cache_namespace(&self, provenance: Provenance) -> &[u8] {
        match provenance {
            Provenance::Handshake => &self.settings.handshake,
            Provenance::Forwarded => &self.settings.forwarded,
        }
    }

    /// What this authenticator keeps with a verdict: for whoever validates ahead of it into the same cache.
    #[must_use]
    pub fn keep(&self, provenance: Provenance, verdict: &Result<Accepted, Rejected>) -> Kept {
        let accepted = verdict.as_ref().ok();
        Kept {
            principal: accepted.map(|accepted| self.principal(provenance, accepted.clone())),
            result: None,
        }
    }

    fn principal(&self, provenance: Provenance, accepted: Accepted) -> Principal {
        let claims = dotnet_claims(accepted.leaf(), self.settings.issuer.as_ref());
        Principal::new(&self.settings.scheme, provenance, accepted, claims)
    }

    /// All that needs neither evidence nor events.
    fn begin<'a>(&self, request: &AuthenticationRequest<'a>, now: Time) -> Begun<'a> {
        let ended = |why| Begun::Ended(AuthenticationResult::NoResult(why));
        if request.scheme() != RequestScheme::Https {
            return ended(NoResult::NotHttps);
        }
        let certificate = match &request.certificate {
            Given::Nothing => return ended(NoResult::NoCertificate),
            Given::Broken(provenance, error) => {
                return Begun::Decided(Decided {
                    outcome: Err(Failure::Unreadable(Arc::clone(error))),
                    certificate: None,
                    provenance: *provenance,
                    #[cfg(feature = "std")]
                    to_remember: None,
                });
            }
            Given::Certificate(certificate) => *certificate,
        };
        self.look_up(certificate, now)
    }

    #[cfg(feature = "std")]
    fn look_up<'a>(&self, certificate: &'a ClientCertificate, now: Time) -> Begun<'a> {
        let key = self.key(certificate);
        let Some(remembered) = self.cache().and_then(|cache| cache.get(&key, now)) else {
            return Begun::Unknown(certificate);
        };
        if !self.settings.events_on_each_request
            && let Some(result) = &remembered.kept.result
        {
            return Begun::Ended(result.clone());
        }
        Begun::Decided(self.recall(certificate, &remembered))
    }

    #[cfg(not(feature = "std"))]
    fn look_up<'a>(&self, certificate: &'a ClientCertificate, _: Time) -> Begun<'a> {
        Begun::Unknown(certificate)
    }

    #[cfg(feature = "std")]
    fn key<'a>(&'a self, certificate: &'a ClientCertificate) -> CacheKey<'a> {
        let namespace = self.cache_namespace(certificate.provenance());
        CacheKey::new(namespace, &self.validator, certificate.presented())
    }

    #[cfg(feature = "std")]
    fn recall<'a>(
        &self,
        certificate: &'a ClientCertificate,
        remembered: &Remembered<Kept>,
    ) -> Decided<'a> {
        let provenance = certificate.provenance();
        let outcome = match (&remembered.verdict, &remembered.kept.principal) {
            (Ok(_), Some(principal)) => Ok(principal.clone()),
            (Ok(accepted), None) => Ok(self.principal(provenance, accepted.clone())),
            (Err(rejected), _) => Err(Failure::rejected_by_validator(rejected.clone())),
        };
        Decided {
            outcome,
            certificate: Some(certificate.presented().leaf()),
            provenance,
            to_remember: None,
        }
    }

    /// Takes in a new verdict.
    #[cfg_attr(not(feature = "std"), allow(unused_variables))]
    fn decide<'a>(
        &self,
        certificate: &'a ClientCertificate,
        verdict: Result<Accepted, Rejected>,
        now: Time,
    ) -> Decided<'a> {
        #[cfg(feature = "std")]
        if let Some(cache) = self.cache() {
            return self.decide_and_remember(cache, certificate, verdict, now);
        }
        let provenance = certificate.provenance();
        Decided {
            outcome: match verdict {
                Ok(accepted) => Ok(self.principal(provenance, accepted)),
                Err(rejected) => Err(Failure::rejected_by_validator(rejected)),
            },
            certificate: Some(certificate.presented().leaf()),
            provenance,
            #[cfg(feature = "std")]
            to_remember: None,
        }
    }

    #[cfg(feature = "std")]
    fn decide_and_remember<'a>(
        &self,
        cache: &AuthenticationCache,
        certificate: &'a ClientCertificate,
        verdict: Result<Accepted, Rejected>,
        now: Time,
    ) -> Decided<'a> {
        let kept = self.keep(certificate.provenance(), &verdict);
        let remembered = Remembered { verdict, kept };
        let mut decided = self.recall(certificate, &remembered);
        let Remembered { verdict, kept } = remembered;
        if self.settings.events_on_each_request {
            let _ = cache.put(&self.key(certificate), verdict, kept, now);
        } else {
            // The result is remembered with it, and the events have yet to make it.
            decided.to_remember = Some((certificate, verdict));
        }
        decided
    }

    /// Remembers what the events made of a new verdict, unless one of them failed.
    #[cfg(feature = "std")]
    fn remember(
        &self,
        decided: Decided<'_>,
        concluded: Concluded,
        now: Time,
    ) -> AuthenticationResult {
        let result = concluded.result;
        if let (Some((certificate, verdict)), Some(cache)) = (decided.to_remember, self.cache())
            && !concluded.event_failed
        {
            let kept = Kept {
                principal: decided.outcome.ok(),
                result: Some(result.clone()),
            };
            let _ = cache.put(&self.key(certificate), verdict, kept, now);
        }
        result
    }

    #[cfg(not(feature = "std"))]
    fn remember(&self, _: Decided<'_>, concluded: Concluded, _: Time) -> AuthenticationResult {
        concluded.result
    }

    fn surroundings<'a>(
        &'a self,
        request: &'a AuthenticationRequest<'a>,
        now: Time,
    ) -> Surroundings<'a> {
        Surroundings {
            scheme: self.scheme(),
            request,
            now,
        }
    }

    /// What a validated certificate comes to.
    fn after_validated(
        &self,
        principal: &Principal,
        decision: Result<Decision, EventError>,
    ) -> AuthenticationResult {
        match decision {
            Ok(Decision::Accept) => AuthenticationResult::Success(principal.clone()),
            Ok(Decision::AcceptAs(claims)) if !claims.is_empty() => {
                AuthenticationResult::Success(principal.with_claims(claims))
            }
            Ok(Decision::AcceptAs(_)) => AuthenticationResult::Failure(Failure::NoPrincipal),
            Ok(Decision::Fail(why)) => AuthenticationResult::Failure(Failure::Refused(why)),
            Ok(Decision::NoResult(why)) => AuthenticationResult::NoResult(NoResult::Event(why)),
            Err(error) => AuthenticationResult::Failure(Failure::EventFailed(Arc::from(error))),
        }
    }

    /// What a failure comes to.
    fn after_failed(
        &self,
        decided: &Decided<'_>,
        failure: Failure,
        decision: Result<FailureDecision, EventError>,
    ) -> Concluded {
        let of_event = failure.is_of_event();
        let result = match decision {
            Err(error) => AuthenticationResult::Failure(Failure::EventFailed(Arc::from(error))),
            Ok(FailureDecision::Keep) => AuthenticationResult::Failure(failure),
            Ok(_) if !self.settings.replace_failures => AuthenticationResult::Failure(failure),
            Ok(FailureDecision::LetIn(claims)) => self.let_in(decided, claims),
            Ok(FailureDecision::Fail(why)) => AuthenticationResult::Failure(Failure::Refused(why)),
            Ok(FailureDecision::NoResult(why)) => {
                AuthenticationResult::NoResult(NoResult::Event(why))
            }
        };
        let again = result.failure().is_some_and(Failure::is_of_event);
        Concluded {
            event_failed: of_event || again,
            result,
        }
    }

    fn let_in(&self, decided: &Decided<'_>, claims: Claims) -> AuthenticationResult {
        if claims.is_empty() {
            return AuthenticationResult::Failure(Failure::NoPrincipal);
        }
        let principal = match (&decided.outcome, decided.certificate) {
            (Ok(principal), _) => principal.with_claims(claims),
            (Err(_), Some(certificate)) => Principal::let_in(
                &self.settings.scheme,
                decided.provenance,
                certificate.clone(),
                claims,
            ),
            (Err(_), None) => return AuthenticationResult::Failure(Failure::NoPrincipal),
        };
        AuthenticationResult::Success(principal)
    }
}

impl<E: Events> CertificateAuthenticator<E> {
    /// Decides about a request, at this time. The fetcher may block;
    /// [`NoFetcher`](crate::revocation::NoFetcher) gets along with the evidence at hand.
    pub fn authenticate(
        &self,
        request: &AuthenticationRequest<'_>,
        now: Time,
        fetcher: &impl RevocationFetcher,
    ) -> AuthenticationResult {
        let decided = match self.begin(request, now) {
            Begun::Ended(result) => return result,
            Begun::Decided(decided) => decided,
            Begun::Unknown(certificate) => {
                let presented = certificate.presented();
                let verdict = self.validator.validate(presented, now, fetcher);
                self.decide(certificate, verdict, now)
            }
        };
        let around = self.surroundings(request, now);
        let result = match &decided.outcome {
            Ok(principal) => {
                let context = CertificateValidated { around, principal };
                self.after_validated(principal, self.events.certificate_validated(&context))
            }
            Err(failure) => AuthenticationResult::Failure(failure.clone()),
        };
        let concluded = match result {
            AuthenticationResult::Failure(failure) => {
                let context = decided.failed(around, &failure);
                let decision = self.events.authentication_failed(&context);
                self.after_failed(&decided, failure, decision)
            }
            result => Concluded {
                result,
                event_failed: false,
            },
        };
        self.remember(decided, concluded, now)
    }

    /// The answer to a client that was not let in where one is demanded: 403, unless the challenge event has another. An event
    /// that fails changes nothing.
    pub fn challenge(
        &self,
        request: &AuthenticationRequest<'_>,
        denied: &Denied,
        now: Time,
    ) -> Challenge {
        let around = self.surroundings(request, now);
        answer(self.events.challenge(&ChallengeAsked { around, denied }))
    }
}

impl<E: AsyncEvents> CertificateAuthenticator<E> {
    /// As [`CertificateAuthenticator::authenticate`], with a fetcher and events that do not block, on whichever runtime polls
    /// the future.
    pub async fn authenticate_async<F: AsyncRevocationFetcher>(
        &self,
        request: &AuthenticationRequest<'_>,
        now: Time,
        fetcher: &F,
    ) -> AuthenticationResult {
        let decided = match self.begin(request, now) {
            Begun::Ended(result) => return result,
            Begun::Decided(decided) => decided,
            Begun::Unknown(certificate) => {
                let presented = certificate.presented();
                let verdict = self.validator.validate_async(presented, now, fetcher).await;
                self.decide(certificate, verdict, now)
            }
        };
        let around = self.surroundings(request, now);
        let result = match &decided.outcome {
            Ok(principal) => {
                let context = CertificateValidated { around, principal };
                let decision = self.events.certificate_validated(&context).await;
                self.after_validated(principal, decision)
            }
            Err(failure) => AuthenticationResult::Failure(failure.clone()),
        };
        let concluded = match result {
            AuthenticationResult::Failure(failure) => {
                let decision = {
                    let context = decided.failed(around, &failure);
                    self.events.authentication_failed(&context).await
                };
                self.after_failed(&decided, failure, decision)
            }
            result => Concluded {
                result,
                event_failed: false,
            },
        };
        self.remember(decided, concluded, now)
    }

    /// As [`CertificateAuthenticator::challenge`], with events that do not block.
    pub async fn challenge_async(
        &self,
        request: &AuthenticationRequest<'_>,
        denied: &Denied,
        now: Time,
    ) -> Challenge {
        let around = self.surroundings(request, now);
        let context = ChallengeAsked { around, denied };
        answer(self.events.challenge(&context).await)
    }
}

fn answer(decision: Result<ChallengeDecision, EventError>) -> Challenge {
    match decision {
        Ok(ChallengeDecision::Handled(challenge)) => challenge,
        Ok(ChallengeDecision::Forbid) | Err(_) => Challenge::forbid(),
    }
}

/// How far a request comes without evidence and events.
enum Begun<'a> {
    /// To its end.
    Ended(AuthenticationResult),
    /// It is known whether the certificate is good.
    Decided(Decided<'a>),
    /// The certificate has to be validated.
    Unknown(&'a ClientCertificate),
}

/// Whether a certificate is good, before the events.
struct Decided<'a> {
    outcome: Result<Principal, Failure>,
    certificate: Option<&'a Certificate>,
    provenance: Provenance,
    /// A new verdict that is to be remembered with what the events make of it.
    #[cfg(feature = "std")]
    to_remember: Option<(&'a ClientCertificate, Result<Accepted, Rejected>)>,
}

impl Decided<'_> {
    fn failed<'b>(
        &'b self,
        around: Surroundings<'b>,
        failure: &'b Failure,
    ) -> AuthenticationFailed<'b> {
        AuthenticationFailed {
            around,
            failure,
            certificate: self.certificate,
            provenance: self.provenance,
        }
    }
}

/// What the events made of it.
struct Concluded {
    result: AuthenticationResult,
    event_failed: bool,
}

impl<E> Clone for CertificateAuthenticator<E> {
    fn clone(&self) -> Self {
        Self {
            validator: self.validator.clone(),
            settings: Arc::clone(&self.settings),
            events: Arc::clone(&self.events),
        }
    }
}

impl<E> fmt::Debug for CertificateAuthenticator<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAuthenticator")
            .field("scheme", &self.scheme())
            .finish_non_exhaustive()
    }
}
