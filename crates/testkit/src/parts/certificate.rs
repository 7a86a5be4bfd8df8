use crate::der::{bit_string, constructed, sequence, small, tlv};
use crate::keys::Key;
use crate::names::common_name;
use crate::parts::{ED25519, ce, no_signature};

/// The fields of a certificate, each a whole element.
#[derive(Clone)]
pub struct CertificateParts {
    pub version: Vec<u8>,
    pub serial: Vec<u8>,
    pub inner_algorithm: Vec<u8>,
    pub issuer: Vec<u8>,
    pub validity: Vec<u8>,
    pub subject: Vec<u8>,
    pub spki: Vec<u8>,
    pub unique_identifiers: Vec<u8>,
    pub extensions: Vec<u8>,
    pub outer_algorithm: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Default for CertificateParts {
    fn default() -> Self {
        Self {
            version: constructed(0, &small(2)),
            serial: tlv(0x02, &[1, 2, 3]),
            inner_algorithm: ED25519.into(),
            issuer: common_name("issuer"),
            validity: validity(0x17, "260101000000Z", 0x17, "270101000000Z"),
            subject: common_name("subject"),
            spki: sequence(&[&ED25519[..], &bit_string(&[7; 32])]),
            unique_identifiers: Vec::new(),
            extensions: constructed(3, &sequence(&[ce(19, true, &tlv(0x30, &[]))])),
            outer_algorithm: ED25519.into(),
            signature: no_signature(),
        }
    }
}

/// A Validity of two times, each with its tag.
pub fn validity(tag: u8, before: &str, tag_after: u8, after: &str) -> Vec<u8> {
    sequence(&[
        tlv(tag, before.as_bytes()),
        tlv(tag_after, after.as_bytes()),
    ])
}

impl CertificateParts {
    pub fn tbs(&self) -> Vec<u8> {
        sequence(&[
            &self.version,
            &self.serial,
            &self.inner_algorithm,
            &self.issuer,
            &self.validity,
            &self.subject,
            &self.spki,
            &self.unique_identifiers,
            &self.extensions,
        ])
    }

    pub fn der(&self) -> Vec<u8> {
        sequence(&[&self.tbs(), &self.outer_algorithm, &self.signature])
    }

    /// Signed by this key, which is one of Ed25519 unless the algorithms were changed.
    pub fn signed_by(mut self, key: &Key) -> Self {
        self.signature = bit_string(&key.sign(key.scheme(), &self.tbs()));
        self
    }

    /// With these extensions, each a whole `Extension`.
    pub fn with_extensions(mut self, extensions: &[Vec<u8>]) -> Self {
        self.extensions = constructed(3, &sequence(extensions));
        self
    }
}
