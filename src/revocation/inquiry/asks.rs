//! What is asked for: which sources a certificate names, in which order, and what has come of them.
//!
//! Each question has its sources in the order of the policy. A look asks for the first source of
//! all questions at once; what is still unknown at the next look is asked of the URLs that are
//! left, then of the other source. A source is asked once; what its URLs did not tell, they do not
//! tell later either.

use alloc::string::String;
use alloc::vec::Vec;

use super::parties::{certificate_of, key_of};
use super::{Inquiry, NOTHING, Setting};
use crate::certificate::Certificate;
use crate::certificate::extensions::{AuthorityInfoAccess, CrlDistributionPoints, FreshestCrl};
use crate::narrow;
use crate::path::context::{Issuer, PathContext};
use crate::path::{Budget, UnknownStatus};
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::{OcspRequest, OcspResponse};
use crate::revocation::policy::SourceOrder;
use crate::revocation::request::{Answer, FetchFailure, Request, RequestId, RequestKind};
use crate::revocation::status::Finding;
use crate::revocation::store::{EvidenceStore, note_answers, paused};
use crate::time::Time;

/// Most URLs that are asked for one thing: whoever writes certificates chooses how many there are.
const MAX_URLS: usize = 8;

/// A source of a question, as far as it has been asked.
pub(super) struct Ask {
    question: usize,
    kind: RequestKind,
    /// Those that have not been asked.
    left: Vec<String>,
    /// The request that was sent last, and whether it sent anything.
    request: Option<RequestId>,
    is_heard: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not asked yet.
    Idle,
    /// A request is out.
    Waiting,
    /// Something came, or the reason why nothing did.
    Ended(Option<UnknownStatus>),
}

impl Ask {
    pub(super) fn give_up(&mut self) {
        if self.state == State::Waiting {
            self.left.clear();
            self.state = State::Ended(Some(UnknownStatus::NotFetched));
        }
    }

    /// An answer came to this. Of several the one that says most counts, in whichever order they
    /// come.
    fn end(&mut self, came: Option<UnknownStatus>) {
        self.state = match (self.state, came) {
            (State::Ended(None), _) | (_, None) => State::Ended(None),
            (State::Ended(Some(known)), Some(new)) => State::Ended(Some(known.max(new))),
            (_, new) => State::Ended(new),
        };
    }

    /// Should what this URL sent be of no use, those behind it are asked.
    fn keep_behind(&mut self, request: &Request, url: usize) {
        if self.request != Some(request.id) {
            return;
        }
        let behind = request.urls.get(url.saturating_add(1)..);
        let behind = behind.unwrap_or_default();
        if !self.is_heard || behind.len() < self.left.len() {
            self.left = behind.to_vec();
        }
        self.is_heard = true;
    }
}

impl Inquiry {
    /// The requests that may answer what is unknown.
    pub(super) fn missing(
        &mut self,
        setting: Setting<'_, '_>,
        budget: &mut Budget,
        asked: &[usize],
    ) -> Vec<Request> {
        let mut requests = Vec::new();
        let is_unknown = |finding: Finding| {
            matches!(finding, Finding::Unknown(_)) || finding.has_run_out(setting.context.at)
        };
        let any_unknown = asked.iter().any(|&q| is_unknown(self.finding(q)));
        for question in 0..self.questions.len() {
            let is_asked = asked.contains(&question);
            let finding = self.finding(question);
            if is_unknown(finding) && (is_asked || any_unknown) {
                for kind in self.sources(setting, question) {
                    if self.ask(setting, budget, question, kind, &mut requests) {
                        break;
                    }
                }
            } else if is_asked && matches!(finding, Finding::Good(_)) {
                self.ask_for_delta(setting, budget, question, &mut requests);
            }
        }
        requests
    }

    /// The sources of a question, best first.
    fn sources(&self, setting: Setting<'_, '_>, question: usize) -> Vec<RequestKind> {
        let (crl, ocsp) = (RequestKind::Crl, RequestKind::Ocsp);
        let order = match setting.policy.order {
            SourceOrder::CrlFirst => [Some(crl), Some(ocsp)],
            SourceOrder::OcspFirst => [Some(ocsp), Some(crl)],
            SourceOrder::CrlOnly => [Some(crl), None],
            SourceOrder::OcspOnly => [Some(ocsp), None],
        };
        let subject = self.questions.get(question).map(|q| q.subject);
        let is_root = matches!(subject, Some(Issuer::Anchor(_)));
        // A responder that the root certified would vouch for the root.
        let order = order.into_iter().flatten();
        order.filter(|kind| !is_root || *kind == crl).collect()
    }

    /// Asks for one source. True when a request is out, so that the next source can wait.
    fn ask(
        &mut self,
        setting: Setting<'_, '_>,
        budget: &mut Budget,
        question: usize,
        kind: RequestKind,
        requests: &mut Vec<Request>,
    ) -> bool {
        let is_planned = |ask: &Ask| ask.question == question && ask.kind == kind;
        if !self.asks.iter().any(is_planned) {
            self.plan(setting.context, question, kind);
        }
        let places: Vec<usize> = (0..self.asks.len())
            .filter(|&place| self.asks.get(place).is_some_and(is_planned))
            .collect();
        let sent = requests.len();
        for place in places {
            self.send(setting, budget, place, requests);
        }
        requests.len() > sent
    }

    fn plan(&mut self, context: &PathContext<'_>, question: usize, kind: RequestKind) {
        let Some(subject) = self.questions.get(question).map(|q| q.subject) else {
            return;
        };
        let Some(certificate) = certificate_of(context, subject) else {
            return;
        };
        let groups = match kind {
            RequestKind::Crl => list_urls(certificate),
            _ => Vec::from([ocsp_urls(certificate)]),
        };
        self.add_asks(question, kind, groups);
    }

    fn add_asks(&mut self, question: usize, kind: RequestKind, groups: Vec<Vec<String>>) {
        let asks = groups.into_iter().map(|left| Ask {
            question,
            kind,
            state: if left.is_empty() {
                State::Ended(Some(UnknownStatus::NoSource))
            } else {
                State::Idle
            },
            left,
            request: None,
            is_heard: false,
        });
        self.asks.extend(asks);
    }

    /// Sends a request for the URLs that are left of a source, but for those that did not answer
    /// lately.
    fn send(
        &mut self,
        setting: Setting<'_, '_>,
        budget: &mut Budget,
        place: usize,
        requests: &mut Vec<Request>,
    ) {
        let Some(ask) = self.asks.get_mut(place) else {
            return;
        };
        if ask.left.is_empty() || ask.state == State::Waiting {
            return;
        }
        let (kind, mut urls) = (ask.kind, core::mem::take(&mut ask.left));
        urls.retain(|url| !paused(setting.store, kind, url, setting.context.at));
        if urls.is_empty() {
            ask.state = State::Ended(Some(UnknownStatus::Unreachable));
            return;
        }
        let question = ask.question;
        let Some(request) = self.request(setting, question, kind, urls) else {
            return;
        };
        let paid = budget.spend_fetch().is_ok();
        let Some(ask) = self.asks.get_mut(place) else {
            return;
        };
        if !paid {
            ask.state = State::Ended(Some(UnknownStatus::NotFetched));
            return;
        }
        ask.state = State::Waiting;
        ask.request = Some(request.id);
        ask.is_heard = false;
        self.requests.push((request.clone(), place));
        requests.push(request);
    }

    fn request(
        &self,
        setting: Setting<'_, '_>,
        question: usize,
        kind: RequestKind,
        urls: Vec<String>,
    ) -> Option<Request> {
        let asked = self.questions.get(question)?;
        let certificate = certificate_of(setting.context, asked.subject)?;
        let ocsp = if kind == RequestKind::Ocsp {
            let key = key_of(setting.context, asked.issuer)?;
            let hash = setting.policy.cert_id_hash;
            // A nonce that is none was refused when it was given.
            OcspRequest::new(certificate, &key, hash, setting.nonce).ok()
        } else {
            None
        };
        Some(Request {
            id: RequestId(narrow::bounded(self.requests.len())),
            kind,
            certificate: certificate.clone(),
            urls,
            ocsp,
        })
    }

    /// A list that clears a certificate may have a delta that does not.
    fn ask_for_delta(
        &mut self,
        setting: Setting<'_, '_>,
        budget: &mut Budget,
        question: usize,
        requests: &mut Vec<Request>,
    ) {
        let kind = RequestKind::DeltaCrl;
        let is_planned = |ask: &Ask| ask.question == question && ask.kind == kind;
        if !setting.policy.use_deltas {
            return;
        }
        if !self.asks.iter().any(is_planned) {
            let urls = self.delta_urls(setting, question);
            self.add_asks(question, kind, Vec::from([urls]));
        }
        self.ask(setting, budget, question, kind, requests);
    }

    fn delta_urls(&self, setting: Setting<'_, '_>, question: usize) -> Vec<String> {
        let Some(asked) = self.questions.get(question) else {
            return Vec::new();
        };
        let lists = asked
            .lists
            .iter()
            .filter_map(|&place| self.lists.get(place));
        let lists: Vec<&Crl> = lists.map(|held| &held.list).collect();
        if lists.is_empty() || lists.iter().any(|list| self.has_delta(setting, list)) {
            return Vec::new();
        }
        let own = certificate_of(setting.context, asked.subject)
            .and_then(Certificate::readable::<FreshestCrl<'_>>)
            .map(|freshest| freshest.points());
        let of_lists = lists.iter().filter_map(|list| list.freshest_crl());
        let points = own.into_iter().chain(of_lists);
        let points = points.flat_map(|points| points.iter());
        urls(points.flat_map(|point| point.uris()))
    }

    /// Why there is no evidence, as far as sources are concerned.
    pub(super) fn why_nothing_came(
        &self,
        setting: Setting<'_, '_>,
        question: usize,
    ) -> UnknownStatus {
        let of_question = self.asks.iter().filter(|ask| ask.question == question);
        let reasons = of_question.map(|ask| match ask.state {
            // Something came that does not decide: there is a source, even if it sent what nobody
            // asked for.
            State::Ended(reason) => reason.unwrap_or(UnknownStatus::NotAuthoritative),
            State::Idle | State::Waiting => UnknownStatus::NotFetched,
        });
        let known = reasons.max().unwrap_or(NOTHING);
        if known > UnknownStatus::NoSource {
            return known;
        }
        // Before anything was asked, and offline, it matters whether there is a source.
        let subject = self
            .questions
            .get(question)
            .map(|question| question.subject);
        let certificate = subject.and_then(|party| certificate_of(setting.context, party));
        let has_source = certificate.is_some_and(|certificate| {
            let lists = || list_urls(certificate).iter().any(|urls| !urls.is_empty());
            match setting.policy.order {
                SourceOrder::CrlOnly => lists(),
                SourceOrder::OcspOnly => !ocsp_urls(certificate).is_empty(),
                _ => lists() || !ocsp_urls(certificate).is_empty(),
            }
        });
        let is_asked = self.asks.iter().any(|ask| ask.question == question);
        if has_source && !is_asked {
            UnknownStatus::NotFetched
        } else {
            UnknownStatus::NoSource
        }
    }

    pub(super) fn take_answer(
        &mut self,
        store: Option<(&dyn EvidenceStore, Time)>,
        budget: &mut Budget,
        request: Request,
        place: usize,
        answer: Answer,
    ) {
        let Some(ask) = self.asks.get_mut(place) else {
            return;
        };
        let question = ask.question;
        let was_waiting = ask.state == State::Waiting;
        let (url, bytes) = match answer {
            Answer::Failed(failure) => {
                ask.end(Some(reason_of(failure)));
                if was_waiting && failure.is_of_transport() {
                    note_answers(store, request.kind, &request.urls, None);
                }
                return;
            }
            Answer::Body { url, bytes } => (url, bytes),
        };
        ask.keep_behind(&request, url);
        let before = request.urls.get(..url).filter(|_| was_waiting);
        let before = before.unwrap_or_default();
        note_answers(store, request.kind, before, request.urls.get(url));
        let came = self.take_bytes(budget, request, question, bytes);
        if let Some(ask) = self.asks.get_mut(place) {
            ask.end(came.err());
        }
    }

    /// Holds what came; what is held already costs nothing. `Err` says what is wrong with it.
    fn take_bytes(
        &mut self,
        budget: &mut Budget,
        request: Request,
        question: usize,
        bytes: Vec<u8>,
    ) -> Result<(), UnknownStatus> {
        let mut pay = || {
            let paid = budget.spend_evidence(bytes.len());
            paid.map_err(|_| UnknownStatus::NotFetched)
        };
        if request.kind == RequestKind::Ocsp {
            let mut held = self.responses.iter().map(|held| &held.response);
            let response = match held.find(|known| known.as_der() == bytes) {
                Some(known) => known.clone(),
                None => {
                    pay()?;
                    OcspResponse::from_der(&bytes).map_err(|_| UnknownStatus::Malformed)?
                }
            };
            self.hold_response(response, Some(question), Some(request));
        } else {
            let mut held = self.lists.iter().map(|held| &held.list);
            let list = match held.find(|known| known.as_der() == bytes) {
                Some(known) => known.clone(),
                None => {
                    pay()?;
                    Crl::from_vec(bytes).map_err(|_| UnknownStatus::Malformed)?
                }
            };
            self.hold_list(list, None, Some((request, question)));
        }
        Ok(())
    }
}

const fn reason_of(failure: FetchFailure) -> UnknownStatus {
    match failure {
        FetchFailure::NotAsked | FetchFailure::Refused => UnknownStatus::NotFetched,
        _ => UnknownStatus::Unreachable,
    }
}

/// Where lists about a certificate are. Points for all reasons are alternatives; each point for
/// some reasons has a part of its own.
fn list_urls(certificate: &Certificate) -> Vec<Vec<String>> {
    let Some(points) = certificate.readable::<CrlDistributionPoints<'_>>() else {
        return Vec::from([Vec::new()]);
    };
    let whole = points.iter().filter(|point| point.reasons.is_none());
    let mut groups = Vec::from([urls(whole.flat_map(|point| point.uris()))]);
    let parts = points.iter().filter(|point| point.reasons.is_some());
    let parts = parts.map(|point| urls(point.uris()));
    groups.extend(parts.filter(|urls| !urls.is_empty()).take(MAX_URLS));
    groups
}

fn ocsp_urls(certificate: &Certificate) -> Vec<String> {
    let access = certificate.readable::<AuthorityInfoAccess<'_>>();
    access.map_or(Vec::new(), |access| urls(access.ocsp_uris()))
}

/// The URLs that can be asked, each once, in their order.
pub(crate) fn urls<'a>(uris: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for uri in uris.filter(|uri| is_http(uri) && is_graphic(uri)) {
        if found.len() < MAX_URLS && !found.iter().any(|known| known == uri) {
            found.push(uri.into());
        }
    }
    found
}

/// Neither spaces nor control characters: a client that writes the URL into a request writes
/// nothing else.
fn is_graphic(uri: &str) -> bool {
    uri.bytes().all(|octet| octet.is_ascii_graphic())
}

fn is_http(uri: &str) -> bool {
    let has = |scheme: &str| {
        uri.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    has("http://") || has("https://")
}
