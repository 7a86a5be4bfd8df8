//! A request for the status of one certificate (RFC 6960 section 4.1), unsigned.
//!
//! ```text
//! OCSPRequest ::= SEQUENCE { tbsRequest TBSRequest, optionalSignature [0] EXPLICIT Signature OPTIONAL }
//! TBSRequest  ::= SEQUENCE {
//!     version            [0] EXPLICIT Version DEFAULT v1,
//!     requestorName      [1] EXPLICIT GeneralName OPTIONAL,
//!     requestList        SEQUENCE OF SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL },
//!     requestExtensions  [2] EXPLICIT Extensions OPTIONAL }
//! ```
//!
//! One certificate a request, as RFC 5019 section 2.1.1 asks: answers can then be made in advance and cached on the way.
//! A nonce (RFC 9654) binds the answer to the request and takes that away; where it comes from is the caller's choice,
//! since there is no randomness here.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use ::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use ::der::{Encode, Sequence, Tag};
use spki::AlgorithmIdentifierRef;

use super::cert_id::CertIdHash;
use super::error::OcspRequestError;
use super::issuer_hashes::IssuerHashes;
use super::{extension, url};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::der::is_minimal_integer;

/// The media type of a request that is sent with POST.
pub const REQUEST_CONTENT_TYPE: &str = "application/ocsp-request";

/// The media type of a response.
pub const RESPONSE_CONTENT_TYPE: &str = "application/ocsp-response";

/// Most octets of a nonce (RFC 9654 section 2.1). Servers that know RFC 8954 only may refuse more than 32.
pub const MAX_NONCE: usize = 128;

/// A request for the status of one certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct OcspRequest {
    der: Vec<u8>,
}

impl OcspRequest {
    /// Asks about a certificate, whose issuer has this key.
    ///
    /// # Errors
    /// When the nonce has not 1 to [`MAX_NONCE`] octets.
    pub fn new(
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        hash: CertIdHash,
        nonce: Option<&[u8]>,
    ) -> Result<Self, OcspRequestError> {
        let issuer = IssuerHashes::new(&certificate.issuer(), issuer_key);
        Self::from_hashes(certificate.serial(), &issuer, hash, nonce)
    }

    /// Asks about the certificate that this issuer gave this serial number.
    ///
    /// # Errors
    /// As [`OcspRequest::new`], and when the serial number is not the content of an INTEGER in DER.
    pub fn from_hashes(
        serial: &[u8],
        issuer: &IssuerHashes<'_>,
        hash: CertIdHash,
        nonce: Option<&[u8]>,
    ) -> Result<Self, OcspRequestError> {
        if !is_minimal_integer(serial) {
            return Err(OcspRequestError::Serial);
        }
        if let Some(octets) = nonce.map(<[u8]>::len)
            && !(1..=MAX_NONCE).contains(&octets)
        {
            return Err(OcspRequestError::NonceLength { octets });
        }
        // All but the serial number is short: only that can be too long for a length.
        match encode(serial, issuer, hash, nonce) {
            Ok(der) => Ok(Self { der }),
            Err(_) => Err(OcspRequestError::Serial),
        }
    }

    /// The request: what the body of a POST is.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The URL of the same request with GET (RFC 6960 appendix A.1), below the responder's.
    ///
    /// RFC 5019 section 5 asks for GET where this has at most [`MAX_GET_URL`](super::MAX_GET_URL) octets: its answers can
    /// be cached on the way.
    #[must_use]
    pub fn get_url(&self, base: &str) -> String {
        url::get_url(base, &self.der)
    }
}

/// `OCSPRequest`
#[derive(Sequence)]
struct Request<'a> {
    to_be_signed: ToBeSigned<'a>,
}

/// `TBSRequest`
#[derive(Sequence)]
struct ToBeSigned<'a> {
    request_list: Vec<SingleRequest<'a>>,
    #[asn1(context_specific = "2", optional = "true")]
    request_extensions: Option<Vec<Extension<'a>>>,
}

/// `Request`
#[derive(Sequence)]
struct SingleRequest<'a> {
    cert_id: CertId<'a>,
}

/// `CertID`
#[derive(Sequence)]
struct CertId<'a> {
    hash_algorithm: AlgorithmIdentifierRef<'a>,
    issuer_name_hash: &'a OctetStringRef,
    issuer_key_hash: &'a OctetStringRef,
    /// The INTEGER of the certificate, whatever its sign: the octets that were received.
    serial: AnyRef<'a>,
}

/// An `Extension` that is not critical.
#[derive(Sequence)]
struct Extension<'a> {
    oid: ObjectIdentifier,
    value: &'a OctetStringRef,
}

fn encode(
    serial: &[u8],
    issuer: &IssuerHashes<'_>,
    hash: CertIdHash,
    nonce: Option<&[u8]>,
) -> ::der::Result<Vec<u8>> {
    let hash_algorithm = AlgorithmIdentifierRef {
        oid: ObjectIdentifier::from_bytes(hash.oid().as_bytes())?,
        // Optional by RFC 5754 section 2; OpenSSL and Go send it, and responders that look an answer up by the bytes of the
        // request expect what these send.
        parameters: Some(AnyRef::NULL),
    };
    let cert_id = CertId {
        hash_algorithm,
        issuer_name_hash: OctetStringRef::new(issuer.name_hash(hash))?,
        issuer_key_hash: OctetStringRef::new(issuer.key_hash(hash))?,
        serial: AnyRef::new(Tag::Integer, serial)?,
    };
    let nonce = match nonce {
        Some(octets) => Some(OctetStringRef::new(octets)?.to_der()?),
        None => None,
    };
    let request_extensions = match &nonce {
        Some(value) => Some(Vec::from([Extension {
            oid: ObjectIdentifier::from_bytes(&extension::NONCE)?,
            value: OctetStringRef::new(value)?,
        }])),
        None => None,
    };
    let to_be_signed = ToBeSigned {
        request_list: Vec::from([SingleRequest { cert_id }]),
        request_extensions,
    };
    Request { to_be_signed }.to_der()
}

impl fmt::Debug for OcspRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspRequest")
            .field("bytes", &self.der.len())
            .finish_non_exhaustive()
    }
}
