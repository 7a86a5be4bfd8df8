//! Subject key identifier (RFC 5280 section 4.2.1.2): an OCTET STRING.

use super::Decode;
use crate::der::{ReadError, Reader, tag};

/// A short name of the subject's key: a hint in the search for an issuer, never a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectKeyIdentifier<'a>(&'a [u8]);

impl<'a> SubjectKeyIdentifier<'a> {
    /// The identifier; it may be empty.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Decode<'a> for SubjectKeyIdentifier<'a> {
    #[inline]
    fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        value.only(tag::OCTET_STRING).map(|id| Self(id.value))
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
