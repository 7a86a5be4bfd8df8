//! What is kept with a verdict, so that a remembered one costs no new principal.

#[cfg(feature = "std")]
use crate::cache::VerdictCache;

use super::principal::Principal;
use super::result::AuthenticationResult;

/// What an authenticator keeps with a verdict: the principal, and the whole result where events are not to run again.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub(super) principal: Option<Principal>,
    pub(super) result: Option<AuthenticationResult>,
}

/// A cache that authenticators share, each scheme with verdicts of its own.
///
/// ```
/// use portcullis::authentication::AuthenticationCache;
/// use portcullis::cache::CacheOptions;
///
/// let cache = AuthenticationCache::new(CacheOptions::default());
/// assert!(cache.is_empty());
/// ```
#[cfg(feature = "std")]
pub type AuthenticationCache = VerdictCache<Kept>;
