//! Attacks by their ids in `docs/FINDINGS.md`: evidence of one CA, or of nobody, changed the status
//! of another CA's clients.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use portcullis::revocation::{
    Answer, Crl, FetchFailure, NoFetcher, OcspResponse, RefreshOutcome, Request, RevocationFetcher,
    RevocationFlag, RevocationMode, RevocationPolicy, SharedEvidence,
};
use portcullis::{Limits, Profile, Rule, Time, UnknownStatus, Validator};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::distribution::{
    DistributionPoint, IssuingDistributionPoint, access, freshest, points,
};
use portcullis_testkit::extensions::{CLIENT_AUTH, extended_key_usage, ocsp_no_check};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{common_name, directory, uri};
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate, SingleResponse};

use crate::support::inquiry::{Inquiry, Web};
use crate::support::{Authority, Made, Template, below, decide, now, parsed, presented, time};

const CRL: &str = "http://crl.example.test/";
const OCSP: &str = "http://ocsp.example.test/";
const EVIL: &str = "http://evil.example.test/";
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// Fetches with a function, and notes which URLs were asked.
struct Http<F> {
    send: F,
    asked: RefCell<Vec<String>>,
    /// The time of day; each answer takes so many seconds of it.
    clock: Option<(Cell<Time>, i64)>,
    deadline: Option<Time>,
}

impl<F: Fn(&Request) -> Result<Vec<u8>, FetchFailure>> Http<F> {
    fn new(send: F) -> Self {
        Self {
            send,
            asked: RefCell::default(),
            clock: None,
            deadline: None,
        }
    }

    fn count(&self, url: &str) -> usize {
        self.asked
            .borrow()
            .iter()
            .filter(|asked| *asked == url)
            .count()
    }
}

impl<F: Fn(&Request) -> Result<Vec<u8>, FetchFailure>> RevocationFetcher for Http<F> {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        self.asked.borrow_mut().push(request.url().into());
        if let Some((now, seconds)) = &self.clock {
            now.set(now.get().plus(*seconds));
        }
        (self.send)(request)
    }

    fn now(&self) -> Option<Time> {
        self.clock.as_ref().map(|(now, _)| now.get())
    }

    fn deadline(&self) -> Option<Time> {
        self.deadline
    }
}

fn about_leaves(root: &Authority, store: &Arc<SharedEvidence>) -> Validator {
    below(&[root])
        .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
        .evidence(store.clone())
        .build()
        .unwrap()
}

fn single(ca: &Authority, made: &Made, said: CertStatus, this: &str, next: &str) -> Vec<u8> {
    let single = SingleResponse::about(ca, made, said).issued(this, Some(next));
    ResponseTemplate::by(ca).single(single).der()
}

/// R2: a CA elsewhere below the anchor certifies the name of somebody's CRL issuer, and its empty
/// CRL would clear that one's clients.
#[test]
fn a_namesake_of_a_crl_issuer_clears_nobody() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let evil = root.issue_ca(Template::ca("evil ca"));
    for issuer_of_crls in [&ca, &root] {
        let genuine = issuer_of_crls.issue_ca(Template::ca("crl issuer"));
        let fake = evil.issue_ca(Template::ca("fake").subject(genuine.name.clone()));
        let point = DistributionPoint::url(CRL).issued_by(&[&genuine.name]);
        let leaf = ca.issue(Template::client("client").with(points(&[point])));
        let scope = || IssuingDistributionPoint::all().indirect();
        let more = [
            &ca.certificate,
            &evil.certificate,
            &fake.certificate,
            &genuine.certificate,
        ];
        let inquiry = Inquiry::about(&root, &leaf, &more);
        let clean = CrlTemplate::by(&fake).scope(scope()).der();
        let outcome = inquiry.given(std::slice::from_ref(&clean));
        outcome.unknown(UnknownStatus::NotAuthoritative);
        let clean = CrlTemplate::by(&genuine).scope(scope()).der();
        inquiry.given(&[clean]).good();
    }
}

/// R3: a client that may sign responses does not clear itself, in a refresh as little as in a
/// validation; nor does another certificate of its key.
#[test]
fn no_responder_clears_itself_in_a_refresh() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let key = Key::p256("client");
    let template = |label: &str| {
        Template::client(label)
            .key(key.clone())
            .with(extended_key_usage(&[CLIENT_AUTH, OCSP_SIGNING]))
            .with(ocsp_no_check())
            .with(access(&[OCSP], &[]))
    };
    let client = ca.issue(template("client"));
    let renewed = ca.issue(template("renewed client"));
    let revoked = single(
        &ca,
        &client,
        CertStatus::Revoked,
        "20251231000000Z",
        "20260102000000Z",
    );
    let at = time("2026-01-01T23:30:00Z");
    for responder in [&client, &renewed] {
        let itself = Authority {
            name: common_name(if responder.der == client.der {
                "client"
            } else {
                "renewed client"
            }),
            key: key.clone(),
            certificate: responder.clone(),
        };
        let about = SingleResponse::about(&ca, &client, CertStatus::Good);
        let about = about.issued("20260101230000Z", Some("20260201000000Z"));
        let own = ResponseTemplate::by(&itself)
            .single(about)
            .sending(responder)
            .der();
        let store = Arc::new(SharedEvidence::default());
        let validator = about_leaves(&root, &store);
        let client = presented(&client, &[&ca.certificate]);
        let sends = |bytes: &[u8]| {
            let bytes = bytes.to_vec();
            Http::new(move |_: &Request| Ok(bytes.clone()))
        };
        assert!(
            validator
                .validate(&client, now(), &sends(&revoked))
                .is_err()
        );
        let due = validator.due(at, 3600);
        assert_eq!(due.len(), 1);
        let outcome = validator.refresh(&due[0], Answer::body(own.clone()), at);
        assert!(matches!(outcome, RefreshOutcome::Refused(_)), "{outcome:?}");
        assert!(validator.validate(&client, at, &sends(&own)).is_err());
    }
}

/// R4: a delta of a namesake's key does not stand for the genuine one.
#[test]
fn a_strangers_delta_does_not_keep_the_genuine_one_away() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let evil = root.issue_ca(Template::ca("evil ca"));
    let fake = evil.issue_ca(Template::ca("fake").subject(ca.name.clone()));
    let [base_at, delta_at] = ["base", "delta"].map(|path| format!("{CRL}{path}"));
    let sources = |template: Template, base: &str, delta: &str| {
        template
            .with(points(&[DistributionPoint::url(base)]))
            .with(freshest(&[DistributionPoint::url(delta)]))
    };
    let leaf = ca.issue(sources(Template::client("client"), &base_at, &delta_at));
    let delta = CrlTemplate::by(&ca)
        .number(9)
        .delta_to(7)
        .issued("20251230000000Z", Some("20260110000000Z"))
        .revoking(&leaf);
    let web = Web::new()
        .with(&base_at, CrlTemplate::by(&ca).der())
        .with(&delta_at, delta.der());
    let store = Arc::new(SharedEvidence::default());
    let [evil_base, evil_delta] = ["base", "delta"].map(|path| format!("{EVIL}{path}"));
    let stranger = fake.issue(sources(
        Template::client("stranger"),
        &evil_base,
        &evil_delta,
    ));
    let by_fake = || CrlTemplate::by(&fake).key_hint(Some(ca.key.identifier()));
    let fakes_delta = by_fake()
        .number(1000)
        .delta_to(1)
        .issued("20251231000000Z", Some("20260301000000Z"));
    let evil_web = Web::new()
        .with(&evil_base, by_fake().number(6).der())
        .with(&evil_delta, fakes_delta.der());
    let of_fake = [&fake.certificate, &evil.certificate];
    let _ = Inquiry::about(&root, &stranger, &of_fake)
        .evidence(&store)
        .ask(&evil_web);
    Inquiry::about(&root, &leaf, &[&ca.certificate])
        .evidence(&store)
        .ask(&web)
        .revoked();
}

/// R6: only what holds takes the word of a revocation away: neither "unknown" nor a "good" that has
/// run out, whatever the policy accepts.
#[test]
fn a_newer_statement_that_does_not_hold_undoes_no_revocation() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let leaf = ca.issue(Template::client("client"));
    let revoked = ResponseTemplate::of(&ca, &leaf, CertStatus::Revoked).der();
    let newer = "20251231120000Z";
    for (said, next, accepted) in [
        (
            CertStatus::Unknown,
            "20260107000000Z",
            UnknownStatus::UnknownToResponder,
        ),
        (CertStatus::Good, "20251231130000Z", UnknownStatus::Stale),
    ] {
        let store = Arc::new(SharedEvidence::default());
        let insert = OcspResponse::from_der(&revoked).unwrap();
        store
            .edit(|evidence| evidence.insert_response(insert))
            .unwrap();
        let policy = RevocationPolicy::default().accept_unknown(accepted);
        let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate])
            .policy(policy)
            .evidence(&store)
            .mode(RevocationMode::Offline);
        inquiry
            .staple(&single(&ca, &leaf, said, newer, next))
            .given(&[])
            .revoked();
    }
    // What holds does, and what clears makes way for whatever is newer.
    let good = single(&ca, &leaf, CertStatus::Good, newer, "20260107000000Z");
    let unknown = single(&ca, &leaf, CertStatus::Unknown, newer, "20260107000000Z");
    let older_good = ResponseTemplate::of(&ca, &leaf, CertStatus::Good).der();
    let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]);
    let sources = |inquiry: Inquiry, one: &[u8], other: &[u8]| {
        let store = Arc::new(SharedEvidence::default());
        let insert = OcspResponse::from_der(one).unwrap();
        store
            .edit(|evidence| evidence.insert_response(insert))
            .unwrap();
        inquiry.evidence(&store).staple(other).given(&[])
    };
    sources(inquiry, &revoked, &good).good();
    let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]);
    sources(inquiry, &older_good, &unknown).unknown(UnknownStatus::UnknownToResponder);
}

/// R7: a statement from the future inside a response does not keep a later revocation out of the
/// store.
#[test]
fn a_statement_from_the_future_keeps_no_revocation_out() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let leaf = ca.issue(Template::client("client").with(access(&[OCSP], &[])));
    let good = |this: &str, next: &str| {
        SingleResponse::about(&ca, &leaf, CertStatus::Good).issued(this, Some(next))
    };
    let both = ResponseTemplate::by(&ca)
        .single(good("20251231000000Z", "20260102000000Z"))
        .single(good("20490101000000Z", "20491231000000Z"))
        .der();
    let revoked = single(
        &ca,
        &leaf,
        CertStatus::Revoked,
        "20260101000000Z",
        "20260102000000Z",
    );
    let store = Arc::new(SharedEvidence::default());
    let inquiry = || Inquiry::about(&root, &leaf, &[&ca.certificate]).evidence(&store);
    inquiry().given(&[both]).good();
    let at = time("2026-01-01T06:00:00Z");
    inquiry().at(at).staple(&revoked).given(&[]).revoked();
    inquiry()
        .at(at)
        .mode(RevocationMode::Offline)
        .given(&[])
        .revoked();
}

/// R8: a verdict ends with the evidence about whoever signed a CRL.
#[test]
fn a_verdict_ends_with_the_evidence_about_the_signer() {
    let root = Authority::root("root");
    let at = |path: &str| format!("{CRL}{path}");
    let sources = |template: Template, path: &str| {
        template.with(points(&[DistributionPoint::url(&at(path))]))
    };
    let ca = root.issue_ca(sources(Template::ca("ca"), "root"));
    let signer = root.issue_ca(sources(Template::ca("crl issuer"), "signer"));
    let point = DistributionPoint::url(&at("indirect")).issued_by(&[&signer.name]);
    let leaf = ca.issue(Template::client("client").with(points(&[point])));
    let until =
        |by: &Authority, next: &str| CrlTemplate::by(by).issued("20251215000000Z", Some(next));
    let indirect =
        until(&signer, "20270115000000Z").scope(IssuingDistributionPoint::all().indirect());
    let about_signer =
        until(&root, "20260102000000Z").scope(IssuingDistributionPoint::url(&at("signer")));
    let web = Web::new()
        .with(&at("indirect"), indirect.der())
        .with(
            &at("root"),
            until(&root, "20270102000000Z")
                .scope(IssuingDistributionPoint::url(&at("root")))
                .der(),
        )
        .with(&at("signer"), about_signer.der());
    let more = [&ca.certificate, &signer.certificate];
    let outcome = Inquiry::about(&root, &leaf, &more)
        .flag(RevocationFlag::ExcludeRoot)
        .ask(&web);
    outcome.good_until(time("2026-01-02T00:00:00Z"));
}

/// R9: what was issued while others were waited for is not from the future.
#[test]
fn an_answer_is_judged_by_the_time_of_its_arrival() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let urls: Vec<DistributionPoint> = ["a", "b"]
        .map(|path| DistributionPoint::url(&format!("{CRL}{path}")))
        .into();
    let leaf = ca.issue(Template::client("client").with(points(&urls)));
    // Ten minutes after the validation began.
    let fresh = CrlTemplate::by(&ca).issued("20260101000500Z", Some("20260102000000Z"));
    let fresh = fresh.der();
    let http = || Http {
        clock: Some((Cell::new(now()), 300)),
        ..Http::new(|request: &Request| match request.url().ends_with('b') {
            true => Ok(fresh.clone()),
            false => Err(FetchFailure::Unreachable),
        })
    };
    let store = Arc::new(SharedEvidence::default());
    let client = presented(&leaf, &[&ca.certificate]);
    let verdict = about_leaves(&root, &store).validate(&client, now(), &http());
    assert!(verdict.is_ok(), "{:?}", verdict.map(|_| ()));
    let timeless = Http {
        clock: None,
        ..http()
    };
    let store = Arc::new(SharedEvidence::default());
    let verdict = about_leaves(&root, &store).validate(&client, now(), &timeless);
    assert!(verdict.is_err());
}

/// A validation asks nobody from its deadline on.
#[test]
fn a_deadline_ends_the_asking() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let urls: Vec<DistributionPoint> = (0..8)
        .map(|number| DistributionPoint::url(&format!("{CRL}{number}")))
        .collect();
    let leaf = ca.issue(Template::client("client").with(points(&urls)));
    let http = Http {
        clock: Some((Cell::new(now()), 10)),
        deadline: Some(now().plus(25)),
        ..Http::new(|_: &Request| Err(FetchFailure::Unreachable))
    };
    let store = Arc::new(SharedEvidence::default());
    let client = presented(&leaf, &[&ca.certificate]);
    let verdict = about_leaves(&root, &store).validate(&client, now(), &http);
    assert!(verdict.is_err());
    assert_eq!(http.asked.borrow().len(), 3);
}

/// R11: a URL that is stuck on an old CRL makes way for the next one in the same round.
#[test]
fn a_stuck_mirror_keeps_no_crl_from_being_renewed() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let [stuck, fresh] = ["stuck", "fresh"].map(|path| format!("{CRL}{path}"));
    let point = DistributionPoint::full(&[uri(&stuck), uri(&fresh)]);
    let leaf = ca.issue(Template::client("client").with(points(&[point])));
    let crl = |number: u32, this: &str, next: &str| {
        CrlTemplate::by(&ca)
            .number(number)
            .issued(this, Some(next))
            .der()
    };
    let old = crl(7, "20251231000000Z", "20260101020000Z");
    let new = crl(8, "20260101010000Z", "20260102000000Z");
    let is_published = Cell::new(false);
    let http = Http::new(|request: &Request| {
        let is_new = is_published.get() && request.url() == fresh;
        Ok(if is_new { new.clone() } else { old.clone() })
    });
    let store = Arc::new(SharedEvidence::default());
    let validator = about_leaves(&root, &store);
    let client = presented(&leaf, &[&ca.certificate]);
    assert!(validator.validate(&client, now(), &http).is_ok());
    is_published.set(true);
    assert_eq!(
        validator.refresh_due(time("2026-01-01T01:00:00Z"), 3600, &http),
        1
    );
    let later = time("2026-01-01T04:00:00Z");
    assert!(validator.validate(&client, later, &NoFetcher).is_ok());
    // The URL that brought something is asked first from then on.
    assert_eq!(http.count(&stuck), 2);
    let evening = time("2026-01-01T23:30:00Z");
    assert_eq!(validator.refresh_due(evening, 3600, &http), 0);
    assert_eq!(http.asked.borrow().iter().rev().nth(1), Some(&fresh));
}

/// R12: whoever names somebody else's responder in a certificate of their own does not pause it.
#[test]
fn a_certificate_of_another_ca_pauses_no_url() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let evil = root.issue_ca(Template::ca("evil ca"));
    let client = ca.issue(Template::client("client").with(access(&[OCSP], &[])));
    let stranger = evil.issue(Template::client("stranger").with(access(&[OCSP, EVIL], &[])));
    let good = ResponseTemplate::of(&ca, &client, CertStatus::Good).der();
    let serial = parsed(&client).serial().to_vec();
    for failure in [FetchFailure::Status(404), FetchFailure::Unreachable] {
        let http = Http::new(|request: &Request| match request.url() {
            OCSP if request.certificate().serial() == serial => Ok(good.clone()),
            OCSP => Err(failure),
            _ => Err(FetchFailure::Unreachable),
        });
        let store = Arc::new(SharedEvidence::default());
        let validator = about_leaves(&root, &store);
        let evil_one = presented(&stranger, &[&evil.certificate]);
        assert!(validator.validate(&evil_one, now(), &http).is_err());
        let client = presented(&client, &[&ca.certificate]);
        assert!(
            validator.validate(&client, now(), &http).is_ok(),
            "{failure}"
        );
    }
}

/// R13: another part of the issuer's CRL, sent once for the one that was due, is no renewal.
#[test]
fn another_part_does_not_take_the_source_away() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let [a, b] = ["a", "b"].map(|path| format!("{CRL}{path}"));
    let leaf = ca.issue(Template::client("client").with(points(&[DistributionPoint::url(&a)])));
    let crl = |url: &str, this: &str, next: &str| {
        let scope = IssuingDistributionPoint::url(url);
        CrlTemplate::by(&ca)
            .scope(scope)
            .issued(this, Some(next))
            .der()
    };
    let first = crl(&a, "20251231000000Z", "20260101020000Z");
    let other = crl(&b, "20251231000000Z", "20260201000000Z");
    let next = crl(&a, "20260101010000Z", "20260102000000Z");
    let store = Arc::new(SharedEvidence::default());
    let validator = about_leaves(&root, &store);
    let client = presented(&leaf, &[&ca.certificate]);
    let http = Http::new(|_: &Request| Ok(first.clone()));
    assert!(validator.validate(&client, now(), &http).is_ok());
    let at = time("2026-01-01T01:00:00Z");
    let due = validator.due(at, 3600);
    let outcome = validator.refresh(&due[0], Answer::body(other), at);
    assert_eq!(
        outcome,
        RefreshOutcome::Refused(UnknownStatus::NotAuthoritative)
    );
    let http = Http::new(|_: &Request| Ok(next.clone()));
    assert_eq!(validator.refresh_due(at.plus(600), 3600, &http), 1);
    let later = time("2026-01-01T02:30:00Z");
    assert!(validator.validate(&client, later, &NoFetcher).is_ok());
}

/// R18: the allowance of fetches counts URLs.
#[test]
fn no_validation_asks_more_urls_than_allowed() {
    let root = Authority::root("root");
    let evil = root.issue_ca(Template::ca("evil ca"));
    let many = |tag: &str| {
        let group = |reason: u8| {
            let urls: Vec<Vec<u8>> = (0..8)
                .map(|number| uri(&format!("http://e.test/{tag}{reason}{number}")))
                .collect();
            let point = DistributionPoint::full(&urls);
            if reason == 0 {
                point
            } else {
                point.reasons(&[reason])
            }
        };
        let all: Vec<DistributionPoint> = (0..9).map(group).collect();
        points(&all)
    };
    let mut cas = vec![evil];
    for level in 0..6 {
        let template = Template::ca(&format!("ca {level}")).with(many(&level.to_string()));
        let next = cas.last().unwrap().issue_ca(template);
        cas.push(next);
    }
    let leaf = cas
        .last()
        .unwrap()
        .issue(Template::client("client").with(many("leaf")));
    let more: Vec<&Made> = cas.iter().map(|ca| &ca.certificate).collect();
    let http = Http::new(|_: &Request| Err(FetchFailure::Unreachable));
    let validator = below(&[&root])
        .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
        .build()
        .unwrap();
    assert!(
        validator
            .validate(&presented(&leaf, &more), now(), &http)
            .is_err()
    );
    assert_eq!(
        http.asked.borrow().len(),
        Limits::default().fetches as usize
    );
}

/// F2: what the issuer's own complete CRL revokes is revoked, though the certificate's points leave
/// revocation to somebody else; it does not clear.
#[test]
fn the_issuers_own_crl_revokes_whatever_the_points_say() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let signer = ca.issue_ca(Template::ca("crl issuer"));
    let point = DistributionPoint::url(CRL).issued_by(&[&signer.name]);
    let leaf = ca.issue(Template::client("client").with(points(&[point])));
    let policy = RevocationPolicy::default().accept_unknown(UnknownStatus::NotFetched);
    let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]).policy(policy);
    inquiry
        .given(&[CrlTemplate::by(&ca).revoking(&leaf).der()])
        .revoked();
    let clean = inquiry.given(&[CrlTemplate::by(&ca).der()]);
    clean.unknown(UnknownStatus::NotAuthoritative);
}

/// F4: a strict profile holds CRL issuers to RFC 5280 section 5.
#[test]
fn strict_profiles_hold_crl_issuers_to_the_rfc() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let leaf = ca.issue(Template::client("client").with(points(&[DistributionPoint::url(CRL)])));
    let crl = || CrlTemplate::by(&ca);
    let lax = [
        crl().unnumbered(),
        crl().key_hint(None),
        crl().issued("20251231000000Z", None),
        crl().scope(IssuingDistributionPoint::all()),
    ];
    for (number, crl) in lax.iter().enumerate() {
        let inquiry = |profile| Inquiry::about(&root, &leaf, &[&ca.certificate]).profile(profile);
        let der = [crl.der()];
        inquiry(Profile::Default).given(&der).good();
        let strict = inquiry(Profile::Rfc5280).given(&der);
        assert!(!strict.is_accepted(), "{number}");
    }
    let strict = Inquiry::about(&root, &leaf, &[&ca.certificate]).profile(Profile::Rfc5280);
    strict.given(&[crl().der()]).good();
}

/// F5: the issuer's complete CRL covers all reasons, though the point that brought it names some.
#[test]
fn a_complete_crl_covers_all_reasons() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let point = DistributionPoint::url(CRL).reasons(&[1]);
    let leaf = ca.issue(Template::client("client").with(points(&[point])));
    let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]);
    inquiry.given(&[CrlTemplate::by(&ca).der()]).good();
    let part = CrlTemplate::by(&ca).scope(IssuingDistributionPoint::url(CRL));
    inquiry.given(&[part.der()]).unknown(UnknownStatus::Partial);
}

/// F6: a delta that names its key, over a CRL of that key which does not, revokes; it releases
/// nobody. Of "good" and "unknown" of one moment "unknown" counts. What was produced in the future
/// does not count yet.
#[test]
fn in_doubt_the_safe_side_counts() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let leaf = ca.issue(Template::client("client").with(points(&[DistributionPoint::url(CRL)])));
    let inquiry = || Inquiry::about(&root, &leaf, &[&ca.certificate]);
    let base = || CrlTemplate::by(&ca).key_hint(None);
    let delta = || {
        CrlTemplate::by(&ca)
            .number(8)
            .delta_to(7)
            .issued("20251230000000Z", Some("20260110000000Z"))
    };
    inquiry()
        .given(&[base().der(), delta().revoking(&leaf).der()])
        .revoked();
    let hold = base().entry(CrlEntry::of(&leaf).reason(6));
    let removing = delta().entry(CrlEntry::of(&leaf).reason(8));
    inquiry().given(&[hold.der(), removing.der()]).revoked();

    let said = |status| ResponseTemplate::of(&ca, &leaf, status);
    let [good, unknown] = [CertStatus::Good, CertStatus::Unknown].map(|status| said(status).der());
    for pair in [[good.clone(), unknown.clone()], [unknown, good]] {
        let [one, other] = pair;
        let store = Arc::new(SharedEvidence::default());
        let insert = OcspResponse::from_der(&one).unwrap();
        store
            .edit(|evidence| evidence.insert_response(insert))
            .unwrap();
        let outcome = inquiry().evidence(&store).staple(&other).given(&[]);
        outcome.unknown(UnknownStatus::UnknownToResponder);
    }
    let early = said(CertStatus::Good).produced_at("20260102000000Z").der();
    inquiry()
        .staple(&early)
        .given(&[])
        .unknown(UnknownStatus::Stale);
}

/// What audits found by reading: a hold ends with a newer CRL, though its issuing distribution
/// point has changed.
#[test]
fn a_hold_ends_though_the_scope_has_changed() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let leaf = ca.issue(Template::client("client").with(points(&[DistributionPoint::url(CRL)])));
    let held = CrlTemplate::by(&ca).entry(CrlEntry::of(&leaf).reason(6));
    let newer = CrlTemplate::by(&ca)
        .number(9)
        .issued("20251231000000Z", Some("20260110000000Z"))
        .scope(IssuingDistributionPoint::url(CRL));
    let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]);
    inquiry.given(&[held.der()]).revoked();
    inquiry.given(&[held.der(), newer.der()]).good();
}

/// What audits found by reading: a CRL whose issuing distribution point names the CA itself is
/// about a certificate that names no distribution point (RFC 5280 section 6.3.3, last paragraph),
/// an intermediate's too.
#[test]
fn a_crl_named_by_its_ca_is_about_certificates_without_points() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let leaf = ca.issue(Template::client("client"));
    let of = |by: &Authority| {
        let scope = IssuingDistributionPoint::full(&[directory(&by.name)]);
        CrlTemplate::by(by).scope(scope)
    };
    let verdict = |crls: [CrlTemplate; 2]| {
        let store = Arc::<SharedEvidence>::default();
        for crl in crls {
            let crl = Crl::from_der(&crl.der()).unwrap();
            store.edit(|evidence| evidence.insert_crl(crl).unwrap());
        }
        let validator = below(&[&root])
            .revocation(RevocationMode::Offline, RevocationFlag::ExcludeRoot)
            .evidence(store)
            .build()
            .unwrap();
        decide(&validator, &leaf, &[&ca.certificate]).map(drop)
    };
    assert_eq!(verdict([of(&root), of(&ca)]), Ok(()));
    let revoking = of(&root).entry(CrlEntry::of(&ca.certificate));
    let error = verdict([revoking, of(&ca)]).unwrap_err();
    assert_eq!(error.position, 1);
    assert!(matches!(error.rule, Rule::Revoked(_)), "{error}");
}

/// P8: whoever presents certificates with long names pays for them where the signer of a CRL is
/// looked for.
#[test]
fn signers_are_looked_for_on_a_budget() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let leaf = ca.issue(Template::client("client").with(points(&[DistributionPoint::url(CRL)])));
    let long = ca.issue(Template::client("a long name").subject(common_name(&"é".repeat(4_000))));
    let more: Vec<&Made> = std::iter::once(&ca.certificate)
        .chain(std::iter::repeat_n(&long, 6))
        .collect();
    let crl = CrlTemplate::by(&ca).der();
    let needed = |limit: u32| {
        let inquiry = Inquiry::about(&root, &leaf, &more);
        let outcome = inquiry.limits(|limits| limits.name_comparisons = limit);
        outcome.given(std::slice::from_ref(&crl))
    };
    needed(100_000).good();
    assert!(!needed(1_000).is_accepted());
    let few = Inquiry::about(&root, &leaf, &[&ca.certificate]);
    few.limits(|limits| limits.name_comparisons = 1_000)
        .given(std::slice::from_ref(&crl))
        .good();
}

/// Puts CRLs of a namesake of a CRL issuer, newer than the genuine one, into the store: each comes
/// with a client of its own CA that names it.
fn crowd(root: &Authority, genuine: &Authority, store: &Arc<SharedEvidence>, count: usize) {
    let evil = root.issue_ca(Template::ca("evil ca"));
    let fake = evil.issue_ca(Template::ca("fake").subject(genuine.name.clone()));
    let validator = about_leaves(root, store);
    for number in 0..count {
        let url = format!("{EVIL}{number}");
        let point = DistributionPoint::full(&[uri(&url)]).issued_by(&[&genuine.name]);
        let label = format!("stranger {number}");
        let leaf = evil.issue(Template::client(&label).with(points(&[point])));
        let scope = IssuingDistributionPoint::full(&[uri(CRL), uri(&url)]).indirect();
        let crl = CrlTemplate::by(&fake)
            .scope(scope)
            .issued("20251231000000Z", Some("20260301000000Z"))
            .der();
        let http = Http::new(|_: &Request| Ok(crl.clone()));
        let stranger = presented(&leaf, &[&evil.certificate, &fake.certificate]);
        assert!(validator.validate(&stranger, now(), &http).is_ok());
    }
}

/// R1: what somebody signed under the name of a CRL issuer hides none of its CRLs, neither one that
/// revokes, so that an older one could be replayed, nor one that the operator inserted.
#[test]
fn crls_of_a_namesake_hide_none() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let signer = root.issue_ca(Template::ca("crl issuer"));
    let point = DistributionPoint::url(CRL).issued_by(&[&signer.name]);
    let leaf = ca.issue(Template::client("client").with(points(&[point])));
    let scope = || IssuingDistributionPoint::url(CRL).indirect();
    let old = CrlTemplate::by(&signer).scope(scope()).number(7).der();
    let new = CrlTemplate::by(&signer)
        .scope(scope())
        .number(8)
        .issued("20251220000000Z", Some("20260120000000Z"))
        .entry(CrlEntry::of(&leaf).issued_by(&ca.name))
        .der();
    let store = Arc::new(SharedEvidence::default());
    let more = [&ca.certificate, &signer.certificate];
    let inquiry = || Inquiry::about(&root, &leaf, &more).evidence(&store);
    inquiry().given(&[new]).revoked();
    crowd(&root, &signer, &store, 20);
    inquiry().given(std::slice::from_ref(&old)).revoked();
    inquiry().mode(RevocationMode::Offline).given(&[]).revoked();

    let store = Arc::new(SharedEvidence::default());
    let crl = portcullis::revocation::Crl::from_der(&old).unwrap();
    store.edit(|evidence| evidence.insert_crl(crl)).unwrap();
    crowd(&root, &signer, &store, 20);
    let inquiry = Inquiry::about(&root, &leaf, &more).evidence(&store);
    inquiry.mode(RevocationMode::Offline).given(&[]).good();
}

/// R5: a CA that signs many CRLs does not drive out what revokes another one's client.
#[test]
fn many_crls_of_one_ca_drive_out_no_revocation_of_another() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let evil = root.issue_ca(Template::ca("evil ca"));
    let leaf = ca.issue(Template::client("client").with(access(&[OCSP], &[])));
    let revoked = ResponseTemplate::of(&ca, &leaf, CertStatus::Revoked).der();
    let older = single(
        &ca,
        &leaf,
        CertStatus::Good,
        "20251230000000Z",
        "20260107000000Z",
    );
    let evidence = portcullis::revocation::Evidence::new().max_bytes(128 * 1024);
    let store = Arc::new(SharedEvidence::new(evidence));
    let inquiry = || Inquiry::about(&root, &leaf, &[&ca.certificate]).evidence(&store);
    inquiry().given(&[revoked]).revoked();
    let validator = about_leaves(&root, &store);
    for number in 0..150 {
        let url = format!("{EVIL}{number}");
        let label = format!("stranger {number}");
        let template = Template::client(&label).with(points(&[DistributionPoint::url(&url)]));
        let stranger = evil.issue(template);
        let crl = CrlTemplate::by(&evil)
            .scope(IssuingDistributionPoint::url(&url))
            .der();
        let http = Http::new(|_: &Request| Ok(crl.clone()));
        let stranger = presented(&stranger, &[&evil.certificate]);
        assert!(validator.validate(&stranger, now(), &http).is_ok());
    }
    let (bytes, crls) = store.edit(|evidence| (evidence.bytes(), evidence.crls().count()));
    assert!(bytes <= 128 * 1024 && crls < 150, "{bytes} {crls}");
    inquiry().given(&[older]).revoked();
}

/// R10: CRLs of one CA that have ended and whose URLs are slow do not use up the rounds in which
/// another one's would be renewed.
#[test]
fn a_round_is_fair_among_cas() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let evil = root.issue_ca(Template::ca("evil ca"));
    let store = Arc::new(SharedEvidence::default());
    let validator = about_leaves(&root, &store);
    let keep = |ca: &Authority, url: &str, next: &str| {
        let template = Template::client(url).with(points(&[DistributionPoint::url(url)]));
        let leaf = presented(&ca.issue(template), &[&ca.certificate]);
        let crl = CrlTemplate::by(ca)
            .scope(IssuingDistributionPoint::url(url))
            .issued("20251231000000Z", Some(next));
        let crl = crl.der();
        let http = Http::new(|_: &Request| Ok(crl.clone()));
        assert!(validator.validate(&leaf, now(), &http).is_ok());
    };
    for number in 0..60 {
        keep(&evil, &format!("{EVIL}{number}"), "20260101003000Z");
    }
    keep(&ca, CRL, "20260101020000Z");
    let next = CrlTemplate::by(&ca)
        .scope(IssuingDistributionPoint::url(CRL))
        .number(9)
        .issued("20260101013000Z", Some("20260102000000Z"));
    let next = next.der();
    let at = time("2026-01-01T01:40:00Z");
    let http = Http {
        clock: Some((Cell::new(at), 10)),
        deadline: Some(at.plus(60)),
        ..Http::new(|request: &Request| match request.url() {
            CRL => Ok(next.clone()),
            _ => Err(FetchFailure::Unreachable),
        })
    };
    assert_eq!(validator.refresh_due(at, 3600, &http), 1);
    assert!(http.asked.borrow().len() <= 6);
}

/// R14, R15, R16: what a validation pays does not depend on how many CRLs of others, or of the same
/// CA, the store holds: those of a CA that names its parts by directory names as little as those
/// that are about no certificate at all.
#[test]
fn a_validation_pays_for_no_crl_that_is_not_its_own() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let part = |number: usize| directory(&common_name(&format!("part {number}")));
    let point = DistributionPoint::full(&[part(0)]);
    let leaf = ca.issue(Template::client("client").with(points(&[point])));
    let store = Arc::new(SharedEvidence::default());
    let insert = |crl: CrlTemplate| {
        let crl = portcullis::revocation::Crl::from_der(&crl.der()).unwrap();
        store.edit(|evidence| evidence.insert_crl(crl)).unwrap();
    };
    let of_part = |number: usize| IssuingDistributionPoint::full(&[part(number)]);
    let inquiry = |comparisons: u32| {
        let inquiry = Inquiry::about(&root, &leaf, &[&ca.certificate]).evidence(&store);
        let inquiry = inquiry.limits(|limits| {
            limits.name_comparisons = comparisons;
            limits.search_steps = 20;
        });
        inquiry.mode(RevocationMode::Offline).given(&[])
    };
    insert(CrlTemplate::by(&ca).scope(of_part(0)));
    let needed = (1..).find(|needed| inquiry(*needed).is_accepted()).unwrap();
    for number in 1..1_500 {
        let scope = of_part(number);
        insert(CrlTemplate::by(&ca).scope(if number % 2 == 0 {
            scope
        } else {
            scope.attribute()
        }));
    }
    inquiry(needed).good();
}

/// R17: a stranger's CRLs that bear the URL of somebody else's do not come up for its clients.
#[test]
fn a_strangers_crls_under_a_url_do_not_come_up() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let evil = root.issue_ca(Template::ca("evil ca"));
    let template = Template::client("client").with(points(&[DistributionPoint::url(CRL)]));
    let client = ca.issue(template);
    let store = Arc::new(SharedEvidence::default());
    let validator = about_leaves(&root, &store);
    let sends = |crl: CrlTemplate| {
        let crl = crl.der();
        Http::new(move |_: &Request| Ok(crl.clone()))
    };
    let client = presented(&client, &[&ca.certificate]);
    let own = CrlTemplate::by(&ca).scope(IssuingDistributionPoint::url(CRL));
    assert!(validator.validate(&client, now(), &sends(own)).is_ok());
    for number in 0..200 {
        let url = format!("{EVIL}{number}");
        let label = format!("stranger {number}");
        let template = Template::client(&label).with(points(&[DistributionPoint::url(&url)]));
        let stranger = presented(&evil.issue(template), &[&evil.certificate]);
        let scope = IssuingDistributionPoint::full(&[uri(&url), uri(CRL)]);
        let crl = CrlTemplate::by(&evil).scope(scope);
        assert!(validator.validate(&stranger, now(), &sends(crl)).is_ok());
    }
    let mut limits = Limits::default();
    limits.name_comparisons = 200;
    let tight = below(&[&root])
        .revocation(RevocationMode::Offline, RevocationFlag::EndCertificateOnly)
        .evidence(store.clone())
        .limits(limits)
        .build()
        .unwrap();
    assert!(tight.validate(&client, now(), &NoFetcher).is_ok());
}
