#![doc = include_str!("proxies.md")]

mod client;
mod codec;
mod constant_time;
mod encoding;
mod error;
mod format;
mod header_reader;
mod headers;
mod peer;
mod proxy_secret;
#[cfg(test)]
mod testing;

// The formats, one in each file. Some proxies share one. To add a format, write
// 1. a file with its `ValueFormat`, the function that makes its codec, and tests, first of all
//    `testing::behaves`;
// 2. a `pub mod` and a `pub use` here;
// 3. a row of the table and a section with the proxy's settings and its secret in proxies.md;
// 4. a line in the fuzz target `forwarded`, and one in `fuzz/examples/seed.rs` where its encoding
//    is new.
// `tests/programs/formats.rs` checks that none of these is missing.
mod base64_der;
mod escaped_pem;
mod xfcc;

pub mod apache;
pub mod aspnet;
pub mod aws_alb;
pub mod azure;
pub mod caddy;
pub mod cloudflare;
pub mod envoy;
pub mod google_cloud;
pub mod haproxy;
pub mod hex;
pub mod nginx;
pub mod rfc9440;
pub mod traefik;

pub use apache::apache;
pub use aspnet::aspnet;
pub use aws_alb::{aws_alb_passthrough, aws_alb_verify};
pub use azure::azure;
pub use base64_der::Base64Der;
pub use caddy::caddy;
pub use client::{BehindProxy, ChoiceError, ClientCertificate, Forwarded, Provenance};
pub use cloudflare::{cloudflare, cloudflare_pem};
pub use codec::{Codec, InvalidConfirmation};
pub use encoding::base64::Padding;
pub use envoy::envoy;
pub use error::{ForwardedError, HeaderFault};
pub use escaped_pem::EscapedPem;
pub use format::Format;
pub use google_cloud::google_cloud;
pub use haproxy::haproxy;
pub use header_reader::ForwardedLimits;
pub(super) use headers::single;
pub use headers::{HeaderName, Headers, InvalidHeaderName, RepeatedHeader};
pub use hex::hex;
pub use nginx::nginx;
pub use peer::{Peer, UntrustedHeader};
pub use proxy_secret::{InvalidProxySecret, ProxySecret};
pub use rfc9440::rfc9440;
pub use traefik::traefik;
