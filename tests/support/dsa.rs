//! DSA (FIPS 186-4) as a caller's provider: an algorithm that the crate does not have.
//!
//! DSA differs from other algorithms in two ways. A key may lack parameters and inherit those of
//! its issuer's key (RFC 3279 section 2.3.2, RFC 5280 section 6.1.4), so a prepared key depends on
//! the path. And the signature algorithm has no parameters (RFC 3279 section 2.2.2). Everything
//! else is passed on to [`RustCrypto`].
//!
//! The default policy refuses DSA. [`policy`] allows its identifiers.
#![allow(dead_code)] // not each test or example that includes this file uses all of it

use std::sync::Arc;

use dsa::signature::hazmat::PrehashVerifier;
use dsa::{BoxedUint, Components, Signature, VerifyingKey};
use portcullis::ObjectIdentifier;
use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo, sha1, sha256};
use portcullis::crypto::{
    AlgorithmPolicy, KeyError, PreparedKey, Provider, RustCrypto, SignatureError, SupportedPair,
};
use portcullis::der::{self, Reader};

const ID_DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
const DSA_WITH_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.3");
const DSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.2");

/// Octets of the longest p and the longest q (FIPS 186-4 section 4.2).
const MAX_P_LEN: usize = 3072 / 8;
const MAX_Q_LEN: usize = 256 / 8;

/// Verifies DSA, and all that [`RustCrypto`] verifies.
#[derive(Debug)]
pub struct DsaProvider {
    supported: Vec<SupportedPair>,
}

impl Default for DsaProvider {
    fn default() -> Self {
        let mut supported = RustCrypto.supported().to_vec();
        supported.push(SupportedPair::new(ID_DSA, DSA_WITH_SHA1));
        supported.push(SupportedPair::new(ID_DSA, DSA_WITH_SHA256));
        Self { supported }
    }
}

impl Provider for DsaProvider {
    fn supported(&self) -> &[SupportedPair] {
        &self.supported
    }

    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        inherited: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        if key.algorithm().oid() != ID_DSA {
            return RustCrypto.prepare(key, inherited);
        }
        let parameters = key
            .algorithm()
            .parameters()
            .or(inherited)
            .ok_or(KeyError::MissingParameters)?;
        let components = components(parameters)?;
        let y = public_value(key.key_bits(), &components)?;
        VerifyingKey::from_components(components, y)
            .map(|key| Arc::new(DsaKey(key)) as Arc<dyn PreparedKey>)
            .map_err(|_| KeyError::Malformed)
    }
}

/// `base` with DSA over SHA-1 and SHA-256 allowed.
pub fn policy(base: AlgorithmPolicy) -> AlgorithmPolicy {
    base.allow_key(ID_DSA)
        .allow_signature(DSA_WITH_SHA1)
        .allow_signature(DSA_WITH_SHA256)
}

struct DsaKey(VerifyingKey);

impl PreparedKey for DsaKey {
    fn verify(
        &self,
        algorithm: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let oid = algorithm.oid();
        if oid != DSA_WITH_SHA1 && oid != DSA_WITH_SHA256 {
            return Err(
                match RustCrypto.supported().iter().any(|p| oid == p.signature) {
                    true => SignatureError::AlgorithmKeyMismatch,
                    false => SignatureError::UnsupportedAlgorithm,
                },
            );
        }
        if algorithm.parameters().is_some() {
            return Err(SignatureError::BadParameters);
        }
        let signature = decode_signature(signature)?;
        let outcome = if oid == DSA_WITH_SHA1 {
            self.0.verify_prehash(&sha1(message), &signature)
        } else {
            self.0.verify_prehash(&sha256(message), &signature)
        };
        outcome.map_err(|_| SignatureError::Invalid)
    }
}

/// `Dss-Parms ::= SEQUENCE { p INTEGER, q INTEGER, g INTEGER }`.
fn components(parameters: &[u8]) -> Result<Components, KeyError> {
    let [p, q, g] = integers(parameters).map_err(|_| KeyError::BadParameters)?;
    let number = |integer, max| unsigned(integer, max).ok_or(KeyError::BadParameters);
    Components::from_components(
        number(p, MAX_P_LEN)?,
        number(q, MAX_Q_LEN)?,
        number(g, MAX_P_LEN)?,
    )
    .map_err(|_| KeyError::BadParameters)
}

/// `DSAPublicKey ::= INTEGER`, below p.
fn public_value(bits: &[u8], components: &Components) -> Result<BoxedUint, KeyError> {
    let mut reader = Reader::new(bits);
    let integer = reader.integer().map_err(|_| KeyError::Malformed)?;
    reader.finish().map_err(|_| KeyError::Malformed)?;
    unsigned(integer, MAX_P_LEN)
        .filter(|y| y < components.p().as_ref())
        .ok_or(KeyError::Malformed)
}

/// `Dss-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }`.
fn decode_signature(signature: &[u8]) -> Result<Signature, SignatureError> {
    let [r, s] = integers(signature).map_err(|_| SignatureError::Malformed)?;
    let number = |integer| unsigned(integer, MAX_Q_LEN).ok_or(SignatureError::Invalid);
    Signature::from_components(number(r)?, number(s)?).ok_or(SignatureError::Invalid)
}

/// A SEQUENCE of exactly `N` INTEGERs.
fn integers<const N: usize>(der: &[u8]) -> der::Result<[&[u8]; N]> {
    let mut outer = Reader::new(der);
    let mut fields = outer.sequence()?;
    outer.finish()?;
    let mut out = [&[][..]; N];
    for integer in &mut out {
        *integer = fields.integer()?;
    }
    fields.finish()?;
    Ok(out)
}

/// The number, unless it is negative or has more octets than allowed.
fn unsigned(integer: &[u8], max_len: usize) -> Option<BoxedUint> {
    let magnitude = match integer {
        [0, magnitude @ ..] => magnitude,
        [first, ..] if first & 0x80 != 0 => return None,
        magnitude => magnitude,
    };
    (magnitude.len() <= max_len).then(|| BoxedUint::from_be_slice_vartime(magnitude))
}
