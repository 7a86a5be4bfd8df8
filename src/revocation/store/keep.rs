//! What stays of several pieces of evidence about the same.
//!
//! Of those that one key vouches for, about one certificate or of one scope, those stay that no
//! other takes the place of (the judge says which), and at most [`MAX_ALIKE`] CRLs. Nobody has
//! verified what the caller inserts: it stands aside, replaces nothing and is replaced by nothing,
//! until a validation finds the key that vouches for it.

use alloc::vec::Vec;

use super::accounts::Party;
use super::entry::{About, Entry, Held, Source};
use super::responses;
use super::table::{Hashes, Place};
use super::{Evidence, Kept, TooLarge};
use crate::revocation::crl::Crl;
use crate::revocation::judge::crl::order;
use crate::revocation::judge::{Dates, Judge};

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
        let hashes = self.hashes(&entry.held, entry.key.as_deref(), entry.about.as_ref());
        let is_rival = |old: &Entry| old.key == entry.key;
        let places = self.entries.find(&hashes, usize::MAX, is_rival);
        let rivals = places
            .iter()
            .filter_map(|&place| Some((place, self.entries.get(place)?)));
        let rivals: Vec<(Place, &Entry)> = rivals.collect();
        let of_all = || rivals.iter().map(|(_, old)| *old).chain([&entry]);
        let complete = newest_complete(
            judge,
            &entry.held,
            of_all().filter_map(|one| one.held.crl()),
        );
        let supersedes = |new: &Entry, old: &Entry| supersedes(judge, complete, new, old);
        let known = |(_, old): &&(Place, &Entry)| old.held == entry.held || supersedes(old, &entry);
        if let Some(&(place, _)) = rivals.iter().find(known) {
            self.keep_old(place, entry, aside);
            return Kept::Known;
        }
        // A complete CRL lets one delta take the place of another.
        let is_gone = |(_, old): &&(Place, &Entry)| of_all().any(|new| supersedes(new, old));
        let (superseded, staying): (Vec<_>, Vec<_>) = rivals.iter().partition(is_gone);
        let heir = staying
            .iter()
            .filter(|(_, one)| is_delta_beside(&one.held, &entry.held));
        let heir = heir.max_by_key(|(_, one)| one.held.crl().map(order));
        let heir = heir.map(|(place, _)| *place);
        let mut gone: Vec<Place> = superseded.iter().map(|(place, _)| *place).collect();
        gone.extend(aside);
        // Where it came from is left to the successor. The URL of a delta does not bring complete
        // CRLs, nor the other way round.
        let left: Vec<(bool, Option<Source>)> = gone
            .iter()
            .filter_map(|&place| self.entries.get(place))
            .map(|old| {
                let is_alike = old.held.is_delta() == entry.held.is_delta();
                (is_alike, old.source.clone())
            })
            .collect();
        // Of those that stay the oldest makes way, but not what the caller inserted.
        if staying.len() >= MAX_ALIKE {
            let givable = staying.iter().filter(|(_, old)| !old.link.is_callers());
            let oldest = givable.min_by_key(|(_, old)| old.held.crl().map(order));
            gone.extend(oldest.map(|(place, _)| *place));
        }
        for (is_alike, source) in left {
            match heir {
                _ if is_alike => entry.succeed(source),
                Some(heir) => self.change(heir, |heir| heir.succeed(source)),
                None => {}
            }
        }
        // What the caller inserted stays. What takes its place came from its issuer, whatever its
        // size, and is kept as all that comes from there.
        let account = if aside.is_some() { &[] } else { party };
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
fn supersedes(judge: Judge<'_>, complete: Option<&Crl>, new: &Entry, old: &Entry) -> bool {
    match (&new.held, &old.held) {
        (Held::Crl(a), Held::Crl(b)) => is_same_scope(a, b) && judge.replaces(a, b, complete),
        _ => responses::supersedes(judge, new, old),
    }
}

/// The newest complete CRL of the scope of a CRL that is current.
fn newest_complete<'a>(
    judge: Judge<'_>,
    held: &Held,
    crls: impl Iterator<Item = &'a Crl>,
) -> Option<&'a Crl> {
    let scope = held.crl()?;
    let is_one = |one: &&Crl| !one.is_delta() && is_same_scope(one, scope);
    let crls = crls.filter(is_one);
    let current = crls.filter(|one| judge.crl_dates(one) == Dates::Current);
    current.max_by_key(|one| order(one))
}

/// Is it a delta CRL of the scope of a complete one?
fn is_delta_beside(held: &Held, complete: &Held) -> bool {
    match (held, complete) {
        (Held::Crl(delta), Held::Crl(crl)) => {
            delta.is_delta() && !crl.is_delta() && is_same_scope(delta, crl)
        }
        _ => false,
    }
}

fn is_same_scope(a: &Crl, b: &Crl) -> bool {
    a.idp_der() == b.idp_der()
}
