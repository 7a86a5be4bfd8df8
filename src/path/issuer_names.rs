//! Who carries the name of a certificate's issuer (RFC 5280 section 6.1.3 (a)(4), names compared by
//! section 7.1).
//!
//! Names are compared as octets first, which is what nearly every chain needs; by section 7.1 only
//! when that led nowhere. The octets of a name are numbered once. The normal form of each presented
//! or fetched name is hashed once, names of equal hashes are compared, and both are paid for by
//! their length, since whoever presents certificates, or serves them, chooses how long their names
//! are (`tests/paths/hostile.rs`, `names_of_fetched_issuers_are_paid_for`).

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

use super::budget::{Budget, Exhausted, comparisons_to_read};
use super::context::{Issuer, PathContext, PoolId};
use super::interner::{Interner, OctetsAt};
use crate::certificate::Name;

/// The names that a search has come by.
#[derive(Default)]
pub(super) struct IssuerNames {
    interner: Interner,
    /// The numbers of the subjects of what was presented, and of what was fetched.
    presented: Vec<u32>,
    fetched: Vec<u32>,
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

    /// Everyone who carries the name of a certificate's issuer in the same octets: RFC 5280 section
    /// 6.1.3 (a)(4). So the working issuer name of sections 6.1.2 (j) and 6.1.4 (c) need not be
    /// kept.
    pub(super) fn same(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        mut add: impl FnMut(Issuer),
    ) {
        self.number_subjects(context);
        let (name, number) = (context.certificate(id).issuer(), self.issuer(context, id));
        context.anchors_named(name).for_each(&mut add);
        for (id, subject) in context.presented_issuers().zip(&self.presented) {
            if *subject == number {
                add(Issuer::Pool(id));
            }
        }
        context.configured_named(name).for_each(&mut add);
        for (id, subject) in context.fetched_issuers().zip(&self.fetched) {
            if *subject == number {
                add(Issuer::Pool(id));
            }
        }
    }

    /// Everyone who carries the name of a certificate's issuer in other octets (RFC 5280 sections
    /// 6.1.3 (a)(4) and 7.1).
    pub(super) fn alike(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        budget: &mut Budget,
        mut add: impl FnMut(Issuer),
    ) -> Result<(), Exhausted> {
        self.number_subjects(context);
        let number = self.issuer(context, id);
        let wanted = Spelled {
            name: context.certificate(id).issuer(),
            number,
        };
        // It is prepared for each of the caller's tables that it is looked up in.
        budget.spend_comparisons(comparisons_to_read(wanted.name))?;
        let hashes = &mut self.hashes;
        context.anchors_alike(wanted.name).for_each(&mut add);
        let presented = context.presented_issuers().zip(&self.presented);
        hashes.add_alike(context, wanted, presented, budget, &mut add)?;
        context.configured_alike(wanted.name).for_each(&mut add);
        let fetched = context.fetched_issuers().zip(&self.fetched);
        hashes.add_alike(context, wanted, fetched, budget, &mut add)
    }

    /// Numbers the subjects of certificates that are new.
    fn number_subjects(&mut self, context: &PathContext<'_>) {
        for id in context.presented_issuers().skip(self.presented.len()) {
            let number = self.subject(context, id);
            self.presented.push(number);
        }
        for id in context.fetched_issuers().skip(self.fetched.len()) {
            let number = self.subject(context, id);
            self.fetched.push(number);
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
    of: Vec<Option<u64>>,
    /// Made when the first hash is.
    hasher: Option<DefaultHashBuilder>,
}

impl Hashes {
    /// Adds those of the candidates, given with the numbers of their subjects, whose name is the
    /// wanted one, spelled otherwise.
    fn add_alike<'c>(
        &mut self,
        context: &PathContext<'_>,
        wanted: Spelled<'_>,
        candidates: impl Iterator<Item = (PoolId, &'c u32)>,
        budget: &mut Budget,
        add: &mut impl FnMut(Issuer),
    ) -> Result<(), Exhausted> {
        for (id, &number) in candidates {
            let name = context.certificate(id).subject();
            if self.are_alike(wanted, Spelled { name, number }, budget)? {
                add(Issuer::Pool(id));
            }
        }
        Ok(())
    }

    /// Are these the same name by RFC 5280 section 7.1, spelled otherwise? Those of other hashes
    /// are not compared.
    fn are_alike(
        &mut self,
        a: Spelled<'_>,
        b: Spelled<'_>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        if a.number == b.number || self.hash(a, budget)? != self.hash(b, budget)? {
            return Ok(false);
        }
        budget.spend_comparisons(comparisons_to_read(a.name) + comparisons_to_read(b.name))?;
        Ok(a.name.matches(&b.name))
    }

    fn hash(&mut self, spelled: Spelled<'_>, budget: &mut Budget) -> Result<u64, Exhausted> {
        let place = spelled.number as usize;
        if let Some(Some(known)) = self.of.get(place) {
            return Ok(*known);
        }
        budget.spend_comparisons(comparisons_to_read(spelled.name))?;
        let mut hasher = self.hasher.get_or_insert_default().build_hasher();
        spelled.name.write_key(&mut hasher);
        let hash = hasher.finish();
        if self.of.len() <= place {
            self.of.resize(place + 1, None);
        }
        if let Some(slot) = self.of.get_mut(place) {
            *slot = Some(hash);
        }
        Ok(hash)
    }
}
