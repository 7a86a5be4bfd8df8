//! What the points of a curve are computed with: the integers modulo the curve's prime.
//!
//! Values are public, so the time that a function takes may depend on them.

use core::fmt::Debug;

/// A prime field. Elements are in Montgomery form: `x` stands for `x·R^-1`.
pub(super) trait Field: 'static {
    /// One value may have several forms: compare with [`is_zero`](Field::is_zero) of a difference.
    type Element: Copy + Debug + Send + Sync + Default;

    const ONE: Self::Element;
    /// `R^2`, by which a value is multiplied to come into Montgomery form.
    const R_SQUARED: Self::Element;
    /// The prime minus 2, big-endian: the exponent of an inverse.
    const PRIME_MINUS_2: &'static [u8];

    fn add(a: Self::Element, b: Self::Element) -> Self::Element;
    fn sub(a: Self::Element, b: Self::Element) -> Self::Element;
    fn mul(a: Self::Element, b: Self::Element) -> Self::Element;
    fn square(a: Self::Element) -> Self::Element;
    fn halve(a: Self::Element) -> Self::Element;
    fn is_zero(a: Self::Element) -> bool;

    /// The value of these octets, big-endian, in its own form. Those that are missing above are
    /// zero.
    fn integer(octets: &[u8]) -> Self::Element;

    /// A value, read and brought into Montgomery form.
    fn read(octets: &[u8]) -> Self::Element {
        Self::mul(Self::integer(octets), Self::R_SQUARED)
    }

    fn equal(a: Self::Element, b: Self::Element) -> bool {
        Self::is_zero(Self::sub(a, b))
    }

    /// The inverse by Fermat: `a^(p-2)`; of zero, zero.
    fn invert(a: Self::Element) -> Self::Element {
        let mut power = Self::ONE;
        for octet in Self::PRIME_MINUS_2 {
            for bit in (0..8).rev() {
                power = Self::square(power);
                if octet >> bit & 1 == 1 {
                    power = Self::mul(power, a);
                }
            }
        }
        power
    }
}

/// The `N` words of big-endian octets, the lowest first.
pub(super) fn words<const N: usize>(octets: &[u8]) -> [u64; N] {
    let mut words = [0; N];
    for (word, octets) in words.iter_mut().zip(octets.rchunks(8)) {
        *word = octets
            .iter()
            .fold(0, |word, &octet| word << 8 | u64::from(octet));
    }
    words
}
