//! Validates twelve chains of `testdata/`, good and bad, with the options in `testdata/cases.json`,
//! and compares the verdicts with those there.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{
    Certificate, PeerName, Presented, Profile, Purpose, Time, TrustMode, TrustStore, Validator,
};
use serde_json::Value;

use crate::Problem;
use crate::question::Question;
use crate::style::Style;
use crate::tree;

/// A case of `cases.json`, and the name of the file with its chain.
struct Sample {
    case: &'static str,
    chain: &'static str,
}

const fn sample(case: &'static str) -> Sample {
    Sample { case, chain: case }
}

const SAMPLES: [Sample; 12] = [
    sample("good-d3"),
    sample("good-mixed"),
    sample("junk-intermediates"),
    sample("cross-signed-expired"),
    sample("time-leaf-expired"),
    sample("missing-intermediate"),
    sample("unknown-root-presented"),
    sample("signature-intermediate"),
    sample("eku-intermediate-server"),
    Sample {
        case: "san-dns-other",
        chain: "san-dns",
    },
    sample("nc-dns-outside"),
    sample("ca-leaf-signs"),
];

/// Commands to try after the samples.
const NEXT: &str = "
Try next:
  cargo run --release --example validate -- --verbose   (each chain as a tree)
  cargo run --release --example validate -- \\
    testdata/chains/time-leaf-expired.pem --roots testdata/roots/root.pem
  cargo run --release --example validate -- --help      (for files of yours)
";

/// How much the samples tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// One line for each sample.
    Line,
    /// The whole report on each sample.
    Report,
}

/// Validates all samples. True if each verdict is as expected.
pub(crate) fn run(detail: Detail, style: Style) -> Result<(String, bool), Problem> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let index = read(&folder.join("cases.json"))?;
    let index: Value = serde_json::from_slice(&index)
        .map_err(|error| Problem::new(format!("testdata/cases.json: {error}")))?;
    let mut text = String::new();
    let mut as_expected = 0;
    for (n, sample) in SAMPLES.iter().enumerate() {
        let case = find(&index, sample.case)?;
        let question = question(&folder, sample, case)?;
        let verdict = question
            .validator
            .validate(&question.presented, question.at, &NoFetcher);
        let expected = verdict.is_ok() == (field(case, "expect") == "valid");
        as_expected += usize::from(expected);
        let title = field(case, "title");
        match detail {
            Detail::Line => {
                let line = tree::line(sample.case, title, &verdict, style);
                let _ = writeln!(text, "{line}");
            }
            Detail::Report => {
                let heading = format!("=== {}/{}  {}", n + 1, SAMPLES.len(), sample.case);
                let report = tree::verdict(&question, &verdict, &[], style);
                let (heading, title) = (style.strong(heading), style.faint(title));
                let _ = writeln!(text, "{heading}  {title}\n\n{report}");
            }
        }
        if !expected {
            let wrong = format!("testdata/cases.json expects {}!", field(case, "expect"));
            let _ = writeln!(text, "{}\n", style.bad(wrong));
        }
    }
    let _ = writeln!(
        text,
        "\n{as_expected} of {} verdicts are as expected (testdata/cases.json).",
        SAMPLES.len()
    );
    if detail == Detail::Line {
        text.push_str(NEXT);
    }
    Ok((text, as_expected == SAMPLES.len()))
}

fn find<'a>(index: &'a Value, id: &str) -> Result<&'a Value, Problem> {
    let cases = index.get("cases").and_then(Value::as_array);
    let found = cases
        .into_iter()
        .flatten()
        .find(|case| field(case, "id") == id);
    found.ok_or_else(|| Problem::new(format!("testdata/cases.json has no case {id}")))
}

/// A text field; empty if it is absent.
fn field<'a>(case: &'a Value, name: &str) -> &'a str {
    case.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn question(folder: &Path, sample: &Sample, case: &Value) -> Result<Question, Problem> {
    let broken =
        |what: &dyn ToString| Problem::new(format!("{}: {}", sample.case, what.to_string()));
    let chain = read(&folder.join(format!("chains/{}.pem", sample.chain)))?;
    let mut presented = Presented::from_pem(&chain).map_err(|error| broken(&error))?;
    let names = names(case).map_err(|error| broken(&error))?;
    let shown = names.iter().map(ToString::to_string).collect();
    for name in names {
        presented = presented.expecting(name);
    }
    let purpose = match field(case, "purpose") {
        "client-auth" => Purpose::ClientAuth,
        "server-auth" => Purpose::ServerAuth,
        _ => Purpose::Any,
    };
    let roots = TrustStore::anchoring_each(roots(folder, case)?);
    let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .purpose(purpose.clone())
        .build()
        .map_err(|error| broken(&error))?;
    let time = case.get("time").and_then(Value::as_i64);
    Ok(Question {
        validator,
        presented,
        at: Time::from_unix(time.ok_or_else(|| broken(&"no time"))?),
        purpose,
        profile: Profile::Default,
        revocation: (RevocationMode::NoCheck, RevocationFlag::ExcludeRoot),
        names: shown,
        notes: Vec::new(),
    })
}

fn roots(folder: &Path, case: &Value) -> Result<Vec<Certificate>, Problem> {
    let anchors = case.get("anchors").and_then(Value::as_array);
    let anchors = anchors.into_iter().flatten().filter_map(Value::as_str);
    let roots = anchors.map(|name| {
        let path = folder.join(format!("roots/{name}.pem"));
        Certificate::from_pem(&read(&path)?)
            .map_err(|error| Problem::new(format!("{}: {error}", path.display())))
    });
    roots.collect()
}

fn names(case: &Value) -> Result<Vec<PeerName>, String> {
    let peers = case.get("peers").and_then(Value::as_array);
    let names = peers.into_iter().flatten().map(|peer| {
        let value = field(peer, "value");
        match field(peer, "kind") {
            "dns" => PeerName::dns(value).map_err(|error| error.to_string()),
            "rfc822" => PeerName::email(value).map_err(|error| error.to_string()),
            "ip" => {
                let address: Result<std::net::IpAddr, _> = value.parse();
                address.map(PeerName::ip).map_err(|error| error.to_string())
            }
            other => Err(format!("names of kind {other:?} are not known")),
        }
    });
    names.collect()
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| {
        Problem::new(format!(
            "{}: {error}; the samples are part of the sources: run this in a checkout",
            path.display()
        ))
    })
}
