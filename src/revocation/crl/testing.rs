//! A CRL put together field by field, so that a test can get any of them wrong.

pub(super) use portcullis_testkit::der::tlv;
pub(super) use portcullis_testkit::names::common_name;
pub(super) use portcullis_testkit::parts::{
    CrlParts as Parts, ce, entry, entry_issuer as issuer, extension, invalidity_date as invalidity,
    reason_code as reason,
};

pub(super) use crate::certificate::testing::sequence;
