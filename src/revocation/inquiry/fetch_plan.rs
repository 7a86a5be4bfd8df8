//! What is asked for: which sources a certificate names, in which order, and what has come of them.
//!
//! Each question has its sources in the order of the policy. A look asks the first URL of the first
//! source of all questions at once; what is still unknown at the next look is asked of the next
//! URL, and after the last one of the other source. Each URL is asked once.

use alloc::string::String;
use alloc::vec::Vec;

use super::evidence::{OfCrl, OfResponse};
use super::numbered::{Id, Numbered};
use super::{Asked, Inquiry, Question};
use crate::certificate::Certificate;
use crate::certificate::extensions::{AuthorityInfoAccess, CrlDistributionPoints, FreshestCrl};
use crate::narrow;
use crate::path::UnknownStatus;
use crate::path::context::Issuer;
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::{OcspRequest, OcspResponse};
use crate::revocation::policy::SourceOrder;
use crate::revocation::request::{Answer, FetchFailure, Request, RequestId, RequestKind, Wanted};
use crate::revocation::status::Finding;
use crate::revocation::store::Source;

/// Most URLs that are asked for one thing: whoever writes certificates chooses how many there are.
const MAX_URLS: usize = 8;

/// All sources that have been looked at, and all requests.
#[derive(Default)]
pub(super) struct FetchPlan {
    sources: Numbered<PlannedSource>,
    requests: Vec<(Request, Id<PlannedSource>)>,
}

/// A source of a question, as far as it has been asked: URLs that are alternatives.
struct PlannedSource {
    question: Id<Question>,
    kind: RequestKind,
    urls: Vec<String>,
    /// How many of the URLs have been asked or passed over.
    tried: usize,
    is_waiting: bool,
    /// Why it decides nothing, as far as is known. Of several answers the one that says most
    /// counts, in whichever order they come.
    lacking: Option<UnknownStatus>,
}

impl PlannedSource {
    fn lacks(&mut self, reason: UnknownStatus) {
        self.lacking = self.lacking.max(Some(reason));
    }

    /// It is not asked any more.
    fn end(&mut self) {
        self.is_waiting = false;
        self.tried = self.urls.len();
        self.lacks(UnknownStatus::NotFetched);
    }
}

impl FetchPlan {
    pub(super) fn give_up_waiting(&mut self) {
        let sources = self.sources.iter_mut();
        let waiting = sources.filter(|source| source.is_waiting);
        waiting.for_each(PlannedSource::end);
    }

    fn of(&self, question: Id<Question>, kind: RequestKind) -> Vec<Id<PlannedSource>> {
        let all = self.sources.iter();
        let fits = all.filter(|(_, source)| source.question == question && source.kind == kind);
        fits.map(|(id, _)| id).collect()
    }

    fn add(&mut self, question: Id<Question>, kind: RequestKind, urls: Vec<String>) {
        self.sources.push(PlannedSource {
            question,
            kind,
            tried: 0,
            is_waiting: false,
            lacking: urls.is_empty().then_some(UnknownStatus::NoSource),
            urls,
        });
    }
}

impl SourceOrder {
    const fn kinds(self) -> &'static [RequestKind] {
        match self {
            Self::CrlFirst => &[RequestKind::Crl, RequestKind::Ocsp],
            Self::OcspFirst => &[RequestKind::Ocsp, RequestKind::Crl],
            Self::CrlOnly => &[RequestKind::Crl],
            Self::OcspOnly => &[RequestKind::Ocsp],
        }
    }
}

impl Inquiry<'_> {
    /// The requests that may answer what is unknown.
    pub(super) fn missing(&mut self, asked: &[Id<Question>]) -> Vec<Request> {
        let mut requests = Vec::new();
        let at = self.context.at;
        let is_unknown =
            |finding: Finding| matches!(finding, Finding::Unknown(_)) || finding.has_run_out(at);
        let any_unknown = asked.iter().any(|&q| is_unknown(self.finding(q)));
        for id in self.state.questions.ids() {
            let Some(question) = self.asked(id) else {
                continue;
            };
            let is_asked = asked.contains(&id);
            let finding = self.finding(id);
            if is_unknown(finding) && (is_asked || any_unknown) {
                // A responder that a root certified would vouch for the root.
                let is_root = matches!(question.holder, Issuer::Anchor(_));
                for &kind in self.policy.order.kinds() {
                    let may_tell = kind == RequestKind::Crl || !is_root;
                    if may_tell && self.ask(&question, kind, &mut requests) {
                        break;
                    }
                }
            } else if is_asked && matches!(finding, Finding::Good(_)) && self.policy.use_deltas {
                // A CRL that clears a certificate may have a delta that does not.
                self.ask(&question, RequestKind::DeltaCrl, &mut requests);
            }
        }
        requests
    }

    /// Asks for one source. True when a request is out, so that the next source can wait.
    fn ask(&mut self, asked: &Asked<'_>, kind: RequestKind, requests: &mut Vec<Request>) -> bool {
        if self.state.plan.of(asked.id, kind).is_empty() {
            let groups = match kind {
                RequestKind::DeltaCrl => Vec::from([self.delta_urls(asked)]),
                _ => urls_of(asked.subject.certificate, kind),
            };
            for urls in groups {
                self.state.plan.add(asked.id, kind, urls);
            }
        }
        let sent = requests.len();
        for source in self.state.plan.of(asked.id, kind) {
            requests.extend(self.send(asked, source));
        }
        requests.len() > sent
    }

    /// A request to the next URL of a source, but for those that did not answer lately.
    fn send(&mut self, asked: &Asked<'_>, id: Id<PlannedSource>) -> Option<Request> {
        let below_anchor = match &asked.at.path.certificates[..] {
            [.., top] if asked.at.path.certificates.len() > 1 => {
                Some(self.context.certificate(*top).clone())
            }
            _ => None,
        };
        let plan = &mut self.state.plan;
        let source = plan
            .sources
            .get_mut(id)
            .filter(|source| !source.is_waiting)?;
        let (certificate, key) = (asked.subject.certificate, &asked.issuer_key);
        let wanted = match source.kind {
            RequestKind::Ocsp => {
                let hash = self.policy.cert_id_hash;
                // A nonce that is none was refused when it was given.
                Wanted::Ocsp(OcspRequest::new(certificate, key, hash, self.nonce).ok()?)
            }
            RequestKind::DeltaCrl => Wanted::DeltaCrl,
            _ => Wanted::Crl,
        };
        let is_paused = |url: &String| {
            let (mut is_paused, at) = (false, self.context.at);
            if let Some(store) = self.store {
                store.read(&mut |known| is_paused = known.is_paused(url, key.as_der(), at));
            }
            is_paused
        };
        while source.urls.get(source.tried).is_some_and(is_paused) {
            source.tried += 1;
            source.lacks(UnknownStatus::Unreachable);
        }
        let url = source.urls.get(source.tried)?.clone();
        if self.budget.spend_fetch().is_err() {
            source.end();
            return None;
        }
        source.tried += 1;
        source.is_waiting = true;
        let request = Request {
            id: RequestId(narrow::bounded(plan.requests.len())),
            wanted,
            certificate: certificate.clone(),
            url,
            below_anchor,
        };
        plan.requests.push((request.clone(), id));
        Some(request)
    }

    fn delta_urls(&self, asked: &Asked<'_>) -> Vec<String> {
        let question = self.state.questions.get(asked.id);
        let crls = question.map_or(&[][..], |question| &question.crls);
        let held = || crls.iter().filter_map(|&id| self.state.crls.get(id));
        if held().next().is_none() || held().any(|base| self.has_delta(base)) {
            return Vec::new();
        }
        let own = asked.subject.certificate.readable::<FreshestCrl<'_>>();
        let own = own.map(|freshest| freshest.points());
        let of_crls = held().filter_map(|base| base.item.freshest_crl());
        let points = own.into_iter().chain(of_crls);
        let points = points.flat_map(|points| points.iter());
        urls(points.flat_map(|point| point.uris()))
    }

    /// Why there is no evidence, as far as sources are concerned.
    pub(super) fn why_nothing_came(&self, asked: &Asked<'_>) -> UnknownStatus {
        let sources = self.state.plan.sources.iter();
        let own = sources.filter(|(_, source)| source.question == asked.id);
        let known = own.map(|(_, source)| source.lacking.unwrap_or(UnknownStatus::NotFetched));
        known.max().unwrap_or_else(|| {
            // Before anything was asked, and offline, it matters whether there is a source.
            let certificate = asked.subject.certificate;
            let mut kinds = self.policy.order.kinds().iter();
            match kinds.any(|&kind| {
                urls_of(certificate, kind)
                    .iter()
                    .any(|urls| !urls.is_empty())
            }) {
                true => UnknownStatus::NotFetched,
                false => UnknownStatus::NoSource,
            }
        })
    }

    /// Takes in the answer to a request. An answer may come in any order, twice, or late: all bytes
    /// are evidence.
    pub(crate) fn provide(&mut self, id: RequestId, answer: Answer) {
        self.state.heard = self.state.heard.max(answer.at);
        let plan = &mut self.state.plan;
        let Some((request, id)) = plan.requests.get(id.0 as usize).cloned() else {
            return;
        };
        let Some(source) = plan.sources.get_mut(id) else {
            return;
        };
        let was_waiting = core::mem::take(&mut source.is_waiting);
        let question = source.question;
        // Those that sent nothing are asked last.
        let mut urls = source.urls.clone();
        let sender = urls.iter().position(|url| *url == request.url);
        urls.rotate_left(sender.unwrap_or(0));
        let asked = self.asked(question).filter(|_| was_waiting);
        if let (Some(store), Some(asked)) = (self.store, asked) {
            let at = answer.at.unwrap_or(self.context.at);
            let key = asked.issuer_key.as_der();
            store.with(&mut |evidence| evidence.note_answer(&request.url, key, &answer, at));
        }
        // Who vouches for evidence is found again when it is kept.
        let request = Request {
            below_anchor: None,
            ..request
        };
        let source = Source { request, urls };
        let came = answer.came.map_err(reason_of);
        let held = came.and_then(|bytes| self.hold_bytes((source, question), bytes));
        // Something that does not decide: there is a source, even if it sent what nobody asked for.
        let lacking = held.err().unwrap_or(UnknownStatus::NotAuthoritative);
        if let Some(source) = self.state.plan.sources.get_mut(id) {
            source.lacks(lacking);
        }
    }

    /// Holds what came; `Err` says what is wrong with it.
    fn hold_bytes(
        &mut self,
        source: (Source, Id<Question>),
        bytes: Vec<u8>,
    ) -> Result<(), UnknownStatus> {
        if source.0.request.kind() == RequestKind::Ocsp {
            let all = &mut self.state.responses;
            let read = |bytes: Vec<u8>| OcspResponse::from_der(&bytes);
            let response = all.read(self.budget, bytes, read)?;
            all.hold(response, Some(source), OfResponse::default());
        } else {
            let all = &mut self.state.crls;
            let crl = all.read(self.budget, bytes, Crl::from_vec)?;
            all.hold(crl, Some(source), OfCrl::default());
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

/// Where CRLs about a certificate are. Points for all reasons are alternatives; each point for some
/// reasons has a part of its own.
fn crl_urls(certificate: &Certificate) -> Vec<Vec<String>> {
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

/// Where one kind of evidence about a certificate is: groups of URLs that are alternatives.
fn urls_of(certificate: &Certificate, kind: RequestKind) -> Vec<Vec<String>> {
    if kind == RequestKind::Crl {
        return crl_urls(certificate);
    }
    let access = certificate.readable::<AuthorityInfoAccess<'_>>();
    Vec::from([access.map_or(Vec::new(), |access| urls(access.ocsp_uris()))])
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
