//! The typed identity of a certificate's holder: every name in the certificate, none as text that
//! has to be parsed again.
//!
//! Claims keep ASP.NET Core's form, with the first value of each type only. Authorization should
//! use the identity instead: the SHA-256 thumbprint, all alternative names, and a SPIFFE ID only
//! where the rules of SPIFFE hold. It also knows whether anybody but the holder vouches for the
//! names.
//!
//! Mailboxes, URIs and user principal names may hold any ASCII, so they are [`EscapedText`].

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

/// What a certificate says about its holder.
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
        /// Does anybody but its holder vouch for the names in the certificate
        /// ([`Accepted::names_are_vouched_for`](crate::Accepted::names_are_vouched_for))? If not,
        /// it was accepted by its key alone, or not at all, and the holder chose every name in it.
        copy names_are_vouched_for: bool;
        /// The certificate itself.
        ref certificate: Certificate;
        /// SHA-256 of the whole certificate: what an allow list should hold.
        ref sha256_thumbprint: [u8; 32];
    }

    getters! { |self|
        /// The subject, attribute by attribute.
        subject: DistinguishedName<'_> = DistinguishedName::from(self.certificate.subject());
        /// The issuer, attribute by attribute.
        issuer: DistinguishedName<'_> = DistinguishedName::from(self.certificate.issuer());
    }

    /// All subject alternative names of all forms, in order; none where the extension is absent.
    /// The texts in them are **raw**: [`EscapedText::new`] makes them fit to be shown.
    pub fn alternative_names(&self) -> impl Iterator<Item = GeneralName<'_>> {
        self.names().into_iter().flat_map(|names| names.iter())
    }

    /// The DNS names among them: host names, and wildcards over one. A common name is not one, and
    /// a dNSName that is neither names nobody. They consist of letters, digits, `-`, `_`, `.`
    /// and `*`, and so can be shown as they are.
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
        /// The mailboxes among them. [`EscapedText`] shows them escaped and compares them as they
        /// are.
        emails: rfc822_names;
        /// The URIs among them. [`EscapedText`] shows them escaped and compares them as they are.
        uris: uris;
        /// The user principal names among them. [`EscapedText`] shows them escaped and compares
        /// them as they are.
        upns: upns;
    }

    /// The user principal name, if there is exactly one: two would be ambiguous.
    #[must_use]
    pub fn upn(&self) -> Option<EscapedText<&str>> {
        let mut names = self.upns();
        names.next().filter(|_| names.next().is_none())
    }

    /// The SPIFFE ID, if the certificate is an X.509-SVID whose [names are vouched
    /// for](Self::names_are_vouched_for).
    ///
    /// # Errors
    /// [`SpiffeError`] says which rule of SPIFFE does not hold.
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
