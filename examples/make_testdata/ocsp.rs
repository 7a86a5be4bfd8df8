//! OCSP responses (RFC 6960).

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::asn1::{bit_string, constructed, null, octet_string, oid, primitive, sequence, tlv};
use super::certificate::{Authority, Certificate, Template, assemble, serial};
use super::extensions::{
    DIGITAL_SIGNATURE, Extension, extended_key_usage, key_usage, ocsp_no_check,
};

const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// What is said of a certificate.
#[derive(Clone, Copy)]
pub enum Status {
    Good,
    /// Since 2025-06-01, for keyCompromise.
    Revoked,
    Unknown,
}

/// The hash by which an issuer is named.
#[derive(Clone, Copy)]
pub enum IssuerHash {
    Sha1,
    Sha256,
}

impl IssuerHash {
    fn identifier(self) -> Vec<u8> {
        let kind = match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
        };
        sequence(&[oid(kind), null()])
    }

    fn of(self, octets: &[u8]) -> Vec<u8> {
        octet_string(&match self {
            Self::Sha1 => Sha1::digest(octets).to_vec(),
            Self::Sha256 => Sha256::digest(octets).to_vec(),
        })
    }
}

/// A response before it is signed: times as `YYYYMMDDHHMMSSZ`, and what it says of whom.
#[derive(Clone)]
pub struct Statements {
    pub label: String,
    pub this_update: &'static str,
    pub next_update: &'static str,
    pub hash: IssuerHash,
    /// Is the responder named by its key instead of by its name?
    pub by_key: bool,
    /// Of the response, not of a statement.
    pub extensions: Vec<Extension>,
    /// What the responder sends along.
    pub certificates: Vec<Certificate>,
    singles: Vec<Single>,
}

/// A statement about the certificate that this issuer gave this label.
#[derive(Clone)]
struct Single {
    issuer: Authority,
    label: String,
    status: Status,
}

impl Statements {
    /// Current at the time of most cases.
    pub fn new(label: &str) -> Self {
        Self {
            label: label.into(),
            this_update: "20251231000000Z",
            next_update: "20260107000000Z",
            hash: IssuerHash::Sha1,
            by_key: false,
            extensions: Vec::new(),
            certificates: Vec::new(),
            singles: Vec::new(),
        }
    }

    /// Adds a statement about a certificate under the name and key of this issuer, whoever issued
    /// it.
    pub fn about(mut self, issuer: &Authority, certificate: &Certificate, status: Status) -> Self {
        self.singles.push(Single {
            issuer: issuer.clone(),
            label: certificate.label.clone(),
            status,
        });
        self
    }

    pub fn issued(mut self, this_update: &'static str, next_update: &'static str) -> Self {
        self.this_update = this_update;
        self.next_update = next_update;
        self
    }

    pub fn hash(mut self, hash: IssuerHash) -> Self {
        self.hash = hash;
        self
    }

    pub fn by_key(mut self) -> Self {
        self.by_key = true;
        self
    }

    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    pub fn sending(mut self, certificate: &Certificate) -> Self {
        self.certificates.push(certificate.clone());
        self
    }

    fn to_be_signed(&self, responder: &Authority) -> Vec<u8> {
        let id = if self.by_key {
            constructed(2, &IssuerHash::Sha1.of(&responder.key.public_bits()))
        } else {
            constructed(1, &responder.name)
        };
        let singles: Vec<Vec<u8>> = self.singles.iter().map(|one| self.single(one)).collect();
        let mut parts = vec![id, moment(self.this_update), sequence(&singles)];
        if !self.extensions.is_empty() {
            let extensions: Vec<Vec<u8>> = self.extensions.iter().map(Extension::encode).collect();
            parts.push(constructed(1, &sequence(&extensions)));
        }
        sequence(&parts)
    }

    fn single(&self, single: &Single) -> Vec<u8> {
        let issuer = &single.issuer;
        let id = sequence(&[
            self.hash.identifier(),
            self.hash.of(&issuer.name),
            self.hash.of(&issuer.key.public_bits()),
            serial(&single.label),
        ]);
        let status = match single.status {
            Status::Good => primitive(0, &[]),
            Status::Revoked => {
                let key_compromise = constructed(0, &tlv(0x0a, &[1]));
                constructed(1, &[moment("20250601000000Z"), key_compromise].concat())
            }
            Status::Unknown => primitive(2, &[]),
        };
        let next_update = constructed(0, &moment(self.next_update));
        sequence(&[id, status, moment(self.this_update), next_update])
    }
}

/// A GeneralizedTime in any year, as all times of OCSP are.
fn moment(text: &str) -> Vec<u8> {
    tlv(0x18, text.as_bytes())
}

/// OCSPResponse without an answer.
pub fn refusal(label: &str, status: u8) -> Certificate {
    Certificate {
        label: label.into(),
        der: sequence(&[tlv(0x0a, &[status])]),
    }
}

impl Template {
    /// A responder that an authority has delegated to, and that need not be checked for revocation
    /// itself.
    pub fn responder(label: &str) -> Self {
        Self::client(label)
            .with_key_identifier()
            .with(key_usage(&[DIGITAL_SIGNATURE]))
            .with(extended_key_usage(&[OCSP_SIGNING]))
            .with(ocsp_no_check())
    }
}

impl Authority {
    /// OCSPResponse, under the authority's name and by its key.
    pub fn sign_ocsp(&self, statements: &Statements) -> Certificate {
        let scheme = self.key.scheme();
        let tbs = statements.to_be_signed(self);
        let signature = self.key.sign(scheme, &tbs);
        let certificates = statements.certificates.iter();
        let certificates: Vec<&[u8]> = certificates.map(|one| &one.der[..]).collect();
        let basic = if certificates.is_empty() {
            assemble(&tbs, scheme, &signature)
        } else {
            sequence(&[
                tbs,
                scheme.identifier(),
                bit_string(&signature),
                constructed(0, &sequence(&certificates)),
            ])
        };
        let bytes = sequence(&[oid(BASIC), octet_string(&basic)]);
        let der = sequence(&[tlv(0x0a, &[0]), constructed(0, &bytes)]);
        Certificate {
            label: statements.label.clone(),
            der,
        }
    }
}
