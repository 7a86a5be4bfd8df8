//! The host and port that a request is for, by `Host` or `:authority` (RFC 9110 section 7.2).
//!
//! They are read strictly. Whoever takes `id.test.`, `x@id.test` or `id.test:443:443` for some host
//! that nobody knows answers what holds for all others, and whoever routes the request may take it
//! for `id.test` all the same.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::hosts::is_host_name;

/// `host [":" port]`, and no user before it (RFC 9110 section 4.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    pub(super) host: Host<'a>,
    /// `None`: the default one.
    pub(super) port: Option<u16>,
}

/// What stands before the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host<'a> {
    Name(&'a str),
    /// A literal of IPv4 or IPv6, which no ClientHello names (RFC 6066 section 3).
    Address,
}

impl<'a> Authority<'a> {
    /// `None`: it is not the authority of any host.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        // The colons of IPv6 are in brackets.
        let end = text.find(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match text.get(end..)?.split_once(':') {
            Some((before, port)) => (text.get(..end + before.len())?, port),
            None => (text, ""),
        };
        let host = Host::parse(host)?;
        let port = match port {
            // A colon may have no digits behind it (RFC 3986 section 3.2.3).
            "" => None,
            digits if digits.bytes().all(|octet| octet.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            _ => return None,
        };
        Some(Self { host, port })
    }
}

impl<'a> Host<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if is_host_name(text) {
            return Some(Self::Name(text));
        }
        let inside = text.strip_prefix('[').and_then(|v6| v6.strip_suffix(']'));
        let is_address = match inside {
            Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
            None => text.parse::<Ipv4Addr>().is_ok(),
        };
        is_address.then_some(Self::Address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_host_with_a_port_or_without() {
        let name = |name, port| {
            let host = Host::Name(name);
            Some(Authority { host, port })
        };
        assert_eq!(Authority::parse("a.test"), name("a.test", None));
        assert_eq!(Authority::parse("A.test:"), name("A.test", None));
        assert_eq!(Authority::parse("a.test:8443"), name("a.test", Some(8443)));
        for (text, port) in [
            ("192.0.2.1", None),
            ("192.0.2.1:80", Some(80)),
            ("[2001:db8::1]", None),
            ("[2001:db8::1]:80", Some(80)),
        ] {
            let host = Host::Address;
            assert_eq!(Authority::parse(text), Some(Authority { host, port }));
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            ":",
            ":443",
            "a.test.",
            "a.test.:443",
            "x@a.test",
            "x:y@a.test",
            "a.test:443:443",
            "a.test:+443",
            "a.test:-1",
            "a.test:65536",
            "a.test: 443",
            "a.test ",
            " a.test",
            "a.test/",
            "a.test,b.test",
            "a..test",
            "*.test",
            "a_b.test",
            "é.test",
            "2001:db8::1",
            "[2001:db8::1",
            "2001:db8::1]",
            "[]",
            "[a.test]",
            "[::1]a.test",
            "a.test[::1]",
            "[::1]:1:1",
            "192.0.2",
            "192.0.2.01",
        ] {
            assert_eq!(Authority::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_is_written(text in "[ab.:@\\[\\]1é-]{0,9}") {
            if let Some(Authority { host: Host::Name(name), port }) = Authority::parse(&text) {
                let rest = text.strip_prefix(name).unwrap();
                let expected = match port {
                    None => ["", ":"].contains(&rest),
                    Some(_) => rest.starts_with(':'),
                };
                prop_assert!(expected, "{}", text);
            }
        }
    }
}
