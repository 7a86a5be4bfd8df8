//! What the store notes about any piece of evidence, and which one it gives up first.

use alloc::string::String;
use alloc::vec::Vec;

use super::pauses::Backoff;
use crate::revocation::request::Request;

/// What an entry costs beside what can be counted: its slot, its places in the index, its
/// allocations.
const OVERHEAD: usize = 512;

/// Most URLs that are noted for the successor of some evidence.
const MAX_URLS: usize = 8;

/// Where evidence came from: the request that brought it, and the URLs where its successor may be,
/// best first.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) request: Request,
    pub(crate) urls: Vec<String>,
}

impl Source {
    fn size(&self) -> usize {
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

/// About some evidence: where it came from, what it costs, when it was used.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The request that brought it, or one that is as good.
    pub(super) source: Option<Source>,
    /// Since when asking again brought nothing newer.
    pub(super) retry: Backoff,
    /// The caller inserted it.
    pub(super) inserted: bool,
    /// A validation looked at it since it came.
    pub(super) in_use: bool,
    /// The store's count of uses at its last one.
    pub(super) last_used: u64,
    /// What the evidence itself takes, in octets.
    pub(super) evidence: usize,
}

impl Record {
    pub(super) fn size(&self) -> usize {
        let source = self.source.as_ref().map_or(0, Source::size);
        self.evidence + source + OVERHEAD
    }

    /// Takes over what was noted about the evidence that this replaces. Where the old one came from
    /// is asked first from now on too: whoever has a certificate may name a URL that sends
    /// somebody else's list, and sends no later one.
    pub(super) fn succeed(&mut self, old: Self) {
        self.source = match (old.source, self.source.take()) {
            (Some(known), Some(new)) => Some(known.and(new)),
            (known, new) => known.or(new),
        };
        self.inserted |= old.inserted;
    }

    /// The same evidence came again.
    pub(super) fn meet(&mut self, again: Self) {
        self.source = self.source.take().or(again.source);
        self.inserted |= again.inserted;
        self.in_use |= again.in_use;
        self.last_used = self.last_used.max(again.last_used);
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

/// What evidence is worth: the least is given up first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// A response that has run out and revokes nothing: it decides nothing any more.
    RanOut,
    /// A list that has run out and names nobody.
    EmptyList,
    /// A response that says good: the client or its responder brings another one.
    Good,
    /// A response that says revoked: whoever it is about would rather see an older one count.
    Revoked,
    /// A list of a key that has more than its share.
    Excess,
    /// A list whose signature has held.
    List,
    /// What the caller inserted.
    Inserted,
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::super::testing::{certificate, source};
    use super::*;

    fn from(host: &str) -> Record {
        Record {
            source: Some(source(&certificate("issuer", 7, &[]), None, host)),
            ..Record::default()
        }
    }

    fn urls(record: &Record) -> &[String] {
        &record.source.as_ref().unwrap().urls
    }

    #[test]
    fn a_known_source_is_asked_before_a_new_one() {
        let mut record = from("new");
        record.succeed(from("known"));
        assert_eq!(
            urls(&record),
            [
                "http://known/a",
                "http://known/b",
                "http://new/a",
                "http://new/b"
            ]
        );
        let mut again = from("new");
        again.succeed(record);
        assert_eq!(urls(&again).len(), 4);
        let mut first = from("new");
        first.succeed(Record::default());
        assert_eq!(urls(&first), ["http://new/a", "http://new/b"]);
    }

    #[test]
    fn of_many_sources_the_first_stays_and_the_last_is_noted() {
        let mut record = from("known");
        for number in 0..20 {
            let mut next = from(&format!("{number}"));
            next.succeed(record);
            record = next;
        }
        assert_eq!(urls(&record).len(), MAX_URLS);
        let hosts: Vec<&str> = ["http://known/a", "http://known/b"].into();
        assert_eq!(urls(&record)[..2], hosts);
        assert_eq!(urls(&record)[MAX_URLS - 1], "http://19/a");
    }
}
