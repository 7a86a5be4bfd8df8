//! The one pass over a certificate's bytes (RFC 5280 section 4.1).
//!
//! It frames every field, notes where each is, and checks what must hold before the certificate can
//! be used at all: strict DER, equal inner and outer signature algorithms (4.1.1.2), no extension
//! twice (4.2), no field that the version does not have (4.1), dates that exist (4.1.2.5) and
//! well-formed names (4.1.2.4). Extensions are indexed here and decoded elsewhere.
//!
//! The cost is linear in the bytes. Unknown extensions are also compared with each other, and
//! [`MAX_EXTENSIONS`] bounds their number. Nothing is allocated.

use super::error::{CertificateError, Field};
use super::extensions::ExtensionKind;
use super::name::Name;
use super::raw_extension::{FastExtension, RawExtension, occurs_before};
use super::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use crate::der::{
    self, BitString, Element, ErrorKind, FailedSomewhere, ReadError, Reader, Span, tag,
};
use crate::narrow;
use crate::time::Time;

/// [`Certificate::MAX_BYTES`](super::Certificate::MAX_BYTES).
pub(super) const MAX_BYTES: usize = 128 * 1024;

/// [`Certificate::MAX_EXTENSIONS`](super::Certificate::MAX_EXTENSIONS).
pub(super) const MAX_EXTENSIONS: usize = 64;

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

defaults! {
    /// Offsets of all that validation reads, and no more of them than it takes to find the rest: a
    /// certificate is moved and cloned often.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Layout;

    /// Of no certificate.
    default;

    pub(super) version: Version = Version::V1;
    pub(super) tbs: Span = Span::EMPTY;
    pub(super) serial: Span = Span::EMPTY;
    pub(super) issuer: Span = Span::EMPTY;
    pub(super) validity: Validity = Validity::EMPTY;
    pub(super) subject: Span = Span::EMPTY;
    pub(super) spki: Span = Span::EMPTY;
    /// The content of the SEQUENCE OF Extension.
    pub(super) extensions: Span = Span::EMPTY;
    pub(super) signature_algorithm: Span = Span::EMPTY;
    pub(super) signature: Span = Span::EMPTY;
    /// The value of each known extension, by [`ExtensionKind`]: the content of its OCTET STRING.
    known: [Span; ExtensionKind::COUNT] = [Span::EMPTY; ExtensionKind::COUNT];
    /// One bit for each known extension that is there.
    present: u32 = 0;
    /// One bit for each known extension that is marked critical.
    critical: u32 = 0;
    /// The first critical extension that is not known; 0 for absent.
    unknown_critical: u32 = 0;
    /// An extension writes `critical FALSE` out.
    pub(super) says_not_critical: bool = false;
    pub(super) has_unique_identifiers: bool = false;
}

impl Layout {
    /// A reader over the value of a known extension.
    #[inline]
    pub(super) fn known<'a, E: ReadError>(
        &self,
        bytes: &'a [u8],
        kind: ExtensionKind,
    ) -> Option<Reader<'a, E>> {
        let span = self.known.get(kind as usize)?;
        self.is_present(kind).then(|| span.reader(bytes))
    }

    #[inline]
    pub(super) fn is_present(&self, kind: ExtensionKind) -> bool {
        self.present & (1 << kind as u32) != 0
    }

    /// Readers over the values of all known extensions, by kind.
    #[inline]
    pub(super) fn all_known<'a, E: ReadError>(
        &self,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = (ExtensionKind, Reader<'a, E>)> + use<'_, 'a, E> {
        let mut left = self.present;
        core::iter::from_fn(move || {
            let kind = ExtensionKind::ALL.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            let span = self.known.get(*kind as usize)?;
            Some((*kind, span.reader(bytes)))
        })
    }

    /// The first critical extension that is not known.
    #[inline]
    pub(super) fn unknown_critical<'a>(&self, bytes: &'a [u8]) -> Option<Element<'a>> {
        if self.unknown_critical == 0 {
            return None;
        }
        let start = bytes.get(self.unknown_critical as usize..)?;
        Reader::at(start, self.unknown_critical).element().ok()
    }

    #[inline]
    pub(super) fn is_critical(&self, kind: ExtensionKind) -> bool {
        self.critical & (1 << kind as u32) != 0
    }

    /// Notes what stands in these bytes, in an empty layout. The fields are written where they
    /// stay: a layout is long to move.
    #[inline]
    pub(super) fn fill(&mut self, bytes: &[u8]) -> Result<(), CertificateError> {
        match self.read(bytes) {
            Ok(()) => Ok(()),
            Err(FailedSomewhere) => self.read_for_error(bytes),
        }
    }

    /// Nothing of what has been read is left when it is read again.
    #[cold]
    fn read_for_error(&mut self, bytes: &[u8]) -> Result<(), CertificateError> {
        *self = Self::default();
        self.read(bytes)
    }

    fn read<R: Refusal>(&mut self, bytes: &[u8]) -> Result<(), R> {
        if bytes.len() > MAX_BYTES {
            return Err(R::of(CertificateError::TooLarge { bytes: bytes.len() }));
        }
        let mut outer = Reader::<R::Encoding>::over(bytes);
        let mut certificate = at(Field::Frame, outer.sequence())?;
        at(Field::Frame, outer.finish())?;

        let tbs = at(Field::Frame, certificate.expect(tag::SEQUENCE))?;
        let signature_algorithm = at(Field::SignatureAlgorithm, certificate.element())?;
        let algorithm = AlgorithmIdentifier::from_element(&signature_algorithm);
        at(Field::SignatureAlgorithm, algorithm)?;
        let signature = at(Field::SignatureValue, certificate.expect(tag::BIT_STRING))?;
        let aligned = signature.value.first() == Some(&0);
        if !aligned {
            let error = signature.error(ErrorKind::BadValue);
            return Err(R::encoding(Field::SignatureValue, error));
        }
        at(Field::Frame, certificate.finish())?;

        self.tbs = Span::of(&tbs);
        self.signature_algorithm = Span::of(&signature_algorithm);
        self.signature = Span {
            start: signature.value_offset() + 1,
            end: signature.end(),
        };
        self.read_tbs(&tbs, &signature_algorithm)
    }

    fn read_tbs<R: Refusal>(
        &mut self,
        tbs: &Element<'_, R::Encoding>,
        signature_algorithm: &Element<'_, R::Encoding>,
    ) -> Result<(), R> {
        let mut reader = tbs.reader();
        let version = at(Field::Version, version(&mut reader))?;
        let serial = at(Field::SerialNumber, serial(&mut reader))?;
        let inner = at(Field::SignatureAlgorithm, reader.expect(tag::SEQUENCE))?;
        if inner.whole != signature_algorithm.whole {
            return Err(R::of(CertificateError::AlgorithmMismatch));
        }
        let issuer = at(Field::Issuer, name(&mut reader))?;
        let validity = at(Field::Validity, Validity::parse(&mut reader))?;
        let subject = at(Field::Subject, name(&mut reader))?;
        let spki = at(Field::SubjectPublicKeyInfo, reader.element())?;
        let key = SubjectPublicKeyInfo::from_element(&spki);
        at(Field::SubjectPublicKeyInfo, key)?;

        self.version = version;
        self.serial = Span::of_value(&serial);
        self.issuer = Span::of(&issuer);
        self.validity = validity;
        self.subject = Span::of(&subject);
        self.spki = Span::of(&spki);
        self.read_unique_identifiers(&mut reader)?;
        self.read_extensions(&mut reader)?;
        at(Field::Frame, reader.finish())
    }

    fn read_unique_identifiers<R: Refusal>(
        &mut self,
        reader: &mut Reader<'_, R::Encoding>,
    ) -> Result<(), R> {
        let field = Field::UniqueIdentifier;
        for number in [1, 2] {
            let Some(element) = at(field, reader.optional(tag::context(number)))? else {
                continue;
            };
            if self.version == Version::V1 {
                return Err(R::of(CertificateError::NotInThisVersion { field }));
            }
            at(field, BitString::from_element(&element))?;
            self.has_unique_identifiers = true;
        }
        Ok(())
    }

    fn read_extensions<R: Refusal>(
        &mut self,
        reader: &mut Reader<'_, R::Encoding>,
    ) -> Result<(), R> {
        let field = Field::Extensions;
        let Some(explicit) = at(field, reader.optional(tag::context_constructed(3)))? else {
            return Ok(());
        };
        if self.version != Version::V3 {
            return Err(R::of(CertificateError::NotInThisVersion { field }));
        }
        let list = at(field, explicit.reader().only(tag::SEQUENCE))?;
        if list.value.is_empty() {
            let error = list.error(ErrorKind::BadValue);
            return Err(R::encoding(field, error));
        }
        self.extensions = Span::of_value(&list);

        let mut rest = list.reader();
        let mut unknown = None;
        let mut count = 0;
        while !rest.is_empty() {
            count += 1;
            if count > MAX_EXTENSIONS {
                return Err(R::of(CertificateError::TooManyExtensions));
            }
            let here = rest;
            let (kind, critical, length) = match FastExtension::read(rest.rest()) {
                Some(fast) => {
                    rest.go_on_at(fast.rest);
                    (fast.kind, fast.critical, fast.length)
                }
                None => {
                    let extension = at(field, RawExtension::read(&mut rest))?;
                    self.says_not_critical |= extension.says_not_critical;
                    let Some(kind) = ExtensionKind::from_oid(extension.oid.as_bytes()) else {
                        // Only other unknown ones are worth a look.
                        let since_first = *unknown.get_or_insert(here);
                        if occurs_before(since_first, here.offset(), extension.oid) {
                            return Err(duplicate(here.offset()));
                        }
                        if extension.critical && self.unknown_critical == 0 {
                            self.unknown_critical = here.offset();
                        }
                        continue;
                    };
                    let length = narrow::bounded(extension.value.value.len());
                    (kind, extension.critical, length)
                }
            };
            let bit = 1 << kind as u32;
            if self.present & bit != 0 {
                return Err(duplicate(here.offset()));
            }
            self.present |= bit;
            self.critical |= if critical { bit } else { 0 };
            // A value is the last part of its extension.
            let end = rest.offset();
            if let Some(slot) = self.known.get_mut(kind as usize) {
                let start = end - length;
                *slot = Span { start, end };
            }
        }
        Ok(())
    }
}

#[cold]
fn duplicate<R: Refusal>(offset: u32) -> R {
    R::of(CertificateError::DuplicateExtension { offset })
}

/// How a certificate is refused: with the error, or when it is read for the first time, with none.
trait Refusal {
    /// What is known of a failure to read DER.
    type Encoding: ReadError;

    fn encoding(field: Field, error: Self::Encoding) -> Self;

    fn of(error: CertificateError) -> Self;
}

impl Refusal for CertificateError {
    type Encoding = der::Error;

    fn encoding(field: Field, error: der::Error) -> Self {
        Self::Encoding { field, error }
    }

    fn of(error: CertificateError) -> Self {
        error
    }
}

impl Refusal for FailedSomewhere {
    type Encoding = Self;

    fn encoding(_: Field, error: Self) -> Self {
        error
    }

    fn of(_: CertificateError) -> Self {
        Self
    }
}

#[inline(always)]
fn at<T, R: Refusal>(field: Field, result: Result<T, R::Encoding>) -> Result<T, R> {
    result.map_err(|error| R::encoding(field, error))
}

/// `[0] EXPLICIT INTEGER DEFAULT v1`: an encoded v1 is an encoded default.
fn version<E: ReadError>(reader: &mut Reader<'_, E>) -> Result<Version, E> {
    // What nearly every certificate says, at one glance.
    const V3: [u8; 5] = [0xa0, 3, tag::INTEGER, 1, 2];
    if let Some((&V3, rest)) = reader.rest().split_first_chunk() {
        reader.go_on_at(rest);
        return Ok(Version::V3);
    }
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

fn serial<'a, E: ReadError>(reader: &mut Reader<'a, E>) -> Result<Element<'a, E>, E> {
    let element = reader.expect(tag::INTEGER)?;
    element.as_integer()?;
    Ok(element)
}

fn name<'a, E: ReadError>(reader: &mut Reader<'a, E>) -> Result<Element<'a, E>, E> {
    let element = reader.element()?;
    Name::from_element(&element)?;
    Ok(element)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: Time,
    pub(super) not_after: Time,
    /// One of both is a GeneralizedTime of a year before 2050.
    pub(super) early_generalized_time: bool,
}

impl Validity {
    const EMPTY: Self = Self {
        not_before: Time::from_unix(0),
        not_after: Time::from_unix(0),
        early_generalized_time: false,
    };

    fn parse<E: ReadError>(reader: &mut Reader<'_, E>) -> Result<Self, E> {
        if let Some((fast, rest)) = Self::fast(reader.rest()) {
            reader.go_on_at(rest);
            return Ok(fast);
        }
        let mut reader = reader.sequence()?;
        let before = reader.element()?;
        let after = reader.element()?;
        reader.finish()?;
        let (not_before, not_after) = (Time::from_element(&before)?, Time::from_element(&after)?);
        let early = |element: &Element<'_, E>, time: Time| {
            element.tag == tag::GENERALIZED_TIME && time < START_OF_2050
        };
        Ok(Self {
            not_before,
            not_after,
            early_generalized_time: early(&before, not_before) || early(&after, not_after),
        })
    }

    /// Two UTCTimes, as nearly every certificate has them, and what follows. `None` decides
    /// nothing.
    #[inline]
    fn fast(tbs: &[u8]) -> Option<(Self, &[u8])> {
        const FIRST: [u8; 4] = [tag::SEQUENCE, 30, tag::UTC_TIME, 13];
        const SECOND: [u8; 2] = [tag::UTC_TIME, 13];
        let (first, rest) = tbs.split_first_chunk()?;
        let (before, rest) = rest.split_first_chunk()?;
        let (second, rest) = rest.split_first_chunk()?;
        let (after, rest) = rest.split_first_chunk()?;
        if *first != FIRST || *second != SECOND {
            return None;
        }
        let fast = Self {
            not_before: Time::from_utc_time(before)?,
            not_after: Time::from_utc_time(after)?,
            early_generalized_time: false,
        };
        Some((fast, rest))
    }
}

const START_OF_2050: Time = Time::from_unix(2_524_608_000);

#[cfg(test)]
mod testing;
