//! Makes what a validator reads: certificates, CRLs and OCSP responses as bytes, right or wrong.
//!
//! It knows nothing of the engine, so that the engine's own tests can use it. There are two ways to
//! make a thing. A template ([`Template`], [`CrlTemplate`], [`ResponseTemplate`]) has sensible
//! fields, is changed where a test wants it otherwise, and is signed by an [`Authority`]. Parts
//! ([`parts`]) are elements of DER that are put together as they are, with a signature that does
//! not hold unless the test makes one.
//!
//! Keys follow from labels, and signatures from key and message: all runs see the same bytes.
//! What the builders are told to write they write. They panic where they are asked for something
//! that makes no sense, as tests do.

pub mod certificate;
pub mod crl;
pub mod der;
pub mod distribution;
pub mod extensions;
pub mod keys;
pub mod mesh;
pub mod names;
pub mod ocsp;
pub mod parts;
pub mod pem;
pub mod tamper;
pub mod web;

pub use certificate::{Authority, Made, Template};
pub use crl::CrlTemplate;
pub use keys::Key;
pub use ocsp::ResponseTemplate;
