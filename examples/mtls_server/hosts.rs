//! The hosts of this server, and whom each asks for a certificate.
//!
//! A certificate is asked for in the handshake or not at all (TLS 1.3 with HTTP/2 allows nothing else, and browsers answer no
//! later question), so that the name in the ClientHello decides. Who comes to a host without one is sent on to the host that
//! asks, with status 307.
//!
//! Each host has a ticket key and a session store of its own: a session of a host that asks for nothing resumes nowhere else.

use std::error::Error;
use std::sync::Arc;

use portcullis::rustls::{ClientVerifier, MissingEvidence, SharedValidator};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::pki::Pki;

/// Asks for nothing.
pub const MAIN: &str = "localhost";
/// Asks, and says over HTTP why somebody does not come in.
pub const CERTIFICATES: &str = "certs.localhost";
/// Whoever has no good certificate gets a TLS alert.
pub const STRICT: &str = "strict.localhost";

/// All of them.
pub const NAMES: [&str; 3] = [MAIN, CERTIFICATES, STRICT];

/// `ClientCertificateMode` of Kestrel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    NoCertificate,
    AllowCertificate,
    RequireCertificate,
}

/// A host.
#[derive(Clone)]
pub struct Host {
    pub name: &'static str,
    pub mode: Mode,
    pub config: Arc<ServerConfig>,
}

/// The hosts by name.
pub struct Hosts([Host; 3]);

impl Hosts {
    pub fn new(
        pki: &Pki,
        validator: &Arc<SharedValidator>,
        missing: &Arc<MissingEvidence>,
    ) -> Result<Self, Box<dyn Error>> {
        let host = |name, mode| {
            let own = |verifier: Option<ClientVerifier>| config(pki, verifier);
            let shared = Arc::clone(validator);
            let config = match mode {
                Mode::NoCertificate => own(None),
                // The verdict is that of each request.
                Mode::AllowCertificate => own(Some(
                    ClientVerifier::deferred(shared).optional(true).build(),
                )),
                Mode::RequireCertificate => {
                    let verifier = ClientVerifier::full(shared).missing(Arc::clone(missing));
                    own(Some(verifier.build()))
                }
            };
            Ok::<_, Box<dyn Error>>(Host {
                name,
                mode,
                config: Arc::new(config?),
            })
        };
        Ok(Self([
            host(MAIN, Mode::NoCertificate)?,
            host(CERTIFICATES, Mode::AllowCertificate)?,
            host(STRICT, Mode::RequireCertificate)?,
        ]))
    }

    /// The host of this name. A client that names none, or another, is none of ours.
    pub fn find(&self, name: Option<&str>) -> Option<&Host> {
        let name = name?;
        self.0
            .iter()
            .find(|host| host.name.eq_ignore_ascii_case(name))
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
