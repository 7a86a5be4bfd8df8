//! What to fetch anew before it runs out.
//!
//! A background task asks for what is due, fetches it, and hands in the answers; the handshakes
//! meanwhile find evidence that is current, and wait for nobody. What is due is looked for among
//! all that is held, under the lock: a matter of milliseconds for a hundred thousand entries.
//!
//! A list is due whoever asks for it. A response is due only if somebody asked for its certificate
//! since it came: else a store would go on asking about clients who left long ago.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::lists::Entry;
use super::record::{Record, Source};
use super::table::Place;
use super::{Evidence, Kept};
use crate::certificate::SubjectPublicKeyInfo;
use crate::narrow;
use crate::revocation::crl::Crl;
use crate::revocation::judge::Judge;
use crate::revocation::ocsp::OcspResponse;
use crate::revocation::policy::RevocationPolicy;
use crate::revocation::request::{Request, RequestId};
use crate::time::Time;

/// Most evidence that [`Evidence::due`] names at once.
pub const MAX_DUE: usize = 1024;

/// Evidence that runs out soon or has run out, and the request that may bring its successor.
#[derive(Clone, Debug)]
pub struct Due {
    request: Request,
    /// More URLs for the same, behind that of the request.
    others: Vec<String>,
    until: Time,
    subject: Subject,
}

/// What the successor must be.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// A list of the same issuer that the same key signed.
    List {
        /// What is held.
        list: Crl,
        /// The key.
        key: Arc<[u8]>,
    },
    /// A response about the certificate of the request.
    Response {
        /// The key of its issuer: a `SubjectPublicKeyInfo` in DER.
        issuer_key: Arc<[u8]>,
    },
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

    /// When what is held runs out.
    #[must_use]
    pub const fn until(&self) -> Time {
        self.until
    }

    pub(crate) const fn subject(&self) -> &Subject {
        &self.subject
    }

    fn source(&self) -> Source {
        let url = core::iter::once(self.request.url.clone());
        Source {
            request: self.request.clone(),
            urls: url.chain(self.others.iter().cloned()).collect(),
        }
    }
}

/// Something that may be due, before it is put together.
struct Candidate {
    until: Time,
    held: Held,
    urls: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    List(Place),
    Response(Place),
}

impl Evidence {
    /// The evidence that has run out or does so within `ahead` seconds, by its dates and the
    /// policy; what ends first comes first, and of much at most [`MAX_DUE`].
    ///
    /// Only what a validation fetched and verified can be due: where else to ask is not known. What
    /// failed a moment ago, or brought nothing newer, is left out for a while, from 1 second to
    /// 5 minutes.
    pub fn due(&mut self, now: Time, ahead: u32, policy: &RevocationPolicy) -> Vec<Due> {
        let by = now.plus(i64::from(ahead));
        let mut ending = self.ending(by, Judge::new(policy, now));
        ending.sort_unstable();
        let mut due = Vec::new();
        for (until, held) in ending {
            if due.len() == MAX_DUE {
                break;
            }
            let Some(urls) = self.urls_to_ask(held, now) else {
                continue;
            };
            let id = RequestId(narrow::bounded(due.len()));
            let candidate = Candidate { until, held, urls };
            due.extend(self.assemble(candidate, id));
        }
        due
    }

    fn ending(&self, by: Time, judge: Judge<'_>) -> Vec<(Time, Held)> {
        let lists = self.lists.iter().filter_map(|(place, entry)| {
            let is_known = entry.key.is_some() && entry.record.source.is_some();
            let (this, next) = (entry.list.this_update(), entry.list.next_update());
            let until = judge.until(this, next).filter(|_| is_known)?;
            Some((until, Held::List(place)))
        });
        let responses = self.responses.iter().filter_map(|(place, entry)| {
            let record = &entry.record;
            let is_known = entry.about.is_some() && record.source.is_some() && record.in_use;
            let (this, next) = (entry.statement.this_update, entry.statement.next_update);
            let until = judge.until(this, next).filter(|_| is_known)?;
            Some((until, Held::Response(place)))
        });
        let all = lists.chain(responses);
        all.filter(|(until, _)| *until <= by).collect()
    }

    fn record(&mut self, held: Held) -> Option<&mut Record> {
        match held {
            Held::List(place) => self.lists.record(place),
            Held::Response(place) => self.responses.record(place),
        }
    }

    /// The URLs that are not paused; `None` if it is too early to ask any.
    fn urls_to_ask(&mut self, held: Held, now: Time) -> Option<Vec<String>> {
        let key: Vec<u8> = match held {
            Held::List(place) => self.lists.get(place)?.key.as_deref()?.into(),
            Held::Response(place) => self.responses.get(place)?.about.as_ref()?.key.to_vec(),
        };
        let record = self.record(held)?;
        if record.retry.lasts(now) {
            return None;
        }
        let mut urls = record.source.as_ref()?.urls.clone();
        urls.retain(|url| !self.is_paused(url, &key, now));
        (!urls.is_empty()).then_some(urls)
    }

    fn assemble(&self, candidate: Candidate, id: RequestId) -> Option<Due> {
        let Candidate { until, held, urls } = candidate;
        let (source, subject) = match held {
            Held::List(place) => {
                let entry = self.lists.get(place)?;
                let subject = Subject::List {
                    list: entry.list.clone(),
                    key: Arc::clone(entry.key.as_ref()?),
                };
                (entry.record.source.as_ref()?, subject)
            }
            Held::Response(place) => {
                let entry = self.responses.get(place)?;
                let source = entry.record.source.as_ref()?;
                let subject = Subject::Response {
                    issuer_key: Arc::from(&*entry.about.as_ref()?.key),
                };
                (source, subject)
            }
        };
        let mut urls = urls.into_iter();
        let request = Request {
            id,
            url: urls.next()?,
            ..source.request.clone()
        };
        Some(Due {
            request,
            others: urls.collect(),
            until,
            subject,
        })
    }

    /// Takes in a list that the key of the one that was due signed.
    pub(crate) fn renew_list(&mut self, judge: Judge<'_>, due: &Due, list: &Crl) -> Kept {
        let Subject::List { list: old, key } = &due.subject else {
            return Kept::Known;
        };
        let mut entry = Entry::new(list, Some(key), None);
        let held = self.lists.successor(old, key);
        entry.record.source = match held {
            Some(_) if old.idp_der() == list.idp_der() => None,
            // The issuer has changed the scope: from now on these URLs bring lists of the new one.
            Some(place) => self.lists.take_source(place),
            None => Some(due.source()),
        };
        self.clock = judge.at;
        entry.record.last_used = self.next_use();
        if self.fits(entry.record.size()).is_err() {
            return Kept::TooLarge;
        }
        let kept = self.lists.keep(judge, entry);
        self.make_room();
        kept
    }

    /// Takes in a response that holds for the certificate about which one was due.
    pub(crate) fn renew_response(
        &mut self,
        judge: Judge<'_>,
        due: &Due,
        response: &OcspResponse,
    ) -> Kept {
        let Subject::Response { issuer_key } = &due.subject else {
            return Kept::Known;
        };
        let certificate = due.request.certificate();
        let key = SubjectPublicKeyInfo::from_checked(issuer_key);
        let held = self.responses.held_for(certificate, &key);
        let source = held.is_none().then(|| due.source());
        let entry =
            super::responses::Entry::about(judge, response, certificate, &key, source.as_ref());
        let Some(mut entry) = entry else {
            return Kept::Known;
        };
        self.clock = judge.at;
        entry.record.last_used = self.next_use();
        if self.fits(entry.record.size()).is_err() {
            return Kept::TooLarge;
        }
        let kept = self.responses.keep(judge, entry);
        self.make_room();
        kept
    }

    /// What a URL sent in answer to what was due brought nothing newer: it is not due again at
    /// once, and the other URLs are asked first.
    pub(crate) fn note_no_news(&mut self, due: &Due, at: Time) {
        let held = match &due.subject {
            Subject::List { list, key } => self.lists.successor(list, key).map(Held::List),
            Subject::Response { issuer_key } => {
                let key = SubjectPublicKeyInfo::from_checked(issuer_key);
                let held = self.responses.held_for(due.request.certificate(), &key);
                held.map(Held::Response)
            }
        };
        if let Some(record) = held.and_then(|held| self.record(held)) {
            record.retry.grow(at);
            record.ask_last(due.request.url());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        ListParts, ResponseParts, at, certificate, judge, key, source, urls,
    };
    use super::*;
    use crate::revocation::ocsp::IssuerHashes;
    use crate::revocation::request::FetchFailure;

    fn keep_list(evidence: &mut Evidence, parts: &ListParts, host: &str) {
        let cert = certificate(parts.issuer, 7, &[]);
        let request = source(&cert, None, host);
        evidence.keep_list(judge(0), &parts.list(), &key(parts.key), Some(&request));
    }

    fn keep_response(evidence: &mut Evidence, parts: &ResponseParts) {
        let cert = certificate("issuer", parts.serials[0], &[]);
        let request = source(&cert, Some(1), "ocsp.example");
        let key = key(1);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        evidence.keep_response(judge(0), &parts.response(), &cert, &key, Some(&request));
    }

    fn due(evidence: &mut Evidence, now: i64, ahead: u32) -> Vec<Due> {
        evidence.due(at(now), ahead, &RevocationPolicy::default())
    }

    fn ends(evidence: &mut Evidence, now: i64, ahead: u32) -> Vec<Time> {
        due(evidence, now, ahead).iter().map(Due::until).collect()
    }

    #[test]
    fn what_ends_first_comes_first() {
        let mut evidence = Evidence::new();
        for (issuer, next) in [("aa", 500), ("bb", 300), ("cc", 900)] {
            let parts = ListParts {
                issuer,
                next: Some(next),
                ..ListParts::default()
            };
            keep_list(&mut evidence, &parts, "crl.example");
        }
        let parts = ResponseParts {
            next: Some(400),
            ..ResponseParts::default()
        };
        keep_response(&mut evidence, &parts);
        assert_eq!(ends(&mut evidence, 200, 50), []);
        assert_eq!(ends(&mut evidence, 200, 300), [at(300), at(400), at(500)]);
        assert_eq!(ends(&mut evidence, 450, 0), [at(300), at(400)]);
        let ids = due(&mut evidence, 450, 0);
        let ids: Vec<u32> = ids.iter().map(|due| due.request().id().0).collect();
        assert_eq!(ids, [0, 1]);
    }

    #[test]
    fn the_policy_says_when_evidence_without_an_end_ends() {
        let mut evidence = Evidence::new();
        let parts = ListParts {
            next: None,
            ..ListParts::default()
        };
        keep_list(&mut evidence, &parts, "crl.example");
        assert_eq!(ends(&mut evidence, 0, 0), []);
        assert_eq!(ends(&mut evidence, 3 * 86_400, 0), [at(3 * 86_400)]);
        let for_ever = RevocationPolicy::default().max_age_without_next_update(None);
        assert!(evidence.due(at(i64::MAX / 2), 0, &for_ever).is_empty());
    }

    #[test]
    fn without_a_source_or_a_verified_signature_nothing_is_due() {
        let mut evidence = Evidence::new();
        let list = ListParts::default().list();
        evidence.insert_list(list.clone()).unwrap();
        assert_eq!(ends(&mut evidence, 5_000, 0), []);
        evidence.keep_list(judge(0), &list, &key(1), None);
        assert_eq!(ends(&mut evidence, 5_000, 0), []);
        keep_list(&mut evidence, &ListParts::default(), "crl.example");
        assert_eq!(ends(&mut evidence, 5_000, 0), [at(1_000)]);
    }

    #[test]
    fn paused_urls_are_left_out() {
        let mut evidence = Evidence::new();
        keep_list(&mut evidence, &ListParts::default(), "crl.example");
        evidence.note_answer(
            "http://crl.example/a",
            &key(1),
            &FetchFailure::Unreachable.into(),
            at(2_000),
        );
        let first = due(&mut evidence, 2_000, 0);
        assert_eq!(urls(&first[0]), ["http://crl.example/b"]);
        evidence.note_answer(
            "http://crl.example/b",
            &key(1),
            &FetchFailure::Unreachable.into(),
            at(2_000),
        );
        assert_eq!(ends(&mut evidence, 2_000, 0), []);
        let later = due(&mut evidence, 2_001, 0);
        assert_eq!(urls(&later[0]).len(), 2);
    }

    #[test]
    fn what_brought_nothing_new_waits_and_asks_elsewhere() {
        let mut evidence = Evidence::new();
        keep_list(&mut evidence, &ListParts::default(), "crl.example");
        let first = due(&mut evidence, 2_000, 0);
        evidence.note_no_news(&first[0], at(2_000));
        assert_eq!(ends(&mut evidence, 2_000, 0), []);
        let second = due(&mut evidence, 2_001, 0);
        assert_eq!(
            urls(&second[0]),
            ["http://crl.example/b", "http://crl.example/a"]
        );
        evidence.note_no_news(&second[0], at(2_001));
        assert_eq!(ends(&mut evidence, 2_002, 0), []);
        // A new one starts from the beginning.
        let parts = ListParts {
            this: 5,
            ..ListParts::default()
        };
        assert_eq!(
            evidence.renew_list(judge(2_002), &second[0], &parts.list()),
            Kept::New
        );
        assert_eq!(ends(&mut evidence, 2_002, 0), [at(1_000)]);
    }

    #[test]
    fn responses_that_nobody_asks_for_are_due_once() {
        let mut evidence = Evidence::new();
        keep_response(&mut evidence, &ResponseParts::default());
        let first = due(&mut evidence, 1_000, 0);
        let renewed = ResponseParts {
            this: 900,
            next: Some(2_000),
            ..ResponseParts::default()
        };
        let kept = evidence.renew_response(judge(1_000), &first[0], &renewed.response());
        assert_eq!(kept, Kept::New);
        assert_eq!(ends(&mut evidence, 2_000, 0), []);
        let cert = certificate("issuer", 7, &[]);
        let key = key(1);
        let key = SubjectPublicKeyInfo::from_checked(&key);
        let hashes = IssuerHashes::new(&cert.issuer(), &key);
        assert_eq!(evidence.responses_about(&cert, &key, &hashes).len(), 1);
        assert_eq!(ends(&mut evidence, 2_000, 0), [at(2_000)]);
    }

    #[test]
    fn the_source_follows_a_list_into_its_new_scope() {
        let mut evidence = Evidence::new();
        let old = ListParts {
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        keep_list(&mut evidence, &old, "crl.example");
        let first = due(&mut evidence, 1_000, 0);
        let parts = ListParts {
            this: 900,
            next: Some(2_000),
            uris: Vec::from(["http://crl.example/a"]),
            ..ListParts::default()
        };
        let kept = evidence.renew_list(judge(1_000), &first[0], &parts.list());
        assert_eq!(kept, Kept::New);
        // What the old one revokes stays revoked, and is asked for no more.
        assert_eq!(evidence.len(), 2);
        assert_eq!(ends(&mut evidence, 5_000, 0), [at(2_000)]);
        let sizes: usize = evidence.lists().map(|kept| kept.size()).sum();
        assert_eq!(evidence.bytes(), sizes);
    }

    #[test]
    fn what_was_given_up_meanwhile_comes_back_with_its_source() {
        let mut evidence = Evidence::new();
        keep_list(&mut evidence, &ListParts::default(), "crl.example");
        keep_response(&mut evidence, &ResponseParts::default());
        let all = due(&mut evidence, 1_000, 0);
        evidence.flush();
        for due in &all {
            evidence.note_no_news(due, at(1_000));
            match due.subject() {
                Subject::List { list, .. } => evidence.renew_list(judge(1_000), due, list),
                Subject::Response { .. } => {
                    let response = ResponseParts::default().response();
                    evidence.renew_response(judge(1_000), due, &response)
                }
            };
        }
        assert_eq!(evidence.len(), 2);
        assert!(evidence.lists().all(|kept| kept.urls().len() == 2));
        assert!(evidence.responses().all(|kept| kept.urls().len() == 2));
    }

    #[test]
    fn bounded_in_number() {
        let mut evidence = Evidence::new();
        let list = ListParts::default().list();
        for seed in 0..MAX_DUE + 5 {
            let key: Arc<[u8]> = Arc::from(&seed.to_be_bytes()[..]);
            let request = source(&certificate("issuer", 7, &[]), None, "crl.example");
            evidence.keep_list(judge(0), &list, &key, Some(&request));
        }
        assert_eq!(due(&mut evidence, 1_000, 0).len(), MAX_DUE);
    }
}
