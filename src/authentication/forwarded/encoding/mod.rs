//! The encodings of the formats. Each is read strictly, so that no two readers of a header see
//! different certificates in it.

pub(super) mod base64;
pub(super) mod byte_sequence;
pub(super) mod concatenated;
pub(super) mod hex;
pub(super) mod pem;
pub(super) mod percent;
