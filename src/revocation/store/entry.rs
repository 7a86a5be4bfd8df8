//! A piece of evidence, and what the store notes about it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use super::accounts::Link;
use super::pauses::Backoff;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Crl(Crl),
    Response(OcspResponse),
}

impl Held {
    pub(super) fn crl(&self) -> Option<&Crl> {
        match self {
            Self::Crl(crl) => Some(crl),
            Self::Response(_) => None,
        }
    }

    pub(super) fn response(&self) -> Option<&OcspResponse> {
        match self {
            Self::Response(response) => Some(response),
            Self::Crl(_) => None,
        }
    }

    /// Is all of it verified once it is verified for one certificate? A response with several
    /// statements still speaks of others, for whom nobody has verified it.
    pub(super) fn is_one_statement(&self) -> bool {
        self.response()
            .is_none_or(|response| response.singles().nth(1).is_none())
    }

    /// A delta CRL and a complete one come from different URLs.
    pub(super) fn is_delta(&self) -> bool {
        self.crl().is_some_and(Crl::is_delta)
    }
}

/// The certificate for which a response was found to hold.
pub(super) struct About {
    pub(super) serial: Box<[u8]>,
    /// The issuer's name, as the certificate has it.
    pub(super) issuer: Box<[u8]>,
    /// What the response said of it when it was taken in.
    pub(super) said: Statement<'static>,
}

impl About {
    pub(super) fn new(certificate: &Certificate, said: Statement<'static>) -> Self {
        Self {
            serial: certificate.serial().into(),
            issuer: certificate.issuer().as_der().into(),
            said,
        }
    }

    pub(super) fn is(&self, certificate: &Certificate) -> bool {
        *self.serial == *certificate.serial() && *self.issuer == *certificate.issuer().as_der()
    }

    fn size(&self) -> usize {
        self.serial.len() + self.issuer.len()
    }
}

/// What evidence says, for whoever lists the store; of several certificates what is the least
/// favourable.
#[derive(Clone, Copy)]
pub(super) struct Summary {
    pub(super) this_update: Time,
    pub(super) next_update: Option<Time>,
    /// Does it revoke anybody?
    pub(super) is_revoked: bool,
}

impl Summary {
    pub(super) fn and(self, other: Self) -> Self {
        let ends = self.next_update.zip(other.next_update);
        Self {
            this_update: self.this_update.max(other.this_update),
            // Without an end it does not run out.
            next_update: ends.map(|(a, b)| a.max(b)),
            is_revoked: self.is_revoked || other.is_revoked,
        }
    }
}

/// A piece of evidence.
pub(super) struct Entry {
    pub(super) held: Held,
    /// The key that signed a CRL, or that of the issuer of whose certificate a response speaks;
    /// `None` for what nobody has verified.
    pub(super) key: Option<Arc<[u8]>>,
    /// The certificate for which a response was found to hold.
    pub(super) about: Option<About>,
    pub(super) summary: Summary,
    /// Where it came from.
    pub(super) source: Option<Source>,
    /// When it came, or was found to be the newest there is.
    pub(super) seen: Time,
    /// Since when asking again brought nothing newer.
    pub(super) retry: Backoff,
    /// Where it stands among the accounts.
    pub(super) link: Link,
    /// A validation asked for it since it came; one looked at it since room was last made.
    pub(super) asked_for: AtomicBool,
    used: AtomicBool,
}

impl Entry {
    pub(super) fn new(
        held: Held,
        summary: Summary,
        key: Option<Arc<[u8]>>,
        source: Option<Source>,
    ) -> Self {
        Self {
            held,
            key,
            about: None,
            summary,
            source,
            seen: summary.this_update,
            retry: Backoff::default(),
            link: Link::default(),
            asked_for: AtomicBool::new(false),
            used: AtomicBool::new(false),
        }
    }

    pub(super) fn of_crl(crl: Crl, key: Option<Arc<[u8]>>, source: Option<Source>) -> Self {
        let summary = Summary {
            this_update: crl.this_update(),
            next_update: crl.next_update(),
            is_revoked: !crl.is_empty(),
        };
        Self::new(Held::Crl(crl), summary, key, source)
    }

    /// What it takes, in octets.
    pub(super) fn size(&self) -> usize {
        let evidence = match &self.held {
            Held::Crl(crl) => crl.memory_size(),
            Held::Response(response) => response.memory_size(),
        };
        let key = self.key.as_ref().map_or(0, |key| key.len());
        let about = self.about.as_ref().map_or(0, About::size);
        evidence + key + about + self.source.as_ref().map_or(0, Source::size) + OVERHEAD
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

    /// Is it asked for, so that its successor will be?
    pub(super) fn is_asked_for(&self) -> bool {
        matches!(self.held, Held::Crl(_)) || self.asked_for.load(Ordering::Relaxed)
    }

    /// Was it used since this was asked last?
    pub(super) fn take_used(&mut self) -> bool {
        core::mem::take(self.used.get_mut())
    }

    /// Takes over where the evidence came from that this replaces. That is asked first from now on
    /// too: whoever has a certificate may name a URL that sends somebody else's CRL, and sends no
    /// later one.
    pub(super) fn succeed(&mut self, source: Option<Source>) {
        self.source = match (source, self.source.take()) {
            (Some(known), Some(new)) => Some(known.and(new)),
            (known, new) => known.or(new),
        };
    }

    /// A URL sent something of no use: the others are asked before it.
    pub(super) fn ask_last(&mut self, url: &str) {
        if let Some(source) = &mut self.source {
            // The order of the others stays.
            source.urls.sort_by_key(|known| known == url);
        }
    }
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
            below_anchor: None,
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

    /// The same at these URLs; `None` where there are none.
    pub(super) fn at(&self, urls: Vec<String>) -> Option<Self> {
        let url = urls.first()?.clone();
        let request = Request {
            url,
            ..self.request.clone()
        };
        Some(Self { request, urls })
    }

    pub(super) fn size(&self) -> usize {
        let urls: usize = self.urls.iter().map(String::capacity).sum();
        let body = self.request.body().map_or(0, <[u8]>::len);
        self.request.certificate.as_der().len() + urls + body
    }

    /// Behind these URLs those of another source. Of too many the last that were known make way.
    fn and(mut self, mut new: Self) -> Self {
        new.urls.retain(|url| !self.urls.contains(url));
        if !new.urls.is_empty() {
            self.urls.truncate(MAX_URLS - 1);
        }
        self.urls.extend(new.urls);
        self.urls.truncate(MAX_URLS);
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
        Entry::of_crl(crl, None, Some(source))
    }

    fn urls(entry: &Entry) -> &[String] {
        entry.source.as_ref().unwrap().urls()
    }

    #[test]
    fn a_known_source_is_asked_before_a_new_one() {
        let mut entry = from("new");
        entry.succeed(from("known").source);
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
        again.succeed(entry.source);
        assert_eq!(urls(&again).len(), 4);
        again.ask_last("http://known/a");
        assert_eq!(urls(&again).last().unwrap(), "http://known/a");
    }

    #[test]
    fn of_many_sources_the_first_stays_and_the_last_is_noted() {
        let mut entry = from("known");
        for number in 0..20 {
            let mut next = from(&format!("{number}"));
            next.succeed(entry.source.take());
            entry = next;
        }
        assert_eq!(urls(&entry).len(), MAX_URLS);
        assert_eq!(urls(&entry)[..2], ["http://known/a", "http://known/b"]);
        assert_eq!(urls(&entry)[MAX_URLS - 1], "http://19/a");
    }
}
