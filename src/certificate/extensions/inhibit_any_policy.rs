//! Inhibit anyPolicy (RFC 5280 section 4.2.1.14).
//!
//! ```text
//! InhibitAnyPolicy ::= INTEGER (0..MAX)
//! ```

use super::number;
use crate::der::{self, Failure, Reader};

/// After how many further certificates anyPolicy no longer matches; more than 2^32 - 1 counts as
/// that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InhibitAnyPolicy(pub u32);

impl InhibitAnyPolicy {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &[u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`InhibitAnyPolicy::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`InhibitAnyPolicy::from_der`].
    pub fn from_reader<E: Failure>(mut reader: Reader<'_, E>) -> Result<Self, E> {
        let skip = number::read(&mut reader)?;
        reader.finish()?;
        Ok(Self(skip))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn values_and_faults() {
        assert_eq!(
            InhibitAnyPolicy::from_der(&[2, 1, 5]),
            Ok(InhibitAnyPolicy(5))
        );
        for (der, kind) in [
            (&[2, 1, 0xff][..], ErrorKind::BadValue),
            (&[2, 0], ErrorKind::BadValue),
            (&[2, 1, 0, 0], ErrorKind::TrailingData),
            (&[2, 2, 1], ErrorKind::Truncated),
            (&[0x30, 0], ErrorKind::UnexpectedTag),
        ] {
            assert_eq!(
                InhibitAnyPolicy::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }
}
