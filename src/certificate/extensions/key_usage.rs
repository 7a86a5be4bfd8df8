//! Key usage (RFC 5280 section 4.2.1.3).
//!
//! ```text
//! KeyUsage ::= BIT STRING {
//!     digitalSignature (0), nonRepudiation (1), keyEncipherment (2), dataEncipherment (3), keyAgreement (4),
//!     keyCertSign (5), cRLSign (6), encipherOnly (7), decipherOnly (8) }
//! ```
//!
//! DER cuts trailing zero bits off a list of named bits (X.690 section 11.2.2), and whole families
//! of issuers keep them: GnuTLS always writes nine bits. There is one thing that they can mean, so
//! they are read; that issuers should not is a profile's affair. Zero bits and no other are
//! refused. No bit at all is legal syntax (RUSTSEC-2026-0104) and allows nothing; bits beyond the
//! ninth have no name and are ignored.

use super::Decode;
use super::reason_flags::{first_nine, named_bits};
use crate::der::{BitString, ErrorKind, ReadError, Reader, tag};

/// What a key may do: a set of the nine named usages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// Signing what is neither a certificate nor a CRL.
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// Signing against later denial (contentCommitment in newer editions of X.509).
    pub const NON_REPUDIATION: Self = Self(1 << 1);
    /// Enciphering keys.
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// Enciphering data itself.
    pub const DATA_ENCIPHERMENT: Self = Self(1 << 3);
    /// Agreeing on keys.
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// Signing certificates.
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// Signing CRLs.
    pub const CRL_SIGN: Self = Self(1 << 6);
    /// With key agreement: enciphering only.
    pub const ENCIPHER_ONLY: Self = Self(1 << 7);
    /// With key agreement: deciphering only.
    pub const DECIPHER_ONLY: Self = Self(1 << 8);

    /// Does a value that decodes have no trailing zero bits?
    pub(crate) fn is_distinguished(value: &[u8]) -> bool {
        let bits = Reader::quick(value).bit_string();
        bits.is_ok_and(|bits| bits.is_minimal_named_list())
    }

    /// True when no usage is named, which RFC 5280 forbids issuers.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

named_bits!(KeyUsage);

impl<'a> Decode<'a> for KeyUsage {
    #[inline]
    fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        // As it nearly always is: one octet, up to the last bit that is set.
        if let [tag::BIT_STRING, 2, unused, octet] = *value.rest()
            && octet.trailing_zeros() == u32::from(unused)
            && octet != 0
        {
            return Ok(Self(u16::from(octet.reverse_bits())));
        }
        let element = value.only(tag::BIT_STRING)?;
        let bits = BitString::from_element(&element)?;
        let octets = bits.octets();
        if !octets.is_empty() && octets.iter().all(|octet| *octet == 0) {
            return Err(element.error(ErrorKind::TrailingZeroBits));
        }
        Ok(Self(first_nine(&bits)))
    }
}

#[cfg(test)]
mod tests {
    use ::der::Encode;
    use ::der::flagset::FlagSet;
    use proptest::prelude::*;
    use x509_cert::ext::pkix;

    use super::*;

    #[test]
    fn named_usages() {
        let ca = KeyUsage::from_der(&[3, 2, 1, 0x06]).unwrap();
        assert_eq!(ca, KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN);
        assert!(ca.contains(KeyUsage::CRL_SIGN) && !ca.contains(KeyUsage::DIGITAL_SIGNATURE));
        assert!(!ca.contains(KeyUsage::CRL_SIGN | KeyUsage::DIGITAL_SIGNATURE));
        let last = KeyUsage::from_der(&[3, 3, 7, 0x08, 0x80]).unwrap();
        assert_eq!(last, KeyUsage::KEY_AGREEMENT | KeyUsage::DECIPHER_ONLY);
        assert_eq!(last.bits(), 0x110);
    }

    #[test]
    fn no_bit_allows_nothing() {
        let none = KeyUsage::from_der(&[3, 1, 0]).unwrap();
        assert!(none.is_empty() && !none.intersects(KeyUsage(0x1ff)));
    }

    #[test]
    fn trailing_zero_bits_are_read() {
        for der in [&[3, 2, 7, 0x80][..], &[3, 2, 0, 0x80], &[3, 3, 7, 0x80, 0]] {
            assert_eq!(KeyUsage::from_der(der), Ok(KeyUsage::DIGITAL_SIGNATURE));
            assert_eq!(KeyUsage::is_distinguished(der), der == [3, 2, 7, 0x80]);
        }
    }

    #[test]
    fn bits_without_a_name_are_ignored() {
        let usage = KeyUsage::from_der(&[3, 4, 0, 0x80, 0x7f, 0xff]).unwrap();
        assert_eq!(usage, KeyUsage::DIGITAL_SIGNATURE);
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (&[3, 2, 7, 0][..], ErrorKind::TrailingZeroBits),
            (&[3, 3, 7, 0, 0], ErrorKind::TrailingZeroBits),
            (&[3, 2, 7, 0xc0], ErrorKind::BadValue), // an unused bit is set
            (&[3, 2, 8, 0], ErrorKind::BadValue),
            (&[3, 1, 1], ErrorKind::BadValue),
            (&[3, 0], ErrorKind::BadValue),
            (&[3, 2, 7], ErrorKind::Truncated),
            (&[3, 2, 7, 0x80, 0], ErrorKind::TrailingData),
            (&[4, 2, 7, 0x80], ErrorKind::UnexpectedTag),
            (&[], ErrorKind::Truncated),
        ] {
            assert_eq!(KeyUsage::from_der(der).unwrap_err().kind, kind, "{der:x?}");
        }
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(bits in 0u16..512) {
            let theirs = pkix::KeyUsage(FlagSet::new_truncated(bits));
            let ours = KeyUsage::from_der(&theirs.to_der().unwrap()).unwrap();
            prop_assert_eq!(ours.bits(), bits);
        }
    }
}
