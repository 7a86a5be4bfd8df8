//! What tests of certificates share.

use alloc::vec::Vec;

pub(crate) use portcullis_testkit::der::tlv;
pub(crate) use portcullis_testkit::names::common_name;
pub(crate) use portcullis_testkit::parts::{CertificateParts as Parts, extension, validity};
use proptest::prelude::*;

/// A SEQUENCE of whole elements; of none too, without a word about their type.
pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    portcullis_testkit::der::sequence(parts)
}

/// Offsets of changes, most of them among the tags and lengths.
pub(crate) fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    let octet = prop_oneof![any::<u8>(), Just(0x30u8), Just(0x06), Just(0x04), 0u8..16];
    proptest::collection::vec((any::<prop::sample::Index>(), octet), 0..4)
}
