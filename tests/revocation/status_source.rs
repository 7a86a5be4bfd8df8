//! Statuses without CRLs and OCSP: a status source, noRevAvail (RFC 9608), and short-lived
//! certificates.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::certificate::SubjectPublicKeyInfo;
use portcullis::revocation::{
    Crl, EvidenceKind, FetchFailure, KnownStatus, NoFetcher, Request, RevocationFetcher,
    RevocationFlag, RevocationMode, RevocationPolicy, RevocationReason, RevocationStatus,
    SharedEvidence, StatusSource,
};
use portcullis::{Accepted, Certificate, Rejected, Rule, Time, UnknownStatus, ValidatorBuilder};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::{Extension, no_rev_avail};

use crate::support::{Authority, Made, Template, below, now, presented};

/// Says the same of every certificate, and counts how often it was asked.
#[derive(Debug)]
struct Says(KnownStatus, AtomicUsize);

impl Says {
    fn new(status: KnownStatus) -> Arc<Self> {
        Arc::new(Self(status, AtomicUsize::new(0)))
    }
}

impl StatusSource for Says {
    fn status(&self, _: &Certificate, _: &SubjectPublicKeyInfo<'_>, _: Time) -> KnownStatus {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0
    }
}

/// Nothing is to be fetched.
struct Nobody;

impl RevocationFetcher for Nobody {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        panic!("{} was asked", request.url());
    }
}

struct Pki {
    root: Authority,
    ca: Authority,
}

impl Pki {
    fn new() -> Self {
        let root = Authority::root("status root");
        let ca = root.issue_ca(Template::ca("status ca"));
        Self { root, ca }
    }

    fn builder(&self) -> ValidatorBuilder {
        below(&[&self.root]).revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
    }

    fn validate(&self, builder: ValidatorBuilder, leaf: &Made) -> Result<Accepted, Box<Rejected>> {
        let presented = presented(leaf, &[&self.ca.certificate]);
        let validator = builder.build().unwrap();
        let verdict = validator.validate(&presented, now(), &Nobody);
        verdict.map_err(Box::new)
    }

    /// A CRL at hand that names this one.
    fn revoking(&self, leaf: &Made) -> Arc<SharedEvidence> {
        let crl = CrlTemplate::by(&self.ca).entry(CrlEntry::of(leaf)).der();
        let evidence = Arc::<SharedEvidence>::default();
        let crl = Crl::from_der(&crl).unwrap();
        evidence.edit(|evidence| evidence.insert_crl(crl).unwrap());
        evidence
    }
}

fn with_sources(label: &str) -> Template {
    Template::client(label)
        .with(points(&[DistributionPoint::url(
            "http://crl.example.test/",
        )]))
        .with(access(&["http://ocsp.example.test/"], &[]))
}

fn used(verdict: &Accepted) -> (EvidenceKind, Time, Option<Time>) {
    match verdict.chain().first().and_then(|leaf| leaf.revocation) {
        Some(RevocationStatus::Good(used)) => (used.kind, used.this_update, used.until),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn reason(verdict: Result<Accepted, Box<Rejected>>) -> Rule {
    verdict.expect_err("it is rejected").error().rule
}

#[test]
fn what_a_source_says_good_of_is_not_asked_about() {
    let pki = Pki::new();
    let leaf = pki.ca.issue(with_sources("good"));
    let until = now().plus(60);
    let source = Says::new(KnownStatus::GoodUntil(until));
    let accepted = pki
        .validate(pki.builder().status_source(source.clone()), &leaf)
        .unwrap();
    assert_eq!(
        used(&accepted),
        (EvidenceKind::StatusSource, now(), Some(until))
    );
    assert_eq!(
        accepted.not_after(),
        until,
        "the verdict ends with what is known"
    );
    assert_eq!(source.1.load(Ordering::Relaxed), 1);
    // What has ended says nothing: the URLs would be asked.
    let ended = Says::new(KnownStatus::GoodUntil(now().plus(-1)));
    let builder = pki
        .builder()
        .revocation(RevocationMode::Offline, RevocationFlag::ExcludeRoot);
    let rule = reason(pki.validate(builder.status_source(ended), &leaf));
    assert_eq!(rule, Rule::RevocationUnknown(UnknownStatus::NotFetched));
    // Nor does a CRL at hand that names it lose its word.
    let builder = pki
        .builder()
        .status_source(source)
        .evidence(pki.revoking(&leaf) as _);
    assert!(matches!(
        reason(pki.validate(builder, &leaf)),
        Rule::Revoked(_)
    ));
}

#[test]
fn what_a_source_revokes_is_revoked() {
    let pki = Pki::new();
    let leaf = pki.ca.issue(with_sources("revoked"));
    let said = KnownStatus::Revoked {
        date: now(),
        reason: Some(RevocationReason::KeyCompromise),
    };
    let rule = reason(pki.validate(pki.builder().status_source(Says::new(said)), &leaf));
    let Rule::Revoked(revocation) = rule else {
        panic!("{rule}");
    };
    assert_eq!(revocation.reason, Some(RevocationReason::KeyCompromise));
    // Where revocation is not checked nobody asks it.
    let unchecked = pki
        .builder()
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot);
    let source = Says::new(said);
    let _ = pki
        .validate(unchecked.status_source(source.clone()), &leaf)
        .unwrap();
    assert_eq!(source.1.load(Ordering::Relaxed), 0);
    // A whole path is asked about, but for its anchor.
    let whole = pki
        .builder()
        .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot);
    let good = Says::new(KnownStatus::GoodUntil(now()));
    let _ = pki
        .validate(whole.status_source(good.clone()), &leaf)
        .unwrap();
    assert_eq!(good.1.load(Ordering::Relaxed), 2);
}

/// RFC 9608: its word counts if the policy says so, if it may say so, and if nothing contradicts.
#[test]
fn no_rev_avail_counts_where_the_policy_takes_it() {
    let pki = Pki::new();
    let silent = |extension: Extension| pki.ca.issue(Template::client("silent").with(extension));
    let policy = || RevocationPolicy::default().accept_no_rev_avail(true);
    let taking = || pki.builder().revocation_policy(policy());
    let leaf = silent(no_rev_avail());
    let unknown = Rule::RevocationUnknown(UnknownStatus::NoSource);
    assert_eq!(reason(pki.validate(pki.builder(), &leaf)), unknown);
    let accepted = pki.validate(taking(), &leaf).unwrap();
    let certificate = Certificate::from_der(&leaf.der).unwrap();
    let (first, last) = (certificate.not_before(), certificate.not_after());
    assert_eq!(
        used(&accepted),
        (EvidenceKind::NoRevAvail, first, Some(last))
    );
    // A CRL at hand that names it counts.
    let builder = taking().evidence(pki.revoking(&leaf) as _);
    assert!(matches!(
        reason(pki.validate(builder, &leaf)),
        Rule::Revoked(_)
    ));
    // Section 2: never critical, and a NULL.
    let critical = silent(no_rev_avail().critical());
    assert!(matches!(
        reason(pki.validate(taking(), &critical)),
        Rule::UnknownCriticalExtension(_)
    ));
    let other = silent(Extension::new("2.5.29.56", vec![4, 0]));
    assert_eq!(reason(pki.validate(taking(), &other)), unknown);
    // Section 3: not beside a place where to ask.
    for place in [
        points(&[DistributionPoint::url("http://crl.example.test/")]),
        access(&["http://ocsp.example.test/"], &[]),
    ] {
        let leaf = pki
            .ca
            .issue(Template::client("loud").with(no_rev_avail()).with(place));
        let presented = presented(&leaf, &[&pki.ca.certificate]);
        let verdict = taking()
            .build()
            .unwrap()
            .validate(&presented, now(), &NoFetcher);
        assert!(matches!(
            verdict.unwrap_err().error().rule,
            Rule::RevocationUnknown(_)
        ));
    }
}

/// Section 3: a CA's certificate never says so, nor is a CA's life ever short.
#[test]
fn authorities_do_not_speak_for_themselves() {
    let root = Authority::root("status root");
    let short = ("20251231000000Z", "20260101235959Z");
    let ca = root.issue_ca(
        Template::ca("silent ca")
            .with(no_rev_avail())
            .valid(short.0, short.1),
    );
    let leaf = ca.issue(Template::client("below").with(no_rev_avail()));
    let policy = RevocationPolicy::default()
        .accept_no_rev_avail(true)
        .short_lived(Some(604_800));
    let validator = below(&[&root])
        .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
        .revocation_policy(policy)
        .build()
        .unwrap();
    let verdict = validator.validate(&presented(&leaf, &[&ca.certificate]), now(), &Nobody);
    let rejected = verdict.unwrap_err();
    let error = rejected.error();
    let unknown = Rule::RevocationUnknown(UnknownStatus::NoSource);
    assert_eq!((error.position, error.rule), (1, unknown));
}

#[test]
fn a_short_life_needs_no_evidence() {
    let pki = Pki::new();
    // Two days, the first second and the last included.
    let valid = ("20251231000000Z", "20260101235959Z");
    let leaf = pki.ca.issue(with_sources("short").valid(valid.0, valid.1));
    let within = |seconds| {
        let policy = RevocationPolicy::default().short_lived(Some(seconds));
        let mode = (RevocationMode::Offline, RevocationFlag::EndCertificateOnly);
        let builder = pki
            .builder()
            .revocation(mode.0, mode.1)
            .revocation_policy(policy);
        pki.validate(builder, &leaf)
    };
    let accepted = within(172_800).unwrap();
    assert_eq!(used(&accepted).0, EvidenceKind::ShortLife);
    let unknown = Rule::RevocationUnknown(UnknownStatus::NotFetched);
    assert_eq!(reason(within(172_799)), unknown);
}
