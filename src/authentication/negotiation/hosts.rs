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
#[non_exhaustive]
pub struct InvalidHost;

impl fmt::Display for InvalidHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is neither the name of a host nor a wildcard [RFC 6066 section 3]")
    }
}

impl core::error::Error for InvalidHost {}
