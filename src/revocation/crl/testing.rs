//! A list put together field by field, so that a test can get any of them wrong.

use alloc::vec::Vec;

use crate::certificate::testing as certificate;
pub(super) use crate::certificate::testing::{common_name, extension};

/// One element, of up to 16 MiB.
pub(super) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    match content.len() {
        0..0x1_0000 => certificate::tlv(tag, content),
        long => {
            let [_, length @ ..] = (long as u32).to_be_bytes();
            [&[tag, 0x83], &length[..], content].concat()
        }
    }
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// The fields of a list, each a whole element.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) version: Vec<u8>,
    pub(super) inner_algorithm: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) this_update: Vec<u8>,
    pub(super) next_update: Vec<u8>,
    pub(super) revoked: Vec<u8>,
    pub(super) extensions: Vec<u8>,
    pub(super) outer_algorithm: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

const ED25519: [u8; 5] = [0x06, 0x03, 0x2b, 0x65, 0x70];

impl Default for Parts {
    fn default() -> Self {
        let algorithm = tlv(0x30, &ED25519);
        Self {
            version: tlv(0x02, &[1]),
            inner_algorithm: algorithm.clone(),
            issuer: common_name("issuer"),
            this_update: tlv(0x17, b"260101000000Z"),
            next_update: tlv(0x17, b"260201000000Z"),
            revoked: Vec::new(),
            extensions: Vec::new(),
            outer_algorithm: algorithm,
            signature: tlv(0x03, &[&[0u8][..], &[9; 64]].concat()),
        }
    }
}

impl Parts {
    pub(super) fn tbs(&self) -> Vec<u8> {
        sequence(&[
            self.version.clone(),
            self.inner_algorithm.clone(),
            self.issuer.clone(),
            self.this_update.clone(),
            self.next_update.clone(),
            self.revoked.clone(),
            self.extensions.clone(),
        ])
    }

    pub(super) fn der(&self) -> Vec<u8> {
        sequence(&[
            self.tbs(),
            self.outer_algorithm.clone(),
            self.signature.clone(),
        ])
    }

    /// Of version 1.
    pub(super) fn v1(mut self) -> Self {
        self.version = Vec::new();
        self
    }

    /// With these entries.
    pub(super) fn entries(mut self, entries: &[Vec<u8>]) -> Self {
        self.revoked = sequence(entries);
        self
    }

    /// With these extensions, each a whole `Extension`.
    pub(super) fn extensions(mut self, extensions: &[Vec<u8>]) -> Self {
        self.extensions = tlv(0xa0, &sequence(extensions));
        self
    }

    /// With a scope that says `indirectCRL`.
    pub(super) fn indirect(self) -> Self {
        self.extensions(&[ce(28, true, &sequence(&[tlv(0x84, &[0xff])]))])
    }
}

/// An extension below `id-ce`.
pub(super) fn ce(arc: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    extension(&[0x55, 0x1d, arc], critical.then_some(0xff), value)
}

/// An entry of 2026-01-01 with these extensions.
pub(super) fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = Vec::from([tlv(0x02, serial), tlv(0x17, b"260101000000Z")]);
    if !extensions.is_empty() {
        parts.push(sequence(extensions));
    }
    sequence(&parts)
}

/// The entry extension `reasonCode`.
pub(super) fn reason(number: u8) -> Vec<u8> {
    ce(21, false, &tlv(0x0a, &[number]))
}

/// The entry extension `invalidityDate`.
pub(super) fn invalidity(date: &str) -> Vec<u8> {
    ce(24, false, &tlv(0x18, date.as_bytes()))
}

/// The entry extension `certificateIssuer` with this name.
pub(super) fn issuer(name: &[u8]) -> Vec<u8> {
    ce(29, true, &sequence(&[tlv(0xa4, name)]))
}
