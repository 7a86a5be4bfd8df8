//! Tests of `rsa_key.rs`.

use alloc::vec::Vec;
use std::sync::LazyLock;

use portcullis_testkit::der::{tlv, unsigned};
use portcullis_testkit::keys::SeededRng;
use portcullis_testkit::parts::{algorithm, pss_parameters, rsa_key, spki};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Sign, PrivateKey, Pss};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::*;
use crate::certificate::AlgorithmIdentifier;
use crate::crypto::{Native, Provider, RustCrypto};

const RSA: &str = "1.2.840.113549.1.1.1";
const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";
const SHA256_RSA: &str = "1.2.840.113549.1.1.11";
const SHA1_OID: &str = "1.3.14.3.2.26";
const SHA256_OID: &str = "2.16.840.1.101.3.4.2.1";
const SHA384_OID: &str = "2.16.840.1.101.3.4.2.2";
const SHA512_OID: &str = "2.16.840.1.101.3.4.2.3";
const MESSAGE: &[u8] = b"to be signed";

fn generate(bits: usize) -> PrivateKey {
    PrivateKey::new(&mut SeededRng::new(&bits.to_be_bytes()), bits).unwrap()
}

/// Large enough for PSS with SHA-512, small enough to be made quickly.
static KEY: LazyLock<PrivateKey> = LazyLock::new(|| generate(1152));

/// One bit over whole octets: PSS then encodes into one octet less than the modulus has.
static UNEVEN: LazyLock<PrivateKey> = LazyLock::new(|| generate(1153));

fn public(key: &PrivateKey) -> Vec<u8> {
    rsa_key(&key.n().to_be_bytes(), &key.e().to_be_bytes())
}

fn prepare_as(
    text: &str,
    parameters: Option<&[u8]>,
    key: &[u8],
) -> Result<Arc<dyn PreparedKey>, KeyError> {
    let der = spki(&algorithm(text, parameters), key);
    let key = SubjectPublicKeyInfo::from_der(&der).unwrap();
    match (RustCrypto.prepare(&key, None), Native.prepare(&key, None)) {
        (Ok(peer), Ok(own)) => Ok(Arc::new(Both([peer, own]))),
        (Err(peer), own) => {
            assert_eq!(own.err(), Some(peer));
            Err(peer)
        }
        (Ok(_), Err(own)) => panic!("the crate alone refuses it: {own}"),
    }
}

/// The key of both providers, which must say the same.
struct Both([Arc<dyn PreparedKey>; 2]);

impl PreparedKey for Both {
    fn verify(
        &self,
        algorithm: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let [peer, own] = &self.0;
        let said = peer.verify(algorithm, message, signature);
        assert_eq!(own.verify(algorithm, message, signature), said);
        said
    }
}

fn plain(key: &PrivateKey) -> Arc<dyn PreparedKey> {
    prepare_as(RSA, Some(NULL), &public(key)).unwrap()
}

fn verify(
    key: &dyn PreparedKey,
    text: &str,
    parameters: Option<&[u8]>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let identifier = algorithm(text, parameters);
    let identifier = AlgorithmIdentifier::from_der(&identifier).unwrap();
    key.verify(&identifier, message, signature)
}

fn verify_sha256(key: &PrivateKey, signature: &[u8]) -> Result<(), SignatureError> {
    verify(&*plain(key), SHA256_RSA, Some(NULL), MESSAGE, signature)
}

fn sign_sha256() -> Vec<u8> {
    KEY.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(MESSAGE))
        .unwrap()
}

fn sign_pss<D>(key: &PrivateKey, salt: usize) -> Vec<u8>
where
    D: Digest + rsa::sha2::digest::FixedOutputReset,
{
    let scheme = Pss::<D>::new_with_salt(salt);
    key.sign_with_rng(&mut SeededRng::new(b"1"), scheme, &D::digest(MESSAGE))
        .unwrap()
}

#[test]
fn pkcs1_with_each_hash() {
    fn round_trip<D: Digest + const_oid::AssociatedOid>(text: &str) {
        let signature = KEY
            .sign(Pkcs1v15Sign::new::<D>(), &D::digest(MESSAGE))
            .unwrap();
        let key = plain(&KEY);
        let null = Some(NULL);
        assert_eq!(verify(&*key, text, null, MESSAGE, &signature), Ok(()));
        for other in [
            "1.2.840.113549.1.1.5",
            SHA256_RSA,
            "1.2.840.113549.1.1.12",
            "1.2.840.113549.1.1.13",
        ] {
            if other != text {
                assert_eq!(
                    verify(&*key, other, null, MESSAGE, &signature),
                    Err(SignatureError::Invalid)
                );
            }
        }
    }
    round_trip::<Sha1>("1.2.840.113549.1.1.5");
    round_trip::<Sha256>(SHA256_RSA);
    round_trip::<Sha384>("1.2.840.113549.1.1.12");
    round_trip::<Sha512>("1.2.840.113549.1.1.13");
}

#[test]
fn pkcs1_changed_in_any_way() {
    let signature = sign_sha256();
    assert_eq!(verify_sha256(&KEY, &signature), Ok(()));
    assert_eq!(
        verify(&*plain(&KEY), SHA256_RSA, Some(NULL), b"", &signature),
        Err(SignatureError::Invalid)
    );
    for bit in (0..signature.len() * 8).step_by(97) {
        let mut flipped = signature.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verify_sha256(&KEY, &flipped), Err(SignatureError::Invalid));
    }
    for other_length in [
        &signature[1..],
        &signature[..143],
        &[&[0], &signature[..]].concat(),
        &[&signature[..], &[0]].concat(),
        &[0; 4096],
        &[],
    ] {
        assert_eq!(
            verify_sha256(&KEY, other_length),
            Err(SignatureError::Malformed)
        );
    }
    for constant in [0x00, 0xff] {
        assert_eq!(
            verify_sha256(&KEY, &alloc::vec![constant; signature.len()]),
            Err(SignatureError::Invalid)
        );
    }
}

#[test]
fn signature_parameters_are_null_or_absent() {
    let signature = sign_sha256();
    let key = plain(&KEY);
    assert_eq!(verify(&*key, SHA256_RSA, None, MESSAGE, &signature), Ok(()));
    for parameters in [Some(&[0x30, 0][..]), Some(&[4, 0])] {
        assert_eq!(
            verify(&*key, SHA256_RSA, parameters, MESSAGE, &signature),
            Err(SignatureError::BadParameters)
        );
    }
}

#[test]
fn a_signature_is_below_the_modulus() {
    let signature = UNEVEN
        .sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(MESSAGE))
        .unwrap();
    assert_eq!(verify_sha256(&UNEVEN, &signature), Ok(()));
    let number = BoxedUint::from_be_slice_vartime(&signature);
    let sum = (number + &**UNEVEN.n()).to_be_bytes();
    let twofold = &sum[sum.len() - signature.len()..];
    assert_ne!(twofold, signature);
    assert_eq!(
        verify_sha256(&UNEVEN, twofold),
        Err(SignatureError::Invalid)
    );
}

/// Encoded messages that lax verifiers took: CVE-2006-4339, BERserk (CVE-2014-1568) and their
/// kin.
#[test]
fn only_one_encoded_message_is_right() {
    let hash = Sha256::digest(MESSAGE).to_vec();
    let oid = portcullis_testkit::der::oid(SHA256_OID);
    let info = |algorithm: &[u8], hash: &[u8]| {
        tlv(0x30, &[&tlv(0x30, algorithm)[..], &tlv(4, hash)].concat())
    };
    let with_null = [&oid[..], NULL].concat();
    let right = info(&with_null, &hash);
    let sign = |encoded: &[u8]| KEY.sign(Pkcs1v15Sign::new_unprefixed(), encoded).unwrap();
    assert_eq!(verify_sha256(&KEY, &sign(&right)), Ok(()));

    let mut long_length = right.clone();
    long_length.splice(1..2, [0x81, right[1]]);
    let garbage_in_parameters = [&oid[..], &[4, 2, 0xde, 0xad]].concat();
    for forged in [
        info(&oid, &hash),                             // no NULL
        info(&garbage_in_parameters, &hash),           // something else than NULL
        [&right[..], &[0; 40]].concat(),               // short padding, garbage behind
        [&[0][..], &right].concat(),                   // a separator too many
        long_length,                                   // BER
        hash.clone(),                                  // no DigestInfo at all
        info(&with_null, &hash[..31]),                 // a cut hash
        info(&with_null, &[&hash[..], &[0]].concat()), // a long one
        Vec::new(),
    ] {
        assert_eq!(
            verify_sha256(&KEY, &sign(&forged)),
            Err(SignatureError::Invalid),
            "{forged:x?}"
        );
    }
}

#[test]
fn pss_with_each_hash_and_both_kinds_of_key() {
    fn round_trip<D>(oid: &str, key: &PrivateKey)
    where
        D: Digest + rsa::sha2::digest::FixedOutputReset,
    {
        let len = <D as Digest>::output_size();
        let signature = sign_pss::<D>(key, len);
        for null in [true, false] {
            let parameters = pss_parameters(oid, oid, len as u16, null);
            let check = |key: &dyn PreparedKey, message: &[u8]| {
                verify(key, RSASSA_PSS, Some(&parameters), message, &signature)
            };
            let bound = prepare_as(RSASSA_PSS, Some(&parameters), &public(key)).unwrap();
            let unbound = prepare_as(RSASSA_PSS, None, &public(key)).unwrap();
            for key in [plain(key), bound, unbound] {
                assert_eq!(check(&*key, MESSAGE), Ok(()));
                assert_eq!(check(&*key, b""), Err(SignatureError::Invalid));
            }
        }
    }
    for key in [&*KEY, &*UNEVEN] {
        round_trip::<Sha1>(SHA1_OID, key);
        round_trip::<Sha256>(SHA256_OID, key);
        round_trip::<Sha384>(SHA384_OID, key);
        round_trip::<Sha512>(SHA512_OID, key);
    }
}

#[test]
fn pss_parameters_are_there_and_have_one_hash() {
    let signature = sign_pss::<Sha256>(&KEY, 32);
    let key = plain(&KEY);
    let check =
        |parameters: Option<&[u8]>| verify(&*key, RSASSA_PSS, parameters, MESSAGE, &signature);
    let pss = |hash, mask, salt| pss_parameters(hash, mask, salt, true);
    let good = pss(SHA256_OID, SHA256_OID, 32);
    assert_eq!(check(Some(&good)), Ok(()));
    // CVE-2015-3194: no parameters.
    assert_eq!(check(None), Err(SignatureError::BadParameters));
    for bad in [
        pss(SHA256_OID, SHA384_OID, 32),
        pss(SHA256_OID, SHA1_OID, 32),
        pss(SHA256_OID, "1.2.3", 32),
        pss("1.2.840.113549.2.5", SHA256_OID, 32),
        NULL.to_vec(),
    ] {
        assert_eq!(check(Some(&bad)), Err(SignatureError::BadParameters));
    }
    // Right parameters of another hash; the defaults are SHA-1's.
    let other = pss(SHA384_OID, SHA384_OID, 48);
    assert_eq!(check(Some(&other)), Err(SignatureError::Invalid));
    let defaults = tlv(0x30, &[]);
    assert_eq!(check(Some(&defaults)), Err(SignatureError::Invalid));
}

/// RFC 4055 section 3.1: the length of the hash is the recommended one, and OpenSSL up to 3.0
/// took the longest.
#[test]
fn a_salt_has_the_length_that_its_parameters_say() {
    let key = plain(&KEY);
    let longest = KEY.size() - 32 - 2;
    let lengths = [0, 20, 31, 32, 33, longest];
    for made in lengths {
        let signature = sign_pss::<Sha256>(&KEY, made);
        for said in lengths.into_iter().chain([longest + 1, 0x7fff]) {
            let parameters = pss_parameters(SHA256_OID, SHA256_OID, said as u16, true);
            let verdict = verify(&*key, RSASSA_PSS, Some(&parameters), MESSAGE, &signature);
            assert_eq!(verdict.is_ok(), made == said, "{made} {said}");
        }
    }
}

#[test]
fn a_pss_key_binds_its_signatures() {
    let signature = sign_pss::<Sha256>(&KEY, 32);
    let sha256 = pss_parameters(SHA256_OID, SHA256_OID, 32, true);
    let sha384 = pss_parameters(SHA384_OID, SHA384_OID, 48, true);
    let at_least_20 = pss_parameters(SHA256_OID, SHA256_OID, 20, true);
    let prepare = |parameters: &[u8]| prepare_as(RSASSA_PSS, Some(parameters), &public(&KEY));

    let key = prepare(&sha384).unwrap();
    assert_eq!(
        verify(&*key, RSASSA_PSS, Some(&sha256), MESSAGE, &signature),
        Err(SignatureError::BadParameters)
    );
    assert_eq!(
        verify(&*key, SHA256_RSA, Some(NULL), MESSAGE, &sign_sha256()),
        Err(SignatureError::AlgorithmKeyMismatch)
    );
    let key = prepare(&at_least_20).unwrap();
    assert_eq!(
        verify(&*key, RSASSA_PSS, Some(&sha256), MESSAGE, &signature),
        Ok(())
    );
    let key = prepare(&pss_parameters(SHA256_OID, SHA256_OID, 33, true)).unwrap();
    assert_eq!(
        verify(&*key, RSASSA_PSS, Some(&sha256), MESSAGE, &signature),
        Err(SignatureError::BadParameters)
    );
    for bad in [
        pss_parameters(SHA256_OID, SHA384_OID, 32, true),
        pss_parameters(SHA256_OID, "1.2.3", 32, true),
        NULL.to_vec(),
    ] {
        assert_eq!(prepare(&bad).err(), Some(KeyError::BadParameters));
    }
}

/// A hash that does not fit into the shortest modulus is an error, and no arithmetic goes wrong
/// over it.
#[test]
fn a_hash_longer_than_the_key_allows() {
    let shortest = rsa_key(&[0xff; 64], &[1, 0, 1]);
    let key = prepare_as(RSA, Some(NULL), &shortest).unwrap();
    let pss = pss_parameters(SHA512_OID, SHA512_OID, 64, true);
    for (text, parameters) in [
        (RSASSA_PSS, &pss[..]),
        ("1.2.840.113549.1.1.13", NULL),
        (SHA256_RSA, NULL),
    ] {
        assert_eq!(
            verify(&*key, text, Some(parameters), MESSAGE, &[1; 64]),
            Err(SignatureError::Invalid)
        );
    }
}

#[test]
fn other_algorithms() {
    let key = plain(&KEY);
    for (text, error) in [
        ("1.2.840.10045.4.3.2", SignatureError::AlgorithmKeyMismatch),
        ("1.3.101.112", SignatureError::AlgorithmKeyMismatch),
        ("1.2.840.113549.1.1.4", SignatureError::UnsupportedAlgorithm),
        ("1.2.840.10040.4.3", SignatureError::UnsupportedAlgorithm),
        ("1.2.3", SignatureError::UnsupportedAlgorithm),
    ] {
        assert_eq!(
            verify(&*key, text, None, MESSAGE, &[0; 144]),
            Err(error),
            "{text}"
        );
    }
}

#[test]
fn key_parameters_are_null() {
    for parameters in [None, Some(&[0x30, 0][..]), Some(&[4, 0])] {
        assert_eq!(
            prepare_as(RSA, parameters, &public(&KEY)).err(),
            Some(KeyError::BadParameters)
        );
    }
}

#[test]
fn odd_keys_are_errors() {
    let modulus = KEY.n().to_be_bytes();
    let mut even = modulus.clone();
    *even.last_mut().unwrap() &= 0xfe;
    let e = &[1u8, 0, 1][..];
    for (key, error) in [
        (rsa_key(&even, e), KeyError::Malformed),
        (rsa_key(&modulus, &[2]), KeyError::OutOfRange),
        (rsa_key(&modulus, &[1]), KeyError::OutOfRange),
        (rsa_key(&modulus, &[1, 0, 0]), KeyError::Malformed),
        (rsa_key(&modulus, &[2, 0, 0, 0, 1]), KeyError::OutOfRange),
        (rsa_key(&modulus, &modulus), KeyError::OutOfRange),
        (rsa_key(&modulus, &[0]), KeyError::Malformed),
        (rsa_key(&[0], e), KeyError::Malformed),
        (rsa_key(&[1], e), KeyError::OutOfRange),
        (rsa_key(&[3], &[3]), KeyError::OutOfRange),
        (rsa_key(&[0xff; 63], e), KeyError::OutOfRange),
        (rsa_key(&[0xff; 1025], e), KeyError::OutOfRange),
        (Vec::new(), KeyError::Malformed),
        (NULL.to_vec(), KeyError::Malformed),
    ] {
        assert_eq!(prepare_as(RSA, Some(NULL), &key).err(), Some(error));
    }
    assert!(prepare_as(RSA, Some(NULL), &rsa_key(&modulus, &[1, 0, 0, 0, 1])).is_ok());
    assert!(prepare_as(RSA, Some(NULL), &rsa_key(&[0xff; 1024], e)).is_ok());
}

/// The limits are ours, not those that the rsa crate would choose (1,024 bits at least): a
/// policy may allow less.
#[test]
fn a_key_of_768_bits_is_verified_with() {
    let modulus: [u128; 6] = [
        0xc280375b972fd0d52b0eca6f10a7a19e,
        0x2475be3a431993ee0ac346c4a436e5d6,
        0xa14a9a0c27512a3e13c9489851bdd50d,
        0xb894c7b548e6b32b41ee970ee4517033,
        0xd0d9d7e7aa21c17c292d2e6e3c6d4fa1,
        0xa93aae6e89dfe0809c07bd37afcb6e29,
    ];
    let signature: [u128; 6] = [
        0x3cfe9bd312548b52baec343a9d4d7783,
        0xf39ebce30163d24ef90cfd45a82a05f9,
        0xa813903f1c80cd3eeb431aea9acd2480,
        0x5911a7d54205b31b16f41e3dad353f1e,
        0x8e8bf58c8fd0b8028f8d0adbba22e709,
        0x5c9530dca27522444449a859ef46a01c,
    ];
    let octets = |words: [u128; 6]| words.map(u128::to_be_bytes).concat();
    let key = rsa_key(&octets(modulus), &[1, 0, 1]);
    let key = prepare_as(RSA, Some(NULL), &key).unwrap();
    let check = |message: &[u8]| verify(&*key, SHA256_RSA, Some(NULL), message, &octets(signature));
    assert_eq!(check(MESSAGE), Ok(()));
    assert_eq!(check(b"another"), Err(SignatureError::Invalid));
}

#[test]
fn a_key_has_one_encoding() {
    let modulus = KEY.n().to_be_bytes();
    let good = unsigned(&modulus);
    let negative = tlv(2, &modulus); // without its sign octet
    let padded = tlv(2, &[&[0, 0], &modulus[..]].concat());
    let e = unsigned(&[1, 0, 1]);
    let trailing = [&good[..], &e, NULL].concat();
    for fields in [
        [&negative[..], &e].concat(),
        [&padded[..], &e].concat(),
        [&good[..], &tlv(2, &[0, 1, 0, 1])].concat(),
        [&good[..], &tlv(2, &[0xff])].concat(),
        good.clone(),
        trailing,
    ] {
        assert_eq!(
            prepare_as(RSA, Some(NULL), &tlv(0x30, &fields)).err(),
            Some(KeyError::Malformed)
        );
    }
    let trailing = [&public(&KEY)[..], &[0]].concat();
    assert_eq!(
        prepare_as(RSA, Some(NULL), &trailing).err(),
        Some(KeyError::Malformed)
    );
}
