//! Basic constraints (RFC 5280 section 4.2.1.9).
//!
//! ```text
//! BasicConstraints ::= SEQUENCE {
//!     cA                 BOOLEAN DEFAULT FALSE,
//!     pathLenConstraint  INTEGER (0..MAX) OPTIONAL }
//! ```
//!
//! DER leaves a default value out (X.690 section 11.5), and many issuers write `cA FALSE` all the
//! same. There is one thing that it can mean, so it is read; that issuers should not is a profile's
//! affair.

use super::list::{only, optional, sequence};
use super::{Decode, number};
use crate::der::{ReadError, Reader, tag};

sequence! {
    'a:
    /// May the subject issue certificates, and how many intermediates may follow it.
    pub struct BasicConstraints {
        /// The subject is a certification authority.
        pub ca: bool = ca;
        /// Most intermediates that are not self-issued below this one; more than 2^32 - 1 counts as
        /// that. RFC 5280 forbids it where `ca` is false, a profile's affair: it decodes.
        pub path_len: Option<u32> = optional(tag::INTEGER, number::saturating);
    }
}

fn ca<E: ReadError>(fields: &mut Reader<'_, E>) -> Result<bool, E> {
    Ok(fields.peek_tag() == Some(tag::BOOLEAN) && fields.boolean()?)
}

impl BasicConstraints {
    /// Does a value that decodes leave `cA FALSE` out?
    pub(crate) fn is_distinguished(value: &[u8]) -> bool {
        let fields = Reader::quick(value).sequence();
        !fields.is_ok_and(|mut fields| fields.boolean() == Ok(false))
    }
}

impl<'a> Decode<'a> for BasicConstraints {
    #[inline]
    fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        const TRUE: [u8; 3] = [tag::BOOLEAN, 1, 0xff];
        // As it nearly always is.
        let (ca, path_len) = match *value.rest() {
            [tag::SEQUENCE, 0] => (false, None),
            [tag::SEQUENCE, 3, a, b, c] if [a, b, c] == TRUE => (true, None),
            [tag::SEQUENCE, 6, a, b, c, tag::INTEGER, 1, n @ 0..0x80] if [a, b, c] == TRUE => {
                (true, Some(u32::from(n)))
            }
            _ => return only(value),
        };
        Ok(Self { ca, path_len })
    }
}

#[cfg(test)]
mod tests {
    use ::der::Encode;
    use proptest::prelude::*;

    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn good_values() {
        for (der, ca, path_len) in [
            (&[0x30, 0][..], false, None),
            (&[0x30, 3, 1, 1, 0xff], true, None),
            (&[0x30, 6, 1, 1, 0xff, 2, 1, 0], true, Some(0)),
            (&[0x30, 3, 2, 1, 7], false, Some(7)),
            (&[0x30, 3, 1, 1, 0], false, None),
            (&[0x30, 6, 1, 1, 0, 2, 1, 7], false, Some(7)),
            (&[0x30, 7, 2, 5, 1, 0, 0, 0, 0], false, Some(u32::MAX)),
        ] {
            assert_eq!(
                BasicConstraints::from_der(der),
                Ok(BasicConstraints { ca, path_len })
            );
        }
    }

    #[test]
    fn faults() {
        for (der, kind, offset) in [
            (&[0x30, 3, 1, 1, 1][..], ErrorKind::BadValue, 2),
            (&[0x30, 6, 1, 1, 0xff, 2, 1, 0x80], ErrorKind::BadValue, 5),
            (&[0x30, 5, 2, 3, 0, 0, 1], ErrorKind::BadValue, 2),
            (&[0x30, 6, 2, 1, 0, 1, 1, 0xff], ErrorKind::TrailingData, 5),
            (&[0x30, 2, 5, 0], ErrorKind::TrailingData, 2),
            (&[0x30, 3, 1, 1], ErrorKind::Truncated, 0),
            (&[0x30, 2, 1, 1], ErrorKind::Truncated, 2),
            (&[0x30, 0, 0], ErrorKind::TrailingData, 2),
            (&[1, 1, 0xff], ErrorKind::UnexpectedTag, 0),
            (&[], ErrorKind::Truncated, 0),
        ] {
            let error = BasicConstraints::from_der(der).unwrap_err();
            assert_eq!((error.kind, error.offset), (kind, offset), "{der:x?}");
        }
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(ca: bool, path_len: Option<u8>) {
            let theirs = x509_cert::ext::pkix::BasicConstraints {
                ca,
                path_len_constraint: path_len,
            };
            let ours = BasicConstraints::from_der(&theirs.to_der().unwrap()).unwrap();
            prop_assert_eq!(ours, BasicConstraints { ca, path_len: path_len.map(u32::from) });
        }
    }
}
