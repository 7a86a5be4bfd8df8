//! The certificates of the benchmarks, which are like those of the public web.

use portcullis_testkit::certificate::{Authority, Made, Template};
use portcullis_testkit::der::utf8;
use portcullis_testkit::extensions::{
    CLIENT_AUTH, CRL_SIGN, DIGITAL_SIGNATURE, KEY_CERT_SIGN, KEY_USAGE, SERVER_AUTH, alt_names,
    basic_constraints, distribution_point, extended_key_usage, info_access, key_usage,
    name_constraints, not_a_ca, policy_with_statement, sct_list,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{
    COMMON_NAME, COUNTRY, ORGANIZATION, attribute, dns, name_of, printable,
};
use sha2::{Digest, Sha256};

use crate::corpus::{Case, Corpus};

const HOST: &str = "www.example.test";
const DOMAIN_VALIDATED: &str = "2.23.140.1.2.1";
/// The size in octets of the P-256 leaf that other projects measured.
const LEAF_SIZE: usize = 978;
const ASSORTED_ROOTS: usize = 150;
/// How many excluded subtrees the constrained CA has.
const EXCLUDED: usize = 100;
const NAMESAKES: usize = 127;

pub fn add(corpus: &mut Corpus) {
    let root = Authority::self_signed(Template::ca("bench-root").subject(web_name("Bench Root")));
    let mut line = vec![root];
    for depth in 1..=6 {
        let issuer = line[line.len() - 1].clone();
        let id = format!("bench-d{depth}");
        let client = issuer.issue(server(&id, &[]));
        corpus.valid(case(
            &id,
            &format!("{depth} signatures, as on the public web"),
            &client,
            &line,
        ));
        if depth == 2 {
            let client = leaf_of_size(&issuer);
            corpus.valid(case(
                "bench-978",
                "A leaf of 978 octets, 2 signatures",
                &client,
                &line,
            ));
            corpus.der_twin("bench-978", &client);
        }
        line.push(issuer.issue_ca(web_authority(&format!("bench/intermediate-{depth}"))));
    }
    constraints(corpus, &line[0]);
    namesakes(corpus, &line[0]);
    let roots: Vec<Made> = (1..=ASSORTED_ROOTS).map(assorted_root).collect();
    corpus.bundle("roots/150.pem", &roots);
}

/// Many names under many constraints, none of which matches.
fn constraints(corpus: &mut Corpus, root: &Authority) {
    let excluded: Vec<_> = (0..EXCLUDED)
        .map(|n| dns(&format!("department-{n}.example.org")))
        .collect();
    let constraints = name_constraints(&[], &excluded);
    let issuer = root.issue_ca(web_authority("bench/constrained").with(constraints));
    let line = [root.clone(), issuer];
    for names in [1, 1000] {
        let id = format!("constraints-{names}x{EXCLUDED}");
        // `server` adds HOST and one more host.
        let more: Vec<_> = (2..names)
            .map(|n| format!("host-{n}.example.test"))
            .collect();
        let client = match names {
            1 => server_of(&id, &[dns(HOST)]),
            _ => server(&id, &more),
        };
        let client = line[1].issue(client);
        let title = format!("{names} names under {EXCLUDED} excluded subtrees");
        corpus.valid(case(&id, &title, &client, &line));
    }
}

/// Self-issued certificates of one name without an anchor: all with one key, and each with its own.
fn namesakes(corpus: &mut Corpus, root: &Authority) {
    for (id, one_key) in [("selfissued-127", true), ("selfissued-127-keys", false)] {
        let of = |n: usize| {
            let key = if one_key { 0 } else { n };
            Template::ca(&format!("{id}/{n}"))
                .subject(web_name("Namesake"))
                .key(Key::p256(&format!("bench namesake {key}")))
                .without_key_identifiers()
        };
        let all: Vec<_> = (0..NAMESAKES)
            .map(|n| Authority::self_signed(of(n)))
            .collect();
        let client = all[0].issue(server(id, &[]).without_key_identifiers());
        let pool: Vec<_> = all.iter().map(|authority| &authority.certificate).collect();
        let title = "127 self-issued certificates of one name";
        let case = Case::new(id, title, &client).via(&pool);
        let case = case.under(&[&root.certificate]).purpose("server-auth");
        corpus.invalid(case.peer("dns", HOST).feature("pathological"));
    }
}

fn case(id: &str, title: &str, client: &Made, line: &[Authority]) -> Case {
    let above: Vec<_> = line[1..].iter().rev().map(|a| &a.certificate).collect();
    let case = Case::new(id, title, client)
        .via(&above)
        .under(&[&line[0].certificate]);
    case.purpose("server-auth")
        .peer("dns", HOST)
        .feature("bench")
}

fn web_name(common_name: &str) -> Vec<u8> {
    name_of(vec![
        vec![attribute(COUNTRY, printable("NL"))],
        vec![attribute(
            ORGANIZATION,
            utf8("Portcullis Bench Trust Services"),
        )],
        vec![attribute(COMMON_NAME, utf8(common_name))],
    ])
}

fn web_authority(label: &str) -> Template {
    Template::ca(label)
        .subject(web_name(label))
        .with(basic_constraints(Some(5)))
        .with(key_usage(&[DIGITAL_SIGNATURE, KEY_CERT_SIGN, CRL_SIGN]))
        .with(extended_key_usage(&[SERVER_AUTH, CLIENT_AUTH]))
        .with(info_access(
            "http://ocsp.bench.example.test",
            "http://aia.bench.example.test/above.cer",
        ))
        .with(distribution_point(
            "http://crl.bench.example.test/above.crl",
        ))
        .with(policy_with_statement(
            DOMAIN_VALIDATED,
            "https://bench.example.test/cps",
        ))
}

fn server(label: &str, more_hosts: &[String]) -> Template {
    let mut hosts = vec![dns(HOST), dns("example.test")];
    hosts.extend(more_hosts.iter().map(|host| dns(host)));
    server_of(label, &hosts)
}

fn server_of(label: &str, hosts: &[Vec<u8>]) -> Template {
    let label = format!("{label}/leaf");
    Template::client(&label)
        .with_key_identifier()
        .subject(name_of(vec![vec![attribute(COMMON_NAME, utf8(HOST))]]))
        .with(extended_key_usage(&[SERVER_AUTH, CLIENT_AUTH]))
        .with(not_a_ca())
        .with(info_access(
            "http://ocsp.bench.example.test",
            "http://aia.bench.example.test/issuer.cer",
        ))
        .with(distribution_point(
            "http://crl.bench.example.test/issuer.crl",
        ))
        .with(policy_with_statement(
            DOMAIN_VALIDATED,
            "https://bench.example.test/cps",
        ))
        .with(alt_names(hosts))
}

/// A host name of the right length makes up the size. The ECDSA signature varies in length with
/// what is signed, so several fillers are tried.
fn leaf_of_size(issuer: &Authority) -> Made {
    for length in 1..63 {
        let host = format!("{}.shop.example.test", "x".repeat(length));
        for seed in 0..4 {
            let template = server("bench-978", std::slice::from_ref(&host));
            let leaf = issuer.issue(template.with(sct_list(&filler(seed))));
            if leaf.der.len() == LEAF_SIZE {
                return leaf;
            }
        }
    }
    panic!("no host is long enough for {LEAF_SIZE} octets")
}

/// Octets in place of signed certificate timestamps.
fn filler(seed: u8) -> Vec<u8> {
    let hashes = (0u8..4).flat_map(|n| Sha256::digest([seed, n]));
    hashes.take(128).collect()
}

/// Small roots of distinct names and keys, so that finding one needs an index.
fn assorted_root(number: usize) -> Made {
    let label = format!("root {number:03}");
    let template = Template::ca(&label)
        .without(KEY_USAGE)
        .without_key_identifiers();
    Authority::self_signed(template).certificate
}
