//! Accepting connections: how many, how long, and by which host's rules.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use portcullis::Presented;
use portcullis::authentication::forwarded::ClientCertificate;
use portcullis::authentication::negotiation::Tls;
use rustls::server::Acceptor;
use rustls::{HandshakeKind, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::address::Address;
use super::app::App;
use super::hosts::Host;
use super::room::Room;
use super::service::{Connection, Handshake, Origin, answer};

/// Kestrel's limit.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// For the head of a request, and between requests.
const IDLE_TIME: Duration = Duration::from_secs(30);
/// Whoever stays longer connects anew.
const CONNECTION_TIME: Duration = Duration::from_secs(600);
/// For what has begun when the server ends.
pub const GRACE: Duration = Duration::from_secs(5);
/// Octets of a request's head. A forwarded certificate is one line of some thousand.
const MOST_HEAD: usize = 64 << 10;

/// A way to turn a connection into requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tls,
    Plain,
}

/// Takes connections until `ending` says so, and then waits until those that are open have ended.
pub async fn listen(
    app: Arc<App>,
    kind: Kind,
    listener: TcpListener,
    room: Arc<Room>,
    mut ending: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|ends| *ends) => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of files, perhaps: some connections will end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let peer = Address::new(peer.ip());
        let Some(place) = room.place(peer) else {
            app.metrics.turned_away.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (app, ending) = (Arc::clone(&app), ending.clone());
        tokio::spawn(async move {
            app.metrics.connections.fetch_add(1, Ordering::Relaxed);
            app.metrics.open.fetch_add(1, Ordering::Relaxed);
            match kind {
                Kind::Tls => tls(&app, stream, peer, ending).await,
                Kind::Plain => serve(&app, stream, Connection::plain(peer), ending).await,
            }
            app.metrics.open.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
    let _ = timeout(GRACE, room.empty()).await;
}

/// The handshake, by the rules of the host that the client names, and what comes after it.
async fn tls(app: &App, stream: TcpStream, peer: Address, ending: watch::Receiver<bool>) {
    let shaken = timeout(HANDSHAKE_TIME, shake(app, stream)).await;
    let (host, stream) = match shaken.unwrap_or(Err("timeout")) {
        Ok(shaken) => shaken,
        Err(why) => return app.metrics.handshake(why),
    };
    let (_, tls) = stream.get_ref();
    let version = match tls.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => Tls::V1_3,
        _ => Tls::V1_2,
    };
    app.metrics.handshake(match tls.handshake_kind() {
        Some(HandshakeKind::Resumed) => "resumed",
        _ => "full",
    });
    // On a resumed session these are the certificates of the handshake that began it: they are
    // judged with each request.
    let presented = tls.peer_certificates().map(Presented::from_der);
    let certificate = presented.map(|presented| presented.map(ClientCertificate::Handshake));
    let connection = Connection {
        peer,
        origin: Origin::Handshake(Handshake {
            host: host.name,
            tls: version,
            certificate,
        }),
    };
    serve(app, stream, connection, ending).await;
}

async fn shake(app: &App, stream: TcpStream) -> Result<(Host, TlsStream<TcpStream>), &'static str> {
    let acceptor = LazyConfigAcceptor::new(Acceptor::default(), stream);
    let hello = acceptor.await.map_err(|_| "no-hello")?;
    // A client that names no host, or none of ours, has come to the wrong place: the connection
    // ends.
    let host = app.hosts.of(&hello.client_hello());
    let host = host.map_err(|_| "unknown-host")?.clone();
    let stream = hello.into_stream(Arc::clone(&host.config)).await;
    Ok((host, stream.map_err(|error| refusal(&error))?))
}

/// A word for why a handshake failed.
fn refusal(error: &std::io::Error) -> &'static str {
    use rustls::CertificateError::{
        ExpiredContext, InvalidPurpose, Revoked, UnknownIssuer, UnknownRevocationStatus,
    };
    use rustls::Error::{InvalidCertificate, NoCertificatesPresented};
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref()) {
        Some(InvalidCertificate(ExpiredContext { .. })) => "expired",
        Some(InvalidCertificate(InvalidPurpose)) => "wrong-purpose",
        Some(InvalidCertificate(Revoked)) => "revoked",
        Some(InvalidCertificate(UnknownIssuer)) => "unknown-issuer",
        Some(InvalidCertificate(UnknownRevocationStatus)) => "unknown-status",
        Some(InvalidCertificate(_)) => "bad-certificate",
        Some(NoCertificatesPresented) => "no-certificate",
        _ => "other",
    }
}

/// Requests, until the client, the time or the server ends.
async fn serve(
    app: &App,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    connection: Connection,
    mut ending: watch::Receiver<bool>,
) {
    let service =
        service_fn(async |request| Ok::<_, Infallible>(answer(app, &connection, request).await));
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIME)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut http = std::pin::pin!(http);
    tokio::select! {
        _ = http.as_mut() => return,
        _ = ending.wait_for(|ends| *ends) => {}
        () = tokio::time::sleep(CONNECTION_TIME) => {}
    }
    http.as_mut().graceful_shutdown();
    let _ = timeout(GRACE, http).await;
}
