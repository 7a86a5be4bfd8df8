//! A secret that a proxy shares with this server and sends in a separate header.
//!
//! The address of a connection identifies a machine, not a program: every program on the proxy's
//! machine has the proxy's address. The secret distinguishes the proxy from the others.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::constant_time::equal;
use super::error::{ForwardedError, HeaderFault};
use super::headers::{HeaderName, Headers, InvalidHeaderName, single};
use super::peer::Peer;
use crate::table::errors;

/// 128 bits in hexadecimal digits.
const SHORTEST: usize = 32;

/// A secret that only the proxy and this server know, and that the proxy sends in a header. A codec
/// with a secret ([`Codec::proxy_secret`](super::Codec::proxy_secret)) trusts no request without
/// it, whatever its address.
///
/// Generate it with `openssl rand -hex 32`, one for each pair of proxy and server, and let the
/// proxy overwrite the header in every request. The comparison takes the same time wherever the
/// values differ. Neither `Debug` nor an error shows the secret or a wrong value.
///
/// ```
/// use portcullis::Presented;
/// use portcullis::authentication::forwarded::{self, HeaderFault, Peer, ProxySecret};
///
/// # let file = "5c1f0b7a9be2f3c4d06a8e1b2c3d4e5f6071829a0b1c2d3e4f5061728394a5b6\n";
/// // let file = std::fs::read_to_string("/etc/app/proxy-secret")?;
/// let secret = ProxySecret::new("X-Proxy-Secret", file.trim_end())?;
/// let nginx = forwarded::nginx().proxy_secret(secret);
///
/// let client = Presented::from_pem(include_bytes!("../../../testdata/chains/leaf-client.pem"))?;
/// let request = nginx.encode(&client); // as the proxy sends it, the secret included
/// assert!(nginx.decode(&request, Peer::TrustedProxy)?.is_some());
///
/// // A program at the proxy's address.
/// let forged = forwarded::nginx().encode(&client);
/// let error = nginx.decode(&forged, Peer::TrustedProxy).unwrap_err();
/// assert!(matches!(error.fault(), HeaderFault::WithoutSecret { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ProxySecret {
    header: HeaderName,
    /// The proxy sends the first. The others are accepted too.
    values: Vec<Box<str>>,
}

impl ProxySecret {
    /// A secret in the header with this name.
    ///
    /// # Errors
    /// If the name is not a valid header name, or if the secret is shorter than 32 characters or
    /// has a character that is not visible ASCII, such as the line break at the end of a file.
    pub fn new(
        header: impl Into<Cow<'static, str>>,
        secret: impl AsRef<str>,
    ) -> Result<Self, InvalidProxySecret> {
        let header = HeaderName::new(header)?;
        let values = Vec::from([checked(secret.as_ref())?]);
        Ok(Self { header, values })
    }

    /// Accepts this secret too, while the proxy changes from one secret to another.
    ///
    /// # Errors
    /// As for [`ProxySecret::new`].
    pub fn also_accept(mut self, secret: impl AsRef<str>) -> Result<Self, InvalidProxySecret> {
        self.values.push(checked(secret.as_ref())?);
        Ok(self)
    }

    getters! {
        /// The header that carries the secret.
        ref header: HeaderName;
    }

    /// Who sent this request: a [trusted proxy](Peer::TrustedProxy) if its connection comes from
    /// one and it has the secret, otherwise an [untrusted peer](Peer::Untrusted). A codec calls
    /// this itself. Call it before you trust other headers of a proxy, such as `X-Forwarded-Proto`.
    ///
    /// # Errors
    /// If the header is repeated: the proxy then adds its header instead of overwriting the
    /// client's.
    pub fn peer(
        &self,
        headers: &(impl Headers + ?Sized),
        connection: Peer,
    ) -> Result<Peer, ForwardedError> {
        if connection == Peer::Untrusted {
            return Ok(Peer::Untrusted);
        }
        match single(&headers.values(self.header.as_str())) {
            Ok(Some(said)) if self.is(said) => Ok(Peer::TrustedProxy),
            Ok(_) => Ok(Peer::Untrusted),
            Err(repeated) => Err(ForwardedError::new(&self.header, repeated.into())),
        }
    }

    /// The fault if the address is the proxy's but [`Self::peer`] does not find the secret.
    pub(super) fn missing(&self, headers: &dyn Headers) -> HeaderFault {
        let header = self.header.clone();
        match headers.values(header.as_str()).is_empty() {
            true => HeaderFault::WithoutSecret { header },
            false => HeaderFault::WrongSecret { header },
        }
    }

    /// The header that the proxy sends.
    pub(super) fn write(&self) -> Option<(String, String)> {
        let value = self.values.first()?;
        Some((self.header.to_string(), value.to_string()))
    }

    /// Compares with all values, so that the time does not reveal which one matched.
    fn is(&self, said: &[u8]) -> bool {
        let values = self.values.iter();
        values.fold(false, |found, value| found | equal(said, value.as_bytes()))
    }
}

// Omits the secret.
debug! { impl[] ProxySecret: "ProxySecret", |self| "header": self.header }

fn checked(secret: &str) -> Result<Box<str>, InvalidProxySecret> {
    if !secret.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(InvalidProxySecret::NotVisible);
    }
    if secret.len() < SHORTEST {
        return Err(InvalidProxySecret::TooShort { shortest: SHORTEST });
    }
    Ok(secret.into())
}

errors! {
    /// Why a secret is not accepted: it could be guessed, or a header cannot hold it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum InvalidProxySecret {
        /// The name is not a valid header name.
        HeaderName(error: InvalidHeaderName) => "{error}", source error, from InvalidHeaderName;
        /// It is too short: it could be guessed.
        TooShort {
            /// The minimum number of characters.
            shortest: usize,
        } => "a proxy's secret has {shortest} characters or more; \
              make one with `openssl rand -hex 32`";
        /// It has a character that is not visible ASCII, such as a space or the line break at the
        /// end of a file.
        NotVisible => "a proxy's secret is visible ASCII, without blanks and line breaks";
    }
}

#[cfg(test)]
mod tests {
    use super::super::UntrustedHeader;
    use super::super::aspnet::{self, aspnet};
    use super::super::rfc9440::{CHAIN_HEADER, rfc9440};
    use super::super::testing::{fault, leaf, read};
    use super::*;
    use crate::validator::Presented;

    const OLD: &str = "the-old-secret-0123456789abcdefgh";
    const NEW: &str = "the-new-secret-0123456789abcdefgh";

    fn secret() -> ProxySecret {
        ProxySecret::new("x-proxy-secret", NEW).unwrap()
    }

    fn forwarding(secrets: &[&'static str]) -> Vec<(&'static str, String)> {
        let certificate = aspnet().encode(&Presented::new(leaf())).remove(0).1;
        let secrets = secrets
            .iter()
            .map(|secret| ("X-Proxy-Secret", (*secret).into()));
        core::iter::once((aspnet::HEADER, certificate))
            .chain(secrets)
            .collect()
    }

    /// S7: the address identifies a machine, not a program.
    #[test]
    fn nobody_forwards_without_the_secret() {
        let codec = aspnet().proxy_secret(secret());
        let decode = |secrets: &[&'static str], peer| codec.decode(&forwarding(secrets), peer);
        let faults = |secrets: &[&'static str], peer| decode(secrets, peer).unwrap_err();
        let decoded = decode(&[NEW], Peer::TrustedProxy).unwrap().unwrap();
        assert_eq!(decoded.leaf(), &leaf());
        let nearly = "the-new-secret-0123456789abcdefgH";
        for wrong in [&[][..], &[""], &[OLD], &[nearly]] {
            let error = faults(wrong, Peer::TrustedProxy);
            let header = secret().header().clone();
            let expected = match wrong {
                [] => HeaderFault::WithoutSecret { header },
                _ => HeaderFault::WrongSecret { header },
            };
            assert_eq!(error.fault(), &expected, "{wrong:?}");
            assert!(error.to_string().contains("x-proxy-secret"), "{error}");
            assert_eq!(error.header().as_str(), aspnet::HEADER);
        }
        // The secret alone is not enough: the peer must be at the proxy's address.
        let error = faults(&[NEW], Peer::Untrusted);
        assert_eq!(error.fault(), &HeaderFault::UntrustedPeer);
        // A request without a certificate needs no secret.
        let none: [(&str, &str); 0] = [];
        assert!(codec.decode(&none, Peer::TrustedProxy).unwrap().is_none());
    }

    #[test]
    fn a_repeated_secret_is_an_error_whatever_becomes_of_the_headers_of_strangers() {
        for policy in [UntrustedHeader::Refuse, UntrustedHeader::Ignore] {
            let codec = aspnet().proxy_secret(secret()).untrusted(policy);
            for twice in [[NEW, NEW], [OLD, NEW], [NEW, OLD]] {
                let error = codec.decode(&forwarding(&twice), Peer::TrustedProxy);
                let error = error.unwrap_err();
                assert_eq!(error.fault(), &HeaderFault::Repeated { times: 2 });
                assert_eq!(error.header(), secret().header());
                let alone = &forwarding(&twice)[1..];
                assert!(codec.decode(alone, Peer::TrustedProxy).is_err());
            }
        }
        let ignoring = aspnet()
            .proxy_secret(secret())
            .untrusted(UntrustedHeader::Ignore);
        let ignored = ignoring.decode(&forwarding(&[OLD]), Peer::TrustedProxy);
        assert!(ignored.unwrap().is_none());
    }

    #[test]
    fn a_header_of_the_chain_needs_it_too() {
        let codec = rfc9440().proxy_secret(secret());
        let chain = [(CHAIN_HEADER, "x")];
        let header = secret().header().clone();
        assert_eq!(fault(&codec, &chain), HeaderFault::WithoutSecret { header });
    }

    #[test]
    fn both_secrets_are_believed_while_it_changes() {
        let codec = aspnet().proxy_secret(secret().also_accept(OLD).unwrap());
        for known in [OLD, NEW] {
            let headers = forwarding(&[known]);
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, &**value))
                .collect();
            assert_eq!(read(&codec, &headers), [leaf()]);
        }
        // A proxy writes the first secret.
        let written = codec.encode(&Presented::new(leaf()));
        assert_eq!(written[1], ("x-proxy-secret".into(), NEW.into()));
        assert!(secret().also_accept("short").is_err());
    }

    #[test]
    fn it_is_told_to_nobody() {
        let codec = aspnet().proxy_secret(secret());
        let error = codec
            .decode(&forwarding(&[OLD]), Peer::TrustedProxy)
            .unwrap_err();
        for text in [
            alloc::format!("{codec:?}"),
            alloc::format!("{:?}", secret()),
            alloc::format!("{error:?} {error}"),
        ] {
            assert!(!text.contains("0123456789"), "{text}");
        }
    }

    #[test]
    fn what_can_be_guessed_is_no_secret() {
        let made = |secret: &str| ProxySecret::new("x-proxy-secret", secret);
        let digits = "0123456789abcdef0123456789abcdef";
        assert!(made(digits).is_ok());
        for short in ["", "secret", &digits[1..]] {
            let shortest = InvalidProxySecret::TooShort { shortest: 32 };
            assert_eq!(made(short).unwrap_err(), shortest);
        }
        for unfit in [" ", "\n", "\r\n", "\u{e9}", "\0"] {
            let unfit = alloc::format!("{digits}{unfit}");
            let error = made(&unfit).unwrap_err();
            assert_eq!(error, InvalidProxySecret::NotVisible);
        }
        let error = ProxySecret::new("x proxy", digits).unwrap_err();
        assert_eq!(error, InvalidProxySecret::HeaderName(InvalidHeaderName {}));
    }

    #[test]
    fn it_says_of_whom_a_request_is() {
        let peer = |headers: &[(&str, &str)], connection| secret().peer(headers, connection);
        let sent = [("X-PROXY-SECRET", NEW)];
        assert_eq!(peer(&sent, Peer::TrustedProxy), Ok(Peer::TrustedProxy));
        assert_eq!(peer(&sent, Peer::Untrusted), Ok(Peer::Untrusted));
        assert_eq!(peer(&[], Peer::TrustedProxy), Ok(Peer::Untrusted));
        let other = [("x-proxy-secret", OLD)];
        assert_eq!(peer(&other, Peer::TrustedProxy), Ok(Peer::Untrusted));
        assert!(peer(&[sent, sent].concat(), Peer::TrustedProxy).is_err());
    }

    #[test]
    fn a_codec_with_one_reads_what_it_writes() {
        let codec = rfc9440().proxy_secret(secret());
        let written = codec.encode(&Presented::new(leaf()));
        assert!(
            codec
                .decode(&written, Peer::TrustedProxy)
                .unwrap()
                .is_some()
        );
    }
}
