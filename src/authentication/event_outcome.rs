//! Turns the decision of an event into the result of the authentication.
//!
//! An event that returns an error, or that accepts without claims, causes a failure. If the failure
//! event fails, the original failure stays the reason, and the event's error is kept with it.

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

/// A certificate and its outcome before any event has run.
pub(super) struct JudgedCertificate<'a> {
    pub(super) outcome: Result<Principal, AuthenticationError>,
    /// `None` if the certificate could not be read.
    pub(super) certificate: Option<&'a ClientCertificate>,
    pub(super) provenance: Provenance,
    /// A verdict to be cached together with the result of the events.
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
    let (success, failure) = (AuthenticationResult::Success, AuthenticationResult::Failure);
    match decision {
        Ok(ValidatedDecision::Accept) => success(principal.clone()),
        Ok(ValidatedDecision::AcceptAs(claims)) if claims.is_empty() => {
            failure(AuthenticationError::NoPrincipal)
        }
        Ok(ValidatedDecision::AcceptAs(claims)) => success(principal.with_claims(claims)),
        Ok(ValidatedDecision::Fail(why)) => failure(AuthenticationError::Refused(why)),
        Ok(ValidatedDecision::NoResult(why)) => {
            AuthenticationResult::NoResult(NoResult::Event(why))
        }
        Err(error) => failure(AuthenticationError::EventFailed(Arc::from(error))),
    }
}

/// The result after a failure and its event. If an event failed, the result is not cached, because
/// the event may succeed next time.
pub(super) fn after_failed(
    options: &SchemeOptions,
    judged: &mut JudgedCertificate<'_>,
    failure: AuthenticationError,
    decision: Result<FailureDecision, EventError>,
) -> AuthenticationResult {
    #[cfg(feature = "std")]
    let event_failed = failure.is_of_event() || decision.is_err();
    let fail = AuthenticationResult::Failure;
    let result = match decision {
        Err(error) => fail(failure.with_event_error(error)),
        Ok(FailureDecision::Keep) => fail(failure),
        Ok(_) if !options.replace_failures => fail(failure),
        Ok(FailureDecision::LetIn(claims)) => let_in(options, judged, claims),
        Ok(FailureDecision::Fail(why)) => fail(AuthenticationError::Refused(why)),
        Ok(FailureDecision::NoResult(why)) => AuthenticationResult::NoResult(NoResult::Event(why)),
    };
    #[cfg(feature = "std")]
    if event_failed
        || matches!(&result, AuthenticationResult::Failure(error) if error.is_of_event())
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
    let no_principal = AuthenticationResult::Failure(AuthenticationError::NoPrincipal);
    if claims.is_empty() {
        return no_principal;
    }
    let principal = match (&judged.outcome, judged.leaf()) {
        // The certificate was accepted; the previous event refused it.
        (Ok(principal), _) => principal.with_claims(claims),
        (Err(_), Some(leaf)) => {
            let (scheme, leaf) = (&options.scheme, leaf.clone());
            Principal::new(scheme, judged.provenance, leaf, claims, None)
        }
        (Err(_), None) => return no_principal,
    };
    AuthenticationResult::Success(principal)
}

/// The response to a challenge, after its event.
pub(super) fn after_challenge(decision: Result<ChallengeDecision, EventError>) -> Challenge {
    match decision {
        Ok(ChallengeDecision::Handled(challenge)) => challenge,
        Ok(ChallengeDecision::Forbid) | Err(_) => Challenge::forbid(),
    }
}
