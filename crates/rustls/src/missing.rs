//! Evidence of revocation that handshakes lacked.
//!
//! A handshake leaves what the client presented; a task of the caller's validates it once more with
//! a fetcher and drops what comes out, so that the evidence is kept for the next handshake. Noted
//! is only who lacks evidence of revocation, for which a validation asks where a path leads to an
//! anchor, so that nobody gets in with certificates of their own making: missing issuers are not
//! noted, whatever [`fetch_issuers`](portcullis::ValidatorBuilder::fetch_issuers) says.
//! Certificates are judged before the client proves to hold the key, and so these may be public
//! ones of other people's. Room is bounded and shared among issuers: where there is none left, the
//! last of the issuer with the most clients makes way for one of an issuer with fewer, so that
//! public certificates of one CA keep nobody else's clients out. What finds no room is counted, and
//! comes again with the next handshake of its kind.

use std::collections::HashMap;
use std::fmt;
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
    waiting: Mutex<Vec<Presented>>,
    left_out: AtomicU64,
    wake: Option<Box<dyn Fn() + Send + Sync>>,
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

    /// Notes that evidence about this is missing. A leaf that is waiting already is not noted
    /// again. Where there is no room, it takes the place of one whose issuer has more of them.
    pub fn note(&self, presented: &Presented) {
        let mut waiting = self.lock();
        let leaf = presented.leaf();
        if waiting.iter().any(|known| known.leaf() == leaf) {
            return;
        }
        if waiting.len() >= self.capacity {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            let Some(place) = makes_way(&waiting, leaf) else {
                return;
            };
            drop(waiting.remove(place));
        }
        waiting.push(presented.clone());
        drop(waiting);
        if let Some(wake) = &self.wake {
            wake();
        }
    }

    /// Takes all that waits, for a caller that fetches in its own way.
    #[must_use]
    pub fn take(&self) -> Vec<Presented> {
        std::mem::take(&mut *self.lock())
    }

    /// Takes all that waits and fetches what is missing about it into the evidence store of this
    /// validator. Where the fetcher knows the time of day, each client is judged by that instead of
    /// `now`. Returns how many clients that were.
    pub fn fetch(
        &self,
        validator: &Validator,
        now: Time,
        fetcher: &impl RevocationFetcher,
    ) -> usize {
        let waiting = self.take();
        for presented in &waiting {
            // Those before it took their time.
            let now = fetcher.now().unwrap_or(now);
            // A rejection is the next handshake's to report.
            let _ = validator.validate(presented, now, fetcher);
        }
        waiting.len()
    }

    /// As [`fetch`](Self::fetch), with a fetcher that does not block.
    pub async fn fetch_async<F: AsyncRevocationFetcher>(
        &self,
        validator: &Validator,
        now: Time,
        fetcher: &F,
    ) -> usize {
        let waiting = self.take();
        for presented in &waiting {
            let now = fetcher.now().unwrap_or(now);
            let _ = validator.validate_async(presented, now, fetcher).await;
        }
        waiting.len()
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
    fn lock(&self) -> MutexGuard<'_, Vec<Presented>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last of the issuer with the most that wait, if that has two more than the newcomer's.
fn makes_way(waiting: &[Presented], newcomer: &Certificate) -> Option<usize> {
    let mut counts: HashMap<&[u8], (usize, usize)> = HashMap::new();
    for (place, presented) in waiting.iter().enumerate() {
        let issuer = presented.leaf().issuer().as_der();
        let (count, last) = counts.entry(issuer).or_default();
        (*count, *last) = (*count + 1, place);
    }
    let own = counts.get(newcomer.issuer().as_der());
    let own = own.map_or(0, |&(count, _)| count);
    let most = counts.into_values().max()?;
    (most.0 > own + 1).then_some(most.1)
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
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::testing::{client, client_of};

    #[test]
    fn a_leaf_waits_once_and_room_ends() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let missing = MissingEvidence::with_capacity(2).on_note(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        assert!(missing.is_empty());
        for name in ["a", "b", "a", "c", "c"] {
            missing.note(&client(name));
        }
        assert_eq!((missing.len(), missing.left_out()), (2, 2));
        assert_eq!(woken.load(Ordering::Relaxed), 2);
        let taken = missing.take();
        let names = taken.iter().map(|presented| presented.leaf());
        assert!(names.eq([client("a").leaf(), client("b").leaf()]));
        missing.note(&client("c"));
        assert_eq!(missing.len(), 1);
    }

    /// Whoever presents public certificates of one CA keeps nobody of another CA out.
    #[test]
    fn issuers_share_the_room() {
        let missing = MissingEvidence::with_capacity(4);
        let crowd = ["1", "2", "3", "4", "5"].map(|name| client_of("crowded", name));
        crowd.iter().for_each(|presented| missing.note(presented));
        for name in ["a", "b", "c"] {
            missing.note(&client_of("quiet", name));
        }
        missing.note(&crowd[4]);
        let taken = missing.take();
        let leaves = |all: &[Presented]| -> Vec<_> {
            all.iter()
                .map(|presented| presented.leaf().clone())
                .collect()
        };
        let quiet = ["a", "b"].map(|name| client_of("quiet", name));
        let expected = [&crowd[..2], &quiet[..]].concat();
        assert_eq!(leaves(&taken), leaves(&expected));
        assert_eq!(missing.left_out(), 5);
        // No room at all is no room for anybody.
        let none = MissingEvidence::with_capacity(0);
        none.note(&crowd[0]);
        assert_eq!((none.len(), none.left_out()), (0, 1));
    }
}
