//! Does any chain of names lead from an issuer's name to the name of a trust anchor?
//!
//! Certificates that name the same issuer share their candidates. If no candidate, and none above
//! it, carries an anchor's name, there is no path in any order: the search looks at each candidate
//! once, for the report, instead of at every path through them (`tests/paths/hostile.rs`,
//! `self_issued_namesakes_without_an_anchor_are_linear`). With n certificates it costs some n^2
//! comparisons of numbers, which [`Limits::certificates`](super::budget::Limits::certificates)
//! bounds.

use alloc::vec::Vec;

use super::budget::{Budget, Exhausted};
use super::context::{Issuer, PathContext, PoolId, Spelling};
use super::issuer_names::IssuerNames;

/// How far the candidates of a name that leads to no anchor have been explored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Explored {
    #[default]
    NotYet,
    /// It is being done, lower on the path.
    InProgress,
    Done,
}

/// An issuer's name, and who carries it.
#[derive(Default)]
pub(super) struct IssuerName {
    /// Its number.
    name: u32,
    /// One of the certificates that name it.
    child: PoolId,
    /// The issuers' names of the certificates that carry it.
    above: Vec<usize>,
    /// A chain of names leads to an anchor.
    reaches_anchor: bool,
    /// Those who spell the name otherwise are among `above`.
    has_other_spellings: bool,
    /// So are those of all names that lead to no anchor: what is above was looked at whole.
    is_settled: bool,
    pub(super) explored: Explored,
}

impl IssuerName {
    /// How far its candidates have been looked at; `None` where a way leads on, so that each way is
    /// worth a look.
    pub(super) fn explored(&self) -> Option<Explored> {
        (!self.reaches_anchor && self.is_settled).then_some(self.explored)
    }

    /// Does anybody carry it?
    pub(super) fn has_issuers(&self) -> bool {
        self.reaches_anchor || !self.above.is_empty()
    }
}

/// The issuers' names that can be reached from where a search begins.
#[derive(Default)]
pub(super) struct AnchorReach {
    issuers: Vec<IssuerName>,
}

impl AnchorReach {
    /// Finds out, from the certificate at which the search begins.
    pub(super) fn find(
        &mut self,
        context: &PathContext<'_>,
        start: PoolId,
        names: &mut IssuerNames,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        self.issuers.clear();
        self.issuer_of(context, start, names);
        let mut next = 0;
        loop {
            while next < self.issuers.len() {
                self.look_above(next, Spelling::Same, context, names, budget)?;
                next += 1;
            }
            self.propagate();
            let Some(dead_end) = self.unknown_dead_end() else {
                let looked_at =
                    |issuer: &IssuerName| issuer.reaches_anchor || issuer.has_other_spellings;
                let is_settled = self.issuers.iter().all(looked_at);
                for issuer in &mut self.issuers {
                    issuer.is_settled = is_settled;
                }
                return Ok(());
            };
            self.look_above(dead_end, Spelling::Other, context, names, budget)?;
        }
    }

    /// A name that is worth a comparison with other spellings. Where a chain of names in the same
    /// octets leads from the beginning to an anchor, none is: other spellings cost, and what they
    /// would tell is rarely needed.
    fn unknown_dead_end(&self) -> Option<usize> {
        let first = self.issuers.first()?;
        let unknown = |issuer: &IssuerName| !issuer.reaches_anchor && !issuer.has_other_spellings;
        if first.reaches_anchor {
            return None;
        }
        self.issuers.iter().position(unknown)
    }

    /// Adds those who carry an issuer's name, in this spelling.
    fn look_above(
        &mut self,
        place: usize,
        spelling: Spelling,
        context: &PathContext<'_>,
        names: &mut IssuerNames,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let Some(issuer) = self.issuers.get_mut(place) else {
            return Ok(());
        };
        let (mut reaches_anchor, mut found) = (issuer.reaches_anchor, Vec::new());
        let add = |issuer| match issuer {
            Issuer::Anchor(_) => reaches_anchor = true,
            Issuer::Pool(id) => found.push(id),
        };
        issuer.has_other_spellings |= spelling == Spelling::Other;
        names.carriers(context, issuer.child, spelling, budget, add)?;
        issuer.reaches_anchor = reaches_anchor;
        for id in found {
            let above = self.issuer_of(context, id, names);
            if let Some(issuer) = self.issuers.get_mut(place) {
                issuer.above.push(above);
            }
        }
        Ok(())
    }

    /// The issuer that a certificate names, which is new if nobody named it before.
    fn issuer_of(
        &mut self,
        context: &PathContext<'_>,
        id: PoolId,
        names: &mut IssuerNames,
    ) -> usize {
        let name = names.issuer(context, id);
        let known = self.issuers.iter().position(|issuer| issuer.name == name);
        known.unwrap_or_else(|| {
            self.issuers.push(IssuerName {
                name,
                child: id,
                ..IssuerName::default()
            });
            self.issuers.len() - 1
        })
    }

    /// A name below one that reaches an anchor reaches it too. Those that were found last, which
    /// stand above others, come first.
    fn propagate(&mut self) {
        loop {
            let reaches =
                |&above: &usize| self.issuers.get(above).is_some_and(|a| a.reaches_anchor);
            let is_below = |i: &IssuerName| !i.reaches_anchor && i.above.iter().any(reaches);
            let found = self.issuers.iter().rposition(is_below);
            let Some(issuer) = found.and_then(|place| self.issuers.get_mut(place)) else {
                return;
            };
            issuer.reaches_anchor = true;
        }
    }

    /// What is known of an issuer's name.
    pub(super) fn get_mut(&mut self, name: u32) -> Option<&mut IssuerName> {
        self.issuers.iter_mut().find(|issuer| issuer.name == name)
    }
}
