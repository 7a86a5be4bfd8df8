//! A response as bytes: parsed once, borrowed for ever.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use super::error::OcspError;
use super::issuer_hashes::IssuerHashes;
use super::layout::Layout;
use super::responder::ResponderId;
use super::single::{SingleResponse, Singles};
use crate::certificate::{AlgorithmIdentifier, Certificate, Name};
use crate::oid::Oid;
use crate::time::Time;

/// A basic OCSP response (RFC 6960 section 4.2.1) in which a responder says something.
///
/// Parsing trusts nothing: neither is the signature verified nor are dates looked at. Cloning shares the bytes.
#[derive(Clone)]
pub struct OcspResponse(Arc<Inner>);

struct Inner {
    bytes: Arc<[u8]>,
    layout: Layout,
    certificates: Box<[Certificate]>,
    unparsed: usize,
}

impl OcspResponse {
    /// Parses one response in DER and keeps a copy of its bytes.
    ///
    /// # Errors
    /// When the bytes are not exactly one response in DER, the responder gave no answer ([`OcspError::Status`]), the
    /// answer is not a basic response of version 1, or a limit is exceeded.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspError> {
        let layout = Layout::parse(der)?;
        Ok(Self::new(Arc::from(der), layout))
    }

    /// As [`OcspResponse::from_der`], sharing bytes that are shared already.
    ///
    /// # Errors
    /// As [`OcspResponse::from_der`].
    pub fn from_shared(der: Arc<[u8]>) -> Result<Self, OcspError> {
        let layout = Layout::parse(&der)?;
        Ok(Self::new(der, layout))
    }

    fn new(bytes: Arc<[u8]>, layout: Layout) -> Self {
        let (certificates, unparsed) = layout.read_certificates(&bytes);
        Self(Arc::new(Inner {
            bytes,
            layout,
            certificates: certificates.into(),
            unparsed,
        }))
    }

    /// The received bytes.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The received bytes, shared.
    #[must_use]
    pub fn shared_der(&self) -> &Arc<[u8]> {
        &self.0.bytes
    }

    /// What the responder signed: the exact `ResponseData`.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.layout.tbs.slice(&self.0.bytes)
    }

    /// How it is signed.
    #[must_use]
    pub fn signature_algorithm(&self) -> AlgorithmIdentifier<'_> {
        AlgorithmIdentifier::from_checked(self.0.layout.signature_algorithm.slice(&self.0.bytes))
    }

    /// The octets of the signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.0.layout.signature.slice(&self.0.bytes)
    }

    /// Whose key it says it is signed with.
    #[must_use]
    pub fn responder_id(&self) -> ResponderId<'_> {
        let mut reader = self.0.layout.responder_id.reader(&self.0.bytes);
        // It was read before.
        ResponderId::read(&mut reader).unwrap_or(ResponderId::ByName(Name::from_checked(&[])))
    }

    /// When it was signed.
    #[must_use]
    pub fn produced_at(&self) -> Time {
        self.0.layout.produced_at
    }

    /// What the responder says, in its order.
    #[must_use]
    pub fn singles(&self) -> Singles<'_> {
        Singles(self.0.layout.singles.reader(&self.0.bytes))
    }

    /// What it says of the certificate that this issuer gave this serial number: nothing, one thing or several.
    pub fn singles_for<'a>(
        &'a self,
        serial: &'a [u8],
        issuer: &'a IssuerHashes<'_>,
    ) -> impl Iterator<Item = SingleResponse<'a>> {
        self.singles()
            .filter(move |single| single.cert_id.matches(serial, issuer))
    }

    /// The nonce, which binds it to one request (RFC 9654).
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        let span = self.0.layout.nonce?;
        Some(span.slice(&self.0.bytes))
    }

    /// The first critical extension of the response that this library does not know: nothing in it must be used. Each
    /// statement has extensions of its own.
    #[must_use]
    pub fn unknown_critical_extension(&self) -> Option<Oid<'_>> {
        let span = self.0.layout.unknown_critical?;
        Some(Oid::new(span.slice(&self.0.bytes)))
    }

    /// The certificates that came with it and parse; nothing makes them trusted.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// How many certificates came with it that do not parse.
    #[must_use]
    pub fn unparsed_certificates(&self) -> usize {
        self.0.unparsed
    }

    /// About how many bytes of memory it holds, shared by all clones.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let certificates = self.0.certificates.iter();
        let certificates: usize = certificates
            .map(|certificate| size_of::<Certificate>() + certificate.as_der().len())
            .sum();
        size_of::<Inner>() + self.0.bytes.len() + certificates
    }
}

impl PartialEq for OcspResponse {
    /// Equality of the received bytes.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.bytes == other.0.bytes
    }
}

impl Eq for OcspResponse {}

impl AsRef<[u8]> for OcspResponse {
    fn as_ref(&self) -> &[u8] {
        self.as_der()
    }
}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspResponse")
            .field("produced_at", &self.produced_at())
            .field("singles", &self.singles().count())
            .field("certificates", &self.certificates().len())
            .field("bytes", &self.as_der().len())
            .finish_non_exhaustive()
    }
}
