//! The default provider: signatures are verified by arithmetic of this crate's own.
//!
//! | algorithm | computed by |
//! |---|---|
//! | ECDSA on P-256 | a field, points and tables of this crate |
//! | ECDSA on P-384 | the same points and tables over the field of fiat-crypto |
//! | RSA, PKCS #1 v1.5 and PSS | crypto-bigint's Montgomery forms; encodings compared here |
//! | ECDSA on P-521, Ed25519, ML-DSA | RustCrypto |
//!
//! It only verifies: all that it computes with is public, so its time may depend on the values.
//! Nothing here may ever see a private key.

mod ecdsa;
mod field;
mod generators;
mod kept;
mod p256_field;
mod p384_field;
mod point;
mod rsa;
mod table;
mod word;

use alloc::sync::Arc;

use super::algorithm::KeyAlgorithm;
use super::provider::{KeyError, PreparedKey, Provider, SupportedPair};
use super::rsa_key;
use super::rustcrypto::RustCrypto;
use crate::certificate::SubjectPublicKeyInfo;

/// The provider of this crate's own, for verification only. The default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Native;

impl Provider for Native {
    fn supported(&self) -> &[SupportedPair] {
        RustCrypto.supported()
    }

    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        inherited: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        match KeyAlgorithm::from_oid(key.algorithm().oid()) {
            Some(KeyAlgorithm::Ec) => ecdsa::prepare(key),
            Some(KeyAlgorithm::Rsa) => rsa_key::prepare::<rsa::Key>(key),
            Some(KeyAlgorithm::RsaPss) => rsa_key::prepare_pss::<rsa::Key>(key),
            _ => RustCrypto.prepare(key, inherited),
        }
    }
}
