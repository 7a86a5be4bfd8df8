//! Collects the cases and files, and writes or compares them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use portcullis::Time;
use portcullis_testkit::certificate::Made;
use portcullis_testkit::pem::{base64, pem};

use crate::text::{json, json_list};

/// The time of a case, unless the case sets another.
pub const NOW: &str = "2026-01-01T00:00:00Z";

/// Folders with generated files only.
const FOLDERS: [&str; 5] = ["chains", "crls", "der", "ocsp", "roots"];
const INDEX: &str = "cases.json";

/// RFC 5280 section 6.1.1 (c) to (g).
#[derive(Clone, Copy, Default)]
pub struct Policies {
    pub initial: &'static [&'static str],
    pub require_explicit: bool,
    pub inhibit_mapping: bool,
    pub inhibit_any: bool,
}

/// One case: the input of a validation.
#[derive(Clone)]
pub struct Case {
    id: String,
    title: String,
    target: Made,
    intermediates: Vec<Made>,
    anchors: Vec<Made>,
    time: String,
    purpose: &'static str,
    peers: Vec<(&'static str, String)>,
    policies: Option<Policies>,
    expect_policies: Option<&'static [&'static str]>,
    crls: Option<Vec<Made>>,
    ocsp: Option<Vec<Made>>,
    features: Vec<&'static str>,
}

impl Case {
    /// A client's certificate, validated at [`NOW`].
    pub fn new(id: &str, title: &str, target: &Made) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            target: target.clone(),
            intermediates: Vec::new(),
            anchors: Vec::new(),
            time: NOW.into(),
            purpose: "client-auth",
            peers: Vec::new(),
            policies: None,
            expect_policies: None,
            crls: None,
            ocsp: None,
            features: Vec::new(),
        }
    }

    /// The other certificates that the peer sends, in this order.
    pub fn via(mut self, intermediates: &[&Made]) -> Self {
        self.intermediates = intermediates.iter().copied().cloned().collect();
        self
    }

    pub fn under(mut self, anchors: &[&Made]) -> Self {
        self.anchors = anchors.iter().copied().cloned().collect();
        self
    }

    pub fn at(mut self, time: &str) -> Self {
        self.time = time.into();
        self
    }

    pub fn purpose(mut self, purpose: &'static str) -> Self {
        self.purpose = purpose;
        self
    }

    pub fn peer(mut self, kind: &'static str, value: &str) -> Self {
        self.peers.push((kind, value.into()));
        self
    }

    pub fn policies(mut self, policies: Policies) -> Self {
        self.policies = Some(policies);
        self
    }

    pub fn expect_policies(mut self, policies: &'static [&'static str]) -> Self {
        self.expect_policies = Some(policies);
        self
    }

    /// CRLs. Every certificate except the anchor must be shown to be good.
    pub fn crls(mut self, lists: &[&Made]) -> Self {
        self.crls = Some(lists.iter().copied().cloned().collect());
        self
    }

    /// OCSP responses. Every certificate except the anchor must be shown to be good.
    pub fn ocsp(mut self, responses: &[&Made]) -> Self {
        self.ocsp = Some(responses.iter().copied().cloned().collect());
        self
    }

    pub fn feature(mut self, feature: &'static str) -> Self {
        self.features.push(feature);
        self
    }

    fn chain(&self) -> String {
        let intermediates = self
            .intermediates
            .iter()
            .map(|c| pem("CERTIFICATE", &c.der));
        pem("CERTIFICATE", &self.target.der) + &intermediates.collect::<String>()
    }

    fn json(&self, expect: &str) -> String {
        let time: Time = self.time.parse().expect("times of cases are well-formed");
        let mut fields = vec![
            ("id", json(&self.id)),
            ("title", json(&self.title)),
            ("target", json(&self.target.label)),
            ("anchors", labels(&self.anchors)),
            ("intermediates", labels(&self.intermediates)),
            ("time", time.unix().to_string()),
            ("purpose", json(self.purpose)),
        ];
        if !self.peers.is_empty() {
            fields.push(("peers", peers(&self.peers)));
        }
        if let Some(inputs) = self.policies {
            fields.push(("policies", policy_inputs(inputs)));
        }
        if self.crls.is_some() || self.ocsp.is_some() {
            fields.push(("revocation", json("hard-fail")));
        }
        for (name, evidence) in [("crls", &self.crls), ("ocsp", &self.ocsp)] {
            fields.extend(evidence.as_deref().map(|evidence| (name, labels(evidence))));
        }
        if !self.features.is_empty() {
            fields.push(("features", strings(&self.features)));
        }
        fields.push(("expect", json(expect)));
        if let Some(policies) = self.expect_policies {
            fields.push(("expect_policies", strings(policies)));
        }
        object(&fields)
    }
}

/// Everything that is generated, in memory.
#[derive(Default)]
pub struct Corpus {
    der: BTreeMap<String, Vec<u8>>,
    cases: Vec<String>,
    ids: BTreeSet<String>,
    chains: BTreeSet<String>,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Corpus {
    pub fn valid(&mut self, case: Case) {
        self.add(case, true);
    }

    pub fn invalid(&mut self, case: Case) {
        self.add(case, false);
    }

    pub fn add(&mut self, case: Case, valid: bool) {
        assert!(
            self.ids.insert(case.id.clone()),
            "two cases named {}",
            case.id
        );
        let lists = case.crls.iter().flatten();
        let responses = case.ocsp.iter().flatten();
        let mentioned = case
            .intermediates
            .iter()
            .chain(&case.anchors)
            .chain(lists.clone())
            .chain(responses.clone());
        for item in mentioned.chain([&case.target]) {
            self.remember(item);
        }
        for anchor in &case.anchors {
            self.pem("roots", &file_name(&anchor.label), "CERTIFICATE", anchor);
        }
        for list in lists {
            self.pem("crls", &file_name(&list.label), "X509 CRL", list);
        }
        for response in responses {
            let path = format!("ocsp/{}.der", file_name(&response.label));
            self.file(&path, response.der.clone());
        }
        self.chain(&case);
        self.cases
            .push(case.json(if valid { "valid" } else { "invalid" }));
    }

    /// Writes a chain once, under the name of the first case that presents it.
    fn chain(&mut self, case: &Case) {
        let chain = case.chain();
        if self.chains.insert(chain.clone()) {
            self.file(&format!("chains/{}.pem", case.id), chain.into_bytes());
        }
    }

    fn remember(&mut self, item: &Made) {
        let old = self.der.insert(item.label.clone(), item.der.clone());
        assert!(
            old.is_none_or(|old| old == item.der),
            "two things named {}",
            item.label
        );
    }

    fn pem(&mut self, folder: &str, name: &str, kind: &str, item: &Made) {
        self.file(
            &format!("{folder}/{name}.pem"),
            pem(kind, &item.der).into_bytes(),
        );
    }

    /// The certificate in DER, in addition to its PEM.
    pub fn der_twin(&mut self, name: &str, certificate: &Made) {
        self.file(&format!("der/{name}.der"), certificate.der.clone());
    }

    /// Many roots in one file.
    pub fn bundle(&mut self, path: &str, roots: &[Made]) {
        let text: String = roots
            .iter()
            .map(|root| pem("CERTIFICATE", &root.der))
            .collect();
        self.file(path, text.into_bytes());
    }

    fn file(&mut self, path: &str, content: Vec<u8>) {
        self.files.insert(path.into(), content);
    }

    /// Adds the index. Nothing may be added after that.
    pub fn finish(mut self) -> Generated {
        let der: Vec<String> = self
            .der
            .iter()
            .map(|(label, der)| format!("  {}: {}", json(label), json(&base64(der))))
            .collect();
        let head = [
            ("format", "x509-corpus/2"),
            ("suite", "testdata"),
            (
                "source",
                "generated by examples/make_testdata; the keys are public knowledge",
            ),
            ("licence", "Apache-2.0 OR MIT"),
            (
                "notes",
                "each invalid case differs from a valid one in one violation",
            ),
        ];
        let mut text = String::from("{\n");
        for (name, value) in head {
            let _ = writeln!(text, " {}: {},", json(name), json(value));
        }
        let _ = writeln!(text, " \"der\": {{\n{}\n }},", der.join(",\n"));
        let _ = writeln!(
            text,
            " \"cases\": [\n  {}\n ]\n}}",
            self.cases.join(",\n  ")
        );
        self.file(INDEX, text.into_bytes());
        Generated {
            files: self.files,
            cases: self.cases.len(),
        }
    }
}

/// The finished files, by their path in the folder.
pub struct Generated {
    files: BTreeMap<PathBuf, Vec<u8>>,
    cases: usize,
}

impl Generated {
    /// Makes the folder contain exactly these files, and the README, which is not generated.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for stale in self.strangers(folder)? {
            fs::remove_file(stale)?;
        }
        for (path, content) in &self.files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, content)?;
        }
        Ok(())
    }

    /// The paths of files that are missing, differ, or should not be there.
    pub fn differences(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let same = |path: &PathBuf, content: &Vec<u8>| {
            fs::read(folder.join(path)).is_ok_and(|found| found == *content)
        };
        let differing = self
            .files
            .iter()
            .filter(|(path, content)| !same(path, content));
        let mut all: Vec<PathBuf> = differing.map(|(path, _)| folder.join(path)).collect();
        all.extend(self.strangers(folder)?);
        Ok(all)
    }

    fn strangers(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for name in FOLDERS {
            let inner = folder.join(name);
            if !inner.is_dir() {
                continue;
            }
            for entry in fs::read_dir(inner)? {
                let entry = entry?;
                let known = self
                    .files
                    .contains_key(&Path::new(name).join(entry.file_name()));
                if !known && entry.file_type()?.is_file() {
                    found.push(entry.path());
                }
            }
        }
        Ok(found)
    }

    pub fn summary(&self) -> String {
        let octets: usize = self.files.values().map(Vec::len).sum();
        format!(
            "{} cases, {} files, {} KB",
            self.cases,
            self.files.len(),
            octets / 1000
        )
    }
}

fn file_name(label: &str) -> String {
    label.replace('/', "-")
}

fn labels(items: &[Made]) -> String {
    json_list(items.iter().map(|item| json(&item.label)))
}

fn strings(items: &[&str]) -> String {
    json_list(items.iter().map(|item| json(item)))
}

fn peers(peers: &[(&str, String)]) -> String {
    json_list(
        peers
            .iter()
            .map(|(kind, value)| object(&[("kind", json(kind)), ("value", json(value))])),
    )
}

fn policy_inputs(inputs: Policies) -> String {
    object(&[
        ("initial", strings(inputs.initial)),
        ("require_explicit", inputs.require_explicit.to_string()),
        ("inhibit_mapping", inputs.inhibit_mapping.to_string()),
        ("inhibit_any", inputs.inhibit_any.to_string()),
    ])
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(n, v)| format!("{}: {v}", json(n)))
        .collect();
    format!("{{{}}}", fields.join(", "))
}
