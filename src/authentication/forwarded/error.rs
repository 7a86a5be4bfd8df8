//! The errors of forwarded headers.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::headers::{HeaderName, RepeatedHeader};
use crate::certificate::CertificateError;
use crate::table::errors;

/// A header is wrong, and the request must not go on as one without a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardedError {
    header: HeaderName,
    fault: HeaderFault,
}

impl ForwardedError {
    pub(in crate::authentication) fn new(header: &HeaderName, fault: HeaderFault) -> Self {
        Self {
            header: header.clone(),
            fault,
        }
    }

    getters! {
        /// The header at fault.
        ref header: HeaderName;
        /// What is wrong with it.
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
    /// What is wrong with a header.
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
        /// It and the headers that belong to it are longer than the limit.
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
        } => "at byte {offset} there is no percent encoding [RFC 3986 section 2.1]";
        /// It is not PEM blocks (RFC 7468) one after the other and nothing else.
        NotPem {
            /// Where it is not, after percent decoding.
            offset: usize,
        } => "at byte {offset} it is not PEM [RFC 7468 section 3]";
        /// It is not base64 (RFC 4648 section 4).
        NotBase64 => "it is not base64 [RFC 4648 section 4]";
        /// It is not hexadecimal digits in pairs (RFC 4648 section 8).
        NotHex => "it is not hexadecimal [RFC 4648 section 8]";
        /// It is not a Byte Sequence, or list of them, of structured fields (RFC 9651 sections 3.1
        /// and 3.3.5).
        NotByteSequence => "it is not a Byte Sequence [RFC 9651 section 3.3.5]";
        /// It is not `x-forwarded-client-cert` as Envoy writes it.
        NotXfcc {
            /// Where it is not.
            offset: usize,
        } => "at byte {offset} it is not x-forwarded-client-cert";
        /// Its number of elements does not fit the number of proxies.
        Elements {
            /// How many there are.
            found: usize,
        } => "{found} elements do not fit the number of proxies";
        /// It names no certificate where there must be one.
        NoCertificate => "it names no certificate";
        /// It has more than the one certificate that it should have.
        MoreThanOneCertificate => "it has more than one certificate";
        /// A hash was required, and there is none.
        NoHash => "it has no hash";
        /// The hash in the header is not that of the certificate.
        HashMismatch => "its hash is not that of its certificate";
        /// The chain begins with another certificate than the client's.
        LeafMismatch => "its chain begins with another certificate";
        /// The header that must confirm the certificate is absent.
        Unconfirmed => "it should confirm the certificate and is absent";
        /// The header that must confirm the certificate has another value than was configured. It
        /// is not shown: it may be a secret.
        OtherValue => "it should confirm the certificate and has another value";
        /// The load balancer says that something is wrong with the certificate.
        Denied {
            /// What it says, at most 64 characters of it.
            says: Box<str>,
        } => "it does not confirm the certificate: \"{says}\"";
        /// The header gives a chain, and no header gives the certificate to which it belongs.
        ChainAlone => "there is no certificate to which this chain belongs";
        /// It holds something that is not a certificate.
        NotACertificate {
            /// Its place, the leaf being 0.
            index: usize,
            /// Why not.
            error: CertificateError,
        } => "certificate {index} can't be read: {error}", source error;
        /// It came from the proxy's address without the [secret](super::ProxySecret) of the proxy:
        /// from another program there, or from a proxy that does not have the secret.
        WithoutSecret {
            /// Where the secret should be.
            header: HeaderName,
        } => "it comes without the secret of the proxy in {header}";
        /// As [`HeaderFault::WithoutSecret`], with another secret.
        WrongSecret {
            /// Where the secret should be.
            header: HeaderName,
        } => "the secret in {header} is not the proxy's";
        /// It has a URI or DNS name of a certificate before something that is read. Proxies do not
        /// escape such names, so the text behind one may be the client's own.
        UnescapedName {
            /// Offset of the name.
            offset: usize,
        } => "at byte {offset} it has a name without escapes, and what follows may be part of it";
        /// It should be `http` or `https`, once, and is something else.
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
