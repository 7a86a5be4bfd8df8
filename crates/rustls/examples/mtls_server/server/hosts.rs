//! The hosts of this server, and whom each asks for a certificate.
//!
//! A certificate is asked for in the handshake or not at all (TLS 1.3 with HTTP/2 allows nothing
//! else, and browsers answer no later question), so that the name in the ClientHello decides. Who
//! comes to a host without one is sent on to the host that asks, with status 307.
//!
//! Each host has a ticket key and a session store of its own: a session of a host that asks for
//! nothing resumes nowhere else.

use std::error::Error;
use std::sync::Arc;

use portcullis::authentication::negotiation::{
    CertificateHost, ClientCertificateMode, ClientHello, HelloOutcome, HostMap, Negotiation,
    Reason, Tls,
};
use portcullis_rustls::{ClientVerifier, MissingEvidence, SharedValidator};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::pki::Pki;

/// Asks for nothing.
pub const MAIN: &str = "localhost";
/// Asks, and says over HTTP why somebody does not come in.
pub const CERTIFICATES: &str = "certs.localhost";
/// Whoever has no good certificate gets a TLS alert.
pub const STRICT: &str = "strict.localhost";

/// All of them.
pub const NAMES: [&str; 3] = [MAIN, CERTIFICATES, STRICT];

/// The hosts by name, and what decides who is asked.
pub struct Hosts {
    pub negotiation: Negotiation,
    configs: HostMap<Host>,
}

/// A host.
#[derive(Clone)]
pub struct Host {
    pub name: &'static str,
    pub config: Arc<ServerConfig>,
}

impl Hosts {
    pub fn new(
        pki: &Pki,
        port: u16,
        validator: &Arc<SharedValidator>,
        missing: &Arc<MissingEvidence>,
    ) -> Result<Self, Box<dyn Error>> {
        let modes = HostMap::new()
            .host(MAIN, ClientCertificateMode::NoCertificate)?
            .host(CERTIFICATES, ClientCertificateMode::AllowCertificate)?
            .host(STRICT, ClientCertificateMode::RequireCertificate)?;
        // The verdict is that of each request.
        let deferred = ClientVerifier::deferred(Arc::clone(validator)).optional(true);
        let full = ClientVerifier::full(Arc::clone(validator)).missing(Arc::clone(missing));
        let host = |name, verifier| {
            let config = Arc::new(config(pki, verifier)?);
            Ok::<_, Box<dyn Error>>(Host { name, config })
        };
        let configs = HostMap::new()
            .host(MAIN, host(MAIN, None)?)?
            .host(CERTIFICATES, host(CERTIFICATES, Some(deferred.build()))?)?
            .host(STRICT, host(STRICT, Some(full.build()))?)?;
        let certificate_host = CertificateHost::new(CERTIFICATES)?.port(port);
        Ok(Self {
            negotiation: Negotiation::by_host(modes).certificate_host(certificate_host),
            configs,
        })
    }

    /// The host that a client asks for; why there is none. There is no host for clients that name
    /// none.
    pub fn of(&self, hello: &rustls::server::ClientHello<'_>) -> Result<&Host, Reason> {
        let name = hello.server_name();
        let asked = ClientHello::new(Tls::V1_3).sni(name);
        let decision = self.negotiation.client_hello(&asked);
        match (decision.outcome, self.configs.get(name)) {
            (HelloOutcome::Abort, _) | (_, None) => Err(decision.reason),
            // Whether it asks is part of its configuration.
            (_, Some(host)) => Ok(host),
        }
    }
}

fn config(pki: &Pki, verifier: Option<ClientVerifier>) -> Result<ServerConfig, Box<dyn Error>> {
    let chain = pki.read("server.pem")?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
    let key = PrivateKeyDer::from_pem_slice(&pki.read("server.key")?)?;
    let provider = Arc::new(rustls_graviola::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(Arc::new(verifier)),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain?, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = rustls_graviola::Ticketer::new()?;
    Ok(config)
}
