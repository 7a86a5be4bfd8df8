//! Parsing certificates, and decoding their extensions.

use std::hint::black_box;

use divan::Bencher;
use portcullis::Certificate;
use portcullis::certificate::ExtensionKind;
use portcullis::der::Reader;

fn main() {
    divan::main();
}

const CHAINS: &[(&str, &[u8])] = &[
    (
        "web, 978 octets",
        include_bytes!("../testdata/chains/bench-978.pem"),
    ),
    (
        "RSA-2048",
        include_bytes!("../testdata/chains/good-rsa-sha256.pem"),
    ),
];

fn leaf(name: &str) -> Certificate {
    let chain = CHAINS.iter().find(|(known, _)| *known == name);
    Certificate::from_pem(chain.expect("a known name").1).expect("testdata parses")
}

fn names() -> impl Iterator<Item = &'static str> {
    CHAINS.iter().map(|(name, _)| *name)
}

/// Copies the bytes.
#[divan::bench(args = names())]
fn from_der(bencher: Bencher<'_, '_>, name: &str) {
    let certificate = leaf(name);
    bencher.bench(|| Certificate::from_der(black_box(certificate.as_der())));
}

/// Takes the bytes.
#[divan::bench(args = names())]
fn from_owned(bencher: Bencher<'_, '_>, name: &str) {
    let leaf = leaf(name);
    bencher
        .with_inputs(|| leaf.as_der().into())
        .bench_values(|der| Certificate::from_owned(black_box(der)));
}

#[divan::bench]
fn pem_bundle(bencher: Bencher<'_, '_>) {
    let roots = include_bytes!("../testdata/roots/150.pem");
    bencher.bench(|| Certificate::from_pem_bundle(black_box(roots)));
}

/// Each extension of a certificate like those of the web.
#[divan::bench(args = ExtensionKind::ALL.into_iter().filter(is_there))]
fn extension(bencher: Bencher<'_, '_>, kind: &ExtensionKind) {
    let certificate = leaf("web, 978 octets");
    let value = certificate.extension(*kind).expect("filtered");
    bencher.bench(|| kind.check(Reader::new(black_box(value))));
}

fn is_there(kind: &ExtensionKind) -> bool {
    leaf("web, 978 octets").extension(*kind).is_some()
}
