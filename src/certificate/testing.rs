//! A certificate put together field by field, so that a test can get any of them wrong.

use alloc::vec::Vec;

use proptest::prelude::*;

/// One element.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::from([tag]);
    match content.len() {
        short @ 0..0x80 => out.push(short as u8),
        medium @ 0x80..0x100 => out.extend([0x81, medium as u8]),
        long => out.extend([0x82, (long >> 8) as u8, long as u8]),
    }
    out.extend_from_slice(content);
    out
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// `CN=…`
pub(crate) fn common_name(text: &str) -> Vec<u8> {
    let attribute = sequence(&[tlv(0x06, &[0x55, 0x04, 0x03]), tlv(0x0c, text.as_bytes())]);
    sequence(&[tlv(0x31, &attribute)])
}

pub(crate) fn extension(oid: &[u8], critical: Option<u8>, value: &[u8]) -> Vec<u8> {
    let mut parts = Vec::from([tlv(0x06, oid)]);
    parts.extend(critical.map(|octet| tlv(0x01, &[octet])));
    parts.push(tlv(0x04, value));
    sequence(&parts)
}

/// The fields of a certificate, each a whole element.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) inner_algorithm: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) validity: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) spki: Vec<u8>,
    pub(crate) unique_identifiers: Vec<u8>,
    pub(crate) extensions: Vec<u8>,
    pub(crate) outer_algorithm: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

const ED25519: [u8; 5] = [0x06, 0x03, 0x2b, 0x65, 0x70];

impl Default for Parts {
    fn default() -> Self {
        let algorithm = tlv(0x30, &ED25519);
        let key = [&[0u8][..], &[7; 32]].concat();
        let basic_constraints = extension(&[0x55, 0x1d, 0x13], Some(0xff), &tlv(0x30, &[]));
        Self {
            version: tlv(0xa0, &tlv(0x02, &[2])),
            serial: tlv(0x02, &[1, 2, 3]),
            inner_algorithm: algorithm.clone(),
            issuer: common_name("issuer"),
            validity: validity(0x17, "260101000000Z", 0x17, "270101000000Z"),
            subject: common_name("subject"),
            spki: sequence(&[algorithm.clone(), tlv(0x03, &key)]),
            unique_identifiers: Vec::new(),
            extensions: tlv(0xa3, &sequence(&[basic_constraints])),
            outer_algorithm: algorithm,
            signature: tlv(0x03, &[&[0u8][..], &[9; 64]].concat()),
        }
    }
}

pub(crate) fn validity(tag: u8, before: &str, tag_after: u8, after: &str) -> Vec<u8> {
    sequence(&[
        tlv(tag, before.as_bytes()),
        tlv(tag_after, after.as_bytes()),
    ])
}

impl Parts {
    pub(crate) fn tbs(&self) -> Vec<u8> {
        sequence(&[
            self.version.clone(),
            self.serial.clone(),
            self.inner_algorithm.clone(),
            self.issuer.clone(),
            self.validity.clone(),
            self.subject.clone(),
            self.spki.clone(),
            self.unique_identifiers.clone(),
            self.extensions.clone(),
        ])
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        sequence(&[
            self.tbs(),
            self.outer_algorithm.clone(),
            self.signature.clone(),
        ])
    }

    /// With these extensions, each a whole `Extension`.
    pub(crate) fn with_extensions(mut self, extensions: &[Vec<u8>]) -> Self {
        self.extensions = tlv(0xa3, &sequence(extensions));
        self
    }
}

/// Offsets of changes, most of them among the tags and lengths.
pub(crate) fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    let octet = prop_oneof![any::<u8>(), Just(0x30u8), Just(0x06), Just(0x04), 0u8..16];
    proptest::collection::vec((any::<prop::sample::Index>(), octet), 0..4)
}
