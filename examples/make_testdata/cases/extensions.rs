//! Unknown extensions, and those that certificates in use have.

use portcullis_testkit::der::octet_string;
use portcullis_testkit::extensions::{distribution_point, info_access, must_staple, unknown};

use super::{World, intermediate, leaf, root};
use crate::corpus::Corpus;

pub fn add(corpus: &mut Corpus, world: &World) {
    unknown_ones(corpus, world);
    deployed_ones(corpus, world);
}

fn unknown_ones(corpus: &mut Corpus, world: &World) {
    let id = "critical-leaf";
    let template = leaf(id).with(unknown().critical());
    corpus.invalid(world.direct(id, "An unknown critical extension in the leaf", template));
    let id = "critical-intermediate";
    let template = intermediate(id).with(unknown().critical());
    corpus.invalid(world.below(
        id,
        "An unknown critical extension in the intermediate",
        template,
    ));
    let id = "critical-root";
    let template = root(id).with(unknown().critical());
    corpus.invalid(world.rooted(id, "An unknown critical extension in the root", template));

    let id = "noncritical-leaf";
    let template = leaf(id).with(unknown());
    corpus.valid(world.direct(id, "An unknown extension in the leaf", template));
    let id = "noncritical-intermediate";
    let template = intermediate(id).with(unknown());
    corpus.valid(world.below(id, "An unknown extension in the intermediate", template));
    let id = "noncritical-root";
    let template = root(id).with(unknown());
    corpus.valid(world.rooted(id, "An unknown extension in the root", template));
}

fn deployed_ones(corpus: &mut Corpus, world: &World) {
    let id = "must-staple";
    let template = leaf(id).with(must_staple());
    let case = world.direct(
        id,
        "A leaf that asks for a stapled response; revocation is off",
        template,
    );
    corpus.valid(case.feature("must-staple"));

    let id = "urls";
    let urls = |who: &str| {
        let ocsp = format!("http://ocsp.example.test/{who}");
        let issuers = format!("http://aia.example.test/{who}.cer");
        (
            distribution_point(&format!("http://crl.example.test/{who}.crl")),
            info_access(&ocsp, &issuers),
        )
    };
    let (upper_points, upper_access) = urls("root");
    let (points, access) = urls("intermediate");
    let ca = intermediate(id).with(upper_points).with(upper_access);
    let client = leaf(id).with(points).with(access);
    let title = "URLs of CRLs, OCSP responders and issuers";
    corpus.valid(world.below_with(id, title, ca, client));

    let id = "key-hint-other";
    let hint = octet_string(b"another key's name")[2..].to_vec();
    let case = world.direct(
        id,
        "An authority key identifier that no certificate has: the signature decides",
        leaf(id).key_hint(hint),
    );
    corpus.valid(case.feature("aki-mismatch"));
    let id = "key-hints-absent";
    let template = leaf(id).without_key_identifiers();
    corpus.valid(world.direct(id, "A leaf without key identifiers", template));
}
