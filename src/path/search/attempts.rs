//! One attempt: does an issuer pass its own checks, and if it is an anchor, does the path to it
//! hold?
//!
//! Cheap checks come first, signatures last and from the anchor down. Each attempt is a step, paid
//! for before it is made.

use super::{FoundPath, Ids, Round, Search};
use crate::path::budget::Exhausted;
use crate::path::certificate_checks::CertificateSummary;
use crate::path::context::{AnchorId, Issuer, PathContext, PoolId};
use crate::path::issuer_candidates::CandidateState;
use crate::path::path_checks::{CertificateSummaries, PathChecks};
use crate::path::role_checks::{check_anchor_at, check_intermediate};
use crate::path::tried::Tried;
use crate::path::violation::{FirstViolation, Rule, Violation};

/// Why a path to an anchor does not hold.
pub(super) enum Failure {
    /// The anchor fails its own checks; the violation is there the first time.
    Anchor(Option<Violation>),
    Path(Violation),
    Signature(Violation),
}

impl Search {
    /// Looks at the next issuer of the last certificate; an error ends the search.
    pub(super) fn step(&mut self, context: &PathContext<'_>) -> Result<Option<FoundPath>, Rule> {
        let Some(issuer) = self.next_issuer(context)? else {
            self.leave(context);
            return Ok(None);
        };
        self.budget.spend_step().map_err(Rule::Exhausted)?;
        self.consider(context, issuer)
    }

    /// Looks at one issuer of the last certificate; an error ends the search.
    pub(super) fn consider(
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

    pub(super) fn try_intermediate(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
    ) -> Result<(), Rule> {
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

    /// An issuer of the last certificate fails its own checks.
    pub(super) fn drop_failing(&mut self, id: PoolId, violation: Violation) {
        self.candidates().set_known(id, CandidateState::Dead);
        self.record(Some(id), None, violation);
    }

    /// Checks the path that ends in this anchor.
    pub(super) fn try_anchor(
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
        // The caller asks for another path only when it rejects this one, for a reason that the
        // search does not know.
        self.depend_on(0);
        Ok(Some(FoundPath {
            certificates,
            anchor: id,
        }))
    }

    /// Does a path to this anchor hold? Cheap checks come first, signatures last.
    pub(super) fn check(
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
        let verified = signatures.verify_path(context, certificates, Some(id), budget, &mut Err);
        verified.map_err(Failure::Signature)
    }

    /// Notes that the path of the frames to this anchor does not hold; an error ends the search.
    pub(super) fn fail(
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
    pub(super) fn drop_bad_pair(
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
    pub(super) fn anchor_summary(
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

    /// Notes the path of the frames, `next` on top of it, as tried.
    pub(super) fn record(
        &mut self,
        next: Option<PoolId>,
        anchor: Option<AnchorId>,
        violation: Violation,
    ) {
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
pub(super) fn pair_at(
    path: &[PoolId],
    top: Option<AnchorId>,
    place: usize,
) -> (PoolId, Option<Issuer>) {
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
