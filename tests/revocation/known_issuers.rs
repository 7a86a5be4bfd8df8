//! What a new leaf of known issuers costs if revocation is checked.

use std::sync::Arc;
use std::thread;

use portcullis::crypto::{BoundedMemo, SignatureError};
use portcullis::revocation::{
    Crl, NoFetcher, OcspResponse, RevocationFlag, RevocationMode, SharedEvidence,
};
use portcullis::{Rule, Validator, ValidatorBuilder};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::{
    DIGITAL_SIGNATURE, extended_key_usage, key_usage, ocsp_no_check,
};
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate, SingleResponse};
use portcullis_testkit::tamper::with_broken_signature;

use crate::support::{Authority, Counting, Made, Template, World, below, decide, now, presented};

const OCSP: &str = "http://ocsp.example.test/";
const CRL: &str = "http://crl.example.test/list";
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// Three authorities below a root.
struct Line {
    root: Authority,
    authorities: Vec<Authority>,
}

impl Line {
    fn new(template: impl Fn(&str) -> Template) -> Self {
        let root = Authority::root("line root");
        let mut authorities: Vec<Authority> = Vec::new();
        for name in ["line one", "line two", "line three"] {
            let issuer = authorities.last().unwrap_or(&root);
            authorities.push(issuer.issue_ca(template(name)));
        }
        Self { root, authorities }
    }

    /// Who issues the certificate of this place, and that certificate.
    fn issued(&self) -> impl Iterator<Item = (&Authority, &Made)> {
        let issuers = std::iter::once(&self.root).chain(&self.authorities);
        issuers.zip(self.authorities.iter().map(|ca| &ca.certificate))
    }

    fn client(&self, template: Template) -> Made {
        self.authorities[2].issue(template)
    }

    fn more(&self) -> Vec<&Made> {
        self.authorities.iter().map(|ca| &ca.certificate).collect()
    }

    fn builder(&self, evidence: &Arc<SharedEvidence>) -> ValidatorBuilder {
        below(&[&self.root])
            .revocation(RevocationMode::Offline, RevocationFlag::ExcludeRoot)
            .evidence(Arc::clone(evidence) as _)
    }

    #[track_caller]
    fn accept(&self, validator: &Validator, client: &Made) {
        let presented = presented(client, &self.more());
        let verdict = validator.validate(&presented, now(), &NoFetcher);
        assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    }
}

fn responder(issuer: &Authority) -> Authority {
    let template = Template::client("line responder")
        .with(key_usage(&[DIGITAL_SIGNATURE]))
        .with(extended_key_usage(&[OCSP_SIGNING]))
        .with(ocsp_no_check());
    issuer.issue_ca(template)
}

fn insert_response(evidence: &SharedEvidence, response: &ResponseTemplate) {
    let response = OcspResponse::from_der(&response.der()).unwrap();
    evidence.edit(|evidence| evidence.insert_response(response).unwrap());
}

/// What delegated responders say of the issuers is verified once, and so are their certificates.
#[test]
fn responses_about_known_issuers_cost_nothing() {
    let line = Line::new(|name| Template::ca(name).with(access(&[OCSP], &[])));
    let evidence = Arc::<SharedEvidence>::default();
    let say = |issuer: &Authority, made: &Made| {
        let responder = responder(issuer);
        let single = SingleResponse::about(issuer, made, CertStatus::Good);
        let response = ResponseTemplate::by(&responder).single(single);
        insert_response(&evidence, &response.sending(&responder.certificate));
    };
    line.issued().for_each(|(issuer, made)| say(issuer, made));
    let clients = ["a", "b", "c"].map(|name| {
        let client = line.client(Template::client(name).with(access(&[OCSP], &[])));
        say(&line.authorities[2], &client);
        client
    });
    let counting = Counting::new();
    let validator = line.builder(&evidence).provider(counting.provider());
    let validator = validator.build().unwrap();
    line.accept(&validator, &clients[0]);
    let (path, of_each) = (4, 2);
    assert_eq!(counting.reset(), path + 4 * of_each);
    for client in &clients[1..] {
        line.accept(&validator, client);
        // Its own, and that of what is said of it. The certificate of the responder is one that is
        // known.
        assert_eq!(counting.reset(), 2);
    }
    line.accept(&validator, &clients[1]);
    assert_eq!(counting.reset(), 2, "what is said of a leaf is not kept");
}

/// A list is verified once.
#[test]
fn lists_of_known_issuers_cost_nothing() {
    let line = Line::new(|name| Template::ca(name).with(points(&[DistributionPoint::url(CRL)])));
    let evidence = Arc::<SharedEvidence>::default();
    for issuer in std::iter::once(&line.root).chain(&line.authorities) {
        let list = Crl::from_der(&CrlTemplate::by(issuer).der()).unwrap();
        evidence.edit(|evidence| evidence.insert_crl(list).unwrap());
    }
    let client =
        |name| line.client(Template::client(name).with(points(&[DistributionPoint::url(CRL)])));
    let counting = Counting::new();
    let validator = line.builder(&evidence).provider(counting.provider());
    let validator = validator.build().unwrap();
    line.accept(&validator, &client("a"));
    assert_eq!(counting.reset(), 4 + 4);
    line.accept(&validator, &client("b"));
    assert_eq!((counting.prepared(), counting.reset()), (0, 1));
}

/// Another validator with another policy takes over what is known of signatures and nothing else.
#[test]
fn what_is_known_is_judged_anew() {
    let line = Line::new(|name| Template::ca(name).with(access(&[OCSP], &[])));
    let evidence = Arc::<SharedEvidence>::default();
    for (issuer, made) in line.issued() {
        insert_response(
            &evidence,
            &ResponseTemplate::of(issuer, made, CertStatus::Good),
        );
    }
    let client = line.client(Template::client("a").with(access(&[OCSP], &[])));
    let of_client = ResponseTemplate::of(&line.authorities[2], &client, CertStatus::Good);
    insert_response(&evidence, &of_client);
    let validator = line.builder(&evidence).build().unwrap();
    line.accept(&validator, &client);
    let revoked = ResponseTemplate::of(
        &line.root,
        &line.authorities[0].certificate,
        CertStatus::Revoked,
    );
    insert_response(&evidence, &revoked);
    let verdict = validator.validate(&presented(&client, &line.more()), now(), &NoFetcher);
    let rejected = verdict.expect_err("its issuer is revoked");
    assert_eq!(rejected.error().position, 3);
}

/// More issuers than the memo has room for, and forgeries among their clients: threads that take
/// turns in forgetting each other's facts come to the same verdicts.
#[test]
fn threads_share_a_memo_that_is_too_small() {
    let worlds: Vec<World> = (0..6).map(|n| World::new(&format!("crowd {n}"))).collect();
    let roots: Vec<&Authority> = worlds.iter().map(|world| &world.root).collect();
    let memo = Arc::new(BoundedMemo::with_capacity(4));
    let validator = below(&roots).memo(Arc::clone(&memo) as _).build().unwrap();
    thread::scope(|scope| {
        for offset in 0..4 {
            let (worlds, validator, memo) = (&worlds, &validator, &memo);
            scope.spawn(move || {
                for turn in 0..12 {
                    let world = &worlds[(turn + offset) % worlds.len()];
                    let ca = &world.ca.certificate;
                    let good = world
                        .ca
                        .issue(Template::client(&format!("{offset} {turn}")));
                    assert!(decide(validator, &good, &[ca]).is_ok());
                    let violation = decide(validator, &with_broken_signature(&good), &[ca]);
                    let invalid = Rule::Signature(SignatureError::Invalid);
                    assert_eq!(violation.unwrap_err().rule, invalid);
                    assert!(memo.len() <= 4);
                }
            });
        }
    });
}
