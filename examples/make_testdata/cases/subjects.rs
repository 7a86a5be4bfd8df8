//! Shapes of subjects.

use portcullis_testkit::der::utf8;
use portcullis_testkit::extensions::alt_names;
use portcullis_testkit::names::{
    COMMON_NAME, COUNTRY, LOCALITY, ORGANIZATION, ORGANIZATIONAL_UNIT, attribute, bmp, dns, name,
    name_of, printable, subject_email, teletex,
};

use super::{OUR_ORGANIZATION, World, leaf};
use crate::corpus::Corpus;

pub fn add(corpus: &mut Corpus, world: &World) {
    let strings = name_of(vec![
        vec![attribute(COUNTRY, printable("NL"))],
        vec![attribute(LOCALITY, teletex("Besançon"))],
        vec![attribute(ORGANIZATION, bmp("Ærø Øl"))],
        vec![attribute(ORGANIZATIONAL_UNIT, printable("Gates"))],
        vec![attribute(COMMON_NAME, utf8("Žofia Müller 門番"))],
    ]);
    let multi_valued = name_of(vec![
        vec![attribute(ORGANIZATION, utf8(OUR_ORGANIZATION))],
        vec![
            attribute(COMMON_NAME, utf8("Gatekeeper")),
            attribute(ORGANIZATIONAL_UNIT, utf8("Gates")),
            subject_email("gatekeeper@example.test"),
        ],
    ]);
    let special = name(&[
        (ORGANIZATION, OUR_ORGANIZATION),
        (COMMON_NAME, " #a,b+c=\"d\"<e>;f\\g "),
    ]);
    for (id, title, subject) in [
        (
            "subject-strings",
            "UTF8, Printable, BMP and Teletex strings, not all ASCII",
            strings,
        ),
        (
            "subject-multi-valued",
            "An RDN of three attributes",
            multi_valued,
        ),
        (
            "subject-special",
            "Characters that RFC 4514 escapes",
            special,
        ),
    ] {
        corpus.valid(world.direct(id, title, leaf(id).subject(subject)));
    }
    let id = "subject-empty";
    let names = alt_names(&[dns("client.example.test")]).critical();
    let template = leaf(id).subject(name(&[])).with(names);
    corpus.valid(world.direct(
        id,
        "An empty subject and a critical subjectAltName",
        template,
    ));
}
