//! Small lists, responses and certificates for tests, signed with Ed25519.

use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use ed25519_dalek::{Signer, SigningKey};

use crate::certificate::testing::{Parts, common_name, extension, sequence, tlv, validity};
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::{CertIdHash, IssuerHashes, OcspRequest, OcspResponse};
use crate::revocation::request::{Request, RequestId, RequestKind};
use crate::time::Time;

/// Times in tests are seconds after this.
const EPOCH: i64 = 1_767_225_600;

pub(crate) fn at(seconds: i64) -> Time {
    Time::from_unix(EPOCH + seconds)
}

fn digits(seconds: i64) -> alloc::string::String {
    let text = at(seconds).to_string();
    text.chars().filter(|c| !"-:T".contains(*c)).collect()
}

fn utc_time(seconds: i64) -> Vec<u8> {
    tlv(0x17, &digits(seconds).as_bytes()[2..])
}

fn generalized_time(seconds: i64) -> Vec<u8> {
    tlv(0x18, digits(seconds).as_bytes())
}

fn algorithm() -> Vec<u8> {
    tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x70])
}

fn bits(content: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0][..], content].concat())
}

fn signature(seed: u8, tbs: &[u8]) -> Vec<u8> {
    bits(&SigningKey::from_bytes(&[seed; 32]).sign(tbs).to_bytes())
}

/// The public key of a seed.
pub(crate) fn key(seed: u8) -> Arc<[u8]> {
    let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
    Arc::from(sequence(&[algorithm(), bits(key.as_bytes())]))
}

fn uris(uris: &[&str]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = uris.iter().map(|uri| tlv(0x86, uri.as_bytes())).collect();
    tlv(0xa0, &tlv(0xa0, &names.concat()))
}

/// A list in the making.
#[derive(Clone, Debug)]
pub(crate) struct ListParts {
    pub(crate) issuer: &'static str,
    pub(crate) key: u8,
    pub(crate) this: i64,
    pub(crate) next: Option<i64>,
    pub(crate) number: Option<u8>,
    pub(crate) base: Option<u8>,
    pub(crate) serials: Vec<u8>,
    pub(crate) uris: Vec<&'static str>,
    /// Has a critical extension that nobody knows.
    pub(crate) unknown: bool,
}

impl Default for ListParts {
    fn default() -> Self {
        Self {
            issuer: "issuer",
            key: 1,
            this: 0,
            next: Some(1_000),
            number: Some(1),
            base: None,
            serials: Vec::new(),
            uris: Vec::new(),
            unknown: false,
        }
    }
}

impl ListParts {
    pub(crate) fn der(&self) -> Vec<u8> {
        let ce = |arc: u8, critical: bool, value: &[u8]| {
            extension(&[0x55, 0x1d, arc], critical.then_some(0xff), value)
        };
        let mut extensions = Vec::new();
        extensions.extend(self.number.map(|n| ce(20, false, &tlv(0x02, &[n]))));
        extensions.extend(self.base.map(|n| ce(27, true, &tlv(0x02, &[n]))));
        if !self.uris.is_empty() {
            let point = tlv(0x30, &uris(&self.uris));
            extensions.push(ce(28, true, &point));
        }
        if self.unknown {
            extensions.push(ce(99, true, &[5, 0]));
        }
        let entry = |serial: &u8| sequence(&[tlv(0x02, &[*serial]), utc_time(-5)]);
        let entries: Vec<Vec<u8>> = self.serials.iter().map(entry).collect();
        let mut tbs = Vec::from([
            tlv(0x02, &[1]),
            algorithm(),
            common_name(self.issuer),
            utc_time(self.this),
        ]);
        tbs.extend(self.next.map(utc_time));
        if !entries.is_empty() {
            tbs.push(sequence(&entries));
        }
        if !extensions.is_empty() {
            tbs.push(tlv(0xa0, &sequence(&extensions)));
        }
        let tbs = sequence(&tbs);
        let signature = signature(self.key, &tbs);
        sequence(&[tbs, algorithm(), signature])
    }

    pub(crate) fn list(&self) -> Crl {
        Crl::from_der(&self.der()).unwrap()
    }
}

/// A response in the making, about a certificate of [`certificate`].
#[derive(Clone, Debug)]
pub(crate) struct ResponseParts {
    pub(crate) serials: Vec<u8>,
    pub(crate) this: i64,
    pub(crate) next: Option<i64>,
    pub(crate) revoked: bool,
    pub(crate) issuer: &'static str,
    /// The key of the issuer of the certificate.
    pub(crate) issuer_key: u8,
    pub(crate) signer: u8,
    /// The responder's name, and its certificate.
    pub(crate) responder: &'static str,
    pub(crate) certificate: Option<Vec<u8>>,
}

impl Default for ResponseParts {
    fn default() -> Self {
        Self {
            serials: Vec::from([7]),
            this: 0,
            next: Some(1_000),
            revoked: false,
            issuer: "issuer",
            issuer_key: 1,
            signer: 1,
            responder: "issuer",
            certificate: None,
        }
    }
}

impl ResponseParts {
    pub(crate) fn der(&self) -> Vec<u8> {
        let name = common_name(self.issuer);
        let key = key(self.issuer_key);
        let name = Name::from_der(&name).unwrap();
        let hashes = IssuerHashes::new(&name, &SubjectPublicKeyInfo::from_checked(&key));
        let sha1 = sequence(&[tlv(0x06, &[0x2b, 0x0e, 3, 2, 26]), tlv(0x05, &[])]);
        let singles = self.serials.iter().map(|serial| {
            let cert_id = sequence(&[
                sha1.clone(),
                tlv(0x04, hashes.name_hash(CertIdHash::Sha1)),
                tlv(0x04, hashes.key_hash(CertIdHash::Sha1)),
                tlv(0x02, &[*serial]),
            ]);
            let status = match self.revoked {
                true => tlv(0xa1, &generalized_time(-5)),
                false => tlv(0x80, &[]),
            };
            let mut single = Vec::from([cert_id, status, generalized_time(self.this)]);
            single.extend(self.next.map(|next| tlv(0xa0, &generalized_time(next))));
            sequence(&single)
        });
        let singles: Vec<Vec<u8>> = singles.collect();
        let tbs = sequence(&[
            tlv(0xa1, &common_name(self.responder)),
            generalized_time(self.this),
            sequence(&singles),
        ]);
        let mut basic = Vec::from([tbs.clone(), algorithm(), signature(self.signer, &tbs)]);
        let certificate = self.certificate.as_ref();
        basic.extend(certificate.map(|der| tlv(0xa0, &tlv(0x30, der))));
        let bytes = sequence(&[
            tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1]),
            tlv(0x04, &sequence(&basic)),
        ]);
        sequence(&[tlv(0x0a, &[0]), tlv(0xa0, &bytes)])
    }

    pub(crate) fn response(&self) -> OcspResponse {
        OcspResponse::from_der(&self.der()).unwrap()
    }
}

/// A certificate of this issuer with this serial number, whose lists are at these URLs. The key of
/// the seed 1 signs it.
pub(crate) fn certificate(issuer: &str, serial: u8, points: &[&str]) -> Certificate {
    let parts = Parts {
        serial: tlv(0x02, &[serial]),
        issuer: common_name(issuer),
        ..Parts::default()
    };
    let points: Vec<Vec<u8>> = points.iter().map(|uri| tlv(0x30, &uris(&[uri]))).collect();
    let points = extension(&[0x55, 0x1d, 0x1f], None, &sequence(&points));
    let mut parts = parts.with_extensions(&[points]);
    parts.signature = signature(1, &parts.tbs());
    Certificate::from_der(&parts.der()).unwrap()
}

/// The serial number of a responder's certificate.
pub(crate) const RESPONDER: u8 = 42;

/// The certificate of a responder, in DER: for this key, signed by that of its issuer.
pub(crate) fn responder(name: &str, seed: u8, issuer: (&str, u8), no_check: bool) -> Vec<u8> {
    let (issuer, issuer_seed) = issuer;
    let usage = sequence(&[tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 3, 9])]);
    let mut extensions = Vec::from([extension(&[0x55, 0x1d, 0x25], None, &usage)]);
    if no_check {
        extensions.push(extension(&[0x2b, 6, 1, 5, 5, 7, 48, 1, 5], None, &[5, 0]));
    }
    let parts = Parts {
        serial: tlv(0x02, &[RESPONDER]),
        issuer: common_name(issuer),
        subject: common_name(name),
        spki: key(seed).to_vec(),
        validity: validity(0x17, "250101000000Z", 0x17, "270101000000Z"),
        ..Parts::default()
    };
    let mut parts = parts.with_extensions(&extensions);
    parts.signature = signature(issuer_seed, &parts.tbs());
    parts.der()
}

/// The request that brought a list or, with the key of its issuer, a response about a certificate.
pub(crate) fn source(certificate: &Certificate, issuer_key: Option<u8>, host: &str) -> Request {
    let nonce = [0xaa; 32];
    let ocsp = issuer_key.map(|seed| {
        let key = key(seed);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        OcspRequest::new(certificate, &key, CertIdHash::Sha1, Some(&nonce)).unwrap()
    });
    Request {
        id: RequestId(0),
        kind: match issuer_key {
            Some(_) => RequestKind::Ocsp,
            None => RequestKind::Crl,
        },
        certificate: certificate.clone(),
        urls: Vec::from([format!("http://{host}/a"), format!("http://{host}/b")]),
        ocsp,
    }
}
