//! Caches verdicts, so that a known client costs only a look-up.
//!
//! A server sees the same certificate on every connection, or behind a proxy on every request. A
//! cached verdict ends when a certificate of its path expires, when the evidence about revocation
//! expires, or after the time that the options set. Changing options or anchors changes the
//! [`digest`](crate::Validator::digest), so old verdicts are no longer found.
//!
//! A revocation that becomes known in the meantime takes effect when the verdict ends, at the
//! latest after the time of [`CacheOptions::accepted`]. [`forget`](LocalCache::forget) ends a
//! verdict at once, but not in a store that servers share, from which it would be read again: call
//! `FleetCache::refuse_before` as well, or change the key. A server uses another server's verdict
//! only if none of its own evidence revokes a certificate of the path, so a server that has not
//! seen a revocation does not decide for the others.
//!
//! What one client sends with its leaf never affects another client. An accepted leaf is accepted
//! for every client that proves possession of its key. A rejection applies only to exactly the same
//! certificates, and by default is not cached if a later fetch could change it.
//!
//! | type | use it for |
//! |---|---|
//! | `VerdictCache` | several threads (`std`) |
//! | [`LocalCache`] | one owner, or behind your own lock |
//! | `ConnectionPeer` | a connection: its certificate is hashed once, and each request costs a look-up (`std`) |
//! | `FleetCache` | several servers: a `VerdictCache` in front of a [`SharedStore`] (`std`) |
//! | [`Sealing`] | verdicts as bytes, for your own cache |
//!
//! A hit does not allocate. A store that servers share need not be trusted: a verdict from it is
//! used only if it has not ended and a key of the servers sealed it for this client, validator and
//! namespace.

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
