//! Thumbprints: hashes that name a certificate, and their customary text.
//!
//! SHA-1 serves as a name here, as it does in .NET and in certificate stores; no trust rests on it.

use core::fmt;

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// SHA-1 of these bytes, the customary thumbprint.
#[must_use]
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    Sha1::digest(bytes).into()
}

/// SHA-256 of these bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Shows bytes as upper-case hexadecimal digits without separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn known_answers() {
        // FIPS 180-4: the message "abc".
        assert_eq!(
            Hex(&sha1(b"abc")).to_string(),
            "A9993E364706816ABA3E25717850C26C9CD0D89D"
        );
        assert_eq!(
            Hex(&sha256(b"abc")).to_string(),
            "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
        );
        assert_eq!(Hex(&[]).to_string(), "");
        assert_eq!(Hex(&[0, 0x0a]).to_string(), "000A");
    }
}
