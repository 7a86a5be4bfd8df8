//! Percent encoding (RFC 3986 section 2.1), as in paths: **a `+` stands for itself**. A decoder for
//! HTML forms would turn it into a space, and so corrupt base64 from AWS and others that do not
//! escape it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::hex;
use crate::authentication::forwarded::error::HeaderFault;

/// Decodes the text once.
pub(in super::super) fn decode(text: &[u8]) -> Result<Vec<u8>, HeaderFault> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut parts = text.split(|octet| *octet == b'%');
    let plain = parts.next().unwrap_or_default();
    decoded.extend(plain);
    let mut offset = plain.len();
    for part in parts {
        let digits = part.split_first_chunk();
        let octet = digits.and_then(|(digits, plain)| Some((hex::octet(digits)?, plain)));
        let (octet, plain) = octet.ok_or(HeaderFault::NotPercentEncoded { offset })?;
        decoded.push(octet);
        decoded.extend(plain);
        offset += 1 + part.len();
    }
    Ok(decoded)
}

/// Encodes all octets except those for which `stays` is true.
pub(in super::super) fn encode(text: &str, stays: fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 8);
    for octet in text.bytes() {
        if stays(octet) {
            encoded.push(octet.into());
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{octet:02X}");
        }
    }
    encoded
}

/// Unreserved characters of a URI (RFC 3986 section 2.3).
pub(in super::super) fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_plus_stays_a_plus() {
        assert_eq!(decode(b"a+b%2Bc%20d%0a").unwrap(), b"a+b+c d\n");
    }

    #[test]
    fn it_decodes_once() {
        assert_eq!(decode(b"%2520").unwrap(), b"%20");
    }

    #[test]
    fn a_percent_sign_needs_two_digits() {
        for (text, offset) in [
            ("%", 0),
            ("ab%4", 2),
            ("%4g", 0),
            ("%%41", 0),
            ("a%+1", 1),
            ("%41%", 3),
        ] {
            let error = HeaderFault::NotPercentEncoded { offset };
            assert_eq!(decode(text.as_bytes()), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(text in "\\PC{0,60}") {
            let encoded = encode(&text, is_unreserved);
            prop_assert!(encoded.bytes().all(|octet| octet.is_ascii_graphic()));
            prop_assert_eq!(decode(encoded.as_bytes()), Ok(text.into_bytes()));
        }

        #[test]
        fn it_never_grows(text in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Ok(decoded) = decode(&text) {
                prop_assert!(decoded.len() <= text.len());
            }
        }
    }
}
