//! Rounds of renewals that are shared by CAs, some of whose URLs are slow.

use std::cell::Cell;
use std::sync::Arc;

use portcullis::revocation::{
    FetchFailure, NoFetcher, RefreshOutcome, Request, RevocationFetcher, RevocationFlag,
    RevocationMode, SharedEvidence,
};
use portcullis::{Time, Validator};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, IssuingDistributionPoint, points};
use portcullis_testkit::names::uri;

use crate::support::{Authority, Template, below, now, presented, time};

const CRL: &str = "http://crl.example.test/";
const EVIL: &str = "http://evil.example.test/";

/// Each answer of a slow URL takes ten seconds; a round may take sixty.
struct Http<F> {
    send: F,
    clock: Cell<Time>,
    deadline: Cell<Option<Time>>,
}

impl<F: Fn(&Request) -> Result<Vec<u8>, FetchFailure>> Http<F> {
    fn new(send: F) -> Self {
        Self {
            send,
            clock: Cell::new(now()),
            deadline: Cell::new(None),
        }
    }
}

impl<F: Fn(&Request) -> Result<Vec<u8>, FetchFailure>> RevocationFetcher for Http<F> {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        let sent = (self.send)(request);
        if sent.is_err() {
            self.clock.set(self.clock.get().plus(10));
        }
        sent
    }

    fn now(&self) -> Option<Time> {
        Some(self.clock.get())
    }

    fn deadline(&self) -> Option<Time> {
        self.deadline.get()
    }
}

fn about_leaves(root: &Authority, store: &Arc<SharedEvidence>) -> Validator {
    below(&[root])
        .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
        .evidence(store.clone())
        .build()
        .unwrap()
}

/// A round a minute from an hour before the victim's CRL ends until it has ended. The hostile CA
/// has 60 CRLs, each of which names eight slow URLs: asked in one turn, they would take longer than
/// a round.
#[test]
fn one_turn_does_not_use_up_a_round() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let evil = root.issue_ca(Template::ca("evil ca"));
    let store = Arc::new(SharedEvidence::default());
    let validator = about_leaves(&root, &store);
    let keep = |ca: &Authority, urls: &[String], next: &str| {
        let names: Vec<_> = urls.iter().map(|url| uri(url)).collect();
        let point = DistributionPoint::full(&names);
        let template = Template::client(&urls[0]).with(points(&[point]));
        let client = presented(&ca.issue(template), &[&ca.certificate]);
        let crl = CrlTemplate::by(ca)
            .scope(IssuingDistributionPoint::url(&urls[0]))
            .issued("20251231000000Z", Some(next))
            .der();
        let http = Http::new(|_: &Request| Ok(crl.clone()));
        assert!(validator.validate(&client, now(), &http).is_ok());
        client
    };
    for number in 0..60 {
        let urls: Vec<String> = (0..8).map(|n| format!("{EVIL}{number}/{n}")).collect();
        let _ = keep(&evil, &urls, "20260101003000Z");
    }
    let victim = keep(&ca, &[CRL.into()], "20260101020000Z");
    let next = CrlTemplate::by(&ca)
        .scope(IssuingDistributionPoint::url(CRL))
        .number(9)
        .issued("20260101005000Z", Some("20260102000000Z"))
        .der();
    let http = Http::new(|request: &Request| match request.url() {
        CRL => Ok(next.clone()),
        _ => Err(FetchFailure::Unreachable),
    });
    let mut renewed = 0;
    for round in 0..60 {
        let at = time("2026-01-01T01:00:30Z").plus(round * 60);
        http.clock.set(at.max(http.clock.get()));
        let at = http.clock.get();
        http.deadline.set(Some(at.plus(60)));
        renewed += validator.refresh_due(at, 3600, &http);
    }
    let later = time("2026-01-01T02:01:00Z");
    let verdict = validator.validate(&victim, later, &NoFetcher);
    assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    assert_eq!(renewed, 1);
}

/// What a round had no time for is no failure of its URL: it is due in the next round.
#[test]
fn what_was_not_asked_does_not_wait() {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let store = Arc::new(SharedEvidence::default());
    let validator = about_leaves(&root, &store);
    let leaf = ca.issue(Template::client("client").with(points(&[DistributionPoint::url(CRL)])));
    let client = presented(&leaf, &[&ca.certificate]);
    let crl = CrlTemplate::by(&ca)
        .issued("20251231000000Z", Some("20260101020000Z"))
        .der();
    let http = Http::new(|_: &Request| Ok(crl.clone()));
    assert!(validator.validate(&client, now(), &http).is_ok());
    let mut at = now();
    for _ in 0..12 {
        at = at.plus(4_000);
        let due = validator.due(at, 3600);
        assert_eq!(due.len(), 1);
        let outcome = validator.refresh(&due[0], FetchFailure::NotAsked, at);
        assert_eq!(outcome, RefreshOutcome::Failed(FetchFailure::NotAsked));
    }
    // Nobody was ever asked, so nobody waits.
    let wait = (0..).find(|wait| !validator.due(at.plus(*wait), 3600).is_empty());
    assert_eq!(wait, Some(0));
}
