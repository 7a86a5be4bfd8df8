//! A provider of one's own brings an algorithm that the crate leaves out.

#[path = "support/dsa.rs"]
mod dsa_support;

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use dsa::signature::hazmat::PrehashSigner;
use dsa::signature::rand_core::{TryCryptoRng, TryRng};
use dsa::{Components, KeySize, Signature, SigningKey};
use dsa_support::DsaProvider;
use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo, sha1, sha256};
use portcullis::crypto::{
    AlgorithmPolicy, KeyError, PolicyError, PreparedKey, Provider, RustCrypto, SignatureError,
};

const ID_DSA: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
const DSA_WITH_SHA1: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3];
const DSA_WITH_SHA256: &[u8] = &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2];
const ECDSA_WITH_SHA256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const MESSAGE: &[u8] = b"to be signed";

/// The same key in each run: SHA-256 of a counter is its randomness.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|word| word as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_be_bytes(word))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&self.0.to_be_bytes())[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let mut rng = Counter(0);
    #[allow(deprecated)]
    let size = KeySize::DSA_1024_160;
    let components = Components::try_generate_from_rng_with_key_size(&mut rng, size).unwrap();
    SigningKey::try_generate_from_rng_with_components(&mut rng, components).unwrap()
});

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

fn integer(octets: &[u8]) -> Vec<u8> {
    let start = octets.iter().position(|&b| b != 0).unwrap();
    let sign: &[u8] = if octets[start] & 0x80 != 0 { &[0] } else { &[] };
    element(2, &[sign, &octets[start..]].concat())
}

fn parameters() -> Vec<u8> {
    let components = KEY.verifying_key().components();
    let fields = [
        integer(&components.p().to_be_bytes()),
        integer(&components.q().to_be_bytes()),
        integer(&components.g().to_be_bytes()),
    ];
    element(0x30, &fields.concat())
}

fn spki(parameters: &[u8]) -> Vec<u8> {
    let y = integer(&KEY.verifying_key().y().to_be_bytes());
    let bits = element(3, &[&[0], &y[..]].concat());
    let algorithm = element(0x30, &[ID_DSA, parameters].concat());
    element(0x30, &[algorithm, bits].concat())
}

fn prepare(spki: &[u8], inherited: Option<&[u8]>) -> Result<Arc<dyn PreparedKey>, KeyError> {
    let key = SubjectPublicKeyInfo::from_der(spki).unwrap();
    DsaProvider::default().prepare(&key, inherited)
}

fn verify(
    key: &dyn PreparedKey,
    algorithm: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let identifier = element(0x30, algorithm);
    let identifier = AlgorithmIdentifier::from_der(&identifier).unwrap();
    key.verify(&identifier, message, signature)
}

fn sign(hash: &[u8]) -> Vec<u8> {
    let signature: Signature = KEY.sign_prehash(hash).unwrap();
    let fields = [
        integer(&signature.r().to_be_bytes()),
        integer(&signature.s().to_be_bytes()),
    ];
    element(0x30, &fields.concat())
}

#[test]
fn parameters_of_its_own_or_inherited() {
    let parameters = parameters();
    let signature = sign(&sha1(MESSAGE));
    let own = prepare(&spki(&parameters), None).unwrap();
    let inherited = prepare(&spki(&[]), Some(&parameters)).unwrap();
    for key in [own, inherited] {
        assert_eq!(verify(&*key, DSA_WITH_SHA1, MESSAGE, &signature), Ok(()));
        assert_eq!(
            verify(&*key, DSA_WITH_SHA1, b"", &signature),
            Err(SignatureError::Invalid)
        );
        assert_eq!(
            verify(&*key, DSA_WITH_SHA256, MESSAGE, &signature),
            Err(SignatureError::Invalid)
        );
        assert_eq!(
            verify(&*key, DSA_WITH_SHA256, MESSAGE, &sign(&sha256(MESSAGE))),
            Ok(())
        );
    }
    assert_eq!(
        prepare(&spki(&[]), None).err(),
        Some(KeyError::MissingParameters)
    );
}

#[test]
fn signatures_that_are_none() {
    let key = prepare(&spki(&parameters()), None).unwrap();
    let good = sign(&sha1(MESSAGE));
    let one = integer(&[1]);
    let zero = [2, 1, 0];
    for (signature, error) in [
        (
            element(0x30, &[&zero[..], &zero].concat()),
            SignatureError::Invalid,
        ),
        (
            element(0x30, &[&one[..], &zero].concat()),
            SignatureError::Invalid,
        ),
        (
            element(0x30, &[&one[..], &one].concat()),
            SignatureError::Invalid,
        ),
        (
            element(0x30, &[&integer(&[0xff; 20])[..], &one].concat()),
            SignatureError::Invalid,
        ),
        (
            element(0x30, &[&one[..], &integer(&[0xff; 400])].concat()),
            SignatureError::Invalid,
        ),
        (element(0x30, &one), SignatureError::Malformed),
        ([&good[..], &[0]].concat(), SignatureError::Malformed),
        (Vec::new(), SignatureError::Malformed),
    ] {
        assert_eq!(
            verify(&*key, DSA_WITH_SHA1, MESSAGE, &signature),
            Err(error)
        );
    }
    let with_null = [DSA_WITH_SHA1, &[5, 0]].concat();
    assert_eq!(
        verify(&*key, &with_null, MESSAGE, &good),
        Err(SignatureError::BadParameters)
    );
    assert_eq!(
        verify(&*key, ECDSA_WITH_SHA256, MESSAGE, &good),
        Err(SignatureError::AlgorithmKeyMismatch)
    );
}

#[test]
fn keys_that_are_none() {
    let parameters = parameters();
    let good = spki(&parameters);
    let not_a_number = element(
        0x30,
        &[
            element(0x30, &[ID_DSA, &parameters].concat()),
            element(3, &[0, 5, 0]),
        ]
        .concat(),
    );
    let huge = integer(&[0xff; 129]);
    let too_large = element(
        0x30,
        &[
            element(0x30, &[ID_DSA, &parameters].concat()),
            element(3, &[&[0], &huge[..]].concat()),
        ]
        .concat(),
    );
    assert!(prepare(&good, None).is_ok());
    assert_eq!(
        prepare(&not_a_number, None).err(),
        Some(KeyError::Malformed)
    );
    assert_eq!(prepare(&too_large, None).err(), Some(KeyError::Malformed));
    for parameters in [
        &[5, 0][..],
        &[0x30, 0],
        &element(0x30, &[2, 1, 3, 2, 1, 3, 2, 1, 2]),
    ] {
        assert_eq!(
            prepare(&spki(parameters), None).err(),
            Some(KeyError::BadParameters)
        );
    }
}

#[test]
fn the_default_provider_and_policy_know_no_dsa() {
    let der = spki(&parameters());
    let key = SubjectPublicKeyInfo::from_der(&der).unwrap();
    assert_eq!(
        RustCrypto.prepare(&key, None).err(),
        Some(KeyError::UnsupportedAlgorithm)
    );
    let identifier = element(0x30, DSA_WITH_SHA1);
    let identifier = AlgorithmIdentifier::from_der(&identifier).unwrap();
    let policy = AlgorithmPolicy::default();
    assert_eq!(policy.check_key(&key), Err(PolicyError::Dsa));
    assert_eq!(policy.check_signature(&identifier), Err(PolicyError::Dsa));
    let policy = dsa_support::policy(policy);
    assert_eq!(policy.check_key(&key), Ok(()));
    assert_eq!(policy.check_signature(&identifier), Ok(()));
    assert_eq!(
        DsaProvider::default().supported().len(),
        RustCrypto.supported().len() + 2
    );
}
