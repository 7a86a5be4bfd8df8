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
//! looked at last is spared once). What the caller inserted stands in no account.
//!
//! Each step costs some look-ups for each level of the tree; a path bounds their number.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;
use tinyvec::TinyVec;

use super::entry::Entry;

use super::table::{Hashes, Place, Table};

/// The keys that vouch for evidence: the anchor's first, that of the signer last.
pub(crate) type Party = [Arc<[u8]>];

/// An account.
struct Account {
    above: Option<Place>,
    key: Arc<[u8]>,
    /// What its own evidence takes, and that of those below it.
    own: usize,
    all: usize,
    /// Those below it, by what they take.
    below: BTreeSet<(usize, Place)>,
    /// The evidence that revokes nobody, and that which does.
    rings: [Ring; 2],
}

/// Evidence in a circle: the hand is at the piece that is looked at next.
#[derive(Clone, Copy, Default)]
struct Ring {
    hand: Option<Place>,
}

/// Where a piece of evidence stands in a ring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    account: Place,
    revokes: bool,
    before: Place,
    after: Place,
}

/// All accounts.
#[derive(Default)]
pub(super) struct Accounts {
    hasher: DefaultHashBuilder,
    table: Table<Account>,
    /// Those at the top.
    top: BTreeSet<(usize, Place)>,
}

/// How many pieces of evidence are spared at most in search of one to give up.
const SPARED: usize = 16;

impl Accounts {
    /// The account of a party, which is opened if it is new.
    pub(super) fn open(&mut self, party: &Party) -> Option<Place> {
        let mut above = None;
        for key in party {
            let hash = self.hash(above, key);
            let is_it = |known: &Account| known.above == above && known.key == *key;
            let known = self
                .table
                .find(hash)
                .find_map(|(place, known)| is_it(known).then_some(place));
            above = Some(match known {
                Some(known) => known,
                None => self.add(above, key, hash),
            });
        }
        above
    }

    /// The accounts from the top down to this one.
    fn party(&self, account: Place) -> impl Iterator<Item = Place> {
        let above = |place: &Place| self.table.get(*place)?.above;
        let up = core::iter::successors(Some(account), above);
        let up: TinyVec<[Place; 8]> = up.collect();
        up.into_iter().rev()
    }

    /// Puts evidence into its account.
    pub(super) fn enter(&mut self, entries: &mut Table<Entry>, place: Place, account: Place) {
        let Some(entry) = entries.get(place) else {
            return;
        };
        let (size, revokes) = (entry.size(), entry.revokes());
        let Some(owner) = self.table.get_mut(account) else {
            return;
        };
        owner.own += size;
        let [cheap, dear] = &mut owner.rings;
        let ring = if revokes { dear } else { cheap };
        let after = ring.hand.unwrap_or(place);
        ring.hand = Some(after);
        let before = entries
            .get(after)
            .and_then(|entry| entry.link)
            .map_or(place, |link| link.before);
        if let Some(entry) = entries.get_mut(place) {
            entry.link = Some(Link {
                account,
                revokes,
                before,
                after,
            });
        }
        connect(entries, before, place);
        connect(entries, place, after);
        self.weigh(account, 0, size);
    }

    /// Takes evidence out of its account.
    pub(super) fn leave(&mut self, entries: &mut Table<Entry>, place: Place) {
        let Some(entry) = entries.get_mut(place) else {
            return;
        };
        let size = entry.size();
        let Some(link) = entry.link.take() else {
            return;
        };
        connect(entries, link.before, link.after);
        let Some(owner) = self.table.get_mut(link.account) else {
            return;
        };
        owner.own = owner.own.saturating_sub(size);
        let [cheap, dear] = &mut owner.rings;
        let ring = if link.revokes { dear } else { cheap };
        if ring.hand == Some(place) {
            ring.hand = Some(link.after).filter(|after| *after != place);
        }
        self.weigh(link.account, size, 0);
    }

    /// What to give up: of the heaviest party, the piece that is worth least.
    pub(super) fn least(&mut self, entries: &Table<Entry>) -> Option<Place> {
        let (_, mut heaviest) = *self.top.last()?;
        while let Some(account) = self.table.get(heaviest)
            && let Some((all, below)) = account.below.last()
            && *all >= account.own
        {
            heaviest = *below;
        }
        let account = self.table.get_mut(heaviest)?;
        let [cheap, dear] = &mut account.rings;
        let ring = if cheap.hand.is_some() { cheap } else { dear };
        let mut hand = ring.hand?;
        for _ in 0..SPARED {
            let entry = entries.get(hand)?;
            if !entry.take_used() {
                break;
            }
            hand = entry.link?.after;
        }
        ring.hand = Some(hand);
        Some(hand)
    }

    /// The keys of the party in whose account a piece of evidence stands.
    pub(super) fn keys(&self, link: Link) -> Vec<Arc<[u8]>> {
        let party = self.party(link.account);
        party
            .filter_map(|place| Some(Arc::clone(&self.table.get(place)?.key)))
            .collect()
    }

    /// The accounts from the top down to that of a piece of evidence.
    pub(super) fn places(&self, link: Option<Link>) -> TinyVec<[Place; 4]> {
        let party = link.into_iter().flat_map(|link| self.party(link.account));
        party.collect()
    }

    /// A piece of evidence takes more or less than before.
    pub(super) fn resize(&mut self, link: Link, before: usize, after: usize) {
        if let Some(account) = self.table.get_mut(link.account) {
            account.own = (account.own + after).saturating_sub(before);
        }
        self.weigh(link.account, before, after);
    }

    #[cfg(test)]
    pub(super) fn take_touched(&self) -> usize {
        self.table.take_touched()
    }

    /// What stands in all accounts.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.top.iter().map(|(bytes, _)| bytes).sum()
    }

    fn add(&mut self, above: Option<Place>, key: &Arc<[u8]>, hash: u64) -> Place {
        let account = Account {
            above,
            key: Arc::clone(key),
            own: 0,
            all: 0,
            below: BTreeSet::new(),
            rings: [Ring::default(); 2],
        };
        let place = self.table.insert(account, Hashes::from_iter([hash]));
        self.level(above).insert((0, place));
        place
    }

    /// Those below an account, or at the top.
    fn level(&mut self, above: Option<Place>) -> &mut BTreeSet<(usize, Place)> {
        match above.and_then(|above| self.table.get_mut(above)) {
            Some(account) => &mut account.below,
            None => &mut self.top,
        }
    }

    /// Notes at each level that an account takes so much less and so much more. One that has
    /// nothing left is closed.
    fn weigh(&mut self, account: Place, less: usize, more: usize) {
        let mut next = Some(account);
        while let Some(place) = next {
            let Some(account) = self.table.get_mut(place) else {
                return;
            };
            let before = account.all;
            account.all = (before + more).saturating_sub(less);
            let (all, above) = (account.all, account.above);
            let level = self.level(above);
            level.remove(&(before, place));
            if all > 0 {
                level.insert((all, place));
            } else {
                self.table.remove(place);
            }
            next = above;
        }
    }

    fn hash(&self, above: Option<Place>, key: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(self.hasher.hash_one(above));
        hasher.write(key);
        hasher.finish()
    }
}

/// Makes two pieces of evidence neighbours.
fn connect(entries: &mut Table<Entry>, before: Place, after: Place) {
    if let Some(link) = entries.get_mut(before).and_then(|one| one.link.as_mut()) {
        link.after = after;
    }
    if let Some(link) = entries.get_mut(after).and_then(|one| one.link.as_mut()) {
        link.before = before;
    }
}
