//! The keys of a store's anchors, prepared once for all validations.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::anchor::TrustAnchor;
use super::store::TrustStore;
use crate::crypto::{KeyError, PreparedKey, Provider};

/// The keys of a store's anchors, decoded once.
pub(crate) struct AnchorKeys(Vec<Result<Arc<dyn PreparedKey>, KeyError>>);

impl AnchorKeys {
    pub(crate) fn prepare(provider: &dyn Provider, store: &TrustStore) -> Self {
        let anchors = store.anchors().iter();
        Self(
            anchors
                .map(|anchor| {
                    let key = provider.prepare(&anchor.public_key(), None)?;
                    key.keep();
                    Ok(key)
                })
                .collect(),
        )
    }

    pub(crate) fn get(&self, index: usize) -> Result<&dyn PreparedKey, KeyError> {
        match self.0.get(index) {
            Some(Ok(key)) => Ok(&**key),
            Some(Err(error)) => Err(*error),
            None => Err(KeyError::Malformed),
        }
    }

    /// Did the key of the anchor at this place make the signature of its certificate? Where subject
    /// and issuer are one name that is not looked into, since it would cost a signature for
    /// every root.
    pub(crate) fn signs_itself(&self, index: usize, anchor: &TrustAnchor) -> bool {
        let Some(certificate) = anchor.certificate() else {
            return false;
        };
        let by_own_key = |key: &dyn PreparedKey| {
            let algorithm = certificate.signature_algorithm();
            key.verify(&algorithm, certificate.tbs(), certificate.signature())
        };
        certificate.is_self_issued() || self.get(index).is_ok_and(|key| by_own_key(key).is_ok())
    }
}

debug! { impl[] AnchorKeys: "AnchorKeys", |self| "count": self.0.len() }

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::certificate::Certificate;
    use crate::certificate::testing::{Parts, common_name, sequence, tlv};
    use crate::crypto::RustCrypto;

    /// Does an anchor of the first key, signed by the second, count as signed by itself?
    fn signs_itself(key: &SigningKey, signer: &SigningKey, edit: impl FnOnce(&mut Parts)) -> bool {
        let mut parts = Parts::default();
        let bits = [&[0][..], key.verifying_key().as_bytes()].concat();
        parts.spki = sequence(&[parts.inner_algorithm.clone(), tlv(3, &bits)]);
        edit(&mut parts);
        let signature = signer.sign(&parts.tbs()).to_bytes();
        parts.signature = tlv(3, &[&[0][..], &signature].concat());
        let certificate = Certificate::from_der(&parts.der()).unwrap();
        let store = TrustStore::anchoring_each([certificate]);
        AnchorKeys::prepare(&RustCrypto, &store).signs_itself(0, &store.anchors()[0])
    }

    #[test]
    fn an_anchor_signs_itself_by_key_or_by_name() {
        let [own, other] = [[1; 32], [2; 32]].map(|seed| SigningKey::from_bytes(&seed));
        assert!(signs_itself(&own, &own, |_| ()));
        assert!(!signs_itself(&own, &other, |_| ()));
        let one_name = |parts: &mut Parts| parts.issuer = common_name("subject");
        assert!(signs_itself(&own, &other, one_name));
    }
}
