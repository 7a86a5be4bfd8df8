//! Base64 (RFC 4648 section 4): the standard alphabet, no white space, unused bits zero.

use alloc::string::String;
use alloc::vec::Vec;

use base64ct::{Base64, Base64Unpadded, Encoding};

use crate::authentication::forwarded::error::HeaderFault;

/// Whether the `=` at the end of base64 may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Padding {
    /// Missing padding is an error (RFC 4648 section 3.2).
    #[default]
    Required,
    /// Padding may be present or missing.
    Optional,
}

/// Decodes at least one byte.
pub(in super::super) fn decode(text: &[u8], padding: Padding) -> Result<Vec<u8>, HeaderFault> {
    let text = str::from_utf8(text).map_err(|_| HeaderFault::NotBase64)?;
    let decoded = match padding {
        Padding::Optional if !text.ends_with('=') => Base64Unpadded::decode_vec(text),
        _ => Base64::decode_vec(text),
    };
    match decoded {
        Ok(decoded) if !decoded.is_empty() => Ok(decoded),
        _ => Err(HeaderFault::NotBase64),
    }
}

pub(in super::super) fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_one_spelling_is_read() {
        assert_eq!(
            decode(b"AQID+/8=", Padding::Required).unwrap(),
            [1, 2, 3, 0xfb, 0xff]
        );
        for text in [
            "",
            "=",
            "AQID-_8=",
            "AQID+/8",
            "AQID+/8==",
            "AQID +/8=",
            " AQID",
            "AQID\n",
            "AR==",
            "A",
            "AQID%2B",
            "AQI=AQID",
        ] {
            let read = decode(text.as_bytes(), Padding::Required);
            assert_eq!(read, Err(HeaderFault::NotBase64), "{text}");
        }
        assert!(decode(&[0xff, 0xfe, 0xfd, 0xfc], Padding::Optional).is_err());
    }

    #[test]
    fn padding_may_be_optional() {
        for (text, fine) in [
            ("AQ", true),
            ("AQ==", true),
            ("AQ=", false),
            ("AR", false),
            ("A", false),
            ("AQI", true),
        ] {
            assert_eq!(
                decode(text.as_bytes(), Padding::Optional).is_ok(),
                fine,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(bytes in proptest::collection::vec(any::<u8>(), 1..200)) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(text.as_bytes(), Padding::Required), Ok(bytes.clone()));
            let bare = text.trim_end_matches('=');
            prop_assert_eq!(decode(bare.as_bytes(), Padding::Optional), Ok(bytes));
        }
    }
}
