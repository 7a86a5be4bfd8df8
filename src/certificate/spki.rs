//! `AlgorithmIdentifier` and `SubjectPublicKeyInfo` (RFC 5280 sections 4.1.1.2 and 4.1.2.7) as they
//! are on the wire.

use crate::der::{self, Element, ReadBefore, ReadError, Reader, tag};
use crate::oid::Oid;

/// `AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlgorithmIdentifier<'a> {
    whole: &'a [u8],
    oid: Oid<'a>,
    parameters: Option<&'a [u8]>,
}

impl<'a> AlgorithmIdentifier<'a> {
    const EMPTY: Self = Self {
        whole: &[],
        oid: Oid::new(&[]),
        parameters: None,
    };

    /// Reads a SEQUENCE that has already been framed.
    ///
    /// # Errors
    /// When it is not an `AlgorithmIdentifier` in DER.
    #[inline(always)]
    pub(crate) fn from_element<E: ReadError>(element: &Element<'a, E>) -> Result<Self, E> {
        if element.tag != tag::SEQUENCE {
            return Err(element.error(der::ErrorKind::UnexpectedTag));
        }
        let mut reader = element.reader();
        let oid = Oid::new(reader.oid()?);
        let parameters = if reader.is_empty() {
            None
        } else {
            Some(reader.element()?.whole)
        };
        reader.finish()?;
        Ok(Self {
            whole: element.whole,
            oid,
            parameters,
        })
    }

    getters! {
        /// The algorithm.
        copy oid: Oid<'a>;
        /// The parameters, as a whole DER element.
        copy parameters: Option<&'a [u8]>;
    }
}

/// `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING
/// }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectPublicKeyInfo<'a> {
    whole: &'a [u8],
    algorithm: AlgorithmIdentifier<'a>,
    key_bits: &'a [u8],
}

impl<'a> SubjectPublicKeyInfo<'a> {
    /// Reads a SEQUENCE that has already been framed.
    ///
    /// # Errors
    /// When it is not a `SubjectPublicKeyInfo` in DER, or its BIT STRING has unused bits.
    #[inline(always)]
    pub(crate) fn from_element<E: ReadError>(element: &Element<'a, E>) -> Result<Self, E> {
        if element.tag != tag::SEQUENCE {
            return Err(element.error(der::ErrorKind::UnexpectedTag));
        }
        let mut reader = element.reader();
        let algorithm = AlgorithmIdentifier::from_element(&reader.element()?)?;
        let key_bits = reader.octet_aligned_bits()?;
        reader.finish()?;
        Ok(Self {
            whole: element.whole,
            algorithm,
            key_bits,
        })
    }

    const EMPTY: Self = Self {
        whole: &[],
        algorithm: AlgorithmIdentifier::EMPTY,
        key_bits: &[],
    };

    getters! {
        /// The key's algorithm.
        copy algorithm: AlgorithmIdentifier<'a>;
        /// The octets of the BIT STRING.
        copy key_bits: &'a [u8];
    }
}

/// What both have in common.
macro_rules! whole {
    ($name:ident) => {
        impl<'a> $name<'a> {
            /// Reads the whole of `der`.
            ///
            /// # Errors
            /// When it is not exactly one value of this type in DER.
            pub fn from_der(der: &'a [u8]) -> der::Result<Self> {
                Self::from_element(&Reader::new(der).only_element()?)
            }

            /// Reads bytes that `from_element` held for.
            pub(crate) fn from_checked(der: &'a [u8]) -> Self {
                let element = Reader::<ReadBefore>::over(der).element();
                let read = element.and_then(|element| Self::from_element(&element));
                read.unwrap_or(Self::EMPTY)
            }

            /// The received bytes: what a key is compared by, parameters included (CVE-2020-0601).
            #[must_use]
            pub fn as_der(&self) -> &'a [u8] {
                self.whole
            }
        }
    };
}

whole!(AlgorithmIdentifier);
whole!(SubjectPublicKeyInfo);

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: [u8; 7] = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];

    #[test]
    fn keeps_the_received_slices() {
        let mut spki = alloc::vec![0x30, 7 + 5];
        spki.extend(ED25519);
        spki.extend([0x03, 0x03, 0x00, 0xaa, 0xbb]);
        let parsed = SubjectPublicKeyInfo::from_der(&spki).unwrap();
        assert_eq!(parsed.as_der(), spki);
        assert_eq!(parsed.algorithm().as_der(), ED25519);
        assert_eq!(parsed.algorithm().parameters(), None);
        assert_eq!(parsed.key_bits(), [0xaa, 0xbb]);
    }

    #[test]
    fn refuses_unused_bits_and_leftovers() {
        let mut spki = alloc::vec![0x30, 7 + 4];
        spki.extend(ED25519);
        spki.extend([0x03, 0x02, 0x01, 0xaa]);
        assert!(SubjectPublicKeyInfo::from_der(&spki).is_err());
        let two_parameters = [
            0x30, 0x09, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0x00, 0x05, 0x00,
        ];
        assert!(AlgorithmIdentifier::from_der(&two_parameters).is_err());
    }
}
