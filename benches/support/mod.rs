//! Signatures that cost nothing, so that the validator's own work is measured.

use std::sync::Arc;

use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::{KeyError, NoMemo, PreparedKey, Provider, SignatureError, SupportedPair};
use portcullis::revocation::{RevocationFlag, RevocationMode};
use portcullis::{Time, TrustMode, TrustStore, Validator, ValidatorBuilder};

/// All signatures hold, or none does.
#[derive(Clone, Copy, Debug)]
pub enum Signatures {
    Hold,
    #[allow(dead_code, reason = "not every benchmark rejects")]
    Fail,
}

impl Provider for Signatures {
    fn supported(&self) -> &[SupportedPair] {
        &[]
    }

    fn prepare(
        &self,
        _: &SubjectPublicKeyInfo<'_>,
        _: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        Ok(Arc::new(*self))
    }
}

impl PreparedKey for Signatures {
    fn verify(
        &self,
        _: &AlgorithmIdentifier<'_>,
        _: &[u8],
        _: &[u8],
    ) -> Result<(), SignatureError> {
        match self {
            Self::Hold => Ok(()),
            Self::Fail => Err(SignatureError::Invalid),
        }
    }
}

/// A validator for any purpose, without a memo.
pub fn validator(roots: &[u8], signatures: Signatures) -> ValidatorBuilder {
    let store = TrustStore::from_pem(roots).expect("testdata parses");
    Validator::builder(TrustMode::CustomRootTrust(store))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .provider(Arc::new(signatures))
        .memo(Arc::new(NoMemo))
}

/// A time at which the certificates of `testdata/` are valid.
pub fn now() -> Time {
    Time::from_unix(1_767_225_600)
}
