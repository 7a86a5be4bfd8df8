//! Settings by host: an exact name, then the longest wildcard, then `*` (Kestrel's order).
//!
//! A wildcard stands for one label or more, never for none: `*.example.test` holds for
//! `a.b.example.test` and not for `example.test`. Whatever is no name of a host, an address or a
//! name with a dot at its end among them, gets `*` only.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

use crate::certificate::dns_is_well_formed;

/// Something for each host.
///
/// ```
/// use portcullis::authentication::negotiation::HostMap;
///
/// let map = HostMap::new().host("a.example.test", 1)?.host("*.example.test", 2)?.any(3);
/// assert_eq!(map.get(Some("A.Example.Test")), Some(&1));
/// assert_eq!(map.get(Some("b.a.example.test")), Some(&2));
/// assert_eq!(map.get(Some("example.test")), Some(&3));
/// assert_eq!(map.get(None), Some(&3));
/// # Ok::<(), portcullis::authentication::negotiation::InvalidHost>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct HostMap<T> {
    /// In lower case.
    exact: BTreeMap<String, T>,
    /// What follows the asterisk, from its dot on, in lower case.
    wildcards: BTreeMap<String, T>,
    any: Option<T>,
}

impl<T> Default for HostMap<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> HostMap<T> {
    /// Nothing for anybody.
    pub const fn new() -> Self {
        Self {
            exact: BTreeMap::new(),
            wildcards: BTreeMap::new(),
            any: None,
        }
    }

    /// For `example.test`, `*.example.test` or `*`. Said again of the same host, the last one
    /// holds.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn host(mut self, name: &str, setting: T) -> Result<Self, InvalidHost> {
        if name == "*" {
            return Ok(self.any(setting));
        }
        let lower = name.to_ascii_lowercase();
        let (hosts, name) = match lower.strip_prefix('*') {
            Some(suffix) => (&mut self.wildcards, suffix),
            None => (&mut self.exact, &*lower),
        };
        if !is_host_name(name.strip_prefix('.').unwrap_or(name)) || !dns_is_well_formed(&lower) {
            return Err(InvalidHost);
        }
        hosts.insert(name.into(), setting);
        Ok(self)
    }

    /// For all other hosts, and for clients that name none.
    pub fn any(mut self, setting: T) -> Self {
        self.any = Some(setting);
        self
    }

    /// Does the same hold for all hosts?
    pub(super) fn is_one_for_all(&self) -> bool {
        self.exact.is_empty() && self.wildcards.is_empty()
    }

    /// What holds for the host that a client names.
    #[must_use]
    pub fn get(&self, host: Option<&str>) -> Option<&T> {
        let Some(host) = host.filter(|host| is_host_name(host)) else {
            return self.any.as_ref();
        };
        let host = host.to_ascii_lowercase();
        let dots = host.match_indices('.');
        let suffixes = dots.filter_map(|(dot, _)| host.get(dot..));
        // The first dot has the longest suffix behind it.
        let mut wildcards = suffixes.filter_map(|suffix| self.wildcards.get(suffix));
        let exact = self.exact.get(&host);
        exact.or_else(|| wildcards.next()).or(self.any.as_ref())
    }
}

/// A name in the preferred syntax (RFC 6066 section 3), which an IPv4 address with its last label
/// of digits is not.
pub(super) fn is_host_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let digits = last.bytes().all(|octet| octet.is_ascii_digit());
    !digits && !name.starts_with('*') && dns_is_well_formed(name)
}

/// Text is neither a host nor a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InvalidHost;

impl fmt::Display for InvalidHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is neither the name of a host nor a wildcard [RFC 6066 section 3]")
    }
}

impl core::error::Error for InvalidHost {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map() -> HostMap<&'static str> {
        let hosts = [
            "example.test",
            "*.example.test",
            "*.b.example.test",
            "x.b.example.test",
        ];
        let map = hosts
            .iter()
            .try_fold(HostMap::new(), |map, host| map.host(host, *host));
        map.unwrap()
    }

    #[test]
    fn exact_before_the_longest_wildcard_before_any() {
        let with_any = map().any("*");
        for (host, expected) in [
            ("example.test", "example.test"),
            ("EXAMPLE.TEST", "example.test"),
            ("a.example.test", "*.example.test"),
            ("b.example.test", "*.example.test"),
            ("x.b.example.test", "x.b.example.test"),
            ("y.b.example.test", "*.b.example.test"),
            ("y.x.b.example.test", "*.b.example.test"),
            ("notexample.test", "*"),
            ("test", "*"),
            ("a.example.test.", "*"),
            ("192.0.2.1", "*"),
            ("[2001:db8::1]", "*"),
            ("2001:db8::1", "*"),
            ("", "*"),
            (".example.test", "*"),
            ("*.example.test", "*"),
            ("a..example.test", "*"),
            ("a_b.example.test", "*"),
        ] {
            assert_eq!(with_any.get(Some(host)), Some(&expected), "{host}");
            let expected = Some(&expected).filter(|expected| **expected != "*");
            assert_eq!(map().get(Some(host)), expected, "{host}");
        }
        assert_eq!(with_any.get(None), Some(&"*"));
        assert_eq!(map().get(None), None);
    }

    #[test]
    fn only_names_and_wildcards_are_put_in() {
        for name in [
            "",
            ".",
            "*.",
            "**",
            "*a.test",
            "*.*.test",
            "a.*.test",
            "example.test.",
            "192.0.2.1",
            "*.0.2.1",
            "a b",
            "é.test",
            "*..test",
            ".test",
        ] {
            assert!(HostMap::new().host(name, ()).is_err(), "{name}");
        }
        let long = alloc::format!("{}.test", "a.".repeat(130));
        assert!(HostMap::new().host(&long, ()).is_err());
        assert_eq!(HostMap::new().host("*", 1).unwrap().get(None), Some(&1));
        let twice = HostMap::new()
            .host("A.test", 1)
            .unwrap()
            .host("a.TEST", 2)
            .unwrap();
        assert_eq!(twice.get(Some("a.test")), Some(&2));
    }

    proptest! {
        #[test]
        fn a_wildcard_is_the_end_of_what_it_holds_for(host in "[a-c]{1,2}(\\.[a-c]{1,2}){0,4}") {
            let map = ["*.a", "*.b.a", "*.a.b.a", "c"].into_iter();
            let map = map.fold(HostMap::new(), |map, host| map.host(host, host).unwrap());
            match map.get(Some(&host)) {
                Some(pattern) => {
                    let end = pattern.trim_start_matches('*');
                    prop_assert!(host.ends_with(end) && (host.len() > end.len() || host == "c"));
                }
                None => prop_assert!(!host.ends_with(".a")),
            }
        }
    }
}
