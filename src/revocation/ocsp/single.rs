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
    /// The first critical extension that this library does not know: the statement must not be used.
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

/// The statements of a response in its order, made by [`OcspResponse::singles`](super::OcspResponse::singles).
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
