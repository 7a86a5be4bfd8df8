//! The inquiry into the certificates of a path (RFC 5280 section 6.1.3 (a)(3)): which of them are
//! revoked, and which evidence is missing.
//!
//! Each certificate is a question. Evidence that somebody else than the issuer signed is worth
//! something only if its signer is not revoked, which is a further question, about which further
//! evidence may speak, and so on. So all questions stand in one table and are answered together:
//! each is answered from what is known of the others, until nothing changes any more. What waits
//! for itself then (a CRL that only a key on it vouches for) stays unknown. There is no recursion,
//! and since an answer depends on all the evidence at hand, the order in which that came does not
//! matter.
//!
//! What a piece of evidence says, and which of two speaks, the [`judge`](super::judge) decides. One
//! look costs, for each question, a comparison of scopes with each CRL and a look-up in those that
//! fit; signatures are verified once for each CRL and key. All of it is paid for from the budget of
//! the validation.

mod cert_ref;
mod crl_status;
mod evidence;
mod fetch_plan;
mod numbered;
mod ocsp_status;
mod signers;
mod unasked;

use alloc::vec::Vec;

use super::judge::Judge;
use super::judge::responder::ResponseSigner;
use super::policy::{RevocationFlag, RevocationPolicy};
use super::request::{Answer, Request, RequestId};
use super::status::{Finding, RevocationStatus};
use super::status_source::StatusSource;
use super::store::EvidenceStore;
use crate::path::context::{AnchorId, Issuer, PathContext};
use crate::path::options::PathOptions;
use crate::path::search::FoundPath;
use crate::path::signatures::Signatures;
use crate::path::violation::Rule;
use crate::path::{Budget, Exhausted, UnknownStatus};
use crate::time::Time;
use cert_ref::certificate_of;
pub(crate) use cert_ref::crl_issuers;
use evidence::{EvidenceCrl, EvidenceResponse};
use fetch_plan::FetchPlan;
pub(crate) use fetch_plan::urls as usable_urls;
use numbered::{Id, Numbered};
use signers::{SignerPath, TriedCrl};

/// The least of all reasons: no evidence has said anything yet.
const NOTHING: UnknownStatus = UnknownStatus::PathFell;

/// What an inquiry is told each time.
#[derive(Clone, Copy)]
pub(crate) struct RevocationInputs<'s, 'a> {
    pub(crate) context: &'s PathContext<'a>,
    pub(crate) policy: &'s RevocationPolicy,
    /// What the certificate of somebody who signed evidence must satisfy.
    pub(crate) signer: &'s PathOptions,
    pub(crate) store: Option<&'s dyn EvidenceStore>,
    pub(crate) statuses: Option<&'s dyn StatusSource>,
    pub(crate) nonce: Option<&'s [u8]>,
}

impl RevocationInputs<'_, '_> {
    /// Has this URL failed lately, when it was asked about a certificate of this issuer?
    fn is_paused(&self, url: &str, issuer_key: &[u8]) -> bool {
        let mut is_paused = false;
        if let Some(store) = self.store {
            let at = self.context.at;
            store.read(&mut |evidence| is_paused = evidence.is_paused(url, issuer_key, at));
        }
        is_paused
    }

    fn note_answer(&self, url: &str, issuer_key: &[u8], answer: &Answer) {
        if let Some(store) = self.store {
            let at = answer.at.unwrap_or(self.context.at);
            store.with(&mut |evidence| evidence.note_answer(url, issuer_key, answer, at));
        }
    }
}

/// What an inquiry works with, shared with the search.
pub(crate) struct Resources<'t> {
    pub(crate) signatures: &'t mut Signatures,
    pub(crate) budget: &'t mut Budget,
}

/// What came out of a look at a path.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The status of each certificate, leaf first and the anchor last; `None` for those that were
    /// not asked about.
    Settled(Vec<Option<RevocationStatus>>),
    /// Some are unknown, and these may tell.
    Missing(Vec<Request>),
}

/// A position on a path: 0 is its first certificate, and behind the last stands the anchor.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Position {
    path: Id<FoundPath>,
    index: usize,
}

impl Position {
    /// So many certificates further up.
    const fn above(self, count: usize) -> Self {
        Self {
            index: self.index + count,
            ..self
        }
    }
}

/// Is this certificate revoked by this issuer, under this anchor?
struct Question {
    at: Position,
    subject: Issuer,
    issuer: Issuer,
    anchor: AnchorId,
    /// What is known without asking.
    known: Option<Finding>,
    finding: Finding,
    /// The CRLs that spoke for it.
    crls: Vec<Id<EvidenceCrl>>,
    in_store: bool,
}

/// A response and a question, and who signed the one for the other.
type TriedResponse = (Id<EvidenceResponse>, Id<Question>, Option<ResponseSigner>);

/// The state of an inquiry.
#[derive(Default)]
pub(crate) struct Inquiry {
    paths: Numbered<FoundPath>,
    questions: Numbered<Question>,
    crls: Numbered<EvidenceCrl>,
    responses: Numbered<EvidenceResponse>,
    signers: Vec<SignerPath>,
    tried_crls: Vec<TriedCrl>,
    tried_responses: Vec<TriedResponse>,
    plan: FetchPlan,
    /// When the last answer came, as far as the caller said so.
    heard: Option<Time>,
}

impl Inquiry {
    /// Looks at a path with all that is known.
    pub(crate) fn look_at(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        path: &FoundPath,
    ) -> Result<Outcome, Rule> {
        let path = self.path(path);
        let asked = self.ask_about(inputs, path);
        self.answer_all(inputs, resources)?;
        self.keep(inputs);
        if self.is_open(&asked, inputs) && inputs.policy.is_online() {
            let requests = self.missing(inputs, resources.budget, &asked);
            if !requests.is_empty() {
                return Ok(Outcome::Missing(requests));
            }
            // Why nothing could be asked for (pauses, limits) is part of the answer.
            if asked
                .iter()
                .any(|&q| matches!(self.finding(q), Finding::Unknown(_)))
            {
                self.answer_all(inputs, resources)?;
            }
        }
        Ok(Outcome::Settled(self.statuses(path, &asked)))
    }

    fn judge<'s>(&self, inputs: RevocationInputs<'s, '_>) -> Judge<'s> {
        let at = inputs.context.at;
        let heard = self.heard.map_or(at, |heard| heard.max(at));
        Judge {
            heard,
            ..Judge::new(inputs.policy, at)
        }
    }

    fn path(&mut self, path: &FoundPath) -> Id<FoundPath> {
        let known = self.paths.find(|known| known == path);
        known.unwrap_or_else(|| self.paths.push(path.clone()))
    }

    /// How many certificates a path has below its anchor.
    fn length(&self, path: Id<FoundPath>) -> usize {
        self.paths
            .get(path)
            .map_or(0, |path| path.certificates.len())
    }

    /// The questions that the flag asks of a path, by the position of the certificate.
    fn ask_about(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        path: Id<FoundPath>,
    ) -> Vec<Id<Question>> {
        let top = self.length(path);
        let positions = match inputs.policy.flag {
            RevocationFlag::EndCertificateOnly => 0..1,
            RevocationFlag::ExcludeRoot => 0..top,
            RevocationFlag::EntireChain => 0..top + 1,
        };
        positions
            .filter_map(|index| self.question(inputs, Position { path, index }))
            .collect()
    }

    /// The question about the certificate at a position; `None` for an anchor without one.
    fn question(&mut self, inputs: RevocationInputs<'_, '_>, at: Position) -> Option<Id<Question>> {
        let subject = self.at(at)?;
        let anchor = self.paths.get(at.path)?.anchor;
        let issuer = match subject {
            Issuer::Anchor(_) => subject,
            Issuer::Pool(_) => self.at(at.above(1))?,
        };
        certificate_of(inputs.context, subject)?;
        let known = self.questions.find(|question| {
            question.subject == subject && question.issuer == issuer && question.anchor == anchor
        });
        Some(known.unwrap_or_else(|| {
            self.questions.push(Question {
                at,
                subject,
                issuer,
                anchor,
                known: unasked::known(inputs, (subject, issuer), at.index == 0),
                finding: Finding::Pending,
                crls: Vec::new(),
                in_store: false,
            })
        }))
    }

    /// Whose certificate stands at a position.
    fn at(&self, at: Position) -> Option<Issuer> {
        let path = self.paths.get(at.path)?;
        match path.certificates.get(at.index) {
            Some(&id) => Some(Issuer::Pool(id)),
            None if at.index == path.certificates.len() => Some(Issuer::Anchor(path.anchor)),
            None => None,
        }
    }

    /// Answers all questions from all evidence, again and again until nothing changes.
    fn answer_all(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
    ) -> Result<(), Rule> {
        for question in self.questions.iter_mut() {
            question.finding = Finding::Pending;
        }
        for response in self.responses.iter_mut() {
            response.holds_for.clear();
        }
        let mut last_word = None;
        loop {
            let (mut changed, mut answered) = (false, 0);
            // Questions may join while others are answered.
            while let Some(id) = self.questions.ids().nth(answered) {
                answered += 1;
                if self.finding(id) != Finding::Pending {
                    continue;
                }
                self.look_in_store(inputs, resources, id)?;
                let finding = self.answer(inputs, resources, id, last_word == Some(id))?;
                changed |= finding != Finding::Pending;
                if let Some(question) = self.questions.get_mut(id) {
                    question.finding = finding;
                }
            }
            let mut from_last = self.questions.iter().rev();
            let pending = from_last.find(|(_, question)| question.finding == Finding::Pending);
            let Some((last, _)) = pending else {
                return Ok(());
            };
            // They wait for each other. Those that joined last are about signers of what speaks for
            // those before.
            last_word = Some(last).filter(|_| !changed);
        }
    }

    fn answer(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        question: Id<Question>,
        is_last_word: bool,
    ) -> Result<Finding, Rule> {
        let known = self.questions.get(question).and_then(|asked| asked.known);
        if let Some(revoked @ Finding::Revoked(..)) = known {
            return Ok(revoked);
        }
        let by_crls = self.by_crls(inputs, resources, question, is_last_word)?;
        let by_responses = self.by_responses(inputs, resources, question)?;
        let by_evidence = by_crls.and(by_responses);
        Ok(
            match known.map_or(by_evidence, |known| known.and(by_evidence)) {
                Finding::Unknown(reason) => {
                    Finding::Unknown(reason.max(self.why_nothing_came(inputs, question)))
                }
                finding => finding,
            },
        )
    }

    fn finding(&self, question: Id<Question>) -> Finding {
        let found = self.questions.get(question);
        found.map_or(
            Finding::Unknown(UnknownStatus::NotAuthoritative),
            |question| question.finding,
        )
    }

    /// Is anything left to find out? A path with a revoked certificate has fallen; if the evidence
    /// for that has run out, newer may say that a hold was released.
    fn is_open(&self, asked: &[Id<Question>], inputs: RevocationInputs<'_, '_>) -> bool {
        let findings = asked.iter().map(|&question| self.finding(question));
        let mut revoked = findings.filter(|finding| matches!(finding, Finding::Revoked(..)));
        revoked.all(|finding| finding.has_run_out(inputs.context.at))
    }

    fn statuses(
        &self,
        path: Id<FoundPath>,
        asked: &[Id<Question>],
    ) -> Vec<Option<RevocationStatus>> {
        let top = self.length(path);
        let mut statuses: Vec<Option<RevocationStatus>> = (0..=top).map(|_| None).collect();
        for (position, &question) in asked.iter().enumerate() {
            let status = match self.finding(question) {
                Finding::Good(used) => RevocationStatus::Good(used),
                Finding::Revoked(revocation, used) => RevocationStatus::Revoked(revocation, used),
                Finding::Unknown(_) | Finding::Pending if position == top => continue,
                Finding::Unknown(reason) => RevocationStatus::Unknown(reason),
                Finding::Pending => RevocationStatus::Unknown(UnknownStatus::NotAuthoritative),
            };
            if let Some(slot) = statuses.get_mut(position) {
                *slot = Some(status);
            }
        }
        // What a revoked CA issued says nothing any more.
        let is_revoked = |status: &Option<RevocationStatus>| {
            matches!(status, Some(RevocationStatus::Revoked(..)))
        };
        if let Some(highest) = statuses.iter().rposition(is_revoked) {
            for status in statuses.iter_mut().take(highest).flatten() {
                *status = RevocationStatus::Unknown(UnknownStatus::IssuerRevoked);
            }
        }
        statuses
    }

    /// Takes in the answer to a request. An answer may come in any order, twice, or late: all bytes
    /// are evidence.
    pub(crate) fn provide(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        budget: &mut Budget,
        id: RequestId,
        answer: Answer,
    ) {
        self.heard = self.heard.max(answer.at);
        if let Some((request, source)) = self.plan.request(id) {
            self.take_answer(inputs, budget, request, source, answer);
        }
    }

    /// The requests that were sent and not answered are not waited for any more.
    pub(crate) fn give_up_waiting(&mut self) {
        self.plan.give_up_waiting();
    }
}

/// Running out of an allowance ends the validation; anything else that a check of evidence finds is
/// about the evidence.
fn unless_exhausted(checked: Result<(), Rule>) -> Result<bool, Rule> {
    match checked {
        Ok(()) => Ok(true),
        Err(rule @ Rule::Exhausted(_)) => Err(rule),
        Err(_) => Ok(false),
    }
}

fn paid<T>(result: Result<T, Exhausted>) -> Result<T, Rule> {
    result.map_err(Rule::Exhausted)
}
