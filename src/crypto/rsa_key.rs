//! RSA keys and signatures (RFC 8017, RFC 4055), but for the arithmetic, which each provider has
//! its own: what a key is, what it may verify, what parameters say.
//!
//! The parameters of a PKCS #1 v1.5 signature are NULL, or absent, which RFC 4055 section 5 tells
//! verifiers to accept too; those of a key are NULL.
//!
//! PSS parameters must be there (CVE-2015-3194), and the mask be made with the hash of the message;
//! a salt may have any length, also none (RFC 4055 section 3.1). What a key for PSS alone says
//! about itself must agree with them (section 3.3).
//!
//! Verification costs the square of the modulus' length, so lengths end at 8,192 bits, where other
//! verifiers end too; the exponent ends below 2^33 for the same reason.

use alloc::sync::Arc;

use super::algorithm::{HashAlgorithm, NULL, SignatureAlgorithm};
use super::integers::{self, magnitude};
use super::key_shape::modulus_bits;
use super::provider::{KeyError, PreparedKey, SignatureError};
use super::pss::PssParameters;
use super::signed::{Signed, Verify, ready, with_hash};
use crate::certificate::SubjectPublicKeyInfo;

/// Below this no SHA-256 signature fits, and a key can be factored over lunch.
const MIN_MODULUS_BITS: u32 = 512;
const MAX_MODULUS_BITS: u32 = 8192;
const MAX_EXPONENT_BITS: u32 = 33;

/// The numbers of a key, within the limits: odd, of bounded length.
pub(super) struct RsaNumbers<'a> {
    /// Big-endian, without zeros in front.
    pub(super) modulus: &'a [u8],
    pub(super) exponent: u64,
}

/// A key that a provider computes with.
pub(super) trait RsaKey: Sized + Send + Sync + 'static {
    fn new(numbers: &RsaNumbers<'_>) -> Option<Self>;

    /// Is this a PKCS #1 v1.5 signature of a hash? It is as long as the modulus.
    fn verify_pkcs1(&self, hash: HashAlgorithm, hashed: &[u8], signature: &[u8]) -> bool;

    /// Is this a PSS signature of a hash, with a salt of this length? It is as long as the modulus.
    fn verify_pss(
        &self,
        hash: HashAlgorithm,
        salt_length: usize,
        hashed: &[u8],
        signature: &[u8],
    ) -> bool;
}

/// What a key may be used for.
enum Usage {
    Any,
    /// PSS alone, within these bounds, where the key has some.
    Pss(Option<PssParameters>),
}

struct Key<K> {
    key: K,
    octets: usize,
    usage: Usage,
}

/// An `rsaEncryption` key. Its parameters are NULL (RFC 4055 section 1.2); there are none that it
/// could inherit.
pub(super) fn prepare<K: RsaKey>(
    key: &SubjectPublicKeyInfo<'_>,
) -> Result<Arc<dyn PreparedKey>, KeyError> {
    if key.algorithm().parameters() != Some(NULL) {
        return Err(KeyError::BadParameters);
    }
    usable::<K>(key, Usage::Any)
}

/// An `id-RSASSA-PSS` key: its parameters, if any, bind its signatures.
pub(super) fn prepare_pss<K: RsaKey>(
    key: &SubjectPublicKeyInfo<'_>,
) -> Result<Arc<dyn PreparedKey>, KeyError> {
    let bound = match key.algorithm().parameters() {
        None => None,
        Some(der) => Some(readable(der).ok_or(KeyError::BadParameters)?),
    };
    usable::<K>(key, Usage::Pss(bound))
}

fn usable<K: RsaKey>(
    key: &SubjectPublicKeyInfo<'_>,
    usage: Usage,
) -> Result<Arc<dyn PreparedKey>, KeyError> {
    let numbers = RsaNumbers::read(key.key_bits())?;
    Ok(ready(Key {
        key: K::new(&numbers).ok_or(KeyError::OutOfRange)?,
        octets: numbers.modulus.len(),
        usage,
    }))
}

impl<'a> RsaNumbers<'a> {
    /// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 appendix
    /// A.1.1).
    fn read(bits: &'a [u8]) -> Result<Self, KeyError> {
        let [modulus, exponent] = integers::pair(bits).ok_or(KeyError::Malformed)?;
        let modulus = positive(modulus).ok_or(KeyError::Malformed)?;
        let exponent = positive(exponent).ok_or(KeyError::Malformed)?;
        // Before any arithmetic: the cost of what follows depends on these lengths.
        let modulus_bits = modulus_bits(bits).unwrap_or(0);
        if !(MIN_MODULUS_BITS..=MAX_MODULUS_BITS).contains(&modulus_bits) || exponent.len() > 8 {
            return Err(KeyError::OutOfRange);
        }
        let exponent = exponent
            .iter()
            .fold(0, |value, &octet| value << 8 | u64::from(octet));
        if exponent < 3 || exponent >> MAX_EXPONENT_BITS != 0 {
            return Err(KeyError::OutOfRange);
        }
        if exponent % 2 == 0 || modulus.last().is_none_or(|last| last % 2 == 0) {
            return Err(KeyError::Malformed);
        }
        Ok(Self { modulus, exponent })
    }
}

/// Parameters that can be computed with.
fn readable(der: &[u8]) -> Option<PssParameters> {
    PssParameters::from_der(der).filter(PssParameters::has_one_hash)
}

fn positive(integer: &[u8]) -> Option<&[u8]> {
    magnitude(integer).filter(|magnitude| !magnitude.is_empty())
}

impl<K: RsaKey> Verify for Key<K> {
    fn verify(&self, signed: &Signed<'_>) -> Result<(), SignatureError> {
        let (hash, salt) = match (signed.algorithm, &self.usage) {
            (SignatureAlgorithm::RsaPkcs1(hash), Usage::Any) => {
                signed.with_null_at_most()?;
                (hash, None)
            }
            (SignatureAlgorithm::RsaPss, _) => {
                let parameters = self.usage.pss_parameters(signed)?;
                // Parameters end at 32,767.
                (parameters.hash, Some(parameters.salt_len as usize))
            }
            _ => return Err(SignatureError::AlgorithmKeyMismatch),
        };
        // RFC 8017 sections 8.1.2 and 8.2.2, step 1.
        if signed.signature.len() != self.octets {
            return Err(SignatureError::Malformed);
        }
        let holds = with_hash!(hash, D => {
            let hashed = <D as sha2::Digest>::digest(signed.message);
            match salt {
                None => self.key.verify_pkcs1(hash, &hashed, signed.signature),
                Some(salt) => self.key.verify_pss(hash, salt, &hashed, signed.signature),
            }
        });
        match holds {
            true => Ok(()),
            false => Err(SignatureError::Invalid),
        }
    }
}

impl Usage {
    /// The parameters of a PSS signature, where they agree with the key's: the same hash, and a
    /// salt that is not shorter.
    fn pss_parameters(&self, signed: &Signed<'_>) -> Result<PssParameters, SignatureError> {
        let parameters = signed.parameters.and_then(readable);
        let parameters = parameters.filter(|parameters| match self {
            Self::Pss(Some(bound)) => {
                bound.hash == parameters.hash && bound.salt_len <= parameters.salt_len
            }
            _ => true,
        });
        parameters.ok_or(SignatureError::BadParameters)
    }
}

#[cfg(test)]
mod testing;
