//! Floor 5: verdicts remembered, so that a known client costs a look-up.
//!
//! A server sees the same certificate on every connection, and behind a proxy on every request. A
//! verdict holds until something that it rests on ends: a certificate of its path, the evidence
//! that none is revoked, or the time that the caller gives it. A change of options or of anchors
//! makes another [`digest`](crate::Validator::digest), under which no old verdict is found.
//!
//! A revocation that becomes known meanwhile takes effect when the verdict ends, after the time
//! that [`CacheOptions::accepted`] gives it at the latest; [`forget`](LocalCache::forget) ends it
//! at once, where it is called, but not in a store that servers share, from which it comes back:
//! there `FleetCache::refuse_before` ends all those of before an emergency, and so does a new key.
//! A verdict that another server made counts only where the evidence at hand names nobody of
//! its path, so that the server that knows least does not decide for all.
//!
//! What a client sends along never decides about another: an accepted leaf is accepted for whoever
//! proves to hold its key, a rejection is remembered under all that was presented, and one that a
//! later fetch could change not at all.
//!
//! | type | for |
//! |---|---|
//! | `VerdictCache` | threads of one process (`std`) |
//! | [`LocalCache`] | one owner, or a lock of the caller's |
//! | `KnownPeer` | a connection: its certificate is parsed and hashed once, each request costs a look-up (`std`) |
//! | `FleetCache` | several servers: a `VerdictCache` in front of a [`SharedStore`] (`std`) |
//! | [`Sealing`] | verdicts as bytes, for a cache of the caller's own |
//!
//! A hit allocates nothing. A store that servers share is trusted with nothing: a verdict that it
//! returns counts only if a key of theirs sealed it, for this very client, validator and namespace,
//! and has not ended.

mod entry;
#[cfg(feature = "std")]
mod fleet;
mod key;
#[cfg(feature = "std")]
mod known;
mod local;
mod lru;
mod options;
mod sealing;
#[cfg(feature = "std")]
mod shard;
#[cfg(feature = "std")]
mod shared;
mod store;

pub use entry::Remembered;
#[cfg(feature = "std")]
pub use fleet::{FleetCache, Served, Source, Trouble};
pub use key::CacheKey;
#[cfg(feature = "std")]
pub use known::KnownPeer;
pub use local::LocalCache;
pub use options::{CacheOptions, Lifetime, Lookup};
pub use sealing::{Opened, Sealed, Sealing};
#[cfg(feature = "std")]
pub use shared::{Epoch, VerdictCache};
pub use store::{AsyncSharedStore, SharedStore};

pub use crate::validator::{MAX_SEALED, OpenError, SealError, SealingKey, ShortSecret};
