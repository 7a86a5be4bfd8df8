//! Maps hosts to values. An exact name takes precedence over the longest wildcard, and that over
//! `*`, as in Kestrel.
//!
//! A wildcard stands for one label or more: `*.example.test` matches `a.b.example.test` but not
//! `example.test`. Anything that is not a host name, such as an address or a name with a trailing
//! dot, has the value of `*`.

use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::certificate::dns_is_well_formed;

/// A map from hosts to values.
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
    /// Keys are in lower case. Wildcards have no asterisk and so begin with a dot, unlike hosts.
    hosts: BTreeMap<String, T>,
    any: Option<T>,
}

impl<T> Default for HostMap<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> HostMap<T> {
    /// An empty map.
    pub const fn new() -> Self {
        Self {
            hosts: BTreeMap::new(),
            any: None,
        }
    }

    /// Sets the value for `example.test`, `*.example.test` or `*`. A second value for the same host
    /// replaces the first.
    ///
    /// # Errors
    /// If the name has none of these forms.
    pub fn host(mut self, name: &str, value: T) -> Result<Self, InvalidHost> {
        if name == "*" {
            return Ok(self.any(value));
        }
        let lower = name.to_ascii_lowercase();
        let host = lower.strip_prefix("*.").unwrap_or(&lower);
        if !is_host_name(host) || !dns_is_well_formed(&lower) {
            return Err(InvalidHost {});
        }
        let key = lower.strip_prefix('*').unwrap_or(&lower);
        self.hosts.insert(key.into(), value);
        Ok(self)
    }

    /// Sets the value for all other hosts, and for clients that do not send a server name.
    pub fn any(mut self, value: T) -> Self {
        self.any = Some(value);
        self
    }

    /// Whether all hosts have the same value.
    pub(super) fn is_one_for_all(&self) -> bool {
        self.hosts.is_empty()
    }

    /// The value for the server name of a client.
    #[must_use]
    pub fn get(&self, host: Option<&str>) -> Option<&T> {
        let Some(host) = host.filter(|host| is_host_name(host)) else {
            return self.any.as_ref();
        };
        let host = host.to_ascii_lowercase();
        let dots = host.match_indices('.');
        let suffixes = dots.filter_map(|(dot, _)| host.get(dot..));
        // The name itself, then its suffixes, longest first.
        let mut keys = core::iter::once(&*host).chain(suffixes);
        keys.find_map(|key| self.hosts.get(key))
            .or(self.any.as_ref())
    }
}

/// Whether the name is in the preferred syntax (RFC 6066 section 3). An IPv4 address is not,
/// because its last label consists of digits.
pub(super) fn is_host_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let digits = last.bytes().all(|octet| octet.is_ascii_digit());
    !digits && !name.starts_with('*') && dns_is_well_formed(name)
}

error! {
    /// A text is neither a host name nor a wildcard.
    pub struct InvalidHost {}
        => "this is neither the name of a host nor a wildcard [RFC 6066 section 3]"
}
