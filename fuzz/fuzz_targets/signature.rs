//! The provider on hostile keys and signatures, and the policy before it. A key either decodes or
//! is refused.
//!
//! The input is four fields, each after two octets of length: key, algorithm, message, signature.
//! The key may be edited first.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::Provider;
use portcullis::{AlgorithmPolicy, RustCrypto};
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
    match RustCrypto.prepare(&key, None) {
        Ok(prepared) => {
            if let Ok(algorithm) = algorithm {
                let first = prepared.verify(&algorithm, message, &signature);
                assert_eq!(first, prepared.verify(&algorithm, message, &signature));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
