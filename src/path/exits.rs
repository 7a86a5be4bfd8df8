//! From which issuers' names does a way lead to an anchor, as far as names go?
//!
//! Certificates of one issuer's name have the same candidates. Where none of them, nor anyone above
//! them, has the name of an anchor, there is no path to find, in whatever order they are put: the
//! search looks at each candidate once, for the report, and not at every way through them
//! (`tests/hostile.rs`, `self_issued_namesakes_without_an_anchor_are_linear`). It costs a look at
//! each certificate that can be reached.

use alloc::vec::Vec;

use super::budget::{Budget, Exhausted};
use super::issuer_names::IssuerNames;
use super::world::{Issuer, PoolId, World};

/// How far the candidates of a name without an exit have been looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Looked {
    #[default]
    NotYet,
    /// It is being done, further down on the path.
    Now,
    Done,
}

/// The certificates that name an issuer in the same octets, and who carries that name.
#[derive(Default)]
struct Group {
    /// The issuer's name, by its number.
    name: u32,
    /// One of the certificates.
    child: PoolId,
    /// The groups of the certificates that carry the name.
    above: Vec<usize>,
    /// A way leads to an anchor.
    exits: bool,
    /// Those who spell the name otherwise are among `above`.
    with_alike: bool,
    looked: Looked,
}

/// The issuers' names that can be reached from where a search begins.
#[derive(Default)]
pub(super) struct Exits {
    groups: Vec<Group>,
}

impl Exits {
    /// Finds out, from the certificate at which the search begins.
    pub(super) fn find(
        &mut self,
        world: &World<'_>,
        start: PoolId,
        names: &mut IssuerNames,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        self.groups.clear();
        self.group_of(world, start, names);
        let mut next = 0;
        loop {
            while next < self.groups.len() {
                self.look_above(next, world, names, None)?;
                next += 1;
            }
            self.spread();
            let mut groups = self.groups.iter();
            let Some(dead_end) = groups.position(|group| !group.exits && !group.with_alike) else {
                return Ok(());
            };
            self.look_above(dead_end, world, names, Some(budget))?;
        }
    }

    /// Adds those who carry a group's name: in the same octets, or in others where there is a
    /// budget for that.
    fn look_above(
        &mut self,
        place: usize,
        world: &World<'_>,
        names: &mut IssuerNames,
        budget: Option<&mut Budget>,
    ) -> Result<(), Exhausted> {
        let Some(group) = self.groups.get_mut(place) else {
            return Ok(());
        };
        let (mut exits, mut found) = (group.exits, Vec::new());
        let add = |issuer| match issuer {
            Issuer::Anchor(_) => exits = true,
            Issuer::Pool(id) => found.push(id),
        };
        match budget {
            None => names.same(world, group.child, add),
            Some(budget) => {
                group.with_alike = true;
                names.alike(world, group.child, budget, add)?;
            }
        }
        group.exits = exits;
        for id in found {
            let above = self.group_of(world, id, names);
            if let Some(group) = self.groups.get_mut(place) {
                group.above.push(above);
            }
        }
        Ok(())
    }

    /// The group of a certificate, which is new if nobody of it has been met.
    fn group_of(&mut self, world: &World<'_>, id: PoolId, names: &mut IssuerNames) -> usize {
        let name = names.issuer(world, id);
        let known = self.groups.iter().position(|group| group.name == name);
        known.unwrap_or_else(|| {
            self.groups.push(Group {
                name,
                child: id,
                ..Group::default()
            });
            self.groups.len() - 1
        })
    }

    /// What is below a name that has an exit has one. A round goes against the order in which names
    /// were found, so that there are as many rounds as ways turn back.
    fn spread(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for place in (0..self.groups.len()).rev() {
                let exits = |above: &usize| self.groups.get(*above).is_some_and(|g| g.exits);
                let group = self.groups.get(place);
                let found = group.is_some_and(|g| !g.exits && g.above.iter().any(exits));
                if let Some(group) = self.groups.get_mut(place).filter(|_| found) {
                    group.exits = true;
                    changed = true;
                }
            }
        }
    }

    /// How far the candidates of this issuer's name have been looked at; `None` where a way leads
    /// on, so that each way is worth a look.
    pub(super) fn looked(&self, name: u32) -> Option<Looked> {
        let group = self.groups.iter().find(|group| group.name == name)?;
        (!group.exits).then_some(group.looked)
    }

    /// Does anybody carry this issuer's name?
    pub(super) fn has_issuers(&self, name: u32) -> bool {
        let group = self.groups.iter().find(|group| group.name == name);
        group.is_some_and(|group| group.exits || !group.above.is_empty())
    }

    pub(super) fn set_looked(&mut self, name: u32, looked: Looked) {
        if let Some(group) = self.groups.iter_mut().find(|group| group.name == name) {
            group.looked = looked;
        }
    }
}
