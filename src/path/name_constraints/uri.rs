//! Constraints on uniformResourceIdentifier (RFC 5280 section 4.2.1.10), which concern the host of
//! its authority.
//!
//! A URI without an authority, or whose host is an IP address, must be refused where a constraint
//! meets it. So is one whose host two readers might find in different places: another at sign, a
//! backslash, a percent sign in the host.

use super::host::{is_host_name, looks_like_address};

/// The host name of a URI's authority; `None` when it has none that a constraint can be applied to.
pub(super) fn host(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once(':')?;
    let mut letters = scheme.bytes();
    let scheme_starts_well = letters.next().is_some_and(|b| b.is_ascii_alphabetic());
    if !scheme_starts_well || !letters.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
        return None;
    }
    let rest = rest.strip_prefix("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_and_port = match authority.split_once('@') {
        Some((user, host)) => user.bytes().all(is_user_char).then_some(host)?,
        None => authority,
    };
    let host = match host_and_port.split_once(':') {
        Some((host, port)) => port.bytes().all(|b| b.is_ascii_digit()).then_some(host)?,
        None => host_and_port,
    };
    (is_host_name(host) && !looks_like_address(host)).then_some(host)
}

/// Characters of `userinfo` (RFC 3986 section 3.2.1).
fn is_user_char(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:".contains(&b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts() {
        for (uri, expected) in [
            ("http://example.com", "example.com"),
            ("https://Example.com/index.html", "Example.com"),
            ("ftp://example.com:21/x@y", "example.com"),
            ("ldap://user:pass@example.com?cn=a", "example.com"),
            ("spiffe://trust-domain#a", "trust-domain"),
            ("x+y-z.1://example.com:/", "example.com"),
            ("http://%41@example.com", "example.com"),
        ] {
            assert_eq!(host(uri), Some(expected), "{uri}");
        }
    }

    #[test]
    fn uris_without_a_host_name() {
        for uri in [
            "",
            "example.com",
            "//example.com",
            "mailto:a@example.com",
            "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "http:///path",
            "http://",
            "http://10.0.0.1/",
            "http://0x7f000001/",
            "http://[::1]/",
            "http://[::1]:80/",
            "http://example.com.",
            "1http://example.com",
            "http ://example.com",
        ] {
            assert_eq!(host(uri), None, "{uri}");
        }
    }

    #[test]
    fn hosts_that_readers_disagree_on() {
        for uri in [
            "https://good.example@evil.example@good.example/",
            "https://good.example\\@evil.example/",
            "https://evil.example\\.good.example/",
            "https://evil%2eexample/",
            "https://evil.example :80/",
            "https://evil.example:80:81/",
            "https://evil.example:8o/",
            "https://\u{ff45}vil.example/",
            "https://a\tb.example/",
        ] {
            assert_eq!(host(uri), None, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(uri in "([a-z]{1,3}:)?(//)?.{0,20}") {
            if let Some(host) = host(&uri) {
                prop_assert!(uri.contains(host));
            }
        }
    }
}
