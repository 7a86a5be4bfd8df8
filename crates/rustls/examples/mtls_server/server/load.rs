//! Load: a server in a process of its own, requests from this one, and how much memory the server
//! takes.
//!
//! Some connections are made anew, some resume a session, each asks a number of times. Any answer
//! but the expected one ends the run, and so does a server that grows by more than a twentieth
//! after its first 30 seconds (or the first quarter of a shorter run).

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::header::HOST;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use portcullis::revocation::{RevocationFlag, RevocationMode};
use portcullis::{Purpose, TrustMode, TrustStore, Validator};
use portcullis_rustls::{ServerVerifier, SharedValidator};
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::fresh;
use super::hosts::{CERTIFICATES, MAIN};

const CLIENTS: usize = 8;
const REQUESTS_PER_CONNECTION: usize = 25;
/// Of so many connections one begins a session.
const CONNECTIONS_PER_SESSION: usize = 4;
const MOST_GROWTH: f64 = 1.05;

type AuthenticationError = Box<dyn Error + Send + Sync>;

/// The server, ended with this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Its standard input closes, and it ends by itself.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[derive(Default)]
struct Counted {
    connections: AtomicU64,
    requests: AtomicU64,
}

/// Runs for so long, tells, and fails if anything did.
pub fn run(time: Duration) -> Result<(), Box<dyn Error>> {
    // Others write to that folder too, so nobody must know the name before; the server refuses one
    // that is there.
    let folder = env::temp_dir().join(format!("mtls-load-{}", fresh::label()?));
    let told = measured(time, &folder);
    let _ = fs::remove_dir_all(&folder);
    told
}

fn measured(time: Duration, folder: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let mut child = Command::new(env::current_exe()?)
        .args([
            "--tls",
            "127.0.0.1:0",
            "--plain",
            "127.0.0.1:0",
            "--until-stdin-closes",
            "--pki",
        ])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().ok_or("its output is piped")?;
    let server = Server(child);
    let mut lines = BufReader::new(output).lines();
    let first = lines.next().ok_or("the server did not start")??;
    let address = first.split(' ').find_map(|word| word.strip_prefix("tls="));
    let address: SocketAddr = address.ok_or("no address")?.parse()?;

    let counted = Arc::new(Counted::default());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let (begin, warm) = (Instant::now(), Duration::from_secs(30).min(time / 4));
    let (early, late) = runtime
        .block_on(async {
            let mut clients = tokio::task::JoinSet::new();
            for number in 0..CLIENTS {
                let config = config(folder, number % 4 != 0)?;
                let counted = Arc::clone(&counted);
                clients.spawn(client(
                    address,
                    config,
                    number % 4 != 0,
                    begin + time,
                    counted,
                ));
            }
            tokio::time::sleep_until((begin + warm).into()).await;
            let early = resident(server.0.id())?;
            while let Some(ended) = clients.join_next().await {
                ended??;
            }
            Ok::<_, AuthenticationError>((early, resident(server.0.id())?))
        })
        .map_err(|error| error.to_string())?;
    let growth = late as f64 / early as f64;
    println!(
        "{} requests on {} connections in {} s, no error; resident: {early} kB at {} s, {late} kB at the end: {growth:.3}",
        counted.requests.load(Ordering::Relaxed),
        counted.connections.load(Ordering::Relaxed),
        begin.elapsed().as_secs(),
        warm.as_secs(),
    );
    if growth > MOST_GROWTH {
        return Err(format!("the server grew by more than {MOST_GROWTH}").into());
    }
    Ok(())
}

/// Kilobytes of memory that a process has (proc_pid_status(5)).
fn resident(process: u32) -> Result<u64, AuthenticationError> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmRSS")?.parse()?)
}

fn config(folder: &std::path::Path, known: bool) -> Result<Arc<ClientConfig>, AuthenticationError> {
    let roots = TrustStore::from_pem(&fs::read(folder.join("root.pem"))?)?;
    let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
        .purpose(Purpose::ServerAuth)
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .build()?;
    let verifier = ServerVerifier::new(Arc::new(SharedValidator::new(validator)));
    let provider = Arc::new(rustls_graviola::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    if !known {
        return Ok(Arc::new(builder.with_no_client_auth()));
    }
    let chain = fs::read(folder.join("alice.pem"))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
    let key = PrivateKeyDer::from_pem_slice(&fs::read(folder.join("alice.key"))?)?;
    Ok(Arc::new(builder.with_client_auth_cert(chain?, key)?))
}

async fn client(
    address: SocketAddr,
    config: Arc<ClientConfig>,
    known: bool,
    end: Instant,
    counted: Arc<Counted>,
) -> Result<(), AuthenticationError> {
    let host = if known { CERTIFICATES } else { MAIN };
    let expected = if known { 200 } else { 307 };
    let mut current = config;
    for turn in 0.. {
        if turn % CONNECTIONS_PER_SESSION == 0 {
            let mut anew = (*current).clone();
            anew.resumption = Resumption::in_memory_sessions(4);
            current = Arc::new(anew);
        }
        let connector = TlsConnector::from(Arc::clone(&current));
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream = connector
            .connect(ServerName::try_from(host)?, stream)
            .await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        counted.connections.fetch_add(1, Ordering::Relaxed);
        for _ in 0..REQUESTS_PER_CONNECTION {
            let request = http::Request::builder()
                .uri("/whoami")
                .header(HOST, host)
                .body(Empty::<Bytes>::new())?;
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            if status != expected {
                return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
            }
            counted.requests.fetch_add(1, Ordering::Relaxed);
        }
        drop(sender);
        connection.await??;
        if Instant::now() >= end {
            break;
        }
    }
    Ok(())
}
