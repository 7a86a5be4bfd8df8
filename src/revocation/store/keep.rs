//! What stays of several pieces of evidence about the same.
//!
//! Of those that one key vouches for, about one certificate or of one scope, those stay that no
//! other takes the place of (the judge says which), and at most [`MAX_ALIKE`] CRLs. Nobody has
//! verified what the caller inserts: it stands aside, replaces nothing and is replaced by nothing,
//! until a validation finds the key that vouches for it.

use alloc::vec::Vec;

use super::accounts::Party;
use super::entry::{About, Entry, Held};
use super::responses;
use super::table::{Hashes, Place};
use super::{Evidence, Kept, TooLarge};
use crate::revocation::judge::Judge;
use crate::revocation::judge::crl::order;

/// Most CRLs of one speaker that share a name of their scope.
pub(super) const MAX_ALIKE: usize = 8;

impl Evidence {
    /// Puts aside what the caller inserts.
    pub(super) fn put_aside(&mut self, entry: Entry) -> Result<(), TooLarge> {
        if self.place_aside(&entry.held).is_none() {
            let hashes = self.hashes(&entry.held, None, None);
            self.add(entry, hashes, &[])?;
            while !self.trim() {}
        }
        Ok(())
    }

    /// Keeps evidence that the last key of a party vouches for.
    pub(super) fn keep(&mut self, judge: Judge<'_>, mut entry: Entry, party: &Party) -> Kept {
        entry.seen = judge.heard;
        // What the caller put aside has found its place now.
        let aside = match entry.held.is_one_statement() {
            true => self.place_aside(&entry.held),
            false => None,
        };
        let mut gone: Vec<Place> = aside.into_iter().collect();
        let mut staying = Vec::new();
        let hashes = self.hashes(&entry.held, entry.key.as_deref(), entry.about.as_ref());
        let is_rival = |old: &Entry| old.key == entry.key;
        for place in self.entries.find(&hashes, usize::MAX, is_rival) {
            let Some(old) = self.entries.get(place) else {
                continue;
            };
            if old.held == entry.held || supersedes(judge, old, &entry) {
                self.keep_old(place, entry, aside);
                return Kept::Known;
            }
            match supersedes(judge, &entry, old) {
                true => gone.push(place),
                false => staying.push((old.link.is_callers(), old.held.crl().map(order), place)),
            }
        }
        // Of those that stay the oldest makes way, but not what the caller inserted.
        if staying.len() >= MAX_ALIKE {
            let oldest = staying.into_iter().min();
            gone.extend(oldest.and_then(|(stays, _, place)| (!stays).then_some(place)));
        }
        // The URL of a delta does not bring complete CRLs, nor the other way round.
        let is_delta = entry.held.is_delta();
        let mut account = party;
        for place in &gone {
            let old = self.entries.get(*place);
            if let Some(old) = old.filter(|old| old.held.is_delta() == is_delta) {
                entry.succeed(old);
                account = if old.link.is_callers() { &[] } else { account };
            }
        }
        if self.add(entry, hashes, account).is_err() {
            return Kept::TooLarge;
        }
        gone.into_iter().for_each(|place| self.remove(place));
        Kept::New
    }

    /// What is held stays: what came is older or the same.
    fn keep_old(&mut self, place: Place, again: Entry, aside: Option<Place>) {
        let is_same = |known: &Entry| known.held == again.held;
        if let Some(aside) = aside {
            self.remove(aside);
        }
        if !self.entries.get(place).is_some_and(is_same) {
            return;
        }
        if aside.is_some() {
            self.accounts.give_to_caller(&mut self.entries, place);
        }
        self.change(place, |known| {
            known.seen = again.seen;
            known.note_use();
            known.source = known.source.take().or(again.source);
        });
    }

    /// Where the same evidence stands aside.
    fn place_aside(&self, held: &Held) -> Option<Place> {
        if self.aside == 0 {
            return None;
        }
        let is_it = |known: &Entry| known.key.is_none() && known.held == *held;
        let hashes = self.hashes(held, None, None);
        self.entries.find(&hashes, 1, is_it).pop()
    }

    /// The hashes under which evidence stands that this key vouches for, or without a key nobody.
    fn hashes(&self, held: &Held, key: Option<&[u8]>, about: Option<&About>) -> Hashes {
        match (held, about) {
            (Held::Crl(crl), _) => self.crl_hashes(crl, key),
            (Held::Response(_), Some(about)) => {
                let key = key.unwrap_or_default();
                Hashes::from_iter([self.about_hash(&about.serial, &about.issuer, key)])
            }
            (Held::Response(response), None) => self.statement_hashes(response),
        }
    }
}

/// Does a piece of evidence take the place of another one that the same key vouches for?
fn supersedes(judge: Judge<'_>, new: &Entry, old: &Entry) -> bool {
    match (&new.held, &old.held) {
        (Held::Crl(a), Held::Crl(b)) => a.idp_der() == b.idp_der() && judge.replaces(a, b),
        _ => responses::supersedes(judge, new, old),
    }
}
