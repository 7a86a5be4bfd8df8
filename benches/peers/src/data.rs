//! Certificates of `testdata/` as TLS delivers them: in DER, the leaf first.

use std::fs;
use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// 2026-01-01T00:00:00Z, when all certificates used here are valid.
pub const NOW: i64 = 1_767_225_600;

/// A leaf and the certificates sent along with it.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The certificates, the leaf first.
    pub certificates: Vec<CertificateDer<'static>>,
}

impl Chain {
    /// `testdata/chains/NAME.pem`.
    pub fn read(name: &str) -> Self {
        let certificates = read(&format!("chains/{name}.pem"));
        assert!(!certificates.is_empty(), "{name} is empty");
        Self { certificates }
    }

    /// The certificate to validate.
    pub fn leaf(&self) -> &CertificateDer<'static> {
        &self.certificates[0]
    }

    /// The other certificates.
    pub fn intermediates(&self) -> &[CertificateDer<'static>] {
        &self.certificates[1..]
    }
}

/// `testdata/roots/NAME.pem`.
pub fn roots(name: &str) -> Vec<CertificateDer<'static>> {
    read(&format!("roots/{name}.pem"))
}

/// This many roots, with the one that is needed in the middle.
pub fn roots_around(name: &str, count: usize) -> Vec<CertificateDer<'static>> {
    let mut all = roots("150");
    assert!(all.len() + 1 >= count, "too few roots in testdata");
    all.truncate(count - 1);
    all.splice(count / 2..count / 2, roots(name));
    assert_eq!(all.len(), count);
    all
}

fn read(path: &str) -> Vec<CertificateDer<'static>> {
    let path = testdata().join(path);
    let text = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}
