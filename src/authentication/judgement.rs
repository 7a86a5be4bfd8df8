//! What the answers of events come to.
//!
//! Everything that is not a plain yes is a failure: an event that errs, and one that lets somebody
//! in without saying who. A failure that an event was told of is never lost to that event's own: it
//! stays the reason, and the error stands beside it.

use alloc::sync::Arc;

use super::authenticator::{CertificateAuthenticator, Decided};
use super::challenge::Challenge;
use super::claims::Claims;
use super::events::{ChallengeDecision, Decision, EventError, FailureDecision};
use super::principal::Principal;
use super::result::{AuthenticationResult, Failure, NoResult};

impl<E> CertificateAuthenticator<E> {
    /// What a failure comes to after the event that was told of it.
    pub(super) fn after_failed(
        &self,
        decided: &mut Decided<'_>,
        failure: Failure,
        decision: Result<FailureDecision, EventError>,
    ) -> AuthenticationResult {
        let event_failed = failure.is_of_event() || decision.is_err();
        let result = match decision {
            Err(error) => AuthenticationResult::Failure(failure.with_event_error(error)),
            Ok(FailureDecision::Keep) => AuthenticationResult::Failure(failure),
            Ok(_) if !self.settings().replace_failures => AuthenticationResult::Failure(failure),
            Ok(FailureDecision::LetIn(claims)) => self.let_in(decided, claims),
            Ok(FailureDecision::Fail(why)) => AuthenticationResult::Failure(Failure::Refused(why)),
            Ok(FailureDecision::NoResult(why)) => {
                AuthenticationResult::NoResult(NoResult::Event(why))
            }
        };
        if event_failed || result.failure().is_some_and(Failure::is_of_event) {
            decided.forget();
        }
        result
    }

    fn let_in(&self, decided: &Decided<'_>, claims: Claims) -> AuthenticationResult {
        if claims.is_empty() {
            return AuthenticationResult::Failure(Failure::NoPrincipal);
        }
        let principal = match (&decided.outcome, decided.certificate) {
            // The certificate is good, and it was the event before this one that refused it.
            (Ok(principal), _) => principal.with_claims(claims),
            (Err(_), Some(certificate)) => Principal::let_in(
                &self.settings().scheme,
                decided.provenance,
                certificate.clone(),
                claims,
            ),
            (Err(_), None) => return AuthenticationResult::Failure(Failure::NoPrincipal),
        };
        AuthenticationResult::Success(principal)
    }
}

/// What a validated certificate comes to after its event.
pub(super) fn after_validated(
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

/// What a challenge is answered with.
pub(super) fn after_challenge(decision: Result<ChallengeDecision, EventError>) -> Challenge {
    match decision {
        Ok(ChallengeDecision::Handled(challenge)) => challenge,
        Ok(ChallengeDecision::Forbid) | Err(_) => Challenge::forbid(),
    }
}
