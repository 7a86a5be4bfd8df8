//! Which names, keys and certificates are the same octets, told by numbers.
//!
//! A search asks at each step whether a name and a key are on the path already, and whether a key
//! is known not to have made a signature. Whoever presents certificates chooses how long names and
//! keys are. So each is looked up once among those that are known, in the order of their octets,
//! and from then on numbers are compared: n of them, of L octets in all, cost L log n
//! (`tests/paths/hostile.rs`, `long_keys_of_one_name`). The budget is not asked: L and n are paid
//! for when certificates are taken in
//! ([`Budget::spend_certificate`](super::budget::Budget::spend_certificate)).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::context::{Issuer, PathContext, PoolId};
use crate::narrow;

/// Where octets stand: a search holds no references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OctetsAt {
    Certificate(PoolId),
    Subject(PoolId),
    Issuer(PoolId),
    Key(Issuer),
}

impl OctetsAt {
    fn of<'a>(self, context: &PathContext<'a>) -> &'a [u8] {
        match self {
            Self::Certificate(id) => context.certificate(id).as_der(),
            Self::Subject(id) => context.certificate(id).subject().as_der(),
            Self::Issuer(id) => context.certificate(id).issuer().as_der(),
            Self::Key(Issuer::Pool(id)) => context.certificate(id).spki_der(),
            // Every anchor has a key: only one that is not there has no octets.
            Self::Key(Issuer::Anchor(id)) => context.anchor(id).map_or(&[], |a| a.spki_der()),
        }
    }
}

/// Numbers of octets, in the order in which they were first asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Interner {
    /// A place where each number's octets stand, in the order of the octets.
    octets: Vec<(OctetsAt, u32)>,
    /// The numbers of places that were asked for.
    places: BTreeMap<OctetsAt, u32>,
}

impl Interner {
    /// The number of these octets: equal octets have equal numbers.
    pub(super) fn number(&mut self, context: &PathContext<'_>, wanted: OctetsAt) -> u32 {
        if let Some(known) = self.places.get(&wanted) {
            return *known;
        }
        let number = self.look_up(context, wanted);
        self.places.insert(wanted, number);
        number
    }

    fn look_up(&mut self, context: &PathContext<'_>, wanted: OctetsAt) -> u32 {
        let octets = wanted.of(context);
        let found = self
            .octets
            .binary_search_by(|known| known.0.of(context).cmp(octets));
        match found {
            Ok(place) => self.octets.get(place).map_or(0, |known| known.1),
            Err(place) => {
                let next = narrow::bounded(self.octets.len());
                self.octets.insert(place, (wanted, next));
                next
            }
        }
    }
}
