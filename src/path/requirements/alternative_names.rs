//! What alternative names must look like (RFC 5280 section 4.2.1.6), those of the subject and those
//! of the issuer.
//!
//! Decoding has seen to alphabets and lengths of addresses; here it is asked whether a name can
//! name anything.

use alloc::format;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::subject::ProfileSubject;
use crate::certificate::{GeneralName, GeneralNames, dns_is_well_formed};
use crate::path::name_constraints::{Mailbox, looks_like_address};

pub(super) fn are_not_empty(c: &ProfileSubject<'_>) -> bool {
    let is_empty_name = |name: GeneralName<'_>| match name {
        GeneralName::Directory(name) => name.is_empty(),
        GeneralName::Rfc822(text) | GeneralName::Dns(text) | GeneralName::Uri(text) => {
            text.is_empty()
        }
        _ => false,
    };
    lists(c).all(|names| !names.is_empty() && !names.iter().any(is_empty_name))
}

pub(super) fn have_host_names(c: &ProfileSubject<'_>) -> bool {
    let mut hosts = lists(c).flat_map(|names| names.dns_names());
    // An address belongs into an iPAddress.
    hosts.all(|name| dns_is_well_formed(name) && !looks_like_address(name))
}

pub(super) fn have_mailboxes(c: &ProfileSubject<'_>) -> bool {
    let mut mailboxes = lists(c).flat_map(|names| names.rfc822_names());
    mailboxes.all(is_mailbox)
}

pub(super) fn have_absolute_uris(c: &ProfileSubject<'_>) -> bool {
    let mut uris = lists(c).flat_map(|names| names.uris());
    uris.all(is_absolute_uri)
}

fn lists<'a>(c: &ProfileSubject<'a>) -> impl Iterator<Item = GeneralNames<'a>> + use<'a> {
    let issuer = c.extensions.issuer_alt_name.map(|names| names.names());
    c.alternative_names().into_iter().chain(issuer)
}

/// A Mailbox of RFC 2821 section 4.1.2: at a host, or at an address in brackets.
fn is_mailbox(text: &str) -> bool {
    if let Some((local, address)) = text
        .strip_suffix(']')
        .and_then(|text| text.rsplit_once("@["))
    {
        return is_address_literal(address) && Mailbox::parse(&format!("{local}@host")).is_some();
    }
    Mailbox::parse(text).is_some()
}

fn is_address_literal(text: &str) -> bool {
    match text.split_at_checked("IPv6:".len()) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => {
            address.parse::<Ipv6Addr>().is_ok()
        }
        _ => text.parse::<Ipv4Addr>().is_ok(),
    }
}

/// A scheme and something behind it; where that is an authority (RFC 3986 section 3.2), it has a
/// host.
fn is_absolute_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut characters = scheme.bytes();
    let is_scheme = characters.next().is_some_and(|b| b.is_ascii_alphabetic())
        && characters.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_scheme
        && match rest.strip_prefix("//") {
            Some(rest) => has_host(rest),
            None => !rest.is_empty(),
        }
}

fn has_host(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    !host.is_empty() && !host.starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_at_hosts_or_addresses() {
        for text in [
            "a@example.com",
            "\"a b\"@example.com",
            "a@[192.0.2.1]",
            "a@[IPv6:::1]",
        ] {
            assert!(is_mailbox(text), "{text}");
        }
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b@example.com",
            "a@[b@[192.0.2.1]",
            "a@[192.0.2.256]",
            "a@[::1]",
            "a@[]",
            "A <a@example.com>",
        ] {
            assert!(!is_mailbox(text), "{text}");
        }
    }

    #[test]
    fn uris_are_absolute() {
        for text in [
            "https://example.com",
            "spiffe://td/workload",
            "urn:uuid:f81d4fae",
            "mailto:a@example.com",
            "ldap://user@[2001:db8::1]:389/cn=a",
        ] {
            assert!(is_absolute_uri(text), "{text}");
        }
        for text in [
            "",
            "/path",
            "//example.com/",
            "example.com",
            ":x",
            "1a:x",
            "http:",
            "file:///etc",
            "http://:80/",
            "http://user@/",
        ] {
            assert!(!is_absolute_uri(text), "{text}");
        }
    }
}
