//! What is missing, and the answers to it.

use alloc::string::String;
use alloc::vec::Vec;

use super::ocsp::{MAX_NONCE, OcspRequest, OcspRequestError};
use crate::certificate::Certificate;
use crate::table::{errors, texts};
use crate::time::Time;

/// The number of a request within its validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(crate) u32);

texts! {
    /// What is asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum RequestKind {
        /// A CRL (RFC 5280 section 4.2.1.13): GET, the answer is one CRL in DER.
        Crl => "CRL";
        /// A delta CRL (sections 4.2.1.15 and 5.2.6): GET, the answer is one CRL in DER.
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
    /// Takes 1 to [`MAX_NONCE`] octets; RFC 9654 asks for 32.
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

/// Something that a validation asks one URL for.
///
/// The URL comes from a certificate whose path holds, but whoever fetches it decides which hosts
/// and schemes are allowed. Where a certificate names several, the next one is asked for if this
/// one brings nothing of use.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) id: RequestId,
    pub(crate) wanted: Wanted,
    pub(crate) certificate: Certificate,
    pub(crate) url: String,
    pub(crate) below_anchor: Option<Certificate>,
}

/// What is asked for, with all that the request takes.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Crl,
    DeltaCrl,
    Ocsp(OcspRequest),
    IssuerCertificate,
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
        match self.wanted {
            Wanted::Crl => RequestKind::Crl,
            Wanted::DeltaCrl => RequestKind::DeltaCrl,
            Wanted::Ocsp(_) => RequestKind::Ocsp,
            Wanted::IssuerCertificate => RequestKind::IssuerCertificate,
        }
    }

    /// The certificate about which something is missing.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The CA below the trust anchor on the path for which this is asked. `None` if the anchor
    /// issued the certificate itself, and for what renews evidence or asks for an issuer.
    ///
    /// Whatever is below it is its doing: a queue that is shared by CAs shares its room by this.
    #[must_use]
    pub const fn below_anchor(&self) -> Option<&Certificate> {
        self.below_anchor.as_ref()
    }

    /// Where to ask: an http or https URL, as the certificate or CRL has it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The body of a POST, of media type `application/ocsp-request`; `None` where the request is a
    /// GET without more.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.ocsp().map(OcspRequest::as_der)
    }

    /// The URL of a GET: for OCSP the request in base64 behind the responder's URL (RFC 6960
    /// appendix A.1), otherwise the URL itself.
    #[must_use]
    pub fn get_url(&self) -> String {
        match self.ocsp() {
            Some(request) => request.get_url(&self.url),
            None => self.url.clone(),
        }
    }

    fn ocsp(&self) -> Option<&OcspRequest> {
        match &self.wanted {
            Wanted::Ocsp(request) => Some(request),
            _ => None,
        }
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
    /// whoever else uses that URL must not wait for it. Nor does 404: the CRL may be there the
    /// next moment.
    pub(crate) const fn is_of_transport(self) -> bool {
        matches!(self, Self::Unreachable | Self::Status(429 | 500..=599))
    }
}

/// What came back for a request: the bytes that the URL sent with success, or why there are none.
///
/// ```
/// use portcullis::Time;
/// use portcullis::revocation::{Answer, FetchFailure};
///
/// let sent: Result<Vec<u8>, FetchFailure> = Err(FetchFailure::Status(503));
/// let answer = Answer::from(sent).arrived(Time::from_unix(1_767_225_600));
/// # let _ = answer;
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    pub(crate) came: Result<Vec<u8>, FetchFailure>,
    pub(crate) at: Option<Time>,
}

impl Answer {
    /// The bytes that the URL sent.
    #[must_use]
    pub fn body(bytes: impl Into<Vec<u8>>) -> Self {
        Ok(bytes.into()).into()
    }

    /// It came at this moment. Default: at the time of the validation. A pause after a failure
    /// begins here.
    #[must_use]
    pub fn arrived(mut self, at: Time) -> Self {
        self.at = Some(at);
        self
    }
}

impl From<Result<Vec<u8>, FetchFailure>> for Answer {
    fn from(came: Result<Vec<u8>, FetchFailure>) -> Self {
        Self { came, at: None }
    }
}

impl From<FetchFailure> for Answer {
    fn from(failure: FetchFailure) -> Self {
        Err(failure).into()
    }
}
