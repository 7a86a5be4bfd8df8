//! A piece of evidence, and what the store notes about it.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use super::accounts::Link;
use super::pauses::Backoff;
use super::responses::{About, Summary};
use crate::certificate::Certificate;
use crate::revocation::crl::Crl;
use crate::revocation::judge::Statement;
use crate::revocation::ocsp::OcspResponse;
use crate::revocation::request::{Request, RequestId, Wanted};
use crate::time::Time;

/// What an entry costs beside what can be counted: its slot, its places in the index, its
/// allocations.
const OVERHEAD: usize = 512;

/// Most URLs that are noted for the successor of some evidence.
const MAX_URLS: usize = 8;

/// What is held.
pub(super) enum Held {
    Crl {
        crl: Crl,
        /// The key that signed it, as far as that is known.
        key: Option<Arc<[u8]>>,
    },
    Response {
        response: OcspResponse,
        /// The certificate for which it holds, and what it said of it when it was taken in; `None`
        /// for one that nobody has verified.
        about: Option<(About, Statement<'static>)>,
        summary: Summary,
    },
}

/// A piece of evidence.
pub(super) struct Entry {
    pub(super) held: Held,
    /// Where it came from.
    pub(super) source: Option<Source>,
    /// When it came, or was found to be the newest there is.
    pub(super) seen: Time,
    /// Since when asking again brought nothing newer.
    pub(super) retry: Backoff,
    /// The caller inserted it.
    pub(super) inserted: bool,
    /// Where it stands in its account; what was inserted, and what nobody verified, has none.
    pub(super) link: Option<Link>,
    /// A validation asked for it since it came; one looked at it since room was last made.
    asked_for: AtomicBool,
    used: AtomicBool,
}

impl Entry {
    pub(super) fn new(held: Held, source: Option<Source>, seen: Time) -> Self {
        Self {
            held,
            source,
            seen,
            retry: Backoff::default(),
            inserted: false,
            link: None,
            asked_for: AtomicBool::new(false),
            used: AtomicBool::new(false),
        }
    }

    /// What it takes, in octets.
    pub(super) fn size(&self) -> usize {
        let evidence = match &self.held {
            Held::Crl { crl, key } => crl.memory_size() + key.as_ref().map_or(0, |key| key.len()),
            Held::Response {
                response, about, ..
            } => response.memory_size() + about.as_ref().map_or(0, |(about, _)| about.size()),
        };
        evidence + self.source.as_ref().map_or(0, Source::size) + OVERHEAD
    }

    /// Does it revoke anybody?
    pub(super) fn revokes(&self) -> bool {
        match &self.held {
            Held::Crl { crl, .. } => !crl.is_empty(),
            Held::Response { summary, .. } => summary.is_revoked,
        }
    }

    /// Notes that a validation looked at it.
    pub(super) fn note_use(&self) {
        // Most are in use, and then there is nothing to write: threads that read do not wait.
        for flag in [&self.asked_for, &self.used] {
            if !flag.load(Ordering::Relaxed) {
                flag.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Notes that a validation asked for it.
    pub(super) fn note_asked(&self) {
        self.asked_for.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_asked_for(&self) -> bool {
        self.asked_for.load(Ordering::Relaxed)
    }

    /// Was it used since this was asked last?
    pub(super) fn take_used(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
    }

    pub(super) fn notes(&self) -> Notes {
        Notes {
            source: self.source.clone(),
            inserted: self.inserted,
        }
    }

    /// Takes over what was noted about the evidence that this replaces. Where the old one came from
    /// is asked first from now on too: whoever has a certificate may name a URL that sends
    /// somebody else's CRL, and sends no later one.
    pub(super) fn succeed(&mut self, old: Notes) {
        self.source = match (old.source, self.source.take()) {
            (Some(known), Some(new)) => Some(known.and(new)),
            (known, new) => known.or(new),
        };
        self.inserted |= old.inserted;
    }

    /// A URL sent something of no use: the others are asked before it.
    pub(super) fn ask_last(&mut self, url: &str) {
        let Some(source) = &mut self.source else {
            return;
        };
        if let Some(place) = source.urls.iter().position(|known| known == url) {
            let url = source.urls.remove(place);
            source.urls.push(url);
        }
    }
}

/// What evidence that makes way leaves to its successor.
pub(super) struct Notes {
    pub(super) source: Option<Source>,
    pub(super) inserted: bool,
}

/// Where evidence came from: the certificate about which it was asked for, and the URLs where its
/// successor may be, best first.
///
/// Keep it with the evidence over a restart, and hand it to
/// [`Evidence::insert_crl_from`](super::Evidence::insert_crl_from).
#[derive(Clone, Debug)]
pub struct Source {
    pub(crate) request: Request,
    pub(crate) urls: Vec<String>,
}

impl Source {
    /// A CRL about this certificate, at these URLs. Of more than eight the last are left out.
    #[must_use]
    pub fn of_crl(certificate: Certificate, urls: impl IntoIterator<Item = String>) -> Self {
        let urls: Vec<String> = urls.into_iter().take(MAX_URLS).collect();
        let request = Request {
            id: RequestId(0),
            wanted: Wanted::Crl,
            certificate,
            url: urls.first().cloned().unwrap_or_default(),
        };
        Self { request, urls }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.request.certificate()
    }

    /// The URLs.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    pub(super) fn size(&self) -> usize {
        let urls: usize = self.urls.iter().map(String::capacity).sum();
        let body = self.request.body().map_or(0, <[u8]>::len);
        self.request.certificate.as_der().len() + urls + body
    }

    /// Behind these URLs those of another source. Of too many the last that were known make way.
    fn and(mut self, new: Self) -> Self {
        let mut new = new.urls;
        new.retain(|url| !self.urls.contains(url));
        if !new.is_empty() {
            self.urls.truncate(MAX_URLS - 1);
            let room = MAX_URLS - self.urls.len();
            self.urls.extend(new.into_iter().take(room));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::super::testing::{ListParts, certificate, source};
    use super::*;

    fn from(host: &str) -> Entry {
        let crl = ListParts::default().list();
        let source = source(&certificate("issuer", 7, &[]), None, host);
        let held = Held::Crl { crl, key: None };
        Entry::new(held, Some(source), Time::from_unix(0))
    }

    fn urls(entry: &Entry) -> &[String] {
        entry.source.as_ref().unwrap().urls()
    }

    #[test]
    fn a_known_source_is_asked_before_a_new_one() {
        let mut entry = from("new");
        entry.succeed(from("known").notes());
        assert_eq!(
            urls(&entry),
            [
                "http://known/a",
                "http://known/b",
                "http://new/a",
                "http://new/b"
            ]
        );
        let mut again = from("new");
        again.succeed(entry.notes());
        assert_eq!(urls(&again).len(), 4);
        again.ask_last("http://known/a");
        assert_eq!(urls(&again).last().unwrap(), "http://known/a");
    }

    #[test]
    fn of_many_sources_the_first_stays_and_the_last_is_noted() {
        let mut entry = from("known");
        for number in 0..20 {
            let mut next = from(&format!("{number}"));
            next.succeed(entry.notes());
            entry = next;
        }
        assert_eq!(urls(&entry).len(), MAX_URLS);
        assert_eq!(urls(&entry)[..2], ["http://known/a", "http://known/b"]);
        assert_eq!(urls(&entry)[MAX_URLS - 1], "http://19/a");
    }
}
