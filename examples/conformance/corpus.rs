//! Reads the two formats of conformance suites, and the format of x509-limbo.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use base64ct::{Base64, Encoding};
use serde::Deserialize;
use serde_json::Value;

/// A file with cases.
pub struct Corpus {
    pub suite: String,
    pub system_roots: Vec<String>,
    pub der: HashMap<String, Vec<u8>>,
    pub cases: Cases,
}

/// The cases of a file, by format.
pub enum Cases {
    /// `x509-corpus/2`.
    Paths(Vec<PathCase>),
    /// `dotnet-verdicts/1`: JSON, because the fields differ by suite.
    DotNet(Vec<Value>),
}

#[derive(Deserialize)]
struct File {
    format: String,
    suite: String,
    #[serde(default)]
    system_roots: Vec<String>,
    #[serde(default)]
    der: HashMap<String, String>,
    cases: Vec<Value>,
}

/// A case of `x509-corpus/2`. Absent fields have their defaults.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PathCase {
    pub id: String,
    pub target: String,
    pub anchors: Vec<String>,
    pub intermediates: Vec<String>,
    pub time: Option<i64>,
    pub profile: String,
    pub purpose: String,
    pub peers: Vec<Peer>,
    pub key_usage: Vec<String>,
    pub max_intermediates: Option<u32>,
    pub policies: Option<Policies>,
    pub revocation: String,
    pub crls: Vec<String>,
    pub ocsp: Vec<String>,
    pub expect: String,
    pub expect_policies: Option<Vec<String>>,
    pub check: String,
}

impl PathCase {
    pub fn needs_revocation(&self) -> bool {
        self.revocation == "hard-fail" || self.check == "ocsp-response"
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct Peer {
    pub kind: String,
    pub value: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Policies {
    pub initial: Option<Vec<String>>,
    pub require_explicit: bool,
    pub inhibit_mapping: bool,
    pub inhibit_any: bool,
}

/// Reads a file: JSON, gzipped or not.
pub fn read(path: &Path) -> Result<Corpus, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(&bytes[..]);
        let read = decoder.read_to_end(&mut text);
        read.map_err(|error| format!("{}: {error}", path.display()))?;
        text
    } else {
        bytes
    };
    parse(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Parses the JSON of a file.
pub fn parse(text: &[u8]) -> Result<Corpus, String> {
    let json: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if json.get("testcases").is_some() {
        return upstream_limbo(&json);
    }
    let file: File = serde_json::from_value(json).map_err(|error| error.to_string())?;
    let mut der = HashMap::new();
    for (key, value) in file.der {
        let bytes = Base64::decode_vec(&value).map_err(|error| format!("{key}: {error}"))?;
        der.insert(key, bytes);
    }
    let cases = match file.format.as_str() {
        "x509-corpus/2" => {
            let cases = file.cases.into_iter().map(serde_json::from_value);
            let cases = cases.collect::<Result<Vec<PathCase>, _>>();
            Cases::Paths(cases.map_err(|error| error.to_string())?)
        }
        "dotnet-verdicts/1" => Cases::DotNet(file.cases),
        other => return Err(format!("format {other} is not known")),
    };
    Ok(Corpus {
        suite: file.suite,
        system_roots: file.system_roots,
        der,
        cases,
    })
}

/// Reads `limbo.json` as C2SP/x509-limbo publishes it.
fn upstream_limbo(json: &Value) -> Result<Corpus, String> {
    let mut der = HashMap::new();
    let mut cases = Vec::new();
    for case in json["testcases"]
        .as_array()
        .ok_or("testcases is not an array")?
    {
        cases.push(limbo_case(case, &mut der)?);
    }
    Ok(Corpus {
        suite: "limbo".into(),
        system_roots: Vec::new(),
        der,
        cases: Cases::Paths(cases),
    })
}

fn limbo_case(case: &Value, der: &mut HashMap<String, Vec<u8>>) -> Result<PathCase, String> {
    let id = case["id"].as_str().ok_or("a case has no id")?.to_owned();
    let mut keep = |name: &str, pem: &Value| -> Result<String, String> {
        let key = format!("{id}/{name}");
        let pem = pem
            .as_str()
            .ok_or_else(|| format!("{key} is not a string"))?;
        der.insert(
            key.clone(),
            pem_body(pem).ok_or_else(|| format!("{key} is not PEM"))?,
        );
        Ok(key)
    };
    let mut keep_all = |name: &str, list: &Value| -> Result<Vec<String>, String> {
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let kept = list
            .iter()
            .enumerate()
            .map(|(i, pem)| keep(&format!("{name}-{i}"), pem));
        kept.collect()
    };
    let anchors = keep_all("anchor", &case["trusted_certs"])?;
    let intermediates = keep_all("intermediate", &case["untrusted_intermediates"])?;
    let crls = keep_all("crl", &case["crls"])?;
    let target = keep("target", &case["peer_certificate"])?;
    let texts = |list: &Value| -> Vec<String> {
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect()
    };
    let mut names: Vec<&Value> = case["expected_peer_names"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    names.extend(
        case.get("expected_peer_name")
            .filter(|name| name.is_object()),
    );
    let peers = names.into_iter().map(|name| Peer {
        kind: name["kind"].as_str().unwrap_or_default().to_lowercase(),
        value: name["value"].as_str().unwrap_or_default().to_owned(),
    });
    let usages = texts(&case["extended_key_usage"]);
    let usage = |name: &str| usages.iter().any(|usage| usage == name);
    let purpose = match case["validation_kind"].as_str() {
        _ if usage("clientAuth") => "client-auth",
        _ if usage("serverAuth") => "server-auth",
        Some("CLIENT") => "client-auth",
        _ => "server-auth",
    };
    let time = case["validation_time"].as_str().map(|text| {
        let text = text.replace("+00:00", "Z");
        let time = text.parse().map(portcullis::Time::unix);
        time.map_err(|error| format!("{id}: {text}: {error}"))
    });
    Ok(PathCase {
        target,
        anchors,
        intermediates,
        time: time.transpose()?,
        profile: if id.starts_with("webpki::") {
            "webpki"
        } else {
            "rfc5280"
        }
        .into(),
        purpose: purpose.into(),
        peers: peers.collect(),
        key_usage: texts(&case["key_usage"]),
        max_intermediates: case["max_chain_depth"]
            .as_u64()
            .and_then(|n| u32::try_from(n).ok()),
        revocation: if crls.is_empty() { "off" } else { "hard-fail" }.into(),
        crls,
        expect: match case["expected_result"].as_str() {
            Some("SUCCESS") => "valid",
            Some("FAILURE") => "invalid",
            _ => return Err(format!("{id}: no expected result")),
        }
        .into(),
        id: id.clone(),
        ..PathCase::default()
    })
}

fn pem_body(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .map(str::trim)
        .collect();
    Base64::decode_vec(&body).ok()
}
