//! `dotnet-claims`: the claims of the default principal, in order.

use portcullis::authentication::{Claim, Principal};
use serde_json::Value;

use super::corpus::Corpus;
use super::dotnet::{judge, same};
use super::handler::{answer, authenticate, builder};

/// Type, value, value type and issuer of a claim.
type Parts<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Runs a case: one accepted certificate.
pub fn run(corpus: &Corpus, case: &Value) -> Result<(), String> {
    let authenticator = builder(corpus, &case["options"])?.build();
    let authenticator = authenticator.map_err(|error| error.to_string())?;
    let result = authenticate(corpus, case, &authenticator)?;
    let skipped: Vec<&str> = match case["ours"].as_str() {
        Some("either") => return Ok(()),
        Some(ours) => ours
            .strip_prefix("skip ")
            .map(|names| names.split(',').collect()),
        None => None,
    }
    .unwrap_or_default();
    let said = case["expect"]["result"].as_str().unwrap_or_default();
    let mut plain = case.clone();
    if !skipped.is_empty() {
        plain["ours"] = Value::Null;
    }
    judge(corpus, &plain, said, &answer(&result))?;
    match result.principal() {
        Some(principal) => compare(&case["expect"], &skipped, principal),
        None => Ok(()),
    }
}

fn compare(expect: &Value, skipped: &[&str], principal: &Principal) -> Result<(), String> {
    let is_compared = |parts: &Parts<'_>| !skipped.contains(&last_part(parts.0));
    let text = |claim: &Value, key: &str| claim[key].as_str().unwrap_or_default().to_owned();
    let theirs: Vec<[String; 4]> = expect["claims"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|claim| ["type", "value", "value_type", "issuer"].map(|key| text(claim, key)))
        .collect();
    let theirs = theirs.iter().map(|[t, v, vt, i]| (&**t, &**v, &**vt, &**i));
    let theirs: Vec<Parts<'_>> = theirs.filter(is_compared).collect();
    let ours: Vec<Parts<'_>> = principal
        .claims()
        .iter()
        .map(parts)
        .filter(is_compared)
        .collect();
    if ours != theirs {
        return Err(format!("expected claims {theirs:#?}, got {ours:#?}"));
    }
    if !skipped.contains(&"name") {
        let name = expect["name"].as_str();
        same(
            principal.claims().name().unwrap_or("none"),
            name.unwrap_or("none"),
        )?;
    }
    let kind = expect["authentication_type"].as_str().unwrap_or_default();
    same(principal.authentication_type(), kind)
}

fn parts(claim: &Claim) -> Parts<'_> {
    (
        claim.claim_type(),
        claim.value(),
        claim.value_type(),
        claim.issuer(),
    )
}

/// The last segment of a URI, which is how rulings name a claim type.
fn last_part(claim_type: &str) -> &str {
    claim_type.rsplit('/').next().unwrap_or(claim_type)
}
