//! Which certificates may issue others, and path lengths.

use portcullis_testkit::certificate::{Authority, Template};
use portcullis_testkit::extensions::{
    BASIC_CONSTRAINTS, CRL_SIGN, DIGITAL_SIGNATURE, KEY_USAGE, basic_constraints, key_usage,
    not_a_ca,
};
use portcullis_testkit::keys::Key;

use super::{World, intermediate, leaf, root};
use crate::corpus::{Case, Corpus};

pub fn add(corpus: &mut Corpus, world: &World) {
    rights(corpus, world);
    roots(corpus, world);
    path_lengths(corpus, world);
}

fn rights(corpus: &mut Corpus, world: &World) {
    let id = "ca-no-key-usage";
    let template = intermediate(id).without(KEY_USAGE);
    corpus.valid(world.below(id, "An intermediate without key usage", template));
    let id = "ca-optional-basic-constraints";
    let template = intermediate(id).with(basic_constraints(None).optional());
    corpus.valid(world.below(
        id,
        "An intermediate with non-critical basicConstraints",
        template,
    ));

    let id = "ca-no-basic-constraints";
    let template = intermediate(id).without(BASIC_CONSTRAINTS);
    corpus.invalid(world.below(id, "An intermediate without basicConstraints", template));
    let id = "ca-false";
    let template = intermediate(id).with(not_a_ca());
    corpus.invalid(world.below(id, "An intermediate with cA FALSE", template));
    let id = "ca-no-key-cert-sign";
    let template = intermediate(id).with(key_usage(&[DIGITAL_SIGNATURE, CRL_SIGN]));
    corpus.invalid(world.below(id, "An intermediate without keyCertSign", template));
    let id = "ca-v1";
    corpus.invalid(world.below(id, "An intermediate of version 1", intermediate(id).v1()));
    leaf_that_signs(corpus, world);
}

/// A client that issues a certificate.
fn leaf_that_signs(corpus: &mut Corpus, world: &World) {
    let id = "ca-leaf-signs";
    let signer = world
        .intermediate
        .issue_ca(Template::client("ca-leaf-signs/signer"));
    let client = signer.issue(leaf(id));
    let case = Case::new(id, "A leaf that a leaf issued", &client);
    let above = [&signer.certificate, &world.intermediate.certificate];
    corpus.invalid(case.via(&above).under(&[&world.root.certificate]));
}

fn roots(corpus: &mut Corpus, world: &World) {
    let id = "root-v1";
    corpus.valid(world.rooted(id, "A root of version 1", root(id).v1()));
    let id = "root-false";
    corpus.invalid(world.rooted(id, "A root with cA FALSE", root(id).with(not_a_ca())));
}

fn path_lengths(corpus: &mut Corpus, world: &World) {
    let id = "path-length-0";
    let template = intermediate(id).with(basic_constraints(Some(0)));
    corpus.valid(world.below(id, "A path length of 0 above a leaf", template));

    let id = "path-length-1";
    let title = "A path length of 1 above one more intermediate";
    corpus.valid(two_levels(world, id, title, 1));
    let id = "path-length-exceeded";
    let title = "A path length of 0 above one more intermediate";
    corpus.invalid(two_levels(world, id, title, 0));
    let id = "path-length-root-exceeded";
    let title = "A root with a path length of 0 above an intermediate";
    let root = Authority::self_signed(root(id).with(basic_constraints(Some(0))));
    let ca = root.issue_ca(intermediate(id));
    let client = ca.issue(leaf(id));
    let case = Case::new(id, title, &client).via(&[&ca.certificate]);
    corpus.invalid(case.under(&[&root.certificate]));

    self_issued(corpus, world);
}

fn two_levels(world: &World, id: &str, title: &str, path_length: u32) -> Case {
    let upper = Template::ca(&format!("{id}/upper")).with(basic_constraints(Some(path_length)));
    let upper = world.root.issue_ca(upper);
    let lower = upper.issue_ca(Template::ca(&format!("{id}/lower")));
    let client = lower.issue(leaf(id));
    let case = Case::new(id, title, &client).via(&[&lower.certificate, &upper.certificate]);
    case.under(&[&world.root.certificate])
}

/// A key rollover: the certificate that a CA issues to itself for its next key does not count (RFC
/// 5280 section 6.1.4 (l)).
fn self_issued(corpus: &mut Corpus, world: &World) {
    let id = "path-length-self-issued";
    let old = world
        .root
        .issue_ca(intermediate(id).with(basic_constraints(Some(0))));
    let rollover = Template::ca("path-length-self-issued/rollover").subject(old.name.clone());
    let new: Authority = old.issue_ca(rollover.key(Key::p256("path-length-self-issued/new")));
    let client = new.issue(leaf(id));
    let title = "A self-issued certificate does not count against a path length of 0";
    let case = Case::new(id, title, &client).via(&[&new.certificate, &old.certificate]);
    corpus.valid(case.under(&[&world.root.certificate]));
}
