//! Why bytes are not an OCSP response that says something, and why a request cannot be made.

use core::fmt;

use crate::der;

/// The part of a response in which an encoding error was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum OcspField {
    /// `OCSPResponse`, `ResponseBytes`, `BasicOCSPResponse` and `ResponseData`, the outer frames.
    Frame = 1,
    /// `responseStatus`
    ResponseStatus = 2,
    /// `responseType`
    ResponseType = 3,
    /// `version`
    Version = 4,
    /// `responderID`
    ResponderId = 5,
    /// `producedAt`
    ProducedAt = 6,
    /// `responses`, but for the parts that are fields of their own here
    SingleResponse = 7,
    /// `certID`
    CertId = 8,
    /// `certStatus`
    CertStatus = 9,
    /// `thisUpdate`
    ThisUpdate = 10,
    /// `nextUpdate`
    NextUpdate = 11,
    /// `singleExtensions`
    SingleExtensions = 12,
    /// `responseExtensions`
    ResponseExtensions = 13,
    /// `signatureAlgorithm`
    SignatureAlgorithm = 14,
    /// `signature`
    Signature = 15,
    /// `certs`
    Certificates = 16,
}

impl OcspField {
    /// Where the field is defined.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::ResponseExtensions | Self::SingleExtensions => "RFC 6960 section 4.4",
            Self::CertId => "RFC 6960 section 4.1.1",
            _ => "RFC 6960 section 4.2.1",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Frame => "the outer frame",
            Self::ResponseStatus => "responseStatus",
            Self::ResponseType => "responseType",
            Self::Version => "version",
            Self::ResponderId => "responderID",
            Self::ProducedAt => "producedAt",
            Self::SingleResponse => "a single response",
            Self::CertId => "certID",
            Self::CertStatus => "certStatus",
            Self::ThisUpdate => "thisUpdate",
            Self::NextUpdate => "nextUpdate",
            Self::SingleExtensions => "singleExtensions",
            Self::ResponseExtensions => "responseExtensions",
            Self::SignatureAlgorithm => "signatureAlgorithm",
            Self::Signature => "signature",
            Self::Certificates => "certs",
        }
    }
}

/// Why a responder gave no answer: `OCSPResponseStatus` of RFC 6960 section 4.2.1, without
/// `successful`.
///
/// Such a response is not signed: anybody on the way can have made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum ResponderStatus {
    /// The request did not conform to the syntax.
    MalformedRequest = 1,
    /// The responder is in an inconsistent state.
    InternalError = 2,
    /// The responder cannot answer for now.
    TryLater = 3,
    /// The responder answers signed requests only.
    SigRequired = 5,
    /// The responder does not serve this client, or does not know the certificate.
    Unauthorized = 6,
}

impl ResponderStatus {
    pub(super) const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::MalformedRequest,
            2 => Self::InternalError,
            3 => Self::TryLater,
            5 => Self::SigRequired,
            6 => Self::Unauthorized,
            _ => return None,
        })
    }

    /// Its number in ASN.1.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for ResponderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SigRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
        })
    }
}

/// Why bytes are not an OCSP response that says something about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OcspError {
    /// A field is not what RFC 6960 says, in DER.
    Encoding {
        /// The field.
        field: OcspField,
        /// What is wrong with it, and where.
        error: der::Error,
    },
    /// The responder says that it does not answer.
    Status(ResponderStatus),
    /// The responder says that it answers, and there is no answer.
    NoResponseBytes,
    /// The answer is of another type than `id-pkix-ocsp-basic`.
    UnknownResponseType,
    /// The answer is of a later version than 1.
    UnknownVersion,
    /// An extension occurs twice in one list.
    DuplicateExtension {
        /// Offset of the second one.
        offset: u32,
    },
    /// More bytes than [`MAX_BYTES`](super::MAX_BYTES).
    TooLarge {
        /// How many there were.
        bytes: usize,
    },
    /// More single responses than [`MAX_SINGLES`](super::MAX_SINGLES).
    TooManySingles,
    /// More certificates than [`MAX_CERTIFICATES`](super::MAX_CERTIFICATES).
    TooManyCertificates,
    /// More extensions in one list than [`MAX_EXTENSIONS`](super::MAX_EXTENSIONS).
    TooManyExtensions,
}

impl OcspError {
    /// The rule that was broken.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self {
            Self::Encoding { field, .. } => field.section(),
            Self::Status(_)
            | Self::NoResponseBytes
            | Self::UnknownResponseType
            | Self::UnknownVersion => "RFC 6960 section 4.2.1",
            Self::DuplicateExtension { .. } => "RFC 5280 section 4.2",
            Self::TooLarge { .. }
            | Self::TooManySingles
            | Self::TooManyCertificates
            | Self::TooManyExtensions => "a limit of this library",
        }
    }
}

impl fmt::Display for OcspError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { field, error } => write!(f, "{}: {error}", field.name()),
            Self::Status(status) => write!(f, "the responder does not answer: {status}"),
            Self::NoResponseBytes => f.write_str("the responder answers, and says nothing"),
            Self::UnknownResponseType => f.write_str("the answer is no basic OCSP response"),
            Self::UnknownVersion => f.write_str("the answer is of an unknown version"),
            Self::DuplicateExtension { offset } => {
                write!(f, "an extension occurs twice (offset {offset})")
            }
            Self::TooLarge { bytes } => {
                write!(f, "{bytes} bytes are more than an OCSP response may have")
            }
            Self::TooManySingles => f.write_str("there are too many single responses"),
            Self::TooManyCertificates => f.write_str("there are too many certificates"),
            Self::TooManyExtensions => f.write_str("there are too many extensions"),
        }?;
        write!(f, " [{}]", self.section())
    }
}

impl core::error::Error for OcspError {}

/// Why a request cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OcspRequestError {
    /// A nonce has 1 to [`MAX_NONCE`](super::MAX_NONCE) octets.
    NonceLength {
        /// How many there were.
        octets: usize,
    },
    /// The serial number is not the content of an INTEGER in DER.
    Serial,
}

impl OcspRequestError {
    /// The rule that was broken.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self {
            Self::NonceLength { .. } => "RFC 9654 section 2.1",
            Self::Serial => "RFC 6960 section 4.1.1",
        }
    }
}

impl fmt::Display for OcspRequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonceLength { octets } => write!(f, "a nonce cannot have {octets} octets"),
            Self::Serial => f.write_str("the serial number is not an INTEGER in DER"),
        }?;
        write!(f, " [{}]", self.section())
    }
}

impl core::error::Error for OcspRequestError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn errors_name_field_place_and_rule() {
        let error = OcspError::Encoding {
            field: OcspField::ProducedAt,
            error: der::Error {
                kind: der::ErrorKind::BadValue,
                offset: 17,
            },
        };
        assert_eq!(
            error.to_string(),
            "producedAt: the content is not a value of its type (offset 17) [RFC 6960 section 4.2.1]"
        );
        assert_eq!(
            OcspError::Status(ResponderStatus::TryLater).to_string(),
            "the responder does not answer: tryLater [RFC 6960 section 4.2.1]"
        );
        assert_eq!(
            OcspRequestError::NonceLength { octets: 129 }.to_string(),
            "a nonce cannot have 129 octets [RFC 9654 section 2.1]"
        );
    }
}
