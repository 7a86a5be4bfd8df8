//! Small values for unit tests; handshakes stand in `tests/handshakes`.

use portcullis::revocation::{RevocationFlag, RevocationMode};
use portcullis::{Certificate, Presented, TrustAnchor, TrustMode, TrustStore, Validator};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::common_name;
use portcullis_testkit::{Authority, Template};

/// An anchor of this name, whose key signed nothing.
pub(crate) fn anchor(name: &str) -> TrustAnchor {
    TrustAnchor::from_name_and_key(&common_name(name), &Key::ed25519("anchor").spki()).unwrap()
}

/// A validator that trusts an anchor of this name.
pub(crate) fn validator(name: &str) -> Validator {
    let store = TrustStore::new([anchor(name)]);
    Validator::builder(TrustMode::CustomRootTrust(store))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .build()
        .unwrap()
}

/// The certificate of a client, in DER.
pub(crate) fn leaf(template: Template) -> Vec<u8> {
    Authority::root("clients").issue(template).der
}

/// A client of another issuer.
pub(crate) fn client_of(issuer: &str, name: &str) -> Presented {
    let made = Authority::root(issuer).issue(Template::client(name));
    Presented::new(Certificate::from_der(&made.der).unwrap())
}

/// A client of this name.
pub(crate) fn client(name: &str) -> Presented {
    let leaf = leaf(Template::client(name));
    Presented::new(Certificate::from_der(&leaf).unwrap())
}
