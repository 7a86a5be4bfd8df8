//! Wrong and weak signatures and keys.

use portcullis_testkit::certificate::{Authority, Template};
use portcullis_testkit::der::{bit_string, null, oid, sequence};
use portcullis_testkit::extensions::UNKNOWN;
use portcullis_testkit::keys::{Hash, Key, Scheme};
use portcullis_testkit::tamper::{tampered, with_broken_signature};

use super::{World, intermediate, leaf};
use crate::corpus::{Case, Corpus};

pub fn add(corpus: &mut Corpus, world: &World) {
    broken(corpus, world);
    weak(corpus, world);
    mislabelled(corpus, world);
    unusable_keys(corpus, world);
}

fn broken(corpus: &mut Corpus, world: &World) {
    let id = "signature-leaf";
    let client = with_broken_signature(&world.intermediate.issue(leaf(id)));
    corpus.invalid(world.presented(id, "A bit of the leaf's signature is wrong", &client));

    let id = "signature-intermediate";
    let ca = world.root.issue_ca(intermediate(id));
    let client = ca.issue(leaf(id));
    let broken = with_broken_signature(&ca.certificate);
    let case = Case::new(
        id,
        "A bit of the intermediate's signature is wrong",
        &client,
    );
    corpus.invalid(case.via(&[&broken]).under(&[&world.root.certificate]));

    let id = "tampered-leaf";
    let client = tampered(
        &world.intermediate.issue(leaf(id)),
        b"tampered-leaf/leaf",
        b"tampered-leaf/boss",
    );
    corpus.invalid(world.presented(id, "The subject was changed after signing", &client));

    let id = "signature-other-key";
    let impostor = Authority {
        key: Key::p256("an impostor"),
        ..world.intermediate.clone()
    };
    let client = impostor.issue(leaf(id).key_hint(world.intermediate.key.identifier()));
    corpus.invalid(world.presented(
        id,
        "Signed by another key under the intermediate's name",
        &client,
    ));
}

fn rsa_intermediate(world: &World) -> Authority {
    let template = Template::ca("signatures/rsa").key(Key::rsa("intermediate", 2048));
    world.root.issue_ca(template)
}

fn weak(corpus: &mut Corpus, world: &World) {
    let id = "weak-ecdsa-sha1";
    let template = leaf(id).scheme(Scheme::Ecdsa(Hash::Sha1));
    corpus.invalid(
        world
            .client(id, "A leaf signed with ECDSA and SHA-1", template)
            .feature("sha1"),
    );

    let id = "weak-rsa-sha1";
    let ca = rsa_intermediate(world);
    let client = ca.issue(leaf(id).scheme(Scheme::Pkcs1(Hash::Sha1)));
    let case = Case::new(id, "A leaf signed with RSA and SHA-1", &client).feature("sha1");
    corpus.invalid(
        case.via(&[&ca.certificate])
            .under(&[&world.root.certificate]),
    );

    let id = "weak-rsa-1024-leaf";
    let template = leaf(id).key(Key::rsa("weak", 1024));
    corpus.invalid(
        world
            .client(id, "A leaf with an RSA key of 1024 bits", template)
            .feature("rsa-1024"),
    );
    let id = "weak-rsa-1024-intermediate";
    let template = intermediate(id).key(Key::rsa("weak", 1024));
    let title = "An intermediate with an RSA key of 1024 bits";
    corpus.invalid(world.below(id, title, template).feature("rsa-1024"));
}

fn mislabelled(corpus: &mut Corpus, world: &World) {
    let id = "algorithms-differ";
    let template = leaf(id).inner_scheme(Scheme::Ecdsa(Hash::Sha384));
    let title = "The signature algorithm inside the certificate is not the one outside";
    corpus.invalid(world.client(id, title, template));

    let id = "pss-without-parameters";
    let ca = rsa_intermediate(world);
    let client = ca.issue(leaf(id).scheme(Scheme::PssWithoutParameters(Hash::Sha256)));
    let case = Case::new(id, "A PSS signature without parameters", &client);
    corpus.invalid(
        case.via(&[&ca.certificate])
            .under(&[&world.root.certificate]),
    );
}

fn unusable_keys(corpus: &mut Corpus, world: &World) {
    let described = |label: &str| Key::p256(label).spki_on_described_curve();
    let id = "unusable-key-described-leaf";
    let template = leaf(id).public_key(described(id));
    let title = "A leaf whose curve is explicit parameters, not a name";
    corpus.invalid(world.client(id, title, template));
    let id = "unusable-key-described-intermediate";
    let template = intermediate(id).public_key(described(id));
    let title = "An intermediate whose curve is explicit parameters, not a name";
    corpus.invalid(world.below(id, title, template));

    let unknown = || {
        let algorithm = sequence(&[oid(UNKNOWN), null()]);
        sequence(&[algorithm, bit_string(&[1, 2, 3])])
    };
    let id = "unusable-key-unknown-leaf";
    let template = leaf(id).public_key(unknown());
    let title = "A leaf with a key of an unknown algorithm";
    corpus.invalid(world.client(id, title, template));
    let id = "unusable-key-unknown-intermediate";
    let template = intermediate(id).public_key(unknown());
    let title = "An intermediate with a key of an unknown algorithm";
    corpus.invalid(world.below(id, title, template));
}
