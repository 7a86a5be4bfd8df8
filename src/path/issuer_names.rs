//! Who carries the name of a certificate's issuer (RFC 5280 section 6.1.3 (a)(4), names compared by
//! section 7.1).
//!
//! Names are compared as octets first, which is what nearly every chain needs; by section 7.1 only
//! when that led nowhere. Octets are numbered once. The normal form of each presented or fetched
//! name is hashed once, names of equal hashes are compared, and both are paid for by their length,
//! since whoever presents certificates, or serves them, chooses how long their names are
//! (`tests/hostile.rs`, `names_of_fetched_issuers_are_paid_for`).

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

use super::budget::{Budget, Exhausted};
use super::distinct::{Distinct, Octets};
use super::world::{Issuer, PoolId, World};
use crate::certificate::{Certificate, Name};
use crate::trust::is_alike;

/// Octets of names that are as much work as one comparison of a name with a constraint.
const OCTETS_PER_COMPARISON: usize = 64;

/// The names that a search has come by.
#[derive(Default)]
pub(super) struct IssuerNames {
    distinct: Distinct,
    keys: SubjectKeys,
}

impl IssuerNames {
    /// The number of a certificate's subject, as octets.
    pub(super) fn subject(&mut self, world: &World<'_>, id: PoolId) -> u32 {
        self.distinct.number(world, Octets::Subject(id))
    }

    /// The number of the name of a certificate's issuer, as octets.
    pub(super) fn issuer(&mut self, world: &World<'_>, id: PoolId) -> u32 {
        self.distinct.number(world, Octets::Issuer(id))
    }

    /// Everyone who carries the name of a certificate's issuer in the same octets.
    pub(super) fn same(&mut self, world: &World<'_>, id: PoolId, mut add: impl FnMut(Issuer)) {
        let name = world.certificate(id).issuer();
        let number = self.issuer(world, id);
        world.anchors_named(name).for_each(&mut add);
        self.add_pool(world, world.presented_issuers(), number, &mut add);
        world.configured_named(name).for_each(&mut add);
        self.add_pool(world, world.fetched_issuers(), number, &mut add);
    }

    fn add_pool(
        &mut self,
        world: &World<'_>,
        pool: impl Iterator<Item = PoolId>,
        name: u32,
        add: &mut impl FnMut(Issuer),
    ) {
        for id in pool {
            if self.subject(world, id) == name {
                add(Issuer::Pool(id));
            }
        }
    }

    /// Everyone who carries the name of a certificate's issuer in other octets.
    pub(super) fn alike(
        &mut self,
        world: &World<'_>,
        id: PoolId,
        budget: &mut Budget,
        mut add: impl FnMut(Issuer),
    ) -> Result<(), Exhausted> {
        let name = world.certificate(id).issuer();
        let keys = &mut self.keys;
        keys.update(world, budget)?;
        let key = keys.key(name, budget)?;
        world.anchors_alike(name).for_each(&mut add);
        for place in alike(name, key, world.presented, &keys.presented, budget)? {
            add(World::presented_issuer(place));
        }
        world.configured_alike(name).for_each(&mut add);
        for place in alike(name, key, world.fetched, &keys.fetched, budget)? {
            add(world.fetched_issuer(place));
        }
        Ok(())
    }
}

/// Hashes of the normal form of subjects that others chose, each made once and paid for.
#[derive(Default)]
struct SubjectKeys {
    presented: Vec<u64>,
    fetched: Vec<u64>,
    /// Made when the first hash is.
    hasher: Option<DefaultHashBuilder>,
}

impl SubjectKeys {
    /// Adds those of certificates that are new.
    fn update(&mut self, world: &World<'_>, budget: &mut Budget) -> Result<(), Exhausted> {
        for certificate in world.presented.iter().skip(self.presented.len()) {
            let key = self.key(certificate.subject(), budget)?;
            self.presented.push(key);
        }
        for certificate in world.fetched.iter().skip(self.fetched.len()) {
            let key = self.key(certificate.subject(), budget)?;
            self.fetched.push(key);
        }
        Ok(())
    }

    fn key(&mut self, name: Name<'_>, budget: &mut Budget) -> Result<u64, Exhausted> {
        budget.spend_comparisons(cost(name))?;
        let builder = self.hasher.get_or_insert_default();
        let mut hasher = builder.build_hasher();
        name.write_key(&mut hasher);
        Ok(hasher.finish())
    }
}

/// The places of the certificates whose subject is this name by RFC 5280 section 7.1, spelled
/// otherwise. Those of other hashes are passed over.
fn alike(
    name: Name<'_>,
    key: u64,
    certificates: &[Certificate],
    keys: &[u64],
    budget: &mut Budget,
) -> Result<Vec<usize>, Exhausted> {
    let mut places = Vec::new();
    for (place, (certificate, found)) in certificates.iter().zip(keys).enumerate() {
        if *found != key {
            continue;
        }
        let subject = certificate.subject();
        budget.spend_comparisons(cost(name) + cost(subject))?;
        if is_alike(subject, name) {
            places.push(place);
        }
    }
    Ok(places)
}

/// The work of reading a name once in its normal form.
pub(crate) fn cost(name: Name<'_>) -> usize {
    1 + name.work() / OCTETS_PER_COMPARISON
}
