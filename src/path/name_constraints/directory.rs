//! Constraints on directoryName (RFC 5280 section 4.2.1.10): a name is within a base when its first
//! RDNs are those of the base, compared by section 7.1.
//!
//! A TeletexString beyond ASCII has two readings in use: Latin-1, and UTF-8 where it can be that. A
//! name must be permitted in both, and excluded in neither, so that nobody leaves a subtree by the
//! way in which another one reads it.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::Side;
use super::sorted::Sorted;
use crate::certificate::{Name, Teletex};
use crate::path::budget::{Budget, Exhausted, comparisons_to_read};

/// The directory names of a certificate, in normal form: those within a base begin with its own.
#[derive(Clone, Debug)]
pub(super) struct DirectoryNames {
    latin1: Sorted<Vec<u8>>,
    /// Where something has been met that another reading makes different.
    utf8: Option<Sorted<Vec<u8>>>,
}

impl DirectoryNames {
    pub(super) fn new<'a>(
        names: impl Iterator<Item = Name<'a>> + Clone,
        budget: &mut Budget,
    ) -> Result<Self, Exhausted> {
        let is_ambiguous = names.clone().any(|name| name.has_two_readings());
        let latin1 = read(names.clone(), Teletex::Latin1, budget)?;
        let mut utf8 = None;
        if is_ambiguous {
            utf8 = Some(read(names, Teletex::Utf8, budget)?);
        }
        Ok(Self { latin1, utf8 })
    }

    /// Notes what a base permits, or tells whether it excludes a name.
    pub(super) fn meet(
        &mut self,
        base: &Name<'_>,
        side: Side,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        if self.utf8.is_none() && base.has_two_readings() {
            self.utf8 = Some(self.latin1.clone());
        }
        let mut excluded = meet(&mut self.latin1, base, Teletex::Latin1, side, budget)?;
        if let Some(utf8) = &mut self.utf8 {
            excluded |= meet(utf8, base, Teletex::Utf8, side, budget)?;
        }
        Ok(excluded)
    }

    pub(super) fn all_permitted(&mut self) -> bool {
        let utf8 = self.utf8.as_mut().is_none_or(Sorted::all_permitted);
        self.latin1.all_permitted() && utf8
    }
}

fn read<'a>(
    names: impl Iterator<Item = Name<'a>>,
    reading: Teletex,
    budget: &mut Budget,
) -> Result<Sorted<Vec<u8>>, Exhausted> {
    let (mut forms, mut longest) = (Vec::new(), 0);
    for name in names {
        let form = normal_form(&name, reading, budget)?;
        longest = longest.max(form.len());
        forms.push(form);
    }
    Sorted::new(forms, longest, Vec::cmp, budget)
}

fn meet(
    names: &mut Sorted<Vec<u8>>,
    base: &Name<'_>,
    reading: Teletex,
    side: Side,
    budget: &mut Budget,
) -> Result<bool, Exhausted> {
    let base = normal_form(base, reading, budget)?;
    let place = |name: &Vec<u8>| {
        if name.starts_with(&base) {
            Ordering::Equal
        } else {
            name.cmp(&base)
        }
    };
    names.meet(side, base.len(), place, budget)
}

fn normal_form(
    name: &Name<'_>,
    reading: Teletex,
    budget: &mut Budget,
) -> Result<Vec<u8>, Exhausted> {
    budget.spend_comparisons(comparisons_to_read(*name))?;
    Ok(name.normal_form(reading))
}
