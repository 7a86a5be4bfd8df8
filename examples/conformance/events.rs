//! `dotnet-events`: what the handler answers when its events act. The certificates are those of
//! this repository.

use std::sync::Arc;

use portcullis::authentication::forwarded::ClientCertificate;
use portcullis::authentication::{
    AuthenticationCache, AuthenticationFailed, AuthenticationRequest, AuthenticationResult,
    CertificateAuthenticator, CertificateAuthenticatorBuilder, CertificateValidated,
    ChainTrustValidationMode, Challenge, ChallengeAsked, ChallengeDecision, Claim, Claims,
    EventError, Events, FORBIDDEN, FailureDecision, RequestScheme, ValidatedDecision, claim_types,
};
use portcullis::cache::CacheOptions;
use portcullis::revocation::{NoFetcher, RevocationMode};
use portcullis::{CertificateTypes, Presented, Time, TrustStore};
use serde_json::Value;

use super::dotnet::same;

const ROOT: &[u8] = include_bytes!("../../testdata/roots/root.pem");
const GOOD: &[u8] = include_bytes!("../../testdata/chains/good-d2.pem");
const EXPIRED: &[u8] = include_bytes!("../../testdata/chains/time-leaf-expired.pem");

/// The name of a principal that an event made.
const OF_EVENT: &str = "event's";

/// Events that do what a case says.
struct Acting<'a> {
    validated: &'a str,
    failed: &'a str,
    challenge: &'a str,
}

fn of_event() -> Claims {
    Claims::default().with(Claim::new(claim_types::NAME, OF_EVENT))
}

impl Events for Acting<'_> {
    fn certificate_validated(
        &self,
        _: &CertificateValidated<'_>,
    ) -> Result<ValidatedDecision, EventError> {
        Ok(match self.validated {
            "nothing" | "success" => ValidatedDecision::Accept,
            "replace-principal" | "replace-principal-then-success" => {
                ValidatedDecision::AcceptAs(of_event())
            }
            "null-principal" => ValidatedDecision::AcceptAs(Claims::default()),
            "fail" => ValidatedDecision::fail("event says no"),
            "no-result" => ValidatedDecision::no_result("event says nothing"),
            "throw" => return Err("event threw".into()),
            other => return Err(format!("an action that is not known: {other}").into()),
        })
    }

    fn authentication_failed(
        &self,
        _: &AuthenticationFailed<'_>,
    ) -> Result<FailureDecision, EventError> {
        Ok(match self.failed {
            "nothing" => FailureDecision::Keep,
            // Success without a principal.
            "success" => FailureDecision::LetIn(Claims::default()),
            "success-with-principal" => FailureDecision::LetIn(of_event()),
            "fail" => FailureDecision::Fail("failed event says no".into()),
            "no-result" => FailureDecision::NoResult("failed event says nothing".into()),
            "throw" => return Err("failed event threw".into()),
            other => return Err(format!("an action that is not known: {other}").into()),
        })
    }

    fn challenge(&self, _: &ChallengeAsked<'_>) -> Result<ChallengeDecision, EventError> {
        // As in "sets 307 and handles". An event that does not handle the challenge changes
        // nothing.
        if self.challenge == "throw" {
            return Err("challenge event threw".into());
        }
        let status = self.challenge.split(' ').find_map(|word| word.parse().ok());
        match status {
            Some(status) if self.challenge.ends_with("handles") => {
                Ok(ChallengeDecision::Handled(Challenge::with_status(status)?))
            }
            _ => Ok(ChallengeDecision::Forbid),
        }
    }
}

/// Runs a case: several requests, or a challenge.
pub fn run(case: &Value) -> Result<(), String> {
    let word = |key: &str| case[key].as_str().unwrap_or("nothing");
    let events = Acting {
        validated: word("on_certificate_validated"),
        failed: word("on_authentication_failed"),
        challenge: word("on_challenge"),
    };
    let built = with_state(word("state"))?
        .events(events)
        .dangerously_let_failed_event_replace_result();
    let built = match case["cache"] == true {
        true => built
            .cache(Arc::new(AuthenticationCache::new(CacheOptions::dotnet())))
            .events_on_each_request(false)
            .build(),
        false => built.build(),
    };
    let ours = case["ours"].as_str();
    let authenticator = match built {
        Ok(authenticator) => authenticator,
        Err(error) => {
            let said = ours.unwrap_or("no error of the builder");
            return same("not-buildable", said).map_err(|why| format!("{why}: {error}"));
        }
    };
    if case["what"].is_string() {
        return challenge(case, &authenticator);
    }
    let chain = match word("state") {
        "chain-invalid" => EXPIRED,
        _ => GOOD,
    };
    let presented = Presented::from_pem(chain).map_err(|error| error.to_string())?;
    let certificate = ClientCertificate::Handshake(presented);
    let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
    for (i, expect) in case["requests"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let result = authenticator.authenticate(&request, now()?, &NoFetcher);
        compare(expect, ours, &result).map_err(|why| format!("request {i}: {why}"))?;
    }
    Ok(())
}

/// When the certificates of this repository are valid.
fn now() -> Result<Time, String> {
    Time::from_civil(2026, 1, 1, 0, 0, 0).ok_or_else(|| "no such day".into())
}

fn with_state(state: &str) -> Result<CertificateAuthenticatorBuilder, String> {
    let roots = TrustStore::from_pem(ROOT).map_err(|error| error.to_string())?;
    let builder = CertificateAuthenticator::builder()
        .dotnet_compatible(true)
        .custom_trust_store(roots.clone())
        .revocation_mode(RevocationMode::NoCheck);
    Ok(match state {
        "misconfigured" => builder.system_trust_store(roots),
        "class-refused" => builder
            .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
            .allowed_certificate_types(CertificateTypes::SelfSigned)
            .dangerously_trust_any_self_signed(),
        _ => builder.chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust),
    })
}

fn compare(
    expect: &Value,
    ours: Option<&str>,
    result: &AuthenticationResult,
) -> Result<(), String> {
    let (got, principal) = match result {
        AuthenticationResult::Success(principal) => {
            let of_event = principal.claims().name() == Some(OF_EVENT);
            ("success", if of_event { OF_EVENT } else { "default" })
        }
        AuthenticationResult::NoResult(_) => ("no-result", "none"),
        AuthenticationResult::Failure(_) => ("fail", "none"),
    };
    let said = expect["result"].as_str().unwrap_or_default();
    same(got, ours.unwrap_or(said))?;
    same(principal, expect["principal"].as_str().unwrap_or("none"))
}

fn challenge<E: Events>(
    case: &Value,
    authenticator: &CertificateAuthenticator<E>,
) -> Result<(), String> {
    let request = AuthenticationRequest::new(RequestScheme::Https, None);
    let result = authenticator.authenticate(&request, now()?, &NoFetcher);
    let denied = match result.require() {
        Ok(_) => return Err("a client without a certificate was let in".into()),
        Err(denied) => denied,
    };
    let status = match case["what"].as_str() {
        Some("challenge") => authenticator.challenge(&request, &denied, now()?).status(),
        _ => FORBIDDEN,
    };
    let said = case["status"].as_u64().unwrap_or_default();
    same(&status.to_string(), &said.to_string())
}
