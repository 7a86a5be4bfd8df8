//! Verdicts that leave the process, for a store that servers share.
//!
//! Only accepted verdicts do. Anyone can make rejections, as many as there are certificates in the
//! world, and they are kept for seconds: sharing them would fill the store with junk and save
//! nothing. What the caller keeps with a verdict does not leave either: it is made anew from the
//! verdict.

use alloc::vec::Vec;
use core::iter;

use super::key::CacheKey;
use super::options::CacheOptions;
use crate::certificate::Certificate;
use crate::time::Time;
use crate::validator::{Accepted, OpenError, SealError, SealingKey, Unsealed};

/// The keys by which servers trust each other's verdicts.
///
/// ```
/// use portcullis::cache::{CacheKey, CacheOptions, OpenError, Sealing, SealingKey};
/// use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
/// use portcullis::{Presented, Time, TrustMode, TrustStore, Validator};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
///     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
///     .build()?;
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
///
/// // One server seals what it found out,
/// let sealing = Sealing::new(SealingKey::new(&[7; 32])?); // 32 octets from a vault, in earnest
/// let key = CacheKey::new(b"api", &validator, &presented);
/// let accepted = validator.validate(&presented, now, &NoFetcher)?;
/// let sealed = sealing.seal(&key, &accepted, now, &CacheOptions::default())?;
///
/// // another one reads it,
/// let opened = sealing.open(&key, &sealed.bytes, now)?;
/// assert_eq!(opened.accepted.not_after(), accepted.not_after());
///
/// // and for another namespace it is nothing.
/// let other = CacheKey::new(b"admin", &validator, &presented);
/// assert_eq!(sealing.open(&other, &sealed.bytes, now).err(), Some(OpenError::Seal));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Changing the key
///
/// Without asking for every client anew, each step on all servers before the next one begins:
///
/// ```
/// # use portcullis::cache::{Sealing, SealingKey};
/// # fn steps(old: SealingKey, new: SealingKey) -> [Sealing; 3] {
/// let first = Sealing::new(old.clone()).also_accepting(new.clone());
/// let then = Sealing::new(new.clone()).also_accepting(old);
/// let last = Sealing::new(new); // once the longest lifetime has passed
/// # [first, then, last]
/// # }
/// ```
///
/// To end all shared verdicts at once, change the key and accept no other.
#[derive(Clone, Debug)]
pub struct Sealing {
    current: SealingKey,
    other: Option<SealingKey>,
}

/// An accepted verdict as bytes that only the holders of a key can make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// Under which it is kept: a hash that tells no leaf to who has no key, and is the same each
    /// time.
    pub name: [u8; 32],
    /// The verdict.
    pub bytes: Vec<u8>,
    /// For how long it is to be kept.
    pub seconds: u32,
}

/// A verdict whose seal holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The verdict.
    pub accepted: Accepted,
    /// When it was made.
    pub made: Time,
    /// When it ends.
    pub until: Time,
}

impl Sealing {
    /// Seals and opens with this key.
    #[must_use]
    pub const fn new(current: SealingKey) -> Self {
        Self {
            current,
            other: None,
        }
    }

    /// Opens what was sealed with this key, too: the one to come, or the one that was. It is one: a
    /// second call puts another in its place. Default: none.
    #[must_use]
    pub fn also_accepting(mut self, other: SealingKey) -> Self {
        self.other = Some(other);
        self
    }

    /// Under which a verdict may stand in the store: the name by the current key, then that by the
    /// other one. Whoever revokes in an emergency removes what is there under both.
    pub fn names(&self, key: &CacheKey<'_>) -> impl Iterator<Item = [u8; 32]> + use<> {
        let subject = key.subject();
        let names: Vec<_> = self.keys().map(|known| known.name(&subject)).collect();
        names.into_iter()
    }

    /// Seals a verdict that was made then. It ends as it would in a cache with these options, but
    /// for the sliding end, which a shared store does not know.
    ///
    /// # Errors
    /// When it holds no longer, is another one than the key's (of another leaf or validator, or not
    /// checked for the names that the key expects), or is too long.
    pub fn seal(
        &self,
        key: &CacheKey<'_>,
        accepted: &Accepted,
        made: Time,
        options: &CacheOptions,
    ) -> Result<Sealed, SealError> {
        let until = accepted.not_after();
        let until = until.min(made.plus(i64::from(options.accepted.most)));
        let seconds = until.unix().saturating_sub(made.unix());
        let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds > 0);
        let subject = key.subject();
        Ok(Sealed {
            seconds: seconds.ok_or(SealError::Ended)?,
            bytes: self.current.seal(&subject, accepted, (made, until))?,
            name: self.current.name(&subject),
        })
    }

    /// Opens what a store returned for this key. Each of the keys is tried.
    ///
    /// A store that somebody else writes to may return a verdict as often as they like until it
    /// ends. Whoever has to refuse those of before an emergency compares [`Opened::made`];
    /// `FleetCache` does so.
    ///
    /// # Errors
    /// When it was not sealed by one of the keys for this namespace, validator, expected names and
    /// leaf, does not hold now, or rests on a certificate that the evidence at hand revokes.
    pub fn open(&self, key: &CacheKey<'_>, bytes: &[u8], now: Time) -> Result<Opened, OpenError> {
        let subject = key.subject();
        let leaf = || match key.certificate() {
            Some(certificate) => Some(certificate.clone()),
            None => Certificate::from_der(key.leaf()).ok(),
        };
        let mut opened = Err(OpenError::Seal);
        for known in self.keys() {
            opened = known.open(&subject, leaf, bytes);
            if !matches!(opened, Err(OpenError::Seal)) {
                break;
            }
        }
        let Unsealed {
            accepted,
            made,
            until,
        } = opened?;
        // Whoever sealed it knew less than what is checked here: it ends with what it rests on in
        // any case.
        let until = until.min(accepted.not_after());
        let from = made.max(accepted.not_before());
        if now < from {
            return Err(OpenError::Early { made: from });
        }
        if now >= until {
            return Err(OpenError::Ended { until });
        }
        // Another server may not have seen the list yet on which this one has found it.
        if key.validator().knows_revoked(&accepted) {
            return Err(OpenError::Revoked);
        }
        Ok(Opened {
            accepted,
            made,
            until,
        })
    }

    fn keys(&self) -> impl Iterator<Item = &SealingKey> {
        iter::once(&self.current).chain(&self.other)
    }
}
