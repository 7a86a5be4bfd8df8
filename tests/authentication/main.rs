//! Authentication: who is let in, as whom, what is remembered of it, and what is asked of clients.

#[cfg(feature = "std")]
mod cache;
#[cfg(feature = "std")]
mod cache_model;
#[cfg(feature = "std")]
mod handler;
#[cfg(feature = "std")]
mod impostors;
mod negotiation;
#[cfg(feature = "std")]
mod poisoning;
#[cfg(feature = "std")]
mod sealing;
#[cfg(feature = "std")]
#[path = "../support/mod.rs"]
mod support;
