//! Host names: the part of DNS names, mailboxes, URIs and UPNs that name constraints and peer names
//! compare.
//!
//! Names are compared as ASCII, without regard to case (RFC 5280 section 7.2): A-labels stay as
//! they are, nothing is decoded, and a U-label is not a host name. One name is below another at a
//! label's boundary only.

/// True for one or more labels of letters, digits, hyphens and underscores, of 1 to 63 octets each
/// and 253 in all.
///
/// Underscores are no part of RFC 1123, yet in use. A trailing dot is no part of names in
/// certificates.
pub(crate) fn is_host_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let in_alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(in_alphabet)
}

/// True for a host name whose last label is a number, which resolvers take for an IPv4 address.
pub(in crate::path) fn looks_like_address(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("0x"));
    !last.is_empty() && (hexadecimal || last.bytes().all(|b| b.is_ascii_digit()))
}

/// True when `name` is `base` with one or more labels added on the left; an empty `base` is above
/// every name.
pub(super) fn is_below(name: &str, base: &str) -> bool {
    if base.is_empty() {
        return !name.is_empty();
    }
    let Some(at) = name.len().checked_sub(base.len()) else {
        return false;
    };
    match name.as_bytes().split_at_checked(at) {
        Some(([.., b'.'], end)) => end.eq_ignore_ascii_case(base.as_bytes()),
        _ => false,
    }
}

/// True when `name` is `base` or below it.
pub(super) fn is_within(name: &str, base: &str) -> bool {
    base.is_empty() || name.eq_ignore_ascii_case(base) || is_below(name, base)
}

/// The names that a constraint on mailboxes, URIs and UPNs stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostSubtree<'a> {
    /// Written as nothing: every host. The RFC gives it no meaning; this one is common, and safe
    /// for exclusions.
    All,
    /// `host.example`: this host.
    Exactly(&'a str),
    /// `.example`: all hosts below, not the domain itself.
    Below(&'a str),
}

impl<'a> HostSubtree<'a> {
    /// `None` when the text is not a constraint.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (host, subtree) = match text.strip_prefix('.') {
            None if text.is_empty() => return Some(Self::All),
            None => (text, Self::Exactly(text)),
            Some(domain) => (domain, Self::Below(domain)),
        };
        is_host_name(host).then_some(subtree)
    }

    pub(super) fn contains(self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Exactly(base) => host.eq_ignore_ascii_case(base),
            Self::Below(base) => is_below(host, base),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn host_names() {
        for text in [
            "a",
            "example.com",
            "_dmarc.Example.COM",
            "xn--nxasmq6b.com",
            "1.2",
        ] {
            assert!(is_host_name(text), "{text}");
        }
        let long_label = "a".repeat(64);
        let long_name = "a.".repeat(127) + "a";
        for text in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a b",
            "*.a",
            "bücher.example",
            "a\0b",
            "a@b",
            "[::1]",
            &long_label,
            &long_name,
        ] {
            assert!(!is_host_name(text), "{text}");
        }
    }

    #[test]
    fn numbers_at_the_end_are_addresses() {
        for text in ["10.0.0.1", "1", "a.1", "0x7f000001", "example.0X7F"] {
            assert!(looks_like_address(text), "{text}");
        }
        for text in ["a", "1.a", "a.b1", "", "a.", "x0x"] {
            assert!(!looks_like_address(text), "{text}");
        }
    }

    #[test]
    fn below_means_at_a_label_boundary() {
        assert!(is_below("a.example.com", "EXAMPLE.com"));
        assert!(is_below("b.a.example.com", "example.com"));
        assert!(!is_below("badexample.com", "example.com"));
        assert!(!is_below("example.com", "example.com"));
        assert!(!is_below("com", "example.com"));
        assert!(is_within("example.com", "example.COM"));
        assert!(is_within("example.com", ""));
    }

    #[test]
    fn subtrees() {
        assert_eq!(HostSubtree::parse(""), Some(HostSubtree::All));
        assert_eq!(HostSubtree::parse("a.b"), Some(HostSubtree::Exactly("a.b")));
        assert_eq!(HostSubtree::parse(".a.b"), Some(HostSubtree::Below("a.b")));
        for text in [".", "..a", "a.", "*.a", "http://a"] {
            assert_eq!(HostSubtree::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(name in ".{0,20}", base in ".{0,20}") {
            let _ = (is_below(&name, &base), is_within(&name, &base), looks_like_address(&name));
            if let Some(subtree) = HostSubtree::parse(&base) {
                let _ = subtree.contains(&name);
            }
        }

        #[test]
        fn adding_labels_goes_below(label in "[a-z]{1,5}", base in "[a-z]{1,5}(\\.[a-z]{1,5}){0,2}") {
            let name = format!("{label}.{base}");
            prop_assert!(is_below(&name, &base));
            let joined = format!("{label}{base}");
            prop_assert!(!is_below(&joined, &base) || base.contains('.'));
        }
    }
}
