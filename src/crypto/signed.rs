//! What the providers of this crate share: a signature whose algorithm is known, and a key that
//! verifies it.

use alloc::sync::Arc;

use super::algorithm::{NULL, SignatureAlgorithm};
use super::provider::{KeyError, PreparedKey, SignatureError};
use crate::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// What a key is asked to verify.
pub(super) struct Signed<'a> {
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) parameters: Option<&'a [u8]>,
    pub(super) message: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl Signed<'_> {
    /// Fails unless the algorithm has no parameters, as RFC 5758, RFC 8410 and RFC 9881 want it.
    pub(super) fn without_parameters(&self) -> Result<(), SignatureError> {
        match self.parameters {
            None => Ok(()),
            Some(_) => Err(SignatureError::BadParameters),
        }
    }

    /// As [`Signed::without_parameters`]; NULL counts as none.
    pub(super) fn with_null_at_most(&self) -> Result<(), SignatureError> {
        match self.parameters {
            Some(NULL) => Ok(()),
            _ => self.without_parameters(),
        }
    }
}

/// What verifies with a decoded key.
pub(super) trait Verify: Send + Sync {
    fn verify(&self, signed: &Signed<'_>) -> Result<(), SignatureError>;

    /// See [`PreparedKey::keep`].
    fn keep(&self) {}
}

impl<F: Fn(&Signed<'_>) -> Result<(), SignatureError> + Send + Sync> Verify for F {
    fn verify(&self, signed: &Signed<'_>) -> Result<(), SignatureError> {
        self(signed)
    }
}

struct Key<V>(V);

impl<V: Verify> PreparedKey for Key<V> {
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
        self.0.verify(&Signed {
            algorithm: known,
            parameters: algorithm.parameters(),
            message,
            signature,
        })
    }

    fn keep(&self) {
        self.0.keep();
    }
}

/// A key that is ready to verify.
pub(super) fn ready(key: impl Verify + 'static) -> Arc<dyn PreparedKey> {
    Arc::new(Key(key))
}

/// A key that verifies by this function.
pub(super) fn prepared(
    verify: impl Fn(&Signed<'_>) -> Result<(), SignatureError> + Send + Sync + 'static,
) -> Result<Arc<dyn PreparedKey>, KeyError> {
    Ok(ready(verify))
}

/// The octets of a key whose algorithm has no parameters.
pub(super) fn bits_without_parameters<'a>(
    key: &SubjectPublicKeyInfo<'a>,
) -> Result<&'a [u8], KeyError> {
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

pub(super) use with_hash;
