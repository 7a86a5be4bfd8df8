//! Inputs made to cost much, to get in, or to do harm to others. Those that cost much end within a
//! generous bound.
#![cfg(feature = "std")]
mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portcullis::crypto::{BoundedMemo, NoMemo};
use portcullis::path::Exhausted;
use portcullis::revocation::{Answer, FetchFailure, NoFetcher, Request, RevocationFetcher};
use portcullis::{Limits, Presented, Rule};
use support::evidence::access;
use support::pki::asn1::{self, sequence, utf8};
use support::pki::extensions::{Extension, alt_names, name_constraints};
use support::pki::keys::Key;
use support::pki::names::{self, attribute, dns, name_of};
use support::{Authority, Made, Template, below, decide, now, presented};

fn ca(label: &str, subject: &[u8]) -> Template {
    Template::ca(label)
        .subject(subject.to_vec())
        .without_key_identifiers()
}

fn many_names(octets: usize, n: usize) -> Extension {
    let one = names::email(&format!("{n:01}@a"));
    let one = if one.len() < 4 { names::dns("a") } else { one };
    let count = octets / one.len();
    alt_names(&vec![one; count])
}

/// Whoever presents this is refused, and soon: the bound is that of a debug build on a busy
/// machine.
fn refused_soon(validator: &portcullis::Validator, presented: &Presented) {
    let start = Instant::now();
    assert!(validator.validate(presented, now(), &NoFetcher).is_err());
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(30), "{elapsed:?}");
}

/// Self-issued "roots" of the anchor's name, unsigned, with long alternative names: thousands of
/// paths over them, none of which costs a signature.
fn san_attack(count: usize, octets: usize) {
    let root = Authority::root("root");
    let fake = Authority {
        name: root.name.clone(),
        key: Key::p256("fake"),
        certificate: root.certificate.clone(),
    };
    let nc = name_constraints(&[dns("x.example")], &[]);
    let pool: Vec<Made> = (0..count)
        .map(|n| {
            let ca = ca(&format!("c{n}"), &root.name).with(many_names(octets, n));
            fake.issue(ca.with(nc.clone()))
        })
        .collect();
    let leaf = fake.issue(
        Template::client("leaf")
            .without_key_identifiers()
            .with(alt_names(&[dns("y.example")])),
    );
    let refs: Vec<&Made> = pool.iter().collect();
    let p = presented(&leaf, &refs);
    let v = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
    refused_soon(&v, &p);
}

#[test]
fn long_alternative_names_on_many_paths() {
    san_attack(9, 100_000);
}

const APPLICATION_POLICIES: &str = "1.3.6.1.4.1.311.21.10";

fn application_policies(oids: &[&str]) -> Extension {
    let each: Vec<Vec<u8>> = oids.iter().map(|o| sequence(&[asn1::oid(o)])).collect();
    Extension::new(APPLICATION_POLICIES, sequence(&each))
}

/// What the validator was told not to process is not known, and may not be critical (RFC 5280
/// section 4.2).
#[test]
fn critical_application_policies_that_are_not_processed_are_refused() {
    let root = Authority::root("root");
    // Good for code signing only, critically so.
    let leaf = Template::client("leaf")
        .without("2.5.29.37")
        .with(application_policies(&["1.3.6.1.5.5.7.3.3"]).critical());
    let leaf = root.issue(leaf);
    let v = below(&[&root]).build().unwrap();
    assert!(
        decide(&v, &leaf, &[]).is_err(),
        "accepted for client authentication"
    );
}

/// A CA restricted the same way.
#[test]
fn critical_application_policies_of_an_intermediate() {
    let root = Authority::root("root");
    let sub = root.issue_ca(
        Template::ca("sub").with(application_policies(&["1.3.6.1.5.5.7.3.3"]).critical()),
    );
    let leaf = sub.issue(Template::client("leaf"));
    let v = below(&[&root]).build().unwrap();
    assert!(
        decide(&v, &leaf, &[&sub.certificate]).is_err(),
        "accepted for client authentication"
    );
}

/// What strangers present is not remembered: it would evict what is remembered for others.
#[test]
fn strangers_fill_no_memo() {
    let root = Authority::root("root");
    let mut top = Authority::root("stranger");
    let mut pool = vec![];
    for n in 0..25 {
        top = top.issue_ca(Template::ca(&format!("s{n}")));
        pool.push(top.certificate.clone());
    }
    let leaf = top.issue(Template::client("leaf"));
    let memo = Arc::new(BoundedMemo::with_capacity(1024));
    let v = below(&[&root]).memo(memo.clone()).build().unwrap();
    let refs: Vec<&Made> = pool.iter().collect();
    assert!(decide(&v, &leaf, &refs).is_err());
    assert_eq!(memo.len(), 0, "a stranger's facts are remembered");
}

/// An rfc822Name in the permitted domain does not shield an emailAddress of the subject.
#[test]
fn email_of_the_subject_is_constrained_too() {
    let root = Authority::root("root");
    let sub = root.issue_ca(
        Template::ca("sub").with(name_constraints(&[names::email("good.example")], &[]).critical()),
    );
    let subject = name_of(vec![vec![names::subject_email("ceo@bank.example")]]);
    let leaf = sub.issue(
        Template::client("leaf")
            .subject(subject)
            .with(alt_names(&[names::email("a@good.example")])),
    );
    assert!(
        decide(
            &below(&[&root]).build().unwrap(),
            &leaf,
            &[&sub.certificate]
        )
        .is_err()
    );
}

fn wide_name(fill: &str, octets: usize, tail: &str) -> Vec<u8> {
    let mut text = fill.repeat(octets / fill.len());
    text.push_str(tail);
    name_of(vec![vec![attribute(names::COMMON_NAME, utf8(&text))]])
}

/// Names that are alike and differ in their octets, no anchor in reach: each end of a circle
/// compares them anew.
fn circle_attack(count: usize, octets: usize, fill: &str) {
    let root = Authority::root("root");
    let name = |n: usize| wide_name(fill, octets, &" ".repeat(n));
    let pool: Vec<Made> = (0..count)
        .map(|n| {
            let issuer = Authority {
                name: name(100 + n),
                key: Key::p256("k"),
                certificate: root.certificate.clone(),
            };
            issuer.issue(ca(&format!("c{n}"), &name(n)).key(Key::p256(&format!("c{n}"))))
        })
        .collect();
    let issuer = Authority {
        name: name(200),
        key: Key::p256("k"),
        certificate: root.certificate.clone(),
    };
    let leaf = issuer.issue(Template::client("leaf").without_key_identifiers());
    let refs: Vec<&Made> = pool.iter().collect();
    let p = presented(&leaf, &refs);
    let v = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
    refused_soon(&v, &p);
}

#[test]
fn circles_of_names_that_are_costly_to_compare() {
    circle_attack(5, 60_000, "\u{fdfa}");
}

/// What a budget of 250,000 comparisons buys with names that are costly to normalise.
#[test]
fn constraints_on_names_that_are_costly_to_compare() {
    let root = Authority::root("root");
    for fill in [
        "a",
        "\u{e9}",
        "\u{fdfa}",
        "\u{1e9b}\u{323}",
        "\u{301}\u{316}",
    ] {
        let fake = Authority {
            name: root.name.clone(),
            key: Key::p256("fake"),
            certificate: root.certificate.clone(),
        };
        let base = wide_name(fill, 4_000, "b");
        let subtrees: Vec<Vec<u8>> = (0..25).map(|_| names::directory(&base)).collect();
        let sub = fake.issue_ca(ca("sub", &names::house("sub")).with(name_constraints(
            &[names::directory(&name_of(vec![]))],
            &subtrees,
        )));
        let sans: Vec<Vec<u8>> = (0..25)
            .map(|_| names::directory(&wide_name(fill, 4_000, "")))
            .collect();
        let leaf = sub.issue(
            Template::client("leaf")
                .subject(wide_name(fill, 4_000, ""))
                .without_key_identifiers()
                .with(alt_names(&sans)),
        );
        let p = presented(&leaf, &[&sub.certificate]);
        let v = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
        refused_soon(&v, &p);
    }
}

/// A mesh whose keys and names differ in their last octets only.
#[test]
fn long_names_on_the_path() {
    let root = Authority::root("root");
    let layers = 31;
    let width = 4;
    let name = |layer: usize| wide_name("a", 3_700, &format!("{layer:03}"));
    let mut pool = vec![];
    for layer in 0..layers {
        for column in 0..width {
            let issuer = Authority {
                name: name((layer + 1) % layers),
                key: Key::p256("k"),
                certificate: root.certificate.clone(),
            };
            pool.push(issuer.issue(
                ca(&format!("{layer} {column}"), &name(layer)).key(Key::p256(&format!("{column}"))),
            ));
        }
    }
    let issuer = Authority {
        name: name(0),
        key: Key::p256("k"),
        certificate: root.certificate.clone(),
    };
    let leaf = issuer.issue(Template::client("leaf").without_key_identifiers());
    let refs: Vec<&Made> = pool.iter().collect();
    let p = presented(&leaf, &refs);
    let v = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
    refused_soon(&v, &p);
}

/// Offsets saturate: only a caller's own can come near.
#[test]
fn offsets_at_the_end_of_u32() {
    let element = portcullis::der::Reader::at(&[0x30, 0], u32::MAX)
        .element()
        .unwrap();
    let _ = element.reader();
}

/// A client of a fake authority below a fake authority and so on, each with this extension, up to
/// the anchor's name.
fn fake_chain(depth: usize, of_ca: &Extension, of_leaf: Extension) -> (Authority, Presented) {
    let root = Authority::root("root");
    let mut issuer = Authority {
        name: root.name.clone(),
        key: Key::p256("fake"),
        certificate: root.certificate.clone(),
    };
    let mut pool = vec![];
    for n in 0..depth {
        let name = names::house(&format!("sub {n}"));
        issuer = issuer.issue_ca(ca(&format!("sub {n}"), &name).with(of_ca.clone()));
        pool.push(issuer.certificate.clone());
    }
    let leaf = Template::client("leaf").without_key_identifiers();
    let leaf = issuer.issue(leaf.with(of_leaf));
    let refs: Vec<&Made> = pool.iter().collect();
    (root, presented(&leaf, &refs))
}

/// Constraints of a form that no name has are read for each name all the same.
#[test]
fn long_constraints_of_other_forms() {
    let names = alt_names(&vec![dns("a"); 40_000]);
    let x400 = asn1::constructed(3, &asn1::null().repeat(60_000));
    let short_rdns = names::directory(&name_of(vec![vec![attribute("1.2", asn1::null())]; 12_000]));
    let long_id = asn1::primitive(8, &[[0x81, 0x80].repeat(60_000), vec![1]].concat());
    for base in [x400, short_rdns, long_id] {
        let (root, presented) = fake_chain(1, &name_constraints(&[], &[base]), names.clone());
        let validator = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
        refused_soon(&validator, &presented);
    }
}

/// Names that are nearly alike, within one certificate: whether it issued itself takes a whole
/// comparison, which the words of the rejection are not worth either.
#[test]
fn long_names_that_nearly_issue_themselves() {
    let root = Authority::root("root");
    let name = |n: usize| wide_name("\u{fdfa}", 60_000, &n.to_string());
    let named = |n: usize| Authority {
        name: name(n),
        key: Key::p256("k"),
        certificate: root.certificate.clone(),
    };
    let pool: Vec<Made> = (0..60)
        .map(|n| named(n + 1).issue(ca(&format!("c{n}"), &name(n))))
        .collect();
    let leaf = named(0).issue(Template::client("leaf").without_key_identifiers());
    let mut limits = Limits::default();
    limits.bytes = 1 << 23;
    limits.path_length = 64;
    limits.name_comparisons = 1_000;
    let builder = below(&[&root]).memo(Arc::new(NoMemo)).limits(limits);
    let more: Vec<&Made> = pool.iter().collect();
    refused_soon(&builder.build().unwrap(), &presented(&leaf, &more));
}

/// Serves these issuers, one an answer, and then nobody.
struct Issuers(Mutex<Vec<Vec<u8>>>);

impl RevocationFetcher for Issuers {
    fn fetch(&self, _: &Request) -> Answer {
        match self.0.lock().unwrap().pop() {
            Some(der) => Answer::from_url(0, der),
            None => FetchFailure::Unreachable.into(),
        }
    }
}

/// P1: names of fetched issuers, nearly those that are looked for, are hashed once each, and paid
/// for by their length.
#[test]
fn names_of_fetched_issuers_are_paid_for() {
    const FETCHED: usize = 56;
    let root = Authority::root("root");
    let long = |tail: &str| wide_name("a", 8_000, tail);
    let urls: Vec<String> = (0..64).map(|n| format!("http://e.test/{n}")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let by = |name: Vec<u8>| Authority {
        name,
        key: Key::ed25519("k"),
        certificate: root.certificate.clone(),
    };
    let ask = |comparisons: u32| {
        let x = names::house("X");
        let ca = by(long("b")).issue(ca("c", &x).with(access(&[], &urls)));
        let leaf = by(x).issue(Template::client("leaf").without_key_identifiers());
        let issuer = |n: usize| ca_of(n, &wide_name("a", 60_000, &n.to_string()));
        let fetched = (0..FETCHED).map(|n| by(names::house("Y")).issue(issuer(n)).der);
        let fetch = Issuers(Mutex::new(fetched.collect()));
        let mut limits = Limits::default();
        limits.name_comparisons = comparisons;
        let builder = below(&[&root]).memo(Arc::new(NoMemo)).limits(limits);
        let validator = builder.fetch_issuers(true).build().unwrap();
        let verdict = validator.validate(&presented(&leaf, &[&ca]), now(), &fetch);
        verdict.unwrap_err().error().rule
    };
    // What is looked for takes some 130 a round, and each name that is found 940, once.
    let exhausted = Rule::Exhausted(Exhausted::NameComparisons);
    assert_eq!(ask(5_000), exhausted);
    assert_ne!(ask(100_000), exhausted);
}

fn ca_of(n: usize, subject: &[u8]) -> Template {
    ca(&format!("fetched {n}"), subject)
}
