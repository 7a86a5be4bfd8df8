//! Authentication: who is accepted, as whom, what is cached, and when clients are asked for
//! certificates.

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
