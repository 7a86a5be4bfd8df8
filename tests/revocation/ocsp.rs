//! OCSP responses in whole validations (RFC 6960, RFC 9654, RFC 7633).

use portcullis::revocation::{
    CertIdHash, NonceRule, RevocationFlag, RevocationMode, RevocationPolicy, SourceOrder,
};
use portcullis::{Rule, UnknownStatus};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::unknown_critical;
use portcullis_testkit::extensions::{
    ANY_USAGE, CLIENT_AUTH, CRL_SIGN, DIGITAL_SIGNATURE, extended_key_usage, key_usage,
    must_staple, ocsp_no_check,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::ocsp::{CertStatus, IdField, ResponseTemplate, SingleResponse, ocsp_error};
use portcullis_testkit::tamper::broken;

use crate::support::inquiry::{Inquiry, Outcome, Web};
use crate::support::{Authority, Made, Template, World, parsed, time};

const AT: &str = "http://ocsp.example.test/";
const LISTS: &str = "http://crl.example.test/ca.crl";
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

struct Pki {
    world: World,
    leaf: Made,
}

impl Pki {
    fn new() -> Self {
        Self::with(|template| template)
    }

    fn with(change: impl FnOnce(Template) -> Template) -> Self {
        let world = World::new("ocsp");
        let template = Template::client("ocsp client").with(access(&[AT], &[]));
        let leaf = world.ca.issue(change(template));
        Self { world, leaf }
    }

    fn ca(&self) -> &Authority {
        &self.world.ca
    }

    fn inquiry(&self) -> Inquiry {
        Inquiry::about(&self.world.root, &self.leaf, &[&self.ca().certificate])
    }

    fn single(&self, said: CertStatus) -> SingleResponse {
        SingleResponse::about(self.ca(), &self.leaf, said)
    }

    fn response(&self, said: CertStatus) -> ResponseTemplate {
        ResponseTemplate::of(self.ca(), &self.leaf, said)
    }

    fn given(&self, response: &ResponseTemplate) -> Outcome {
        self.inquiry().given(&[response.der()])
    }

    fn delegate(&self, change: impl FnOnce(Template) -> Template) -> Authority {
        self.ca().issue_ca(change(responder()))
    }

    /// What a responder says, with its certificate.
    fn by(&self, responder: &Authority, said: CertStatus) -> ResponseTemplate {
        let response = ResponseTemplate::by(responder).single(self.single(said));
        response.sending(&responder.certificate)
    }
}

fn responder() -> Template {
    Template::client("ocsp responder")
        .with(key_usage(&[DIGITAL_SIGNATURE]))
        .with(extended_key_usage(&[OCSP_SIGNING]))
        .with(ocsp_no_check())
}

fn policy() -> RevocationPolicy {
    RevocationPolicy::default()
}

#[test]
fn the_issuer_says_good_revoked_or_that_it_does_not_know() {
    let pki = Pki::new();
    pki.given(&pki.response(CertStatus::Good)).good();
    pki.given(&pki.response(CertStatus::Good).by_key()).good();
    pki.given(&pki.response(CertStatus::Revoked)).revoked();
    let outcome = pki.given(&pki.response(CertStatus::Unknown));
    outcome.unknown(UnknownStatus::UnknownToResponder);
}

#[test]
fn every_field_of_the_cert_id_must_match() {
    let pki = Pki::new();
    for field in [
        IdField::Algorithm,
        IdField::Name,
        IdField::Key,
        IdField::Serial,
    ] {
        for said in [CertStatus::Good, CertStatus::Revoked] {
            for sha256 in [false, true] {
                let single = pki.single(said).wrong(field);
                let single = if sha256 { single.sha256() } else { single };
                let outcome = pki.given(&ResponseTemplate::by(pki.ca()).single(single));
                outcome.unknown(UnknownStatus::NotAuthoritative);
            }
        }
    }
    let sha256 = pki.single(CertStatus::Good).sha256();
    pki.given(&ResponseTemplate::by(pki.ca()).single(sha256))
        .good();
}

#[test]
fn a_signature_that_does_not_hold_neither_clears_nor_revokes() {
    let pki = Pki::new();
    let reason = UnknownStatus::NotAuthoritative;
    for said in [CertStatus::Good, CertStatus::Revoked, CertStatus::Unknown] {
        let response = pki.response(said);
        pki.inquiry()
            .given(&[broken(response.der())])
            .unknown(reason);
        pki.given(&response.signed_by(&Key::p256("a stranger")))
            .unknown(reason);
    }
}

#[test]
fn what_is_signed_by_the_issuers_issuer_says_nothing() {
    let pki = Pki::new();
    let response = ResponseTemplate::by(&pki.world.root).single(pki.single(CertStatus::Good));
    pki.given(&response)
        .unknown(UnknownStatus::NotAuthoritative);
}

#[test]
fn error_statuses_and_garbage_are_no_responses() {
    let pki = Pki::new();
    for status in [1, 2, 3, 5, 6] {
        let outcome = pki.inquiry().given(&[ocsp_error(status)]);
        outcome.unknown(UnknownStatus::Malformed);
    }
    let list = CrlTemplate::by(pki.ca()).der();
    for garbage in [vec![], vec![0x30], b"<html>".to_vec(), list] {
        let outcome = pki.inquiry().given(&[garbage]);
        outcome.unknown(UnknownStatus::Malformed);
    }
}

#[test]
fn of_several_statements_the_one_that_revokes_counts() {
    let pki = Pki::new();
    let other = Made {
        label: "another client".into(),
        der: Vec::new(),
    };
    let others = SingleResponse::about(pki.ca(), &other, CertStatus::Revoked);
    let response = ResponseTemplate::by(pki.ca()).single(others);
    pki.given(&response.clone().single(pki.single(CertStatus::Good)))
        .good();
    let both = response
        .single(pki.single(CertStatus::Good))
        .single(pki.single(CertStatus::Revoked));
    pki.given(&both).revoked();
    // Nor does a second answer take back what the first said.
    let good = pki.response(CertStatus::Good).der();
    let revoked = pki.response(CertStatus::Revoked).der();
    pki.inquiry()
        .given(&[good.clone(), revoked.clone()])
        .revoked();
    pki.inquiry().given(&[revoked, good]).revoked();
}

#[test]
fn an_unknown_critical_extension_makes_a_response_or_a_statement_unusable() {
    let pki = Pki::new();
    let reason = UnknownStatus::NotAuthoritative;
    pki.given(&pki.response(CertStatus::Good).with(unknown_critical()))
        .unknown(reason);
    let odd = pki.single(CertStatus::Good).with(unknown_critical());
    pki.given(&ResponseTemplate::by(pki.ca()).single(odd.clone()))
        .unknown(reason);
    let beside = ResponseTemplate::by(pki.ca())
        .single(odd)
        .single(pki.single(CertStatus::Good));
    pki.given(&beside).good();
}

mod dates {
    use super::*;

    fn at(
        this: &'static str,
        next: Option<&'static str>,
        said: CertStatus,
    ) -> (Pki, ResponseTemplate) {
        let pki = Pki::new();
        let single = pki.single(said).issued(this, next);
        let response = ResponseTemplate::by(pki.ca()).single(single);
        (pki, response)
    }

    #[test]
    fn good_ends_with_next_update_and_revoked_does_not() {
        let (pki, response) = at("20251201000000Z", Some("20260101000000Z"), CertStatus::Good);
        pki.given(&response).good();
        let (pki, response) = at("20251201000000Z", Some("20251231235959Z"), CertStatus::Good);
        pki.given(&response).unknown(UnknownStatus::Stale);
        let skew = pki.inquiry().policy(policy().clock_skew(1));
        skew.given(&[response.der()]).good();
        let (pki, response) = at(
            "20241201000000Z",
            Some("20241231000000Z"),
            CertStatus::Revoked,
        );
        pki.given(&response).revoked();
        let (pki, response) = at(
            "20241201000000Z",
            Some("20241231000000Z"),
            CertStatus::Unknown,
        );
        pki.given(&response).unknown(UnknownStatus::Stale);
    }

    #[test]
    fn a_statement_from_the_future_does_not_count_yet() {
        for said in [CertStatus::Good, CertStatus::Revoked] {
            let (pki, response) = at("20260101000101Z", Some("20260201000000Z"), said);
            pki.given(&response).unknown(UnknownStatus::Stale);
        }
        let (pki, response) = at("20260101000101Z", Some("20260201000000Z"), CertStatus::Good);
        let skew = pki.inquiry().policy(policy().clock_skew(61));
        skew.given(&[response.der()]).good();
    }

    #[test]
    fn without_next_update_a_statement_counts_for_three_days() {
        let (pki, response) = at("20251229000000Z", None, CertStatus::Good);
        pki.given(&response).good();
        let (pki, response) = at("20251228235959Z", None, CertStatus::Good);
        pki.given(&response).unknown(UnknownStatus::Stale);
        let for_ever = policy().max_age_without_next_update(None);
        pki.inquiry()
            .policy(for_ever)
            .given(&[response.der()])
            .good();
        let hour = policy().max_age(Some(3_600));
        let (pki, response) = at("20251231225959Z", Some("20260201000000Z"), CertStatus::Good);
        let outcome = pki.inquiry().policy(hour).given(&[response.der()]);
        outcome.unknown(UnknownStatus::Stale);
    }

    #[test]
    fn revoked_only_from_its_date_on() {
        let pki = Pki::new();
        let single = pki.single(CertStatus::RevokedLater);
        let single = single.issued("20251231000000Z", Some("20280101000000Z"));
        let response = ResponseTemplate::by(pki.ca()).single(single);
        pki.given(&response).revoked();
        let inquiry = pki
            .inquiry()
            .policy(policy().revoked_only_from_its_date_on(true));
        inquiry.given(&[response.der()]).good();
        let later = inquiry.at(time("2027-01-01T00:00:00Z"));
        later.given(&[response.der()]).revoked();
    }

    #[test]
    fn the_verdict_ends_with_the_statement() {
        let pki = Pki::new();
        let outcome = pki.given(&pki.response(CertStatus::Good));
        let not_after = outcome.verdict.unwrap().not_after();
        assert_eq!(not_after, time("2026-01-07T00:00:00Z"));
    }
}

mod responders {
    use super::*;

    #[test]
    fn a_delegate_of_the_issuer_speaks() {
        let pki = Pki::new();
        let delegate = pki.delegate(|template| template);
        pki.given(&pki.by(&delegate, CertStatus::Good)).good();
        pki.given(&pki.by(&delegate, CertStatus::Good).by_key())
            .good();
        pki.given(&pki.by(&delegate, CertStatus::Revoked)).revoked();
        // It sends its certificate along, or nobody knows it.
        let bare = ResponseTemplate::by(&delegate).single(pki.single(CertStatus::Good));
        pki.given(&bare).unknown(UnknownStatus::NotAuthoritative);
    }

    /// What a responder said counts no longer than its certificate, of whoever vouches for it.
    #[test]
    fn a_verdict_ends_with_the_certificate_of_the_responder() {
        let pki = Pki::new();
        let next_update = time("2026-01-07T00:00:00Z");
        pki.given(&pki.response(CertStatus::Good))
            .good_until(next_update);
        let short = |template: Template| template.valid("20250101000000Z", "20260103000000Z");
        let end = time("2026-01-03T00:00:00Z");
        let delegate = pki.delegate(short);
        pki.given(&pki.by(&delegate, CertStatus::Good))
            .good_until(end);
        let long = pki.delegate(|template| template);
        let said = pki.given(&pki.by(&long, CertStatus::Good));
        said.good_until(next_update);
        let stranger = Authority::self_signed(short(Template::client("trusted responder")));
        let trusting = policy().trusted_responders([parsed(&stranger.certificate)]);
        let bare = ResponseTemplate::by(&stranger).single(pki.single(CertStatus::Good));
        let said = pki.inquiry().policy(trusting).given(&[bare.der()]);
        said.good_until(end);
    }

    #[test]
    fn who_has_no_right_to_sign_does_not_speak() {
        let pki = Pki::new();
        let reason = UnknownStatus::NotAuthoritative;
        let wrong: [fn(Template) -> Template; 6] = [
            |template| template.without("2.5.29.37"),
            |template| template.with(extended_key_usage(&[CLIENT_AUTH])),
            |template| template.with(extended_key_usage(&[ANY_USAGE])),
            |template| template.with(key_usage(&[CRL_SIGN])),
            |template| template.valid("20200101000000Z", "20251231000000Z"),
            |template| template.with(unknown_critical()),
        ];
        for change in wrong {
            let delegate = pki.delegate(change);
            pki.given(&pki.by(&delegate, CertStatus::Good))
                .unknown(reason);
            pki.given(&pki.by(&delegate, CertStatus::Revoked))
                .unknown(reason);
        }
    }

    #[test]
    fn a_delegate_of_another_ca_does_not_speak() {
        let pki = Pki::new();
        let reason = UnknownStatus::NotAuthoritative;
        let of_root = pki.world.root.issue_ca(responder());
        pki.given(&pki.by(&of_root, CertStatus::Good))
            .unknown(reason);
        let sibling = pki.world.root.issue_ca(Template::ca("sibling"));
        let of_sibling = sibling.issue_ca(responder());
        pki.given(&pki.by(&of_sibling, CertStatus::Good))
            .unknown(reason);
        // Under the issuer's name, by another key.
        let namesake = Template::ca("ocsp namesake").subject(pki.ca().name.clone());
        let namesake = Authority::self_signed(namesake);
        let of_namesake = namesake.issue_ca(responder());
        pki.given(&pki.by(&of_namesake, CertStatus::Good))
            .unknown(reason);
        // A delegate of a delegate.
        let delegate = pki.delegate(|template| template);
        let second = delegate.issue_ca(responder().key(Key::p256("second")));
        let response = pki
            .by(&second, CertStatus::Good)
            .sending(&delegate.certificate);
        pki.given(&response).unknown(reason);
    }

    #[test]
    fn a_response_by_another_key_than_the_certificates_is_none() {
        let pki = Pki::new();
        let delegate = pki.delegate(|template| template);
        let response = pki.by(&delegate, CertStatus::Good);
        let response = response.signed_by(&Key::p256("a stranger"));
        pki.given(&response)
            .unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn a_client_that_is_a_responder_does_not_clear_itself() {
        let pki = Pki::new();
        let template = responder().with(access(&[AT], &[]));
        let usages = extended_key_usage(&[OCSP_SIGNING, CLIENT_AUTH]);
        let itself = pki.ca().issue_ca(template.with(usages));
        let leaf = &itself.certificate;
        let inquiry = Inquiry::about(&pki.world.root, leaf, &[&pki.ca().certificate]);
        let single = SingleResponse::about(pki.ca(), leaf, CertStatus::Good);
        let response = ResponseTemplate::by(&itself).single(single).sending(leaf);
        let outcome = inquiry.given(&[response.der()]);
        outcome.unknown(UnknownStatus::NotAuthoritative);
    }

    #[test]
    fn no_check_can_be_required_of_delegates() {
        let pki = Pki::new();
        let without = pki.delegate(|template| template.without("1.3.6.1.5.5.7.48.1.5"));
        let response = pki.by(&without, CertStatus::Good);
        pki.given(&response).good();
        let strict = pki.inquiry().policy(policy().require_no_check(true));
        strict
            .given(&[response.der()])
            .unknown(UnknownStatus::NotAuthoritative);
        let with = pki.delegate(|template| template);
        strict
            .given(&[pki.by(&with, CertStatus::Good).der()])
            .good();
    }

    /// Without no-check a list at hand that names the responder counts; with it the issuer says
    /// that nobody need look.
    #[test]
    fn a_delegate_that_a_list_at_hand_names_does_not_speak() {
        for no_check in [false, true] {
            let pki = Pki::with(|template| template.with(points(&[DistributionPoint::url(LISTS)])));
            let delegate = pki.delegate(|template| match no_check {
                true => template,
                false => template.without("1.3.6.1.5.5.7.48.1.5"),
            });
            // It has run out, so that OCSP decides.
            let list = CrlTemplate::by(pki.ca())
                .issued("20251201000000Z", Some("20251202000000Z"))
                .entry(CrlEntry::of(&delegate.certificate));
            let web = Web::new()
                .with(LISTS, list.der())
                .with(AT, pki.by(&delegate, CertStatus::Good).der());
            let outcome = pki.inquiry().ask(&web);
            match no_check {
                true => outcome.good(),
                false => outcome.unknown(UnknownStatus::Stale),
            }
        }
    }

    #[test]
    fn a_trusted_responder_speaks_for_all_within_its_period() {
        let pki = Pki::new();
        let trusted = Authority::self_signed(Template::client("trusted responder"));
        let response = ResponseTemplate::by(&trusted).single(pki.single(CertStatus::Good));
        let reason = UnknownStatus::NotAuthoritative;
        pki.given(&response).unknown(reason);
        let trusting = |made: &Made| policy().trusted_responders([parsed(made)]);
        let inquiry = pki.inquiry().policy(trusting(&trusted.certificate));
        inquiry.given(&[response.der()]).good();
        let other = response.signed_by(&Key::p256("a stranger"));
        inquiry.given(&[other.der()]).unknown(reason);
        let old = Template::client("trusted responder").valid("20200101000000Z", "20250101000000Z");
        let old = Authority::self_signed(old);
        let response = ResponseTemplate::by(&old).single(pki.single(CertStatus::Good));
        let inquiry = pki.inquiry().policy(trusting(&old.certificate));
        inquiry.given(&[response.der()]).unknown(reason);
    }

    /// Forged certificates that a response sends along cost little, and what is signed is believed
    /// all the same.
    #[test]
    fn many_forged_delegates_do_not_use_up_the_signatures() {
        let root = Authority::root("ocsp root");
        let at = |n: usize| {
            [
                points(&[DistributionPoint::url(&format!(
                    "http://crl.example.test/{n}"
                ))]),
                access(&[&format!("http://ocsp.example.test/{n}")], &[]),
            ]
        };
        let with = |template: Template, n| {
            at(n)
                .into_iter()
                .fold(template, |template, extension| template.with(extension))
        };
        let mut above = vec![root.clone()];
        for n in 1..5 {
            let ca = above[n - 1].issue_ca(with(Template::ca(&format!("ocsp ca {n}")), n));
            above.push(ca);
        }
        let leaf = above[4].issue(with(Template::client("ocsp client"), 5));
        let forger = Key::p256("forger");
        let mut web = Web::new();
        for n in 1..=5 {
            let (issuer, subject) = (&above[n - 1], above.get(n).map(|ca| &ca.certificate));
            let subject = subject.unwrap_or(&leaf);
            let forged = Authority {
                key: forger.clone(),
                ..issuer.clone()
            };
            let mut response = ResponseTemplate::by(&forged.issue_ca(responder()));
            response = response.single(SingleResponse::about(issuer, subject, CertStatus::Good));
            for _ in 0..32 {
                response = response.sending(&forged.issue(responder()));
            }
            web = web.with(&format!("http://ocsp.example.test/{n}"), response.der());
            let list = CrlTemplate::by(issuer).der();
            web = web.with(&format!("http://crl.example.test/{n}"), list);
        }
        let more: Vec<&Made> = above[1..].iter().map(|ca| &ca.certificate).collect();
        let inquiry = Inquiry::about(&root, &leaf, &more).flag(RevocationFlag::ExcludeRoot);
        let inquiry = inquiry.policy(policy().order(SourceOrder::OcspFirst));
        inquiry.ask(&web).good();
    }
}

mod nonces {
    use super::*;

    const SENT: &[u8] = &[7; 32];

    fn outcome(rule: NonceRule, received: Option<&[u8]>) -> Outcome {
        let pki = Pki::new();
        let response = pki.response(CertStatus::Good);
        let response = match received {
            Some(nonce) => response.nonce(nonce),
            None => response,
        };
        let inquiry = pki.inquiry().policy(policy().nonce(rule)).nonce(SENT);
        inquiry.given(&[response.der()])
    }

    #[test]
    fn the_nonce_that_was_sent_comes_back() {
        let reason = UnknownStatus::NotAuthoritative;
        for rule in [NonceRule::IfPresent, NonceRule::Required] {
            outcome(rule, Some(SENT)).good();
            outcome(rule, Some(&[8; 32])).unknown(reason);
            outcome(rule, Some(&SENT[..31])).unknown(reason);
        }
        outcome(NonceRule::IfPresent, None).good();
        outcome(NonceRule::Required, None).unknown(reason);
        outcome(NonceRule::Ignored, Some(&[8; 32])).good();
        outcome(NonceRule::Ignored, None).good();
    }

    #[test]
    fn whoever_sent_none_does_not_look_at_it() {
        let pki = Pki::new();
        pki.given(&pki.response(CertStatus::Good).nonce(SENT))
            .good();
    }

    #[test]
    fn the_request_has_nonce_hash_and_certificate() {
        let pki = Pki::new();
        for hash in [CertIdHash::Sha1, CertIdHash::Sha256] {
            let inquiry = pki
                .inquiry()
                .policy(policy().cert_id_hash(hash))
                .nonce(SENT);
            let mut seen = 0;
            let _ = inquiry.ask_with(|request| {
                let body = request.body().unwrap();
                let has = |part: &[u8]| body.windows(part.len()).any(|window| window == part);
                assert!(has(SENT));
                assert!(has(parsed(&pki.leaf).serial()));
                assert_eq!(request.certificate(), &parsed(&pki.leaf));
                assert!(request.get_url().starts_with(AT));
                seen += 1;
                Vec::new()
            });
            assert_eq!(seen, 1);
        }
    }
}

mod staples {
    use super::*;

    fn promising() -> Pki {
        Pki::with(|template| template.with(must_staple()))
    }

    #[test]
    fn a_staple_answers_before_anybody_is_asked() {
        let pki = Pki::new();
        let good = pki.response(CertStatus::Good).der();
        let outcome = pki.inquiry().staple(&good).ask(&Web::new());
        outcome.good();
        assert!(outcome.rounds.is_empty());
        let revoked = pki.response(CertStatus::Revoked).der();
        let outcome = pki.inquiry().staple(&revoked).ask(&Web::new());
        outcome.revoked();
        assert!(outcome.rounds.is_empty());
        let offline = pki.inquiry().mode(RevocationMode::Offline).staple(&good);
        offline.ask(&Web::new()).good();
    }

    #[test]
    fn a_staple_of_no_use_does_no_harm() {
        let pki = Pki::new();
        let web = Web::new().with(AT, pki.response(CertStatus::Good).der());
        let other = Made {
            label: "another client".into(),
            der: Vec::new(),
        };
        for staple in [
            b"garbage".to_vec(),
            ocsp_error(3),
            broken(pki.response(CertStatus::Revoked).der()),
            ResponseTemplate::of(pki.ca(), &other, CertStatus::Good).der(),
        ] {
            pki.inquiry().staple(&staple).ask(&web).good();
        }
    }

    #[test]
    fn a_promised_staple_can_be_insisted_on() {
        let pki = promising();
        let web = Web::new().with(AT, pki.response(CertStatus::Good).der());
        let good = pki.response(CertStatus::Good).der();
        // Nobody insists.
        pki.inquiry().ask(&web).good();
        let strict = || pki.inquiry().policy(policy().must_staple(true));
        strict().staple(&good).ask(&web).good();
        let missing = |outcome: Outcome| {
            let error = outcome.error();
            assert_eq!((error.position, error.rule), (0, Rule::StapleMissing));
        };
        missing(strict().ask(&web));
        missing(strict().staple(b"garbage").ask(&web));
        missing(strict().staple(&broken(good.clone())).ask(&web));
        let single = pki.single(CertStatus::Good);
        let stale = single.issued("20251201000000Z", Some("20251202000000Z"));
        let stale = ResponseTemplate::by(pki.ca()).single(stale).der();
        missing(strict().staple(&stale).ask(&web));
        // Who promised nothing need not come with one.
        let plain = Pki::new();
        let web = Web::new().with(AT, plain.response(CertStatus::Good).der());
        plain
            .inquiry()
            .policy(policy().must_staple(true))
            .ask(&web)
            .good();
    }

    /// What somebody else stapled, or what was fetched, is no staple.
    #[test]
    fn evidence_in_the_store_is_no_staple() {
        let pki = promising();
        let store = std::sync::Arc::default();
        let web = Web::new().with(AT, pki.response(CertStatus::Good).der());
        let good = pki.response(CertStatus::Good).der();
        let strict = || {
            let inquiry = pki.inquiry().policy(policy().must_staple(true));
            inquiry.evidence(&store)
        };
        strict().staple(&good).ask(&web).good();
        let outcome = strict().ask(&web);
        assert_eq!(outcome.error().rule, Rule::StapleMissing);
        strict().staple(&good).ask(&web).good();
    }

    #[test]
    fn a_staple_does_not_outweigh_a_list_that_revokes() {
        let pki = Pki::with(|template| template.with(points(&[DistributionPoint::url(LISTS)])));
        let store = std::sync::Arc::default();
        let web = Web::new().with(LISTS, CrlTemplate::by(pki.ca()).revoking(&pki.leaf).der());
        pki.inquiry().evidence(&store).ask(&web).revoked();
        let good = pki.response(CertStatus::Good).der();
        pki.inquiry()
            .evidence(&store)
            .staple(&good)
            .ask(&web)
            .revoked();
    }
}
