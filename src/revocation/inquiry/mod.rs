//! The inquiry into the certificates of a path: who of them is revoked, and which evidence is
//! missing.
//!
//! Each certificate is a question. Evidence that somebody else than the issuer signed is worth
//! something only if its signer is not revoked, which is a further question, about whom further
//! evidence may speak, and so on. So questions stand in one list and are answered together: each is
//! answered from what is known of the others until nothing changes any more. What waits for itself
//! then (a list that only a key on it vouches for) stays unknown. There is no recursion, and since
//! an answer only ever depends on all the evidence at hand, the order in which it came means
//! nothing.
//!
//! One look costs, for each question, a comparison of scopes with each list and a look-up in those
//! that fit; signatures are verified once for each list and key. All of it is paid for from the
//! budget of the validation.

mod asks;
mod held;
mod lists;
mod parties;
mod responses;
mod signers;

use alloc::vec::Vec;

use super::policy::{RevocationFlag, RevocationPolicy};
use super::request::{Answer, Request, RequestId};
use super::responder::Author;
use super::status::{Finding, RevocationStatus};
use super::store::EvidenceStore;
use crate::path::context::{AnchorId, Issuer, PathContext};
use crate::path::options::PathOptions;
use crate::path::search::FoundPath;
use crate::path::signatures::Signatures;
use crate::path::violation::Rule;
use crate::path::{Budget, Exhausted, UnknownStatus};
use crate::time::Time;
use asks::Ask;
pub(crate) use asks::urls as usable_urls;
use held::{HeldList, HeldResponse};
use parties::certificate_of;
use signers::SignerPath;

/// The least of all reasons: no evidence has said anything yet.
const NOTHING: UnknownStatus = UnknownStatus::PathFell;

/// What an inquiry is told each time.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'s, 'a> {
    pub(crate) context: &'s PathContext<'a>,
    pub(crate) policy: &'s RevocationPolicy,
    /// What the certificate of somebody who signed evidence must satisfy.
    pub(crate) signer: &'s PathOptions,
    pub(crate) store: Option<&'s dyn EvidenceStore>,
    pub(crate) nonce: Option<&'s [u8]>,
}

/// What an inquiry works with, shared with the search.
pub(crate) struct Tools<'t> {
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

/// A place on a path: 0 is its leaf, the place behind the last certificate is the anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    path: usize,
    place: usize,
}

impl Place {
    /// So many places further up.
    const fn above(self, count: usize) -> Self {
        Self {
            place: self.place + count,
            ..self
        }
    }
}

/// Is this certificate revoked by this issuer, under this anchor?
#[derive(Debug)]
struct Question {
    at: Place,
    subject: Issuer,
    issuer: Issuer,
    anchor: AnchorId,
    finding: Finding,
    /// The lists that spoke for it.
    lists: Vec<usize>,
    in_store: bool,
}

/// The state of an inquiry.
#[derive(Default)]
pub(crate) struct Inquiry {
    paths: Vec<FoundPath>,
    questions: Vec<Question>,
    lists: Vec<HeldList>,
    responses: Vec<HeldResponse>,
    signers: Vec<SignerPath>,
    /// Which lists and which keys have been tried, and whether the signature holds.
    tried_lists: Vec<(usize, Issuer, bool)>,
    tried_responses: Vec<(usize, usize, Option<Author>)>,
    asks: Vec<Ask>,
    requests: Vec<(Request, usize)>,
}

impl Inquiry {
    /// Looks at a path with all that is known.
    pub(crate) fn look_at(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        path: &FoundPath,
    ) -> Result<Outcome, Rule> {
        let path = self.path(path);
        let asked = self.ask_about(setting, path);
        self.answer_all(setting, tools)?;
        self.keep(setting);
        if self.is_open(&asked, setting.context.at) && setting.policy.is_online() {
            let requests = self.missing(setting, tools.budget, &asked);
            if !requests.is_empty() {
                return Ok(Outcome::Missing(requests));
            }
            // Why nothing could be asked for (pauses, limits) is part of the answer.
            if asked
                .iter()
                .any(|&q| matches!(self.finding(q), Finding::Unknown(_)))
            {
                self.answer_all(setting, tools)?;
            }
        }
        Ok(Outcome::Settled(self.statuses(path, &asked)))
    }

    fn path(&mut self, path: &FoundPath) -> usize {
        let known = self.paths.iter().position(|known| known == path);
        known.unwrap_or_else(|| {
            self.paths.push(path.clone());
            self.paths.len() - 1
        })
    }

    /// The questions that the flag asks of a path, by the place of the certificate.
    fn ask_about(&mut self, setting: Setting<'_, '_>, path: usize) -> Vec<usize> {
        let top = self
            .paths
            .get(path)
            .map_or(0, |path| path.certificates.len());
        let places = match setting.policy.flag {
            RevocationFlag::EndCertificateOnly => 0..1,
            RevocationFlag::ExcludeRoot => 0..top,
            RevocationFlag::EntireChain => 0..top + 1,
        };
        places
            .filter_map(|place| self.question(setting, Place { path, place }))
            .collect()
    }

    /// The question about the certificate at a place; `None` for an anchor that is none.
    fn question(&mut self, setting: Setting<'_, '_>, at: Place) -> Option<usize> {
        let subject = self.party(at)?;
        let anchor = self.paths.get(at.path)?.anchor;
        let issuer = match subject {
            Issuer::Anchor(_) => subject,
            Issuer::Pool(_) => self.party(Place {
                place: at.place + 1,
                ..at
            })?,
        };
        certificate_of(setting.context, subject)?;
        let same = |question: &Question| {
            question.subject == subject && question.issuer == issuer && question.anchor == anchor
        };
        let known = self.questions.iter().position(same);
        Some(known.unwrap_or_else(|| {
            self.questions.push(Question {
                at,
                subject,
                issuer,
                anchor,
                finding: Finding::Pending,
                lists: Vec::new(),
                in_store: false,
            });
            self.questions.len() - 1
        }))
    }

    fn party(&self, at: Place) -> Option<Issuer> {
        let path = self.paths.get(at.path)?;
        match path.certificates.get(at.place) {
            Some(&id) => Some(Issuer::Pool(id)),
            None if at.place == path.certificates.len() => Some(Issuer::Anchor(path.anchor)),
            None => None,
        }
    }

    /// Answers all questions from all evidence, again and again until nothing changes.
    fn answer_all(&mut self, setting: Setting<'_, '_>, tools: &mut Tools<'_>) -> Result<(), Rule> {
        for question in &mut self.questions {
            question.finding = Finding::Pending;
        }
        self.responses
            .iter_mut()
            .for_each(|held| held.holds_for.clear());
        let mut last_word = None;
        loop {
            let mut changed = false;
            let mut place = 0;
            // Questions may join while others are answered.
            while place < self.questions.len() {
                if self.finding(place) == Finding::Pending {
                    self.look_in_store(setting, place);
                    let finding = self.answer(setting, tools, place, last_word == Some(place))?;
                    changed |= finding != Finding::Pending;
                    if let Some(question) = self.questions.get_mut(place) {
                        question.finding = finding;
                    }
                }
                place += 1;
            }
            let mut findings = self.questions.iter().map(|question| question.finding);
            let Some(last) = findings.rposition(|finding| finding == Finding::Pending) else {
                return Ok(());
            };
            // They wait for each other. Those that joined last are about signers of what speaks for
            // those before.
            last_word = Some(last).filter(|_| !changed);
        }
    }

    fn answer(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        question: usize,
        is_last_word: bool,
    ) -> Result<Finding, Rule> {
        let by_lists = self.by_lists(setting, tools, question, is_last_word)?;
        let by_responses = self.by_responses(setting, tools, question)?;
        Ok(match by_lists.and(by_responses) {
            Finding::Unknown(reason) => {
                Finding::Unknown(reason.max(self.why_nothing_came(setting, question)))
            }
            finding => finding,
        })
    }

    fn finding(&self, question: usize) -> Finding {
        let found = self.questions.get(question);
        found.map_or(
            Finding::Unknown(UnknownStatus::NotAuthoritative),
            |question| question.finding,
        )
    }

    /// Is anything left to find out? A path with a revoked certificate has fallen; if the evidence
    /// for that has run out, newer may say that a hold was released.
    fn is_open(&self, asked: &[usize], at: Time) -> bool {
        let findings = asked.iter().map(|&question| self.finding(question));
        let mut revoked = findings.filter(|finding| matches!(finding, Finding::Revoked(..)));
        revoked.all(|finding| finding.has_run_out(at))
    }

    fn statuses(&self, path: usize, asked: &[usize]) -> Vec<Option<RevocationStatus>> {
        let top = self
            .paths
            .get(path)
            .map_or(0, |path| path.certificates.len());
        let mut statuses: Vec<Option<RevocationStatus>> = (0..=top).map(|_| None).collect();
        for (place, &question) in asked.iter().enumerate() {
            let status = match self.finding(question) {
                Finding::Good(used) => RevocationStatus::Good(used),
                Finding::Revoked(revocation, used) => RevocationStatus::Revoked(revocation, used),
                Finding::Unknown(_) | Finding::Pending if place == top => continue,
                Finding::Unknown(reason) => RevocationStatus::Unknown(reason),
                Finding::Pending => RevocationStatus::Unknown(UnknownStatus::NotAuthoritative),
            };
            if let Some(slot) = statuses.get_mut(place) {
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
        store: Option<(&dyn EvidenceStore, Time)>,
        budget: &mut Budget,
        id: RequestId,
        answer: Answer,
    ) {
        let Some((request, ask)) = self.requests.get(id.0 as usize).cloned() else {
            return;
        };
        self.take_answer(store, budget, request, ask, answer);
    }

    /// The requests that were sent and not answered are not waited for any more.
    pub(crate) fn give_up_waiting(&mut self) {
        self.asks.iter_mut().for_each(Ask::give_up);
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
