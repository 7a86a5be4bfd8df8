//! The builder of certificates that `testdata/` is generated with, as far as programs need it that
//! make new ones.
#![allow(dead_code, reason = "the builder serves other programs too")]

#[path = "../make_testdata/asn1.rs"]
pub mod asn1;
#[path = "../make_testdata/certificate.rs"]
pub mod certificate;
#[path = "../make_testdata/crl.rs"]
pub mod crl;
#[path = "../make_testdata/extensions.rs"]
pub mod extensions;
#[path = "fresh.rs"]
pub mod fresh;
#[path = "../make_testdata/keys.rs"]
pub mod keys;
#[path = "../make_testdata/names.rs"]
pub mod names;
#[path = "../make_testdata/text.rs"]
pub mod text;
