//! Sealed verdicts: verdicts as bytes, for a store that servers share.
//!
//! Only accepted verdicts are sealed. Anyone can cause any number of rejections, and they are
//! cached only for seconds: sharing them would fill the store with junk. The caller's value is not
//! sealed either; it is made again from the verdict.

use alloc::vec::Vec;
use core::iter;

use super::key::CacheKey;
use super::options::CacheOptions;
use crate::certificate::Certificate;
use crate::time::Time;
use crate::validator::{Accepted, OpenError, OpenedVerdict, SealError, SealingKey};

/// The keys with which servers authenticate each other's verdicts.
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
/// // One server seals its verdict,
/// let sealing = Sealing::new(SealingKey::new(&[7; 32])?); // in production: 32 octets from a vault
/// let key = CacheKey::new(b"api", &validator, &presented);
/// let accepted = validator.validate(&presented, now, &NoFetcher)?;
/// let sealed = sealing.seal(&key, &accepted, now, &CacheOptions::default())?;
///
/// // another one opens it,
/// let opened = sealing.open(&key, &sealed.bytes, now)?;
/// assert_eq!(opened.accepted.not_after(), accepted.not_after());
///
/// // but not for another namespace.
/// let other = CacheKey::new(b"admin", &validator, &presented);
/// assert_eq!(sealing.open(&other, &sealed.bytes, now).err(), Some(OpenError::Seal));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Changing the key
///
/// To keep the shared verdicts, complete each step on all servers before the next one:
///
/// ```
/// # use portcullis::cache::{Sealing, SealingKey};
/// # fn steps(old: SealingKey, new: SealingKey) -> [Sealing; 3] {
/// let first = Sealing::new(old.clone()).also_accept(new.clone());
/// let then = Sealing::new(new.clone()).also_accept(old);
/// let last = Sealing::new(new); // once the longest lifetime has passed
/// # [first, then, last]
/// # }
/// ```
///
/// To end all shared verdicts at once, change the key and do not accept the old one.
#[derive(Clone, Debug)]
pub struct Sealing {
    current: SealingKey,
    other: Option<SealingKey>,
}

/// An accepted verdict as bytes that only the holders of a key can create.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealedVerdict {
    /// The name in the store: a hash that is always the same, and that reveals the leaf only to
    /// holders of the key.
    pub name: [u8; 32],
    /// The verdict.
    pub bytes: Vec<u8>,
    /// How long to store it, in seconds.
    pub seconds: u32,
}

impl Sealing {
    /// Seals and opens verdicts with this key.
    #[must_use]
    pub const fn new(current: SealingKey) -> Self {
        let other = None;
        Self { current, other }
    }

    /// Also opens verdicts that were sealed with this key: the next or the previous one. A second
    /// call replaces it. Default: none.
    #[must_use]
    pub fn also_accept(mut self, other: SealingKey) -> Self {
        self.other = Some(other);
        self
    }

    /// The names that a verdict may have in the store: with the current key, then with the other
    /// one. In an emergency remove both.
    pub fn names(&self, key: &CacheKey<'_>) -> impl Iterator<Item = [u8; 32]> + use<> {
        let subject = key.subject();
        let names: Vec<_> = self.keys().map(|known| known.name(&subject)).collect();
        names.into_iter()
    }

    /// Seals a verdict that was made at this time. It ends as in a cache with these options, except
    /// that a shared store has no sliding end.
    ///
    /// # Errors
    /// If the verdict has ended, does not belong to the key (another leaf or validator, or not
    /// checked for the key's expected names), or is too long.
    pub fn seal(
        &self,
        key: &CacheKey<'_>,
        accepted: &Accepted,
        made: Time,
        options: &CacheOptions,
    ) -> Result<SealedVerdict, SealError> {
        let until = accepted.not_after();
        let until = until.min(made.plus(i64::from(options.accepted.most)));
        let seconds = until.unix().saturating_sub(made.unix());
        let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds > 0);
        let subject = key.subject();
        Ok(SealedVerdict {
            seconds: seconds.ok_or(SealError::Ended)?,
            bytes: self.current.seal(&subject, accepted, (made, until))?,
            name: self.current.name(&subject),
        })
    }

    /// Opens what a store returned for this key. All keys are tried.
    ///
    /// An intruder in the store can return a verdict repeatedly until it ends. To refuse verdicts
    /// from before an emergency, compare [`OpenedVerdict::made`], as `FleetCache` does.
    ///
    /// # Errors
    /// If it was not sealed by one of the keys for this namespace, validator, expected names and
    /// leaf, if it is not valid now, or if the available evidence revokes a certificate that it
    /// depends on.
    pub fn open(
        &self,
        key: &CacheKey<'_>,
        bytes: &[u8],
        now: Time,
    ) -> Result<OpenedVerdict, OpenError> {
        let subject = key.subject();
        let leaf = || match key.certificate() {
            Some(certificate) => Some(certificate.clone()),
            None => Certificate::from_der(key.leaf).ok(),
        };
        let mut opened = self.keys().map(|known| known.open(&subject, leaf, bytes));
        let opened = opened.find(|opened| !matches!(opened, Err(OpenError::Seal)));
        let mut opened = opened.unwrap_or(Err(OpenError::Seal))?;
        // In any case it ends with the certificates and the evidence that it depends on.
        let until = opened.until.min(opened.accepted.not_after());
        opened.until = until;
        let from = opened.made.max(opened.accepted.not_before());
        if now < from {
            return Err(OpenError::Early { made: from });
        }
        if now >= until {
            return Err(OpenError::Ended { until });
        }
        // The server that sealed it may not have had a CRL that this server has.
        if key.validator.knows_revoked(&opened.accepted, now) {
            return Err(OpenError::Revoked);
        }
        Ok(opened)
    }

    fn keys(&self) -> impl Iterator<Item = &SealingKey> {
        iter::once(&self.current).chain(&self.other)
    }
}
