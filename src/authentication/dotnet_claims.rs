//! The claims that ASP.NET Core's handler derives from a certificate: nine types in this order,
//! with the first value of each.
//!
//! Issuer and thumbprint are always present, the others only if they are not blank. The DNS name
//! and the e-mail address fall back to the subject. Name constraints do not cover a common name, so
//! rules on that claim trust every CA for every name. Thumbprints are SHA-1 in hexadecimal although
//! their value type says base64, because existing rules expect that.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::sync::Arc;

use super::claims::{Claim, Claims, claim_types, claim_value_types};
use super::distinguished_name::DistinguishedName;
use super::simple_name::simple_name;
use crate::certificate::extensions::SubjectAltName;
use crate::certificate::{Certificate, Hex};
use crate::oid::attribute_types;

/// The claims of the default principal.
pub(super) fn dotnet_claims(certificate: &Certificate, issuer: Option<&Arc<str>>) -> Claims {
    let subject = DistinguishedName::from(certificate.subject());
    let names = certificate.readable::<SubjectAltName<'_>>();
    let names = names.map(|names| names.names());
    let from_subject = |oid: &'static [u8]| subject.first(oid).map(Cow::into_owned);
    let own = |value: Option<&str>| value.map(ToString::to_string);
    let dns = own(names.and_then(|names| names.dns_names().next()));
    let email = own(names.and_then(|names| names.rfc822_names().next()));
    let upn = own(names.and_then(|names| names.upns().next()));
    let uri = own(names.and_then(|names| names.uris().next()));
    let subject_text = certificate.subject().dotnet().to_string();
    let issuer_text = certificate.issuer().dotnet().to_string();
    let thumbprint = Hex(&certificate.sha1_thumbprint()).to_string();
    let serial = Hex(certificate.serial()).to_string();
    let dns = dns.or_else(|| from_subject(attribute_types::COMMON_NAME));
    let email = email.or_else(|| from_subject(attribute_types::EMAIL));
    let claims = [
        (claim_types::ISSUER, Some(issuer_text)),
        (claim_types::THUMBPRINT, Some(thumbprint)),
        (claim_types::X500_DISTINGUISHED_NAME, Some(subject_text)),
        (claim_types::SERIAL_NUMBER, Some(serial)),
        (claim_types::DNS, dns),
        (claim_types::NAME, simple_name(&subject, names)),
        (claim_types::EMAIL, email),
        (claim_types::UPN, upn),
        (claim_types::URI, uri),
    ];
    let claims = claims.into_iter().filter_map(|(claim_type, value)| {
        // The issuer is present even if it is blank.
        let value = value.filter(|value| claim_type == claim_types::ISSUER || !is_blank(value));
        let claim = Claim::new(claim_type, value?).issued_by(issuer.cloned());
        Some(match claim_type {
            claim_types::THUMBPRINT => claim.with_value_type(claim_value_types::BASE64_BINARY),
            _ => claim,
        })
    });
    claims.collect()
}

/// Whether the text is empty or white space, as defined by `string.IsNullOrWhiteSpace`.
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::super::identity::Identity;
    use super::*;

    fn leaf() -> Certificate {
        Certificate::from_pem(include_bytes!("../../testdata/chains/san-dns.pem")).unwrap()
    }

    #[test]
    fn types_of_values_and_their_issuer() {
        let issuer = Arc::from("example CA");
        let claims = dotnet_claims(&leaf(), Some(&issuer));
        for claim in &claims {
            assert_eq!(claim.issuer(), "example CA");
            let expected = match claim.claim_type() {
                claim_types::THUMBPRINT => claim_value_types::BASE64_BINARY,
                _ => claim_value_types::STRING,
            };
            assert_eq!(claim.value_type(), expected);
        }
        let thumbprint = claims.first(claim_types::THUMBPRINT).unwrap();
        assert_eq!(thumbprint.len(), 40);
        assert!(
            dotnet_claims(&leaf(), None)
                .iter()
                .all(|c| c.issuer() == "LOCAL AUTHORITY")
        );
    }

    #[test]
    fn blanks() {
        for blank in ["", " ", "\t\n", "\u{a0}\u{2003}\u{3000}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        assert!(!is_blank(" a ") && !is_blank("\u{200b}") && !is_blank("\0"));
    }

    proptest! {
        /// Every certificate that can be parsed has an identity, and claims in this order, of which
        /// only the first two may be blank.
        #[test]
        fn of_any_certificate(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)) {
            let mut der = leaf().as_der().to_vec();
            for (place, octet) in changes {
                *place.get_mut(&mut der) = octet;
            }
            if let Ok(certificate) = Certificate::from_der(&der) {
                let claims = dotnet_claims(&certificate, None);
                let types: Vec<&str> = claims.iter().map(Claim::claim_type).collect();
                prop_assert_eq!(&types[..2], &[claim_types::ISSUER, claim_types::THUMBPRINT]);
                prop_assert!(claims.iter().skip(2).all(|claim| !is_blank(claim.value())));
                let identity = Identity::new(certificate, true);
                let _ = (identity.spiffe_id(), identity.upn(), identity.alternative_names().count());
                let _ = (identity.ip_addresses().count(), identity.subject().common_name());
            }
        }
    }
}
