//! A provider over any crypto library that rustls knows: ring, aws-lc-rs, graviola, whatever
//! implements [`SignatureVerificationAlgorithm`].
//!
//! Each of those verifies one kind of signature under one kind of key, both named by their
//! AlgorithmIdentifier, which is compared octet for octet. Keys are not decoded in advance: the
//! trait takes the octets of the key each time, and what a library keeps is its own affair. What is
//! good enough is decided by the [`AlgorithmPolicy`](super::AlgorithmPolicy) here as with any
//! provider.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use rustls_pki_types::SignatureVerificationAlgorithm;

use super::algorithm::{NULL, is_ecdsa_with_null};
use super::provider::{KeyError, PreparedKey, Provider, SignatureError, SupportedPair};
use crate::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use crate::der::{Reader, writer};

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

/// Verifies signatures by the algorithms of another library.
///
/// `all` of a rustls `CryptoProvider`'s `signature_verification_algorithms` is such a list, and so
/// is `webpki::ALL_VERIFICATION_ALGS`:
///
/// ```ignore
/// let provider = PkiTypes::new(rustls::crypto::ring::default_provider().signature_verification_algorithms.all);
/// let builder = builder.provider(Arc::new(provider));
/// ```
pub struct PkiTypes {
    algorithms: Vec<Algorithm>,
    supported: Vec<SupportedPair>,
}

impl PkiTypes {
    /// Takes the algorithms of a library; of several for one kind of key and signature, each is
    /// tried.
    #[must_use]
    pub fn new(algorithms: &[Algorithm]) -> Self {
        let supported = algorithms.iter().filter_map(|one| pair(*one));
        Self {
            supported: supported.collect(),
            algorithms: algorithms.to_vec(),
        }
    }
}

debug! { impl[] PkiTypes: "PkiTypes", |self| "supported": self.supported }

impl Provider for PkiTypes {
    fn supported(&self) -> &[SupportedPair] {
        &self.supported
    }

    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        _: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        let wanted = content(&key.algorithm());
        let of_key = self.algorithms.iter().copied();
        let of_key = of_key.filter(|one| *one.public_key_alg_id() == *wanted);
        let algorithms: Vec<Algorithm> = of_key.collect();
        if algorithms.is_empty() {
            return Err(KeyError::UnsupportedAlgorithm);
        }
        Ok(Arc::new(Key {
            algorithms,
            octets: key.key_bits().into(),
        }))
    }
}

struct Key {
    algorithms: Vec<Algorithm>,
    octets: Box<[u8]>,
}

impl PreparedKey for Key {
    fn verify(
        &self,
        algorithm: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let wanted = signature_id(algorithm);
        let mut result = Err(SignatureError::UnsupportedAlgorithm);
        for one in &self.algorithms {
            if *one.signature_alg_id() != *wanted {
                continue;
            }
            match one.verify_signature(&self.octets, message, signature) {
                Ok(()) => return Ok(()),
                Err(_) => result = Err(SignatureError::Invalid),
            }
        }
        result
    }
}

/// The content octets of an AlgorithmIdentifier, which is what the other side calls by that name.
fn content<'a>(algorithm: &AlgorithmIdentifier<'a>) -> &'a [u8] {
    let content = Reader::quick(algorithm.as_der()).sequence();
    content.map_or(&[], |content| content.rest())
}

/// As the other side writes the algorithm of a signature: without the NULL that old Java adds.
fn signature_id<'a>(algorithm: &AlgorithmIdentifier<'a>) -> &'a [u8] {
    let whole = content(algorithm);
    if is_ecdsa_with_null(algorithm) {
        whole.strip_suffix(NULL).unwrap_or(whole)
    } else {
        whole
    }
}

/// The identifiers of an algorithm; `None` for one whose own are not DER.
fn pair(algorithm: Algorithm) -> Option<SupportedPair> {
    let key = writer::sequence(&[&algorithm.public_key_alg_id()]);
    let signature = writer::sequence(&[&algorithm.signature_alg_id()]);
    SupportedPair::of(
        &AlgorithmIdentifier::from_der(&key).ok()?,
        &AlgorithmIdentifier::from_der(&signature).ok()?,
    )
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use const_oid::ObjectIdentifier;
    use ed25519_dalek::{Signer, SigningKey, Verifier, VerifyingKey};
    use rustls_pki_types::{InvalidSignature, alg_id};

    use super::*;
    use crate::certificate::testing::{sequence, tlv};

    /// Ed25519 as another library would bring it.
    #[derive(Debug)]
    struct Ed25519;

    impl SignatureVerificationAlgorithm for Ed25519 {
        fn verify_signature(
            &self,
            key: &[u8],
            message: &[u8],
            signature: &[u8],
        ) -> Result<(), InvalidSignature> {
            let key: [u8; 32] = key.try_into().map_err(|_| InvalidSignature)?;
            let key = VerifyingKey::from_bytes(&key).map_err(|_| InvalidSignature)?;
            let signature = signature.try_into().map_err(|_| InvalidSignature)?;
            key.verify(message, &signature)
                .map_err(|_| InvalidSignature)
        }

        fn public_key_alg_id(&self) -> rustls_pki_types::AlgorithmIdentifier {
            alg_id::ED25519
        }

        fn signature_alg_id(&self) -> rustls_pki_types::AlgorithmIdentifier {
            alg_id::ED25519
        }
    }

    const ALL: &[Algorithm] = &[&Ed25519];

    /// `id-Ed25519` without parameters.
    const IDENTIFIER: [u8; 5] = [6, 3, 0x2b, 0x65, 0x70];

    fn spki(key: &SigningKey) -> Vec<u8> {
        let bits = [&[0][..], key.verifying_key().as_bytes()].concat();
        sequence(&[sequence(&[IDENTIFIER.to_vec()]), tlv(3, &bits)])
    }

    #[test]
    fn verifies_what_the_library_verifies() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let der = spki(&key);
        let prepared = PkiTypes::new(ALL)
            .prepare(&SubjectPublicKeyInfo::from_der(&der).unwrap(), None)
            .unwrap();
        let identifier = sequence(&[IDENTIFIER.to_vec()]);
        let algorithm = AlgorithmIdentifier::from_der(&identifier).unwrap();
        let signature = key.sign(b"message").to_bytes();
        assert_eq!(prepared.verify(&algorithm, b"message", &signature), Ok(()));
        let other = prepared.verify(&algorithm, b"another", &signature);
        assert_eq!(other, Err(SignatureError::Invalid));
        let unknown = sequence(&[Vec::from([6, 3, 0x2b, 0x65, 0x71])]);
        let unknown = AlgorithmIdentifier::from_der(&unknown).unwrap();
        let refused = prepared.verify(&unknown, b"message", &signature);
        assert_eq!(refused, Err(SignatureError::UnsupportedAlgorithm));
    }

    #[test]
    fn a_key_of_another_algorithm_is_a_typed_error() {
        let bits = tlv(3, &[0, 1, 2, 3]);
        let other = sequence(&[sequence(&[Vec::from([6, 3, 0x2b, 0x65, 0x71])]), bits]);
        let other = SubjectPublicKeyInfo::from_der(&other).unwrap();
        let refused = PkiTypes::new(ALL).prepare(&other, None);
        assert_eq!(refused.err(), Some(KeyError::UnsupportedAlgorithm));
        let none = PkiTypes::new(&[]).prepare(&other, None);
        assert_eq!(none.err(), Some(KeyError::UnsupportedAlgorithm));
    }

    /// F7: the other side is asked for the algorithm without old Java's NULL.
    #[test]
    fn null_parameters_of_ecdsa_are_none() {
        let id = |text: &str, parameters: &[u8]| {
            let oid = ObjectIdentifier::new_unwrap(text);
            sequence(&[tlv(6, oid.as_bytes()), parameters.to_vec()])
        };
        let asked =
            |der: &[u8]| signature_id(&AlgorithmIdentifier::from_der(der).unwrap()).to_vec();
        let (ecdsa, rsa) = ("1.2.840.10045.4.3.2", "1.2.840.113549.1.1.11");
        assert_eq!(asked(&id(ecdsa, NULL)), *alg_id::ECDSA_SHA256);
        assert_eq!(asked(&id(ecdsa, &[])), *alg_id::ECDSA_SHA256);
        assert_eq!(asked(&id(rsa, NULL)), *alg_id::RSA_PKCS1_SHA256);
        let odd = id(ecdsa, &[4, 0]);
        assert_eq!(asked(&odd), odd[2..]);
    }

    #[test]
    fn says_what_it_supports() {
        let provider = PkiTypes::new(ALL);
        let id = ObjectIdentifier::new_unwrap("1.3.101.112");
        assert_eq!(provider.supported(), [SupportedPair::new(id, id)]);
        assert!(format!("{provider:?}").contains("1.3.101.112"));
    }
}
