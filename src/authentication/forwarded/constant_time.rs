//! Comparison of values that may be secret.

/// Compares all octets, so that the time depends only on the length.
pub(super) fn equal(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |seen, (a, b)| seen | (a ^ b));
    a.len() == b.len() && core::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_octets_are_equal() {
        assert!(equal(b"", b"") && equal(b"secret", b"secret"));
        for other in [&b""[..], b"s", b"secre", b"Secret", b"secreT", b"secret "] {
            assert!(!equal(b"secret", other) && !equal(other, b"secret"));
        }
    }
}
