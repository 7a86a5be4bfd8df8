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

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use tinyvec::TinyVec;

use super::entry::{Entry, Held, Source};
use super::responses::{self, About};
use super::table::Place;
use super::{Evidence, EvidenceStore, Kept};
use crate::certificate::SubjectPublicKeyInfo;
use crate::narrow;
use crate::revocation::crl::Crl;
use crate::revocation::judge::Judge;
use crate::revocation::ocsp::OcspResponse;
use crate::revocation::request::{Request, RequestId};
use crate::time::Time;

/// Most evidence that is named as due at once.
pub const MAX_DUE: usize = 1024;

/// How many entries are looked at under one lock.
const PART: u32 = 16;

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
            Held::Crl { crl, .. } => crl.as_der(),
            Held::Response { response, .. } => response.as_der(),
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
    request: Request,
    /// More URLs for the same, behind that of the request.
    others: Vec<String>,
    until: Option<Time>,
    /// It is current still, and asked for to see whether there is a newer one.
    is_poll: bool,
    subject: Subject,
    /// The keys that vouch for it.
    party: Vec<Arc<[u8]>>,
}

/// What the successor must be.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// A CRL of the same issuer that the same key signed: this one is held.
    Crl(Crl),
    /// A response about the certificate of the request.
    Response,
}

impl Due {
    /// What to fetch, of any fetcher.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The same, asked of the next URL; `None` after the last.
    #[must_use]
    pub fn next_url(mut self) -> Option<Self> {
        if self.others.is_empty() {
            return None;
        }
        self.request.url = self.others.remove(0);
        Some(self)
    }

    /// When what is held ends; `None`: never.
    #[must_use]
    pub const fn until(&self) -> Option<Time> {
        self.until
    }

    pub(crate) const fn is_poll(&self) -> bool {
        self.is_poll
    }

    pub(crate) const fn subject(&self) -> &Subject {
        &self.subject
    }

    pub(crate) fn key(&self) -> &[u8] {
        self.party.last().map_or(&[], |key| key)
    }

    fn source(&self) -> Source {
        let url = core::iter::once(self.request.url.clone());
        Source {
            request: self.request.clone(),
            urls: url.chain(self.others.iter().cloned()).collect(),
        }
    }
}

/// What is due, and whose it is.
struct Candidate {
    due: Due,
    party: TinyVec<[Place; 4]>,
    has_ended: bool,
}

/// All that is due, in a fair order; of much at most [`MAX_DUE`].
pub(crate) fn due(
    store: &dyn EvidenceStore,
    judge: Judge<'_>,
    schedule: RefreshSchedule,
) -> Vec<Due> {
    let mut candidates = Vec::new();
    let mut next = Some(Place::default());
    while let Some(from) = next {
        store.read(&mut |evidence| {
            let (part, then) = evidence.entries.part(from, PART);
            candidates.extend(part.filter_map(|(_, one)| evidence.candidate(judge, schedule, one)));
            next = then;
        });
    }
    let mut due = fair(candidates);
    due.truncate(MAX_DUE);
    for (number, due) in due.iter_mut().enumerate() {
        due.request.id = RequestId(narrow::bounded(number));
    }
    due
}

/// Puts candidates into an order in which the parties of each level take turns.
fn fair(mut all: Vec<Candidate>) -> Vec<Due> {
    all.sort_by_key(|one| (one.has_ended, one.due.until));
    let depth = all.iter().map(|one| one.party.len()).max().unwrap_or(0);
    let mut ranked: Vec<(usize, Candidate)> = all.into_iter().map(|one| (0, one)).collect();
    // From the deepest level up: those below one party are ranked by their turns.
    for level in (0..=depth).rev() {
        let above = |one: &Candidate| {
            one.party
                .get(..level)
                .map_or_else(|| one.party.to_vec(), <[_]>::to_vec)
        };
        ranked.sort_by_cached_key(|(rank, one)| (above(one), *rank, one.party.get(level).copied()));
        let mut before: Option<Vec<Place>> = None;
        let mut turn = 0;
        for (rank, one) in &mut ranked {
            let group = Some(above(one));
            turn = if group == before { turn + 1 } else { 0 };
            (*rank, before) = (turn, group);
        }
    }
    ranked.into_iter().map(|(_, one)| one.due).collect()
}

impl Evidence {
    /// A piece of evidence, if it is due.
    fn candidate(
        &self,
        judge: Judge<'_>,
        schedule: RefreshSchedule,
        entry: &Entry,
    ) -> Option<Candidate> {
        let now = judge.at;
        let source = entry.source.as_ref()?;
        let (subject, this_update, next_update) = match &entry.held {
            Held::Crl { crl, key } => {
                key.as_ref()?;
                (
                    Subject::Crl(crl.clone()),
                    crl.this_update(),
                    crl.next_update(),
                )
            }
            Held::Response { about, summary, .. } => {
                about.as_ref().filter(|_| entry.is_asked_for())?;
                (Subject::Response, summary.this_update, summary.next_update)
            }
        };
        let until = judge.until(this_update, next_update);
        let ends = until.is_some_and(|until| until <= now.plus(schedule.ahead_of(entry)));
        let is_crl = matches!(subject, Subject::Crl(_));
        let polled = schedule.poll.filter(|_| is_crl);
        let is_poll = polled.is_some_and(|poll| now >= entry.seen.plus(i64::from(poll)));
        if !(ends || is_poll) || entry.retry.lasts(now) {
            return None;
        }
        let party = self.party_of(entry);
        let key = party.last()?;
        let mut urls = source
            .urls
            .iter()
            .filter(|url| !self.is_paused(url, key, now));
        let request = Request {
            url: urls.next()?.clone(),
            ..source.request.clone()
        };
        Some(Candidate {
            has_ended: until.is_some_and(|until| until < now),
            party: self.accounts.places(entry.link),
            due: Due {
                request,
                others: urls.cloned().collect(),
                until,
                is_poll: !ends,
                subject,
                party,
            },
        })
    }

    /// Takes in a CRL that the key of the one that was due signed.
    pub(crate) fn renew_crl(&mut self, judge: Judge<'_>, due: &Due, crl: &Crl) -> Kept {
        let (Subject::Crl(old), Some(key)) = (&due.subject, due.party.last()) else {
            return Kept::Known;
        };
        self.clock = judge.heard;
        let held = Held::Crl {
            crl: crl.clone(),
            key: Some(Arc::clone(key)),
        };
        // The source goes to what came from it, whether or not that takes the place of the old
        // one: it may have another scope, or be a delta on a newer base.
        let place = self.crl_place(old, key);
        let source = place.and_then(|place| self.entries.get(place)?.source.clone());
        let source = source.unwrap_or_else(|| due.source());
        let entry = Entry::new(held, Some(source), judge.heard);
        let kept = self.keep_among(judge, crl, entry, &due.party);
        let old_stays = |place: &Place| self.crl_at(*place).is_some_and(|one| one == old);
        if let Some(place) = place.filter(|place| kept == Kept::New && old_stays(place)) {
            self.change(place, |old| old.source = None);
        }
        kept
    }

    /// Takes in a response that holds for the certificate about which one was due.
    pub(crate) fn renew_response(
        &mut self,
        judge: Judge<'_>,
        due: &Due,
        response: &OcspResponse,
    ) -> Kept {
        let certificate = due.request.certificate();
        let key = SubjectPublicKeyInfo::from_checked(due.key());
        let about = About::new(certificate, &key);
        let held = self.response_place(&about);
        let source = held.is_none().then(|| due.source());
        let entry = responses::entry(judge, response, certificate, &key, source.as_ref());
        let Some(entry) = entry else {
            return Kept::Known;
        };
        self.clock = judge.heard;
        self.keep_about(judge, entry, &about, &due.party)
    }

    /// What a URL sent in answer to what was due brought nothing newer: it is not due again at
    /// once, and the other URLs are asked first.
    pub(crate) fn note_no_news(&mut self, due: &Due, at: Time) {
        let place = match (&due.subject, due.party.last()) {
            (Subject::Crl(crl), Some(key)) => self.crl_place(crl, key),
            (Subject::Response, Some(key)) => {
                let key = SubjectPublicKeyInfo::from_checked(key);
                self.response_place(&About::new(due.request.certificate(), &key))
            }
            (_, None) => None,
        };
        if let Some(entry) = place.and_then(|place| self.entries.get_mut(place)) {
            entry.retry.grow(at, LONGEST_RETRY);
            entry.ask_last(due.request.url());
        }
    }
}

/// Looks at one part, as [`due`] does, and says where the next begins.
#[cfg(test)]
pub(super) fn measured_part(evidence: &Evidence, from: Place, judge: Judge<'_>) -> Option<Place> {
    let (part, next) = evidence.entries.part(from, PART);
    let schedule = RefreshSchedule::from(0);
    let due = part.filter_map(|(_, one)| evidence.candidate(judge, schedule, one));
    let _ = due.count();
    next
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::accounts::Party;
    use super::super::testing::{
        ListParts, ResponseParts, at, certificate, judge, key, party, source, urls,
    };
    use super::*;
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
                let kept = store.edit(|all| all.renew_crl(judge(100), due, &parts.list()));
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
        let kept = store.edit(|evidence| evidence.renew_crl(judge(500), due, &parts.list()));
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
        let renewed = renewed.response();
        let kept =
            store.edit(|evidence| evidence.renew_response(judge(1_000), &first[0], &renewed));
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
        let parts = parts.list();
        let kept = store.edit(|evidence| evidence.renew_crl(judge(1_000), &first[0], &parts));
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
                match due.subject() {
                    Subject::Crl(crl) => evidence.renew_crl(judge(1_000), due, crl),
                    Subject::Response => {
                        let response = ResponseParts::default().response();
                        evidence.renew_response(judge(1_000), due, &response)
                    }
                };
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
        assert!(due[0].is_poll());
        // It has not changed, and is asked for at the next interval.
        let same = crl("issuer", 1_000_000).list();
        let kept = store.edit(|evidence| evidence.renew_crl(judge(600), &due[0], &same));
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
