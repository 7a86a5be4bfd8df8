//! Events: the application's own decisions about a client.
//!
//! They are the three events of ASP.NET Core's `CertificateAuthenticationEvents`, with a returned
//! decision in place of a mutable context: doing nothing accepts, as there, and an event that
//! returns an error, or accepts without any claim, is a failure. They run on every request, also
//! where the verdict was cached, so that an allow list takes effect at once. Data that an event
//! needs of the HTTP request travels with it ([`AuthenticationRequest::carrying`]).
//!
//! [`Events`] answer at once; [`AsyncEvents`] may ask a service first. Every [`Events`] that
//! threads can share is an [`AsyncEvents`]. An [`Arc`] of the latter goes to
//! [`shared_events`](super::CertificateAuthenticatorBuilder::shared_events).

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
use super::result::{AuthenticationError, Denied, EventError};
use crate::certificate::Certificate;
use crate::time::Time;

/// What [`Events::certificate_validated`] decides. It has no default, so that a forgotten decision
/// does not let anybody in:
///
/// ```compile_fail
/// let decision = portcullis::authentication::ValidatedDecision::default();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ValidatedDecision {
    /// The client is let in with the certificate's principal: doing nothing, or `Success()`.
    Accept,
    /// The client is let in with these claims in place of the certificate's: setting `Principal`.
    /// Without any claim it is a failure.
    AcceptAs(Claims),
    /// The client is refused, and why: `Fail`.
    Fail(String),
    /// The client is neither let in nor refused: `NoResult`. Another scheme may know it.
    NoResult(String),
}

impl ValidatedDecision {
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
    /// The client is let in although it failed, with these claims. Without any claim, or where the
    /// certificate did not even parse, it stays a failure.
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
    /// This answer: `HandleResponse`.
    Handled(Challenge),
}

/// What all events are given.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventContext<'a> {
    pub(super) scheme: &'a str,
    pub(super) request: &'a AuthenticationRequest<'a>,
    pub(super) now: Time,
}

macro_rules! event_context {
    ($($name:ident),*) => {$(
        impl<'a> $name<'a> {
            getters! {
                /// The name of the scheme.
                copy[context] scheme: &'a str;
                /// The time that the caller passed in.
                copy[context] now: Time;
                /// The request.
                copy[context] request: &'a AuthenticationRequest<'a>;
            }

            /// What the request carries ([`AuthenticationRequest::carrying`]), if it is of this
            /// type.
            #[must_use]
            pub fn carried<T: Any>(&self) -> Option<&'a T> {
                self.context.request.carried()
            }
        }
    )*};
}

event_context!(CertificateValidated, AuthenticationFailed, ChallengeAsked);

/// A certificate was validated and accepted: `CertificateValidatedContext`.
#[derive(Clone, Copy, Debug)]
pub struct CertificateValidated<'a> {
    pub(super) context: EventContext<'a>,
    pub(super) principal: &'a Principal,
}

impl<'a> CertificateValidated<'a> {
    getters! { |self|
        /// The client as its certificate describes it.
        principal: &'a Principal = self.principal;
        /// The claims from the certificate.
        claims: &'a Claims = self.principal.claims();
        /// The contents of the certificate, typed.
        identity: &'a Identity = self.principal.identity();
        /// The client's certificate.
        certificate: &'a Certificate = self.identity().certificate();
        /// Where the certificate came from.
        provenance: Provenance = self.principal.provenance();
    }
}

/// A certificate was not accepted: `CertificateAuthenticationFailedContext`.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticationFailed<'a> {
    pub(super) context: EventContext<'a>,
    pub(super) failure: &'a AuthenticationError,
    pub(super) certificate: Option<&'a Certificate>,
    pub(super) provenance: Provenance,
}

impl<'a> AuthenticationFailed<'a> {
    getters! {
        /// Why.
        copy failure: &'a AuthenticationError;
        /// The client's certificate, which nothing vouches for; `None` where it does not parse.
        copy certificate: Option<&'a Certificate>;
        /// Where it came from.
        copy provenance: Provenance;
    }
}

/// A client was not let in where one is required: `CertificateChallengeContext`.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeAsked<'a> {
    pub(super) context: EventContext<'a>,
    pub(super) denied: &'a Denied,
}

impl<'a> ChallengeAsked<'a> {
    getters! {
        /// Why the client was denied access.
        copy denied: &'a Denied;
    }
}

/// The three events, each once: for [`Events`], for pointers to them, and for [`AsyncEvents`].
macro_rules! events {
    (
        $(#[$events_doc:meta])* trait Events;
        $(#[$async_doc:meta])* trait AsyncEvents;
        $($(#[$doc:meta])* $event:ident($context:ident) -> $decision:ident: $default:expr;)*
    ) => {
        $(#[$events_doc])*
        pub trait Events {
            $(
                $(#[$doc])*
                fn $event(&self, context: &$context<'_>) -> Result<$decision, EventError> {
                    let _ = context;
                    Ok($default)
                }
            )*
        }

        $(#[$async_doc])*
        pub trait AsyncEvents: Sync {
            $(
                $(#[$doc])*
                fn $event(
                    &self,
                    context: &$context<'_>,
                ) -> impl Future<Output = Result<$decision, EventError>> + Send {
                    let _ = context;
                    ready(Ok($default))
                }
            )*
        }

        impl<E: Events + Sync + ?Sized> AsyncEvents for E {
            $(
                fn $event(
                    &self,
                    context: &$context<'_>,
                ) -> impl Future<Output = Result<$decision, EventError>> + Send {
                    ready(Events::$event(self, context))
                }
            )*
        }

        events!(@behind &E: $($event $context $decision)*);
        events!(@behind Box<E>: $($event $context $decision)*);
        events!(@behind Arc<E>: $($event $context $decision)*);
    };
    (@behind $pointer:ty: $($event:ident $context:ident $decision:ident)*) => {
        impl<E: Events + ?Sized> Events for $pointer {
            $(
                fn $event(&self, context: &$context<'_>) -> Result<$decision, EventError> {
                    (**self).$event(context)
                }
            )*
        }
    };
}

events! {
    /// The application's own decisions about a client, made at once.
    ///
    /// ```
    /// use portcullis::authentication::{CertificateValidated, EventError, Events,
    /// ValidatedDecision};
    ///
    /// /// Lets in only certificates on an allow list.
    /// struct AllowedThumbprints(Vec<[u8; 32]>);
    ///
    /// impl Events for AllowedThumbprints {
    ///     fn certificate_validated(
    ///         &self,
    ///         context: &CertificateValidated<'_>,
    ///     ) -> Result<ValidatedDecision, EventError> {
    ///         if self.0.contains(context.identity().sha256_thumbprint()) {
    ///             return Ok(ValidatedDecision::Accept);
    ///         }
    ///         Ok(ValidatedDecision::fail("the certificate is not on the list"))
    ///     }
    /// }
    /// ```
    trait Events;

    /// The application's own decisions about a client where a service or a database is asked first.
    /// The futures run on whichever runtime polls them.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` does not implement the events of an authenticator",
        note = "implement `Events`, or `AsyncEvents` where a service is asked; an `Arc` of the latter goes to `shared_events`"
    )]
    trait AsyncEvents;

    /// The certificate was accepted. Default: the client is let in.
    ///
    /// # Errors
    /// When it can't decide; the client is then not let in.
    certificate_validated(CertificateValidated) -> ValidatedDecision: ValidatedDecision::Accept;

    /// The certificate was not accepted, or the event before this one refused it. Default: it stays
    /// refused.
    ///
    /// # Errors
    /// When it can't decide; the client is then not let in.
    authentication_failed(AuthenticationFailed) -> FailureDecision: FailureDecision::Keep;

    /// The client gets an answer that it was not let in. Default: 403.
    ///
    /// # Errors
    /// When it can't decide; the answer is then 403.
    challenge(ChallengeAsked) -> ChallengeDecision: ChallengeDecision::Forbid;
}

/// No events: every client whose certificate is accepted is let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoEvents;

impl Events for NoEvents {}
