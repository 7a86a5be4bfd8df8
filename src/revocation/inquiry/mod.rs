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

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::judge::Judge;
use super::judge::responder::ResponseSigner;
use super::judge::scope::Subject;
use super::policy::{RevocationFlag, RevocationPolicy};
use super::request::Request;
use super::status::{Finding, RevocationStatus};
use super::status_source::StatusSource;
use super::store::EvidenceStore;
use crate::certificate::{Name, SubjectPublicKeyInfo};
use crate::path::context::{AnchorId, Issuer, PathContext, PoolId};
use crate::path::options::PathOptions;
use crate::path::search::FoundPath;
use crate::path::signatures::Signatures;
use crate::path::violation::Rule;
use crate::path::{Budget, UnknownStatus};
use crate::time::Time;
use cert_ref::Position;
pub(crate) use cert_ref::crl_issuers;
use evidence::{EvidenceCrl, EvidenceResponse};
use fetch_plan::FetchPlan;
pub(crate) use fetch_plan::urls as usable_urls;
use numbered::{Id, Numbered};

/// The least of all reasons: no evidence has said anything yet.
const NOTHING: UnknownStatus = UnknownStatus::PathFell;

/// An inquiry at work: its state, what it is told each time, and what it pays with.
pub(crate) struct Inquiry<'s> {
    pub(crate) state: &'s mut InquiryState,
    pub(crate) context: &'s PathContext<'s>,
    pub(crate) policy: &'s RevocationPolicy,
    /// What the certificate of somebody who signed evidence must satisfy.
    pub(crate) signer: &'s PathOptions,
    pub(crate) store: Option<&'s dyn EvidenceStore>,
    pub(crate) statuses: Option<&'s dyn StatusSource>,
    pub(crate) nonce: Option<&'s [u8]>,
    /// Shared with the search.
    pub(crate) signatures: &'s mut Signatures,
    pub(crate) budget: &'s mut Budget,
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

/// Is this certificate revoked by this issuer, under the anchor of this path?
struct Question {
    at: Position,
    subject: Issuer,
    issuer: Issuer,
    /// What is known without asking.
    known: Option<Finding>,
    finding: Finding,
    /// The CRLs that spoke for it.
    crls: Vec<Id<EvidenceCrl>>,
    in_store: bool,
}

/// A question, with those whom it is about.
struct Asked<'s> {
    id: Id<Question>,
    at: Position,
    holder: Issuer,
    subject: Subject<'s>,
    issuer: Issuer,
    issuer_name: Name<'s>,
    issuer_key: SubjectPublicKeyInfo<'s>,
}

/// What an inquiry has gathered and found out so far.
#[derive(Default)]
pub(crate) struct InquiryState {
    questions: Numbered<Question>,
    crls: Numbered<EvidenceCrl>,
    responses: Numbered<EvidenceResponse>,
    plan: FetchPlan,
    /// When the last answer came, as far as the caller said so.
    heard: Option<Time>,
    /// Everyone of the name that a CRL bears, among so many fetched certificates.
    named: Tried<(Id<EvidenceCrl>, usize), Vec<Issuer>>,
    /// Where the path of a signer to an anchor begins.
    signer_paths: Tried<(PoolId, AnchorId), Option<Position>>,
    /// Does the signature of a CRL hold under the key at a position? A key may take its parameters
    /// from above, so that the path counts.
    signed_crls: Tried<(Id<EvidenceCrl>, Position), bool>,
    /// Who signed a response, if they may speak for a question.
    signed_responses: Tried<(Id<EvidenceResponse>, Id<Question>), Option<ResponseSigner>>,
}

/// What was searched for or verified before, and what came of it.
type Tried<K, V> = Vec<(K, V)>;

fn tried<K: PartialEq, V: Clone>(all: &Tried<K, V>, wanted: &K) -> Option<V> {
    let found = all.iter().find(|(known, _)| known == wanted);
    found.map(|(_, outcome)| outcome.clone())
}

impl<'s> Inquiry<'s> {
    /// Looks at a path with all that is known. Requests that were sent and not answered are not
    /// waited for any more.
    pub(crate) fn look_at(&mut self, path: &FoundPath) -> Result<Outcome, Rule> {
        self.state.plan.give_up_waiting();
        let (path, index) = (Arc::new(path.clone()), 0);
        let leaf = Position { path, index };
        let asked = self.ask_about(&leaf);
        let answered = self.answer_all();
        // What held is kept also where the budget ended: the next validation needs less of it.
        self.keep();
        answered?;
        if self.is_open(&asked) && self.policy.is_online() {
            let requests = self.missing(&asked);
            if !requests.is_empty() {
                return Ok(Outcome::Missing(requests));
            }
            // Why nothing could be asked for (pauses, limits) is part of the answer.
            let mut findings = asked.iter().map(|&question| self.finding(question));
            if findings.any(|finding| matches!(finding, Finding::Unknown(_))) {
                self.answer_all()?;
            }
        }
        Ok(Outcome::Settled(self.statuses(leaf.top(), &asked)))
    }

    fn judge(&self) -> Judge<'s> {
        let mut judge = Judge::new(self.policy, self.context.at);
        judge.heard = self.state.heard.map_or(judge.at, |at| at.max(judge.at));
        judge
    }

    /// The questions that the flag asks of a path, by the position of the certificate.
    fn ask_about(&mut self, leaf: &Position) -> Vec<Id<Question>> {
        let positions = match self.policy.flag {
            RevocationFlag::EndCertificateOnly => 0..1,
            RevocationFlag::ExcludeRoot => 0..leaf.top(),
            RevocationFlag::EntireChain => 0..leaf.top() + 1,
        };
        let questions = positions.filter_map(|index| self.question(leaf.with_index(index)));
        questions.collect()
    }

    /// The question about the certificate at a position; `None` for an anchor without one. Who may
    /// speak about it depends on all who stand above it: on another path it is another question.
    fn question(&mut self, at: Position) -> Option<Id<Question>> {
        let (subject, issuer) = (at.holder(), at.issuer().holder());
        self.context.certificate_of(subject)?;
        let known = self
            .state
            .questions
            .find(|question| question.at.is_below_the_same(&at));
        known.or_else(|| {
            Some(self.state.questions.push(Question {
                known: self.known((subject, issuer), at.index == 0),
                at,
                subject,
                issuer,
                finding: Finding::Pending,
                crls: Vec::new(),
                in_store: false,
            }))
        })
    }

    fn asked(&self, id: Id<Question>) -> Option<Asked<'s>> {
        let question = self.state.questions.get(id)?;
        Some(Asked {
            id,
            at: question.at.clone(),
            holder: question.subject,
            subject: self.context.subject_of(question.subject)?,
            issuer: question.issuer,
            issuer_name: self.context.name_of(question.issuer)?,
            issuer_key: self.context.key_of(question.issuer)?,
        })
    }

    /// Answers all questions from all evidence, again and again until nothing changes.
    fn answer_all(&mut self) -> Result<(), Rule> {
        for question in self.state.questions.iter_mut() {
            question.finding = Finding::Pending;
        }
        for response in self.state.responses.iter_mut() {
            response.more.holds_for.clear();
        }
        let mut last_word = None;
        loop {
            let (mut changed, mut answered) = (false, 0);
            // Questions may join while others are answered.
            while let Some(id) = self.state.questions.ids().nth(answered) {
                answered += 1;
                if self.finding(id) != Finding::Pending {
                    continue;
                }
                let finding = self.answer(id, last_word == Some(id))?;
                changed |= finding != Finding::Pending;
                if let Some(question) = self.state.questions.get_mut(id) {
                    question.finding = finding;
                }
            }
            let mut from_last = self.state.questions.iter().rev();
            let pending = from_last.find(|(_, question)| question.finding == Finding::Pending);
            let Some((last, _)) = pending else {
                return Ok(());
            };
            // They wait for each other. Those that joined last are about signers of what speaks for
            // those before.
            last_word = Some(last).filter(|_| !changed);
        }
    }

    fn answer(&mut self, question: Id<Question>, is_last_word: bool) -> Result<Finding, Rule> {
        let Some(asked) = self.asked(question) else {
            return Ok(Finding::Unknown(UnknownStatus::NotAuthoritative));
        };
        self.look_in_store(&asked)?;
        let known = self.state.questions.get(question).and_then(|q| q.known);
        if let Some(revoked @ Finding::Revoked(..)) = known {
            return Ok(revoked);
        }
        let by_evidence = self
            .by_crls(&asked, is_last_word)?
            .and(self.by_responses(&asked)?);
        Ok(
            match known.map_or(by_evidence, |known| known.and(by_evidence)) {
                Finding::Unknown(reason) => {
                    Finding::Unknown(reason.max(self.why_nothing_came(&asked)))
                }
                finding => finding,
            },
        )
    }

    fn finding(&self, question: Id<Question>) -> Finding {
        let nobody = Finding::Unknown(UnknownStatus::NotAuthoritative);
        let found = self.state.questions.get(question);
        found.map_or(nobody, |question| question.finding)
    }

    /// Is anything left to find out? A path with a revoked certificate has fallen; if the evidence
    /// for that has run out, newer may say that a hold was released.
    fn is_open(&self, asked: &[Id<Question>]) -> bool {
        let findings = asked.iter().map(|&question| self.finding(question));
        let mut revoked = findings.filter(|finding| matches!(finding, Finding::Revoked(..)));
        revoked.all(|finding| finding.has_run_out(self.context.at))
    }

    /// The statuses on a path whose anchor stands at `top`.
    fn statuses(&self, top: usize, asked: &[Id<Question>]) -> Vec<Option<RevocationStatus>> {
        let statuses = asked
            .iter()
            .map(|&question| Some(self.finding(question).status()));
        let mut statuses: Vec<_> = statuses.collect();
        statuses.resize(top + 1, None);
        // Nobody need say anything of an anchor.
        if let Some(anchor @ Some(RevocationStatus::Unknown(_))) = statuses.last_mut() {
            *anchor = None;
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
}
