//! Validity periods, and times inside and outside of them.

use super::{World, intermediate, leaf, root};
use crate::corpus::Corpus;

const PAST: (&str, &str) = ("20240101000000Z", "20250101000000Z");
const FUTURE: (&str, &str) = ("20270101000000Z", "20440101000000Z");

pub fn add(corpus: &mut Corpus, world: &World) {
    for ((from, to), word, title) in [
        (PAST, "expired", "expired on 2025-01-01"),
        (FUTURE, "not-yet", "is valid from 2027-01-01"),
    ] {
        let id = format!("time-leaf-{word}");
        let case = world.direct(&id, &format!("The leaf {title}"), leaf(&id).valid(from, to));
        corpus.invalid(case);
        let id = format!("time-intermediate-{word}");
        let template = intermediate(&id).valid(from, to);
        corpus.invalid(world.below(&id, &format!("The intermediate {title}"), template));
        let id = format!("time-root-{word}");
        let template = root(&id).valid(from, to);
        corpus.invalid(world.rooted(&id, &format!("The root {title}"), template));
    }
    both_ends(corpus, world);
    far_ends(corpus, world);
}

/// The period includes its first and its last second.
fn both_ends(corpus: &mut Corpus, world: &World) {
    let template = leaf("time-ends").valid("20250301120000Z", "20250901120000Z");
    for (id, title, time, valid) in [
        (
            "time-at-not-before",
            "The first second",
            "2025-03-01T12:00:00Z",
            true,
        ),
        (
            "time-before-not-before",
            "A second too early",
            "2025-03-01T11:59:59Z",
            false,
        ),
        (
            "time-at-not-after",
            "The last second",
            "2025-09-01T12:00:00Z",
            true,
        ),
        (
            "time-after-not-after",
            "A second too late",
            "2025-09-01T12:00:01Z",
            false,
        ),
    ] {
        let case = world.direct(id, title, template.clone()).at(time);
        corpus.add(case, valid);
    }
}

fn far_ends(corpus: &mut Corpus, world: &World) {
    let ages = ("19500101000000Z", "99991231235959Z");
    let id = "time-1950-to-9999";
    let case = world.direct(
        id,
        "A leaf that is valid from 1950 to 9999",
        leaf(id).valid(ages.0, ages.1),
    );
    corpus.valid(case);
    let id = "time-year-2050";
    let case = world.direct(
        id,
        "notAfter in GeneralizedTime",
        leaf(id).valid(PAST.0, "20500101000000Z"),
    );
    corpus.valid(case);

    let id = "time-1960";
    let root = root(id).valid(ages.0, ages.1);
    let case = world.rooted_with(
        id,
        "A validation in 1960",
        root,
        leaf(id).valid(ages.0, ages.1),
    );
    corpus.valid(case.at("1960-06-15T00:00:00Z"));
}
