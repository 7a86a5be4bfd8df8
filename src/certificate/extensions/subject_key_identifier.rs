//! Subject key identifier (RFC 5280 section 4.2.1.2): an OCTET STRING.

use crate::der::{self, Failure, Reader, tag};

/// A short name of the subject's key: a hint in the search for an issuer, never a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectKeyIdentifier<'a>(&'a [u8]);

impl<'a> SubjectKeyIdentifier<'a> {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`SubjectKeyIdentifier::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`SubjectKeyIdentifier::from_der`].
    #[inline]
    pub fn from_reader<E: Failure>(mut reader: Reader<'a, E>) -> Result<Self, E> {
        let id = reader.expect(tag::OCTET_STRING)?;
        reader.finish()?;
        Ok(Self(id.value))
    }

    /// The identifier; it may be empty.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn values_and_faults() {
        let id = SubjectKeyIdentifier::from_der(&[4, 2, 7, 8]).unwrap();
        assert_eq!(id.as_bytes(), [7, 8]);
        assert_eq!(
            SubjectKeyIdentifier::from_der(&[4, 0]).unwrap().as_bytes(),
            [0u8; 0]
        );
        for (der, kind) in [
            (&[4, 1][..], ErrorKind::Truncated),
            (&[4, 0, 0], ErrorKind::TrailingData),
            (&[3, 1, 0], ErrorKind::UnexpectedTag),
            (&[0x24, 0], ErrorKind::UnexpectedTag),
        ] {
            assert_eq!(SubjectKeyIdentifier::from_der(der).unwrap_err().kind, kind);
        }
    }
}
