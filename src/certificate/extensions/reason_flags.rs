//! Reason flags (RFC 5280 section 4.2.1.13): the reasons for revocation that a CRL covers.
//!
//! ```text
//! ReasonFlags ::= BIT STRING {
//!     unused (0), keyCompromise (1), cACompromise (2), affiliationChanged (3), superseded (4),
//!     cessationOfOperation (5), certificateHold (6), privilegeWithdrawn (7), aACompromise (8) }
//! ```

use core::ops::{BitAnd, BitOr};

use crate::der::{BitString, Element, ErrorKind, Failure};

/// The first nine bits of a BIT STRING with named bits, the first one lowest. Trailing zero bits
/// are not DER.
pub(super) fn named_bits<E: Failure>(element: &Element<'_, E>) -> Result<u16, E> {
    let Some(bits) = BitString::new(element.value) else {
        return Err(element.error(ErrorKind::BadValue));
    };
    if !bits.is_minimal_named_list() {
        return Err(element.error(ErrorKind::TrailingZeroBits));
    }
    Ok(first_nine(&bits))
}

pub(super) fn first_nine(bits: &BitString<'_>) -> u16 {
    // The first bit of a BIT STRING is the highest of its octet.
    let octet = |place| bits.octets().get(place).copied().unwrap_or_default();
    u16::from_le_bytes([octet(0).reverse_bits(), octet(1) >> 7])
}

/// A set of reasons for revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReasonFlags(u16);

impl ReasonFlags {
    /// All reasons that have a name (bits 1 to 8).
    pub const ALL: Self = Self(0x1fe);

    /// From an element whose content is that of ReasonFlags (IMPLICIT tagging).
    pub(crate) fn from_element<E: Failure>(element: &Element<'_, E>) -> Result<Self, E> {
        named_bits(element).map(Self)
    }

    /// The flags as bits, the first named one (unused) lowest.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// True when no reason is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 & Self::ALL.0 == 0
    }

    /// True when all of these reasons are in the set.
    #[must_use]
    pub const fn contains(self, reasons: Self) -> bool {
        self.0 & reasons.0 == reasons.0
    }
}

impl BitAnd for ReasonFlags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for ReasonFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::{self, Reader};

    fn reasons(der: &[u8]) -> der::Result<ReasonFlags> {
        ReasonFlags::from_element(&Reader::new(der).element()?)
    }

    #[test]
    fn sets() {
        let compromise = reasons(&[0x81, 2, 5, 0x60]).unwrap();
        assert_eq!(compromise.bits(), 0b110);
        assert!(ReasonFlags::ALL.contains(compromise) && !compromise.contains(ReasonFlags::ALL));
        let all = reasons(&[0x81, 3, 7, 0x7f, 0x80]).unwrap();
        assert_eq!(all, ReasonFlags::ALL);
        assert_eq!(all & compromise, compromise);
        assert_eq!(compromise | ReasonFlags::ALL, all);
    }

    #[test]
    fn an_empty_set_is_legal() {
        assert!(reasons(&[0x81, 1, 0]).unwrap().is_empty());
        assert!(
            reasons(&[0x81, 2, 7, 0x80]).unwrap().is_empty(),
            "unused is no reason"
        );
    }

    #[test]
    fn faults() {
        for (bad, kind) in [
            (&[0x81, 0][..], ErrorKind::BadValue),
            (&[0x81, 1, 3], ErrorKind::BadValue),
            (&[0x81, 2, 6, 0x60], ErrorKind::BadValue), // an unused bit is set
            (&[0x81, 2, 0, 0x60], ErrorKind::TrailingZeroBits),
        ] {
            assert_eq!(reasons(bad).unwrap_err().kind, kind, "{bad:x?}");
        }
    }
}
