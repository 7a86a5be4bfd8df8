//! Cases of `dotnet-verdicts/1`: the recorded answers of .NET, and rulings for the cases in which
//! this library answers otherwise on purpose.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use portcullis::revocation::{
    FetchFailure, NoFetcher, Request, RevocationFetcher, RevocationFlag, RevocationMode,
    SharedEvidence,
};
use portcullis::{
    Certificate, ChainElement, ObjectIdentifier, Presented, Purpose, Rejected, Rule, Time,
    TrustMode, TrustStore, Validator, ValidatorBuilder, VerificationFlags,
};
use serde_json::Value;

use super::corpus::Corpus;
use super::{claims, events, forwarding, handler, negotiation};

/// The result of a case.
pub enum Outcome {
    Passed,
    Failed(String),
    /// This program does not know the suite.
    NotYet,
}

/// An answer, in the words of the recordings.
pub struct Answer {
    pub result: &'static str,
    pub failure: Option<&'static str>,
    pub chain: Vec<ChainElement>,
    pub why: String,
}

/// Runs a case.
pub fn run(corpus: &Corpus, case: &Value) -> Outcome {
    let suite = corpus.suite.as_str();
    let outcome = match suite {
        "dotnet-flags" => flags(corpus, case),
        "dotnet-revocation" => revocation(corpus, case),
        "dotnet-handler" => handler::run(corpus, case),
        "dotnet-cache" => handler::cache(corpus, case),
        "dotnet-claims" => claims::run(corpus, case),
        "dotnet-events" => events::run(case),
        "dotnet-forwarding" => forwarding::run(corpus, case),
        "dotnet-negotiation" => negotiation::run(case),
        _ => return Outcome::NotYet,
    };
    match outcome {
        Ok(()) => Outcome::Passed,
        Err(why) => Outcome::Failed(why),
    }
}

pub fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

pub fn certificates(der: &HashMap<String, Vec<u8>>, keys: &[&str]) -> Vec<Certificate> {
    let found = keys.iter().filter_map(|key| der.get(*key));
    found
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect()
}

/// A custom store as .NET reads it: a certificate whose subject is its issuer is a root, and a
/// store without roots trusts nobody.
pub fn store(certificates: Vec<Certificate>) -> TrustStore {
    let (roots, others): (Vec<_>, Vec<_>) = certificates
        .into_iter()
        .partition(Certificate::has_identical_names);
    TrustStore::anchoring_each(roots).with_candidates(others)
}

/// All cases run with `dotnet_compatible`.
fn builder(corpus: &Corpus, roots: &[&str], extra: &[&str]) -> ValidatorBuilder {
    let roots = certificates(&corpus.der, roots);
    let store = store(roots);
    Validator::builder(TrustMode::CustomRootTrust(store))
        .dotnet_compatible(true)
        .additional_chain_certificates(certificates(&corpus.der, extra))
}

fn validate(
    corpus: &Corpus,
    case: &Value,
    validator: &Validator,
    fetcher: &impl RevocationFetcher,
) -> Result<Answer, String> {
    let key = case["certificate"]
        .as_str()
        .ok_or("the case has no certificate")?;
    let der = corpus
        .der
        .get(key)
        .ok_or("the certificate is not in the file")?;
    let time = case["verification_time"].as_i64().or(case["time"].as_i64());
    let time = time.ok_or("the case has no time")?;
    let presented = match Presented::from_der([der]) {
        Ok(presented) => presented,
        Err(error) => {
            return Ok(Answer {
                result: "fail",
                failure: Some("chain-invalid"),
                chain: Vec::new(),
                why: error.to_string(),
            });
        }
    };
    Ok(
        match validator.validate(&presented, Time::from_unix(time), fetcher) {
            Ok(accepted) => Answer {
                result: "success",
                failure: None,
                chain: accepted.chain(),
                why: String::new(),
            },
            Err(rejected) => Answer {
                result: "fail",
                failure: Some(failure(&rejected)),
                chain: rejected.chain().to_vec(),
                why: rejected.to_string(),
            },
        },
    )
}

fn failure(rejected: &Rejected) -> &'static str {
    match rejected.error().rule {
        Rule::SelfSignedNotAllowed => "self-signed-not-allowed",
        Rule::ChainedNotAllowed => "chained-not-allowed",
        _ => "chain-invalid",
    }
}

/// `X509Chain` with its flags.
fn chain_validator(corpus: &Corpus, options: &Value) -> Result<ValidatorBuilder, String> {
    let mut flags = VerificationFlags::empty();
    for name in texts(&options["verification_flags"]) {
        flags |= VerificationFlags::from_name(name).ok_or_else(|| format!("flag {name}"))?;
    }
    let mut builder = builder(
        corpus,
        &texts(&options["custom_trust_store"]),
        &texts(&options["extra_store"]),
    )
    .dangerously_forgive(flags)
    .revocation(mode(&options["revocation_mode"])?, flag(options)?);
    if let Some(policy) = options["application_policy"].as_str() {
        let oid = ObjectIdentifier::new(policy).map_err(|error| error.to_string())?;
        builder = builder.purpose(Purpose::All(vec![oid]));
    }
    Ok(builder)
}

pub fn mode(value: &Value) -> Result<RevocationMode, String> {
    match value.as_str() {
        Some("NoCheck") => Ok(RevocationMode::NoCheck),
        Some("Online") => Ok(RevocationMode::Online),
        Some("Offline") => Ok(RevocationMode::Offline),
        _ => Err(format!("revocation mode {value}")),
    }
}

pub fn flag(options: &Value) -> Result<RevocationFlag, String> {
    match options["revocation_flag"].as_str() {
        Some("EndCertificateOnly") => Ok(RevocationFlag::EndCertificateOnly),
        Some("EntireChain") => Ok(RevocationFlag::EntireChain),
        Some("ExcludeRoot") | None => Ok(RevocationFlag::ExcludeRoot),
        Some(other) => Err(format!("revocation flag {other}")),
    }
}

fn flags(corpus: &Corpus, case: &Value) -> Result<(), String> {
    let validator = chain_validator(corpus, &case["options"])?.build();
    let validator = validator.map_err(|error| error.to_string())?;
    let answer = validate(corpus, case, &validator, &NoFetcher)?;
    judge(corpus, case, said(&case["expect"]), &answer)
}

fn said(expect: &Value) -> &'static str {
    match expect["valid"].as_bool() {
        Some(true) => "success",
        Some(false) => "fail",
        None => "exception",
    }
}

/// Revocation, with the recorded answers. The steps of a case share one evidence store.
fn revocation(corpus: &Corpus, case: &Value) -> Result<(), String> {
    let store = Arc::new(SharedEvidence::default());
    let run = |step: &Value| -> Result<Answer, String> {
        let options = &case["options"];
        let mut builder = chain_validator(corpus, options)?
            .evidence(store.clone())
            .fetch_issuers(options["disable_certificate_downloads"] != true);
        if !step["revocation_mode"].is_null() {
            builder = builder.revocation(mode(&step["revocation_mode"])?, flag(options)?);
        }
        let validator = builder.build().map_err(|error| error.to_string())?;
        let fetcher = Recorded {
            corpus,
            answers: &step["answers"],
        };
        validate(corpus, case, &validator, &fetcher)
    };
    let Some(steps) = case["steps"].as_array() else {
        return judge(corpus, case, said(&case["expect"]), &run(case)?);
    };
    let ours = step_rulings(case, steps.len())?;
    for (number, (step, of_case)) in steps.iter().zip(ours).enumerate() {
        let mut one = step.clone();
        if one["ours"].is_null() {
            one["ours"] = of_case.map_or(Value::Null, Value::from);
        }
        judge(corpus, &one, said(&step["expect"]), &run(step)?)
            .map_err(|why| format!("step {number}: {why}"))?;
    }
    Ok(())
}

/// The ruling for each step of a case, if this library answers otherwise: `steps: A, B` has a word
/// for each step, and any other ruling is for all steps.
///
/// # Errors
/// The number of words is not the number of steps.
pub fn step_rulings(case: &Value, steps: usize) -> Result<Vec<Option<&str>>, String> {
    let ours = case["ours"].as_str();
    let Some(words) = ours.and_then(|text| text.strip_prefix("steps: ")) else {
        return Ok(vec![ours; steps]);
    };
    let words: Vec<_> = words.split(", ").map(Some).collect();
    if words.len() != steps {
        return Err(format!("{} rulings for {steps} steps", words.len()));
    }
    Ok(words)
}

/// The recorded answers, by URL. An OCSP request was a GET below the URL.
struct Recorded<'a> {
    corpus: &'a Corpus,
    answers: &'a Value,
}

impl RevocationFetcher for Recorded<'_> {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        self.get(request.url()).map(Vec::from)
    }
}

impl Recorded<'_> {
    fn get(&self, url: &str) -> Result<&[u8], FetchFailure> {
        // A scheme is the same in upper and lower case (RFC 3986 section 3.1).
        let (scheme, rest) = url.split_once(':').unwrap_or_default();
        let mut url = &*format!("{}:{rest}", scheme.to_ascii_lowercase());
        // No recording has more than two redirects.
        for _ in 0..3 {
            let answer = &self.answers[url];
            if answer["slower_than_timeout"] == true {
                return Err(FetchFailure::Unreachable);
            }
            match (answer["location"].as_str(), answer["status"].as_u64()) {
                (Some(location), _) => url = location,
                (None, Some(200)) => {
                    let body = answer["body"].as_str();
                    let body = body.and_then(|key| self.corpus.der.get(key));
                    return Ok(body.map(Vec::as_slice).unwrap_or_default());
                }
                (None, Some(status)) => return Err(FetchFailure::Status(status as u16)),
                (None, None) => return Err(FetchFailure::Unreachable),
            }
        }
        Err(FetchFailure::Refused)
    }
}

pub fn same(ours: &str, theirs: &str) -> Result<(), String> {
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("expected {theirs}, got {ours}"))
    }
}

/// Compares an answer with the ruling, if there is one, or with the recording.
pub fn judge(corpus: &Corpus, case: &Value, said: &str, answer: &Answer) -> Result<(), String> {
    let explain = |error: String| format!("{error}: {}", answer.why);
    match case["ours"].as_str() {
        None => {
            same(answer.result, said).map_err(explain)?;
            same_chain(corpus, &case["expect"]["chain"], &answer.chain)
        }
        Some("as-dotnet") => same(answer.result, said).map_err(explain),
        Some("either") => Ok(()),
        Some("valid" | "success") => same(answer.result, "success").map_err(explain),
        Some("invalid" | "fail" | "error") => same(answer.result, "fail").map_err(explain),
        Some(other) => Err(format!("expected {other}, got {}", answer.result)),
    }
}

fn same_chain(corpus: &Corpus, expected: &Value, chain: &[ChainElement]) -> Result<(), String> {
    let expected: Vec<(Option<&Vec<u8>>, BTreeSet<&str>)> = expected
        .as_array()
        .into_iter()
        .flatten()
        .map(|element| {
            let der = element["certificate"]
                .as_str()
                .and_then(|key| corpus.der.get(key));
            (der, texts(&element["statuses"]).into_iter().collect())
        })
        .collect();
    let ours: Vec<(Option<&[u8]>, BTreeSet<&str>)> = chain
        .iter()
        .map(|element| {
            let der = element.certificate.as_ref().map(Certificate::as_der);
            (der, element.status.names().collect())
        })
        .collect();
    let same = expected.len() == ours.len()
        && expected
            .iter()
            .zip(&ours)
            .all(|((der, statuses), (our_der, our_statuses))| {
                der.map(Vec::as_slice) == *our_der && statuses == our_statuses
            });
    if same {
        return Ok(());
    }
    let statuses = |list: Vec<&BTreeSet<&str>>| format!("{list:?}");
    Err(format!(
        "expected statuses {}, got {}",
        statuses(expected.iter().map(|(_, s)| s).collect()),
        statuses(ours.iter().map(|(_, s)| s).collect())
    ))
}
