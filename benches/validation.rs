//! Whole validations, from DER to the verdict. The package `benches/peers` compares them with
//! rustls-webpki.

use std::sync::Arc;

use divan::Bencher;
use portcullis::crypto::BoundedMemo;
use portcullis::revocation::NoFetcher;
use portcullis::{Certificate, Presented, RustCrypto, Validator};
use support::Signatures;

mod support;

fn main() {
    divan::main();
}

const CHAINS: [&[u8]; 3] = [
    include_bytes!("../testdata/chains/bench-d1.pem"),
    include_bytes!("../testdata/chains/bench-d2.pem"),
    include_bytes!("../testdata/chains/bench-d3.pem"),
];
const ROOT: &[u8] = include_bytes!("../testdata/roots/bench-root.pem");

/// Everything but the signatures.
#[divan::bench(args = [1, 2, 3])]
fn own_work(bencher: Bencher<'_, '_>, signatures: usize) {
    let validator = support::validator(ROOT, Signatures::Hold);
    run(
        bencher,
        signatures,
        validator.build().expect("options are sound"),
    );
}

/// Every signature is checked.
#[divan::bench(args = [1, 2, 3], sample_count = 20)]
fn cold(bencher: Bencher<'_, '_>, signatures: usize) {
    let validator = support::validator(ROOT, Signatures::Hold).provider(Arc::new(RustCrypto));
    run(
        bencher,
        signatures,
        validator.build().expect("options are sound"),
    );
}

/// A leaf of known issuers: one signature is checked.
#[divan::bench(args = [1, 2, 3], sample_count = 20)]
fn known_issuers(bencher: Bencher<'_, '_>, signatures: usize) {
    let validator = support::validator(ROOT, Signatures::Hold)
        .provider(Arc::new(RustCrypto))
        .memo(Arc::new(BoundedMemo::default()));
    run(
        bencher,
        signatures,
        validator.build().expect("options are sound"),
    );
}

fn run(bencher: Bencher<'_, '_>, signatures: usize, validator: Validator) {
    let chain = Certificate::from_pem_bundle(CHAINS[signatures - 1]).expect("testdata parses");
    let validate = || {
        let presented = Presented::from_der(&chain).expect("the leaf parses");
        validator.validate(&presented, support::now(), &NoFetcher)
    };
    assert_eq!(
        validate().expect("a good chain").certificates().count(),
        signatures
    );
    bencher.bench(validate);
}
