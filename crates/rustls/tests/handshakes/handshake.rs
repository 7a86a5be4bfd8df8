//! Handshakes of real rustls clients and servers over buffers, at a time of the test's choosing.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portcullis::{Purpose, Time};
use portcullis_rustls::{ServerVerifier, SharedValidator};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::time_provider::TimeProvider;
use rustls::{
    ClientConfig, ClientConnection, ConfigBuilder, ConfigSide, ConnectionCommon, Error,
    HandshakeKind, ServerConfig, ServerConnection, SideData, SignatureAlgorithm, SignatureScheme,
    SupportedProtocolVersion, WantsVerifier, version,
};

use crate::support::{Authority, Made, Template, below, now};
use portcullis_testkit::extensions::{SERVER_AUTH, alt_names, extended_key_usage};
use portcullis_testkit::keys::{Hash, Key, Scheme};
use portcullis_testkit::names::dns;

pub const HOST: &str = "server.example.test";

/// Both versions of TLS.
pub const VERSIONS: [&SupportedProtocolVersion; 2] = [&version::TLS12, &version::TLS13];

/// A key, and the ways in which it signs handshakes.
#[derive(Clone)]
pub struct Holder {
    pub key: Key,
    pub schemes: Vec<(SignatureScheme, Scheme)>,
    /// Signs in its first way, whatever the other side offers.
    pub stubborn: bool,
}

impl Holder {
    pub fn new(key: &Key, schemes: &[(SignatureScheme, Scheme)]) -> Self {
        Self {
            key: key.clone(),
            schemes: schemes.to_vec(),
            stubborn: false,
        }
    }

    pub fn p256(key: &Key) -> Self {
        let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        Self::new(key, &[(scheme, Scheme::Ecdsa(Hash::Sha256))])
    }

    pub fn stubborn(mut self) -> Self {
        self.stubborn = true;
        self
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder")
    }
}

impl SigningKey for Holder {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let mut schemes = self.schemes.iter();
        let chosen = schemes.find(|(named, _)| self.stubborn || offered.contains(named))?;
        Some(Box::new(OneWay {
            key: self.key.clone(),
            chosen: *chosen,
        }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.key.scheme() {
            Scheme::Ecdsa(_) => SignatureAlgorithm::ECDSA,
            Scheme::Ed25519 => SignatureAlgorithm::ED25519,
            _ => SignatureAlgorithm::RSA,
        }
    }
}

struct OneWay {
    key: Key,
    chosen: (SignatureScheme, Scheme),
}

impl fmt::Debug for OneWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.chosen.0)
    }
}

impl Signer for OneWay {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.key.sign(self.chosen.1, message))
    }

    fn scheme(&self) -> SignatureScheme {
        self.chosen.0
    }
}

/// Leaf and what comes with it, for rustls.
pub fn chain(leaf: &Made, more: &[&Made]) -> Vec<CertificateDer<'static>> {
    let all = std::iter::once(leaf).chain(more.iter().copied());
    all.map(|made| CertificateDer::from(made.der.clone()))
        .collect()
}

/// What a client authenticates itself with, and whom it was asked for.
#[derive(Debug)]
pub struct Wallet {
    with: Option<SingleCertAndKey>,
    hints: Mutex<Vec<Vec<u8>>>,
}

impl Wallet {
    pub fn empty() -> Arc<Self> {
        Arc::new(Self {
            with: None,
            hints: Mutex::default(),
        })
    }

    pub fn new(leaf: &Made, more: &[&Made], holder: Holder) -> Arc<Self> {
        let certified = CertifiedKey::new(chain(leaf, more), Arc::new(holder));
        Arc::new(Self {
            with: Some(certified.into()),
            hints: Mutex::default(),
        })
    }

    /// The names of the last request.
    pub fn hints(&self) -> Vec<Vec<u8>> {
        self.hints.lock().unwrap().clone()
    }
}

impl ResolvesClientCert for Wallet {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.hints.lock().unwrap() = hints.iter().map(|name| name.to_vec()).collect();
        ResolvesClientCert::resolve(self.with.as_ref()?, hints, schemes)
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The time of the test.
#[derive(Debug)]
struct At(Time);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.unix()).unwrap();
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

fn verifying<Side: ConfigSide>(
    builder: ConfigBuilder<Side, rustls::WantsVersions>,
    version: &'static SupportedProtocolVersion,
) -> ConfigBuilder<Side, WantsVerifier> {
    builder.with_protocol_versions(&[version]).unwrap()
}

/// The authority of the server's own certificate.
pub struct Site {
    pub root: Authority,
    pub key: Key,
    pub leaf: Made,
}

impl Site {
    pub fn new() -> Self {
        let root = Authority::root("site root");
        let key = Key::p256("site");
        let template = Template::client("site")
            .key(key.clone())
            .with(extended_key_usage(&[SERVER_AUTH]))
            .with(alt_names(&[dns(HOST)]));
        let leaf = root.issue(template);
        Self { root, key, leaf }
    }

    /// The server's configuration; `staple` goes along with its certificate.
    pub fn server(
        &self,
        version: &'static SupportedProtocolVersion,
        verifier: impl ClientCertVerifier + 'static,
        staple: Option<Vec<u8>>,
    ) -> ServerConfig {
        let provider = Arc::new(rustls_graviola::default_provider());
        let builder = ServerConfig::builder_with_details(provider, Arc::new(At(now())));
        let mut own = CertifiedKey::new(chain(&self.leaf, &[]), Arc::new(Holder::p256(&self.key)));
        own.ocsp = staple;
        verifying(builder, version)
            .with_client_cert_verifier(Arc::new(verifier))
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(own)))
    }

    /// A client that trusts the site, through the verifier of this crate.
    pub fn client(
        &self,
        version: &'static SupportedProtocolVersion,
        wallet: &Arc<Wallet>,
    ) -> ClientConfig {
        let validator = below(&[&self.root]).purpose(Purpose::ServerAuth).build();
        let validator = SharedValidator::new(validator.unwrap());
        client(version, ServerVerifier::new(Arc::new(validator)), wallet)
    }
}

/// A client with this verifier.
pub fn client(
    version: &'static SupportedProtocolVersion,
    verifier: ServerVerifier,
    wallet: &Arc<Wallet>,
) -> ClientConfig {
    let provider = Arc::new(rustls_graviola::default_provider());
    let builder = ClientConfig::builder_with_details(provider, Arc::new(At(now())));
    let mut config = verifying(builder, version)
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::clone(wallet) as Arc<dyn ResolvesClientCert>);
    config.resumption = Resumption::in_memory_sessions(8);
    config
}

/// What a handshake came to on both sides.
#[derive(Debug)]
pub struct Shaken {
    /// What the server says.
    pub server: Result<(), Error>,
    /// What the client says.
    pub client: Result<(), Error>,
    pub resumed: bool,
    /// What the server knows of the client.
    pub peer: Option<Vec<CertificateDer<'static>>>,
}

impl Shaken {
    #[track_caller]
    pub fn held(&self) {
        assert_eq!((&self.server, &self.client), (&Ok(()), &Ok(())));
    }
}

/// A handshake, and what comes after it: tickets.
pub fn shake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Shaken {
    shake_for(HOST, client, server)
}

pub fn shake_for(host: &str, client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Shaken {
    let host = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::clone(client), host).unwrap();
    let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
    let (mut said_client, mut said_server) = (Ok(()), Ok(()));
    for _ in 0..8 {
        said_server = said_server.and(carry(&mut client, &mut server));
        said_client = said_client.and(carry(&mut server, &mut client));
    }
    let finished = !client.is_handshaking() && !server.is_handshaking();
    assert!(finished || said_server.is_err() || said_client.is_err());
    Shaken {
        server: said_server,
        client: said_client,
        resumed: server.handshake_kind() == Some(HandshakeKind::Resumed),
        peer: server.peer_certificates().map(<[_]>::to_vec),
    }
}

/// Carries all that one side has to say to the other.
fn carry<F: SideData, T: SideData>(
    from: &mut ConnectionCommon<F>,
    to: &mut ConnectionCommon<T>,
) -> Result<(), Error> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        to.read_tls(&mut rest).unwrap();
        to.process_new_packets()?;
    }
    Ok(())
}
