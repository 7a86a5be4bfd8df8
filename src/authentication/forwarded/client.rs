//! Who vouches for a client's certificate: the handshake with the client itself, or a proxy.
//!
//! ASP.NET Core silently replaces the connection's certificate by a forwarded one, so that a client
//! that connects directly changes its identity by adding a header; and without the header it uses
//! the connection's, so that a client without a certificate becomes the proxy. Here the peer
//! decides: the handshake of a trusted proxy identifies the proxy, never its client, unless a
//! policy says otherwise.

use super::peer::Peer;
use crate::certificate::Certificate;
use crate::table::errors;
use crate::validator::Presented;

/// A certificate that a trusted proxy forwarded, and the chain if it sent one.
///
/// Only the codecs of this module make one. **It proves nothing about a private key**: this server
/// trusts the proxy to have seen the proof in its own handshake. Validate it by
/// [`Forwarded::presented`]. No conversion makes it look as if it came from a handshake:
///
/// ```compile_fail,E0277
/// use portcullis::authentication::forwarded::{ClientCertificate, Forwarded};
///
/// fn launder(forwarded: Forwarded) -> ClientCertificate {
///     ClientCertificate::Handshake(forwarded.into())
/// }
/// ```
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

    /// The argument for a [`Validator`](crate::Validator).
    pub fn presented(&self) -> &Presented {
        &self.0
    }
}

/// Where a client's certificate came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provenance {
    /// From the TLS handshake with this server, in which the client proved that it holds the key.
    Handshake,
    /// From a header, on the word of a proxy.
    Forwarded,
}

/// Whose certificate that of the handshake is where the peer is a [trusted
/// proxy](Peer::TrustedProxy).
///
/// | there is one | of the handshake only | in the header only | in both |
/// |---|---|---|---|
/// | `OnlyForwarded` | none | the header's | the header's |
/// | `HandshakeOrForwarded` | the handshake's | the header's | an error |
/// | `PreferHandshake` | the handshake's | the header's | the handshake's |
/// | `PreferForwarded` | the handshake's | the header's | the header's |
///
/// All but the first take the handshake's for the client's. **Where the proxy presents a
/// certificate of its own to this server, a client without one is then taken for the proxy.** They
/// are for clients that connect directly to the same listener and cannot be told from the proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BehindProxy {
    /// The proxy's own, and never the client's.
    #[default]
    OnlyForwarded,
    /// The client's; it is an error if there is one in the header too.
    HandshakeOrForwarded,
    /// The client's, and it wins over that of the header.
    PreferHandshake,
    /// The client's, unless there is one in the header: as in ASP.NET Core.
    PreferForwarded,
}

/// A client's certificate with its provenance.
///
/// ```
/// use portcullis::Presented;
/// use portcullis::authentication::forwarded::{self, BehindProxy, ClientCertificate, Peer,
/// Provenance};
///
/// let client = Presented::from_pem(include_bytes!("../../../testdata/chains/leaf-client.pem"))?;
/// # let proxy = Presented::from_pem(include_bytes!("../../../testdata/chains/good-d1.pem"))?;
/// let request = forwarded::nginx().encode(&client);
/// let peer = Peer::TrustedProxy;
/// let from_header = forwarded::nginx().decode(&request, peer)?;
/// let from_handshake = Some(proxy);
///
/// let policy = BehindProxy::OnlyForwarded;
/// let chosen = ClientCertificate::choose(peer, from_handshake.clone(), from_header, policy)?;
/// assert_eq!(chosen.expect("there is one").provenance(), Provenance::Forwarded);
///
/// // A client without a certificate is not the proxy.
/// let chosen = ClientCertificate::choose(peer, from_handshake, None, policy)?;
/// assert!(chosen.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub enum ClientCertificate {
    /// From the TLS handshake with this server.
    Handshake(Presented),
    /// From a header.
    Forwarded(Forwarded),
}

impl ClientCertificate {
    /// The certificate of a request, out of those of its connection and its headers; `None`: there
    /// is none. Pass the peer that [`Codec::decode`](super::Codec::decode) got.
    ///
    /// # Errors
    /// When there is a forwarded certificate and the peer is not trusted; when there are both, and
    /// the policy forbids that.
    pub fn choose(
        peer: Peer,
        handshake: Option<Presented>,
        forwarded: Option<Forwarded>,
        policy: BehindProxy,
    ) -> Result<Option<Self>, ChoiceError> {
        let handshake = handshake.map(Self::Handshake);
        let forwarded = forwarded.map(Self::Forwarded);
        if peer == Peer::Untrusted {
            return match forwarded {
                Some(_) => Err(ChoiceError::UntrustedPeer),
                None => Ok(handshake),
            };
        }
        match policy {
            BehindProxy::OnlyForwarded => Ok(forwarded),
            BehindProxy::HandshakeOrForwarded if handshake.is_some() && forwarded.is_some() => {
                Err(ChoiceError::TwoCertificates)
            }
            BehindProxy::HandshakeOrForwarded | BehindProxy::PreferHandshake => {
                Ok(handshake.or(forwarded))
            }
            BehindProxy::PreferForwarded => Ok(forwarded.or(handshake)),
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

    /// The argument for a [`Validator`](crate::Validator).
    pub fn presented(&self) -> &Presented {
        match self {
            Self::Handshake(presented) => presented,
            Self::Forwarded(forwarded) => forwarded.presented(),
        }
    }
}

errors! {
    /// A request has certificates that do not go together.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ChoiceError {
        /// There is one from the handshake and one in a header, and
        /// [`BehindProxy::HandshakeOrForwarded`] is the policy.
        TwoCertificates => "there is a certificate of the connection and a forwarded one";
        /// There is a forwarded one, and the peer is not a trusted proxy.
        UntrustedPeer => "there is a forwarded certificate, and the peer is not a trusted proxy";
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    /// Whose certificate is chosen, of those that are there: the handshake has the leaf, the header
    /// the other one.
    fn choose(
        peer: Peer,
        (handshake, forwarded): (bool, bool),
        policy: BehindProxy,
    ) -> Result<Option<Provenance>, ChoiceError> {
        let handshake = handshake.then(|| Presented::new(testing::leaf()));
        let forwarded = forwarded.then(|| Forwarded::new(testing::other(), []));
        let chosen = ClientCertificate::choose(peer, handshake, forwarded, policy)?;
        Ok(chosen.map(|chosen| {
            let meant = match chosen.provenance() {
                Provenance::Handshake => testing::leaf(),
                Provenance::Forwarded => testing::other(),
            };
            assert_eq!(chosen.presented().leaf(), &meant);
            chosen.provenance()
        }))
    }

    #[test]
    fn a_client_without_a_certificate_is_not_the_proxy() {
        let absent: [(&str, &str); 0] = [];
        let decoded = super::super::nginx().decode(&absent, Peer::TrustedProxy);
        let proxy = Presented::new(testing::leaf());
        let chosen = ClientCertificate::choose(
            Peer::TrustedProxy,
            Some(proxy),
            decoded.unwrap(),
            BehindProxy::default(),
        );
        assert!(chosen.unwrap().is_none());
    }

    #[test]
    fn behind_a_proxy_the_policy_says_whose_the_handshake_is() {
        use BehindProxy::{HandshakeOrForwarded, OnlyForwarded, PreferForwarded, PreferHandshake};
        use Provenance::{Forwarded, Handshake};

        let conflict = Err(ChoiceError::TwoCertificates);
        for (policy, handshake_only, both) in [
            (OnlyForwarded, None, Ok(Some(Forwarded))),
            (HandshakeOrForwarded, Some(Handshake), conflict),
            (PreferHandshake, Some(Handshake), Ok(Some(Handshake))),
            (PreferForwarded, Some(Handshake), Ok(Some(Forwarded))),
        ] {
            let proxied = |there| choose(Peer::TrustedProxy, there, policy);
            assert_eq!(proxied((false, false)), Ok(None));
            assert_eq!(proxied((true, false)), Ok(handshake_only), "{policy:?}");
            assert_eq!(proxied((false, true)), Ok(Some(Forwarded)), "{policy:?}");
            assert_eq!(proxied((true, true)), both, "{policy:?}");
            // For a direct client the handshake counts, and no header.
            let direct = |there| choose(Peer::Untrusted, there, policy);
            assert_eq!(direct((false, false)), Ok(None));
            assert_eq!(direct((true, false)), Ok(Some(Handshake)));
            for there in [(false, true), (true, true)] {
                assert_eq!(direct(there), Err(ChoiceError::UntrustedPeer));
            }
        }
    }
}
