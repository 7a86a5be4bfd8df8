//! The common name of a public server (CA/Browser Forum BR sections 7.1.4.1 and 7.1.4.3): a copy of
//! an alternative name.
//!
//! Like is compared with like. A host name must be a dNSName character by character, or the domain
//! that a wildcard stands below (`example.com` beside `*.example.com`); where there is no dNSName
//! at all it is let pass, which the letter of the requirements does not. That is harmless here,
//! since no peer name is ever compared with a common name, and certificates for addresses are made
//! that way; who reads common names elsewhere (.NET's claims do) has nobody's word for them. An
//! address must be that of an iPAddress, written as such addresses are: dotted decimal, or RFC 5952
//! section 4. One common name at most keeps the cost at one pass over the alternative names.

use alloc::string::ToString;
use core::net::IpAddr;

use super::subject::ProfileSubject;
use crate::certificate::{GeneralName, GeneralNames};
use crate::der::tag;
use crate::oid::attribute_types;
use crate::path::name_constraints::looks_like_address;

/// True for a subject without a common name, or with one that repeats an alternative name.
pub(super) fn repeats_alternative_name(c: &ProfileSubject<'_>) -> bool {
    let subject = c.certificate().subject();
    let mut common_names = subject
        .attributes()
        .filter(|attribute| attribute.oid.as_bytes() == attribute_types::COMMON_NAME);
    let Some(name) = common_names.next() else {
        return true;
    };
    let text = match name.tag {
        tag::UTF8_STRING | tag::PRINTABLE_STRING => name.text(),
        _ => None,
    };
    common_names.next().is_none()
        && text
            .zip(c.alternative_names())
            .is_some_and(|(text, names)| repeats(&text, &names))
}

fn repeats(text: &str, names: &GeneralNames<'_>) -> bool {
    if text.contains(':') || looks_like_address(text) {
        repeats_address(text, names)
    } else {
        repeats_host(text, names)
    }
}

fn repeats_address(text: &str, names: &GeneralNames<'_>) -> bool {
    let address: Option<IpAddr> = text.parse().ok();
    let is_canonical = address.is_some_and(|address| address.to_string() == text);
    let same = |name: GeneralName<'_>| name.ip_address().is_some_and(|ip| Some(ip) == address);
    is_canonical && names.iter().any(same)
}

fn repeats_host(text: &str, names: &GeneralNames<'_>) -> bool {
    let mut hosts = names.dns_names().peekable();
    hosts.peek().is_none()
        || hosts.any(|host| host == text || host.strip_prefix("*.") == Some(text))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::certificate::testing::tlv;

    const V6: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

    fn is_copy(text: &str, names: &[Vec<u8>]) -> bool {
        let der = tlv(0x30, &names.concat());
        repeats(text, &GeneralNames::from_der(&der).unwrap())
    }

    #[test]
    fn only_a_copy_repeats() {
        let names = [
            tlv(0x82, b"Example.com"),
            tlv(0x82, b"*.example.org"),
            tlv(0x87, &[192, 0, 2, 1]),
            tlv(0x87, &V6),
        ];
        for text in [
            "Example.com",
            "*.example.org",
            "example.org",
            "192.0.2.1",
            "2001:db8::1",
        ] {
            assert!(is_copy(text, &names), "{text}");
        }
        for text in [
            "example.com",
            "www.example.org",
            "",
            "Jane Doe",
            "192.0.2.2",
            "192.0.2.01",
            "0xc0000201",
            "2001:DB8::1",
            "2001:db8:0:0:0:0:0:1",
            "2001:0db8::1",
            "::ffff:192.0.2.1",
        ] {
            assert!(!is_copy(text, &names), "{text}");
        }
    }

    #[test]
    fn like_is_compared_with_like() {
        let address = [tlv(0x87, &[192, 0, 2, 1])];
        assert!(is_copy("example.com", &address));
        assert!(!is_copy("192.0.2.2", &address));
        let host = [tlv(0x82, b"example.com")];
        assert!(!is_copy("192.0.2.1", &host));
    }
}
