//! Who vouches for a client's certificate: the handshake with the client itself, or a proxy.
//!
//! ASP.NET Core lets a forwarded certificate replace that of the connection, silently, so that whoever is connected
//! directly switches identity by adding a header. Here both together are an error until a policy says which of them wins.

use core::fmt;

use crate::certificate::Certificate;
use crate::validator::Presented;

/// A certificate that a trusted proxy forwarded, and the chain if it sent one.
///
/// Only the codecs of this module make one. **It proves nothing about a private key**: the proxy has seen the proof in its own
/// handshake, or it has not, and this server believes it. It becomes something to validate by [`Forwarded::presented`] or
/// `Presented::from`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Forwarded(Presented);

impl Forwarded {
    pub(super) fn new(leaf: Certificate, chain: impl IntoIterator<Item = Certificate>) -> Self {
        Self(Presented::new(leaf).with_certificates(chain))
    }

    /// The client's certificate.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        self.0.leaf()
    }

    /// The certificates that came with it.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        self.0.certificates()
    }

    /// What a [`Validator`](crate::Validator) takes.
    pub fn presented(&self) -> &Presented {
        &self.0
    }
}

impl From<Forwarded> for Presented {
    fn from(forwarded: Forwarded) -> Self {
        forwarded.0
    }
}

/// Where a client's certificate came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provenance {
    /// From the TLS handshake with this server, in which the client proved that it holds the key.
    Handshake,
    /// Out of a header, on the word of a proxy.
    Forwarded,
}

/// Which certificate wins when a request has one from the handshake and one in a header.
///
/// Where a proxy shows this server a certificate of its own, that one is not the client's: it makes the proxy a
/// [trusted peer](super::Peer), and `None` is what the handshake brought of the client. Otherwise a client without a
/// certificate would be taken for the proxy, whichever wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Both {
    /// Neither: it is an error.
    #[default]
    Error,
    /// That of the handshake.
    PreferHandshake,
    /// That of the header, as in ASP.NET Core.
    PreferForwarded,
}

/// A client's certificate with its provenance.
///
/// ```
/// use portcullis::Presented;
/// use portcullis::authentication::forwarded::{self, Both, ClientCertificate, Peer, Provenance};
///
/// let client = Presented::from_pem(include_bytes!("../../../testdata/chains/leaf-client.pem"))?;
/// let request = forwarded::nginx().encode(&client);
/// let from_header = forwarded::nginx().decode(&request, Peer::TrustedProxy)?;
/// let from_handshake = None;
///
/// let client = ClientCertificate::choose(from_handshake, from_header, Both::Error)?;
/// let client = client.expect("there is one");
/// assert_eq!(client.provenance(), Provenance::Forwarded);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub enum ClientCertificate {
    /// From the TLS handshake with this server.
    Handshake(Presented),
    /// Out of a header.
    Forwarded(Forwarded),
}

impl ClientCertificate {
    /// The certificate of a request, from what its connection and its headers brought. `None`: there is none.
    ///
    /// # Errors
    /// When there are both, unless `both` says which of them wins.
    pub fn choose(
        handshake: Option<Presented>,
        forwarded: Option<Forwarded>,
        both: Both,
    ) -> Result<Option<Self>, TwoCertificates> {
        match (handshake, forwarded, both) {
            (None, None, _) => Ok(None),
            (Some(_), Some(_), Both::Error) => Err(TwoCertificates),
            (Some(presented), None, _) | (Some(presented), Some(_), Both::PreferHandshake) => {
                Ok(Some(Self::Handshake(presented)))
            }
            (None, Some(forwarded), _) | (Some(_), Some(forwarded), Both::PreferForwarded) => {
                Ok(Some(Self::Forwarded(forwarded)))
            }
        }
    }

    /// Where it came from.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        match self {
            Self::Handshake(_) => Provenance::Handshake,
            Self::Forwarded(_) => Provenance::Forwarded,
        }
    }

    /// What a [`Validator`](crate::Validator) takes.
    pub fn presented(&self) -> &Presented {
        match self {
            Self::Handshake(presented) => presented,
            Self::Forwarded(forwarded) => forwarded.presented(),
        }
    }
}

/// A request has a certificate from the handshake and one in a header, and no policy says which of them wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TwoCertificates;

impl fmt::Display for TwoCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is a certificate of the connection and a forwarded one")
    }
}

impl core::error::Error for TwoCertificates {}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn both_are_an_error_until_a_policy_chooses() {
        let handshake = || Some(Presented::new(testing::leaf()));
        let forwarded = || Some(Forwarded::new(testing::other(), []));
        let choose = ClientCertificate::choose;
        assert_eq!(
            choose(handshake(), forwarded(), Both::default()).unwrap_err(),
            TwoCertificates
        );
        for (handshake, forwarded, both, expected) in [
            (None, None, Both::Error, None),
            (
                handshake(),
                None,
                Both::PreferForwarded,
                Some(Provenance::Handshake),
            ),
            (handshake(), None, Both::Error, Some(Provenance::Handshake)),
            (
                None,
                forwarded(),
                Both::PreferHandshake,
                Some(Provenance::Forwarded),
            ),
            (None, forwarded(), Both::Error, Some(Provenance::Forwarded)),
            (
                handshake(),
                forwarded(),
                Both::PreferHandshake,
                Some(Provenance::Handshake),
            ),
            (
                handshake(),
                forwarded(),
                Both::PreferForwarded,
                Some(Provenance::Forwarded),
            ),
        ] {
            let chosen = choose(handshake, forwarded, both).unwrap();
            assert_eq!(chosen.as_ref().map(ClientCertificate::provenance), expected);
            let leaf = chosen
                .as_ref()
                .map(|chosen| chosen.presented().leaf().clone());
            let meant = expected.map(|from| match from {
                Provenance::Handshake => testing::leaf(),
                Provenance::Forwarded => testing::other(),
            });
            assert_eq!(leaf, meant);
        }
    }
}
