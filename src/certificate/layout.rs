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
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::certificate::Certificate;
    use crate::certificate::testing::{
        Parts, changes, common_name, extension, sequence, tlv, validity,
    };

    fn refuse(parts: &Parts) -> CertificateError {
        Certificate::from_der(&parts.der()).expect_err("refused")
    }

    fn change(edit: impl FnOnce(&mut Parts)) -> Parts {
        let mut parts = Parts::default();
        edit(&mut parts);
        parts
    }

    /// The certificate is refused for this field, with this kind of error.
    fn encoding(expected: Field, kind: ErrorKind, edit: impl FnOnce(&mut Parts)) {
        match refuse(&change(edit)) {
            CertificateError::Encoding { field, error } => {
                assert_eq!((field, error.kind), (expected, kind));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn keeps_the_received_slices() {
        let parts = Parts::default();
        let certificate = Certificate::from_der(&parts.der()).unwrap();
        assert_eq!(certificate.as_der(), parts.der());
        assert_eq!(certificate.tbs(), parts.tbs());
        assert_eq!(certificate.spki_der(), parts.spki);
        assert_eq!(certificate.subject().as_der(), parts.subject);
        assert_eq!(certificate.issuer().as_der(), parts.issuer);
        assert_eq!(certificate.serial(), [1, 2, 3]);
        assert_eq!(certificate.signature(), [9; 64]);
        assert_eq!(
            certificate.signature_algorithm().as_der(),
            parts.outer_algorithm
        );
        assert_eq!(certificate.version(), Version::V3);
        assert!(certificate.is_critical(ExtensionKind::BasicConstraints));
        assert_eq!(
            certificate.extension(ExtensionKind::BasicConstraints),
            Some(&[0x30, 0][..])
        );
        assert_eq!(certificate.extension(ExtensionKind::KeyUsage), None);
        assert_eq!(certificate.not_before().to_civil().0, 2026);
        assert_eq!(certificate.not_after().to_civil().0, 2027);
    }

    #[test]
    fn frame() {
        let der = Parts::default().der();
        for cut in (0..der.len()).step_by(if cfg!(miri) { 8 } else { 1 }) {
            assert!(Certificate::from_der(&der[..cut]).is_err(), "cut at {cut}");
        }
        let mut longer = der.clone();
        longer.push(0);
        let error = Certificate::from_der(&longer).unwrap_err();
        let expected = der::Error {
            kind: ErrorKind::TrailingData,
            offset: der.len() as u32,
        };
        assert_eq!(
            error,
            CertificateError::Encoding {
                field: Field::Frame,
                error: expected
            }
        );
        // Something after the signature, and something after the extensions.
        let parts = Parts::default();
        let after_signature = sequence(&[
            parts.tbs(),
            parts.outer_algorithm.clone(),
            parts.signature.clone(),
            tlv(0x05, &[]),
        ]);
        assert!(Certificate::from_der(&after_signature).is_err());
        encoding(Field::Frame, ErrorKind::TrailingData, |p| {
            p.extensions.extend(tlv(0x05, &[]));
        });
    }

    #[test]
    fn versions() {
        let with = |version: Vec<u8>| {
            change(|p| {
                p.version = version;
                p.extensions.clear();
            })
        };
        let version = |parts: Parts| Certificate::from_der(&parts.der()).unwrap().version();
        assert_eq!(version(with(Vec::new())), Version::V1);
        assert_eq!(version(with(tlv(0xa0, &tlv(0x02, &[1])))), Version::V2);
        assert_eq!(version(with(tlv(0xa0, &tlv(0x02, &[2])))), Version::V3);
        encoding(Field::Version, ErrorKind::EncodedDefault, |p| {
            p.version = tlv(0xa0, &tlv(0x02, &[0]))
        });
        encoding(Field::Version, ErrorKind::BadValue, |p| {
            p.version = tlv(0xa0, &tlv(0x02, &[3]))
        });
        encoding(Field::Version, ErrorKind::BadValue, |p| {
            p.version = tlv(0xa0, &tlv(0x02, &[0, 2]))
        });
        encoding(Field::Version, ErrorKind::TrailingData, |p| {
            p.version = tlv(0xa0, &[tlv(0x02, &[2]), tlv(0x05, &[])].concat());
        });
    }

    #[test]
    fn fields_that_a_version_lacks() {
        let field = Field::Extensions;
        for version in [Vec::new(), tlv(0xa0, &tlv(0x02, &[1]))] {
            let parts = change(|p| p.version = version);
            assert_eq!(refuse(&parts), CertificateError::NotInThisVersion { field });
        }
        let field = Field::UniqueIdentifier;
        let parts = change(|p| {
            p.version.clear();
            p.extensions.clear();
            p.unique_identifiers = tlv(0x81, &[0, 1]);
        });
        assert_eq!(refuse(&parts), CertificateError::NotInThisVersion { field });
        assert_eq!(
            refuse(&parts).to_string(),
            "a certificate of this version has no unique identifier [RFC 5280 section 4.1.2.8]"
        );
        let parts =
            change(|p| p.unique_identifiers = [tlv(0x81, &[0, 1]), tlv(0x82, &[0, 1])].concat());
        assert!(
            Certificate::from_der(&parts.der())
                .unwrap()
                .has_unique_identifiers()
        );
        encoding(field, ErrorKind::BadValue, |p| {
            p.unique_identifiers = tlv(0x81, &[])
        });
        encoding(Field::Frame, ErrorKind::TrailingData, |p| {
            p.unique_identifiers = [tlv(0x82, &[0, 1]), tlv(0x81, &[0, 1])].concat();
        });
    }

    #[test]
    fn serial_numbers() {
        for good in [&[0][..], &[0x80], &[0, 0x80], &[0x7f; 20]] {
            let parts = change(|p| p.serial = tlv(0x02, good));
            assert_eq!(Certificate::from_der(&parts.der()).unwrap().serial(), good);
        }
        encoding(Field::SerialNumber, ErrorKind::BadValue, |p| {
            p.serial = tlv(0x02, &[])
        });
        encoding(Field::SerialNumber, ErrorKind::BadValue, |p| {
            p.serial = tlv(0x02, &[0, 1])
        });
        encoding(Field::SerialNumber, ErrorKind::BadValue, |p| {
            p.serial = tlv(0x02, &[0xff, 0xff])
        });
        encoding(Field::SerialNumber, ErrorKind::UnexpectedTag, |p| {
            p.serial = tlv(0x04, &[1])
        });
    }

    #[test]
    fn algorithms() {
        let other = tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x71]);
        assert_eq!(
            refuse(&change(|p| p.inner_algorithm = other.clone())),
            CertificateError::AlgorithmMismatch
        );
        // The same algorithm written otherwise is another one.
        let with_null = tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0x00]);
        assert_eq!(
            refuse(&change(|p| p.inner_algorithm = with_null)),
            CertificateError::AlgorithmMismatch
        );
        let field = Field::SignatureAlgorithm;
        encoding(field, ErrorKind::BadValue, |p| {
            p.outer_algorithm = tlv(0x30, &tlv(0x06, &[0x80]))
        });
        encoding(field, ErrorKind::Truncated, |p| {
            p.outer_algorithm = tlv(0x30, &[])
        });
        encoding(field, ErrorKind::UnexpectedTag, |p| {
            p.outer_algorithm = tlv(0x31, &[])
        });
    }

    #[test]
    fn names() {
        for (field, set) in [
            (
                Field::Issuer,
                (|p, name| p.issuer = name) as fn(&mut Parts, Vec<u8>),
            ),
            (Field::Subject, |p, name| p.subject = name),
        ] {
            // An empty name is one; who may have it is not for the parser to say.
            let parts = change(|p| set(p, tlv(0x30, &[])));
            assert!(Certificate::from_der(&parts.der()).is_ok());
            for bad in [
                tlv(0x31, &[]),
                sequence(&[tlv(0x31, &[])]),
                sequence(&[tlv(0x30, &[])]),
                sequence(&[tlv(0x31, &tlv(0x30, &tlv(0x06, &[0x55, 0x04, 0x03])))]),
                [common_name("x"), tlv(0x05, &[])].concat(),
            ] {
                let error = refuse(&change(|p| set(p, bad.clone())));
                let named =
                    matches!(error, CertificateError::Encoding { field: f, .. } if f == field);
                assert!(named || bad.ends_with(&[0x05, 0x00]), "{error:?}");
            }
        }
    }

    #[test]
    fn periods() {
        let early =
            change(|p| p.validity = validity(0x18, "20260101000000Z", 0x17, "270101000000Z"));
        let early = Certificate::from_der(&early.der()).unwrap();
        assert!(early.has_early_generalized_time());
        let late =
            change(|p| p.validity = validity(0x17, "500101000000Z", 0x18, "99991231235959Z"));
        let late = Certificate::from_der(&late.der()).unwrap();
        assert!(!late.has_early_generalized_time());
        assert_eq!(late.not_before().unix(), -631_152_000);
        // Reversed is no fault of the encoding.
        let reversed =
            change(|p| p.validity = validity(0x17, "270101000000Z", 0x17, "260101000000Z"));
        assert!(Certificate::from_der(&reversed.der()).is_ok());
        let field = Field::Validity;
        for (tag, text) in [
            (0x17, "260230000000Z"),
            (0x17, "2601010000Z"),
            (0x17, "260101000000+0000"),
            (0x18, "20260101000000.5Z"),
            (0x18, "20260101000000"),
        ] {
            encoding(field, ErrorKind::BadValue, |p| {
                p.validity = validity(tag, text, 0x17, "270101000000Z");
            });
            encoding(field, ErrorKind::BadValue, |p| {
                p.validity = validity(0x17, "260101000000Z", tag, text);
            });
        }
        encoding(field, ErrorKind::UnexpectedTag, |p| {
            p.validity = validity(0x04, "260101000000Z", 0x17, "270101000000Z");
        });
        encoding(field, ErrorKind::Truncated, |p| {
            p.validity = sequence(&[tlv(0x17, b"260101000000Z")])
        });
        encoding(field, ErrorKind::TrailingData, |p| {
            let mut three = tlv(0x17, b"260101000000Z").repeat(3);
            three = tlv(0x30, &three);
            p.validity = three;
        });
    }

    #[test]
    fn keys_and_signatures_are_whole_octets() {
        let algorithm = tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x70]);
        let field = Field::SubjectPublicKeyInfo;
        for bits in [&[][..], &[1, 0xfe], &[8, 0]] {
            encoding(field, ErrorKind::BadValue, |p| {
                p.spki = sequence(&[algorithm.clone(), tlv(0x03, bits)])
            });
            encoding(Field::SignatureValue, ErrorKind::BadValue, |p| {
                p.signature = tlv(0x03, bits)
            });
        }
        encoding(field, ErrorKind::Truncated, |p| {
            p.spki = tlv(0x30, &algorithm)
        });
        encoding(field, ErrorKind::TrailingData, |p| {
            p.spki = sequence(&[algorithm.clone(), tlv(0x03, &[0]), tlv(0x05, &[])]);
        });
        encoding(Field::SignatureValue, ErrorKind::UnexpectedTag, |p| {
            p.signature = tlv(0x04, &[0])
        });
    }

    const UNKNOWN: &[u8] = &[0x2a, 0x03];
    const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];

    #[test]
    fn extensions() {
        let field = Field::Extensions;
        let value = [0x03, 0x02, 0x05, 0xa0];
        encoding(field, ErrorKind::BadValue, |p| {
            p.extensions = tlv(0xa3, &sequence(&[]))
        });
        encoding(field, ErrorKind::UnexpectedTag, |p| {
            p.extensions = tlv(0xa3, &tlv(0x31, &[]))
        });
        encoding(field, ErrorKind::BadValue, |p| {
            *p = p
                .clone()
                .with_extensions(&[extension(KEY_USAGE, Some(1), &value)]);
        });
        encoding(field, ErrorKind::BadValue, |p| {
            *p = p
                .clone()
                .with_extensions(&[extension(&[0x80], None, &value)]);
        });
        encoding(field, ErrorKind::Truncated, |p| {
            *p = p
                .clone()
                .with_extensions(&[sequence(&[tlv(0x06, KEY_USAGE)])]);
        });
        encoding(field, ErrorKind::TrailingData, |p| {
            let mut long = extension(KEY_USAGE, None, &value);
            long.extend([0x05, 0x00]);
            long[1] += 2;
            *p = p.clone().with_extensions(&[long]);
        });
        encoding(field, ErrorKind::TrailingData, |p| {
            let list = sequence(&[extension(KEY_USAGE, None, &value)]);
            p.extensions = tlv(0xa3, &[list, tlv(0x05, &[])].concat());
        });
    }

    #[test]
    fn no_extension_occurs_twice() {
        let value = [0x05, 0x00];
        let known = extension(KEY_USAGE, None, &value);
        let unknown = extension(UNKNOWN, None, &value);
        let critical = extension(UNKNOWN, Some(0xff), &value);
        let third = extension(&[0x2a, 0x04], None, &value);
        for twice in [
            &[known.clone(), known.clone()][..],
            &[unknown.clone(), unknown.clone()],
            &[
                unknown.clone(),
                known.clone(),
                third.clone(),
                critical.clone(),
            ],
            &[known.clone(), unknown.clone(), known.clone()],
        ] {
            let parts = Parts::default().with_extensions(twice);
            let refused = refuse(&parts);
            assert!(
                matches!(refused, CertificateError::DuplicateExtension { .. }),
                "{refused:?}"
            );
        }
        let parts = Parts::default().with_extensions(&[critical, known, third]);
        let certificate = Certificate::from_der(&parts.der()).unwrap();
        assert_eq!(certificate.extensions().count(), 3);
        assert_eq!(
            certificate.unknown_critical_extension().unwrap().as_bytes(),
            UNKNOWN
        );
    }

    #[test]
    fn limits() {
        let numbered = |n: u8| extension(&[0x2a, n], None, &[]);
        let many: Vec<_> = (0..MAX_EXTENSIONS as u8).map(numbered).collect();
        assert!(Certificate::from_der(&Parts::default().with_extensions(&many).der()).is_ok());
        let more: Vec<_> = (0..=MAX_EXTENSIONS as u8).map(numbered).collect();
        assert_eq!(
            refuse(&Parts::default().with_extensions(&more)),
            CertificateError::TooManyExtensions
        );
        let large = alloc::vec![0x30; MAX_BYTES + 1];
        assert_eq!(
            Certificate::from_der(&large).unwrap_err(),
            CertificateError::TooLarge {
                bytes: MAX_BYTES + 1
            }
        );
    }

    #[test]
    fn every_single_byte_change_is_refused_or_kept() {
        let der = Parts::default().der();
        let step = if cfg!(miri) { 16 } else { 1 };
        for place in (0..der.len()).step_by(step) {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = der.clone();
                changed[place] ^= flip;
                if let Ok(certificate) = Certificate::from_der(&changed) {
                    assert_eq!(certificate.as_der(), changed);
                    assert!(certificate.tbs().len() < changed.len());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn both_readings_come_to_the_same(changes in changes()) {
            let known = [(&[0x55, 0x1d, 15][..], Some(0xff)), (&[0x55, 0x1d, 17], None)];
            let known = known.map(|(oid, critical)| extension(oid, critical, &[4, 2, 5, 0]));
            let mut der = Parts::default().with_extensions(&known).der();
            for (at, octet) in changes {
                let at = at.index(der.len());
                der[at] = octet;
            }
            let (mut quick, mut exact) = (Layout::default(), Layout::default());
            let first = quick.read::<FailedSomewhere>(&der);
            let second = exact.read::<CertificateError>(&der);
            prop_assert_eq!(first.is_ok(), second.is_ok());
            prop_assert!(first.is_err() || quick == exact);
        }

        #[test]
        fn a_validity_at_one_glance_is_the_one_field_by_field(changes in changes()) {
            let mut der = b"\x30\x1e\x17\x0d491231235959Z\x17\x0d500101000000Z\x05\x00".to_vec();
            for (at, octet) in changes {
                let at = at.index(der.len());
                der[at] = octet;
            }
            if let Some((fast, rest)) = Validity::fast(&der) {
                let mut reader = Reader::new(&der);
                let mut fields = reader.sequence().unwrap();
                for time in [fast.not_before, fast.not_after] {
                    prop_assert_eq!(Time::from_element(&fields.element().unwrap()), Ok(time));
                }
                prop_assert!(fields.is_empty() && !fast.early_generalized_time);
                prop_assert_eq!(rest, reader.rest());
            }
        }
    }
}
