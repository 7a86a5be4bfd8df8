//! CRLs in whole validations (RFC 5280 sections 5 and 6.3).

use std::slice;
use std::sync::Arc;

use portcullis::revocation::{
    RefreshSchedule, RevocationFlag, RevocationPolicy, SharedEvidence, SourceOrder,
};
use portcullis::{Profile, UnknownStatus};
use portcullis_testkit::crl::{
    CA_COMPROMISE, CRL_NUMBER, CrlEntry, CrlTemplate, HOLD, KEY_COMPROMISE, REMOVE,
};
use portcullis_testkit::der::{small, utf8};
use portcullis_testkit::distribution::{
    ALL_REASONS, DistributionPoint, IssuingDistributionPoint, access, freshest, points,
};
use portcullis_testkit::extensions::unknown_critical;
use portcullis_testkit::extensions::{
    CRL_SIGN, DIGITAL_SIGNATURE, Extension, KEY_CERT_SIGN, KEY_USAGE, key_usage,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{COMMON_NAME, attribute, common_name, directory, name_of, uri};
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate};
use portcullis_testkit::tamper::broken;

use crate::support;
use crate::support::inquiry::{Inquiry, Outcome, Web};
use crate::support::{Authority, Made, Template, World, time};

const AT: &str = "http://crl.example.test/ca.crl";
const OTHER: &str = "http://crl.example.test/other.crl";

/// A client that points to one list.
struct Pki {
    world: World,
    leaf: Made,
}

impl Pki {
    fn new() -> Self {
        Self::with(&[DistributionPoint::url(AT)])
    }

    fn with(at: &[DistributionPoint]) -> Self {
        let world = World::new("crl");
        let leaf = world.ca.issue(client().with(points(at)));
        Self { world, leaf }
    }

    fn ca(&self) -> &Authority {
        &self.world.ca
    }

    fn inquiry(&self) -> Inquiry {
        Inquiry::about(&self.world.root, &self.leaf, &[&self.ca().certificate])
    }

    fn list(&self) -> CrlTemplate {
        CrlTemplate::by(self.ca())
    }

    fn given(&self, lists: &[CrlTemplate]) -> Outcome {
        self.inquiry().given(&ders(lists))
    }
}

fn client() -> Template {
    Template::client("crl client")
}

fn ders(lists: &[CrlTemplate]) -> Vec<Vec<u8>> {
    lists.iter().map(CrlTemplate::der).collect()
}

/// Somebody else's certificate.
fn stranger() -> CrlEntry {
    CrlEntry::labelled("somebody else")
}

#[test]
fn a_list_that_does_not_name_the_leaf_clears_it() {
    let pki = Pki::new();
    pki.given(&[pki.list()]).good();
    pki.given(&[pki.list().entry(stranger())]).good();
}

#[test]
fn a_list_that_names_the_leaf_revokes_it() {
    let pki = Pki::new();
    pki.given(&[pki.list().entry(stranger()).revoking(&pki.leaf)])
        .revoked();
    for reason in [0, KEY_COMPROMISE, CA_COMPROMISE, 3, 4, 5, HOLD, 9, 10, 77] {
        let entry = CrlEntry::of(&pki.leaf).reason(reason);
        pki.given(&[pki.list().entry(entry)]).revoked();
    }
}

#[test]
fn lists_of_version_1_count() {
    let pki = Pki::new();
    pki.given(&[pki.list().v1()]).good();
    pki.given(&[pki.list().v1().revoking(&pki.leaf)]).revoked();
}

#[test]
fn a_list_whose_signature_does_not_hold_neither_clears_nor_revokes() {
    let pki = Pki::new();
    let reason = UnknownStatus::NotAuthoritative;
    for list in [pki.list(), pki.list().revoking(&pki.leaf)] {
        pki.inquiry().given(&[broken(list.der())]).unknown(reason);
        let stranger = Key::p256("a stranger");
        pki.given(&[list.signed_by(&stranger)]).unknown(reason);
    }
}

#[test]
fn a_list_of_another_name_by_the_issuers_key_says_nothing() {
    let pki = Pki::new();
    let list = pki.list().named(&common_name("somebody else"));
    pki.given(&[list]).unknown(UnknownStatus::NotAuthoritative);
}

/// The root may revoke its CA; about the CA's clients it says nothing.
#[test]
fn a_list_of_the_issuers_issuer_says_nothing() {
    let pki = Pki::new();
    let of_root = CrlTemplate::by(&pki.world.root);
    let reason = UnknownStatus::NotAuthoritative;
    pki.given(slice::from_ref(&of_root)).unknown(reason);
    pki.given(&[of_root.revoking(&pki.leaf)]).unknown(reason);
}

#[test]
fn an_issuer_without_crl_sign_signs_no_lists() {
    let root = Authority::root("crl root");
    for (bits, signs) in [
        (&[KEY_CERT_SIGN, CRL_SIGN][..], true),
        (&[KEY_CERT_SIGN, DIGITAL_SIGNATURE], false),
    ] {
        let ca = root.issue_ca(Template::ca("crl ca").with(key_usage(bits)));
        let leaf = ca.issue(client().with(points(&[DistributionPoint::url(AT)])));
        let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]);
        let outcome = inquiry.given(&ders(&[CrlTemplate::by(&ca)]));
        match signs {
            true => outcome.good(),
            false => outcome.unknown(UnknownStatus::NotAuthoritative),
        }
    }
    // Without the extension nothing is forbidden.
    let ca = root.issue_ca(Template::ca("crl ca").without(KEY_USAGE));
    let leaf = ca.issue(client().with(points(&[DistributionPoint::url(AT)])));
    let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]);
    inquiry.given(&ders(&[CrlTemplate::by(&ca)])).good();
}

mod dates {
    use super::*;

    #[test]
    fn a_list_from_the_future_does_not_count_yet() {
        let pki = Pki::new();
        let list = pki
            .list()
            .issued("20260101000101Z", Some("20260201000000Z"));
        pki.given(slice::from_ref(&list))
            .unknown(UnknownStatus::Stale);
        let named = list.clone().revoking(&pki.leaf);
        pki.given(&[named]).unknown(UnknownStatus::Stale);
        let inquiry = pki
            .inquiry()
            .policy(RevocationPolicy::default().clock_skew(61));
        inquiry.given(&ders(&[list])).good();
    }

    #[test]
    fn a_list_clears_until_its_next_update() {
        let pki = Pki::new();
        let list = |next| pki.list().issued("20251201000000Z", Some(next));
        pki.given(&[list("20260101000000Z")]).good();
        pki.given(&[list("20251231235959Z")])
            .unknown(UnknownStatus::Stale);
        let skew = pki
            .inquiry()
            .policy(RevocationPolicy::default().clock_skew(60));
        skew.given(&ders(&[list("20251231235900Z")])).good();
        let skewed = skew.given(&ders(&[list("20251231235859Z")]));
        skewed.unknown(UnknownStatus::Stale);
    }

    #[test]
    fn a_stale_list_that_names_it_still_revokes() {
        let pki = Pki::new();
        let stale = pki
            .list()
            .issued("20240101000000Z", Some("20240201000000Z"));
        let stale = stale.revoking(&pki.leaf);
        pki.given(slice::from_ref(&stale)).revoked();
        let reason = UnknownStatus::NotAuthoritative;
        pki.inquiry().given(&[broken(stale.der())]).unknown(reason);
    }

    #[test]
    fn without_next_update_a_list_counts_for_three_days() {
        let pki = Pki::new();
        let list = |this| pki.list().issued(this, None);
        pki.given(&[list("20251229000000Z")]).good();
        pki.given(&[list("20251228235959Z")])
            .unknown(UnknownStatus::Stale);
        let for_ever = RevocationPolicy::default().max_age_without_next_update(None);
        let inquiry = pki.inquiry().policy(for_ever);
        inquiry.given(&ders(&[list("20240201000000Z")])).good();
    }

    #[test]
    fn max_age_shortens_what_the_issuer_promises() {
        let pki = Pki::new();
        let policy = RevocationPolicy::default().max_age(Some(3_600));
        let inquiry = pki.inquiry().policy(policy);
        let list = |this| pki.list().issued(this, Some("20260201000000Z"));
        inquiry.given(&ders(&[list("20251231230000Z")])).good();
        let old = inquiry.given(&ders(&[list("20251231225959Z")]));
        old.unknown(UnknownStatus::Stale);
    }

    #[test]
    fn the_newest_list_of_a_scope_speaks_alone() {
        let pki = Pki::new();
        let old = pki
            .list()
            .issued("20251210000000Z", Some("20260201000000Z"));
        let new = pki
            .list()
            .issued("20251220000000Z", Some("20260201000000Z"));
        let named = |list: &CrlTemplate| list.clone().entry(CrlEntry::of(&pki.leaf).reason(HOLD));
        pki.given(&[old.clone(), named(&new)]).revoked();
        pki.given(&[named(&old), new.clone()]).good();
        // At the same time the number decides.
        let later = new.clone().number(8);
        pki.given(&[later.clone(), named(&new)]).good();
        pki.given(&[named(&later), new]).revoked();
    }

    /// An attacker who has an older list cannot bring back the time before the revocation.
    #[test]
    fn an_old_list_does_not_outlive_a_newer_one_that_has_run_out() {
        let pki = Pki::new();
        let old = pki
            .list()
            .issued("20251201000000Z", Some("20260201000000Z"));
        let new = pki
            .list()
            .issued("20251220000000Z", Some("20251225000000Z"));
        pki.given(&[old.clone(), new.clone().revoking(&pki.leaf)])
            .revoked();
        pki.given(&[old, new]).unknown(UnknownStatus::Stale);
    }

    #[test]
    fn lists_of_one_date_and_number_that_differ_revoke_if_either_does() {
        let pki = Pki::new();
        pki.given(&[pki.list(), pki.list().revoking(&pki.leaf)])
            .revoked();
        pki.given(&[pki.list().revoking(&pki.leaf), pki.list()])
            .revoked();
    }

    #[test]
    fn revoked_only_from_its_date_on() {
        let pki = Pki::new();
        let later = CrlEntry::of(&pki.leaf).dated("20260102000000Z");
        let list = pki.list().entry(later);
        pki.given(slice::from_ref(&list)).revoked();
        let policy = RevocationPolicy::default().revoked_only_from_its_date_on(true);
        let inquiry = pki.inquiry().policy(policy);
        inquiry.given(&[list.der()]).good();
        let after = inquiry.at(time("2026-01-02T00:00:00Z"));
        after.given(&[list.der()]).revoked();
    }

    #[test]
    fn the_verdict_ends_with_the_list() {
        let pki = Pki::new();
        let outcome = pki.given(&[pki.list()]);
        let not_after = outcome.verdict.unwrap().not_after();
        assert_eq!(not_after, time("2026-01-15T00:00:00Z"));
    }
}

mod extensions {
    use super::*;

    #[test]
    fn an_unknown_critical_extension_makes_a_list_unusable() {
        let pki = Pki::new();
        let reason = UnknownStatus::NotAuthoritative;
        pki.given(&[pki.list().with(unknown_critical())])
            .unknown(reason);
        let optional = unknown_critical().optional();
        pki.given(&[pki.list().with(optional)]).good();
    }

    #[test]
    fn an_unknown_critical_extension_of_an_entry_about_another_makes_a_list_unusable() {
        let pki = Pki::new();
        let odd = pki.list().entry(stranger().with(unknown_critical()));
        pki.given(&[odd]).unknown(UnknownStatus::NotAuthoritative);
        let optional = stranger().with(unknown_critical().optional());
        pki.given(&[pki.list().entry(optional)]).good();
    }

    #[test]
    fn an_unusable_list_does_not_hinder_a_usable_one() {
        let pki = Pki::new();
        let unusable = pki.list().number(9).with(unknown_critical());
        pki.given(&[unusable.clone(), pki.list()]).good();
        let revoking = pki.list().revoking(&pki.leaf);
        pki.given(&[unusable, revoking]).revoked();
    }

    #[test]
    fn the_number_is_a_requirement_under_rfc_5280_only() {
        let pki = Pki::new();
        let critical = Extension::new(CRL_NUMBER, small(7)).critical();
        let lists = [
            pki.list().unnumbered(),
            pki.list().unnumbered().with(critical),
        ];
        for list in lists {
            pki.given(slice::from_ref(&list)).good();
            let strict = pki.inquiry().profile(Profile::Rfc5280);
            // The leaf of these tests keeps the profile's requirements.
            strict.given(&[pki.list().der()]).good();
            let outcome = strict.given(&[list.der()]);
            outcome.unknown(UnknownStatus::NotAuthoritative);
        }
    }
}

mod deltas {
    use super::*;

    fn hold(pki: &Pki) -> CrlTemplate {
        pki.list().entry(CrlEntry::of(&pki.leaf).reason(HOLD))
    }

    fn delta(pki: &Pki) -> CrlTemplate {
        pki.list()
            .number(8)
            .delta_to(7)
            .issued("20251220000000Z", Some("20260115000000Z"))
    }

    fn removing(pki: &Pki) -> CrlTemplate {
        delta(pki).entry(CrlEntry::of(&pki.leaf).reason(REMOVE))
    }

    #[test]
    fn a_delta_adds_a_revocation() {
        let pki = Pki::new();
        pki.given(&[pki.list(), delta(&pki).revoking(&pki.leaf)])
            .revoked();
        pki.given(&[pki.list(), delta(&pki)]).good();
    }

    #[test]
    fn a_delta_releases_a_hold_by_remove_from_crl() {
        let pki = Pki::new();
        pki.given(&[hold(&pki)]).revoked();
        pki.given(&[hold(&pki), removing(&pki)]).good();
        pki.given(&[hold(&pki), delta(&pki)]).revoked();
    }

    #[test]
    fn remove_from_crl_in_a_full_list_releases_nothing() {
        let pki = Pki::new();
        let removed = pki.list().entry(CrlEntry::of(&pki.leaf).reason(REMOVE));
        pki.given(&[removed]).revoked();
        let both = hold(&pki).entry(CrlEntry::of(&pki.leaf).reason(REMOVE));
        pki.given(&[both]).revoked();
    }

    #[test]
    fn a_delta_alone_is_no_list() {
        let pki = Pki::new();
        let reason = UnknownStatus::NotAuthoritative;
        pki.given(&[delta(&pki)]).unknown(reason);
        pki.given(&[removing(&pki)]).unknown(reason);
    }

    /// Who can answer a request with some delta, by whomever, does not make it look as if there
    /// were no source.
    #[test]
    fn a_strangers_delta_is_not_taken_for_a_certificate_without_sources() {
        let pki = Pki::new();
        let policy = RevocationPolicy::default().accept_unknown(UnknownStatus::NoSource);
        let inquiry = pki.inquiry().policy(policy);
        let strangers = delta(&pki).signed_by(&Key::p256("a stranger"));
        let outcome = inquiry.given(&[strangers.der()]);
        outcome.unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn the_base_of_a_delta_must_not_be_newer_than_the_list() {
        let pki = Pki::new();
        let ahead = delta(&pki)
            .number(10)
            .delta_to(8)
            .entry(CrlEntry::of(&pki.leaf).reason(REMOVE));
        pki.given(&[hold(&pki), ahead]).revoked();
        let behind = removing(&pki).delta_to(5);
        pki.given(&[hold(&pki), behind]).good();
    }

    #[test]
    fn a_delta_that_is_not_newer_than_the_list_adds_nothing() {
        let pki = Pki::new();
        for number in [6, 7] {
            let old = removing(&pki).number(number).delta_to(5);
            pki.given(&[hold(&pki), old]).revoked();
        }
    }

    #[test]
    fn a_delta_goes_with_lists_of_its_scope_issuer_and_key_only() {
        let pki = Pki::new();
        let scoped = removing(&pki).scope(IssuingDistributionPoint::url(AT));
        pki.given(&[hold(&pki), scoped.clone()]).revoked();
        pki.given(&[hold(&pki).scope(IssuingDistributionPoint::url(AT)), scoped])
            .good();
        for hint in [None, Some(vec![1, 2, 3])] {
            let other = removing(&pki).key_hint(hint);
            pki.given(&[hold(&pki), other]).revoked();
        }
        let named = removing(&pki).named(&common_name("somebody else"));
        pki.given(&[hold(&pki), named]).revoked();
        let stranger = removing(&pki).signed_by(&Key::p256("a stranger"));
        pki.given(&[hold(&pki), stranger]).revoked();
    }

    #[test]
    fn a_stale_delta_revokes_and_does_not_release() {
        let pki = Pki::new();
        let stale = |list: CrlTemplate| list.issued("20251220000000Z", Some("20251225000000Z"));
        pki.given(&[pki.list(), stale(delta(&pki)).revoking(&pki.leaf)])
            .revoked();
        pki.given(&[hold(&pki), stale(removing(&pki))]).revoked();
    }

    #[test]
    fn a_delta_from_the_future_does_not_count() {
        let pki = Pki::new();
        let early = removing(&pki).issued("20260102000000Z", Some("20260115000000Z"));
        pki.given(&[hold(&pki), early]).revoked();
    }

    #[test]
    fn an_unusable_delta_does_not_count() {
        let pki = Pki::new();
        pki.given(&[hold(&pki), removing(&pki).with(unknown_critical())])
            .revoked();
        let odd = removing(&pki).entry(stranger().with(unknown_critical()));
        pki.given(&[hold(&pki), odd]).revoked();
    }

    #[test]
    fn of_several_deltas_the_newest_speaks() {
        let pki = Pki::new();
        let again = delta(&pki)
            .number(9)
            .issued("20251225000000Z", Some("20260115000000Z"))
            .revoking(&pki.leaf);
        pki.given(&[hold(&pki), removing(&pki), again.clone()])
            .revoked();
        pki.given(&[hold(&pki), again, removing(&pki)]).revoked();
    }

    #[test]
    fn a_current_delta_carries_a_list_that_has_run_out() {
        let pki = Pki::new();
        let old = pki
            .list()
            .issued("20251201000000Z", Some("20251210000000Z"));
        pki.given(slice::from_ref(&old))
            .unknown(UnknownStatus::Stale);
        pki.given(&[old, delta(&pki)]).good();
    }

    const FRESH: &str = "http://crl.example.test/delta.crl";

    #[test]
    fn a_delta_that_is_named_by_list_or_certificate_is_asked_for() {
        let world = World::new("crl");
        let base = |leaf: &Made| Pki {
            world: World::new("crl"),
            leaf: leaf.clone(),
        };
        let by_leaf = client()
            .with(points(&[DistributionPoint::url(AT)]))
            .with_another(freshest(&[DistributionPoint::url(FRESH)]));
        let by_leaf = base(&world.ca.issue(by_leaf));
        let plain = Pki::new();
        let by_list = plain
            .list()
            .with(freshest(&[DistributionPoint::url(FRESH)]));
        for (pki, list) in [(&by_leaf, by_leaf.list()), (&plain, by_list)] {
            let revoking = delta(pki).revoking(&pki.leaf).der();
            let web = Web::new().with(AT, list.der()).with(FRESH, revoking);
            let outcome = pki.inquiry().ask(&web);
            outcome.revoked();
            assert_eq!(outcome.urls(), [[AT], [FRESH]]);
            // Nothing is lost when it does not come.
            pki.inquiry().ask(&Web::new().with(AT, list.der())).good();
            let policy = RevocationPolicy::default().use_deltas(false);
            let outcome = pki.inquiry().policy(policy).ask(&web);
            outcome.good();
            assert_eq!(outcome.urls(), [[AT]]);
        }
    }

    /// A CA that issues both at the same time gives them the same number (RFC 5280 section 5.2.4):
    /// the delta adds nothing, is kept so that it is polled, and nobody asks for it again.
    #[test]
    fn a_delta_that_came_with_its_crl_is_not_asked_for_again() {
        let pki = Pki::new();
        let base = pki.list().with(freshest(&[DistributionPoint::url(FRESH)]));
        let together = delta(&pki).number(7);
        let web = Web::new().with(AT, base.der()).with(FRESH, together.der());
        let store = Arc::new(SharedEvidence::default());
        let outcome = pki.inquiry().evidence(&store).ask(&web);
        outcome.good();
        assert_eq!(outcome.urls(), [[AT], [FRESH]]);
        let outcome = pki.inquiry().evidence(&store).ask(&web);
        outcome.good();
        assert!(outcome.urls().is_empty(), "{:?}", outcome.urls());
        let polled = pki.inquiry().evidence(&store).validator();
        let schedule = RefreshSchedule::from(0).poll_crls_every(60);
        let due = polled.due(support::now().plus(60), schedule);
        let urls: Vec<&str> = due.iter().map(|due| due.request().url()).collect();
        assert!(urls.contains(&FRESH), "{urls:?}");
    }

    /// Neither a delta that has run out nor one that nobody vouches for keeps the fresh one from
    /// being asked for.
    #[test]
    fn deltas_at_hand_that_say_nothing_now_do_not_stand_for_the_fresh_one() {
        let pki = Pki::new();
        let list = pki.list().with(freshest(&[DistributionPoint::url(FRESH)]));
        let revoking = delta(&pki).number(9).revoking(&pki.leaf).der();
        let stale = delta(&pki).issued("20251220000000Z", Some("20251225000000Z"));
        let forged = delta(&pki).signed_by(&Key::p256("a stranger"));
        for other in [stale, forged] {
            let web = Web::new()
                .with(AT, other.der())
                .with(AT, list.der())
                .with(FRESH, revoking.clone());
            pki.inquiry().ask(&web).revoked();
        }
    }
}

mod scopes {
    use super::*;

    #[test]
    fn any_name_of_any_point_with_any_name_of_the_list() {
        let two = [uri("http://a.example.test/"), uri(OTHER)];
        let pki = Pki::with(&[DistributionPoint::url(AT), DistributionPoint::full(&two)]);
        let scopes = [
            IssuingDistributionPoint::url(AT),
            IssuingDistributionPoint::url(OTHER),
            IssuingDistributionPoint::full(&[uri("http://b.example.test/"), uri(OTHER)]),
            IssuingDistributionPoint::full(&[directory(&common_name("nobody")), uri(AT)]),
        ];
        for scope in scopes {
            pki.given(&[pki.list().scope(scope.clone())]).good();
            let list = pki.list().scope(scope).revoking(&pki.leaf);
            pki.given(&[list]).revoked();
        }
    }

    /// A list from elsewhere that happens to lack the number does not clear.
    #[test]
    fn a_list_of_another_part_neither_clears_nor_revokes() {
        let pki = Pki::with(&[DistributionPoint::url(AT)]);
        let reason = UnknownStatus::NotAuthoritative;
        let scopes = [
            IssuingDistributionPoint::url(OTHER),
            IssuingDistributionPoint::url("http://crl.example.test/CA.crl"),
            IssuingDistributionPoint::full(&[directory(&common_name("nobody"))]),
            IssuingDistributionPoint::relative(&attribute(COMMON_NAME, utf8("part"))),
        ];
        for scope in scopes {
            pki.given(&[pki.list().scope(scope.clone())])
                .unknown(reason);
            let list = pki.list().scope(scope).revoking(&pki.leaf);
            pki.given(&[list]).unknown(reason);
        }
    }

    #[test]
    fn names_relative_to_the_issuer_are_names_below_it() {
        let part = attribute(COMMON_NAME, utf8("part"));
        let whole = name_of(vec![
            vec![attribute(COMMON_NAME, utf8("crl ca"))],
            vec![part.clone()],
        ]);
        // The second point is where the lists come from; its name is not theirs.
        let relative = Pki::with(&[
            DistributionPoint::relative(&part),
            DistributionPoint::url(AT),
        ]);
        let full = Pki::with(&[
            DistributionPoint::full(&[directory(&whole)]),
            DistributionPoint::url(AT),
        ]);
        for pki in [relative, full] {
            for scope in [
                IssuingDistributionPoint::relative(&part),
                IssuingDistributionPoint::full(&[directory(&whole)]),
            ] {
                pki.given(&[pki.list().scope(scope)]).good();
            }
            let other =
                IssuingDistributionPoint::relative(&attribute(COMMON_NAME, utf8("another")));
            let outcome = pki.given(&[pki.list().scope(other)]);
            outcome.unknown(UnknownStatus::NotAuthoritative);
        }
    }

    #[test]
    fn a_certificate_without_points_takes_the_whole_list_of_its_issuer() {
        let world = World::new("crl");
        let pki = Pki {
            leaf: world.ca.issue(client()),
            world,
        };
        // It names no list; a list comes as the answer to another question and counts all the same.
        let given = |list: CrlTemplate| {
            let crl = points(&[DistributionPoint::url(AT)]);
            let ca = Template::ca("crl ca").with(crl);
            let ca = pki.world.root.issue_ca(ca);
            let inquiry = Inquiry::about(&pki.world.root, &pki.leaf, &[&ca.certificate]);
            let of_root = CrlTemplate::by(&pki.world.root).der();
            inquiry
                .flag(RevocationFlag::ExcludeRoot)
                .given(&[list.der(), of_root])
        };
        given(pki.list()).good();
        given(pki.list().revoking(&pki.leaf)).revoked();
        let whole = IssuingDistributionPoint::full(&[directory(&pki.ca().name)]);
        given(pki.list().scope(whole)).good();
        let part = given(pki.list().scope(IssuingDistributionPoint::url(OTHER)));
        part.unknown(UnknownStatus::NoSource);
    }

    #[test]
    fn lists_of_users_of_cas_and_of_attributes_speak_of_their_kind() {
        let pki = Pki::new();
        let reason = UnknownStatus::NotAuthoritative;
        pki.given(&[pki.list().scope(IssuingDistributionPoint::all().user())])
            .good();
        for scope in [
            IssuingDistributionPoint::all().ca(),
            IssuingDistributionPoint::all().attribute(),
            IssuingDistributionPoint::all().user().ca(),
            IssuingDistributionPoint::all().user().attribute(),
        ] {
            pki.given(&[pki.list().scope(scope.clone())])
                .unknown(reason);
            let list = pki.list().scope(scope).revoking(&pki.leaf);
            pki.given(&[list]).unknown(reason);
        }
    }

    #[test]
    fn a_list_of_users_does_not_clear_a_ca() {
        let root = Authority::root("crl root");
        let ca =
            root.issue_ca(Template::ca("crl ca").with(points(&[DistributionPoint::url(OTHER)])));
        let leaf = ca.issue(client().with(points(&[DistributionPoint::url(AT)])));
        let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]);
        let inquiry = inquiry.flag(RevocationFlag::ExcludeRoot);
        let web = |scope: IssuingDistributionPoint| {
            let of_root = CrlTemplate::by(&root).scope(scope);
            Web::new()
                .with(AT, CrlTemplate::by(&ca).der())
                .with(OTHER, of_root.der())
        };
        inquiry
            .ask(&web(IssuingDistributionPoint::all().ca()))
            .good();
        let outcome = inquiry.ask(&web(IssuingDistributionPoint::all().user()));
        outcome.unknown_at(1, UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn lists_by_reasons_are_merged_until_all_are_covered() {
        let pki = Pki::new();
        let part = |bits: &[u8]| {
            pki.list()
                .scope(IssuingDistributionPoint::url(AT).reasons(bits))
        };
        let (first, second) = (&ALL_REASONS[..4], &ALL_REASONS[4..]);
        pki.given(&[part(ALL_REASONS)]).good();
        pki.given(&[part(first)]).unknown(UnknownStatus::Partial);
        pki.given(&[part(first), part(second)]).good();
        pki.given(&[part(first), part(&ALL_REASONS[5..])])
            .unknown(UnknownStatus::Partial);
        // Whichever part names it revokes it.
        let named = part(second).entry(CrlEntry::of(&pki.leaf).reason(HOLD));
        pki.given(slice::from_ref(&named)).revoked();
        pki.given(&[part(first), named]).revoked();
    }

    #[test]
    fn a_part_that_has_run_out_covers_nothing() {
        let pki = Pki::new();
        let part = |bits: &[u8]| {
            pki.list()
                .scope(IssuingDistributionPoint::url(AT).reasons(bits))
        };
        let stale = part(&ALL_REASONS[4..]).issued("20251201000000Z", Some("20251202000000Z"));
        let outcome = pki.given(&[part(&ALL_REASONS[..4]), stale]);
        outcome.unknown(UnknownStatus::Stale);
    }

    #[test]
    fn points_for_some_reasons_limit_what_their_list_covers() {
        let (first, second) = (&ALL_REASONS[..4], &ALL_REASONS[4..]);
        let at = [
            DistributionPoint::url(AT).reasons(first),
            DistributionPoint::url(OTHER).reasons(second),
        ];
        let pki = Pki::with(&at);
        let one = pki.list().scope(IssuingDistributionPoint::url(AT));
        let two = pki.list().scope(IssuingDistributionPoint::url(OTHER));
        pki.given(slice::from_ref(&one))
            .unknown(UnknownStatus::Partial);
        pki.given(&[one.clone(), two.clone()]).good();
        // Each part is asked for at once.
        let web = Web::new().with(AT, one.der()).with(OTHER, two.der());
        let outcome = pki.inquiry().ask(&web);
        outcome.good();
        assert_eq!(outcome.urls(), [[AT, OTHER]]);
        // A list without a scope is the issuer's whole list.
        pki.given(&[pki.list()]).good();
    }

    #[test]
    fn an_empty_set_of_reasons_covers_nothing() {
        let pki = Pki::new();
        let empty = pki
            .list()
            .scope(IssuingDistributionPoint::url(AT).reasons(&[]));
        pki.given(&[empty]).unknown(UnknownStatus::Partial);
    }
}

mod signers {
    use super::*;

    /// The issuer has two keys, each with a certificate of the root: one signs certificates, the
    /// other lists.
    struct TwoKeys {
        pki: Pki,
        other: Authority,
    }

    fn two_keys(other: impl FnOnce(Template) -> Template) -> TwoKeys {
        let pki = Pki::new();
        let template = Template::ca("crl ca, other key")
            .subject(pki.ca().name.clone())
            .with(key_usage(&[CRL_SIGN]));
        let other = pki.world.root.issue_ca(other(template));
        TwoKeys { pki, other }
    }

    impl TwoKeys {
        fn given(&self, lists: &[CrlTemplate]) -> Outcome {
            let (pki, other) = (&self.pki, &self.other.certificate);
            let more = [&pki.ca().certificate, other];
            Inquiry::about(&pki.world.root, &pki.leaf, &more).given(&ders(lists))
        }

        fn list(&self) -> CrlTemplate {
            CrlTemplate::by(&self.other)
        }
    }

    #[test]
    fn another_key_of_the_issuer_signs_its_lists() {
        let two = two_keys(|template| template);
        two.given(&[two.list()]).good();
        two.given(&[two.list().revoking(&two.pki.leaf)]).revoked();
        // Nobody presents that key.
        let outcome = two.pki.given(&[two.list()]);
        outcome.unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn another_key_of_the_issuer_needs_crl_sign_and_a_path() {
        let reason = UnknownStatus::NotAuthoritative;
        let no_sign = two_keys(|template| template.with(key_usage(&[DIGITAL_SIGNATURE])));
        no_sign.given(&[no_sign.list()]).unknown(reason);
        let expired = two_keys(|template| template.valid("20200101000000Z", "20250101000000Z"));
        expired.given(&[expired.list()]).unknown(reason);
        let mut strangers = two_keys(|template| template);
        let template = Template::ca("crl ca, other key").subject(strangers.pki.ca().name.clone());
        strangers.other = Authority::root("a stranger").issue_ca(template.clone());
        strangers.given(&[strangers.list()]).unknown(reason);
        strangers.other = Authority::self_signed(template);
        strangers.given(&[strangers.list()]).unknown(reason);
    }

    /// The same name below another anchor is another issuer.
    #[test]
    fn the_signer_must_reach_the_same_anchor() {
        let mut two = two_keys(|template| template);
        let other_root = Authority::root("other root");
        let template = Template::ca("crl ca, other key").subject(two.pki.ca().name.clone());
        two.other = other_root.issue_ca(template);
        let more = [&two.pki.ca().certificate, &two.other.certificate];
        let inquiry = Inquiry::about(&two.pki.world.root, &two.pki.leaf, &more);
        let outcome = inquiry.anchor(&other_root).given(&[two.list().der()]);
        outcome.unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn the_leaf_does_not_clear_itself() {
        let pki = Pki::new();
        // A leaf of its issuer's name, which may sign lists.
        let template = client()
            .subject(pki.ca().name.clone())
            .with(key_usage(&[DIGITAL_SIGNATURE, CRL_SIGN]))
            .with(points(&[DistributionPoint::url(AT)]));
        let key = Key::p256("crl client");
        let leaf = pki.ca().issue(template.key(key.clone()));
        let inquiry = Inquiry::about(&pki.world.root, &leaf, &[&pki.ca().certificate]);
        let list = pki.list().signed_by(&key);
        let outcome = inquiry.given(&[list.der()]);
        outcome.unknown(UnknownStatus::NotAuthoritative);
    }
}

mod indirect {
    use super::*;

    /// A client whose lists are issued by a CRL issuer of its own.
    struct Indirect {
        root: Authority,
        ca: Authority,
        issuer: Authority,
        leaf: Made,
    }

    fn crl_issuer() -> Template {
        Template::client("crl issuer").with(key_usage(&[CRL_SIGN]))
    }

    impl Indirect {
        fn new() -> Self {
            Self::with(|root, ca, template| {
                let _ = ca;
                root.issue_ca(template)
            })
        }

        fn with(issue: impl FnOnce(&Authority, &Authority, Template) -> Authority) -> Self {
            let root = Authority::root("indirect root");
            let ca = root.issue_ca(Template::ca("indirect ca"));
            let issuer = issue(&root, &ca, crl_issuer());
            let point = DistributionPoint::url(AT).issued_by(&[&issuer.name]);
            let leaf = ca.issue(client().with(points(&[point])));
            Self {
                root,
                ca,
                issuer,
                leaf,
            }
        }

        fn inquiry(&self) -> Inquiry {
            let more = [&self.ca.certificate, &self.issuer.certificate];
            Inquiry::about(&self.root, &self.leaf, &more)
        }

        fn list(&self) -> CrlTemplate {
            CrlTemplate::by(&self.issuer).scope(IssuingDistributionPoint::url(AT).indirect())
        }

        /// The leaf, as an entry that says whose it is.
        fn entry(&self) -> CrlEntry {
            CrlEntry::of(&self.leaf).issued_by(&self.ca.name)
        }

        fn given(&self, lists: &[CrlTemplate]) -> Outcome {
            self.inquiry().given(&ders(lists))
        }
    }

    #[test]
    fn the_crl_issuer_that_a_point_names_speaks() {
        let pki = Indirect::new();
        pki.given(&[pki.list()]).good();
        pki.given(&[pki.list().entry(pki.entry())]).revoked();
    }

    #[test]
    fn a_list_of_somebody_else_must_say_that_it_is_indirect() {
        let pki = Indirect::new();
        let plain = CrlTemplate::by(&pki.issuer).scope(IssuingDistributionPoint::url(AT));
        pki.given(&[plain]).unknown(UnknownStatus::NotAuthoritative);
        let without = CrlTemplate::by(&pki.issuer);
        pki.given(&[without])
            .unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn whom_no_point_names_does_not_speak() {
        let pki = Indirect::new();
        let leaf = pki
            .ca
            .issue(client().with(points(&[DistributionPoint::url(AT)])));
        let more = [&pki.ca.certificate, &pki.issuer.certificate];
        let inquiry = Inquiry::about(&pki.root, &leaf, &more);
        let outcome = inquiry.given(&[pki.list().der()]);
        outcome.unknown(UnknownStatus::NotAuthoritative);
    }

    /// A certificate that hands all its revocation to others is not cleared by its issuer's own
    /// list.
    #[test]
    fn the_issuers_own_list_does_not_clear_what_was_handed_to_others() {
        let pki = Indirect::new();
        let outcome = pki.given(&[CrlTemplate::by(&pki.ca)]);
        outcome.unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn the_certificate_issuer_holds_for_the_entries_that_follow() {
        let pki = Indirect::new();
        let other = common_name("another ca");
        let first = stranger().issued_by(&pki.ca.name);
        // Sticky: the leaf's entry says nothing of its issuer.
        let sticky = pki
            .list()
            .entry(first.clone())
            .entry(CrlEntry::of(&pki.leaf));
        pki.given(&[sticky]).revoked();
        // Until the next.
        let others = pki
            .list()
            .entry(first)
            .entry(CrlEntry::labelled("yet another").issued_by(&other))
            .entry(CrlEntry::of(&pki.leaf));
        pki.given(&[others]).good();
        // Before the first it is the issuer of the list.
        let own = pki
            .list()
            .entry(CrlEntry::of(&pki.leaf))
            .entry(pki_entry(&pki));
        pki.given(&[own]).good();
    }

    fn pki_entry(pki: &Indirect) -> CrlEntry {
        stranger().issued_by(&pki.ca.name)
    }

    #[test]
    fn the_same_number_of_another_issuer_does_not_revoke() {
        let pki = Indirect::new();
        let entry = CrlEntry::of(&pki.leaf).issued_by(&common_name("another ca"));
        pki.given(&[pki.list().entry(entry)]).good();
    }

    #[test]
    fn the_crl_issuer_must_reach_the_same_anchor() {
        let other_root = Authority::root("indirect other root");
        let pki = Indirect::with(|_, _, template| other_root.issue_ca(template));
        let reason = UnknownStatus::NotAuthoritative;
        pki.given(&[pki.list()]).unknown(reason);
        let both = pki.inquiry().anchor(&other_root);
        both.given(&[pki.list().der()]).unknown(reason);
    }

    #[test]
    fn the_crl_issuer_must_be_allowed_to_sign_lists() {
        let pki = Indirect::with(|root, _, template| {
            root.issue_ca(template.with(key_usage(&[DIGITAL_SIGNATURE])))
        });
        pki.given(&[pki.list()])
            .unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn an_expired_crl_issuer_does_not_speak() {
        let pki = Indirect::with(|root, _, template| {
            root.issue_ca(template.valid("20200101000000Z", "20250101000000Z"))
        });
        pki.given(&[pki.list()])
            .unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn a_verdict_ends_with_the_certificate_of_the_crl_issuer() {
        let next_update = time("2026-01-15T00:00:00Z");
        let pki = Indirect::new();
        pki.given(&[pki.list()]).good_until(next_update);
        let pki = Indirect::with(|root, _, template| {
            root.issue_ca(template.valid("20200101000000Z", "20260103000000Z"))
        });
        let end = time("2026-01-03T00:00:00Z");
        pki.given(&[pki.list()]).good_until(end);
    }

    const OF_ISSUER: &str = "http://crl.example.test/issuer.crl";
    const OF_CA: &str = "http://crl.example.test/ca-of-root.crl";

    /// All but the root are asked about, the CRL issuer too.
    fn checked(of_root: CrlTemplate) -> (Indirect, Web) {
        checked_by(of_root, |list, _| list)
    }

    fn checked_by(
        of_root: CrlTemplate,
        change: impl FnOnce(CrlTemplate, &Indirect) -> CrlTemplate,
    ) -> (Indirect, Web) {
        let root = Authority::root("indirect root");
        let ca = Template::ca("indirect ca").with(points(&[DistributionPoint::url(OF_CA)]));
        let ca = root.issue_ca(ca);
        let issuer = root.issue_ca(crl_issuer().with(points(&[DistributionPoint::url(OF_ISSUER)])));
        let point = DistributionPoint::url(AT).issued_by(&[&issuer.name]);
        let leaf = ca.issue(client().with(points(&[point])));
        let pki = Indirect {
            root,
            ca,
            issuer,
            leaf,
        };
        let list = change(pki.list(), &pki);
        let web = Web::new()
            .with(AT, list.der())
            .with(OF_CA, CrlTemplate::by(&pki.root).der())
            .with(OF_ISSUER, of_root.der());
        (pki, web)
    }

    #[test]
    fn the_crl_issuer_is_asked_about_too() {
        let root = Authority::root("indirect root");
        let (pki, web) = checked(CrlTemplate::by(&root));
        let outcome = pki.inquiry().flag(RevocationFlag::ExcludeRoot).ask(&web);
        outcome.good();
        assert_eq!(outcome.urls(), [vec![AT, OF_CA]]);
        // The list of the root, which came for the CA, spoke of the CRL issuer as well.
    }

    #[test]
    fn a_revoked_crl_issuer_makes_its_lists_unusable() {
        let root = Authority::root("indirect root");
        let issuer = CrlEntry::labelled("crl issuer");
        let of_root = CrlTemplate::by(&root)
            .number(8)
            .entry(issuer)
            .issued("20251220000000Z", None);
        let (pki, _) = checked(of_root.clone());
        let web = Web::new().with(AT, pki.list().der()).with(
            OF_CA,
            CrlTemplate::by(&root)
                .entry(CrlEntry::labelled("crl issuer"))
                .der(),
        );
        let outcome = pki.inquiry().flag(RevocationFlag::ExcludeRoot).ask(&web);
        outcome.unknown(UnknownStatus::NotAuthoritative);
        // Its lists do not revoke either.
        let web = Web::new()
            .with(AT, pki.list().entry(pki.entry()).der())
            .with(
                OF_CA,
                CrlTemplate::by(&root)
                    .entry(CrlEntry::labelled("crl issuer"))
                    .der(),
            );
        let outcome = pki.inquiry().flag(RevocationFlag::ExcludeRoot).ask(&web);
        outcome.unknown(UnknownStatus::NotAuthoritative);
    }

    /// Whom a staple clears is still revoked by a list whose signer is found to be good only
    /// afterwards.
    #[test]
    fn a_staple_does_not_hide_what_the_crl_issuer_says() {
        let root = Authority::root("indirect root");
        let (pki, web) = checked_by(CrlTemplate::by(&root), |list, pki| list.entry(pki.entry()));
        let staple = ResponseTemplate::of(&pki.ca, &pki.leaf, CertStatus::Good).der();
        // The list stands in the store, with all that vouches for its signer.
        let store = std::sync::Arc::new(portcullis::revocation::SharedEvidence::default());
        let inquiry = pki
            .inquiry()
            .flag(RevocationFlag::ExcludeRoot)
            .evidence(&store);
        inquiry.ask(&web).revoked();
        inquiry.staple(&staple).ask(&web).revoked();
    }

    /// A list that only its own signer vouches for clears nobody, unless its issuer says that it
    /// does (which is what the PKITS tests 4.14.30 and 4.14.31 do).
    #[test]
    fn a_crl_issuer_vouches_for_itself_only_where_its_issuer_says_so() {
        for by_itself in [false, true] {
            let root = Authority::root("indirect root");
            let ca = Template::ca("indirect ca").with(points(&[DistributionPoint::url(OF_CA)]));
            let ca = root.issue_ca(ca);
            let own = DistributionPoint::url(OF_ISSUER);
            let own = match by_itself {
                true => own.issued_by(&[&common_name("crl issuer")]),
                false => own,
            };
            let issuer = root.issue_ca(crl_issuer().with(points(&[own])));
            let point = DistributionPoint::url(AT).issued_by(&[&issuer.name]);
            let leaf = ca.issue(client().with(points(&[point])));
            let pki = Indirect {
                root,
                ca,
                issuer,
                leaf,
            };
            let of_itself = CrlTemplate::by(&pki.issuer)
                .scope(IssuingDistributionPoint::url(OF_ISSUER).indirect());
            let of_root = CrlTemplate::by(&pki.root).scope(IssuingDistributionPoint::url(OF_CA));
            let web = Web::new()
                .with(AT, pki.list().der())
                .with(OF_CA, of_root.der())
                .with(OF_ISSUER, of_itself.der());
            let inquiry = pki.inquiry().flag(RevocationFlag::ExcludeRoot);
            let outcome = inquiry.ask(&web);
            match by_itself {
                true => outcome.good(),
                false => outcome.unknown(UnknownStatus::NotAuthoritative),
            }
        }
    }

    /// Many of the CRL issuer's name do not crowd it out, if it is one that the validator was
    /// given.
    #[test]
    fn presented_namesakes_do_not_crowd_out_the_crl_issuer() {
        let pki = Indirect::new();
        let namesakes: Vec<Made> = (0..40)
            .map(|n| {
                let template = crl_issuer().subject(pki.issuer.name.clone());
                let template = template.key(Key::p256(&format!("namesake {n}")));
                pki.ca.issue(template)
            })
            .collect();
        let mut more = vec![&pki.ca.certificate];
        more.extend(&namesakes);
        let staple = ResponseTemplate::of(&pki.ca, &pki.leaf, CertStatus::Good).der();
        let inquiry = Inquiry::about(&pki.root, &pki.leaf, &more).staple(&staple);
        let issuer = support::parsed(&pki.issuer.certificate);
        let validator = inquiry.builder().additional_chain_certificates([issuer]);
        let mut evidence = portcullis::revocation::Evidence::default();
        let list = pki.list().entry(pki.entry()).der();
        let list = portcullis::revocation::Crl::from_der(&list).unwrap();
        evidence.insert_crl(list).unwrap();
        let store = portcullis::revocation::SharedEvidence::new(evidence);
        let validator = validator
            .evidence(std::sync::Arc::new(store))
            .build()
            .unwrap();
        let verdict = validator.validate(
            &inquiry.presented(),
            support::now(),
            &portcullis::revocation::NoFetcher,
        );
        let rejected = verdict.expect_err("the list at hand revokes it");
        assert!(
            matches!(rejected.error().rule, portcullis::Rule::Revoked(_)),
            "{rejected}"
        );
    }
}

#[test]
fn lists_only_never_asks_a_responder() {
    let world = World::new("crl");
    let leaf = world.ca.issue(client().with(access(&[OTHER], &[])));
    let inquiry = Inquiry::about(&world.root, &leaf, &[&world.ca.certificate]);
    let policy = RevocationPolicy::default().order(SourceOrder::CrlOnly);
    let outcome = inquiry.policy(policy).ask(&Web::new());
    outcome.unknown(UnknownStatus::NoSource);
    assert!(outcome.rounds.is_empty());
}
