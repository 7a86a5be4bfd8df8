//! A request to be authenticated: its scheme, and the client's certificate with its provenance.
//!
//! A certificate that cannot be read is a failure with a reason. It must not count as absent: if
//! other schemes or anonymous clients are accepted, this client would be accepted too.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;

use super::forwarded::{
    ClientCertificate, ForwardedError, HeaderFault, HeaderName, Headers, Peer, Provenance, single,
};
use super::result::SharedError;

/// The scheme of a request: that of its own connection, or that of the client's connection to a
/// trusted proxy ([`forwarded`](Self::forwarded)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestScheme {
    /// Without TLS: no client is authenticated.
    Http,
    /// With TLS.
    Https,
}

/// The header in which proxies send the scheme of the client's request.
const FORWARDED_PROTO: HeaderName = HeaderName::known("x-forwarded-proto");

impl RequestScheme {
    /// The scheme in a trusted proxy's `X-Forwarded-Proto`. `None` if the header is absent or the
    /// peer is not a trusted proxy. The proxy must overwrite this header, as the
    /// [snippets](super::forwarded) for each proxy do. Pass the peer that
    /// [`ProxySecret::peer`](super::forwarded::ProxySecret::peer) returned.
    ///
    /// ```
    /// use portcullis::authentication::RequestScheme;
    /// use portcullis::authentication::forwarded::Peer;
    ///
    /// let headers = [("x-forwarded-proto", "https")];
    /// let told = RequestScheme::forwarded(&headers, Peer::TrustedProxy)?;
    /// assert_eq!(told, Some(RequestScheme::Https));
    /// assert_eq!(RequestScheme::forwarded(&headers, Peer::Untrusted)?, None);
    /// # Ok::<(), portcullis::authentication::forwarded::ForwardedError>(())
    /// ```
    ///
    /// # Errors
    /// If the header occurs more than once, or has a value other than `http` or `https`, such as a
    /// list: the proxy then appends to the client's value. Do not process such a request under
    /// either scheme.
    pub fn forwarded(
        headers: &(impl Headers + ?Sized),
        peer: Peer,
    ) -> Result<Option<Self>, ForwardedError> {
        if peer == Peer::Untrusted {
            return Ok(None);
        }
        let violation = match single(&headers.values(FORWARDED_PROTO.as_str())) {
            Ok(None) => return Ok(None),
            Ok(Some(told)) if told.eq_ignore_ascii_case(b"https") => return Ok(Some(Self::Https)),
            Ok(Some(told)) if told.eq_ignore_ascii_case(b"http") => return Ok(Some(Self::Http)),
            Ok(Some(_)) => HeaderFault::NotAScheme,
            Err(repeated) => repeated.into(),
        };
        Err(ForwardedError::new(&FORWARDED_PROTO, violation))
    }
}

/// A request to be authenticated by a
/// [`CertificateAuthenticator`](super::CertificateAuthenticator). Create one for every request of a
/// connection.
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
    pub(super) certificate: RequestCertificate<'a>,
    carried: Option<&'a (dyn Any + Sync)>,
}

/// The client's certificate, or the error from reading it.
#[derive(Clone, Debug)]
pub(super) enum RequestCertificate<'a> {
    None,
    Present(Cow<'a, ClientCertificate>),
    Broken(Provenance, SharedError),
}

impl<'a> AuthenticationRequest<'a> {
    /// A request with this scheme, and with the client's certificate if there is one.
    pub const fn new(scheme: RequestScheme, certificate: Option<&'a ClientCertificate>) -> Self {
        let certificate = match certificate {
            Some(certificate) => RequestCertificate::Present(Cow::Borrowed(certificate)),
            None => RequestCertificate::None,
        };
        Self::of(scheme, certificate)
    }

    const fn of(scheme: RequestScheme, certificate: RequestCertificate<'a>) -> Self {
        Self {
            scheme,
            certificate,
            carried: None,
        }
    }

    /// A request with the result of reading its certificate: a certificate, none, or an error that
    /// the request fails with. Use it for a proxy's headers, so that an error cannot be mistaken
    /// for an absent certificate. The provenance is that of a certificate that could not be read.
    ///
    /// The failure is [`AuthenticationError::Unreadable`](super::AuthenticationError::Unreadable).
    /// If the error, or one of its [sources](core::error::Error::source), concerns a header that is
    /// not trustworthy, the failure is
    /// [`HeaderNotTrusted`](super::AuthenticationError::HeaderNotTrusted) or
    /// [`NotConfirmed`](super::AuthenticationError::NotConfirmed).
    ///
    /// ```
    /// use portcullis::authentication::forwarded::{self, ClientCertificate, Peer, Provenance};
    /// use portcullis::authentication::{
    ///     AuthenticationError, AuthenticationRequest, CertificateAuthenticator, Denied,
    ///     RequestScheme,
    /// };
    /// use portcullis::revocation::NoFetcher;
    /// use portcullis::{Time, TrustStore};
    ///
    /// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
    /// let authenticator = CertificateAuthenticator::builder().system_trust_store(roots).build()?;
    ///
    /// let headers = [("ssl-client-cert", "not a certificate")];
    /// let found = forwarded::nginx().decode(&headers, Peer::TrustedProxy);
    /// let found = found.map(|forwarded| forwarded.map(ClientCertificate::Forwarded));
    /// let request =
    ///     AuthenticationRequest::from_result(RequestScheme::Https, Provenance::Forwarded, found);
    ///
    /// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
    /// let denied = authenticator.authenticate(&request, now, &NoFetcher).require().unwrap_err();
    /// assert!(matches!(denied, Denied::Failure(AuthenticationError::Unreadable(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_result<E>(
        scheme: RequestScheme,
        provenance: Provenance,
        found: Result<Option<ClientCertificate>, E>,
    ) -> Self
    where
        E: Into<Box<dyn core::error::Error + Send + Sync>>,
    {
        let certificate = match found {
            Ok(Some(certificate)) => RequestCertificate::Present(Cow::Owned(certificate)),
            Ok(None) => RequestCertificate::None,
            Err(error) => RequestCertificate::Broken(provenance, Arc::from(error.into())),
        };
        Self::of(scheme, certificate)
    }

    /// A request whose certificate could not be read: it cannot be parsed, its header is malformed,
    /// or there are two. The request fails with this error, as in
    /// [`from_result`](Self::from_result).
    pub fn broken(
        scheme: RequestScheme,
        provenance: Provenance,
        error: impl core::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::from_result(scheme, provenance, Err(error))
    }

    /// Carries data of the caller's, such as the HTTP request, to the events. It is not part of the
    /// cache's key. Default: nothing.
    pub const fn carrying(mut self, carried: &'a (dyn Any + Sync)) -> Self {
        self.carried = Some(carried);
        self
    }

    getters! {
        /// The scheme.
        copy scheme: RequestScheme;
    }

    /// The certificate. `None` if there is none or it could not be read.
    #[must_use]
    pub fn certificate(&self) -> Option<&ClientCertificate> {
        match &self.certificate {
            RequestCertificate::Present(certificate) => Some(certificate),
            RequestCertificate::None | RequestCertificate::Broken(..) => None,
        }
    }

    /// The value passed to [`AuthenticationRequest::carrying`], if it has this type.
    #[must_use]
    pub fn carried<T: Any>(&self) -> Option<&'a T> {
        let carried: &'a dyn Any = self.carried?;
        carried.downcast_ref()
    }
}

debug! {
    impl[] AuthenticationRequest<'_>: "AuthenticationRequest", |self|
    "scheme": self.scheme, "certificate": self.certificate, "carries": self.carried.is_some()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// S4: only a single value of a single header from a trusted proxy is used.
    #[test]
    fn the_scheme_that_a_proxy_tells() {
        let read = |values: &[&str], peer| {
            let name = ["x-forwarded-proto", "X-Forwarded-Proto"]
                .into_iter()
                .cycle();
            let headers: Vec<_> = name.zip(values.iter().copied()).collect();
            RequestScheme::forwarded(&headers, peer).map_err(|error| error.fault().clone())
        };
        let told = |values: &[&str]| read(values, Peer::TrustedProxy);
        assert_eq!(told(&[]), Ok(None));
        assert_eq!(told(&["https"]), Ok(Some(RequestScheme::Https)));
        assert_eq!(told(&["HTTPS"]), Ok(Some(RequestScheme::Https)));
        assert_eq!(told(&["http"]), Ok(Some(RequestScheme::Http)));
        for two in [["https", "http"], ["http", "https"], ["https", "https"]] {
            assert_eq!(told(&two), Err(HeaderFault::Repeated { times: 2 }));
        }
        for other in [
            "",
            " ",
            "https,http",
            "https, https",
            "https ",
            "wss",
            "on",
            "https\0",
        ] {
            assert_eq!(told(&[other]), Err(HeaderFault::NotAScheme), "{other}");
        }
        for values in [&["https"][..], &["https", "http"], &["x"]] {
            assert_eq!(read(values, Peer::Untrusted), Ok(None));
        }
    }
}
