//! Keys and signatures in DER, for tests of providers.

use alloc::vec::Vec;

use portcullis_testkit::der::{bit_string, oid, sequence, unsigned};

/// A SubjectPublicKeyInfo of an uncompressed point on P-256 or P-384, by its length.
pub(super) fn ec_key(point: &[u8]) -> Vec<u8> {
    let curve = match point.len() {
        65 => "1.2.840.10045.3.1.7",
        _ => "1.3.132.0.34",
    };
    let algorithm = sequence(&[oid("1.2.840.10045.2.1"), oid(curve)]);
    sequence(&[algorithm, bit_string(point)])
}

/// ECDSA-Sig-Value.
pub(super) fn ecdsa_signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    sequence(&[unsigned(r), unsigned(s)])
}
