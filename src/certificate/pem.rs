//! Textual encoding (RFC 7468): bundles of certificates in and out.
//!
//! The reader is linear in its input, whatever stands between the blocks (Go CVE-2025-61723). Text
//! outside of blocks is skipped, blocks of other kinds (keys, CRLs) too; a block that begins and
//! does not end, or whose base64 is not base64, is an error and not a gap. Lines may end in LF, CR
//! LF or CR; line lengths do not matter.

use alloc::string::String;
use alloc::vec::Vec;

use base64ct::{Base64, Encoding};

use crate::table::errors;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The label of certificates. `X509 CERTIFICATE` and `TRUSTED CERTIFICATE` are other things and are
/// skipped.
pub(crate) const CERTIFICATE: &str = "CERTIFICATE";

errors! {
    /// Why text is not PEM.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum PemError with section {
        /// A block begins and does not end, or ends as another kind.
        Unterminated {
            /// Offset of its BEGIN line, in bytes.
            offset: usize,
        } => "the PEM block at byte {offset} does not end" ["RFC 7468 section 2"];
        /// The text between BEGIN and END is not base64.
        NotBase64 {
            /// Offset of its BEGIN line, in bytes.
            offset: usize,
        } => "the PEM block at byte {offset} is not base64" ["RFC 7468 section 3"];
    }
}

/// The contents of all blocks with this label, in order.
pub(crate) fn decode(text: &[u8], label: &str) -> Result<Vec<Vec<u8>>, PemError> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(begin) = find(text, at, BEGIN.as_bytes()) {
        let unterminated = PemError::Unterminated { offset: begin };
        let name_start = begin + BEGIN.len();
        let name_end = find(text, name_start, DASHES.as_bytes()).ok_or(unterminated)?;
        let name = text.get(name_start..name_end).unwrap_or_default();
        let body_start = name_end + DASHES.len();
        let body_end = find(text, body_start, DASHES.as_bytes()).ok_or(unterminated)?;
        let closing = text.get(body_end..).unwrap_or_default();
        let closing = closing.strip_prefix(END.as_bytes()).ok_or(unterminated)?;
        let closing = closing.strip_prefix(name).ok_or(unterminated)?;
        if !closing.starts_with(DASHES.as_bytes()) {
            return Err(unterminated);
        }
        if name == label.as_bytes() {
            let body = text.get(body_start..body_end).unwrap_or_default();
            blocks.push(base64(body).ok_or(PemError::NotBase64 { offset: begin })?);
        }
        at = body_end + END.len() + name.len() + DASHES.len();
    }
    Ok(blocks)
}

/// One block, lines of 64 characters.
pub(crate) fn encode(bytes: &[u8], label: &str) -> String {
    let body = Base64::encode_string(bytes);
    let mut out = String::with_capacity(body.len() + body.len() / 64 + 64);
    out.extend([BEGIN, label, DASHES, "\n"]);
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(64).unwrap_or((rest, ""));
        out.extend([line, "\n"]);
        rest = more;
    }
    out.extend([END, label, DASHES, "\n"]);
    out
}

fn find(text: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(needle.len())
        .position(|window| window == needle)
        .map(|position| from + position)
}

/// Base64 (RFC 4648 section 4) with white space anywhere, padding required, unused bits zero.
fn base64(body: &[u8]) -> Option<Vec<u8>> {
    let mut symbols = body.to_vec();
    symbols.retain(|octet| !matches!(octet, b' ' | b'\t' | b'\r' | b'\n'));
    Base64::decode_vec(str::from_utf8(&symbols).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn skips_other_blocks_and_text() {
        let text = "note\n-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\nx\r\n\
                    -----BEGIN CERTIFICATE-----\r\nAQID\r\n-----END CERTIFICATE-----";
        assert_eq!(decode(text.as_bytes(), CERTIFICATE).unwrap(), [[1, 2, 3]]);
        assert!(decode(b"", CERTIFICATE).unwrap().is_empty());
    }

    #[test]
    fn broken_blocks_are_errors() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nAQID\n",
            "-----BEGIN CERTIFICATE-----\nAQID\n-----END PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----\nAQID\n-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE",
        ] {
            let error = decode(text.as_bytes(), CERTIFICATE).unwrap_err();
            assert_eq!(error, PemError::Unterminated { offset: 0 }, "{text}");
        }
        for body in [
            "AQI", "AQ=D", "AQ==AQID", "AR==", "A", "AQ*D", "====", "AQI==",
        ] {
            let text =
                alloc::format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----");
            let error = decode(text.as_bytes(), CERTIFICATE).unwrap_err();
            assert_eq!(error, PemError::NotBase64 { offset: 0 }, "{body}");
        }
    }

    #[test]
    fn go_cve_2025_61723_garbage_is_read_in_one_pass() {
        // Quadratic readers take minutes over this.
        let scale = if cfg!(miri) { 1_000 } else { 1 };
        let garbage = "-----BEGIN -----BEGIN ".repeat(200_000 / scale);
        assert!(decode(garbage.as_bytes(), CERTIFICATE).is_err());
        let dashes = "-".repeat(4_000_000 / scale);
        assert!(decode(dashes.as_bytes(), CERTIFICATE).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(blocks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..4)) {
            let text: String = blocks.iter().map(|b| encode(b, CERTIFICATE)).collect();
            prop_assert!(text.lines().all(|line| line.len() <= 64));
            prop_assert_eq!(decode(text.as_bytes(), CERTIFICATE).unwrap(), blocks);
        }

        #[test]
        fn never_panics(text in "(-----BEGIN |CERTIFICATE|-----|-----END |[A-Za-z=\n ]){0,40}") {
            let _ = decode(text.as_bytes(), CERTIFICATE);
        }
    }
}
