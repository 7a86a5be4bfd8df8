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

use core::ops::BitOr;

use super::reason_flags::first_nine;
use crate::der::{self, BitString, ErrorKind, Failure, Reader, tag};

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

    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &[u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`KeyUsage::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`KeyUsage::from_der`].
    #[inline]
    pub fn from_reader<E: Failure>(mut reader: Reader<'_, E>) -> Result<Self, E> {
        // As it nearly always is: one octet, up to the last bit that is set.
        if let [tag::BIT_STRING, 2, unused, octet] = *reader.rest()
            && octet.trailing_zeros() == u32::from(unused)
            && octet != 0
        {
            return Ok(Self(u16::from(octet.reverse_bits())));
        }
        let element = reader.expect(tag::BIT_STRING)?;
        reader.finish()?;
        let Some(bits) = BitString::new(element.value) else {
            return Err(element.error(ErrorKind::BadValue));
        };
        let octets = bits.octets();
        if !octets.is_empty() && octets.iter().all(|octet| *octet == 0) {
            return Err(element.error(ErrorKind::TrailingZeroBits));
        }
        Ok(Self(first_nine(&bits)))
    }

    /// Is what [`KeyUsage::from_reader`] reads without trailing zero bits?
    pub(crate) fn is_distinguished<E: Failure>(mut reader: Reader<'_, E>) -> Result<bool, E> {
        let element = reader.expect(tag::BIT_STRING)?;
        Ok(BitString::new(element.value).is_some_and(|bits| bits.is_minimal_named_list()))
    }

    /// The usages as bits, the first named one lowest.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// True when no usage is named, which RFC 5280 forbids issuers.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when all of these usages are allowed.
    #[must_use]
    pub const fn contains(self, usages: Self) -> bool {
        self.0 & usages.0 == usages.0
    }

    /// True when one of these usages, or more, is allowed.
    #[must_use]
    pub const fn intersects(self, usages: Self) -> bool {
        self.0 & usages.0 != 0
    }

    /// May sign what is neither a certificate nor a CRL.
    #[must_use]
    pub const fn digital_signature(self) -> bool {
        self.contains(Self::DIGITAL_SIGNATURE)
    }

    /// May sign certificates.
    #[must_use]
    pub const fn key_cert_sign(self) -> bool {
        self.contains(Self::KEY_CERT_SIGN)
    }

    /// May sign CRLs.
    #[must_use]
    pub const fn crl_sign(self) -> bool {
        self.contains(Self::CRL_SIGN)
    }
}

impl BitOr for KeyUsage {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
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
        assert!(ca.key_cert_sign() && ca.crl_sign() && !ca.digital_signature());
        assert!(ca.contains(KeyUsage::CRL_SIGN));
        assert!(!ca.contains(KeyUsage::CRL_SIGN | KeyUsage::DIGITAL_SIGNATURE));
        let last = KeyUsage::from_der(&[3, 3, 7, 0x08, 0x80]).unwrap();
        assert_eq!(last, KeyUsage::KEY_AGREEMENT | KeyUsage::DECIPHER_ONLY);
        assert_eq!(last.bits(), 0x110);
    }

    #[test]
    fn no_bit_allows_nothing() {
        let none = KeyUsage::from_der(&[3, 1, 0]).unwrap();
        assert!(none.is_empty() && !none.digital_signature());
    }

    #[test]
    fn trailing_zero_bits_are_read() {
        for der in [&[3, 2, 7, 0x80][..], &[3, 2, 0, 0x80], &[3, 3, 7, 0x80, 0]] {
            assert_eq!(KeyUsage::from_der(der), Ok(KeyUsage::DIGITAL_SIGNATURE));
            let distinguished = KeyUsage::is_distinguished(Reader::<der::Error>::new(der));
            assert_eq!(distinguished, Ok(der == [3, 2, 7, 0x80]));
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
