//! Words of which long numbers consist: 64 bits wide in use, 2 and 4 bits wide in tests, where all
//! values can be tried.

use core::fmt::Debug;

use crate::narrow;

/// An unsigned word. All of its arithmetic is exact: what does not fit goes into the carry.
pub(super) trait Word: Copy + Eq + Debug {
    const ZERO: Self;
    const ONE: Self;
    /// All bits, and those of the lower half.
    const ALL: Self;
    const LOWER_HALF: Self;

    /// `self + other + carry`, and the carry: 0 or 1.
    fn add(self, other: Self, carry: Self) -> (Self, Self);

    /// `self - other - borrow`, and the borrow: 0 or 1.
    fn sub(self, other: Self, borrow: Self) -> (Self, Self);

    /// `self * other + more + carry`: the lower word and the upper one.
    fn mul_add(self, other: Self, more: Self, carry: Self) -> (Self, Self);

    /// The lower half moved up, the upper half moved down.
    fn halves(self) -> (Self, Self);

    /// Twice the word plus what comes in from below, and what goes out above: 0 or 1.
    fn double(self, below: Self) -> (Self, Self);

    /// Half of the word with what comes in from above, and what goes out below: 0 or 1.
    fn halve(self, above: Self) -> (Self, Self);

    /// All bits where `self` is 1, none where it is 0, of a word.
    fn of(self, word: Self) -> Self;
}

impl Word for u64 {
    const ZERO: Self = 0;
    const ONE: Self = 1;
    const ALL: Self = Self::MAX;
    const LOWER_HALF: Self = 0xffff_ffff;

    #[inline(always)]
    fn add(self, other: Self, carry: Self) -> (Self, Self) {
        narrow::words(u128::from(self) + u128::from(other) + u128::from(carry))
    }

    #[inline(always)]
    fn sub(self, other: Self, borrow: Self) -> (Self, Self) {
        let wide = u128::from(self).wrapping_sub(u128::from(other) + u128::from(borrow));
        let (word, above) = narrow::words(wide);
        (word, above & 1)
    }

    #[inline(always)]
    fn mul_add(self, other: Self, more: Self, carry: Self) -> (Self, Self) {
        narrow::words(u128::from(self) * u128::from(other) + u128::from(more) + u128::from(carry))
    }

    #[inline(always)]
    fn halves(self) -> (Self, Self) {
        (self << 32, self >> 32)
    }

    #[inline(always)]
    fn double(self, below: Self) -> (Self, Self) {
        ((self << 1) | below, self >> 63)
    }

    #[inline(always)]
    fn halve(self, above: Self) -> (Self, Self) {
        (self >> 1 | above << 63, self & 1)
    }

    #[inline(always)]
    fn of(self, word: Self) -> Self {
        word & Self::ZERO.wrapping_sub(self)
    }
}

/// A word of so few bits that all values of a number can be tried.
#[cfg(test)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiny<const BITS: u32>(pub(super) u32);

#[cfg(test)]
impl<const BITS: u32> Tiny<BITS> {
    fn words(wide: u32) -> (Self, Self) {
        (Self(wide & Self::ALL.0), Self(wide >> BITS))
    }
}

#[cfg(test)]
impl<const BITS: u32> Word for Tiny<BITS> {
    const ZERO: Self = Self(0);
    const ONE: Self = Self(1);
    const ALL: Self = Self((1 << BITS) - 1);
    const LOWER_HALF: Self = Self((1 << (BITS / 2)) - 1);

    #[inline(always)]
    fn add(self, other: Self, carry: Self) -> (Self, Self) {
        Self::words(self.0 + other.0 + carry.0)
    }

    #[inline(always)]
    fn sub(self, other: Self, borrow: Self) -> (Self, Self) {
        let (word, above) = Self::words(self.0.wrapping_sub(other.0 + borrow.0));
        (word, Self(above.0 & 1))
    }

    #[inline(always)]
    fn mul_add(self, other: Self, more: Self, carry: Self) -> (Self, Self) {
        Self::words(self.0 * other.0 + more.0 + carry.0)
    }

    #[inline(always)]
    fn halves(self) -> (Self, Self) {
        (
            Self(self.0 << (BITS / 2) & Self::ALL.0),
            Self(self.0 >> (BITS / 2)),
        )
    }

    #[inline(always)]
    fn double(self, below: Self) -> (Self, Self) {
        let (word, above) = Self::words(self.0 << 1);
        (Self(word.0 | below.0), above)
    }

    #[inline(always)]
    fn halve(self, above: Self) -> (Self, Self) {
        (Self(self.0 >> 1 | above.0 << (BITS - 1)), Self(self.0 & 1))
    }

    #[inline(always)]
    fn of(self, word: Self) -> Self {
        Self(word.0 & 0_u32.wrapping_sub(self.0))
    }
}
