//! Seals for verdicts that leave the process: HMAC-SHA-256 (RFC 2104) with a key of the caller's.
//!
//! A sealed verdict consists of a version, the times at which it was made and ends, the record, and
//! the seal. The seal covers all of this and the subject: the library's version and rules, the
//! digest of the validator, the caller's scope (namespace and expected names) and the leaf. So a
//! verdict that was changed, truncated, moved to another client, or sealed with another key is
//! refused before any of it is decoded. The comparison takes constant time.
//!
//! The name in the store is a hash with a second key, which reveals neither the leaf nor the
//! namespace. Anyone who reads the store still sees the issuers of each client in the clear, when
//! it was accepted and until when, and that the same client returned. If that is too much, the
//! store needs its own encryption.
//!
//! Both keys are derived from the caller's secret (as in RFC 5869). Anyone who has the secret can
//! let any client in, so protect it like a private key. An intruder who can only write to the store
//! can put back sealed verdicts that have not ended, and nothing else. A server whose clock is
//! ahead seals verdicts that become valid only at that time; a new secret ends them.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::authentic::Authentic;
use super::prepared::PreparedOptions;
use super::record;
use super::verdict::Accepted;
use crate::certificate::Certificate;
use crate::path::PeerName;
use crate::table::errors;
use crate::time::Time;

/// The version of the form.
const VERSION: u8 = 1;

/// Different versions of the library do not share verdicts: one may accept what the other has
/// fixed.
const LABEL: &[u8] = concat!("portcullis ", env!("CARGO_PKG_VERSION"), " verdict").as_bytes();

/// Nor do different states of the library between releases. Raise this with every fix that rejects
/// certificates which were accepted before.
const RULES: u32 = 2;

/// Version, and two times.
const HEAD: usize = 1 + 8 + 8;
const SEAL: usize = 32;

/// The maximum size of a sealed verdict in bytes. Typical paths take a few thousand.
pub const MAX_SEALED: usize = 256 * 1024;

/// The minimum size of a secret in bytes.
const MIN_SECRET: usize = 32;

/// A secret for sealing verdicts, known to all servers that share them.
#[derive(Clone)]
pub struct SealingKey {
    seal: [u8; 32],
    name: [u8; 32],
}

error! {
    /// The secret is too short. It needs at least 32 bytes from a good source of randomness.
    pub struct ShortSecret {} => "the secret has fewer than {MIN_SECRET} bytes"
}

errors! {
    /// Why a verdict could not be sealed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum SealError {
        /// It would exceed [`MAX_SEALED`] bytes.
        TooLong => "the verdict is too long to be shared";
        /// A part of it has no byte form.
        Unwritable => "the verdict has a part that cannot be written";
        /// It has ended, or the options do not allow caching it.
        Ended => "the verdict has ended";
        /// It is for another leaf than the key's, by another validator, or was not checked for the
        /// names that the key expects.
        OtherKey => "the verdict does not belong to this key";
    }
}

errors! {
    /// Why a sealed verdict was refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum OpenError {
        /// It is shorter or longer than any sealed verdict.
        Length => "no sealed verdict has this length";
        /// Its version is unknown.
        Version(version: u8) => "version {version} is unknown";
        /// The seal is invalid: the verdict was changed or truncated, is for another client or
        /// validator, or was sealed with another secret.
        Seal => "the seal is invalid";
        /// The seal is valid, but the content cannot be decoded.
        Malformed => "the seal is valid, but the content is not a verdict";
        /// The requested leaf is not a certificate.
        Leaf => "the leaf is not a certificate";
        /// It was made later than now: clocks differ.
        Early {
            /// When it was made.
            made: Time,
        } => "the verdict was made later than now, at {made}";
        /// It has ended.
        Ended {
            /// When it ended.
            until: Time,
        } => "the verdict ended at {until}";
        /// The available evidence revokes a certificate of its path. The server that sealed it did
        /// not know that.
        Revoked => "a certificate that the verdict depends on is known to be revoked";
    }
}

/// What a sealed verdict is bound to.
pub(crate) struct Subject<'a> {
    pub(super) validator: &'a Arc<PreparedOptions>,
    /// A hash of everything else that the verdict is bound to.
    pub(super) scope: [u8; 32],
    pub(super) expected: &'a [PeerName],
    /// SHA-256 of the leaf.
    pub(super) leaf: [u8; 32],
}

impl Subject<'_> {
    /// Starts an authentication code over it. Each part has a fixed length.
    fn code(&self, key: &[u8; 32]) -> Hmac<Sha256> {
        let mut code = keyed(key);
        code.update(LABEL);
        code.update(&RULES.to_be_bytes());
        code.update(&self.scope);
        code.update(&self.validator.digest);
        code.update(&self.leaf);
        code
    }
}

/// A verdict whose seal was verified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenedVerdict {
    /// The verdict.
    pub accepted: Accepted,
    /// When it was made.
    pub made: Time,
    /// When it ends.
    pub until: Time,
}

impl SealingKey {
    /// Derives the keys from a secret of at least 32 random bytes. Do not use a password.
    ///
    /// # Errors
    /// If the secret is shorter.
    pub fn new(secret: &[u8]) -> Result<Self, ShortSecret> {
        if secret.len() < MIN_SECRET {
            return Err(ShortSecret {});
        }
        let mut extract = keyed(&[0; 32]);
        extract.update(secret);
        let extracted = extract.finalize().into_bytes().into();
        let expand = |purpose: &[u8]| {
            let mut expand = keyed(&extracted);
            expand.update(purpose);
            expand.finalize().into_bytes().into()
        };
        Ok(Self {
            seal: expand(b"portcullis verdict seal\x01"),
            name: expand(b"portcullis verdict name\x01"),
        })
    }

    /// The name of a verdict in a store.
    pub(crate) fn name(&self, subject: &Subject<'_>) -> [u8; 32] {
        subject.code(&self.name).finalize().into_bytes().into()
    }

    /// Seals a verdict.
    pub(crate) fn seal(
        &self,
        subject: &Subject<'_>,
        accepted: &Accepted,
        (made, until): (Time, Time),
    ) -> Result<Vec<u8>, SealError> {
        let is_of = accepted.digest() == subject.validator.digest
            && accepted.expected() == subject.expected;
        if !is_of || accepted.leaf().sha256_thumbprint() != subject.leaf {
            return Err(SealError::OtherKey);
        }
        let mut sealed = Vec::from([VERSION]);
        sealed.extend(made.unix().to_be_bytes());
        sealed.extend(until.unix().to_be_bytes());
        record::write(accepted, &mut sealed).ok_or(SealError::Unwritable)?;
        if sealed.len() + SEAL > MAX_SEALED {
            return Err(SealError::TooLong);
        }
        let mut code = subject.code(&self.seal);
        code.update(&sealed);
        sealed.extend(code.finalize().into_bytes());
        Ok(sealed)
    }

    /// The verdict for this leaf, if the seal is valid.
    pub(crate) fn open(
        &self,
        subject: &Subject<'_>,
        leaf: impl FnOnce() -> Option<Certificate>,
        sealed: &[u8],
    ) -> Result<OpenedVerdict, OpenError> {
        if sealed.len() > MAX_SEALED {
            return Err(OpenError::Length);
        }
        let (content, seal) = sealed.split_last_chunk::<SEAL>().ok_or(OpenError::Length)?;
        let head = content.first_chunk::<HEAD>().ok_or(OpenError::Length)?;
        let [version, times @ ..] = head;
        if *version != VERSION {
            return Err(OpenError::Version(*version));
        }
        let content = Authentic::verify(subject.code(&self.seal), content, seal);
        let record = content.ok_or(OpenError::Seal)?.after(HEAD);
        let leaf = leaf().ok_or(OpenError::Leaf)?;
        if leaf.sha256_thumbprint() != subject.leaf {
            return Err(OpenError::Leaf);
        }
        let accepted = record::read(subject.validator, (leaf, subject.expected), record);
        let time = |octets: Option<&[u8; 8]>| {
            let octets = octets.ok_or(OpenError::Malformed)?;
            Ok(Time::from_unix(i64::from_be_bytes(*octets)))
        };
        Ok(OpenedVerdict {
            accepted: accepted.ok_or(OpenError::Malformed)?,
            made: time(times.first_chunk())?,
            until: time(times.last_chunk())?,
        })
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

/// HMAC with a key of 32 bytes, padded to a block with zeros.
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    if let Some(start) = block.first_chunk_mut() {
        *start = *key;
    }
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    /// RFC 4231 section 4.2, whose key is padded in the same way.
    #[test]
    fn codes_are_those_of_the_standard() {
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let mut code = keyed(&key);
        code.update(b"Hi There");
        let code: [u8; 32] = code.finalize().into_bytes().into();
        assert_eq!(code[..4], [0xb0, 0x34, 0x4c, 0x61]);
        assert_eq!(code[28..], [0x2e, 0x32, 0xcf, 0xf7]);
    }

    #[test]
    fn a_secret_is_long_and_not_shown() {
        assert_eq!(SealingKey::new(&[1; 31]).err(), Some(ShortSecret {}));
        let key = SealingKey::new(&[1; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "SealingKey(..)");
        assert_ne!(key.seal, key.name);
        let longer = SealingKey::new(&[1; 33]).unwrap();
        assert_ne!(key.seal, longer.seal);
    }
}
