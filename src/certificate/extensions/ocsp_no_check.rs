//! OCSP no check (RFC 6960 section 4.2.2.2.1): a NULL.

use super::Decode;
use crate::der::{ReadError, Reader};

/// The holder answers OCSP requests and need not be checked for revocation itself while its
/// certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspNoCheck;

impl<'a> Decode<'a> for OcspNoCheck {
    fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        value.only_null().map(|()| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::ErrorKind;

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
