//! Hostile inputs: made to cost much, to be accepted, or to harm others. Those that cost much must
//! end within a generous time.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portcullis::crypto::{BoundedMemo, NoMemo, PolicyError};
use portcullis::path::Exhausted;
use portcullis::revocation::{FetchFailure, NoFetcher, Request, RevocationFetcher, RevocationFlag};
use portcullis::{AlgorithmPolicy, Limits, ObjectIdentifier, Presented, Rule};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::der::{self, sequence, utf8};
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::{
    Extension, alt_names, name_constraints, require_explicit_policy,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{self, attribute, dns, name_of};

use crate::support::inquiry::{Inquiry, Web};
use crate::support::{Authority, Made, Template, below, decide, now, presented};

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
    let each: Vec<Vec<u8>> = oids.iter().map(|o| sequence(&[der::oid(o)])).collect();
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
        let sub = fake.issue_ca(ca("sub", &names::common_name("sub")).with(name_constraints(
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
        let name = names::common_name(&format!("sub {n}"));
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
    let x400 = der::constructed(3, &der::null().repeat(60_000));
    let short_rdns = names::directory(&name_of(vec![vec![attribute("1.2", der::null())]; 12_000]));
    let long_id = der::primitive(8, &[[0x81, 0x80].repeat(60_000), vec![1]].concat());
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
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        match self.0.lock().unwrap().pop() {
            Some(der) => Ok(der),
            None => Err(FetchFailure::Unreachable),
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
        let x = names::common_name("X");
        let ca = by(long("b")).issue(ca("c", &x).with(access(&[], &urls)));
        let leaf = by(x).issue(Template::client("leaf").without_key_identifiers());
        let issuer = |n: usize| ca_of(n, &wide_name("a", 60_000, &n.to_string()));
        let fetched = (0..FETCHED).map(|n| by(names::common_name("Y")).issue(issuer(n)).der);
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

/// Certificates that all may have issued each other, with these keys.
fn mesh_of_one_name(keys: impl Iterator<Item = Vec<u8>>) -> (Vec<Made>, Made) {
    let name = names::common_name("X");
    let by = Authority {
        name: name.clone(),
        ..Authority::root("nobody")
    };
    let issue = |(n, key)| by.issue(ca(&format!("c{n}"), &name).public_key(key));
    let pool = keys.enumerate().map(issue).collect();
    (
        pool,
        by.issue(Template::client("leaf").without_key_identifiers()),
    )
}

fn spki(algorithm: &str, parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[der::oid(algorithm), parameters.to_vec()]);
    sequence(&[algorithm, der::bit_string(key)])
}

/// P2: a key that is longer than its algorithm has it is refused before anybody compares it with
/// another one, or decodes it.
#[test]
fn keys_have_the_length_of_their_algorithm() {
    const ED25519: &str = "1.3.101.112";
    const ML_DSA_44: &str = "2.16.840.1.101.3.4.3.17";
    let p256 = [
        der::oid("1.2.840.10045.2.1"),
        der::oid("1.2.840.10045.3.1.7"),
    ];
    let point = |octets: usize| {
        let key = [vec![4], vec![0x55; octets]].concat();
        sequence(&[sequence(&p256), der::bit_string(&key)])
    };
    let rsa = |after: usize| {
        let numbers = [der::unsigned(&[0xd5; 256]), der::unsigned(&[1, 0, 1])];
        let key = [sequence(&numbers), vec![0; after]].concat();
        spki("1.2.840.113549.1.1.1", &der::null(), &key)
    };
    for key in [
        spki(ED25519, &[], &[0x55; 33]),
        spki(ED25519, &[], &[0x55; 60_000]),
        spki(ML_DSA_44, &[], &[0x55; 1313]),
        point(65),
        point(60_000),
        rsa(1),
        rsa(60_000),
    ] {
        let root = Authority::root("root");
        let long = root.issue(ca("long", &names::common_name("L")).public_key(key));
        let by = Authority {
            name: names::common_name("L"),
            ..Authority::root("nobody")
        };
        let leaf = by.issue(Template::client("leaf").without_key_identifiers());
        let v = below(&[&root]).build().unwrap();
        let rule = decide(&v, &leaf, &[&long]).unwrap_err().rule;
        assert_eq!(rule, Rule::Algorithm(PolicyError::MalformedKey));
    }
}

/// P2: keys of an algorithm that the caller allowed may be of any length. Each is read some times
/// when it is first met, and not at each of 200,000 steps: that took 1.9 s for one of these.
#[test]
fn long_keys_of_one_name() {
    let allowed = ObjectIdentifier::new_unwrap("1.2.3.4");
    for (count, octets) in [(10, 100_000), (16, 60_000), (31, 33_000)] {
        let key = |n| [vec![0x55; octets], vec![n]].concat();
        let keys = (0..count).map(|n| spki("1.2.3.4", &[], &key(n)));
        let (mut pool, leaf) = mesh_of_one_name(keys);
        // A way out, which a stranger made up: without it there would be nothing to search.
        let root = Authority::root("root");
        let out = Authority {
            name: root.name.clone(),
            ..Authority::root("nobody")
        };
        pool.push(out.issue(ca("out", &names::common_name("X")).key(Key::ed25519("out"))));
        let algorithms = AlgorithmPolicy::default().allow_key(allowed);
        let builder = below(&[&root]).memo(Arc::new(NoMemo));
        let v = builder.algorithms(algorithms).build().unwrap();
        let refs: Vec<&Made> = pool.iter().collect();
        refused_soon(&v, &presented(&leaf, &refs));
    }
}

/// P9: where no way leads to an anchor, each certificate is looked at once, in whatever circles
/// their names go.
#[test]
fn self_issued_namesakes_without_an_anchor_are_linear() {
    let root = Authority::root("root");
    let keys = || (0..127).map(|n| Key::ed25519(&format!("k{n}")));
    let by = |name: &[u8]| Authority {
        name: name.to_vec(),
        ..Authority::root("nobody")
    };
    let (x, y) = (names::common_name("X"), names::common_name("Y"));
    let issued = |n: usize, subject: &[u8], issuer: &[u8]| {
        let key = keys().nth(n).unwrap();
        by(issuer).issue(ca(&format!("c{n}"), subject).key(key))
    };
    let namesakes: Vec<Made> = (0..127).map(|n| issued(n, &x, &x)).collect();
    let circle = (0..127).map(|n| match n % 2 {
        0 => issued(n, &x, &y),
        _ => issued(n, &y, &x),
    });
    let circle: Vec<Made> = circle.collect();
    let leaf = by(&x).issue(Template::client("leaf").without_key_identifiers());
    let ask = |pool: &[Made], steps: u32| {
        let mut limits = Limits::default();
        limits.search_steps = steps;
        let builder = below(&[&root]).memo(Arc::new(NoMemo)).limits(limits);
        let v = builder.build().unwrap();
        let refs: Vec<&Made> = pool.iter().collect();
        decide(&v, &leaf, &refs).unwrap_err().rule
    };
    assert_eq!(ask(&namesakes, 127), Rule::UntrustedRoot);
    let exhausted = Rule::Exhausted(Exhausted::SearchSteps);
    assert_ne!(ask(&circle, 127), exhausted);
    assert_eq!(ask(&namesakes, 126), exhausted);
    assert_eq!(ask(&circle, 126), exhausted);
}

/// What looks for longer paths spends from the budget of the validation, and no signer of evidence
/// gets a round of its own: with one each, this took 67 times the allowance of comparisons.
#[test]
fn second_rounds_share_the_budget() {
    const LEVELS: usize = 5;
    let (root, mesh) = (Authority::root("root"), names::common_name("mesh"));
    let by = |name: &[u8]| Authority {
        name: name.to_vec(),
        ..Authority::root("nobody")
    };
    let (by_root, by_mesh) = (by(&root.name), by(&mesh));
    let excluded: Vec<_> = (0..40).map(|n| dns(&format!("x{n}.example"))).collect();
    let member = |n: usize| ca(&format!("m{n}"), &mesh).key(Key::ed25519("mesh"));
    let demanding = |n: usize| {
        let demands = member(n).with(require_explicit_policy(0));
        demands.with(name_constraints(&[], &excluded))
    };
    let url = |n: usize| format!("http://e.test/{n}");
    let at = |n: usize| points(&[DistributionPoint::url(&url(n))]);
    let (mut cas, mut pool, mut web) = (Vec::<Authority>::new(), Vec::new(), Web::new());
    for n in 0..LEVELS {
        let template = Template::ca(&format!("ca {n}"));
        let issued = match cas.last() {
            None => root.issue_ca(template),
            Some(above) => above.issue_ca(template.with(at(n - 1))),
        };
        let forged = CrlTemplate::by(&issued).signed_by(&Key::ed25519("other"));
        web = web.with(&url(n), forged.key_hint(None).der());
        pool.push(issued.certificate.clone());
        for s in 0..15 {
            let stranger = ca(&format!("s{n}.{s}"), &issued.name);
            let stranger = stranger.key(Key::ed25519(&format!("s{s}")));
            pool.push(by_mesh.issue(stranger.with(alt_names(&[dns("y.example")]))));
        }
        cas.push(issued);
    }
    for n in 0..6 {
        pool.push(by_root.issue(demanding(2 * n)));
        pool.push(by_mesh.issue(member(2 * n + 1)));
    }
    let leaf = Template::client("leaf").with(at(LEVELS - 1));
    let leaf = cas.last().unwrap().issue(leaf);
    let more: Vec<&Made> = pool.iter().collect();
    let start = Instant::now();
    let inquiry = Inquiry::about(&root, &leaf, &more).flag(RevocationFlag::ExcludeRoot);
    assert!(!inquiry.ask(&web).is_accepted());
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}

/// Long names on certificates that no path needs are not prepared for comparison.
#[test]
fn long_names_in_company_refuse_nobody() {
    let root = Authority::root("root");
    let x = root.issue_ca(Template::ca("X"));
    let cross = Authority::root("stranger").cross_sign("crossed", &x);
    let leaf = x.issue(Template::client("leaf"));
    let mut pool = vec![x.certificate.clone(), cross];
    pool.extend((0..5).map(|n| {
        let name = wide_name("\u{fdfa}", 60_000, &n.to_string());
        Authority::root("nobody").issue(ca(&format!("j{n}"), &name))
    }));
    let more: Vec<&Made> = pool.iter().collect();
    let v = below(&[&root]).build().unwrap();
    assert!(decide(&v, &leaf, &more).is_ok());
}
