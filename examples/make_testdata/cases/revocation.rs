//! CRLs for leaf and intermediate. Both must be shown to be good.

use portcullis_testkit::certificate::{Made, Template};
use portcullis_testkit::extensions::distribution_point;
use portcullis_testkit::tamper::with_broken_signature;

use super::{World, crl, leaf};
use crate::corpus::{Case, Corpus};

pub fn add(corpus: &mut Corpus, world: &World) {
    let url = |who: &str| distribution_point(&format!("http://crl.example.test/{who}.crl"));
    let ca = world
        .root
        .issue_ca(Template::ca("crl/intermediate").with(url("root")));
    let client = ca.issue(leaf("crl").with(url("intermediate")));
    let bystander = ca.issue(leaf("crl-bystander"));

    let upper = crl(&world.root, &[]).made("crl-root");
    let lower = crl(&ca, &[&bystander]).made("crl-intermediate");
    let upper_revoking = crl(&world.root, &[&ca.certificate]).made("crl-root-revoking");
    let lower_revoking = crl(&ca, &[&bystander, &client]).made("crl-intermediate-revoking");
    let stale = crl(&ca, &[]).issued("20251101000000Z", Some("20251201000000Z"));
    let stale = stale.made("crl-intermediate-stale");
    let early = crl(&ca, &[]).issued("20260201000000Z", Some("20260301000000Z"));
    let early = early.made("crl-intermediate-early");
    let broken = with_broken_signature(&crl(&ca, &[]).made("crl-intermediate-broken"));

    let case = |id: &str, title: &str, lists: &[&Made]| {
        let case = Case::new(id, title, &client).via(&[&ca.certificate]);
        case.under(&[&world.root.certificate]).crls(lists)
    };
    corpus.valid(case(
        "crl-good",
        "The CRLs name no certificate of the path, and one names another client",
        &[&upper, &lower],
    ));
    corpus.invalid(case(
        "crl-revoked-leaf",
        "The leaf is revoked",
        &[&upper, &lower_revoking],
    ));
    corpus.invalid(case(
        "crl-revoked-intermediate",
        "The intermediate is revoked",
        &[&upper_revoking, &lower],
    ));
    corpus.invalid(case("crl-missing", "No CRL for the leaf", &[&upper]));
    corpus.invalid(case(
        "crl-stale",
        "The leaf's CRL is past its nextUpdate",
        &[&upper, &stale],
    ));
    corpus.invalid(case(
        "crl-early",
        "The leaf's CRL is before its thisUpdate",
        &[&upper, &early],
    ));
    corpus.invalid(case(
        "crl-broken",
        "The leaf's CRL has a wrong signature",
        &[&upper, &broken],
    ));
    corpus.valid(case(
        "crl-broken-and-good",
        "A CRL with a wrong signature, and one with a right one",
        &[&upper, &broken, &lower],
    ));
}
