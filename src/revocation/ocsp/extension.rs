//! The extensions of a response and of its statements (RFC 6960 section 4.4).
//!
//! Both lists have the syntax of RFC 5280. What is known here is read as the list is walked; of the
//! rest, only the first critical one is kept, since it decides. The cost is linear but for the
//! search for duplicates among the few extensions of one list, whose number is bounded by
//! [`MAX_EXTENSIONS`](super::MAX_EXTENSIONS).

use super::error::{OcspError, OcspField};
use super::layout::{MAX_EXTENSIONS, at};
use super::request::MAX_NONCE;
use crate::certificate::raw_extension::{self, ListError, RawExtension};
use crate::der::{self, ErrorKind, Reader, tag};
use crate::oid::Oid;
use crate::time::Time;

/// `id-pkix-ocsp-nonce`, 1.3.6.1.5.5.7.48.1.2
pub(super) const NONCE: [u8; 9] = [0x2b, 6, 1, 5, 5, 7, 48, 1, 2];
/// `id-pkix-ocsp-archive-cutoff`, 1.3.6.1.5.5.7.48.1.6
pub(super) const ARCHIVE_CUTOFF: [u8; 9] = [0x2b, 6, 1, 5, 5, 7, 48, 1, 6];
/// `id-pkix-ocsp-extended-revoke`, 1.3.6.1.5.5.7.48.1.9: certificates that were never issued are
/// called revoked.
pub(super) const EXTENDED_REVOKE: [u8; 9] = [0x2b, 6, 1, 5, 5, 7, 48, 1, 9];

/// What was found in a list of extensions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extensions<'a> {
    pub(super) nonce: Option<&'a [u8]>,
    pub(super) archive_cutoff: Option<Time>,
    pub(super) unknown_critical: Option<Oid<'a>>,
}

impl<'a> Extensions<'a> {
    /// Reads `[1] EXPLICIT Extensions OPTIONAL`.
    pub(super) fn read(reader: &mut Reader<'a>, field: OcspField) -> Result<Self, OcspError> {
        let mut found = Self::default();
        let Some(explicit) = at(field, reader.optional(tag::context_constructed(1)))? else {
            return Ok(found);
        };
        let mut explicit = explicit.reader();
        let list = at(field, explicit.expect(tag::SEQUENCE))?;
        at(field, explicit.finish())?;
        let refuse = |error| match error {
            ListError::Encoding(error) => OcspError::Encoding { field, error },
            ListError::TooMany { .. } => OcspError::TooManyExtensions,
            ListError::Duplicate { offset } => OcspError::DuplicateExtension { offset },
        };
        raw_extension::each(&list, MAX_EXTENSIONS, refuse, |extension| {
            at(field, found.keep(extension, field))
        })?;
        Ok(found)
    }

    fn keep(&mut self, extension: &RawExtension<'a>, field: OcspField) -> der::Result<()> {
        let of_response = field == OcspField::ResponseExtensions;
        let value = extension.value.reader();
        match extension.oid.as_bytes() {
            oid if oid == NONCE && of_response => self.nonce = Some(nonce(value)?),
            oid if oid == EXTENDED_REVOKE && of_response => value.only_null()?,
            oid if oid == ARCHIVE_CUTOFF && !of_response => {
                self.archive_cutoff =
                    Some(Time::from_element(&value.only(tag::GENERALIZED_TIME)?)?);
            }
            _ if extension.critical => {
                self.unknown_critical.get_or_insert(extension.oid);
            }
            _ => {}
        }
        Ok(())
    }
}

/// `Nonce ::= OCTET STRING (SIZE(1..128))`
fn nonce(value: Reader<'_>) -> der::Result<&[u8]> {
    let nonce = value.only(tag::OCTET_STRING)?;
    if (1..=MAX_NONCE).contains(&nonce.value.len()) {
        Ok(nonce.value)
    } else {
        Err(nonce.error(ErrorKind::BadValue))
    }
}

/// A GeneralizedTime of the form that RFC 5280 section 4.1.2.5.2 allows: whole seconds, in UTC.
pub(super) fn generalized_time(reader: &mut Reader<'_>) -> der::Result<Time> {
    Time::from_element(&reader.expect(tag::GENERALIZED_TIME)?)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::{extensions, octets};
    use super::*;
    use crate::certificate::testing::{extension, tlv};

    fn read(list: &[Vec<u8>], field: OcspField) -> Result<Extensions<'static>, OcspError> {
        let der: &'static [u8] = extensions(list).leak();
        Extensions::read(&mut Reader::new(der), field)
    }

    fn of_response(list: &[Vec<u8>]) -> Result<Extensions<'static>, OcspError> {
        read(list, OcspField::ResponseExtensions)
    }

    fn fault(list: &[Vec<u8>], field: OcspField) -> ErrorKind {
        match read(list, field) {
            Err(OcspError::Encoding { error, field: at }) if at == field => error.kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn known_ones_may_be_critical() {
        let list = [
            extension(&NONCE, Some(0xff), &octets(&[7; 16])),
            extension(&EXTENDED_REVOKE, Some(0xff), &[5, 0]),
        ];
        let found = of_response(&list).unwrap();
        assert_eq!(found.nonce, Some(&[7; 16][..]));
        assert_eq!(found.unknown_critical, None);
    }

    #[test]
    fn what_is_known_of_responses_is_unknown_of_statements() {
        for oid in [NONCE, EXTENDED_REVOKE] {
            let list = [extension(&oid, Some(0xff), &[])];
            let found = read(&list, OcspField::SingleExtensions).unwrap();
            assert_eq!(found.unknown_critical.unwrap().as_bytes(), oid);
            assert_eq!(found.nonce, None);
        }
        let list = [extension(&ARCHIVE_CUTOFF, Some(0xff), &[])];
        let unknown = of_response(&list).unwrap().unknown_critical;
        assert_eq!(unknown.unwrap().as_bytes(), ARCHIVE_CUTOFF);
    }

    #[test]
    fn sizes_of_nonces() {
        for length in [1, 16, 32, MAX_NONCE] {
            let nonce = alloc::vec![3; length];
            let found = of_response(&[extension(&NONCE, None, &octets(&nonce))]).unwrap();
            assert_eq!(found.nonce, Some(&nonce[..]));
        }
        for (value, kind) in [
            (octets(&[]), ErrorKind::BadValue),
            (octets(&[3; MAX_NONCE + 1]), ErrorKind::BadValue),
            // As RFC 2560 was read at times: the octets without a frame.
            (alloc::vec![3; 16], ErrorKind::UnexpectedTag),
            (Vec::new(), ErrorKind::Truncated),
            (alloc::vec![4, 1, 0, 0], ErrorKind::TrailingData),
        ] {
            let list = [extension(&NONCE, None, &value)];
            assert_eq!(fault(&list, OcspField::ResponseExtensions), kind);
        }
    }

    #[test]
    fn faults_of_known_values() {
        let revoke = |value: &[u8]| [extension(&EXTENDED_REVOKE, None, value)];
        let cutoff = |value: &[u8]| [extension(&ARCHIVE_CUTOFF, None, value)];
        let (response, single) = (OcspField::ResponseExtensions, OcspField::SingleExtensions);
        assert_eq!(fault(&revoke(&[5, 1, 0]), response), ErrorKind::BadValue);
        assert_eq!(
            fault(&revoke(&[5, 0, 0]), response),
            ErrorKind::TrailingData
        );
        assert_eq!(
            fault(&cutoff(&tlv(0x17, b"200101000000Z")), single),
            ErrorKind::UnexpectedTag
        );
        assert_eq!(
            fault(&cutoff(&tlv(0x18, b"2020Z")), single),
            ErrorKind::BadValue
        );
    }

    #[test]
    fn faults_of_lists() {
        let field = OcspField::SingleExtensions;
        assert_eq!(
            fault(&[extension(&[0x2a], Some(0), &[])], field),
            ErrorKind::EncodedDefault
        );
        assert_eq!(
            fault(&[extension(&[0x2a], Some(1), &[])], field),
            ErrorKind::BadValue
        );
        assert_eq!(
            fault(&[extension(&[0x80], None, &[])], field),
            ErrorKind::BadValue
        );
        assert_eq!(
            fault(&[tlv(0x30, &[6, 1, 0x2a])], field),
            ErrorKind::Truncated
        );
        assert_eq!(fault(&[tlv(0x31, &[])], field), ErrorKind::UnexpectedTag);
        let trailing = tlv(0x30, &[6, 1, 0x2a, 4, 0, 5, 0]);
        assert_eq!(fault(&[trailing], field), ErrorKind::TrailingData);
        // SIZE (1..MAX), by RFC 5280 section 4.1.
        assert_eq!(fault(&[], field), ErrorKind::BadValue);
        let two_lists = [0xa1, 4, 0x30, 0, 0x30, 0];
        assert!(Extensions::read(&mut Reader::new(&two_lists), field).is_err());
    }

    #[test]
    fn no_extension_stands_twice() {
        let first = extension(&[0x2a, 1], None, &[]);
        let other = extension(&[0x2a, 2], None, &[]);
        let offset = 4 + (first.len() + other.len()) as u32;
        let error = of_response(&[first.clone(), other, first]).unwrap_err();
        assert_eq!(error, OcspError::DuplicateExtension { offset });
    }

    #[test]
    fn the_list_is_bounded() {
        let many = |count: usize| -> Vec<_> {
            let numbers = 0..count as u8;
            numbers
                .map(|number| extension(&[0x2a, number], None, &[]))
                .collect()
        };
        assert!(of_response(&many(MAX_EXTENSIONS)).is_ok());
        assert_eq!(
            of_response(&many(MAX_EXTENSIONS + 1)).unwrap_err(),
            OcspError::TooManyExtensions
        );
    }
}
