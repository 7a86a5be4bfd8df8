//! Texts about one certificate and its parts.

use std::fmt;

use portcullis::certificate::extensions::SubjectAltName;
use portcullis::certificate::{ExtensionKind, SubjectPublicKeyInfo};
use portcullis::certificate::{Hex, sha1, sha256};
use portcullis::der::Reader;
use portcullis::revocation::{
    EvidenceKind, EvidenceUsed, RequestKind, RevocationFlag, RevocationMode, RevocationStatus,
};
use portcullis::{Certificate, GeneralName, KeyIdMatch, Name, Oid, Origin};

/// The most characters of a name that are shown. The certificate decides how long it is.
const MAX_NAME: usize = 300;

/// A public key: its algorithm, and its size or curve.
pub(crate) struct Key {
    pub(crate) algorithm: String,
    pub(crate) bits: Option<usize>,
    pub(crate) curve: Option<String>,
}

impl Key {
    /// Reads a SubjectPublicKeyInfo.
    pub(crate) fn of(spki: &SubjectPublicKeyInfo<'_>) -> Self {
        let algorithm = spki.algorithm();
        let dotted = algorithm.oid().to_string();
        let (name, bits, curve) = match dotted.as_str() {
            "1.2.840.113549.1.1.1" => ("RSA", modulus_bits(spki.key_bits()), None),
            "1.2.840.113549.1.1.10" => ("RSA (PSS only)", modulus_bits(spki.key_bits()), None),
            "1.2.840.10045.2.1" => ("EC", None, algorithm.parameters().map(curve)),
            "1.3.101.112" => ("Ed25519", None, None),
            "1.3.101.113" => ("Ed448", None, None),
            "1.2.840.10040.4.1" => ("DSA", None, None),
            "2.16.840.1.101.3.4.3.17" => ("ML-DSA-44", None, None),
            "2.16.840.1.101.3.4.3.18" => ("ML-DSA-65", None, None),
            "2.16.840.1.101.3.4.3.19" => ("ML-DSA-87", None, None),
            unknown => (unknown, None, None),
        };
        Self {
            algorithm: name.to_owned(),
            bits,
            curve,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.algorithm)?;
        if let Some(bits) = self.bits {
            write!(f, ", {bits} bits")?;
        }
        if let Some(curve) = &self.curve {
            write!(f, ", curve {curve}")?;
        }
        Ok(())
    }
}

/// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 appendix
/// A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let integer = Reader::new(key).sequence().ok()?.integer().ok()?;
    let first = integer.iter().position(|octet| *octet != 0)?;
    let modulus = integer.get(first..)?;
    let leading = modulus.first()?.leading_zeros() as usize;
    Some(modulus.len() * 8 - leading)
}

/// The curve that the parameters of an EC key name (RFC 5480 section 2.1.1).
fn curve(parameters: &[u8]) -> String {
    let Ok(content) = Reader::new(parameters).oid() else {
        return "without a name".into();
    };
    match content {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => "P-256".into(),
        [0x2b, 0x81, 0x04, 0x00, 0x22] => "P-384".into(),
        [0x2b, 0x81, 0x04, 0x00, 0x23] => "P-521".into(),
        _ => "unknown".into(),
    }
}

/// The name of a signature algorithm.
pub(crate) fn signature(algorithm: Oid<'_>) -> String {
    let dotted = algorithm.to_string();
    let name = match dotted.as_str() {
        "1.2.840.113549.1.1.2" => "RSA over MD2",
        "1.2.840.113549.1.1.4" => "RSA over MD5",
        "1.2.840.113549.1.1.5" => "RSA over SHA-1",
        "1.2.840.113549.1.1.11" => "RSA over SHA-256",
        "1.2.840.113549.1.1.12" => "RSA over SHA-384",
        "1.2.840.113549.1.1.13" => "RSA over SHA-512",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.10045.4.1" => "ECDSA over SHA-1",
        "1.2.840.10045.4.3.2" => "ECDSA over SHA-256",
        "1.2.840.10045.4.3.3" => "ECDSA over SHA-384",
        "1.2.840.10045.4.3.4" => "ECDSA over SHA-512",
        "1.3.101.112" => "Ed25519",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        unknown => unknown,
    };
    name.to_owned()
}

/// Upper-case hexadecimal digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    Hex(octets).to_string()
}

/// Thumbprints of a certificate: SHA-1 and SHA-256 of its bytes.
pub(crate) fn thumbprints(certificate: &Certificate) -> (String, String) {
    let der = certificate.as_der();
    (hex(&sha1(der)), hex(&sha256(der)))
}

/// SHA-256 of a SubjectPublicKeyInfo, as in `spki:` pins.
pub(crate) fn key_hash(spki: &[u8]) -> String {
    hex(&sha256(spki))
}

/// A distinguished name, escaped and cut. It may be empty, in a certificate that has alternative
/// names only.
pub(crate) fn name(name: Name<'_>) -> String {
    if name.is_empty() {
        return "(empty name)".into();
    }
    format!("{name:.MAX_NAME$}")
}

/// The subject alternative names as `kind:value`, not escaped: for programs.
pub(crate) fn names(certificate: &Certificate) -> Vec<String> {
    let Some(value) = certificate.extension(ExtensionKind::SubjectAltName) else {
        return Vec::new();
    };
    match SubjectAltName::from_der(value) {
        Ok(names) => names.iter().map(|name| general_name(&name)).collect(),
        Err(_) => Vec::new(),
    }
}

/// Text for a terminal, cut if it is long. It comes from a certificate, so characters that control
/// a terminal are escaped.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(MAX_NAME) {
        match c {
            ' '..='~' => out.push(c),
            c => out.extend(c.escape_debug()),
        }
    }
    out
}

fn general_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::Dns(host) => format!("dns:{host}"),
        GeneralName::Rfc822(mailbox) => format!("email:{mailbox}"),
        GeneralName::Uri(uri) => format!("uri:{uri}"),
        GeneralName::Ip(octets) => match name.ip_address() {
            Some(address) => format!("ip:{address}"),
            None => format!("ip:{}", Hex(octets)),
        },
        GeneralName::Directory(name) => format!("directory:{}", name.rfc4514()),
        GeneralName::RegisteredId(oid) => format!("id:{oid}"),
        other => match other.upn() {
            Some(upn) => format!("upn:{upn}"),
            None => "(another form of name)".into(),
        },
    }
}

/// Where a certificate comes from.
pub(crate) const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Leaf => "the certificate to validate",
        Origin::Presented => "sent along with the leaf",
        Origin::Additional => "configured as an intermediate",
        Origin::Store => "in the trust store, not as a root",
        Origin::Anchor => "a trust anchor",
        _ => "unknown",
    }
}

/// Why it was chosen as the issuer of the certificate below it.
pub(crate) const fn choice(key_id: KeyIdMatch) -> &'static str {
    match key_id {
        KeyIdMatch::Same => "the certificate below names its name and key identifier",
        KeyIdMatch::Unknown => {
            "the certificate below names its name (no key identifiers to compare)"
        }
        KeyIdMatch::Different => "the certificate below names its name, but another key identifier",
        _ => "the certificate below names its name",
    }
}

/// The revocation status, and the evidence for it.
pub(crate) fn revocation(status: &RevocationStatus) -> String {
    match status {
        RevocationStatus::Good(used) => format!("no, by {}", evidence(used)),
        RevocationStatus::Revoked(revocation, used) => {
            format!("{revocation}, by {}", evidence(used))
        }
        RevocationStatus::Unknown(reason) => format!("unknown: {reason}"),
        _ => "unknown".into(),
    }
}

fn evidence(used: &EvidenceUsed) -> String {
    let kind = match used.kind {
        EvidenceKind::Crl => "the CRL",
        EvidenceKind::Ocsp => "the OCSP response",
        EvidenceKind::NoRevAvail => "its noRevAvail extension",
        EvidenceKind::ShortLife => "its short life",
        _ => "evidence",
    };
    let from = used.this_update;
    match used.until {
        Some(until) => format!("{kind} of {from}, valid until {until}"),
        None => format!("{kind} of {from}"),
    }
}

/// The kind of a request, for programs.
pub(crate) const fn request_kind(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Crl => "crl",
        RequestKind::DeltaCrl => "delta-crl",
        RequestKind::Ocsp => "ocsp",
        RequestKind::IssuerCertificate => "issuer-certificate",
        _ => "unknown",
    }
}

/// A mode, as on the command line.
pub(crate) const fn mode(mode: RevocationMode) -> &'static str {
    match mode {
        RevocationMode::NoCheck => "off",
        RevocationMode::Online => "online",
        RevocationMode::Offline => "offline",
        _ => "unknown",
    }
}

/// A flag, as on the command line.
pub(crate) const fn flag(flag: RevocationFlag) -> &'static str {
    match flag {
        RevocationFlag::EndCertificateOnly => "end",
        RevocationFlag::EntireChain => "chain",
        RevocationFlag::ExcludeRoot => "exclude-root",
        _ => "unknown",
    }
}
