//! The paths that a search tried and that do not hold, for the report of a rejection: the sixteen
//! that came closest, and how many there were besides.

use alloc::vec::Vec;

use super::context::{AnchorId, PoolId};
use super::violation::Violation;

/// Most tried paths that are kept; the rest is counted.
const MAX_TRIED: usize = 16;

/// A path that was tried, and why it fell.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    /// Leaf first.
    pub(crate) certificates: Vec<PoolId>,
    /// The anchor that it reached.
    pub(crate) anchor: Option<AnchorId>,
    pub(crate) violation: Violation,
}

/// The paths that were tried.
#[derive(Clone, Debug, Default)]
pub(crate) struct TriedPaths {
    /// Those that came closest, in the order in which they were tried.
    pub(crate) kept: Vec<Tried>,
    /// How many are not kept.
    pub(crate) more: usize,
}

impl TriedPaths {
    /// Notes a path. Of too many, those that came closest are kept.
    pub(crate) fn note(&mut self, new: Tried) {
        if self.kept.len() >= MAX_TRIED {
            self.more += 1;
            let closeness = |tried: &Tried| tried.violation.rule.closeness();
            let paths = self.kept.iter().enumerate();
            let least = paths.min_by_key(|(_, tried)| closeness(tried));
            match least {
                Some((place, least)) if closeness(least) < closeness(&new) => {
                    self.kept.remove(place);
                }
                _ => return,
            }
        }
        self.kept.push(new);
    }

    /// Forgets all paths but these.
    pub(crate) fn retain(&mut self, keeps: impl FnMut(&Tried) -> bool) {
        self.kept.retain(keeps);
        self.more = 0;
    }
}
