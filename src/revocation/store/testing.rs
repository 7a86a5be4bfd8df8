//! Small lists, responses and certificates for tests, signed with Ed25519.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::sync::LazyLock;

use portcullis_testkit::Key;
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::der::tlv;
use portcullis_testkit::distribution::{DistributionPoint, IssuingDistributionPoint, points};
use portcullis_testkit::extensions::{
    OCSP_SIGNING, extended_key_usage, ocsp_no_check, unknown_critical,
};
use portcullis_testkit::names::{common_name, uri};
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate, SingleResponse};
use portcullis_testkit::parts::{CertificateParts, validity};

use super::{Due, Evidence, Kept, Source};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::revocation::crl::Crl;
use crate::revocation::judge::Judge;
use crate::revocation::ocsp::{CertIdHash, OcspRequest, OcspResponse};
use crate::revocation::policy::RevocationPolicy;
use crate::revocation::request::{Request, RequestId, Wanted};
use crate::time::Time;

/// Times in tests are seconds after this.
const EPOCH: i64 = 1_767_225_600;

pub(crate) fn at(seconds: i64) -> Time {
    Time::from_unix(EPOCH + seconds)
}

/// `YYYYMMDDHHMMSSZ`
fn moment(seconds: i64) -> String {
    let text = at(seconds).to_string();
    text.chars().filter(|c| !"-:T".contains(*c)).collect()
}

fn serial(number: u8) -> Vec<u8> {
    tlv(0x02, &[number])
}

/// The key pair of a seed.
fn pair(seed: u8) -> Key {
    Key::ed25519_of_seed([seed; 32])
}

/// The public key of a seed.
pub(crate) fn key(seed: u8) -> Arc<[u8]> {
    Arc::from(pair(seed).spki())
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
        let next = self.next.map(moment);
        let mut crl = CrlTemplate::under(&common_name(self.issuer), &pair(self.key))
            .key_hint(None)
            .issued(&moment(self.this), next.as_deref());
        crl = match self.number {
            Some(number) => crl.number(number.into()),
            None => crl.unnumbered(),
        };
        if let Some(base) = self.base {
            crl = crl.delta_to(base.into());
        }
        if !self.uris.is_empty() {
            let names: Vec<Vec<u8>> = self.uris.iter().map(|text| uri(text)).collect();
            crl = crl.scope(IssuingDistributionPoint::full(&names));
        }
        if self.unknown {
            crl = crl.with(unknown_critical());
        }
        let entry = |number: &u8| CrlEntry::numbered(serial(*number)).dated(&moment(-5));
        let entries = self.serials.iter().map(entry);
        entries.fold(crl, CrlTemplate::entry).der()
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
        let (this, next) = (moment(self.this), self.next.map(moment));
        let status = match self.revoked {
            true => CertStatus::Revoked,
            false => CertStatus::Good,
        };
        let (name, key) = (common_name(self.issuer), pair(self.issuer_key));
        let single = |number: &u8| {
            let single = SingleResponse::numbered((&name, &key), serial(*number), status);
            single.issued(&this, next.as_deref())
        };
        let response = ResponseTemplate::under(&common_name(self.responder), &pair(self.signer));
        let singles = self.serials.iter().map(single);
        let response = singles.fold(response.produced_at(&this), ResponseTemplate::single);
        match &self.certificate {
            Some(der) => response.sending_der(der).der(),
            None => response.der(),
        }
    }

    pub(crate) fn response(&self) -> OcspResponse {
        OcspResponse::from_der(&self.der()).unwrap()
    }
}

/// A certificate of this issuer with this serial number, whose lists are at these URLs. The key of
/// the seed 1 signs it.
pub(crate) fn certificate(issuer: &str, number: u8, urls: &[&str]) -> Certificate {
    let parts = CertificateParts {
        serial: serial(number),
        issuer: common_name(issuer),
        ..CertificateParts::default()
    };
    let urls: Vec<_> = urls.iter().map(|url| DistributionPoint::url(url)).collect();
    let parts = parts.with_extensions(&[points(&urls).encode()]);
    Certificate::from_der(&parts.signed_by(&pair(1)).der()).unwrap()
}

/// The serial number of a responder's certificate.
pub(crate) const RESPONDER: u8 = 42;

/// The certificate of a responder, in DER: for this key, signed by that of its issuer.
pub(crate) fn responder(name: &str, seed: u8, issuer: (&str, u8), no_check: bool) -> Vec<u8> {
    let (issuer, issuer_seed) = issuer;
    let mut extensions = Vec::from([extended_key_usage(&[OCSP_SIGNING]).encode()]);
    if no_check {
        extensions.push(ocsp_no_check().encode());
    }
    let parts = CertificateParts {
        serial: serial(RESPONDER),
        issuer: common_name(issuer),
        subject: common_name(name),
        spki: key(seed).to_vec(),
        validity: validity(0x17, "250101000000Z", 0x17, "270101000000Z"),
        ..CertificateParts::default()
    };
    let parts = parts.with_extensions(&extensions);
    parts.signed_by(&pair(issuer_seed)).der()
}

/// The request that brought a list or, with the key of its issuer, a response about a certificate.
pub(crate) fn source(certificate: &Certificate, issuer_key: Option<u8>, host: &str) -> Source {
    let nonce = [0xaa; 32];
    let ocsp = issuer_key.map(|seed| {
        let key = key(seed);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        OcspRequest::new(certificate, &key, CertIdHash::Sha1, Some(&nonce)).unwrap()
    });
    let url = format!("http://{host}/a");
    let urls = Vec::from([url.clone(), format!("http://{host}/b")]);
    let request = Request {
        id: RequestId(0),
        wanted: ocsp.map_or(Wanted::Crl, Wanted::Ocsp),
        certificate: certificate.clone(),
        url,
        below_anchor: None,
    };
    Source { request, urls }
}

/// The URLs that are asked for something that is due, in their order.
pub(crate) fn urls(due: &Due) -> Vec<String> {
    let all = core::iter::successors(Some(due.clone()), |due| due.clone().next_url());
    all.map(|due| due.request().url().into()).collect()
}

/// A judge of the default policy at this moment.
pub(crate) fn judge(seconds: i64) -> Judge<'static> {
    static POLICY: LazyLock<RevocationPolicy> = LazyLock::new(RevocationPolicy::default);
    Judge::new(&POLICY, at(seconds))
}

/// Keeps a CRL that its key signed, an anchor's.
pub(crate) fn keep_crl(evidence: &mut Evidence, parts: &ListParts, now: i64) -> Kept {
    evidence.keep_crl(judge(now), &parts.list(), &party(&[parts.key]), None)
}

/// Keeps a response about the first certificate of which it speaks.
pub(crate) fn keep_response(evidence: &mut Evidence, parts: &ResponseParts, now: i64) -> Kept {
    let certificate = certificate(parts.issuer, parts.serials[0], &[]);
    let party = party(&[parts.issuer_key]);
    evidence.keep_response(judge(now), &parts.response(), &certificate, &party, None)
}

/// The keys of these seeds, the anchor's first.
pub(crate) fn party(seeds: &[u8]) -> Vec<Arc<[u8]>> {
    seeds.iter().map(|seed| key(*seed)).collect()
}
