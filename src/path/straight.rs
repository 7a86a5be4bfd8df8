//! The usual path, walked without a search: each certificate has a single possible issuer, up to an
//! anchor.
//!
//! Servers send the chain that is meant, and stores hold one anchor to a name, so that nearly
//! always there is nothing to choose. The walk asks of such a path what the search asks, by the
//! same functions in the same order, but keeps none of the records that a search needs to go on
//! after a failure. It concludes nothing from a fault: at the first one, and wherever there is a
//! choice, it gives up, and the search starts afresh. Signatures that it checked stay paid for, and
//! none is checked again; what else it spent the search is not charged for, since it begins with
//! the same work. For that reason an allowance that ran out stays empty: the search would run out
//! of it at the same place.

use alloc::boxed::Box;

use super::budget::Budget;
use super::by_itself::{check_anchor_at, check_intermediate, check_leaf};
use super::certificate::Facts;
use super::fault::FirstFault;
use super::signatures::{Walked, verify_straight};
use super::whole::WholePath;
use super::world::{AnchorId, Issuer, PoolId, World};
use crate::trust::TrustAnchor;

/// Most certificates of a straight path. Longer ones are left to the search.
pub(crate) const LONGEST: usize = 5;

/// A path, as far as it has been walked.
pub(crate) struct StraightPath {
    certificates: [PoolId; LONGEST],
    length: usize,
    pub(crate) anchor: AnchorId,
}

impl StraightPath {
    pub(crate) const EMPTY: Self = Self {
        certificates: [PoolId::LEAF; LONGEST],
        length: 0,
        anchor: AnchorId(0),
    };

    /// Leaf first.
    pub(crate) fn certificates(&self) -> &[PoolId] {
        self.certificates.get(..self.length).unwrap_or_default()
    }
}

/// Fills in the path of a leaf whose issuers leave no choice, if it holds. An error decides
/// nothing; it has what is known of signatures, if any was checked, and why the path falls, should
/// it be for one of them. The budget is the walk's own: what is left of it goes to
/// [`Budget::go_on_after`].
pub(crate) fn walk_straight(
    world: &World<'_>,
    budget: &mut Budget,
    path: &mut StraightPath,
) -> Result<(), Option<Box<Walked>>> {
    let mut facts = [Facts::default(); LONGEST];
    climb(world, budget, path, &mut facts).ok_or(None)?;
    let whole = WholePath {
        world,
        certificates: path.certificates(),
        facts: facts.get(..path.length).unwrap_or_default(),
        anchor: anchor(world, path),
    };
    let mut first_fault = FirstFault(world.options.forgiven);
    if whole.anchor.is_none() || whole.check(budget, &mut first_fault).is_err() {
        return Err(None);
    }
    verify_straight(world, path.certificates(), path.anchor, budget).map_err(Some)
}

/// The certificates that pass their own checks, from the leaf up to an anchor.
fn climb(
    world: &World<'_>,
    budget: &mut Budget,
    path: &mut StraightPath,
    facts: &mut [Facts; LONGEST],
) -> Option<()> {
    let mut next = PoolId::LEAF;
    loop {
        budget.spend_step().ok()?;
        *path.certificates.get_mut(path.length)? = next;
        let known = facts.get_mut(path.length)?;
        path.length += 1;
        let issuer = only_issuer(world, path.certificates(), next)?;
        let checked = match next {
            PoolId::LEAF => check_leaf(world),
            id => check_intermediate(world, id, path.length - 1, budget).ok()?,
        };
        *known = checked.ok()?;
        match issuer {
            Issuer::Pool(id) => next = id,
            Issuer::Anchor(anchor) => {
                path.anchor = anchor;
                budget.check_path_length(path.length).ok()?;
                return Some(());
            }
        }
    }
}

fn anchor<'a>(world: &World<'a>, path: &StraightPath) -> Option<(&'a TrustAnchor, Facts)> {
    let facts = check_anchor_at(world, path.anchor, path.length)?.ok()?;
    Some((world.anchor(path.anchor)?, facts))
}

/// The one certificate that has the name of another one's issuer, byte for byte. `None` where there
/// are several or none, and where a certificate of that name is on the path already.
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
    if world.has_configured() {
        world.configured_named(name).for_each(&mut take);
    }
    only.filter(|_| count == 1)
}
