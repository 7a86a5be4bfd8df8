//! A deny list of keys and certificates, as text and in memory. Copy this file.

use std::collections::HashSet;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use portcullis::certificate::SubjectPublicKeyInfo;
use portcullis::revocation::{KnownStatus, RevocationReason, StatusSource};
use portcullis::{Certificate, Time};
use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// The denied keys and certificates. A line of the text is one of
///
/// ```text
/// key SHA256             all certificates with this key
/// serial SHA256 SERIAL   the certificate with this serial number that this key issued
/// # a remark
/// ```
///
/// SHA256 is the hash of a SubjectPublicKeyInfo. Hashes and serial numbers are hexadecimal.
#[derive(Default)]
pub struct Denied {
    keys: HashSet<Hash>,
    serials: HashSet<(Hash, Vec<u8>)>,
}

/// A deny list that can be replaced while validations run.
#[derive(Default)]
pub struct DenyList(RwLock<Denied>);

impl Denied {
    /// Parses the text. An error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut denied = Self::default();
        for (number, line) in text.lines().enumerate() {
            let unreadable = || format!("line {}: {line:.100}", number + 1);
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                [] => {}
                [remark, ..] if remark.starts_with('#') => {}
                ["key", key] => {
                    denied.keys.insert(hash(key).ok_or_else(unreadable)?);
                }
                ["serial", issuer, serial] => {
                    let issuer = hash(issuer).ok_or_else(unreadable)?;
                    let serial = octets(serial).ok_or_else(unreadable)?;
                    denied.serials.insert((issuer, number_of(&serial).to_vec()));
                }
                _ => return Err(unreadable()),
            }
        }
        Ok(denied)
    }

    fn denies(&self, certificate: &Certificate, issuer_key: &SubjectPublicKeyInfo) -> bool {
        let serial = || number_of(certificate.serial()).to_vec();
        self.keys.contains(&sha256(certificate.spki_der()))
            || !self.serials.is_empty()
                && self
                    .serials
                    .contains(&(sha256(issuer_key.as_der()), serial()))
    }
}

impl DenyList {
    /// Replaces the list. This does not change verdicts in a cache: call `forget` there.
    pub fn replace(&self, denied: Denied) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = denied;
    }
}

impl StatusSource for DenyList {
    fn status(
        &self,
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        at: Time,
    ) -> KnownStatus {
        let denied = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match denied.denies(certificate, issuer_key) {
            true => KnownStatus::Revoked {
                date: at,
                reason: Some(RevocationReason::PrivilegeWithdrawn),
            },
            // CRLs and OCSP decide about all others.
            false => KnownStatus::NotCovered,
        }
    }
}

impl fmt::Debug for DenyList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DenyList")
    }
}

pub fn sha256(octets: &[u8]) -> Hash {
    Sha256::digest(octets).into()
}

/// A number without leading zeros.
fn number_of(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    &octets[zeros..]
}

fn hash(text: &str) -> Option<Hash> {
    octets(text)?.try_into().ok()
}

/// Octets from hexadecimal digits, two for each.
fn octets(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0 && !digits.is_empty())?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}
