//! Lengths and places in 32 bits.
//!
//! What is kept of bytes and tables is half as wide as `usize`, so that twice as much of it stands
//! in a cache line. Either a limit keeps the number below 2^32, or only its remainder matters.

/// A length, count or place that a limit keeps below 2^32.
///
/// | what | the limit | the test |
/// |---|---|---|
/// | octets, entries of a certificate, CRL or response | its `MAX_BYTES` | `limits` at its layout |
/// | certificates of a path, presented ones | `Limits`, of 32 bits | `tests/paths/budgets.rs` |
/// | requests of one validation | `Limits`, of 32 bits | `tests/revocation/session.rs` |
/// | requests that are due | `MAX_DUE` | `bounded_in_number` beside it |
/// | slots of a cache, facts of a memo | the capacity | `places_fit_into_32_bits` beside it |
/// | what the caller configured, candidates among it | memory: 2^32 take 48 GB | |
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a limit keeps the number below 2^32, see the table above"
)]
pub(crate) const fn bounded(number: usize) -> u32 {
    debug_assert!(number <= u32::MAX as usize);
    number as u32
}

/// A number modulo 2^32: of an offset in more bytes than any parser takes, of a counter that may
/// come round.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the remainder is what is asked for"
)]
pub(crate) const fn wrapped(number: usize) -> u32 {
    number as u32
}

/// The lower and the upper word of a double word.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the other half is returned beside it"
)]
pub(crate) const fn words(wide: u128) -> (u64, u64) {
    (wide as u64, (wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::{bounded, words, wrapped};

    #[test]
    fn words_are_all_of_a_double_word() {
        for (lower, upper) in [(0, 0), (u64::MAX, 1), (7, u64::MAX)] {
            assert_eq!(
                words(u128::from(upper) << 64 | u128::from(lower)),
                (lower, upper)
            );
        }
    }

    #[test]
    fn numbers_of_32_bits_stay_what_they_are() {
        for number in [0, 1, 0x1234_5678, u32::MAX] {
            assert_eq!(bounded(number as usize), number);
            assert_eq!(wrapped(number as usize), number);
        }
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn others_come_round() {
        assert_eq!(wrapped(1 << 32), 0);
        assert_eq!(wrapped(usize::MAX), u32::MAX);
    }
}
