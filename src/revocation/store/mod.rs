//! Evidence that outlives a validation: lists and responses by what they speak for, and the URLs that did not answer.
//!
//! What a validation verified under a path to an anchor is kept for the next one, and so is what the caller inserts; what a
//! peer sends and nobody vouches for is not. A newer statement takes the place of an older one, never the other way round,
//! whatever the order in which they come. Evidence that ran out stays until its successor comes: it clears nobody, but
//! whom it revokes stays revoked.
//!
//! All that is held takes a bounded number of octets, and this bound wins over all else. When it is reached, evidence is
//! given up in this order, of each kind what was not used for longest:
//!
//! 1. responses that ran out and revoke nobody, and lists that ran out and name nobody;
//! 2. responses that say good, then those that say revoked;
//! 3. lists that validations verified;
//! 4. what the caller inserted.
//!
//! Responses make way until an eighth of the bound is free, so that a full store does not sort its entries for each new
//! one; lists until the bound is met. So no response, of which every client has one, ever drives out a list.
//!
//! Looking something up costs a hash and a comparison with what shares it, however much is held.

mod due;
mod lists;
mod pauses;
mod record;
mod responses;
#[cfg(feature = "std")]
mod shared;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod view;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

pub use due::{Due, MAX_DUE};
pub(super) use lists::Kept;
#[cfg(feature = "std")]
pub use shared::SharedEvidence;
pub use view::{KeptList, KeptResponse};

pub(super) use due::Subject;

use super::crl::Crl;
use super::ocsp::{IssuerHashes, OcspResponse};
use super::request::Request;
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::time::Time;
use lists::Lists;
use pauses::Pauses;
use record::Worth;
use responses::Responses;
use table::Place;

/// Most octets that are held by default.
const DEFAULT_MAX_BYTES: usize = 64 * 1024 * 1024;

/// Where validations share evidence.
///
/// It stands behind a trait so that it works without `std`: there the caller wraps an [`Evidence`] in the lock of
/// the target. With `std`, [`SharedEvidence`] is ready to use.
pub trait EvidenceStore: Send + Sync + fmt::Debug {
    /// Runs some short work on the evidence, under the lock. Nothing slow runs in it: no signature, no fetch.
    fn with(&self, work: &mut dyn FnMut(&mut Evidence));
}

/// Lists and responses at hand, and the URLs that did not answer.
///
/// ```
/// use portcullis::revocation::{Crl, Evidence};
///
/// let mut evidence = Evidence::new().max_bytes(16 * 1024 * 1024);
/// // A list that came by mail counts as soon as a validation finds that its issuer signed it.
/// let list = Crl::from_pem(include_bytes!("../../../testdata/crls/crl-root-revoking.pem"))?;
/// evidence.insert_list(list)?;
///
/// for kept in evidence.lists() {
///     assert!(!kept.is_verified());
///     println!("{}: {} octets", kept.list().issuer(), kept.size());
/// }
/// evidence.flush();
/// assert!(evidence.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Evidence {
    lists: Lists,
    responses: Responses,
    pauses: Pauses,
    max_bytes: usize,
    /// Counts uses, to know which was last.
    uses: u64,
    /// The time of the last validation that kept something.
    clock: Time,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            lists: Lists::default(),
            responses: Responses::default(),
            pauses: Pauses::default(),
            max_bytes: DEFAULT_MAX_BYTES,
            uses: 0,
            clock: Time::from_unix(i64::MIN),
        }
    }
}

/// A list or response that takes more than the whole store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooLarge {
    /// What it takes, in octets.
    pub bytes: usize,
    /// The bound of the store.
    pub max: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, max } = self;
        write!(f, "evidence of {bytes} octets in a store of {max}")
    }
}

impl core::error::Error for TooLarge {}

impl Evidence {
    /// No evidence.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds at most so many octets. Default: 64 MiB. What a list takes is told by [`Crl::memory_size`]; to that come
    /// some hundred octets for each entry and the request that brought it. A response is counted for each certificate
    /// for which it is held.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self.make_room();
        self
    }

    /// Asks URLs that failed again at once. Default: such a URL waits, 1 second and twice as long with each further
    /// failure, at most 5 minutes; an answer ends that, be it of use or not.
    #[must_use]
    pub fn without_pauses(mut self) -> Self {
        self.pauses.enabled = false;
        self.pauses.clear();
        self
    }

    /// Adds a list by hand. It counts as soon as a validation finds that it is signed by whom it must be, and stands beside all
    /// others until then; afterwards the newer one wins.
    ///
    /// # Errors
    /// When it is larger than the store.
    pub fn insert_list(&mut self, list: Crl) -> Result<(), TooLarge> {
        let mut entry = lists::Entry::new(&list, None, None);
        entry.record.last_used = self.next_use();
        self.fits(entry.record.size())?;
        self.lists.insert(entry);
        self.make_room();
        Ok(())
    }

    /// Adds a response by hand, as [`insert_list`](Self::insert_list) does with lists.
    ///
    /// # Errors
    /// When it is larger than the store.
    pub fn insert_response(&mut self, response: OcspResponse) -> Result<(), TooLarge> {
        let Some(mut entry) = responses::Entry::unverified(&response) else {
            return Ok(());
        };
        entry.record.last_used = self.next_use();
        self.fits(entry.record.size())?;
        self.responses.insert(entry);
        self.make_room();
        Ok(())
    }

    /// Forgets everything: the evidence and the URLs that failed.
    ///
    /// With it goes the protection against replays: an older list that is still current counts again.
    pub fn flush(&mut self) {
        self.lists = Lists::default();
        self.responses = Responses::default();
        self.pauses.clear();
    }

    /// Forgets the lists of this issuer and the responses about the certificates that it issued.
    pub fn flush_issuer(&mut self, issuer: &Name<'_>) {
        let lists = self.lists.iter();
        let lists = lists.filter(|(_, entry)| entry.list.issuer().matches(issuer));
        let lists: Vec<Place> = lists.map(|(place, _)| place).collect();
        for place in lists {
            self.lists.remove(place);
        }
        let responses = self.responses.iter();
        let responses = responses.filter(|(_, entry)| Responses::is_of(entry, issuer));
        let responses: Vec<Place> = responses.map(|(place, _)| place).collect();
        for place in responses {
            self.responses.remove(place);
        }
    }

    /// The lists, in no order.
    pub fn lists(&self) -> impl Iterator<Item = KeptList<'_>> {
        self.lists.iter().map(|(_, entry)| KeptList(entry))
    }

    /// The responses, in no order; one that holds for several certificates comes once for each.
    pub fn responses(&self) -> impl Iterator<Item = KeptResponse<'_>> {
        self.responses.iter().map(|(_, entry)| KeptResponse(entry))
    }

    /// How many lists and responses are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lists.len() + self.responses.len()
    }

    /// True when nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is held takes so many octets.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lists.bytes() + self.responses.bytes()
    }

    /// The lists that may speak of a certificate, each with the key that signed it, where that is known.
    pub(crate) fn lists_for(&mut self, certificate: &Certificate) -> Vec<(Crl, Option<Arc<[u8]>>)> {
        let now = self.next_use();
        let places = self.lists.places_for(certificate);
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            if let Some(record) = self.lists.record(place) {
                record.last_used = now;
                record.in_use = true;
            }
            let entry = self.lists.get(place);
            found.extend(entry.map(|entry| (entry.list.clone(), entry.key.clone())));
        }
        found
    }

    /// The responses that speak of the certificate that this issuer gave this serial number.
    pub(crate) fn responses_about(
        &mut self,
        serial: &[u8],
        issuer: &IssuerHashes<'_>,
    ) -> Vec<OcspResponse> {
        let now = self.next_use();
        let places = self.responses.places_for(serial, issuer);
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            if let Some(record) = self.responses.record(place) {
                record.last_used = now;
                record.in_use = true;
            }
            let entry = self.responses.get(place);
            found.extend(entry.map(|entry| entry.response.clone()));
        }
        found
    }

    /// Keeps a list whose signature has held under a key, and where it came from.
    pub(crate) fn keep_list(
        &mut self,
        list: &Crl,
        key: &Arc<[u8]>,
        source: Option<&Request>,
        at: Time,
    ) -> Kept {
        let mut entry = lists::Entry::new(list, Some(key), source);
        self.clock = at;
        entry.record.last_used = self.next_use();
        entry.record.in_use = true;
        if self.fits(entry.record.size()).is_err() {
            return Kept::TooLarge;
        }
        let kept = self.lists.keep(entry);
        self.make_room();
        kept
    }

    /// Keeps a response that holds for a certificate of the issuer with this key, and where it came from.
    pub(crate) fn keep_response(
        &mut self,
        response: &OcspResponse,
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        source: Option<&Request>,
        at: Time,
    ) -> Kept {
        let entry = responses::Entry::about(response, certificate, issuer_key, source);
        let Some(mut entry) = entry else {
            return Kept::Known;
        };
        self.clock = at;
        entry.record.last_used = self.next_use();
        entry.record.in_use = true;
        if self.fits(entry.record.size()).is_err() {
            return Kept::TooLarge;
        }
        let kept = self.responses.keep(entry);
        self.make_room();
        kept
    }

    /// Has this URL failed lately?
    pub(crate) fn is_paused(&mut self, url: &str, at: Time) -> bool {
        self.pauses.lasts(url, at)
    }

    /// A URL did not answer.
    pub(crate) fn note_failure(&mut self, url: &str, at: Time) {
        self.pauses.failed(url, at);
    }

    /// A URL answered, whatever it said.
    pub(crate) fn note_answer(&mut self, url: &str) {
        self.pauses.answered(url);
    }

    fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    fn fits(&self, bytes: usize) -> Result<(), TooLarge> {
        let max = self.max_bytes;
        if bytes > max {
            return Err(TooLarge { bytes, max });
        }
        Ok(())
    }

    /// Gives up what is worth least until the rest fits.
    fn make_room(&mut self) {
        if self.bytes() <= self.max_bytes {
            return;
        }
        enum Held {
            List(Place),
            Response(Place),
        }
        let at = self.clock;
        let lists = self.lists.iter().map(|(place, entry)| {
            let used = entry.record.last_used;
            (entry.worth(at), used, Held::List(place))
        });
        let responses = self.responses.iter().map(|(place, entry)| {
            let used = entry.record.last_used;
            (entry.worth(at), used, Held::Response(place))
        });
        let mut all: Vec<_> = lists.chain(responses).collect();
        all.sort_unstable_by_key(|(worth, used, _)| (*worth, *used));
        for (worth, _, held) in all {
            let enough = if worth < Worth::List {
                self.max_bytes - self.max_bytes / 8
            } else {
                self.max_bytes
            };
            if self.bytes() <= enough {
                return;
            }
            match held {
                Held::List(place) => drop(self.lists.remove(place)),
                Held::Response(place) => drop(self.responses.remove(place)),
            }
        }
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("lists", &self.lists.len())
            .field("responses", &self.responses.len())
            .field("bytes", &self.bytes())
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

/// Has this URL failed lately?
pub(crate) fn paused(store: Option<&dyn EvidenceStore>, url: &str, at: Time) -> bool {
    let mut paused = false;
    if let Some(store) = store {
        store.with(&mut |evidence| paused = evidence.is_paused(url, at));
    }
    paused
}

/// Notes that these URLs did not answer, and that one did.
pub(super) fn note_answers<S: AsRef<str>>(
    store: Option<(&dyn EvidenceStore, Time)>,
    failed: &[S],
    answered: Option<&S>,
) {
    let Some((store, at)) = store else { return };
    store.with(&mut |evidence| {
        for url in failed {
            evidence.note_failure(url.as_ref(), at);
        }
        if let Some(url) = answered {
            evidence.note_answer(url.as_ref());
        }
    });
}
