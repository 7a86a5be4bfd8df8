//! The providers on hostile keys and signatures, and the policy before them. A key either decodes
//! or is refused, and both say the same, whether or not the key has a table.
//!
//! The input is four fields, each after two octets of length: key, algorithm, message, signature.
//! The key may be edited first.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::Provider;
use portcullis::{AlgorithmPolicy, Native, RustCrypto};
use portcullis_fuzz::edit::edited;
use portcullis_fuzz::input::Input;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let mut field = || {
        let length = input.u16().into();
        input.take(length)
    };
    let (key, algorithm, message, signature) = (field(), field(), field(), field());
    let key = edited(key, &mut input);
    let algorithm = edited(algorithm, &mut input);
    let signature = edited(signature, &mut input);
    let key = SubjectPublicKeyInfo::from_der(&key);
    let algorithm = AlgorithmIdentifier::from_der(&algorithm);
    let policy = AlgorithmPolicy::default();
    let _ = algorithm.map(|algorithm| policy.check_signature(&algorithm));
    let Ok(key) = key else {
        return;
    };
    let _ = policy.check_key(&key);
    match (Native.prepare(&key, None), RustCrypto.prepare(&key, None)) {
        (Ok(own), Ok(peer)) => {
            if let Ok(algorithm) = algorithm {
                own.keep();
                let expected = peer.verify(&algorithm, message, &signature);
                for _ in 0..3 {
                    assert_eq!(own.verify(&algorithm, message, &signature), expected);
                }
            }
        }
        (own, peer) => {
            assert_eq!(own.err(), peer.err());
        }
    }
});
