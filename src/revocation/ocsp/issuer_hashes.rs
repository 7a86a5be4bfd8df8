//! The digests by which `CertID`s name an issuer, each computed when it is first asked for.

use core::cell::OnceCell;

use super::cert_id::{CertIdHash, Digest};
use crate::certificate::{Name, SubjectPublicKeyInfo};

/// An issuer's name and key, and their digests as far as they were needed.
///
/// One of these serves all statements of all responses about the certificates of one issuer: each
/// hash is computed at most once.
#[derive(Clone, Debug)]
pub struct IssuerHashes<'a> {
    name: &'a [u8],
    key: &'a [u8],
    digests: [OnceCell<Pair>; CertIdHash::COUNT],
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    name: Digest,
    key: Digest,
}

impl<'a> IssuerHashes<'a> {
    /// Of an issuer with this name (as the `issuer` of the certificate in question has it: RFC 6960
    /// section 4.1.1) and key.
    #[must_use]
    pub fn new(name: &Name<'a>, key: &SubjectPublicKeyInfo<'a>) -> Self {
        Self {
            name: name.as_der(),
            key: key.key_bits(),
            digests: [const { OnceCell::new() }; CertIdHash::COUNT],
        }
    }

    /// `issuerNameHash`
    #[must_use]
    pub fn name_hash(&self, hash: CertIdHash) -> &[u8] {
        self.pair(hash).map_or(&[], |pair| pair.name.as_bytes())
    }

    /// `issuerKeyHash`
    #[must_use]
    pub fn key_hash(&self, hash: CertIdHash) -> &[u8] {
        self.pair(hash).map_or(&[], |pair| pair.key.as_bytes())
    }

    fn pair(&self, hash: CertIdHash) -> Option<&Pair> {
        let digests = self.digests.get(hash as usize)?;
        Some(digests.get_or_init(|| Pair {
            name: hash.digest(self.name),
            key: hash.digest(self.key),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::testing::Parts;
    use crate::certificate::{Certificate, sha1, sha256};

    #[test]
    fn of_the_whole_name_and_of_the_bits_of_the_key() {
        let certificate = Certificate::from_der(&Parts::default().der()).unwrap();
        let (name, key) = (certificate.issuer(), certificate.public_key());
        let issuer = IssuerHashes::new(&name, &key);
        assert_eq!(issuer.name_hash(CertIdHash::Sha1), sha1(name.as_der()));
        assert_eq!(issuer.key_hash(CertIdHash::Sha1), sha1(&[7; 32]));
        assert_eq!(issuer.name_hash(CertIdHash::Sha256), sha256(name.as_der()));
        assert_eq!(issuer.key_hash(CertIdHash::Sha256), sha256(&[7; 32]));
        assert_eq!(issuer.key_hash(CertIdHash::Sha384).len(), 48);
        assert_eq!(issuer.key_hash(CertIdHash::Sha512).len(), 64);
    }

    #[test]
    fn computed_once_and_when_asked_for() {
        let certificate = Certificate::from_der(&Parts::default().der()).unwrap();
        let (name, key) = (certificate.issuer(), certificate.public_key());
        let issuer = IssuerHashes::new(&name, &key);
        let computed = |issuer: &IssuerHashes<'_>| {
            let digests = issuer.digests.iter();
            digests.filter(|pair| pair.get().is_some()).count()
        };
        assert_eq!(computed(&issuer), 0);
        let first = issuer.name_hash(CertIdHash::Sha256).as_ptr();
        assert_eq!(issuer.name_hash(CertIdHash::Sha256).as_ptr(), first);
        assert_eq!(computed(&issuer), 1);
        assert_eq!(computed(&issuer.clone()), 1);
    }
}
