//! The errors of forwarded headers.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::headers::{HeaderName, RepeatedHeader};
use crate::certificate::CertificateError;
use crate::table::errors;

/// A header is wrong. Do not treat the request as one without a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardedError {
    header: HeaderName,
    fault: HeaderFault,
}

impl ForwardedError {
    pub(in crate::authentication) fn new(header: &HeaderName, fault: HeaderFault) -> Self {
        let header = header.clone();
        Self { header, fault }
    }

    getters! {
        /// The header with the fault.
        ref header: HeaderName;
        /// The fault.
        ref fault: HeaderFault;
    }
}

impl fmt::Display for ForwardedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "header {}: {}", self.header, self.fault)
    }
}

impl core::error::Error for ForwardedError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.fault)
    }
}

errors! {
    /// A fault in a header.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum HeaderFault {
        /// It does not come from a trusted proxy.
        UntrustedPeer => "it does not come from a trusted proxy";
        /// It occurs more than once.
        Repeated {
            /// How often.
            times: usize,
        } => "it occurs {times} times; the proxy must overwrite this header, not add to it";
        /// It is empty.
        Empty => "it is empty";
        /// The header, with the headers that belong to it, is longer than the limit.
        TooLarge {
            /// The limit in bytes.
            limit: usize,
        } => "it is longer than {limit} bytes";
        /// More certificates than the limit.
        TooManyCertificates {
            /// The limit.
            limit: usize,
        } => "there are more than {limit} certificates";
        /// A percent sign is not followed by two hexadecimal digits (RFC 3986 section 2.1).
        NotPercentEncoded {
            /// Offset of the percent sign.
            offset: usize,
        } => "at byte {offset} the percent encoding is invalid [RFC 3986 section 2.1]";
        /// It is not a sequence of PEM blocks (RFC 7468) and nothing else.
        NotPem {
            /// Offset of the error, after percent decoding.
            offset: usize,
        } => "at byte {offset} it is not PEM [RFC 7468 section 3]";
        /// It is not base64 (RFC 4648 section 4).
        NotBase64 => "it is not base64 [RFC 4648 section 4]";
        /// It does not consist of pairs of hexadecimal digits (RFC 4648 section 8).
        NotHex => "it is not hexadecimal [RFC 4648 section 8]";
        /// It is not a Byte Sequence, or list of them, of structured fields (RFC 9651 sections 3.1
        /// and 3.3.5).
        NotByteSequence => "it is not a Byte Sequence [RFC 9651 section 3.3.5]";
        /// It is not `x-forwarded-client-cert` as Envoy writes it.
        NotXfcc {
            /// Offset of the error.
            offset: usize,
        } => "at byte {offset} it is not x-forwarded-client-cert";
        /// Its number of elements does not match the number of proxies.
        Elements {
            /// How many there are.
            found: usize,
        } => "it has {found} elements, which does not match the number of proxies";
        /// It contains no certificate.
        NoCertificate => "it contains no certificate";
        /// It has more than one certificate.
        MoreThanOneCertificate => "it has more than one certificate";
        /// A required hash is missing.
        NoHash => "it has no hash";
        /// The hash in the header does not match the certificate.
        HashMismatch => "its hash does not match its certificate";
        /// The chain begins with another certificate than the client's.
        LeafMismatch => "its chain begins with another certificate";
        /// The header that must confirm the certificate is absent.
        Unconfirmed => "it must confirm the certificate but is absent";
        /// The header that must confirm the certificate has a value other than the configured one.
        /// The value is not shown because it may be a secret.
        OtherValue => "it must confirm the certificate but has another value";
        /// The load balancer reports a problem with the certificate.
        Denied {
            /// Its message, at most 64 characters.
            says: Box<str>,
        } => "it does not confirm the certificate: \"{says}\"";
        /// The header holds a chain, and no header holds the certificate to which it belongs.
        ChainAlone => "it holds a chain, but no header holds the leaf certificate";
        /// Part of it is not a certificate.
        NotACertificate {
            /// Its position; the leaf is 0.
            index: usize,
            /// The parsing error.
            error: CertificateError,
        } => "certificate {index} cannot be read: {error}", source error;
        /// It came from the proxy's address without the proxy's [secret](super::ProxySecret): from
        /// another program on that machine, or from a proxy that is not configured with the secret.
        WithoutSecret {
            /// Where the secret should be.
            header: HeaderName,
        } => "the request lacks the proxy's secret in {header}";
        /// Like [`HeaderFault::WithoutSecret`], but with a wrong secret.
        WrongSecret {
            /// Where the secret should be.
            header: HeaderName,
        } => "the proxy's secret in {header} is wrong";
        /// A URI or DNS name from a certificate precedes a value that is read. Proxies do not
        /// escape such names, so the client may have chosen the text after it.
        UnescapedName {
            /// Offset of the name.
            offset: usize,
        } => "at byte {offset} there is an unescaped name, and the text after it may be part of it";
        /// It is not a single `http` or `https`.
        NotAScheme =>
            "it is neither http nor https; the proxy must overwrite this header, not add to it";
    }
}

impl HeaderFault {
    pub(super) fn denied(value: &[u8]) -> Self {
        let printable = |octet: &u8| match octet {
            0x20..=0x7e => char::from(*octet),
            _ => '?',
        };
        let says: String = value.iter().take(64).map(printable).collect();
        Self::Denied { says: says.into() }
    }
}

impl From<RepeatedHeader> for HeaderFault {
    fn from(repeated: RepeatedHeader) -> Self {
        let times = repeated.times;
        Self::Repeated { times }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authentication::forwarded::HeaderFault;
    use alloc::string::ToString;

    #[test]
    fn what_a_header_says_is_bounded_and_printable() {
        let error = ForwardedError::new(
            &HeaderName::known("x-verify"),
            HeaderFault::denied(&[b'\n'; 5_000]),
        );
        let text = error.to_string();
        assert!(text.len() < 200 && !text.contains('\n'), "{text}");
        assert!(text.starts_with("header x-verify: "));
    }
}
