//! Starting and ending: the listeners, the task that keeps evidence current, and whoever tells the
//! server to end.

mod address;
mod app;
#[path = "../../../../../examples/make_pki/fresh.rs"]
mod fresh;
mod hosts;
mod listen;
mod load;
mod metrics;
mod options;
mod pki;
#[path = "../../../../../examples/make_pki/private.rs"]
mod private;
mod room;
mod service;

use std::error::Error;
use std::future::Future;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread;

use address::Address;
use app::App;
use listen::{Kind, listen};
use options::Options;
use pki::Pki;
use room::Room;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

/// The whole program.
pub fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::read()? else {
        return Ok(());
    };
    if let Some(time) = options.load {
        return load::run(time);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(options))
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    // Before anybody knows where the server is, and so before anybody tells it to end.
    let terminated = terminated()?;
    let tls = TcpListener::bind(options.tls).await?;
    let plain = TcpListener::bind(options.plain).await?;
    let at = plain.local_addr()?;
    let lists = from_here(at);
    let pki = Pki::open(&options.pki, &format!("http://{lists}/"), &hosts::NAMES)?;
    let app = Arc::new(App::new(options, tls.local_addr()?, lists, pki)?);
    tell(&app, at);

    let (end, ending) = watch::channel(false);
    let of = |kind, listener, room| {
        tokio::spawn(listen(
            Arc::clone(&app),
            kind,
            listener,
            room,
            ending.clone(),
        ))
    };
    let proxied = Room::of_proxies(Address::new(lists.ip()), &app.options.trusted_proxies);
    let listeners = [
        of(Kind::Tls, tls, Room::of_clients()),
        of(Kind::Plain, plain, proxied),
    ];
    let refreshing = Arc::clone(&app);
    let refreshing = tokio::spawn(async move { refreshing.keep_current().await });

    asked_to_end(terminated, app.options.until_stdin_closes).await?;
    let _ = end.send(true);
    for listener in listeners {
        let _ = listener.await;
    }
    refreshing.abort();
    Ok(())
}

/// How this machine reaches a listener of its own.
fn from_here(mut at: SocketAddr) -> SocketAddr {
    if at.ip().is_unspecified() {
        at.set_ip(match at {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    at
}

/// Prints where the server is. Programs read the first line, and may close the pipe then.
fn tell(app: &App, plain: SocketAddr) {
    let (tls, port, folder) = (app.tls, app.tls.port(), app.pki.folder.display());
    let text = format!(
        "\
tls={tls} plain={plain}

asks nobody, and sends on who wants to be known:  https://localhost:{port}/whoami
asks, and answers 403 with a reason:              https://certs.localhost:{port}/whoami
demands, in the handshake:                        https://strict.localhost:{port}/whoami
lists, metrics, a proxy's (--trust-proxy IP --proxy-secret FILE):
  http://{plain}/metrics

curl --cacert {folder}/root.pem --cert {folder}/alice.pem --key {folder}/alice.key \\
  https://certs.localhost:{port}/whoami

others are bob, expired, wrong-eku, pinned and self-signed; to revoke one:
echo bob >> {folder}/revoked.txt
"
    );
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Ends with SIGTERM; from now on the process survives it.
#[cfg(unix)]
fn terminated() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signal = signal(SignalKind::terminate())?;
    Ok(async move {
        signal.recv().await;
    })
}

/// There is no such signal here.
#[cfg(not(unix))]
fn terminated() -> std::io::Result<impl Future<Output = ()>> {
    Ok(std::future::pending())
}

/// Waits for SIGTERM, ctrl-c, or the end of standard input.
async fn asked_to_end(
    terminated: impl Future<Output = ()>,
    until_stdin_closes: bool,
) -> Result<(), Box<dyn Error>> {
    let closed = Arc::new(Notify::new());
    if until_stdin_closes {
        let closed = Arc::clone(&closed);
        thread::spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            closed.notify_one();
        });
    }
    tokio::select! {
        () = terminated => {}
        ended = tokio::signal::ctrl_c() => ended?,
        () = closed.notified() => {}
    }
    Ok(())
}
