//! What all formats have in common: who sent the header, how often, how long it is, and who else
//! must agree.
//!
//! The order: an untrusted peer is refused before anything is read; lengths are counted before
//! anything is decoded; certificates are counted before any is parsed; each one must parse, and
//! what the proxy says beside them must be what is expected. Whatever goes wrong is an error of the
//! whole request, never the next best certificate.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::client::Forwarded;
use super::constant_time::equal;
use super::encoding::base64::Padding;
use super::error::{ForwardedError, HeaderFault};
use super::headers::{HeaderName, Headers, InvalidHeaderName};
use super::proxy_secret::ProxySecret;
use super::source::Source;
use crate::certificate::Certificate;
use crate::table::errors;
use crate::validator::Presented;

/// Is the other end of the connection a proxy whose headers are believed?
///
/// The caller knows: by its own client certificate, because it is a Unix socket that only the proxy
/// may open, or by its address. An address is every program's on that machine, so it takes a
/// [`ProxySecret`] beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// It is, and it removes or overwrites these headers in what it passes on.
    TrustedProxy,
    /// It may be anyone.
    Untrusted,
}

/// What happens to the header of a peer that is not a trusted proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UntrustedHeader {
    /// It is an error: nobody sends it by accident.
    #[default]
    Refuse,
    /// It is as if it were absent.
    Ignore,
}

/// What a header may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ForwardedLimits {
    /// Bytes of all headers that are read for a request. Default: 65,536, beyond what servers
    /// accept as headers; proxies stop earlier (Google Cloud and nginx at 16 KiB or less).
    pub bytes: usize,
    /// Certificates, the leaf among them. Default: 16; a path of 32 fits no proxy's buffers.
    pub certificates: usize,
}

impl Default for ForwardedLimits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024,
            certificates: 16,
        }
    }
}

impl ForwardedLimits {
    /// At most so many bytes.
    #[must_use]
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// At most so many certificates.
    #[must_use]
    pub const fn certificates(mut self, certificates: usize) -> Self {
        self.certificates = certificates;
        self
    }
}

/// The settings that every format has.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) header: HeaderName,
    pub(super) limits: ForwardedLimits,
    pub(super) empty_is_absent: bool,
    untrusted: UntrustedHeader,
    secret: Option<ProxySecret>,
    confirmations: Vec<Confirmation>,
}

/// Another header, and what it must say.
#[derive(Clone)]
struct Confirmation {
    header: HeaderName,
    value: Cow<'static, str>,
}

impl fmt::Debug for Confirmation {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// DER of a leaf and of the certificates that came with it.
pub(super) type Certificates = Vec<Vec<u8>>;

/// How one format is read and written.
pub trait Wire {
    /// Headers beside the first that give certificates, such as that of the chain. One of them is
    /// enough for a stranger's request to be refused, since none of them comes by accident;
    /// what only confirms is not among them.
    fn more_headers(&self) -> Vec<HeaderName>;

    /// The certificates in the headers, the leaf first.
    fn read(&self, source: &mut Source<'_>) -> Result<Option<Certificates>, ForwardedError>;

    /// The headers for these certificates.
    fn write(&self, header: &HeaderName, presented: &Presented) -> Vec<(String, String)>;
}

/// A format of headers.
///
/// Implemented by the formats of this module, and by nothing else.
pub trait Format: Wire + Clone + fmt::Debug {}

impl<W: Wire + Clone + fmt::Debug> Format for W {}

/// A format with base64 in it.
pub trait WithBase64 {
    /// The setting.
    fn padding_mut(&mut self) -> &mut Padding;
}

/// Reads and writes the headers of one kind of proxy. Made by the functions of [this
/// module](super).
#[derive(Clone, Debug)]
#[must_use]
pub struct Codec<F> {
    pub(super) options: Options,
    pub(super) format: F,
}

impl<F: Format> Codec<F> {
    pub(super) fn new(header: &'static str, format: F) -> Self {
        Self {
            options: Options {
                header: HeaderName::known(header),
                limits: ForwardedLimits::default(),
                empty_is_absent: false,
                untrusted: UntrustedHeader::Refuse,
                secret: None,
                confirmations: Vec::new(),
            },
            format,
        }
    }

    /// The name of the header with the certificate. Default: that of the format, a constant of its
    /// module.
    ///
    /// # Errors
    /// When it is not the name of a header.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidHeaderName> {
        self.options.header = HeaderName::new(name)?;
        Ok(self)
    }

    /// What a header may cost. Default: [`ForwardedLimits::default`], 64 KiB and 16 certificates.
    pub fn limits(mut self, limits: ForwardedLimits) -> Self {
        self.options.limits = limits;
        self
    }

    /// What happens to the header of a peer that is not a trusted proxy. Default:
    /// [`UntrustedHeader::Refuse`].
    pub fn untrusted(mut self, policy: UntrustedHeader) -> Self {
        self.options.untrusted = policy;
        self
    }

    /// Believes a trusted proxy only if its request has this secret; without it, the request is
    /// that of a peer that is not trusted. A repeated secret is always an error. Default: none
    /// is needed, which is right only where nobody but the proxy can open the connection.
    pub fn proxy_secret(mut self, secret: ProxySecret) -> Self {
        self.options.secret = Some(secret);
        self
    }

    /// Is a header without a value the same as none? Some proxies send one for a client without a
    /// certificate, among them HAProxy and Caddy where the setting does not ask whether there
    /// is one. Default: no, it is an error.
    pub fn empty_is_absent(mut self, yes: bool) -> Self {
        self.options.empty_is_absent = yes;
        self
    }

    /// A certificate counts only if this other header occurs once and says exactly this:
    /// `confirmed_by("x-ssl-verify", "SUCCESS")` for nginx's `$ssl_client_verify`. Called
    /// again, all of them must agree. Default: none must.
    ///
    /// It says what the proxy found out about the certificate. That it was the proxy who said so is
    /// for [`proxy_secret`](Self::proxy_secret) to show. The comparison takes the same time
    /// wherever the values differ, and neither the value nor what came instead of it is ever shown,
    /// by `Debug` or in an error: it may be a secret all the same.
    ///
    /// # Errors
    /// When it is not the name of a header, or the value is empty: an empty header confirms
    /// nothing.
    pub fn confirmed_by(
        mut self,
        header: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Result<Self, InvalidConfirmation> {
        let header = HeaderName::new(header)?;
        let value = value.into();
        if value.trim().is_empty() {
            return Err(InvalidConfirmation::NoValue);
        }
        let confirmations = &mut self.options.confirmations;
        confirmations.push(Confirmation { header, value });
        Ok(self)
    }

    /// The certificate of a request; `None`: the header is absent.
    ///
    /// # Errors
    /// When the peer is no trusted proxy or lacks its secret (unless its header is to be ignored),
    /// the header or the secret is repeated, the header is too long or empty, it is not what the
    /// format says, anything in it is not a certificate, or what must confirm it does not. None
    /// of this may be taken for a request without a certificate.
    pub fn decode(
        &self,
        headers: &(impl Headers + ?Sized),
        peer: Peer,
    ) -> Result<Option<Forwarded>, ForwardedError> {
        let headers: &dyn Headers = &headers;
        if peer == Peer::Untrusted {
            return self.refuse(headers, HeaderFault::UntrustedPeer);
        }
        if let Some(secret) = &self.options.secret
            && secret.peer(headers, peer)? == Peer::Untrusted
        {
            return self.refuse(headers, secret.missing(headers));
        }
        let mut source = Source::new(headers, &self.options);
        let Some(found) = self.format.read(&mut source)? else {
            return Ok(None);
        };
        for confirmation in &self.options.confirmations {
            confirmation.check(&mut source)?;
        }
        self.parse(found).map(Some)
    }

    /// The headers that a proxy of this kind would send, names and values: for tests, and for
    /// proxies. The [secret](Self::proxy_secret) is among them, headers that confirm are not, and a
    /// format without a place for the chain leaves it out.
    #[must_use]
    pub fn encode(&self, presented: &Presented) -> Vec<(String, String)> {
        let mut headers = self.format.write(&self.options.header, presented);
        headers.extend(self.options.secret.as_ref().and_then(ProxySecret::write));
        headers
    }

    fn refuse(
        &self,
        headers: &dyn Headers,
        fault: HeaderFault,
    ) -> Result<Option<Forwarded>, ForwardedError> {
        if self.options.untrusted == UntrustedHeader::Ignore {
            return Ok(None);
        }
        let more = self.format.more_headers();
        let mut names = core::iter::once(&self.options.header).chain(&more);
        match names.find(|name| !headers.values(name.as_str()).is_empty()) {
            Some(name) => Err(ForwardedError::new(name, fault)),
            None => Ok(None),
        }
    }

    fn parse(&self, found: Certificates) -> Result<Forwarded, ForwardedError> {
        let fault = |fault| ForwardedError::new(&self.options.header, fault);
        let limit = self.options.limits.certificates;
        if found.len() > limit {
            return Err(fault(HeaderFault::TooManyCertificates { limit }));
        }
        let parsed = found.into_iter().enumerate().map(|(index, der)| {
            let parsed = Certificate::from_owned(der.into_boxed_slice());
            parsed.map_err(|error| fault(HeaderFault::NotACertificate { index, error }))
        });
        let mut certificates = parsed.collect::<Result<Vec<_>, _>>()?.into_iter();
        let leaf = certificates.next();
        let leaf = leaf.ok_or_else(|| fault(HeaderFault::NoCertificate))?;
        Ok(Forwarded::new(leaf, certificates))
    }
}

impl<F: Format + WithBase64> Codec<F> {
    /// Whether the `=` at the end of base64 may be missing. Default: [`Padding::Required`].
    pub fn padding(mut self, padding: Padding) -> Self {
        *self.format.padding_mut() = padding;
        self
    }
}

impl Confirmation {
    fn check(&self, source: &mut Source<'_>) -> Result<(), ForwardedError> {
        let fault = |fault| Err(ForwardedError::new(&self.header, fault));
        match source.once(&self.header)? {
            None => fault(HeaderFault::Unconfirmed),
            Some(said) if equal(said, self.value.as_bytes()) => Ok(()),
            Some(_) => fault(HeaderFault::OtherValue),
        }
    }
}

errors! {
    /// A confirmation that confirms nothing.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum InvalidConfirmation {
        /// Text is not the name of a header.
        HeaderName(error: InvalidHeaderName) => "{error}", source error, from InvalidHeaderName;
        /// The value is empty, or blank.
        NoValue => "an empty value confirms nothing";
    }
}

#[cfg(test)]
mod tests {
    use super::super::aspnet::{HEADER, aspnet};
    use super::super::testing::{decode, fault, leaf, read};
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_secret_that_confirms_is_told_to_nobody() {
        let codec = aspnet().confirmed_by("token", "the new secret").unwrap();
        assert!(!alloc::format!("{codec:?}").contains("new secret"));
        let value = &*codec.encode(&Presented::new(leaf())).remove(0).1;
        let saying = |token| [(HEADER, value), ("token", token)];
        assert_eq!(read(&codec, &saying("the new secret")), [leaf()]);
        // The one of before may be in use elsewhere.
        let error = decode(&codec, &saying("the old secret")).unwrap_err();
        assert_eq!(error.fault(), &HeaderFault::OtherValue);
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(!alloc::format!("{error:?}").contains("secret"));
        assert_eq!(fault(&codec, &saying("")), HeaderFault::OtherValue);
    }

    #[test]
    fn an_empty_header_confirms_nothing() {
        for nothing in ["", " ", "\t "] {
            let error = aspnet().confirmed_by("token", nothing).unwrap_err();
            assert_eq!(error, InvalidConfirmation::NoValue);
        }
        let error = aspnet().confirmed_by("to ken", "secret").unwrap_err();
        assert_eq!(error, InvalidConfirmation::HeaderName(InvalidHeaderName));
    }
}
