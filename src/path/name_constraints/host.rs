//! Host names: the part of DNS names, mailboxes, URIs and UPNs that name constraints and peer names
//! compare.
//!
//! Names are compared as ASCII, without regard to case (RFC 5280 section 7.2): A-labels stay as
//! they are, nothing is decoded, and a U-label is not a host name. One name is below another at a
//! label's boundary only.

use super::Side;
use super::keys::{Key, Range};
use crate::octets;

/// True for one or more labels of letters, digits, hyphens and underscores, of 1 to 63 octets each
/// and 253 in all.
///
/// Underscores are no part of RFC 1123, yet in use. A trailing dot is no part of names in
/// certificates.
pub(crate) fn is_host_name(text: &str) -> bool {
    let in_alphabet = |b: u8| b.is_ascii_alphanumeric() | (b == b'-') | (b == b'_') | (b == b'.');
    let text = text.as_bytes();
    text.len() <= 253
        && octets::all(text, in_alphabet)
        && text
            .split(|&b| b == b'.')
            .all(|label| (1..=63).contains(&label.len()))
}

/// True for a host name whose last label is a number, which resolvers take for an IPv4 address.
pub(in crate::path) fn looks_like_address(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("0x"));
    !last.is_empty() && (hexadecimal || last.bytes().all(|b| b.is_ascii_digit()))
}

/// The names that a constraint on mailboxes, URIs or UPNs stands for, by their hosts:
/// `host.example` is this host, `.example` all hosts below and not the domain itself. Nothing at
/// all has no meaning in the RFC: it excludes every host, and permits none.
///
/// `None` when the text is not a constraint.
pub(super) fn subtree(text: &str, side: Side) -> Option<Range<'_>> {
    let (host, range) = match text.strip_prefix('.') {
        None if text.is_empty() => {
            return Some(match side {
                Side::Permitted => Range::nothing(),
                Side::Excluded => Range::within(""),
            });
        }
        None => (text, Range::beginning(Key::host(text))),
        Some(domain) => (domain, Range::below(domain)),
    };
    is_host_name(host).then_some(range)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;
    use core::cmp::Ordering;

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

    fn place(name: &str, range: &Range<'_>) -> Ordering {
        range.place(&Key::host(name).to_octets())
    }

    fn exactly(host: &str) -> Range<'_> {
        Range::beginning(Key::host(host))
    }

    fn is_below(name: &str, base: &str) -> bool {
        place(name, &Range::below(base)).is_eq()
    }

    fn is_within(name: &str, base: &str) -> bool {
        place(name, &Range::within(base)).is_eq()
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
        assert!(!is_within("badexample.com", "example.com"));
        assert!(place("a.b", &exactly("a.B")).is_eq());
        assert!(place("c.a.b", &exactly("a.b")).is_gt());
    }

    #[test]
    fn subtrees() {
        let hosts = ["b", "a.b", "c.a.b", "d.c.a.b", "ca.b", "c"];
        for (base, permitted, excluded) in [
            ("", &hosts[..0], &hosts[..]),
            ("a.b", &hosts[1..2], &hosts[1..2]),
            (".a.b", &hosts[2..4], &hosts[2..4]),
        ] {
            for (side, expected) in [(Side::Permitted, permitted), (Side::Excluded, excluded)] {
                let range = subtree(base, side).unwrap();
                let mut found = hosts.to_vec();
                found.retain(|host| place(host, &range).is_eq());
                assert_eq!(found, expected, "{base}");
            }
        }
        for text in [".", "..a", "a.", "*.a", "http://a"] {
            assert!(subtree(text, Side::Excluded).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(name in ".{0,20}", base in ".{0,20}") {
            let _ = (is_below(&name, &base), is_within(&name, &base), looks_like_address(&name));
            if let Some(range) = subtree(&base, Side::Permitted) {
                let _ = place(&name, &range);
            }
        }

        #[test]
        fn what_a_domain_stands_for_stands_together(
            hosts in proptest::collection::vec("[aB-](\\.[Ab_]){0,3}", 0..12),
            base in "[ab-](\\.[aB]){0,2}",
        ) {
            let mut keys: Vec<_> = hosts.iter().map(|host| Key::host(host).to_octets()).collect();
            keys.sort_unstable();
            for range in [exactly(&base), Range::within(&base), Range::below(&base)] {
                let places = keys.iter().map(|key| range.place(key));
                prop_assert!(places.is_sorted());
            }
        }

        #[test]
        fn host_names_are_labels(text in "[a.-]{0,70}|[a.]{245,260}|[!-~]{0,5}") {
            let in_alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            let is_label = |label: &str| {
                (1..=63).contains(&label.len()) && label.bytes().all(in_alphabet)
            };
            let expected = text.len() <= 253 && text.split('.').all(is_label);
            prop_assert_eq!(is_host_name(&text), expected);
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
