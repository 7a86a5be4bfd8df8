//! Stubs of signatures, so that a day of validations costs little.

use std::sync::Arc;

use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::{KeyError, PreparedKey, Provider, SignatureError, SupportedPair};
use portcullis_testkit::keys::is_mark;

#[derive(Debug)]
pub struct Marks;

struct Mark(Vec<u8>);

impl Provider for Marks {
    fn supported(&self) -> &[SupportedPair] {
        &[]
    }

    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        _: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        Ok(Arc::new(Mark(key.key_bits().to_vec())))
    }
}

impl PreparedKey for Mark {
    fn verify(
        &self,
        _: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        match is_mark(&self.0, message, signature) {
            true => Ok(()),
            false => Err(SignatureError::Invalid),
        }
    }
}
