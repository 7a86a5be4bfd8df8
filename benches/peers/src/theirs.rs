//! rustls-webpki: signature algorithms, and validations.

use std::hint::black_box;
use std::time::Duration;

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm,
    TrustAnchor, UnixTime, alg_id,
};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::data::{Chain, NOW};
use crate::timing::Subject;

/// Signatures that always hold.
#[derive(Debug)]
pub struct Yes;

impl SignatureVerificationAlgorithm for Yes {
    fn verify_signature(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }
}

/// ECDSA on P-256 with SHA-256 by RustCrypto.
#[derive(Debug)]
pub struct RustCrypto;

impl SignatureVerificationAlgorithm for RustCrypto {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = DerSignature::try_from(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }
}

/// ECDSA on P-256 with SHA-256 by ring.
pub const RING: &dyn SignatureVerificationAlgorithm = webpki::ring::ECDSA_P256_SHA256;

/// Validations of one chain, from DER to the verdict.
pub struct Validations {
    chain: Chain,
    others: Vec<Chain>,
    anchors: Vec<TrustAnchor<'static>>,
    usage: KeyUsage,
    algorithm: &'static dyn SignatureVerificationAlgorithm,
}

impl Validations {
    pub fn new(
        chain: &Chain,
        roots: &[CertificateDer<'_>],
        usage: KeyUsage,
        algorithm: &'static dyn SignatureVerificationAlgorithm,
    ) -> Self {
        let anchor = |der| {
            anchor_from_trusted_cert(der)
                .expect("roots parse")
                .to_owned()
        };
        Self {
            chain: chain.clone(),
            others: Vec::new(),
            anchors: roots.iter().map(anchor).collect(),
            usage,
            algorithm,
        }
    }

    fn with_path<T>(
        &self,
        chain: &Chain,
        look: impl FnOnce(Result<webpki::VerifiedPath<'_>, webpki::Error>) -> T,
    ) -> T {
        let leaf = EndEntityCert::try_from(chain.leaf()).expect("the leaf parses");
        let path = leaf.verify_for_usage(
            &[self.algorithm],
            &self.anchors,
            chain.intermediates(),
            UnixTime::since_unix_epoch(Duration::from_secs(NOW as u64)),
            self.usage,
            None,
            None,
        );
        look(path)
    }

    /// Another one of these chains for each batch.
    pub fn take_turns(&mut self, chains: Vec<Chain>) {
        self.others = chains;
    }

    /// The number of signatures on the path, or why there is none.
    pub fn verdict(&mut self) -> Result<usize, String> {
        self.with_path(&self.chain, |path| match path {
            Ok(path) => Ok(1 + path.intermediate_certificates().count()),
            Err(error) => Err(error.to_string()),
        })
    }
}

impl Subject for Validations {
    fn reset(&mut self) {
        if !self.others.is_empty() {
            self.others.rotate_left(1);
            self.chain.clone_from(&self.others[0]);
        }
    }

    fn call(&mut self, _: usize) {
        self.with_path(black_box(&self.chain), |path| drop(black_box(path)));
    }
}
