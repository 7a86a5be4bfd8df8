//! Constraints on dNSName (RFC 5280 section 4.2.1.10): a name is within `example.com` when it is
//! that, or has labels added on its left.
//!
//! A wildcard name stands for all names that a peer may match with it (RFC 9525 section 6.3):
//! `*.example.com` for each name of one more label. It is permitted only if all of these are, and
//! excluded if one of them is, so that a wildcard never reaches a name that its constraints forbid
//! (RUSTSEC-2026-0099, CVE-2025-61727).

use alloc::vec::Vec;

use super::Side;
use super::host::{self, Reach, is_host_name, place};
use super::sorted::Sorted;
use crate::path::budget::{Budget, Exhausted};

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

    fn base(self) -> (&'a str, Reach) {
        match self {
            Self::Within(base) => (base, Reach::Within),
            Self::Below(base) => (base, Reach::Below),
        }
    }
}

/// The dNSNames of a certificate.
#[derive(Clone, Debug, Default)]
pub(super) struct DnsNames<'a> {
    hosts: Sorted<&'a str>,
    /// What stands behind `*.` in each.
    wildcards: Sorted<&'a str>,
}

impl<'a> DnsNames<'a> {
    pub(super) fn new(
        names: impl Iterator<Item = DnsName<'a>>,
        budget: &mut Budget,
    ) -> Result<Self, Exhausted> {
        let (mut hosts, mut wildcards) = (Vec::new(), Vec::new());
        for name in names {
            match name {
                DnsName::Host(host) => hosts.push(host),
                DnsName::Wildcard(parent) => wildcards.push(parent),
            }
        }
        // A host has 253 octets at most: comparing two costs one comparison.
        let order = |a: &&str, b: &&str| host::order(a, b);
        Ok(Self {
            hosts: Sorted::new(hosts, 0, order, budget)?,
            wildcards: Sorted::new(wildcards, 0, order, budget)?,
        })
    }

    /// Notes what a subtree permits, or tells whether it excludes a name.
    pub(super) fn meet(
        &mut self,
        subtree: DnsSubtree<'_>,
        side: Side,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        match side {
            Side::Permitted => self.permit(subtree, budget).map(|()| false),
            Side::Excluded => self.overlap(subtree, budget),
        }
    }

    /// Notes the names all of which this subtree permits.
    fn permit(&mut self, subtree: DnsSubtree<'_>, budget: &mut Budget) -> Result<(), Exhausted> {
        let (base, reach) = subtree.base();
        self.hosts
            .permit(0, |host| place(host, base, reach), budget)?;
        let all_below = |parent: &&str| place(parent, base, Reach::Within);
        self.wildcards.permit(0, all_below, budget)
    }

    /// Is something that one of the names stands for inside this subtree?
    fn overlap(&self, subtree: DnsSubtree<'_>, budget: &mut Budget) -> Result<bool, Exhausted> {
        let (base, reach) = subtree.base();
        if self
            .hosts
            .has_any(0, |host| place(host, base, reach), budget)?
        {
            return Ok(true);
        }
        if self.wildcards.is_empty() {
            return Ok(false);
        }
        let below = |parent: &&str| place(parent, base, Reach::Within);
        if self.wildcards.has_any(0, below, budget)? {
            return Ok(true);
        }
        // A wildcard may become the base itself. A base of one label has no parent, and no wildcard
        // becomes it.
        match (subtree, base.split_once('.')) {
            (DnsSubtree::Within(_), Some((_, rest))) => {
                let becomes_base = |parent: &&str| place(parent, rest, Reach::Exactly);
                self.wildcards.has_any(0, becomes_base, budget)
            }
            _ => Ok(false),
        }
    }

    /// Is all of each name permitted?
    pub(super) fn all_permitted(&mut self) -> bool {
        let hosts = self.hosts.all_permitted();
        self.wildcards.all_permitted() && hosts
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    fn names(name: &str) -> (DnsNames<'_>, Budget) {
        let mut budget = Budget::new(&crate::Limits::default());
        let name = DnsName::parse(name).unwrap();
        let names = DnsNames::new(core::iter::once(name), &mut budget);
        (names.unwrap(), budget)
    }

    fn contains(base: &str, name: &str) -> bool {
        let subtree = DnsSubtree::parse(base, LeadingDot::Subdomains).unwrap();
        let (mut names, mut budget) = names(name);
        names.permit(subtree, &mut budget).unwrap();
        names.all_permitted()
    }

    fn overlaps(base: &str, name: &str) -> bool {
        let subtree = DnsSubtree::parse(base, LeadingDot::Subdomains).unwrap();
        let (names, mut budget) = names(name);
        names.overlap(subtree, &mut budget).unwrap()
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
            if subtree.is_some() && DnsName::parse(&name).is_some() {
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
