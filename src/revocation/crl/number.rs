//! The number of a list (RFC 5280 section 5.2.3): a counter by which lists of one issuer and scope
//! are ordered, and by which a delta names its base (section 5.2.4).
//!
//! ```text
//! CRLNumber     ::= INTEGER (0..MAX)
//! BaseCRLNumber ::= CRLNumber
//! ```

use core::cmp::Ordering;

use crate::der::{self, ErrorKind, Reader, is_minimal_integer, tag};

/// Most octets of a number, by RFC 5280 section 5.2.3.
pub const MAX_NUMBER_OCTETS: usize = 20;

/// The number of a list: its octets, big endian. It is ordered as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CrlNumber<'a>(&'a [u8]);

impl<'a> CrlNumber<'a> {
    /// Decodes the value of the extension `cRLNumber` or `deltaCRLIndicator`, with nothing behind
    /// it.
    ///
    /// # Errors
    /// When the value is not an INTEGER in DER, is negative, or has more than
    /// [`MAX_NUMBER_OCTETS`].
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`CrlNumber::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`CrlNumber::from_der`].
    pub fn from_reader(mut reader: Reader<'a>) -> der::Result<Self> {
        let element = reader.expect(tag::INTEGER)?;
        reader.finish()?;
        let negative = element.value.first().is_some_and(|first| first & 0x80 != 0);
        let octets = match *element.value {
            [0, ref rest @ ..] if !rest.is_empty() => rest,
            _ => element.value,
        };
        if negative || !is_minimal_integer(element.value) || octets.len() > MAX_NUMBER_OCTETS {
            return Err(element.error(ErrorKind::BadValue));
        }
        Ok(Self(octets))
    }

    /// The number, big endian, without leading zeros but for the number 0 itself.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl Ord for CrlNumber<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        // Without leading zeros the longer one is the larger one.
        let lengths = self.0.len().cmp(&other.0.len());
        lengths.then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for CrlNumber<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(der: &[u8]) -> ErrorKind {
        CrlNumber::from_der(der).unwrap_err().kind
    }

    #[test]
    fn ordered_as_numbers() {
        let ascending: [&[u8]; 6] = [
            &[2, 1, 0],
            &[2, 1, 0x7f],
            &[2, 2, 0, 0x80],
            &[2, 2, 0, 0xff],
            &[2, 2, 1, 0],
            &[2, 3, 0, 0xff, 0],
        ];
        let numbers = ascending.map(|der| CrlNumber::from_der(der).unwrap());
        assert!(numbers.is_sorted_by(|a, b| a < b));
        assert_eq!(numbers[0].as_bytes(), [0]);
        assert_eq!(numbers[2].as_bytes(), [0x80]);
    }

    #[test]
    fn twenty_octets_at_most() {
        let most = [&[2, 21, 0][..], &[0xff; 20]].concat();
        assert_eq!(CrlNumber::from_der(&most).unwrap().as_bytes(), [0xff; 20]);
        let more = [&[2, 21][..], &[0x7f; 21]].concat();
        assert_eq!(kind(&more), ErrorKind::BadValue);
    }

    #[test]
    fn faults() {
        for (der, expected) in [
            (&[2, 0][..], ErrorKind::BadValue),
            (&[2, 1, 0xff], ErrorKind::BadValue),
            (&[2, 2, 0, 1], ErrorKind::BadValue),
            (&[2, 2, 0xff, 0x7f], ErrorKind::BadValue),
            (&[2, 1, 1, 0], ErrorKind::TrailingData),
            (&[4, 1, 1], ErrorKind::UnexpectedTag),
            (&[], ErrorKind::Truncated),
        ] {
            assert_eq!(kind(der), expected, "{der:x?}");
        }
    }
}
