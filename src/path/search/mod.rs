//! The search for a path from a leaf to a trust anchor (RFC 4158 describes the problem, RFC 5280
//! section 6.1 the rules).
//!
//! The search goes depth first, from the leaf up. It tries the issuers of a name best first: those
//! whose key identifier matches, then those in their validity period, anchors before others. It
//! does not follow a certificate that fails its own checks. It checks a path that reaches an anchor
//! as a whole: cheap checks first, signatures last and from the anchor down. When a signature does
//! not hold, it drops everything above the certificate that carries it.
//!
//! Hostile meshes stay cheap because the search remembers dead ends. A certificate is dead when
//! every path above it has failed for reasons that do not depend on the certificates below; it is
//! never entered again. A failure that does depend on them (a loop, a path length, a name
//! constraint) is tracked as the lowest place on the path that it depended on. The budget bounds
//! the rest: each candidate is a step, and each signature is paid for before it is checked.
//!
//! Nearly always there is no choice. So the search begins without records ([`linear`]) and makes
//! them when there is a choice or a path fails.
//!
//! The search holds no references: it yields a path, waits, and continues from there.

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

/// The result of advancing a search.
#[derive(Debug)]
pub(crate) enum Progress {
    /// This path holds. Advancing again looks for another one.
    Found(FoundPath),
    /// There is no further path.
    Ended,
}

/// The state of a search.
#[derive(Default)]
pub(crate) struct Search {
    first: (PoolId, CertificateSummary),
    stage: Stage,
    /// The path that was climbed without records, until there are records.
    way: LinearPath,
    frames: Vec<Frame>,
    candidates: Option<Box<IssuerCandidates>>,
    anchors: Vec<(AnchorId, Option<CertificateSummary>)>,
    pub(crate) signatures: Signatures,
    pub(crate) budget: Budget,
    pub(crate) tried: TriedPaths,
    /// Set when the budget ran out, or a path was left because of its length.
    pub(crate) exhausted: Option<Rule>,
    /// Certificates on tried paths for which no certificate has the name of the issuer.
    pub(crate) without_issuer: Vec<PoolId>,
    round: Round,
    /// A path of the leaf failed because of its policies.
    looks_for_longer: bool,
}

/// How a search keeps its position.
#[derive(Clone, Copy, Default)]
enum Stage {
    /// It has none yet.
    #[default]
    Beginning,
    /// As a path without a choice, which holds.
    WithoutRecords,
    /// As frames.
    WithRecords,
}

/// Which paths the search looks for.
#[derive(Default)]
enum Round {
    /// Those on which each pair of name and key occurs once.
    #[default]
    Shortest,
    /// Also those on which a name and key occur again in another certificate.
    Longer {
        /// The part of the budget that this round may not use.
        aside: SetAside,
    },
    Over,
}

/// Most steps of the second round (`tests/paths/search.rs`,
/// `looking_for_longer_paths_is_bounded_and_uses_nothing_up`): such paths are rarely needed, and a
/// mesh has many of them.
const STEPS_OF_LONGER_PATHS: u32 = 10_000;

impl Search {
    /// A search that has not begun. The checks of a certificate that stands alone use its budget
    /// too.
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

    /// Begins at a certificate other than the leaf: one that may have signed evidence.
    pub(crate) fn begin_at(&mut self, id: PoolId, summary: CertificateSummary) {
        self.first = (id, summary);
        self.stage = Stage::Beginning;
    }

    fn candidates(&mut self) -> &mut IssuerCandidates {
        self.candidates.get_or_insert_default()
    }

    /// Does this search begin at the leaf, not at a signer of evidence?
    fn of_leaf(&self) -> bool {
        self.first.0 == PoolId::LEAF
    }

    /// Begins again because there are new candidates. It keeps what it knows of certificates and
    /// signatures, and tries all paths again except those that failed because of a signature.
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

    /// Ends the search before it begins: the leaf failed its own checks.
    #[cold]
    pub(crate) fn fall(&mut self, violation: Violation) {
        self.stage = Stage::WithRecords;
        self.tried.note(Tried {
            certificates: Vec::from([PoolId::LEAF]),
            anchor: None,
            violation,
        });
    }

    /// Continues until a path holds or there is none.
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

    /// Climbs from the first certificate, without records as long as there is no choice.
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

    /// Continues after a path without a choice that the caller rejected.
    fn walk_on(&mut self, context: &PathContext<'_>) -> Result<Option<FoundPath>, Rule> {
        self.stage = Stage::WithRecords;
        let way = core::mem::take(&mut self.way);
        self.make_records(context, &way)?;
        self.take_issuer(context)?;
        self.depend_on(0);
        Ok(None)
    }

    /// Notes that the search did not finish. The second round comes after one that did.
    fn exhaust(&mut self, rule: Rule) {
        if matches!(self.round, Round::Shortest) {
            self.exhausted = Some(rule);
        }
    }

    /// A path on which a name and key occur twice has a shorter one, without the certificates in
    /// between. If the longer path satisfies the rules on lengths, names, usage and TLS features,
    /// so does the shorter one. Policies differ, because the certificates in between may map
    /// them. So when a path failed because of its policies, the search looks for longer ones.
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

    /// Everyone with the name of a certificate's issuer: anchors first, then in the order of the
    /// pool.
    pub(crate) fn all_issuers(&mut self, context: &PathContext<'_>, id: PoolId) -> Vec<Issuer> {
        let mut all = Vec::new();
        for spelling in [Spelling::Same, Spelling::Other] {
            // An explanation leaves out what the budget has no room for.
            let found = self.issuers(context, id, spelling).unwrap_or_default();
            let candidates = self.candidates();
            all.extend(found.filter_map(|i| candidates.issuer(i)));
        }
        all.sort_unstable();
        all
    }

    /// Are subject and issuer of a certificate the same name? A certificate that passed its checks
    /// is not compared again. If the budget has no room for the comparison, the answer is no; it
    /// changes only the text of a rejection.
    pub(crate) fn is_self_issued(&mut self, context: &PathContext<'_>, id: PoolId) -> bool {
        match self.candidates().known(id) {
            CandidateState::Passes(summary) => summary.self_issued,
            CandidateState::Unchecked | CandidateState::Dead => {
                is_self_issued(context.certificate(id), &mut self.budget).unwrap_or(false)
            }
        }
    }
}
