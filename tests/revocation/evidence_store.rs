//! The evidence store has many users: what the clients of one CA add to it does not spoil the
//! validations of another CA's clients.

use std::sync::Arc;

use portcullis::revocation::{
    Answer, FetchFailure, RequestKind, RevocationPolicy, SharedEvidence, SourceOrder,
};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::{extended_key_usage, name_constraints, ocsp_no_check};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{common_name, dns};
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate, SingleResponse};

use crate::support::inquiry::{Inquiry, Web};
use crate::support::{Authority, Made, Template};

const CRL: &str = "http://crl.example.test/list";
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// A CA, a client of it, and a sub-CA of the same root that may issue for its own DNS names only.
struct Family {
    root: Authority,
    ca: Authority,
    client: Made,
    other: Authority,
}

fn family() -> Family {
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let client = ca.issue(Template::client("client").with(points(&[DistributionPoint::url(CRL)])));
    let only = name_constraints(&[dns("other.test")], &[]);
    let other = root.issue_ca(Template::ca("other").with(only));
    Family {
        root,
        ca,
        client,
        other,
    }
}

impl Family {
    fn about_client(&self, store: &Arc<SharedEvidence>) -> Inquiry {
        Inquiry::about(&self.root, &self.client, &[&self.ca.certificate]).evidence(store)
    }
}

/// Responses that hold for certificates of others may mention this one's client too.
#[test]
fn responses_that_hold_for_other_certificates_cost_no_signatures() {
    let f = family();
    let store = Arc::new(SharedEvidence::default());
    let stranger = Authority {
        key: Key::p256("stranger"),
        ..f.ca.clone()
    };
    let responder = |label: &str| {
        Template::client(label)
            .subject(common_name("responder"))
            .key(Key::p256("responder"))
            .with(extended_key_usage(&[OCSP_SIGNING]))
            .with(ocsp_no_check())
    };
    let fakes: Vec<Made> = (0..3)
        .map(|n| stranger.issue(responder(&format!("fake {n}"))))
        .collect();
    for n in 0..36 {
        let ca = f.other.issue_ca(Template::ca(&format!("other {n}")));
        // One label is one serial number.
        let leaf = ca.issue(Template::client("client"));
        let delegate = ca.issue_ca(responder("delegate"));
        let mut response = ResponseTemplate::by(&delegate)
            .single(SingleResponse::about(&ca, &leaf, CertStatus::Good))
            .single(SingleResponse::about(&f.ca, &f.client, CertStatus::Good));
        for fake in &fakes {
            response = response.sending(fake);
        }
        let response = response.sending(&delegate.certificate).der();
        let more = [&ca.certificate, &f.other.certificate];
        Inquiry::about(&f.root, &leaf, &more)
            .evidence(&store)
            .staple(&response)
            .ask(&Web::new())
            .good();
    }
    assert_eq!(store.edit(|evidence| evidence.len()), 36);
    f.about_client(&store)
        .given(&[CrlTemplate::by(&f.ca).der()])
        .good();
}

/// A certificate of the sub-CA says that its responder is where the lists of the other CA are.
fn a_responder_that_sends(failure: FetchFailure) -> (Family, Arc<SharedEvidence>) {
    let f = family();
    let store = Arc::new(SharedEvidence::default());
    let leaf = f
        .other
        .issue(Template::client("pauser").with(access(&[CRL], &[])));
    let policy = RevocationPolicy::default().order(SourceOrder::OcspFirst);
    let pauser = Inquiry::about(&f.root, &leaf, &[&f.other.certificate]);
    let _ = pauser.policy(policy).evidence(&store).ask_with(|request| {
        assert_eq!(request.kind(), RequestKind::Ocsp);
        vec![Answer::from(failure)]
    });
    (f, store)
}

#[test]
fn a_url_that_fails_as_a_responder_is_not_paused_for_lists() {
    let failures = [FetchFailure::Unreachable].into_iter();
    for failure in failures.chain([405, 429, 501].map(FetchFailure::Status)) {
        let (f, store) = a_responder_that_sends(failure);
        let web = Web::new().with(CRL, CrlTemplate::by(&f.ca).der());
        f.about_client(&store).ask(&web).good();
    }
}

#[test]
fn only_statuses_of_the_server_itself_pause_a_url() {
    let f = family();
    for (status, pauses) in [(302, false), (404, false), (405, false)]
        .into_iter()
        .chain([(429, true), (500, true), (503, true), (599, true)])
    {
        let store = Arc::new(SharedEvidence::default());
        let inquiry = f.about_client(&store);
        let _ = inquiry.ask_with(|_| vec![FetchFailure::Status(status).into()]);
        let again = inquiry.ask(&Web::new().with(CRL, CrlTemplate::by(&f.ca).der()));
        assert_eq!(again.is_accepted(), !pauses, "{status}");
        assert_eq!(again.rounds.is_empty(), pauses, "{status}");
    }
}

/// R7: what a response says of the future does not make it newer than a revocation beside it.
#[test]
fn a_statement_about_the_future_outranks_no_revocation() {
    const OCSP: &str = "http://ocsp.example.test/";
    let root = Authority::root("root");
    let ca = root.issue_ca(Template::ca("ca"));
    let client = ca.issue(Template::client("client").with(access(&[OCSP], &[])));
    let good = SingleResponse::about(&ca, &client, CertStatus::Good);
    let future = good.clone().issued("20270101000000Z", None);
    let good = ResponseTemplate::by(&ca).single(good).single(future).der();
    let revoked = SingleResponse::about(&ca, &client, CertStatus::Revoked);
    let revoked = ResponseTemplate::by(&ca).single(revoked).der();
    for answers in [[&good, &revoked], [&revoked, &good]] {
        let store = Arc::new(SharedEvidence::default());
        let ask = |web: &Web| {
            let inquiry = Inquiry::about(&root, &client, &[&ca.certificate]);
            inquiry.evidence(&store).ask(web)
        };
        let [one, other] = answers.map(Clone::clone);
        ask(&Web::new().with(OCSP, one).with(OCSP, other)).revoked();
        ask(&Web::new()).revoked();
    }
}
