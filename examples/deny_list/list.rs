//! Keys and certificates that are denied, as text and in memory. To be copied.

use std::collections::HashSet;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use portcullis::certificate::SubjectPublicKeyInfo;
use portcullis::revocation::{KnownStatus, RevocationReason, StatusSource};
use portcullis::{Certificate, Time};
use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// What is denied. A line of its text is one of
///
/// ```text
/// key SHA256             the holder of this key, by whatever certificate
/// serial SHA256 SERIAL   what the holder of this key issued under this serial number
/// # a remark
/// ```
///
/// Hashes are those of the SubjectPublicKeyInfo, and all numbers are hexadecimal.
#[derive(Default)]
pub struct Denied {
    keys: HashSet<Hash>,
    serials: HashSet<(Hash, Vec<u8>)>,
}

/// A list that can be exchanged under load.
#[derive(Default)]
pub struct DenyList(RwLock<Denied>);

impl Denied {
    /// Reads the text, or says which line cannot be read.
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
    /// Puts another list in the place of this one. Verdicts that a cache remembers are not looked
    /// at: let it forget them.
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
            // Whoever is not denied is asked about as before.
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

/// A number without the zeros before it.
fn number_of(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    &octets[zeros..]
}

fn hash(text: &str) -> Option<Hash> {
    octets(text)?.try_into().ok()
}

/// Hexadecimal digits, two for each octet.
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
