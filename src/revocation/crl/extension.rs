//! Extensions as a list and its entries carry them: `SEQUENCE SIZE (1..MAX) OF Extension`, none of
//! them twice.
//!
//! Comparing each with those before it costs the square of their number, which [`MAX_EXTENSIONS`]
//! bounds.

use super::error::{CrlError, CrlField, at};
use crate::der::{self, Element, ErrorKind, Reader, tag};

/// Most extensions of a list, and of an entry. Those in use have up to five.
pub const MAX_EXTENSIONS: usize = 32;

/// `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue
/// OCTET STRING }`.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawExtension<'a> {
    pub(super) oid: &'a [u8],
    pub(super) critical: bool,
    /// The OCTET STRING.
    pub(super) value: Element<'a>,
    /// Where the extension starts.
    pub(super) offset: u32,
}

impl<'a> RawExtension<'a> {
    pub(super) fn read(list: &mut Reader<'a>) -> der::Result<Self> {
        let element = list.expect(tag::SEQUENCE)?;
        let mut fields = element.reader();
        let oid = fields.oid()?;
        let critical = fields.default_false()?;
        let value = fields.expect(tag::OCTET_STRING)?;
        fields.finish()?;
        Ok(Self {
            oid,
            critical,
            value,
            offset: element.offset,
        })
    }

    /// The last arc of an identifier below `id-ce`, 2.5.29.
    pub(super) fn ce_arc(&self) -> Option<u8> {
        match *self.oid {
            [0x55, 0x1d, arc] => Some(arc),
            _ => None,
        }
    }
}

/// Hands each extension of a list to `look`.
pub(super) fn each<'a>(
    list: &Element<'a>,
    field: CrlField,
    mut look: impl FnMut(&RawExtension<'a>) -> Result<(), CrlError>,
) -> Result<(), CrlError> {
    let first = list.reader();
    if first.is_empty() {
        return at(field, Err(list.error(ErrorKind::BadValue)));
    }
    let mut rest = first;
    let mut count = 0;
    while !rest.is_empty() {
        let offset = rest.offset();
        count += 1;
        if count > MAX_EXTENSIONS {
            return Err(CrlError::TooManyExtensions { offset });
        }
        let extension = at(field, RawExtension::read(&mut rest))?;
        if occurs_before(first, offset, extension.oid) {
            return Err(CrlError::DuplicateExtension { offset });
        }
        look(&extension)?;
    }
    Ok(())
}

/// Does an extension of this kind stand before `offset`? Those there have been read before.
fn occurs_before(mut list: Reader<'_>, offset: u32, oid: &[u8]) -> bool {
    while list.offset() < offset {
        match RawExtension::read(&mut list) {
            Ok(earlier) if earlier.oid == oid => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::{extension, sequence, tlv};
    use super::*;

    /// The identifiers that are handed over, by their last octet.
    fn walk(list: &[u8]) -> Result<Vec<u8>, CrlError> {
        let list = Reader::new(list).element().unwrap();
        let mut seen = Vec::new();
        each(&list, CrlField::Extensions, |extension| {
            seen.push(*extension.oid.last().unwrap());
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
