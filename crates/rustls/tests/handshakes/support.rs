//! Validators of these tests.

use portcullis::revocation::{RevocationFlag, RevocationMode};
use portcullis::{Certificate, Purpose, Time, TrustMode, TrustStore, Validator, ValidatorBuilder};
pub use portcullis_testkit::{Authority, Made, Template};

/// The moment that tests ask about unless they say otherwise.
pub fn now() -> Time {
    Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap()
}

/// A store in which these are the anchors.
pub fn store(anchors: &[&Authority]) -> TrustStore {
    let certificates = anchors.iter().map(|anchor| &anchor.certificate.der);
    TrustStore::anchoring_each(certificates.map(|der| Certificate::from_der(der).unwrap()))
}

/// A validator of client certificates below these anchors, not built yet.
pub fn below(anchors: &[&Authority]) -> ValidatorBuilder {
    Validator::builder(TrustMode::CustomRootTrust(store(anchors)))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .purpose(Purpose::ClientAuth)
}

/// A root and an authority below it.
pub struct World {
    pub root: Authority,
    pub ca: Authority,
}

impl World {
    /// Names follow from the label, so that worlds of distinct labels have nothing in common.
    pub fn new(label: &str) -> Self {
        let root = Authority::root(&format!("{label} root"));
        let ca = root.issue_ca(Template::ca(&format!("{label} ca")));
        Self { root, ca }
    }

    pub fn validator(&self) -> Validator {
        below(&[&self.root]).build().unwrap()
    }
}
