//! Evidence about one certificate on several paths.

use std::sync::Arc;

use portcullis::revocation::{RevocationFlag, SharedEvidence};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::Extension;
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate};

use crate::support::inquiry::{Inquiry, Web};
use crate::support::{Authority, Made, Template};

const OCSP: &str = "http://ocsp.example.test/";
const A: &str = "http://a.example.test/";
const ROOT: &str = "http://root.example.test/";
const EVIL: &str = "http://evil.example.test/";

fn at(url: &str) -> Extension {
    points(&[DistributionPoint::url(url)])
}

/// The client is certified by ca, which a certified, below the root. It is revoked, as the
/// responder of ca says. A hostile CA has certified the key of a too, and has revoked that
/// certificate, so that the path through it falls; and it has certified somebody else of the name
/// of ca, whose CRL clears the client.
fn accepted(with_the_hostile_ca: bool) -> bool {
    let root = Authority::root("root");
    let a = root.issue_ca(Template::ca("a").with(at(ROOT)));
    let evil = root.issue_ca(Template::ca("evil ca").with(at(ROOT)));
    let ca = a.issue_ca(Template::ca("ca").with(at(A)));
    let leaf = ca.issue(Template::client("client").with(access(&[OCSP], &[])));
    let cross = evil.cross_sign("a, cross", &a);
    let fake = Template::ca("fake").subject(ca.name.clone()).with(at(EVIL));
    let fake = evil.issue_ca(fake);
    let of_fake = CrlTemplate::by(&fake).der();
    let web = Web::new()
        .with(ROOT, CrlTemplate::by(&root).der())
        .with(A, CrlTemplate::by(&a).der())
        .with(EVIL, CrlTemplate::by(&evil).revoking(&cross).der())
        .with("http://fake.example.test/", of_fake)
        .with(
            OCSP,
            ResponseTemplate::of(&ca, &leaf, CertStatus::Revoked).der(),
        );
    let store = Arc::new(SharedEvidence::default());
    let genuine: [&Made; 2] = [&ca.certificate, &a.certificate];
    let mut more: Vec<&Made> = Vec::new();
    if with_the_hostile_ca {
        // A client of the namesake brings its CRL.
        let stranger = Template::client("stranger").with(at("http://fake.example.test/"));
        let stranger = fake.issue(stranger);
        Inquiry::about(&root, &stranger, &[&fake.certificate, &evil.certificate])
            .flag(RevocationFlag::ExcludeRoot)
            .evidence(&store)
            .ask(&web)
            .good();
        more.extend([&cross, &evil.certificate, &fake.certificate]);
    }
    more.extend(genuine);
    let outcome = Inquiry::about(&root, &leaf, &more)
        .flag(RevocationFlag::ExcludeRoot)
        .evidence(&store)
        .ask(&web);
    outcome.is_accepted()
}

#[test]
fn the_responder_is_asked() {
    assert!(!accepted(false));
}

/// R2: what a CA on another path says does not count on the path that is accepted.
#[test]
fn evidence_counts_on_the_path_of_its_signer_only() {
    assert!(!accepted(true));
}
