//! BIT STRING: octets, and how many bits of the last one are not part of the value (X.690 sections
//! 8.6 and 11.2).

use super::{Element, ErrorKind, ReadError};

/// A BIT STRING.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BitString<'a> {
    unused: u8,
    octets: &'a [u8],
}

impl<'a> BitString<'a> {
    /// From content octets (the first of which counts the unused bits); `None` unless they are DER.
    pub(crate) fn new(value: &'a [u8]) -> Option<Self> {
        let (&unused, octets) = value.split_first()?;
        let padding = match octets.last() {
            None if unused == 0 => 0,
            None => return None,
            Some(last) if unused < 8 => last & ((1u8 << unused) - 1),
            Some(_) => return None,
        };
        (padding == 0).then_some(Self { unused, octets })
    }

    /// From an element whose content is that of a BIT STRING, whatever its tag.
    pub(crate) fn from_element<E: ReadError>(element: &Element<'a, E>) -> Result<Self, E> {
        Self::new(element.value).ok_or_else(|| element.error(ErrorKind::BadValue))
    }

    /// The octets.
    pub(crate) fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// True when a named bit list has no trailing zero bit, as X.690 section 11.2.2 asks of named
    /// bits.
    pub(crate) fn is_minimal_named_list(&self) -> bool {
        match self.octets.last() {
            None => true,
            Some(last) => last & (1u8 << self.unused) != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::Reader;

    #[test]
    fn bit_strings() {
        // RUSTSEC-2026-0104: an empty BIT STRING is legal syntax.
        let empty = BitString::new(&[0]).unwrap();
        assert!(empty.octets().is_empty() && empty.is_minimal_named_list());
        let some = BitString::new(&[5, 0b1010_0000]).unwrap();
        assert_eq!(some.octets(), [0b1010_0000]);
        assert!(some.is_minimal_named_list());
        assert!(!BitString::new(&[0, 0]).unwrap().is_minimal_named_list());
        for bad in [&[][..], &[1], &[8, 0], &[1, 1]] {
            assert!(BitString::new(bad).is_none(), "{bad:?}");
        }
        assert!(Reader::new(&[3, 2, 1, 2]).octet_aligned_bits().is_err());
    }
}
