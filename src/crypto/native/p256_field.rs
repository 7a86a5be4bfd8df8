//! The field of P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3): integers modulo
//! `p = 2^256 - 2^224 + 2^192 + 2^96 - 1`, in Montgomery form with `R = 2^256`.
//!
//! Elements are **weak**: any four words are one, so a value below `2^256 - p` has two forms. A sum
//! that overflows gives up `p` once, or, rarely, twice; nothing is ever compared with `p`.
//! Products are reduced word by word: since the lowest word of `p` is all ones, the factor of a
//! round is the lowest word itself (`-1/p = 1` modulo the word), and `p`'s second word is half a
//! word of ones, so half of a round is shifts and additions.
//!
//! A round of [`reduce`] adds `m·p` and drops a word. Its result is below `2^256 + p` as long as
//! the product was below `2^512`, so one conditional subtraction brings it below `2^256`.
//!
//! The functions are generic over the [`Word`]. For words of `w` bits the prime is
//! `2^4w - 2^(7w/2) + 2^3w + 2^(3w/2) - 1`, which for 64 is P-256's; for 2 and 4 bits every pair of
//! values is tried (`all_pairs_of_small_words`, `all_pairs_of_words_of_4_bits`).

use super::field::{Field, words};
use super::word::Word;

/// The field with words of 64 bits.
pub(super) struct P256Field;

impl Field for P256Field {
    type Element = [u64; 4];

    const ONE: [u64; 4] = [1, 0xffff_ffff_0000_0000, u64::MAX, 0xffff_fffe];
    const R_SQUARED: [u64; 4] = [
        3,
        0xffff_fffb_ffff_ffff,
        0xffff_ffff_ffff_fffe,
        0x0000_0004_ffff_fffd,
    ];
    const PRIME_MINUS_2: &'static [u8] = &[
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd,
    ];

    #[inline(always)]
    fn add(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
        add(a, b)
    }

    #[inline(always)]
    fn sub(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
        sub(a, b)
    }

    #[inline(always)]
    fn mul(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
        mul(a, b)
    }

    #[inline(always)]
    fn square(a: [u64; 4]) -> [u64; 4] {
        square(a)
    }

    #[inline(always)]
    fn halve(a: [u64; 4]) -> [u64; 4] {
        halve(a)
    }

    #[inline(always)]
    fn is_zero(a: [u64; 4]) -> bool {
        is_zero(a)
    }

    fn integer(octets: &[u8]) -> [u64; 4] {
        words(octets)
    }
}

/// The words of the prime, the lowest first.
fn prime<W: Word>() -> [W; 4] {
    [W::ALL, W::LOWER_HALF, W::ZERO, top_of_prime()]
}

/// The highest word of the prime: its upper half of ones, and 1.
#[inline(always)]
fn top_of_prime<W: Word>() -> W {
    let (upper_half, _) = W::LOWER_HALF.halves();
    upper_half.add(W::ONE, W::ZERO).0
}

/// Subtracts the prime where `times` is 1; with the borrow.
#[inline(always)]
fn less_prime<W: Word>([t0, t1, t2, t3]: [W; 4], times: W) -> ([W; 4], W) {
    let [p0, p1, _, p3] = prime::<W>();
    let (t0, b) = t0.sub(times.of(p0), W::ZERO);
    let (t1, b) = t1.sub(times.of(p1), b);
    let (t2, b) = t2.sub(W::ZERO, b);
    let (t3, b) = t3.sub(times.of(p3), b);
    ([t0, t1, t2, t3], b)
}

/// Adds the prime where `times` is 1; with the carry.
#[inline(always)]
fn plus_prime<W: Word>([t0, t1, t2, t3]: [W; 4], times: W) -> ([W; 4], W) {
    let [p0, p1, _, p3] = prime::<W>();
    let (t0, c) = t0.add(times.of(p0), W::ZERO);
    let (t1, c) = t1.add(times.of(p1), c);
    let (t2, c) = t2.add(W::ZERO, c);
    let (t3, c) = t3.add(times.of(p3), c);
    ([t0, t1, t2, t3], c)
}

/// What is rare is kept out of the way of what is not.
#[cold]
#[inline(never)]
fn less_prime_again<W: Word>(t: [W; 4]) -> [W; 4] {
    less_prime(t, W::ONE).0
}

#[cold]
#[inline(never)]
fn plus_prime_again<W: Word>(t: [W; 4]) -> [W; 4] {
    plus_prime(t, W::ONE).0
}

#[inline(always)]
fn add<W: Word>([a0, a1, a2, a3]: [W; 4], [b0, b1, b2, b3]: [W; 4]) -> [W; 4] {
    let (t0, c) = a0.add(b0, W::ZERO);
    let (t1, c) = a1.add(b1, c);
    let (t2, c) = a2.add(b2, c);
    let (t3, c) = a3.add(b3, c);
    let (sum, borrow) = less_prime([t0, t1, t2, t3], c);
    // Still 2^256 or more: both were above the prime.
    if borrow == c {
        sum
    } else {
        less_prime_again(sum)
    }
}

#[inline(always)]
fn sub<W: Word>([a0, a1, a2, a3]: [W; 4], [b0, b1, b2, b3]: [W; 4]) -> [W; 4] {
    let (t0, b) = a0.sub(b0, W::ZERO);
    let (t1, b) = a1.sub(b1, b);
    let (t2, b) = a2.sub(b2, b);
    let (t3, b) = a3.sub(b3, b);
    let (difference, carry) = plus_prime([t0, t1, t2, t3], b);
    // Still below zero: the second was above the prime.
    if carry == b {
        difference
    } else {
        plus_prime_again(difference)
    }
}

/// Half of an even number: the prime, which is odd, makes an odd one even.
#[inline(always)]
fn halve<W: Word>(a: [W; 4]) -> [W; 4] {
    let (_, is_odd) = a[0].halve(W::ZERO);
    let ([t0, t1, t2, t3], c) = plus_prime(a, is_odd);
    let (t3, c) = t3.halve(c);
    let (t2, c) = t2.halve(c);
    let (t1, c) = t1.halve(c);
    let (t0, _) = t0.halve(c);
    [t0, t1, t2, t3]
}

#[inline(always)]
fn mul<W: Word>([a0, a1, a2, a3]: [W; 4], [b0, b1, b2, b3]: [W; 4]) -> [W; 4] {
    let zero = W::ZERO;
    let (t0, c) = a0.mul_add(b0, zero, zero);
    let (t1, c) = a0.mul_add(b1, zero, c);
    let (t2, c) = a0.mul_add(b2, zero, c);
    let (t3, t4) = a0.mul_add(b3, zero, c);
    let (t1, c) = a1.mul_add(b0, t1, zero);
    let (t2, c) = a1.mul_add(b1, t2, c);
    let (t3, c) = a1.mul_add(b2, t3, c);
    let (t4, t5) = a1.mul_add(b3, t4, c);
    let (t2, c) = a2.mul_add(b0, t2, zero);
    let (t3, c) = a2.mul_add(b1, t3, c);
    let (t4, c) = a2.mul_add(b2, t4, c);
    let (t5, t6) = a2.mul_add(b3, t5, c);
    let (t3, c) = a3.mul_add(b0, t3, zero);
    let (t4, c) = a3.mul_add(b1, t4, c);
    let (t5, c) = a3.mul_add(b2, t5, c);
    let (t6, t7) = a3.mul_add(b3, t6, c);
    reduce([t0, t1, t2, t3], [t4, t5, t6, t7])
}

/// The products of different words are computed once and doubled.
#[inline(always)]
fn square<W: Word>([a0, a1, a2, a3]: [W; 4]) -> [W; 4] {
    let zero = W::ZERO;
    let (t1, c) = a0.mul_add(a1, zero, zero);
    let (t2, c) = a0.mul_add(a2, zero, c);
    let (t3, t4) = a0.mul_add(a3, zero, c);
    let (t3, c) = a1.mul_add(a2, t3, zero);
    let (t4, t5) = a1.mul_add(a3, t4, c);
    let (t5, t6) = a2.mul_add(a3, t5, zero);
    let (t1, c) = t1.double(zero);
    let (t2, c) = t2.double(c);
    let (t3, c) = t3.double(c);
    let (t4, c) = t4.double(c);
    let (t5, c) = t5.double(c);
    let (t6, t7) = t6.double(c);
    let (t0, c) = a0.mul_add(a0, zero, zero);
    let (t1, c) = t1.add(zero, c);
    let (t2, c) = a1.mul_add(a1, t2, c);
    let (t3, c) = t3.add(zero, c);
    let (t4, c) = a2.mul_add(a2, t4, c);
    let (t5, c) = t5.add(zero, c);
    let (t6, c) = a3.mul_add(a3, t6, c);
    let (t7, _) = t7.add(zero, c);
    reduce([t0, t1, t2, t3], [t4, t5, t6, t7])
}

/// Divides a number of eight words by `R`.
#[inline(always)]
fn reduce<W: Word>([t0, t1, t2, t3]: [W; 4], [t4, t5, t6, t7]: [W; 4]) -> [W; 4] {
    let (t1, t2, t3, t4, c) = round(t0, [t1, t2, t3, t4], W::ZERO);
    let (t2, t3, t4, t5, c) = round(t1, [t2, t3, t4, t5], c);
    let (t3, t4, t5, t6, c) = round(t2, [t3, t4, t5, t6], c);
    let (t4, t5, t6, t7, c) = round(t3, [t4, t5, t6, t7], c);
    less_prime([t4, t5, t6, t7], c).0
}

/// Adds `m` times the prime to `m` and the words above it, so that the lowest word becomes zero:
/// `m·(2^w·lower_half + all ones) + m = m·2^w·2^(w/2)`.
#[inline(always)]
fn round<W: Word>(m: W, [t1, t2, t3, t4]: [W; 4], carry: W) -> (W, W, W, W, W) {
    let (up, down) = m.halves();
    let (t1, c) = t1.add(up, W::ZERO);
    let (t2, c) = t2.add(down, c);
    let (t3, c) = m.mul_add(top_of_prime(), t3, c);
    let (t4, c) = t4.add(c, carry);
    (t1, t2, t3, t4, c)
}

/// Zero is 0 or the prime.
#[inline(always)]
fn is_zero<W: Word>(a: [W; 4]) -> bool {
    a == [W::ZERO; 4] || a == prime()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::word::Tiny;
    use super::*;

    fn value<const BITS: u32>(words: [Tiny<BITS>; 4]) -> u32 {
        words
            .iter()
            .rev()
            .fold(0, |value, word| value << BITS | word.0)
    }

    fn number<const BITS: u32>(value: u32) -> [Tiny<BITS>; 4] {
        [0, 1, 2, 3].map(|place| Tiny(value >> (place * BITS) & Tiny::<BITS>::ALL.0))
    }

    /// Tries all pairs whose first number is one of these.
    fn try_all<const BITS: u32>(firsts: impl Iterator<Item = u32>) {
        let p = u64::from(value(prime::<Tiny<BITS>>()));
        let r = 1_u64 << (4 * BITS);
        let inverse = (1..p).find(|x| x * (r % p) % p == 1).unwrap();
        let weak = |words: [Tiny<BITS>; 4]| u64::from(value(words)) % p;
        for a in firsts {
            let (wide, words) = (u64::from(a), number::<BITS>(a));
            assert_eq!(weak(square(words)), wide * wide % p * inverse % p, "{a}");
            assert_eq!(is_zero(words), wide % p == 0, "{a}");
            assert_eq!(2 * weak(halve(words)) % p, wide % p, "{a}");
            let (step, mut product) = (wide * inverse % p, 0);
            for b in 0..u32::try_from(r - 1).unwrap() {
                let other = number::<BITS>(b);
                assert_eq!(weak(mul(words, other)), product, "{a} * {b}");
                product += step;
                product -= if product >= p { p } else { 0 };
                let sum = u64::from(value(add(words, other)));
                let whole = wide + u64::from(b);
                assert!([0, p, 2 * p].contains(&(whole - sum)), "{a} + {b}");
                let difference = u64::from(value(sub(words, other)));
                let back = difference + u64::from(b) - wide;
                assert!([0, p, 2 * p].contains(&back), "{a} - {b}");
            }
        }
    }

    /// All 2^16 pairs.
    #[test]
    fn all_pairs_of_small_words() {
        try_all::<2>(0..1 << 8);
    }

    /// All 2^32 pairs; a minute on two processors when optimized.
    #[test]
    #[ignore = "run it by name, optimized: see docs/SIGNATURES.md"]
    fn all_pairs_of_words_of_4_bits() {
        let halves = [0, 1]
            .map(|first| std::thread::spawn(move || try_all::<4>((first..1 << 16).step_by(2))));
        for half in halves {
            half.join().unwrap();
        }
    }

    /// Some of them.
    #[test]
    fn pairs_of_words_of_4_bits() {
        try_all::<4>((0..1 << 16).step_by(9_973));
        try_all::<4>([0xffff, 0xf10e, 0xf10f, 0xf110].into_iter());
    }

    use fiat_crypto::p256_64 as fiat;

    fn strong(a: [u64; 4]) -> fiat::fiat_p256_montgomery_domain_field_element {
        // Below 2^256 < 2p: one subtraction at most.
        let (less, borrow) = less_prime(a, 1);
        let canonical = if borrow == 1 { a } else { less };
        fiat::fiat_p256_montgomery_domain_field_element(canonical)
    }

    fn by_fiat(
        operation: fn(
            &mut fiat::fiat_p256_montgomery_domain_field_element,
            &fiat::fiat_p256_montgomery_domain_field_element,
            &fiat::fiat_p256_montgomery_domain_field_element,
        ),
        a: [u64; 4],
        b: [u64; 4],
    ) -> [u64; 4] {
        let mut out = fiat::fiat_p256_montgomery_domain_field_element([0; 4]);
        operation(&mut out, &strong(a), &strong(b));
        out.0
    }

    /// Words near their ends, which carry, beside random ones.
    fn any_word() -> impl Strategy<Value = u64> {
        prop_oneof![
            any::<u64>(),
            prop_oneof![Just(0), Just(1), Just(u64::MAX), Just(u64::MAX - 1)],
            prop_oneof![
                Just(0xffff_ffff),
                Just(1 << 32),
                Just(0xffff_ffff_0000_0001)
            ],
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// What is proved of fiat-crypto's field is the measure.
        #[test]
        fn does_what_the_proved_field_does(
            a in proptest::array::uniform4(any_word()),
            b in proptest::array::uniform4(any_word()),
        ) {
            prop_assert_eq!(strong(mul(a, b)).0, by_fiat(fiat::fiat_p256_mul, a, b));
            prop_assert_eq!(strong(square(a)).0, by_fiat(fiat::fiat_p256_mul, a, a));
            prop_assert_eq!(strong(add(a, b)).0, by_fiat(fiat::fiat_p256_add, a, b));
            prop_assert_eq!(strong(sub(a, b)).0, by_fiat(fiat::fiat_p256_sub, a, b));
            prop_assert_eq!(strong(add(halve(a), halve(a))).0, strong(a).0);
            prop_assert_eq!(is_zero(a), strong(a).0 == [0; 4]);
        }
    }

    #[test]
    fn constants_and_inverses() {
        let mut one = fiat::fiat_p256_montgomery_domain_field_element([0; 4]);
        fiat::fiat_p256_set_one(&mut one);
        assert_eq!(one.0, P256Field::ONE);
        for value in [[1, 0, 0, 0], [7, 0, 0, 9], P256Field::R_SQUARED] {
            let product = mul(value, P256Field::invert(value));
            assert!(P256Field::equal(product, P256Field::ONE));
        }
        assert!(is_zero(P256Field::invert([0; 4])));
        assert!(P256Field::equal(P256Field::read(&[1]), P256Field::ONE));
    }
}
