//! From a command line to a validator and what it is asked.

use portcullis::revocation::{RevocationFlag, RevocationMode};
use portcullis::{
    Certificate, CertificateTypes, Presented, Profile, Purpose, Time, TrustAnchor, TrustMode,
    TrustStore, Validator,
};

use crate::Problem;
use crate::arguments::Options;
use crate::input;

/// Everything that a verdict depends on.
pub(crate) struct Question {
    pub(crate) validator: Validator,
    pub(crate) presented: Presented,
    pub(crate) at: Time,
    pub(crate) purpose: Purpose,
    pub(crate) profile: Profile,
    /// Names that the leaf must have.
    pub(crate) names: Vec<String>,
    /// What was passed over on the way.
    pub(crate) notes: Vec<String>,
}

impl Question {
    /// Reads the files and puts the question together.
    pub(crate) fn ask(options: &Options) -> Result<Self, Problem> {
        let mut notes = Vec::new();
        let presented = presented(options)?;
        let validator = Validator::builder(trust(options, &mut notes)?)
            .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
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
            names: options.names.iter().map(ToString::to_string).collect(),
            notes,
        })
    }
}

fn presented(options: &Options) -> Result<Presented, Problem> {
    let mut certificates = all(&options.files)?.into_iter();
    let leaf = certificates.next();
    let leaf = leaf.ok_or_else(|| Problem::new("there is no certificate to validate"))?;
    let presented = Presented::new(leaf).with_certificates(certificates);
    let names = options.names.iter().cloned();
    Ok(names.fold(presented, Presented::expecting))
}

fn all(files: &[std::ffi::OsString]) -> Result<Vec<Certificate>, Problem> {
    let mut certificates = Vec::new();
    for file in files {
        certificates.extend(input::certificates(file)?);
    }
    Ok(certificates)
}

fn trust(options: &Options, notes: &mut Vec<String>) -> Result<TrustMode, Problem> {
    let mut roots = all(&options.roots)?;
    if !options.system_roots {
        return Ok(TrustMode::CustomRootTrust(TrustStore::from_certificates(
            roots,
        )));
    }
    roots.extend(system_roots(notes)?);
    let anchors = roots.into_iter().map(TrustAnchor::from_certificate);
    Ok(TrustMode::System(TrustStore::new(anchors)))
}

/// The roots of the operating system. Those that do not parse are passed over, with a note.
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
            Err(error) => notes.push(format!("a system root is passed over: {error}")),
        }
    }
    if roots.is_empty() {
        return Err(Problem::new(
            "the operating system has no roots (on Linux: install the package ca-certificates); pass --roots FILE",
        ));
    }
    Ok(roots)
}

/// Self-signed leaves are allowed where one is pinned, chained ones where there are roots.
fn types(options: &Options) -> CertificateTypes {
    let roots = options.system_roots || !options.roots.is_empty();
    match (roots, options.pins.is_empty()) {
        (_, true) => CertificateTypes::Chained,
        (true, false) => CertificateTypes::All,
        (false, false) => CertificateTypes::SelfSigned,
    }
}
