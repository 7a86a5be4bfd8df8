//! Distinguished names for the tests of neighbouring files.

use alloc::vec::Vec;

pub(super) use portcullis_testkit::der::tlv;

pub(super) const CN: &[u8] = &[0x55, 0x04, 3];
pub(super) const C: &[u8] = &[0x55, 0x04, 6];
pub(super) const O: &[u8] = &[0x55, 0x04, 10];
pub(super) const OU: &[u8] = &[0x55, 0x04, 11];
pub(super) const E: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];
pub(super) const UID: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 1];
pub(super) const DC: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 25];

/// A name with one UTF8String per RDN, the most general first.
pub(super) fn name(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let rdn = |&(oid, text): &(&[u8], &str)| {
        let attribute = [tlv(6, oid), tlv(12, text.as_bytes())].concat();
        tlv(0x31, &tlv(0x30, &attribute))
    };
    let rdns: Vec<u8> = attributes.iter().flat_map(rdn).collect();
    tlv(0x30, &rdns)
}
