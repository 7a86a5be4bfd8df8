//! What is missing, and the answers to it.

use alloc::string::String;
use alloc::vec::Vec;

use super::ocsp::{MAX_NONCE, OcspRequest, OcspRequestError};
use crate::certificate::Certificate;
use crate::table::{errors, texts};

/// The number of a request within its validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(crate) u32);

texts! {
    /// What is asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum RequestKind {
        /// A CRL (RFC 5280 section 4.2.1.13): GET, the answer is one list in DER.
        Crl => "CRL";
        /// A delta CRL (sections 4.2.1.15 and 5.2.6): GET, the answer is one list in DER.
        DeltaCrl => "delta CRL";
        /// An OCSP response (RFC 6960): POST of [`Request::body`] or GET of [`Request::get_url`].
        Ocsp => "OCSP";
        /// The certificate of an issuer (section 4.2.2.1): GET, the answer is one certificate in DER.
        IssuerCertificate => "issuer certificate";
    }
}

impl RequestKind {
    /// The media type of the answer, for an `Accept` header.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Crl | Self::DeltaCrl => "application/pkix-crl",
            Self::Ocsp => super::ocsp::RESPONSE_CONTENT_TYPE,
            Self::IssuerCertificate => "application/pkix-cert",
        }
    }
}

/// What binds an OCSP response to its request (RFC 9654): random octets, since there is no
/// randomness here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(Vec<u8>);

impl Nonce {
    /// Takes 1 to [`MAX_NONCE`](super::ocsp::MAX_NONCE) octets; RFC 9654 asks for 32.
    ///
    /// # Errors
    /// [`OcspRequestError::NonceLength`] for another number of them.
    pub fn new(octets: impl Into<Vec<u8>>) -> Result<Self, OcspRequestError> {
        let octets = octets.into();
        if (1..=MAX_NONCE).contains(&octets.len()) {
            Ok(Self(octets))
        } else {
            let octets = octets.len();
            Err(OcspRequestError::NonceLength { octets })
        }
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Evidence that a validation asks for.
///
/// Its URLs are alternatives: the first that answers is enough. They come from certificates whose
/// path holds, but whoever fetches them decides which hosts and schemes are allowed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    pub(crate) id: RequestId,
    pub(crate) kind: RequestKind,
    pub(crate) certificate: Certificate,
    pub(crate) urls: Vec<String>,
    pub(crate) ocsp: Option<OcspRequest>,
}

impl Request {
    /// Its number, for the answer.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// What is asked for.
    #[must_use]
    pub const fn kind(&self) -> RequestKind {
        self.kind
    }

    /// The certificate about which something is missing.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Where to ask, best first: http and https URLs, as the certificate or list has them.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// The body of a POST, of media type `application/ocsp-request`; `None` where the request is a
    /// GET without more.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.ocsp.as_ref().map(OcspRequest::as_der)
    }

    /// The URL of a GET: for OCSP the request in base64 behind the responder's URL (RFC 6960
    /// appendix A.1), otherwise the URL itself.
    #[must_use]
    pub fn get_url(&self, place: usize) -> Option<String> {
        let url = self.urls.get(place)?;
        Some(match &self.ocsp {
            Some(request) => request.get_url(url),
            None => url.clone(),
        })
    }
}

errors! {
    /// Why there is no answer.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum FetchFailure {
        /// No connection, no name, no answer in time.
        Unreachable => "no answer";
        /// An HTTP status other than 200.
        Status(status: u16) => "HTTP status {status}";
        /// More bytes than whoever fetches takes in.
        TooLarge => "the answer is too large";
        /// Whoever fetches does not ask there: another scheme, another host, a redirect.
        Refused => "not allowed to ask there";
        /// Nobody asked.
        NotAsked => "not asked";
    }
}

impl FetchFailure {
    /// Is it the server that cannot serve, so that asking again soon is of no use?
    ///
    /// Other statuses tell of the request: a certificate may name a URL as what it is not, and
    /// whoever else uses that URL must not wait for it. Nor does 404: the list may stand there
    /// the next moment.
    pub(crate) const fn is_of_transport(self) -> bool {
        matches!(self, Self::Unreachable | Self::Status(429 | 500..=599))
    }
}

/// What came back for a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// The bytes that the URL at this place sent with success. If they are of no use, those behind
    /// it are asked for.
    Body {
        /// The place of the URL in [`Request::urls`]; those before it did not answer.
        url: usize,
        /// What it sent.
        bytes: Vec<u8>,
    },
    /// None of the URLs answered; the failure of the last.
    Failed(FetchFailure),
}

impl Answer {
    /// The bytes that the first URL sent.
    #[must_use]
    pub fn body(bytes: impl Into<Vec<u8>>) -> Self {
        Self::from_url(0, bytes)
    }

    /// The bytes that the URL at this place sent.
    #[must_use]
    pub fn from_url(url: usize, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::Body { url, bytes }
    }
}

impl From<FetchFailure> for Answer {
    fn from(failure: FetchFailure) -> Self {
        Self::Failed(failure)
    }
}
