//! The handler: one request in, one result out, in the order of .NET's.
//!
//! https, then whether there is a certificate, then what is remembered, then the type of the
//! certificate and its path, then the principal, then the events. What comes before the events is
//! the same for a blocking and a waiting caller and is written once; the events are asked in two
//! ways, and what they answer is judged in one place.
//!
//! A request on a resumed session is like any other: the TLS layer keeps the client's certificate
//! with the session, and it is authenticated anew, at the price of a look-up where a cache
//! remembers it. So a certificate that expired or was revoked since the full handshake lets nobody
//! in.

use alloc::sync::Arc;
use core::fmt;

use super::builder::CertificateAuthenticatorBuilder;
use super::challenge::Challenge;
use super::dotnet_claims::dotnet_claims;
use super::events::{
    AsyncEvents, AuthenticationFailed, CertificateValidated, ChallengeAsked, Events, NoEvents,
    Surroundings,
};
use super::forwarded::{ClientCertificate, Provenance};
use super::judgement::{after_challenge, after_validated};
#[cfg(feature = "std")]
use super::memory::Fresh;
use super::principal::Principal;
use super::request::{AuthenticationRequest, Given, RequestScheme};
use super::result::{AuthenticationResult, Denied, Failure, NoResult};
use super::settings::Settings;
#[cfg(feature = "std")]
use crate::cache::Epoch;
use crate::certificate::Certificate;
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
    validator: Validator,
    settings: Arc<Settings>,
    events: Arc<E>,
}

impl CertificateAuthenticator {
    /// Starts from .NET's defaults, which the methods of [`CertificateAuthenticatorBuilder`] name.
    pub fn builder() -> CertificateAuthenticatorBuilder {
        CertificateAuthenticatorBuilder::new()
    }
}

impl<E> CertificateAuthenticator<E> {
    pub(super) fn new(validator: Validator, settings: Settings, events: Arc<E>) -> Self {
        Self {
            validator,
            settings: Arc::new(settings),
            events,
        }
    }

    /// The same authenticator over other roots: the way to change them under load. Nothing that was
    /// remembered under the old ones is served.
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

    /// The namespace under which this authenticator remembers verdicts of this provenance: for
    /// whoever validates ahead of it, in the handshake, into the same cache.
    #[must_use]
    pub fn cache_namespace(&self, provenance: Provenance) -> &[u8] {
        self.settings().namespace(provenance)
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn principal(&self, provenance: Provenance, accepted: Accepted) -> Principal {
        let claims = dotnet_claims(accepted.leaf(), self.settings.issuer.as_ref());
        Principal::new(&self.settings.scheme, provenance, accepted, claims)
    }

    pub(super) fn outcome(
        &self,
        certificate: &ClientCertificate,
        verdict: Result<Accepted, Rejected>,
    ) -> Result<Principal, Failure> {
        match verdict {
            Ok(accepted) => Ok(self.principal(certificate.provenance(), accepted)),
            Err(rejected) => Err(Failure::rejected_by_validator(rejected)),
        }
    }

    /// All that needs neither evidence nor events.
    fn begin<'a>(&self, request: &'a AuthenticationRequest<'_>, now: Time) -> Begun<'a> {
        let ended = |why| Begun::Ended(AuthenticationResult::NoResult(why));
        if request.scheme() != RequestScheme::Https {
            return ended(NoResult::NotHttps);
        }
        match &request.certificate {
            Given::Nothing => ended(NoResult::NoCertificate),
            Given::Broken(provenance, error) => {
                let failure = Failure::in_reading(Arc::clone(error));
                Begun::Decided(Decided::new(*provenance, None, Err(failure)))
            }
            Given::Certificate(certificate) => self.look_up(certificate, now),
            Given::Own(certificate) => self.look_up(certificate, now),
        }
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
}

/// Without `std` nothing is remembered.
#[cfg(not(feature = "std"))]
impl<E> CertificateAuthenticator<E> {
    fn look_up<'a>(&self, certificate: &'a ClientCertificate, _: Time) -> Begun<'a> {
        Begun::Unknown(Missed { certificate })
    }

    fn decide<'a>(
        &self,
        missed: Missed<'a>,
        verdict: Result<Accepted, Rejected>,
        _: Time,
    ) -> Decided<'a> {
        let certificate = missed.certificate;
        Decided::about(certificate, self.outcome(certificate, verdict))
    }

    fn remember(&self, _: Decided<'_>, _: &AuthenticationResult, _: Time) {}
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
        let mut decided = match self.begin(request, now) {
            Begun::Ended(result) => return result,
            Begun::Decided(decided) => decided,
            Begun::Unknown(missed) => {
                let presented = missed.certificate.presented();
                let verdict = self.validator.validate(presented, now, fetcher);
                self.decide(missed, verdict, now)
            }
        };
        let around = self.surroundings(request, now);
        let mut result = match &decided.outcome {
            Ok(principal) => {
                let context = CertificateValidated { around, principal };
                let decision = self.events.certificate_validated(&context);
                after_validated(principal, decision)
            }
            Err(failure) => AuthenticationResult::Failure(failure.clone()),
        };
        if let AuthenticationResult::Failure(failure) = result {
            let context = decided.failed(around, &failure);
            let decision = self.events.authentication_failed(&context);
            result = self.after_failed(&mut decided, failure, decision);
        }
        self.remember(decided, &result, now);
        result
    }

    /// The answer to a client that was not let in where one is demanded: 403, unless the challenge
    /// event has another. An event that fails changes nothing.
    pub fn challenge(
        &self,
        request: &AuthenticationRequest<'_>,
        denied: &Denied,
        now: Time,
    ) -> Challenge {
        let around = self.surroundings(request, now);
        after_challenge(self.events.challenge(&ChallengeAsked { around, denied }))
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
        let mut decided = match self.begin(request, now) {
            Begun::Ended(result) => return result,
            Begun::Decided(decided) => decided,
            Begun::Unknown(missed) => {
                let presented = missed.certificate.presented();
                let verdict = self.validator.validate_async(presented, now, fetcher).await;
                self.decide(missed, verdict, now)
            }
        };
        let around = self.surroundings(request, now);
        let mut result = match &decided.outcome {
            Ok(principal) => {
                let context = CertificateValidated { around, principal };
                let decision = self.events.certificate_validated(&context).await;
                after_validated(principal, decision)
            }
            Err(failure) => AuthenticationResult::Failure(failure.clone()),
        };
        if let AuthenticationResult::Failure(failure) = result {
            let context = decided.failed(around, &failure);
            let decision = self.events.authentication_failed(&context).await;
            result = self.after_failed(&mut decided, failure, decision);
        }
        self.remember(decided, &result, now);
        result
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
        after_challenge(self.events.challenge(&context).await)
    }
}

/// How far a request comes without evidence and events.
pub(super) enum Begun<'a> {
    /// To its end.
    Ended(AuthenticationResult),
    /// It is known whether the certificate is good.
    Decided(Decided<'a>),
    /// The certificate has to be validated.
    Unknown(Missed<'a>),
}

/// A certificate of which no verdict is remembered.
#[derive(Clone, Copy)]
pub(super) struct Missed<'a> {
    pub(super) certificate: &'a ClientCertificate,
    /// What the cache had been told to forget when it was looked for.
    #[cfg(feature = "std")]
    pub(super) epoch: Option<Epoch>,
}

/// Whether a certificate is good, before the events.
pub(super) struct Decided<'a> {
    pub(super) outcome: Result<Principal, Failure>,
    pub(super) certificate: Option<&'a Certificate>,
    pub(super) provenance: Provenance,
    #[cfg(feature = "std")]
    pub(super) fresh: Option<Fresh<'a>>,
}

impl<'a> Decided<'a> {
    fn new(
        provenance: Provenance,
        certificate: Option<&'a Certificate>,
        outcome: Result<Principal, Failure>,
    ) -> Self {
        Self {
            outcome,
            certificate,
            provenance,
            #[cfg(feature = "std")]
            fresh: None,
        }
    }

    pub(super) fn about(
        certificate: &'a ClientCertificate,
        outcome: Result<Principal, Failure>,
    ) -> Self {
        let leaf = certificate.presented().leaf();
        Self::new(certificate.provenance(), Some(leaf), outcome)
    }

    /// What comes of it is not to be remembered.
    pub(super) fn forget(&mut self) {
        #[cfg(feature = "std")]
        {
            self.fresh = None;
        }
    }

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
