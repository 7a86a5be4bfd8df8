//! A server that knows its clients by their certificates: rustls, tokio and hyper, revocation
//! fetched beside the handshakes, claims as JSON, and a listener for a proxy that forwards
//! certificates.
//!
//! ```text
//! cargo run --release -p portcullis-rustls --example mtls_server
//! ```
//!
//! It makes itself an authority to be tried with and prints what to try. In `server/`, `hosts.rs`
//! says who is asked for a certificate, `app.rs` how clients are authenticated and evidence is kept
//! current, `listen.rs` how connections become requests, `room.rs` how many there may be, and
//! `service.rs` how requests are answered; `pki.rs` and `load.rs` are no part of a server.

#[path = "../../../../examples/fetcher_async/fetcher.rs"]
mod fetcher;
#[path = "../../../../examples/fetcher_blocking/rules.rs"]
mod rules;
mod server;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    server::main()
}
