//! The certificate handler of ASP.NET Core: single requests, and its cache with a clock that the
//! case sets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::authentication::forwarded::{ClientCertificate, Provenance};
use portcullis::authentication::{
    AuthenticationCache, AuthenticationFailed, AuthenticationRequest, AuthenticationResult,
    AuthenticatorBuildError, CertificateAuthenticator, CertificateAuthenticatorBuilder,
    CertificateValidated, ChainTrustValidationMode, EventError, Events, FailureDecision,
    RequestScheme, ValidatedDecision,
};
use portcullis::cache::{CacheOptions, VerdictLifetime};
use portcullis::revocation::{NoFetcher, RevocationFlag};
use portcullis::{Certificate, CertificateTypes, Presented, Time};
use serde_json::Value;

use super::corpus::Corpus;
use super::dotnet::{self, Answer, certificates, flag, judge, mode, same, step_rulings, texts};

/// One request.
pub fn run(corpus: &Corpus, case: &Value) -> Result<(), String> {
    let said = case["expect"]["result"].as_str();
    let said = said.ok_or("the case expects no result")?;
    let authenticator = match builder(corpus, &case["options"])?.build() {
        Ok(authenticator) => authenticator,
        Err(error) => {
            let ours = case["ours"].as_str().unwrap_or(said);
            return same("not-buildable", ours).map_err(|why| format!("{why}: {error}"));
        }
    };
    let result = authenticate(corpus, case, &authenticator)?;
    let answer = answer(&result);
    judge(corpus, case, said, &answer)?;
    if !case["ours"].is_null() {
        return Ok(());
    }
    let ours = [("failure", answer.failure), ("class", class(corpus, case))];
    for (key, ours) in ours {
        // What was not recorded is not compared.
        if let Some(theirs) = case["expect"][key].as_str() {
            same(ours.unwrap_or("none"), theirs).map_err(|why| format!("{key}: {why}"))?;
        }
    }
    Ok(())
}

/// The options of a case, by their .NET names.
pub fn builder(
    corpus: &Corpus,
    options: &Value,
) -> Result<CertificateAuthenticatorBuilder, String> {
    let store = |keys: &[&str]| dotnet::store(certificates(&corpus.der, keys));
    let system: Vec<&str> = corpus.system_roots.iter().map(String::as_str).collect();
    let additional = texts(&options["additional_chain_certificates"]);
    let (types, any_self_signed) = match options["allowed_certificate_types"].as_str() {
        Some("All") => (CertificateTypes::All, true),
        Some("SelfSigned") => (CertificateTypes::SelfSigned, true),
        _ => (CertificateTypes::Chained, false),
    };
    let mut builder = CertificateAuthenticator::builder()
        .dotnet_compatible(true)
        .allowed_certificate_types(types)
        .chain_trust_validation_mode(match options["chain_trust_validation_mode"].as_str() {
            Some("System") => ChainTrustValidationMode::System,
            _ => ChainTrustValidationMode::CustomRootTrust,
        })
        .custom_trust_store(store(&texts(&options["custom_trust_store"])))
        .system_trust_store(store(&system))
        .additional_chain_certificates(certificates(&corpus.der, &additional))
        .validate_certificate_use(options["validate_certificate_use"] != false)
        .validate_validity_period(options["validate_validity_period"] != false)
        .revocation_mode(mode(&options["revocation_mode"])?)
        .revocation_flag(flag(options)?);
    if any_self_signed {
        builder = builder.dangerously_trust_any_self_signed();
    }
    if let Some(issuer) = options["claims_issuer"].as_str() {
        builder = builder.claims_issuer(issuer);
    }
    Ok(builder)
}

/// Authenticates the certificate of a case, which may be one that does not parse.
pub fn authenticate<E: Events>(
    corpus: &Corpus,
    case: &Value,
    authenticator: &CertificateAuthenticator<E>,
) -> Result<AuthenticationResult, String> {
    let time = case["time"].as_i64().ok_or("the case has no time")?;
    let scheme = match case["https"] == false {
        true => RequestScheme::Http,
        false => RequestScheme::Https,
    };
    let der = match case["certificate"].as_str() {
        Some(key) => {
            let der = corpus.der.get(key);
            Some(der.ok_or("the certificate is not in the file")?)
        }
        None => None,
    };
    ask(scheme, der, Time::from_unix(time), authenticator)
}

fn ask<E: Events>(
    scheme: RequestScheme,
    der: Option<&Vec<u8>>,
    now: Time,
    authenticator: &CertificateAuthenticator<E>,
) -> Result<AuthenticationResult, String> {
    let presented = der.map(|der| Presented::from_der([der])).transpose();
    let presented = match presented {
        Ok(presented) => presented,
        Err(error) => {
            let request = AuthenticationRequest::broken(scheme, Provenance::Handshake, error);
            return Ok(authenticator.authenticate(&request, now, &NoFetcher));
        }
    };
    let certificate = presented.map(ClientCertificate::Handshake);
    let request = AuthenticationRequest::new(scheme, certificate.as_ref());
    Ok(authenticator.authenticate(&request, now, &NoFetcher))
}

/// A result, in the words of the recordings.
pub fn answer(result: &AuthenticationResult) -> Answer {
    match result {
        AuthenticationResult::Success(principal) => Answer {
            result: "success",
            failure: None,
            chain: principal.accepted().map(|a| a.chain()).unwrap_or_default(),
            why: String::new(),
        },
        AuthenticationResult::NoResult(why) => Answer {
            result: "no-result",
            failure: None,
            chain: Vec::new(),
            why: why.to_string(),
        },
        AuthenticationResult::Failure(failure) => Answer {
            result: "fail",
            failure: Some(match failure.code() {
                "unreadable" => "chain-invalid",
                code => code,
            }),
            chain: failure
                .rejected()
                .map(|rejected| rejected.chain().to_vec())
                .unwrap_or_default(),
            why: failure.to_string(),
        },
    }
}

fn class(corpus: &Corpus, case: &Value) -> Option<&'static str> {
    let der = corpus.der.get(case["certificate"].as_str()?)?;
    let certificate = Certificate::from_der(der).ok()?;
    Some(match certificate.has_identical_names() {
        true => "self-signed",
        false => "chained",
    })
}

/// Counts how often a certificate is validated.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Events for Counter {
    fn certificate_validated(
        &self,
        _: &CertificateValidated<'_>,
    ) -> Result<ValidatedDecision, EventError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(ValidatedDecision::Accept)
    }

    fn authentication_failed(
        &self,
        _: &AuthenticationFailed<'_>,
    ) -> Result<FailureDecision, EventError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(FailureDecision::Keep)
    }
}

/// The cache of verdicts, which the schemes of the case share. The case sets the clock.
pub fn cache(corpus: &Corpus, case: &Value) -> Result<(), String> {
    let number = |key: &str| {
        let number = case[key].as_u64();
        number.ok_or_else(|| format!("the case has no {key}"))
    };
    let lifetime =
        VerdictLifetime::seconds(30 * 60).sliding(number("cache_entry_expiration_seconds")? as u32);
    let options = CacheOptions::dotnet()
        .capacity(number("cache_size")? as usize)
        .accepted(lifetime)
        .rejected(lifetime);
    let cache = Arc::new(AuthenticationCache::new(options));
    let counter = Counter::default();
    let authenticator = |scheme: &str| -> Result<_, String> {
        let roots = certificates(&corpus.der, &texts(&case["custom_trust_store"]));
        CertificateAuthenticator::builder()
            .dotnet_compatible(true)
            .scheme(scheme)
            .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
            .custom_trust_store(dotnet::store(roots))
            .revocation_mode(mode(&case["revocation_mode"])?)
            .revocation_flag(RevocationFlag::ExcludeRoot)
            .cache(Arc::clone(&cache))
            .events_on_each_request(false)
            .events(&counter)
            .build()
            .map_err(|error: AuthenticatorBuildError| error.to_string())
    };
    // An authenticator for each scheme, as in .NET: the events of a scheme decide for it only.
    let mut authenticators = BTreeMap::new();
    // A ruling has the answer of each step. Whether it was validated again is as recorded.
    let steps = case["steps"].as_array().ok_or("the case has no steps")?;
    let ours = step_rulings(case, steps.len())?;
    for (i, (step, ours)) in steps.iter().zip(ours).enumerate() {
        let at = step["at"].as_i64().ok_or("the step has no time")?;
        let now = Time::from_unix(case["start"].as_i64().ok_or("no start")? + at);
        let der = step["who"].as_str().and_then(|key| corpus.der.get(key));
        let scheme = step["scheme"].as_str().unwrap_or_default();
        if !authenticators.contains_key(scheme) {
            authenticators.insert(scheme, authenticator(scheme)?);
        }
        let asked = authenticators.get(scheme).ok_or("no such scheme")?;
        let before = counter.0.load(Ordering::Relaxed);
        let result = ask(RequestScheme::Https, der, now, asked)?;
        let validated = counter.0.load(Ordering::Relaxed) > before;
        let expect = &step["expect"];
        let said = ours.or(expect["result"].as_str()).unwrap_or_default();
        same(answer(&result).result, said).map_err(|why| format!("step {i}: {why}"))?;
        if expect["validated"].as_bool() != Some(validated) {
            return Err(format!("step {i}: validated again: {validated}"));
        }
    }
    Ok(())
}
