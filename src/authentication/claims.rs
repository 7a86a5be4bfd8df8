//! Claims: statements about a principal. Each has a type, a value and an issuer.
//!
//! They follow .NET's `System.Security.Claims`, because existing authorization rules are written
//! against it: types are URIs, a type may occur more than once, and the order matters.
//! [`Identity`](super::Identity) gives the same data in typed form.
//!
//! Values are **raw**: text from a certificate may contain line breaks and terminal sequences.
//! Rules compare the raw text. To display it, wrap it in [`EscapedText`](super::EscapedText).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Deref;

/// URIs of claim types: members of .NET's `ClaimTypes`, and the literal `issuer`.
pub mod claim_types {
    /// The issuer's distinguished name. This type is not a URI.
    pub const ISSUER: &str = "issuer";
    /// SHA-1 of the certificate, in hexadecimal.
    pub const THUMBPRINT: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/thumbprint";
    /// The subject's distinguished name.
    pub const X500_DISTINGUISHED_NAME: &str =
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/x500distinguishedname";
    /// The serial number, in hexadecimal.
    pub const SERIAL_NUMBER: &str =
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/serialnumber";
    /// A DNS name, or if there is none, **the subject's common name, whatever it contains**. Name
    /// constraints do not cover a common name: a CA that is constrained to `partner.test` can put
    /// any host there. Use [`Identity::dns_names`](super::super::Identity::dns_names) for
    /// decisions.
    pub const DNS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/dns";
    /// The name of the principal, from the subject. Only name constraints on directory names cover
    /// it: one CA can give its clients the names of another CA's clients. Use the thumbprint or an
    /// alternative name for decisions.
    pub const NAME: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
    /// A mailbox.
    pub const EMAIL: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
    /// A user principal name.
    pub const UPN: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
    /// A URI.
    pub const URI: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uri";
    /// A role. It never comes from a certificate; events add it.
    pub const ROLE: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
    /// An identifier of the application's own. It never comes from a certificate; events add it.
    pub const NAME_IDENTIFIER: &str =
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";
}

/// URIs of value types: members of .NET's `ClaimValueTypes`.
pub mod claim_value_types {
    /// Text.
    pub const STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
    /// The type of a thumbprint in .NET, although the value is hexadecimal.
    pub const BASE64_BINARY: &str = "http://www.w3.org/2001/XMLSchema#base64Binary";
}

/// The issuer of claims without another issuer: `ClaimsIdentity.DefaultIssuer`.
pub const DEFAULT_ISSUER: &str = "LOCAL AUTHORITY";

/// A statement about a principal.
///
/// ```
/// use portcullis::authentication::{Claim, claim_types};
///
/// let claim = Claim::new(claim_types::ROLE, "operator");
/// assert_eq!((claim.value(), claim.issuer()), ("operator", "LOCAL AUTHORITY"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    claim_type: Cow<'static, str>,
    value: String,
    value_type: Cow<'static, str>,
    /// `None` for the default issuer.
    issuer: Option<Arc<str>>,
}

impl Claim {
    /// A claim with a text value, issued by [`DEFAULT_ISSUER`].
    #[must_use]
    pub fn new(claim_type: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self {
            claim_type: claim_type.into(),
            value: value.into(),
            value_type: Cow::Borrowed(claim_value_types::STRING),
            issuer: None,
        }
    }

    /// Sets the value type. Default: [`claim_value_types::STRING`].
    #[must_use]
    pub fn with_value_type(mut self, value_type: impl Into<Cow<'static, str>>) -> Self {
        self.value_type = value_type.into();
        self
    }

    /// Sets the issuer. Default, also for an empty string: [`DEFAULT_ISSUER`].
    #[must_use]
    pub fn with_issuer(self, issuer: &str) -> Self {
        let issuer = (!issuer.is_empty()).then(|| Arc::from(issuer));
        self.issued_by(issuer)
    }

    pub(super) fn issued_by(mut self, issuer: Option<Arc<str>>) -> Self {
        self.issuer = issuer;
        self
    }

    getters! { |self|
        /// The type: a URI, usually one of [`claim_types`].
        claim_type: &str = &self.claim_type;
        /// The value, **not escaped**. To display it, wrap it in
        /// [`EscapedText`](super::EscapedText).
        value: &str = &self.value;
        /// The type of the value: one of [`claim_value_types`].
        value_type: &str = &self.value_type;
        /// The issuer of the claim.
        issuer: &str = self.issuer.as_deref().unwrap_or(DEFAULT_ISSUER);
    }
}

/// An ordered list of claims. A type may occur more than once.
///
/// ```
/// use portcullis::authentication::{Claim, Claims, claim_types};
///
/// let claims = Claims::default()
///     .with(Claim::new(claim_types::NAME, "alice"))
///     .with(Claim::new(claim_types::ROLE, "operator"))
///     .with(Claim::new(claim_types::ROLE, "auditor"));
/// assert_eq!(claims.name(), Some("alice"));
/// assert_eq!(claims.first(claim_types::ROLE), Some("operator"));
/// assert!(claims.has(claim_types::ROLE, "auditor"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Claims(Vec<Claim>);

impl Claims {
    /// Adds a claim at the end.
    #[must_use]
    pub fn with(mut self, claim: Claim) -> Self {
        self.0.push(claim);
        self
    }

    /// The values of a type, in order, **not escaped**.
    pub fn all<'a>(&'a self, claim_type: &'a str) -> impl Iterator<Item = &'a str> {
        let of_type = self.iter().filter(move |c| c.claim_type == claim_type);
        of_type.map(Claim::value)
    }

    /// The first value of a type, **not escaped**.
    #[must_use]
    pub fn first(&self, claim_type: &str) -> Option<&str> {
        let of_type = self.iter().find(|c| c.claim_type == claim_type);
        of_type.map(Claim::value)
    }

    /// Whether there is a claim with this type and value.
    #[must_use]
    pub fn has(&self, claim_type: &str, value: &str) -> bool {
        self.all(claim_type).any(|known| known == value)
    }

    /// The first claim of type [`claim_types::NAME`], **not escaped**: `Identity.Name`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.first(claim_types::NAME)
    }
}

/// Dereferences to the claims, in order.
impl Deref for Claims {
    type Target = [Claim];

    fn deref(&self) -> &[Claim] {
        &self.0
    }
}

impl FromIterator<Claim> for Claims {
    fn from_iter<I: IntoIterator<Item = Claim>>(claims: I) -> Self {
        Self(claims.into_iter().collect())
    }
}

impl Extend<Claim> for Claims {
    fn extend<I: IntoIterator<Item = Claim>>(&mut self, claims: I) {
        self.0.extend(claims);
    }
}

impl IntoIterator for Claims {
    type Item = Claim;
    type IntoIter = alloc::vec::IntoIter<Claim>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Claims {
    type Item = &'a Claim;
    type IntoIter = core::slice::Iter<'a, Claim>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers() {
        let claim = Claim::new("t", "v");
        assert_eq!(claim.clone().with_issuer("ca").issuer(), "ca");
        assert_eq!(claim.clone().with_issuer("").issuer(), DEFAULT_ISSUER);
        assert_eq!(claim.clone().with_issuer(""), claim);
    }

    #[test]
    fn types_may_repeat_and_keep_their_order() {
        let mut claims: Claims = [("a", "1"), ("b", "2"), ("a", "3")]
            .map(|(t, v)| Claim::new(t, v))
            .into_iter()
            .collect();
        assert_eq!(claims.all("a").collect::<Vec<_>>(), ["1", "3"]);
        assert_eq!(claims.first("c"), None);
        claims.extend([Claim::new("c", "4"), Claim::new("c", "5")]);
        assert_eq!(claims.first("c"), Some("4"));
        assert_eq!((claims.len(), claims.name()), (5, None));
        assert!(claims.has("c", "5") && !claims.has("c", "1"));
    }
}
