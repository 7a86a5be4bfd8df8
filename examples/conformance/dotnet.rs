//! Cases of `dotnet-verdicts/1`: what the real .NET said, and where this library answers otherwise.

use std::collections::{BTreeSet, HashMap};

use portcullis::{
    Certificate, CertificateTypes, ChainElement, ObjectIdentifier, Presented, Purpose, Rejected,
    Rule, Time, TrustMode, TrustStore, Validator, ValidatorBuilder, VerificationFlags,
};
use serde_json::Value;

use crate::corpus::Corpus;

/// How a case went.
pub enum Outcome {
    Passed,
    Failed(String),
    /// The library cannot run it yet.
    NotYet,
}

/// An answer, in the words of the recordings.
struct Answer {
    result: &'static str,
    failure: Option<&'static str>,
    chain: Vec<ChainElement>,
    why: String,
}

/// Runs a case.
pub fn run(corpus: &Corpus, case: &Value) -> Outcome {
    let suite = corpus.suite.as_str();
    let no_check = case["options"]["revocation_mode"] == "NoCheck";
    let outcome = match suite {
        "dotnet-flags" if no_check => flags(corpus, case),
        "dotnet-handler" if no_check => handler(corpus, case),
        _ => return Outcome::NotYet,
    };
    match outcome {
        Ok(()) => Outcome::Passed,
        Err(why) => Outcome::Failed(why),
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn certificates(der: &HashMap<String, Vec<u8>>, keys: &[&str]) -> Vec<Certificate> {
    let found = keys.iter().filter_map(|key| der.get(*key));
    found
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect()
}

/// All files run with the .NET-compatible setting on.
fn builder(corpus: &Corpus, roots: &[&str], extra: &[&str]) -> ValidatorBuilder {
    let roots = certificates(&corpus.der, roots);
    let store = TrustStore::from_certificates_anchoring_self_issued_only(roots);
    Validator::builder(TrustMode::CustomRootTrust(store))
        .dotnet_compatible(true)
        .additional_chain_certificates(certificates(&corpus.der, extra))
}

fn validate(corpus: &Corpus, case: &Value, validator: &Validator) -> Result<Answer, String> {
    let key = case["certificate"]
        .as_str()
        .ok_or("the case has no certificate")?;
    let der = corpus
        .der
        .get(key)
        .ok_or("the certificate is not in the file")?;
    let time = case["time"].as_i64().ok_or("the case has no time")?;
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
        match validator.validate(&presented, Time::from_unix(time)) {
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

fn flags(corpus: &Corpus, case: &Value) -> Result<(), String> {
    let options = &case["options"];
    let mut flags = VerificationFlags::empty();
    for name in texts(&options["verification_flags"]) {
        flags |= VerificationFlags::from_name(name).ok_or_else(|| format!("flag {name}"))?;
    }
    let mut builder = builder(
        corpus,
        &texts(&options["custom_trust_store"]),
        &texts(&options["extra_store"]),
    )
    .dangerously_forgive(flags);
    if let Some(policy) = options["application_policy"].as_str() {
        let oid = ObjectIdentifier::new(policy).map_err(|error| error.to_string())?;
        builder = builder.purpose(Purpose::All(vec![oid]));
    }
    let validator = builder.build().map_err(|error| error.to_string())?;
    let answer = validate(corpus, case, &validator)?;
    let expect = &case["expect"];
    let said = match expect["valid"].as_bool() {
        Some(true) => "success",
        Some(false) => "fail",
        None => "exception",
    };
    judge(corpus, case, said, &answer)
}

fn handler(corpus: &Corpus, case: &Value) -> Result<(), String> {
    let options = &case["options"];
    let expect = &case["expect"];
    let said = expect["result"]
        .as_str()
        .ok_or("the case expects no result")?;
    if case["certificate"].is_null() || case["https"] == false {
        return same("no-result", said);
    }
    let custom = texts(&options["custom_trust_store"]);
    let system = options["chain_trust_validation_mode"] == "System";
    // Here the mode holds the store, so that system trust beside a custom store cannot be written down.
    if system && !custom.is_empty() {
        return same("not-buildable", case["ours"].as_str().unwrap_or(said));
    }
    let system_roots: Vec<&str> = corpus.system_roots.iter().map(String::as_str).collect();
    let roots = if system { &system_roots } else { &custom };
    let mut builder = builder(
        corpus,
        roots,
        &texts(&options["additional_chain_certificates"]),
    );
    builder = match options["allowed_certificate_types"].as_str() {
        Some("All") => builder
            .certificate_types(CertificateTypes::All)
            .dangerously_trust_any_self_signed(),
        Some("SelfSigned") => builder
            .certificate_types(CertificateTypes::SelfSigned)
            .dangerously_trust_any_self_signed(),
        _ => builder,
    };
    if options["validate_certificate_use"] == true {
        builder = builder.purpose(Purpose::ClientAuth);
    }
    let period = options["validate_validity_period"] == true;
    builder = builder
        .validate_leaf_period(period)
        .validate_issuers_period(period);
    let validator = builder.build().map_err(|error| error.to_string())?;
    let answer = validate(corpus, case, &validator)?;
    judge(corpus, case, said, &answer)?;
    if case["ours"].is_null() {
        same(
            answer.failure.unwrap_or("none"),
            expect["failure"].as_str().unwrap_or("none"),
        )?;
        let der = case["certificate"]
            .as_str()
            .and_then(|key| corpus.der.get(key));
        let class = der
            .and_then(|der| Certificate::from_der(der).ok())
            .map(|certificate| {
                if certificate.has_identical_names() {
                    "self-signed"
                } else {
                    "chained"
                }
            });
        same(
            class.unwrap_or("none"),
            expect["class"].as_str().unwrap_or("none"),
        )?;
    }
    Ok(())
}

fn same(ours: &str, theirs: &str) -> Result<(), String> {
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("expected {theirs}, got {ours}"))
    }
}

/// Compares an answer with the recording, or with the ruling where this library answers otherwise.
fn judge(corpus: &Corpus, case: &Value, said: &str, answer: &Answer) -> Result<(), String> {
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
