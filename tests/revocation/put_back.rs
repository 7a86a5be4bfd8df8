//! Evidence that is put back after a restart, as the guide says, beside a hostile CA.

use std::sync::Arc;

use portcullis::revocation::{
    Evidence, FetchFailure, NoFetcher, Request, RevocationFetcher, RevocationFlag, RevocationMode,
    SharedEvidence,
};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::distribution::{DistributionPoint, IssuingDistributionPoint, points};

use crate::support::inquiry::Inquiry;
use crate::support::{Authority, Template, below, now, presented, time};

const CRL: &str = "http://crl.example.test/";
const EVIL: &str = "http://evil.example.test/";
const BYTES: usize = 128 * 1024;

struct Http<F>(F);

impl<F: Fn(&Request) -> Result<Vec<u8>, FetchFailure>> RevocationFetcher for Http<F> {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        (self.0)(request)
    }
}

fn restarted(puts_back: bool) {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let evil = root.issue_ca(Template::ca("evil ca"));
    let store = |evidence: Evidence| Arc::new(SharedEvidence::new(evidence.max_bytes(BYTES)));
    let first = store(Evidence::new());
    let validator = |store: &Arc<SharedEvidence>| {
        below(&[&root])
            .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
            .evidence(store.clone())
            .build()
            .unwrap()
    };
    // The hostile CA has seven small parts of a CRL.
    let part = |number: usize, this: &str, entries: usize| {
        let crl = CrlTemplate::by(&evil)
            .scope(IssuingDistributionPoint::url(&format!("{EVIL}{number}")))
            .issued(this, Some("20260110000000Z"));
        let entries = (0..entries).map(|n| CrlEntry::labelled(&format!("{number} {n}")));
        entries.fold(crl, CrlTemplate::entry).der()
    };
    let strangers: Vec<_> = (0..7)
        .map(|number| {
            let point = DistributionPoint::url(&format!("{EVIL}{number}"));
            let template = Template::client(&format!("{number}")).with(points(&[point]));
            presented(&evil.issue(template), &[&evil.certificate])
        })
        .collect();
    let number_of =
        |request: &Request| -> usize { request.url().strip_prefix(EVIL).unwrap().parse().unwrap() };
    let small = Http(|request: &Request| Ok(part(number_of(request), "20251231000000Z", 0)));
    for stranger in &strangers {
        assert!(validator(&first).validate(stranger, now(), &small).is_ok());
    }
    // The restart.
    let mut evidence = Evidence::new();
    if puts_back {
        first.edit(|old| {
            for kept in old.crls() {
                let source = kept.source().unwrap().clone();
                evidence
                    .insert_crl_from(kept.crl().clone(), source)
                    .unwrap();
            }
        });
    }
    let store = store(evidence);
    let validator = validator(&store);
    for stranger in &strangers {
        assert!(validator.validate(stranger, now(), &small).is_ok());
    }
    // The victim's client is revoked, and the store knows.
    let leaf = ca.issue(Template::client("client").with(points(&[DistributionPoint::url(CRL)])));
    let inquiry = || Inquiry::about(&root, &leaf, &[&ca.certificate]).evidence(&store);
    let some = |crl: CrlTemplate| {
        let entries = (0..50).map(|n| CrlEntry::labelled(&format!("some {n}")));
        entries.fold(crl, CrlTemplate::entry)
    };
    let new = some(CrlTemplate::by(&ca).number(8).revoking(&leaf)).der();
    let old = CrlTemplate::by(&ca)
        .number(7)
        .issued("20251220000000Z", Some("20260120000000Z"))
        .der();
    inquiry().given(&[new]).revoked();
    // Now the parts are large.
    let large = Http(|request: &Request| Ok(part(number_of(request), "20260101010000Z", 455)));
    let at = time("2026-01-09T23:30:00Z");
    validator.refresh_due(at, 3600, &large);
    // Somebody on the way replays the CRL before.
    inquiry().given(&[old]).revoked();
    // And the CRL of an honest CA is kept.
    let other = root.issue_ca(Template::ca("other ca"));
    let client =
        other.issue(Template::client("other").with(points(&[DistributionPoint::url(CRL)])));
    let client = presented(&client, &[&other.certificate]);
    let crl = some(CrlTemplate::by(&other)).der();
    let http = Http(|_: &Request| Ok(crl.clone()));
    assert!(validator.validate(&client, now(), &http).is_ok());
    let verdict = validator.validate(&client, now(), &NoFetcher);
    assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
}

#[test]
fn a_large_crl_drives_out_no_revocation() {
    restarted(false);
}

/// R5: what takes the place of inserted evidence may be large, and is its issuer's.
#[test]
fn the_successor_of_an_inserted_crl_is_not_inserted() {
    restarted(true);
}
