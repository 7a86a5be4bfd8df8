use crate::der::{
    constructed, enumerated, generalized_time, octet_string, oid, primitive, sequence, tlv,
};
use crate::names::common_name;
use crate::parts::{ED25519, algorithm_with_null, no_signature};

/// The content octets of the identifier of SHA-1.
const SHA1: [u8; 5] = [0x2b, 0x0e, 3, 2, 26];

/// A CertID by SHA-1 of the hashes of the issuer's name and key and a serial number.
pub fn cert_id(name_hash: &[u8], key_hash: &[u8], serial: &[u8]) -> Vec<u8> {
    sequence(&[
        algorithm_with_null(&SHA1),
        octet_string(name_hash),
        octet_string(key_hash),
        tlv(0x02, serial),
    ])
}

/// `[1] EXPLICIT Extensions` of these, each a whole `Extension`.
pub fn extensions(list: &[Vec<u8>]) -> Vec<u8> {
    constructed(1, &sequence(list))
}

/// The fields of a single response, each a whole element.
#[derive(Clone)]
pub struct SingleParts {
    pub cert_id: Vec<u8>,
    pub status: Vec<u8>,
    pub this_update: Vec<u8>,
    pub next_update: Vec<u8>,
    pub extensions: Vec<u8>,
}

impl Default for SingleParts {
    fn default() -> Self {
        Self {
            cert_id: cert_id(&[0x11; 20], &[0x22; 20], &[0x01, 0x02]),
            status: primitive(0, &[]),
            this_update: generalized_time("20260101000000Z"),
            next_update: constructed(0, &generalized_time("20260102000000Z")),
            extensions: Vec::new(),
        }
    }
}

impl SingleParts {
    pub fn der(&self) -> Vec<u8> {
        sequence(&[
            &self.cert_id,
            &self.status,
            &self.this_update,
            &self.next_update,
            &self.extensions,
        ])
    }
}

/// The fields of a response, each a whole element.
#[derive(Clone)]
pub struct ResponseParts {
    pub status: Vec<u8>,
    pub response_type: Vec<u8>,
    pub version: Vec<u8>,
    pub responder_id: Vec<u8>,
    pub produced_at: Vec<u8>,
    pub singles: Vec<u8>,
    pub extensions: Vec<u8>,
    pub algorithm: Vec<u8>,
    pub signature: Vec<u8>,
    pub certificates: Vec<u8>,
}

impl Default for ResponseParts {
    fn default() -> Self {
        Self {
            status: enumerated(0),
            response_type: oid("1.3.6.1.5.5.7.48.1.1"),
            version: Vec::new(),
            responder_id: constructed(1, &common_name("responder")),
            produced_at: generalized_time("20260101120000Z"),
            singles: sequence(&[SingleParts::default().der()]),
            extensions: Vec::new(),
            algorithm: ED25519.into(),
            signature: no_signature(),
            certificates: Vec::new(),
        }
    }
}

impl ResponseParts {
    pub fn tbs(&self) -> Vec<u8> {
        sequence(&[
            &self.version,
            &self.responder_id,
            &self.produced_at,
            &self.singles,
            &self.extensions,
        ])
    }

    pub fn basic(&self) -> Vec<u8> {
        sequence(&[
            &self.tbs(),
            &self.algorithm,
            &self.signature,
            &self.certificates,
        ])
    }

    pub fn der(&self) -> Vec<u8> {
        let bytes = sequence(&[&self.response_type, &octet_string(&self.basic())]);
        sequence(&[&self.status, &constructed(0, &bytes)])
    }

    /// With these certificates, each a whole element.
    pub fn with_certificates(mut self, certificates: &[Vec<u8>]) -> Self {
        self.certificates = constructed(0, &sequence(certificates));
        self
    }
}
