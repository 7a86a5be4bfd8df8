//! Verdicts as bytes, and stores that servers share: a verdict is read as it was written, and no
//! one without the key can write one.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use portcullis::cache::{
    AsyncSharedStore, CacheKey, CacheOptions, ConnectionPeer, FleetCache, OpenError, SealError,
    SealedVerdict, Sealing, SealingKey, ServedVerdict, SharedStore, StoreError, VerdictCache,
    VerdictLifetime, VerdictSource,
};
use portcullis::revocation::{
    AsyncRevocationFetcher, Crl, FetchFailure, NoFetcher, Request, RevocationFetcher,
    RevocationFlag, RevocationMode, RevocationPolicy, RevocationStatus, SharedEvidence,
};
use portcullis::{
    Accepted, CertificateTypes, PeerName, Pin, Presented, Time, UnknownStatus, Validator,
    VerificationFlags,
};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, points};
use portcullis_testkit::extensions::alt_names;
use portcullis_testkit::names::dns;

use crate::support;
use crate::support::{Authority, Made, Template, World, below, now, parsed, presented, with_store};

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
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        Ok(self.0.clone())
    }
}

#[test]
fn what_revocation_came_to_is_read_back() {
    let world = World::new("evidence");
    let source = points(&[DistributionPoint::url("http://crl.example.test/list")]);
    let client = world.ca.issue(Template::client("client").with(source));
    let presented = presented(&client, &[&world.ca.certificate]);
    let online = below(&[&world.root])
        .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
        .build()
        .unwrap();
    let list = Sends(CrlTemplate::by(&world.ca).der());
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

    fn sealed(&self, sealing: &Sealing) -> SealedVerdict {
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
    let none = options.accepted(VerdictLifetime::seconds(0));
    let never = sealing(1).seal(&key, &accepted, now(), &none);
    assert_eq!(never, Err(SealError::Ended));
}

#[test]
fn keys_are_changed_in_two_steps() {
    let case = Case::new("rotation");
    let (old, both_old) = (sealing(1), sealing(1).also_accept(key(2)));
    let (new, both_new) = (sealing(2), sealing(2).also_accept(key(1)));
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

    // There is one other key, the last that was named.
    let third = sealing(3).also_accept(key(1)).also_accept(key(2));
    assert_eq!(third.names(&case.key()).count(), 2);
    assert!(third.open(&case.key(), &by_old.bytes, now()).is_err());
    assert!(third.open(&case.key(), &by_new.bytes, now()).is_ok());
}

/// While servers run: the cache stays, and so does what the others sealed.
#[test]
fn a_fleet_changes_its_key() {
    let case = Case::new("fleet rotation");
    let map = Arc::new(Map::default());
    let keep = |verdict: &Result<_, _>| verdict.is_ok();
    let ask = |server: &FleetCache<bool, Arc<Map>>, at| {
        let (validator, presented) = (&case.validator, &case.presented);
        asked(server.validate(b"api", validator, presented, at, &NoFetcher, keep))
    };
    let old = server(Arc::clone(&map));
    assert_eq!(ask(&old, now()), (true, VerdictSource::Validation, None));
    let sealing = sealing(2).also_accept(key(1));
    let new = FleetCache::new(
        Arc::clone(old.cache()),
        Arc::clone(old.store()),
        sealing.clone(),
    );
    assert_eq!(ask(&new, now()), (true, VerdictSource::Cache, None));
    let empty = Arc::new(VerdictCache::new(CacheOptions::default()));
    let started = FleetCache::new(empty, map, sealing);
    assert_eq!(ask(&started, now()), (true, VerdictSource::Store, None));
}

/// Forgetting alone does not reach the store; the names of a client say what is to go.
#[test]
fn one_client_is_removed_by_its_names() {
    let case = Case::new("removed");
    let map = Map::default();
    let a = server(&map);
    assert!(ask(&a, &case, now()).0);
    a.cache().clear();
    assert_eq!(ask(&a, &case, now()), (true, VerdictSource::Store, None));
    for name in a.names(&case.key()) {
        assert!(map.values.lock().unwrap().remove(&name).is_some());
    }
    a.cache().clear();
    assert_eq!(
        ask(&a, &case, now()),
        (true, VerdictSource::Validation, None)
    );
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
    async fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        Err(FetchFailure::NotAsked)
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

type Asked = (bool, VerdictSource, Option<StoreError<&'static str>>);

fn asked(served: ServedVerdict<bool, &'static str>) -> Asked {
    let is_ok = served.cached.verdict.is_ok();
    assert_eq!(served.cached.kept, is_ok);
    (is_ok, served.source, served.store_error)
}

fn ask(server: &FleetCache<bool, &Map>, case: &Case, at: Time) -> Asked {
    ask_with(server, case, at, &NoFetcher)
}

fn ask_with(
    server: &FleetCache<bool, &Map>,
    case: &Case,
    at: Time,
    fetcher: &impl RevocationFetcher,
) -> Asked {
    let (validator, presented) = (&case.validator, &case.presented);
    let keep = |verdict: &Result<_, _>| verdict.is_ok();
    asked(server.validate(b"api", validator, presented, at, fetcher, keep))
}

#[test]
fn one_server_finds_out_for_all() {
    let case = Case::new("fleet");
    let map = Map::default();
    let (a, b) = (server(&map), server(&map));
    assert_eq!(
        ask(&a, &case, now()),
        (true, VerdictSource::Validation, None)
    );
    assert_eq!(ask(&a, &case, now()), (true, VerdictSource::Cache, None));
    assert_eq!(
        ask(&b, &case, after(200)),
        (true, VerdictSource::Store, None)
    );
    assert_eq!(
        ask(&b, &case, after(299)),
        (true, VerdictSource::Cache, None)
    );
    // To be passed on does not prolong its life: five minutes are over for all of them.
    assert_eq!(
        ask(&b, &case, after(300)),
        (true, VerdictSource::Validation, None)
    );
    let (_, seconds) = map.values.lock().unwrap().values().next().unwrap().clone();
    assert_eq!(seconds, 300);
    // A server that remembers for a shorter time asks no more of the others.
    let brief = CacheOptions::default().accepted(VerdictLifetime::seconds(10));
    let c = server_with(&map, brief);
    assert_eq!(
        ask(&c, &case, after(309)),
        (true, VerdictSource::Store, None)
    );
    assert_eq!(
        ask(&c, &case, after(310)),
        (true, VerdictSource::Validation, None)
    );
    // The handle of a connection finds what came from the store.
    let peer = ConnectionPeer::new(Arc::clone(b.cache()), b"api", case.presented.clone());
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
    assert_eq!(other(now()), (true, VerdictSource::Validation, None));
    assert_eq!(other(now()), (true, VerdictSource::Cache, None));
    assert_eq!(
        ask(&blocking, &case, now()),
        (true, VerdictSource::Store, None)
    );
    *map.down.lock().unwrap() = Down::Reads;
    let store_error = Some(StoreError::Get("down"));
    assert_eq!(
        other(after(300)),
        (true, VerdictSource::Validation, store_error)
    );
}

/// Tasks that outlive each other hold the store together.
#[test]
fn a_store_may_be_borrowed_or_counted() {
    fn reads(store: impl AsyncSharedStore<Error = &'static str>) -> Option<Vec<u8>> {
        at_once(store.put(&[1; 32], b"a", 1)).unwrap();
        at_once(store.get(&[1; 32])).unwrap()
    }
    let map = Map::default();
    let counted = Arc::new(Async(&map));
    assert_eq!(reads(Arc::clone(&counted)).as_deref(), Some(&b"a"[..]));
    assert_eq!(reads(&*counted).as_deref(), Some(&b"a"[..]));
    assert_eq!(*map.puts.lock().unwrap(), 2);
}

#[test]
fn rejections_are_not_shared() {
    let mut case = Case::new("not shared");
    case.presented = Presented::new(case.presented.leaf().clone());
    let map = Map::default();
    let (a, b) = (server(&map), server(&map));
    assert_eq!(
        ask(&a, &case, now()),
        (false, VerdictSource::Validation, None)
    );
    assert!(map.values.lock().unwrap().is_empty());
    assert_eq!(
        ask(&b, &case, now()),
        (false, VerdictSource::Validation, None)
    );
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
        let (is_in, source, store_error) = ask(&server(&map), &bad, now());
        assert!(!is_in && source == VerdictSource::Validation);
        assert!(
            matches!(store_error, Some(StoreError::Refused(_))),
            "{store_error:?}"
        );
    }
    // Nor does junk keep out whom it stands for, and the next server finds a good verdict again.
    map.values.lock().unwrap().insert(name, (vec![0; 99], 300));
    let (is_in, _, store_error) = ask(&server(&map), &good, now());
    assert!(is_in && matches!(store_error, Some(StoreError::Refused(_))));
    assert_eq!(
        ask(&server(&map), &good, now()),
        (true, VerdictSource::Store, None)
    );
    // What has ended does not come back.
    map.values.lock().unwrap().insert(name, (record, 300));
    assert_eq!(
        ask(&server(&map), &good, after(300)),
        (true, VerdictSource::Validation, None)
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
        (false, VerdictSource::Validation, None)
    );
}

#[test]
fn a_store_that_is_down_is_seen_and_harms_nobody() {
    let case = Case::new("down");
    let map = Map::default();
    *map.down.lock().unwrap() = Down::Reads;
    let down = Some(StoreError::Get("down"));
    assert_eq!(
        ask(&server(&map), &case, now()),
        (true, VerdictSource::Validation, down)
    );
    // It is not waited for twice.
    assert_eq!(*map.puts.lock().unwrap(), 0);
    *map.down.lock().unwrap() = Down::Writes;
    let full = Some(StoreError::Put("full"));
    let server = server(&map);
    assert_eq!(
        ask(&server, &case, now()),
        (true, VerdictSource::Validation, full)
    );
    assert_eq!(
        ask(&server, &case, now()),
        (true, VerdictSource::Cache, None)
    );
}

const LIST: &str = "http://crl.example.test/list";

/// Two servers with evidence of their own, and a client whose CA publishes lists.
struct Apart {
    /// What the server knows that hears of it first.
    ahead: Case,
    /// What the other one knows.
    behind: Case,
    client: Made,
}

impl Apart {
    fn new(label: &str, flag: RevocationFlag) -> Self {
        let world = World::new(label);
        let source = || points(&[DistributionPoint::url(LIST)]);
        let ca = Template::ca(&format!("{label} listed ca")).with(source());
        let ca = world.root.issue_ca(ca);
        let client = ca.issue(Template::client("client").with(source()));
        let presented = presented(&client, &[&ca.certificate]);
        let case = || Case {
            validator: below(&[&world.root])
                .revocation(RevocationMode::Online, flag)
                .build()
                .unwrap(),
            presented: presented.clone(),
            world: World {
                root: world.root.clone(),
                ca: ca.clone(),
            },
        };
        Self {
            ahead: case(),
            behind: case(),
            client,
        }
    }
}

/// Sends each list to who asks for a certificate of its issuer.
struct Lists(Vec<Vec<u8>>);

impl RevocationFetcher for Lists {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        let issuer = request.certificate().issuer();
        let of_issuer = |list: &&Vec<u8>| Crl::from_der(list).unwrap().issuer().matches(&issuer);
        match self.0.iter().find(of_issuer) {
            Some(list) => Ok(list.clone()),
            None => Err(FetchFailure::Unreachable),
        }
    }
}

/// The server that knows of a revocation does not take the word of one that does not.
#[test]
fn who_knows_least_does_not_decide() {
    let apart = Apart::new("knows least", RevocationFlag::ExcludeRoot);
    let (root, ca) = (&apart.ahead.world.root, &apart.ahead.world.ca);
    let of_root = || CrlTemplate::by(root).number(1).der();
    let old = Lists(vec![CrlTemplate::by(ca).number(1).der(), of_root()]);
    let revoked = CrlTemplate::by(ca).number(2).revoking(&apart.client).der();
    let new = Lists(vec![revoked.clone(), of_root()]);
    let map = Map::default();
    let (a, b) = (server(&map), server(&map));

    let (is_in, source, _) = ask_with(&a, &apart.ahead, now(), &new);
    assert!(!is_in && source == VerdictSource::Validation);
    let asked = ask_with(&b, &apart.behind, after(5), &old);
    assert_eq!(asked, (true, VerdictSource::Validation, None));
    // The rejection is no longer remembered, and the store has the other one's word.
    let refused = Some(StoreError::Refused(OpenError::Revoked));
    let asked = ask_with(&a, &apart.ahead, after(11), &new);
    assert_eq!(asked, (false, VerdictSource::Validation, refused));
    // Neither does one that starts with what the first has found out, nor who opens by hand.
    let asked = ask_with(&server(&map), &apart.ahead, after(12), &NoFetcher);
    assert_eq!(asked, (false, VerdictSource::Validation, refused));
    let (record, _) = map.values.lock().unwrap().values().next().unwrap().clone();
    let open = |case: &Case| sealing(1).open(&case.key(), &record, after(12)).err();
    assert_eq!(open(&apart.ahead), Some(OpenError::Revoked));
    assert_eq!(open(&apart.behind), None);

    // An emergency list that came by hand, and that nobody has verified yet.
    let evidence = SharedEvidence::default();
    let list = Crl::from_der(&revoked).unwrap();
    evidence.edit(|evidence| evidence.insert_crl(list).unwrap());
    let told = below(&[&apart.ahead.world.root])
        .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
        .evidence(Arc::new(evidence))
        .build()
        .unwrap();
    let told = Case {
        validator: told,
        presented: apart.ahead.presented.clone(),
        world: World::new("unused"),
    };
    let asked = ask_with(&server(&map), &told, after(12), &old);
    assert_eq!(asked, (false, VerdictSource::Validation, refused));
}

/// It looks at all certificates that the flag asks about, and at no other.
#[test]
fn a_revoked_issuer_counts_as_far_as_it_is_checked() {
    for (flag, is_refused) in [
        (RevocationFlag::EndCertificateOnly, false),
        (RevocationFlag::ExcludeRoot, true),
        (RevocationFlag::EntireChain, true),
    ] {
        let apart = Apart::new("revoked issuer", flag);
        let (root, ca) = (&apart.ahead.world.root, &apart.ahead.world.ca);
        let of_ca = || CrlTemplate::by(ca).number(1).der();
        let good = Lists(vec![of_ca(), CrlTemplate::by(root).number(1).der()]);
        let map = Map::default();
        assert!(ask_with(&server(&map), &apart.behind, now(), &good).0);
        let of_root = CrlTemplate::by(root)
            .number(2)
            .revoking(&ca.certificate)
            .der();
        let evidence = SharedEvidence::default();
        let list = Crl::from_der(&of_root).unwrap();
        evidence.edit(|evidence| evidence.insert_crl(list).unwrap());
        let told = below(&[root]).revocation(RevocationMode::Online, flag);
        let told = told.evidence(Arc::new(evidence)).build().unwrap();
        let (record, _) = map.values.lock().unwrap().values().next().unwrap().clone();
        let key = CacheKey::new(b"api", &told, &apart.ahead.presented);
        let opened = sealing(1).open(&key, &record, now()).err();
        assert_eq!(opened, is_refused.then_some(OpenError::Revoked), "{flag:?}");
    }
}

/// The end that a verdict was sealed with holds for servers that would remember it for longer.
#[test]
fn a_sealed_end_holds_wherever_it_is_read() {
    let case = Case::new("sealed end");
    let map = Map::default();
    let of = |seconds| CacheOptions::default().accepted(VerdictLifetime::seconds(seconds));
    let (brief, long) = (server_with(&map, of(60)), server_with(&map, of(3_600)));
    assert!(ask(&brief, &case, now()).0);
    assert_eq!(
        ask(&long, &case, after(59)),
        (true, VerdictSource::Store, None)
    );
    let peer = ConnectionPeer::new(Arc::clone(long.cache()), b"api", case.presented.clone());
    assert!(peer.get(&case.validator, after(59)).is_some());
    assert!(peer.get(&case.validator, after(60)).is_none());
    let again = ask(&long, &case, after(60));
    assert_eq!(again, (true, VerdictSource::Validation, None));
}

/// After an emergency nothing of before comes back, not even by who writes to the store.
#[test]
fn what_was_made_before_an_emergency_is_refused() {
    let case = Case::new("emergency");
    let map = Map::default();
    let (a, b) = (server(&map), server(&map));
    assert!(ask(&b, &case, now()).0);
    let (name, old) = map
        .values
        .lock()
        .unwrap()
        .clone()
        .into_iter()
        .next()
        .unwrap();
    let fresh = (true, VerdictSource::Validation, None);
    // To forget it here is not enough.
    a.cache().clear();
    assert_eq!(ask(&a, &case, now()), (true, VerdictSource::Store, None));
    a.refuse_before(after(9));
    // What is remembered is forgotten by itself.
    assert_eq!(ask(&a, &case, after(9)), (true, VerdictSource::Cache, None));
    a.cache().clear();
    assert_eq!(ask(&a, &case, after(10)), fresh);
    // It has replaced what was there, which somebody puts back.
    map.values.lock().unwrap().insert(name, old);
    a.cache().clear();
    a.refuse_before(now().plus(-1));
    assert_eq!(ask(&a, &case, after(11)), fresh);
    // What was made afterwards is taken, from whomever.
    let c = server(&map);
    c.refuse_before(after(9));
    assert_eq!(
        ask(&c, &case, after(12)),
        (true, VerdictSource::Store, None)
    );
}

/// Forgets while it is asked for a list, as an operator may at any time.
struct Forgets<'a, S>(Vec<u8>, &'a FleetCache<bool, S>);

impl<S> RevocationFetcher for Forgets<'_, S> {
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        self.1.cache().clear();
        Ok(self.0.clone())
    }
}

/// A verdict that was begun before something was to be forgotten is not shared either.
#[test]
fn what_is_to_be_forgotten_is_not_shared() {
    let apart = Apart::new("not shared", RevocationFlag::EndCertificateOnly);
    let list = CrlTemplate::by(&apart.ahead.world.ca).der();
    let map = Map::default();
    let server = server(&map);
    let forgets = Forgets(list, &server);
    let asked = ask_with(&server, &apart.ahead, now(), &forgets);
    assert_eq!(asked, (true, VerdictSource::Validation, None));
    assert!(server.cache().is_empty() && map.values.lock().unwrap().is_empty());
    // The list is at hand now, and nothing is forgotten any more.
    let asked = ask_with(&server, &apart.ahead, now(), &forgets);
    assert_eq!(asked, (true, VerdictSource::Validation, None));
    assert_eq!(map.values.lock().unwrap().len(), 1);
}

/// A verdict is sealed for the names that it was checked for, and for no other.
#[test]
fn names_that_were_not_checked_are_not_sealed() {
    let world = World::new("sealed names");
    let names = alt_names(&[dns("host.example")]);
    let client = world.ca.issue(Template::client("client").with(names));
    let validator = world.validator();
    let bare = presented(&client, &[&world.ca.certificate]);
    let expecting = |name| bare.clone().expecting(PeerName::dns(name).unwrap());
    let (right, wrong) = (expecting("host.example"), expecting("bank.example"));
    let seal = |presented: &Presented, verdict: &Accepted| {
        let key = CacheKey::new(b"api", &validator, presented);
        sealing(1).seal(&key, verdict, now(), &CacheOptions::default())
    };
    let checked = |presented| validator.validate(presented, now(), &NoFetcher).unwrap();
    for (presented, verdict) in [
        (&wrong, checked(&bare)),
        (&right, checked(&bare)),
        (&wrong, checked(&right)),
        (&bare, checked(&right)),
    ] {
        let refused = seal(presented, &verdict).err();
        assert_eq!(refused, Some(SealError::OtherKey));
    }
    assert!(seal(&bare, &checked(&bare)).is_ok());
    // What is read back has the names, too.
    let sealed = seal(&right, &checked(&right)).unwrap();
    let key = CacheKey::new(b"api", &validator, &right);
    let opened = sealing(1).open(&key, &sealed.bytes, now()).unwrap();
    assert!(seal(&right, &opened.accepted).is_ok());
    assert!(seal(&wrong, &opened.accepted).is_err());
}
