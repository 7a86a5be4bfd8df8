//! Hexadecimal digits in pairs (RFC 4648 section 8), of either case, without separators. An odd
//! digit is an error.

use alloc::string::String;
use alloc::vec::Vec;

use crate::authentication::forwarded::error::HeaderFault;

pub(in super::super) fn decode(text: &[u8]) -> Result<Vec<u8>, HeaderFault> {
    let (pairs, odd) = text.as_chunks::<2>();
    if text.is_empty() || !odd.is_empty() {
        return Err(HeaderFault::NotHex);
    }
    let octets = pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    octets.collect::<Option<_>>().ok_or(HeaderFault::NotHex)
}

pub(in super::super) fn encode(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// The value of a digit.
pub(super) fn digit(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_come_in_pairs() {
        assert_eq!(decode(b"00fFA0").unwrap(), [0, 0xff, 0xa0]);
        for text in [
            "", "0", "000", "0x00", "+0", "-1", " 00", "00 ", "00:00", "0g",
        ] {
            assert_eq!(decode(text.as_bytes()), Err(HeaderFault::NotHex), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(bytes in proptest::collection::vec(any::<u8>(), 1..100)) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(text.to_ascii_uppercase().as_bytes()), Ok(bytes.clone()));
            prop_assert_eq!(decode(text.as_bytes()), Ok(bytes));
        }
    }
}
