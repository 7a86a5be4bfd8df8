//! The provider that comes with the crate: RSA, ECDSA, Ed25519 and, with feature `ml-dsa`, ML-DSA,
//! by RustCrypto.
//!
//! It is pure Rust without assembly. It verifies SHA-1 signatures and short RSA keys, since
//! refusing them is the policy's business, and knows neither MD5 nor DSA.

mod ecdsa;
mod ed25519;
#[cfg(feature = "ml-dsa")]
mod ml_dsa;
mod rsa;

use alloc::sync::Arc;

use super::algorithm::{self as known, KeyAlgorithm, SignatureAlgorithm};
use super::provider::{KeyError, PreparedKey, Provider, SignatureError, SupportedPair};
use crate::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// The RustCrypto provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RustCrypto;

impl Provider for RustCrypto {
    fn supported(&self) -> &[SupportedPair] {
        SUPPORTED
    }

    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        _inherited: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        match KeyAlgorithm::from_oid(key.algorithm().oid()) {
            Some(KeyAlgorithm::Rsa) => rsa::prepare(key),
            Some(KeyAlgorithm::RsaPss) => rsa::prepare_pss(key),
            Some(KeyAlgorithm::Ec) => ecdsa::prepare(key),
            Some(KeyAlgorithm::Ed25519) => ed25519::prepare(key),
            #[cfg(feature = "ml-dsa")]
            Some(KeyAlgorithm::MlDsa(set)) => ml_dsa::prepare(set, key),
            #[cfg(not(feature = "ml-dsa"))]
            Some(KeyAlgorithm::MlDsa(_)) => Err(KeyError::UnsupportedAlgorithm),
            Some(KeyAlgorithm::Dsa) | None => Err(KeyError::UnsupportedAlgorithm),
        }
    }
}

/// What a key is asked to verify.
struct Signed<'a> {
    algorithm: SignatureAlgorithm,
    parameters: Option<&'a [u8]>,
    message: &'a [u8],
    signature: &'a [u8],
}

impl Signed<'_> {
    /// Fails unless the algorithm has no parameters, as RFC 5758, RFC 8410 and RFC 9881 want it.
    fn without_parameters(&self) -> Result<(), SignatureError> {
        match self.parameters {
            None => Ok(()),
            Some(_) => Err(SignatureError::BadParameters),
        }
    }

    /// As [`Signed::without_parameters`]; NULL counts as none.
    fn with_null_at_most(&self) -> Result<(), SignatureError> {
        match self.parameters {
            Some(known::NULL) => Ok(()),
            _ => self.without_parameters(),
        }
    }
}

/// A key is the function that verifies with it.
struct Key<F>(F);

impl<F> PreparedKey for Key<F>
where
    F: Fn(&Signed<'_>) -> Result<(), SignatureError> + Send + Sync,
{
    fn verify(
        &self,
        algorithm: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let known = match SignatureAlgorithm::from_oid(algorithm.oid()) {
            Some(SignatureAlgorithm::RsaBroken | SignatureAlgorithm::Dsa) | None => {
                return Err(SignatureError::UnsupportedAlgorithm);
            }
            Some(known) => known,
        };
        (self.0)(&Signed {
            algorithm: known,
            parameters: algorithm.parameters(),
            message,
            signature,
        })
    }
}

/// A key that verifies by this function.
fn prepared(
    verify: impl Fn(&Signed<'_>) -> Result<(), SignatureError> + Send + Sync + 'static,
) -> Result<Arc<dyn PreparedKey>, KeyError> {
    Ok(Arc::new(Key(verify)))
}

/// The octets of a key whose algorithm has no parameters.
fn bits_without_parameters<'a>(key: &SubjectPublicKeyInfo<'a>) -> Result<&'a [u8], KeyError> {
    match key.algorithm().parameters() {
        None => Ok(key.key_bits()),
        Some(_) => Err(KeyError::BadParameters),
    }
}

/// Evaluates an expression in which a type stands for a hash.
macro_rules! with_hash {
    ($hash:expr, $Hash:ident => $value:expr) => {
        with_hash!(@ $hash, $Hash => $value, Sha1 sha1::Sha1, Sha256 sha2::Sha256,
            Sha384 sha2::Sha384, Sha512 sha2::Sha512)
    };
    (@ $hash:expr, $Hash:ident => $value:expr, $($Variant:ident $type:ty),*) => {
        match $hash {
            $($crate::crypto::HashAlgorithm::$Variant => {
                type $Hash = $type;
                $value
            })*
        }
    };
}

use with_hash;

/// Rows of a key and its signatures, of a curve and the signatures of keys on it, and of what is
/// key and signature by one identifier.
macro_rules! pairs {
    (
        keys { $($key:ident: $($signature:ident)+;)* }
        curves { $($curve:ident: $($ecdsa:ident)+;)* }
        #[$cfg:meta] both { $($both:ident)* }
    ) => {
        &[
            $($(SupportedPair::new(known::$key, known::$signature),)+)*
            $($(SupportedPair::on_curve(known::EC_PUBLIC_KEY, known::$curve, known::$ecdsa),)+)*
            $(#[$cfg] SupportedPair::new(known::$both, known::$both),)*
        ]
    };
}

const SUPPORTED: &[SupportedPair] = pairs! {
    keys {
        RSA_ENCRYPTION: SHA1_WITH_RSA SHA256_WITH_RSA SHA384_WITH_RSA SHA512_WITH_RSA RSASSA_PSS;
        RSASSA_PSS: RSASSA_PSS;
        ED25519: ED25519;
    }
    curves {
        SECP256R1: ECDSA_WITH_SHA1 ECDSA_WITH_SHA256 ECDSA_WITH_SHA384 ECDSA_WITH_SHA512;
        SECP384R1: ECDSA_WITH_SHA1 ECDSA_WITH_SHA256 ECDSA_WITH_SHA384 ECDSA_WITH_SHA512;
        SECP521R1: ECDSA_WITH_SHA1 ECDSA_WITH_SHA256 ECDSA_WITH_SHA384 ECDSA_WITH_SHA512;
    }
    #[cfg(feature = "ml-dsa")]
    both { ML_DSA_44 ML_DSA_65 ML_DSA_87 }
};

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use portcullis_testkit::der::{oid, tlv};
    use portcullis_testkit::parts::{algorithm, spki};
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::algorithm::SignatureAlgorithm;
    use crate::oid::Oid;

    fn prepare(der: &[u8]) -> Result<Arc<dyn PreparedKey>, KeyError> {
        RustCrypto.prepare(&SubjectPublicKeyInfo::from_der(der).unwrap(), None)
    }

    #[test]
    fn what_it_lists_is_known() {
        for pair in RustCrypto.supported() {
            assert!(KeyAlgorithm::from_oid(Oid::from(&pair.key)).is_some());
            assert!(SignatureAlgorithm::from_oid(Oid::from(&pair.signature)).is_some());
        }
    }

    /// Go CVE-2025-58188: a DSA key in the chain made the verifier panic.
    #[test]
    fn an_unsupported_key_is_a_typed_error() {
        for text in [
            "1.2.840.10040.4.1",       // DSA
            "1.3.101.113",             // Ed448
            "1.3.101.110",             // X25519
            "1.2.840.10046.2.1",       // Diffie-Hellman
            "1.2.643.7.1.1.1.1",       // GOST
            "2.16.840.1.101.3.4.3.20", // SLH-DSA
        ] {
            let der = spki(&algorithm(text, Some(&[0x30, 0])), &[2, 1, 1]);
            assert_eq!(
                prepare(&der).err(),
                Some(KeyError::UnsupportedAlgorithm),
                "{text}"
            );
        }
    }

    fn any_key() -> impl Strategy<Value = Vec<u8>> {
        let algorithms = prop::sample::select(&[
            "1.2.840.113549.1.1.1",
            "1.2.840.113549.1.1.10",
            "1.2.840.10045.2.1",
            "1.3.101.112",
            "2.16.840.1.101.3.4.3.17",
        ]);
        let parameters = prop_oneof![
            Just(None),
            Just(Some(alloc::vec![5, 0])),
            Just(Some(oid("1.2.840.10045.3.1.7"))),
            Just(Some(tlv(0x30, &[]))),
        ];
        let integer = proptest::collection::vec(any::<u8>(), 0..80);
        let key = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..70),
            (integer.clone(), integer)
                .prop_map(|(n, e)| tlv(0x30, &[tlv(2, &n), tlv(2, &e)].concat())),
        ];
        (algorithms, parameters, key)
            .prop_map(|(text, parameters, key)| spki(&algorithm(text, parameters.as_deref()), &key))
    }

    proptest! {
        #[test]
        fn no_key_panics(der in any_key(), signature in proptest::collection::vec(any::<u8>(), 0..90)) {
            if let Ok(key) = prepare(&der) {
                for text in ["1.2.840.113549.1.1.5", "1.2.840.10045.4.3.2", "1.3.101.112"] {
                    let identifier = algorithm(text, None);
                    let identifier = AlgorithmIdentifier::from_der(&identifier).unwrap();
                    prop_assert!(key.verify(&identifier, b"message", &signature).is_err());
                }
            }
        }
    }
}
