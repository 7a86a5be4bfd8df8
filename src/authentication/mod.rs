//! Floor 6: verdicts become identities.
//!
//! A certificate comes from the handshake or out of the header of a proxy ([`forwarded`]); whether a client is asked for one
//! at all, and when, is decided by [`negotiation`].

pub mod forwarded;
pub mod negotiation;
