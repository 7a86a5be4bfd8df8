//! TLS features (RFC 7633 section 4): the TLS extensions that the holder promises to answer with.
//!
//! ```text
//! Features ::= SEQUENCE OF INTEGER
//! ```

use super::list::{Item, Iter, List};
use super::number;
use crate::der::{self, Failure, Reader};

/// status_request (RFC 6066 section 8): a stapled OCSP response.
const STATUS_REQUEST: u32 = 5;

/// The TLS extensions that the holder promises to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsFeature<'a>(List<'a, Feature>);

/// The number of a TLS extension; more than 2^32 - 1 counts as that, and no extension has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Feature(u32);

impl<'a> TlsFeature<'a> {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`TlsFeature::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`TlsFeature::from_der`].
    pub fn from_reader<E: Failure>(reader: Reader<'a, E>) -> Result<Self, E> {
        List::read_only_sequence(reader).map(Self)
    }

    /// The numbers of the extensions, in the order of the certificate; more than 2^32 - 1 counts as
    /// that.
    pub fn iter(&self) -> impl Iterator<Item = u32> + Clone + use<'a> {
        let features: Iter<'a, Feature> = self.0.iter();
        features.map(|feature| feature.0)
    }

    /// True when a handshake must bring an OCSP response ("must staple").
    #[must_use]
    pub fn must_staple(&self) -> bool {
        self.iter().any(|feature| feature == STATUS_REQUEST)
    }
}

impl<'a> Item<'a> for Feature {
    fn read<E: Failure>(reader: &mut Reader<'a, E>) -> Result<Self, E> {
        number::read(reader).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn must_staple() {
        let both = TlsFeature::from_der(&[0x30, 6, 2, 1, 17, 2, 1, 5]).unwrap();
        assert!(both.iter().eq([17, 5]) && both.must_staple());
        assert!(
            !TlsFeature::from_der(&[0x30, 3, 2, 1, 17])
                .unwrap()
                .must_staple()
        );
        assert!(!TlsFeature::from_der(&[0x30, 0]).unwrap().must_staple());
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (&[0x30, 3, 2, 1, 0x85][..], ErrorKind::BadValue),
            (&[0x30, 4, 2, 2, 0, 5], ErrorKind::BadValue),
            (&[0x30, 3, 4, 1, 5], ErrorKind::UnexpectedTag),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
            (&[0x30, 3, 2, 1], ErrorKind::Truncated),
        ] {
            assert_eq!(
                TlsFeature::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }
}
