//! Issuers that were not presented, fetched from the URLs in certificates (RFC 5280 section
//! 4.2.2.1).

use portcullis::crypto::SignatureError;
use portcullis::revocation::{Answer, FetchFailure, RequestKind, RevocationFlag, RevocationMode};
use portcullis::{Certificate, Origin, Progress, Rule};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::require_explicit_policy;
use portcullis_testkit::keys::Key;
use portcullis_testkit::tamper::with_broken_signature;

use crate::support::inquiry::{Inquiry, Outcome, Web};
use crate::support::{Authority, Made, Template, parsed};

fn at(name: &str) -> String {
    format!("http://issuers.example.test/{name}")
}

/// Says that the issuer's certificate is at this name.
fn issued_at(template: Template, name: &str) -> Template {
    template.with(access(&[], &[&at(name)]))
}

/// root, upper, lower, client; only the client is presented.
struct Chain {
    root: Authority,
    upper: Authority,
    lower: Authority,
    leaf: Made,
}

impl Chain {
    fn new() -> Self {
        let root = Authority::root("root");
        let upper = root.issue_ca(issued_at(Template::ca("upper"), "root"));
        let lower = upper.issue_ca(issued_at(Template::ca("lower"), "upper"));
        let leaf = lower.issue(issued_at(Template::client("client"), "lower"));
        Self {
            root,
            upper,
            lower,
            leaf,
        }
    }

    fn off(&self) -> Inquiry {
        Inquiry::about(&self.root, &self.leaf, &[]).mode(RevocationMode::NoCheck)
    }

    fn on(&self) -> Inquiry {
        self.off().fetch_issuers()
    }

    fn web(&self) -> Web {
        Web::new()
            .with(&at("lower"), self.lower.certificate.der.clone())
            .with(&at("upper"), self.upper.certificate.der.clone())
    }
}

#[track_caller]
fn no_issuer(outcome: &Outcome) {
    assert_eq!(outcome.error().rule, Rule::NoIssuer);
}

#[test]
fn nothing_is_fetched_unless_allowed() {
    let chain = Chain::new();
    let outcome = chain.off().ask(&chain.web());
    no_issuer(&outcome);
    assert!(outcome.rounds.is_empty());
}

#[test]
fn missing_issuers_are_fetched_one_after_the_other() {
    let chain = Chain::new();
    let outcome = chain.on().ask(&chain.web());
    assert_eq!(outcome.urls(), [[at("lower")], [at("upper")]]);
    let kinds = outcome.rounds.iter().flatten().map(|asked| asked.kind);
    assert!(
        kinds
            .into_iter()
            .all(|kind| kind == RequestKind::IssuerCertificate)
    );
    let accepted = outcome.verdict.unwrap();
    let chain_of = accepted.chain();
    assert_eq!(chain_of.len(), 4);
    assert_eq!(chain_of[1].origin, Origin::Fetched);
    assert_eq!(chain_of[3].origin, Origin::Anchor);
}

#[test]
fn nothing_is_fetched_where_a_path_was_found() {
    let chain = Chain::new();
    let more = [&chain.lower.certificate, &chain.upper.certificate];
    let inquiry = Inquiry::about(&chain.root, &chain.leaf, &more);
    let inquiry = inquiry.mode(RevocationMode::NoCheck).fetch_issuers();
    let outcome = inquiry.ask(&Web::new());
    assert!(outcome.is_accepted() && outcome.rounds.is_empty());
    // The upper one alone is missing.
    let inquiry = Inquiry::about(&chain.root, &chain.leaf, &[&chain.lower.certificate]);
    let inquiry = inquiry.mode(RevocationMode::NoCheck).fetch_issuers();
    let outcome = inquiry.ask(&chain.web());
    assert!(outcome.is_accepted());
    assert_eq!(outcome.urls(), [[at("upper")]]);
}

/// What was fetched is no reason to forget why a path fell that is not tried again.
#[test]
fn a_signature_that_does_not_hold_is_told_after_a_fetch_too() {
    let chain = Chain::new();
    let forged = Template::ca("forged")
        .subject(chain.lower.name.clone())
        .key(chain.lower.key.clone());
    let forged = with_broken_signature(&chain.root.issue(forged));
    let junk = Authority::root("junk").certificate;
    let more = [&forged, &chain.lower.certificate];
    let inquiry = Inquiry::about(&chain.root, &chain.leaf, &more);
    let inquiry = inquiry.mode(RevocationMode::NoCheck).fetch_issuers();
    let outcome = inquiry.ask(&Web::new().with(&at("upper"), junk.der));
    assert_eq!(outcome.urls(), [[at("upper")]]);
    let rejected = outcome.verdict.unwrap_err();
    let rule = Rule::Signature(SignatureError::Invalid);
    assert_eq!(
        (rejected.error().position, rejected.error().rule),
        (1, rule)
    );
    let tried = rejected.tried().iter().map(|tried| tried.violation.rule);
    assert_eq!(tried.collect::<Vec<_>>(), [rule, Rule::NoIssuer]);
}

#[test]
fn garbage_from_the_first_url_lets_the_others_be_asked() {
    let chain = Chain::new();
    let urls = [at("a"), at("b"), at("c")];
    let [a, b, c] = &urls;
    let template = Template::client("client").with(access(&[], &[a, b, c]));
    let leaf = chain.lower.issue(template);
    let inquiry = || {
        let inquiry = Inquiry::about(&chain.root, &leaf, &[&chain.upper.certificate]);
        inquiry.mode(RevocationMode::NoCheck).fetch_issuers()
    };
    let good = chain.lower.certificate.der.clone();
    for garbage in [
        vec![],
        b"<html>".to_vec(),
        CrlTemplate::by(&chain.lower).der(),
    ] {
        let web = Web::new().with(a, garbage).with(c, good.clone());
        let outcome = inquiry().ask(&web);
        assert!(outcome.is_accepted());
        assert_eq!(outcome.urls(), urls.clone().map(|url| [url]));
    }
    let outcome = inquiry().ask_with(|_| vec![FetchFailure::Unreachable.into()]);
    no_issuer(&outcome);
    assert_eq!(outcome.rounds.len(), 3);
    let outcome = inquiry().ask_with(|_| Vec::new());
    no_issuer(&outcome);
    assert_eq!(outcome.rounds.len(), 3);
}

/// What comes is a candidate and no more.
#[test]
fn what_is_fetched_is_not_trusted() {
    let chain = Chain::new();
    let forged = Authority::self_signed(Template::ca("lower"));
    let namesake =
        Authority::root("a stranger").issue_ca(Template::ca("lower").key(Key::p256("x")));
    for sent in [
        with_broken_signature(&chain.lower.certificate),
        forged.certificate,
        namesake.certificate,
        chain.leaf.clone(),
        chain.root.certificate.clone(),
    ] {
        let web = chain.web();
        let outcome = chain
            .on()
            .ask_with(|request| match request.url() == at("lower") {
                true => vec![Answer::body(sent.der.clone())],
                false => web.answers(request),
            });
        assert!(!outcome.is_accepted());
    }
    // A leaf of a stranger that leads to the stranger's root.
    let root = Authority::root("evil root");
    let ca = root.issue_ca(issued_at(Template::ca("evil ca"), "evil-root"));
    let leaf = ca.issue(issued_at(Template::client("client"), "evil-ca"));
    let inquiry = Inquiry::about(&chain.root, &leaf, &[]).mode(RevocationMode::NoCheck);
    let web = Web::new()
        .with(&at("evil-ca"), ca.certificate.der)
        .with(&at("evil-root"), root.certificate.der);
    let outcome = inquiry.fetch_issuers().ask(&web);
    assert_eq!(outcome.error().rule, Rule::UntrustedRoot);
}

#[test]
fn issuers_that_certify_each_other_end() {
    let chain = Chain::new();
    let name = |label: &str| portcullis_testkit::names::common_name(label);
    let one = Authority {
        name: name("one"),
        key: Key::p256("one"),
        certificate: chain.leaf.clone(),
    };
    let two = Authority {
        name: name("two"),
        key: Key::p256("two"),
        certificate: chain.leaf.clone(),
    };
    let one_by_two = two.issue(issued_at(Template::ca("one"), "two"));
    let two_by_one = one.issue(issued_at(Template::ca("two"), "one"));
    let leaf = one.issue(issued_at(Template::client("client"), "one"));
    let web = Web::new()
        .with(&at("one"), one_by_two.der)
        .with(&at("two"), two_by_one.der);
    let inquiry = Inquiry::about(&chain.root, &leaf, &[]).mode(RevocationMode::NoCheck);
    let outcome = inquiry.fetch_issuers().ask(&web);
    assert!(!outcome.is_accepted());
    assert!(outcome.rounds.len() <= 3);
}

/// Each fetched issuer names another one, for ever.
#[test]
fn an_endless_chain_of_issuers_ends_with_the_budget() {
    let root = Authority::root("root");
    let stage = |n: usize| Authority {
        name: portcullis_testkit::names::common_name(&format!("stage {n}")),
        key: Key::p256(&format!("stage {n}")),
        certificate: root.certificate.clone(),
    };
    let leaf = stage(0).issue(issued_at(Template::client("client"), "0"));
    for (fetches, bytes, expected) in [(5, 1 << 20, 5), (64, 2_000, 10)] {
        let inquiry = Inquiry::about(&root, &leaf, &[]).mode(RevocationMode::NoCheck);
        let inquiry = inquiry.fetch_issuers().limits(|limits| {
            limits.fetches = fetches;
            limits.bytes = bytes;
        });
        let mut n = 0;
        let outcome = inquiry.ask_with(|_| {
            n += 1;
            let template = Template::ca(&format!("stage {}", n - 1));
            let next = stage(n).issue(issued_at(template, &n.to_string()));
            vec![Answer::body(next.der)]
        });
        assert!(!outcome.is_accepted());
        assert!(outcome.rounds.len() <= expected, "{}", outcome.rounds.len());
    }
}

#[test]
fn many_answers_to_one_request_are_paid_for() {
    let chain = Chain::new();
    let others: Vec<Vec<u8>> = (0..30)
        .map(|n| {
            let template = Template::ca("lower").key(Key::p256(&format!("x{n}")));
            chain.root.issue(template).der
        })
        .collect();
    let inquiry = chain.on().limits(|limits| limits.certificates = 10);
    let outcome =
        inquiry.ask_with(|_| others.iter().map(|der| Answer::body(der.clone())).collect());
    assert!(!outcome.is_accepted());
    // The same one over and over is one.
    let web = chain.web();
    let outcome = chain
        .on()
        .limits(|limits| limits.certificates = 3)
        .ask_with(|request| {
            let answer = web.answers(request).remove(0);
            vec![answer.clone(), answer.clone(), answer]
        });
    assert!(outcome.is_accepted());
}

#[test]
fn revocation_of_fetched_issuers_is_asked_about() {
    let list_at = |template: Template| {
        let url = at(&format!("{}.crl", template.label));
        template.with(points(&[DistributionPoint::url(&url)]))
    };
    let root = Authority::root("root");
    let ca = root.issue_ca(list_at(Template::ca("ca")));
    let leaf = ca.issue(list_at(issued_at(Template::client("client"), "ca")));
    let inquiry = Inquiry::about(&root, &leaf, &[]).flag(RevocationFlag::ExcludeRoot);
    let inquiry = inquiry.fetch_issuers();
    let web = Web::new()
        .with(&at("ca"), ca.certificate.der.clone())
        .with(&at("client.crl"), CrlTemplate::by(&ca).der());
    let good = web
        .clone()
        .with(&at("ca.crl"), CrlTemplate::by(&root).der());
    let outcome = inquiry.ask(&good);
    outcome.good();
    assert_eq!(outcome.rounds.len(), 2);
    let revoked = CrlTemplate::by(&root).revoking(&ca.certificate).der();
    inquiry.ask(&web.with(&at("ca.crl"), revoked)).revoked_at(1);
}

#[test]
fn who_is_asked_about_is_the_certificate_whose_issuer_is_missing() {
    let chain = Chain::new();
    let mut validation = chain.on().begin();
    let Progress::Fetch(requests) = validation.advance() else {
        panic!("nothing is asked for");
    };
    let about: Vec<&Certificate> = requests
        .iter()
        .map(|request| request.certificate())
        .collect();
    assert_eq!(about, [&parsed(&chain.leaf)]);
    assert!(requests[0].body().is_none());
    assert_eq!(requests[0].get_url(), at("lower"));
}

/// Where paths fell for their policies, an issuer that is missing is asked for all the same,
/// however many of them there are.
#[test]
fn an_issuer_is_asked_for_beside_paths_that_fell_for_policies() {
    let root = Authority::root("root");
    let mesh = Authority {
        key: Key::ed25519("mesh"),
        ..Authority::root("mesh")
    };
    let of = |label: String| {
        let template = Template::ca(&label).subject(mesh.name.clone());
        template.without_key_identifiers().key(mesh.key.clone())
    };
    let upper = root.issue_ca(Template::ca("upper"));
    for (by_root, by_itself) in [(3, 0), (3, 2), (15, 0), (20, 5)] {
        let demanding = |n| of(format!("m{n}")).with(require_explicit_policy(0));
        let mut pool: Vec<Made> = (0..by_root).map(|n| root.issue(demanding(n))).collect();
        pool.extend((0..by_itself).map(|n| mesh.issue(of(format!("s{n}")))));
        pool.push(upper.issue(issued_at(of("last".into()), "upper")));
        let leaf = mesh.issue(Template::client("client").without_key_identifiers());
        let more: Vec<&Made> = pool.iter().collect();
        let web = Web::new().with(&at("upper"), upper.certificate.der.clone());
        let inquiry = Inquiry::about(&root, &leaf, &more).mode(RevocationMode::NoCheck);
        let outcome = inquiry.fetch_issuers().ask(&web);
        assert!(outcome.is_accepted(), "{by_root} {by_itself}");
    }
}
