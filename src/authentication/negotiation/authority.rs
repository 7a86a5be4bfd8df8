//! The host and port that a request names in `Host` or `:authority` (RFC 9110 section 7.2).
//!
//! Parsing is strict. A server that treats `id.test.`, `x@id.test` or `id.test:443:443` as an
//! unknown host applies the rules for all other hosts, while its router may treat it as `id.test`.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::hosts::is_host_name;

/// The port of https.
pub(super) const DEFAULT_PORT: u16 = 443;

/// The part before the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host<'a> {
    Name(&'a str),
    /// An IPv4 or IPv6 literal, which is never a server name (RFC 6066 section 3).
    Address(IpAddr),
}

/// Splits host and port. `None` if the port is invalid.
fn split(text: &str) -> Option<(&str, Option<u16>)> {
    // IPv6 literals have colons inside brackets.
    let end = text.find(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match text.get(end..)?.split_once(':') {
        Some((before, port)) => (text.get(..end + before.len())?, port),
        None => (text, ""),
    };
    let port = match port {
        // Digits after the colon are optional (RFC 3986 section 3.2.3).
        "" => None,
        digits if digits.bytes().all(|octet| octet.is_ascii_digit()) => Some(digits.parse().ok()?),
        _ => return None,
    };
    Some((host, port))
}

/// Whether the text is an authority (RFC 3986 section 3.2) with a host and without a user.
/// `a_b.test` is one, although it is not a host name. A comma is invalid: it would be two joined
/// headers.
pub(super) fn is_authority(text: &str) -> bool {
    let Some((host, _)) = split(text) else {
        return false;
    };
    if host.starts_with('[') {
        return Host::parse(host).is_some();
    }
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~%!$&'()*+;=".contains(&octet);
    !host.is_empty() && host.bytes().all(allowed)
}

/// Whether both name the same host and port (RFC 3986 section 6.2). Nothing is decoded, and a
/// trailing dot is a difference.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let (Some((a, port)), Some((b, other_port))) = (split(a), split(b)) else {
        return false;
    };
    let hosts = match (Host::parse(a), Host::parse(b)) {
        (Some(Host::Address(a)), Some(Host::Address(b))) => a == b,
        _ => a.eq_ignore_ascii_case(b),
    };
    hosts && port.unwrap_or(DEFAULT_PORT) == other_port.unwrap_or(DEFAULT_PORT)
}

impl<'a> Host<'a> {
    /// The host of `host [":" port]`. `None` for anything else, such as an authority with a user
    /// (RFC 9110 section 4.2.4).
    pub(super) fn of_authority(text: &'a str) -> Option<Self> {
        Self::parse(split(text)?.0)
    }

    fn parse(text: &'a str) -> Option<Self> {
        if is_host_name(text) {
            return Some(Self::Name(text));
        }
        let inside = text.strip_prefix('[').and_then(|v6| v6.strip_suffix(']'));
        let address = match inside {
            Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::from),
            None => text.parse::<Ipv4Addr>().ok().map(IpAddr::from),
        };
        address.map(Self::Address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Option<(Host<'_>, Option<u16>)> {
        let host = Host::of_authority(text)?;
        Some((host, split(text)?.1))
    }

    #[test]
    fn a_host_with_a_port_or_without() {
        let name = |name, port| Some((Host::Name(name), port));
        assert_eq!(parse("a.test"), name("a.test", None));
        assert_eq!(parse("A.test:"), name("A.test", None));
        assert_eq!(parse("a.test:8443"), name("a.test", Some(8443)));
        for (text, address, port) in [
            ("192.0.2.1", "192.0.2.1", None),
            ("192.0.2.1:80", "192.0.2.1", Some(80)),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("[2001:db8::1]:80", "2001:db8::1", Some(80)),
        ] {
            let host = Host::Address(address.parse().unwrap());
            assert_eq!(parse(text), Some((host, port)));
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
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_is_written(text in "[ab.:@\\[\\]1é-]{0,9}") {
            if let Some((Host::Name(name), port)) = parse(&text) {
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
