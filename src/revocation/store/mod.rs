//! Evidence that outlives a validation: lists and responses by what they speak for, and the URLs
//! that did not answer.
//!
//! What a validation verified under a path to an anchor is kept for the next one, and so is what
//! the caller inserts; what a peer sends and nobody vouches for is not. A newer statement takes the
//! place of an older one, never the other way round, whatever the order in which they come.
//! Evidence that ran out stays until its successor comes: it clears nobody, but whom it revokes
//! stays revoked.
//!
//! All that is held takes a bounded number of octets, and this bound wins over all else. When it is
//! reached, evidence is given up in this order, of each kind what was not used for longest:
//!
//! 1. responses that ran out and revoke nobody, and lists that ran out and name nobody;
//! 2. responses that say good, then those that say revoked;
//! 3. of the lists that validations verified those that one key signed and that take, with all that
//!    were used after them, more than a quarter of the bound; then the others;
//! 4. what the caller inserted.
//!
//! Responses make way until an eighth of the bound is free, so that a full store does not sort its
//! entries for each new one; lists until the bound is met. So no response, of which every client
//! has one, ever drives out a list, and no CA the lists of the others by signing many of its own.
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
pub(crate) mod testing;
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
pub(super) use record::Source;

use super::crl::Crl;
use super::judge::Judge;
use super::ocsp::{IssuerHashes, OcspResponse};
use super::request::Answer;
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::time::Time;
use lists::Lists;
use pauses::Pauses;
use record::Worth;
use responses::Responses;
use table::Place;

/// Most octets that are held by default.
const DEFAULT_MAX_BYTES: usize = 64 * 1024 * 1024;

/// One key's lists take at most this part of the bound before those of others make way for them.
const SHARE: usize = 4;

/// Where validations share evidence.
///
/// It stands behind a trait so that it works without `std`: there the caller wraps an [`Evidence`]
/// in the lock of the target. With `std`, `SharedEvidence` is ready to use.
pub trait EvidenceStore: Send + Sync + fmt::Debug {
    /// Runs some short work on the evidence, under the lock. Nothing slow runs in it: no signature,
    /// no fetch.
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

    /// Holds at most so many octets. Default: 64 MiB. What a list takes is told by
    /// [`Crl::memory_size`]; to that come some hundred octets for each entry and the request
    /// that brought it. A response is counted for each certificate for which it is held. What
    /// is larger than the whole is fetched anew by each validation.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self.make_room();
        self
    }

    /// Asks URLs that failed again at once. Default: a URL that does not answer, or answers with a
    /// status that says that its server cannot serve now (429 or 500 to 599), waits, 1 second
    /// and twice as long with each further failure, at most 5 minutes; an answer ends that, be
    /// it of use or not. Lists and responses wait apart. Any other status tells of the request
    /// and not of the server, and nothing waits for it.
    #[must_use]
    pub fn without_pauses(mut self) -> Self {
        self.pauses.enabled = false;
        self.pauses.clear();
        self
    }

    /// Adds a list by hand. It counts as soon as a validation finds that it is signed by whom it
    /// must be, and stands beside all others until then; afterwards the newer one wins.
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
    /// With it goes the protection against replays: an older list that is still current counts
    /// again.
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

    /// The lists that may speak of a certificate of the issuer with this key, each with the key
    /// that signed it, where that is known: all of the issuer's own, and some of others who
    /// bear its name or whom the certificate names.
    pub(crate) fn lists_for(
        &mut self,
        certificate: &Certificate,
        issuer_key: &[u8],
    ) -> Vec<(Crl, Option<Arc<[u8]>>)> {
        let now = self.next_use();
        let places = self.lists.places_for(certificate, issuer_key);
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

    /// Does a list whose signature has held under this key name this certificate?
    pub(crate) fn is_listed(&mut self, certificate: &Certificate, issuer_key: &[u8]) -> bool {
        let lists = self.lists_for(certificate, issuer_key);
        let by_issuer = |key: &Option<Arc<[u8]>>| key.as_deref() == Some(issuer_key);
        let mut verified = lists.iter().filter(|(_, key)| by_issuer(key));
        verified.any(|(list, _)| {
            let found = list.find(certificate.serial(), certificate.issuer());
            !list.is_delta() && found.is_some()
        })
    }

    /// The response that was found to hold for a certificate of the issuer with this key, and those
    /// that the caller inserted and that speak of it; for each whether it was found to hold.
    pub(crate) fn responses_about(
        &mut self,
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        issuer: &IssuerHashes<'_>,
    ) -> Vec<(OcspResponse, bool)> {
        let now = self.next_use();
        let places = self.responses.places_for(certificate, issuer_key, issuer);
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            if let Some(record) = self.responses.record(place) {
                record.last_used = now;
                record.in_use = true;
            }
            let entry = self.responses.get(place);
            found.extend(entry.map(|entry| (entry.response.clone(), entry.about.is_some())));
        }
        found
    }

    /// Keeps a list whose signature has held under a key, and where it came from.
    pub(crate) fn keep_list(
        &mut self,
        judge: Judge<'_>,
        list: &Crl,
        key: &Arc<[u8]>,
        source: Option<&Source>,
    ) -> Kept {
        let mut entry = lists::Entry::new(list, Some(key), source);
        self.clock = judge.at;
        entry.record.last_used = self.next_use();
        entry.record.in_use = true;
        if self.fits(entry.record.size()).is_err() {
            return Kept::TooLarge;
        }
        let kept = self.lists.keep(judge, entry);
        self.make_room();
        kept
    }

    /// Keeps a response that holds for a certificate of the issuer with this key, and where it came
    /// from.
    pub(crate) fn keep_response(
        &mut self,
        judge: Judge<'_>,
        response: &OcspResponse,
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        source: Option<&Source>,
    ) -> Kept {
        let entry = responses::Entry::about(judge, response, certificate, issuer_key, source);
        let Some(mut entry) = entry else {
            return Kept::Known;
        };
        self.clock = judge.at;
        entry.record.last_used = self.next_use();
        entry.record.in_use = true;
        if self.fits(entry.record.size()).is_err() {
            return Kept::TooLarge;
        }
        let kept = self.responses.keep(judge, entry);
        self.make_room();
        kept
    }

    /// Has this URL failed lately, when it was asked about a certificate of this issuer?
    pub(crate) fn is_paused(&mut self, url: &str, issuer_key: &[u8], at: Time) -> bool {
        self.pauses.lasts(url, issuer_key, at)
    }

    /// Notes whether a URL answers. What it sends does not matter here.
    pub(crate) fn note_answer(&mut self, url: &str, issuer_key: &[u8], answer: &Answer, at: Time) {
        match answer.came {
            Err(failure) if failure.is_of_transport() => self.pauses.failed(url, issuer_key, at),
            Err(_) => {}
            Ok(_) => self.pauses.answered(url, issuer_key),
        }
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
        let excess = self.lists.excess(self.max_bytes / SHARE);
        let lists = self.lists.iter().map(|(place, entry)| {
            let worth = match entry.worth(at) {
                Worth::List if excess.binary_search(&place).is_ok() => Worth::Excess,
                worth => worth,
            };
            (worth, entry.record.last_used, Held::List(place))
        });
        let responses = self.responses.iter().map(|(place, entry)| {
            let used = entry.record.last_used;
            (entry.worth(at), used, Held::Response(place))
        });
        let mut all: Vec<_> = lists.chain(responses).collect();
        all.sort_unstable_by_key(|(worth, used, _)| (*worth, *used));
        for (worth, _, held) in all {
            let enough = if worth < Worth::Excess {
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

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::testing::{ListParts, ResponseParts, at, certificate, judge, key, source};
    use super::*;
    use crate::revocation::FetchFailure;
    use crate::revocation::policy::RevocationPolicy;

    fn keep_list(evidence: &mut Evidence, parts: &ListParts, now: i64) -> Kept {
        evidence.keep_list(judge(now), &parts.list(), &key(parts.key), None)
    }

    fn keep_response(evidence: &mut Evidence, parts: &ResponseParts, now: i64) -> Kept {
        let certificate = certificate(parts.issuer, parts.serials[0], &[]);
        let key = key(parts.issuer_key);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        evidence.keep_response(judge(now), &parts.response(), &certificate, &key, None)
    }

    fn list(issuer: &'static str) -> ListParts {
        ListParts {
            issuer,
            serials: Vec::from([1]),
            ..ListParts::default()
        }
    }

    fn about(serial: u8) -> ResponseParts {
        ResponseParts {
            serials: Vec::from([serial]),
            ..ResponseParts::default()
        }
    }

    fn issuers(evidence: &Evidence) -> Vec<alloc::string::String> {
        let lists = evidence.lists();
        let mut names: Vec<_> = lists.map(|kept| kept.list().issuer().to_string()).collect();
        names.sort();
        names
    }

    fn serials(evidence: &Evidence) -> Vec<u8> {
        let responses = evidence.responses();
        let mut serials: Vec<u8> = responses
            .filter_map(|kept| Some(kept.serial()?[0]))
            .collect();
        serials.sort_unstable();
        serials
    }

    /// What one list takes, and one response.
    fn sizes() -> (usize, usize) {
        let mut evidence = Evidence::new();
        keep_list(&mut evidence, &list("aa"), 0);
        let list = evidence.bytes();
        keep_response(&mut evidence, &about(1), 0);
        (list, evidence.bytes() - list)
    }

    #[test]
    fn of_lists_the_least_recently_used_goes_first() {
        let (size, _) = sizes();
        let mut evidence = Evidence::new().max_bytes(size * 3 + 10);
        for issuer in ["aa", "bb", "cc"] {
            keep_list(&mut evidence, &list(issuer), 0);
        }
        evidence.lists_for(&certificate("aa", 1, &[]), &key(1));
        keep_list(&mut evidence, &list("dd"), 0);
        assert_eq!(issuers(&evidence), ["CN=aa", "CN=cc", "CN=dd"]);
        assert!(evidence.bytes() <= size * 3 + 10);
    }

    #[test]
    fn a_key_with_many_lists_does_not_drive_out_those_of_others() {
        let (size, _) = sizes();
        let mut evidence = Evidence::new().max_bytes(size * 8 + 100);
        let by = |key: u8, issuer: &'static str| ListParts {
            key,
            ..list(issuer)
        };
        for (key, issuer) in [(1, "aa"), (2, "bb"), (3, "cc"), (4, "dd"), (5, "ee")] {
            keep_list(&mut evidence, &by(key, issuer), 0);
        }
        for issuer in ["f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"] {
            keep_list(&mut evidence, &by(6, issuer), 0);
        }
        let all = [
            "CN=aa", "CN=bb", "CN=cc", "CN=dd", "CN=ee", "CN=f5", "CN=f6", "CN=f7",
        ];
        assert_eq!(issuers(&evidence), all);
        // Its share is its own, also where it is not the newest.
        for (key, issuer) in [(7, "gg"), (8, "hh")] {
            keep_list(&mut evidence, &by(key, issuer), 0);
        }
        let all = [
            "CN=bb", "CN=cc", "CN=dd", "CN=ee", "CN=f6", "CN=f7", "CN=gg", "CN=hh",
        ];
        assert_eq!(issuers(&evidence), all);
    }

    #[test]
    fn responses_make_way_for_lists_never_the_reverse() {
        let (size, response) = sizes();
        let mut evidence = Evidence::new().max_bytes(size * 2 + response * 2);
        keep_list(&mut evidence, &list("aa"), 0);
        for serial in 0..50 {
            keep_response(&mut evidence, &about(serial), 0);
            assert_eq!(issuers(&evidence), ["CN=aa"]);
        }
        assert!(!serials(&evidence).is_empty());
        keep_list(&mut evidence, &list("bb"), 0);
        keep_list(&mut evidence, &list("cc"), 0);
        assert_eq!(
            issuers(&evidence),
            ["CN=aa", "CN=bb", "CN=cc"][..issuers(&evidence).len()]
        );
        assert!(issuers(&evidence).len() >= 2);
        // A store full of lists takes no response.
        let mut full = Evidence::new().max_bytes(size + 1);
        keep_list(&mut full, &list("aa"), 0);
        keep_response(&mut full, &about(1), 0);
        assert_eq!((issuers(&full).len(), serials(&full).len()), (1, 0));
    }

    #[test]
    fn what_decides_nothing_goes_before_what_does() {
        let (_, size) = sizes();
        let mut evidence = Evidence::new().max_bytes(size * 8 + size / 2);
        let ran_out = ResponseParts {
            next: Some(1),
            ..about(1)
        };
        let revoked = |serial: u8, next: i64| ResponseParts {
            revoked: true,
            next: Some(next),
            ..about(serial)
        };
        keep_response(&mut evidence, &revoked(2, 1), 0);
        for serial in 3..9 {
            keep_response(&mut evidence, &about(serial), 0);
        }
        keep_response(&mut evidence, &ran_out, 0);
        assert_eq!(evidence.len(), 8);
        keep_response(&mut evidence, &revoked(9, 1_000), 500);
        // The one that ran out went although it came last, then the oldest that says good; an
        // eighth is free.
        assert_eq!(serials(&evidence), [2, 4, 5, 6, 7, 8, 9]);
        for serial in 20..80 {
            keep_response(&mut evidence, &about(serial), 500);
        }
        assert!(
            serials(&evidence).starts_with(&[2, 9]),
            "who is revoked stays so"
        );
    }

    #[test]
    fn an_empty_list_that_ran_out_goes_before_responses() {
        let (size, response) = sizes();
        let mut evidence = Evidence::new().max_bytes(size * 2 + response * 8);
        let empty = ListParts {
            serials: Vec::new(),
            next: Some(1),
            ..list("aa")
        };
        let stale = ListParts {
            next: Some(1),
            ..list("bb")
        };
        keep_list(&mut evidence, &stale, 500);
        keep_list(&mut evidence, &empty, 500);
        for serial in 1..10 {
            keep_response(&mut evidence, &about(serial), 500);
        }
        assert_eq!(issuers(&evidence), ["CN=bb"]);
        assert!(serials(&evidence).len() > 5);
    }

    #[test]
    fn what_the_caller_inserts_goes_last() {
        let (size, _) = sizes();
        let mut evidence = Evidence::new().max_bytes(size * 2 + 100);
        evidence.insert_list(list("aa").list()).unwrap();
        for issuer in ["bb", "cc", "dd"] {
            keep_list(&mut evidence, &list(issuer), 0);
        }
        assert_eq!(issuers(&evidence), ["CN=aa", "CN=dd"]);
        // Even after it was verified, and for its successor.
        keep_list(&mut evidence, &list("aa"), 0);
        let next = ListParts {
            this: 5,
            ..list("aa")
        };
        keep_list(&mut evidence, &next, 0);
        for issuer in ["ee", "ff"] {
            keep_list(&mut evidence, &list(issuer), 0);
        }
        assert_eq!(issuers(&evidence), ["CN=aa", "CN=ff"]);
    }

    #[test]
    fn what_is_larger_than_the_store_drives_nothing_out() {
        let (size, _) = sizes();
        let mut evidence = Evidence::new().max_bytes(size + 10);
        keep_list(&mut evidence, &list("aa"), 0);
        let large = ListParts {
            serials: (0..200).collect(),
            ..list("bb")
        };
        assert_eq!(keep_list(&mut evidence, &large, 0), Kept::TooLarge);
        let error = evidence.insert_list(large.list()).unwrap_err();
        assert!(error.bytes > error.max && error.to_string().contains("octets"));
        assert_eq!(issuers(&evidence), ["CN=aa"]);
        let evidence = evidence.max_bytes(0);
        assert!(evidence.is_empty() && evidence.bytes() == 0);
    }

    #[test]
    fn flushing_forgets_all_or_one_issuer() {
        let mut evidence = Evidence::new();
        for issuer in ["aa", "bb"] {
            keep_list(&mut evidence, &list(issuer), 0);
        }
        keep_response(&mut evidence, &about(1), 0);
        evidence.note_answer(
            "http://dead/",
            &key(1),
            &FetchFailure::Unreachable.into(),
            at(0),
        );
        let aa = certificate("AA", 1, &[]);
        evidence.flush_issuer(&aa.issuer());
        assert_eq!(issuers(&evidence), ["CN=bb"]);
        assert!(evidence.is_paused("http://dead/", &key(1), at(0)));
        evidence.flush();
        assert!(evidence.is_empty() && evidence.bytes() == 0);
        assert!(!evidence.is_paused("http://dead/", &key(1), at(0)));
        assert!(alloc::format!("{evidence:?}").contains("max_bytes"));
    }

    #[test]
    fn without_pauses_no_url_waits() {
        let mut evidence = Evidence::new();
        evidence.note_answer(
            "http://dead/",
            &key(1),
            &FetchFailure::Unreachable.into(),
            at(0),
        );
        let mut evidence = evidence.without_pauses();
        assert!(!evidence.is_paused("http://dead/", &key(1), at(0)));
        evidence.note_answer(
            "http://dead/",
            &key(1),
            &FetchFailure::Unreachable.into(),
            at(0),
        );
        assert!(!evidence.is_paused("http://dead/", &key(1), at(0)));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u8, i64),
        KeepList(u8, i64),
        KeepResponse(u8, i64, bool),
        InsertResponse(u8),
        LookUp(u8),
        Flush(u8),
        Refresh(i64),
    }

    const ISSUERS: [&str; 6] = ["aa", "bb", "cc", "dd", "ee", "ff"];

    fn any_step() -> impl Strategy<Value = Step> {
        let (issuer, time) = (0..6_u8, 0..40_i64);
        prop_oneof![
            (issuer.clone(), time.clone()).prop_map(|(i, t)| Step::Insert(i, t)),
            (issuer.clone(), time.clone()).prop_map(|(i, t)| Step::KeepList(i, t)),
            (issuer.clone(), time.clone()).prop_map(|(i, t)| Step::KeepList(i, t)),
            (0..9_u8, time.clone(), any::<bool>())
                .prop_map(|(s, t, r)| Step::KeepResponse(s, t, r)),
            (0..9_u8).prop_map(Step::InsertResponse),
            issuer.clone().prop_map(Step::LookUp),
            issuer.prop_map(Step::Flush),
            time.prop_map(Step::Refresh),
        ]
    }

    proptest! {
        /// The bound holds, and what is counted is what is there.
        #[test]
        fn bounded_whatever_happens(
            max in 0..12_000_usize,
            steps in proptest::collection::vec(any_step(), 0..60),
        ) {
            let mut evidence = Evidence::new().max_bytes(max);
            for step in steps {
                match step {
                    Step::Insert(issuer, this) => {
                        let parts = ListParts { this, ..list(ISSUERS[usize::from(issuer)]) };
                        let _ = evidence.insert_list(parts.list());
                    }
                    Step::KeepList(issuer, this) => {
                        let issuer = ISSUERS[usize::from(issuer)];
                        let parts = ListParts { this, next: Some(this + 10), ..list(issuer) };
                        let cert = certificate(issuer, 1, &[]);
                        let request = source(&cert, None, "crl.example");
                        let list = parts.list();
                        evidence.keep_list(judge(this), &list, &key(1), Some(&request));
                        let held = evidence.lists_for(&cert, &key(1));
                        let verified = held.iter().filter(|(_, key)| key.is_some());
                        prop_assert!(verified.clone().count() <= 1);
                        // What is held now is as new as what came, if the store has room for it.
                        for (held, _) in verified {
                            prop_assert!(held.this_update() >= list.this_update());
                        }
                    }
                    Step::KeepResponse(serial, this, revoked) => {
                        let parts = ResponseParts { this, revoked, ..about(serial) };
                        keep_response(&mut evidence, &parts, this);
                    }
                    Step::InsertResponse(serial) => {
                        let _ = evidence.insert_response(about(serial).response());
                    }
                    Step::LookUp(issuer) => {
                        let cert = certificate(ISSUERS[usize::from(issuer)], 1, &[]);
                        for (list, _) in evidence.lists_for(&cert, &key(1)) {
                            prop_assert!(list.issuer().matches(&cert.issuer()));
                        }
                    }
                    Step::Flush(issuer) => {
                        let cert = certificate(ISSUERS[usize::from(issuer)], 1, &[]);
                        evidence.flush_issuer(&cert.issuer());
                        prop_assert!(evidence.lists_for(&cert, &key(1)).is_empty());
                    }
                    Step::Refresh(now) => {
                        let due = evidence.due(at(now), 20, &RevocationPolicy::default());
                        let ends: Vec<Time> = due.iter().map(Due::until).collect();
                        prop_assert!(ends.is_sorted());
                        prop_assert!(ends.iter().all(|end| *end <= at(now + 20)));
                        for due in &due {
                            let Subject::List { list: old, .. } = due.subject() else {
                                continue;
                            };
                            let issuer = old.issuer().to_string();
                            let issuer = ISSUERS.iter().find(|name| issuer.ends_with(**name));
                            let issuer = list(issuer.unwrap());
                            let parts = ListParts { this: now, next: Some(now + 10), ..issuer };
                            evidence.renew_list(judge(now), due, &parts.list());
                        }
                    }
                }
                let lists: usize = evidence.lists().map(|kept| kept.size()).sum();
                let responses: usize = evidence.responses().map(|kept| kept.size()).sum();
                prop_assert_eq!(evidence.bytes(), lists + responses);
                prop_assert!(evidence.bytes() <= max);
            }
        }
    }
}
