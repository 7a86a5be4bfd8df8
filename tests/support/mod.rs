//! Helpers for tests of whole validations.
#![allow(dead_code, unused_imports)] // not each test uses all of it

pub mod counting;
#[cfg(feature = "std")]
pub mod inquiry;
mod rules;

pub use counting::Counting;
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{
    Accepted, Certificate, Presented, Purpose, Rejected, Rule, Time, TrustAnchor, TrustMode,
    TrustStore, Validator, ValidatorBuilder, Violation,
};
pub use portcullis_testkit::{Authority, Made, Template};
pub use rules::rules;

/// The moment that tests ask about unless they say otherwise: 2026-01-01T00:00:00Z.
pub fn now() -> Time {
    time("2026-01-01T00:00:00Z")
}

pub fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// The certificate, which must parse.
pub fn parsed(made: &Made) -> Certificate {
    Certificate::from_der(&made.der).unwrap()
}

/// A store in which these are the anchors.
pub fn store(anchors: &[&Authority]) -> TrustStore {
    let certificates = anchors.iter().map(|anchor| parsed(&anchor.certificate));
    TrustStore::anchoring_each(certificates)
}

/// A validator of client certificates below these anchors, not built yet.
pub fn below(anchors: &[&Authority]) -> ValidatorBuilder {
    with_store(store(anchors))
}

pub fn with_store(store: TrustStore) -> ValidatorBuilder {
    Validator::builder(TrustMode::CustomRootTrust(store))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .purpose(Purpose::ClientAuth)
}

/// A leaf and what comes with it; what does not parse is left out.
pub fn presented(leaf: &Made, more: &[&Made]) -> Presented {
    let chain = std::iter::once(leaf).chain(more.iter().copied());
    Presented::from_der(chain.map(|made| &made.der)).unwrap()
}

/// The verdict of a validator with defaults.
pub fn verdict(anchors: &[&Authority], leaf: &Made, more: &[&Made]) -> Result<Accepted, Violation> {
    let validator = below(anchors).build().unwrap();
    decide(&validator, leaf, more)
}

/// The verdict now; a rejection is cut down to its error.
pub fn decide(validator: &Validator, leaf: &Made, more: &[&Made]) -> Result<Accepted, Violation> {
    let verdict = validator.validate(&presented(leaf, more), now(), &NoFetcher);
    verdict.map_err(|rejected| *rejected.error())
}

/// Place and rule of the error of a presentation that must be rejected.
#[track_caller]
pub fn refusal(validator: &Validator, leaf: &Made, more: &[&Made]) -> (usize, Rule) {
    match decide(validator, leaf, more) {
        Ok(accepted) => panic!("accepted: {accepted:?}"),
        Err(violation) => (violation.position, violation.rule),
    }
}

/// Place and rule of all violations of a presentation that must be rejected.
#[track_caller]
pub fn violations(validator: &Validator, leaf: &Made, more: &[&Made]) -> Vec<(usize, Rule)> {
    let verdict = validator.validate(&presented(leaf, more), now(), &NoFetcher);
    let rejected = verdict.expect_err("must be rejected");
    let violations = rejected.violations().iter();
    violations
        .map(|violation| (violation.position, violation.rule))
        .collect()
}

/// A root, an authority below it, and the ordinary shape that tests put violations into.
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

    /// The verdict about a client of the authority.
    pub fn client(&self, template: Template) -> Result<Accepted, Violation> {
        let leaf = self.ca.issue(template);
        verdict(&[&self.root], &leaf, &[&self.ca.certificate])
    }

    /// The verdict about an ordinary client of another authority below the root.
    pub fn below(&self, ca: Template) -> Result<Accepted, Violation> {
        let ca = self.root.issue_ca(ca);
        let leaf = ca.issue(Template::client("client"));
        verdict(&[&self.root], &leaf, &[&ca.certificate])
    }
}

/// Place and rule of a verdict that must be a rejection.
#[track_caller]
pub fn refused(verdict: Result<Accepted, Violation>) -> (usize, Rule) {
    match verdict {
        Ok(accepted) => panic!("accepted: {accepted:?}"),
        Err(violation) => (violation.position, violation.rule),
    }
}
