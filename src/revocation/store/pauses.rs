//! How long not to ask again: a pause that doubles with each failure, from 1 second to 5 minutes of
//! the caller's clock.
//!
//! Failures while a pause lasts belong to the one that started it, so that many validations which
//! met one dead server count as one. The clock may jump: a pause that began in the future begins
//! now, and so none lasts longer than 5 minutes from any moment at which somebody asks.
//!
//! A URL is paused for the certificates of one issuer. Whoever writes certificates chooses the
//! URLs: named in a certificate of somebody else, a URL may fail for what it was never meant for,
//! and goes on serving those of its own CA.
//!
//! URLs come from certificates, hence their number and length are bounded: a URL that is too long
//! is never paused, and of too many the one that failed longest ago is forgotten.

use alloc::boxed::Box;
use alloc::string::String;

use hashbrown::HashMap;

use crate::time::Time;

/// The first pause, in seconds.
const FIRST: u32 = 1;

/// The longest pause, in seconds.
const LONGEST: u32 = 300;

/// Most URLs that are remembered.
pub(super) const MAX_PAUSED: usize = 1024;

/// Longer URLs are not remembered: together with their number this bounds the memory.
const MAX_URL: usize = 2048;

/// A pause that grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backoff(Option<Pause>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pause {
    since: Time,
    seconds: u32,
}

impl Backoff {
    /// Does it last?
    pub(super) fn lasts(&mut self, at: Time) -> bool {
        let Some(pause) = &mut self.0 else {
            return false;
        };
        pause.since = pause.since.min(at);
        at < pause.since.plus(i64::from(pause.seconds))
    }

    /// Something failed (again).
    pub(super) fn grow(&mut self, at: Time) {
        if self.lasts(at) {
            return;
        }
        let seconds = match self.0 {
            None => FIRST,
            Some(pause) => pause.seconds.saturating_mul(2).min(LONGEST),
        };
        self.0 = Some(Pause { since: at, seconds });
    }

    fn since(&self) -> Option<Time> {
        self.0.map(|pause| pause.since)
    }
}

/// The URLs that failed, by the key of the issuer of what they were asked about.
#[derive(Debug)]
pub(super) struct Pauses {
    urls: HashMap<(Box<[u8]>, String), Backoff>,
    pub(super) enabled: bool,
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            urls: HashMap::default(),
            enabled: true,
        }
    }
}

impl Pauses {
    pub(super) fn lasts(&mut self, url: &str, issuer_key: &[u8], at: Time) -> bool {
        let known = self.urls.get_mut(&key(url, issuer_key));
        known.is_some_and(|backoff| backoff.lasts(at))
    }

    pub(super) fn failed(&mut self, url: &str, issuer_key: &[u8], at: Time) {
        if !self.enabled || url.len() > MAX_URL {
            return;
        }
        let key = key(url, issuer_key);
        if let Some(known) = self.urls.get_mut(&key) {
            return known.grow(at);
        }
        if self.urls.len() >= MAX_PAUSED {
            self.forget_oldest();
        }
        let mut backoff = Backoff::default();
        backoff.grow(at);
        self.urls.insert(key, backoff);
    }

    pub(super) fn answered(&mut self, url: &str, issuer_key: &[u8]) {
        self.urls.remove(&key(url, issuer_key));
    }

    pub(super) fn clear(&mut self) {
        self.urls.clear();
    }

    fn forget_oldest(&mut self) {
        let oldest = self.urls.iter().min_by_key(|(_, backoff)| backoff.since());
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.urls.remove(&key);
        }
    }
}

/// What a URL is paused under.
fn key(url: &str, issuer_key: &[u8]) -> (Box<[u8]>, String) {
    (issuer_key.into(), url.into())
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
    fn length(pauses: &mut Pauses, from: i64) -> i64 {
        (0..)
            .find(|s| !pauses.lasts(URL, KEY, at(from + s)))
            .unwrap()
    }

    #[test]
    fn a_pause_doubles_up_to_five_minutes() {
        let mut pauses = Pauses::default();
        let mut now = 1_000;
        let mut lengths = alloc::vec::Vec::new();
        for _ in 0..11 {
            pauses.failed(URL, KEY, at(now));
            let length = length(&mut pauses, now);
            lengths.push(length);
            now += length;
        }
        assert_eq!(lengths, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    #[test]
    fn failures_at_the_same_time_are_one() {
        let mut pauses = Pauses::default();
        for _ in 0..100 {
            pauses.failed(URL, KEY, at(5));
        }
        assert_eq!(length(&mut pauses, 5), 1);
    }

    #[test]
    fn an_answer_ends_it_all() {
        let mut pauses = Pauses::default();
        for now in [0, 10, 20] {
            pauses.failed(URL, KEY, at(now));
        }
        assert_eq!(length(&mut pauses, 20), 4);
        pauses.answered(URL, KEY);
        assert!(!pauses.lasts(URL, KEY, at(20)));
        pauses.failed(URL, KEY, at(21));
        assert_eq!(length(&mut pauses, 21), 1);
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_pause_for_years() {
        let mut pauses = Pauses::default();
        for _ in 0..12 {
            pauses.failed(URL, KEY, at(2_000_000_000));
            pauses.failed(URL, KEY, at(2_000_001_000));
            pauses.failed(URL, KEY, at(2_000_002_000));
        }
        assert!(pauses.lasts(URL, KEY, at(1_000)));
        assert!(!pauses.lasts(URL, KEY, at(1_000 + i64::from(LONGEST))));
        assert!(!pauses.lasts(URL, KEY, at(2_000_002_000)));
        pauses.failed(URL, KEY, at(i64::MAX));
        assert!(
            !pauses.lasts(URL, KEY, at(i64::MAX)),
            "the clock has no later moment"
        );
    }

    #[test]
    fn urls_are_bounded_in_number_and_length() {
        let mut pauses = Pauses::default();
        let url = |number: usize| format!("http://{number}.example/");
        for number in 0..MAX_PAUSED + 10 {
            pauses.failed(&url(number), KEY, at(number as i64));
        }
        assert_eq!(pauses.urls.len(), MAX_PAUSED);
        assert!(!pauses.urls.contains_key(&key(&url(9), KEY)));
        assert!(pauses.urls.contains_key(&key(&url(10), KEY)));
        pauses.failed(&"x".repeat(MAX_URL + 1), KEY, at(0));
        assert!(pauses.urls.contains_key(&key(&url(10), KEY)));
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

    #[test]
    fn switched_off_it_never_lasts() {
        let mut pauses = Pauses {
            enabled: false,
            ..Pauses::default()
        };
        pauses.failed(URL, KEY, at(0));
        assert!(!pauses.lasts(URL, KEY, at(0)));
    }

    proptest! {
        #[test]
        fn no_pause_outlasts_five_minutes_of_any_clock(
            moments in proptest::collection::vec(any::<i64>(), 1..20),
            from in -1_000_000_000_000_i64..1_000_000_000_000,
        ) {
            let mut pauses = Pauses::default();
            for moment in moments {
                pauses.failed(URL, KEY, at(moment));
            }
            pauses.lasts(URL, KEY, at(from));
            prop_assert!(!pauses.lasts(URL, KEY, at(from + i64::from(LONGEST))));
        }
    }
}
