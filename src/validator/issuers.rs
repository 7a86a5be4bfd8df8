//! Fetches issuers that nobody presented, from the URLs that certificates name (RFC 5280 section
//! 4.2.2.1).
//!
//! It is off unless the caller allows it, since nobody has vouched yet for the certificates that
//! name the URLs. It asks about each certificate at which a path ended without an issuer, once for
//! each URL. What comes is a candidate like any other, and the budget pays for it as for those that
//! were presented.

use alloc::string::String;
use alloc::vec::Vec;

use crate::certificate::Certificate;
use crate::certificate::extensions::AuthorityInfoAccess;
use crate::narrow;
use crate::path::Budget;
use crate::path::context::{PathContext, PoolId};
use crate::revocation::inquiry::usable_urls;
use crate::revocation::{Answer, Request, RequestId, RequestKind};

/// Numbers of requests for issuers begin here, so that they are not those of evidence.
const FIRST_ID: u32 = 1 << 31;

/// What has been asked for and what came.
#[derive(Default)]
pub(super) struct IssuerFetch {
    certificates: Vec<Certificate>,
    seen: usize,
    asks: Vec<Ask>,
    /// What each request was about, and its URLs.
    sent: Vec<(usize, Vec<String>)>,
}

struct Ask {
    certificate: Certificate,
    /// Those that have not been asked.
    left: Vec<String>,
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

    /// Requests for the issuers of these, to the URLs that have not been asked.
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
            let urls = core::mem::take(&mut ask.left);
            if urls.is_empty() || budget.spend_fetch().is_err() {
                continue;
            }
            let id = RequestId(FIRST_ID + narrow::bounded(self.sent.len()));
            self.sent.push((place, urls.clone()));
            requests.push(Request {
                id,
                kind: RequestKind::IssuerCertificate,
                certificate,
                urls,
                ocsp: None,
            });
        }
        requests
    }

    /// The place of what is asked about a certificate, which joins if it is new.
    fn place(&mut self, certificate: &Certificate) -> usize {
        let known = self
            .asks
            .iter()
            .position(|ask| ask.certificate == *certificate);
        known.unwrap_or_else(|| {
            let access = certificate.readable::<AuthorityInfoAccess<'_>>();
            self.asks.push(Ask {
                certificate: certificate.clone(),
                left: access.map_or(Vec::new(), |access| usable_urls(access.ca_issuer_uris())),
            });
            self.asks.len() - 1
        })
    }

    /// Takes in an answer; false when it is not for one of these requests.
    pub(super) fn provide(&mut self, budget: &mut Budget, id: RequestId, answer: &Answer) -> bool {
        let Some(number) = id.0.checked_sub(FIRST_ID) else {
            return false;
        };
        let (Some((place, urls)), Answer::Body { url, bytes }) =
            (self.sent.get(number as usize), answer)
        else {
            return true;
        };
        if let Ok(certificate) = Certificate::from_der(bytes) {
            let is_known = self.certificates.contains(&certificate);
            if !is_known && budget.spend_certificate(bytes.len()).is_ok() {
                self.certificates.push(certificate);
            }
        }
        // Should it be of no use, those behind it are asked.
        if let Some(ask) = self.asks.get_mut(*place) {
            ask.left = urls
                .get(url.saturating_add(1)..)
                .unwrap_or_default()
                .to_vec();
        }
        true
    }

    /// Has anything come since this was asked last?
    pub(super) fn take_new(&mut self) -> bool {
        let new = self.certificates.len() > self.seen;
        self.seen = self.certificates.len();
        new
    }
}
