//! Signatures without keys: the bytes decide whether a signature holds.
//!
//! A forged certificate names its key and its signer by one octet each, and its signature holds if
//! they agree. The certificates of the test data have real keys and signatures. There a hash of
//! both decides, so that signatures hold always, often or seldom.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::{KeyError, PreparedKey, Provider, SignatureError, SupportedPair};

use crate::forge;

/// The provider.
#[derive(Clone, Copy, Debug)]
pub struct Stub {
    /// How many of 256 real signatures do not hold.
    pub refused: u8,
}

struct Key {
    stub: Stub,
    spki: Vec<u8>,
    forged: Option<u8>,
}

impl Provider for Stub {
    fn supported(&self) -> &[SupportedPair] {
        &[]
    }

    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        _inherited: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        let forged = forge::key_of(key.key_bits());
        if forged == Some(forge::UNUSABLE_KEY) {
            return Err(KeyError::Malformed);
        }
        Ok(Arc::new(Key {
            stub: *self,
            spki: key.as_der().to_vec(),
            forged,
        }))
    }
}

impl PreparedKey for Key {
    fn verify(
        &self,
        _algorithm: &AlgorithmIdentifier<'_>,
        _message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let holds = match (self.forged, forge::signer_of(signature)) {
            (Some(key), Some(signer)) => key == signer,
            (None, None) => {
                let mut hasher = DefaultHasher::new();
                (&self.spki, signature).hash(&mut hasher);
                (hasher.finish() & 0xff) as u8 >= self.stub.refused
            }
            _ => false,
        };
        if holds {
            Ok(())
        } else {
            Err(SignatureError::Invalid)
        }
    }
}
