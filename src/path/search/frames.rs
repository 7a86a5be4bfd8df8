//! The records of a search: for each certificate on the current path, which of its issuers come
//! next, and what the failures above it depended on.
//!
//! Names and keys are compared by number ([`interner`](crate::path::interner)). Looking up issuers
//! whose name is spelled differently costs comparisons from the budget.

use core::ops::Range;

use super::Round;
use super::linear::LinearPath;
use super::{Search, nowhere};
use crate::narrow;
use crate::path::anchor_reach::Explored;
use crate::path::budget::Exhausted;
use crate::path::certificate_checks::CertificateSummary;
use crate::path::context::{Issuer, PathContext, PoolId, Spelling};
use crate::path::issuer_candidates::CandidateState;
use crate::path::violation::{Rule, Violation};

/// A certificate on the current path, and which of its issuers come next.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) id: PoolId,
    pub(super) identity: NameAndKey,
    pub(super) summary: CertificateSummary,
    /// The issuers that are left, of those with this spelling of the name.
    pub(super) issuers: Range<u32>,
    pub(super) spelling: Spelling,
    /// Was there an issuer that is not on the path?
    pub(super) led_on: bool,
    /// Does anyone have the name of its issuer?
    pub(super) has_issuer: bool,
    /// The lowest place on the path that the failures above depended on.
    pub(super) depends_on: u32,
    /// How far its issuers had been explored before, where none of them leads to an anchor.
    pub(super) explored: Option<Explored>,
}

/// A name and a key, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NameAndKey {
    pub(super) name: u32,
    pub(super) key: u32,
}

impl Search {
    /// Makes the records of a path without a choice.
    #[inline(never)]
    pub(super) fn make_records(
        &mut self,
        context: &PathContext<'_>,
        way: &LinearPath,
    ) -> Result<(), Rule> {
        let candidates = self.candidates.get_or_insert_default();
        let begun = candidates.begin(context, self.first.0, &mut self.budget);
        begun.map_err(Rule::Exhausted)?;
        self.signatures.number_keys(context);
        for (place, (&id, &summary)) in way.certificates().iter().zip(way.summaries()).enumerate() {
            if place > 0 {
                self.take_issuer(context)?;
                self.candidates()
                    .set_known(id, CandidateState::Passes(summary));
            }
            self.enter(context, id, summary)?;
        }
        Ok(())
    }

    /// Passes over the only issuer of the last certificate: it was tried without records.
    pub(super) fn take_issuer(&mut self, context: &PathContext<'_>) -> Result<(), Rule> {
        self.next_issuer(context)?;
        self.lead_on();
        Ok(())
    }

    pub(super) fn enter(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        summary: CertificateSummary,
    ) -> Result<(), Rule> {
        let identity = self.name_and_key(context, id);
        let mut frame = Frame {
            id,
            identity,
            summary,
            depends_on: u32::MAX,
            ..Frame::default()
        };
        let name = self.candidates().issuer_name(context, id);
        frame.explored = name.as_ref().and_then(|name| name.explored());
        match (name, frame.explored) {
            // These issuers have been explored, or are being explored lower on the path. None
            // leads to an anchor.
            (Some(name), Some(Explored::InProgress | Explored::Done)) => {
                frame.spelling = Spelling::Other;
                frame.has_issuer = name.has_issuers();
                frame.led_on = frame.has_issuer && frame.explored == Some(Explored::Done);
            }
            (name, _) => {
                if let Some(name) = name {
                    name.explored = Explored::InProgress;
                }
                let issuers = self.issuers(context, id, frame.spelling);
                frame.issuers = issuers.map_err(Rule::Exhausted)?;
            }
        }
        self.frames.push(frame);
        Ok(())
    }

    pub(super) fn next_issuer(
        &mut self,
        context: &PathContext<'_>,
    ) -> Result<Option<Issuer>, Rule> {
        loop {
            let Some(frame) = self.frames.last_mut() else {
                return Ok(None);
            };
            if let Some(next) = frame.issuers.next() {
                frame.has_issuer = true;
                return Ok(self.candidates().issuer(next));
            }
            if frame.spelling == Spelling::Other {
                return Ok(None);
            }
            frame.spelling = Spelling::Other;
            let id = frame.id;
            let others = self.issuers(context, id, Spelling::Other);
            let others = others.map_err(Rule::Exhausted)?;
            if let Some(frame) = self.frames.last_mut() {
                frame.issuers = others;
            }
        }
    }

    /// All issuers of the last certificate have been tried.
    pub(super) fn leave(&mut self, context: &PathContext<'_>) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        let (id, depends_on, explored) = (frame.id, frame.depends_on, frame.explored);
        if !frame.led_on {
            let (summary, has_issuer) = (frame.summary, frame.has_issuer);
            let position = self.frames.len() - 1;
            // Of the leaf it was not asked; its frame is left once.
            let self_issued = match id {
                PoolId::LEAF => self.is_self_issued(context, id),
                _ => summary.self_issued,
            };
            let rule = nowhere(self_issued, has_issuer);
            self.record(None, None, Violation { position, rule });
            if rule == Rule::NoIssuer && !self.without_issuer.contains(&id) {
                self.without_issuer.push(id);
            }
        }
        self.frames.pop();
        if explored == Some(Explored::NotYet)
            && let Some(name) = self.candidates().issuer_name(context, id)
        {
            name.explored = Explored::Done;
        }
        if explored.is_some() || depends_on as usize >= self.frames.len() {
            self.candidates().set_known(id, CandidateState::Dead);
        } else {
            self.depend_on(depends_on);
        }
    }

    /// Is this certificate, or another one of the same name and key, on the path already? A path
    /// that comes back to an issuer where it was can be had shorter. The leaf is no issuer: one
    /// that is a CA may stand below another certificate of its name and key.
    pub(super) fn place_on_path(&self, id: PoolId, identity: NameAndKey) -> Option<u32> {
        let mut frames = self.frames.iter().enumerate();
        let once = matches!(self.round, Round::Shortest);
        let same = |(place, frame): (usize, &Frame)| {
            frame.id == id || (once && place > 0 && frame.identity == identity)
        };
        frames.position(same).map(narrow::bounded)
    }

    pub(super) fn name_and_key(&mut self, context: &PathContext<'_>, id: PoolId) -> NameAndKey {
        NameAndKey {
            name: self.candidates().subject(context, id),
            key: self.signatures.key_number(context, Issuer::Pool(id)),
        }
    }

    pub(super) fn issuers(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        spelling: Spelling,
    ) -> Result<Range<u32>, Exhausted> {
        let candidates = self.candidates.get_or_insert_default();
        candidates.issuers(context, id, spelling, &mut self.budget)
    }

    pub(super) fn lead_on(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.led_on = true;
        }
    }

    pub(super) fn depend_on(&mut self, place: u32) {
        if let Some(frame) = self.frames.last_mut() {
            frame.depends_on = frame.depends_on.min(place);
        }
    }
}
