//! What is asked for: which sources a certificate names, in which order, and what has come of them.
//!
//! Each question has its sources in the order of the policy. A look asks the first URL of the first
//! source of all questions at once; what is still unknown at the next look is asked of the next
//! URL, and after the last one of the other source. Each URL is asked once.

use alloc::string::String;
use alloc::vec::Vec;

use super::cert_ref::{certificate_of, key_of};
use super::numbered::{Id, Numbered};
use super::{Inquiry, Question, RevocationInputs};
use crate::certificate::Certificate;
use crate::certificate::extensions::{AuthorityInfoAccess, CrlDistributionPoints, FreshestCrl};
use crate::narrow;
use crate::path::context::Issuer;
use crate::path::{Budget, UnknownStatus};
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
pub(super) struct PlannedSource {
    question: Id<Question>,
    kind: RequestKind,
    urls: Vec<String>,
    /// How many of the URLs have been asked or passed over.
    tried: usize,
    is_waiting: bool,
    /// What has come so far; of several answers the one that says most counts, in whichever order
    /// they come.
    came: Came,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Nothing,
    /// Why there is no evidence.
    Failure(UnknownStatus),
    Evidence,
}

impl Came {
    fn and(self, new: Self) -> Self {
        match (self, new) {
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (Self::Evidence, _) | (_, Self::Evidence) => Self::Evidence,
            (Self::Failure(a), Self::Failure(b)) => Self::Failure(a.max(b)),
        }
    }
}

impl FetchPlan {
    pub(super) fn request(&self, id: RequestId) -> Option<(Request, Id<PlannedSource>)> {
        self.requests.get(id.0 as usize).cloned()
    }

    pub(super) fn give_up_waiting(&mut self) {
        for source in self.sources.iter_mut().filter(|source| source.is_waiting) {
            source.is_waiting = false;
            source.tried = source.urls.len();
            source.came = source.came.and(Came::Failure(UnknownStatus::NotFetched));
        }
    }

    fn of(
        &self,
        question: Id<Question>,
        kind: RequestKind,
    ) -> impl Iterator<Item = Id<PlannedSource>> + '_ {
        let fits = move |source: &PlannedSource| source.question == question && source.kind == kind;
        let all = self.sources.iter();
        all.filter_map(move |(id, source)| fits(source).then_some(id))
    }

    fn add(&mut self, question: Id<Question>, kind: RequestKind, groups: Vec<Vec<String>>) {
        for urls in groups {
            let came = match urls.is_empty() {
                true => Came::Failure(UnknownStatus::NoSource),
                false => Came::Nothing,
            };
            self.sources.push(PlannedSource {
                question,
                kind,
                urls,
                tried: 0,
                is_waiting: false,
                came,
            });
        }
    }
}

impl Inquiry {
    /// The requests that may answer what is unknown.
    pub(super) fn missing(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        budget: &mut Budget,
        asked: &[Id<Question>],
    ) -> Vec<Request> {
        let mut requests = Vec::new();
        let is_unknown = |finding: Finding| {
            matches!(finding, Finding::Unknown(_)) || finding.has_run_out(inputs.context.at)
        };
        let any_unknown = asked.iter().any(|&q| is_unknown(self.finding(q)));
        for question in self.questions.ids() {
            let is_asked = asked.contains(&question);
            let finding = self.finding(question);
            if is_unknown(finding) && (is_asked || any_unknown) {
                for kind in self.sources(inputs, question) {
                    if self.ask(inputs, budget, question, kind, &mut requests) {
                        break;
                    }
                }
            } else if is_asked && matches!(finding, Finding::Good(_)) {
                self.ask_for_delta(inputs, budget, question, &mut requests);
            }
        }
        requests
    }

    /// The sources of a question, best first.
    fn sources(
        &self,
        inputs: RevocationInputs<'_, '_>,
        question: Id<Question>,
    ) -> Vec<RequestKind> {
        let (crl, ocsp) = (RequestKind::Crl, RequestKind::Ocsp);
        let order = match inputs.policy.order {
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
        inputs: RevocationInputs<'_, '_>,
        budget: &mut Budget,
        question: Id<Question>,
        kind: RequestKind,
        requests: &mut Vec<Request>,
    ) -> bool {
        if self.plan.of(question, kind).next().is_none() {
            let subject = self.questions.get(question).map(|q| q.subject);
            let certificate = subject.and_then(|holder| certificate_of(inputs.context, holder));
            let groups = match (certificate, kind) {
                (None, _) => Vec::new(),
                (Some(certificate), RequestKind::Crl) => crl_urls(certificate),
                (Some(certificate), _) => Vec::from([ocsp_urls(certificate)]),
            };
            self.plan.add(question, kind, groups);
        }
        let sources: Vec<_> = self.plan.of(question, kind).collect();
        let sent = requests.len();
        for source in sources {
            requests.extend(self.send(inputs, budget, source));
        }
        requests.len() > sent
    }

    /// A request to the next URL of a source, but for those that did not answer lately.
    fn send(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        budget: &mut Budget,
        id: Id<PlannedSource>,
    ) -> Option<Request> {
        let source = self.plan.sources.get_mut(id)?;
        if source.is_waiting {
            return None;
        }
        let asked = self.questions.get(source.question)?;
        let issuer = key_of(inputs.context, asked.issuer)?;
        let certificate = certificate_of(inputs.context, asked.subject)?;
        let wanted = match source.kind {
            RequestKind::Ocsp => {
                let hash = inputs.policy.cert_id_hash;
                // A nonce that is none was refused when it was given.
                let request = OcspRequest::new(certificate, &issuer, hash, inputs.nonce);
                Wanted::Ocsp(request.ok()?)
            }
            RequestKind::DeltaCrl => Wanted::DeltaCrl,
            _ => Wanted::Crl,
        };
        while let Some(url) = source.urls.get(source.tried) {
            if inputs.is_paused(url, issuer.as_der()) {
                source.tried += 1;
                source.came = source.came.and(Came::Failure(UnknownStatus::Unreachable));
                continue;
            }
            if budget.spend_fetch().is_err() {
                source.tried = source.urls.len();
                source.came = source.came.and(Came::Failure(UnknownStatus::NotFetched));
                return None;
            }
            let request = Request {
                id: RequestId(narrow::bounded(self.plan.requests.len())),
                wanted,
                certificate: certificate.clone(),
                url: url.clone(),
            };
            source.tried += 1;
            source.is_waiting = true;
            self.plan.requests.push((request.clone(), id));
            return Some(request);
        }
        None
    }

    /// A CRL that clears a certificate may have a delta that does not.
    fn ask_for_delta(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        budget: &mut Budget,
        question: Id<Question>,
        requests: &mut Vec<Request>,
    ) {
        let kind = RequestKind::DeltaCrl;
        if !inputs.policy.use_deltas {
            return;
        }
        if self.plan.of(question, kind).next().is_none() {
            let urls = self.delta_urls(inputs, question);
            self.plan.add(question, kind, Vec::from([urls]));
        }
        self.ask(inputs, budget, question, kind, requests);
    }

    fn delta_urls(&self, inputs: RevocationInputs<'_, '_>, question: Id<Question>) -> Vec<String> {
        let Some(asked) = self.questions.get(question) else {
            return Vec::new();
        };
        let held = || asked.crls.iter().filter_map(|&id| self.crls.get(id));
        if held().next().is_none() || held().any(|base| self.has_delta(inputs, base)) {
            return Vec::new();
        }
        let own = certificate_of(inputs.context, asked.subject)
            .and_then(Certificate::readable::<FreshestCrl<'_>>)
            .map(|freshest| freshest.points());
        let of_crls = held().filter_map(|base| base.crl.freshest_crl());
        let points = own.into_iter().chain(of_crls);
        let points = points.flat_map(|points| points.iter());
        urls(points.flat_map(|point| point.uris()))
    }

    /// Why there is no evidence, as far as sources are concerned.
    pub(super) fn why_nothing_came(
        &self,
        inputs: RevocationInputs<'_, '_>,
        question: Id<Question>,
    ) -> UnknownStatus {
        let sources = self.plan.sources.iter();
        let of_question = sources.filter(|(_, source)| source.question == question);
        let reasons = of_question.map(|(_, source)| match source.came {
            // Something came that does not decide: there is a source, even if it sent what nobody
            // asked for.
            Came::Evidence => UnknownStatus::NotAuthoritative,
            Came::Failure(reason) => reason,
            Came::Nothing => UnknownStatus::NotFetched,
        });
        let known = reasons.max();
        if let Some(known) = known.filter(|known| *known > UnknownStatus::NoSource) {
            return known;
        }
        // Before anything was asked, and offline, it matters whether there is a source.
        let subject = self.questions.get(question).map(|asked| asked.subject);
        let certificate = subject.and_then(|holder| certificate_of(inputs.context, holder));
        let has_source = certificate.is_some_and(|certificate| {
            let crls = || crl_urls(certificate).iter().any(|urls| !urls.is_empty());
            match inputs.policy.order {
                SourceOrder::CrlOnly => crls(),
                SourceOrder::OcspOnly => !ocsp_urls(certificate).is_empty(),
                _ => crls() || !ocsp_urls(certificate).is_empty(),
            }
        });
        if has_source && known.is_none() {
            UnknownStatus::NotFetched
        } else {
            UnknownStatus::NoSource
        }
    }

    pub(super) fn take_answer(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        budget: &mut Budget,
        request: Request,
        id: Id<PlannedSource>,
        answer: Answer,
    ) {
        let Some(source) = self.plan.sources.get_mut(id) else {
            return;
        };
        let question = source.question;
        let was_waiting = core::mem::take(&mut source.is_waiting);
        let asked = self.questions.get(question);
        let issuer = asked.and_then(|asked| key_of(inputs.context, asked.issuer));
        if let Some(issuer) = issuer.filter(|_| was_waiting) {
            inputs.note_answer(&request.url, issuer.as_der(), &answer);
        }
        let came = match answer.came {
            Err(failure) => Err(reason_of(failure)),
            Ok(bytes) => {
                let mut urls = source.urls.clone();
                // Those that sent nothing are asked last.
                let asked = source.urls.iter().position(|url| *url == request.url);
                urls.rotate_left(asked.unwrap_or(0));
                self.take_bytes(budget, Source { request, urls }, question, bytes)
            }
        };
        let came = match came {
            Ok(()) => Came::Evidence,
            Err(reason) => Came::Failure(reason),
        };
        if let Some(source) = self.plan.sources.get_mut(id) {
            source.came = source.came.and(came);
        }
    }

    /// Holds what came; what is held already costs nothing. `Err` says what is wrong with it.
    fn take_bytes(
        &mut self,
        budget: &mut Budget,
        source: Source,
        question: Id<Question>,
        bytes: Vec<u8>,
    ) -> Result<(), UnknownStatus> {
        let mut pay = || {
            let paid = budget.spend_evidence(bytes.len());
            paid.map_err(|_| UnknownStatus::NotFetched)
        };
        if source.request.kind() == RequestKind::Ocsp {
            let known = self.responses.find(|held| held.response.as_der() == bytes);
            let response = match known.and_then(|known| self.responses.get(known)) {
                Some(known) => known.response.clone(),
                None => {
                    pay()?;
                    OcspResponse::from_der(&bytes).map_err(|_| UnknownStatus::Malformed)?
                }
            };
            self.hold_response(response, Some((source, question)));
        } else {
            let known = self.crls.find(|held| held.crl.as_der() == bytes);
            let crl = match known.and_then(|known| self.crls.get(known)) {
                Some(known) => known.crl.clone(),
                None => {
                    pay()?;
                    Crl::from_vec(bytes).map_err(|_| UnknownStatus::Malformed)?
                }
            };
            self.hold_crl(crl, None, Some((source, question)));
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
