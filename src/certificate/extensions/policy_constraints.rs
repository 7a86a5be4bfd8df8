//! Policy constraints (RFC 5280 section 4.2.1.11).
//!
//! ```text
//! PolicyConstraints ::= SEQUENCE {
//!     requireExplicitPolicy  [0] INTEGER (0..MAX) OPTIONAL,
//!     inhibitPolicyMapping   [1] INTEGER (0..MAX) OPTIONAL }
//! ```

use super::list::{only, optional, sequence};
use super::{Decode, number};
use crate::der::{ReadError, Reader, tag};

sequence! {
    'a:
    /// From where on the path policies are required, and from where on they may not be mapped.
    /// Numbers of certificates; more than 2^32 - 1 counts as that.
    pub struct PolicyConstraints {
        /// After so many further certificates an acceptable policy is required.
        pub require_explicit: Option<u32> = optional(tag::context(0), number::saturating);
        /// After so many further certificates no policy is mapped.
        pub inhibit_mapping: Option<u32> = optional(tag::context(1), number::saturating);
    }
}

impl PolicyConstraints {
    /// True when neither field is present, which RFC 5280 forbids issuers; it constrains nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.require_explicit.is_none() && self.inhibit_mapping.is_none()
    }
}

impl<'a> Decode<'a> for PolicyConstraints {
    fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        only(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn good_values() {
        for (der, require_explicit, inhibit_mapping) in [
            (&[0x30, 3, 0x80, 1, 0][..], Some(0), None),
            (&[0x30, 3, 0x81, 1, 5], None, Some(5)),
            (&[0x30, 6, 0x80, 1, 1, 0x81, 1, 2], Some(1), Some(2)),
            (&[0x30, 0], None, None),
        ] {
            let constraints = PolicyConstraints::from_der(der).unwrap();
            assert_eq!(
                (constraints.require_explicit, constraints.inhibit_mapping),
                (require_explicit, inhibit_mapping)
            );
            assert_eq!(constraints.is_empty(), der.len() == 2);
        }
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (&[0x30, 3, 0x80, 1, 0xff][..], ErrorKind::BadValue),
            (&[0x30, 2, 0x80, 0], ErrorKind::BadValue),
            (&[0x30, 4, 0x81, 2, 0, 1], ErrorKind::BadValue),
            (&[0x30, 6, 0x81, 1, 1, 0x80, 1, 2], ErrorKind::TrailingData),
            (&[0x30, 6, 0x80, 1, 1, 0x80, 1, 2], ErrorKind::TrailingData),
            (&[0x30, 3, 0x82, 1, 0], ErrorKind::TrailingData),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
            (&[0x30, 1, 0x80], ErrorKind::Truncated),
            (&[], ErrorKind::Truncated),
        ] {
            assert_eq!(
                PolicyConstraints::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }
}
