//! Names and subtrees as octets, so that one order serves names of every form.
//!
//! The key of a name is its host read from the right, in lower case, each label ended by a zero,
//! and then what the name has besides: `user@Mail.example` becomes `elpmaxe`, 0, `liam`, 0, 1,
//! `user`, 0. No label contains the octets 0 and 1, so that in the order of keys the names at a
//! host stand together, and behind them those at the hosts below it. A subtree is a range of keys.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::iter;

use crate::narrow;

/// Ends the host: what follows is at this host and not below it.
const END: u8 = 1;

/// The key of a name, or the beginning of keys.
#[derive(Clone, Debug)]
pub(super) struct Key<'a> {
    host: &'a str,
    /// What follows the labels of the host.
    rest: Cow<'a, [u8]>,
}

impl<'a> Key<'a> {
    const fn new(host: &'a str, rest: &'a [u8]) -> Self {
        let rest = Cow::Borrowed(rest);
        Self { host, rest }
    }

    /// A host by itself, and the beginning of all that is at it.
    pub(super) const fn host(host: &'a str) -> Self {
        Self::new(host, &[END])
    }

    /// `*.` and this host.
    pub(super) const fn wildcard(parent: &'a str) -> Self {
        Self::new(parent, &[b'*', 0, END])
    }

    /// Someone at a host. The octets contain no zero.
    pub(super) fn user(host: &'a str, user: impl Iterator<Item = u8>) -> Self {
        let rest = iter::once(END).chain(user).chain(iter::once(0)).collect();
        Self { host, rest }
    }

    /// Octets without a host.
    pub(super) const fn octets(octets: Vec<u8>) -> Self {
        let rest = Cow::Owned(octets);
        Self { host: "", rest }
    }

    /// Octets without a host that are compared as a whole: none of these begins another.
    pub(super) fn whole(octets: impl ExactSizeIterator<Item = u8>) -> Self {
        let length = narrow::bounded(octets.len()).to_be_bytes();
        Self::octets(length.into_iter().chain(octets).collect())
    }

    /// How many octets it has besides its host. A host has 253 at most: to compare two costs one
    /// comparison.
    pub(super) fn work(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn to_octets(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.host.len() + 1 + self.rest.len());
        octets.extend(self.labels());
        octets.extend_from_slice(&self.rest);
        octets
    }

    fn labels(&self) -> impl Iterator<Item = u8> {
        let octets = self.host.bytes().rev().map(|octet| match octet {
            b'.' => 0,
            octet => octet.to_ascii_lowercase(),
        });
        octets.chain((!self.host.is_empty()).then_some(0))
    }

    /// Whether a name comes before all that begins with this key, begins with it, or comes after.
    fn place(&self, name: &[u8]) -> Ordering {
        let mut name = name.iter();
        for wanted in self.labels() {
            match name.next().map(|octet| octet.cmp(&wanted)) {
                Some(Ordering::Equal) => {}
                other => return other.unwrap_or(Ordering::Less),
            }
        }
        let rest = name.as_slice();
        if rest.starts_with(&self.rest) {
            Ordering::Equal
        } else {
            rest.cmp(&self.rest)
        }
    }
}

/// The names that a subtree stands for, which stand together in the order of keys.
#[derive(Clone, Debug)]
pub(super) struct Range<'a> {
    first: Key<'a>,
    /// `None` where the names are those that begin with the first key.
    last: Option<Key<'a>>,
}

impl<'a> Range<'a> {
    /// All that begins with this key.
    pub(super) const fn beginning(first: Key<'a>) -> Self {
        Self { first, last: None }
    }

    /// From the first key to all that begins with the last.
    pub(super) const fn between(first: Key<'a>, last: Key<'a>) -> Self {
        let last = Some(last);
        Self { first, last }
    }

    /// All at a domain and at the hosts below it; below nothing is every host.
    pub(super) const fn within(host: &'a str) -> Self {
        Self::beginning(Key::new(host, &[]))
    }

    /// All at the hosts below a domain.
    pub(super) const fn below(domain: &'a str) -> Self {
        Self::between(Key::new(domain, &[END + 1]), Key::new(domain, &[u8::MAX]))
    }

    /// No name that has a host.
    pub(super) const fn nothing() -> Self {
        Self::beginning(Key::new("", &[u8::MAX]))
    }

    /// How many octets its names share besides a host.
    pub(super) fn work(&self) -> usize {
        self.first.work()
    }

    /// Where a name stands: before the range, in it, or behind it.
    pub(super) fn place(&self, name: &[u8]) -> Ordering {
        match (self.first.place(name), &self.last) {
            (Ordering::Less, _) => Ordering::Less,
            (place, None) => place,
            (_, Some(last)) => match last.place(name) {
                Ordering::Greater => Ordering::Greater,
                _ => Ordering::Equal,
            },
        }
    }
}
