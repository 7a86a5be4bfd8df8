//! Constraints on dNSName (RFC 5280 section 4.2.1.10): a name is within `example.com` when it is
//! that, or has labels added on its left.
//!
//! A wildcard name stands for all names that a peer may match with it (RFC 9525 section 6.3):
//! `*.example.com` for each name of one more label. It is permitted only if all of these are, and
//! excluded if one of them is, so that a wildcard never reaches a name that its constraints forbid
//! (RUSTSEC-2026-0099, CVE-2025-61727).

use super::host::{is_below, is_host_name, is_within};

/// How a dNSName constraint with a leading dot is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum LeadingDot {
    /// It is malformed: RFC 5280 knows the leading dot in URI and e-mail constraints only.
    #[default]
    Refused,
    /// `.example.com` holds all names below `example.com`, as OpenSSL and Go read it.
    Subdomains,
}

/// A dNSName of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DnsName<'a> {
    Host(&'a str),
    /// `*.` and this.
    Wildcard(&'a str),
}

impl<'a> DnsName<'a> {
    /// `None` when it is neither a host name nor a wildcard for a whole leftmost label.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (host, name) = match text.strip_prefix("*.") {
            Some(parent) => (parent, Self::Wildcard(parent)),
            None => (text, Self::Host(text)),
        };
        is_host_name(host).then_some(name)
    }
}

/// A dNSName constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DnsSubtree<'a> {
    Within(&'a str),
    Below(&'a str),
}

impl<'a> DnsSubtree<'a> {
    /// `None` when the text is not a constraint. Nothing at all is one: zero or more labels added
    /// to it are every name.
    pub(super) fn parse(text: &'a str, dot: LeadingDot) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::Within(text));
        }
        let (base, subtree) = match text.strip_prefix('.') {
            None => (text, Self::Within(text)),
            Some(base) if dot == LeadingDot::Subdomains => (base, Self::Below(base)),
            Some(_) => return None,
        };
        is_host_name(base).then_some(subtree)
    }

    /// True when all that the name stands for is inside.
    pub(super) fn contains_all(self, name: DnsName<'_>) -> bool {
        match (self, name) {
            (Self::Within(base), DnsName::Host(name)) => is_within(name, base),
            (Self::Below(base), DnsName::Host(name)) => is_below(name, base),
            (Self::Within(base) | Self::Below(base), DnsName::Wildcard(parent)) => {
                is_within(parent, base)
            }
        }
    }

    /// True when something that the name stands for is inside.
    pub(super) fn overlaps(self, name: DnsName<'_>) -> bool {
        match (self, name) {
            // The wildcard may become the base itself. A base of one label has no parent, and no
            // wildcard becomes it.
            (Self::Within(base), DnsName::Wildcard(parent)) => {
                let is_expansion = base
                    .split_once('.')
                    .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent));
                is_expansion || is_within(parent, base)
            }
            _ => self.contains_all(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    fn contains(base: &str, name: &str) -> bool {
        let subtree = DnsSubtree::parse(base, LeadingDot::Subdomains).unwrap();
        subtree.contains_all(DnsName::parse(name).unwrap())
    }

    fn overlaps(base: &str, name: &str) -> bool {
        let subtree = DnsSubtree::parse(base, LeadingDot::Subdomains).unwrap();
        subtree.overlaps(DnsName::parse(name).unwrap())
    }

    #[test]
    fn hosts() {
        assert!(contains("example.com", "example.com"));
        assert!(contains("example.com", "WWW.Example.com"));
        assert!(!contains("example.com", "badexample.com"));
        assert!(!contains("host.example.com", "host1.example.com"));
        assert!(contains("", "example.com"));
        assert!(overlaps("com", "example.com"));
    }

    #[test]
    fn rustsec_2026_0099_wildcard_permitted_needs_all_expansions() {
        assert!(contains("example.com", "*.example.com"));
        assert!(contains("com", "*.example.com"));
        assert!(contains("", "*.example.com"));
        assert!(!contains("foo.example.com", "*.example.com"));
        assert!(!contains("a.b.example.com", "*.example.com"));
    }

    #[test]
    fn cve_2025_61727_wildcard_excluded_on_any_overlap() {
        assert!(overlaps("bar.example.com", "*.example.com"));
        assert!(overlaps("BAR.example.com", "*.EXAMPLE.com"));
        assert!(overlaps("example.com", "*.example.com"));
        assert!(overlaps("com", "*.example.com"));
        assert!(overlaps("", "*.example.com"));
        // A wildcard is one label, so it does not reach two below.
        assert!(!overlaps("a.bar.example.com", "*.example.com"));
        assert!(!overlaps("example.org", "*.example.com"));
    }

    #[test]
    fn go_76935_excluded_top_level_domain_spares_other_wildcards() {
        assert!(!overlaps("tld", "*.example.com"));
        assert!(!overlaps("tld", "*.com"));
        assert!(overlaps("tld", "*.tld"));
        assert!(overlaps("tld", "*.a.tld"));
    }

    #[test]
    fn leading_dot_is_read_only_where_asked_for() {
        assert_eq!(DnsSubtree::parse(".example.com", LeadingDot::Refused), None);
        assert!(contains(".example.com", "a.example.com"));
        assert!(contains(".example.com", "*.example.com"));
        assert!(!contains(".example.com", "example.com"));
        assert!(!overlaps(".bar.example.com", "*.example.com"));
        assert!(overlaps(".example.com", "*.example.com"));
    }

    #[test]
    fn malformed_constraints_and_names() {
        for text in ["*.example.com", ".", "a..b", "a.", "http://a", "ü", " "] {
            assert_eq!(
                DnsSubtree::parse(text, LeadingDot::Subdomains),
                None,
                "{text}"
            );
        }
        for text in [
            "", "*", "*.", ".a", "a.", "f*.a", "a.*.b", "*.*.a", "*a", " ", "a/b",
        ] {
            assert_eq!(DnsName::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(base in ".{0,20}", name in ".{0,20}") {
            let subtree = DnsSubtree::parse(&base, LeadingDot::Subdomains);
            if let (Some(subtree), Some(name)) = (subtree, DnsName::parse(&name)) {
                let _ = (subtree.contains_all(name), subtree.overlaps(name));
            }
        }

        /// What a wildcard is judged by, against a sample of what it stands for.
        #[test]
        fn wildcards_agree_with_their_expansions(
            base in "\\.?[ab](\\.[ab]){0,3}",
            parent in "[ab](\\.[ab]){0,2}",
        ) {
            let wildcard = format!("*.{parent}");
            let hosts = ["a", "b", "c"].map(|label| format!("{label}.{parent}"));
            prop_assert_eq!(
                contains(&base, &wildcard),
                hosts.iter().all(|host| contains(&base, host))
            );
            prop_assert_eq!(
                overlaps(&base, &wildcard),
                hosts.iter().any(|host| overlaps(&base, host))
            );
        }
    }
}
