//! Hostile review: proofs of findings. Each `#[ignore]`d test is slow by design of the attack.
#![cfg(feature = "std")]
mod support;

use std::sync::Arc;
use std::time::Instant;

use portcullis::crypto::{BoundedMemo, NoMemo};
use portcullis::{Certificate, Presented, Purpose, UsagePolicy};
use support::pki::asn1::{self, octet_string, sequence, tlv, utf8};
use support::pki::extensions::{self, Extension, alt_names, name_constraints};
use support::pki::keys::Key;
use support::pki::names::{self, attribute, dns, name_of};
use support::{Authority, Made, Template, below, decide, now, presented};

fn ca(label: &str, subject: &[u8]) -> Template {
    Template::ca(label).subject(subject.to_vec()).without_key_identifiers()
}

fn many_names(octets: usize, n: usize) -> Extension {
    let one = names::email(&format!("{n:01}@a"));
    let one = if one.len() < 4 { names::dns("a") } else { one };
    let count = octets / one.len();
    alt_names(&vec![one; count])
}

fn timed(what: &str, validator: &portcullis::Validator, p: &Presented) {
    let start = Instant::now();
    let verdict = validator.validate(p, now());
    let elapsed = start.elapsed();
    match verdict {
        Ok(_) => println!("{what}: ACCEPTED in {elapsed:?}"),
        Err(r) => println!("{what}: {elapsed:?} tried {} more {} error {}", r.tried().len(), r.more_tried(), r.error()),
    }
}

/// 9 unsigned self-issued "roots" with 100 KiB SANs: whole-path checks decode them anew for each of 20,000 tries.
fn san_attack(count: usize, octets: usize) {
    let root = Authority::root("root");
    let fake = Authority { name: root.name.clone(), key: Key::p256("fake"), certificate: root.certificate.clone() };
    let nc = name_constraints(&[dns("x.example")], &[]);
    let pool: Vec<Made> = (0..count)
        .map(|n| {
            let t = ca(&format!("c{n}"), &root.name).with(many_names(octets, n));
            let t = if n == 0 { t.with(nc.clone()) } else { t.with(nc.clone()) };
            fake.issue(t)
        })
        .collect();
    let leaf = fake.issue(Template::client("leaf").without_key_identifiers().with(alt_names(&[dns("y.example")])));
    let refs: Vec<&Made> = pool.iter().collect();
    let p = presented(&leaf, &refs);
    let bytes: usize = pool.iter().map(|m| m.der.len()).sum();
    println!("{count} certificates, {bytes} octets, ignored {}", p.ignored().len());
    let v = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
    timed("san", &v, &p);
}

#[test]
#[ignore = "slow"]
fn san_decoded_for_each_path() {
    san_attack(4, 100_000);
    san_attack(5, 100_000);
    san_attack(6, 100_000);
}

#[test]
#[ignore = "slow"]
fn san_decoded_for_each_path_full() {
    san_attack(9, 100_000);
}

const APPLICATION_POLICIES: &str = "1.3.6.1.4.1.311.21.10";

fn application_policies(oids: &[&str]) -> Extension {
    let each: Vec<Vec<u8>> = oids.iter().map(|o| sequence(&[asn1::oid(o)])).collect();
    Extension::new(APPLICATION_POLICIES, sequence(&each))
}

/// A critical extension whose content the validator was told not to process is let pass (RFC 5280 section 4.2).
#[test]
fn critical_application_policies_that_are_not_processed_are_refused() {
    let root = Authority::root("root");
    // Good for code signing only, critically so.
    let leaf = Template::client("leaf").without("2.5.29.37").with(application_policies(&["1.3.6.1.5.5.7.3.3"]).critical());
    let leaf = root.issue(leaf);
    let v = below(&[&root]).build().unwrap();
    assert!(decide(&v, &leaf, &[]).is_err(), "accepted for client authentication");
}

/// A CA restricted the same way.
#[test]
fn critical_application_policies_of_an_intermediate() {
    let root = Authority::root("root");
    let sub = root.issue_ca(Template::ca("sub").with(application_policies(&["1.3.6.1.5.5.7.3.3"]).critical()));
    let leaf = sub.issue(Template::client("leaf"));
    let v = below(&[&root]).build().unwrap();
    assert!(decide(&v, &leaf, &[&sub.certificate]).is_err(), "accepted for client authentication");
}

/// dotnet_compatible says that none of it accepts more.
#[test]
fn dotnet_accepts_no_more() {
    let root = Authority::root("root");
    let leaf = Template::client("leaf")
        .with(extensions::extended_key_usage(&["1.3.6.1.5.5.7.3.1"]))
        .with(application_policies(&["1.3.6.1.5.5.7.3.2"]));
    let leaf = root.issue(leaf);
    let plain = below(&[&root]).build().unwrap();
    let dotnet = below(&[&root]).dotnet_compatible(true).build().unwrap();
    assert!(decide(&plain, &leaf, &[]).is_err());
    assert!(decide(&dotnet, &leaf, &[]).is_err(), "dotnet accepts more");
}

/// Certificates that lead to no anchor evict what is remembered for others.
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

/// An rfc822Name in the permitted domain shields emailAddress attributes of the subject.
#[test]
fn email_of_the_subject_is_constrained_too() {
    let root = Authority::root("root");
    let sub = root.issue_ca(Template::ca("sub").with(name_constraints(&[names::email("good.example")], &[]).critical()));
    let subject = name_of(vec![vec![names::subject_email("ceo@bank.example")]]);
    let leaf = sub.issue(Template::client("leaf").subject(subject).with(alt_names(&[names::email("a@good.example")])));
    assert!(decide(&below(&[&root]).build().unwrap(), &leaf, &[&sub.certificate]).is_err());
}

fn wide_name(fill: &str, octets: usize, tail: &str) -> Vec<u8> {
    let mut text = fill.repeat(octets / fill.len());
    text.push_str(tail);
    name_of(vec![vec![attribute(names::COMMON_NAME, utf8(&text))]])
}

/// Names that are alike and differ in their octets, no anchor in reach: each end of a circle compares them anew.
fn circle_attack(count: usize, octets: usize, fill: &str) {
    let root = Authority::root("root");
    let name = |n: usize| wide_name(fill, octets, &" ".repeat(n));
    let pool: Vec<Made> = (0..count)
        .map(|n| {
            let issuer = Authority { name: name(100 + n), key: Key::p256("k"), certificate: root.certificate.clone() };
            issuer.issue(ca(&format!("c{n}"), &name(n)).key(Key::p256(&format!("c{n}"))))
        })
        .collect();
    let issuer = Authority { name: name(200), key: Key::p256("k"), certificate: root.certificate.clone() };
    let leaf = issuer.issue(Template::client("leaf").without_key_identifiers());
    let refs: Vec<&Made> = pool.iter().collect();
    let p = presented(&leaf, &refs);
    let bytes: usize = pool.iter().map(|m| m.der.len()).sum();
    println!("{count} certificates, {bytes} octets, ignored {}", p.ignored().len());
    let v = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
    timed("circle", &v, &p);
}

#[test]
#[ignore = "slow"]
fn self_issued_compared_at_each_circle() {
    circle_attack(3, 60_000, "\u{fdfa}");
    circle_attack(4, 60_000, "\u{fdfa}");
    circle_attack(5, 60_000, "\u{fdfa}");
}

/// What a budget of 250,000 comparisons buys with names that are costly to normalise.
#[test]
#[ignore = "slow"]
fn costly_comparisons() {
    let root = Authority::root("root");
    for fill in ["a", "\u{e9}", "\u{fdfa}", "\u{1e9b}\u{323}", "\u{301}\u{316}"] {
        let fake = Authority { name: root.name.clone(), key: Key::p256("fake"), certificate: root.certificate.clone() };
        let base = wide_name(fill, 4_000, "b");
        let subtrees: Vec<Vec<u8>> = (0..25).map(|_| names::directory(&base)).collect();
        let sub = fake.issue_ca(ca("sub", &names::house("sub")).with(name_constraints(&[names::directory(&name_of(vec![]))], &subtrees)));
        let sans: Vec<Vec<u8>> = (0..25).map(|_| names::directory(&wide_name(fill, 4_000, ""))).collect();
        let leaf = sub.issue(Template::client("leaf").subject(wide_name(fill, 4_000, "")).without_key_identifiers().with(alt_names(&sans)));
        let p = presented(&leaf, &[&sub.certificate]);
        let v = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
        timed(fill, &v, &p);
    }
}

/// A mesh whose keys and names differ in their last octets only.
#[test]
#[ignore = "slow"]
fn long_names_on_the_path() {
    let root = Authority::root("root");
    let layers = 31;
    let width = 4;
    let name = |layer: usize| wide_name("a", 3_700, &format!("{layer:03}"));
    let mut pool = vec![];
    for layer in 0..layers {
        for column in 0..width {
            let issuer = Authority { name: name((layer + 1) % layers), key: Key::p256("k"), certificate: root.certificate.clone() };
            pool.push(issuer.issue(ca(&format!("{layer} {column}"), &name(layer)).key(Key::p256(&format!("{column}")))));
        }
    }
    let issuer = Authority { name: name(0), key: Key::p256("k"), certificate: root.certificate.clone() };
    let leaf = issuer.issue(Template::client("leaf").without_key_identifiers());
    let refs: Vec<&Made> = pool.iter().collect();
    let p = presented(&leaf, &refs);
    let bytes: usize = pool.iter().map(|m| m.der.len()).sum();
    println!("{} certificates, {bytes} octets, ignored {}", pool.len(), p.ignored().len());
    let v = below(&[&root]).memo(Arc::new(NoMemo)).build().unwrap();
    timed("mesh", &v, &p);
}

/// Only by a caller's own offset, or beyond 4 GiB: debug builds panic.
#[test]
fn offsets_at_the_end_of_u32() {
    let element = portcullis::der::Reader::at(&[0x30, 0], u32::MAX).element().unwrap();
    let _ = element.reader();
}
