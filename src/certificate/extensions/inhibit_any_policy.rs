//! Inhibit anyPolicy (RFC 5280 section 4.2.1.14).
//!
//! ```text
//! InhibitAnyPolicy ::= INTEGER (0..MAX)
//! ```

use super::{Decode, number};
use crate::der::{ReadError, Reader, tag};

/// After how many further certificates anyPolicy no longer matches; more than 2^32 - 1 counts as
/// that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InhibitAnyPolicy(pub u32);

impl<'a> Decode<'a> for InhibitAnyPolicy {
    fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        number::saturating(&value.only(tag::INTEGER)?).map(Self)
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
