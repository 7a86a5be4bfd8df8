//! The provenance of a client's certificate: the handshake with the client, or a proxy's header.
//!
//! ASP.NET Core silently replaces the connection's certificate with a forwarded one, so a client
//! that connects directly can change its identity by adding a header. Without the header it uses
//! the connection's certificate, so a client without a certificate is taken for the proxy. Here the
//! peer decides: the handshake of a trusted proxy identifies the proxy, not its client, unless a
//! policy says otherwise.

use super::peer::Peer;
use crate::certificate::Certificate;
use crate::table::errors;
use crate::validator::Presented;

/// A certificate that a trusted proxy forwarded, with the chain if the proxy sent one.
///
/// Only the codecs of this module create one. **It does not prove possession of the private key**:
/// this server trusts the proxy to have verified that in its own handshake. Validate it by way of
/// [`Forwarded::presented`]. No conversion turns it into a certificate from a handshake:
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

    getters! { |self|
        /// The client's certificate.
        leaf: &Certificate = self.0.leaf();

        /// The certificates that came with it.
        chain: &[Certificate] = self.0.certificates();

        /// The argument for a [`Validator`](crate::Validator).
        presented: &Presented = &self.0;
    }
}

/// Where a client's certificate came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provenance {
    /// From the TLS handshake with this server, in which the client proved that it holds the key.
    Handshake,
    /// From a header that a trusted proxy sent.
    Forwarded,
}

/// Whose certificate the handshake's is if the peer is a [trusted proxy](Peer::TrustedProxy).
///
/// | there is one | of the handshake only | in the header only | in both |
/// |---|---|---|---|
/// | `OnlyForwarded` | none | the header's | the header's |
/// | `HandshakeOrForwarded` | the handshake's | the header's | an error |
/// | `PreferHandshake` | the handshake's | the header's | the handshake's |
/// | `PreferForwarded` | the handshake's | the header's | the header's |
///
/// All but the first take the handshake's certificate for the client's. **If the proxy presents a
/// certificate of its own to this server, a client without one is then taken for the proxy.** Use
/// them for clients that connect directly to the same listener and cannot be distinguished from the
/// proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BehindProxy {
    /// The proxy's certificate, never the client's.
    #[default]
    OnlyForwarded,
    /// The client's certificate. A second one in the header is an error.
    HandshakeOrForwarded,
    /// The client's certificate. It takes precedence over the header's.
    PreferHandshake,
    /// The client's certificate, unless the header has one: as in ASP.NET Core.
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
    /// Chooses the certificate of a request from those of its connection and its headers. Returns
    /// `None` if there is none. Pass the same peer as to [`Codec::decode`](super::Codec::decode).
    ///
    /// # Errors
    /// If there is a forwarded certificate and the peer is not trusted, or if there are two
    /// certificates and the policy forbids that.
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

    /// The provenance of the certificate.
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
    /// Why no certificate can be chosen.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ChoiceError {
        /// The handshake and a header both have a certificate, and the policy is
        /// [`BehindProxy::HandshakeOrForwarded`].
        TwoCertificates => "there is a certificate of the connection and a forwarded one";
        /// A certificate was forwarded, and the peer is not a trusted proxy.
        UntrustedPeer => "there is a forwarded certificate, and the peer is not a trusted proxy";
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    /// Which of the available certificates is chosen: the leaf of the handshake or the other one of
    /// the header.
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
            // For a direct client only the handshake's certificate is used.
            let direct = |there| choose(Peer::Untrusted, there, policy);
            assert_eq!(direct((false, false)), Ok(None));
            assert_eq!(direct((true, false)), Ok(Some(Handshake)));
            for there in [(false, true), (true, true)] {
                assert_eq!(direct(there), Err(ChoiceError::UntrustedPeer));
            }
        }
    }
}
