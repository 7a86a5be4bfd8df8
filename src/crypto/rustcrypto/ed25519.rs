//! Ed25519 (RFC 8032, RFC 8410).
//!
//! Verification is strict: s is reduced, the key and R have large order, and a key has one
//! encoding, so that no two keys or signatures stand for the same thing, and none stands for all
//! messages.

use alloc::sync::Arc;

use ed25519_dalek::{Signature, VerifyingKey};

use super::{bits_without_parameters, prepared};
use crate::certificate::SubjectPublicKeyInfo;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::provider::{KeyError, PreparedKey, SignatureError};

/// An `id-Ed25519` key.
pub(super) fn prepare(key: &SubjectPublicKeyInfo<'_>) -> Result<Arc<dyn PreparedKey>, KeyError> {
    let bytes = bits_without_parameters(key)?.try_into();
    let bytes: &[u8; 32] = bytes.map_err(|_| KeyError::Malformed)?;
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Malformed)?;
    if !is_canonical(bytes) || key.is_weak() {
        return Err(KeyError::Malformed);
    }
    prepared(move |signed| {
        if signed.algorithm != SignatureAlgorithm::Ed25519 {
            return Err(SignatureError::AlgorithmKeyMismatch);
        }
        signed.without_parameters()?;
        let signature = Signature::from_slice(signed.signature);
        let signature = signature.map_err(|_| SignatureError::Malformed)?;
        let verified = key.verify_strict(signed.message, &signature);
        verified.map_err(|_| SignatureError::Invalid)
    })
}

/// True when the y coordinate (little endian, without the sign of x) is below 2^255 - 19: RFC 8032
/// section 5.1.3.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    high & 0x7f != 0x7f || *low < 0xed || middle.iter().any(|&octet| octet != 0xff)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};
    use portcullis_testkit::parts::{algorithm, spki};

    use super::*;
    use crate::certificate::AlgorithmIdentifier;
    use crate::crypto::{Provider, RustCrypto};

    const ED25519: &str = "1.3.101.112";

    fn prepare(parameters: Option<&[u8]>, key: &[u8]) -> Result<Arc<dyn PreparedKey>, KeyError> {
        let der = spki(&algorithm(ED25519, parameters), key);
        RustCrypto.prepare(&SubjectPublicKeyInfo::from_der(&der).unwrap(), None)
    }

    fn verify(
        key: &dyn PreparedKey,
        identifier: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let identifier = AlgorithmIdentifier::from_der(identifier).unwrap();
        key.verify(&identifier, message, signature)
    }

    #[test]
    fn good_and_bad_signatures() {
        let signer = SigningKey::from_bytes(&[7; 32]);
        let key = prepare(None, signer.verifying_key().as_bytes()).unwrap();
        let plain = algorithm(ED25519, None);
        let signature = signer.sign(b"message").to_bytes();
        assert_eq!(verify(&*key, &plain, b"message", &signature), Ok(()));
        assert_eq!(
            verify(&*key, &plain, b"massage", &signature),
            Err(SignatureError::Invalid)
        );
        for bit in [0, 100, 255, 256, 300, 511] {
            let mut flipped = signature;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(&*key, &plain, b"message", &flipped).is_err());
        }
        assert_eq!(
            verify(&*key, &plain, b"message", &signature[..63]),
            Err(SignatureError::Malformed)
        );
        assert_eq!(
            verify(&*key, &plain, b"message", &[&signature[..], &[0]].concat()),
            Err(SignatureError::Malformed)
        );
    }

    #[test]
    fn parameters_must_be_absent() {
        let signer = SigningKey::from_bytes(&[7; 32]);
        let public = signer.verifying_key();
        assert_eq!(
            prepare(Some(&[5, 0]), public.as_bytes()).err(),
            Some(KeyError::BadParameters)
        );
        let key = prepare(None, public.as_bytes()).unwrap();
        let signature = signer.sign(b"message").to_bytes();
        assert_eq!(
            verify(
                &*key,
                &algorithm(ED25519, Some(&[5, 0])),
                b"message",
                &signature
            ),
            Err(SignatureError::BadParameters)
        );
    }

    #[test]
    fn other_algorithms() {
        let key = prepare(
            None,
            SigningKey::from_bytes(&[7; 32]).verifying_key().as_bytes(),
        );
        let key = key.unwrap();
        assert_eq!(
            verify(
                &*key,
                &algorithm("1.2.840.10045.4.3.2", None),
                b"",
                &[0; 64]
            ),
            Err(SignatureError::AlgorithmKeyMismatch)
        );
        assert_eq!(
            verify(&*key, &algorithm("1.3.101.113", None), b"", &[0; 64]),
            Err(SignatureError::UnsupportedAlgorithm)
        );
    }

    #[test]
    fn weak_and_twofold_keys_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let zero = [0; 32]; // y = 0 has order 4
        // y = p + 3, which is y = 3 written a second time
        let mut twofold = [0xff; 32];
        twofold[0] = 0xf0;
        twofold[31] = 0x7f;
        for key in [&identity[..], &zero, &twofold, &[7; 31], &[7; 33], &[]] {
            assert_eq!(prepare(None, key).err(), Some(KeyError::Malformed));
        }
        assert!(VerifyingKey::from_bytes(&twofold).is_ok());
        let mut once = [0; 32];
        once[0] = 3;
        assert!(prepare(None, &once).is_ok());
    }

    /// s and s + L sign the same message: only the reduced one is taken.
    #[test]
    fn s_is_reduced() {
        const ORDER: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let signer = SigningKey::from_bytes(&[7; 32]);
        let key = prepare(None, signer.verifying_key().as_bytes()).unwrap();
        let mut signature = signer.sign(b"message").to_bytes();
        let mut carry = 0;
        for (octet, order) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*octet) + u16::from(order) + carry;
            *octet = sum as u8;
            carry = sum >> 8;
        }
        assert_eq!(
            verify(&*key, &algorithm(ED25519, None), b"message", &signature),
            Err(SignatureError::Invalid)
        );
    }
}
