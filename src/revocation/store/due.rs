//! What to fetch anew before it ends.
//!
//! A background task asks for what is due, fetches it, and hands in the answers; the handshakes
//! meanwhile find evidence that is current, and wait for nobody. What is held is looked through in
//! parts, and the lock is given back between them.
//!
//! The order is fair among those who vouch: parties take turns, at each level of the tree of their
//! [accounts](super::accounts), whatever one of them has brought up. Of one party, what is about to
//! end comes before what has ended. What brought nothing newer waits longer each time.
//!
//! A CRL is due whoever asks for it. A response is due only if somebody asked for its certificate
//! since it came: else a store would go on asking about clients who left long ago.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::entry::{Entry, Held, Source};
use super::table::Place;
use super::{Evidence, EvidenceStore, Kept, responses};
use crate::narrow;
use crate::revocation::judge::Judge;
use crate::revocation::request::{Request, RequestId};
use crate::time::Time;

/// Most evidence that is named as due at once.
pub const MAX_DUE: usize = 1024;

/// How many entries are looked at under one lock.
const PART: usize = 16;

/// The longest pause after an answer that brought nothing newer, in seconds.
const LONGEST_RETRY: u32 = 3_600;

/// When evidence is renewed. A number of seconds converts: so long before it ends.
///
/// ```
/// use portcullis::revocation::RefreshSchedule;
///
/// // An hour ahead, each CRL at least every ten minutes, and not all servers at one moment.
/// let schedule = RefreshSchedule::from(3600).poll_crls_every(600).jitter(0x5eed);
/// # let _ = schedule;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RefreshSchedule {
    ahead: u32,
    poll: Option<u32>,
    seed: Option<u64>,
}

impl From<u32> for RefreshSchedule {
    fn from(ahead: u32) -> Self {
        Self {
            ahead,
            poll: None,
            seed: None,
        }
    }
}

impl RefreshSchedule {
    /// Fetches each CRL again after so many seconds, though it is current: some issuers revoke
    /// between the dates that they promise. Default: only before it ends.
    pub const fn poll_crls_every(mut self, seconds: u32) -> Self {
        self.poll = Some(seconds);
        self
    }

    /// Renews each piece of evidence up to an eighth of the time ahead earlier, by chance that this
    /// number decides: give each server another one. Default: no chance.
    pub const fn jitter(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How long before its end a piece of evidence is due.
    fn ahead_of(&self, entry: &Entry) -> i64 {
        let ahead = i64::from(self.ahead);
        let Some(seed) = self.seed else { return ahead };
        let der = match &entry.held {
            Held::Crl(crl) => crl.as_der(),
            Held::Response(response) => response.as_der(),
        };
        // The end of a signature is as good as random.
        let last = der.iter().rev().take(8);
        let mixed = last.fold(seed, |mixed, octet| {
            (mixed ^ u64::from(*octet)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        let most = u64::from(self.ahead / 8) + 1;
        ahead + i64::try_from((mixed >> 32) % most).unwrap_or(0)
    }
}

/// Evidence that ends soon or has ended, and the request that may bring its successor.
#[derive(Clone, Debug)]
pub struct Due {
    /// The request, and its URL with those that may bring the same behind it.
    source: Source,
    until: Option<Time>,
    /// It is current still, and asked for to see whether there is a newer one.
    pub(crate) is_poll: bool,
    /// What is held, and where.
    pub(crate) held: Held,
    place: Place,
    /// The keys that vouch for it.
    party: Vec<Arc<[u8]>>,
}

impl Due {
    /// What to fetch, of any fetcher.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.source.request
    }

    /// The same, asked of the next URL; `None` after the last.
    #[must_use]
    pub fn next_url(mut self) -> Option<Self> {
        self.source = self.source.at(self.source.urls.get(1..)?.to_vec())?;
        Some(self)
    }

    /// When what is held ends; `None`: never.
    #[must_use]
    pub const fn until(&self) -> Option<Time> {
        self.until
    }

    pub(crate) fn key(&self) -> &[u8] {
        self.party.last().map_or(&[], |key| key)
    }
}

/// All that is due, in a fair order; of much at most [`MAX_DUE`].
pub(crate) fn due(
    store: &dyn EvidenceStore,
    judge: Judge<'_>,
    schedule: RefreshSchedule,
) -> Vec<Due> {
    let mut all = Vec::new();
    let mut next = Some(Place::default());
    while let Some(from) = next {
        store.read(&mut |evidence| next = evidence.add_due(from, judge, schedule, &mut all));
    }
    all.sort_by_key(|due| (due.until.is_some_and(|until| until < judge.at), due.until));
    let mut due: Vec<Due> = fair(&all).take(MAX_DUE).cloned().collect();
    for (number, due) in due.iter_mut().enumerate() {
        due.source.request.id = RequestId(narrow::bounded(number));
    }
    due
}

/// An order in which the parties of each level take turns; of one party the order stays.
fn fair(all: &[Due]) -> impl Iterator<Item = &Due> {
    let mut ranked: Vec<(u32, &Due)> = all.iter().map(|due| (0, due)).collect();
    let depth = all.iter().map(|due| due.party.len()).max();
    // From the deepest level up: the first ones of all parties, then the second ones, and so on.
    for level in (1..=depth.unwrap_or(0)).rev() {
        let mut counts: HashMap<&[Arc<[u8]>], u32> = HashMap::new();
        for (turn, due) in &mut ranked {
            let party = due.party.get(..level).unwrap_or(&due.party);
            let count = counts.entry(party).or_default();
            (*turn, *count) = (*count, *count + 1);
        }
        ranked.sort_by_key(|(turn, _)| *turn);
    }
    ranked.into_iter().map(|(_, due)| due)
}

impl Evidence {
    /// Adds what is due of one part of the entries, and says where the next one begins.
    pub(super) fn add_due(
        &self,
        from: Place,
        judge: Judge<'_>,
        schedule: RefreshSchedule,
        all: &mut Vec<Due>,
    ) -> Option<Place> {
        let (part, next) = self.entries.part(from, PART);
        all.extend(part.filter_map(|(place, entry)| self.due(place, entry, judge, schedule)));
        next
    }

    /// A piece of evidence, if it is due.
    fn due(
        &self,
        place: Place,
        entry: &Entry,
        judge: Judge<'_>,
        schedule: RefreshSchedule,
    ) -> Option<Due> {
        let now = judge.at;
        let until = judge.until(entry.summary.this_update, entry.summary.next_update);
        let ends = until.is_some_and(|until| until <= now.plus(schedule.ahead_of(entry)));
        let polled = schedule.poll.filter(|_| entry.held.crl().is_some());
        let is_poll = polled.is_some_and(|poll| now >= entry.seen.plus(i64::from(poll)));
        if !(ends || is_poll) || !entry.is_asked_for() || entry.retry.lasts(now) {
            return None;
        }
        let key = entry.key.as_ref()?;
        let source = entry.source.as_ref()?;
        let urls = source.urls.iter();
        let urls = urls.filter(|url| !self.is_paused(url, key, now)).cloned();
        let mut party = self.accounts.keys(entry.link);
        if entry.link.is_callers() {
            // All that the caller inserted is one party, and below it each key is one.
            party.extend([Arc::default(), Arc::clone(key)]);
        }
        Some(Due {
            source: source.at(urls.collect())?,
            until,
            is_poll: !ends,
            held: entry.held.clone(),
            place,
            party,
        })
    }

    /// Takes in what came for something that was due, and the same key vouches for.
    pub(crate) fn renew(&mut self, judge: Judge<'_>, due: &Due, new: &Held) -> Kept {
        let Some(key) = due.party.last() else {
            return Kept::Known;
        };
        // The source goes to what came from it, whether or not that takes the place of the old
        // one: it may have another scope, or be a delta on a newer base.
        let place = self.place_of(due);
        let held = place.and_then(|place| self.entries.get(place));
        let source = held.and_then(|held| held.source.as_ref());
        let source = Some(source.unwrap_or(&due.source));
        let certificate = due.request().certificate();
        let entry = match new {
            Held::Crl(crl) => Some(Entry::of_crl(
                crl.clone(),
                Some(Arc::clone(key)),
                source.cloned(),
            )),
            Held::Response(response) => responses::entry(judge, response, certificate, key, source),
        };
        let Some(entry) = entry else {
            return Kept::Known;
        };
        let kept = self.keep(judge, entry, &due.party);
        if let (Some(place), Kept::New) = (place.and(self.place_of(due)), kept) {
            self.change(place, |old| old.source = None);
        }
        kept
    }

    /// What a URL sent in answer to what was due brought nothing newer: it is not due again at
    /// once, and the other URLs are asked first.
    pub(crate) fn note_no_news(&mut self, due: &Due, at: Time) {
        let place = self.place_of(due);
        if let Some(entry) = place.and_then(|place| self.entries.get_mut(place)) {
            entry.retry.grow(at, LONGEST_RETRY);
            entry.ask_last(due.request().url());
        }
    }

    /// Where it is held, if no successor has come meanwhile.
    fn place_of(&self, due: &Due) -> Option<Place> {
        let entry = self.entries.get(due.place)?;
        (entry.held == due.held).then_some(due.place)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::accounts::Party;
    use super::super::testing::{
        ListParts, ResponseParts, at, certificate, judge, key, party, source, urls,
    };
    use super::*;
    use crate::certificate::SubjectPublicKeyInfo;
    use crate::revocation::ocsp::IssuerHashes;
    use crate::revocation::request::FetchFailure;

    /// As a caller without `std` would make one.
    #[derive(Debug, Default)]
    struct Store(Mutex<Evidence>);

    impl EvidenceStore for Store {
        fn with(&self, work: &mut dyn FnMut(&mut Evidence)) {
            work(&mut self.0.lock().unwrap());
        }
    }

    impl Store {
        fn edit<T>(&self, work: impl FnOnce(&mut Evidence) -> T) -> T {
            work(&mut self.0.lock().unwrap())
        }

        fn keep_crl(&self, parts: &ListParts, party: &Party, host: &str) {
            let cert = certificate(parts.issuer, 7, &[]);
            let source = source(&cert, None, host);
            self.edit(|evidence| {
                evidence.keep_crl(judge(parts.this), &parts.list(), party, Some(&source))
            });
        }

        fn keep_response(&self, parts: &ResponseParts) {
            let cert = certificate("issuer", parts.serials[0], &[]);
            let source = source(&cert, Some(1), "ocsp.example");
            let keys = party(&[1]);
            self.edit(|evidence| {
                evidence.keep_response(judge(0), &parts.response(), &cert, &keys, Some(&source))
            });
        }

        fn due(&self, now: i64, schedule: impl Into<RefreshSchedule>) -> Vec<Due> {
            due(self, judge(now), schedule.into())
        }

        fn ends(&self, now: i64, ahead: u32) -> Vec<Time> {
            let due = self.due(now, ahead);
            due.iter().filter_map(Due::until).collect()
        }
    }

    fn crl(issuer: &'static str, next: i64) -> ListParts {
        ListParts {
            issuer,
            next: Some(next),
            ..ListParts::default()
        }
    }

    /// Who has a delta CRL goes on asking for the next one, whether that or the complete CRL on
    /// which it is based comes first.
    #[test]
    fn a_delta_crl_is_polled_whatever_complete_crl_comes() {
        let crl = |this: i64, base: Option<u8>| ListParts {
            this,
            number: Some(this as u8),
            base,
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        let schedule = RefreshSchedule::from(0).poll_crls_every(60);
        for delta_is_first in [false, true] {
            let store = Store::default();
            let by = party(&[1]);
            store.keep_crl(&crl(10, None), &by, "base");
            // Issued together with the CRL, and then upon it.
            store.keep_crl(&crl(10, Some(10)), &by, "delta");
            store.keep_crl(&crl(11, Some(10)), &by, "delta");
            let hosts = |now| {
                let mut due = store.due(now, schedule);
                due.sort_by_key(|due| urls(due)[0].clone());
                due
            };
            let due = hosts(100);
            assert_eq!(due.len(), 2);
            let mut new = [(&due[0], crl(90, None)), (&due[1], crl(91, Some(90)))];
            if delta_is_first {
                new.reverse();
            }
            for (due, parts) in new {
                let kept = store.edit(|all| all.renew(judge(100), due, &Held::Crl(parts.list())));
                assert_eq!(kept, Kept::New);
            }
            let due = hosts(200);
            let urls: Vec<_> = due.iter().map(|due| urls(due)[0].clone()).collect();
            assert_eq!(urls, ["http://base/a", "http://delta/a"]);
            let mut held: Vec<Time> =
                store.edit(|all| all.crls().map(|kept| kept.crl().this_update()).collect());
            held.sort();
            assert_eq!(held, [at(90), at(91)]);
        }
    }

    /// R10: sixty CRLs of one CA that have ended do not keep another one's from being renewed, and
    /// what is about to end comes before what has ended.
    #[test]
    fn parties_take_turns() {
        let store = Store::default();
        let urls: Vec<&'static str> = (0..60)
            .map(|number| &*alloc::format!("http://evil/{number}").leak())
            .collect();
        for (number, url) in urls.iter().enumerate() {
            let parts = ListParts {
                uris: Vec::from([*url]),
                ..crl("evil", 100)
            };
            // Below one CA, each by another of its own.
            let keys = party(&[1, 2, u8::try_from(10 + number).unwrap()]);
            store.keep_crl(&parts, &keys, "evil.example");
        }
        store.keep_crl(&crl("neighbour", 950), &party(&[1, 3]), "neighbour.example");
        store.keep_crl(&crl("ended", 100), &party(&[4]), "other.example");
        store.keep_crl(&crl("ending", 950), &party(&[4]), "other.example");
        let due = store.due(900, 100);
        assert_eq!(due.len(), 63);
        let hosts = due.iter().map(|due| due.request().url());
        let place = |host: &str| hosts.clone().position(|url| url.contains(host)).unwrap();
        assert!(place("neighbour.example") < 4);
        assert!(place("other.example") < 2);
        let of_other = due
            .iter()
            .filter(|due| due.request().url().contains("other"));
        let ends: Vec<_> = of_other.filter_map(Due::until).collect();
        assert_eq!(ends, [at(950), at(100)]);
    }

    /// After a restart, evidence is the caller's: each key takes its turn, and so do those of whom
    /// nothing was inserted.
    #[test]
    fn what_was_inserted_takes_turns_too() {
        let store = Store::default();
        let urls: Vec<&'static str> = (0..60)
            .map(|number| &*alloc::format!("http://evil/{number}").leak())
            .collect();
        let evil = urls.iter().map(|url| ListParts {
            uris: Vec::from([*url]),
            ..crl("evil", 100)
        });
        let neighbour = ListParts {
            key: 2,
            ..crl("neighbour", 950)
        };
        for parts in evil.chain([neighbour]) {
            let list = parts.list();
            store
                .edit(|evidence| evidence.insert_crl(list.clone()))
                .unwrap();
            let host = alloc::format!("{}.example", parts.issuer);
            store.keep_crl(&parts, &party(&[9, parts.key]), &host);
        }
        store.keep_crl(&crl("newcomer", 100), &party(&[3]), "newcomer.example");
        let due = store.due(900, 100);
        assert_eq!(due.len(), 62);
        let hosts = due.iter().map(|due| due.request().url());
        let place = |host: &str| hosts.clone().position(|url| url.contains(host)).unwrap();
        assert!(place("newcomer.example") < 2);
        assert!(place("neighbour.example") < 3);
    }

    #[test]
    fn the_policy_says_when_evidence_without_an_end_ends() {
        let store = Store::default();
        let parts = ListParts {
            next: None,
            ..ListParts::default()
        };
        store.keep_crl(&parts, &party(&[1]), "crl.example");
        assert_eq!(store.ends(0, 0), []);
        assert_eq!(store.ends(3 * 86_400, 0), [at(3 * 86_400)]);
    }

    #[test]
    fn without_a_source_or_a_verified_signature_nothing_is_due() {
        let store = Store::default();
        let list = ListParts::default().list();
        store
            .edit(|evidence| evidence.insert_crl(list.clone()))
            .unwrap();
        assert_eq!(store.ends(5_000, 0), []);
        store.edit(|evidence| evidence.keep_crl(judge(0), &list, &party(&[1]), None));
        assert_eq!(store.ends(5_000, 0), []);
        store.keep_crl(&ListParts::default(), &party(&[1]), "crl.example");
        assert_eq!(store.ends(5_000, 0), [at(1_000)]);
    }

    /// After a restart, evidence is inserted with where it came from.
    #[test]
    fn what_was_inserted_with_its_source_is_due_once_it_is_verified() {
        let store = Store::default();
        let list = ListParts::default().list();
        let url = "http://crl.example/".into();
        let source = Source::of_crl(certificate("issuer", 7, &[]), [url]);
        store
            .edit(|evidence| evidence.insert_crl_from(list.clone(), source))
            .unwrap();
        assert_eq!(store.ends(5_000, 0), []);
        store.edit(|evidence| evidence.keep_crl(judge(0), &list, &party(&[1]), None));
        let due = store.due(5_000, 0);
        assert_eq!(due[0].request().url(), "http://crl.example/");
    }

    #[test]
    fn paused_urls_are_left_out() {
        let store = Store::default();
        store.keep_crl(&ListParts::default(), &party(&[1]), "crl.example");
        let fail = |url: &str| {
            let failed = FetchFailure::Unreachable.into();
            store.edit(|evidence| evidence.note_answer(url, &key(1), &failed, at(2_000)));
        };
        fail("http://crl.example/a");
        assert_eq!(urls(&store.due(2_000, 0)[0]), ["http://crl.example/b"]);
        fail("http://crl.example/b");
        assert_eq!(store.ends(2_000, 0), []);
        assert_eq!(urls(&store.due(2_001, 0)[0]).len(), 2);
    }

    #[test]
    fn what_brought_nothing_new_waits_longer_and_asks_elsewhere() {
        let store = Store::default();
        store.keep_crl(&ListParts::default(), &party(&[1]), "crl.example");
        let (mut now, mut waits) = (2_000, Vec::new());
        for _ in 0..14 {
            let due = store.due(now, 0);
            store.edit(|evidence| evidence.note_no_news(&due[0], at(now)));
            let wait = (0..).find(|wait| !store.due(now + wait, 0).is_empty());
            waits.push(wait.unwrap());
            now += waits[waits.len() - 1];
        }
        assert_eq!(waits[..4], [1, 2, 4, 8]);
        assert_eq!(waits[12..], [3_600, 3_600]);
        let due = &store.due(now, 0)[0];
        assert_eq!(urls(due), ["http://crl.example/a", "http://crl.example/b"]);
        store.edit(|evidence| evidence.note_no_news(due, at(now)));
        let later = store.due(now + 3_600, 0);
        assert_eq!(
            urls(&later[0]),
            ["http://crl.example/b", "http://crl.example/a"]
        );
        // A new one starts from the beginning.
        let parts = ListParts {
            this: 5,
            ..ListParts::default()
        };
        let kept = store.edit(|evidence| evidence.renew(judge(500), due, &Held::Crl(parts.list())));
        assert_eq!(kept, Kept::New);
        assert_eq!(store.ends(now, 0), [at(1_000)]);
    }

    #[test]
    fn responses_that_nobody_asks_for_are_due_once() {
        let store = Store::default();
        store.keep_response(&ResponseParts::default());
        let first = store.due(1_000, 0);
        let renewed = ResponseParts {
            this: 900,
            next: Some(2_000),
            ..ResponseParts::default()
        };
        let renewed = Held::Response(renewed.response());
        let kept = store.edit(|evidence| evidence.renew(judge(1_000), &first[0], &renewed));
        assert_eq!(kept, Kept::New);
        assert_eq!(store.ends(2_000, 0), []);
        let cert = certificate("issuer", 7, &[]);
        let key = key(1);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        let hashes = IssuerHashes::new(&cert.issuer(), &key);
        store.edit(|evidence| assert_eq!(evidence.responses_about(&cert, &key, &hashes).len(), 1));
        assert_eq!(store.ends(2_000, 0), [at(2_000)]);
    }

    #[test]
    fn the_source_follows_a_crl_into_its_new_scope() {
        let store = Store::default();
        let old = ListParts {
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        store.keep_crl(&old, &party(&[1]), "crl.example");
        let first = store.due(1_000, 0);
        let parts = ListParts {
            this: 900,
            next: Some(2_000),
            uris: Vec::from(["http://crl.example/a"]),
            ..ListParts::default()
        };
        let parts = Held::Crl(parts.list());
        let kept = store.edit(|evidence| evidence.renew(judge(1_000), &first[0], &parts));
        assert_eq!(kept, Kept::New);
        // What the old one revokes stays revoked, and is asked for no more.
        assert_eq!(store.edit(|evidence| evidence.len()), 2);
        assert_eq!(store.ends(5_000, 0), [at(2_000)]);
        store.edit(|evidence| {
            let sizes: usize = evidence.crls().map(|kept| kept.size()).sum();
            assert_eq!(evidence.bytes(), sizes);
        });
    }

    #[test]
    fn what_was_given_up_meanwhile_comes_back_with_its_source() {
        let store = Store::default();
        store.keep_crl(&ListParts::default(), &party(&[1]), "crl.example");
        store.keep_response(&ResponseParts::default());
        let all = store.due(1_000, 0);
        store.edit(Evidence::flush);
        for due in &all {
            store.edit(|evidence| {
                evidence.note_no_news(due, at(1_000));
                evidence.renew(judge(1_000), due, &due.held);
            });
        }
        store.edit(|evidence| {
            assert_eq!(evidence.len(), 2);
            assert!(evidence.crls().all(|kept| kept.urls().len() == 2));
            assert!(evidence.responses().all(|kept| kept.urls().len() == 2));
        });
    }

    #[test]
    fn crls_are_polled_at_the_interval_that_the_caller_states() {
        let store = Store::default();
        store.keep_crl(&crl("issuer", 1_000_000), &party(&[1]), "crl.example");
        store.keep_response(&ResponseParts {
            next: Some(1_000_000),
            ..ResponseParts::default()
        });
        assert!(
            store
                .due(599, RefreshSchedule::from(60).poll_crls_every(600))
                .is_empty()
        );
        let due = store.due(600, RefreshSchedule::from(60).poll_crls_every(600));
        assert_eq!(due.len(), 1);
        assert!(due[0].is_poll);
        // It has not changed, and is asked for at the next interval.
        let same = Held::Crl(crl("issuer", 1_000_000).list());
        let kept = store.edit(|evidence| evidence.renew(judge(600), &due[0], &same));
        assert_eq!(kept, Kept::Known);
        assert!(
            store
                .due(1_199, RefreshSchedule::from(60).poll_crls_every(600))
                .is_empty()
        );
        assert_eq!(
            store
                .due(1_200, RefreshSchedule::from(60).poll_crls_every(600))
                .len(),
            1
        );
    }

    #[test]
    fn chance_spreads_renewals_over_an_eighth_of_the_time_ahead() {
        let mut first = Vec::new();
        for seed in 0..40 {
            let store = Store::default();
            store.keep_crl(&crl("issuer", 10_000), &party(&[1]), "crl.example");
            let schedule = RefreshSchedule::from(800).jitter(seed);
            let is_due = |now: &i64| !store.due(*now, schedule).is_empty();
            first.push((9_000..=9_200).find(is_due).unwrap());
        }
        assert!(
            first.iter().all(|now| (9_100..=9_200).contains(now)),
            "{first:?}"
        );
        first.sort_unstable();
        first.dedup();
        assert!(first.len() > 15, "{first:?}");
    }

    #[test]
    fn bounded_in_number() {
        let store = Store::default();
        for seed in 0..u32::try_from(MAX_DUE + 5).unwrap() {
            let key: Arc<[u8]> = Arc::from(&seed.to_be_bytes()[..]);
            store.keep_crl(&ListParts::default(), &[key], "crl.example");
        }
        let due = store.due(1_000, 0);
        assert_eq!(due.len(), MAX_DUE);
        let ids: Vec<u32> = due.iter().map(|due| due.request().id().0).collect();
        assert!(ids.iter().copied().eq(0..1024));
    }
}
