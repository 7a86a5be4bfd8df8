//! The claims that .NET's handler makes of a certificate: nine types in this order, the first value of each.
//!
//! Issuer and thumbprint always come, the others unless they are blank. DNS name and e-mail address fall back to the subject.
//! Thumbprints are SHA-1 and hexadecimal, whatever their value type says: rules of a system that is taken over compare them.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::sync::Arc;

use super::claims::{Claim, Claims, claim_types, claim_value_types};
use super::distinguished_name::{DistinguishedName, attribute_types};
use super::simple_name::simple_name;
use crate::certificate::{Certificate, Hex};

/// The claims of .NET's default principal.
pub(super) fn dotnet_claims(certificate: &Certificate, issuer: Option<&Arc<str>>) -> Claims {
    let subject = DistinguishedName::from(certificate.subject());
    let names = certificate.subject_alt_names().ok().flatten();
    let from_subject = |oid: &'static [u8]| subject.first(oid).map(Cow::into_owned);
    let first = |value: Option<&str>| value.map(ToString::to_string);
    let dns = first(names.and_then(|names| names.dns_names().next()))
        .or_else(|| from_subject(attribute_types::COMMON_NAME));
    let email = first(names.and_then(|names| names.rfc822_names().next()))
        .or_else(|| from_subject(attribute_types::EMAIL));
    let thumbprint = Hex(&certificate.sha1_thumbprint()).to_string();
    let required = [
        Claim::new(
            claim_types::ISSUER,
            certificate.issuer().dotnet().to_string(),
        ),
        Claim::new(claim_types::THUMBPRINT, thumbprint)
            .with_value_type(claim_value_types::BASE64_BINARY),
    ];
    let optional = [
        (
            claim_types::X500_DISTINGUISHED_NAME,
            Some(certificate.subject().dotnet().to_string()),
        ),
        (
            claim_types::SERIAL_NUMBER,
            Some(Hex(certificate.serial()).to_string()),
        ),
        (claim_types::DNS, dns),
        (claim_types::NAME, simple_name(&subject, names)),
        (claim_types::EMAIL, email),
        (
            claim_types::UPN,
            first(names.and_then(|names| names.upns().next())),
        ),
        (
            claim_types::URI,
            first(names.and_then(|names| names.uris().next())),
        ),
    ];
    let optional = optional.into_iter().filter_map(|(claim_type, value)| {
        let value = value.filter(|value| !is_blank(value))?;
        Some(Claim::new(claim_type, value))
    });
    let claims = required.into_iter().chain(optional);
    claims
        .map(|claim| claim.issued_by(issuer.cloned()))
        .collect()
}

/// Empty or white space, as `string.IsNullOrWhiteSpace` sees it.
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
