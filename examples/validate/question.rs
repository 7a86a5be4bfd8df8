//! From the command line to a validator and its input.

use std::sync::Arc;

use portcullis::revocation::{Evidence, RevocationFlag, RevocationMode, SharedEvidence, TooLarge};
use portcullis::{
    Certificate, CertificateTypes, InputError, Presented, Profile, Purpose, Time, TrustMode,
    TrustStore, Validator,
};

use crate::Problem;
use crate::arguments::Options;
use crate::{describe, input};

/// Everything that the verdict depends on.
pub(crate) struct Question {
    pub(crate) validator: Validator,
    pub(crate) presented: Presented,
    pub(crate) at: Time,
    pub(crate) purpose: Purpose,
    pub(crate) profile: Profile,
    pub(crate) revocation: (RevocationMode, RevocationFlag),
    /// Names that the leaf must have.
    pub(crate) names: Vec<String>,
    /// What was skipped.
    pub(crate) notes: Vec<String>,
}

impl Question {
    /// Reads the files and builds the validator.
    pub(crate) fn ask(options: &Options) -> Result<Self, Problem> {
        let mut notes = Vec::new();
        let presented = presented(options, &mut notes)?;
        let validator = Validator::builder(trust(options, &mut notes)?)
            .revocation(options.revocation, options.revocation_flag)
            .evidence(Arc::new(SharedEvidence::new(evidence(options)?)))
            .purpose(options.purpose.clone())
            .profile(options.profile)
            .additional_chain_certificates(all(&options.intermediates)?)
            .certificate_types(types(options))
            .pins(options.pins.iter().copied())
            .build()
            .map_err(|error| Problem::new(error.to_string()))?;
        Ok(Self {
            validator,
            presented,
            at: options.at,
            purpose: options.purpose.clone(),
            profile: options.profile,
            revocation: (options.revocation, options.revocation_flag),
            names: options.names.iter().map(ToString::to_string).collect(),
            notes,
        })
    }
}

/// As in a handshake, a certificate that does not parse is skipped, unless it is the leaf.
fn presented(options: &Options, notes: &mut Vec<String>) -> Result<Presented, Problem> {
    let mut chain = Vec::new();
    for file in &options.files {
        chain.extend(input::presented(file)?);
    }
    let presented = Presented::from_parsed(chain);
    let mut presented = presented.map_err(|error| match (error, options.files.first()) {
        (InputError::Certificate { index, error }, Some(file)) => {
            input::of(file)(input::malformed(index, &error))
        }
        _ => Problem::new("there is no certificate to validate"),
    })?;
    let unreadable = presented.unreadable().iter();
    notes.extend(unreadable.map(|(place, error)| {
        format!("presented certificate {place} (the leaf is 0) is skipped: {error}")
    }));
    if let Some(file) = &options.stapled {
        presented = presented.with_stapled_ocsp(input::response(file)?.as_der());
    }
    let names = options.names.iter().cloned();
    Ok(names.fold(presented, Presented::expecting))
}

/// The CRLs and responses in the files.
fn evidence(options: &Options) -> Result<Evidence, Problem> {
    let mut evidence = Evidence::new();
    for file in &options.crls {
        for crl in input::crls(file)? {
            evidence.insert_crl(crl).map_err(too_large)?;
        }
    }
    for file in &options.responses {
        let response = input::response(file)?;
        evidence.insert_response(response).map_err(too_large)?;
    }
    Ok(evidence)
}

fn too_large(error: TooLarge) -> Problem {
    Problem::new(format!("--crl, --ocsp: {error}"))
}

fn all(files: &[std::ffi::OsString]) -> Result<Vec<Certificate>, Problem> {
    let mut certificates = Vec::new();
    for file in files {
        certificates.extend(input::certificates(file)?);
    }
    Ok(certificates)
}

fn trust(options: &Options, notes: &mut Vec<String>) -> Result<TrustMode, Problem> {
    let mut anchors = all(&options.anchors)?;
    let mut candidates = Vec::new();
    for file in &options.roots {
        let (roots, others): (Vec<_>, Vec<_>) = input::certificates(file)?
            .into_iter()
            .partition(TrustStore::is_root);
        if roots.is_empty() {
            return Err(no_root(&file.to_string_lossy()));
        }
        anchors.extend(roots);
        candidates.extend(others);
    }
    if !options.system_roots {
        let store = TrustStore::anchoring_each(anchors).with_candidates(candidates);
        return Ok(TrustMode::CustomRootTrust(store));
    }
    anchors.extend(system_roots(notes)?);
    let store = TrustStore::anchoring_each(anchors).with_candidates(candidates);
    Ok(TrustMode::System(store))
}

fn no_root(file: &str) -> Problem {
    let file = describe::harmless(file);
    Problem::new(format!(
        "{file}: there is no root in it (a CA that issued itself); pass the root with --roots. \
         To use it as an intermediate: --intermediates {file}. To trust it without a root, and \
         without checking its revocation: --anchors {file}"
    ))
}

/// The roots of the operating system. Those that do not parse are skipped, with a note.
fn system_roots(notes: &mut Vec<String>) -> Result<Vec<Certificate>, Problem> {
    let loaded = rustls_native_certs::load_native_certs();
    notes.extend(
        loaded
            .errors
            .iter()
            .map(|error| format!("system roots: {error}")),
    );
    let mut roots = Vec::with_capacity(loaded.certs.len());
    for der in &loaded.certs {
        match Certificate::from_der(der) {
            Ok(root) => roots.push(root),
            Err(error) => notes.push(format!("a system root is skipped: {error}")),
        }
    }
    if roots.is_empty() {
        return Err(Problem::new(
            "the operating system has no roots (on Linux: install the package ca-certificates); \
             pass --roots FILE",
        ));
    }
    Ok(roots)
}

/// Self-signed leaves are allowed if one is pinned, chained leaves if there are trust anchors.
fn types(options: &Options) -> CertificateTypes {
    let roots = options.trusts_anchors();
    match (roots, options.pins.is_empty()) {
        (_, true) => CertificateTypes::Chained,
        (true, false) => CertificateTypes::All,
        (false, false) => CertificateTypes::SelfSigned,
    }
}
