//! The field of P-384 (SP 800-186 section 3.2.1.4), as fiat-crypto made it together with a proof in
//! Coq that it is right.

use fiat_crypto::p384_64::{
    fiat_p384_add, fiat_p384_montgomery_domain_field_element as Fiat, fiat_p384_mul,
    fiat_p384_square, fiat_p384_sub,
};

use super::field::{Field, words};
use super::word::Word;

pub(super) struct P384Field;

/// The words of the prime, the lowest first.
const PRIME: [u64; 6] = [
    0xffff_ffff,
    0xffff_ffff_0000_0000,
    0xffff_ffff_ffff_fffe,
    u64::MAX,
    u64::MAX,
    u64::MAX,
];

/// The result of an operation that writes it.
#[inline(always)]
fn by(operation: impl FnOnce(&mut Fiat)) -> [u64; 6] {
    let mut out = Fiat([0; 6]);
    operation(&mut out);
    out.0
}

impl Field for P384Field {
    type Element = [u64; 6];

    const ONE: [u64; 6] = [0xffff_ffff_0000_0001, 0xffff_ffff, 1, 0, 0, 0];
    const R_SQUARED: [u64; 6] = [
        0xffff_fffe_0000_0001,
        0x0000_0002_0000_0000,
        0xffff_fffe_0000_0000,
        0x0000_0002_0000_0000,
        1,
        0,
    ];
    const PRIME_MINUS_2: &'static [u8] = &[
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfd,
    ];

    #[inline]
    fn add(a: [u64; 6], b: [u64; 6]) -> [u64; 6] {
        by(|out| fiat_p384_add(out, &Fiat(a), &Fiat(b)))
    }

    #[inline]
    fn sub(a: [u64; 6], b: [u64; 6]) -> [u64; 6] {
        by(|out| fiat_p384_sub(out, &Fiat(a), &Fiat(b)))
    }

    #[inline]
    fn mul(a: [u64; 6], b: [u64; 6]) -> [u64; 6] {
        by(|out| fiat_p384_mul(out, &Fiat(a), &Fiat(b)))
    }

    #[inline]
    fn square(a: [u64; 6]) -> [u64; 6] {
        by(|out| fiat_p384_square(out, &Fiat(a)))
    }

    /// Not of fiat-crypto: half of an even number, where the prime makes an odd one even. What is
    /// below the prime stays below.
    #[inline]
    fn halve(a: [u64; 6]) -> [u64; 6] {
        let is_odd = a[0] & 1;
        let mut carry = 0;
        let mut sum = [0; 6];
        for ((sum, a), prime) in sum.iter_mut().zip(a).zip(PRIME) {
            (*sum, carry) = a.add(is_odd.of(prime), carry);
        }
        for word in sum.iter_mut().rev() {
            (*word, carry) = word.halve(carry);
        }
        sum
    }

    fn is_zero(a: [u64; 6]) -> bool {
        a == [0; 6]
    }

    fn integer(octets: &[u8]) -> [u64; 6] {
        words(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_halves() {
        let mut prime_less_1 = PRIME;
        prime_less_1[0] -= 1;
        let mut value = P384Field::R_SQUARED;
        for _ in 0..1_000 {
            let half = P384Field::halve(value);
            assert_eq!(P384Field::add(half, half), value);
            assert!(half.iter().rev().lt(PRIME.iter().rev()));
            value = P384Field::square(value);
        }
        for value in [[0; 6], [1, 0, 0, 0, 0, 0], prime_less_1] {
            let half = P384Field::halve(value);
            assert_eq!(P384Field::add(half, half), value);
        }
    }

    #[test]
    fn constants_and_inverses() {
        let mut one = Fiat([0; 6]);
        fiat_crypto::p384_64::fiat_p384_set_one(&mut one);
        assert_eq!(one.0, P384Field::ONE);
        assert_eq!(P384Field::read(&[1]), P384Field::ONE);
        for value in [[1, 0, 0, 0, 0, 0], [7, 0, 0, 9, 0, 1], P384Field::R_SQUARED] {
            let product = P384Field::mul(value, P384Field::invert(value));
            assert_eq!(product, P384Field::ONE);
        }
    }
}
