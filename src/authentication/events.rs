//! Events: what a program of the caller's own decides about a client.
//!
//! They are .NET's three, with answers in place of a context to be changed: whoever does nothing
//! accepts, as there, and an event that errs or gives nobody to let in is a failure. They run on
//! every request, also where the verdict was remembered, so that a list of allowed clients takes
//! effect at once. What an event needs of the HTTP request is carried to it
//! ([`AuthenticationRequest::carrying`]).
//!
//! [`Events`] answer at once; [`AsyncEvents`] may ask a service first. Every [`Events`] that
//! threads can share is an [`AsyncEvents`]. Whoever wants to share the latter hands over an [`Arc`]
//! of them ([`shared_events`](super::CertificateAuthenticatorBuilder::shared_events)).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::any::Any;
use core::future::{Future, ready};

use super::challenge::Challenge;
use super::claims::Claims;
use super::forwarded::Provenance;
use super::identity::Identity;
use super::principal::Principal;
use super::request::AuthenticationRequest;
use super::result::{Denied, Failure};
use crate::certificate::Certificate;
use crate::time::Time;

/// Why an event could not answer. Any error becomes one with `?`, and so does a text with
/// `.into()`.
pub type EventError = Box<dyn core::error::Error + Send + Sync>;

/// What [`Events::certificate_validated`] decides. It has no default, so that what was forgotten
/// lets nobody in:
///
/// ```compile_fail
/// let decision = portcullis::authentication::Decision::default();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Decision {
    /// The client is let in as the principal is: doing nothing, or `Success()`, in .NET.
    Accept,
    /// The client is let in with these claims in place of the certificate's: another `Principal` in
    /// .NET. Without any claim it is a failure.
    AcceptAs(Claims),
    /// The client is refused, and why: `Fail`.
    Fail(String),
    /// The client is neither let in nor refused: `NoResult`. Another scheme may know it.
    NoResult(String),
}

impl Decision {
    /// The client is refused.
    #[must_use]
    pub fn fail(why: impl Into<String>) -> Self {
        Self::Fail(why.into())
    }

    /// The client is neither let in nor refused.
    #[must_use]
    pub fn no_result(why: impl Into<String>) -> Self {
        Self::NoResult(why.into())
    }
}

/// What [`Events::authentication_failed`] decides. All but [`Keep`](FailureDecision::Keep) counts
/// only under
/// [`dangerously_let_failed_event_replace_result`](super::CertificateAuthenticatorBuilder::dangerously_let_failed_event_replace_result);
/// otherwise the failure stays what it was.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum FailureDecision {
    /// The failure stays.
    #[default]
    Keep,
    /// The client is let in although it failed, with these claims. Without any it is a failure, and
    /// where the certificate did not even parse.
    LetIn(Claims),
    /// It fails for another reason.
    Fail(String),
    /// It counts as a client without a certificate.
    NoResult(String),
}

/// What [`Events::challenge`] decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChallengeDecision {
    /// 403.
    #[default]
    Forbid,
    /// This answer: `HandleResponse` of .NET.
    Handled(Challenge),
}

/// What all events are told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) scheme: &'a str,
    pub(super) request: &'a AuthenticationRequest<'a>,
    pub(super) now: Time,
}

macro_rules! surroundings {
    ($($context:ident),*) => {$(
        impl<'a> $context<'a> {
            /// The name of the scheme.
            #[must_use]
            pub fn scheme(&self) -> &'a str {
                self.around.scheme
            }

            /// The request.
            pub fn request(&self) -> &'a AuthenticationRequest<'a> {
                self.around.request
            }

            /// What the request carries ([`AuthenticationRequest::carrying`]), if it is of this type.
            #[must_use]
            pub fn carried<T: Any>(&self) -> Option<&'a T> {
                self.around.request.carried()
            }

            /// The moment that the caller gave.
            #[must_use]
            pub fn now(&self) -> Time {
                self.around.now
            }
        }
    )*};
}

surroundings!(CertificateValidated, AuthenticationFailed, ChallengeAsked);

/// A certificate was validated and is good: `CertificateValidatedContext` of .NET.
#[derive(Clone, Copy, Debug)]
pub struct CertificateValidated<'a> {
    pub(super) around: Surroundings<'a>,
    pub(super) principal: &'a Principal,
}

impl<'a> CertificateValidated<'a> {
    /// The client, as its certificate makes it.
    #[must_use]
    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// What the certificate gives as claims.
    #[must_use]
    pub fn claims(&self) -> &'a Claims {
        self.principal.claims()
    }

    /// What the certificate says, typed.
    #[must_use]
    pub fn identity(&self) -> &'a Identity {
        self.principal.identity()
    }

    /// The client's certificate.
    #[must_use]
    pub fn certificate(&self) -> &'a Certificate {
        self.identity().certificate()
    }

    /// Where it came from.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.principal.provenance()
    }
}

/// A certificate lets nobody in: `CertificateAuthenticationFailedContext` of .NET.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticationFailed<'a> {
    pub(super) around: Surroundings<'a>,
    pub(super) failure: &'a Failure,
    pub(super) certificate: Option<&'a Certificate>,
    pub(super) provenance: Provenance,
}

impl<'a> AuthenticationFailed<'a> {
    /// Why.
    #[must_use]
    pub fn failure(&self) -> &'a Failure {
        self.failure
    }

    /// The client's certificate, which nothing vouches for; `None` where it does not parse.
    #[must_use]
    pub fn certificate(&self) -> Option<&'a Certificate> {
        self.certificate
    }

    /// Where it came from.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }
}

/// A client was not let in where one is demanded: `CertificateChallengeContext` of .NET.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeAsked<'a> {
    pub(super) around: Surroundings<'a>,
    pub(super) denied: &'a Denied,
}

impl<'a> ChallengeAsked<'a> {
    /// Why it was not let in.
    pub fn denied(&self) -> &'a Denied {
        self.denied
    }
}

/// What a program of the caller's own decides about a client, at once.
///
/// ```
/// use portcullis::authentication::{CertificateValidated, Decision, EventError, Events};
///
/// /// Lets in only certificates that stand on a list.
/// struct AllowedThumbprints(Vec<[u8; 32]>);
///
/// impl Events for AllowedThumbprints {
///     fn certificate_validated(
///         &self,
///         context: &CertificateValidated<'_>,
///     ) -> Result<Decision, EventError> {
///         if self.0.contains(context.identity().sha256_thumbprint()) {
///             return Ok(Decision::Accept);
///         }
///         Ok(Decision::fail("the certificate is not on the list"))
///     }
/// }
/// ```
pub trait Events {
    /// The certificate is good. Default: the client is let in.
    ///
    /// # Errors
    /// When it can't be decided; the client is not let in then.
    fn certificate_validated(
        &self,
        context: &CertificateValidated<'_>,
    ) -> Result<Decision, EventError> {
        let _ = context;
        Ok(Decision::Accept)
    }

    /// The certificate lets nobody in, or the event before this one said so. Default: it stays so.
    ///
    /// # Errors
    /// When it can't be decided; the client is not let in then.
    fn authentication_failed(
        &self,
        context: &AuthenticationFailed<'_>,
    ) -> Result<FailureDecision, EventError> {
        let _ = context;
        Ok(FailureDecision::Keep)
    }

    /// The client has to be answered that it was not let in. Default: 403.
    ///
    /// # Errors
    /// When it can't be decided; the answer is 403 then.
    fn challenge(&self, context: &ChallengeAsked<'_>) -> Result<ChallengeDecision, EventError> {
        let _ = context;
        Ok(ChallengeDecision::Forbid)
    }
}

/// No events: whoever has a good certificate is let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoEvents;

impl Events for NoEvents {}

/// What a program of the caller's own decides about a client, after it asked somebody else: a
/// service, a database. The futures run on whichever runtime polls them. Each method is that of
/// [`Events`] and has its default.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no events of an authenticator",
    note = "implement `Events`, or `AsyncEvents` where a service is asked; an `Arc` of the latter goes to `shared_events`"
)]
pub trait AsyncEvents: Sync {
    /// As [`Events::certificate_validated`].
    fn certificate_validated(
        &self,
        context: &CertificateValidated<'_>,
    ) -> impl Future<Output = Result<Decision, EventError>> + Send {
        let _ = context;
        ready(Ok(Decision::Accept))
    }

    /// As [`Events::authentication_failed`].
    fn authentication_failed(
        &self,
        context: &AuthenticationFailed<'_>,
    ) -> impl Future<Output = Result<FailureDecision, EventError>> + Send {
        let _ = context;
        ready(Ok(FailureDecision::Keep))
    }

    /// As [`Events::challenge`].
    fn challenge(
        &self,
        context: &ChallengeAsked<'_>,
    ) -> impl Future<Output = Result<ChallengeDecision, EventError>> + Send {
        let _ = context;
        ready(Ok(ChallengeDecision::Forbid))
    }
}

impl<E: Events + Sync + ?Sized> AsyncEvents for E {
    fn certificate_validated(
        &self,
        context: &CertificateValidated<'_>,
    ) -> impl Future<Output = Result<Decision, EventError>> + Send {
        ready(Events::certificate_validated(self, context))
    }

    fn authentication_failed(
        &self,
        context: &AuthenticationFailed<'_>,
    ) -> impl Future<Output = Result<FailureDecision, EventError>> + Send {
        ready(Events::authentication_failed(self, context))
    }

    fn challenge(
        &self,
        context: &ChallengeAsked<'_>,
    ) -> impl Future<Output = Result<ChallengeDecision, EventError>> + Send {
        ready(Events::challenge(self, context))
    }
}

macro_rules! events_behind {
    ($($pointer:ty),*) => {$(
        impl<E: Events + ?Sized> Events for $pointer {
            fn certificate_validated(
                &self,
                context: &CertificateValidated<'_>,
            ) -> Result<Decision, EventError> {
                (**self).certificate_validated(context)
            }

            fn authentication_failed(
                &self,
                context: &AuthenticationFailed<'_>,
            ) -> Result<FailureDecision, EventError> {
                (**self).authentication_failed(context)
            }

            fn challenge(
                &self,
                context: &ChallengeAsked<'_>,
            ) -> Result<ChallengeDecision, EventError> {
                (**self).challenge(context)
            }
        }
    )*};
}

events_behind!(&E, Box<E>, Arc<E>);
