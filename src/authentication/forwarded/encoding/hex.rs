//! Hexadecimal digits in pairs (RFC 4648 section 8), in either case, without separators. An odd
//! number of digits is an error.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::authentication::forwarded::error::HeaderFault;
use crate::certificate::Hex;

pub(in super::super) fn decode(text: &[u8]) -> Result<Vec<u8>, HeaderFault> {
    let (pairs, odd) = text.as_chunks::<2>();
    if text.is_empty() || !odd.is_empty() {
        return Err(HeaderFault::NotHex);
    }
    let octets = pairs.iter().map(octet).collect::<Option<_>>();
    octets.ok_or(HeaderFault::NotHex)
}

/// Lower-case digits.
pub(in super::super) fn encode(bytes: &[u8]) -> String {
    Hex(bytes).to_string().to_ascii_lowercase()
}

/// The octet that two digits stand for.
pub(super) fn octet(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok()
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
