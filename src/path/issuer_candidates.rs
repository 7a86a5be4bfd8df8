//! What a search knows about the certificates of the pool: whether they passed their own checks,
//! and who may have issued them.
//!
//! None of it depends on a path. So each certificate is checked once, however many paths it is on.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::iter;
use core::ops::Range;

use super::anchor_reach::{AnchorReach, IssuerName};
use super::budget::{Budget, Exhausted};
use super::certificate_checks::CertificateSummary;
use super::context::{Issuer, PathContext, PoolId, Spelling};
use super::interner::{Interner, OctetsAt};
use super::issuer_names::IssuerNames;
use crate::certificate::Certificate;
use crate::narrow;

/// What is known about a certificate, on any path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum CandidateState {
    #[default]
    Unchecked,
    Passes(CertificateSummary),
    /// It fails its own checks, or all paths above it fail, or it occurs twice.
    Dead,
}

#[derive(Clone, Debug, Default)]
struct Node {
    known: CandidateState,
    same: Option<Range<u32>>,
    other: Option<Range<u32>>,
}

impl Node {
    fn issuers(&mut self, spelling: Spelling) -> &mut Option<Range<u32>> {
        match spelling {
            Spelling::Same => &mut self.same,
            Spelling::Other => &mut self.other,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Candidate {
    issuer: Issuer,
    /// Lower is better.
    rank: u8,
}

/// The certificates of the pool that a search has seen.
#[derive(Default)]
pub(crate) struct IssuerCandidates {
    /// Of a large pool of configured certificates the search sees few.
    nodes: BTreeMap<PoolId, Node>,
    /// Issuers of all certificates, one range after the other.
    candidates: Vec<Candidate>,
    names: IssuerNames,
    anchor_reach: AnchorReach,
}

impl IssuerCandidates {
    /// Begins a search at a certificate: the leaf, or the signer of some evidence.
    pub(crate) fn begin(
        &mut self,
        context: &PathContext<'_>,
        start: PoolId,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        self.drop_repeated(context);
        self.anchor_reach
            .find(context, start, &mut self.names, budget)
    }

    /// A certificate that was presented twice counts once.
    fn drop_repeated(&mut self, context: &PathContext<'_>) {
        let mut distinct = Interner::default();
        let mut next = 0;
        for id in iter::once(PoolId::LEAF).chain(context.presented_issuers()) {
            if distinct.number(context, OctetsAt::Certificate(id)) == next {
                next += 1;
            } else {
                self.set_known(id, CandidateState::Dead);
            }
        }
    }

    /// Forgets issuers and dead ends because there are new candidates. Certificates that passed
    /// their own checks stay known.
    pub(crate) fn reconsider(&mut self) {
        for node in self.nodes.values_mut() {
            (node.same, node.other) = (None, None);
            if matches!(node.known, CandidateState::Dead) {
                node.known = CandidateState::Unchecked;
            }
        }
        self.candidates.clear();
    }

    pub(crate) fn known(&self, id: PoolId) -> CandidateState {
        self.nodes
            .get(&id)
            .map(|node| node.known)
            .unwrap_or_default()
    }

    pub(crate) fn set_known(&mut self, id: PoolId, known: CandidateState) {
        self.nodes.entry(id).or_default().known = known;
    }

    pub(crate) fn issuer(&self, index: u32) -> Option<Issuer> {
        self.candidates
            .get(index as usize)
            .map(|candidate| candidate.issuer)
    }

    /// Those who may have issued a certificate, best first: numbers for
    /// [`IssuerCandidates::issuer`].
    pub(crate) fn issuers(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        spelling: Spelling,
        budget: &mut Budget,
    ) -> Result<Range<u32>, Exhausted> {
        let node = self.nodes.entry(id).or_default();
        if let Some(known) = node.issuers(spelling) {
            return Ok(known.clone());
        }
        let first = self.candidates.len();
        let wanted = context.certificate(id).authority_key_id();
        let candidates = &mut self.candidates;
        let add = |issuer| {
            candidates.push(Candidate {
                issuer,
                rank: rank(context, wanted, issuer),
            })
        };
        self.names.carriers(context, id, spelling, budget, add)?;
        if let Some(added) = self.candidates.get_mut(first..) {
            added.sort_by_key(|candidate| candidate.rank);
        }
        let range = narrow::bounded(first)..narrow::bounded(self.candidates.len());
        *node.issuers(spelling) = Some(range.clone());
        Ok(range)
    }

    /// A certificate's subject, by its number.
    pub(crate) fn subject(&mut self, context: &PathContext<'_>, id: PoolId) -> u32 {
        self.names.subject(context, id)
    }

    /// What is known of the name of a certificate's issuer.
    pub(super) fn issuer_name(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
    ) -> Option<&mut IssuerName> {
        self.anchor_reach.get_mut(self.names.issuer(context, id))
    }
}

/// The key identifier of an issuer, as far as it has one.
pub(crate) fn key_id<'a>(context: &PathContext<'a>, issuer: Issuer) -> Option<&'a [u8]> {
    match issuer {
        Issuer::Anchor(id) => context.anchor(id)?.key_id(),
        Issuer::Pool(id) => context.certificate(id).subject_key_id(),
    }
}

/// How the key identifier of the issuer that a certificate names compares with that of a candidate
/// (AKI and SKI: RFC 5280 sections 4.2.1.1 and 4.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyIdMatch {
    /// They are the same.
    Same,
    /// One of them is absent.
    Unknown,
    /// They differ: a hint only, the signature decides.
    Different,
}

impl KeyIdMatch {
    pub(crate) fn of(wanted: Option<&[u8]>, found: Option<&[u8]>) -> Self {
        match (wanted, found) {
            (Some(wanted), Some(found)) if wanted == found => Self::Same,
            (Some(_), Some(_)) => Self::Different,
            _ => Self::Unknown,
        }
    }
}

fn rank(context: &PathContext<'_>, wanted: Option<&[u8]>, issuer: Issuer) -> u8 {
    let by_key = KeyIdMatch::of(wanted, key_id(context, issuer)) as u8;
    let (certificate, by_trust) = match issuer {
        Issuer::Anchor(id) => (
            context.anchor(id).and_then(|anchor| anchor.certificate()),
            0,
        ),
        Issuer::Pool(id) => (Some(context.certificate(id)), 1),
    };
    let in_period = |c: &Certificate| c.not_before() <= context.at && context.at <= c.not_after();
    let by_period = u8::from(!certificate.is_none_or(in_period));
    by_key << 2 | by_period << 1 | by_trust
}
