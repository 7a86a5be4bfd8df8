//! Keys that follow from a label, and signatures that follow from key and message.
//!
//! P-256, P-384, P-521 and Ed25519 secrets are SHA-512 of the label; RSA primes are searched with a
//! stream seeded by it. ECDSA nonces are those of RFC 6979, PSS salts come from a stream seeded by
//! the message. Nothing here is secret.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, LazyLock, Mutex};

use ed25519_dalek::Signer;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, PrivateKey, Pss};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::der::{
    bit_string, concat, constructed, null, octet_string, oid, sequence, small, unsigned,
};
use crate::parts::{algorithm, pss_parameters};

/// A key pair.
#[derive(Clone)]
pub struct Key(Arc<Secret>);

enum Secret {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
    Rsa(PrivateKey),
    Mark([u8; 32]),
}

/// How a signature is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Ecdsa(Hash),
    /// ECDSA whose AlgorithmIdentifier has NULL for parameters, as old Java writes it.
    EcdsaWithNull(Hash),
    Pkcs1(Hash),
    Pss(Hash),
    /// PSS whose AlgorithmIdentifier lacks its parameters.
    PssWithoutParameters(Hash),
    Ed25519,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Key {
    pub fn p256(label: &str) -> Self {
        let key = scalar(label, |s| {
            p256::ecdsa::SigningKey::from_slice(&s[..32]).ok()
        });
        Self(Arc::new(Secret::P256(key)))
    }

    pub fn p384(label: &str) -> Self {
        let key = scalar(label, |s| {
            p384::ecdsa::SigningKey::from_slice(&s[..48]).ok()
        });
        Self(Arc::new(Secret::P384(key)))
    }

    /// The scalar has 512 of the 521 bits, which is enough for a key that everybody knows.
    pub fn p521(label: &str) -> Self {
        let key = scalar(label, |s| {
            p521::ecdsa::SigningKey::from_slice(&concat(&[&[0, 0][..], s])).ok()
        });
        Self(Arc::new(Secret::P521(key)))
    }

    pub fn ed25519(label: &str) -> Self {
        let key = scalar(label, |s| {
            let seed: [u8; 32] = s[..32].try_into().ok()?;
            Some(ed25519_dalek::SigningKey::from_bytes(&seed))
        });
        Self(Arc::new(Secret::Ed25519(key)))
    }

    /// The key whose secret is these 32 octets.
    pub fn ed25519_of_seed(seed: [u8; 32]) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        Self(Arc::new(Secret::Ed25519(key)))
    }

    /// A key whose signatures are marks: hashes of the key and the message, in the form of Ed25519.
    /// Nothing but [`is_mark`] takes them for signatures, and they cost next to nothing.
    pub fn mark(label: &str) -> Self {
        Self(Arc::new(Secret::Mark(Sha256::digest(label).into())))
    }

    /// Remembered, for the search for primes is the slow part of the whole run.
    pub fn rsa(label: &str, bits: usize) -> Self {
        static MADE: LazyLock<Mutex<HashMap<String, Key>>> = LazyLock::new(Mutex::default);
        let mut made = MADE.lock().expect("nobody panics while holding it");
        made.entry(format!("{label}/{bits}"))
            .or_insert_with_key(|seed| {
                let key = PrivateKey::new(&mut SeededRng::new(seed.as_bytes()), bits)
                    .expect("the size is at least 1024");
                Self(Arc::new(Secret::Rsa(key)))
            })
            .clone()
    }

    /// The scheme that goes with the key where nothing else is asked for.
    pub fn scheme(&self) -> Scheme {
        match &*self.0 {
            Secret::P256(_) => Scheme::Ecdsa(Hash::Sha256),
            Secret::P384(_) => Scheme::Ecdsa(Hash::Sha384),
            Secret::P521(_) => Scheme::Ecdsa(Hash::Sha512),
            Secret::Ed25519(_) | Secret::Mark(_) => Scheme::Ed25519,
            Secret::Rsa(_) => Scheme::Pkcs1(Hash::Sha256),
        }
    }

    /// SubjectPublicKeyInfo.
    pub fn spki(&self) -> Vec<u8> {
        let algorithm = match &*self.0 {
            Secret::P256(_) => ec_algorithm("1.2.840.10045.3.1.7"),
            Secret::P384(_) => ec_algorithm("1.3.132.0.34"),
            Secret::P521(_) => ec_algorithm("1.3.132.0.35"),
            Secret::Ed25519(_) | Secret::Mark(_) => sequence(&[oid("1.3.101.112")]),
            Secret::Rsa(_) => sequence(&[oid("1.2.840.113549.1.1.1"), null()]),
        };
        sequence(&[algorithm, bit_string(&self.public_bits())])
    }

    /// The key under a curve that is described instead of named: P-256, but for its generator,
    /// which is the key itself and makes 1 the secret (CVE-2020-0601).
    pub fn spki_on_described_curve(&self) -> Vec<u8> {
        let number = |hexadecimal: &str| {
            let digits = (0..hexadecimal.len()).step_by(2);
            let octets: Result<Vec<u8>, _> = digits
                .map(|i| u8::from_str_radix(&hexadecimal[i..i + 2], 16))
                .collect();
            octets.expect("constants are hexadecimal")
        };
        let (prime, a, b, order) = P256_PARAMETERS;
        let field = sequence(&[oid("1.2.840.10045.1.1"), unsigned(&number(prime))]);
        let curve = sequence(&[octet_string(&number(a)), octet_string(&number(b))]);
        let description = sequence(&[
            small(1),
            field,
            curve,
            octet_string(&self.public_bits()),
            unsigned(&number(order)),
            small(1),
        ]);
        let algorithm = sequence(&[oid("1.2.840.10045.2.1"), description]);
        sequence(&[algorithm, bit_string(&self.public_bits())])
    }

    /// What the subjectPublicKey BIT STRING holds.
    pub fn public_bits(&self) -> Vec<u8> {
        match &*self.0 {
            Secret::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Secret::P384(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Secret::P521(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Secret::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
            Secret::Mark(key) => key.to_vec(),
            Secret::Rsa(key) => sequence(&[
                unsigned(&key.n().to_be_bytes()),
                unsigned(&key.e().to_be_bytes()),
            ]),
        }
    }

    /// PrivateKeyInfo (RFC 5208 section 5, RFC 5915 section 3) of a key on P-256, for files that
    /// other programs read.
    pub fn pkcs8(&self) -> Option<Vec<u8>> {
        let Secret::P256(key) = &*self.0 else {
            return None;
        };
        let public = constructed(1, &bit_string(&self.public_bits()));
        let secret = sequence(&[small(1), octet_string(&key.to_bytes()), public]);
        let algorithm = ec_algorithm("1.2.840.10045.3.1.7");
        Some(sequence(&[small(0), algorithm, octet_string(&secret)]))
    }

    /// Method 2 of RFC 5280 section 4.2.1.2, the short one: 0100 and the last 60 bits of SHA-1 of
    /// the public key.
    pub fn identifier(&self) -> Vec<u8> {
        let mut octets = Sha1::digest(self.public_bits())[12..].to_vec();
        octets[0] = octets[0] & 0x0f | 0x40;
        octets
    }

    /// The content of a signature BIT STRING over `message`.
    pub fn sign(&self, scheme: Scheme, message: &[u8]) -> Vec<u8> {
        match (&*self.0, scheme) {
            (Secret::P256(key), Scheme::Ecdsa(hash) | Scheme::EcdsaWithNull(hash)) => {
                let made: Result<p256::ecdsa::Signature, _> = key.sign_prehash(&hash.of(message));
                ecdsa_der(&made.expect("the digest is long enough").to_bytes())
            }
            (Secret::P384(key), Scheme::Ecdsa(hash) | Scheme::EcdsaWithNull(hash)) => {
                let made: Result<p384::ecdsa::Signature, _> = key.sign_prehash(&hash.of(message));
                ecdsa_der(&made.expect("the digest is long enough").to_bytes())
            }
            (Secret::P521(key), Scheme::Ecdsa(hash) | Scheme::EcdsaWithNull(hash)) => {
                let made: Result<p521::ecdsa::Signature, _> = key.sign_prehash(&hash.of(message));
                ecdsa_der(&made.expect("the digest is long enough").to_bytes())
            }
            (Secret::Ed25519(key), Scheme::Ed25519) => key.sign(message).to_bytes().to_vec(),
            (Secret::Mark(key), Scheme::Ed25519) => mark(key, message).to_vec(),
            (Secret::Rsa(key), Scheme::Pkcs1(hash)) => key
                .sign(hash.pkcs1(), &hash.of(message))
                .expect("the key is large enough"),
            (Secret::Rsa(key), Scheme::Pss(hash) | Scheme::PssWithoutParameters(hash)) => {
                sign_pss(key, hash, message)
            }
            _ => panic!("this key cannot sign so"),
        }
    }
}

fn mark(key: &[u8], message: &[u8]) -> [u8; 64] {
    let mut hash = Sha512::new();
    hash.update(key);
    hash.update(message);
    hash.finalize().into()
}

/// Did the key of these octets leave this mark on a message?
pub fn is_mark(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    mark(key, message) == signature
}

impl Scheme {
    /// AlgorithmIdentifier.
    pub fn identifier(self) -> Vec<u8> {
        match self {
            Self::Ecdsa(hash) => sequence(&[hash.with_ecdsa()]),
            Self::EcdsaWithNull(hash) => sequence(&[hash.with_ecdsa(), null()]),
            Self::Pkcs1(Hash::Sha1) => sequence(&[oid("1.2.840.113549.1.1.5"), null()]),
            Self::Pkcs1(Hash::Sha256) => sequence(&[oid("1.2.840.113549.1.1.11"), null()]),
            Self::Pkcs1(Hash::Sha384) => sequence(&[oid("1.2.840.113549.1.1.12"), null()]),
            Self::Pkcs1(Hash::Sha512) => sequence(&[oid("1.2.840.113549.1.1.13"), null()]),
            Self::Pss(hash) => {
                let (kind, length) = (hash.kind(), hash.len() as u16);
                algorithm(RSASSA_PSS, Some(&pss_parameters(kind, kind, length, true)))
            }
            Self::PssWithoutParameters(_) => sequence(&[oid(RSASSA_PSS)]),
            Self::Ed25519 => sequence(&[oid("1.3.101.112")]),
        }
    }
}

impl Hash {
    fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// The identifier of ECDSA over this hash.
    fn with_ecdsa(self) -> Vec<u8> {
        oid(match self {
            Self::Sha1 => "1.2.840.10045.4.1",
            Self::Sha256 => "1.2.840.10045.4.3.2",
            Self::Sha384 => "1.2.840.10045.4.3.3",
            Self::Sha512 => "1.2.840.10045.4.3.4",
        })
    }

    const fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }

    /// DigestInfo up to the digest itself, which is its last part.
    fn pkcs1(self) -> Pkcs1v15Sign {
        let whole = sequence(&[
            algorithm(self.kind(), Some(&null())),
            octet_string(&vec![0; self.len()]),
        ]);
        let prefix = whole[..whole.len() - self.len()].into();
        Pkcs1v15Sign {
            hash_len: Some(self.len()),
            prefix,
        }
    }
}

/// p, a, b and n of P-256 (SEC 2 section 2.4.2).
const P256_PARAMETERS: (&str, &str, &str, &str) = (
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
);

const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";

fn sign_pss(key: &PrivateKey, hash: Hash, message: &[u8]) -> Vec<u8> {
    let digest = hash.of(message);
    let mut salt = SeededRng::new(&digest);
    let made = match hash {
        Hash::Sha1 => key.sign_with_rng(&mut salt, Pss::<Sha1>::new(), &digest),
        Hash::Sha256 => key.sign_with_rng(&mut salt, Pss::<Sha256>::new(), &digest),
        Hash::Sha384 => key.sign_with_rng(&mut salt, Pss::<Sha384>::new(), &digest),
        Hash::Sha512 => key.sign_with_rng(&mut salt, Pss::<Sha512>::new(), &digest),
    };
    made.expect("the key is large enough")
}

fn ec_algorithm(curve: &str) -> Vec<u8> {
    sequence(&[oid("1.2.840.10045.2.1"), oid(curve)])
}

/// ECDSA-Sig-Value from the two halves `r` and `s`.
fn ecdsa_der(halves: &[u8]) -> Vec<u8> {
    let (r, s) = halves.split_at(halves.len() / 2);
    sequence(&[unsigned(r), unsigned(s)])
}

/// The first of SHA-512(label, 0), SHA-512(label, 1), … that is a key.
fn scalar<T>(label: &str, make: impl Fn(&[u8]) -> Option<T>) -> T {
    (0u8..=255)
        .find_map(|n| make(&Sha512::digest(concat(&[label.as_bytes(), &[n]]))))
        .expect("one of 256 hashes is below the order")
}

/// A generator that gives the same octets for the same seed: SHA-256 of seed and counter.
pub struct SeededRng {
    seed: Vec<u8>,
    counter: u64,
    block: Vec<u8>,
}

impl SeededRng {
    pub fn new(seed: &[u8]) -> Self {
        Self {
            seed: seed.to_vec(),
            counter: 0,
            block: Vec::new(),
        }
    }

    fn octet(&mut self) -> u8 {
        if self.block.is_empty() {
            self.block =
                Sha256::digest(concat(&[&self.seed[..], &self.counter.to_be_bytes()])).to_vec();
            self.counter += 1;
        }
        self.block.pop().unwrap_or_default()
    }
}

impl TryRng for SeededRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_be_bytes(std::array::from_fn(|_| self.octet())))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_be_bytes(std::array::from_fn(|_| self.octet())))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill_with(|| self.octet());
        Ok(())
    }
}

// The stream is as good as its seed, and the seed is public: test keys only.
impl TryCryptoRng for SeededRng {}
