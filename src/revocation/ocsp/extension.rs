//! The extensions of a response and of its statements (RFC 6960 section 4.4).
//!
//! Both lists have the syntax of RFC 5280. What is known here is read as the list is walked; of the rest, only the first
//! critical one is kept, since it decides. The cost is linear but for the search for duplicates among the few extensions
//! of one list, whose number is bounded by [`MAX_EXTENSIONS`](super::MAX_EXTENSIONS).

use super::error::{OcspError, OcspField};
use super::layout::{MAX_EXTENSIONS, at};
use super::request::MAX_NONCE;
use crate::der::{self, Element, ErrorKind, Reader, tag};
use crate::oid::Oid;
use crate::time::Time;

/// `id-pkix-ocsp-nonce`, 1.3.6.1.5.5.7.48.1.2
pub(super) const NONCE: [u8; 9] = [0x2b, 6, 1, 5, 5, 7, 48, 1, 2];
/// `id-pkix-ocsp-archive-cutoff`, 1.3.6.1.5.5.7.48.1.6
pub(super) const ARCHIVE_CUTOFF: [u8; 9] = [0x2b, 6, 1, 5, 5, 7, 48, 1, 6];
/// `id-pkix-ocsp-extended-revoke`, 1.3.6.1.5.5.7.48.1.9: certificates that were never issued are called revoked.
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
        let mut rest = list.reader();
        let mut count = 0;
        while !rest.is_empty() {
            count += 1;
            if count > MAX_EXTENSIONS {
                return Err(OcspError::TooManyExtensions);
            }
            let element = at(field, rest.expect(tag::SEQUENCE))?;
            let extension = at(field, Extension::parse(&element))?;
            if occurs_before(list.reader(), element.offset, extension.oid) {
                return Err(OcspError::DuplicateExtension {
                    offset: element.offset,
                });
            }
            at(field, found.keep(&extension, field))?;
        }
        Ok(found)
    }

    fn keep(&mut self, extension: &Extension<'a>, field: OcspField) -> der::Result<()> {
        let of_response = field == OcspField::ResponseExtensions;
        let mut value = extension.value;
        match extension.oid {
            oid if oid == NONCE && of_response => self.nonce = Some(nonce(&mut value)?),
            oid if oid == EXTENDED_REVOKE && of_response => null(&mut value)?,
            oid if oid == ARCHIVE_CUTOFF && !of_response => {
                self.archive_cutoff = Some(generalized_time(&mut value)?);
            }
            oid => {
                if extension.critical && self.unknown_critical.is_none() {
                    self.unknown_critical = Some(Oid::new(oid));
                }
                return Ok(());
            }
        }
        value.finish()
    }
}

/// `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`.
struct Extension<'a> {
    oid: &'a [u8],
    critical: bool,
    value: Reader<'a>,
}

impl<'a> Extension<'a> {
    fn parse(element: &Element<'a>) -> der::Result<Self> {
        let mut fields = element.reader();
        let oid = fields.oid()?;
        let critical = fields.default_false()?;
        let value = fields.expect(tag::OCTET_STRING)?.reader();
        fields.finish()?;
        Ok(Self {
            oid,
            critical,
            value,
        })
    }
}

fn occurs_before(mut list: Reader<'_>, offset: u32, oid: &[u8]) -> bool {
    while list.offset() < offset {
        let Ok(earlier) = list.element() else {
            return false;
        };
        if earlier.reader().oid() == Ok(oid) {
            return true;
        }
    }
    false
}

/// `Nonce ::= OCTET STRING (SIZE(1..128))`
fn nonce<'a>(value: &mut Reader<'a>) -> der::Result<&'a [u8]> {
    let nonce = value.expect(tag::OCTET_STRING)?;
    if (1..=MAX_NONCE).contains(&nonce.value.len()) {
        Ok(nonce.value)
    } else {
        Err(nonce.error(ErrorKind::BadValue))
    }
}

fn null(value: &mut Reader<'_>) -> der::Result<()> {
    let null = value.expect(tag::NULL)?;
    if null.value.is_empty() {
        Ok(())
    } else {
        Err(null.error(ErrorKind::BadValue))
    }
}

/// A GeneralizedTime of the form that RFC 5280 section 4.1.2.5.2 allows: whole seconds, in UTC.
pub(super) fn generalized_time(reader: &mut Reader<'_>) -> der::Result<Time> {
    Time::from_der(&reader.expect(tag::GENERALIZED_TIME)?)
}
