//! Who carries the name of a certificate's issuer (RFC 5280 section 6.1.3 (a)(4), names compared by
//! section 7.1).
//!
//! Names are compared as octets first, which is what nearly every chain needs; by section 7.1 only
//! when that led nowhere. The octets of a name are numbered once. The normal form of each presented
//! or fetched name is hashed once, names of equal hashes are compared, and both are paid for by
//! their length, since whoever presents certificates, or serves them, chooses how long their names
//! are (`tests/paths/hostile.rs`, `names_of_fetched_issuers_are_paid_for`).

use alloc::collections::BTreeMap;
use core::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

use super::budget::{Budget, Exhausted, comparisons_to_read};
use super::context::{Issuer, PathContext, PoolId, Spelling};
use super::interner::{Interner, OctetsAt};
use crate::certificate::Name;

/// The names that a search has come by.
#[derive(Default)]
pub(super) struct IssuerNames {
    interner: Interner,
    hashes: Hashes,
}

impl IssuerNames {
    /// The number of a certificate's subject, as octets.
    pub(super) fn subject(&mut self, context: &PathContext<'_>, id: PoolId) -> u32 {
        self.interner.number(context, OctetsAt::Subject(id))
    }

    /// The number of the name of a certificate's issuer, as octets.
    pub(super) fn issuer(&mut self, context: &PathContext<'_>, id: PoolId) -> u32 {
        self.interner.number(context, OctetsAt::Issuer(id))
    }

    /// Everyone who carries the name of a certificate's issuer: RFC 5280 section 6.1.3 (a)(4). So
    /// the working issuer name of sections 6.1.2 (j) and 6.1.4 (c) need not be kept.
    pub(super) fn carriers(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        spelling: Spelling,
        budget: &mut Budget,
        mut add: impl FnMut(Issuer),
    ) -> Result<(), Exhausted> {
        let (name, number) = (context.certificate(id).issuer(), self.issuer(context, id));
        if spelling == Spelling::Other {
            // It is prepared for each of the caller's tables that it is looked up in.
            budget.spend_comparisons(comparisons_to_read(name))?;
        }
        let wanted = Spelled { name, number };
        context.anchors_named(name, spelling, &mut add);
        for id in context.presented_issuers() {
            if self.is_named(context, id, wanted, spelling, budget)? {
                add(Issuer::Pool(id));
            }
        }
        context.configured_named(name, spelling, &mut add);
        for id in context.fetched_issuers() {
            if self.is_named(context, id, wanted, spelling, budget)? {
                add(Issuer::Pool(id));
            }
        }
        Ok(())
    }

    /// Is the subject of a certificate this name, in this spelling?
    fn is_named(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        wanted: Spelled<'_>,
        spelling: Spelling,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let number = self.subject(context, id);
        match spelling {
            Spelling::Same => Ok(number == wanted.number),
            Spelling::Other if number == wanted.number => Ok(false),
            Spelling::Other => {
                let name = context.certificate(id).subject();
                self.hashes
                    .are_alike(wanted, Spelled { name, number }, budget)
            }
        }
    }
}

/// A name, and its number.
#[derive(Clone, Copy)]
struct Spelled<'a> {
    name: Name<'a>,
    number: u32,
}

/// Hashes of the normal forms of names, by their numbers: each made once and paid for.
#[derive(Default)]
struct Hashes {
    of: BTreeMap<u32, u64>,
    /// Made when the first hash is.
    hasher: Option<DefaultHashBuilder>,
}

impl Hashes {
    /// Are these the same name by RFC 5280 section 7.1? Those of other hashes are not compared.
    fn are_alike(
        &mut self,
        a: Spelled<'_>,
        b: Spelled<'_>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        if self.hash(a, budget)? != self.hash(b, budget)? {
            return Ok(false);
        }
        budget.spend_comparisons(comparisons_to_read(a.name) + comparisons_to_read(b.name))?;
        Ok(a.name.matches(&b.name))
    }

    fn hash(&mut self, spelled: Spelled<'_>, budget: &mut Budget) -> Result<u64, Exhausted> {
        if let Some(known) = self.of.get(&spelled.number) {
            return Ok(*known);
        }
        budget.spend_comparisons(comparisons_to_read(spelled.name))?;
        let mut hasher = self.hasher.get_or_insert_default().build_hasher();
        spelled.name.write_key(&mut hasher);
        let hash = hasher.finish();
        self.of.insert(spelled.number, hash);
        Ok(hash)
    }
}
