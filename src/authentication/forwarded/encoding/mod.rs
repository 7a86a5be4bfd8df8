//! The encodings that the formats use. Each decoder is strict, so that two readers of a header
//! cannot see different certificates in it.

pub(super) mod base64;
pub(super) mod byte_sequence;
pub(super) mod concatenated;
pub(super) mod hex;
pub(super) mod pem;
pub(super) mod percent;
