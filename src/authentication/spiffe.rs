//! SPIFFE IDs: names of workloads, `spiffe://trust-domain/path`.
//!
//! The SPIFFE-ID standard defines the name. The X509-SVID standard (sections 3 to 5) defines when a
//! certificate has one: it has exactly one URI, is not a CA, and its key must not sign certificates
//! or CRLs. A certificate that only its holder vouches for has none. The caller must ensure that
//! the path leads to an authority of the trust domain: if a store contains roots of several trust
//! domains, check [`SpiffeId::trust_domain`].

use core::fmt;

use crate::certificate::Certificate;
use crate::certificate::extensions::{BasicConstraints, KeyUsage, SubjectAltName};
use crate::table::errors;

/// Implementations must support this length and must not generate longer IDs.
const MAX_LENGTH: usize = 2048;

/// SPIFFE-ID section 2.1.
const MAX_TRUST_DOMAIN: usize = 255;

/// The name of a workload.
///
/// ```
/// use portcullis::authentication::{SpiffeError, SpiffeId};
///
/// let id = SpiffeId::parse("spiffe://example.org/ns/shop/sa/orders")?;
/// assert_eq!((id.trust_domain(), id.path()), ("example.org", "/ns/shop/sa/orders"));
/// assert_eq!(SpiffeId::parse("https://example.org/"), Err(SpiffeError::Scheme));
/// # Ok::<(), SpiffeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpiffeId<'a> {
    text: &'a str,
    trust_domain: &'a str,
    path: &'a str,
}

impl<'a> SpiffeId<'a> {
    /// Parses a SPIFFE ID. There is only one spelling: lower case before the path, and no escapes.
    ///
    /// # Errors
    /// [`SpiffeError`] names the rule that is violated.
    pub fn parse(text: &'a str) -> Result<Self, SpiffeError> {
        if text.len() > MAX_LENGTH {
            return Err(SpiffeError::Length);
        }
        let rest = text.strip_prefix("spiffe://").ok_or(SpiffeError::Scheme)?;
        let slash = rest.find('/').unwrap_or(rest.len());
        let (trust_domain, path) = rest.split_at_checked(slash).ok_or(SpiffeError::Path)?;
        if !is_trust_domain(trust_domain) {
            return Err(SpiffeError::TrustDomain);
        }
        if !is_path(path) {
            return Err(SpiffeError::Path);
        }
        Ok(Self {
            text,
            trust_domain,
            path,
        })
    }

    pub(super) fn of_leaf(certificate: &'a Certificate) -> Result<Self, SpiffeError> {
        let names = certificate.readable::<SubjectAltName<'_>>();
        let mut uris = names.into_iter().flat_map(|names| names.uris());
        let uri = uris.next().ok_or(SpiffeError::NoUri)?;
        if uris.next().is_some() {
            return Err(SpiffeError::SeveralUris);
        }
        let id = Self::parse(uri)?;
        if id.path.is_empty() {
            return Err(SpiffeError::NoPath);
        }
        if may_sign(certificate) {
            return Err(SpiffeError::SigningCertificate);
        }
        Ok(id)
    }

    /// The whole URI.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    getters! {
        /// The trust domain.
        copy trust_domain: &'a str;
        /// The path with its leading `/`. Empty for the trust domain itself.
        copy path: &'a str;
    }
}

impl fmt::Display for SpiffeId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

fn is_trust_domain(text: &str) -> bool {
    let allowed =
        |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"-._".contains(&octet);
    (1..=MAX_TRUST_DOMAIN).contains(&text.len()) && text.bytes().all(allowed)
}

/// Empty, or a list of segments none of which is empty or relative.
fn is_path(path: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
    let is_segment =
        |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(allowed);
    match path.strip_prefix('/') {
        Some(segments) => segments.split('/').all(is_segment),
        None => path.is_empty(),
    }
}

/// An extension that cannot be decoded may contain anything, so it counts as permission to sign.
fn may_sign(certificate: &Certificate) -> bool {
    let signs = KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN;
    match (certificate.get(), certificate.get::<KeyUsage>()) {
        (Ok(basic), Ok(usage)) => {
            basic.is_some_and(|basic: BasicConstraints| basic.ca)
                || usage.is_some_and(|usage| usage.intersects(signs))
        }
        _ => true,
    }
}

errors! {
    /// Why a certificate or a text has no SPIFFE ID.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum SpiffeError {
        /// There is no URI among the alternative names.
        NoUri => "there is no URI among the alternative names (X509-SVID section 2)";
        /// There is more than one URI, of any scheme.
        SeveralUris => "there is more than one URI (X509-SVID section 2)";
        /// The URI does not begin with `spiffe://`.
        Scheme => "the URI does not begin with spiffe:// (SPIFFE-ID section 2)";
        /// The URI is longer than 2,048 octets.
        Length => "the URI is longer than 2,048 octets (SPIFFE-ID section 2.3)";
        /// The trust domain is empty, longer than 255 octets, or has a character other than `a-z`,
        /// `0-9`, `-`, `.` and `_`.
        TrustDomain => "the trust domain is invalid (SPIFFE-ID section 2.1)";
        /// The path has a segment that is empty, `.` or `..`, or has a character other than `A-Z`,
        /// `a-z`, `0-9`, `-`, `.` and `_`.
        Path => "the path is invalid (SPIFFE-ID section 2.2)";
        /// The ID has no path: it names a trust domain, not a workload.
        NoPath => "the ID has no path, so it does not name a workload (X509-SVID section 5.2)";
        /// The certificate may sign certificates or CRLs, so it does not identify a workload.
        SigningCertificate =>
            "the certificate may sign others, so it names no workload (X509-SVID section 5.2)";
        /// Only the holder vouches for the name: the certificate was accepted only because of its
        /// key, or not at all.
        NotVouchedFor =>
            "only the certificate's holder vouches for its names (X509-SVID section 5)";
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_name_may_be() {
        for good in ["spiffe://a", "spiffe://a.b-c_9/x", "spiffe://a/X/y.z/..."] {
            assert_eq!(SpiffeId::parse(good).map(|id| id.as_str()), Ok(good));
        }
        for (bad, why) in [
            ("", SpiffeError::Scheme),
            ("SPIFFE://a/b", SpiffeError::Scheme),
            ("spiffe:/a/b", SpiffeError::Scheme),
            ("https://a/b", SpiffeError::Scheme),
            ("spiffe://", SpiffeError::TrustDomain),
            ("spiffe:///b", SpiffeError::TrustDomain),
            ("spiffe://A/b", SpiffeError::TrustDomain),
            ("spiffe://a:1/b", SpiffeError::TrustDomain),
            ("spiffe://u@a/b", SpiffeError::TrustDomain),
            ("spiffe://a?q", SpiffeError::TrustDomain),
            ("spiffe://a#f", SpiffeError::TrustDomain),
            ("spiffe://[::1]/b", SpiffeError::TrustDomain),
            ("spiffe://a/", SpiffeError::Path),
            ("spiffe://a/b/", SpiffeError::Path),
            ("spiffe://a//b", SpiffeError::Path),
            ("spiffe://a/./b", SpiffeError::Path),
            ("spiffe://a/../b", SpiffeError::Path),
            ("spiffe://a/b%2fc", SpiffeError::Path),
            ("spiffe://a/b?q", SpiffeError::Path),
            ("spiffe://a/b#f", SpiffeError::Path),
            ("spiffe://a/ä", SpiffeError::Path),
        ] {
            assert_eq!(SpiffeId::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn lengths() {
        let domain = "d".repeat(255);
        assert!(SpiffeId::parse(&format!("spiffe://{domain}/a")).is_ok());
        let longer = SpiffeId::parse("spiffe://d").map(|_| format!("spiffe://{domain}d/a"));
        assert_eq!(
            SpiffeId::parse(&longer.unwrap()),
            Err(SpiffeError::TrustDomain)
        );
        let path = "p".repeat(MAX_LENGTH - "spiffe://d/".len());
        assert!(SpiffeId::parse(&format!("spiffe://d/{path}")).is_ok());
        let longer = format!("spiffe://d/{path}p");
        assert_eq!(SpiffeId::parse(&longer), Err(SpiffeError::Length));
    }

    proptest! {
        #[test]
        fn parts_make_the_whole(text in "(spiffe://)?[ -~]{0,40}") {
            if let Ok(id) = SpiffeId::parse(&text) {
                prop_assert_eq!(format!("spiffe://{}{}", id.trust_domain(), id.path()), text);
            }
        }
    }
}
