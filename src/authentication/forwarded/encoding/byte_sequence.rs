//! Byte Sequences of structured fields, alone and in lists (RFC 9651 sections 3.1 and 3.3.5): `:`
//! base64 `:`.
//!
//! RFC 9440 defines no parameters, so parameters are refused. Spaces may surround a value; spaces
//! and tabs may surround the commas of a list. An empty list is allowed, an empty member is not.

use alloc::string::String;
use alloc::vec::Vec;

use super::base64::{self, Padding};
use crate::authentication::forwarded::error::HeaderFault;
use crate::authentication::forwarded::header_reader::CertificateLimit;
use crate::certificate::Certificate;

pub(in super::super) fn decode(text: &[u8], padding: Padding) -> Result<Vec<u8>, HeaderFault> {
    match trim(text, b" ") {
        [b':', inside @ .., b':'] => base64::decode(inside, padding),
        _ => Err(HeaderFault::NotByteSequence),
    }
}

/// Decodes a list. The members are counted before any is decoded.
pub(in super::super) fn decode_list(
    text: &[u8],
    padding: Padding,
    limit: CertificateLimit,
) -> Result<Vec<Vec<u8>>, HeaderFault> {
    let text = trim(text, b" ");
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let members = || text.split(|octet| *octet == b',');
    limit.check(members().count())?;
    let members = members().map(|member| decode(trim(member, b" \t"), padding));
    members.collect()
}

fn trim<'t>(mut text: &'t [u8], blanks: &[u8]) -> &'t [u8] {
    loop {
        text = match text {
            [blank, rest @ ..] if blanks.contains(blank) => rest,
            [rest @ .., blank] if blanks.contains(blank) => rest,
            _ => return text,
        };
    }
}

pub(in super::super) fn encode(bytes: &[u8]) -> String {
    alloc::format!(":{}:", base64::encode(bytes))
}

pub(in super::super) fn encode_list(certificates: &[Certificate], comma: &str) -> String {
    let members = certificates.iter().map(|member| encode(member.as_der()));
    members.collect::<Vec<_>>().join(comma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(text: &str) -> Result<Vec<Vec<u8>>, HeaderFault> {
        decode_list(
            text.as_bytes(),
            Padding::Required,
            CertificateLimit::Most {
                limit: 9,
                already: 0,
            },
        )
    }

    #[test]
    fn colons_are_part_of_it() {
        assert_eq!(decode(b" :AQID: ", Padding::Required).unwrap(), [1, 2, 3]);
        for text in [
            "",
            ":",
            "::",
            "AQID",
            ":AQID",
            "AQID:",
            "\t:AQID:",
            ":AQID:;a",
            ":AQID:,:AQID:",
            "\"AQID\"",
        ] {
            assert!(
                decode(text.as_bytes(), Padding::Required).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_list_has_no_holes() {
        assert!(list("").unwrap().is_empty());
        assert!(list("  ").unwrap().is_empty());
        assert_eq!(list(":AQID:\t , :AQ==:").unwrap(), [&[1u8, 2, 3][..], &[1]]);
        for text in [
            ",",
            ":AQID:,",
            ",:AQID:",
            ":AQID:,,:AQID:",
            ":AQID: :AQID:",
            "(:AQID:)",
            "AQID, :AQID:",
        ] {
            assert!(list(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(items in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..50), 0..5)) {
            let texts: Vec<String> = items.iter().map(|item| encode(item)).collect();
            prop_assert_eq!(list(&texts.join(", ")), Ok(items));
        }
    }
}
