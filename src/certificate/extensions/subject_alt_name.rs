//! Subject and issuer alternative names (RFC 5280 sections 4.2.1.6 and 4.2.1.7): GeneralNames both.

use core::ops::Deref;

use crate::certificate::general_name::GeneralNames;
use crate::der::{self, Failure, Reader};

/// Further names of the subject. An empty list decodes and names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectAltName<'a>(GeneralNames<'a>);

impl<'a> SubjectAltName<'a> {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`SubjectAltName::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`SubjectAltName::from_der`].
    pub fn from_reader<E: Failure>(reader: Reader<'a, E>) -> Result<Self, E> {
        GeneralNames::from_reader(reader).map(Self)
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> GeneralNames<'a> {
        self.0
    }
}

impl<'a> Deref for SubjectAltName<'a> {
    type Target = GeneralNames<'a>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Further names of the issuer. They take no part in building or checking paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerAltName<'a>(GeneralNames<'a>);

impl<'a> IssuerAltName<'a> {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`IssuerAltName::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`IssuerAltName::from_der`].
    pub fn from_reader<E: Failure>(reader: Reader<'a, E>) -> Result<Self, E> {
        GeneralNames::from_reader(reader).map(Self)
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> GeneralNames<'a> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn names() {
        let der = [0x30, 6, 0x82, 1, b'a', 0x82, 1, b'b'];
        assert!(
            SubjectAltName::from_der(&der)
                .unwrap()
                .dns_names()
                .eq(["a", "b"])
        );
        let issuer = IssuerAltName::from_der(&der).unwrap();
        assert_eq!(issuer.names().dns_names().next(), Some("a"));
    }

    #[test]
    fn empty_and_faulty() {
        assert!(SubjectAltName::from_der(&[0x30, 0]).unwrap().is_empty());
        for (der, kind) in [
            (&[0x30, 3, 1][..], ErrorKind::Truncated),
            (&[0x30, 2, 0x87, 0], ErrorKind::BadValue),
            (&[0x30, 2, 0x89, 0], ErrorKind::UnexpectedTag),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
        ] {
            assert_eq!(SubjectAltName::from_der(der).unwrap_err().kind, kind);
            assert_eq!(IssuerAltName::from_der(der).unwrap_err().kind, kind);
        }
    }
}
