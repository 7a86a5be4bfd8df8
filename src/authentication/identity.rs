//! The typed identity of a certificate's holder: every name in the certificate, so that no text has
//! to be parsed.
//!
//! Claims keep ASP.NET Core's form and have only the first value of each type. Authorization should
//! use the identity instead: the SHA-256 thumbprint, all alternative names, and the SPIFFE ID if
//! the rules of SPIFFE hold. The identity also tells whether anyone but the holder vouches for the
//! names.
//!
//! Mailboxes, URIs and user principal names may contain any ASCII, so they are [`EscapedText`].

use core::net::IpAddr;

use super::distinguished_name::DistinguishedName;
use super::escaped_text::EscapedText;
use super::spiffe::{SpiffeError, SpiffeId};
use crate::certificate::extensions::SubjectAltName;
use crate::certificate::{Certificate, GeneralName, GeneralNames};
use crate::path::is_host_name;

macro_rules! escaped_names {
    ($($(#[$doc:meta])* $name:ident: $form:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self) -> impl Iterator<Item = EscapedText<&str>> {
            let names = self.names().into_iter().flat_map(|names| names.$form());
            names.map(EscapedText::new)
        }
    )*};
}

/// What a certificate states about its holder.
#[derive(Clone, Debug)]
pub struct Identity {
    certificate: Certificate,
    sha256_thumbprint: [u8; 32],
    names_are_vouched_for: bool,
}

impl Identity {
    pub(super) fn new(certificate: Certificate, names_are_vouched_for: bool) -> Self {
        Self {
            sha256_thumbprint: certificate.sha256_thumbprint(),
            certificate,
            names_are_vouched_for,
        }
    }

    getters! {
        /// Whether anyone but the holder vouches for the names in the certificate
        /// ([`Accepted::names_are_vouched_for`](crate::Accepted::names_are_vouched_for)). If not,
        /// it was accepted only because of its key, or not at all, and the holder chose every name
        /// in it.
        copy names_are_vouched_for: bool;
        /// The certificate itself.
        ref certificate: Certificate;
        /// SHA-256 of the whole certificate. Use it for allow lists.
        ref sha256_thumbprint: [u8; 32];
    }

    getters! { |self|
        /// The subject, attribute by attribute.
        subject: DistinguishedName<'_> = DistinguishedName::from(self.certificate.subject());
        /// The issuer, attribute by attribute.
        issuer: DistinguishedName<'_> = DistinguishedName::from(self.certificate.issuer());
    }

    /// All subject alternative names of all types, in order. There are none if the extension is
    /// absent. Their texts are **raw**; wrap them in [`EscapedText`] for display.
    pub fn alternative_names(&self) -> impl Iterator<Item = GeneralName<'_>> {
        self.names().into_iter().flat_map(|names| names.iter())
    }

    /// The DNS names among them that are host names or wildcards of one; any other dNSName is
    /// skipped, and the common name is not included. They consist of letters, digits, `-`, `_`, `.`
    /// and `*`, so they can be displayed unescaped.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        let names = self.names().into_iter();
        let names = names.flat_map(|names| names.dns_names());
        names.filter(|name| is_host_name(name.strip_prefix("*.").unwrap_or(name)))
    }

    /// The IP addresses among them.
    pub fn ip_addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.alternative_names()
            .filter_map(|name| name.ip_address())
    }

    escaped_names! {
        /// The mailboxes among them.
        emails: rfc822_names;
        /// The URIs among them.
        uris: uris;
        /// The user principal names among them.
        upns: upns;
    }

    /// The user principal name, if there is exactly one.
    #[must_use]
    pub fn upn(&self) -> Option<EscapedText<&str>> {
        let mut names = self.upns();
        names.next().filter(|_| names.next().is_none())
    }

    /// The SPIFFE ID, if the certificate is an X.509-SVID whose [names are vouched
    /// for](Self::names_are_vouched_for).
    ///
    /// # Errors
    /// [`SpiffeError`] names the rule of SPIFFE that is violated.
    pub fn spiffe_id(&self) -> Result<SpiffeId<'_>, SpiffeError> {
        if !self.names_are_vouched_for {
            return Err(SpiffeError::NotVouchedFor);
        }
        SpiffeId::of_leaf(&self.certificate)
    }

    fn names(&self) -> Option<GeneralNames<'_>> {
        let names = self.certificate.readable::<SubjectAltName<'_>>()?;
        Some(names.names())
    }
}
