//! The encodings that the formats are made of. Each takes exactly what it should, so that no two
//! readers of a header see different certificates in it.

pub(super) mod base64;
pub(super) mod byte_sequence;
pub(super) mod concatenated;
pub(super) mod hex;
pub(super) mod pem;
pub(super) mod percent;
