//! The search for a path from a leaf to a trust anchor (RFC 4158 describes the problem, RFC 5280
//! section 6.1 the rules).
//!
//! Depth first, from the leaf up. The issuers of a name are tried best first: those whose key
//! identifier matches, then those in their period, anchors before others. A certificate that fails
//! by itself is not followed; a path that reaches an anchor is checked as a whole, cheap checks
//! first, signatures last and from the anchor down. When a signature does not hold, everything
//! above the certificate that it belongs to is dropped at once.
//!
//! What keeps hostile meshes cheap: a certificate all of whose ways up have failed, for reasons
//! that have nothing to do with the way down, is dead and never entered again. Whether a failure
//! had to do with the way down (a loop, a path length, a name constraint) is tracked as the lowest
//! place on the path that it depended on. What is left is bounded by the budget: each candidate
//! looked at is a step, each signature is paid for before it is checked.
//!
//! Nearly always there is nothing to choose. So the search begins without records
//! ([`linear`](super::linear)), and makes them when there is a choice or a path falls.
//!
//! The search is a value without references: it yields a path, waits, and goes on from there.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use tinyvec::TinyVec;

use super::anchor_reach::Explored;
use super::budget::{Budget, Exhausted, SetAside};
use super::certificate_checks::CertificateSummary;
use super::context::{AnchorId, Issuer, PathContext, PoolId, Spelling};
use super::issuer_candidates::{CandidateState, IssuerCandidates};
use super::linear::{Above, LinearPath, climb};
use super::path_checks::{CertificateSummaries, PathChecks};
use super::role_checks::{check_anchor_at, check_intermediate, is_self_issued};
use super::signatures::Signatures;
use super::tried::{Tried, TriedPaths};
use super::violation::{FirstViolation, Rule, Violation};
use crate::narrow;

/// The certificates of a path. Those of usual length take no memory of their own.
pub(crate) type Ids = TinyVec<[PoolId; 8]>;

/// A path that holds: leaf first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundPath {
    pub(crate) certificates: Ids,
    pub(crate) anchor: AnchorId,
}

/// What a step of the search came to.
#[derive(Debug)]
pub(crate) enum Progress {
    /// This path holds. Going on looks for another one.
    Found(FoundPath),
    /// There is no further path.
    Ended,
}

/// A certificate on the way up, and which of its issuers come next.
#[derive(Debug, Default)]
struct Frame {
    id: PoolId,
    identity: NameAndKey,
    summary: CertificateSummary,
    /// The issuers that are left, of those whose name is spelled so.
    issuers: Range<u32>,
    spelling: Spelling,
    /// Has any issuer been looked at that is not on the path?
    led_on: bool,
    /// Is there anybody of its issuer's name?
    has_issuer: bool,
    /// The lowest place on the path that the failures above depended on.
    depends_on: u32,
    /// How far its issuers had been explored before, where none of them leads to an anchor.
    explored: Option<Explored>,
}

/// A name and a key, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct NameAndKey {
    name: u32,
    key: u32,
}

/// The state of a search.
#[derive(Default)]
pub(crate) struct Search {
    first: (PoolId, CertificateSummary),
    stage: Stage,
    /// What was walked without records, until there are some.
    way: LinearPath,
    frames: Vec<Frame>,
    candidates: Option<Box<IssuerCandidates>>,
    anchors: Vec<(AnchorId, Option<CertificateSummary>)>,
    pub(crate) signatures: Signatures,
    pub(crate) budget: Budget,
    pub(crate) tried: TriedPaths,
    /// Set when the search ended before it was finished, or left a path for its length.
    pub(crate) exhausted: Option<Rule>,
    /// Certificates on tried paths nobody of whose issuer's name is there.
    pub(crate) without_issuer: Vec<PoolId>,
    round: Round,
    /// A path of the leaf fell for its policies.
    looks_for_longer: bool,
}

/// What a search keeps of where it stands.
#[derive(Clone, Copy, Default)]
enum Stage {
    /// Nothing: it begins.
    #[default]
    Beginning,
    /// A path on which there was no choice, and which holds.
    WithoutRecords,
    /// The frames.
    WithRecords,
}

/// Why a path to an anchor does not hold.
enum Failure {
    /// The anchor fails by itself; told the first time.
    Anchor(Option<Violation>),
    Path(Violation),
    Signature(Violation),
}

/// Which paths are looked for.
#[derive(Default)]
enum Round {
    /// Those on which each name and key stands once.
    #[default]
    Shortest,
    /// Those on which a name and a key may come back in another certificate, too.
    Longer {
        /// What the first round left, as far as this one may not use it.
        aside: SetAside,
    },
    Over,
}

/// Most steps of the second round (`tests/paths/search.rs`,
/// `looking_for_longer_paths_is_bounded_and_uses_nothing_up`): what it looks for is rare, and a
/// mesh has many longer paths.
const STEPS_OF_LONGER_PATHS: u32 = 10_000;

impl Search {
    /// A search that has not begun. It is large and stays where it is made: it begins there, or
    /// what is checked of a certificate that stands alone is paid for from its budget.
    #[inline]
    pub(crate) fn idle(budget: Budget) -> Self {
        Self {
            budget,
            ..Self::default()
        }
    }

    /// Begins at a leaf that has passed its own checks.
    pub(crate) fn begin(&mut self, leaf: CertificateSummary) {
        self.begin_at(PoolId::LEAF, leaf);
    }

    /// Begins at another certificate than the leaf: one that may have signed evidence.
    pub(crate) fn begin_at(&mut self, id: PoolId, summary: CertificateSummary) {
        self.first = (id, summary);
        self.stage = Stage::Beginning;
    }

    fn candidates(&mut self) -> &mut IssuerCandidates {
        self.candidates.get_or_insert_default()
    }

    /// Is this the search of the leaf, and not of a signer of evidence?
    fn of_leaf(&self) -> bool {
        self.first.0 == PoolId::LEAF
    }

    /// Begins again, since there are new candidates. What is known of certificates and signatures
    /// stays known; what was tried is tried again with them, but for paths that fell for a
    /// signature.
    pub(crate) fn reconsider(&mut self, context: &PathContext<'_>) {
        self.frames.clear();
        self.candidates().reconsider();
        let Self {
            tried, signatures, ..
        } = self;
        tried.retain(|tried| {
            let (child, issuer) =
                pair_at(&tried.certificates, tried.anchor, tried.violation.position);
            issuer.is_some_and(|issuer| signatures.is_known_bad(context, child, issuer))
        });
        self.round = Round::Shortest;
        self.looks_for_longer = false;
        self.without_issuer.clear();
        self.stage = Stage::Beginning;
    }

    /// Is over before it began: the leaf failed by itself.
    #[cold]
    pub(crate) fn fall(&mut self, violation: Violation) {
        self.stage = Stage::WithRecords;
        self.tried.note(Tried {
            certificates: Vec::from([PoolId::LEAF]),
            anchor: None,
            violation,
        });
    }

    /// Goes on until a path holds or there is none.
    pub(crate) fn advance(&mut self, context: &PathContext<'_>) -> Progress {
        loop {
            let found = match self.stage {
                Stage::Beginning => self.walk(context),
                Stage::WithoutRecords => self.walk_on(context),
                Stage::WithRecords if !self.frames.is_empty() => self.step(context),
                Stage::WithRecords => match self.begin_next_round() {
                    true => continue,
                    false => return Progress::Ended,
                },
            };
            match found {
                Ok(Some(path)) => return Progress::Found(path),
                Ok(None) => {}
                Err(rule) => {
                    self.exhaust(rule);
                    self.frames.clear();
                }
            }
        }
    }

    /// Walks from the beginning up, without records as far as there is no choice.
    fn walk(&mut self, context: &PathContext<'_>) -> Result<Option<FoundPath>, Rule> {
        self.stage = Stage::WithRecords;
        let (id, summary) = self.first;
        let mut way = LinearPath::from(id, summary);
        match climb(context, &mut way, &mut self.budget)? {
            Above::Anchor(anchor) => {
                let Err(failure) = self.check(context, way.certificates(), way.summaries(), anchor)
                else {
                    let certificates = Ids::from(way.certificates());
                    (self.stage, self.way) = (Stage::WithoutRecords, way);
                    return Ok(Some(FoundPath {
                        certificates,
                        anchor,
                    }));
                };
                self.make_records(context, &way)?;
                self.take_issuer(context)?;
                self.fail(context, way.certificates(), anchor, failure)?;
            }
            Above::Failing(id, violation) => {
                self.make_records(context, &way)?;
                self.take_issuer(context)?;
                self.drop_failing(id, violation);
            }
            Above::Choice => self.make_records(context, &way)?,
        }
        Ok(None)
    }

    /// Goes on after a path without a choice, which somebody has a reason against.
    fn walk_on(&mut self, context: &PathContext<'_>) -> Result<Option<FoundPath>, Rule> {
        self.stage = Stage::WithRecords;
        let way = core::mem::take(&mut self.way);
        self.make_records(context, &way)?;
        self.take_issuer(context)?;
        self.depend_on(0);
        Ok(None)
    }

    /// Makes the records of a way on which there was no choice.
    #[inline(never)]
    fn make_records(&mut self, context: &PathContext<'_>, way: &LinearPath) -> Result<(), Rule> {
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

    /// Passes the only issuer of the last certificate, which has been looked at.
    fn take_issuer(&mut self, context: &PathContext<'_>) -> Result<(), Rule> {
        self.next_issuer(context)?;
        self.lead_on();
        Ok(())
    }

    /// Notes that the search was not finished. The second round only adds to one that was.
    fn exhaust(&mut self, rule: Rule) {
        if matches!(self.round, Round::Shortest) {
            self.exhausted = Some(rule);
        }
    }

    /// A path that comes back to a name and a key can be had shorter, by leaving out what stands
    /// between. What is asked of lengths, names, usage and TLS features, the shorter one breaks
    /// only if the longer one does. Policies differ: what is left out may map them. So where a
    /// path fell for its policies, longer ones are looked for.
    fn begin_next_round(&mut self) -> bool {
        match core::mem::replace(&mut self.round, Round::Over) {
            Round::Shortest if self.looks_for_longer && self.exhausted.is_none() => {
                let aside = self.budget.set_aside(STEPS_OF_LONGER_PATHS);
                self.round = Round::Longer { aside };
                self.candidates().reconsider();
                self.stage = Stage::Beginning;
                true
            }
            Round::Longer { aside } => {
                self.budget.put_back(&aside);
                false
            }
            Round::Shortest | Round::Over => false,
        }
    }

    /// Looks at the next issuer of the last certificate; an error ends the search.
    fn step(&mut self, context: &PathContext<'_>) -> Result<Option<FoundPath>, Rule> {
        let Some(issuer) = self.next_issuer(context)? else {
            self.leave(context);
            return Ok(None);
        };
        self.budget.spend_step().map_err(Rule::Exhausted)?;
        self.consider(context, issuer)
    }

    fn next_issuer(&mut self, context: &PathContext<'_>) -> Result<Option<Issuer>, Rule> {
        loop {
            let Some(frame) = self.frames.last_mut() else {
                return Ok(None);
            };
            if let Some(next) = frame.issuers.next() {
                frame.has_issuer = true;
                let candidates = self.candidates.get_or_insert_default();
                return Ok(candidates.issuer(next));
            }
            if frame.spelling == Spelling::Other {
                return Ok(None);
            }
            let candidates = self.candidates.get_or_insert_default();
            let others = candidates.issuers(context, frame.id, Spelling::Other, &mut self.budget);
            frame.issuers = others.map_err(Rule::Exhausted)?;
            frame.spelling = Spelling::Other;
        }
    }

    /// Looks at one issuer of the last certificate; an error ends the search.
    fn consider(
        &mut self,
        context: &PathContext<'_>,
        issuer: Issuer,
    ) -> Result<Option<FoundPath>, Rule> {
        let Some(child) = self.frames.last().map(|frame| frame.id) else {
            return Ok(None);
        };
        if self.signatures.is_known_bad(context, child, issuer) {
            self.lead_on();
            return Ok(None);
        }
        match issuer {
            Issuer::Anchor(anchor) => {
                self.lead_on();
                self.try_anchor(context, anchor)
            }
            Issuer::Pool(id) => {
                self.try_intermediate(context, id)?;
                Ok(None)
            }
        }
    }

    fn try_intermediate(&mut self, context: &PathContext<'_>, id: PoolId) -> Result<(), Rule> {
        let known = self.candidates().known(id);
        let identity = self.name_and_key(context, id);
        if let Some(place) = self.place_on_path(id, identity) {
            self.depend_on(place);
            return Ok(());
        }
        self.lead_on();
        if matches!(known, CandidateState::Dead) {
            return Ok(());
        }
        let position = self.frames.len();
        if position >= context.options.limits.path_length as usize {
            let rule = Rule::Exhausted(Exhausted::PathLength);
            let position = position - 1;
            self.record(None, None, Violation { position, rule });
            self.exhaust(rule);
            self.depend_on(0);
            return Ok(());
        }
        let summary = match known {
            CandidateState::Passes(summary) => Ok(summary),
            CandidateState::Unchecked | CandidateState::Dead => {
                check_intermediate(context, id, position, &mut self.budget)?
            }
        };
        match summary {
            Ok(summary) => {
                self.candidates()
                    .set_known(id, CandidateState::Passes(summary));
                self.enter(context, id, summary)
            }
            Err(violation) => {
                self.drop_failing(id, violation);
                Ok(())
            }
        }
    }

    /// An issuer of the last certificate fails by itself.
    fn drop_failing(&mut self, id: PoolId, violation: Violation) {
        self.candidates().set_known(id, CandidateState::Dead);
        self.record(Some(id), None, violation);
    }

    /// Checks the path that ends in this anchor.
    fn try_anchor(
        &mut self,
        context: &PathContext<'_>,
        id: AnchorId,
    ) -> Result<Option<FoundPath>, Rule> {
        let certificates: Ids = self.frames.iter().map(|frame| frame.id).collect();
        let summaries: CertificateSummaries =
            self.frames.iter().map(|frame| frame.summary).collect();
        if let Err(failure) = self.check(context, &certificates, &summaries, id) {
            return self
                .fail(context, &certificates, id, failure)
                .map(|()| None);
        }
        // Whoever asks for another path has a reason against this one that the search does not
        // know.
        self.depend_on(0);
        Ok(Some(FoundPath {
            certificates,
            anchor: id,
        }))
    }

    /// Does a path to this anchor hold? Cheap checks come first, signatures last.
    fn check(
        &mut self,
        context: &PathContext<'_>,
        certificates: &[PoolId],
        summaries: &[CertificateSummary],
        id: AnchorId,
    ) -> Result<(), Failure> {
        let anchor = context.anchor(id).ok_or(Failure::Anchor(None))?;
        let anchor_summary = self.anchor_summary(context, id, certificates.len());
        let path = PathChecks {
            context,
            certificates,
            summaries,
            anchor: Some((anchor, anchor_summary.map_err(Failure::Anchor)?)),
        };
        let mut first_violation = FirstViolation(context.options.forgiven);
        let checked = path.check(&mut self.budget, &mut first_violation);
        checked.map_err(Failure::Path)?;
        let (signatures, budget) = (&mut self.signatures, &mut self.budget);
        let verified = signatures.verify_path(context, certificates, id, budget, &mut Err);
        verified.map_err(Failure::Signature)
    }

    /// Notes that the path of the frames to this anchor does not hold; an error ends the search.
    fn fail(
        &mut self,
        context: &PathContext<'_>,
        certificates: &[PoolId],
        id: AnchorId,
        failure: Failure,
    ) -> Result<(), Rule> {
        let violation = match failure {
            Failure::Anchor(None) => return Ok(()),
            Failure::Anchor(Some(violation))
            | Failure::Path(violation)
            | Failure::Signature(violation) => violation,
        };
        self.record(None, Some(id), violation);
        match failure {
            Failure::Anchor(_) => return Ok(()),
            Failure::Path(_) => {
                // Another way up may do without what made this one fall.
                self.depend_on(0);
                self.looks_for_longer |=
                    self.of_leaf() && matches!(violation.rule, Rule::Policy(_));
            }
            Failure::Signature(_) => {
                self.drop_bad_pair(context, certificates, id, violation.position);
            }
        }
        // A budget that has run out ends the search; any other violation only the path.
        match violation.rule {
            Rule::Exhausted(_) => Err(violation.rule),
            _ => Ok(()),
        }
    }

    /// A signature of the last path did not hold: nothing above the certificate that it belongs to
    /// is worth trying.
    fn drop_bad_pair(
        &mut self,
        context: &PathContext<'_>,
        path: &[PoolId],
        top: AnchorId,
        place: usize,
    ) {
        let (child, issuer) = pair_at(path, Some(top), place);
        if issuer.is_some_and(|issuer| self.signatures.is_known_bad(context, child, issuer)) {
            self.frames.truncate(place + 1);
        } else {
            self.depend_on(0);
        }
    }

    /// What is known of an anchor; the violation when it fails by itself, the first time.
    fn anchor_summary(
        &mut self,
        context: &PathContext<'_>,
        id: AnchorId,
        position: usize,
    ) -> Result<CertificateSummary, Option<Violation>> {
        let known = self.anchors.iter().find(|(known, _)| *known == id);
        if let Some((_, summary)) = known {
            return summary.ok_or(None);
        }
        let checked = check_anchor_at(context, id, position).ok_or(None)?;
        if checked.is_err() || !self.frames.is_empty() {
            self.anchors.push((id, checked.as_ref().ok().copied()));
        }
        checked.map_err(Some)
    }

    /// Is this certificate, or another one of the same name and key, on the path already? A path
    /// that comes back to an issuer where it was can be had shorter. The leaf is no issuer: one
    /// that is a CA may stand below another certificate of its name and key.
    fn place_on_path(&self, id: PoolId, identity: NameAndKey) -> Option<u32> {
        let mut frames = self.frames.iter().enumerate();
        let once = matches!(self.round, Round::Shortest);
        let same = |(place, frame): (usize, &Frame)| {
            frame.id == id || (once && place > 0 && frame.identity == identity)
        };
        frames.position(same).map(narrow::bounded)
    }

    fn name_and_key(&mut self, context: &PathContext<'_>, id: PoolId) -> NameAndKey {
        NameAndKey {
            name: self.candidates().subject(context, id),
            key: self.signatures.key_number(context, Issuer::Pool(id)),
        }
    }

    fn enter(
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
            issuers: 0..0,
            spelling: Spelling::Same,
            led_on: false,
            has_issuer: false,
            depends_on: u32::MAX,
            explored: self.candidates().explored(context, id),
        };
        match frame.explored {
            // These issuers have been explored, or are being explored lower on the path. None
            // leads to an anchor.
            Some(Explored::InProgress | Explored::Done) => {
                frame.spelling = Spelling::Other;
                frame.has_issuer = self.candidates().has_issuers(context, id);
                frame.led_on = frame.has_issuer && frame.explored == Some(Explored::Done);
            }
            Some(Explored::NotYet) | None => {
                let issuers = self.issuers(context, id, frame.spelling);
                frame.issuers = issuers.map_err(Rule::Exhausted)?;
                self.candidates()
                    .set_explored(context, id, Explored::InProgress);
            }
        }
        self.frames.push(frame);
        Ok(())
    }

    fn issuers(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        spelling: Spelling,
    ) -> Result<Range<u32>, Exhausted> {
        let candidates = self.candidates.get_or_insert_default();
        candidates.issuers(context, id, spelling, &mut self.budget)
    }

    /// Everyone of a certificate's issuer's name, anchors first, then in the order of the pool.
    pub(crate) fn all_issuers(&mut self, context: &PathContext<'_>, id: PoolId) -> Vec<Issuer> {
        let mut all = Vec::new();
        for spelling in [Spelling::Same, Spelling::Other] {
            // What the budget has no room for is not part of an explanation.
            let found = self.issuers(context, id, spelling).unwrap_or_default();
            let candidates = self.candidates();
            all.extend(found.filter_map(|i| candidates.issuer(i)));
        }
        all.sort_unstable();
        all
    }

    /// All issuers of the last certificate have been tried.
    fn leave(&mut self, context: &PathContext<'_>) {
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
        if explored == Some(Explored::NotYet) {
            self.candidates().set_explored(context, id, Explored::Done);
        }
        if explored.is_some() || depends_on as usize >= self.frames.len() {
            self.candidates().set_known(id, CandidateState::Dead);
        } else {
            self.depend_on(depends_on);
        }
    }

    /// Are subject and issuer of a certificate the same name? What passed its own checks is not
    /// compared again, and what the budget has no room for is not found out: it counts as no,
    /// which decides nothing but the words of a rejection.
    pub(crate) fn is_self_issued(&mut self, context: &PathContext<'_>, id: PoolId) -> bool {
        match self.candidates().known(id) {
            CandidateState::Passes(summary) => summary.self_issued,
            CandidateState::Unchecked | CandidateState::Dead => {
                is_self_issued(context.certificate(id), &mut self.budget).unwrap_or(false)
            }
        }
    }

    fn lead_on(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.led_on = true;
        }
    }

    fn depend_on(&mut self, place: u32) {
        if let Some(frame) = self.frames.last_mut() {
            frame.depends_on = frame.depends_on.min(place);
        }
    }

    /// Notes the path of the frames, `next` on top of it, as tried.
    fn record(&mut self, next: Option<PoolId>, anchor: Option<AnchorId>, violation: Violation) {
        let frames = self.frames.iter().map(|frame| frame.id);
        let certificates = frames.chain(next).collect();
        // The second round finds what falls as it fell on the shorter path.
        if matches!(self.round, Round::Shortest) {
            self.tried.note(Tried {
                certificates,
                anchor,
                violation,
            });
        }
    }
}

/// The certificate at a place on a path, and who stands above it.
fn pair_at(path: &[PoolId], top: Option<AnchorId>, place: usize) -> (PoolId, Option<Issuer>) {
    let child = path.get(place).copied().unwrap_or(PoolId::LEAF);
    let issuer = path.get(place + 1).copied().map(Issuer::Pool);
    (child, issuer.or(top.map(Issuer::Anchor)))
}

/// The violation of a certificate that nobody outside of the path is known to have issued.
pub(crate) fn nowhere(is_self_issued: bool, has_issuer_on_path: bool) -> Rule {
    if is_self_issued {
        Rule::UntrustedRoot
    } else if has_issuer_on_path {
        Rule::Circle
    } else {
        Rule::NoIssuer
    }
}
