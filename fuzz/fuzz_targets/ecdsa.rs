//! ECDSA by the default provider and by RustCrypto, with keys and numbers near the ends of their
//! ranges: small ones, the order less small ones, powers of 2. A signature holds if it was made so,
//! and both say the same, whether or not the key has a table.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::Provider;
use portcullis::{Native, RustCrypto};
use portcullis_fuzz::input::Input;
use portcullis_testkit::der::{bit_string, oid, sequence, unsigned};

macro_rules! curve {
    ($name:ident, $crate_name:ident, $curve:literal, $scheme:literal, $Hash:ty) => {
        fn $name(input: &mut Input<'_>) {
            use $crate_name::ecdsa::signature::hazmat::PrehashSigner;
            use $crate_name::elliptic_curve::ops::Reduce;
            use $crate_name::{FieldBytes, Scalar};

            fn scalar(input: &mut Input<'_>) -> Scalar {
                let small = |number: u8| Scalar::from(u64::from(number));
                match input.byte() % 4 {
                    0 => small(input.byte()),
                    1 => -small(input.byte()),
                    2 => (0..input.u16() % 384).fold(Scalar::ONE, |power, _| power + power),
                    _ => {
                        let mut octets = FieldBytes::default();
                        let taken = input.take(octets.len());
                        octets[..taken.len()].copy_from_slice(taken);
                        <Scalar as Reduce<FieldBytes>>::reduce(&octets)
                    }
                }
            }

            let Ok(key) = $crate_name::ecdsa::SigningKey::from_bytes(&scalar(input).to_bytes())
            else {
                return;
            };
            let message = input.take(4).to_vec();
            let hash = <$Hash as sha2::Digest>::digest(&message);
            let Ok(signature) =
                PrehashSigner::<$crate_name::ecdsa::Signature>::sign_prehash(&key, &hash)
            else {
                return;
            };
            let (r, s) = signature.split_scalars();
            let (r, s, is_made) = match input.byte() % 4 {
                0 => (*r, *s, true),
                1 => (*r, -*s, true),
                2 => (*r, scalar(input), false),
                _ => (scalar(input), *s, false),
            };
            let signature = sequence(&[unsigned(&r.to_bytes()), unsigned(&s.to_bytes())]);
            let point = key.verifying_key().to_sec1_point(input.flag());
            let algorithm = sequence(&[oid("1.2.840.10045.2.1"), oid($curve)]);
            let spki = sequence(&[algorithm, bit_string(point.as_bytes())]);
            let spki = SubjectPublicKeyInfo::from_der(&spki).expect("it parses");
            let scheme = sequence(&[oid($scheme)]);
            let scheme = AlgorithmIdentifier::from_der(&scheme).expect("it parses");
            let peer = RustCrypto.prepare(&spki, None).expect("the key is sound");
            let expected = peer.verify(&scheme, &message, &signature);
            assert!(!is_made || expected.is_ok());
            let own = Native.prepare(&spki, None).expect("the key is sound");
            own.keep();
            for _ in 0..3 {
                assert_eq!(own.verify(&scheme, &message, &signature), expected);
            }
        }
    };
}

curve!(
    on_p256,
    p256,
    "1.2.840.10045.3.1.7",
    "1.2.840.10045.4.3.2",
    sha2::Sha256
);
curve!(
    on_p384,
    p384,
    "1.3.132.0.34",
    "1.2.840.10045.4.3.3",
    sha2::Sha384
);

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    match input.byte() % 2 {
        0 => on_p256(&mut input),
        _ => on_p384(&mut input),
    }
});
