//! OCSP responses (RFC 6960) before they are signed.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::certificate::{Authority, Made, serial};
use crate::crl::KEY_COMPROMISE;
use crate::der::{
    bit_string, constructed, enumerated, generalized_time, null, octet_string, oid, primitive,
    sequence,
};
use crate::extensions::Extension;
use crate::keys::Key;

const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";

/// What a responder says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertStatus {
    Good,
    /// Since 2025-06-01, for keyCompromise.
    Revoked,
    /// Since 2027-01-01.
    RevokedLater,
    Unknown,
}

/// The parts of a CertID of which one can be made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdField {
    Algorithm,
    Name,
    Key,
    Serial,
}

/// A statement of a response.
#[derive(Clone)]
pub struct SingleResponse {
    name: Vec<u8>,
    key_bits: Vec<u8>,
    /// A whole INTEGER.
    serial: Vec<u8>,
    status: CertStatus,
    this_update: String,
    next_update: Option<String>,
    sha256: bool,
    wrong: Option<IdField>,
    extensions: Vec<Extension>,
}

impl SingleResponse {
    pub fn about(issuer: &Authority, made: &Made, status: CertStatus) -> Self {
        Self::numbered((&issuer.name, &issuer.key), serial(&made.label), status)
    }

    /// About this serial number, a whole INTEGER, of the issuer of this name and key.
    pub fn numbered(issuer: (&[u8], &Key), serial: Vec<u8>, status: CertStatus) -> Self {
        let (name, key) = issuer;
        Self {
            name: name.to_vec(),
            key_bits: key.public_bits(),
            serial,
            status,
            this_update: "20251231000000Z".into(),
            next_update: Some("20260107000000Z".into()),
            sha256: false,
            wrong: None,
            extensions: Vec::new(),
        }
    }

    /// thisUpdate and nextUpdate, each as `YYYYMMDDHHMMSSZ`.
    pub fn issued(mut self, this: &str, next: Option<&str>) -> Self {
        self.this_update = this.into();
        self.next_update = next.map(Into::into);
        self
    }

    pub fn sha256(mut self) -> Self {
        self.sha256 = true;
        self
    }

    pub fn wrong(mut self, field: IdField) -> Self {
        self.wrong = Some(field);
        self
    }

    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    fn encode(&self) -> Vec<u8> {
        let hash = |octets: &[u8], wrong: bool| {
            let mut hash = match self.sha256 {
                true => Sha256::digest(octets).to_vec(),
                false => Sha1::digest(octets).to_vec(),
            };
            hash[0] ^= u8::from(wrong);
            octet_string(&hash)
        };
        let is = |field| self.wrong == Some(field);
        let algorithm = match self.sha256 != is(IdField::Algorithm) {
            true => "2.16.840.1.101.3.4.2.1",
            false => "1.3.14.3.2.26",
        };
        let serial = match is(IdField::Serial) {
            true => serial("another number"),
            false => self.serial.clone(),
        };
        let id = sequence(&[
            sequence(&[oid(algorithm), null()]),
            hash(&self.name, is(IdField::Name)),
            hash(&self.key_bits, is(IdField::Key)),
            serial,
        ]);
        let revoked = |date| {
            let reason = constructed(0, &enumerated(KEY_COMPROMISE));
            constructed(1, &[generalized_time(date), reason].concat())
        };
        let status = match self.status {
            CertStatus::Good => primitive(0, &[]),
            CertStatus::Revoked => revoked("20250601000000Z"),
            CertStatus::RevokedLater => revoked("20270101000000Z"),
            CertStatus::Unknown => primitive(2, &[]),
        };
        let mut parts = vec![id, status, generalized_time(&self.this_update)];
        let next_update = self.next_update.as_deref().map(generalized_time);
        parts.extend(next_update.map(|next| constructed(0, &next)));
        if !self.extensions.is_empty() {
            let all: Vec<Vec<u8>> = self.extensions.iter().map(Extension::encode).collect();
            parts.push(constructed(1, &sequence(&all)));
        }
        sequence(&parts)
    }
}

/// A response before it is signed: produced at 2025-12-31T00:00:00Z.
#[derive(Clone)]
pub struct ResponseTemplate {
    name: Vec<u8>,
    key: Key,
    by_key: bool,
    produced_at: String,
    singles: Vec<SingleResponse>,
    certificates: Vec<Vec<u8>>,
    extensions: Vec<Extension>,
}

impl ResponseTemplate {
    pub fn by(responder: &Authority) -> Self {
        Self::under(&responder.name, &responder.key)
    }

    /// By the holder of this name and key.
    pub fn under(name: &[u8], key: &Key) -> Self {
        Self {
            name: name.to_vec(),
            key: key.clone(),
            by_key: false,
            produced_at: "20251231000000Z".into(),
            singles: Vec::new(),
            certificates: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// What the issuer itself says of one certificate.
    pub fn of(issuer: &Authority, made: &Made, status: CertStatus) -> Self {
        Self::by(issuer).single(SingleResponse::about(issuer, made, status))
    }

    pub fn single(mut self, single: SingleResponse) -> Self {
        self.singles.push(single);
        self
    }

    pub fn produced_at(mut self, time: &str) -> Self {
        self.produced_at = time.into();
        self
    }

    /// Names the responder by its key.
    pub fn by_key(mut self) -> Self {
        self.by_key = true;
        self
    }

    pub fn signed_by(mut self, key: &Key) -> Self {
        self.key = key.clone();
        self
    }

    pub fn sending(self, made: &Made) -> Self {
        self.sending_der(&made.der)
    }

    /// With this certificate, or what stands in its place.
    pub fn sending_der(mut self, der: &[u8]) -> Self {
        self.certificates.push(der.to_vec());
        self
    }

    pub fn nonce(self, octets: &[u8]) -> Self {
        self.with(Extension::new(NONCE, octet_string(octets)))
    }

    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Signed, and known by this label.
    pub fn made(&self, label: &str) -> Made {
        Made {
            label: label.into(),
            der: self.der(),
        }
    }

    pub fn der(&self) -> Vec<u8> {
        let id = if self.by_key {
            constructed(2, &octet_string(&Sha1::digest(self.key.public_bits())))
        } else {
            constructed(1, &self.name)
        };
        let singles: Vec<Vec<u8>> = self.singles.iter().map(SingleResponse::encode).collect();
        let mut parts = vec![id, generalized_time(&self.produced_at), sequence(&singles)];
        if !self.extensions.is_empty() {
            let all: Vec<Vec<u8>> = self.extensions.iter().map(Extension::encode).collect();
            parts.push(constructed(1, &sequence(&all)));
        }
        let tbs = sequence(&parts);
        let scheme = self.key.scheme();
        let signature = bit_string(&self.key.sign(scheme, &tbs));
        let mut basic = vec![tbs, scheme.identifier(), signature];
        if !self.certificates.is_empty() {
            basic.push(constructed(0, &sequence(&self.certificates)));
        }
        let bytes = sequence(&[oid(BASIC), octet_string(&sequence(&basic))]);
        sequence(&[enumerated(0), constructed(0, &bytes)])
    }
}

/// OCSPResponse with an error status and nothing else.
pub fn ocsp_error(status: u8) -> Vec<u8> {
    sequence(&[enumerated(status)])
}
