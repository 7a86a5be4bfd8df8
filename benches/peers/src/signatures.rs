//! The default provider against ring: single verifications, and whole validations of leaves that
//! differ from call to call.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::{PreparedKey, Provider};
use portcullis::{Native, Purpose, RustCrypto};
use portcullis_testkit::keys::{Hash, Key, Scheme};
use portcullis_testkit::{Authority, Template};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use rustls_pki_types::CertificateDer;
use webpki::KeyUsage;

use crate::data::Chain;
use crate::ours::{self, Memo};
use crate::theirs;
use crate::timing::{Medians, compare};

/// A name, the goal, and what measures it.
pub type Row = (&'static str, Option<f64>, Box<dyn Fn() -> Medians>);

const LONG_TIME: Duration = Duration::from_secs(5);

/// Signatures, and leaves, that take turns.
const MANY: usize = 200;

pub fn rows() -> Vec<Row> {
    vec![
        row("verify-p256-fresh", 1.25, || verify(&P256, &Native, false)),
        row("verify-p256-prepared", 0.45, || {
            verify(&P256, &Native, true)
        }),
        row("verify-p384-fresh", 0.5, || verify(&P384, &Native, false)),
        row("verify-p384-prepared", 0.17, || {
            verify(&P384, &Native, true)
        }),
        row("verify-rsa2048-prepared", 1.6, || {
            verify(&RSA, &Native, true)
        }),
        row("known-issuer-default-d1", 0.45, || new_leaves(1)),
        row("known-issuer-default-d2", 0.23, || new_leaves(2)),
        row("known-issuer-default-d3", 0.155, || new_leaves(3)),
        row("cold-default-d2", 1.25, cold),
        (
            "verify-p256-rustcrypto",
            None,
            Box::new(|| verify(&P256, &RustCrypto, true)),
        ),
    ]
}

fn row(name: &'static str, goal: f64, measure: fn() -> Medians) -> Row {
    (name, Some(goal), Box::new(measure))
}

/// An algorithm of signatures, and ring's for it.
struct Algorithm {
    key: fn() -> Key,
    scheme: Scheme,
    ring: &'static dyn VerificationAlgorithm,
}

static P256: Algorithm = Algorithm {
    key: || Key::p256("bench"),
    scheme: Scheme::Ecdsa(Hash::Sha256),
    ring: &ECDSA_P256_SHA256_ASN1,
};
static P384: Algorithm = Algorithm {
    key: || Key::p384("bench"),
    scheme: Scheme::Ecdsa(Hash::Sha384),
    ring: &ECDSA_P384_SHA384_ASN1,
};
static RSA: Algorithm = Algorithm {
    key: || Key::rsa("bench", 2048),
    scheme: Scheme::Pkcs1(Hash::Sha256),
    ring: &RSA_PKCS1_2048_8192_SHA256,
};

/// One verification of 900 octets: by a key that is prepared each time, or by one that is kept.
/// ring prepares its keys each time.
fn verify(algorithm: &Algorithm, provider: &dyn Provider, is_kept: bool) -> Medians {
    let key = (algorithm.key)();
    let message = |number: usize| [number.to_be_bytes().as_slice(), &[7; 892]].concat();
    let signed: Vec<(Vec<u8>, Vec<u8>)> = (0..MANY)
        .map(|number| {
            let message = message(number);
            let signature = key.sign(algorithm.scheme, &message);
            (message, signature)
        })
        .collect();
    let (spki, identifier) = (key.spki(), algorithm.scheme.identifier());
    let identifier = AlgorithmIdentifier::from_der(&identifier).expect("it parses");
    let prepare = || {
        let key = SubjectPublicKeyInfo::from_der(black_box(&spki)).expect("it parses");
        provider.prepare(&key, None).expect("the key is sound")
    };
    let kept = prepare();
    kept.keep();
    let verify = |key: &dyn PreparedKey, (message, signature): &(Vec<u8>, Vec<u8>)| {
        let verified = key.verify(&identifier, black_box(message), black_box(signature));
        verified.expect("the signature holds");
    };
    let mut turn = signed.iter().cycle();
    let mut ours = |_| {
        let signed = turn.next().expect("they come round");
        match is_kept {
            true => verify(&*kept, signed),
            false => verify(&*prepare(), signed),
        }
    };
    let bits = key.public_bits();
    let mut turn = signed.iter().cycle();
    let mut theirs = |_| {
        let (message, signature) = turn.next().expect("they come round");
        let key = UnparsedPublicKey::new(algorithm.ring, black_box(&bits));
        let verified = key.verify(black_box(message), black_box(signature));
        verified.expect("the signature holds");
    };
    compare(LONG_TIME, 1, &mut ours, &mut theirs)
}

/// Chains of P-256 of so many certificates, with leaves that differ.
fn chains(depth: usize) -> (Vec<Chain>, Vec<CertificateDer<'static>>) {
    let root = Authority::root("bench root");
    let mut issuers = vec![root.clone()];
    for number in 1..depth {
        let template = Template::ca(&format!("bench ca {number}"));
        issuers.push(issuers[number - 1].issue_ca(template));
    }
    let der = |made: &portcullis_testkit::Made| CertificateDer::from(made.der.clone());
    let issuer = issuers.last().expect("there is the root");
    let chain = |number: usize| {
        let leaf = issuer.issue(Template::client(&format!("bench leaf {number}")));
        let above = issuers.iter().skip(1).rev();
        let above = above.map(|issuer| der(&issuer.certificate));
        Chain {
            certificates: std::iter::once(der(&leaf)).chain(above).collect(),
        }
    };
    ((0..MANY).map(chain).collect(), vec![der(&root.certificate)])
}

/// New leaves of a known issuer against whole validations on ring.
fn new_leaves(depth: usize) -> Medians {
    whole(depth, Memo::Kept)
}

/// Nothing is known.
fn cold() -> Medians {
    whole(2, Memo::Emptied)
}

fn whole(depth: usize, memo: Memo) -> Medians {
    let (chains, roots) = chains(depth);
    let provider = Arc::new(Native);
    let purpose = Purpose::ClientAuth;
    let mut ours = ours::Validations::new(&chains[0], &roots, purpose, provider, memo, 1);
    let usage = KeyUsage::client_auth();
    let mut theirs = theirs::Validations::new(&chains[0], &roots, usage, theirs::RING);
    ours.take_turns(chains.clone());
    theirs.take_turns(chains);
    assert_eq!(ours.verdict(), Ok(depth));
    assert_eq!(theirs.verdict(), Ok(depth));
    compare(LONG_TIME, 1, &mut ours, &mut theirs)
}
