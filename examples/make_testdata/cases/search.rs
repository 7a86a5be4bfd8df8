//! Sets of certificates that contain a path, or none.

use portcullis_testkit::certificate::{Authority, Made, Template};
use portcullis_testkit::keys::Key;

use super::{World, leaf};
use crate::corpus::{Case, Corpus};

pub fn add(corpus: &mut Corpus, world: &World) {
    nowhere(corpus, world);
    crowds(corpus, world);
    cross_signs(corpus);
    twins(corpus);
    loops(corpus, world);
    mesh(corpus);
}

fn nowhere(corpus: &mut Corpus, world: &World) {
    let id = "unknown-root";
    let stranger = Authority::root("unknown-root");
    let case = world.client(id, "The root is not trusted", leaf(id));
    corpus.invalid(case.under(&[&stranger.certificate]));

    let id = "unknown-root-presented";
    let stranger = Authority::root("another-root");
    let case = world.client(
        id,
        "The peer sends its own root, which is not trusted",
        leaf(id),
    );
    let above = [&world.intermediate.certificate, &world.root.certificate];
    corpus.invalid(case.via(&above).under(&[&stranger.certificate]));

    let id = "no-anchors";
    corpus.invalid(world.client(id, "Nobody is trusted", leaf(id)).under(&[]));
    let id = "missing-intermediate";
    corpus.invalid(
        world
            .client(id, "The intermediate was not presented", leaf(id))
            .via(&[]),
    );
}

/// Certificates that do not belong to the path, and paths out of order.
fn crowds(corpus: &mut Corpus, world: &World) {
    let id = "junk-intermediates";
    let impostor = |n: u32| {
        let label = format!("{id}/impostor-{n}");
        let template = Template::ca(&label).subject(world.intermediate.name.clone());
        Authority::self_signed(template.key(Key::p256(&label))).certificate
    };
    let stranger = Authority::root("junk-intermediates/stranger");
    let stray = stranger
        .issue_ca(Template::ca("junk-intermediates/stray"))
        .certificate;
    let other = world.root.issue(Template::ca("junk-intermediates/other"));
    let (first, second) = (impostor(1), impostor(2));
    let good = &world.intermediate.certificate;
    let case = world.client(
        id,
        "Impostors and strangers around the intermediate",
        leaf(id),
    );
    corpus.valid(case.via(&[&first, &stray, &stranger.certificate, good, &second, &other]));

    let id = "duplicate-intermediates";
    let case = world.client(
        id,
        "The intermediate is sent three times, the leaf twice",
        leaf(id),
    );
    let again = world.intermediate.issue(leaf(id));
    corpus.valid(case.via(&[good, &again, good, good]));

    for (id, title, complete) in [
        (
            "shuffled-intermediates",
            "Four intermediates out of order",
            true,
        ),
        (
            "shuffled-gap",
            "Four intermediates out of order, and one is missing",
            false,
        ),
    ] {
        let mut line = vec![world.root.clone()];
        for level in 1..=4 {
            let above = &line[line.len() - 1];
            line.push(above.issue_ca(Template::ca(&format!("{id}/intermediate-{level}"))));
        }
        let client = line[4].issue(leaf(id));
        let order = if complete {
            vec![2, 4, 1, 3]
        } else {
            vec![4, 1, 3]
        };
        let pool: Vec<&Made> = order.into_iter().map(|n| &line[n].certificate).collect();
        let case = Case::new(id, title, &client)
            .via(&pool)
            .under(&[&world.root.certificate]);
        corpus.add(case, complete);
    }
}

/// One intermediate with certificates from two roots.
fn cross_signs(corpus: &mut Corpus) {
    let known = Authority::root("cross-known");
    let stranger = Authority::root("cross-stranger");
    let ca = known.issue_ca(Template::ca("cross-signed/intermediate"));
    let crossed = stranger.cross_sign("cross-signed/crossed", &ca);
    let client = ca.issue(leaf("cross-signed"));
    let case = |id: &str, title: &str| Case::new(id, title, &client);

    let title = "Two roots signed the intermediate, and one is trusted; its certificate comes last";
    let last = case("cross-signed", title).via(&[&crossed, &ca.certificate]);
    corpus.valid(last.under(&[&known.certificate]));
    let title =
        "Two roots signed the intermediate, and one is trusted; its certificate comes first";
    let first = case("cross-signed-first", title).via(&[&ca.certificate, &crossed]);
    corpus.valid(first.under(&[&known.certificate]));
    let title = "Only the certificate of the untrusted root was presented";
    let wrong = case("cross-signed-wrong-one", title).via(&[&crossed]);
    corpus.invalid(wrong.under(&[&known.certificate]));

    let id = "cross-signed-expired";
    let expired =
        Template::ca("cross-signed-expired/old").valid("20240101000000Z", "20250101000000Z");
    let old = known.issue(expired.subject(ca.name.clone()).key(ca.key.clone()));
    let title = "An expired and a current certificate of the intermediate";
    let case = case(id, title).via(&[&old, &ca.certificate]);
    corpus.valid(case.under(&[&known.certificate]));
}

/// Two roots of one name.
fn twins(corpus: &mut Corpus) {
    let name = portcullis_testkit::names::common_name("twin root");
    let twin = |label: &str| {
        Authority::self_signed(
            Template::ca(label)
                .subject(name.clone())
                .without_key_identifiers(),
        )
    };
    let (one, two) = (twin("twin-root-1"), twin("twin-root-2"));
    let ca = two.issue_ca(Template::ca("twin-roots/intermediate").without_key_identifiers());
    let client = ca.issue(leaf("twin-roots"));
    let case = |id: &str, title: &str| Case::new(id, title, &client).via(&[&ca.certificate]);
    let both = case(
        "twin-roots",
        "Two roots of one name without key identifiers; the second signed",
    );
    corpus.valid(both.under(&[&one.certificate, &two.certificate]));
    let both = case(
        "twin-roots-swapped",
        "Two roots of one name without key identifiers; the first signed",
    );
    corpus.valid(both.under(&[&two.certificate, &one.certificate]));
    let wrong = case(
        "twin-roots-wrong",
        "Only the other root of that name is trusted",
    );
    corpus.invalid(wrong.under(&[&one.certificate]));
}

/// Two CAs that signed each other.
fn loops(corpus: &mut Corpus, world: &World) {
    let a = Authority::root("loop/a-itself");
    let b = a.issue_ca(Template::ca("loop/b-by-a"));
    let a_by_b = b.cross_sign("loop/a-by-b", &a);
    let client = a.issue(leaf("loop"));
    let title = "Two CAs that signed each other, without a root";
    let case = Case::new("loop", title, &client).via(&[&a_by_b, &b.certificate]);
    corpus.invalid(case.under(&[&world.root.certificate]));

    let b_by_root = world.root.cross_sign("loop/b-by-root", &b);
    let title = "Two CAs that signed each other, and a root that signed one";
    let case = Case::new("loop-with-exit", title, &client);
    let pool = [&a_by_b, &b.certificate, &b_by_root];
    corpus.valid(case.via(&pool).under(&[&world.root.certificate]));
}

const LAYERS: usize = 3;
const WIDTH: usize = 3;

/// Three layers of three CAs. The CAs of a layer have one name, and each of the three in the layer
/// above signed each of them.
///
/// There are no key identifiers, so only signatures tell the CAs apart: 3^3 paths lead to the layer
/// of the roots.
fn mesh(corpus: &mut Corpus) {
    let bare = |label: &str, name: &str| {
        Template::ca(label)
            .subject(portcullis_testkit::names::common_name(name))
            .without_key_identifiers()
    };
    let mesh_root = |n: usize| Authority::self_signed(bare(&format!("mesh-root-{n}"), "mesh root"));
    let mut above: Vec<Authority> = (1..=WIDTH).map(mesh_root).collect();
    let right = above[0].certificate.clone();
    let wrong = mesh_root(WIDTH + 1).certificate;
    let mut pool = Vec::new();
    for layer in 1..=LAYERS {
        let mut members = Vec::new();
        for column in 1..=WIDTH {
            let key = Key::p256(&format!("mesh {layer}.{column}"));
            for (signer, issuer) in above.iter().enumerate() {
                let label = format!("mesh/{layer}.{column}-by-{}", signer + 1);
                let member =
                    issuer.issue_ca(bare(&label, &format!("mesh layer {layer}")).key(key.clone()));
                pool.push(member.certificate.clone());
                if signer == 0 {
                    members.push(member);
                }
            }
        }
        above = members;
    }
    let client = above[WIDTH - 1].issue(leaf("mesh-3x3").without_key_identifiers());
    let pool: Vec<&Made> = pool.iter().collect();
    let title = "Three layers of three cross-signed CAs, 27 intermediates";
    corpus.valid(
        Case::new("mesh-3x3", title, &client)
            .via(&pool)
            .under(&[&right]),
    );
    let title = "Three layers of cross-signed CAs under a root of the right name and another key";
    let case = Case::new("mesh-3x3-wrong-root", title, &client).via(&pool);
    corpus.invalid(case.under(&[&wrong]).feature("pathological"));
}
