//! What is to be authenticated: the request's scheme, and the client's certificate with where it came from.
//!
//! A certificate that could not be read is a failure that says why, not an absent certificate: where other schemes or
//! anonymous clients are let in, "absent" would let this one in too.

use alloc::sync::Arc;
use core::any::Any;

use super::forwarded::{ClientCertificate, Provenance};

/// The scheme of a request: that of its own connection, or the client's where a trusted proxy tells it
/// (`X-Forwarded-Proto`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestScheme {
    /// Without TLS: nobody is authenticated.
    Http,
    /// With TLS.
    Https,
}

/// What a [`CertificateAuthenticator`](super::CertificateAuthenticator) decides about: one request. Every request of a
/// connection has one of its own.
///
/// ```
/// use portcullis::Presented;
/// use portcullis::authentication::forwarded::ClientCertificate;
/// use portcullis::authentication::{AuthenticationRequest, RequestScheme};
///
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// let certificate = ClientCertificate::Handshake(presented);
/// let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
/// # let _ = request;
/// # Ok::<(), portcullis::InputError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct AuthenticationRequest<'a> {
    pub(super) scheme: RequestScheme,
    pub(super) certificate: Given<'a>,
    carried: Option<&'a (dyn Any + Sync)>,
}

/// What the client gave.
#[derive(Clone, Debug)]
pub(super) enum Given<'a> {
    Nothing,
    Certificate(&'a ClientCertificate),
    Broken(Provenance, Arc<dyn core::error::Error + Send + Sync>),
}

impl<'a> AuthenticationRequest<'a> {
    /// A request of this scheme, with the client's certificate if it has one.
    pub const fn new(scheme: RequestScheme, certificate: Option<&'a ClientCertificate>) -> Self {
        Self {
            scheme,
            certificate: match certificate {
                Some(certificate) => Given::Certificate(certificate),
                None => Given::Nothing,
            },
            carried: None,
        }
    }

    /// A request whose certificate could not be read: it does not parse, the header that held it is broken, or there are two.
    /// It fails with this error.
    pub fn broken(
        scheme: RequestScheme,
        provenance: Provenance,
        error: impl core::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            scheme,
            certificate: Given::Broken(provenance, Arc::new(error)),
            carried: None,
        }
    }

    /// Carries something of the caller's to the events: the HTTP request, say. Default: nothing. It is no part of what a
    /// cache knows a verdict by.
    pub const fn carrying(mut self, carried: &'a (dyn Any + Sync)) -> Self {
        self.carried = Some(carried);
        self
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> RequestScheme {
        self.scheme
    }

    /// The certificate; `None` where there is none or it could not be read.
    #[must_use]
    pub const fn certificate(&self) -> Option<&'a ClientCertificate> {
        match self.certificate {
            Given::Certificate(certificate) => Some(certificate),
            _ => None,
        }
    }

    /// What [`AuthenticationRequest::carrying`] was given, if it is of this type.
    #[must_use]
    pub fn carried<T: Any>(&self) -> Option<&'a T> {
        let carried: &'a dyn Any = self.carried?;
        carried.downcast_ref()
    }
}

impl core::fmt::Debug for AuthenticationRequest<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AuthenticationRequest")
            .field("scheme", &self.scheme)
            .field("certificate", &self.certificate)
            .field("carries", &self.carried.is_some())
            .finish()
    }
}
