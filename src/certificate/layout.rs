//! The one pass over a certificate's bytes (RFC 5280 section 4.1).
//!
//! It frames every field, checks what a certificate must be before anything may be concluded from it (strict DER, the
//! two signature algorithms alike, no extension twice, no field that the version lacks, dates that exist, names that are
//! names) and notes where the fields are. Extensions are indexed, not decoded. The cost is linear in the bytes, but for
//! unknown extensions, which are compared among themselves; their number is bounded by [`MAX_EXTENSIONS`]. No memory is
//! taken.

use super::error::{CertificateError, Field};
use super::extensions::ExtensionKind;
use super::name::Name;
use super::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use crate::der::{self, Element, ErrorKind, Reader, tag};
use crate::time::Time;

/// Most bytes of a certificate. The largest in use carry post-quantum keys and signatures of some 60 KB.
pub const MAX_BYTES: usize = 128 * 1024;

/// Most extensions of a certificate. Those in use have up to 15.
pub const MAX_EXTENSIONS: usize = 64;

/// Where a field is: offsets from the start of the certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn of(element: &Element<'_>) -> Self {
        Self {
            start: element.offset,
            end: element.offset + element.whole.len() as u32,
        }
    }

    fn of_value(element: &Element<'_>) -> Self {
        Self {
            start: element.value_offset(),
            end: element.offset + element.whole.len() as u32,
        }
    }

    pub(super) fn start(self) -> u32 {
        self.start
    }

    pub(super) fn slice(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// The version of a certificate (RFC 5280 section 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// No unique identifiers, no extensions.
    V1,
    /// Unique identifiers, no extensions.
    V2,
    /// Extensions.
    V3,
}

/// Offsets of all that validation reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) version: Version,
    pub(super) tbs: Span,
    pub(super) serial: Span,
    pub(super) issuer: Span,
    pub(super) not_before: Time,
    pub(super) not_after: Time,
    pub(super) subject: Span,
    pub(super) spki: Span,
    /// The content of the SEQUENCE OF Extension.
    pub(super) extensions: Span,
    pub(super) signature_algorithm: Span,
    pub(super) signature: Span,
    /// The value of each known extension, by [`ExtensionKind`]; `start` 0 for absent.
    known: [Span; ExtensionKind::COUNT],
    /// One bit for each known extension that is marked critical.
    critical: u32,
    /// The first critical extension that is not known.
    pub(super) unknown_critical: Option<Span>,
    /// notBefore or notAfter is a GeneralizedTime of a year before 2050.
    pub(super) early_generalized_time: bool,
    pub(super) has_unique_identifiers: bool,
}

impl Layout {
    pub(super) fn known(&self, kind: ExtensionKind) -> Option<Span> {
        self.known
            .get(kind as usize)
            .copied()
            .filter(|span| span.start != 0)
    }

    pub(super) fn is_critical(&self, kind: ExtensionKind) -> bool {
        self.critical & (1 << kind as u32) != 0
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.len() > MAX_BYTES {
            return Err(CertificateError::TooLarge { bytes: bytes.len() });
        }
        let mut outer = Reader::new(bytes);
        let mut certificate = at(Field::Frame, outer.sequence())?;
        at(Field::Frame, outer.finish())?;

        let tbs = at(Field::Frame, certificate.expect(tag::SEQUENCE))?;
        let signature_algorithm = at(Field::SignatureAlgorithm, certificate.element())?;
        at(
            Field::SignatureAlgorithm,
            AlgorithmIdentifier::from_element(&signature_algorithm),
        )?;
        let signature = at(Field::SignatureValue, certificate.expect(tag::BIT_STRING))?;
        let aligned = signature.value.first() == Some(&0);
        if !aligned {
            let error = signature.error(ErrorKind::BadValue);
            return Err(CertificateError::Encoding {
                field: Field::SignatureValue,
                error,
            });
        }
        at(Field::Frame, certificate.finish())?;

        let mut layout = Self::parse_tbs(&tbs, &signature_algorithm)?;
        layout.signature = Span {
            start: signature.value_offset() + 1,
            end: signature.offset + signature.whole.len() as u32,
        };
        Ok(layout)
    }

    fn parse_tbs(
        tbs: &Element<'_>,
        signature_algorithm: &Element<'_>,
    ) -> Result<Self, CertificateError> {
        let mut reader = tbs.reader();
        let version = at(Field::Version, version(&mut reader))?;
        let serial = at(Field::SerialNumber, serial(&mut reader))?;
        let inner = at(Field::SignatureAlgorithm, reader.expect(tag::SEQUENCE))?;
        if inner.whole != signature_algorithm.whole {
            return Err(CertificateError::AlgorithmMismatch);
        }
        let issuer = at(Field::Issuer, name(&mut reader))?;
        let validity = at(Field::Validity, Validity::parse(&mut reader))?;
        let subject = at(Field::Subject, name(&mut reader))?;
        let spki = at(Field::SubjectPublicKeyInfo, reader.element())?;
        at(
            Field::SubjectPublicKeyInfo,
            SubjectPublicKeyInfo::from_element(&spki),
        )?;

        let mut layout = Self {
            version,
            tbs: Span::of(tbs),
            serial: Span::of_value(&serial),
            issuer: Span::of(&issuer),
            not_before: validity.not_before,
            not_after: validity.not_after,
            subject: Span::of(&subject),
            spki: Span::of(&spki),
            extensions: Span::default(),
            signature_algorithm: Span::of(signature_algorithm),
            signature: Span::default(),
            known: [Span::default(); ExtensionKind::COUNT],
            critical: 0,
            unknown_critical: None,
            early_generalized_time: validity.early_generalized_time,
            has_unique_identifiers: false,
        };
        layout.parse_unique_identifiers(&mut reader)?;
        layout.parse_extensions(&mut reader)?;
        at(Field::Frame, reader.finish())?;
        Ok(layout)
    }

    fn parse_unique_identifiers(
        &mut self,
        reader: &mut Reader<'_>,
    ) -> Result<(), CertificateError> {
        let field = Field::UniqueIdentifier;
        for number in [1, 2] {
            let Some(element) = at(field, reader.optional(tag::context(number)))? else {
                continue;
            };
            if self.version == Version::V1 {
                return Err(CertificateError::NotInThisVersion { field });
            }
            let bits = der::BitString::new(element.value);
            at(
                field,
                bits.ok_or_else(|| element.error(ErrorKind::BadValue)),
            )?;
            self.has_unique_identifiers = true;
        }
        Ok(())
    }

    fn parse_extensions(&mut self, reader: &mut Reader<'_>) -> Result<(), CertificateError> {
        let field = Field::Extensions;
        let Some(explicit) = at(field, reader.optional(tag::context_constructed(3)))? else {
            return Ok(());
        };
        if self.version != Version::V3 {
            return Err(CertificateError::NotInThisVersion { field });
        }
        let mut explicit = explicit.reader();
        let list = at(field, explicit.expect(tag::SEQUENCE))?;
        at(field, explicit.finish())?;
        if list.value.is_empty() {
            let error = list.error(ErrorKind::BadValue);
            return Err(CertificateError::Encoding { field, error });
        }
        self.extensions = Span::of_value(&list);

        let mut rest = list.reader();
        let mut count = 0;
        while !rest.is_empty() {
            count += 1;
            if count > MAX_EXTENSIONS {
                return Err(CertificateError::TooManyExtensions);
            }
            let element = at(field, rest.expect(tag::SEQUENCE))?;
            let extension = at(field, RawExtension::parse(&element))?;
            self.index(&list, &element, &extension)?;
        }
        Ok(())
    }

    fn index(
        &mut self,
        list: &Element<'_>,
        element: &Element<'_>,
        extension: &RawExtension<'_>,
    ) -> Result<(), CertificateError> {
        let duplicate = CertificateError::DuplicateExtension {
            offset: element.offset,
        };
        let Some(kind) = ExtensionKind::from_oid(extension.oid) else {
            if occurs_before(list, element.offset, extension.oid) {
                return Err(duplicate);
            }
            if extension.critical && self.unknown_critical.is_none() {
                self.unknown_critical = Some(Span::of(element));
            }
            return Ok(());
        };
        let Some(slot) = self.known.get_mut(kind as usize) else {
            return Ok(());
        };
        if slot.start != 0 {
            return Err(duplicate);
        }
        *slot = Span::of_value(&extension.value);
        self.critical |= u32::from(extension.critical) << kind as u32;
        Ok(())
    }
}

/// `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`.
pub(super) struct RawExtension<'a> {
    pub(super) oid: &'a [u8],
    pub(super) critical: bool,
    pub(super) value: Element<'a>,
}

impl<'a> RawExtension<'a> {
    pub(super) fn parse(element: &Element<'a>) -> der::Result<Self> {
        let mut reader = element.reader();
        let extension = Self {
            oid: reader.oid()?,
            critical: reader.default_false()?,
            value: reader.expect(tag::OCTET_STRING)?,
        };
        reader.finish()?;
        Ok(extension)
    }
}

/// Was this unknown extension there already? Only other unknown ones are worth a look, but telling them apart costs as
/// much as comparing.
#[cold]
fn occurs_before(list: &Element<'_>, offset: u32, oid: &[u8]) -> bool {
    let mut reader = list.reader();
    while reader.offset() < offset {
        let Ok(earlier) = reader.element() else {
            return false;
        };
        if earlier.reader().oid() == Ok(oid) {
            return true;
        }
    }
    false
}

fn at<T>(field: Field, result: der::Result<T>) -> Result<T, CertificateError> {
    result.map_err(|error| CertificateError::Encoding { field, error })
}

/// `[0] EXPLICIT INTEGER DEFAULT v1`: an encoded v1 is an encoded default.
fn version(reader: &mut Reader<'_>) -> der::Result<Version> {
    let Some(explicit) = reader.optional(tag::context_constructed(0))? else {
        return Ok(Version::V1);
    };
    let mut inner = explicit.reader();
    let number = inner.integer()?;
    inner.finish()?;
    match *number {
        [0] => Err(explicit.error(ErrorKind::EncodedDefault)),
        [1] => Ok(Version::V2),
        [2] => Ok(Version::V3),
        _ => Err(explicit.error(ErrorKind::BadValue)),
    }
}

fn serial<'a>(reader: &mut Reader<'a>) -> der::Result<Element<'a>> {
    let element = reader.expect(tag::INTEGER)?;
    if der::is_minimal_integer(element.value) {
        Ok(element)
    } else {
        Err(element.error(ErrorKind::BadValue))
    }
}

fn name<'a>(reader: &mut Reader<'a>) -> der::Result<Element<'a>> {
    let element = reader.element()?;
    Name::from_element(&element)?;
    Ok(element)
}

struct Validity {
    not_before: Time,
    not_after: Time,
    early_generalized_time: bool,
}

impl Validity {
    fn parse(reader: &mut Reader<'_>) -> der::Result<Self> {
        let mut reader = reader.sequence()?;
        let before = reader.element()?;
        let after = reader.element()?;
        reader.finish()?;
        let (not_before, not_after) = (Time::from_der(&before)?, Time::from_der(&after)?);
        let early = |element: &Element<'_>, time: Time| {
            element.tag == tag::GENERALIZED_TIME && time < START_OF_2050
        };
        Ok(Self {
            not_before,
            not_after,
            early_generalized_time: early(&before, not_before) || early(&after, not_after),
        })
    }
}

const START_OF_2050: Time = Time::from_unix(2_524_608_000);
