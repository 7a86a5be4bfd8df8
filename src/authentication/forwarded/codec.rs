//! A codec: the part that all formats share.
//!
//! A codec refuses an untrusted peer before it reads anything, checks lengths before it decodes
//! anything, and counts certificates before it parses any. Each certificate must parse, and each
//! confirming header must have the expected value. Any fault is an error of the whole request; no
//! other certificate is tried instead.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::client::Forwarded;
use super::constant_time::equal;
use super::encoding::base64::Padding;
use super::error::{ForwardedError, HeaderFault};
use super::format::{Certificates, Format, WithBase64, WithChainHeader};
use super::header_reader::{ForwardedLimits, HeaderOptions, HeaderReader};
use super::headers::{HeaderName, Headers, InvalidHeaderName};
use super::peer::{Peer, UntrustedHeader};
use super::proxy_secret::ProxySecret;
use crate::certificate::Certificate;
use crate::table::errors;
use crate::validator::Presented;

/// Another header and the value that it must have.
#[derive(Clone)]
struct Confirmation {
    header: HeaderName,
    value: Cow<'static, str>,
}

// Omits the value, which may be a secret.
debug! { impl[] Confirmation: "Confirmation", |self| "header": self.header }

/// Reads and writes the headers of one kind of proxy. Made by the functions of [this
/// module](super).
#[derive(Clone, Debug)]
#[must_use]
pub struct Codec<F> {
    pub(super) options: HeaderOptions,
    pub(super) format: F,
    untrusted: UntrustedHeader,
    proxy_secret: Option<ProxySecret>,
    confirmations: Vec<Confirmation>,
}

impl<F: Format> Codec<F> {
    pub(super) fn new(header: &'static str, format: F) -> Self {
        Self::with_chain(header, header, format)
    }

    pub(super) fn with_chain(header: &'static str, chain_header: &'static str, format: F) -> Self {
        Self {
            options: HeaderOptions {
                header: HeaderName::known(header),
                chain_header: HeaderName::known(chain_header),
                padding: Padding::Required,
                limits: ForwardedLimits::default(),
                empty_is_absent: false,
            },
            format,
            untrusted: UntrustedHeader::Refuse,
            proxy_secret: None,
            confirmations: Vec::new(),
        }
    }

    /// The name of the header with the certificate. Default: the name that the format uses, a
    /// constant of its module.
    ///
    /// # Errors
    /// If the name is not a valid header name.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidHeaderName> {
        self.options.header = HeaderName::new(name)?;
        Ok(self)
    }

    setters! {
        /// The limits on headers. Default: [`ForwardedLimits::default`], 64 KiB and 16
        /// certificates.
        [options] limits: ForwardedLimits;

        /// Treats a header with an empty value as absent. Some proxies, such as HAProxy and Caddy,
        /// send one for a client without a certificate unless their configuration prevents it.
        /// Default: false; an empty value is an error.
        [options] empty_is_absent: bool;

        /// How to treat the header of a peer that is not a trusted proxy. Default:
        /// [`UntrustedHeader::Refuse`].
        untrusted: UntrustedHeader;

        /// Trusts a proxy only if its request carries this secret. A request without it counts as
        /// one from an untrusted peer. A repeated secret is always an error. Default: no secret is
        /// required, which is safe only if no one but the proxy can open the connection.
        proxy_secret: ProxySecret = Some(proxy_secret);
    }

    /// Accepts a certificate only if this other header occurs once and has exactly this value:
    /// `confirmed_by("x-ssl-verify", "SUCCESS")` for nginx's `$ssl_client_verify`. If called
    /// several times, all the headers must match. Default: none is required.
    ///
    /// Such a header reports the proxy's verdict on the certificate. It does not prove that the
    /// proxy wrote it; [`proxy_secret`](Self::proxy_secret) does. The comparison takes the same
    /// time wherever the values differ. Neither `Debug` nor an error shows the values, because they
    /// may be secret.
    ///
    /// # Errors
    /// If the name is not a valid header name, or if the value is empty: an empty header confirms
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
        self.confirmations.push(Confirmation { header, value });
        Ok(self)
    }

    /// Reads the certificate of a request. Returns `None` if the header is absent.
    ///
    /// # Errors
    /// If the peer is not a trusted proxy or lacks its secret (unless its header is to be ignored),
    /// if the header or the secret is repeated, if the header is too long, empty or not in this
    /// format, if any part of it is not a certificate, or if a confirming header does not match. Do
    /// not treat any of these as a request without a certificate.
    pub fn decode(
        &self,
        headers: &(impl Headers + ?Sized),
        peer: Peer,
    ) -> Result<Option<Forwarded>, ForwardedError> {
        let headers: &dyn Headers = &headers;
        if peer == Peer::Untrusted {
            return self.refuse(headers, HeaderFault::UntrustedPeer);
        }
        if let Some(secret) = &self.proxy_secret
            && secret.peer(headers, peer)? == Peer::Untrusted
        {
            return self.refuse(headers, secret.missing(headers));
        }
        let mut reader = HeaderReader::new(headers, &self.options);
        let Some(found) = self.format.read(&mut reader)? else {
            return Ok(None);
        };
        for confirmation in &self.confirmations {
            confirmation.check(&mut reader)?;
        }
        self.parse(found).map(Some)
    }

    /// The names and values of the headers that a proxy of this kind would send: for tests, and for
    /// proxies. They include the [secret](Self::proxy_secret) but not the confirming headers. A
    /// format without a place for the chain omits it.
    #[must_use]
    pub fn encode(&self, presented: &Presented) -> Vec<(String, String)> {
        let mut headers = self.format.write(&self.options, presented);
        headers.extend(self.proxy_secret.as_ref().and_then(ProxySecret::write));
        headers
    }

    /// Refuses a request from an untrusted peer if it has any of the certificate headers.
    fn refuse(
        &self,
        headers: &dyn Headers,
        fault: HeaderFault,
    ) -> Result<Option<Forwarded>, ForwardedError> {
        let chain = self.format.first_chain_header(&self.options.chain_header);
        let mut names = [&self.options.header, &chain].into_iter();
        match names.find(|name| !headers.values(name.as_str()).is_empty()) {
            Some(name) if self.untrusted == UntrustedHeader::Refuse => {
                Err(ForwardedError::new(name, fault))
            }
            _ => Ok(None),
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

impl<F: WithBase64> Codec<F> {
    setters! {
        /// Whether the `=` at the end of base64 may be missing. Default: [`Padding::Required`].
        [options] padding: Padding;
    }
}

impl<F: WithChainHeader> Codec<F> {
    /// The name of the chain header; for Apache, the part before the number. Default: the name that
    /// the format uses, a constant of its module. The proxy must remove or overwrite this header
    /// too: otherwise the certificates that a client puts into it are tried as intermediates.
    ///
    /// # Errors
    /// If the name is not a valid header name.
    pub fn chain_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
    ) -> Result<Self, InvalidHeaderName> {
        self.options.chain_header = HeaderName::new(name)?;
        Ok(self)
    }
}

impl Confirmation {
    fn check(&self, reader: &mut HeaderReader<'_>) -> Result<(), ForwardedError> {
        let fault = match reader.once(&self.header)? {
            Some(said) if equal(said, self.value.as_bytes()) => return Ok(()),
            Some(_) => HeaderFault::OtherValue,
            None => HeaderFault::Unconfirmed,
        };
        Err(ForwardedError::new(&self.header, fault))
    }
}

errors! {
    /// A confirming header that cannot be used.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum InvalidConfirmation {
        /// The name is not a valid header name.
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
        // The previous one may be in use elsewhere.
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
        assert_eq!(error, InvalidConfirmation::HeaderName(InvalidHeaderName {}));
    }
}
