//! Are two short runs of octets the same?
//!
//! Serial numbers and names are some tens of octets: words that may overlap tell sooner than a call
//! of the general comparison.

/// `a == b`.
#[inline(always)]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0..8 => a.iter().zip(b).all(|(a, b)| a == b),
        8..=16 => a.first_chunk::<8>() == b.first_chunk() && a.last_chunk::<8>() == b.last_chunk(),
        _ => {
            let (words, _) = a.as_chunks::<16>();
            let (others, _) = b.as_chunks::<16>();
            let mut pairs = words.iter().zip(others);
            pairs.all(|(a, b)| a == b) && a.last_chunk::<16>() == b.last_chunk()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn octets_are_compared_whole(
            a in proptest::collection::vec(0u8..2, 1..70),
            b in proptest::collection::vec(0u8..2, 1..70),
            place in any::<prop::sample::Index>(),
        ) {
            let mut other = a.clone();
            other[place.index(a.len())] ^= 1;
            prop_assert!(same(&a, &a.clone()) && !same(&a, &other));
            prop_assert_eq!(same(&a, &b), a == b);
        }
    }
}
