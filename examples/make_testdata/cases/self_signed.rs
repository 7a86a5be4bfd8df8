//! Self-signed leaves.

use portcullis_testkit::certificate::{Authority, Template};
use portcullis_testkit::tamper::tampered;

use super::{World, leaf};
use crate::corpus::{Case, Corpus};

pub fn add(corpus: &mut Corpus, world: &World) {
    let own = |id: &str| Template::client(&format!("{id}-leaf"));
    let case = |id: &str, title: &str, template: Template| {
        let client = Authority::self_signed(template).certificate;
        Case::new(id, title, &client)
            .under(&[&client])
            .feature("self-signed")
    };
    let id = "self-signed-trusted";
    let title = "A self-signed client that is a trust anchor: no chain leads to it";
    corpus.invalid(case(id, title, own(id)));
    let id = "self-signed-unknown";
    let unknown = case(id, "A self-signed client that is not trusted", own(id));
    corpus.invalid(unknown.under(&[&world.root.certificate]));
    let id = "self-signed-expired";
    let expired = own(id).valid("20240101000000Z", "20250101000000Z");
    corpus.invalid(case(
        id,
        "A self-signed client that is a trust anchor and expired",
        expired,
    ));

    let id = "self-signed-tampered";
    let original = Authority::self_signed(own(id)).certificate;
    let mut forged = tampered(
        &original,
        b"20440101000000Z".get(2..).unwrap_or_default(),
        b"450101000000Z",
    );
    forged.label = "self-signed-tampered-forged".into();
    let title = "A trusted self-signed client whose notAfter was changed";
    let case = Case::new(id, title, &forged).feature("self-signed");
    corpus.invalid(case.under(&[&original]));

    let id = "self-issued";
    let template = leaf(id)
        .with_key_identifier()
        .subject(world.intermediate.name.clone());
    let case = world.client(
        id,
        "A leaf with its issuer's name and its own key",
        template,
    );
    corpus.valid(case.feature("self-issued"));
}
