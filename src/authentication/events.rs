//! Events: the application's decisions about a client.
//!
//! These are the three events of ASP.NET Core's `CertificateAuthenticationEvents`, but they return
//! a decision instead of changing a context. As in ASP.NET Core, an event that is not implemented
//! accepts. An event that returns an error, or accepts without claims, causes a failure. Events run
//! on every request, even if the verdict was cached, so a change of an allow list takes effect at
//! once. The request carries the HTTP data that an event needs
//! ([`AuthenticationRequest::carrying`]).
//!
//! [`Events`] decide at once; [`AsyncEvents`] may ask a service first. Every [`Events`] that
//! threads can share is an [`AsyncEvents`]. Pass an [`Arc`] of the latter to
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

/// The decision of [`Events::certificate_validated`]. It has no default, so a forgotten decision
/// does not accept a client:
///
/// ```compile_fail
/// let decision = portcullis::authentication::ValidatedDecision::default();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ValidatedDecision {
    /// Accepts the client with the certificate's principal: .NET's `Success()`, or doing nothing.
    Accept,
    /// Accepts the client with these claims instead of the certificate's: setting `Principal` in
    /// .NET. Without claims it is a failure.
    AcceptAs(Claims),
    /// Refuses the client for this reason: .NET's `Fail`.
    Fail(String),
    /// Neither accepts nor refuses the client, for this reason: .NET's `NoResult`. Another scheme
    /// may know the client.
    NoResult(String),
}

impl ValidatedDecision {
    /// Refuses the client.
    #[must_use]
    pub fn fail(why: impl Into<String>) -> Self {
        Self::Fail(why.into())
    }

    /// Neither accepts nor refuses the client.
    #[must_use]
    pub fn no_result(why: impl Into<String>) -> Self {
        Self::NoResult(why.into())
    }
}

/// The decision of [`Events::authentication_failed`]. Decisions other than
/// [`Keep`](FailureDecision::Keep) require
/// [`dangerously_let_failed_event_replace_result`](super::CertificateAuthenticatorBuilder::dangerously_let_failed_event_replace_result);
/// without it, the failure stays unchanged.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum FailureDecision {
    /// Keeps the failure.
    #[default]
    Keep,
    /// Accepts the client in spite of the failure, with these claims. Without claims, or if the
    /// certificate could not be parsed, it stays a failure.
    LetIn(Claims),
    /// Fails for this reason instead.
    Fail(String),
    /// Treats the client as one without a certificate, for this reason.
    NoResult(String),
}

/// The decision of [`Events::challenge`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChallengeDecision {
    /// 403.
    #[default]
    Forbid,
    /// This response: .NET's `HandleResponse`.
    Handled(Challenge),
}

/// The context that all events have in common.
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

            /// The data that the request carries ([`AuthenticationRequest::carrying`]), if it has
            /// this type.
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
        /// Why the certificate was not accepted.
        copy failure: &'a AuthenticationError;
        /// The client's certificate, which is not trusted. `None` if it could not be parsed.
        copy certificate: Option<&'a Certificate>;
        /// Where it came from.
        copy provenance: Provenance;
    }
}

/// A client was denied access to a resource that requires one: `CertificateChallengeContext`.
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

/// Declares each event once: for [`Events`], for pointers to them, and for [`AsyncEvents`].
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
    /// The application's decisions about a client, made at once.
    ///
    /// ```
    /// use portcullis::authentication::{
    ///     CertificateValidated, EventError, Events, ValidatedDecision,
    /// };
    ///
    /// /// Accepts only certificates on an allow list.
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

    /// The application's decisions about a client, made after asking a service or a database. The
    /// futures work on any runtime.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` does not implement the events of an authenticator",
        note = "implement `Events`, or `AsyncEvents` where a service is asked; an `Arc` of the latter goes to `shared_events`"
    )]
    trait AsyncEvents;

    /// The certificate was accepted. Default: accept the client.
    ///
    /// # Errors
    /// If it cannot decide. The client is then denied access.
    certificate_validated(CertificateValidated) -> ValidatedDecision: ValidatedDecision::Accept;

    /// The certificate was not accepted, or the previous event refused it. Default: keep the
    /// failure.
    ///
    /// # Errors
    /// If it cannot decide. The client is then denied access.
    authentication_failed(AuthenticationFailed) -> FailureDecision: FailureDecision::Keep;

    /// A denied client gets a response. Default: 403.
    ///
    /// # Errors
    /// If it cannot decide. The response is then 403.
    challenge(ChallengeAsked) -> ChallengeDecision: ChallengeDecision::Forbid;
}

/// No events: every client with an accepted certificate is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoEvents;

impl Events for NoEvents {}
