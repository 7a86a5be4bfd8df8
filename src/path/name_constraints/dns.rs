//! Constraints on dNSName (RFC 5280 section 4.2.1.10): a name is within `example.com` when it is
//! that, or has labels added on its left.
//!
//! A wildcard name stands for all names that a peer may match with it (RFC 9525 section 6.3):
//! `*.example.com` for each name of one more label. It is permitted only if all of these are, and
//! excluded if one of them is, so that a wildcard never reaches a name that its constraints forbid
//! (RUSTSEC-2026-0099, CVE-2025-61727).

use super::host::is_host_name;
use super::keys::{Key, Range};

/// How a dNSName constraint with a leading dot is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum LeadingDot {
    /// It is malformed: RFC 5280 knows the leading dot in URI and e-mail constraints only.
    #[default]
    Refused,
    /// `.example.com` holds all names below `example.com`, as OpenSSL and Go read it.
    Subdomains,
}

/// A dNSName of a certificate. `None` when it is neither a host name nor a wildcard for a whole
/// leftmost label.
pub(super) fn key(text: &str) -> Option<Key<'_>> {
    let (host, key) = match text.strip_prefix("*.") {
        Some(parent) => (parent, Key::wildcard(parent)),
        None => (text, Key::host(text)),
    };
    is_host_name(host).then_some(key)
}

/// The names that a constraint stands for, a wildcard if it does for all that the wildcard stands
/// for. `None` when the text is not a constraint. Nothing at all is one: zero or more labels added
/// to it are every name.
pub(super) fn subtree(text: &str, dot: LeadingDot) -> Option<Range<'_>> {
    let (base, range) = match text.strip_prefix('.') {
        None => (text, Range::within(text)),
        Some(base) if dot == LeadingDot::Subdomains => (base, Range::below(base)),
        Some(_) => return None,
    };
    (text.is_empty() || is_host_name(base)).then_some(range)
}

/// The wildcard that stands for the base of a constraint, and so has a name inside. A base of one
/// label has no parent, and one with a leading dot is not itself inside.
pub(super) fn wildcard_for(base: &str) -> Option<Range<'_>> {
    let (label, parent) = base.split_once('.')?;
    (!label.is_empty()).then(|| Range::beginning(Key::wildcard(parent)))
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    fn contains(base: &str, name: &str) -> bool {
        let range = subtree(base, LeadingDot::Subdomains).unwrap();
        range.place(&key(name).unwrap().to_octets()).is_eq()
    }

    fn overlaps(base: &str, name: &str) -> bool {
        let name_key = key(name).unwrap().to_octets();
        let becomes_base = |range: Range<'_>| range.place(&name_key).is_eq();
        contains(base, name) || wildcard_for(base).is_some_and(becomes_base)
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
        assert!(subtree(".example.com", LeadingDot::Refused).is_none());
        assert!(contains(".example.com", "a.example.com"));
        assert!(contains(".example.com", "*.example.com"));
        assert!(!contains(".example.com", "example.com"));
        assert!(!overlaps(".bar.example.com", "*.example.com"));
        assert!(overlaps(".example.com", "*.example.com"));
    }

    #[test]
    fn malformed_constraints_and_names() {
        for text in ["*.example.com", ".", "a..b", "a.", "http://a", "ü", " "] {
            assert!(subtree(text, LeadingDot::Subdomains).is_none(), "{text}");
        }
        for text in [
            "", "*", "*.", ".a", "a.", "f*.a", "a.*.b", "*.*.a", "*a", " ", "a/b",
        ] {
            assert!(key(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(base in ".{0,20}", name in ".{0,20}") {
            if subtree(&base, LeadingDot::Subdomains).is_some() && key(&name).is_some() {
                let _ = (contains(&base, &name), overlaps(&base, &name));
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
