//! Whose certificates the entries of an indirect list speak of (RFC 5280 section 5.3.3).
//!
//! A certificateIssuer holds for its entry and all that follow, until the next; before the first
//! the issuer of the list is meant. So the list falls into runs, of which the starts are kept;
//! lists that are not indirect have none. Each run has a key, made of its name's normal form (names
//! that are the same by section 7.1 have one key), which the index mixes into its hash: otherwise
//! the many certificates of number 1 would crowd one place.

use alloc::vec::Vec;
use core::hash::Hasher;

use sha2::{Digest, Sha256};

use crate::certificate::Name;
use crate::der::Span;

/// Entries of one certificate issuer.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Offset of the first entry.
    start: u32,
    name: Span,
    key: u64,
}

/// Most work of preparing the names of certificate issuers for comparison, in octets of ASCII;
/// others are dearer. It is enough for some hundred thousand changes of issuer, and ends in less
/// than a second.
pub const MAX_ISSUER_WORK: usize = 32 << 20;

/// The key of the list's own issuer.
pub(super) const OWN: u64 = 0;

/// The runs of a list, in its order.
#[derive(Debug, Default)]
pub(super) struct Issuers {
    runs: Vec<Run>,
    work: usize,
}

impl Issuers {
    /// A run starts at this entry. `list` is the list, `own` its issuer. Returns the run's key;
    /// `None` where the names of all runs are more than [`MAX_ISSUER_WORK`].
    pub(super) fn push(
        &mut self,
        start: u32,
        name: Span,
        list: &[u8],
        own: &Name<'_>,
    ) -> Option<u64> {
        let octets = name.slice(list);
        let key = match self.runs.last() {
            Some(last) if last.name.slice(list) == octets => last.key,
            _ => {
                let name = Name::from_checked(octets);
                self.work = self.work.saturating_add(name.work());
                if self.work > MAX_ISSUER_WORK {
                    return None;
                }
                key(&name, own)
            }
        };
        self.runs.push(Run { start, name, key });
        Some(key)
    }

    /// Does the list speak of its own issuer only?
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The name that holds for the entry at this offset; `None` for the list's own issuer.
    pub(super) fn name_at<'a>(&self, list: &'a [u8], entry: u32) -> Option<Name<'a>> {
        let run = self.run_at(entry)?;
        Some(Name::from_checked(run.name.slice(list)))
    }

    /// The key that holds for the entry at this offset.
    pub(super) fn key_at(&self, entry: u32) -> u64 {
        self.run_at(entry).map_or(OWN, |run| run.key)
    }

    /// The key of this issuer, if the list speaks of any but its own.
    pub(super) fn key_of(&self, issuer: &Name<'_>, own: &Name<'_>) -> u64 {
        if self.runs.is_empty() {
            OWN
        } else {
            key(issuer, own)
        }
    }

    pub(super) fn memory_size(&self) -> usize {
        self.runs.capacity() * size_of::<Run>()
    }

    pub(super) fn shrink(&mut self) {
        self.runs.shrink_to_fit();
    }

    fn run_at(&self, entry: u32) -> Option<&Run> {
        let next = self.runs.partition_point(|run| run.start <= entry);
        self.runs.get(next.checked_sub(1)?)
    }
}

fn key(name: &Name<'_>, own: &Name<'_>) -> u64 {
    if name.matches(own) {
        return OWN;
    }
    let mut hasher = Key(Sha256::new());
    name.write_key(&mut hasher);
    hasher.finish()
}

struct Key(Sha256);

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest
            .first_chunk()
            .map_or(0, |first| u64::from_be_bytes(*first))
    }
}
