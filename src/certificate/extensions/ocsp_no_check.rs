//! OCSP no check (RFC 6960 section 4.2.2.2.1): a NULL.

use crate::der::{self, ErrorKind, Failure, Reader, tag};

/// The holder answers OCSP requests and need not be checked for revocation itself while its
/// certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspNoCheck;

impl OcspNoCheck {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &[u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`OcspNoCheck::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`OcspNoCheck::from_der`].
    pub fn from_reader<E: Failure>(mut reader: Reader<'_, E>) -> Result<Self, E> {
        let null = reader.expect(tag::NULL)?;
        reader.finish()?;
        if null.value.is_empty() {
            Ok(Self)
        } else {
            Err(null.error(ErrorKind::BadValue))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_null() {
        assert_eq!(OcspNoCheck::from_der(&[5, 0]), Ok(OcspNoCheck));
        for (der, kind) in [
            (&[5, 1, 0][..], ErrorKind::BadValue),
            (&[5, 0, 0], ErrorKind::TrailingData),
            (&[5], ErrorKind::Truncated),
            (&[], ErrorKind::Truncated),
            (&[4, 0], ErrorKind::UnexpectedTag),
        ] {
            assert_eq!(
                OcspNoCheck::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }
}
