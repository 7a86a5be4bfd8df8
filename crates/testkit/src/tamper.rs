//! What was signed, changed afterwards.

use crate::certificate::Made;
use crate::der::{bit_string, elements, sequence, split};

/// With its signature changed: `change` gets the octets of the BIT STRING after its first.
///
/// # Panics
///
/// Where `made` is not a sequence of three, whose last is the signature.
pub fn with_signature(made: &Made, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Made {
    let (_, content, _) = split(&made.der).expect("DER");
    let [tbs, algorithm, signature] = elements(content)[..] else {
        panic!("something signed has three parts");
    };
    let (_, bits, _) = split(signature).expect("DER");
    let signature = bit_string(&change(bits[1..].to_vec()));
    Made {
        label: made.label.clone(),
        der: sequence(&[tbs, algorithm, &signature]),
    }
}

/// With one bit of its last octet, which belongs to the signature, turned over.
pub fn with_broken_signature(made: &Made) -> Made {
    Made {
        label: made.label.clone(),
        der: broken(made.der.clone()),
    }
}

/// With one bit of its last octet turned over.
pub fn broken(mut der: Vec<u8>) -> Vec<u8> {
    if let Some(last) = der.last_mut() {
        *last ^= 1;
    }
    der
}

/// With the last place where `from` stands changed to `to`, which is as long.
///
/// # Panics
///
/// Where `from` stands nowhere.
pub fn tampered(made: &Made, from: &[u8], to: &[u8]) -> Made {
    assert_eq!(from.len(), to.len());
    let mut der = made.der.clone();
    let mut places = der.windows(from.len());
    let start = places.rposition(|window| window == from);
    let start = start.expect("what is to be changed is there");
    der[start..start + to.len()].copy_from_slice(to);
    Made {
        label: made.label.clone(),
        der,
    }
}
