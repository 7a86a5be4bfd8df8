//! The one pass over a list's bytes (RFC 5280 section 5.1).
//!
//! It frames every field, checks what a list must be before anything may be concluded from it (strict DER, the two signature
//! algorithms alike, no extension twice, none in version 1, dates that exist, names that are names) and notes where the
//! fields are. Unlike a certificate's, all known extensions are decoded at once, those of entries too: whoever
//! looks up one entry relies on all of them being what they claim.

use super::CrlVersion;
use super::entries::{Checked, Entries};
use super::error::{CrlError, CrlField, at};
use super::extension::{self, RawExtension};
use super::index::Index;
use super::issuers::Issuers;
use super::issuing_distribution_point::IssuingDistributionPoint;
use super::number::CrlNumber;
use crate::certificate::extensions::{
    AuthorityInfoAccess, AuthorityKeyIdentifier, CrlDistributionPoints, IssuerAltName,
};
use crate::certificate::{AlgorithmIdentifier, Name};
use crate::der::{self, Element, ErrorKind, Reader, tag};
use crate::time::Time;

/// Most bytes of a list: what DER lengths reach here, far more than anybody should accept.
pub const MAX_BYTES: usize = i32::MAX as usize;

/// Where a field is: offsets from the start of the list.
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

    /// Of a part of `whole`, which stands at `offset`.
    pub(super) fn within(offset: u32, whole: &[u8], part: &[u8]) -> Self {
        let start = offset + (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize) as u32;
        Self {
            start,
            end: start + part.len() as u32,
        }
    }

    #[inline]
    pub(super) fn slice(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// What of this comes after a part of it.
    pub(super) fn after(self, part: Self) -> Self {
        Self {
            start: part.end,
            end: self.end,
        }
    }

    #[inline]
    pub(super) fn reader(self, bytes: &[u8]) -> Reader<'_> {
        Reader::at(self.slice(bytes), self.start)
    }
}

/// The extensions of lists that this crate understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    AuthorityKeyIdentifier,
    IssuerAltName,
    CrlNumber,
    DeltaCrlIndicator,
    IssuingDistributionPoint,
    FreshestCrl,
    AuthorityInfoAccess,
}

impl Known {
    const COUNT: usize = 7;

    fn of(extension: &RawExtension<'_>) -> Option<Self> {
        Some(match *extension.oid {
            [0x55, 0x1d, 35] => Self::AuthorityKeyIdentifier,
            [0x55, 0x1d, 18] => Self::IssuerAltName,
            [0x55, 0x1d, 20] => Self::CrlNumber,
            [0x55, 0x1d, 27] => Self::DeltaCrlIndicator,
            [0x55, 0x1d, 28] => Self::IssuingDistributionPoint,
            [0x55, 0x1d, 46] => Self::FreshestCrl,
            [0x2b, 6, 1, 5, 5, 7, 1, 1] => Self::AuthorityInfoAccess,
            _ => return None,
        })
    }

    const fn field(self) -> CrlField {
        match self {
            Self::AuthorityKeyIdentifier => CrlField::AuthorityKeyIdentifier,
            Self::IssuerAltName => CrlField::IssuerAltName,
            Self::CrlNumber => CrlField::CrlNumber,
            Self::DeltaCrlIndicator => CrlField::DeltaCrlIndicator,
            Self::IssuingDistributionPoint => CrlField::IssuingDistributionPoint,
            Self::FreshestCrl => CrlField::FreshestCrl,
            Self::AuthorityInfoAccess => CrlField::AuthorityInfoAccess,
        }
    }

    fn check(self, value: Reader<'_>) -> der::Result<()> {
        match self {
            Self::AuthorityKeyIdentifier => AuthorityKeyIdentifier::from_reader(value).map(drop),
            Self::IssuerAltName => IssuerAltName::from_reader(value).map(drop),
            Self::CrlNumber | Self::DeltaCrlIndicator => CrlNumber::from_reader(value).map(drop),
            Self::IssuingDistributionPoint => {
                IssuingDistributionPoint::from_reader(value).map(drop)
            }
            Self::FreshestCrl => CrlDistributionPoints::from_reader(value).map(drop),
            Self::AuthorityInfoAccess => AuthorityInfoAccess::from_reader(value).map(drop),
        }
    }
}

/// Where a critical extension is that this crate does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    InList(u32),
    InEntry { entry: u32, extension: u32 },
}

/// Offsets of all that is asked of a list, and its index.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) version: CrlVersion,
    pub(super) tbs: Span,
    pub(super) algorithm: Span,
    pub(super) algorithm_oid: Span,
    pub(super) signature: Span,
    pub(super) issuer: Span,
    pub(super) this_update: Time,
    pub(super) next_update: Option<Time>,
    /// The content of revokedCertificates.
    pub(super) entries: Span,
    pub(super) count: usize,
    /// The content of the SEQUENCE OF Extension.
    pub(super) extensions: Span,
    /// The value of each known extension, by [`Known`]; empty for absent, since none of them may be empty.
    known: [Span; Known::COUNT],
    /// One bit for each known extension that is marked critical.
    critical: u8,
    pub(super) flaw: Option<Flaw>,
    pub(super) issuers: Issuers,
    pub(super) index: Index,
}

impl Layout {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, CrlError> {
        if bytes.len() > MAX_BYTES {
            return Err(CrlError::TooLarge { bytes: bytes.len() });
        }
        let mut outer = Reader::new(bytes);
        let mut list = at(CrlField::Frame, outer.sequence())?;
        at(CrlField::Frame, outer.finish())?;
        let tbs = at(CrlField::Frame, list.expect(tag::SEQUENCE))?;
        let algorithm = at(CrlField::SignatureAlgorithm, list.expect(tag::SEQUENCE))?;
        let identifier = at(
            CrlField::SignatureAlgorithm,
            AlgorithmIdentifier::from_element(&algorithm),
        )?;
        let bits = at(CrlField::SignatureValue, list.expect(tag::BIT_STRING))?;
        let [0, signature @ ..] = bits.value else {
            return at(
                CrlField::SignatureValue,
                Err(bits.error(ErrorKind::BadValue)),
            );
        };
        at(CrlField::Frame, list.finish())?;

        let mut reader = tbs.reader();
        let version = at(CrlField::Version, version(&mut reader))?;
        let inner = at(CrlField::SignatureAlgorithm, reader.expect(tag::SEQUENCE))?;
        if inner.whole != algorithm.whole {
            return Err(CrlError::AlgorithmMismatch);
        }
        let issuer = at(CrlField::Issuer, reader.element())?;
        let name = at(CrlField::Issuer, Name::from_element(&issuer))?;
        if name.is_empty() {
            return Err(CrlError::EmptyIssuer);
        }
        let this_update = reader.element().and_then(|e| Time::from_der(&e));
        let this_update = at(CrlField::ThisUpdate, this_update)?;
        let next_update = at(CrlField::NextUpdate, optional_time(&mut reader))?;
        let revoked = at(
            CrlField::RevokedCertificates,
            reader.optional(tag::SEQUENCE),
        )?;
        let entries = match &revoked {
            Some(revoked) => Entries::read(bytes, revoked, version, &name)?,
            None => Entries::default(),
        };
        let extensions = Extensions::read(&mut reader, version)?;
        at(CrlField::Frame, reader.finish())?;
        if let Some(offset) = entries.first_issuer
            && !extensions.indirect
        {
            return Err(CrlError::NotIndirect { offset });
        }

        let index = Index::build(
            &entries.items,
            &Checked {
                bytes,
                issuers: &entries.issuers,
            },
        );
        Ok(Self {
            version,
            tbs: Span::of(&tbs),
            algorithm: Span::of(&algorithm),
            algorithm_oid: Span::within(
                algorithm.offset,
                algorithm.whole,
                identifier.oid().as_bytes(),
            ),
            signature: Span::within(bits.offset, bits.whole, signature),
            issuer: Span::of(&issuer),
            this_update,
            next_update,
            entries: revoked.as_ref().map(Span::of_value).unwrap_or_default(),
            count: entries.items.len(),
            extensions: extensions.span,
            known: extensions.known,
            critical: extensions.critical,
            flaw: extensions.flaw.or(entries.flaw),
            issuers: entries.issuers,
            index,
        })
    }

    /// A reader over the value of a known extension.
    pub(super) fn known<'a>(&self, bytes: &'a [u8], known: Known) -> Option<Reader<'a>> {
        let span = self.known.get(known as usize)?;
        (span.start != 0).then(|| span.reader(bytes))
    }

    pub(super) fn is_critical(&self, known: Known) -> bool {
        self.critical & (1 << known as u8) != 0
    }
}

/// `version Version OPTIONAL`: if it is there, it is v2.
fn version(reader: &mut Reader<'_>) -> der::Result<CrlVersion> {
    let Some(number) = reader.optional(tag::INTEGER)? else {
        return Ok(CrlVersion::V1);
    };
    match *number.value {
        [1] => Ok(CrlVersion::V2),
        _ => Err(number.error(ErrorKind::BadValue)),
    }
}

fn optional_time(reader: &mut Reader<'_>) -> der::Result<Option<Time>> {
    match reader.peek_tag() {
        Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => Time::from_der(&reader.element()?).map(Some),
        _ => Ok(None),
    }
}

#[derive(Default)]
struct Extensions {
    span: Span,
    known: [Span; Known::COUNT],
    critical: u8,
    indirect: bool,
    flaw: Option<Flaw>,
}

impl Extensions {
    fn read(reader: &mut Reader<'_>, version: CrlVersion) -> Result<Self, CrlError> {
        let field = CrlField::Extensions;
        let mut extensions = Self::default();
        let explicit = at(field, reader.optional(tag::context_constructed(0)))?;
        let Some(explicit) = explicit else {
            return Ok(extensions);
        };
        if version == CrlVersion::V1 {
            let offset = explicit.offset;
            return Err(CrlError::NotInThisVersion { field, offset });
        }
        let mut inner = explicit.reader();
        let list = at(field, inner.expect(tag::SEQUENCE))?;
        at(field, inner.finish())?;
        extensions.span = Span::of_value(&list);
        extension::each(&list, field, |extension| extensions.look(extension))?;
        Ok(extensions)
    }

    fn look(&mut self, extension: &RawExtension<'_>) -> Result<(), CrlError> {
        let Some(known) = Known::of(extension) else {
            if extension.critical && self.flaw.is_none() {
                self.flaw = Some(Flaw::InList(extension.offset));
            }
            return Ok(());
        };
        let value = extension.value.reader();
        at(known.field(), known.check(value))?;
        if known == Known::IssuingDistributionPoint {
            let scope = IssuingDistributionPoint::from_reader(value);
            self.indirect = at(known.field(), scope)?.indirect;
        }
        if let Some(slot) = self.known.get_mut(known as usize) {
            *slot = Span::of_value(&extension.value);
        }
        self.critical |= u8::from(extension.critical) << known as u8;
        Ok(())
    }
}
