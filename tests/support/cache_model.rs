//! A simple model of the cache: a list of verdicts in the order of use, which is searched from its
//! start.
//!
//! Tests draw random operations, and the fuzzer reads them from its bytes. Both check that the
//! caches do what the model does.

use std::sync::Arc;

use portcullis::cache::{
    CacheKey, CacheOptions, CachedVerdict, ConnectionPeer, LeafLookup, LocalCache, VerdictCache,
    VerdictLifetime,
};
use portcullis::revocation::NoFetcher;
use portcullis::{Accepted, Presented, Rejected, Time, Validator};

const NAMESPACES: [&[u8]; 2] = [b"handshake", b"header"];

/// Who comes, and to whom.
pub struct Scene {
    pub validators: Vec<Validator>,
    pub clients: Vec<Presented>,
    /// The first client that has the same leaf and expects the same names.
    leaves: Vec<usize>,
    /// By validator, then by client.
    verdicts: Vec<Vec<Result<Accepted, Rejected>>>,
    start: Time,
}

impl Scene {
    pub fn new(validators: Vec<Validator>, clients: Vec<Presented>, start: Time) -> Self {
        let same =
            |a: &Presented, b: &Presented| a.leaf() == b.leaf() && a.expected() == b.expected();
        let leaf = |client| clients.iter().position(|known| same(known, client));
        let decide = |validator: &Validator| {
            let verdict = |client| validator.validate(client, start, &NoFetcher);
            clients.iter().map(verdict).collect()
        };
        Self {
            leaves: clients.iter().map(|client| leaf(client).unwrap()).collect(),
            verdicts: validators.iter().map(decide).collect(),
            validators,
            clients,
            start,
        }
    }

    pub fn verdict(&self, who: Who) -> &Result<Accepted, Rejected> {
        &self.verdicts[who.validator][who.client]
    }
}

/// Who is asked about, by whom: places in the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    pub namespace: usize,
    pub validator: usize,
    pub client: usize,
}

impl Who {
    /// From any numbers.
    pub fn of(scene: &Scene, numbers: [u8; 3]) -> Self {
        let [namespace, validator, client] = numbers.map(usize::from);
        Self {
            namespace: namespace % NAMESPACES.len(),
            validator: validator % scene.validators.len(),
            client: client % scene.clients.len(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Operation {
    Get,
    Put,
    /// Those whose number leaves no rest.
    Forget(usize),
    ForgetEnded,
    Clear,
}

/// Operation, who, and how far the clock goes before it, which may be back.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub operation: Operation,
    pub who: [u8; 3],
    pub seconds: i8,
}

#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub capacity: usize,
    pub most: u32,
    pub sliding: Option<u32>,
    pub clock_goes_back: bool,
    pub thumbprint: bool,
}

impl Bounds {
    fn options(self) -> CacheOptions {
        let lifetime = VerdictLifetime::seconds(self.most);
        let lifetime = self
            .sliding
            .map_or(lifetime, |seconds| lifetime.sliding(seconds));
        let options = match self.clock_goes_back {
            true => CacheOptions::dotnet().expired_rejections(true),
            false => CacheOptions::default().transient_rejections(true),
        };
        let lookup = match self.thumbprint {
            true => LeafLookup::Thumbprint,
            false => LeafLookup::Bytes,
        };
        options
            .capacity(self.capacity)
            .accepted(lifetime)
            .rejected(lifetime)
            .lookup(lookup)
    }
}

/// One verdict of the list.
#[derive(Clone, Copy, Debug)]
struct Kept {
    who: Who,
    number: usize,
    from: Time,
    until: Time,
    used: Time,
}

/// The naive map. The least recently used stand in front.
#[derive(Default)]
struct Model {
    accepted: Vec<Kept>,
    rejected: Vec<Kept>,
}

impl Model {
    fn current(kept: &Kept, bounds: Bounds, now: Time) -> bool {
        let slides = |seconds: u32| now < kept.used.plus(i64::from(seconds));
        kept.from <= now && now < kept.until && bounds.sliding.is_none_or(slides)
    }

    fn get(&mut self, scene: &Scene, bounds: Bounds, who: Who, now: Time) -> Option<usize> {
        let leaf = scene.leaves[who.client];
        let same_leaf = |known: &Kept| {
            Who {
                client: leaf,
                ..who
            } == known.who
        };
        Self::find(&mut self.accepted, same_leaf, bounds, now)
            .or_else(|| Self::find(&mut self.rejected, |known| known.who == who, bounds, now))
    }

    fn find(
        all: &mut Vec<Kept>,
        is_it: impl Fn(&Kept) -> bool,
        bounds: Bounds,
        now: Time,
    ) -> Option<usize> {
        let mut kept = all.remove(all.iter().position(is_it)?);
        if !Self::current(&kept, bounds, now) {
            return None;
        }
        kept.used = now;
        all.push(kept);
        Some(kept.number)
    }

    fn put(&mut self, scene: &Scene, bounds: Bounds, who: Who, now: Time, number: usize) {
        let (all, capacity, who, term) = match scene.verdict(who) {
            Ok(accepted) => {
                let client = scene.leaves[who.client];
                let term = (accepted.not_before(), accepted.not_after());
                let who = Who { client, ..who };
                (&mut self.accepted, bounds.capacity, who, term)
            }
            Err(_) => {
                let always = (Time::from_unix(i64::MIN), Time::from_unix(i64::MAX));
                let room = bounds.capacity.div_ceil(4);
                (&mut self.rejected, room, who, always)
            }
        };
        if bounds.most == 0 || capacity == 0 {
            return;
        }
        let known = all.iter().position(|known| known.who == who);
        match known {
            Some(place) => drop(all.remove(place)),
            None if all.len() == capacity => drop(all.remove(0)),
            None => {}
        }
        let from = match bounds.clock_goes_back {
            true => term.0,
            false => term.0.max(now),
        };
        all.push(Kept {
            who,
            number,
            from,
            until: term.1.min(now.plus(i64::from(bounds.most))),
            used: now,
        });
    }

    fn retain(&mut self, keep: impl Fn(&Kept) -> bool) {
        self.accepted.retain(&keep);
        self.rejected.retain(&keep);
    }

    fn len(&self) -> usize {
        self.accepted.len() + self.rejected.len()
    }
}

/// Does both caches and the list do the same, step by step? The room must be one that is not
/// divided, or enough for all.
pub fn agree(scene: &Scene, bounds: Bounds, steps: impl IntoIterator<Item = Step>) {
    let mut model = Model::default();
    let mut local = LocalCache::new(bounds.options());
    let shared = Arc::new(VerdictCache::new(bounds.options()));
    let mut now = scene.start;
    for (number, step) in steps.into_iter().enumerate() {
        now = now.plus(i64::from(step.seconds));
        let who = Who::of(scene, step.who);
        let namespace = NAMESPACES[who.namespace];
        let (validator, client) = (&scene.validators[who.validator], &scene.clients[who.client]);
        let key = CacheKey::new(namespace, validator, client);
        match step.operation {
            Operation::Get => {
                let expected = model.get(scene, bounds, who, now);
                // In one way or the other.
                let found = match number % 2 {
                    0 => shared.get(&key, now),
                    _ => ConnectionPeer::new(Arc::clone(&shared), namespace, client.clone())
                        .get(validator, now),
                };
                for found in [found, local.get(&key, now)] {
                    check(scene, who, found.as_deref());
                    assert_eq!(
                        found.map(|found| found.kept),
                        expected,
                        "{number}: {step:?}"
                    );
                }
            }
            Operation::Put => {
                model.put(scene, bounds, who, now, number);
                let verdict = scene.verdict(who);
                shared.put(&key, verdict.clone(), number, now);
                local.put(&key, verdict.clone(), number, now);
            }
            Operation::Forget(divisor) => {
                let is_it = |number: usize| number.is_multiple_of(divisor.max(1));
                model.retain(|kept| !is_it(kept.number));
                shared.forget(|remembered| is_it(remembered.kept));
                local.forget(|remembered| is_it(remembered.kept));
            }
            Operation::ForgetEnded => {
                model.retain(|kept| Model::current(kept, bounds, now));
                shared.forget_ended(now);
                local.forget_ended(now);
            }
            Operation::Clear => {
                model.retain(|_| false);
                shared.clear();
                local.clear();
            }
        }
        assert_eq!(local.len(), model.len(), "{number}: {step:?}");
        assert_eq!(shared.len(), model.len(), "{number}: {step:?}");
    }
}

/// Whatever is served is about this very leaf, and as this validator decided.
fn check(scene: &Scene, who: Who, found: Option<&CachedVerdict<usize>>) {
    let Some(found) = found else { return };
    let leaf = match &found.verdict {
        Ok(accepted) => accepted.leaf(),
        Err(rejected) => rejected.leaf(),
    };
    assert_eq!(leaf, scene.clients[who.client].leaf());
    let leaf = scene.leaves[who.client];
    let same = (0..scene.clients.len()).filter(|client| scene.leaves[*client] == leaf);
    let verdicts = &scene.verdicts[who.validator];
    match &found.verdict {
        Ok(_) => assert!(same.into_iter().any(|client| verdicts[client].is_ok())),
        Err(_) => assert!(verdicts[who.client].is_err()),
    }
}
