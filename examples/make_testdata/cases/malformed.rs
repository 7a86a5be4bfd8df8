//! Certificates with malformed parts.

use portcullis_testkit::certificate::Made;
use portcullis_testkit::der::{primitive, sequence};
use portcullis_testkit::extensions::{
    BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, Extension, SUBJECT_ALT_NAME, alt_names,
    basic_constraints,
};
use portcullis_testkit::names::{dns, email, ip};

use super::{World, intermediate, leaf};
use crate::corpus::{Case, Corpus};

pub fn add(corpus: &mut Corpus, world: &World) {
    extensions(corpus, world);
    alternative_names(corpus, world);
    frames(corpus, world);
}

fn extensions(corpus: &mut Corpus, world: &World) {
    let id = "malformed-duplicate-extension";
    let name = || alt_names(&[dns("client.example.test")]);
    let template = leaf(id).with(name()).with_another(name());
    corpus.invalid(world.direct(id, "The same extension twice", template));

    let id = "malformed-eku";
    let broken = Extension::new(EXTENDED_KEY_USAGE, sequence(&[primitive(0, &[1])]));
    corpus.invalid(world.direct(
        id,
        "An extended key usage of another type",
        leaf(id).with(broken),
    ));

    let id = "malformed-basic-constraints";
    let mut value = basic_constraints(None).value;
    value.push(0);
    let broken = Extension::new(BASIC_CONSTRAINTS, value).critical();
    let template = intermediate(id).with(broken);
    corpus.invalid(world.below(id, "basicConstraints with a trailing octet", template));

    let id = "malformed-v1-with-extensions";
    corpus.invalid(world.direct(id, "Version 1 with extensions", leaf(id).version(1)));
}

fn alternative_names(corpus: &mut Corpus, world: &World) {
    // The length of the inner name is 30 octets, and the SEQUENCE ends before that.
    let mut beyond = alt_names(&[dns("client.example.test")]).value;
    beyond[3] = 30;
    for (id, title, value) in [
        (
            "malformed-san-length",
            "A name longer than its SEQUENCE",
            beyond,
        ),
        (
            "malformed-san-ip",
            "An IP address of 5 octets",
            sequence(&[ip(&[192, 0, 2, 42, 1])]),
        ),
        (
            "malformed-san-nul",
            "A host with NUL inside",
            sequence(&[dns("host.example.test\0.example.org")]),
        ),
        (
            "malformed-san-email",
            "A mailbox that is not IA5",
            sequence(&[email("müller@example.test")]),
        ),
    ] {
        let template = leaf(id).with(Extension::new(SUBJECT_ALT_NAME, value));
        corpus.invalid(world.direct(id, title, template));
    }
}

fn under_root(world: &World, id: &str, title: &str, leaf: &Made) -> Case {
    Case::new(id, title, leaf).under(&[&world.root.certificate])
}

fn frames(corpus: &mut Corpus, world: &World) {
    let id = "malformed-trailing-octet";
    let mut client = world.root.issue(leaf(id));
    client.der.push(0);
    corpus.invalid(under_root(
        world,
        id,
        "An octet after the certificate",
        &client,
    ));

    let id = "malformed-truncated";
    let whole: Made = world.root.issue(leaf(id));
    let der = whole.der[..whole.der.len() - 1].to_vec();
    let client = Made { der, ..whole };
    corpus.invalid(under_root(world, id, "The last octet is missing", &client));
}
