//! Reason flags (RFC 5280 section 4.2.1.13): the reasons for revocation that a CRL covers.
//!
//! ```text
//! ReasonFlags ::= BIT STRING {
//!     unused (0), keyCompromise (1), cACompromise (2), affiliationChanged (3), superseded (4),
//!     cessationOfOperation (5), certificateHold (6), privilegeWithdrawn (7), aACompromise (8) }
//! ```

use crate::der::{BitString, Element, ErrorKind, ReadError};

/// The first nine bits, the first one lowest.
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

    /// From an element whose content is that of ReasonFlags (IMPLICIT tagging). Trailing zero bits
    /// are not DER.
    pub(crate) fn from_element<E: ReadError>(element: &Element<'_, E>) -> Result<Self, E> {
        let bits = BitString::from_element(element)?;
        if bits.is_minimal_named_list() {
            Ok(Self(first_nine(&bits)))
        } else {
            Err(element.error(ErrorKind::TrailingZeroBits))
        }
    }

    /// True when no reason is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 & Self::ALL.0 == 0
    }
}

/// What sets of named bits have in common.
macro_rules! named_bits {
    ($name:ident) => {
        impl $name {
            /// The set as bits, the first named one lowest.
            #[must_use]
            pub const fn bits(self) -> u16 {
                self.0
            }

            /// True when all of these are in the set.
            #[must_use]
            pub const fn contains(self, these: Self) -> bool {
                self.0 & these.0 == these.0
            }

            /// True when one of these, or more, is in the set.
            #[must_use]
            pub const fn intersects(self, these: Self) -> bool {
                self.0 & these.0 != 0
            }
        }

        impl core::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl core::ops::BitAnd for $name {
            type Output = Self;

            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }
    };
}

pub(super) use named_bits;

named_bits!(ReasonFlags);

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
