//! ECDSA on P-256, P-384 and P-521 (RFC 5480, RFC 5758).
//!
//! Curves are named, never described: an explicit description lets a stranger choose the generator
//! (CVE-2020-0601). Points are uncompressed or compressed (RFC 5480 section 2.2), and on the curve.
//! Each curve goes with each hash: a long hash is cut to the curve's order (FIPS 186-5 section
//! 6.4.2). Who wants them bound together, as the CA/Browser Forum does, says so in a policy
//! (`AlgorithmPolicy::hash_of_curve`).
//!
//! The algorithm of a signature has no parameters; NULL is read as none.
//!
//! A signature is DER, strictly: `ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }`, both
//! minimal and positive. It is read here, since laxer readers have let several encodings of one
//! signature through.

use alloc::sync::Arc;

use p256::ecdsa::signature::DigestVerifier;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384, Sha512};

use super::{prepared, with_hash};
use crate::certificate::SubjectPublicKeyInfo;
use crate::crypto::algorithm::{NamedCurve, SignatureAlgorithm};
use crate::crypto::integers::{self, magnitude};
use crate::crypto::key_shape::is_point;
use crate::crypto::provider::{KeyError, PreparedKey, SignatureError};

/// Octets of the longest field element: P-521.
const MAX_FIELD_LEN: usize = 66;

/// An `id-ecPublicKey` key.
pub(super) fn prepare(key: &SubjectPublicKeyInfo<'_>) -> Result<Arc<dyn PreparedKey>, KeyError> {
    use {p256::ecdsa as e256, p384::ecdsa as e384, p521::ecdsa as e521};
    let point = key.key_bits();
    let curve = NamedCurve::from_parameters(key.algorithm().parameters())?;
    if !is_point(curve, point) {
        return Err(KeyError::Malformed);
    }
    match curve {
        NamedCurve::P256 => {
            on_curve::<e256::Signature, _, _, 32>(e256::VerifyingKey::from_sec1_bytes(point))
        }
        NamedCurve::P384 => {
            on_curve::<e384::Signature, _, _, 48>(e384::VerifyingKey::from_sec1_bytes(point))
        }
        NamedCurve::P521 => {
            on_curve::<e521::Signature, _, _, 66>(e521::VerifyingKey::from_sec1_bytes(point))
        }
    }
}

/// A key `K` that checks signatures `S` (r and s, `N` octets each).
fn on_curve<S, K, E, const N: usize>(key: Result<K, E>) -> Result<Arc<dyn PreparedKey>, KeyError>
where
    K: DigestVerifier<Sha1, S>
        + DigestVerifier<Sha256, S>
        + DigestVerifier<Sha384, S>
        + DigestVerifier<Sha512, S>
        + Send
        + Sync
        + 'static,
    S: for<'a> TryFrom<&'a [u8]>,
{
    let key = key.map_err(|_| KeyError::Malformed)?;
    prepared(move |signed| {
        let SignatureAlgorithm::Ecdsa(hash) = signed.algorithm else {
            return Err(SignatureError::AlgorithmKeyMismatch);
        };
        signed.with_null_at_most()?;
        let signature = decode::<S, N>(signed.signature)?;
        with_hash!(hash, D => check::<D, _, _>(&key, signed.message, &signature))
    })
}

fn check<D, K, S>(key: &K, message: &[u8], signature: &S) -> Result<(), SignatureError>
where
    D: Digest + sha2::digest::Update,
    K: DigestVerifier<D, S>,
{
    key.verify_digest(
        |digest: &mut D| {
            Digest::update(digest, message);
            Ok(())
        },
        signature,
    )
    .map_err(|_| SignatureError::Invalid)
}

/// Reads the DER and lays r and s out side by side, the form that has only one reading.
fn decode<S, const N: usize>(der: &[u8]) -> Result<S, SignatureError>
where
    S: for<'a> TryFrom<&'a [u8]>,
{
    let [r, s] = integers::pair(der).ok_or(SignatureError::Malformed)?;
    let mut fixed = [0; 2 * MAX_FIELD_LEN];
    let (left, right) = fixed.split_at_mut(N);
    write_unsigned(r, left)?;
    write_unsigned(s, right.get_mut(..N).unwrap_or_default())?;
    // The conversion refuses r and s that are zero or not below the order.
    fixed
        .get(..2 * N)
        .and_then(|fixed| S::try_from(fixed).ok())
        .ok_or(SignatureError::Invalid)
}

/// Writes a minimal INTEGER right-aligned; a negative one is malformed, one that is too long is no
/// signature.
fn write_unsigned(integer: &[u8], out: &mut [u8]) -> Result<(), SignatureError> {
    let magnitude = magnitude(integer).ok_or(SignatureError::Malformed)?;
    let tail = out
        .len()
        .checked_sub(magnitude.len())
        .and_then(|start| out.get_mut(start..))
        .ok_or(SignatureError::Invalid)?;
    tail.copy_from_slice(magnitude);
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use p256::ecdsa::signature::hazmat::PrehashSigner;
    use portcullis_testkit::der::{oid, tlv, unsigned};
    use portcullis_testkit::parts::{algorithm, spki};

    use super::*;
    use crate::certificate::AlgorithmIdentifier;
    use crate::crypto::{Provider, RustCrypto};

    const EC: &str = "1.2.840.10045.2.1";
    const P256: &str = "1.2.840.10045.3.1.7";
    const P384: &str = "1.3.132.0.34";
    const P521: &str = "1.3.132.0.35";
    const SHA1: &str = "1.2.840.10045.4.1";
    const SHA256: &str = "1.2.840.10045.4.3.2";
    const SHA384: &str = "1.2.840.10045.4.3.3";
    const SHA512: &str = "1.2.840.10045.4.3.4";
    const MESSAGE: &[u8] = b"to be signed";

    fn prepare_as(
        parameters: Option<&[u8]>,
        point: &[u8],
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        let der = spki(&algorithm(EC, parameters), point);
        RustCrypto.prepare(&SubjectPublicKeyInfo::from_der(&der).unwrap(), None)
    }

    fn verify(
        key: &dyn PreparedKey,
        text: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let identifier = algorithm(text, None);
        let identifier = AlgorithmIdentifier::from_der(&identifier).unwrap();
        key.verify(&identifier, message, signature)
    }

    fn hash(text: &str) -> Vec<u8> {
        match text {
            SHA1 => Sha1::digest(MESSAGE).to_vec(),
            SHA256 => Sha256::digest(MESSAGE).to_vec(),
            SHA384 => Sha384::digest(MESSAGE).to_vec(),
            _ => Sha512::digest(MESSAGE).to_vec(),
        }
    }

    fn signer() -> p256::ecdsa::SigningKey {
        p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap()
    }

    fn point() -> Vec<u8> {
        signer()
            .verifying_key()
            .to_sec1_point(false)
            .as_bytes()
            .to_vec()
    }

    fn key() -> Arc<dyn PreparedKey> {
        prepare_as(Some(&oid(P256)), &point()).unwrap()
    }

    /// r and s of a good signature over SHA-256.
    fn scalars() -> (Vec<u8>, Vec<u8>) {
        let signature: p256::ecdsa::Signature = signer().sign_prehash(&hash(SHA256)).unwrap();
        let (r, s) = signature.split_bytes();
        (r.to_vec(), s.to_vec())
    }

    fn pair(r: &[u8], s: &[u8]) -> Vec<u8> {
        tlv(0x30, &[r, s].concat())
    }

    macro_rules! round_trips {
        ($curve:ident, $oid:expr, $len:literal) => {
            let signer = $curve::ecdsa::SigningKey::from_slice(&{
                let mut secret = [7; $len];
                secret[0] = 0;
                secret
            })
            .unwrap();
            for compress in [false, true] {
                let point = signer.verifying_key().to_sec1_point(compress);
                let key = prepare_as(Some(&oid($oid)), point.as_bytes()).unwrap();
                for text in [SHA1, SHA256, SHA384, SHA512] {
                    let signature: $curve::ecdsa::Signature =
                        signer.sign_prehash(&hash(text)).unwrap();
                    let der = signature.to_der();
                    let der = der.as_bytes();
                    assert_eq!(verify(&*key, text, MESSAGE, der), Ok(()), "{text}");
                    assert_eq!(verify(&*key, text, b"", der), Err(SignatureError::Invalid));
                    let other = if text == SHA256 { SHA512 } else { SHA256 };
                    assert_eq!(
                        verify(&*key, other, MESSAGE, der),
                        Err(SignatureError::Invalid)
                    );
                }
            }
        };
    }

    #[test]
    fn each_curve_with_each_hash() {
        round_trips!(p256, P256, 32);
        round_trips!(p384, P384, 48);
        round_trips!(p521, P521, 66);
    }

    /// RFC 6979 appendix A.2.5: P-256 with SHA-1 and with SHA-512, the message "sample".
    #[test]
    fn known_answers() {
        let point = [
            &[4][..],
            &hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
            &hex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"),
        ]
        .concat();
        let key = prepare_as(Some(&oid(P256)), &point).unwrap();
        for (text, r, s) in [
            (
                SHA1,
                "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d32",
                "6d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb",
            ),
            (
                SHA512,
                "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00",
                "2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe",
            ),
        ] {
            let signature = pair(&unsigned(&hex(r)), &unsigned(&hex(s)));
            assert_eq!(verify(&*key, text, b"sample", &signature), Ok(()));
        }
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn a_signature_has_one_encoding() {
        let (r, s) = scalars();
        let good = pair(&unsigned(&r), &unsigned(&s));
        assert_eq!(verify(&*key(), SHA256, MESSAGE, &good), Ok(()));

        let mut long_length = good.clone();
        long_length.splice(1..2, [0x81, good[1]]);
        let padded = tlv(2, &[&[0, 0], &r[..]].concat());
        let mut indefinite = [&[0x30, 0x80], &good[2..], &[0, 0]].concat();
        for malformed in [
            long_length,
            core::mem::take(&mut indefinite),
            pair(&padded, &unsigned(&s)),
            pair(&tlv(2, &[0x80, 1]), &unsigned(&s)), // negative
            pair(&unsigned(&r), &tlv(2, &[])),
            pair(&unsigned(&r), &[]),
            tlv(0x30, &[unsigned(&r), unsigned(&s), unsigned(&s)].concat()),
            [&good[..], &[0]].concat(),
            good[..good.len() - 1].to_vec(),
            tlv(0x31, &good[2..]),
            [&r[..], &s].concat(),
            Vec::new(),
        ] {
            assert_eq!(
                verify(&*key(), SHA256, MESSAGE, &malformed),
                Err(SignatureError::Malformed),
                "{malformed:x?}"
            );
        }
    }

    /// CVE-2022-21449: r = s = 0 verified for every message.
    #[test]
    fn scalars_are_in_range() {
        let (r, s) = scalars();
        let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        let zero = tlv(2, &[0]);
        let (r, s) = (unsigned(&r), unsigned(&s));
        for (r, s) in [
            (&zero, &zero),
            (&zero, &s),
            (&r, &zero),
            (&unsigned(&order), &s),
            (&r, &unsigned(&order)),
            (&unsigned(&[0xff; 32]), &s),
            (&unsigned(&[1; 33]), &s),
            (&r, &unsigned(&[1; 200])),
            (&unsigned(&[1]), &unsigned(&[1])),
        ] {
            assert_eq!(
                verify(&*key(), SHA256, MESSAGE, &pair(r, s)),
                Err(SignatureError::Invalid)
            );
        }
    }

    #[test]
    fn flipped_bits() {
        let (r, s) = scalars();
        for bit in (0..256).step_by(13) {
            let mut flipped = r.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            for signature in [
                pair(&unsigned(&flipped), &unsigned(&s)),
                pair(&unsigned(&s), &unsigned(&flipped)),
            ] {
                assert_eq!(
                    verify(&*key(), SHA256, MESSAGE, &signature),
                    Err(SignatureError::Invalid)
                );
            }
        }
    }

    /// F7: old Java's NULL is read as no parameters; anything else is refused.
    #[test]
    fn signature_parameters_are_absent_or_null() {
        let (r, s) = scalars();
        let good = pair(&unsigned(&r), &unsigned(&s));
        let with = |parameters: Option<&[u8]>, message: &[u8]| {
            let identifier = algorithm(SHA256, parameters);
            let identifier = AlgorithmIdentifier::from_der(&identifier).unwrap();
            key().verify(&identifier, message, &good)
        };
        for none in [None, Some(&[5, 0][..])] {
            assert_eq!(with(none, MESSAGE), Ok(()));
            assert_eq!(with(none, b"another"), Err(SignatureError::Invalid));
        }
        for other in [&[0x30, 0][..], &[4, 0], &oid(P256)] {
            assert_eq!(
                with(Some(other), MESSAGE),
                Err(SignatureError::BadParameters)
            );
        }
    }

    #[test]
    fn other_algorithms() {
        for (text, error) in [
            (
                "1.2.840.113549.1.1.11",
                SignatureError::AlgorithmKeyMismatch,
            ),
            ("1.3.101.112", SignatureError::AlgorithmKeyMismatch),
            ("1.2.840.10040.4.3", SignatureError::UnsupportedAlgorithm),
            ("1.2.840.10045.4.3.1", SignatureError::UnsupportedAlgorithm),
        ] {
            assert_eq!(verify(&*key(), text, MESSAGE, &[]), Err(error), "{text}");
        }
    }

    #[test]
    fn curves_are_named() {
        let explicit = tlv(0x30, &[2, 1, 1]); // CVE-2020-0601
        for (parameters, error) in [
            (Some(&explicit[..]), KeyError::ExplicitCurve),
            (None, KeyError::MissingParameters),
            (Some(&[5, 0]), KeyError::MissingParameters),
            (Some(&[4, 0]), KeyError::BadParameters),
            (Some(&[6, 0]), KeyError::BadParameters),
            (Some(&oid("1.3.132.0.10")), KeyError::UnsupportedCurve), // secp256k1
        ] {
            assert_eq!(prepare_as(parameters, &point()).err(), Some(error));
        }
    }

    #[test]
    fn points_are_on_the_curve_and_of_a_known_form() {
        let good = point();
        let p256 = oid(P256);
        let mut off_curve = good.clone();
        off_curve[64] ^= 1;
        let mut no_such_x = [0xff; 33]; // not below the field's prime
        no_such_x[0] = 2;
        let hybrid = [&[6 | (good[64] & 1)], &good[1..]].concat();
        let compact = [&[5], &good[1..33]].concat();
        for bad in [
            &off_curve[..],
            &no_such_x,
            &hybrid,
            &compact,
            &[0],
            &[0; 65],
            &[4; 65],
            &good[..64],
            &[&good[..], &[0]].concat(),
            &good[1..],
            &[],
        ] {
            assert_eq!(
                prepare_as(Some(&p256), bad).err(),
                Some(KeyError::Malformed),
                "{bad:x?}"
            );
        }
        assert_eq!(
            prepare_as(Some(&oid(P384)), &good).err(),
            Some(KeyError::Malformed)
        );
    }
}
