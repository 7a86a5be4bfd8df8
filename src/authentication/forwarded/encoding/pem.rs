//! PEM (RFC 7468) in a header: blocks of certificates one after the other, and nothing else.
//!
//! The PEM reader for files skips text and other blocks. In a header both are errors, because they
//! mean that someone else wrote into it. A header cannot hold line breaks, so the separators
//! between lines depend on the proxy.

use alloc::vec::Vec;

use super::base64::{self, Padding};
use crate::authentication::forwarded::error::HeaderFault;
use crate::authentication::forwarded::header_reader::CertificateLimit;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// The separators between lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Lines {
    /// LF or CR LF.
    Broken,
    /// LF, CR LF, or a space or tab that replaced them.
    Folded,
}

impl Lines {
    fn separates(self, octet: u8) -> bool {
        match octet {
            b'\n' | b'\r' => true,
            b' ' | b'\t' => self == Self::Folded,
            _ => false,
        }
    }
}

/// Decodes all blocks.
pub(in super::super) fn decode(
    text: &[u8],
    lines: Lines,
    limit: CertificateLimit,
) -> Result<Vec<Vec<u8>>, HeaderFault> {
    let mut bodies = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let offset = text.len() - rest.len();
        let (body, after) = block(rest).ok_or(HeaderFault::NotPem { offset })?;
        bodies.push(body);
        limit.check(bodies.len())?;
        rest = after;
        while let [first, after @ ..] = rest
            && lines.separates(*first)
        {
            rest = after;
        }
    }
    // Count all blocks before decoding any.
    let contents = bodies.into_iter().map(|body| {
        let symbols = body.iter().copied();
        let symbols: Vec<_> = symbols.filter(|octet| !lines.separates(*octet)).collect();
        base64::decode(&symbols, Padding::Required)
    });
    contents.collect()
}

/// Splits the text into the body of its first block and the rest.
fn block(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(BEGIN)?;
    let end = text.iter().position(|octet| *octet == b'-')?;
    let (body, rest) = text.split_at_checked(end)?;
    Some((body, rest.strip_prefix(END)?))
}

/// Decodes the only block.
pub(in super::super) fn decode_one(text: &[u8], lines: Lines) -> Result<Vec<u8>, HeaderFault> {
    let mut found = decode(text, lines, CertificateLimit::One)?;
    found.pop().ok_or(HeaderFault::NoCertificate)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::certificate::pem::{CERTIFICATE, encode};
    use proptest::prelude::*;

    fn read(text: &str, lines: Lines) -> Result<Vec<Vec<u8>>, HeaderFault> {
        decode(
            text.as_bytes(),
            lines,
            CertificateLimit::Most {
                limit: 9,
                already: 0,
            },
        )
    }

    #[test]
    fn blocks_and_nothing_else() {
        let one = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
        assert_eq!(read(one, Lines::Broken).unwrap(), [[1, 2, 3]]);
        assert_eq!(
            read(&one.replace('\n', "\r\n"), Lines::Broken).unwrap(),
            [[1, 2, 3]]
        );
        assert_eq!(read(&one.repeat(2), Lines::Broken).unwrap().len(), 2);
        for (text, offset) in [
            ("x", 0),
            (" -----BEGIN CERTIFICATE-----", 0),
            ("-----BEGIN CERTIFICATE-----\nAQID\n", 0),
            (
                "-----BEGIN CERTIFICATE-----\nAQID\n-----END TRUSTED CERTIFICATE-----",
                0,
            ),
            (
                "-----BEGIN TRUSTED CERTIFICATE-----\nAQID\n-----END TRUSTED CERTIFICATE-----",
                0,
            ),
            (
                "-----BEGIN X509 CERTIFICATE-----\nAQID\n-----END X509 CERTIFICATE-----",
                0,
            ),
            (
                "-----BEGIN+CERTIFICATE-----\nAQID\n-----END+CERTIFICATE-----",
                0,
            ),
            (
                "-----BEGIN CERTIFICATE-----AQID-----END CERTIFICATE-----trailing",
                56,
            ),
            (
                "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----",
                0,
            ),
        ] {
            assert_eq!(
                read(text, Lines::Folded),
                Err(HeaderFault::NotPem { offset }),
                "{text}"
            );
        }
        for body in ["", "AQI", "AQID AQID", "AR==", "AQ-_"] {
            let text =
                alloc::format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----");
            assert!(read(&text, Lines::Broken).is_err(), "{body}");
        }
    }

    #[test]
    fn spaces_stand_for_line_breaks_only_where_the_proxy_puts_them() {
        let folded = "-----BEGIN CERTIFICATE----- AQID\t-----END CERTIFICATE----- ";
        assert_eq!(read(folded, Lines::Folded).unwrap(), [[1, 2, 3]]);
        assert!(read(folded, Lines::Broken).is_err());
    }

    #[test]
    fn blocks_are_counted_before_they_are_decoded() {
        let junk = "-----BEGIN CERTIFICATE-----!!!!-----END CERTIFICATE-----".repeat(3);
        let limit = HeaderFault::TooManyCertificates { limit: 2 };
        assert_eq!(
            decode(
                junk.as_bytes(),
                Lines::Broken,
                CertificateLimit::Most {
                    limit: 2,
                    already: 0
                }
            ),
            Err(limit)
        );
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(blocks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..200), 0..4)) {
            let text: String = blocks.iter().map(|block| encode(block, CERTIFICATE)).collect();
            prop_assert_eq!(read(&text.replace('\n', " "), Lines::Folded), Ok(blocks.clone()));
            prop_assert_eq!(read(&text, Lines::Broken), Ok(blocks));
        }
    }
}
