//! The search for a path, with signatures that cost nothing: with certificates that the path does
//! not need, and with names and key identifiers that are all the same.

use divan::Bencher;
use portcullis::Presented;
use portcullis::revocation::NoFetcher;
use support::Signatures;

mod support;

fn main() {
    divan::main();
}

const ROOT: &[u8] = include_bytes!("../testdata/roots/root.pem");

/// A name, a chain, its root, and whether signatures hold.
type Case = (&'static str, &'static [u8], &'static [u8], Signatures);

const CASES: &[Case] = &[
    (
        "2 certificates",
        include_bytes!("../testdata/chains/good-d2.pem"),
        ROOT,
        Signatures::Hold,
    ),
    (
        "5 certificates",
        include_bytes!("../testdata/chains/good-d5.pem"),
        ROOT,
        Signatures::Hold,
    ),
    (
        "2 certificates among junk",
        include_bytes!("../testdata/chains/junk-intermediates.pem"),
        ROOT,
        Signatures::Hold,
    ),
    (
        "name constraints",
        include_bytes!("../testdata/chains/nc-directory-case.pem"),
        include_bytes!("../testdata/roots/root.pem"),
        Signatures::Hold,
    ),
    (
        "mesh 3x3, accepted",
        include_bytes!("../testdata/chains/mesh-3x3.pem"),
        include_bytes!("../testdata/roots/mesh-root-1.pem"),
        Signatures::Hold,
    ),
    (
        "mesh 3x3, rejected",
        include_bytes!("../testdata/chains/mesh-3x3.pem"),
        include_bytes!("../testdata/roots/mesh-root-4.pem"),
        Signatures::Fail,
    ),
];

#[divan::bench(args = CASES.iter().map(|case| case.0))]
fn search(bencher: Bencher<'_, '_>, name: &str) {
    let case = CASES.iter().find(|case| case.0 == name);
    let (_, chain, root, signatures) = *case.expect("a known name");
    let presented = Presented::from_pem(chain).expect("testdata parses");
    let validator = support::validator(root, signatures).build();
    let validator = validator.expect("options are sound");
    let accepted = validator
        .validate(&presented, support::now(), &NoFetcher)
        .is_ok();
    assert_eq!(accepted, matches!(signatures, Signatures::Hold));
    bencher.bench(|| validator.validate(&presented, support::now(), &NoFetcher));
}
