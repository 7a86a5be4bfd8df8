use crate::der::{constructed, enumerated, generalized_time, sequence, small, tlv};
use crate::names::{common_name, directory};
use crate::parts::{ED25519, ce, no_signature};

/// The fields of a CRL, each a whole element.
#[derive(Clone)]
pub struct CrlParts {
    pub version: Vec<u8>,
    pub inner_algorithm: Vec<u8>,
    pub issuer: Vec<u8>,
    pub this_update: Vec<u8>,
    pub next_update: Vec<u8>,
    pub revoked: Vec<u8>,
    pub extensions: Vec<u8>,
    pub outer_algorithm: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Default for CrlParts {
    fn default() -> Self {
        Self {
            version: small(1),
            inner_algorithm: ED25519.into(),
            issuer: common_name("issuer"),
            this_update: tlv(0x17, b"260101000000Z"),
            next_update: tlv(0x17, b"260201000000Z"),
            revoked: Vec::new(),
            extensions: Vec::new(),
            outer_algorithm: ED25519.into(),
            signature: no_signature(),
        }
    }
}

impl CrlParts {
    pub fn tbs(&self) -> Vec<u8> {
        sequence(&[
            &self.version,
            &self.inner_algorithm,
            &self.issuer,
            &self.this_update,
            &self.next_update,
            &self.revoked,
            &self.extensions,
        ])
    }

    pub fn der(&self) -> Vec<u8> {
        sequence(&[&self.tbs(), &self.outer_algorithm, &self.signature])
    }

    /// Of version 1.
    pub fn v1(mut self) -> Self {
        self.version = Vec::new();
        self
    }

    /// With these entries.
    pub fn entries(mut self, entries: &[Vec<u8>]) -> Self {
        self.revoked = sequence(entries);
        self
    }

    /// With these extensions, each a whole `Extension`.
    pub fn extensions(mut self, extensions: &[Vec<u8>]) -> Self {
        self.extensions = constructed(0, &sequence(extensions));
        self
    }

    /// With an issuing distribution point that says `indirectCRL`.
    pub fn indirect(self) -> Self {
        self.extensions(&[ce(28, true, &sequence(&[tlv(0x84, &[0xff])]))])
    }
}

/// An entry of 2026-01-01 with these extensions.
pub fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = Vec::from([tlv(0x02, serial), tlv(0x17, b"260101000000Z")]);
    if !extensions.is_empty() {
        parts.push(sequence(extensions));
    }
    sequence(&parts)
}

/// The entry extension `reasonCode`.
pub fn reason_code(number: u8) -> Vec<u8> {
    ce(21, false, &enumerated(number))
}

/// The entry extension `invalidityDate`.
pub fn invalidity_date(date: &str) -> Vec<u8> {
    ce(24, false, &generalized_time(date))
}

/// The entry extension `certificateIssuer` with this name.
pub fn entry_issuer(name: &[u8]) -> Vec<u8> {
    ce(29, true, &sequence(&[directory(name)]))
}
