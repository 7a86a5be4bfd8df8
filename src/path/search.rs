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
use super::by_itself::{check_anchor_at, check_intermediate, is_self_issued};
use super::certificate::Facts;
use super::linear::{Above, Way, climb};
use super::nodes::{Known, Nodes};
use super::signatures::Signatures;
use super::tried::{Tried, TriedPaths};
use super::violation::{FirstViolation, Rule, Violation};
use super::whole::{PathFacts, WholePath};
use super::world::{AnchorId, Issuer, PoolId, Spelling, World};
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
    facts: Facts,
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
    first: (PoolId, Facts),
    stage: Stage,
    /// What was walked without records, until there are some.
    way: Way,
    frames: Vec<Frame>,
    nodes: Option<Box<Nodes>>,
    anchors: Vec<(AnchorId, Option<Facts>)>,
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
    pub(crate) fn begin(&mut self, leaf: Facts) {
        self.begin_at(PoolId::LEAF, leaf);
    }

    /// Begins at another certificate than the leaf: one that may have signed evidence.
    pub(crate) fn begin_at(&mut self, id: PoolId, facts: Facts) {
        self.first = (id, facts);
        self.stage = Stage::Beginning;
    }

    fn nodes(&mut self) -> &mut Nodes {
        self.nodes.get_or_insert_default()
    }

    /// Is this the search of the leaf, and not of a signer of evidence?
    fn of_leaf(&self) -> bool {
        self.first.0 == PoolId::LEAF
    }

    /// Begins again, since there are new candidates. What is known of certificates and signatures
    /// stays known; what was tried is tried again with them, but for paths that fell for a
    /// signature.
    pub(crate) fn reconsider(&mut self, world: &World<'_>, leaf: Facts) {
        self.frames.clear();
        self.nodes().reconsider();
        let Self {
            tried, signatures, ..
        } = self;
        tried.retain(|tried| {
            let (child, issuer) =
                pair_at(&tried.certificates, tried.anchor, tried.violation.position);
            issuer.is_some_and(|issuer| signatures.is_known_bad(world, child, issuer))
        });
        self.round = Round::Shortest;
        self.looks_for_longer = false;
        self.without_issuer.clear();
        self.begin(leaf);
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
    pub(crate) fn advance(&mut self, world: &World<'_>) -> Progress {
        loop {
            let found = match self.stage {
                Stage::Beginning => self.walk(world),
                Stage::WithoutRecords => self.walk_on(world),
                Stage::WithRecords if !self.frames.is_empty() => self.step(world),
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
    fn walk(&mut self, world: &World<'_>) -> Result<Option<FoundPath>, Rule> {
        self.stage = Stage::WithRecords;
        let (id, facts) = self.first;
        let mut way = Way::from(id, facts);
        match climb(world, &mut way, &mut self.budget)? {
            Above::Anchor(anchor) => {
                let Err(failure) = self.check(world, way.certificates(), way.facts(), anchor)
                else {
                    let certificates = Ids::from(way.certificates());
                    (self.stage, self.way) = (Stage::WithoutRecords, way);
                    return Ok(Some(FoundPath {
                        certificates,
                        anchor,
                    }));
                };
                self.make_records(world, &way)?;
                self.take_issuer(world)?;
                self.fail(world, way.certificates(), anchor, failure)?;
            }
            Above::Failing(id, violation) => {
                self.make_records(world, &way)?;
                self.take_issuer(world)?;
                self.drop_failing(id, violation);
            }
            Above::Choice => self.make_records(world, &way)?,
        }
        Ok(None)
    }

    /// Goes on after a path without a choice, which somebody has a reason against.
    fn walk_on(&mut self, world: &World<'_>) -> Result<Option<FoundPath>, Rule> {
        self.stage = Stage::WithRecords;
        let way = core::mem::take(&mut self.way);
        self.make_records(world, &way)?;
        self.take_issuer(world)?;
        self.depend_on(0);
        Ok(None)
    }

    /// Makes the records of a way on which there was no choice.
    #[inline(never)]
    fn make_records(&mut self, world: &World<'_>, way: &Way) -> Result<(), Rule> {
        let nodes = self.nodes.get_or_insert_default();
        let begun = nodes.begin(world, self.first.0, &mut self.budget);
        begun.map_err(Rule::Exhausted)?;
        self.signatures.number_keys(world);
        for (place, (&id, &facts)) in way.certificates().iter().zip(way.facts()).enumerate() {
            if place > 0 {
                self.take_issuer(world)?;
                self.nodes().set_known(id, Known::Passes(facts));
            }
            self.enter(world, id, facts)?;
        }
        Ok(())
    }

    /// Passes the only issuer of the last certificate, which has been looked at.
    fn take_issuer(&mut self, world: &World<'_>) -> Result<(), Rule> {
        self.next_issuer(world)?;
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
                self.nodes().reconsider();
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
    fn step(&mut self, world: &World<'_>) -> Result<Option<FoundPath>, Rule> {
        let Some(issuer) = self.next_issuer(world)? else {
            self.leave(world);
            return Ok(None);
        };
        self.budget.spend_step().map_err(Rule::Exhausted)?;
        self.consider(world, issuer)
    }

    fn next_issuer(&mut self, world: &World<'_>) -> Result<Option<Issuer>, Rule> {
        loop {
            let Some(frame) = self.frames.last_mut() else {
                return Ok(None);
            };
            if let Some(next) = frame.issuers.next() {
                frame.has_issuer = true;
                let nodes = self.nodes.get_or_insert_default();
                return Ok(nodes.issuer(next));
            }
            if frame.spelling == Spelling::Other {
                return Ok(None);
            }
            let nodes = self.nodes.get_or_insert_default();
            let others = nodes.issuers(world, frame.id, Spelling::Other, &mut self.budget);
            frame.issuers = others.map_err(Rule::Exhausted)?;
            frame.spelling = Spelling::Other;
        }
    }

    /// Looks at one issuer of the last certificate; an error ends the search.
    fn consider(&mut self, world: &World<'_>, issuer: Issuer) -> Result<Option<FoundPath>, Rule> {
        let Some(child) = self.frames.last().map(|frame| frame.id) else {
            return Ok(None);
        };
        if self.signatures.is_known_bad(world, child, issuer) {
            self.lead_on();
            return Ok(None);
        }
        match issuer {
            Issuer::Anchor(anchor) => {
                self.lead_on();
                self.try_anchor(world, anchor)
            }
            Issuer::Pool(id) => {
                self.try_intermediate(world, id)?;
                Ok(None)
            }
        }
    }

    fn try_intermediate(&mut self, world: &World<'_>, id: PoolId) -> Result<(), Rule> {
        let known = self.nodes().known(id);
        let identity = self.name_and_key(world, id);
        if let Some(place) = self.place_on_path(id, identity) {
            self.depend_on(place);
            return Ok(());
        }
        self.lead_on();
        if matches!(known, Known::Dead) {
            return Ok(());
        }
        let position = self.frames.len();
        if position >= world.options.limits.path_length as usize {
            let rule = Rule::Exhausted(Exhausted::PathLength);
            let position = position - 1;
            self.record(None, None, Violation { position, rule });
            self.exhaust(rule);
            self.depend_on(0);
            return Ok(());
        }
        let facts = match known {
            Known::Passes(facts) => Ok(facts),
            Known::Nothing | Known::Dead => {
                check_intermediate(world, id, position, &mut self.budget)?
            }
        };
        match facts {
            Ok(facts) => {
                self.nodes().set_known(id, Known::Passes(facts));
                self.enter(world, id, facts)
            }
            Err(violation) => {
                self.drop_failing(id, violation);
                Ok(())
            }
        }
    }

    /// An issuer of the last certificate fails by itself.
    fn drop_failing(&mut self, id: PoolId, violation: Violation) {
        self.nodes().set_known(id, Known::Dead);
        self.record(Some(id), None, violation);
    }

    /// Checks the path that ends in this anchor.
    fn try_anchor(&mut self, world: &World<'_>, id: AnchorId) -> Result<Option<FoundPath>, Rule> {
        let certificates: Ids = self.frames.iter().map(|frame| frame.id).collect();
        let facts: PathFacts = self.frames.iter().map(|frame| frame.facts).collect();
        if let Err(failure) = self.check(world, &certificates, &facts, id) {
            return self.fail(world, &certificates, id, failure).map(|()| None);
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
        world: &World<'_>,
        certificates: &[PoolId],
        facts: &[Facts],
        id: AnchorId,
    ) -> Result<(), Failure> {
        let anchor = world.anchor(id).ok_or(Failure::Anchor(None))?;
        let anchor_facts = self.anchor_facts(world, id, certificates.len());
        let path = WholePath {
            world,
            certificates,
            facts,
            anchor: Some((anchor, anchor_facts.map_err(Failure::Anchor)?)),
        };
        let mut first_violation = FirstViolation(world.options.forgiven);
        let checked = path.check(&mut self.budget, &mut first_violation);
        checked.map_err(Failure::Path)?;
        let (signatures, budget) = (&mut self.signatures, &mut self.budget);
        let verified = signatures.verify_path(world, certificates, id, budget, &mut Err);
        verified.map_err(Failure::Signature)
    }

    /// Notes that the path of the frames to this anchor does not hold; an error ends the search.
    fn fail(
        &mut self,
        world: &World<'_>,
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
                self.drop_bad_pair(world, certificates, id, violation.position);
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
    fn drop_bad_pair(&mut self, world: &World<'_>, path: &[PoolId], top: AnchorId, place: usize) {
        let (child, issuer) = pair_at(path, Some(top), place);
        if issuer.is_some_and(|issuer| self.signatures.is_known_bad(world, child, issuer)) {
            self.frames.truncate(place + 1);
        } else {
            self.depend_on(0);
        }
    }

    /// What is known of an anchor; the violation when it fails by itself, the first time.
    fn anchor_facts(
        &mut self,
        world: &World<'_>,
        id: AnchorId,
        position: usize,
    ) -> Result<Facts, Option<Violation>> {
        let known = self.anchors.iter().find(|(known, _)| *known == id);
        if let Some((_, facts)) = known {
            return facts.ok_or(None);
        }
        let checked = check_anchor_at(world, id, position).ok_or(None)?;
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

    fn name_and_key(&mut self, world: &World<'_>, id: PoolId) -> NameAndKey {
        NameAndKey {
            name: self.nodes().subject(world, id),
            key: self.signatures.key_number(world, Issuer::Pool(id)),
        }
    }

    fn enter(&mut self, world: &World<'_>, id: PoolId, facts: Facts) -> Result<(), Rule> {
        let identity = self.name_and_key(world, id);
        let mut frame = Frame {
            id,
            identity,
            facts,
            issuers: 0..0,
            spelling: Spelling::Same,
            led_on: false,
            has_issuer: false,
            depends_on: u32::MAX,
            explored: self.nodes().explored(world, id),
        };
        match frame.explored {
            // These issuers have been explored, or are being explored lower on the path. None
            // leads to an anchor.
            Some(Explored::InProgress | Explored::Done) => {
                frame.spelling = Spelling::Other;
                frame.has_issuer = self.nodes().has_issuers(world, id);
                frame.led_on = frame.has_issuer && frame.explored == Some(Explored::Done);
            }
            Some(Explored::NotYet) | None => {
                let issuers = self.issuers(world, id, frame.spelling);
                frame.issuers = issuers.map_err(Rule::Exhausted)?;
                self.nodes().set_explored(world, id, Explored::InProgress);
            }
        }
        self.frames.push(frame);
        Ok(())
    }

    fn issuers(
        &mut self,
        world: &World<'_>,
        id: PoolId,
        spelling: Spelling,
    ) -> Result<Range<u32>, Exhausted> {
        let nodes = self.nodes.get_or_insert_default();
        nodes.issuers(world, id, spelling, &mut self.budget)
    }

    /// Everyone of a certificate's issuer's name, anchors first, then in the order of the pool.
    pub(crate) fn all_issuers(&mut self, world: &World<'_>, id: PoolId) -> Vec<Issuer> {
        let mut all = Vec::new();
        for spelling in [Spelling::Same, Spelling::Other] {
            // What the budget has no room for is not part of an explanation.
            let found = self.issuers(world, id, spelling).unwrap_or_default();
            let nodes = self.nodes();
            all.extend(found.filter_map(|i| nodes.issuer(i)));
        }
        all.sort_unstable();
        all
    }

    /// All issuers of the last certificate have been tried.
    fn leave(&mut self, world: &World<'_>) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        let (id, depends_on, explored) = (frame.id, frame.depends_on, frame.explored);
        if !frame.led_on {
            let (facts, has_issuer) = (frame.facts, frame.has_issuer);
            let position = self.frames.len() - 1;
            // Of the leaf it was not asked; its frame is left once.
            let self_issued = match id {
                PoolId::LEAF => self.is_self_issued(world, id),
                _ => facts.self_issued,
            };
            let rule = nowhere(self_issued, has_issuer);
            self.record(None, None, Violation { position, rule });
            if rule == Rule::NoIssuer && !self.without_issuer.contains(&id) {
                self.without_issuer.push(id);
            }
        }
        self.frames.pop();
        if explored == Some(Explored::NotYet) {
            self.nodes().set_explored(world, id, Explored::Done);
        }
        if explored.is_some() || depends_on as usize >= self.frames.len() {
            self.nodes().set_known(id, Known::Dead);
        } else {
            self.depend_on(depends_on);
        }
    }

    /// Are subject and issuer of a certificate the same name? What passed its own checks is not
    /// compared again, and what the budget has no room for is not found out: it counts as no,
    /// which decides nothing but the words of a rejection.
    pub(crate) fn is_self_issued(&mut self, world: &World<'_>, id: PoolId) -> bool {
        match self.nodes().known(id) {
            Known::Passes(facts) => facts.self_issued,
            Known::Nothing | Known::Dead => {
                is_self_issued(world.certificate(id), &mut self.budget).unwrap_or(false)
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
