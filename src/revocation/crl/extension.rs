//! Extensions as a list and its entries carry them.

use super::error::{CrlError, CrlField};
use crate::certificate::raw_extension::{self, ListError, RawExtension};
use crate::der::Element;

/// Most extensions of a list, and of an entry. Those in use have up to five.
pub const MAX_EXTENSIONS: usize = 32;

/// Hands each extension of a list to `look`.
pub(super) fn each<'a>(
    list: &Element<'a>,
    field: CrlField,
    look: impl FnMut(&RawExtension<'a>) -> Result<(), CrlError>,
) -> Result<(), CrlError> {
    let refuse = |error| match error {
        ListError::Encoding(error) => CrlError::Encoding { field, error },
        ListError::TooMany { offset } => CrlError::TooManyExtensions { offset },
        ListError::Duplicate { offset } => CrlError::DuplicateExtension { offset },
    };
    raw_extension::each(list, MAX_EXTENSIONS, refuse, look)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::{extension, sequence, tlv};
    use super::*;
    use crate::der::{ErrorKind, Reader};

    /// The identifiers that are handed over, by their last octet.
    fn walk(list: &[u8]) -> Result<Vec<u8>, CrlError> {
        let list = Reader::new(list).element().unwrap();
        let mut seen = Vec::new();
        each(&list, CrlField::Extensions, |extension| {
            seen.push(*extension.oid.as_bytes().last().unwrap());
            Ok(())
        })?;
        Ok(seen)
    }

    fn kind(extensions: &[Vec<u8>]) -> ErrorKind {
        match walk(&sequence(extensions)) {
            Err(CrlError::Encoding { error, .. }) => error.kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_in_order() {
        let list = [3, 1, 2].map(|arc| extension(&[0x2a, arc], Some(0xff), b""));
        assert_eq!(walk(&sequence(&list)), Ok(Vec::from([3, 1, 2])));
    }

    #[test]
    fn none_twice() {
        let list = [1, 2, 1].map(|arc| extension(&[0x2a, arc], None, b""));
        let offset = 2 + 2 * list[0].len() as u32;
        assert_eq!(
            walk(&sequence(&list)),
            Err(CrlError::DuplicateExtension { offset })
        );
    }

    #[test]
    fn not_too_many() {
        let mut list: Vec<_> = (0..MAX_EXTENSIONS as u8)
            .map(|n| extension(&[0x2a, n], None, b""))
            .collect();
        assert_eq!(walk(&sequence(&list)).unwrap().len(), MAX_EXTENSIONS);
        list.push(extension(&[0x2a, 0x7f], None, b""));
        assert!(matches!(
            walk(&sequence(&list)),
            Err(CrlError::TooManyExtensions { .. })
        ));
    }

    #[test]
    fn faults() {
        assert_eq!(kind(&[]), ErrorKind::BadValue);
        assert_eq!(kind(&[tlv(0x31, &[])]), ErrorKind::UnexpectedTag);
        assert_eq!(kind(&[extension(&[0x80], None, b"")]), ErrorKind::BadValue);
        assert_eq!(
            kind(&[extension(&[0x2a], Some(0), b"")]),
            ErrorKind::EncodedDefault
        );
        let oid = tlv(6, &[0x2a]);
        assert_eq!(
            kind(&[sequence(core::slice::from_ref(&oid))]),
            ErrorKind::Truncated
        );
        assert_eq!(
            kind(&[sequence(&[oid.clone(), tlv(5, &[])])]),
            ErrorKind::UnexpectedTag
        );
        let trailing = sequence(&[oid, tlv(4, &[]), tlv(5, &[])]);
        assert_eq!(kind(&[trailing]), ErrorKind::TrailingData);
    }
}
