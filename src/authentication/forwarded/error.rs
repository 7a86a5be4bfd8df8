//! Why a header gives no certificate.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::headers::{HeaderName, RepeatedHeader};
use crate::certificate::CertificateError;

/// A header gives no certificate, and the request must not go on without one.
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

    /// The header at fault.
    #[must_use]
    pub fn header(&self) -> &HeaderName {
        &self.header
    }

    /// What is wrong with it.
    #[must_use]
    pub fn fault(&self) -> &HeaderFault {
        &self.fault
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

/// What is wrong with a header.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderFault {
    /// It was sent by someone who is not a trusted proxy.
    UntrustedPeer,
    /// It occurs more than once.
    Repeated {
        /// How often.
        times: usize,
    },
    /// It is empty.
    Empty,
    /// It and the headers that belong to it are longer than the limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// More certificates than the limit.
    TooManyCertificates {
        /// The limit.
        limit: usize,
    },
    /// A percent sign is not followed by two hexadecimal digits (RFC 3986 section 2.1).
    NotPercentEncoded {
        /// Offset of the percent sign.
        offset: usize,
    },
    /// It is not one PEM block after the other (RFC 7468), and nothing else.
    NotPem {
        /// Offset of what is not, after percent decoding.
        offset: usize,
    },
    /// It is not base64 (RFC 4648 section 4).
    NotBase64,
    /// It is not hexadecimal digits in pairs (RFC 4648 section 8).
    NotHex,
    /// It is not a Byte Sequence, or list of them, of structured fields (RFC 9651 sections 3.1 and
    /// 3.3.5).
    NotByteSequence,
    /// It is not `x-forwarded-client-cert` as Envoy writes it.
    NotXfcc {
        /// Offset of what is not.
        offset: usize,
    },
    /// It has another number of elements than were expected of so many proxies.
    Elements {
        /// How many there are.
        found: usize,
    },
    /// It names no certificate where there must be one.
    NoCertificate,
    /// It has more than the one certificate that it should have.
    MoreThanOneCertificate,
    /// A hash was required, and there is none.
    NoHash,
    /// The hash in the header is another than that of the certificate.
    HashMismatch,
    /// The chain repeats the client's certificate in its place, and it is another one.
    LeafMismatch,
    /// The header that must confirm the certificate is absent.
    Unconfirmed,
    /// The header that must confirm the certificate has another value than the one that was set. It
    /// is not shown: it may be a secret.
    OtherValue,
    /// The header by which the load balancer confirms the certificate says that something is wrong
    /// with it.
    Denied {
        /// What it says, at most 64 characters of it.
        says: Box<str>,
    },
    /// The header gives a chain, and no header the certificate to which it belongs.
    ChainAlone,
    /// What it holds is not a certificate.
    NotACertificate {
        /// Its place, the leaf being 0.
        index: usize,
        /// Why not.
        error: CertificateError,
    },
    /// It came without the [secret](super::ProxySecret) of the proxy, though from where the proxy
    /// is: from another program there, or from a proxy that was not told the secret.
    WithoutSecret {
        /// Where the secret should be.
        header: HeaderName,
    },
    /// As [`HeaderFault::WithoutSecret`], with another secret.
    WrongSecret {
        /// Where the secret should be.
        header: HeaderName,
    },
    /// It has a URI or DNS name of a certificate in a place where what comes behind it is read.
    /// Proxies write such names as they stand in the certificate, so that what comes behind may be
    /// the client's own.
    UnescapedName {
        /// Offset of the name.
        offset: usize,
    },
    /// It should say `http` or `https`, once, and says something else.
    NotAScheme,
}

impl HeaderFault {
    /// The header says something else.
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

const OVERWRITE: &str = "the proxy must overwrite this header, not add to it";

impl fmt::Display for HeaderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UntrustedPeer => f.write_str("it does not come from a trusted proxy"),
            Self::WithoutSecret { header } => {
                write!(f, "it comes without the secret of the proxy in {header}")
            }
            Self::WrongSecret { header } => {
                write!(f, "the secret in {header} is not the proxy's")
            }
            Self::Repeated { times } => {
                write!(f, "{}; {OVERWRITE}", RepeatedHeader { times: *times })
            }
            Self::Empty => f.write_str("it is empty"),
            Self::TooLarge { limit } => write!(f, "it is longer than {limit} bytes"),
            Self::TooManyCertificates { limit } => {
                write!(f, "there are more than {limit} certificates")
            }
            Self::NotPercentEncoded { offset } => write!(
                f,
                "at byte {offset} there is no percent encoding [RFC 3986 section 2.1]"
            ),
            Self::NotPem { offset } => {
                write!(f, "at byte {offset} it is not PEM [RFC 7468 section 3]")
            }
            Self::NotBase64 => f.write_str("it is not base64 [RFC 4648 section 4]"),
            Self::NotHex => f.write_str("it is not hexadecimal [RFC 4648 section 8]"),
            Self::NotByteSequence => {
                f.write_str("it is not a Byte Sequence [RFC 9651 section 3.3.5]")
            }
            Self::NotXfcc { offset } => {
                write!(f, "at byte {offset} it is not x-forwarded-client-cert")
            }
            Self::Elements { found } => {
                write!(f, "{found} elements do not fit the number of proxies")
            }
            Self::UnescapedName { offset } => write!(
                f,
                "at byte {offset} it has a name without escapes, and what follows may be part of it"
            ),
            Self::NoCertificate => f.write_str("it names no certificate"),
            Self::MoreThanOneCertificate => f.write_str("it has more than one certificate"),
            Self::NoHash => f.write_str("it has no hash"),
            Self::HashMismatch => f.write_str("its hash is not that of its certificate"),
            Self::LeafMismatch => f.write_str("its chain begins with another certificate"),
            Self::Unconfirmed => f.write_str("it should confirm the certificate and is absent"),
            Self::OtherValue => {
                f.write_str("it should confirm the certificate and has another value")
            }
            Self::Denied { says } => write!(f, "it does not confirm the certificate: \"{says}\""),
            Self::NotAScheme => write!(f, "it is neither http nor https; {OVERWRITE}"),
            Self::ChainAlone => f.write_str("there is no certificate to which this chain belongs"),
            Self::NotACertificate { index: 0, error } => {
                write!(f, "it does not hold a certificate: {error}")
            }
            Self::NotACertificate { index, error } => {
                write!(f, "certificate {index} is none: {error}")
            }
        }
    }
}

impl core::error::Error for HeaderFault {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::NotACertificate { error, .. } => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
