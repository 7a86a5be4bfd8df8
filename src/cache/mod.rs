//! Cached verdicts, so that a known client costs a look-up.
//!
//! A server sees the same certificate on every connection, and behind a proxy on every request. A
//! cached verdict ends with a certificate of its path, with the evidence that none is revoked, or
//! after the time that the options give it. Other options or anchors make another
//! [`digest`](crate::Validator::digest), under which no old verdict is found.
//!
//! A revocation that becomes known meanwhile takes effect when the verdict ends, at the latest
//! after the time of [`CacheOptions::accepted`]. [`forget`](LocalCache::forget) ends it at once,
//! but not in a store that servers share, from which it comes back: there call
//! `FleetCache::refuse_before`, or change the key. A verdict of another server counts only where
//! the evidence at hand revokes no certificate of its path, so that the server that knows least
//! does not decide for all.
//!
//! What one client sends besides its leaf never decides about another: an accepted leaf is accepted
//! for every client that proves to hold its key; a rejection is cached for everything that was
//! presented together, and not at all if a later fetch could change it.
//!
//! | type | for |
//! |---|---|
//! | `VerdictCache` | several threads (`std`) |
//! | [`LocalCache`] | one owner, or a lock of the caller's |
//! | `ConnectionPeer` | a connection: its certificate is parsed and hashed once, each request costs a look-up (`std`) |
//! | `FleetCache` | several servers: a `VerdictCache` in front of a [`SharedStore`] (`std`) |
//! | [`Sealing`] | verdicts as bytes, for a cache of your own |
//!
//! A hit allocates nothing. A store that servers share need not be trusted: a verdict from it
//! counts only if a key of theirs sealed it, for this very client, validator and namespace, and it
//! has not ended.

#[cfg(feature = "std")]
mod connection_peer;
mod entry;
#[cfg(feature = "std")]
mod fleet_cache;
mod key;
mod local_cache;
mod options;
mod sealing;
mod shared_store;
#[cfg(feature = "std")]
mod verdict_cache;
mod verdict_tables;

#[cfg(feature = "std")]
pub use connection_peer::ConnectionPeer;
pub use entry::CachedVerdict;
#[cfg(feature = "std")]
pub use fleet_cache::{FleetCache, ServedVerdict, StoreError, VerdictSource};
pub use key::CacheKey;
pub use local_cache::LocalCache;
pub use options::{CacheOptions, LeafLookup, VerdictLifetime};
pub use sealing::{SealedVerdict, Sealing};
pub use shared_store::{AsyncSharedStore, SharedStore};
#[cfg(feature = "std")]
pub use verdict_cache::{ForgetEpoch, VerdictCache};

pub use crate::validator::{
    MAX_SEALED, OpenError, OpenedVerdict, SealError, SealingKey, ShortSecret,
};
