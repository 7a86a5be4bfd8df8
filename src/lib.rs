#![no_std]
//! (docs come later)
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod der;
mod oid;
mod time;

pub use oid::Oid;
pub use time::Time;
