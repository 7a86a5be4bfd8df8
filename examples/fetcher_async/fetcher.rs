//! An async fetcher on [tokio](https://crates.io/crates/tokio) and
//! [hyper](https://crates.io/crates/hyper). It needs no TLS, because CRLs and OCSP responses are
//! signed.
//!
//! Copy this file and `rules.rs` of the blocking example into your program. Each request opens a
//! connection. A program that often asks the same responder should keep connections open: the
//! client in hyper-util does.

use http::header::{ACCEPT, CONTENT_TYPE, HOST, LOCATION};
use http::{Method, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use portcullis::revocation::{AsyncRevocationFetcher, FetchFailure, Request};
use tokio::net::{TcpStream, lookup_host};

use super::rules::{Call, Next, Rules};

/// Fetches over http what the rules allow.
#[derive(Clone, Debug)]
pub struct AsyncHttpFetcher {
    rules: Rules,
}

impl AsyncHttpFetcher {
    /// A fetcher under these rules.
    pub fn new(rules: Rules) -> Self {
        Self { rules }
    }

    async fn follow(&self, mut call: Call) -> Result<Vec<u8>, FetchFailure> {
        for _ in 0..=self.rules.redirects {
            let response = self.send(&call).await?;
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            match self
                .rules
                .next(&call, response.status().as_u16(), location)?
            {
                Next::Read => return read(response, call.limit).await,
                Next::Follow(next) => call = next,
            }
        }
        Err(FetchFailure::Refused)
    }

    async fn send(&self, call: &Call) -> Result<Response<Incoming>, FetchFailure> {
        let stream = self.connect(&call.uri).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(unreachable)?;
        // The task ends with the response, or when the response is dropped.
        tokio::spawn(connection);
        let request = message(call).map_err(|_| FetchFailure::Refused)?;
        sender.send_request(request).await.map_err(unreachable)
    }

    /// Connects to an address that the rules allow.
    async fn connect(&self, uri: &Uri) -> Result<TcpStream, FetchFailure> {
        let host = uri.host().ok_or(FetchFailure::Refused)?;
        let port = uri.port_u16().unwrap_or(80);
        let target = format!("{host}:{port}");
        let mut last = FetchFailure::Unreachable;
        for address in lookup_host(target).await.map_err(unreachable)? {
            if !self.rules.allows(address.ip()) {
                last = FetchFailure::Refused;
                continue;
            }
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(_) => last = FetchFailure::Unreachable,
            }
        }
        Err(last)
    }
}

impl AsyncRevocationFetcher for AsyncHttpFetcher {
    async fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        let call = self.rules.call(request)?;
        let answer = tokio::time::timeout(self.rules.time_limit, self.follow(call)).await;
        answer.unwrap_or(Err(FetchFailure::Unreachable))
    }
}

/// The request as HTTP/1.1 writes it: the path in the first line, the host in a header.
fn message(call: &Call) -> http::Result<http::Request<Full<Bytes>>> {
    let host = call.uri.authority().map_or("", |host| host.as_str());
    let path = call.uri.path_and_query().map_or("/", |path| path.as_str());
    let message = http::Request::builder()
        .uri(path)
        .header(HOST, host)
        .header(ACCEPT, call.accept);
    match &call.body {
        Some(body) => message
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/ocsp-request")
            .body(Full::from(body.clone())),
        None => message.body(Full::default()),
    }
}

async fn read(response: Response<Incoming>, limit: usize) -> Result<Vec<u8>, FetchFailure> {
    match Limited::new(response.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(FetchFailure::TooLarge),
        Err(_) => Err(FetchFailure::Unreachable),
    }
}

fn unreachable(_: impl std::error::Error) -> FetchFailure {
    FetchFailure::Unreachable
}
