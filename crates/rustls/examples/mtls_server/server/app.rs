//! What all connections share, and the task that renews the evidence of revocation.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use portcullis::authentication::forwarded::{Codec, EscapedPem, nginx};
use portcullis::authentication::{
    AuthenticationCache, CertificateAuthenticator, ChainTrustValidationMode,
};
use portcullis::cache::{CacheOptions, VerdictLifetime};
use portcullis::revocation::{AsyncRevocationFetcher, RefreshOutcome};
use portcullis::{Certificate, CertificateTypes, Pin, Presented, Rule, Time, TrustStore};
use portcullis_rustls::{MissingEvidence, SharedValidator};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::hosts::Hosts;
use super::metrics::Metrics;
use super::options::Options;
use super::pki::{LIST_SECONDS, Pki};
use crate::fetcher::AsyncHttpFetcher;
use crate::rules::Rules;

/// Lists are renewed when they are this old, as soon as the next round of renewal comes. So a
/// revocation is noticed after this time and that between two rounds, or that of a round in which
/// somebody does not answer; but see [`ACCEPTED`].
const LIST_AGE: i64 = 2;

/// How long one URL may take to answer.
const FETCH_TIME: Duration = Duration::from_secs(2);

/// So much is fetched at once, so that an authority that does not answer delays no other.
const AT_ONCE: usize = 16;

/// For how many clients evidence is fetched at once, before others wait.
const MOST_CLIENTS: usize = 256;

/// New evidence ends the verdicts that are remembered. A request that began before it came may put
/// the old verdict into the cache after that, where it stays for so long at most.
const ACCEPTED: VerdictLifetime = VerdictLifetime::seconds(30);

/// What all connections share.
pub struct App {
    pub options: Options,
    pub tls: SocketAddr,
    pub pki: Pki,
    pub hosts: Hosts,
    pub authenticator: CertificateAuthenticator,
    pub cache: Arc<AuthenticationCache>,
    pub fetcher: AsyncHttpFetcher,
    pub nginx: Codec<EscapedPem>,
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
            time_limit: FETCH_TIME,
            allow_private: true,
            hosts: Some(vec![match lists.ip() {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            }]),
            ..Rules::default()
        };
        // Without a secret no proxy is trusted: `Options::read`.
        let nginx = match &options.proxy_secret {
            Some(secret) => nginx().proxy_secret(secret.clone()),
            None => nginx(),
        };
        Ok(Self {
            hosts: Hosts::new(&pki, tls.port(), &validator, &missing)?,
            options,
            tls,
            pki,
            authenticator,
            cache,
            fetcher: AsyncHttpFetcher::new(rules),
            nginx,
            metrics: Metrics::default(),
            missing,
            wake,
        })
    }

    /// Renews evidence before it runs out, and beside that fetches what handshakes lacked as soon
    /// as they say so: who comes with a certificate of an authority that does not answer delays
    /// nobody else's lists.
    pub async fn keep_current(self: &Arc<Self>) {
        tokio::join!(self.renew(), self.catch_up());
    }

    async fn renew(&self) {
        let mut tick = tokio::time::interval(self.options.refresh);
        loop {
            tick.tick().await;
            let renewed = self.renew_due().await;
            self.metrics
                .evidence_renewed
                .fetch_add(renewed, Ordering::Relaxed);
            self.cache.forget_ended(now());
        }
    }

    /// One round; how much of the evidence is new.
    async fn renew_due(&self) -> u64 {
        let validator = self.authenticator.validator();
        let ahead = (LIST_SECONDS - LIST_AGE).try_into().unwrap_or(0);
        let mut waiting = validator.due(now(), ahead).into_iter();
        let mut fetching = JoinSet::new();
        let mut renewed = 0;
        loop {
            while fetching.len() < AT_ONCE
                && let Some(due) = waiting.next()
            {
                let fetcher = self.fetcher.clone();
                fetching.spawn(async move { (fetcher.fetch(due.request()).await, due) });
            }
            let Some(fetched) = fetching.join_next().await else {
                return renewed;
            };
            if let Ok((answer, due)) = fetched
                && validator.refresh(&due, answer, now()) == RefreshOutcome::Renewed
            {
                // At once: the others may take their time.
                self.forget_accepted();
                renewed += 1;
            }
        }
    }

    async fn catch_up(self: &Arc<Self>) {
        let mut fetching = JoinSet::new();
        loop {
            // Who came later does not wait for those whose servers are slow.
            tokio::select! {
                () = self.wake.notified(), if fetching.len() < MOST_CLIENTS => {
                    for presented in self.missing.take() {
                        fetching.spawn(Arc::clone(self).catch_up_with(presented));
                    }
                }
                Some(_) = fetching.join_next() => {}
            }
        }
    }

    async fn catch_up_with(self: Arc<Self>, presented: Presented) {
        let validator = self.authenticator.validator();
        // The verdict is the next handshake's to report.
        let verdict = validator.validate_async(&presented, now(), &self.fetcher);
        let rule = verdict.await.err().map(|rejected| rejected.error().rule);
        if !matches!(rule, Some(Rule::RevocationUnknown(_))) {
            self.forget_accepted();
            self.metrics
                .evidence_fetched
                .fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Ends the verdicts that rest on what was known before.
    fn forget_accepted(&self) {
        self.cache.forget(|remembered| remembered.verdict.is_ok());
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
