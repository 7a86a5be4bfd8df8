//! Extended key usage (RFC 5280 section 4.2.1.12).
//!
//! ```text
//! ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER
//! ```
//!
//! A list without a purpose decodes and allows nothing; a purpose may be named twice.

use const_oid::ObjectIdentifier;

use super::fast;
use super::list::{Item, sequence_of};
use crate::der::{ReadError, Reader};
use crate::oid::Oid;

sequence_of! {
    /// The purposes that a certificate may be used for.
    ExtendedKeyUsage<'a> of Oid<'a>
}

impl ExtendedKeyUsage<'_> {
    /// True when this purpose is named; anyExtendedKeyUsage stands for itself only.
    #[must_use]
    pub fn contains(&self, purpose: &ObjectIdentifier) -> bool {
        self.0.has_element(purpose.as_bytes())
    }
}

impl<'a> Item<'a> for Oid<'a> {
    fn read<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<Self, E> {
        reader.oid().map(Oid::new)
    }

    #[inline]
    fn glance(list: &'a [u8]) -> Option<&'a [u8]> {
        fast::after_identifier(list)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use ::der::Encode;
    use const_oid::db::rfc5280;
    use proptest::prelude::*;

    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn purposes() {
        let der = [0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2];
        let usage = ExtendedKeyUsage::from_der(&der).unwrap();
        assert!(usage.contains(&rfc5280::ID_KP_CLIENT_AUTH));
        assert!(!usage.contains(&rfc5280::ID_KP_SERVER_AUTH));
        assert!(!usage.is_empty());
    }

    #[test]
    fn any_purpose_stands_for_itself() {
        let der = [0x30, 6, 6, 4, 0x55, 0x1d, 0x25, 0];
        let usage = ExtendedKeyUsage::from_der(&der).unwrap();
        assert!(usage.contains(&rfc5280::ANY_EXTENDED_KEY_USAGE));
        assert!(!usage.contains(&rfc5280::ID_KP_CLIENT_AUTH));
    }

    #[test]
    fn an_empty_list_allows_nothing() {
        let usage = ExtendedKeyUsage::from_der(&[0x30, 0]).unwrap();
        assert!(usage.is_empty() && !usage.contains(&rfc5280::ANY_EXTENDED_KEY_USAGE));
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (&[0x30, 5, 1][..], ErrorKind::Truncated),
            (&[0x30, 2, 6, 0], ErrorKind::BadValue),
            (&[0x30, 4, 6, 2, 0x2a, 0x80], ErrorKind::BadValue),
            (&[0x30, 3, 4, 1, 0x2a], ErrorKind::UnexpectedTag),
            (&[0x30, 4, 6, 1, 0x2a, 5], ErrorKind::UnexpectedTag),
            (&[0x30, 3, 6, 1, 0x2a, 0], ErrorKind::TrailingData),
            (&[], ErrorKind::Truncated),
        ] {
            let error = ExtendedKeyUsage::from_der(der).unwrap_err();
            assert_eq!(error.kind, kind, "{der:x?}");
        }
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(
            arcs in proptest::collection::vec((0u32..40, any::<u32>()), 0..9),
        ) {
            let oids: Vec<_> = arcs
                .iter()
                .map(|&(a, b)| ObjectIdentifier::from_arcs([1, a, b]).unwrap())
                .collect();
            let theirs = x509_cert::ext::pkix::ExtendedKeyUsage(oids.clone());
            let der = theirs.to_der().unwrap();
            let ours = ExtendedKeyUsage::from_der(&der).unwrap();
            let ours: Vec<_> = ours.iter().filter_map(|oid| oid.to_owned()).collect();
            prop_assert_eq!(ours, oids);
        }
    }
}
