//! The one pass over a response's bytes (RFC 6960 section 4.2.1).
//!
//! ```text
//! OCSPResponse ::= SEQUENCE {
//!     responseStatus  OCSPResponseStatus,
//!     responseBytes   [0] EXPLICIT SEQUENCE { responseType OBJECT IDENTIFIER, response OCTET STRING } OPTIONAL }
//! BasicOCSPResponse ::= SEQUENCE {
//!     tbsResponseData     ResponseData,
//!     signatureAlgorithm  AlgorithmIdentifier,
//!     signature           BIT STRING,
//!     certs               [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
//! ResponseData ::= SEQUENCE {
//!     version             [0] EXPLICIT Version DEFAULT v1,
//!     responderID         ResponderID,
//!     producedAt          GeneralizedTime,
//!     responses           SEQUENCE OF SingleResponse,
//!     responseExtensions  [1] EXPLICIT Extensions OPTIONAL }
//! ```
//!
//! Every field is framed and checked as strict DER, every statement is read once, and the places of
//! the fields are noted. The cost is linear in the bytes. No memory is taken but for the
//! certificates, of which those that do not parse are counted: a responder may send along what is
//! beyond this library, and what it signs with is looked for among the rest.

use alloc::vec::Vec;

use super::error::{OcspError, OcspField, ResponderStatus};
use super::extension::{Extensions, generalized_time};
use super::responder::ResponderId;
use super::single::SingleResponse;
use crate::certificate::{AlgorithmIdentifier, Certificate};
use crate::der::Span;
use crate::der::{self, Element, ErrorKind, Reader, tag};
use crate::time::Time;

/// Most bytes of a response. OpenSSL's client takes 100 KB; a certificate with a post-quantum key
/// and signature has up to 60 KB, and a response may come with two.
pub const MAX_BYTES: usize = 256 * 1024;

/// Most certificates that come with a response. In use are 0 or 1, at times the whole path of the
/// responder.
pub const MAX_CERTIFICATES: usize = 32;

/// Most statements in a response. RFC 5019 section 2.2.1 asks for one; responders that answer in
/// advance send some hundred at most.
pub const MAX_SINGLES: usize = 1_000;

/// Most extensions of a response, and of each statement. Those in use have up to 3.
pub const MAX_EXTENSIONS: usize = 16;

/// `id-pkix-ocsp-basic`, 1.3.6.1.5.5.7.48.1.1
const BASIC: [u8; 9] = [0x2b, 6, 1, 5, 5, 7, 48, 1, 1];

/// Offsets of all that is read of a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) tbs: Span,
    pub(super) responder_id: Span,
    pub(super) produced_at: Time,
    /// The content of the SEQUENCE OF SingleResponse.
    pub(super) singles: Span,
    pub(super) nonce: Option<Span>,
    /// The content of its identifier.
    pub(super) unknown_critical: Option<Span>,
    pub(super) signature_algorithm: Span,
    pub(super) signature: Span,
    /// The content of the SEQUENCE OF Certificate.
    certificates: Span,
}

impl Layout {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, OcspError> {
        if bytes.len() > MAX_BYTES {
            return Err(OcspError::TooLarge { bytes: bytes.len() });
        }
        let basic = basic_response(bytes)?;
        let mut fields = at(OcspField::Frame, basic.reader().sequence())?;
        let tbs = at(OcspField::Frame, fields.expect(tag::SEQUENCE))?;
        let data = ResponseData::read(bytes, &tbs)?;
        let algorithm = at(OcspField::SignatureAlgorithm, fields.element())?;
        let checked = AlgorithmIdentifier::from_element(&algorithm);
        at(OcspField::SignatureAlgorithm, checked)?;
        let signature = at(OcspField::Signature, fields.octet_aligned_bits())?;
        let certificates = certificates(&mut fields)?;
        at(OcspField::Frame, fields.finish())?;
        Ok(Self {
            tbs: Span::of(&tbs),
            responder_id: data.responder_id,
            produced_at: data.produced_at,
            singles: data.singles,
            nonce: data.nonce,
            unknown_critical: data.unknown_critical,
            signature_algorithm: Span::of(&algorithm),
            signature: Span::within(0, bytes, signature),
            certificates,
        })
    }

    /// The certificates that parse, and the number of those that do not.
    pub(super) fn read_certificates(&self, bytes: &[u8]) -> (Vec<Certificate>, usize) {
        let mut rest: Reader<'_> = self.certificates.reader(bytes);
        let (mut parsed, mut unparsed) = (Vec::new(), 0);
        while let Ok(element) = rest.element() {
            match Certificate::from_der(element.whole) {
                Ok(certificate) => parsed.push(certificate),
                Err(_) => unparsed += 1,
            }
        }
        (parsed, unparsed)
    }
}

/// The OCTET STRING in which the basic response is.
fn basic_response(bytes: &[u8]) -> Result<Element<'_>, OcspError> {
    let mut outer = Reader::new(bytes);
    let mut fields = at(OcspField::Frame, outer.sequence())?;
    at(OcspField::Frame, outer.finish())?;
    let status = at(OcspField::ResponseStatus, status(&mut fields))?;
    let explicit = at(
        OcspField::Frame,
        fields.optional(tag::context_constructed(0)),
    )?;
    at(OcspField::Frame, fields.finish())?;
    if let Some(status) = status {
        return Err(OcspError::Status(status));
    }
    let mut explicit = explicit.ok_or(OcspError::NoResponseBytes)?.reader();
    let mut response = at(OcspField::Frame, explicit.sequence())?;
    at(OcspField::Frame, explicit.finish())?;
    if at(OcspField::ResponseType, response.oid())? != BASIC {
        return Err(OcspError::UnknownResponseType);
    }
    let basic = at(OcspField::Frame, response.expect(tag::OCTET_STRING))?;
    at(OcspField::Frame, response.finish())?;
    at(OcspField::Frame, only_one(&basic))?;
    Ok(basic)
}

/// Fails unless there is one element in this one.
fn only_one(outer: &Element<'_>) -> der::Result<()> {
    let mut inner = outer.reader();
    inner.element()?;
    inner.finish()
}

/// `None` for `successful`.
fn status(reader: &mut Reader<'_>) -> der::Result<Option<ResponderStatus>> {
    let element = reader.expect(tag::ENUMERATED)?;
    let bad = || element.error(ErrorKind::BadValue);
    match *element.value {
        [0] => Ok(None),
        [number] => ResponderStatus::from_number(number)
            .map(Some)
            .ok_or_else(bad),
        _ => Err(bad()),
    }
}

struct ResponseData {
    responder_id: Span,
    produced_at: Time,
    singles: Span,
    nonce: Option<Span>,
    unknown_critical: Option<Span>,
}

impl ResponseData {
    fn read(bytes: &[u8], tbs: &Element<'_>) -> Result<Self, OcspError> {
        let mut fields = tbs.reader();
        version(&mut fields)?;
        let mut ahead = fields;
        let responder_id = at(OcspField::ResponderId, ahead.element())?;
        at(OcspField::ResponderId, ResponderId::read(&mut fields))?;
        let produced_at = at(OcspField::ProducedAt, generalized_time(&mut fields))?;
        let singles = at(OcspField::SingleResponse, fields.expect(tag::SEQUENCE))?;
        check_singles(singles.reader())?;
        let extensions = Extensions::read(&mut fields, OcspField::ResponseExtensions)?;
        at(OcspField::Frame, fields.finish())?;
        let critical = extensions.unknown_critical;
        Ok(Self {
            responder_id: Span::of(&responder_id),
            produced_at,
            singles: Span::of_value(&singles),
            nonce: extensions.nonce.map(|nonce| Span::within(0, bytes, nonce)),
            unknown_critical: critical.map(|oid| Span::within(0, bytes, oid.as_bytes())),
        })
    }
}

/// `[0] EXPLICIT INTEGER DEFAULT v1`: an encoded v1 is an encoded default.
fn version(reader: &mut Reader<'_>) -> Result<(), OcspError> {
    const FIELD: OcspField = OcspField::Version;
    let Some(explicit) = at(FIELD, reader.optional(tag::context_constructed(0)))? else {
        return Ok(());
    };
    let mut inner = explicit.reader();
    let number = at(FIELD, inner.integer())?;
    at(FIELD, inner.finish())?;
    match *number {
        [0] => at(FIELD, Err(explicit.error(ErrorKind::EncodedDefault))),
        _ => Err(OcspError::UnknownVersion),
    }
}

fn check_singles(mut reader: Reader<'_>) -> Result<(), OcspError> {
    let mut count = 0;
    while !reader.is_empty() {
        count += 1;
        if count > MAX_SINGLES {
            return Err(OcspError::TooManySingles);
        }
        SingleResponse::read(&mut reader)?;
    }
    Ok(())
}

/// `[0] EXPLICIT SEQUENCE OF Certificate OPTIONAL`, framed and counted.
fn certificates(reader: &mut Reader<'_>) -> Result<Span, OcspError> {
    const FIELD: OcspField = OcspField::Certificates;
    let Some(explicit) = at(FIELD, reader.optional(tag::context_constructed(0)))? else {
        return Ok(Span::default());
    };
    let mut inner = explicit.reader();
    let list = at(FIELD, inner.expect(tag::SEQUENCE))?;
    at(FIELD, inner.finish())?;
    let mut rest = list.reader();
    let mut count = 0;
    while !rest.is_empty() {
        count += 1;
        if count > MAX_CERTIFICATES {
            return Err(OcspError::TooManyCertificates);
        }
        at(FIELD, rest.element())?;
    }
    Ok(Span::of_value(&list))
}

pub(super) fn at<T>(field: OcspField, result: der::Result<T>) -> Result<T, OcspError> {
    result.map_err(|error| OcspError::Encoding { field, error })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Parts, SingleParts, context, octets, time};
    use super::*;
    use crate::certificate::testing::{sequence, tlv};

    fn refuse(der: &[u8]) -> OcspError {
        Layout::parse(der).unwrap_err()
    }

    /// The field and the kind of the encoding error.
    fn fault(der: &[u8]) -> (OcspField, ErrorKind) {
        match refuse(der) {
            OcspError::Encoding { field, error } => (field, error.kind),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn statuses_without_an_answer() {
        for (number, status) in [
            (1, ResponderStatus::MalformedRequest),
            (2, ResponderStatus::InternalError),
            (3, ResponderStatus::TryLater),
            (5, ResponderStatus::SigRequired),
            (6, ResponderStatus::Unauthorized),
        ] {
            let error = OcspError::Status(status);
            assert_eq!(refuse(&[0x30, 3, 0x0a, 1, number]), error);
            // Nothing is believed that comes along with it.
            let parts = Parts {
                status: tlv(0x0a, &[number]),
                ..Parts::default()
            };
            assert_eq!(refuse(&parts.der()), error);
            assert_eq!(status.number(), number);
        }
        for unused in [4, 7, 0x80, 0xff] {
            let expected = (OcspField::ResponseStatus, ErrorKind::BadValue);
            assert_eq!(fault(&[0x30, 3, 0x0a, 1, unused]), expected);
        }
        let two_octets = fault(&[0x30, 4, 0x0a, 2, 0, 3]);
        assert_eq!(two_octets, (OcspField::ResponseStatus, ErrorKind::BadValue));
        assert_eq!(refuse(&[0x30, 3, 0x0a, 1, 0]), OcspError::NoResponseBytes);
    }

    #[test]
    fn faults_of_the_outer_frames() {
        use ErrorKind::{BadLength, TrailingData, Truncated, UnexpectedTag};
        use OcspField::{Frame, ResponseStatus, ResponseType};
        let good = Parts::default();
        let whole = good.der();
        let kind = tlv(0x06, &BASIC);
        let response = |explicit: &[u8]| sequence(&[tlv(0x0a, &[0]), context(0, explicit)]);
        for (der, expected) in [
            (alloc::vec![], (Frame, Truncated)),
            (alloc::vec![0x31, 0], (Frame, UnexpectedTag)),
            (alloc::vec![0x30, 0x80, 0, 0], (Frame, BadLength)),
            (alloc::vec![0x30, 0], (ResponseStatus, Truncated)),
            (
                alloc::vec![0x30, 3, 0x02, 1, 0],
                (ResponseStatus, UnexpectedTag),
            ),
            ([&whole[..], &[0]].concat(), (Frame, TrailingData)),
            (
                sequence(&[tlv(0x0a, &[0]), tlv(0xa1, &[])]),
                (Frame, TrailingData),
            ),
            (response(&[]), (Frame, Truncated)),
            (response(&[0x31, 0]), (Frame, UnexpectedTag)),
            (response(&[0x30, 0, 5, 0]), (Frame, TrailingData)),
            (response(&[0x30, 0]), (ResponseType, Truncated)),
            (
                response(&sequence(&[tlv(0x06, &[])])),
                (ResponseType, ErrorKind::BadValue),
            ),
            (response(&tlv(0x30, &kind)), (Frame, Truncated)),
            (
                response(&sequence(&[kind.clone(), tlv(0x03, &[])])),
                (Frame, UnexpectedTag),
            ),
            (
                response(&sequence(&[kind.clone(), octets(&[])])),
                (Frame, Truncated),
            ),
            (
                response(&sequence(&[kind.clone(), octets(&[0x31, 0])])),
                (Frame, UnexpectedTag),
            ),
            (
                response(&sequence(&[kind.clone(), octets(&[0x30, 0])])),
                (Frame, Truncated),
            ),
            (
                response(&sequence(&[
                    kind.clone(),
                    octets(&[&good.basic()[..], &[5, 0]].concat()),
                ])),
                (Frame, TrailingData),
            ),
            (
                response(&sequence(&[kind, octets(&good.basic()), tlv(0x05, &[])])),
                (Frame, TrailingData),
            ),
        ] {
            assert_eq!(fault(&der), expected, "{der:x?}");
        }
    }

    #[test]
    fn other_types_and_versions_are_told_apart() {
        let parts = Parts {
            response_type: tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 48, 1, 4]),
            ..Parts::default()
        };
        assert_eq!(refuse(&parts.der()), OcspError::UnknownResponseType);
        let version = |content: &[u8]| Parts {
            version: context(0, content),
            ..Parts::default()
        };
        assert_eq!(
            refuse(&version(&[2, 1, 1]).der()),
            OcspError::UnknownVersion
        );
        for (content, kind) in [
            (&[2, 1, 0][..], ErrorKind::EncodedDefault),
            (&[2, 0], ErrorKind::BadValue),
            (&[2, 2, 0, 1], ErrorKind::BadValue),
            (&[4, 1, 0], ErrorKind::UnexpectedTag),
            (&[2, 1, 1, 0], ErrorKind::TrailingData),
            (&[], ErrorKind::Truncated),
        ] {
            let expected = (OcspField::Version, kind);
            assert_eq!(fault(&version(content).der()), expected, "{content:x?}");
        }
    }

    #[test]
    fn faults_of_the_fields() {
        use ErrorKind::{BadValue, TrailingData, Truncated, UnexpectedTag};
        type Change = fn(&mut Parts);
        let cases: [(Change, OcspField, ErrorKind); 21] = [
            (
                |p| p.responder_id = context(3, &[]),
                OcspField::ResponderId,
                UnexpectedTag,
            ),
            (
                |p| p.responder_id.clear(),
                OcspField::ResponderId,
                UnexpectedTag,
            ),
            (
                |p| p.produced_at = tlv(0x17, b"260101000000Z"),
                OcspField::ProducedAt,
                UnexpectedTag,
            ),
            (
                |p| p.produced_at = time("20260101000000.5Z"),
                OcspField::ProducedAt,
                BadValue,
            ),
            (
                |p| p.produced_at = time("20260101000000+0100"),
                OcspField::ProducedAt,
                BadValue,
            ),
            (
                |p| p.produced_at = time("202601010000Z"),
                OcspField::ProducedAt,
                BadValue,
            ),
            (
                |p| p.produced_at = time("20260230000000Z"),
                OcspField::ProducedAt,
                BadValue,
            ),
            (|p| p.singles.clear(), OcspField::SingleResponse, Truncated),
            (
                |p| p.singles = tlv(0x31, &[]),
                OcspField::SingleResponse,
                UnexpectedTag,
            ),
            (
                |p| p.singles = sequence(&[tlv(0x05, &[])]),
                OcspField::SingleResponse,
                UnexpectedTag,
            ),
            (
                |p| p.extensions = context(2, &[]),
                OcspField::Frame,
                TrailingData,
            ),
            (
                |p| p.algorithm = tlv(0x31, &[]),
                OcspField::SignatureAlgorithm,
                UnexpectedTag,
            ),
            (
                |p| p.algorithm = tlv(0x30, &[]),
                OcspField::SignatureAlgorithm,
                Truncated,
            ),
            (
                |p| p.signature = tlv(0x03, &[]),
                OcspField::Signature,
                BadValue,
            ),
            (
                |p| p.signature = tlv(0x03, &[1, 0xfe]),
                OcspField::Signature,
                BadValue,
            ),
            (
                |p| p.signature = octets(&[0]),
                OcspField::Signature,
                UnexpectedTag,
            ),
            (
                |p| p.certificates = context(1, &[]),
                OcspField::Frame,
                TrailingData,
            ),
            (
                |p| p.certificates = context(0, &[]),
                OcspField::Certificates,
                Truncated,
            ),
            (
                |p| p.certificates = context(0, &[0x31, 0]),
                OcspField::Certificates,
                UnexpectedTag,
            ),
            (
                |p| p.certificates = context(0, &[0x30, 0, 5, 0]),
                OcspField::Certificates,
                TrailingData,
            ),
            (
                |p| p.certificates = context(0, &[0x30, 2, 0x30, 1]),
                OcspField::Certificates,
                Truncated,
            ),
        ];
        for (number, (change, field, kind)) in cases.into_iter().enumerate() {
            let mut parts = Parts::default();
            change(&mut parts);
            assert_eq!(fault(&parts.der()), (field, kind), "case {number}");
        }
    }

    #[test]
    fn errors_count_from_the_start_of_the_response() {
        let parts = Parts {
            produced_at: time("20260101000000z"),
            ..Parts::default()
        };
        let der = parts.der();
        let OcspError::Encoding { error, .. } = refuse(&der) else {
            panic!("it parses");
        };
        let found = der.get(error.offset as usize..).unwrap();
        assert!(found.starts_with(&parts.produced_at));
    }

    #[test]
    fn nothing_said_is_a_response_too() {
        let parts = Parts {
            singles: sequence(&[]),
            ..Parts::default()
        };
        let layout = Layout::parse(&parts.der()).unwrap();
        assert!(layout.singles.slice(&parts.der()).is_empty());
    }

    #[test]
    fn limits() {
        let large = alloc::vec![0x30; MAX_BYTES + 1];
        assert_eq!(
            refuse(&large),
            OcspError::TooLarge {
                bytes: MAX_BYTES + 1
            }
        );

        let short = SingleParts {
            cert_id: sequence(&[
                tlv(0x30, &[6, 1, 0x2a]),
                octets(&[]),
                octets(&[]),
                tlv(0x02, &[1]),
            ]),
            next_update: alloc::vec![],
            ..SingleParts::default()
        };
        let singles = |count: usize| Parts {
            singles: sequence(&alloc::vec![short.der(); count]),
            ..Parts::default()
        };
        assert!(Layout::parse(&singles(MAX_SINGLES).der()).is_ok());
        assert_eq!(
            refuse(&singles(MAX_SINGLES + 1).der()),
            OcspError::TooManySingles
        );

        let certificates = |count: usize| {
            let parts = Parts::default();
            parts.with_certificates(&alloc::vec![sequence(&[]); count])
        };
        let der = certificates(MAX_CERTIFICATES).der();
        let layout = Layout::parse(&der).unwrap();
        assert_eq!(layout.read_certificates(&der).1, MAX_CERTIFICATES);
        assert_eq!(
            refuse(&certificates(MAX_CERTIFICATES + 1).der()),
            OcspError::TooManyCertificates
        );
    }
}
