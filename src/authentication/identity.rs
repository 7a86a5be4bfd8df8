//! A certificate's holder, typed: every name that the certificate gives, none of them as text to be
//! parsed again.
//!
//! Claims keep .NET's shape, in which a type has its first value only. Authorization should rest on
//! what is here: whole thumbprints of SHA-256, all alternative names, and a SPIFFE ID only where
//! the rules of SPIFFE hold. A name is worth what whoever vouches for it is: an identity knows
//! whether anybody but its holder does.
//!
//! Whoever vouches for a name does not see to it that it can be shown: mailboxes, URIs and user
//! principal names are [`EscapedText`].

use core::net::IpAddr;

use super::distinguished_name::DistinguishedName;
use super::escaped_text::EscapedText;
use super::spiffe::{SpiffeError, SpiffeId};
use crate::certificate::extensions::SubjectAltName;
use crate::certificate::{Certificate, GeneralName, GeneralNames};
use crate::path::is_host_name;

/// What a certificate says of its holder.
#[derive(Clone, Debug)]
pub struct Identity {
    certificate: Certificate,
    thumbprint: [u8; 32],
    vouched_for: bool,
}

impl Identity {
    pub(super) fn new(certificate: Certificate, vouched_for: bool) -> Self {
        Self {
            thumbprint: certificate.sha256_thumbprint(),
            certificate,
            vouched_for,
        }
    }

    /// Did somebody else than its holder see to the names in the certificate
    /// ([`Accepted::names_are_vouched_for`](crate::Accepted::names_are_vouched_for))? If not, it is
    /// accepted by its key alone, or not at all, and every name in it is the holder's own
    /// choice.
    #[must_use]
    pub const fn names_are_vouched_for(&self) -> bool {
        self.vouched_for
    }

    /// The certificate itself.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// SHA-256 of the whole certificate: what a list of certificates should hold.
    #[must_use]
    pub fn sha256_thumbprint(&self) -> &[u8; 32] {
        &self.thumbprint
    }

    /// The subject, attribute by attribute.
    #[must_use]
    pub fn subject(&self) -> DistinguishedName<'_> {
        DistinguishedName::new(self.certificate.subject())
    }

    /// The issuer, attribute by attribute.
    #[must_use]
    pub fn issuer(&self) -> DistinguishedName<'_> {
        DistinguishedName::new(self.certificate.issuer())
    }

    /// All subject alternative names of all forms, in order; none where the extension is absent.
    /// The texts in them are **raw**: [`EscapedText::new`] makes them fit to be shown.
    pub fn alternative_names(&self) -> impl Iterator<Item = GeneralName<'_>> {
        self.names().into_iter().flat_map(|names| names.iter())
    }

    /// The DNS names among them: host names, and wildcards over one. A common name is none, and a
    /// dNSName that is neither names nobody. They are letters, digits, `-`, `_`, `.` and `*`, and
    /// so can be shown as they are.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        let names = self.names().into_iter();
        let names = names.flat_map(|names| names.dns_names());
        names.filter(|name| is_host_name(name.strip_prefix("*.").unwrap_or(name)))
    }

    /// The mailboxes among them. [`EscapedText`] shows them escaped and compares them as they are.
    pub fn emails(&self) -> impl Iterator<Item = EscapedText<&str>> {
        let names = self.names().into_iter();
        let names = names.flat_map(|names| names.rfc822_names());
        names.map(EscapedText::new)
    }

    /// The URIs among them. [`EscapedText`] shows them escaped and compares them as they are.
    pub fn uris(&self) -> impl Iterator<Item = EscapedText<&str>> {
        let names = self.names().into_iter().flat_map(|names| names.uris());
        names.map(EscapedText::new)
    }

    /// The addresses among them.
    pub fn ip_addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.alternative_names()
            .filter_map(|name| name.ip_address())
    }

    /// The user principal names among them. [`EscapedText`] shows them escaped and compares them as
    /// they are.
    pub fn upns(&self) -> impl Iterator<Item = EscapedText<&str>> {
        let names = self.names().into_iter().flat_map(|names| names.upns());
        names.map(EscapedText::new)
    }

    /// The user principal name, if there is exactly one: of two, nobody can say who it is.
    #[must_use]
    pub fn upn(&self) -> Option<EscapedText<&str>> {
        let mut names = self.upns();
        let first = names.next()?;
        names.next().is_none().then_some(first)
    }

    /// The SPIFFE ID, if the certificate is an X.509-SVID whose [names are vouched
    /// for](Self::names_are_vouched_for).
    ///
    /// # Errors
    /// [`SpiffeError`] says which rule of SPIFFE does not hold.
    pub fn spiffe_id(&self) -> Result<SpiffeId<'_>, SpiffeError> {
        if !self.vouched_for {
            return Err(SpiffeError::NotVouchedFor);
        }
        SpiffeId::of_leaf(&self.certificate)
    }

    fn names(&self) -> Option<GeneralNames<'_>> {
        let names = self.certificate.readable::<SubjectAltName<'_>>()?;
        Some(names.names())
    }
}
