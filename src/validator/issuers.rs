//! Fetches issuers that were not presented, from the URLs in certificates (RFC 5280 section
//! 4.2.2.1).
//!
//! This is off by default, since nobody vouches for the certificates that contain the URLs. It asks
//! for the issuer of each certificate at which a path ended without one, at each URL once. A
//! fetched certificate is a candidate like any other and is charged to the budget like those that
//! were presented.

use alloc::string::String;
use alloc::vec::Vec;

use crate::certificate::Certificate;
use crate::certificate::extensions::AuthorityInfoAccess;
use crate::path::Budget;
use crate::path::context::{PathContext, PoolId};
use crate::revocation::inquiry::usable_urls;
use crate::revocation::{Answer, Request, RequestId, Wanted};

/// IDs of requests for issuers begin here, to keep them apart from those for evidence.
const FIRST_ID: u32 = 1 << 31;

/// The requests for issuers and the certificates that were fetched.
#[derive(Default)]
pub(super) struct IssuerFetch {
    certificates: Vec<Certificate>,
    seen: usize,
    asks: Vec<Ask>,
    sent: u32,
}

struct Ask {
    certificate: Certificate,
    urls: Vec<String>,
    /// The number of URLs that have been tried.
    tried: usize,
}

impl IssuerFetch {
    pub(super) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The certificates whose issuer was not found.
    pub(super) fn wanted(context: &PathContext<'_>, without_issuer: &[PoolId]) -> Vec<Certificate> {
        let ids = without_issuer.iter();
        ids.map(|&id| context.certificate(id).clone()).collect()
    }

    /// Requests for the issuers of these certificates, each to the next URL.
    pub(super) fn requests(
        &mut self,
        wanted: Vec<Certificate>,
        budget: &mut Budget,
    ) -> Vec<Request> {
        let mut requests = Vec::new();
        for certificate in wanted {
            let place = self.place(&certificate);
            let Some(ask) = self.asks.get_mut(place) else {
                continue;
            };
            let Some(url) = ask.urls.get(ask.tried).cloned() else {
                continue;
            };
            if budget.spend_fetch().is_err() {
                continue;
            }
            ask.tried += 1;
            requests.push(Request {
                id: RequestId(FIRST_ID + self.sent),
                wanted: Wanted::IssuerCertificate,
                certificate,
                url,
                below_anchor: None,
            });
            self.sent += 1;
        }
        requests
    }

    /// The index of the entry for a certificate, which is added if it is new.
    fn place(&mut self, certificate: &Certificate) -> usize {
        let mut asks = self.asks.iter();
        let known = asks.position(|ask| ask.certificate == *certificate);
        known.unwrap_or_else(|| {
            let access = certificate.readable::<AuthorityInfoAccess<'_>>();
            self.asks.push(Ask {
                certificate: certificate.clone(),
                urls: access.map_or(Vec::new(), |access| usable_urls(access.ca_issuer_uris())),
                tried: 0,
            });
            self.asks.len() - 1
        })
    }

    /// Accepts an answer. Returns false if it is not for one of these requests.
    pub(super) fn provide(&mut self, budget: &mut Budget, id: RequestId, answer: &Answer) -> bool {
        if id.0 < FIRST_ID {
            return false;
        }
        if id.0 - FIRST_ID < self.sent
            && let Ok(bytes) = &answer.came
            && let Ok(certificate) = Certificate::from_der(bytes)
        {
            let is_known = self.certificates.contains(&certificate);
            if !is_known && budget.spend_certificate(bytes.len()).is_ok() {
                self.certificates.push(certificate);
            }
        }
        true
    }

    /// Whether any certificate has been fetched since the last call.
    pub(super) fn take_new(&mut self) -> bool {
        let new = self.certificates.len() > self.seen;
        self.seen = self.certificates.len();
        new
    }
}
