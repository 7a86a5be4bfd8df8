//! The usual path, walked without a search: each certificate has a single possible issuer, up to an anchor.
//!
//! Servers send the chain that is meant, and stores hold one anchor to a name, so that nearly always there is nothing to
//! choose. The walk asks of such a path what the search asks, by the same functions in the same order, but keeps none of
//! the records that a search needs to go on after a failure. It concludes nothing from a fault: at the first one, and
//! wherever there is a choice, it gives up, and the search starts afresh. What becomes of signatures is kept for the
//! search, so that none is checked twice; what else the walk spent is given back, being bounded by the length of one path.

use super::budget::Budget;
use super::fault::FirstFault;
use super::search::{FoundPath, Ids, check_anchor_at, check_intermediate, check_leaf};
use super::signatures::Signatures;
use super::whole::{PathFacts, WholePath};
use super::world::{Issuer, PoolId, World};

/// The path of a leaf whose issuers leave no choice, if it holds. `None` decides nothing.
pub(crate) fn straight_path(
    world: &World<'_>,
    budget: &mut Budget,
    signatures: &mut Signatures,
) -> Option<FoundPath> {
    let mut spent = budget.clone();
    let found = walk(world, &mut spent, signatures);
    if found.is_some() {
        *budget = spent;
    } else {
        budget.keep_signatures_of(&spent);
    }
    found
}

fn walk(world: &World<'_>, budget: &mut Budget, signatures: &mut Signatures) -> Option<FoundPath> {
    let mut certificates = Ids::default();
    let mut facts = PathFacts::default();
    let mut next = PoolId::LEAF;
    let anchor = loop {
        budget.spend_step().ok()?;
        certificates.push(next);
        let issuer = only_issuer(world, &certificates, next)?;
        let checked = match next {
            PoolId::LEAF => check_leaf(world),
            id => check_intermediate(world, id, facts.len(), budget).ok()?,
        };
        facts.push(checked.ok()?);
        match issuer {
            Issuer::Anchor(anchor) => break anchor,
            Issuer::Pool(id) => next = id,
        }
    };
    budget.check_path_length(certificates.len()).ok()?;
    let anchor_facts = check_anchor_at(world, anchor, certificates.len())?.ok()?;
    let path = WholePath {
        world,
        certificates: &certificates,
        facts: &facts,
        anchor: Some((world.anchor(anchor)?, anchor_facts)),
    };
    let mut first_fault = FirstFault(world.options.forgiven);
    path.check(budget, &mut first_fault).ok()?;
    let verified = signatures.verify_path(world, &certificates, anchor, budget, &mut Err);
    verified.ok()?;
    Some(FoundPath {
        certificates,
        anchor,
    })
}

/// The one certificate that has the name of another one's issuer, byte for byte. `None` where there are several or none,
/// and where a certificate of that name is on the path already.
fn only_issuer(world: &World<'_>, path: &[PoolId], child: PoolId) -> Option<Issuer> {
    let name = world.certificate(child).issuer();
    let named = |id: &PoolId| world.certificate(*id).subject() == name;
    if path.iter().any(named) {
        return None;
    }
    let (mut only, mut count) = (None, 0);
    let mut take = |issuer| {
        only = Some(issuer);
        count += 1;
    };
    world.anchors_named(name).for_each(&mut take);
    for (i, certificate) in world.presented.iter().enumerate() {
        if certificate.subject() == name {
            take(World::presented_issuer(i));
        }
    }
    world.configured_named(name).for_each(&mut take);
    only.filter(|_| count == 1)
}
