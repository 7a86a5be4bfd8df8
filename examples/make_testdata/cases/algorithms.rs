//! Valid chains of several lengths, and with each signature algorithm.

use portcullis_testkit::certificate::{Authority, Template};
use portcullis_testkit::keys::{Hash, Key, Scheme};

use super::{World, leaf};
use crate::corpus::{Case, Corpus};

pub fn add(corpus: &mut Corpus, world: &World) {
    lengths(corpus, world);
    curves(corpus, world);
    rsa(corpus);
    mixed(corpus);
}

/// `good-dN` has N signatures.
fn lengths(corpus: &mut Corpus, world: &World) {
    for depth in [1, 2, 3, 5] {
        let id = format!("good-d{depth}");
        let mut authorities = vec![world.root.clone()];
        for level in 1..depth {
            let issuer = &authorities[authorities.len() - 1];
            authorities.push(issuer.issue_ca(Template::ca(&format!("{id}/intermediate-{level}"))));
        }
        let client = authorities[authorities.len() - 1].issue(leaf(&id));
        let above: Vec<_> = authorities[1..]
            .iter()
            .rev()
            .map(|a| &a.certificate)
            .collect();
        let title = format!("{depth} signatures, P-256");
        let case = Case::new(&id, &title, &client).via(&above);
        corpus.valid(case.under(&[&world.root.certificate]));
        if depth == 1 {
            corpus.der_twin(&id, &client);
        }
    }
}

/// A root, an intermediate and leaves with keys of one kind. The leaves' signatures differ.
struct Family {
    root: Authority,
    intermediate: Authority,
    key: fn(&str) -> Key,
}

impl Family {
    fn new(name: &str, key: fn(&str) -> Key) -> Self {
        let with_key = |template: Template| {
            let key = key(&template.label);
            template.key(key)
        };
        let root = Authority::self_signed(with_key(super::root(name)));
        let intermediate = root.issue_ca(with_key(super::intermediate(name)));
        Self {
            root,
            intermediate,
            key,
        }
    }

    fn case(&self, id: &str, title: &str, scheme: Scheme) -> Case {
        let template = leaf(id).scheme(scheme);
        let key = (self.key)(&template.label);
        let client = self.intermediate.issue(template.key(key));
        let case = Case::new(id, title, &client).via(&[&self.intermediate.certificate]);
        case.under(&[&self.root.certificate])
    }
}

fn curves(corpus: &mut Corpus, world: &World) {
    for (id, title, hash) in [
        ("good-p256-sha384", "P-256 with SHA-384", Hash::Sha384),
        ("good-p256-sha512", "P-256 with SHA-512", Hash::Sha512),
    ] {
        corpus.valid(world.client(id, title, leaf(id).scheme(Scheme::Ecdsa(hash))));
    }
    let (sha256, sha384) = (Scheme::Ecdsa(Hash::Sha256), Scheme::Ecdsa(Hash::Sha384));
    let p384 = Family::new("p384", Key::p384);
    corpus.valid(p384.case("good-p384", "P-384 with SHA-384", sha384));
    corpus.valid(p384.case("good-p384-sha256", "P-384 with SHA-256", sha256));
    let p521 = Family::new("p521", Key::p521);
    let sha512 = Scheme::Ecdsa(Hash::Sha512);
    corpus.valid(p521.case("good-p521", "P-521 with SHA-512", sha512));
    let ed25519 = Family::new("ed25519", Key::ed25519);
    corpus.valid(ed25519.case("good-ed25519", "Ed25519", Scheme::Ed25519));
}

fn rsa(corpus: &mut Corpus) {
    let family = Family::new("rsa", rsa_key);
    for (id, title, scheme) in [
        (
            "good-rsa-sha256",
            "PKCS #1 v1.5, SHA-256",
            Scheme::Pkcs1(Hash::Sha256),
        ),
        (
            "good-rsa-sha384",
            "PKCS #1 v1.5, SHA-384",
            Scheme::Pkcs1(Hash::Sha384),
        ),
        (
            "good-rsa-sha512",
            "PKCS #1 v1.5, SHA-512",
            Scheme::Pkcs1(Hash::Sha512),
        ),
        (
            "good-rsa-pss-sha256",
            "PSS, SHA-256",
            Scheme::Pss(Hash::Sha256),
        ),
        (
            "good-rsa-pss-sha384",
            "PSS, SHA-384",
            Scheme::Pss(Hash::Sha384),
        ),
        (
            "good-rsa-pss-sha512",
            "PSS, SHA-512",
            Scheme::Pss(Hash::Sha512),
        ),
    ] {
        corpus.valid(family.case(id, &format!("RSA-2048, {title}"), scheme));
    }
}

/// Keys of four kinds on one path.
fn rsa_key(label: &str) -> Key {
    let place = label.rsplit(['/', '-']).next().unwrap_or(label);
    Key::rsa(place, 2048)
}

fn mixed(corpus: &mut Corpus) {
    let id = "good-mixed";
    let root = Authority::self_signed(super::root(id).key(Key::rsa("root", 2048)));
    let upper = root.issue_ca(Template::ca("good-mixed/upper").key(Key::p384("good-mixed/upper")));
    let lower = upper.issue_ca(Template::ca("good-mixed/lower"));
    let client = lower.issue(leaf(id).key(Key::ed25519("good-mixed/leaf")));
    let title = "An RSA-2048 root, a P-384 and a P-256 intermediate, an Ed25519 leaf";
    let case = Case::new(id, title, &client).via(&[&lower.certificate, &upper.certificate]);
    corpus.valid(case.under(&[&root.certificate]));
}
