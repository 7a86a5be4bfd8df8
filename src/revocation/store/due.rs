//! What to fetch anew before it runs out.
//!
//! A background task asks for what is due, fetches it, and hands in the answers; the handshakes meanwhile find evidence
//! that is current, and wait for nobody. What is due is looked for among all that is held, under the lock: a matter of
//! milliseconds for a hundred thousand entries.
//!
//! A list is due whoever asks for it. A response is due only if somebody asked for its certificate since it came: else
//! a store would go on asking about clients who left long ago.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::lists::Entry;
use super::record::Record;
use super::table::Place;
use super::{Evidence, Kept};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::revocation::crl::Crl;
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
    /// A response about this certificate.
    Response {
        /// The certificate.
        certificate: Certificate,
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

    /// When what is held runs out.
    #[must_use]
    pub const fn until(&self) -> Time {
        self.until
    }

    pub(crate) const fn subject(&self) -> &Subject {
        &self.subject
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
    /// The evidence that has run out or does so within `ahead` seconds, by its dates and the policy; what ends first
    /// comes first, and of much at most [`MAX_DUE`].
    ///
    /// Only what a validation fetched and verified can be due: where else to ask is not known. What failed a moment ago, or
    /// brought nothing newer, is left out for a while, from 1 second to 5 minutes.
    pub fn due(&mut self, now: Time, ahead: u32, policy: &RevocationPolicy) -> Vec<Due> {
        let by = now.plus(i64::from(ahead));
        let mut ending = self.ending(by, policy);
        ending.sort_unstable();
        let mut due = Vec::new();
        for (until, held) in ending {
            if due.len() == MAX_DUE {
                break;
            }
            let Some(urls) = self.urls_to_ask(held, now) else {
                continue;
            };
            let id = RequestId(due.len() as u32);
            let candidate = Candidate { until, held, urls };
            due.extend(self.assemble(candidate, id));
        }
        due
    }

    fn ending(&self, by: Time, policy: &RevocationPolicy) -> Vec<(Time, Held)> {
        let lists = self.lists.iter().filter_map(|(place, entry)| {
            let is_known = entry.key.is_some() && entry.record.source.is_some();
            let (this, next) = (entry.list.this_update(), entry.list.next_update());
            let until = policy.valid_until(this, next).filter(|_| is_known)?;
            Some((until, Held::List(place)))
        });
        let responses = self.responses.iter().filter_map(|(place, entry)| {
            let record = &entry.record;
            let is_known = entry.about.is_some() && record.source.is_some() && record.in_use;
            let (this, next) = (entry.statement.this_update, entry.statement.next_update);
            let until = policy.valid_until(this, next).filter(|_| is_known)?;
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
        let record = self.record(held)?;
        if record.retry.lasts(now) {
            return None;
        }
        let mut urls = record.source.as_ref()?.urls.clone();
        urls.retain(|url| !self.is_paused(url, now));
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
                    certificate: source.certificate.clone(),
                    issuer_key: Arc::from(&*entry.about.as_ref()?.key),
                };
                (source, subject)
            }
        };
        let request = Request {
            id,
            urls,
            kind: source.kind,
            certificate: source.certificate.clone(),
            ocsp: source.ocsp.clone(),
        };
        Some(Due {
            request,
            until,
            subject,
        })
    }

    /// Takes in a list that the key of the one that was due signed.
    pub(crate) fn renew_list(&mut self, due: &Due, list: &Crl, at: Time) -> Kept {
        let Subject::List { list: old, key } = &due.subject else {
            return Kept::Known;
        };
        let mut entry = Entry::new(list, Some(key), None);
        let held = self.lists.successor(old, key);
        entry.record.source = match held {
            Some(_) if old.idp_der() == list.idp_der() => None,
            // The issuer has changed the scope: from now on these URLs bring lists of the new one.
            Some(place) => self.lists.take_source(place),
            None => Some(due.request.clone()),
        };
        self.clock = at;
        entry.record.last_used = self.next_use();
        if self.fits(entry.record.size()).is_err() {
            return Kept::TooLarge;
        }
        let kept = self.lists.keep(entry);
        self.make_room();
        kept
    }

    /// Takes in a response that holds for the certificate about which one was due.
    pub(crate) fn renew_response(&mut self, due: &Due, response: &OcspResponse, at: Time) -> Kept {
        let Subject::Response {
            certificate,
            issuer_key,
        } = &due.subject
        else {
            return Kept::Known;
        };
        let key = SubjectPublicKeyInfo::from_checked(issuer_key);
        let held = self.responses.held_for(certificate, &key);
        let source = held.is_none().then_some(&due.request);
        let entry = super::responses::Entry::about(response, certificate, &key, source);
        let Some(mut entry) = entry else {
            return Kept::Known;
        };
        self.clock = at;
        entry.record.last_used = self.next_use();
        if self.fits(entry.record.size()).is_err() {
            return Kept::TooLarge;
        }
        let kept = self.responses.keep(entry);
        self.make_room();
        kept
    }

    /// What a URL sent in answer to what was due brought nothing newer: it is not due again at once, and the other URLs
    /// are asked first.
    pub(crate) fn note_no_news(&mut self, due: &Due, url: Option<&String>, at: Time) {
        let held = match &due.subject {
            Subject::List { list, key } => self.lists.successor(list, key).map(Held::List),
            Subject::Response {
                certificate,
                issuer_key,
            } => {
                let key = SubjectPublicKeyInfo::from_checked(issuer_key);
                let held = self.responses.held_for(certificate, &key);
                held.map(Held::Response)
            }
        };
        if let Some(record) = held.and_then(|held| self.record(held)) {
            record.retry.grow(at);
            if let Some(url) = url {
                record.ask_last(url);
            }
        }
    }
}
