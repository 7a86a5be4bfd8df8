//! TLS features (RFC 7633 section 4): the TLS extensions that the holder promises to answer with.
//!
//! ```text
//! Features ::= SEQUENCE OF INTEGER
//! ```

use super::list::{Item, sequence_of};
use super::number;
use crate::der::{ReadError, Reader, tag};

/// status_request (RFC 6066 section 8): a stapled OCSP response.
const STATUS_REQUEST: u32 = 5;

sequence_of! {
    /// The TLS extensions that the holder promises to answer with, by number; more than 2^32 - 1
    /// counts as that, and no extension has it.
    TlsFeature<'a> of u32
}

impl TlsFeature<'_> {
    /// True when a handshake must bring an OCSP response ("must staple").
    #[must_use]
    pub fn must_staple(&self) -> bool {
        self.iter().any(|feature| feature == STATUS_REQUEST)
    }
}

impl<'a> Item<'a> for u32 {
    fn read<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<Self, E> {
        number::saturating(&reader.expect(tag::INTEGER)?)
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
