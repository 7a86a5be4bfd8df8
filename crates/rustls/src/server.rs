//! The verifier of server certificates, for clients.

use std::sync::Arc;

use portcullis::PeerName;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use crate::decide::{Decide, presented};
use crate::shared::HandshakePeer;
use crate::signature::{HandshakeSignatures, Version, handshake_signatures};
use crate::{MissingEvidence, SharedValidator};

/// Verifies server certificates: path, purpose, the name that the client asked for, and a stapled
/// OCSP response.
///
/// It asks for [`Purpose::ServerAuth`](portcullis::Purpose::ServerAuth) where the validator asks
/// for [nothing](portcullis::Purpose::Any), unless it is told to
/// [let any purpose pass](ServerVerifier::allow_any_purpose). It validates from the evidence at
/// hand, to which the stapled response belongs; where servers staple nothing, the default policy
/// rejects them until the evidence has been fetched.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::revocation::{RevocationFlag, RevocationMode};
/// use portcullis_rustls::{ServerVerifier, SharedValidator};
/// use portcullis::{Profile, Purpose, TrustMode, TrustStore, Validator};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../../testdata/roots/root.pem"))?;
/// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
///     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
///     .purpose(Purpose::ServerAuth)
///     .profile(Profile::WebPki)
///     .build()?;
/// let verifier = ServerVerifier::new(Arc::new(SharedValidator::new(validator)));
///
/// let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
///     .with_safe_default_protocol_versions()?
///     .dangerous() // what rustls calls any verifier but its own
///     .with_custom_certificate_verifier(Arc::new(verifier))
///     .with_no_client_auth();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ServerVerifier {
    decide: Decide,
    signatures: HandshakeSignatures,
}

impl ServerVerifier {
    /// A verifier over this validator. Handshake signatures are verified by its provider as it
    /// stands now.
    #[must_use]
    pub fn new(validator: Arc<SharedValidator>) -> Self {
        let provider = Arc::clone(validator.current().provider());
        Self {
            decide: Decide::new(validator, HandshakePeer::Server),
            signatures: HandshakeSignatures::new(provider),
        }
    }

    /// Notes here whose evidence of revocation is missing. Default: nowhere.
    #[must_use]
    pub fn missing(mut self, missing: Arc<MissingEvidence>) -> Self {
        self.decide.missing = Some(missing);
        self
    }

    /// If `true`, a validator without a purpose accepts any certificate as the server's, **also a
    /// client's**. Any client below the same anchors whose certificate has a host name is a
    /// server then. Default: `false`, server authentication is asked for. As for
    /// [`ClientVerifierBuilder::allow_any_purpose`](super::ClientVerifierBuilder::allow_any_purpose),
    /// a validator that asks for a purpose is not touched.
    #[must_use]
    pub fn allow_any_purpose(mut self, yes: bool) -> Self {
        self.decide.asked = (!yes).then_some(HandshakePeer::Server);
        self
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut presented =
            presented(end_entity, intermediates)?.expecting(peer_name(server_name)?);
        if !ocsp_response.is_empty() {
            presented = presented.with_stapled_ocsp(ocsp_response);
        }
        self.decide.verdict(&presented, now)?;
        Ok(ServerCertVerified::assertion())
    }

    handshake_signatures!();
}

fn peer_name(name: &ServerName<'_>) -> Result<PeerName, Error> {
    match name {
        ServerName::DnsName(name) => {
            PeerName::dns(name.as_ref()).map_err(|_| CertificateError::NotValidForName.into())
        }
        ServerName::IpAddress(address) => Ok(PeerName::ip(std::net::IpAddr::from(*address))),
        _ => Err(Error::UnsupportedNameType),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_client_asked_for() {
        let of = |text: &'static str| peer_name(&ServerName::try_from(text).unwrap()).unwrap();
        assert_eq!(of("host.example"), PeerName::dns("host.example").unwrap());
        let address: std::net::IpAddr = "192.0.2.1".parse().unwrap();
        assert_eq!(of("192.0.2.1"), PeerName::ip(address));
    }
}
