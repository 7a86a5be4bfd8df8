//! The signatures of a chain only, on RustCrypto: parsed before, and verified one after the other.

use std::hint::black_box;
use std::sync::Arc;

use portcullis::crypto::{PreparedKey, Provider};
use portcullis::{Certificate, RustCrypto};
use rustls_pki_types::CertificateDer;

use crate::data::Chain;
use crate::timing::Subject;

/// Signatures, each with its key.
pub struct Sum(Vec<(Key, Certificate)>);

/// The key that verifies a signature.
enum Key {
    /// That of the anchor or a known issuer, prepared before.
    Prepared(Arc<dyn PreparedKey>),
    /// That of this certificate, which is prepared each time.
    Of(Certificate),
}

impl Sum {
    /// All signatures of a chain. The root's key is prepared.
    pub fn of_all(chain: &Chain, root: &CertificateDer<'_>) -> Self {
        let certificates: Vec<_> = chain.certificates.iter().map(parsed).collect();
        let issuers = certificates.iter().skip(1).cloned().map(Key::Of);
        let issuers = issuers.chain([Key::Prepared(prepared(&parsed(root)))]);
        Self(issuers.zip(certificates.iter().cloned()).collect())
    }

    /// The leaf's signature. Its issuer's key is prepared.
    pub fn of_leaf(chain: &Chain) -> Self {
        let issuer = parsed(&chain.intermediates()[0]);
        let leaf = parsed(chain.leaf());
        Self(vec![(Key::Prepared(prepared(&issuer)), leaf)])
    }

    /// How many signatures hold.
    pub fn signatures(&self) -> usize {
        let holds = |(key, certificate): &&(Key, Certificate)| verify(key, certificate);
        self.0.iter().filter(holds).count()
    }
}

impl Subject for Sum {
    fn call(&mut self, _: usize) {
        black_box(black_box(&*self).signatures());
    }
}

fn verify(key: &Key, certificate: &Certificate) -> bool {
    let prepared = match key {
        Key::Prepared(key) => Arc::clone(key),
        Key::Of(issuer) => prepared(issuer),
    };
    let algorithm = certificate.signature_algorithm();
    let verified = prepared.verify(&algorithm, certificate.tbs(), certificate.signature());
    verified.is_ok()
}

fn prepared(holder: &Certificate) -> Arc<dyn PreparedKey> {
    let key = RustCrypto.prepare(&holder.public_key(), None);
    key.expect("the key is sound")
}

fn parsed(der: &CertificateDer<'_>) -> Certificate {
    Certificate::from_der(der).expect("certificates parse")
}
