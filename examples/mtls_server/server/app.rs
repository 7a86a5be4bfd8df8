//! What all connections share, and the task that renews the evidence of revocation.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use portcullis::authentication::{
    AuthenticationCache, CertificateAuthenticator, ChainTrustValidationMode,
};
use portcullis::cache::{CacheOptions, Lifetime};
use portcullis::revocation::{AsyncRevocationFetcher, RefreshOutcome};
use portcullis::rustls::{MissingEvidence, SharedValidator};
use portcullis::{Certificate, CertificateTypes, Pin, Time, TrustStore};
use tokio::sync::Notify;

use super::hosts::Hosts;
use super::metrics::Metrics;
use super::options::Options;
use super::pki::{LIST_SECONDS, Pki};
use crate::fetcher::AsyncHttpFetcher;
use crate::rules::Rules;

/// Lists are renewed when they are this old, which is how late a revocation is noticed at most, but for the next line.
const LIST_AGE: i64 = 2;

/// A request that began before a list was renewed may still have put its verdict into the cache.
const ACCEPTED: Lifetime = Lifetime::seconds(30);

/// What all connections share.
pub struct App {
    pub options: Options,
    pub tls: SocketAddr,
    pub pki: Pki,
    pub hosts: Hosts,
    pub authenticator: CertificateAuthenticator,
    pub cache: Arc<AuthenticationCache>,
    pub fetcher: AsyncHttpFetcher,
    pub metrics: Metrics,
    missing: Arc<MissingEvidence>,
    wake: Arc<Notify>,
}

impl App {
    /// `lists` is where the authority's lists are to be had.
    pub fn new(
        options: Options,
        tls: SocketAddr,
        lists: SocketAddr,
        pki: Pki,
    ) -> Result<Self, Box<dyn Error>> {
        let pinned = Certificate::from_pem_bundle(&pki.read("pinned.pem")?)?;
        let cache = Arc::new(AuthenticationCache::new(
            CacheOptions::default().accepted(ACCEPTED),
        ));
        let authenticator = CertificateAuthenticator::builder()
            .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
            .custom_trust_store(TrustStore::from_pem(&pki.read("root.pem")?)?)
            // Not each client, and no proxy, sends more than the leaf.
            .additional_chain_certificates(Certificate::from_pem_bundle(&pki.read("ca.pem")?)?)
            .allowed_certificate_types(CertificateTypes::All)
            .pins(pinned.iter().map(Pin::certificate))
            .cache(Arc::clone(&cache))
            .build()?;
        let validator = authenticator.validator().clone();
        let validator = Arc::new(SharedValidator::new(validator));
        let wake = Arc::new(Notify::new());
        let waker = Arc::clone(&wake);
        let missing = MissingEvidence::default().on_note(move || waker.notify_one());
        let missing = Arc::new(missing);
        // The authority stands on this machine, and no other is asked.
        let rules = Rules {
            allow_private: true,
            hosts: Some(vec![match lists.ip() {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            }]),
            ..Rules::default()
        };
        Ok(Self {
            hosts: Hosts::new(&pki, tls.port(), &validator, &missing)?,
            options,
            tls,
            pki,
            authenticator,
            cache,
            fetcher: AsyncHttpFetcher::new(rules),
            metrics: Metrics::default(),
            missing,
            wake,
        })
    }

    /// Fetches what handshakes lacked as soon as they say so, and what runs out before it does. What is new ends the verdicts
    /// that rest on what was old.
    pub async fn keep_current(&self) {
        let mut tick = tokio::time::interval(self.options.refresh);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = self.wake.notified() => {}
            }
            let validator = self.authenticator.validator();
            let fetched = self.missing.fetch_async(validator, now(), &self.fetcher);
            let fetched = fetched.await as u64;
            let ahead = (LIST_SECONDS - LIST_AGE).try_into().unwrap_or(0);
            let mut renewed = 0;
            for due in validator.due(now(), ahead) {
                let answer = self.fetcher.fetch(due.request()).await;
                let outcome = validator.refresh(&due, answer, now());
                renewed += u64::from(outcome == RefreshOutcome::Renewed);
            }
            let counted = &self.metrics;
            counted
                .evidence_fetched
                .fetch_add(fetched, Ordering::Relaxed);
            counted
                .evidence_renewed
                .fetch_add(renewed, Ordering::Relaxed);
            if renewed > 0 {
                self.cache.forget(|remembered| remembered.verdict.is_ok());
            }
            self.cache.forget_ended(now());
        }
    }

    /// What `/metrics` says.
    pub fn metrics_text(&self) -> String {
        self.metrics.text(&[
            ("verdicts_remembered", self.cache.len() as u64),
            ("clients_lacking_evidence", self.missing.len() as u64),
            ("clients_left_out", self.missing.left_out()),
        ])
    }
}

/// The time of the system's clock.
pub fn now() -> Time {
    Time::from(SystemTime::now())
}
