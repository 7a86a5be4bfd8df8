//! The certificates of `testdata/` in a fixed order, as samples.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use portcullis::Certificate;

/// The folder of the test data.
pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata")
}

/// The files of a folder of the test data, by name.
pub fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let path = testdata().join(folder);
    let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

/// All certificates of the test data, each once, in DER.
pub fn certificates() -> &'static [Vec<u8>] {
    static ALL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let mut all = Vec::new();
        for folder in ["chains", "roots"] {
            for (_, pem) in files(folder) {
                let certificates = Certificate::from_pem_bundle(&pem).unwrap_or_default();
                all.extend(certificates.iter().map(|c| c.as_der().to_vec()));
            }
        }
        all.sort();
        all.dedup();
        all
    });
    &ALL
}

/// The place of a certificate in [`certificates`].
pub fn index_of(der: &[u8]) -> Option<u16> {
    let index = certificates().binary_search_by(|c| c.as_slice().cmp(der));
    index.ok().and_then(|index| index.try_into().ok())
}
