//! Constraints on directoryName (RFC 5280 section 4.2.1.10): a name is within a base when its first
//! RDNs are those of the base, compared by section 7.1.
//!
//! A TeletexString beyond ASCII has two readings in use: Latin-1, and UTF-8 where it can be that. A
//! name must be permitted in both, and excluded in neither, so that nobody leaves a subtree by the
//! way in which another one reads it.

use super::keys::Key;
use crate::certificate::{Name, Teletex};
use crate::path::budget::{Budget, Exhausted, comparisons_to_read};

/// A name in normal form, which begins with that of each base that it is within.
pub(super) fn key(
    name: &Name<'_>,
    reading: Teletex,
    budget: &mut Budget,
) -> Result<Key<'static>, Exhausted> {
    budget.spend_comparisons(comparisons_to_read(*name))?;
    Ok(Key::octets(name.normal_form(reading)))
}
