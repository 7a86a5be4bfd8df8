//! The length and form of public keys by algorithm, checked before a key is decoded.
//!
//! A point of a curve is uncompressed or compressed (RFC 5480 section 2.2, SEC 1 section 2.3.3); an
//! RSA key is a modulus and an exponent of no more octets (RFC 8017 sections 3.1 and A.1.1), and
//! nothing else; keys of Ed25519 and ML-DSA have one length (RFC 8410 section 4, RFC 9881 section
//! 4). Other lengths are refused, so that no long key is compared or decoded
//! (`tests/paths/hostile.rs`, `keys_have_the_length_of_their_algorithm`).

use super::algorithm::{MlDsa, NamedCurve};
use super::integers::{self, magnitude};

/// True for octets in the form of a point of the curve. SEC 1 also has the forms identity, hybrid
/// and compact, which PKIX does not allow.
pub(super) fn is_point(curve: NamedCurve, key: &[u8]) -> bool {
    let field = curve.field_octets();
    match key {
        [4, coordinates @ ..] => coordinates.len() == 2 * field,
        [2 | 3, coordinate @ ..] => coordinate.len() == field,
        _ => false,
    }
}

/// Octets of an Ed25519 key.
pub(super) const ED25519: usize = 32;

/// Octets of an ML-DSA key.
pub(super) const fn ml_dsa(parameters: MlDsa) -> usize {
    match parameters {
        MlDsa::MlDsa44 => 1312,
        MlDsa::MlDsa65 => 1952,
        MlDsa::MlDsa87 => 2592,
    }
}

/// Bit length of the modulus of an RSAPublicKey; what values make a key is left to the provider.
pub(super) fn modulus_bits(key: &[u8]) -> Option<u32> {
    let [modulus, exponent] = integers::pair(key)?;
    let (modulus, exponent) = (magnitude(modulus)?, magnitude(exponent)?);
    if exponent.len() > modulus.len() {
        return None;
    }
    let first = modulus.first()?;
    let octets = u32::try_from(modulus.len()).ok()?;
    octets.checked_mul(8)?.checked_sub(first.leading_zeros())
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use portcullis_testkit::der::tlv;
    use portcullis_testkit::parts::rsa_key;

    use super::*;

    #[test]
    fn points_are_as_long_as_their_curve() {
        for (curve, field) in [
            (NamedCurve::P256, 32),
            (NamedCurve::P384, 48),
            (NamedCurve::P521, 66),
        ] {
            for length in 0..2 * field + 3 {
                let point = |form| [vec![form], vec![1; length]].concat();
                assert_eq!(is_point(curve, &point(4)), length == 2 * field, "{length}");
                for compressed in [2, 3] {
                    assert_eq!(is_point(curve, &point(compressed)), length == field);
                }
                assert!(
                    ![0, 1, 5, 6, 7]
                        .iter()
                        .any(|form| is_point(curve, &point(*form)))
                );
            }
            assert!(!is_point(curve, &[]));
        }
    }

    #[test]
    fn an_rsa_exponent_has_no_more_octets_than_the_modulus() {
        let modulus = [0xff; 128];
        assert_eq!(modulus_bits(&rsa_key(&modulus, &[1, 0, 1])), Some(1024));
        assert_eq!(modulus_bits(&rsa_key(&[1; 4], &[3])), Some(25));
        assert_eq!(modulus_bits(&rsa_key(&modulus, &[1; 128])), Some(1024));
        assert_eq!(modulus_bits(&rsa_key(&modulus, &[1; 129])), None);

        let trailing: Vec<u8> = [rsa_key(&modulus, &[3]), vec![0; 9]].concat();
        assert_eq!(modulus_bits(&trailing), None);
        let (n, e) = (tlv(2, &[1; 128]), tlv(2, &[3]));
        let key = |parts: &[&[u8]]| modulus_bits(&tlv(0x30, &parts.concat()));
        assert_eq!(key(&[&n, &e]), Some(1017));
        for parts in [
            &[&n[..]][..],
            &[],
            &[&n, &e, &e],
            &[&tlv(2, &[0x80; 128]), &e],
        ] {
            assert_eq!(key(parts), None);
        }
    }
}
