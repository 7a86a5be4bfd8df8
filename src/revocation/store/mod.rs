//! Evidence that outlives a validation: CRLs and responses by whom they speak for and who signed
//! them, and the URLs that did not answer.
//!
//! What a validation verified under a path to an anchor is kept for the next one, and so is what
//! the caller inserts; what a peer sends and nobody vouches for is not. Which of two pieces stays
//! the judge decides, whatever the order in which they come. Evidence that ran out stays until its
//! successor comes: it clears nobody, but what it revokes stays revoked.
//!
//! All that is held takes a bounded number of octets. Each party that vouches for evidence has an
//! [account](accounts); when the bound is reached, the party that has most gives up what decides
//! least. What the caller inserted stays.
//!
//! Nothing is looked for among what others put in: a look-up costs a hash for each name of the
//! certificate in question, the way down a tree of hashes, and what stands under it. Whatever is
//! held, a call touches at most some 200 entries while it holds the lock
//! (`no_call_touches_more_than_256_entries`); what takes more is done in parts, and the lock is
//! given back between them.

mod accounts;
mod crls;
mod due;
mod entry;
mod keep;
mod pauses;
mod responses;
#[cfg(feature = "std")]
mod shared;
mod table;
#[cfg(test)]
pub(crate) mod testing;
mod view;

use alloc::vec::Vec;
use core::fmt;

use hashbrown::DefaultHashBuilder;

pub(crate) use crls::{MAX_POINT_NAMES, Speaker, is_listed_in};
pub(crate) use due::due;
pub use due::{Due, MAX_DUE, RefreshSchedule};
pub(crate) use entry::Held;
pub use entry::Source;
#[cfg(feature = "std")]
pub use shared::SharedEvidence;
pub use view::{KeptCrl, KeptResponse};

use super::request::Answer;
use crate::certificate::Name;
use crate::time::Time;
use accounts::{Accounts, Party};
use entry::Entry;
use pauses::Pauses;
use table::{Hashes, Place, Table};

/// Most octets that are held by default.
const DEFAULT_MAX_BYTES: usize = 64 * 1024 * 1024;

/// How many pieces are given up at once, under one lock.
const GIVEN_UP: usize = 3;

/// Where validations share evidence.
///
/// It stands behind a trait so that it works without `std`: there the caller wraps an [`Evidence`]
/// in the lock of the target. With `std`, `SharedEvidence` is ready to use.
pub trait EvidenceStore: Send + Sync + fmt::Debug {
    /// Runs some short work on the evidence, under the lock. Nothing slow runs in it: no signature,
    /// no fetch.
    fn with(&self, work: &mut dyn FnMut(&mut Evidence));

    /// Runs some short work that changes nothing. Default: as [`with`](Self::with); a lock that
    /// lets several read at once makes validations faster.
    fn read(&self, work: &mut dyn FnMut(&Evidence)) {
        self.with(&mut |evidence| work(evidence));
    }
}

/// Gives up what is too much, in parts.
pub(crate) fn trim(store: &dyn EvidenceStore) {
    let mut done = false;
    while !done {
        store.with(&mut |evidence| done = evidence.trim());
    }
}

/// CRLs and responses at hand, and the URLs that did not answer.
///
/// ```
/// use portcullis::revocation::{Crl, Evidence};
///
/// let mut evidence = Evidence::new().max_bytes(16 * 1024 * 1024);
/// // A CRL that came by mail counts as soon as a validation finds that its issuer signed it.
/// let crl = Crl::from_pem(include_bytes!("../../../testdata/crls/crl-root-revoking.pem"))?;
/// evidence.insert_crl(crl)?;
///
/// for kept in evidence.crls() {
///     assert!(!kept.is_verified());
///     println!("{}: {} octets", kept.crl().issuer(), kept.size());
/// }
/// evidence.flush();
/// assert!(evidence.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Evidence {
    hasher: DefaultHashBuilder,
    entries: Table<Entry>,
    accounts: Accounts,
    pauses: Pauses,
    max_bytes: usize,
    /// How many CRLs and responses are here that nobody has verified.
    aside: usize,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            hasher: DefaultHashBuilder::default(),
            entries: Table::default(),
            accounts: Accounts::default(),
            pauses: Pauses::default(),
            max_bytes: DEFAULT_MAX_BYTES,
            aside: 0,
        }
    }
}

/// What became of evidence that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is held, and was not before.
    New,
    /// What is held is as new or newer.
    Known,
    /// It takes more than the store has room for.
    TooLarge,
}

/// A CRL or response for which the store has no room, beside what the caller inserted.
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

    /// Holds at most so many octets. Default: 64 MiB. What a CRL takes is told by
    /// [`Crl::memory_size`](super::Crl::memory_size); to that come some hundred octets for each
    /// entry and where it came from. A response is counted for each certificate for which it is
    /// held. Of n CAs below one anchor or CA, each may use the n-th part of what all of them have,
    /// and loses nothing of that to the others. What is larger than the whole is fetched anew by
    /// each validation.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        while !self.trim() {}
        self
    }

    /// Forgets everything: the evidence and the URLs that failed.
    ///
    /// With it goes the protection against replays: an older CRL that is still current counts
    /// again.
    pub fn flush(&mut self) {
        *self = Self::new().max_bytes(self.max_bytes);
    }

    /// Forgets the CRLs of this issuer and the responses about the certificates that it issued.
    pub fn flush_issuer(&mut self, issuer: &Name<'_>) {
        let is_of = |entry: &Entry| match &entry.held {
            Held::Crl(crl) => crl.issuer().matches(issuer),
            Held::Response(response) => responses::is_of(response, entry.about.as_ref(), issuer),
        };
        let all = self.entries.iter().filter(|(_, entry)| is_of(entry));
        let all: Vec<Place> = all.map(|(place, _)| place).collect();
        all.into_iter().for_each(|place| self.remove(place));
    }

    /// The CRLs, in no order.
    pub fn crls(&self) -> impl Iterator<Item = KeptCrl<'_>> {
        self.entries
            .iter()
            .filter_map(|(_, entry)| KeptCrl::of(entry))
    }

    /// The responses, in no order; one that holds for several certificates comes once for each.
    pub fn responses(&self) -> impl Iterator<Item = KeptResponse<'_>> {
        let all = self.entries.iter();
        all.filter_map(|(_, entry)| KeptResponse::of(entry))
    }

    /// How many CRLs and responses are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is held takes so many octets.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.accounts.bytes().0
    }

    /// Has this URL failed lately, when it was asked about a certificate of this issuer?
    pub(crate) fn is_paused(&self, url: &str, issuer_key: &[u8], at: Time) -> bool {
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

    /// Gives up some of what is too much. False while there may be more to give up.
    pub(crate) fn trim(&mut self) -> bool {
        for _ in 0..GIVEN_UP {
            if self.bytes() <= self.max_bytes {
                return true;
            }
            let Some(place) = self.accounts.least(&mut self.entries) else {
                return true;
            };
            self.remove(place);
        }
        false
    }

    /// Adds evidence to the account of a party, or without keys to that of the caller, who keeps
    /// it for ever. Nothing is given up for it yet.
    fn add(&mut self, entry: Entry, hashes: Hashes, party: &Party) -> Result<(), TooLarge> {
        let (bytes, max) = (entry.size(), self.max_bytes);
        let (_, inserted) = self.accounts.bytes();
        if bytes.saturating_add(inserted) > max {
            return Err(TooLarge { bytes, max });
        }
        self.aside += usize::from(entry.key.is_none());
        let place = self.entries.insert(entry, hashes);
        self.accounts.enter(&mut self.entries, place, party);
        Ok(())
    }

    fn remove(&mut self, place: Place) {
        if let Some(entry) = self.entries.remove(place) {
            self.accounts.leave(&entry);
            self.aside -= usize::from(entry.key.is_none());
        }
    }

    /// Changes what is noted about evidence, and what it takes.
    fn change(&mut self, place: Place, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.get_mut(place) {
            let before = entry.size();
            change(entry);
            self.accounts.change(entry, before);
        }
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("len", &self.len())
            .field("bytes", &self.bytes())
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::sync::Arc;

    use proptest::prelude::*;

    use super::testing::{
        ListParts, ResponseParts, at, certificate, judge, keep_crl, keep_response, key, party,
        source,
    };
    use super::*;
    use crate::certificate::{Certificate, SubjectPublicKeyInfo};
    use crate::revocation::FetchFailure;
    use crate::revocation::crl::Crl;
    use crate::revocation::judge::scope::Subject as Certified;
    use crate::revocation::ocsp::IssuerHashes;

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
        let crls = evidence.crls();
        let mut names: Vec<_> = crls.map(|kept| kept.crl().issuer().to_string()).collect();
        names.sort();
        names
    }

    fn look_up(evidence: &Evidence, certificate: &Certificate, key: &[u8]) -> Vec<Crl> {
        let speaker = Speaker {
            name: certificate.issuer(),
            key: Some(key),
        };
        let found = evidence.crls_of(speaker, Certified::of(certificate));
        found.into_iter().map(|(crl, _)| crl).collect()
    }

    /// A party of made-up keys.
    fn keys(numbers: &[u32]) -> Vec<Arc<[u8]>> {
        let key = |number: &u32| Arc::from(&number.to_be_bytes()[..]);
        numbers.iter().map(key).collect()
    }

    fn trimmed(evidence: &mut Evidence) {
        while !evidence.trim() {}
    }

    #[test]
    fn no_call_touches_more_than_256_entries() {
        let crls: Vec<Crl> = (0..4)
            .map(|this| {
                ListParts {
                    this,
                    ..list("issuer")
                }
                .list()
            })
            .collect();
        let response = about(1).response();
        let cert = certificate("issuer", 1, &["http://a/", "http://b/", "http://c/"]);
        let source = source(&cert, None, "crl.example");
        let mut evidence = Evidence::new().max_bytes(20_000 * 1_500);
        let mut most = 0;
        let mut measure = |evidence: &mut Evidence, work: &mut dyn FnMut(&mut Evidence)| {
            evidence.entries.take_touched();
            evidence.accounts.take_touched();
            work(evidence);
            let touched = evidence.entries.take_touched() + evidence.accounts.take_touched();
            most = most.max(touched);
        };
        for number in 0..30_000_u32 {
            // Three levels, and one CA below which there are thousands of others.
            let party = keys(&[number % 3, 10 + number % 7, 1_000 + number]);
            let crl = &crls[number as usize % 4];
            measure(&mut evidence, &mut |evidence| {
                evidence.keep_crl(judge(0), crl, &party, Some(&source));
            });
            let mut done = false;
            while !done {
                measure(&mut evidence, &mut |evidence| done = evidence.trim());
            }
            if number % 16 == 0 {
                measure(&mut evidence, &mut |evidence| {
                    evidence.keep_response(judge(0), &response, &cert, &party, None);
                });
                trimmed(&mut evidence);
            }
            assert!(evidence.bytes() <= 20_000 * 1_500);
        }
        assert!(evidence.len() > 10_000, "{}", evidence.len());
        let held = evidence.crls().next().and_then(|kept| kept.signed_by());
        let key = [Arc::<[u8]>::from(held.unwrap())];
        measure(&mut evidence, &mut |evidence| {
            assert_eq!(look_up(evidence, &cert, &key[0]).len(), 1);
            assert!(look_up(evidence, &cert, b"nobody").is_empty());
            let key = SubjectPublicKeyInfo::from_checked(&key[0]);
            let hashes = IssuerHashes::new(&cert.issuer(), &key);
            evidence.responses_about(&cert, &key, &hashes);
            evidence.is_paused("http://a/", b"key", at(0));
        });
        let mut next = Some(Place::default());
        while let Some(from) = next {
            measure(&mut evidence, &mut |evidence| {
                let mut due = Vec::new();
                next = evidence.add_due(from, judge(5_000), RefreshSchedule::from(0), &mut due);
            });
        }
        assert!(most <= 256, "{most}");
    }

    #[test]
    fn not_all_that_is_used_is_looked_at_to_give_up_some() {
        let mut evidence = Evidence::new();
        for serial in 0..100 {
            keep_response(&mut evidence, &about(serial), 0);
        }
        evidence.max_bytes = 0;
        while !evidence.is_empty() {
            evidence.entries.iter().for_each(|(_, one)| one.note_use());
            evidence.entries.take_touched();
            evidence.accounts.take_touched();
            let before = evidence.len();
            evidence.trim();
            let touched = evidence.entries.take_touched() + evidence.accounts.take_touched();
            assert!(touched <= 256, "{touched}");
            assert_eq!(evidence.len(), before.saturating_sub(GIVEN_UP));
        }
    }

    /// R5: a CA that signs many CRLs, or has many CAs of its own sign them, takes nothing from
    /// others.
    #[test]
    fn nobody_gives_up_anything_for_others_that_have_more() {
        for sybils in [false, true] {
            let mut evidence = Evidence::new().max_bytes(40_000);
            let victim = keys(&[0, 1, 2]);
            let crl = list("victim").list();
            evidence.keep_crl(judge(0), &crl, &victim, None);
            let revoked = ResponseParts {
                revoked: true,
                ..about(9)
            };
            let certified = certificate("issuer", 9, &[]);
            let of_issuer = [&keys(&[0, 1])[..], &[key(1)]].concat();
            let revoked = revoked.response();
            evidence.keep_response(judge(0), &revoked, &certified, &of_issuer, None);
            for number in 0..300_u32 {
                let below = if sybils { 1_000 + number } else { 1_000 };
                let party = keys(&[0, 3, below]);
                let parts = ListParts {
                    uris: Vec::from([&*alloc::format!("http://evil/{number}").leak()]),
                    ..list("evil")
                };
                evidence.keep_crl(judge(0), &parts.list(), &party, None);
                trimmed(&mut evidence);
            }
            assert!(evidence.bytes() <= 40_000 && evidence.len() > 10);
            assert_eq!(
                look_up(&evidence, &certificate("victim", 1, &[]), &victim[2]),
                [crl]
            );
            assert_eq!(
                evidence
                    .responses()
                    .filter(KeptResponse::is_revoked)
                    .count(),
                1
            );
        }
    }

    #[test]
    fn what_revokes_goes_last_and_what_is_used_stays() {
        let mut evidence = Evidence::new().max_bytes(12_000);
        let certified = certificate("issuer", 1, &[]);
        for serial in 1..=20 {
            let revoked = serial == 1;
            keep_response(
                &mut evidence,
                &ResponseParts {
                    revoked,
                    ..about(serial)
                },
                0,
            );
            let key = key(1);
            let key = SubjectPublicKeyInfo::from_checked(&key);
            let used = certificate("issuer", 2, &[]);
            let hashes = IssuerHashes::new(&used.issuer(), &key);
            evidence.responses_about(&used, &key, &hashes);
            trimmed(&mut evidence);
        }
        assert!(evidence.len() < 15, "{}", evidence.len());
        let serials: Vec<u8> = evidence
            .responses()
            .filter_map(|kept| kept.serial()?.last().copied())
            .collect();
        assert!(serials.contains(&1) && serials.contains(&2), "{serials:?}");
        assert!(!serials.contains(&3), "{serials:?}");
        drop(certified);
    }

    #[test]
    fn what_the_caller_inserted_stays() {
        let mut evidence = Evidence::new().max_bytes(8_000);
        evidence.insert_crl(list("aa").list()).unwrap();
        for number in 0..50_u32 {
            evidence.keep_crl(judge(0), &list("bb").list(), &keys(&[number]), None);
            trimmed(&mut evidence);
        }
        assert!(issuers(&evidence).contains(&"CN=aa".to_string()));
        assert!(evidence.bytes() <= 8_000);
        // A validation finds who signed it: it stays the caller's.
        let mut inserted = 0;
        while evidence.insert_crl(list("cc").list()).is_ok() && inserted < 3 {
            inserted += 1;
        }
        let large = ListParts {
            serials: (1..=250).collect(),
            ..list("dd")
        };
        let error = evidence.insert_crl(large.list()).unwrap_err();
        assert!(error.to_string().contains("octets") && error.max == 8_000);
        assert_eq!(keep_crl(&mut evidence, &large, 0), Kept::TooLarge);
        let evidence = evidence.max_bytes(0);
        assert!(evidence.len() <= 2);
    }

    #[test]
    fn flushing_forgets_all_or_one_issuer() {
        let mut evidence = Evidence::new();
        for issuer in ["aa", "bb"] {
            keep_crl(&mut evidence, &list(issuer), 0);
        }
        evidence.insert_crl(list("aa").list()).unwrap();
        keep_response(&mut evidence, &about(1), 0);
        let failed = FetchFailure::Unreachable.into();
        evidence.note_answer("http://dead/", b"key", &failed, at(0));
        evidence.flush_issuer(&certificate("AA", 1, &[]).issuer());
        assert_eq!(issuers(&evidence), ["CN=bb"]);
        assert!(evidence.is_paused("http://dead/", b"key", at(0)));
        evidence.flush();
        assert!(evidence.is_empty() && evidence.bytes() == 0);
        assert!(!evidence.is_paused("http://dead/", b"key", at(0)));
        assert!(alloc::format!("{evidence:?}").contains("max_bytes"));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u8, i64),
        InsertResponse(u8),
        KeepCrl(u8, u8, i64),
        KeepResponse(u8, i64, bool),
        Flush(u8),
    }

    const ISSUERS: [&str; 6] = ["aa", "bb", "cc", "dd", "ee", "ff"];

    fn any_step() -> impl Strategy<Value = Step> {
        let (issuer, time) = (0..6_u8, 0..40_i64);
        prop_oneof![
            (issuer.clone(), time.clone()).prop_map(|(i, t)| Step::Insert(i, t)),
            (issuer.clone(), 0..4_u8, time.clone()).prop_map(|(i, k, t)| Step::KeepCrl(i, k, t)),
            (0..9_u8, time, any::<bool>()).prop_map(|(s, t, r)| Step::KeepResponse(s, t, r)),
            (0..9_u8).prop_map(Step::InsertResponse),
            issuer.prop_map(Step::Flush),
        ]
    }

    proptest! {
        /// The bound holds, what is counted is what is there, and each account has what is its own.
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
                        let _ = evidence.insert_crl(parts.list());
                    }
                    Step::InsertResponse(serial) => {
                        let _ = evidence.insert_response(about(serial).response());
                    }
                    Step::KeepCrl(issuer, below, this) => {
                        let issuer = ISSUERS[usize::from(issuer)];
                        let parts = ListParts { this, next: Some(this + 10), ..list(issuer) };
                        let mut keys = keys(&[0, u32::from(below)]);
                        keys.push(key(1));
                        evidence.keep_crl(judge(this), &parts.list(), &keys, None);
                    }
                    Step::KeepResponse(serial, this, revoked) => {
                        let parts = ResponseParts { this, revoked, ..about(serial) };
                        keep_response(&mut evidence, &parts, this);
                    }
                    Step::Flush(issuer) => {
                        let cert = certificate(ISSUERS[usize::from(issuer)], 1, &[]);
                        evidence.flush_issuer(&cert.issuer());
                        prop_assert!(look_up(&evidence, &cert, &key(1)).is_empty());
                    }
                }
                trimmed(&mut evidence);
                let crls: usize = evidence.crls().map(|kept| kept.size()).sum();
                let responses: usize = evidence.responses().map(|kept| kept.size()).sum();
                prop_assert_eq!(evidence.bytes(), crls + responses);
                prop_assert!(evidence.bytes() <= max);
                evidence.accounts.check(&evidence.entries);
            }
            let aside = evidence.entries.iter().filter(|(_, entry)| entry.key.is_none());
            prop_assert_eq!(aside.count(), evidence.aside);
        }
    }

    #[test]
    fn keys_of_a_party_lead_to_its_account() {
        let mut evidence = Evidence::new();
        let own = party(&[2, 1]);
        evidence.keep_crl(judge(0), &list("aa").list(), &own, None);
        let entry = evidence.entries.iter().next().unwrap().1;
        assert_eq!(evidence.accounts.keys(entry.link), own);
    }
}
