//! A server that knows its clients by their certificates: rustls, tokio and hyper, revocation
//! fetched beside the handshakes, claims as JSON, and a listener for a proxy that forwards
//! certificates.
//!
//! ```text
//! cargo run --release --example mtls_server
//! ```
//!
//! It makes itself an authority to be tried with and prints what to try. In `server/`, `hosts.rs`
//! says who is asked for a certificate, `app.rs` how clients are authenticated and evidence is kept
//! current, `listen.rs` how connections become requests, `room.rs` how many there may be, and
//! `service.rs` how requests are answered; `pki.rs` and `load.rs` are no part of a server.

#[cfg(feature = "rustls")]
#[path = "../fetcher_async/fetcher.rs"]
mod fetcher;
#[cfg(feature = "rustls")]
#[path = "../fetcher_blocking/rules.rs"]
mod rules;
#[cfg(feature = "rustls")]
mod server;

#[cfg(feature = "rustls")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    server::main()
}

/// The same once more, with the feature that it needs.
#[cfg(not(feature = "rustls"))]
fn main() -> std::io::Result<std::process::ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut again = std::process::Command::new(cargo);
    again
        .args(["run", "--features", "rustls", "--example", "mtls_server"])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ]);
    if !cfg!(debug_assertions) {
        again.arg("--release");
    }
    again.arg("--").args(std::env::args_os().skip(1));
    become_another(again)
}

/// Whoever ends this process ends the other.
#[cfg(all(not(feature = "rustls"), unix))]
fn become_another(mut program: std::process::Command) -> std::io::Result<std::process::ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(&mut program))
}

/// A second process, in which ctrl-c arrives too.
#[cfg(all(not(feature = "rustls"), not(unix)))]
fn become_another(mut program: std::process::Command) -> std::io::Result<std::process::ExitCode> {
    let done = program.status()?.success();
    Ok(if done {
        std::process::ExitCode::SUCCESS
    } else {
        std::process::ExitCode::FAILURE
    })
}
