//! Names that the caller expects the peer to have, matched as RFC 9525 section 6 says.
//!
//! Only subject alternative names count, never the common name. A dNSName matches label by label
//! without regard to case, A-labels as they are; `*` as the whole leftmost label stands for exactly
//! one label, anywhere else (`f*`, `xn--*`, `a.*.b`) the name matches nothing. Whether a wildcard
//! may span a public suffix is for a stricter profile to say. An address matches octet by octet, a
//! mailbox by its exact local part and its domain without regard to case. The cost is linear in the
//! certificate's names.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::net::IpAddr;

use super::name_constraints::{Mailbox, is_host_name, looks_like_address};
use crate::certificate::{GeneralName, GeneralNames};
use crate::table::errors;

/// A name that a certificate must have.
///
/// ```
/// use portcullis::PeerName;
///
/// let name = PeerName::dns("example.com.")?;
/// assert_eq!(name.to_string(), "example.com");
/// assert!(PeerName::dns("*.example.com").is_err());
/// # Ok::<(), portcullis::path::InvalidPeerName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerName(Kind);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Dns(String),
    Ip(IpAddr),
    Email(String),
}

impl PeerName {
    /// A fully qualified host name in ASCII (A-labels for others); one trailing dot is dropped,
    /// underscores are allowed.
    ///
    /// # Errors
    /// [`InvalidPeerName::Dns`] for anything else, among it wildcards and addresses.
    pub fn dns(name: &str) -> Result<Self, InvalidPeerName> {
        let name = name.strip_suffix('.').unwrap_or(name);
        let label_is_sound = |label: &str| !label.starts_with('-') && !label.ends_with('-');
        if !is_host_name(name) || !name.split('.').all(label_is_sound) || looks_like_address(name) {
            return Err(InvalidPeerName::Dns);
        }
        Ok(Self(Kind::Dns(name.to_ascii_lowercase())))
    }

    /// An IP address; an IPv4 address and its IPv6-mapped form are two.
    #[must_use]
    pub fn ip(address: impl Into<IpAddr>) -> Self {
        Self(Kind::Ip(address.into()))
    }

    /// A mailbox, `local@host.name`.
    ///
    /// # Errors
    /// [`InvalidPeerName::Email`] for anything else.
    pub fn email(mailbox: &str) -> Result<Self, InvalidPeerName> {
        match Mailbox::parse(mailbox) {
            Some(_) if mailbox.is_ascii() => Ok(Self(Kind::Email(mailbox.to_owned()))),
            _ => Err(InvalidPeerName::Email),
        }
    }

    /// True when one of a certificate's subject alternative names is this name.
    #[must_use]
    pub fn matches(&self, alternative: Option<&GeneralNames<'_>>) -> bool {
        let mut names = alternative.into_iter().flat_map(GeneralNames::iter);
        match &self.0 {
            Kind::Dns(host) => {
                names.any(|name| matches!(name, GeneralName::Dns(san) if dns_matches(san, host)))
            }
            Kind::Ip(address) => {
                names.any(|name| matches!(name, GeneralName::Ip(san) if ip_matches(san, address)))
            }
            Kind::Email(text) => {
                let Some(mailbox) = Mailbox::parse(text) else {
                    return false;
                };
                names.any(|name| match name {
                    GeneralName::Rfc822(san) => Mailbox::parse(san) == Some(mailbox),
                    _ => false,
                })
            }
        }
    }
}

/// RFC 9525 section 6.3. The host is a valid reference identifier, so that a name equal to it is a
/// host name too.
fn dns_matches(presented: &str, host: &str) -> bool {
    match presented.strip_prefix("*.") {
        None => presented.eq_ignore_ascii_case(host),
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
    }
}

fn ip_matches(presented: &[u8], address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => presented == address.octets(),
        IpAddr::V6(address) => presented == address.octets(),
    }
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Dns(text) | Kind::Email(text) => f.write_str(text),
            Kind::Ip(address) => address.fmt(f),
        }
    }
}

impl From<IpAddr> for PeerName {
    fn from(address: IpAddr) -> Self {
        Self::ip(address)
    }
}

errors! {
    /// Text that is no name of the kind asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum InvalidPeerName {
        /// Not a host name.
        Dns => "not a host name in ASCII";
        /// Not a mailbox.
        Email => "not a mailbox in ASCII";
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;
    use core::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    /// GeneralNames of one element with this tag.
    fn general_names(tag: u8, value: &[u8]) -> Vec<u8> {
        let length = u8::try_from(value.len()).unwrap();
        let mut der = alloc::vec![0x30, length + 2, tag, length];
        der.extend_from_slice(value);
        der
    }

    /// What the reader of names refuses matches nothing.
    fn has(peer: &PeerName, tag: u8, value: &[u8]) -> bool {
        let der = general_names(tag, value);
        GeneralNames::from_der(&der).is_ok_and(|names| peer.matches(Some(&names)))
    }

    fn dns(reference: &str, presented: &str) -> bool {
        has(
            &PeerName::dns(reference).unwrap(),
            0x82,
            presented.as_bytes(),
        )
    }

    fn email(reference: &str, presented: &str) -> bool {
        let peer = PeerName::email(reference).unwrap();
        has(&peer, 0x81, presented.as_bytes())
    }

    #[test]
    fn hosts() {
        assert!(dns("example.com", "example.com"));
        assert!(dns("Example.COM", "eXample.com"));
        assert!(dns("example.com.", "example.com"));
        assert!(dns("_sip.example.com", "_sip.example.com"));
        assert!(dns("xn--628h.example.com", "XN--628h.example.com"));
        assert!(!dns("example.com", "example.com."));
        assert!(!dns("example.com", "www.example.com"));
        assert!(!dns("www.example.com", "example.com"));
        assert!(!dns("example.com", ""));
        assert!(!dns("xn--628h.example.com", "\u{1f61c}.example.com"));
    }

    #[test]
    fn a_wildcard_is_one_whole_leftmost_label() {
        assert!(dns("foo.example.com", "*.example.com"));
        assert!(dns("FOO.example.com", "*.Example.com"));
        assert!(dns("xn--628h.example.com", "*.example.com"));
        assert!(dns("example.com", "*.com"));
        assert!(!dns("example.com", "*.example.com"));
        assert!(!dns("foo.bar.example.com", "*.example.com"));
        assert!(!dns("foo.bar.example.com", "foo.*.example.com"));
        assert!(!dns("foo.bar.example.com", "*.*.example.com"));
        assert!(!dns("baz.example.com", "ba*.example.com"));
        assert!(!dns(
            "xn--bliss-1b3c148a.example.com",
            "xn--*-1b3c148a.example.com"
        ));
        assert!(!dns("com", "*"));
        assert!(!dns("com", "*."));
        assert!(!dns("example.com", "*"));
    }

    #[test]
    fn reference_hosts() {
        for text in [
            "",
            ".",
            "..",
            "a..b",
            "*.example.com",
            "*",
            "10.0.0.1",
            "[::1]",
            "::1",
            "b\u{fc}cher.example",
            "-a.example",
            "a-.example",
            "a b",
            "a\0.example",
            "example.com..",
            "user@example.com",
            "1",
        ] {
            assert_eq!(PeerName::dns(text), Err(InvalidPeerName::Dns), "{text}");
        }
    }

    #[test]
    fn addresses_match_octet_by_octet() {
        let v4 = PeerName::ip(Ipv4Addr::new(192, 0, 2, 1));
        assert!(has(&v4, 0x87, &[192, 0, 2, 1]));
        assert!(!has(&v4, 0x87, &[192, 0, 2, 2]));
        assert!(!has(&v4, 0x87, &[192, 0, 2, 1, 255, 255, 255, 255]));
        assert!(!has(&v4, 0x87, &[]));
        assert!(!has(&v4, 0x82, b"192.0.2.1"));
        let mapped = Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped();
        assert!(!has(&v4, 0x87, &mapped.octets()));
        let v6 = PeerName::ip(Ipv6Addr::LOCALHOST);
        assert!(has(&v6, 0x87, &Ipv6Addr::LOCALHOST.octets()));
    }

    #[test]
    fn mailboxes() {
        assert!(email("a@example.com", "a@Example.COM"));
        assert!(email("*@example.com", "*@example.com"));
        assert!(email("\"a\"@example.com", "a@example.com"));
        assert!(!email("a@example.com", "A@example.com"));
        assert!(!email("a@example.com", "*@example.com"));
        assert!(!email("a@example.com", "a@*.com"));
        assert!(!email("a@example.com", "a@example.com@example.com"));
        for text in ["", "a", "@a", "a@", "a@b@c", "\u{e9}@example.com"] {
            assert_eq!(PeerName::email(text), Err(InvalidPeerName::Email), "{text}");
        }
    }

    #[test]
    fn names_of_other_forms_and_no_names_match_nothing() {
        let peer = PeerName::dns("example.com").unwrap();
        assert!(!peer.matches(None));
        assert!(!has(&peer, 0x86, b"example.com"));
        assert!(!has(&peer, 0x81, b"example.com"));
        // A common name, as directoryName among the alternative names.
        let name = b"\x30\x16\x31\x14\x30\x12\x06\x03\x55\x04\x03\x0c\x0bexample.com";
        assert!(!has(&peer, 0xa4, name));
    }

    proptest! {
        #[test]
        fn never_panics(reference in ".{0,20}", presented in "[ -~]{0,20}") {
            for peer in [PeerName::dns(&reference), PeerName::email(&reference)].into_iter().flatten() {
                let _ = has(&peer, 0x82, presented.as_bytes());
                let _ = has(&peer, 0x81, presented.as_bytes());
            }
        }

        #[test]
        fn every_name_matches_itself(host in "[a-z_]{1,8}(\\.[a-z]{1,8}){0,3}") {
            prop_assert!(dns(&host, &host));
        }
    }
}
