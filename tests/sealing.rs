//! Verdicts as bytes, and stores that servers share: what is read back is what was written, and nobody else's store lets
//! anyone in.

#![cfg(feature = "std")]

mod support;

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use portcullis::cache::{
    AsyncSharedStore, CacheKey, CacheOptions, FleetCache, KnownPeer, Lifetime, OpenError,
    SealError, Sealed, Sealing, SealingKey, Served, SharedStore, Source, Trouble, VerdictCache,
};
use portcullis::revocation::{
    Answer, AsyncRevocationFetcher, FetchFailure, NoFetcher, Request, RevocationFetcher,
    RevocationFlag, RevocationMode, RevocationPolicy, RevocationStatus,
};
use portcullis::{
    Accepted, CertificateTypes, PeerName, Pin, Presented, Time, UnknownStatus, Validator,
    VerificationFlags,
};
use support::evidence::{List, Point, points};
use support::pki::extensions::alt_names;
use support::pki::names::dns;
use support::{Authority, Template, World, below, now, parsed, presented, with_store};

fn sealing(secret: u8) -> Sealing {
    Sealing::new(key(secret))
}

fn key(secret: u8) -> SealingKey {
    SealingKey::new(&[secret; 32]).unwrap()
}

fn after(seconds: i64) -> Time {
    now().plus(seconds)
}

/// All that the accessors of a verdict show.
fn shown(accepted: &Accepted) -> String {
    let certificates: Vec<_> = accepted.certificates().map(|one| one.as_der()).collect();
    format!(
        "{certificates:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        accepted.leaf().as_der(),
        accepted.anchor().map(|anchor| anchor.spki_der()),
        accepted.not_before(),
        accepted.not_after(),
        accepted.policies(),
        accepted.forgiven(),
        accepted.chain(),
    )
}

/// Seals, opens, and sees that nothing was lost.
#[track_caller]
fn survives(validator: &Validator, presented: &Presented, accepted: &Accepted) -> Accepted {
    let key = CacheKey::new(b"api", validator, presented);
    let options = CacheOptions::default();
    // A forgiven period has ended before now.
    let made = now().min(accepted.not_after().plus(-1));
    let sealed = sealing(1).seal(&key, accepted, made, &options).unwrap();
    let opened = sealing(1).open(&key, &sealed.bytes, made).unwrap();
    assert_eq!(shown(&opened.accepted), shown(accepted));
    assert_eq!(opened.made, made);
    opened.accepted
}

#[test]
fn a_verdict_is_the_same_when_it_is_read_back() {
    let world = World::new("same");
    let client = world.ca.issue(Template::client("client"));
    let plain = presented(&client, &[&world.ca.certificate]);
    let validator = world.validator();
    let accepted = validator.validate(&plain, now(), &NoFetcher).unwrap();
    let again = survives(&validator, &plain, &accepted);
    assert_eq!(again.certificates().count(), 2);

    // A period that has ended, forgiven; a wrong usage.
    let flags = VerificationFlags::IGNORE_NOT_TIME_VALID | VerificationFlags::IGNORE_WRONG_USAGE;
    let lenient = below(&[&world.root]).verification_flags(flags);
    let lenient = lenient.build().unwrap();
    let old = Template::client("old").valid("20240101000000Z", "20250101000000Z");
    let old = presented(&world.ca.issue(old), &[&world.ca.certificate]);
    let accepted = lenient.validate(&old, now(), &NoFetcher).unwrap();
    assert_eq!(accepted.forgiven().len(), 1);
    let again = survives(&lenient, &old, &accepted);
    assert_eq!(again.forgiven(), accepted.forgiven());

    // A pinned self-signed certificate, which has no anchor.
    let own = Authority::self_signed(Template::client("own"));
    let pinned = with_store(support::store(&[]))
        .certificate_types(CertificateTypes::SelfSigned)
        .pins([Pin::certificate(&parsed(&own.certificate))])
        .build()
        .unwrap();
    let own = presented(&own.certificate, &[]);
    let accepted = pinned.validate(&own, now(), &NoFetcher).unwrap();
    let again = survives(&pinned, &own, &accepted);
    assert!(again.anchor().is_none() && !again.forgiven().is_empty());
}

/// Sends a list for every URL.
struct Sends(Vec<u8>);

impl RevocationFetcher for Sends {
    fn fetch(&self, _: &Request) -> Answer {
        Answer::from_url(0, self.0.clone())
    }
}

#[test]
fn what_revocation_came_to_is_read_back() {
    let world = World::new("evidence");
    let source = points(&[Point::url("http://crl.example.test/list")]);
    let client = world.ca.issue(Template::client("client").with(source));
    let presented = presented(&client, &[&world.ca.certificate]);
    let online = below(&[&world.root])
        .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
        .build()
        .unwrap();
    let list = Sends(List::by(&world.ca).der());
    let accepted = online.validate(&presented, now(), &list).unwrap();
    let again = survives(&online, &presented, &accepted);
    let status = again.chain()[0].revocation;
    assert!(matches!(status, Some(RevocationStatus::Good(_))));

    let policy = RevocationPolicy::default().accept_unknown(UnknownStatus::NotFetched);
    let lenient = below(&[&world.root])
        .revocation_policy(policy)
        .revocation(RevocationMode::Offline, RevocationFlag::EndCertificateOnly)
        .build()
        .unwrap();
    let accepted = lenient.validate(&presented, now(), &NoFetcher).unwrap();
    let again = survives(&lenient, &presented, &accepted);
    assert_eq!(again.forgiven().len(), 1);

    // A verdict of another validator is not sealed under this one's name.
    let key = CacheKey::new(b"api", &online, &presented);
    let sealed = sealing(1).seal(&key, &accepted, now(), &CacheOptions::default());
    assert_eq!(sealed.err(), Some(SealError::OtherKey));
}

struct Case {
    world: World,
    validator: Validator,
    presented: Presented,
}

impl Case {
    fn new(label: &str) -> Self {
        let world = World::new(label);
        let client = world.ca.issue(Template::client("client"));
        Self {
            presented: presented(&client, &[&world.ca.certificate]),
            validator: world.validator(),
            world,
        }
    }

    fn key(&self) -> CacheKey<'_> {
        CacheKey::new(b"api", &self.validator, &self.presented)
    }

    fn sealed(&self, sealing: &Sealing) -> Sealed {
        let accepted = self.validator.validate(&self.presented, now(), &NoFetcher);
        let options = CacheOptions::default();
        let sealed = sealing.seal(&self.key(), &accepted.unwrap(), now(), &options);
        sealed.unwrap()
    }
}

/// Whatever octet is changed, cut off or added.
#[test]
fn a_changed_verdict_is_refused() {
    let case = Case::new("changed");
    let sealed = case.sealed(&sealing(1));
    let open = |bytes: &[u8]| sealing(1).open(&case.key(), bytes, now()).map(|_| ());
    assert_eq!(open(&sealed.bytes), Ok(()));
    for place in 0..sealed.bytes.len() {
        for change in [1, 0x80] {
            let mut changed = sealed.bytes.clone();
            changed[place] ^= change;
            let expected = match place {
                0 => OpenError::Version(changed[0]),
                _ => OpenError::Seal,
            };
            assert_eq!(open(&changed), Err(expected), "{place}");
        }
        let why = open(&sealed.bytes[..place]).unwrap_err();
        assert!(matches!(why, OpenError::Length | OpenError::Seal), "{why}");
    }
    let longer = [&sealed.bytes[..], &[0]].concat();
    assert_eq!(open(&longer), Err(OpenError::Seal));
    assert_eq!(open(&vec![1; 1 << 20]), Err(OpenError::Length));
}

#[test]
fn a_verdict_is_bound_to_all_that_it_was_given_for() {
    let case = Case::new("bound");
    let sealed = case.sealed(&sealing(1));
    let other_leaf = Case::new("bound, another leaf");
    let strict = below(&[&case.world.root]).max_intermediates(3);
    let strict = strict.build().unwrap();
    let anchors = case
        .validator
        .with_store(support::store(&[&case.world.root, &other_leaf.world.root]));
    let named = case.presented.clone();
    let named = named.expecting(PeerName::dns("host.example").unwrap());
    let neighbour = case.world.ca.issue(Template::client("neighbour"));
    let neighbour = presented(&neighbour, &[&case.world.ca.certificate]);
    let others = [
        CacheKey::new(b"ap", &case.validator, &case.presented),
        CacheKey::new(b"api", &strict, &case.presented),
        CacheKey::new(b"api", &anchors, &case.presented),
        CacheKey::new(b"api", &case.validator, &named),
        CacheKey::new(b"api", &case.validator, &neighbour),
    ];
    let own: Vec<_> = sealing(1).names(&case.key()).collect();
    assert_eq!(own, [sealed.name]);
    for other in others {
        let opened = sealing(1).open(&other, &sealed.bytes, now());
        assert_eq!(opened.err(), Some(OpenError::Seal), "{other:?}");
        assert_ne!(sealing(1).names(&other).next(), Some(sealed.name));
    }
    // Another secret neither opens nor finds it.
    let opened = sealing(2).open(&case.key(), &sealed.bytes, now());
    assert_eq!(opened.err(), Some(OpenError::Seal));
    assert_ne!(sealing(2).names(&case.key()).next(), Some(sealed.name));
    // The leaf in DER is the same client, whoever sends what along.
    let leaf = case.presented.leaf().as_der();
    let bare = CacheKey::of_leaf(b"api", &case.validator, leaf);
    assert!(sealing(1).open(&bare, &sealed.bytes, now()).is_ok());
}

/// Names are read apart: two are not one that looks like both.
#[test]
fn expected_names_are_bound_each_by_itself() {
    let world = World::new("names apart");
    let names = alt_names(&[dns("a.example"), dns("b.example")]);
    let client = world.ca.issue(Template::client("client").with(names));
    let validator = world.validator();
    let bare = presented(&client, &[&world.ca.certificate]);
    let name = |text| PeerName::dns(text).unwrap();
    let both = bare
        .clone()
        .expecting(name("a.example"))
        .expecting(name("b.example"));
    let one = bare.clone().expecting(name("a.example"));
    let seen: Vec<_> = [&bare, &one, &both]
        .map(|presented| sealing(1).names(&CacheKey::new(b"", &validator, presented)))
        .into_iter()
        .flatten()
        .collect();
    assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
}

#[test]
fn a_sealed_verdict_has_a_time() {
    let case = Case::new("time");
    let sealed = case.sealed(&sealing(1));
    assert_eq!(sealed.seconds, 300);
    let open = |seconds| {
        let opened = sealing(1).open(&case.key(), &sealed.bytes, after(seconds));
        opened.map(|opened| opened.until)
    };
    let until = after(300);
    assert_eq!(open(0), Ok(until));
    assert_eq!(open(299), Ok(until));
    assert_eq!(open(300), Err(OpenError::Ended { until }));
    assert_eq!(open(-1), Err(OpenError::Early { made: now() }));

    let template = Template::client("short").valid("20250101000000Z", "20260101000010Z");
    let short = case.world.ca.issue(template);
    let short = presented(&short, &[&case.world.ca.certificate]);
    let accepted = case.validator.validate(&short, now(), &NoFetcher).unwrap();
    let key = CacheKey::new(b"api", &case.validator, &short);
    let options = CacheOptions::default();
    let sealed = sealing(1).seal(&key, &accepted, now(), &options);
    assert_eq!(sealed.unwrap().seconds, 10);
    let late = sealing(1).seal(&key, &accepted, after(10), &options);
    assert_eq!(late, Err(SealError::Ended));
    let none = options.accepted(Lifetime::seconds(0));
    let never = sealing(1).seal(&key, &accepted, now(), &none);
    assert_eq!(never, Err(SealError::Ended));
}

#[test]
fn keys_are_changed_in_two_steps() {
    let case = Case::new("rotation");
    let (old, both_old) = (sealing(1), sealing(1).also_accepting(key(2)));
    let (new, both_new) = (sealing(2), sealing(2).also_accepting(key(1)));
    let by_old = case.sealed(&both_old);
    let by_new = case.sealed(&both_new);
    assert_eq!(by_old.name, old.names(&case.key()).next().unwrap());
    assert_eq!(by_new.name, new.names(&case.key()).next().unwrap());
    for sealed in [&by_old, &by_new] {
        for sealing in [&both_old, &both_new] {
            assert!(sealing.names(&case.key()).any(|name| name == sealed.name));
            assert!(sealing.open(&case.key(), &sealed.bytes, now()).is_ok());
        }
    }
    assert!(old.open(&case.key(), &by_new.bytes, now()).is_err());
    assert!(new.open(&case.key(), &by_old.bytes, now()).is_err());
}

/// What was put, and for how long.
type Value = (Vec<u8>, u32);

/// A store in memory that can be down, and counts.
#[derive(Default)]
struct Map {
    values: Mutex<HashMap<[u8; 32], Value>>,
    down: Mutex<Down>,
    puts: Mutex<usize>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Down {
    #[default]
    Up,
    Reads,
    Writes,
}

impl SharedStore for Map {
    type Error = &'static str;

    fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, &'static str> {
        if *self.down.lock().unwrap() == Down::Reads {
            return Err("down");
        }
        let values = self.values.lock().unwrap();
        Ok(values.get(name).map(|(value, _)| value.clone()))
    }

    fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), &'static str> {
        *self.puts.lock().unwrap() += 1;
        if *self.down.lock().unwrap() == Down::Writes {
            return Err("full");
        }
        let mut values = self.values.lock().unwrap();
        values.insert(*name, (value.to_vec(), seconds));
        Ok(())
    }
}

/// The same, for those who do not block.
struct Async<'a>(&'a Map);

impl AsyncSharedStore for Async<'_> {
    type Error = &'static str;

    async fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, &'static str> {
        self.0.get(name)
    }

    async fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), &'static str> {
        self.0.put(name, value, seconds)
    }
}

struct NoAsyncFetcher;

impl AsyncRevocationFetcher for NoAsyncFetcher {
    async fn fetch(&self, _: &Request) -> Answer {
        FetchFailure::NotAsked.into()
    }
}

/// Runs a future that never waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn server<S>(store: S) -> FleetCache<bool, S> {
    server_with(store, CacheOptions::default())
}

fn server_with<S>(store: S, options: CacheOptions) -> FleetCache<bool, S> {
    FleetCache::new(Arc::new(VerdictCache::new(options)), store, sealing(1))
}

type Asked = (bool, Source, Option<Trouble<&'static str>>);

fn asked(served: Served<bool, &'static str>) -> Asked {
    let is_ok = served.remembered.verdict.is_ok();
    assert_eq!(served.remembered.kept, is_ok);
    (is_ok, served.source, served.trouble)
}

fn ask(server: &FleetCache<bool, &Map>, case: &Case, at: Time) -> Asked {
    let (validator, presented) = (&case.validator, &case.presented);
    let keep = |verdict: &Result<_, _>| verdict.is_ok();
    asked(server.validate(b"api", validator, presented, at, &NoFetcher, keep))
}

#[test]
fn one_server_finds_out_for_all() {
    let case = Case::new("fleet");
    let map = Map::default();
    let (a, b) = (server(&map), server(&map));
    assert_eq!(ask(&a, &case, now()), (true, Source::Validation, None));
    assert_eq!(ask(&a, &case, now()), (true, Source::Cache, None));
    assert_eq!(ask(&b, &case, after(200)), (true, Source::Store, None));
    assert_eq!(ask(&b, &case, after(299)), (true, Source::Cache, None));
    // To be passed on does not prolong its life: five minutes are over for all of them.
    assert_eq!(ask(&b, &case, after(300)), (true, Source::Validation, None));
    let (_, seconds) = map.values.lock().unwrap().values().next().unwrap().clone();
    assert_eq!(seconds, 300);
    // A server that remembers for a shorter time asks no more of the others.
    let brief = CacheOptions::default().accepted(Lifetime::seconds(10));
    let c = server_with(&map, brief);
    assert_eq!(ask(&c, &case, after(309)), (true, Source::Store, None));
    assert_eq!(ask(&c, &case, after(310)), (true, Source::Validation, None));
    // The handle of a connection finds what came from the store.
    let peer = KnownPeer::new(Arc::clone(b.cache()), b"api", case.presented.clone());
    assert!(peer.get(&case.validator, after(301)).is_some());
}

#[test]
fn who_does_not_block_shares_with_who_does() {
    let case = Case::new("async fleet");
    let map = Map::default();
    let (blocking, other) = (server(&map), server(Async(&map)));
    let keep = |verdict: &Result<_, _>| verdict.is_ok();
    let other = |at| {
        let (validator, presented) = (&case.validator, &case.presented);
        let fetcher = &NoAsyncFetcher;
        asked(at_once(other.validate_async(
            b"api", validator, presented, at, fetcher, keep,
        )))
    };
    assert_eq!(other(now()), (true, Source::Validation, None));
    assert_eq!(other(now()), (true, Source::Cache, None));
    assert_eq!(ask(&blocking, &case, now()), (true, Source::Store, None));
    *map.down.lock().unwrap() = Down::Reads;
    let trouble = Some(Trouble::Get("down"));
    assert_eq!(other(after(300)), (true, Source::Validation, trouble));
}

#[test]
fn rejections_are_not_shared() {
    let mut case = Case::new("not shared");
    case.presented = Presented::new(case.presented.leaf().clone());
    let map = Map::default();
    let (a, b) = (server(&map), server(&map));
    assert_eq!(ask(&a, &case, now()), (false, Source::Validation, None));
    assert!(map.values.lock().unwrap().is_empty());
    assert_eq!(ask(&b, &case, now()), (false, Source::Validation, None));
}

/// Poisoning: somebody writes to the store what they like.
#[test]
fn store_tampered() {
    let good = Case::new("tampered store");
    let map = Map::default();
    let honest = server(&map);
    assert!(ask(&honest, &good, now()).0);
    let (name, (record, _)) = map.values.lock().unwrap().drain().next().unwrap();

    // A stranger below an unknown root, for whom every record there is gets tried.
    let world = World::new("tampering stranger");
    let stranger = world.ca.issue(Template::client("client"));
    let bad = Case {
        presented: presented(&stranger, &[&world.ca.certificate]),
        validator: good.validator.clone(),
        world,
    };
    let bad_name = sealing(1).names(&bad.key()).next().unwrap();
    let own_key = Case {
        presented: bad.presented.clone(),
        validator: bad.world.validator(),
        world: World::new("tampering stranger"),
    };
    let records = [
        record.clone(),
        own_key.sealed(&sealing(9)).bytes,
        own_key.sealed(&sealing(1)).bytes,
        record[..record.len() / 2].to_vec(),
        Vec::new(),
        vec![1; 4_096],
    ];
    for record in records {
        map.values.lock().unwrap().insert(bad_name, (record, 300));
        let (is_in, source, trouble) = ask(&server(&map), &bad, now());
        assert!(!is_in && source == Source::Validation);
        assert!(matches!(trouble, Some(Trouble::Refused(_))), "{trouble:?}");
    }
    // Nor does junk keep out whom it stands for, and the next server finds a good verdict again.
    map.values.lock().unwrap().insert(name, (vec![0; 99], 300));
    let (is_in, _, trouble) = ask(&server(&map), &good, now());
    assert!(is_in && matches!(trouble, Some(Trouble::Refused(_))));
    assert_eq!(
        ask(&server(&map), &good, now()),
        (true, Source::Store, None)
    );
    // What has ended does not come back.
    map.values.lock().unwrap().insert(name, (record, 300));
    assert_eq!(
        ask(&server(&map), &good, after(300)),
        (true, Source::Validation, None)
    );
}

/// Poisoning: other options or anchors find nothing of the old ones in the store.
#[test]
fn options_swapped_in_the_store() {
    let mut case = Case::new("swapped store");
    let map = Map::default();
    let server = server(&map);
    assert!(ask(&server, &case, now()).0);
    case.validator = case.validator.with_store(support::store(&[]));
    assert_eq!(
        ask(&server, &case, now()),
        (false, Source::Validation, None)
    );
}

#[test]
fn a_store_that_is_down_is_seen_and_harms_nobody() {
    let case = Case::new("down");
    let map = Map::default();
    *map.down.lock().unwrap() = Down::Reads;
    let down = Some(Trouble::Get("down"));
    assert_eq!(
        ask(&server(&map), &case, now()),
        (true, Source::Validation, down)
    );
    // It is not waited for twice.
    assert_eq!(*map.puts.lock().unwrap(), 0);
    *map.down.lock().unwrap() = Down::Writes;
    let full = Some(Trouble::Put("full"));
    let server = server(&map);
    assert_eq!(ask(&server, &case, now()), (true, Source::Validation, full));
    assert_eq!(ask(&server, &case, now()), (true, Source::Cache, None));
}
