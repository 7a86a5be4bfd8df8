//! Turns what an event answered into the result of the authentication.
//!
//! Everything but a plain yes is a failure: an event that returns an error, and one that accepts
//! without any claim. A failure that was passed to an event stays the reason when that event fails
//! too; the event's error is kept beside it.

use alloc::sync::Arc;

use super::challenge::Challenge;
use super::claims::Claims;
use super::events::{ChallengeDecision, FailureDecision, ValidatedDecision};
use super::forwarded::{ClientCertificate, Provenance};
use super::principal::Principal;
use super::result::{AuthenticationError, AuthenticationResult, EventError, NoResult};
use super::scheme_options::SchemeOptions;
#[cfg(feature = "std")]
use super::verdict_cache::NewVerdict;
use crate::certificate::Certificate;

/// A certificate with its outcome before any event has run.
pub(super) struct JudgedCertificate<'a> {
    pub(super) outcome: Result<Principal, AuthenticationError>,
    /// `None`: it could not be read.
    pub(super) certificate: Option<&'a ClientCertificate>,
    pub(super) provenance: Provenance,
    /// A verdict to be cached with what the events make of it.
    #[cfg(feature = "std")]
    pub(super) not_cached: Option<NewVerdict>,
}

impl<'a> JudgedCertificate<'a> {
    pub(super) fn new(
        provenance: Provenance,
        certificate: Option<&'a ClientCertificate>,
        outcome: Result<Principal, AuthenticationError>,
    ) -> Self {
        Self {
            outcome,
            certificate,
            provenance,
            #[cfg(feature = "std")]
            not_cached: None,
        }
    }

    pub(super) fn leaf(&self) -> Option<&'a Certificate> {
        Some(self.certificate?.presented().leaf())
    }
}

/// The result for a validated certificate, after its event.
pub(super) fn after_validated(
    principal: &Principal,
    decision: Result<ValidatedDecision, EventError>,
) -> AuthenticationResult {
    let error = match decision {
        Ok(ValidatedDecision::Accept) => return AuthenticationResult::Success(principal.clone()),
        Ok(ValidatedDecision::AcceptAs(claims)) if !claims.is_empty() => {
            return AuthenticationResult::Success(principal.with_claims(claims));
        }
        Ok(ValidatedDecision::NoResult(why)) => {
            return AuthenticationResult::NoResult(NoResult::Event(why));
        }
        Ok(ValidatedDecision::AcceptAs(_)) => AuthenticationError::NoPrincipal,
        Ok(ValidatedDecision::Fail(why)) => AuthenticationError::Refused(why),
        Err(error) => AuthenticationError::EventFailed(Arc::from(error)),
    };
    AuthenticationResult::Failure(error)
}

/// The result after a failure and its event. It is not cached where an event failed, which may do
/// better next time.
pub(super) fn after_failed(
    options: &SchemeOptions,
    judged: &mut JudgedCertificate<'_>,
    failure: AuthenticationError,
    decision: Result<FailureDecision, EventError>,
) -> AuthenticationResult {
    #[cfg(feature = "std")]
    let event_failed = failure.is_of_event() || decision.is_err();
    let result = match decision {
        Err(error) => AuthenticationResult::Failure(failure.with_event_error(error)),
        Ok(FailureDecision::Keep) => AuthenticationResult::Failure(failure),
        Ok(_) if !options.replace_failures => AuthenticationResult::Failure(failure),
        Ok(FailureDecision::LetIn(claims)) => let_in(options, judged, claims),
        Ok(FailureDecision::Fail(why)) => {
            AuthenticationResult::Failure(AuthenticationError::Refused(why))
        }
        Ok(FailureDecision::NoResult(why)) => AuthenticationResult::NoResult(NoResult::Event(why)),
    };
    #[cfg(feature = "std")]
    if event_failed
        || result
            .failure()
            .is_some_and(AuthenticationError::is_of_event)
    {
        judged.not_cached = None;
    }
    result
}

fn let_in(
    options: &SchemeOptions,
    judged: &JudgedCertificate<'_>,
    claims: Claims,
) -> AuthenticationResult {
    let principal = match (&judged.outcome, judged.leaf()) {
        _ if claims.is_empty() => None,
        // The certificate is good; the event before this one refused it.
        (Ok(principal), _) => Some(principal.with_claims(claims)),
        (Err(_), leaf) => leaf.map(|leaf| {
            let scheme = &options.scheme;
            Principal::new(scheme, judged.provenance, leaf.clone(), claims, None)
        }),
    };
    match principal {
        Some(principal) => AuthenticationResult::Success(principal),
        None => AuthenticationResult::Failure(AuthenticationError::NoPrincipal),
    }
}

/// The answer to a challenge, after its event.
pub(super) fn after_challenge(decision: Result<ChallengeDecision, EventError>) -> Challenge {
    match decision {
        Ok(ChallengeDecision::Handled(challenge)) => challenge,
        Ok(ChallengeDecision::Forbid) | Err(_) => Challenge::forbid(),
    }
}
