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
//! ([`linear`]), and makes them when there is a choice or a path falls.
//!
//! The search is a value without references: it yields a path, waits, and goes on from there.

mod attempts;
mod frames;
mod linear;

use alloc::boxed::Box;
use alloc::vec::Vec;

use tinyvec::TinyVec;

use super::budget::{Budget, SetAside};
use super::certificate_checks::CertificateSummary;
use super::context::{AnchorId, Issuer, PathContext, PoolId, Spelling};
use super::issuer_candidates::{CandidateState, IssuerCandidates};
use super::role_checks::is_self_issued;
use super::signatures::Signatures;
use super::tried::{Tried, TriedPaths};
use super::violation::{Rule, Violation};
pub(crate) use attempts::nowhere;
use attempts::pair_at;
use frames::Frame;
use linear::{Above, LinearPath, climb};

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
}
