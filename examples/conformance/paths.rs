//! Cases of `x509-corpus/2`: validations of one leaf.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use portcullis::certificate::extensions::KeyUsage;
use portcullis::crypto::HashAlgorithm;
use portcullis::revocation::{
    Crl, Evidence, NoFetcher, OcspResponse, RevocationFlag, RevocationMode, RevocationPolicy,
    SharedEvidence,
};
use portcullis::{
    AlgorithmPolicy, Certificate, InitialPolicies, ObjectIdentifier, PeerName, PolicyInputs,
    Presented, Profile, Purpose, Time, TrustMode, TrustStore, Validator, ValidatorBuilder,
};

use super::corpus::PathCase;
use super::dsa::DsaProvider;

/// Runs a case under its profile, or under the given one.
///
/// # Errors
/// The expected result and the actual one, if they differ.
pub fn run(
    case: &PathCase,
    der: &HashMap<String, Vec<u8>>,
    profile: Option<Profile>,
) -> Result<(), String> {
    let profile = profile.unwrap_or(match case.profile.as_str() {
        "rfc5280" => Profile::Rfc5280,
        "webpki" => Profile::WebPki,
        _ => Profile::Default,
    });
    // A case that cannot be read has no verdict, so it cannot pass.
    let builder = builder(case, der, profile)?;
    let verdict = validate(case, der, builder);
    match (verdict, case.expect.as_str()) {
        (Ok(policies), "valid") => check_policies(case, &policies),
        (Err(_), "invalid") => Ok(()),
        (Ok(_), expected) => Err(format!("expected {expected}, got valid")),
        (Err(why), expected) => Err(format!("expected {expected}, got invalid: {why}")),
    }
}

fn check_policies(case: &PathCase, policies: &BTreeSet<String>) -> Result<(), String> {
    match &case.expect_policies {
        Some(expected) if expected.iter().cloned().collect::<BTreeSet<_>>() != *policies => {
            Err(format!("expected policies {expected:?}, got {policies:?}"))
        }
        _ => Ok(()),
    }
}

/// An unknown word is an error: to ignore it would check less than the case means.
fn purpose(word: &str) -> Result<Purpose, String> {
    match word {
        "server-auth" => Ok(Purpose::ServerAuth),
        "client-auth" => Ok(Purpose::ClientAuth),
        "" | "any" => Ok(Purpose::Any),
        other => Err(format!("the purpose {other:?} is not known")),
    }
}

/// What a case asks.
fn builder(
    case: &PathCase,
    der: &HashMap<String, Vec<u8>>,
    profile: Profile,
) -> Result<ValidatorBuilder, String> {
    let bytes = |key: &String| der.get(key).map(Vec::as_slice).unwrap_or_default();
    // An anchor that does not parse is left out.
    let anchors = case
        .anchors
        .iter()
        .filter_map(|key| Certificate::from_der(bytes(key)).ok());
    // A suite may name any certificate as an anchor, intermediates included.
    let store = TrustStore::anchoring_each(anchors);
    let mut builder = Validator::builder(TrustMode::CustomRootTrust(store))
        .profile(profile)
        .algorithms(algorithms(profile))
        .provider(Arc::new(DsaProvider::default()))
        .purpose(purpose(&case.purpose)?)
        .key_usage(key_usage(&case.key_usage)?)
        .policies(policies(case)?)
        .evidence(Arc::new(evidence(case, der)?));
    builder = match (case.check.as_str(), case.revocation.as_str()) {
        // Only whether the response counts as evidence: its age does not matter, and SHA-1 is
        // allowed.
        ("ocsp-response", _) => builder
            .algorithms(algorithms(profile).allow_hash(HashAlgorithm::Sha1))
            .revocation_policy(RevocationPolicy::default().clock_skew(u32::MAX))
            .revocation(RevocationMode::Offline, RevocationFlag::EndCertificateOnly),
        (_, "hard-fail") => {
            builder.revocation(RevocationMode::Offline, RevocationFlag::ExcludeRoot)
        }
        _ => builder.revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot),
    };
    if let Some(most) = case.max_intermediates {
        builder = builder.max_intermediates(most);
    }
    for peer in &case.peers {
        builder = builder.expect_name(peer_name(&peer.kind, &peer.value)?);
    }
    Ok(builder)
}

/// The user-constrained policies of a valid leaf, or why it is invalid.
fn validate(
    case: &PathCase,
    der: &HashMap<String, Vec<u8>>,
    builder: ValidatorBuilder,
) -> Result<BTreeSet<String>, String> {
    let bytes = |key: &String| der.get(key).map(Vec::as_slice).unwrap_or_default();
    // If no anchor parses, no validator can be built, and the leaf is invalid.
    let validator = builder.build().map_err(|error| error.to_string())?;
    let chain = std::iter::once(&case.target).chain(&case.intermediates);
    let presented = Presented::from_der(chain.map(bytes)).map_err(|error| error.to_string())?;
    let now = || Time::from(std::time::SystemTime::now());
    let at = case.time.map_or_else(now, Time::from_unix);
    let accepted = validator
        .validate(&presented, at, &NoFetcher)
        .map_err(|why| why.to_string())?;
    let any = || BTreeSet::from(["2.5.29.32.0".to_owned()]);
    let listed = accepted.policies().user_constrained;
    Ok(listed.map_or_else(any, |oids| {
        oids.iter().map(ObjectIdentifier::to_string).collect()
    }))
}

/// The evidence at hand. What does not parse is left out.
fn evidence(case: &PathCase, der: &HashMap<String, Vec<u8>>) -> Result<SharedEvidence, String> {
    let mut evidence = Evidence::new();
    let bytes = |key: &String| {
        let found = der.get(key).map(Vec::as_slice);
        found.ok_or_else(|| format!("{key} is not in the file"))
    };
    for key in &case.crls {
        if let Ok(crl) = Crl::from_der(bytes(key)?) {
            evidence.insert_crl(crl).map_err(|why| why.to_string())?;
        }
    }
    for key in &case.ocsp {
        if let Ok(response) = OcspResponse::from_der(bytes(key)?) {
            evidence
                .insert_response(response)
                .map_err(|why| why.to_string())?;
        }
    }
    Ok(SharedEvidence::new(evidence))
}

/// The suites have DSA chains. A provider of this program verifies them.
fn algorithms(profile: Profile) -> AlgorithmPolicy {
    match profile {
        Profile::WebPki => AlgorithmPolicy::web_pki(),
        _ => super::dsa::policy(AlgorithmPolicy::default()),
    }
}

fn peer_name(kind: &str, value: &str) -> Result<PeerName, String> {
    let name = match kind {
        "dns" => PeerName::dns(value).map_err(|error| error.to_string()),
        "ip" => {
            let address: Result<std::net::IpAddr, _> = value.parse();
            address.map(PeerName::ip).map_err(|error| error.to_string())
        }
        "rfc822" => PeerName::email(value).map_err(|error| error.to_string()),
        other => Err(format!("names of kind {other} are not known")),
    };
    name.map_err(|error| format!("peer name {value}: {error}"))
}

fn key_usage(names: &[String]) -> Result<KeyUsage, String> {
    let mut usage = KeyUsage::default();
    for name in names {
        usage = usage
            | match name.as_str() {
                "digitalSignature" | "digital_signature" => KeyUsage::DIGITAL_SIGNATURE,
                "contentCommitment" | "content_commitment" | "nonRepudiation" => {
                    KeyUsage::NON_REPUDIATION
                }
                "keyEncipherment" | "key_encipherment" => KeyUsage::KEY_ENCIPHERMENT,
                "dataEncipherment" | "data_encipherment" => KeyUsage::DATA_ENCIPHERMENT,
                "keyAgreement" | "key_agreement" => KeyUsage::KEY_AGREEMENT,
                "keyCertSign" | "key_cert_sign" => KeyUsage::KEY_CERT_SIGN,
                "cRLSign" | "crl_sign" => KeyUsage::CRL_SIGN,
                "encipherOnly" | "encipher_only" => KeyUsage::ENCIPHER_ONLY,
                "decipherOnly" | "decipher_only" => KeyUsage::DECIPHER_ONLY,
                other => return Err(format!("key usage {other} is not known")),
            };
    }
    Ok(usage)
}

fn policies(case: &PathCase) -> Result<PolicyInputs, String> {
    let mut inputs = PolicyInputs::default();
    let Some(policies) = &case.policies else {
        return Ok(inputs);
    };
    if let Some(initial) = &policies.initial {
        let oids = initial.iter().map(|text| ObjectIdentifier::new(text));
        let oids = oids
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        inputs.initial = InitialPolicies::WhereRequired(oids);
    }
    inputs.require_explicit_policy = policies.require_explicit;
    inputs.inhibit_policy_mapping = policies.inhibit_mapping;
    inputs.inhibit_any_policy = policies.inhibit_any;
    Ok(inputs)
}
