//! The result of an authentication, and why a client was denied access.
//!
//! In ASP.NET Core a failure does not stop the request, which surprises users. Here the result must
//! be used: [`AuthenticationResult::require`] turns everything but success into an error with a
//! status, which is 403 as in ASP.NET Core.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::error::Error;

use super::escaped_text::SanitizedText;
use super::forwarded::{ChoiceError, ForwardedError, HeaderFault};
use super::principal::Principal;
use crate::path::Rule;
use crate::table::{errors, texts};
use crate::validator::Rejected;

/// The status for a client that is denied access. Like ASP.NET Core's handler, this crate never
/// answers 401: the client could not send anything in reply.
pub const FORBIDDEN: u16 = 403;

/// Why an event could not decide. `?` converts any error to it, and `.into()` converts a string.
pub type EventError = Box<dyn Error + Send + Sync>;

/// An error of the caller, shared between results.
pub(super) type SharedError = Arc<dyn Error + Send + Sync>;

/// The result of an authentication: .NET's `AuthenticateResult`.
#[derive(Clone, Debug)]
#[must_use = "a failure does not stop the request by itself: call `require` or check the principal"]
pub enum AuthenticationResult {
    /// The client is authenticated.
    Success(Principal),
    /// There was nothing to authenticate, or an event decided so. Another scheme may know the
    /// client.
    NoResult(NoResult),
    /// The certificate was not accepted.
    Failure(AuthenticationError),
}

impl AuthenticationResult {
    /// The client, or why it is denied access.
    ///
    /// # Errors
    /// [`Denied`] after a failure, or if there was nothing to authenticate.
    pub fn require(self) -> Result<Principal, Denied> {
        match self {
            Self::Success(principal) => Ok(principal),
            Self::NoResult(why) => Err(Denied::NoResult(why)),
            Self::Failure(why) => Err(Denied::Failure(why)),
        }
    }

    /// The client, if it was authenticated.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Success(principal) => Some(principal),
            _ => None,
        }
    }

    /// Why a certificate was not accepted.
    #[must_use]
    pub fn failure(&self) -> Option<&AuthenticationError> {
        match self {
            Self::Failure(failure) => Some(failure),
            _ => None,
        }
    }

    /// The status for requests that require a client: 403, or `None` if the client was
    /// authenticated.
    #[must_use]
    pub fn suggested_status(&self) -> Option<u16> {
        self.principal().is_none().then_some(FORBIDDEN)
    }
}

texts! {
    /// Why there was nothing to authenticate.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum NoResult {
        /// The request did not come over https.
        NotHttps => "the request did not come over https, or the proxy does not say so in \
                     X-Forwarded-Proto";
        /// The client did not send a certificate.
        NoCertificate => "the client sent no certificate";
        /// An event decided so, for this reason.
        Event(why: String) =>
            (|f| write!(f, "an event left the client unauthenticated: {}", SanitizedText(why)));
    }
}

/// The maximum number of errors in a chain of sources that are examined.
const MOST_SOURCES: usize = 16;

texts! {
    /// Why a certificate was not accepted.
    #[derive(Clone, Debug)]
    #[non_exhaustive]
    pub enum AuthenticationError {
        /// The options do not allow its type, self-signed or chained.
        TypeNotAllowed(rejected: Rejected) => "{rejected}";
        /// Validation rejected it: "client certificate failed validation" in ASP.NET Core.
        ChainInvalid(rejected: Rejected) => "{rejected}";
        /// It could not be read:
        /// [`AuthenticationRequest::broken`](super::AuthenticationRequest::broken).
        Unreadable(error: SharedError) =>
            (|f| write!(f, "the client's certificate cannot be read: {}", SanitizedText(error)));
        /// It came in a header from a peer that is not a trusted proxy. The error is, or has as a
        /// source, [`HeaderFault::UntrustedPeer`], [`HeaderFault::WithoutSecret`],
        /// [`HeaderFault::WrongSecret`] or [`ChoiceError::UntrustedPeer`]. A client does not do
        /// this by accident. A proxy does if it is not configured as trusted or lacks the secret.
        HeaderNotTrusted(error: SharedError) =>
            (|f| write!(f, "a forwarded certificate is not trusted: {}", SanitizedText(error)));
        /// The header that must confirm it is absent or has another value. The error is, or has as
        /// a source, [`HeaderFault::Unconfirmed`], [`HeaderFault::OtherValue`] or
        /// [`HeaderFault::Denied`]. The proxy did not verify the certificate, or did not write the
        /// header.
        NotConfirmed(error: SharedError) =>
            (|f| write!(f, "the forwarded certificate is not confirmed: {}", SanitizedText(error)));
        /// An event refused the client.
        Refused(why: String) =>
            (|f| write!(f, "an event refused the client: {}", SanitizedText(why)));
        /// An event failed, so its decision is unknown.
        EventFailed(error: SharedError) =>
            (|f| write!(f, "an event failed: {}", SanitizedText(error)));
        /// An event accepted the client without any claims, so there is no principal.
        NoPrincipal => "an event accepted the client without any claims";
        /// It failed for this reason, and then the [failure
        /// event](super::Events::authentication_failed) failed too. Code, report and public reason
        /// are those of the original failure.
        WithEventError {
            /// The original failure.
            reason: Box<AuthenticationError>,
            /// The error of the event.
            error: SharedError,
        } => (|f| write!(f, "{reason}; then the failure event failed: {}", SanitizedText(error)));
    }
}

impl From<Rejected> for AuthenticationError {
    fn from(rejected: Rejected) -> Self {
        match rejected.error().rule {
            Rule::SelfSignedNotAllowed | Rule::ChainedNotAllowed => Self::TypeNotAllowed(rejected),
            _ => Self::ChainInvalid(rejected),
        }
    }
}

impl AuthenticationError {
    /// The failure for a request with this error instead of a certificate.
    pub(super) fn in_reading(error: SharedError) -> Self {
        let first: &(dyn Error + 'static) = &*error;
        let mut sources = core::iter::successors(Some(first), |&error| error.source());
        let kind = sources.by_ref().take(MOST_SOURCES).find_map(of_proxy);
        kind.unwrap_or(Self::Unreadable)(error)
    }

    pub(super) fn with_event_error(self, error: EventError) -> Self {
        Self::WithEventError {
            reason: Box::new(self),
            error: Arc::from(error),
        }
    }

    /// The report of the validation, if the validation rejected the certificate.
    #[must_use]
    pub fn rejected(&self) -> Option<&Rejected> {
        match self {
            Self::TypeNotAllowed(rejected) | Self::ChainInvalid(rejected) => Some(rejected),
            Self::WithEventError { reason, .. } => reason.rejected(),
            _ => None,
        }
    }

    /// True if an event failed rather than the certificate. The next request may succeed.
    #[must_use]
    pub fn is_of_event(&self) -> bool {
        match self {
            Self::EventFailed(_) | Self::NoPrincipal => true,
            Self::WithEventError { reason, .. } => reason.is_of_event(),
            _ => false,
        }
    }
}

impl Error for AuthenticationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TypeNotAllowed(rejected) | Self::ChainInvalid(rejected) => Some(rejected),
            Self::Unreadable(error)
            | Self::HeaderNotTrusted(error)
            | Self::NotConfirmed(error)
            | Self::EventFailed(error) => Some(&**error),
            Self::WithEventError { reason, .. } => Some(&**reason),
            Self::Refused(_) | Self::NoPrincipal => None,
        }
    }
}

/// The failure for a header that is readable but not trustworthy.
fn of_proxy(error: &(dyn Error + 'static)) -> Option<fn(SharedError) -> AuthenticationError> {
    if let Some(ChoiceError::UntrustedPeer) = error.downcast_ref() {
        return Some(AuthenticationError::HeaderNotTrusted);
    }
    match error.downcast_ref::<ForwardedError>()?.fault() {
        HeaderFault::UntrustedPeer
        | HeaderFault::WithoutSecret { .. }
        | HeaderFault::WrongSecret { .. } => Some(AuthenticationError::HeaderNotTrusted),
        HeaderFault::Unconfirmed | HeaderFault::OtherValue | HeaderFault::Denied { .. } => {
            Some(AuthenticationError::NotConfirmed)
        }
        _ => None,
    }
}

errors! {
    /// A client is denied access: the error of [`AuthenticationResult::require`].
    #[derive(Clone, Debug)]
    #[must_use]
    pub enum Denied {
        /// There was nothing to authenticate.
        NoResult(why: NoResult) => "{why}", from NoResult;
        /// A certificate was not accepted.
        Failure(why: AuthenticationError) => "{why}", source why, from AuthenticationError;
    }
}

impl Denied {
    /// The status of the response: 403.
    #[must_use]
    pub fn suggested_status(&self) -> u16 {
        FORBIDDEN
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use core::fmt;

    use super::*;

    /// An error that ignores limits.
    #[derive(Debug)]
    struct Endless;

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (0..100_000).try_for_each(|_| f.write_str("more "))
        }
    }

    impl Error for Endless {}

    #[test]
    fn texts_are_bounded() {
        let long = "x".repeat(100_000);
        for denied in [
            Denied::NoResult(NoResult::Event(long.clone())),
            Denied::Failure(AuthenticationError::Refused(long.clone())),
            Denied::Failure(AuthenticationError::EventFailed(Arc::new(Endless))),
            Denied::Failure(AuthenticationError::Unreadable(Arc::new(Endless))),
            Denied::Failure(AuthenticationError::HeaderNotTrusted(Arc::new(Endless))),
            Denied::Failure(AuthenticationError::NotConfirmed(Arc::new(Endless))),
        ] {
            let text = denied.to_string();
            assert!((1_000..1_100).contains(&text.len()), "{}", text.len());
            assert_eq!(denied.suggested_status(), 403);
        }
        let both = AuthenticationError::Refused(long).with_event_error(Box::new(Endless));
        assert!((2_000..2_100).contains(&both.to_string().len()));
    }

    #[test]
    fn the_error_of_an_event_changes_nothing_of_the_reason() {
        for reason in [
            AuthenticationError::Refused("left".into()),
            AuthenticationError::NoPrincipal,
            AuthenticationError::Unreadable(Arc::new(Endless)),
            AuthenticationError::NotConfirmed(Arc::new(Endless)),
        ] {
            let both = reason.clone().with_event_error("the log is full".into());
            assert_eq!(both.code(), reason.code());
            assert_eq!(both.is_of_event(), reason.is_of_event());
            let public = |failure| Denied::Failure(failure).public_reason();
            assert_eq!(public(both), public(reason));
        }
    }

    #[test]
    fn what_was_underneath_stays_within_reach() {
        let failure = AuthenticationError::EventFailed(Arc::new(Endless));
        assert!(failure.source().is_some_and(|error| error.is::<Endless>()));
        let denied = AuthenticationResult::Failure(failure)
            .require()
            .unwrap_err();
        assert!(
            denied
                .source()
                .is_some_and(|error| error.is::<AuthenticationError>())
        );
        assert!(AuthenticationError::NoPrincipal.source().is_none());
    }
}
