//! The caches against a simple model, with random operations and times, and with threads.

#[path = "../support/cache_model.rs"]
mod model;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;

use model::{Bounds, Operation, Scene, Step, agree};
use portcullis::cache::{CacheKey, CacheOptions, ConnectionPeer, VerdictCache};
use portcullis::revocation::NoFetcher;
use portcullis::{Accepted, PeerName, Presented, Rejected};
use portcullis_testkit::extensions::alt_names;
use portcullis_testkit::names::dns;
use proptest::prelude::*;

use crate::support::{Template, World, below, now, presented};

/// Clients that are accepted, and rejected for what they send along, whom they are under, or what
/// is expected; two validators that do not agree on all of them.
static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let world = World::new("model");
    let stranger = World::new("model stranger");
    let names = alt_names(&[dns("host.example")]);
    let client = world.ca.issue(Template::client("one").with(names));
    let short = Template::client("short").valid("20251231235900Z", "20260101000130Z");
    let short = world.ca.issue(short);
    let direct = world.root.issue(Template::client("direct"));
    let unknown = stranger.ca.issue(Template::client("unknown"));
    let ca = &world.ca.certificate;
    let whole = presented(&client, &[ca]);
    let name = |text| PeerName::dns(text).unwrap();
    let clients = vec![
        whole.clone(),
        presented(&client, &[]),
        presented(&client, &[&stranger.ca.certificate]),
        whole.clone().expecting(name("host.example")),
        whole.expecting(name("other.example")),
        presented(&short, &[ca]),
        presented(&direct, &[]),
        presented(&direct, &[ca]),
        presented(&unknown, &[&stranger.ca.certificate]),
    ];
    let strict = below(&[&world.root]).max_intermediates(0).build().unwrap();
    Scene::new(vec![world.validator(), strict], clients, now())
});

fn step() -> impl Strategy<Value = Step> {
    let operation = prop_oneof![
        8 => Just(Operation::Get),
        8 => Just(Operation::Put),
        1 => (1usize..5).prop_map(Operation::Forget),
        1 => Just(Operation::ForgetEnded),
        1 => Just(Operation::Clear),
    ];
    let seconds = prop_oneof![6 => Just(0i8), 4 => 0i8..40, 1 => -20i8..0];
    (operation, any::<[u8; 3]>(), seconds).prop_map(|(operation, who, seconds)| Step {
        operation,
        who,
        seconds,
    })
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let capacity = prop_oneof![3 => 0usize..8, 1 => Just(64), 2 => Just(1_000)];
    let most = prop_oneof![1 => Just(0u32), 6 => 1u32..200];
    let sliding = proptest::option::of(1u32..60);
    let capacity = (capacity, most, sliding, any::<bool>(), any::<bool>());
    capacity.prop_map(
        |(capacity, most, sliding, clock_goes_back, thumbprint)| Bounds {
            capacity,
            most,
            sliding,
            clock_goes_back,
            thumbprint,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn both_caches_do_as_a_naive_map(
        bounds in bounds(),
        steps in proptest::collection::vec(step(), 0..120),
    ) {
        agree(&SCENE, bounds, steps);
    }
}

/// Many clients of one CA.
fn crowd(world: &World, count: usize) -> Vec<Presented> {
    let client = |n| {
        let client = world.ca.issue(Template::client(&format!("client {n}")));
        presented(&client, &[&world.ca.certificate])
    };
    (0..count).map(client).collect()
}

/// A cache that is divided holds as many as it says, however the hashes fall, and forgets whom
/// nobody asks for.
#[test]
fn a_divided_cache_keeps_its_room_and_about_its_order() {
    const ROOM: usize = 100;
    let world = World::new("divided");
    let validator = world.validator();
    let cache: VerdictCache<usize> = VerdictCache::new(CacheOptions::default().capacity(ROOM));
    let clients = crowd(&world, 3 * ROOM);
    let known = |client| {
        let key = CacheKey::new(b"", &validator, client);
        cache.get(&key, now()).is_some()
    };
    for (n, client) in clients.iter().enumerate() {
        let keep = |_: &Result<Accepted, Rejected>| n;
        let served = cache.validate(b"", &validator, client, now(), &NoFetcher, keep);
        assert!(served.verdict.is_ok() && served.kept == n);
        assert_eq!(cache.len(), ROOM.min(n + 1));
        // Half of the room belongs to clients who keep coming.
        for regular in &clients[..ROOM / 2] {
            if n >= ROOM / 2 {
                assert!(known(regular));
            }
        }
        // The one who came last is always there.
        assert!(known(client));
    }
    // Of the others the newer half is there, give or take two generations.
    let newest = &clients[3 * ROOM - ROOM / 2 + ROOM / 8..];
    assert!(newest.iter().all(known));
    let oldest = &clients[ROOM / 2..2 * ROOM];
    assert!(!oldest.iter().any(known));
}

/// Threads come and go at random, and at no moment is there more than there is room for.
#[test]
fn threads_keep_to_the_bound() {
    const ROOM: usize = 80;
    let world = World::new("bound");
    let validator = world.validator();
    let cache: Arc<VerdictCache<usize>> =
        Arc::new(VerdictCache::new(CacheOptions::default().capacity(ROOM)));
    let clients = crowd(&world, 200);
    let verdicts: Vec<_> = clients
        .iter()
        .map(|client| validator.validate(client, now(), &NoFetcher).unwrap())
        .collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(cache.len());
                thread::yield_now();
            }
            most
        });
        let threads: Vec<_> = (0..4)
            .map(|thread: usize| {
                let (cache, clients, verdicts, validator) =
                    (&cache, &clients, &verdicts, &validator);
                scope.spawn(move || {
                    for round in 0..2_000 {
                        let n = (round * (7 + thread) + thread * 53) % clients.len();
                        let peer = ConnectionPeer::new(Arc::clone(cache), b"", clients[n].clone());
                        match peer.get(validator, now()) {
                            Some(found) => {
                                assert_eq!(found.kept, n);
                                let accepted = found.verdict.as_ref().unwrap();
                                assert_eq!(accepted.leaf(), clients[n].leaf());
                            }
                            None => {
                                let verdict = Ok(verdicts[n].clone());
                                cache.put(&peer.key(validator), verdict, n, now());
                            }
                        }
                        match round % 500 {
                            250 => cache.forget(|remembered| remembered.kept % 3 == 0),
                            499 if thread == 0 => cache.clear(),
                            _ => {}
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        // One lock after the other is looked behind, so that a few may be seen twice on their way
        // from one to another.
        assert!(watch.join().unwrap() <= ROOM + ROOM / 4);
    });
    assert!(cache.len() <= ROOM);
    // The count is right: there is room for exactly as many.
    for (n, client) in clients.iter().enumerate() {
        let key = CacheKey::new(b"", &validator, client);
        cache.put(&key, Ok(verdicts[n].clone()), n, now());
    }
    assert_eq!(cache.len(), ROOM);
}
