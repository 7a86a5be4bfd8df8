//! When cached verdicts end, and that a verdict never counts for another client.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak, mpsc};
use std::thread;
use std::time::Duration;

use portcullis::cache::{
    CacheKey, CacheOptions, LeafLookup, LocalCache, VerdictCache, VerdictLifetime,
};
use portcullis::revocation::{
    FetchFailure, NoFetcher, Request, RevocationFetcher, RevocationFlag, RevocationMode,
};
use portcullis::{PeerName, Presented, Rule, Time, Validator};
use portcullis_testkit::extensions::{alt_names, distribution_point};
use portcullis_testkit::names::dns;

use crate::support::{Authority, Made, Template, World, below, now, presented, store};

/// A world, a client of it, and what the client presents.
struct Case {
    world: World,
    client: Made,
    presented: Presented,
    validator: Validator,
}

impl Case {
    fn new(label: &str) -> Self {
        let world = World::new(label);
        let client = world.ca.issue(Template::client("client"));
        Self {
            presented: presented(&client, &[&world.ca.certificate]),
            validator: world.validator(),
            client,
            world,
        }
    }

    fn run(&self, cache: &VerdictCache<usize>, presented: &Presented, at: Time) -> (bool, usize) {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let fresh = RUNS.fetch_add(1, Ordering::Relaxed);
        let verdict = cache.validate(b"api", &self.validator, presented, at, &NoFetcher, |_| {
            fresh
        });
        (verdict.verdict.is_ok(), verdict.kept)
    }
}

fn after(seconds: i64) -> Time {
    now().plus(seconds)
}

fn sliding(most: u32, sliding: u32) -> CacheOptions {
    CacheOptions::default().accepted(VerdictLifetime::seconds(most).sliding(sliding))
}

#[test]
fn a_known_client_is_not_validated_again() {
    let case = Case::new("known");
    let cache = VerdictCache::new(CacheOptions::default());
    let first = case.run(&cache, &case.presented, now());
    assert!(first.0);
    assert_eq!(case.run(&cache, &case.presented, after(299)), first);
    assert_eq!(cache.len(), 1);
    // The certificates that come along make no difference to a leaf that was accepted.
    assert_eq!(
        case.run(&cache, &presented(&case.client, &[]), after(1)),
        first
    );
}

#[test]
fn a_leaf_in_der_finds_what_was_accepted() {
    let case = Case::new("leaf in der");
    let cache = VerdictCache::new(CacheOptions::default());
    let key = CacheKey::of_leaf(b"api", &case.validator, &case.client.der);
    assert!(cache.get(&key, now()).is_none());
    let first = case.run(&cache, &case.presented, now());
    let found = cache.get(&key, now()).unwrap();
    assert_eq!(found.kept, first.1);
    assert_eq!(
        found.verdict.as_ref().unwrap().leaf().as_der(),
        case.client.der
    );
    let other = CacheKey::of_leaf(b"api", &case.validator, &case.world.ca.certificate.der);
    assert!(cache.get(&other, now()).is_none());
}

#[test]
fn a_verdict_ends_after_its_time_and_its_last_use() {
    let case = Case::new("ends");
    let cache = VerdictCache::new(sliding(100, 40));
    let first = case.run(&cache, &case.presented, now());
    for seconds in [39, 78, 99] {
        assert_eq!(case.run(&cache, &case.presented, after(seconds)), first);
    }
    let second = case.run(&cache, &case.presented, after(100));
    assert_ne!(second, first);
    assert_eq!(case.run(&cache, &case.presented, after(139)), second);
    assert_ne!(case.run(&cache, &case.presented, after(179)), second);
}

#[test]
fn a_verdict_ends_with_a_certificate_of_its_path() {
    let world = World::new("ends with a certificate");
    let template = Template::client("client").valid("20250101000000Z", "20260101000010Z");
    let client = world.ca.issue(template);
    let case = Case {
        presented: presented(&client, &[&world.ca.certificate]),
        validator: world.validator(),
        client,
        world,
    };
    let cache = VerdictCache::new(CacheOptions::default());
    let first = case.run(&cache, &case.presented, now());
    assert_eq!(case.run(&cache, &case.presented, after(9)), first);
    assert!(!case.run(&cache, &case.presented, after(11)).0);
    // Nor does it hold before its path did, should the clock go back.
    let years = 10 * 365 * 24 * 60 * 60;
    assert!(!case.run(&cache, &case.presented, after(-years)).0);
}

#[test]
fn options_anchors_namespaces_and_names_are_kept_apart() {
    let case = Case::new("kept apart");
    let other = World::new("other anchors");
    let cache: VerdictCache<()> = VerdictCache::new(CacheOptions::default());
    let ask = |namespace: &[u8], validator: &Validator, presented: &Presented| {
        let key = CacheKey::new(namespace, validator, presented);
        let known = cache.get(&key, now()).is_some();
        let run = cache.validate(namespace, validator, presented, now(), &NoFetcher, |_| ());
        (known, run.verdict.is_ok())
    };
    assert_eq!(ask(b"a", &case.validator, &case.presented), (false, true));
    assert_eq!(ask(b"a", &case.validator, &case.presented), (true, true));
    assert_eq!(ask(b"b", &case.validator, &case.presented), (false, true));
    let stranger = case.validator.with_store(store(&[&other.root]));
    assert_eq!(ask(b"a", &stranger, &case.presented), (false, false));
    let strict = below(&[&case.world.root]).max_intermediates(0);
    let strict = strict.build().unwrap();
    assert_eq!(ask(b"a", &strict, &case.presented), (false, false));
    let named = case.presented.clone();
    let named = named.expecting(PeerName::dns("host.example").unwrap());
    assert_eq!(ask(b"a", &case.validator, &named), (false, false));
    // The same options made again are the same.
    assert_eq!(
        ask(b"a", &case.world.validator(), &case.presented),
        (true, true)
    );
}

#[test]
fn names_that_were_expected_are_part_of_a_verdict() {
    let world = World::new("expected names");
    let template = Template::client("client").with(alt_names(&[dns("host.example")]));
    let client = world.ca.issue(template);
    let bare = presented(&client, &[&world.ca.certificate]);
    let right = bare
        .clone()
        .expecting(PeerName::dns("host.example").unwrap());
    let wrong = bare
        .clone()
        .expecting(PeerName::dns("evil.example").unwrap());
    let validator = world.validator();
    let cache: VerdictCache<()> = VerdictCache::new(CacheOptions::default());
    let ask = |presented: &Presented| {
        let run = cache.validate(b"", &validator, presented, now(), &NoFetcher, |_| ());
        run.verdict.is_ok()
    };
    assert!(ask(&right) && ask(&bare) && !ask(&wrong));
    assert!(ask(&right) && ask(&bare) && !ask(&wrong));
}

/// Junk first, nothing first: whoever comes first decides about nobody but those who present the
/// very same.
#[test]
fn a_rejection_is_for_the_very_same_certificates() {
    let case = Case::new("poisoned");
    let junk = World::new("junk");
    let cache = VerdictCache::new(CacheOptions::default().transient_rejections(true));
    let alone = presented(&case.client, &[]);
    let with_junk = presented(&case.client, &[&junk.ca.certificate]);
    let first = case.run(&cache, &alone, now());
    assert!(!first.0);
    assert_eq!(case.run(&cache, &alone, after(9)), first);
    let second = case.run(&cache, &with_junk, after(1));
    assert!(!second.0 && second != first);
    let good = case.run(&cache, &case.presented, after(1));
    assert!(good.0);
    // Who comes with less is served what was found out about the leaf.
    assert_eq!(case.run(&cache, &alone, after(2)), good);
    assert_ne!(case.run(&cache, &with_junk, after(20)), second);
}

/// Counts what it is asked, and has nothing.
#[derive(Default)]
struct Dead(AtomicUsize);

impl RevocationFetcher for Dead {
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(FetchFailure::Unreachable)
    }
}

#[test]
fn what_a_later_fetch_could_change_is_not_remembered() {
    let case = Case::new("dead url");
    let online = below(&[&case.world.root])
        .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
        .build()
        .unwrap();
    let cache: VerdictCache<()> = VerdictCache::new(CacheOptions::default());
    let source = distribution_point("http://crl.example.test/list");
    let template = Template::client("client").with(source);
    let client = case.world.ca.issue(template);
    let presented = presented(&client, &[&case.world.ca.certificate]);
    let dead = Dead::default();
    let run = cache.validate(b"", &online, &presented, now(), &dead, |_| ());
    let error = run.verdict.as_ref().unwrap_err().error().rule;
    assert!(matches!(error, Rule::RevocationUnknown(_)), "{error}");
    assert!(cache.is_empty());
    // .NET keeps it, and while the client keeps coming it stays rejected.
    let dotnet: VerdictCache<()> = VerdictCache::new(CacheOptions::dotnet());
    dotnet.validate(b"", &online, &presented, now(), &dead, |_| ());
    assert_eq!(dotnet.len(), 1);
}

#[test]
fn a_leaf_that_is_not_valid_yet_is_looked_at_when_it_is() {
    let world = World::new("not yet");
    let template = Template::client("client").valid("20260101000005Z", "20270101000000Z");
    let client = world.ca.issue(template);
    let case = Case {
        presented: presented(&client, &[&world.ca.certificate]),
        validator: world.validator(),
        client,
        world,
    };
    let cache = VerdictCache::new(CacheOptions::default());
    let first = case.run(&cache, &case.presented, now());
    assert!(!first.0);
    assert_eq!(case.run(&cache, &case.presented, after(4)), first);
    assert!(case.run(&cache, &case.presented, after(5)).0);
}

#[test]
fn the_least_recently_used_goes() {
    let case = Case::new("capacity");
    let clients: Vec<Presented> = (0..4)
        .map(|n| {
            let client = case
                .world
                .ca
                .issue(Template::client(&format!("client {n}")));
            presented(&client, &[&case.world.ca.certificate])
        })
        .collect();
    let cache = VerdictCache::new(CacheOptions::default().capacity(3));
    let first: Vec<_> = clients[..3]
        .iter()
        .map(|client| case.run(&cache, client, now()))
        .collect();
    assert_eq!(case.run(&cache, &clients[0], now()), first[0]);
    case.run(&cache, &clients[3], now());
    assert_eq!(cache.len(), 3);
    assert_eq!(case.run(&cache, &clients[0], now()), first[0]);
    assert_eq!(case.run(&cache, &clients[2], now()), first[2]);
    assert_ne!(case.run(&cache, &clients[1], now()), first[1]);
}

#[test]
fn verdicts_are_forgotten_on_request() {
    let case = Case::new("forgotten");
    let cache = VerdictCache::new(CacheOptions::default());
    let first = case.run(&cache, &case.presented, now());
    cache.forget(|remembered| remembered.kept != first.1);
    assert_eq!(case.run(&cache, &case.presented, now()), first);
    cache.forget_ended(after(299));
    assert_eq!(cache.len(), 1);
    cache.forget_ended(after(300));
    assert!(cache.is_empty());
    case.run(&cache, &case.presented, now());
    cache.forget(|remembered| remembered.verdict.is_ok());
    assert!(cache.is_empty());
    case.run(&cache, &case.presented, now());
    cache.clear();
    assert!(cache.is_empty());
}

#[test]
fn a_cache_of_no_room_or_no_time_remembers_nothing() {
    let case = Case::new("no room");
    for options in [
        CacheOptions::default().capacity(0),
        CacheOptions::default().accepted(VerdictLifetime::seconds(0)),
    ] {
        let cache = VerdictCache::new(options);
        let first = case.run(&cache, &case.presented, now());
        assert_ne!(case.run(&cache, &case.presented, now()), first);
        assert!(cache.is_empty());
    }
}

/// The two ways to find a verdict find the same, for one owner and between threads.
#[test]
fn by_thumbprint_as_by_bytes() {
    let case = Case::new("thumbprint");
    for lookup in [LeafLookup::Bytes, LeafLookup::Thumbprint] {
        let options = CacheOptions::default().lookup(lookup);
        let mut local: LocalCache<u8> = LocalCache::new(options);
        let key = CacheKey::new(b"", &case.validator, &case.presented);
        assert!(local.get(&key, now()).is_none());
        let verdict = case.validator.validate(&case.presented, now(), &NoFetcher);
        let put = local.put(&key, verdict, 7, now());
        let found = local.get(&key, now()).unwrap();
        assert!(Arc::ptr_eq(&put, &found));
        assert_eq!((found.kept, local.len()), (7, 1));
        local.forget_ended(after(1_000));
        assert!(local.is_empty());
    }
}

/// Threads hit, miss, put and forget the same few verdicts; each gets the one that is its own.
#[test]
fn threads_do_not_get_each_others_verdicts() {
    let case = Case::new("threads");
    let clients: Vec<Presented> = (0..24)
        .map(|n| {
            let issuer = if n % 3 == 0 {
                &case.world.root
            } else {
                &case.world.ca
            };
            let client = issuer.issue(Template::client(&format!("client {n}")));
            let company = if n % 2 == 0 {
                vec![&case.world.ca.certificate]
            } else {
                vec![]
            };
            presented(&client, &company)
        })
        .collect();
    let expected: Vec<bool> = clients
        .iter()
        .map(|client| case.validator.validate(client, now(), &NoFetcher).is_ok())
        .collect();
    assert!(expected.contains(&true) && expected.contains(&false));
    let cache: VerdictCache<usize> = VerdictCache::new(CacheOptions::default().capacity(16));
    thread::scope(|scope| {
        for start in 0..4 {
            let (cache, clients, expected, case) = (&cache, &clients, &expected, &case);
            scope.spawn(move || {
                for round in 0..150 {
                    let n = (start * 7 + round * 5) % clients.len();
                    let keep = |_: &Result<_, _>| n;
                    let validator = &case.validator;
                    let run = cache.validate(b"", validator, &clients[n], now(), &NoFetcher, keep);
                    assert_eq!(run.verdict.is_ok(), expected[n]);
                    assert_eq!(run.kept, n);
                    if round % 40 == 0 {
                        cache.forget(|remembered| remembered.kept == n);
                    }
                }
            });
        }
    });
    assert!(cache.len() <= 16);
}

/// What is kept asks its cache when it is dropped.
struct Asks(Weak<VerdictCache<Self>>);

impl Drop for Asks {
    fn drop(&mut self) {
        if let Some(cache) = self.0.upgrade() {
            assert!(cache.len() <= 3);
        }
    }
}

/// Who forgets may panic, and what is kept may do as it likes when it goes: no room is lost, and no
/// lock is held.
#[test]
fn a_panic_while_forgetting_costs_no_room() {
    let case = Case::new("panic");
    let clients: Vec<Presented> = (0..3)
        .map(|n| {
            case.world
                .ca
                .issue(Template::client(&format!("client {n}")))
        })
        .map(|client| presented(&client, &[&case.world.ca.certificate]))
        .collect();
    let (done, is_done) = mpsc::channel();
    let validator = case.validator.clone();
    thread::spawn(move || {
        let cache = Arc::new(VerdictCache::new(CacheOptions::default().capacity(3)));
        let keep = |_: &Result<_, _>| Asks(Arc::downgrade(&cache));
        let fill = || {
            for client in &clients {
                let _ = cache.validate(b"", &validator, client, now(), &NoFetcher, keep);
            }
        };
        fill();
        assert_eq!(cache.len(), 3);
        let asked = AtomicUsize::new(0);
        let panics = || {
            cache.forget(|_| match asked.fetch_add(1, Ordering::Relaxed) {
                2 => panic!("on purpose"),
                _ => true,
            });
        };
        assert!(panic::catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(cache.len(), 1);
        // There is room for those two as before.
        fill();
        assert_eq!(cache.len(), 3);
        cache.forget(|_| true);
        assert!(cache.is_empty());
        fill();
        cache.clear();
        done.send(()).unwrap();
    });
    let waited = is_done.recv_timeout(Duration::from_secs(30));
    waited.expect("it waits for its own lock, or panicked");
}

/// R20: so it is of clients that are trusted, below a CA that does what it likes.
#[test]
fn large_paths_are_not_kept() {
    let world = World::new("large paths");
    let validator = world.validator();
    for (octets, kept) in [(20_000, 1), (40_000, 0)] {
        let padding = portcullis_testkit::extensions::Extension::new(
            "1.2.3.4",
            portcullis_testkit::der::tlv(4, &vec![5; octets]),
        );
        let leaf = world.ca.issue(Template::client("client").with(padding));
        let presented = presented(&leaf, &[&world.ca.certificate]);
        let cache: VerdictCache<()> = VerdictCache::new(CacheOptions::default());
        let cached = cache.validate(b"api", &validator, &presented, now(), &NoFetcher, |_| ());
        assert!(cached.verdict.is_ok());
        assert_eq!(cache.len(), kept, "{octets}");
    }
}

/// R20: anybody can bring certificates that are large and not trusted. Their number is bounded, and
/// so is what each may take.
#[test]
fn large_rejections_are_not_kept() {
    let world = World::new("rejections");
    let stranger = Authority::root("a stranger");
    let validator = world.validator();
    for (octets, kept) in [(1_000, 1), (20_000, 0)] {
        let padding = portcullis_testkit::extensions::Extension::new(
            "1.2.3.4",
            portcullis_testkit::der::tlv(4, &vec![5; octets]),
        );
        let leaf = stranger.issue(Template::client("client").with(padding));
        let presented = presented(&leaf, &[&stranger.certificate]);
        let cache: VerdictCache<()> = VerdictCache::new(CacheOptions::default());
        let cached = cache.validate(b"api", &validator, &presented, now(), &NoFetcher, |_| ());
        assert!(cached.verdict.is_err());
        assert_eq!(cache.len(), kept, "{octets}");
    }
}
