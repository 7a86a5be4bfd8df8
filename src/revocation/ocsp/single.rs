//! What a response says about one certificate (RFC 6960 section 4.2.1).
//!
//! ```text
//! SingleResponse ::= SEQUENCE {
//!     certID            CertID,
//!     certStatus        CertStatus,
//!     thisUpdate        GeneralizedTime,
//!     nextUpdate        [0] EXPLICIT GeneralizedTime OPTIONAL,
//!     singleExtensions  [1] EXPLICIT Extensions OPTIONAL }
//! CertStatus ::= CHOICE {
//!     good     [0] IMPLICIT NULL,
//!     revoked  [1] IMPLICIT RevokedInfo,
//!     unknown  [2] IMPLICIT NULL }
//! RevokedInfo ::= SEQUENCE {
//!     revocationTime    GeneralizedTime,
//!     revocationReason  [0] EXPLICIT CRLReason OPTIONAL }
//! ```

use super::cert_id::CertIdRef;
use super::error::{OcspError, OcspField};
use super::extension::{Extensions, generalized_time};
use super::layout::at;
use crate::der::{self, Element, ErrorKind, Reader, tag};
use crate::oid::Oid;
use crate::revocation::RevocationReason;
use crate::time::Time;

/// What a responder says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CertStatus {
    /// It is not known to be revoked.
    Good,
    /// It is revoked.
    Revoked {
        /// Since when.
        time: Time,
        /// Why, if the responder says so.
        reason: Option<RevocationReason>,
    },
    /// The responder does not know it.
    Unknown,
}

impl CertStatus {
    fn read(reader: &mut Reader<'_>) -> der::Result<Self> {
        let choice = reader.element()?;
        match (choice.tag, choice.value) {
            (GOOD, []) => Ok(Self::Good),
            (UNKNOWN, []) => Ok(Self::Unknown),
            (REVOKED, _) => Self::revoked(&choice),
            (GOOD | UNKNOWN, _) => Err(choice.error(ErrorKind::BadValue)),
            _ => Err(choice.error(ErrorKind::UnexpectedTag)),
        }
    }

    fn revoked(info: &Element<'_>) -> der::Result<Self> {
        let mut fields = info.reader();
        let time = generalized_time(&mut fields)?;
        let explicit = fields.optional(tag::context_constructed(0))?;
        let reason = explicit.as_ref().map(reason).transpose()?;
        fields.finish()?;
        Ok(Self::Revoked { time, reason })
    }
}

const GOOD: u8 = tag::context(0);
const REVOKED: u8 = tag::context_constructed(1);
const UNKNOWN: u8 = tag::context(2);

fn reason(explicit: &Element<'_>) -> der::Result<RevocationReason> {
    let mut inner = explicit.reader();
    let number = inner.expect(tag::ENUMERATED)?;
    inner.finish()?;
    match *number.value {
        [number @ 0..0x80] => Ok(RevocationReason::from_number(number)),
        _ => Err(number.error(ErrorKind::BadValue)),
    }
}

/// A statement about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SingleResponse<'a> {
    /// Which certificate.
    pub cert_id: CertIdRef<'a>,
    /// What is said of it.
    pub status: CertStatus,
    /// The moment at which this was known to be so.
    pub this_update: Time,
    /// At or before which moment more will be known; absent: at any time.
    pub next_update: Option<Time>,
    /// How far back the responder keeps what it knows (RFC 6960 section 4.4.4).
    pub archive_cutoff: Option<Time>,
    /// The first critical extension that this library does not know: the statement must not be
    /// used.
    pub unknown_critical_extension: Option<Oid<'a>>,
}

impl<'a> SingleResponse<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, OcspError> {
        let mut fields = at(OcspField::SingleResponse, reader.sequence())?;
        let cert_id = CertIdRef::read(&mut fields)?;
        let status = at(OcspField::CertStatus, CertStatus::read(&mut fields))?;
        let this_update = at(OcspField::ThisUpdate, generalized_time(&mut fields))?;
        let next_update = at(OcspField::NextUpdate, next_update(&mut fields))?;
        let extensions = Extensions::read(&mut fields, OcspField::SingleExtensions)?;
        at(OcspField::SingleResponse, fields.finish())?;
        Ok(Self {
            cert_id,
            status,
            this_update,
            next_update,
            archive_cutoff: extensions.archive_cutoff,
            unknown_critical_extension: extensions.unknown_critical,
        })
    }
}

fn next_update(reader: &mut Reader<'_>) -> der::Result<Option<Time>> {
    let Some(explicit) = reader.optional(tag::context_constructed(0))? else {
        return Ok(None);
    };
    let mut inner = explicit.reader();
    let time = generalized_time(&mut inner)?;
    inner.finish()?;
    Ok(Some(time))
}

/// The statements of a response in its order, made by
/// [`OcspResponse::singles`](super::OcspResponse::singles).
#[derive(Clone, Debug)]
pub struct Singles<'a>(pub(super) Reader<'a>);

impl<'a> Iterator for Singles<'a> {
    type Item = SingleResponse<'a>;

    fn next(&mut self) -> Option<SingleResponse<'a>> {
        // The same bytes were read when the response was: there is no error to lose.
        SingleResponse::read(&mut self.0).ok()
    }
}

impl core::iter::FusedIterator for Singles<'_> {}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::{SingleParts, context, extensions, octets, time};
    use super::*;
    use crate::certificate::testing::{extension, sequence, tlv};

    fn read(parts: &SingleParts) -> SingleResponse<'static> {
        let der: &'static [u8] = parts.der().leak();
        let mut reader = Reader::new(der);
        let single = SingleResponse::read(&mut reader).unwrap();
        assert!(reader.is_empty());
        single
    }

    fn fault(parts: &SingleParts) -> (OcspField, ErrorKind) {
        match SingleResponse::read(&mut Reader::new(&parts.der())) {
            Err(OcspError::Encoding { field, error }) => (field, error.kind),
            other => panic!("{other:?}"),
        }
    }

    fn with_status(status: Vec<u8>) -> SingleParts {
        SingleParts {
            status,
            ..SingleParts::default()
        }
    }

    #[test]
    fn fields() {
        let single = read(&SingleParts::default());
        let day = |day| Time::from_civil(2026, 1, day, 0, 0, 0).unwrap();
        assert_eq!(single.status, CertStatus::Good);
        assert_eq!(single.this_update, day(1));
        assert_eq!(single.next_update, Some(day(2)));
        assert_eq!(single.cert_id.serial, [1, 2]);
        assert_eq!(single.archive_cutoff, None);
        assert_eq!(single.unknown_critical_extension, None);
        let without = SingleParts {
            next_update: Vec::new(),
            ..SingleParts::default()
        };
        assert_eq!(read(&without).next_update, None);
    }

    #[test]
    fn statuses() {
        let when = time("20251231235959Z");
        let revoked = |reason: &[u8]| with_status(context(1, &[&when[..], reason].concat()));
        let expected = |reason| CertStatus::Revoked {
            time: Time::from_civil(2025, 12, 31, 23, 59, 59).unwrap(),
            reason,
        };
        assert_eq!(read(&revoked(&[])).status, expected(None));
        for (number, reason) in [
            (0, RevocationReason::Unspecified),
            (1, RevocationReason::KeyCompromise),
            (6, RevocationReason::CertificateHold),
            (8, RevocationReason::RemoveFromCrl),
            (7, RevocationReason::Other(7)),
            (0x7f, RevocationReason::Other(0x7f)),
        ] {
            let single = read(&revoked(&context(0, &[0x0a, 1, number])));
            assert_eq!(single.status, expected(Some(reason)));
        }
        assert_eq!(
            read(&with_status(tlv(0x82, &[]))).status,
            CertStatus::Unknown
        );
    }

    #[test]
    fn faults_of_statuses() {
        use ErrorKind::{BadValue, TrailingData, Truncated, UnexpectedTag};
        let when = time("20251231235959Z");
        let revoked = |more: &[u8]| context(1, &[&when[..], more].concat());
        for (status, kind) in [
            (tlv(0x80, &[0]), BadValue),
            (tlv(0x82, &[5, 0]), BadValue),
            (tlv(0xa0, &[]), UnexpectedTag),
            (tlv(0x81, &[]), UnexpectedTag),
            (tlv(0x83, &[]), UnexpectedTag),
            (context(1, &[]), Truncated),
            (context(1, &tlv(0x17, b"251231235959Z")), UnexpectedTag),
            (context(1, &time("20251231235960Z")), BadValue),
            (context(1, &time("20251231235959.0Z")), BadValue),
            (revoked(&[5, 0]), TrailingData),
            (revoked(&context(1, &[0x0a, 1, 1])), TrailingData),
            (revoked(&context(0, &[])), Truncated),
            (revoked(&context(0, &[2, 1, 1])), UnexpectedTag),
            (revoked(&context(0, &[0x0a, 0])), BadValue),
            (revoked(&context(0, &[0x0a, 2, 0, 1])), BadValue),
            (revoked(&context(0, &[0x0a, 1, 0x80])), BadValue),
            (revoked(&context(0, &[0x0a, 1, 1, 0])), TrailingData),
        ] {
            let expected = (OcspField::CertStatus, kind);
            assert_eq!(fault(&with_status(status.clone())), expected, "{status:x?}");
        }
    }

    #[test]
    fn faults_of_fields() {
        use ErrorKind::{BadValue, TrailingData, Truncated, UnexpectedTag};
        type Change = fn(&mut SingleParts);
        let cases: [(Change, OcspField, ErrorKind); 9] = [
            (
                |p| p.cert_id = tlv(0x31, &[]),
                OcspField::CertId,
                UnexpectedTag,
            ),
            (
                |p| p.this_update = tlv(0x17, b"260101000000Z"),
                OcspField::ThisUpdate,
                UnexpectedTag,
            ),
            (
                |p| p.this_update = time("2026010100000Z"),
                OcspField::ThisUpdate,
                BadValue,
            ),
            (
                |p| p.next_update = context(0, &[]),
                OcspField::NextUpdate,
                Truncated,
            ),
            (
                |p| p.next_update = context(0, &[&time("20260101000000Z")[..], &[5, 0]].concat()),
                OcspField::NextUpdate,
                TrailingData,
            ),
            (
                |p| p.next_update = tlv(0x80, b"20260101000000Z"),
                OcspField::SingleResponse,
                TrailingData,
            ),
            (
                |p| p.extensions = context(1, &[]),
                OcspField::SingleExtensions,
                Truncated,
            ),
            (
                |p| p.extensions = context(2, &[]),
                OcspField::SingleResponse,
                TrailingData,
            ),
            (|p| p.status.clear(), OcspField::CertStatus, UnexpectedTag),
        ];
        for (number, (change, field, kind)) in cases.into_iter().enumerate() {
            let mut parts = SingleParts::default();
            change(&mut parts);
            assert_eq!(fault(&parts), (field, kind), "case {number}");
        }
    }

    #[test]
    fn extensions_of_a_statement() {
        let cutoff = time("20200101000000Z");
        let parts = SingleParts {
            extensions: extensions(&[
                extension(&super::super::extension::ARCHIVE_CUTOFF, None, &cutoff),
                extension(&[0x2a, 3], None, &octets(&[])),
                extension(&[0x2a, 4], Some(0xff), &sequence(&[])),
                extension(&[0x2a, 5], Some(0xff), &sequence(&[])),
            ]),
            ..SingleParts::default()
        };
        let single = read(&parts);
        assert_eq!(single.archive_cutoff, Time::from_civil(2020, 1, 1, 0, 0, 0));
        let unknown = single.unknown_critical_extension.unwrap();
        assert_eq!(unknown.as_bytes(), [0x2a, 4]);
    }
}
