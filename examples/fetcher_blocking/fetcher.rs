//! A blocking fetcher on [ureq](https://crates.io/crates/ureq). It needs no TLS, because CRLs and
//! OCSP responses are signed.
//!
//! Copy this file and `rules.rs` into your program. The rules decide which URLs and addresses may
//! be asked.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, Instant};

use http::{Response, Uri};
use portcullis::revocation::{FetchFailure, Request, RevocationFetcher};
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Error};

use super::rules::{Call, Next, Rules};

/// Fetches over http what the rules allow.
#[derive(Debug)]
pub struct HttpFetcher {
    rules: Rules,
    agent: Agent,
}

impl HttpFetcher {
    /// A fetcher under these rules.
    pub fn new(rules: Rules) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // `fetch` follows redirects, so that the rules apply to each.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build();
        let resolver = Guard {
            rules: rules.clone(),
            inner: DefaultResolver::default(),
        };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Self { rules, agent }
    }

    fn send(&self, call: &Call, time_limit: Duration) -> Result<Response<Body>, Error> {
        // ureq takes zero for no limit.
        let time_limit = Some(time_limit.max(Duration::from_millis(1)));
        match &call.body {
            Some(body) => {
                let post = self.agent.post(&call.uri).header("accept", call.accept);
                let post = post.content_type("application/ocsp-request");
                post.config()
                    .timeout_global(time_limit)
                    .build()
                    .send(&body[..])
            }
            None => {
                let get = self.agent.get(&call.uri).header("accept", call.accept);
                get.config().timeout_global(time_limit).build().call()
            }
        }
    }
}

impl RevocationFetcher for HttpFetcher {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        let mut call = self.rules.call(request)?;
        let end = Instant::now() + self.rules.time_limit;
        for _ in 0..=self.rules.redirects {
            let response = self.send(&call, end.saturating_duration_since(Instant::now()));
            let response = response.map_err(failure)?;
            let location = response.headers().get("location");
            let location = location.and_then(|value| value.to_str().ok());
            match self
                .rules
                .next(&call, response.status().as_u16(), location)?
            {
                Next::Read => return read(response, call.limit),
                Next::Follow(next) => call = next,
            }
        }
        Err(FetchFailure::Refused)
    }
}

fn read(mut response: Response<Body>, limit: usize) -> Result<Vec<u8>, FetchFailure> {
    // Versions of ureq differ on a body that is exactly as long as the limit. So the limit is one
    // octet more, and checked here.
    let body = response.body_mut().with_config().limit(limit as u64 + 1);
    let bytes = body.read_to_vec().map_err(failure)?;
    if bytes.len() > limit {
        return Err(FetchFailure::TooLarge);
    }
    Ok(bytes)
}

fn failure(error: Error) -> FetchFailure {
    match error {
        Error::BodyExceedsLimit(_) | Error::LargeResponseHeader(..) => FetchFailure::TooLarge,
        Error::Other(error) if error.is::<NotAllowed>() => FetchFailure::Refused,
        _ => FetchFailure::Unreachable,
    }
}

/// Resolves names, and keeps the addresses that the rules allow. ureq connects to no other.
#[derive(Debug)]
struct Guard {
    rules: Rules,
    inner: DefaultResolver,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        for address in found.iter().filter(|found| self.rules.allows(found.ip())) {
            allowed.push(*address);
        }
        if allowed.is_empty() {
            return Err(Error::Other(Box::new(NotAllowed)));
        }
        Ok(allowed)
    }
}

/// The rules allow none of the addresses of a name.
#[derive(Debug)]
struct NotAllowed;

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is not one of the public internet")
    }
}

impl StdError for NotAllowed {}
