//! Octets looked at many at a time.
//!
//! Whether a text keeps to its alphabet is asked of every octet of a certificate's strings. Runs of
//! fixed length are compiled to vector instructions, and the last run may overlap with the one
//! before it: no octet is looked at alone but those of texts shorter than four.

/// Do all octets pass?
#[inline(always)]
pub(crate) fn all(octets: &[u8], passes: impl Fn(u8) -> bool + Copy) -> bool {
    if octets.len() >= 16 {
        return runs::<16>(octets, passes);
    }
    match octets.len() {
        8.. => ends::<8>(octets, passes),
        4.. => ends::<4>(octets, passes),
        _ => octets.iter().all(|&octet| passes(octet)),
    }
}

/// How many octets both start with alike.
#[inline]
pub(crate) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let (runs_of_a, runs_of_b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let mut length = 0;
    for (x, y) in runs_of_a.iter().zip(runs_of_b) {
        let differing = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if differing != 0 {
            return length + differing.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = |octets| <[u8]>::get(octets, length..).unwrap_or_default();
    let rest = rest(a).iter().zip(rest(b));
    length + rest.take_while(|(x, y)| x == y).count()
}

/// Of `N` octets or more.
#[inline(always)]
fn runs<const N: usize>(octets: &[u8], passes: impl Fn(u8) -> bool + Copy) -> bool {
    let (all, _) = octets.as_chunks();
    all.iter().all(|run| run_passes::<N>(run, passes))
        && octets
            .last_chunk()
            .is_none_or(|last| run_passes::<N>(last, passes))
}

/// Of `N` to `2 * N` octets.
#[inline(always)]
fn ends<const N: usize>(octets: &[u8], passes: impl Fn(u8) -> bool + Copy) -> bool {
    match (octets.first_chunk(), octets.last_chunk()) {
        (Some(first), Some(last)) => run_passes::<N>(first, passes) & run_passes::<N>(last, passes),
        _ => false,
    }
}

#[inline(always)]
fn run_passes<const N: usize>(run: &[u8; N], passes: impl Fn(u8) -> bool) -> bool {
    run.iter().fold(true, |all, &octet| all & passes(octet))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::{all, common_prefix};

    #[test]
    fn what_is_common_ends_at_the_first_octet_that_differs() {
        for length in 0..40 {
            let a = vec![1; length];
            assert_eq!(common_prefix(&a, &[1; 20]), length.min(20));
            for place in 0..length {
                let mut b = a.clone();
                b[place] = 2;
                assert_eq!(common_prefix(&a, &b), place);
                assert_eq!(common_prefix(&b, &a[..place]), place);
            }
        }
    }

    #[test]
    fn one_octet_anywhere_decides() {
        assert!(all(&[], |_| false));
        for length in 1..70 {
            let mut octets = vec![1; length];
            assert!(all(&octets, |octet| octet == 1));
            for place in 0..length {
                octets[place] = 2;
                assert!(!all(&octets, |octet| octet == 1), "{place} of {length}");
                octets[place] = 1;
            }
        }
    }
}
