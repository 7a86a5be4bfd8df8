//! Host names: the part of DNS names, mailboxes, URIs and UPNs that name constraints and peer names
//! compare.
//!
//! Names are compared as ASCII, without regard to case (RFC 5280 section 7.2): A-labels stay as
//! they are, nothing is decoded, and a U-label is not a host name. One name is below another at a
//! label's boundary only.

use core::cmp::Ordering;

use super::Side;
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

/// Which hosts a domain stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Itself.
    Exactly,
    /// Itself, and all with labels added on the left.
    Within,
    /// All with labels added on the left.
    Below,
}

/// The order of hosts in which a domain and all below it stand together: from the right, without
/// regard to case, a shorter name first.
pub(super) fn order(a: &str, b: &str) -> Ordering {
    match compare(a, b) {
        Compared::Differ(order) => order,
        Compared::Same => Ordering::Equal,
        Compared::Longer(_) => Ordering::Greater,
    }
}

/// Where a host stands in that order: before what `base` stands for, in it (`Equal`), or behind it.
/// An empty base is above every host.
pub(super) fn place(host: &str, base: &str, reach: Reach) -> Ordering {
    if base.is_empty() && reach != Reach::Exactly {
        return Ordering::Equal;
    }
    match (compare(host, base), reach) {
        (Compared::Differ(order), _) => order,
        (Compared::Same, Reach::Below) => Ordering::Less,
        (Compared::Same, _) => Ordering::Equal,
        (Compared::Longer(b'.'), Reach::Within | Reach::Below) => Ordering::Equal,
        (Compared::Longer(_), _) => Ordering::Greater,
    }
}

/// Two hosts, from the right.
enum Compared {
    /// The first comes before the second, or after it.
    Differ(Ordering),
    Same,
    /// The first goes on to the left, with this octet.
    Longer(u8),
}

#[inline]
fn compare(a: &str, b: &str) -> Compared {
    // A dot comes first, so that nothing stands between a domain and what is below it.
    let key = |octet: u8| match octet {
        b'.' => 0,
        octet => octet.to_ascii_lowercase(),
    };
    let (mut a, mut b) = (a.bytes().rev(), b.bytes().rev());
    loop {
        match (a.next(), b.next()) {
            (Some(x), Some(y)) if key(x) == key(y) => {}
            (Some(x), Some(y)) => return Compared::Differ(key(x).cmp(&key(y))),
            (Some(x), None) => return Compared::Longer(x),
            (None, Some(_)) => return Compared::Differ(Ordering::Less),
            (None, None) => return Compared::Same,
        }
    }
}

/// The names that a constraint on mailboxes, URIs and UPNs stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostSubtree<'a> {
    /// Written as nothing. The RFC gives it no meaning: it excludes every host, and permits none.
    Empty,
    /// `host.example`: this host.
    Exactly(&'a str),
    /// `.example`: all hosts below, not the domain itself.
    Below(&'a str),
}

impl<'a> HostSubtree<'a> {
    /// `None` when the text is not a constraint.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (host, subtree) = match text.strip_prefix('.') {
            None if text.is_empty() => return Some(Self::Empty),
            None => (text, Self::Exactly(text)),
            Some(domain) => (domain, Self::Below(domain)),
        };
        is_host_name(host).then_some(subtree)
    }

    /// Where a host stands, as [`place`] tells it.
    pub(super) fn place(self, host: &str, side: Side) -> Ordering {
        match (self, side) {
            (Self::Empty, Side::Permitted) => Ordering::Less,
            (Self::Empty, Side::Excluded) => Ordering::Equal,
            (Self::Exactly(base), _) => place(host, base, Reach::Exactly),
            (Self::Below(base), _) => place(host, base, Reach::Below),
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

    fn is_below(name: &str, base: &str) -> bool {
        place(name, base, Reach::Below).is_eq()
    }

    fn is_within(name: &str, base: &str) -> bool {
        place(name, base, Reach::Within).is_eq()
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
        assert!(place("a.b", "a.B", Reach::Exactly).is_eq());
        assert!(place("c.a.b", "a.b", Reach::Exactly).is_gt());
    }

    #[test]
    fn subtrees() {
        assert_eq!(HostSubtree::parse(""), Some(HostSubtree::Empty));
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
                let _ = subtree.place(&name, Side::Permitted);
            }
        }

        #[test]
        fn what_a_domain_stands_for_stands_together(
            mut hosts in proptest::collection::vec("[aB-](\\.[Ab_]){0,3}", 0..12),
            base in "[ab-](\\.[aB]){0,2}",
        ) {
            hosts.sort_by(|a, b| order(a, b));
            for reach in [Reach::Exactly, Reach::Within, Reach::Below] {
                let places = hosts.iter().map(|host| place(host, &base, reach));
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
