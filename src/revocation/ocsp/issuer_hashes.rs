//! The digests by which `CertID`s name an issuer, each computed when it is first asked for.

use core::cell::OnceCell;

use super::cert_id::{CertIdHash, Digest};
use crate::certificate::{Name, SubjectPublicKeyInfo};

/// An issuer's name and key, and their digests as far as they were needed.
///
/// One of these serves all statements of all responses about the certificates of one issuer: each hash is computed at most
/// once.
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
    /// Of an issuer with this name (as the `issuer` of the certificate in question has it: RFC 6960 section 4.1.1) and key.
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
