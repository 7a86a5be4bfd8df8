//! Claims: statements about a principal, each a type, a value and who says so.
//!
//! They are .NET's model, kept because authorization rules of a system that is taken over are
//! written against it: types are URIs, a type may come more than once, and order counts. The typed
//! [`Identity`](super::Identity) says the same without strings.
//!
//! Values are **raw**: what a certificate gives may hold ends of lines and terminal sequences.
//! Rules compare them as they are; to show one, wrap it in [`EscapedText`](super::EscapedText).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// URIs of claim types: members of .NET's `ClaimTypes`, and the literal `issuer`.
pub mod claim_types {
    /// The issuer's distinguished name; no URI.
    pub const ISSUER: &str = "issuer";
    /// SHA-1 of the certificate, in hexadecimal.
    pub const THUMBPRINT: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/thumbprint";
    /// The subject's distinguished name.
    pub const X500_DISTINGUISHED_NAME: &str =
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/x500distinguishedname";
    /// The serial number, in hexadecimal.
    pub const SERIAL_NUMBER: &str =
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/serialnumber";
    /// A DNS name; without one, **the subject's common name, whatever it says**, as in .NET. No
    /// name constraint covers that: an authority that may vouch for `partner.test` only can put
    /// any host there. Decide by [`Identity::dns_names`](super::super::Identity::dns_names).
    pub const DNS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/dns";
    /// The name of the principal, out of the subject, as in .NET. No name constraint covers it but
    /// one on directory names: of two authorities each can give the other's clients' names to
    /// its own. Decide by the thumbprint or an alternative name.
    pub const NAME: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
    /// A mailbox.
    pub const EMAIL: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
    /// A user principal name.
    pub const UPN: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
    /// A URI.
    pub const URI: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uri";
    /// A role. No certificate gives it; events add it.
    pub const ROLE: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
    /// An identifier that is the caller's own. No certificate gives it; events add it.
    pub const NAME_IDENTIFIER: &str =
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";
}

/// URIs of value types: members of .NET's `ClaimValueTypes`.
pub mod claim_value_types {
    /// Text.
    pub const STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
    /// The label that .NET gives a thumbprint, whose value is hexadecimal all the same.
    pub const BASE64_BINARY: &str = "http://www.w3.org/2001/XMLSchema#base64Binary";
}

/// Who issues claims where nothing else is said: `ClaimsIdentity.DefaultIssuer` of .NET.
pub const DEFAULT_ISSUER: &str = "LOCAL AUTHORITY";

/// One statement about a principal.
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
    /// A claim whose value is text, issued by [`DEFAULT_ISSUER`].
    #[must_use]
    pub fn new(claim_type: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self {
            claim_type: claim_type.into(),
            value: value.into(),
            value_type: Cow::Borrowed(claim_value_types::STRING),
            issuer: None,
        }
    }

    /// With this value type. Default: [`claim_value_types::STRING`].
    #[must_use]
    pub fn with_value_type(mut self, value_type: impl Into<Cow<'static, str>>) -> Self {
        self.value_type = value_type.into();
        self
    }

    /// With this issuer; an empty one is [`DEFAULT_ISSUER`], which is the default.
    #[must_use]
    pub fn with_issuer(self, issuer: &str) -> Self {
        let issuer = (!issuer.is_empty()).then(|| Arc::from(issuer));
        self.issued_by(issuer)
    }

    pub(super) fn issued_by(mut self, issuer: Option<Arc<str>>) -> Self {
        self.issuer = issuer;
        self
    }

    /// What it is about: a URI, usually one of [`claim_types`].
    #[must_use]
    pub fn claim_type(&self) -> &str {
        &self.claim_type
    }

    /// What it says, **not escaped**: to show it, wrap it in [`EscapedText`](super::EscapedText).
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The type of its value: one of [`claim_value_types`].
    #[must_use]
    pub fn value_type(&self) -> &str {
        &self.value_type
    }

    /// Who says so.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_deref().unwrap_or(DEFAULT_ISSUER)
    }
}

/// Claims in order; a type may come more than once.
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
    /// With a further claim at the end.
    #[must_use]
    pub fn with(mut self, claim: Claim) -> Self {
        self.0.push(claim);
        self
    }

    /// Puts a claim at the end.
    pub fn push(&mut self, claim: Claim) {
        self.0.push(claim);
    }

    /// The claims in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Claim] {
        &self.0
    }

    /// The claims in order.
    pub fn iter(&self) -> core::slice::Iter<'_, Claim> {
        self.0.iter()
    }

    /// The values of a type, in order; **not escaped**.
    pub fn all<'a>(&'a self, claim_type: &'a str) -> impl Iterator<Item = &'a str> {
        let claims = self
            .iter()
            .filter(move |claim| claim.claim_type == claim_type);
        claims.map(Claim::value)
    }

    /// The first value of a type, **not escaped**.
    #[must_use]
    pub fn first(&self, claim_type: &str) -> Option<&str> {
        let claim = self.iter().find(|claim| claim.claim_type == claim_type);
        claim.map(Claim::value)
    }

    /// Is there a claim of this type and value?
    #[must_use]
    pub fn has(&self, claim_type: &str, value: &str) -> bool {
        self.all(claim_type).any(|known| known == value)
    }

    /// The first claim of type [`claim_types::NAME`], **not escaped**: `Identity.Name` of .NET.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.first(claim_types::NAME)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        claims.push(Claim::new("c", "4"));
        claims.extend([Claim::new("c", "5")]);
        assert_eq!(claims.first("c"), Some("4"));
        assert_eq!((claims.len(), claims.name()), (5, None));
        assert!(claims.has("c", "5") && !claims.has("c", "1"));
    }
}
