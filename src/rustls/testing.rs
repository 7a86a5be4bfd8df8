//! Small values for the tests of this floor; handshakes stand in `tests/rustls/main.rs`.

use crate::certificate::Certificate;
use crate::certificate::testing::{Parts, common_name, sequence, tlv};
use crate::revocation::{RevocationFlag, RevocationMode};
use crate::trust::{TrustAnchor, TrustStore};
use crate::validator::{Presented, TrustMode, Validator};

/// An anchor of this name, whose key signed nothing.
pub(super) fn anchor(name: &str) -> TrustAnchor {
    let key = [&[0u8][..], &[7; 32]].concat();
    let algorithm = tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x70]);
    let spki = sequence(&[algorithm, tlv(0x03, &key)]);
    TrustAnchor::from_name_and_key(&common_name(name), &spki).unwrap()
}

/// A validator that trusts an anchor of this name.
pub(super) fn validator(name: &str) -> Validator {
    let store = TrustStore::new([anchor(name)]);
    Validator::builder(TrustMode::CustomRootTrust(store))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .build()
        .unwrap()
}

/// A client of this name.
pub(super) fn client(name: &str) -> Presented {
    let parts = Parts {
        subject: common_name(name),
        ..Parts::default()
    };
    Presented::new(Certificate::from_der(&parts.der()).unwrap())
}
