//! The names of one form, in an order in which those inside a subtree stand next to each other.
//!
//! So a subtree is looked up by bisection, and n names under m constraints cost some (n + m) log n
//! comparisons. Each comparison is paid for before it is made; names and constraints that may be
//! long are several.

use alloc::vec::Vec;
use core::cmp::Ordering;

use tinyvec::TinyVec;

use super::Side;
use crate::path::budget::{Budget, Exhausted, comparisons_for};

/// The names of one form.
#[derive(Clone, Debug, Default)]
pub(super) struct Sorted<T> {
    names: Vec<T>,
    /// How many permitted subtrees begin at each name, less those that end before it.
    permitted: TinyVec<[i32; 4]>,
}

impl<T> Sorted<T> {
    /// Of names that are compared in this order, the longest of so many octets.
    pub(super) fn new(
        mut names: Vec<T>,
        longest: usize,
        order: impl Fn(&T, &T) -> Ordering,
        budget: &mut Budget,
    ) -> Result<Self, Exhausted> {
        let each = comparisons(names.len()).saturating_mul(comparisons_for(longest));
        budget.spend_comparisons(names.len().saturating_mul(each))?;
        names.sort_unstable_by(order);
        let permitted = TinyVec::default();
        Ok(Self { names, permitted })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// What a subtree says of the names: a permitted one is noted, of an excluded one it is told
    /// whether it has any.
    pub(super) fn meet(
        &mut self,
        side: Side,
        octets: usize,
        place: impl Fn(&T) -> Ordering,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        match side {
            Side::Permitted => self.permit(octets, place, budget).map(|()| false),
            Side::Excluded => self.has_any(octets, place, budget),
        }
    }

    /// Is one of the names inside a subtree of so many octets? `place` tells where a name stands:
    /// before the subtree, in it, or behind it.
    pub(super) fn has_any(
        &self,
        octets: usize,
        place: impl Fn(&T) -> Ordering,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        self.pay(octets, budget)?;
        Ok(self.names.binary_search_by(place).is_ok())
    }

    /// Notes which names are inside a permitted subtree, as for [`Sorted::has_any`].
    pub(super) fn permit(
        &mut self,
        octets: usize,
        place: impl Fn(&T) -> Ordering,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        self.pay(octets, budget)?;
        let first = self.names.partition_point(|name| place(name).is_lt());
        self.pay(octets, budget)?;
        let rest = self.names.get(first..).unwrap_or_default();
        let behind = first + rest.partition_point(|name| place(name).is_eq());
        self.permitted.resize(self.names.len() + 1, 0);
        for (at, more) in [(first, 1), (behind, -1)] {
            if let Some(count) = self.permitted.get_mut(at) {
                *count += more;
            }
        }
        Ok(())
    }

    /// Is each name inside a permitted subtree? They are forgotten: another CA has others.
    pub(super) fn all_permitted(&mut self) -> bool {
        let permitted = core::mem::take(&mut self.permitted);
        let mut depth = 0;
        let mut counts = permitted.iter().chain(core::iter::repeat(&0));
        self.names.iter().all(|_| {
            depth += counts.next().unwrap_or(&0);
            depth > 0
        })
    }

    /// Pays for finding one name.
    fn pay(&self, octets: usize, budget: &mut Budget) -> Result<(), Exhausted> {
        budget.spend_comparisons(
            comparisons(self.names.len()).saturating_mul(comparisons_for(octets)),
        )
    }
}

/// How many names are looked at to find one of so many.
fn comparisons(names: usize) -> usize {
    (usize::BITS - names.leading_zeros()) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers, and subtrees that are ranges of them.
    fn place(range: (u8, u8)) -> impl Fn(&u8) -> Ordering {
        move |n| match *n {
            n if n < range.0 => Ordering::Less,
            n if n > range.1 => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_looking_at_each(
            names in proptest::collection::vec(any::<u8>(), 0..20),
            ranges in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..6),
        ) {
            let budget = &mut Budget::new(&crate::Limits::default());
            let mut sorted = Sorted::new(names.clone(), 1, u8::cmp, budget).unwrap();
            let inside = |range, n: &u8| place(range)(n).is_eq();
            for &range in &ranges {
                let any = names.iter().any(|n| inside(range, n));
                prop_assert_eq!(sorted.has_any(1, place(range), budget), Ok(any));
                sorted.permit(1, place(range), budget).unwrap();
            }
            let all = names.iter().all(|n| ranges.iter().any(|range| inside(*range, n)));
            prop_assert_eq!(sorted.all_permitted(), all);
            let limits = crate::Limits { name_comparisons: 0, ..crate::Limits::default() };
            let nothing_left = &mut Budget::new(&limits);
            let found = sorted.has_any(1, place((0, 0)), nothing_left);
            prop_assert_eq!(found.is_err(), !names.is_empty());
            // What one CA permitted, another one has not.
            prop_assert_eq!(sorted.all_permitted(), names.is_empty());
        }
    }
}
