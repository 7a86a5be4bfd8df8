//! Revocation lists for leaf and intermediate; every certificate must be shown good.

use super::signatures::with_broken_signature;
use super::{World, leaf};
use crate::certificate::{Certificate, Template};
use crate::corpus::{Case, Corpus};
use crate::crl::Revocations;
use crate::extensions::distribution_point;

pub fn add(corpus: &mut Corpus, world: &World) {
    let url = |who: &str| distribution_point(&format!("http://crl.example.test/{who}.crl"));
    let ca = world
        .root
        .issue_ca(Template::ca("crl/intermediate").with(url("root")));
    let client = ca.issue(leaf("crl").with(url("intermediate")));
    let bystander = ca.issue(leaf("crl-bystander"));

    let upper = world.root.sign_crl(&Revocations::new("crl-root", &[]));
    let lower = ca.sign_crl(&Revocations::new("crl-intermediate", &[&bystander]));
    let upper_revoking = world
        .root
        .sign_crl(&Revocations::new("crl-root-revoking", &[&ca.certificate]));
    let lower_revoking = ca.sign_crl(&Revocations::new(
        "crl-intermediate-revoking",
        &[&bystander, &client],
    ));
    let stale = Revocations::new("crl-intermediate-stale", &[]);
    let stale = ca.sign_crl(&stale.issued("20251101000000Z", "20251201000000Z"));
    let early = Revocations::new("crl-intermediate-early", &[]);
    let early = ca.sign_crl(&early.issued("20260201000000Z", "20260301000000Z"));
    let broken = Revocations::new("crl-intermediate-broken", &[]);
    let broken = with_broken_signature(ca.sign_crl(&broken));

    let case = |id: &str, title: &str, lists: &[&Certificate]| {
        let case = Case::new(id, title, &client).via(&[&ca.certificate]);
        case.under(&[&world.root.certificate]).crls(lists)
    };
    corpus.valid(case(
        "crl-good",
        "Neither list names the path; one names a bystander",
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
    corpus.invalid(case("crl-missing", "No list for the leaf", &[&upper]));
    corpus.invalid(case(
        "crl-stale",
        "The leaf's list is past its nextUpdate",
        &[&upper, &stale],
    ));
    corpus.invalid(case(
        "crl-early",
        "The leaf's list is before its thisUpdate",
        &[&upper, &early],
    ));
    corpus.invalid(case(
        "crl-broken",
        "The leaf's list has a wrong signature",
        &[&upper, &broken],
    ));
    corpus.valid(case(
        "crl-broken-and-good",
        "A broken list beside a good one",
        &[&upper, &broken, &lower],
    ));
}
