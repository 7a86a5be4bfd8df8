//! Certificate revocation lists.

use super::asn1::{constructed, octet_string, oid, sequence, small, time};
use super::certificate::{Authority, Certificate, assemble, serial};
use super::extensions::authority_key_identifier;

const CRL_NUMBER: &str = "2.5.29.20";
const REASON_CODE: &str = "2.5.29.21";

/// A list before it is signed: times as `YYYYMMDDHHMMSSZ`, and whom it revokes.
#[derive(Clone)]
pub struct Revocations {
    pub label: String,
    pub this_update: String,
    pub next_update: String,
    pub number: u32,
    /// Labels of the revoked certificates; all were revoked for keyCompromise.
    pub revoked: Vec<String>,
    /// When they were.
    pub revoked_at: String,
}

impl Revocations {
    /// Current at the time of most cases.
    pub fn new(label: &str, revoked: &[&Certificate]) -> Self {
        Self {
            label: label.into(),
            this_update: "20251215000000Z".into(),
            next_update: "20260115000000Z".into(),
            number: 7,
            revoked: revoked
                .iter()
                .map(|certificate| certificate.label.clone())
                .collect(),
            revoked_at: "20250601000000Z".into(),
        }
    }

    pub fn issued(mut self, this_update: &str, next_update: &str) -> Self {
        self.this_update = this_update.into();
        self.next_update = next_update.into();
        self
    }

    fn to_be_signed(&self, issuer: &Authority) -> Vec<u8> {
        let scheme = issuer.key.scheme();
        let number = sequence(&[oid(CRL_NUMBER), octet_string(&small(self.number))]);
        let hint = authority_key_identifier(&issuer.key.identifier()).encode();
        let mut parts = vec![
            small(1),
            scheme.identifier(),
            issuer.name.clone(),
            time(&self.this_update),
            time(&self.next_update),
        ];
        if !self.revoked.is_empty() {
            let entries = self.revoked.iter();
            let entries: Vec<Vec<u8>> = entries
                .map(|label| entry(label, &self.revoked_at))
                .collect();
            parts.push(sequence(&entries));
        }
        parts.push(constructed(0, &sequence(&[hint, number])));
        sequence(&parts)
    }
}

fn entry(label: &str, revoked_at: &str) -> Vec<u8> {
    let key_compromise = octet_string(&[0x0a, 1, 1]);
    let reason = sequence(&[oid(REASON_CODE), key_compromise]);
    sequence(&[serial(label), time(revoked_at), sequence(&[reason])])
}

impl Authority {
    /// CertificateList, under the authority's name and by its key.
    pub fn sign_crl(&self, list: &Revocations) -> Certificate {
        let scheme = self.key.scheme();
        let tbs = list.to_be_signed(self);
        let der = assemble(&tbs, scheme, &self.key.sign(scheme, &tbs));
        Certificate {
            label: list.label.clone(),
            der,
        }
    }
}
