//! Evidence of revocation that handshakes lacked.
//!
//! A handshake leaves what the client presented; a task of the caller's validates it once more with
//! a fetcher and drops what comes out, so that the evidence is kept for the next handshake. Noted
//! is only who lacks evidence of revocation, for which a validation asks where a path leads to an
//! anchor, so that nobody gets in with certificates of their own making: missing issuers are not
//! noted, whatever [`fetch_issuers`](portcullis::ValidatorBuilder::fetch_issuers) says.
//! Certificates are judged before the client proves to hold the key, and so these may be public
//! ones of other people's. Room is bounded and shared among the CAs below the anchors, each with
//! all that is below it: a CA may make as many issuers and namesakes as it likes. Where no room is
//! left, the last client of the CA with the most makes way for one of a CA with fewer; and CAs take
//! turns when evidence is fetched. What finds no room is counted, and comes again with the next
//! handshake of its kind. What a round had no time for stays for the next one.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use portcullis::revocation::{AsyncRevocationFetcher, RevocationFetcher};
use portcullis::{Certificate, Presented, Time, Validator};

const DEFAULT_CAPACITY: usize = 64;

/// What clients presented about which evidence is missing; bounded, shared between threads.
///
/// Renew first what runs out, since clients that have been let in depend on it. If you fetch one
/// after the other, as here, bound the time of each answer: a server that does not answer delays
/// all others by that time.
///
/// ```
/// use portcullis::revocation::RevocationFetcher;
/// use portcullis_rustls::{MissingEvidence, SharedValidator};
/// use portcullis::Time;
///
/// /// In a task, as soon as there is something, and every few seconds anyway.
/// fn catch_up(
///     missing: &MissingEvidence,
///     validator: &SharedValidator,
///     http: &impl RevocationFetcher,
///     now: Time,
/// ) {
///     let validator = validator.current();
///     validator.refresh_due(now, 3600, http);
///     missing.fetch(&validator, now, http);
/// }
/// ```
pub struct MissingEvidence {
    capacity: usize,
    waiting: Mutex<Vec<Waiting>>,
    left_out: AtomicU64,
    wake: Option<Box<dyn Fn() + Send + Sync>>,
}

/// A client that lacks evidence, and the key of the CA below the anchor: empty if the anchor issued
/// its certificate.
#[derive(Clone)]
struct Waiting {
    presented: Presented,
    party: Box<[u8]>,
}

impl Default for MissingEvidence {
    /// Room for 64.
    fn default() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }
}

impl MissingEvidence {
    /// With room for so many clients, each of which TLS limits to 64 KiB of certificates. Default:
    /// 64.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            capacity,
            waiting: Mutex::default(),
            left_out: AtomicU64::new(0),
            wake: None,
        }
    }

    /// Calls this whenever something has been noted, in the handshake: it must not block. Default:
    /// nothing is called.
    #[must_use]
    pub fn on_note(mut self, wake: impl Fn() + Send + Sync + 'static) -> Self {
        self.wake = Some(Box::new(wake));
        self
    }

    /// Notes that evidence about this is missing. `below_anchor` is what
    /// [`Request::below_anchor`](portcullis::revocation::Request::below_anchor) says of a request
    /// for it. The same certificates are not noted twice. Where there is no room, they take the
    /// place of one of a CA that has more of them.
    pub fn note(&self, presented: &Presented, below_anchor: Option<&Certificate>) {
        let mut waiting = self.lock();
        if waiting
            .iter()
            .any(|known| is_same(&known.presented, presented))
        {
            return;
        }
        let party = below_anchor.map_or_else(Box::default, |ca| ca.public_key().as_der().into());
        if waiting.len() >= self.capacity {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            let Some(place) = makes_way(&waiting, &party) else {
                return;
            };
            drop(waiting.remove(place));
        }
        let presented = presented.clone();
        waiting.push(Waiting { presented, party });
        drop(waiting);
        if let Some(wake) = &self.wake {
            wake();
        }
    }

    /// Takes all that waits, for a caller that fetches in its own way. CAs take turns in it.
    #[must_use]
    pub fn take(&self) -> Vec<Presented> {
        let all = self.take_turns().into_iter();
        all.map(|waiting| waiting.presented).collect()
    }

    fn take_turns(&self) -> Vec<Waiting> {
        let mut all = mem::take(&mut *self.lock());
        let mut turns: HashMap<Box<[u8]>, usize> = HashMap::new();
        let mut ranked: Vec<(usize, Waiting)> = all
            .drain(..)
            .map(|waiting| {
                let turn = turns.entry(waiting.party.clone()).or_default();
                *turn += 1;
                (*turn, waiting)
            })
            .collect();
        ranked.sort_by_key(|(turn, _)| *turn);
        ranked.into_iter().map(|(_, waiting)| waiting).collect()
    }

    /// What a round had no time for comes before what was noted meanwhile.
    fn put_back(&self, rest: Vec<Waiting>) {
        let mut waiting = self.lock();
        let noted = mem::replace(&mut *waiting, rest);
        for new in noted {
            let is_known = waiting
                .iter()
                .any(|known| is_same(&known.presented, &new.presented));
            if !is_known && waiting.len() < self.capacity {
                waiting.push(new);
            }
        }
    }

    /// Takes all that waits and fetches what is missing about it into the evidence store of this
    /// validator. Where the fetcher knows the time of day, each client is judged by that instead of
    /// `now`, and the fetcher's deadline ends the round: who is left stays for the next one.
    /// Returns how many clients were looked at.
    pub fn fetch(
        &self,
        validator: &Validator,
        now: Time,
        fetcher: &impl RevocationFetcher,
    ) -> usize {
        let mut waiting = VecDeque::from(self.take_turns());
        let mut count = 0;
        while !has_ended(fetcher.now(), fetcher.deadline())
            && let Some(one) = waiting.pop_front()
        {
            // Those before it took their time.
            let now = fetcher.now().unwrap_or(now);
            // A rejection is the next handshake's to report.
            let _ = validator.validate(&one.presented, now, fetcher);
            count += 1;
        }
        self.put_back(waiting.into());
        count
    }

    /// As [`fetch`](Self::fetch), with a fetcher that does not block.
    pub async fn fetch_async<F: AsyncRevocationFetcher>(
        &self,
        validator: &Validator,
        now: Time,
        fetcher: &F,
    ) -> usize {
        let mut waiting = VecDeque::from(self.take_turns());
        let mut count = 0;
        while !has_ended(fetcher.now(), fetcher.deadline())
            && let Some(one) = waiting.pop_front()
        {
            let now = fetcher.now().unwrap_or(now);
            let _ = validator.validate_async(&one.presented, now, fetcher).await;
            count += 1;
        }
        self.put_back(waiting.into());
        count
    }

    /// How many clients wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// True when none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// How many found no room, ever.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    /// What panicked elsewhere left no entry half made.
    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last of the party with the most that wait, if that has two more than the newcomer's.
fn makes_way(waiting: &[Waiting], newcomer: &[u8]) -> Option<usize> {
    let mut counts: HashMap<&[u8], (usize, usize)> = HashMap::new();
    for (place, known) in waiting.iter().enumerate() {
        let (count, last) = counts.entry(&known.party).or_default();
        (*count, *last) = (*count + 1, place);
    }
    let own = counts.get(newcomer).map_or(0, |&(count, _)| count);
    let most = counts.into_values().max()?;
    (most.0 > own + 1).then_some(most.1)
}

/// Somebody else may present a leaf with other certificates beside it, and find another path or
/// none.
fn is_same(a: &Presented, b: &Presented) -> bool {
    a.leaf() == b.leaf() && a.certificates() == b.certificates()
}

fn has_ended(now: Option<Time>, deadline: Option<Time>) -> bool {
    matches!((now, deadline), (Some(now), Some(deadline)) if now >= deadline)
}

impl fmt::Debug for MissingEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MissingEvidence")
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .field("left_out", &self.left_out())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use portcullis::revocation::{FetchFailure, Request};
    use portcullis_testkit::Template;

    use super::*;
    use crate::testing::{client, client_of, leaf};

    #[test]
    fn a_leaf_waits_once_and_room_ends() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let missing = MissingEvidence::with_capacity(2).on_note(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        assert!(missing.is_empty());
        for name in ["a", "b", "a", "c", "c"] {
            missing.note(&client(name), None);
        }
        assert_eq!((missing.len(), missing.left_out()), (2, 2));
        assert_eq!(woken.load(Ordering::Relaxed), 2);
        let taken = missing.take();
        let names = taken.iter().map(|presented| presented.leaf());
        assert!(names.eq([client("a").leaf(), client("b").leaf()]));
        missing.note(&client("c"), None);
        assert_eq!(missing.len(), 1);
    }

    /// R10, R15: whoever presents certificates below one CA keeps nobody of another CA out, however
    /// many issuers there are below it.
    #[test]
    fn cas_below_the_anchor_share_the_room_and_take_turns() {
        let ca = |name: &str| Certificate::from_der(&leaf(Template::client(name))).unwrap();
        let [crowded, quiet] = ["crowded", "quiet"].map(ca);
        let missing = MissingEvidence::with_capacity(4);
        let crowd = ["1", "2", "3", "4", "5"].map(|name| client_of(&format!("ca {name}"), name));
        for presented in &crowd {
            missing.note(presented, Some(&crowded));
        }
        for name in ["a", "b", "c"] {
            missing.note(&client_of("quiet", name), Some(&quiet));
        }
        missing.note(&crowd[4], Some(&crowded));
        let leaves = |all: &[Presented]| -> Vec<_> {
            all.iter()
                .map(|presented| presented.leaf().clone())
                .collect()
        };
        let quiet = ["a", "b"].map(|name| client_of("quiet", name));
        let expected = [&crowd[0], &quiet[0], &crowd[1], &quiet[1]].map(Presented::clone);
        assert_eq!(leaves(&missing.take()), leaves(&expected));
        assert_eq!(missing.left_out(), 5);
        // No room at all is no room for anybody.
        let none = MissingEvidence::with_capacity(0);
        none.note(&crowd[0], None);
        assert_eq!((none.len(), none.left_out()), (0, 1));
    }

    /// A leaf with other certificates beside it is another client.
    #[test]
    fn what_somebody_else_presents_with_a_leaf_does_not_stand_for_it() {
        let missing = MissingEvidence::default();
        let genuine = client("a");
        let other = client("b").leaf().clone();
        let poisoned = Presented::from_parsed([genuine.leaf().clone(), other].map(Ok)).unwrap();
        missing.note(&poisoned, None);
        missing.note(&genuine, None);
        assert_eq!(missing.len(), 2);
    }

    /// A clock that goes on by ten seconds with each question for the time.
    struct Slow(Cell<i64>);

    impl RevocationFetcher for Slow {
        fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
            Err(FetchFailure::Unreachable)
        }

        fn now(&self) -> Option<Time> {
            self.0.set(self.0.get() + 10);
            Some(Time::from_unix(self.0.get()))
        }

        fn deadline(&self) -> Option<Time> {
            Some(Time::from_unix(35))
        }
    }

    #[test]
    fn who_is_left_at_the_deadline_stays() {
        let missing = MissingEvidence::default();
        for name in ["a", "b", "c"] {
            missing.note(&client(name), None);
        }
        let validator = crate::testing::validator("a ca");
        let looked_at = missing.fetch(&validator, Time::from_unix(0), &Slow(Cell::new(0)));
        assert!((1..3).contains(&looked_at));
        assert_eq!(missing.len(), 3 - looked_at);
    }
}
