//! The path up from a certificate as long as there is no choice (RFC 5280 section 6.1.3 (a)(4)).
//!
//! Peers send the chain that they mean, and stores hold one anchor for a name. So nearly always
//! each certificate has one possible issuer, up to an anchor. The search climbs such a path first
//! and keeps no records of it. Where there is a choice, or a certificate fails, the search makes
//! the records and continues from there: nothing is checked or paid for twice.
//!
//! Names are compared as octets: each with those of at most [`MOST_PRESENTED`] certificates and of
//! those on the path. Steps and checks are paid for as in the search.

use crate::path::budget::Budget;
use crate::path::certificate_checks::CertificateSummary;
use crate::path::context::{AnchorId, Issuer, PathContext, PoolId, Spelling};
use crate::path::role_checks::check_intermediate;
use crate::path::violation::{Rule, Violation};

/// If a peer sends more certificates, the search keeps records from the start: they find a name
/// among many faster.
const MOST_PRESENTED: usize = 8;

/// Most certificates of a linear path. On longer paths the search keeps records.
const LONGEST: usize = 8;

/// The certificates from the first one upwards, with what the checks found.
#[derive(Clone, Copy, Default)]
pub(super) struct LinearPath {
    certificates: [PoolId; LONGEST],
    summaries: [CertificateSummary; LONGEST],
    length: usize,
}

impl LinearPath {
    /// Begins at a certificate that has passed its own checks.
    pub(super) fn from(id: PoolId, summary: CertificateSummary) -> Self {
        let mut way = Self::default();
        way.push(id, summary);
        way
    }

    /// Adds one, if there is room.
    fn push(&mut self, id: PoolId, summary: CertificateSummary) {
        let place = self.length;
        let own = self.certificates.get_mut(place);
        if let (Some(own), Some(known)) = (own, self.summaries.get_mut(place)) {
            (*own, *known) = (id, summary);
            self.length += 1;
        }
    }

    pub(super) fn certificates(&self) -> &[PoolId] {
        self.certificates.get(..self.length).unwrap_or_default()
    }

    pub(super) fn summaries(&self) -> &[CertificateSummary] {
        self.summaries.get(..self.length).unwrap_or_default()
    }
}

/// What stands above a linear path.
pub(super) enum Above {
    /// The one possible issuer of its last certificate is this anchor.
    Anchor(AnchorId),
    /// The one possible issuer of its last certificate fails its own checks.
    Failing(PoolId, Violation),
    /// There are several, or none has the same octets as a name, or the path is full.
    Choice,
}

/// Climbs to an anchor or to where there is a choice. An error means that the budget ran out.
pub(super) fn climb(
    context: &PathContext<'_>,
    way: &mut LinearPath,
    budget: &mut Budget,
) -> Result<Above, Rule> {
    if context.presented.len() > MOST_PRESENTED || !context.fetched.is_empty() {
        return Ok(Above::Choice);
    }
    loop {
        let Some(issuer) = only_issuer(context, way.certificates()) else {
            return Ok(Above::Choice);
        };
        let longest = LONGEST.min(context.options.limits.path_length as usize);
        let may_grow = way.length < longest;
        let id = match issuer {
            Issuer::Pool(_) if !may_grow => return Ok(Above::Choice),
            Issuer::Pool(id) => id,
            Issuer::Anchor(id) => {
                budget.spend_step().map_err(Rule::Exhausted)?;
                return Ok(Above::Anchor(id));
            }
        };
        budget.spend_step().map_err(Rule::Exhausted)?;
        match check_intermediate(context, id, way.length, budget)? {
            Ok(summary) => way.push(id, summary),
            Err(violation) => return Ok(Above::Failing(id, violation)),
        }
    }
}

/// The one certificate with the name of the last certificate's issuer, octet for octet: RFC 5280
/// sections 6.1.2 (j), 6.1.3 (a)(4) and 6.1.4 (c). `None` if there are several or none, or if a
/// certificate with that name is on the path already.
fn only_issuer(context: &PathContext<'_>, way: &[PoolId]) -> Option<Issuer> {
    let name = context.certificate(*way.last()?).issuer();
    let named = |id: &PoolId| context.certificate(*id).subject() == name;
    if way.iter().any(named) {
        return None;
    }
    let (mut only, mut count) = (None, 0);
    let mut take = |issuer| {
        only = Some(issuer);
        count += 1;
    };
    context.anchors_named(name, Spelling::Same, &mut take);
    for (place, certificate) in context.presented.iter().enumerate() {
        if certificate.subject() == name {
            take(PathContext::presented_issuer(place));
        }
    }
    if context.has_configured() {
        context.configured_named(name, Spelling::Same, &mut take);
    }
    only.filter(|_| count == 1)
}
