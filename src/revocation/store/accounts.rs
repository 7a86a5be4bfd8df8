//! Who pays for what is held: each party that vouches for evidence has an account, and what is held
//! too much is given up by the party that has most.
//!
//! A party is a key below another one: an anchor's key, a CA below it, a CA below that. So the
//! accounts are a tree. When the store is full, the way leads from its top down to the heaviest
//! party at each level. A CA that certifies a thousand others of its own is one party for its
//! neighbours, however its allowance is spent below; and as long as there are n parties at a level,
//! each may use the n-th part of what its level has, and loses nothing of it.
//!
//! Of an account, what decides least goes first: evidence that revokes nobody, then evidence that
//! does, of each what was not used for longest (the clock algorithm: whatever was used since it was
//! looked at last is spared once). At the top of the tree is the account of the caller, who
//! inserted evidence: nothing of that is given up.
//!
//! Each step costs some look-ups for each level of the tree; a path bounds their number.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

use super::entry::Entry;
use super::table::{Hashes, Place, Table};

/// The keys that vouch for evidence: the anchor's first, that of the signer last.
pub(crate) type Party = [Arc<[u8]>];

/// How many pieces of evidence are spared at most in search of one to give up.
const SPARED: usize = 16;

/// An account; by default that of the caller, at the top.
#[derive(Default)]
struct Account {
    above: Option<Place>,
    key: Arc<[u8]>,
    /// What its own evidence takes, and what that takes together with all that is below it.
    own: usize,
    all: usize,
    /// Those below it, by what they take.
    below: BTreeSet<(usize, Place)>,
    /// Its own evidence, that which is given up first in front.
    pieces: BTreeMap<Turn, Place>,
}

/// When a piece of evidence is given up: what revokes last, of the rest what came or was spared
/// first.
type Turn = (bool, u64);

/// Where a piece of evidence stands; by default with the caller.
#[derive(Clone, Copy, Default)]
pub(super) struct Link {
    account: Place,
    turn: Turn,
}

impl Link {
    /// Is it the caller's?
    pub(super) fn is_callers(&self) -> bool {
        self.account == Place::default()
    }
}

/// All accounts.
pub(super) struct Accounts {
    hasher: DefaultHashBuilder,
    table: Table<Account>,
    turns: u64,
}

impl Default for Accounts {
    fn default() -> Self {
        let mut table = Table::default();
        table.insert(Account::default(), Hashes::default());
        Self {
            hasher: DefaultHashBuilder::default(),
            table,
            turns: 0,
        }
    }
}

impl Accounts {
    /// What stands in all accounts, and what the caller inserted of it.
    pub(super) fn bytes(&self) -> (usize, usize) {
        let top = self.table.get(Place::default());
        top.map_or((0, 0), |top| (top.all, top.own))
    }

    /// Puts evidence into the account of a party; without keys that is the caller.
    pub(super) fn enter(&mut self, entries: &mut Table<Entry>, place: Place, party: &Party) {
        let account = self.open(party);
        let turn = self.next_turn();
        if let Some(entry) = entries.get_mut(place) {
            let turn = (entry.summary.is_revoked, turn);
            entry.link = Link { account, turn };
            if let Some(owner) = self.table.get_mut(account) {
                owner.pieces.insert(turn, place);
            }
            self.resize(account, 0, entry.size());
        }
    }

    /// Takes evidence out of its account.
    pub(super) fn leave(&mut self, entry: &Entry) {
        let Link { account, turn } = entry.link;
        if let Some(owner) = self.table.get_mut(account) {
            owner.pieces.remove(&turn);
        }
        self.resize(account, entry.size(), 0);
    }

    /// From now on a piece of evidence is the caller's.
    pub(super) fn give_to_caller(&mut self, entries: &mut Table<Entry>, place: Place) {
        if let Some(entry) = entries.get(place) {
            self.leave(entry);
            self.enter(entries, place, &[]);
        }
    }

    /// Notes that a piece of evidence took another number of octets before.
    pub(super) fn change(&mut self, entry: &Entry, before: usize) {
        self.resize(entry.link.account, before, entry.size());
    }

    /// What to give up: of the heaviest party, the piece that is worth least.
    pub(super) fn least(&mut self, entries: &mut Table<Entry>) -> Option<Place> {
        let (_, mut heaviest) = *self.table.get(Place::default())?.below.last()?;
        while let Some(account) = self.table.get(heaviest)
            && let Some((all, below)) = account.below.last()
            && *all >= account.own
        {
            heaviest = *below;
        }
        for _ in 0..SPARED {
            let turn = self.next_turn();
            let pieces = &mut self.table.get_mut(heaviest)?.pieces;
            let first = pieces.first_entry()?;
            let entry = entries.get_mut(*first.get())?;
            if !entry.take_used() {
                break;
            }
            entry.link.turn.1 = turn;
            let place = first.remove();
            pieces.insert(entry.link.turn, place);
        }
        let (_, least) = self.table.get(heaviest)?.pieces.first_key_value()?;
        Some(*least)
    }

    /// The keys of the party in whose account a piece of evidence stands; none of the caller's.
    pub(super) fn keys(&self, link: Link) -> Vec<Arc<[u8]>> {
        let account = |place: Place| self.table.get(place).filter(|one| one.above.is_some());
        let above = |below: &&Account| account(below.above?);
        let up = core::iter::successors(account(link.account), above);
        let mut keys: Vec<_> = up.map(|account| Arc::clone(&account.key)).collect();
        keys.reverse();
        keys
    }

    #[cfg(test)]
    pub(super) fn take_touched(&self) -> usize {
        self.table.take_touched()
    }

    fn next_turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// The account of a party, which is opened if it is new.
    fn open(&mut self, party: &Party) -> Place {
        party.iter().fold(Place::default(), |above, key| {
            let hash = self.hasher.hash_one((above, key));
            let is_it = |known: &Account| known.above == Some(above) && known.key == *key;
            let known = self.table.find(&[hash], 1, is_it).pop();
            known.unwrap_or_else(|| {
                let account = Account {
                    above: Some(above),
                    key: Arc::clone(key),
                    ..Account::default()
                };
                self.table.insert(account, Hashes::from_iter([hash]))
            })
        })
    }

    /// Notes at each level that what an account has of its own has grown or shrunk. An account that
    /// has nothing left is closed.
    fn resize(&mut self, account: Place, before: usize, after: usize) {
        if let Some(account) = self.table.get_mut(account) {
            account.own = account.own - before + after;
        }
        let mut next = Some(account);
        while let Some(place) = next
            && let Some(account) = self.table.get_mut(place)
        {
            let was = account.all;
            account.all = was - before + after;
            let all = account.all;
            next = account.above;
            if let Some(above) = next.and_then(|above| self.table.get_mut(above)) {
                above.below.remove(&(was, place));
                if all > 0 {
                    above.below.insert((all, place));
                } else {
                    self.table.remove(place);
                }
            }
        }
    }
}

#[cfg(test)]
impl Accounts {
    /// Checks that each account has what its own evidence takes, and that of those below it.
    pub(super) fn check(&self, entries: &Table<Entry>) {
        for (place, account) in self.table.iter() {
            let pieces = account.pieces.values();
            let pieces = pieces.map(|piece| entries.get(*piece).unwrap());
            let own: usize = pieces.map(Entry::size).sum();
            let below: usize = account.below.iter().map(|(all, _)| all).sum();
            assert_eq!((account.own, account.all), (own, own + below));
            for (all, below) in &account.below {
                let below = self.table.get(*below).unwrap();
                assert_eq!((below.above, below.all), (Some(place), *all));
            }
        }
        let pieces = self.table.iter().map(|(_, account)| account.pieces.len());
        assert_eq!(pieces.sum::<usize>(), entries.len());
    }
}
