//! Certificates, CRLs and responses put together element by element, so that a test can get any of
//! them wrong.
//!
//! By default they are version 3 (2 for CRLs), of Ed25519, by `CN=issuer`, and their signatures are
//! octets that verify nothing.

mod certificate;
mod crl;
mod ocsp;

pub use certificate::{CertificateParts, validity};
pub use crl::{CrlParts, entry, entry_issuer, invalidity_date, reason_code};
pub use ocsp::{ResponseParts, SingleParts, cert_id, extensions};

use crate::der::{self, bit_string, constructed, octet_string, sequence, small, tlv, unsigned};

/// The AlgorithmIdentifier of Ed25519.
pub const ED25519: [u8; 7] = [0x30, 5, 0x06, 0x03, 0x2b, 0x65, 0x70];

/// An `AlgorithmIdentifier` whose parameters are a NULL, of the content octets of its identifier.
pub fn algorithm_with_null(oid: &[u8]) -> Vec<u8> {
    sequence(&[tlv(0x06, oid), tlv(0x05, &[])])
}

/// An `AlgorithmIdentifier` of this identifier in dotted decimal; `parameters` is a whole element.
pub fn algorithm(oid: &str, parameters: Option<&[u8]>) -> Vec<u8> {
    sequence(&[der::oid(oid).as_slice(), parameters.unwrap_or_default()])
}

/// A `SubjectPublicKeyInfo` of an AlgorithmIdentifier and the content of the BIT STRING.
pub fn spki(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    sequence(&[algorithm, &bit_string(key)])
}

/// RSAPublicKey, of big-endian octets.
pub fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    sequence(&[unsigned(modulus), unsigned(exponent)])
}

/// RSASSA-PSS-params with all fields but the trailer; `null`: have the hashes parameters?
pub fn pss_parameters(hash: &str, mask_hash: &str, salt: u16, null: bool) -> Vec<u8> {
    let null = null.then_some(&[5u8, 0][..]);
    let mask = algorithm("1.2.840.113549.1.1.8", Some(&algorithm(mask_hash, null)));
    sequence(&[
        constructed(0, &algorithm(hash, null)),
        constructed(1, &mask),
        constructed(2, &small(salt.into())),
    ])
}

/// An `Extension` from the content octets of its identifier, the octet of `critical` where that is
/// written, and its value.
pub fn extension(oid: &[u8], critical: Option<u8>, value: &[u8]) -> Vec<u8> {
    let mut parts = Vec::from([tlv(0x06, oid)]);
    parts.extend(critical.map(|octet| tlv(0x01, &[octet])));
    parts.push(octet_string(value));
    sequence(&parts)
}

/// An extension below `id-ce`, 2.5.29.
pub fn ce(arc: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    extension(&[0x55, 0x1d, arc], critical.then_some(0xff), value)
}

/// A BIT STRING that verifies nothing.
fn no_signature() -> Vec<u8> {
    bit_string(&[9; 64])
}
