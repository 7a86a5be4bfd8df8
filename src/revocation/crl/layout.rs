//! The one pass over a list's bytes (RFC 5280 section 5.1).
//!
//! It frames every field, checks what a list must be before anything may be concluded from it
//! (strict DER, the two signature algorithms alike, no extension twice, none in version 1, dates
//! that exist, names that are names) and notes where the fields are. Unlike a certificate's, all
//! known extensions are decoded at once, those of entries too: whoever looks up one entry relies on
//! all of them being what they claim.

use super::CrlVersion;
use super::entries::{Checked, Entries};
use super::error::{CrlError, CrlField, at};
use super::extension;
use super::index::Index;
use super::issuers::Issuers;
use super::issuing_distribution_point::IssuingDistributionPoint;
use super::number::CrlNumber;
use crate::certificate::extensions::{
    AuthorityInfoAccess, AuthorityKeyIdentifier, Decode, FreshestCrl, IssuerAltName,
};
use crate::certificate::raw_extension::RawExtension;
use crate::certificate::{AlgorithmIdentifier, Name};
use crate::der::Span;
use crate::der::{self, ErrorKind, Reader, tag};
use crate::time::Time;

/// Most bytes of a list: what DER lengths reach here, far more than anybody should accept.
pub const MAX_BYTES: usize = i32::MAX as usize;

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
        Some(match *extension.oid.as_bytes() {
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
            Self::AuthorityKeyIdentifier => AuthorityKeyIdentifier::decode(value).map(drop),
            Self::IssuerAltName => IssuerAltName::decode(value).map(drop),
            Self::CrlNumber | Self::DeltaCrlIndicator => CrlNumber::from_reader(value).map(drop),
            Self::IssuingDistributionPoint => {
                IssuingDistributionPoint::from_reader(value).map(drop)
            }
            Self::FreshestCrl => FreshestCrl::decode(value).map(drop),
            Self::AuthorityInfoAccess => AuthorityInfoAccess::decode(value).map(drop),
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
    pub(super) signature: Span,
    pub(super) issuer: Span,
    pub(super) this_update: Time,
    pub(super) next_update: Option<Time>,
    /// The content of revokedCertificates.
    pub(super) entries: Span,
    pub(super) count: usize,
    /// revokedCertificates is there, without an entry.
    pub(super) has_empty_entries: bool,
    /// The content of the SEQUENCE OF Extension.
    pub(super) extensions: Span,
    /// The value of each known extension, by [`Known`]; empty for absent, since none of them may
    /// be empty.
    known: [Span; Known::COUNT],
    /// One bit for each known extension that is marked critical.
    critical: u8,
    pub(super) flaw: Option<Flaw>,
    /// Does the first entry with a serial number tell all of it? So it is in lists that speak of
    /// one issuer, undo nothing, and did not need care.
    pub(super) is_direct: bool,
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
        let checked = AlgorithmIdentifier::from_element(&algorithm);
        at(CrlField::SignatureAlgorithm, checked)?;
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
        let this_update = reader.element().and_then(|e| Time::from_element(&e));
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
            signature: Span::within(bits.offset, bits.whole, signature),
            issuer: Span::of(&issuer),
            this_update,
            next_update,
            entries: revoked.as_ref().map(Span::of_value).unwrap_or_default(),
            count: entries.items.len(),
            has_empty_entries: revoked.is_some() && entries.items.is_empty(),
            extensions: extensions.span,
            known: extensions.known,
            critical: extensions.critical,
            flaw: extensions.flaw.or(entries.flaw),
            is_direct: entries.issuers.is_empty() && !entries.has_removals && !index.took_care(),
            issuers: entries.issuers,
            index,
        })
    }

    /// A reader over the value of a known extension.
    pub(super) fn known<'a>(&self, bytes: &'a [u8], known: Known) -> Option<Reader<'a>> {
        let span = self.known.get(known as usize)?;
        span.is_set().then(|| span.reader(bytes))
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
        Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => {
            Time::from_element(&reader.element()?).map(Some)
        }
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

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::{Parts, ce, common_name, entry, issuer, reason, sequence, tlv};
    use super::super::{Crl, CrlError, CrlField};
    use super::*;

    fn error(parts: &Parts) -> CrlError {
        Crl::from_der(&parts.der()).unwrap_err()
    }

    fn assert_fault(parts: &Parts, field: CrlField, kind: ErrorKind) {
        match error(parts) {
            CrlError::Encoding {
                field: found,
                error,
            } => {
                assert_eq!((found, error.kind), (field, kind));
                assert!((error.offset as usize) <= parts.der().len());
            }
            other => panic!("{other}"),
        }
    }

    /// On 32 bits nothing is larger.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn limits() {
        // Zeros that nobody looks at take no memory.
        let large = alloc::vec![0; MAX_BYTES + 1];
        let bytes = large.len();
        assert_eq!(
            Crl::from_der(&large).unwrap_err(),
            CrlError::TooLarge { bytes }
        );
    }

    #[test]
    fn the_frame_and_nothing_around_it() {
        let der = Parts::default().der();
        assert!(Crl::from_der(&der).is_ok());
        let kind = |der: &[u8]| match Crl::from_der(der).unwrap_err() {
            CrlError::Encoding {
                field: CrlField::Frame,
                error,
            } => error.kind,
            other => panic!("{other}"),
        };
        assert_eq!(kind(&[]), ErrorKind::Truncated);
        assert_eq!(kind(&[&der[..], &[0]].concat()), ErrorKind::TrailingData);
        assert_eq!(kind(&tlv(0x31, &[])), ErrorKind::UnexpectedTag);
        assert_eq!(kind(&tlv(0x30, &tlv(2, &[1]))), ErrorKind::UnexpectedTag);
        let parts = Parts::default();
        let more = [
            parts.tbs(),
            parts.outer_algorithm,
            parts.signature,
            tlv(5, &[]),
        ];
        assert_eq!(kind(&sequence(&more)), ErrorKind::TrailingData);
        for length in 0..der.len() {
            assert!(Crl::from_der(&der[..length]).is_err());
        }
    }

    #[test]
    fn versions() {
        for (version, kind) in [
            (tlv(2, &[0]), ErrorKind::BadValue),
            (tlv(2, &[2]), ErrorKind::BadValue),
            (tlv(2, &[]), ErrorKind::BadValue),
            (tlv(2, &[0, 1]), ErrorKind::BadValue),
        ] {
            let parts = Parts {
                version,
                ..Parts::default()
            };
            assert_fault(&parts, CrlField::Version, kind);
        }
        let number = ce(20, false, &tlv(2, &[1]));
        let parts = Parts::default().v1().extensions(&[number]);
        let field = CrlField::Extensions;
        assert!(
            matches!(error(&parts), CrlError::NotInThisVersion { field: found, .. } if found == field)
        );
        let parts = Parts::default()
            .v1()
            .entries(&[entry(&[1], &[]), entry(&[2], &[reason(1)])]);
        let field = CrlField::EntryExtensions;
        assert!(
            matches!(error(&parts), CrlError::NotInThisVersion { field: found, .. } if found == field)
        );
    }

    #[test]
    fn algorithms() {
        let default = Parts::default();
        let other = sequence(&[tlv(6, &[0x2b, 0x65, 0x71])]);
        let inner_algorithm = other.clone();
        let parts = Parts {
            inner_algorithm,
            ..default.clone()
        };
        assert_eq!(error(&parts), CrlError::AlgorithmMismatch);
        let same = |der: Vec<u8>| Parts {
            inner_algorithm: der.clone(),
            outer_algorithm: der,
            ..default.clone()
        };
        assert!(Crl::from_der(&same(other).der()).is_ok());
        let field = CrlField::SignatureAlgorithm;
        assert_fault(&same(tlv(0x30, &[])), field, ErrorKind::Truncated);
        assert_fault(&same(tlv(0x31, &[])), field, ErrorKind::UnexpectedTag);
        let parameters = sequence(&[tlv(6, &[0x2a]), tlv(5, &[])]);
        let list = Crl::from_der(&same(parameters).der()).unwrap();
        assert_eq!(list.signature_algorithm().parameters(), Some(&[5, 0][..]));
    }

    #[test]
    fn signatures_are_whole_octets() {
        for (bits, kind) in [
            (tlv(3, &[]), ErrorKind::BadValue),
            (tlv(3, &[1, 0]), ErrorKind::BadValue),
            (tlv(4, &[0, 0]), ErrorKind::UnexpectedTag),
        ] {
            let parts = Parts {
                signature: bits,
                ..Parts::default()
            };
            assert_fault(&parts, CrlField::SignatureValue, kind);
        }
        let parts = Parts {
            signature: tlv(3, &[0]),
            ..Parts::default()
        };
        assert!(Crl::from_der(&parts.der()).unwrap().signature().is_empty());
    }

    #[test]
    fn issuers() {
        let empty = tlv(0x30, &[]);
        let parts = Parts {
            issuer: empty,
            ..Parts::default()
        };
        assert_eq!(error(&parts), CrlError::EmptyIssuer);
        for (issuer, kind) in [
            (tlv(0x31, &[]), ErrorKind::UnexpectedTag),
            (sequence(&[tlv(0x31, &[])]), ErrorKind::BadValue),
        ] {
            let parts = Parts {
                issuer,
                ..Parts::default()
            };
            assert_fault(&parts, CrlField::Issuer, kind);
        }
    }

    #[test]
    fn times() {
        let with = |this_update: &[u8], next_update: &[u8]| Parts {
            this_update: this_update.to_vec(),
            next_update: next_update.to_vec(),
            ..Parts::default()
        };
        let good = tlv(0x17, b"260101000000Z");
        let late = tlv(0x18, b"20500101000000Z");
        let bad = tlv(0x17, b"260101000000+0000");
        assert!(Crl::from_der(&with(&late, &late).der()).is_ok());
        assert_fault(
            &with(&bad, &good),
            CrlField::ThisUpdate,
            ErrorKind::BadValue,
        );
        assert_fault(
            &with(&tlv(5, &[]), &good),
            CrlField::ThisUpdate,
            ErrorKind::UnexpectedTag,
        );
        assert_fault(
            &with(&good, &bad),
            CrlField::NextUpdate,
            ErrorKind::BadValue,
        );
        assert_fault(
            &with(&good, &tlv(5, &[])),
            CrlField::Frame,
            ErrorKind::TrailingData,
        );
    }

    #[test]
    fn faults_of_entries_and_extensions() {
        let one = entry(&[1], &[]);
        let bad = sequence(&[tlv(2, &[0, 1]), tlv(0x17, b"260101000000Z")]);
        for (entries, kind) in [
            (&[one.clone(), bad][..], ErrorKind::BadValue),
            (&[one.clone(), tlv(5, &[])], ErrorKind::UnexpectedTag),
            (
                &[one.clone(), Vec::from([0x30, 9, 2])],
                ErrorKind::Truncated,
            ),
        ] {
            let parts = Parts::default().entries(entries);
            assert_fault(&parts, CrlField::RevokedCertificates, kind);
        }
        let mut parts = Parts::default().entries(&[one]);
        parts.extensions = tlv(0xa0, &[]);
        assert_fault(&parts, CrlField::Extensions, ErrorKind::Truncated);
        parts.extensions = tlv(0xa0, &sequence(&[]));
        assert_fault(&parts, CrlField::Extensions, ErrorKind::BadValue);
        parts.extensions = tlv(
            0xa0,
            &[sequence(&[ce(20, false, &[2, 1, 1])]), tlv(5, &[])].concat(),
        );
        assert_fault(&parts, CrlField::Extensions, ErrorKind::TrailingData);
        parts.extensions = tlv(0xa1, &[]);
        assert_fault(&parts, CrlField::Frame, ErrorKind::TrailingData);
        let number = ce(20, false, &tlv(2, &[1]));
        let twice = Parts::default().extensions(&[number.clone(), number]);
        assert!(matches!(error(&twice), CrlError::DuplicateExtension { .. }));
    }

    #[test]
    fn known_extensions_are_decoded_at_once() {
        for (arc, field) in [
            (35, CrlField::AuthorityKeyIdentifier),
            (18, CrlField::IssuerAltName),
            (20, CrlField::CrlNumber),
            (27, CrlField::DeltaCrlIndicator),
            (28, CrlField::IssuingDistributionPoint),
            (46, CrlField::FreshestCrl),
        ] {
            for (value, kind) in [
                (&[0x31, 0][..], ErrorKind::UnexpectedTag),
                (&[], ErrorKind::Truncated),
            ] {
                let parts = Parts::default().extensions(&[ce(arc, false, value)]);
                assert_fault(&parts, field, kind);
                assert!(error(&parts).section().starts_with("RFC 5280 section 5.2."));
            }
        }
    }

    #[test]
    fn certificate_issuers_only_in_indirect_lists() {
        let entries = [entry(&[1], &[]), entry(&[2], &[issuer(&common_name("a"))])];
        let parts = Parts::default().entries(&entries);
        let CrlError::NotIndirect { offset } = error(&parts) else {
            panic!("it names a certificate issuer");
        };
        assert_eq!(
            parts.der()[offset as usize..][..2],
            issuer(&common_name("a"))[..2]
        );
        let direct = ce(28, true, &sequence(&[tlv(0x81, &[0xff])]));
        let parts = parts.extensions(&[direct]);
        assert!(matches!(error(&parts), CrlError::NotIndirect { .. }));
        assert!(Crl::from_der(&parts.indirect().der()).is_ok());
    }
}
