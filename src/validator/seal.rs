//! Seals on verdicts that leave the process: HMAC-SHA-256 (RFC 2104) under a key of the caller's.
//!
//! A sealed verdict is a version, when it was made, until when it holds, the record, and the seal.
//! The seal covers all of it and what it is about: the library's version and rules, the digest of
//! the validator, the caller's scope (namespace and expected names) and the leaf. So a verdict that
//! was changed, cut, moved to another client, or sealed by somebody else is refused before a single
//! octet of it is decoded; the comparison takes the same time wherever they differ.
//!
//! What is asked for in the store is a hash under a second key: it tells neither the leaf nor the
//! namespace. Anybody who reads the store still sees the issuers of each client in the clear, when
//! it was accepted and until when, and that the same client comes again. Where this is too much,
//! the store needs encryption of its own.
//!
//! Both keys follow from the caller's secret (as in RFC 5869). Anybody who has the secret
//! can let anyone in, so it belongs where the private keys are. An intruder who can only write to
//! the store can put back what was sealed and has not ended, and nothing else. A server whose clock
//! is ahead seals verdicts that begin to hold when that time comes; a new secret ends them.

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

/// Two versions of the library share no verdicts: what one has mended the other may still let in.
const LABEL: &[u8] = concat!("portcullis ", env!("CARGO_PKG_VERSION"), " verdict").as_bytes();

/// Two states of the library between releases share none either: raise it with every fix
/// that rejects a certificate which was accepted before.
const RULES: u32 = 2;

/// Version, and two times.
const HEAD: usize = 1 + 8 + 8;
const SEAL: usize = 32;

/// Most octets of a sealed verdict: a path of usual certificates takes a few thousand.
pub const MAX_SEALED: usize = 256 * 1024;

/// Fewest octets of a secret.
const MIN_SECRET: usize = 32;

/// A secret that seals verdicts, shared by the servers that share them.
#[derive(Clone)]
pub struct SealingKey {
    seal: [u8; 32],
    name: [u8; 32],
}

error! {
    /// A secret that is too short: 32 octets at least, from a good source of randomness.
    pub struct ShortSecret {} => "the secret has fewer than {MIN_SECRET} octets"
}

errors! {
    /// Why a verdict was not sealed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum SealError {
        /// It would take more than [`MAX_SEALED`] octets.
        TooLong => "the verdict is too long to be shared";
        /// It has a part that the form does not provide for.
        Unwritable => "the verdict has a part that cannot be written";
        /// It has ended, or is not to be remembered at all.
        Ended => "the verdict does not hold any longer";
        /// It is about another leaf than the key, of another validator, or was not checked for the
        /// names that the key expects.
        OtherKey => "the verdict is not one of this key";
    }
}

errors! {
    /// Why a sealed verdict was refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum OpenError {
        /// It is shorter or longer than any.
        Length => "no sealed verdict has this length";
        /// It has another version than this library writes.
        Version(version: u8) => "version {version} of the form is not known";
        /// The seal does not hold: it was changed or cut, is about another client or validator, or
        /// was sealed by another secret.
        Seal => "the seal does not hold";
        /// The seal holds, and yet it does not decode.
        Malformed => "the seal holds, and what it covers is no verdict";
        /// The leaf that it is asked for is not a certificate.
        Leaf => "the leaf is not a certificate";
        /// It is from later than now: clocks differ.
        Early {
            /// When it was made.
            made: Time,
        } => "it was made later than now, {made}";
        /// It holds no longer.
        Ended {
            /// When it ended.
            until: Time,
        } => "it held until {until}";
        /// The evidence at hand revokes a certificate of its path: who sealed it did not know that.
        Revoked => "a certificate that it rests on is known to be revoked";
    }
}

/// What a verdict is about.
pub(crate) struct Subject<'a> {
    pub(super) validator: &'a Arc<PreparedOptions>,
    /// A hash of everything else that the verdict is bound to.
    pub(super) scope: [u8; 32],
    pub(super) expected: &'a [PeerName],
    /// SHA-256 of the leaf.
    pub(super) leaf: [u8; 32],
}

impl Subject<'_> {
    /// Begins a code over it: each part has a fixed length.
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
    /// From a secret of 32 octets or more that nobody can guess: random ones, not a password.
    ///
    /// # Errors
    /// When it is shorter.
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

    /// Under which a verdict stands in a store.
    pub(crate) fn name(&self, subject: &Subject<'_>) -> [u8; 32] {
        subject.code(&self.name).finalize().into_bytes().into()
    }

    /// A verdict as bytes.
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

    /// The verdict about this leaf, if the seal holds.
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

/// HMAC under a key of 32 octets, which zeros fill up to a block.
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

    /// RFC 4231 section 4.2, whose key is filled up in the same way.
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
