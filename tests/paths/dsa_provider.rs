//! A caller's provider adds an algorithm that the crate does not have.

#[path = "../support/dsa.rs"]
mod dsa_support;

use std::sync::{Arc, LazyLock};

use dsa::signature::hazmat::PrehashSigner;
use dsa::{Components, KeySize, Signature, SigningKey};
use dsa_support::DsaProvider;
use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo, sha1, sha256};
use portcullis::crypto::{
    AlgorithmPolicy, KeyError, PolicyError, PreparedKey, Provider, RustCrypto, SignatureError,
};
use portcullis::revocation::NoFetcher;
use portcullis::{Presented, Rule, TrustAnchor, TrustStore};
use portcullis_testkit::der::{bit_string, tlv, unsigned};
use portcullis_testkit::keys::{Key, SeededRng};
use portcullis_testkit::names::common_name;
use portcullis_testkit::parts::{CertificateParts, ce};

use crate::support::{now, with_store};

const ID_DSA: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
const DSA_WITH_SHA1: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3];
const DSA_WITH_SHA256: &[u8] = &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2];
const ECDSA_WITH_SHA256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const MESSAGE: &[u8] = b"to be signed";

static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let mut rng = SeededRng::new(b"dsa");
    #[allow(deprecated)]
    let size = KeySize::DSA_1024_160;
    let components = Components::try_generate_from_rng_with_key_size(&mut rng, size).unwrap();
    SigningKey::try_generate_from_rng_with_components(&mut rng, components).unwrap()
});

fn parameters() -> Vec<u8> {
    let components = KEY.verifying_key().components();
    let fields = [
        unsigned(&components.p().to_be_bytes()),
        unsigned(&components.q().to_be_bytes()),
        unsigned(&components.g().to_be_bytes()),
    ];
    tlv(0x30, &fields.concat())
}

fn spki(parameters: &[u8]) -> Vec<u8> {
    let y = unsigned(&KEY.verifying_key().y().to_be_bytes());
    let bits = tlv(3, &[&[0], &y[..]].concat());
    let algorithm = tlv(0x30, &[ID_DSA, parameters].concat());
    tlv(0x30, &[algorithm, bits].concat())
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
    let identifier = tlv(0x30, algorithm);
    let identifier = AlgorithmIdentifier::from_der(&identifier).unwrap();
    key.verify(&identifier, message, signature)
}

fn sign(hash: &[u8]) -> Vec<u8> {
    let signature: Signature = KEY.sign_prehash(hash).unwrap();
    let fields = [
        unsigned(&signature.r().to_be_bytes()),
        unsigned(&signature.s().to_be_bytes()),
    ];
    tlv(0x30, &fields.concat())
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

/// A CA's certificate of this subject and key by this issuer, and the algorithm and key that sign.
fn issued(
    [issuer, subject]: [&str; 2],
    spki: &[u8],
    algorithm: &[u8],
    sign: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let algorithm = tlv(0x30, algorithm);
    let parts = CertificateParts {
        issuer: common_name(issuer),
        subject: common_name(subject),
        spki: spki.into(),
        inner_algorithm: algorithm.clone(),
        outer_algorithm: algorithm,
        ..CertificateParts::default()
    };
    let is_ca = [0x30, 3, 1, 1, 0xff];
    let mut parts = parts.with_extensions(&[ce(19, true, &is_ca)]);
    parts.signature = bit_string(&sign(&parts.tbs()));
    parts.der()
}

fn issued_by_dsa(names: [&str; 2], spki: &[u8]) -> Vec<u8> {
    issued(names, spki, DSA_WITH_SHA256, |tbs| sign(&sha256(tbs)))
}

/// RFC 5280 section 6.1.4 (d) to (f): a key without parameters has those of the key above it, if
/// that is of the same algorithm.
#[test]
fn keys_on_a_path_inherit_parameters() {
    let judge = |anchor: &[u8], path: &[Vec<u8>]| {
        let anchor = TrustAnchor::from_name_and_key(&common_name("anchor"), anchor).unwrap();
        let validator = with_store(TrustStore::new([anchor]))
            .provider(Arc::new(DsaProvider::default()))
            .algorithms(dsa_support::policy(AlgorithmPolicy::default()));
        let presented = Presented::from_der(path).unwrap();
        let verdict = validator
            .build()
            .unwrap()
            .validate(&presented, now(), &NoFetcher);
        verdict
            .map(drop)
            .map_err(|rejected| (rejected.error().position, rejected.error().rule))
    };
    let (whole, bare) = (spki(&parameters()), spki(&[]));
    let leaf_of = |issuer| issued_by_dsa([issuer, "leaf"], &bare);
    let missing = Rule::IssuerKey(KeyError::MissingParameters);
    let direct = [leaf_of("anchor")];
    assert_eq!(judge(&whole, &direct), Ok(()));
    assert_eq!(judge(&bare, &direct), Err((0, missing)));
    for upper in [&whole, &bare] {
        for lower in [&whole, &bare] {
            let upper = issued_by_dsa(["anchor", "upper"], upper);
            let lower = issued_by_dsa(["upper", "lower"], lower);
            assert_eq!(judge(&whole, &[leaf_of("lower"), lower, upper]), Ok(()));
        }
    }
    // A key of another algorithm has none to hand down.
    let key = Key::p256("anchor");
    let by_ecdsa = |spki: &[u8]| {
        let sign = |tbs: &[u8]| key.sign(key.scheme(), tbs);
        let ca = issued(["anchor", "ca"], spki, ECDSA_WITH_SHA256, sign);
        judge(&key.spki(), &[leaf_of("ca"), ca])
    };
    assert_eq!(by_ecdsa(&whole), Ok(()));
    assert_eq!(by_ecdsa(&bare), Err((0, missing)));
}

#[test]
fn signatures_that_are_none() {
    let key = prepare(&spki(&parameters()), None).unwrap();
    let good = sign(&sha1(MESSAGE));
    let one = unsigned(&[1]);
    let zero = [2, 1, 0];
    for (signature, error) in [
        (
            tlv(0x30, &[&zero[..], &zero].concat()),
            SignatureError::Invalid,
        ),
        (
            tlv(0x30, &[&one[..], &zero].concat()),
            SignatureError::Invalid,
        ),
        (
            tlv(0x30, &[&one[..], &one].concat()),
            SignatureError::Invalid,
        ),
        (
            tlv(0x30, &[&unsigned(&[0xff; 20])[..], &one].concat()),
            SignatureError::Invalid,
        ),
        (
            tlv(0x30, &[&one[..], &unsigned(&[0xff; 400])].concat()),
            SignatureError::Invalid,
        ),
        (tlv(0x30, &one), SignatureError::Malformed),
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
    let not_a_number = tlv(
        0x30,
        &[
            tlv(0x30, &[ID_DSA, &parameters].concat()),
            tlv(3, &[0, 5, 0]),
        ]
        .concat(),
    );
    let huge = unsigned(&[0xff; 129]);
    let too_large = tlv(
        0x30,
        &[
            tlv(0x30, &[ID_DSA, &parameters].concat()),
            tlv(3, &[&[0], &huge[..]].concat()),
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
        &tlv(0x30, &[2, 1, 3, 2, 1, 3, 2, 1, 2]),
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
    let identifier = tlv(0x30, DSA_WITH_SHA1);
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
