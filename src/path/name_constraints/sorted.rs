//! The names of one form, in an order in which those inside a subtree stand next to each other.
//!
//! So a subtree is looked up by bisection, and n names under m constraints cost some (n + m) log n
//! comparisons. Each comparison is paid for before it is made; names and constraints that may be
//! long are several.

use alloc::vec::Vec;

use tinyvec::TinyVec;

use super::Side;
use super::keys::{Key, Range};
use crate::path::budget::{Budget, Exhausted, comparisons_for};

/// The names of one form.
#[derive(Clone, Debug, Default)]
pub(super) struct Sorted {
    keys: Vec<Vec<u8>>,
    /// How many permitted subtrees begin at each name, less those that end before it.
    permitted: TinyVec<[i32; 4]>,
}

impl Sorted {
    pub(super) fn new<'a>(
        names: impl Iterator<Item = Key<'a>>,
        budget: &mut Budget,
    ) -> Result<Self, Exhausted> {
        let mut longest = 0;
        let keys = names.map(|key| {
            longest = key.work().max(longest);
            key.to_octets()
        });
        let mut keys: Vec<_> = keys.collect();
        let each = comparisons(keys.len()).saturating_mul(comparisons_for(longest));
        budget.spend_comparisons(keys.len().saturating_mul(each))?;
        keys.sort_unstable();
        let permitted = TinyVec::default();
        Ok(Self { keys, permitted })
    }

    /// What a subtree says of the names: a permitted one is noted, of an excluded one it is told
    /// whether it has any.
    pub(super) fn meet(
        &mut self,
        side: Side,
        range: &Range<'_>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        match side {
            Side::Permitted => self.permit(range, budget).map(|()| false),
            Side::Excluded => self.has_any(range, budget),
        }
    }

    /// Is one of the names in this range?
    pub(super) fn has_any(
        &self,
        range: &Range<'_>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        self.pay(range, budget)?;
        Ok(self.keys.binary_search_by(|key| range.place(key)).is_ok())
    }

    /// Notes which names are in a permitted range.
    fn permit(&mut self, range: &Range<'_>, budget: &mut Budget) -> Result<(), Exhausted> {
        self.pay(range, budget)?;
        let first = self.keys.partition_point(|key| range.place(key).is_lt());
        self.pay(range, budget)?;
        let rest = self.keys.get(first..).unwrap_or_default();
        if !rest.first().is_some_and(|key| range.place(key).is_eq()) {
            return Ok(());
        }
        let behind = first + rest.partition_point(|key| range.place(key).is_eq());
        self.permitted.resize(self.keys.len() + 1, 0);
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
        self.keys.iter().all(|_| {
            depth += counts.next().unwrap_or(&0);
            depth > 0
        })
    }

    /// Pays for finding one name.
    fn pay(&self, range: &Range<'_>, budget: &mut Budget) -> Result<(), Exhausted> {
        let each = comparisons_for(range.work());
        budget.spend_comparisons(comparisons(self.keys.len()).saturating_mul(each))
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
    fn key(number: u8) -> Key<'static> {
        Key::octets(Vec::from([number]))
    }

    fn range((first, last): (u8, u8)) -> Range<'static> {
        Range::between(key(first), key(last))
    }

    proptest! {
        #[test]
        fn agrees_with_looking_at_each(
            names in proptest::collection::vec(any::<u8>(), 0..20),
            ranges in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..6),
        ) {
            let budget = &mut Budget::new(&crate::Limits::default());
            let mut sorted = Sorted::new(names.iter().copied().map(key), budget).unwrap();
            let inside = |(first, last): (u8, u8), n: &u8| (first..=last).contains(n);
            for &ends in &ranges {
                let any = names.iter().any(|n| inside(ends, n));
                prop_assert_eq!(sorted.has_any(&range(ends), budget), Ok(any));
                sorted.permit(&range(ends), budget).unwrap();
            }
            let all = names.iter().all(|n| ranges.iter().any(|ends| inside(*ends, n)));
            prop_assert_eq!(sorted.all_permitted(), all);
            let limits = crate::Limits { name_comparisons: 0, ..crate::Limits::default() };
            let nothing_left = &mut Budget::new(&limits);
            let found = sorted.has_any(&range((0, 0)), nothing_left);
            prop_assert_eq!(found.is_err(), !names.is_empty());
            // What one CA permitted, another one has not.
            prop_assert_eq!(sorted.all_permitted(), names.is_empty());
        }
    }
}
