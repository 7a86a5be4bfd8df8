//! Certification paths: which are found and accepted, what a rejection says, and what they cost.

mod budgets;
mod doors;
mod dsa_provider;
mod findings;
mod globs;
#[cfg(feature = "std")]
mod hostile;
mod regressions;
mod reports;
#[cfg(feature = "std")] // for the memo that threads share
mod search;
mod self_signed;
mod spellings;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "std")] // for the evidence that threads share
mod trust;
mod usage;
mod wycheproof;
