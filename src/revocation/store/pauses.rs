//! How long not to ask again: a pause that doubles with each failure, from 1 second on, of the
//! caller's clock.
//!
//! Failures while a pause lasts belong to the one that started it, so that many validations which
//! met one dead server count as one. The clock may jump back: a pause that began in a future
//! further away than the longest pause is over.
//!
//! A URL is paused for the certificates of one issuer. Whoever writes certificates chooses the
//! URLs: named in a certificate of somebody else, a URL may fail for what it was never meant for,
//! and goes on serving those of its own CA.
//!
//! URLs come from certificates, hence their number and length are bounded: a URL that is too long
//! is never paused, and of too many the one that failed longest ago is forgotten.

use alloc::boxed::Box;
use alloc::string::String;
use core::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

use crate::lru::Lru;
use crate::time::Time;

/// The first pause, in seconds.
const FIRST: u32 = 1;

/// The longest pause of a URL, in seconds.
const LONGEST: u32 = 300;

/// Most URLs that are remembered.
const MAX_PAUSED: usize = 1024;

/// Longer URLs are not remembered: together with their number this bounds the memory.
const MAX_URL: usize = 2048;

/// A pause that grows: since when, and how many seconds.
#[derive(Clone, Copy, Default)]
pub(super) struct Backoff(Option<(Time, u32)>);

impl Backoff {
    /// Does it last?
    pub(super) fn lasts(&self, at: Time) -> bool {
        let longest = i64::from(LONGEST);
        self.0.is_some_and(|(since, seconds)| {
            since <= at.plus(longest) && at < since.plus(i64::from(seconds))
        })
    }

    /// Something failed (again).
    pub(super) fn grow(&mut self, at: Time, longest: u32) {
        if self.lasts(at) {
            return;
        }
        let longer = |(_, seconds): (_, u32)| seconds.saturating_mul(2).min(longest);
        self.0 = Some((at, self.0.map_or(FIRST, longer)));
    }
}

/// A URL that failed, for an issuer's key.
struct Paused {
    key: Box<[u8]>,
    url: String,
    backoff: Backoff,
}

/// The URLs that failed, by the key of the issuer of what they were asked about.
pub(super) struct Pauses {
    hasher: DefaultHashBuilder,
    urls: Lru<Paused>,
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            hasher: DefaultHashBuilder::default(),
            urls: Lru::new(MAX_PAUSED),
        }
    }
}

impl Pauses {
    pub(super) fn lasts(&self, url: &str, issuer_key: &[u8], at: Time) -> bool {
        let hash = self.hash(url, issuer_key);
        let known = self.urls.peek(hash, |known| is(known, url, issuer_key));
        known.is_some_and(|known| known.backoff.lasts(at))
    }

    pub(super) fn failed(&mut self, url: &str, issuer_key: &[u8], at: Time) {
        if url.len() > MAX_URL {
            return;
        }
        let hash = self.hash(url, issuer_key);
        let is_it = |known: &Paused| is(known, url, issuer_key);
        let mut paused = self.urls.remove(hash, is_it).unwrap_or_else(|| Paused {
            key: issuer_key.into(),
            url: url.into(),
            backoff: Backoff::default(),
        });
        paused.backoff.grow(at, LONGEST);
        self.urls.insert(hash, paused, is_it);
    }

    pub(super) fn answered(&mut self, url: &str, issuer_key: &[u8]) {
        let hash = self.hash(url, issuer_key);
        self.urls.remove(hash, |known| is(known, url, issuer_key));
    }

    fn hash(&self, url: &str, issuer_key: &[u8]) -> u64 {
        self.hasher.hash_one((url, issuer_key))
    }
}

fn is(known: &Paused, url: &str, issuer_key: &[u8]) -> bool {
    known.url == url && *known.key == *issuer_key
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    const KEY: &[u8] = b"the issuer's key";
    const URL: &str = "http://dead.example/crl";

    fn at(seconds: i64) -> Time {
        Time::from_unix(seconds)
    }

    /// For how many seconds from this moment on is the URL paused?
    fn length(pauses: &Pauses, from: i64) -> i64 {
        let lasts = |s: &i64| pauses.lasts(URL, KEY, at(from + s));
        (0..).find(|s| !lasts(s)).unwrap()
    }

    #[test]
    fn a_pause_doubles_up_to_five_minutes() {
        let mut pauses = Pauses::default();
        let mut now = 1_000;
        let mut lengths = alloc::vec::Vec::new();
        for _ in 0..11 {
            pauses.failed(URL, KEY, at(now));
            lengths.push(length(&pauses, now));
            now += lengths[lengths.len() - 1];
        }
        assert_eq!(lengths, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        pauses.answered(URL, KEY);
        assert_eq!(length(&pauses, now), 0);
        // The clock jumped back: it is not paused for years.
        pauses.failed(URL, KEY, at(now));
        assert_eq!(length(&pauses, 0), 0);
    }

    #[test]
    fn urls_are_bounded_in_number_and_length() {
        let mut pauses = Pauses::default();
        let url = |number: usize| format!("http://{number}.example/");
        for number in 0..MAX_PAUSED + 10 {
            pauses.failed(&url(number), KEY, at(0));
        }
        assert_eq!(pauses.urls.len(), MAX_PAUSED);
        assert!(!pauses.lasts(&url(9), KEY, at(0)) && pauses.lasts(&url(10), KEY, at(0)));
        let long = "x".repeat(MAX_URL + 1);
        pauses.failed(&long, KEY, at(0));
        assert!(!pauses.lasts(&long, KEY, at(0)) && pauses.lasts(&url(10), KEY, at(0)));
    }

    /// R12: whoever has a certificate of another CA may name this URL in it.
    #[test]
    fn each_issuer_has_a_pause_of_its_own() {
        let mut pauses = Pauses::default();
        pauses.failed(URL, b"another key", at(0));
        assert!(!pauses.lasts(URL, KEY, at(0)));
        pauses.answered(URL, KEY);
        assert!(pauses.lasts(URL, b"another key", at(0)));
    }

    proptest! {
        #[test]
        fn no_pause_outlasts_the_longest(
            failures in proptest::collection::vec(-10_000..10_000_i64, 1..20),
            from in -10_000..10_000_i64,
        ) {
            let mut pauses = Pauses::default();
            for time in failures {
                pauses.failed(URL, KEY, at(time));
            }
            prop_assert!(length(&pauses, from) <= 2 * i64::from(LONGEST));
        }
    }
}
