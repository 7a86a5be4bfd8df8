//! Names below which anyone may register: where a wildcard would speak for strangers.
//!
//! With the feature `public-suffix` this is Mozilla's list, its private section included
//! (`s3.amazonaws.com` has many owners too). Without it only a single label counts, which is a
//! suffix in any list.

/// True for a name that is itself a public suffix.
#[cfg(feature = "public-suffix")]
pub(super) fn is_public_suffix(name: &str) -> bool {
    use psl::Psl as _;

    /// Host names are not longer.
    const MOST: usize = 253;
    // The list is in lower case.
    let mut lower = [0; MOST];
    let Some(lower) = lower.get_mut(..name.len()) else {
        return true;
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let suffix = psl::List.suffix(lower);
    suffix.is_none_or(|suffix| suffix.as_bytes().len() == lower.len())
}

/// True for a name that is itself a public suffix, as far as that is known without the list.
#[cfg(not(feature = "public-suffix"))]
pub(super) fn is_public_suffix(name: &str) -> bool {
    !name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::is_public_suffix;

    #[test]
    fn a_single_label_is_a_suffix() {
        for name in ["", "com", "COM", "no-such-label"] {
            assert!(is_public_suffix(name), "{name}");
        }
        for name in ["example.com", "a.b.example", "EXAMPLE.org"] {
            assert!(!is_public_suffix(name), "{name}");
        }
    }

    #[cfg(feature = "public-suffix")]
    #[test]
    fn the_list_has_more() {
        for name in ["co.uk", "Co.UK", "s3.amazonaws.com", "github.io", "www.ck"] {
            assert_eq!(is_public_suffix(name), name != "www.ck", "{name}");
        }
        // A rule `*.ck` with an exception for `www.ck`.
        assert!(is_public_suffix("anything.ck"));
        assert!(!is_public_suffix("bucket.s3.amazonaws.com"));
        assert!(is_public_suffix(&"a.".repeat(200)));
    }
}
