//! ML-DSA (FIPS 204) as certificates use it (RFC 9881): pure mode, empty context, no parameters
//! anywhere.

use alloc::sync::Arc;

use ::ml_dsa::{
    EncodedVerifyingKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, VerifyingKey,
};

use super::{bits_without_parameters, prepared};
use crate::certificate::SubjectPublicKeyInfo;
use crate::crypto::algorithm::{MlDsa, SignatureAlgorithm};
use crate::crypto::provider::{KeyError, PreparedKey, SignatureError};

/// An `id-ml-dsa-*` key.
pub(super) fn prepare(
    set: MlDsa,
    key: &SubjectPublicKeyInfo<'_>,
) -> Result<Arc<dyn PreparedKey>, KeyError> {
    let bits = bits_without_parameters(key)?;
    match set {
        MlDsa::MlDsa44 => decode::<MlDsa44>(set, bits),
        MlDsa::MlDsa65 => decode::<MlDsa65>(set, bits),
        MlDsa::MlDsa87 => decode::<MlDsa87>(set, bits),
    }
}

/// A key of the right length is a key: FIPS 204 `pkDecode` has no other condition.
fn decode<P>(set: MlDsa, bits: &[u8]) -> Result<Arc<dyn PreparedKey>, KeyError>
where
    P: MlDsaParams + 'static,
    VerifyingKey<P>: Send + Sync,
{
    let encoded = EncodedVerifyingKey::<P>::try_from(bits).map_err(|_| KeyError::Malformed)?;
    let key = VerifyingKey::<P>::decode(&encoded);
    prepared(move |signed| {
        if signed.algorithm != SignatureAlgorithm::MlDsa(set) {
            return Err(SignatureError::AlgorithmKeyMismatch);
        }
        signed.without_parameters()?;
        let signature = Signature::<P>::try_from(signed.signature);
        let signature = signature.map_err(|_| SignatureError::Malformed)?;
        if key.verify_with_context(signed.message, &[], &signature) {
            Ok(())
        } else {
            Err(SignatureError::Invalid)
        }
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use ::ml_dsa::SigningKey;
    use portcullis_testkit::parts::{algorithm, spki};
    use proptest::prelude::*;

    use super::*;
    use crate::certificate::AlgorithmIdentifier;
    use crate::crypto::{Provider, RustCrypto};

    fn prepare(
        text: &str,
        parameters: Option<&[u8]>,
        key: &[u8],
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        let der = spki(&algorithm(text, parameters), key);
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

    fn key_and_signature<P: MlDsaParams>(context: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let signer = SigningKey::<P>::from_seed(&[7; 32].into());
        let signer = signer.expanded_key();
        let signature = signer.sign_deterministic(b"message", context).unwrap();
        (
            signer.verifying_key().encode().to_vec(),
            signature.encode().to_vec(),
        )
    }

    fn round_trip<P: MlDsaParams>(text: &str, key_len: usize, signature_len: usize) {
        let (public, signature) = key_and_signature::<P>(b"");
        assert_eq!((public.len(), signature.len()), (key_len, signature_len));
        let key = prepare(text, None, &public).unwrap();
        let plain = algorithm(text, None);
        assert_eq!(verify(&*key, &plain, b"message", &signature), Ok(()));
        assert_eq!(
            verify(&*key, &plain, b"massage", &signature),
            Err(SignatureError::Invalid)
        );
        let mut flipped = signature.clone();
        flipped[0] ^= 1;
        assert_eq!(
            verify(&*key, &plain, b"message", &flipped),
            Err(SignatureError::Invalid)
        );
        assert_eq!(
            verify(&*key, &plain, b"message", &signature[1..]),
            Err(SignatureError::Malformed)
        );
        let with_null = algorithm(text, Some(&[5, 0]));
        assert_eq!(
            verify(&*key, &with_null, b"message", &signature),
            Err(SignatureError::BadParameters)
        );
        assert_eq!(
            prepare(text, Some(&[5, 0]), &public).err(),
            Some(KeyError::BadParameters)
        );
        assert_eq!(
            prepare(text, None, &public[1..]).err(),
            Some(KeyError::Malformed)
        );
    }

    /// Lengths: FIPS 204 table 2.
    #[test]
    fn all_three_sets() {
        round_trip::<MlDsa44>("2.16.840.1.101.3.4.3.17", 1312, 2420);
        round_trip::<MlDsa65>("2.16.840.1.101.3.4.3.18", 1952, 3309);
        round_trip::<MlDsa87>("2.16.840.1.101.3.4.3.19", 2592, 4627);
    }

    #[test]
    fn another_context_or_set_does_not_verify() {
        let (public, signature) = key_and_signature::<MlDsa44>(b"context");
        let key = prepare("2.16.840.1.101.3.4.3.17", None, &public).unwrap();
        let same = algorithm("2.16.840.1.101.3.4.3.17", None);
        assert_eq!(
            verify(&*key, &same, b"message", &signature),
            Err(SignatureError::Invalid)
        );
        let other = algorithm("2.16.840.1.101.3.4.3.18", None);
        assert_eq!(
            verify(&*key, &other, b"message", &signature),
            Err(SignatureError::AlgorithmKeyMismatch)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_signature_panics(octets in proptest::collection::vec(any::<u8>(), 2420)) {
            let (public, _) = key_and_signature::<MlDsa44>(b"");
            let key = prepare("2.16.840.1.101.3.4.3.17", None, &public).unwrap();
            let plain = algorithm("2.16.840.1.101.3.4.3.17", None);
            prop_assert!(verify(&*key, &plain, b"message", &octets).is_err());
        }
    }
}
