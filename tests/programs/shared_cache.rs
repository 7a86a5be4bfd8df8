//! Servers that share verdicts through a real Redis, which the test starts on the loopback
//! interface.

#[path = "../../examples/shared_cache/redis.rs"]
mod redis;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use portcullis::cache::{
    CacheKey, CacheOptions, FleetCache, Sealing, SealingKey, StoreError, VerdictCache,
    VerdictSource,
};
use portcullis::revocation::NoFetcher;
use portcullis::{Presented, Validator};
use redis::{Redis, RedisError, key};

use crate::support::{Template, World, now, presented};

const PATIENCE: Duration = Duration::from_secs(5);

/// A Redis of one's own, stopped when it is dropped.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    /// `None`, with a word, where there is no Redis to start.
    fn start() -> Option<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let spawned = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &address.port().to_string()])
            .stdout(Stdio::null())
            .spawn();
        let child = match spawned {
            Ok(child) => child,
            Err(error) => {
                eprintln!("skipped, since redis-server does not start: {error}");
                return None;
            }
        };
        let running = Self { child, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(start.elapsed() < PATIENCE, "Redis does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Some(running)
    }

    fn client(&self) -> Redis {
        Redis::new(self.address, PATIENCE)
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

fn sealing() -> Sealing {
    Sealing::new(SealingKey::new(&[5; 32]).unwrap())
}

/// A process of the fleet: a cache, a connection and keys of its own.
fn process(redis: &Running) -> FleetCache<(), Redis> {
    let cache = VerdictCache::new(CacheOptions::default());
    FleetCache::new(Arc::new(cache), redis.client(), sealing())
}

type Asked = (bool, VerdictSource, Option<StoreError<RedisError>>);

fn ask(process: &FleetCache<(), Redis>, validator: &Validator, presented: &Presented) -> Asked {
    let served = process.validate(b"api", validator, presented, now(), &NoFetcher, |_| ());
    let is_in = served.cached.verdict.is_ok();
    (is_in, served.source, served.store_error)
}

#[test]
fn a_real_redis_is_shared_tampered_with_and_stopped() {
    let Some(mut redis) = Running::start() else {
        return;
    };
    let world = World::new("redis");
    let validator = world.validator();
    let client = |name: &str| {
        let client = world.ca.issue(Template::client(name));
        presented(&client, &[&world.ca.certificate])
    };
    let good = client("good");

    // Two processes share.
    let (a, b) = (process(&redis), process(&redis));
    let (is_in, source, store_error) = ask(&a, &validator, &good);
    assert!(
        is_in && source == VerdictSource::Validation,
        "{store_error:?}"
    );
    assert!(store_error.is_none());
    let (is_in, source, store_error) = ask(&b, &validator, &good);
    assert!(is_in && source == VerdictSource::Store && store_error.is_none());
    assert_eq!(ask(&b, &validator, &good).1, VerdictSource::Cache);

    // Redis forgets it by itself.
    let admin = redis.client();
    let name = sealing()
        .names(&CacheKey::new(b"api", &validator, &good))
        .next()
        .unwrap();
    let ttl = admin.command(&[b"TTL", &key(&name)]).unwrap().unwrap();
    let ttl: u32 = String::from_utf8(ttl).unwrap().parse().unwrap();
    assert!((290..=300).contains(&ttl), "{ttl}");

    // What stands there tells no name, and lets nobody else in.
    let record = admin.command(&[b"GET", &key(&name)]).unwrap().unwrap();
    assert!(!record.windows(4).any(|window| window == b"good"));
    let stranger_world = World::new("redis stranger");
    let stranger = stranger_world.ca.issue(Template::client("stranger"));
    let stranger = presented(&stranger, &[&stranger_world.ca.certificate]);
    let there = sealing()
        .names(&CacheKey::new(b"api", &validator, &stranger))
        .next()
        .unwrap();
    admin.command(&[b"SET", &key(&there), &record]).unwrap();
    let (is_in, source, store_error) = ask(&process(&redis), &validator, &stranger);
    assert!(!is_in && source == VerdictSource::Validation);
    assert!(
        matches!(store_error, Some(StoreError::Refused(_))),
        "{store_error:?}"
    );
    let mut changed = record;
    changed[40] ^= 1;
    admin.command(&[b"SET", &key(&name), &changed]).unwrap();
    let (is_in, source, store_error) = ask(&process(&redis), &validator, &good);
    assert!(is_in && source == VerdictSource::Validation);
    assert!(
        matches!(store_error, Some(StoreError::Refused(_))),
        "{store_error:?}"
    );

    // A value that is none of ours, and one that is too long for any.
    let oversized = vec![1; 300 * 1024];
    admin.command(&[b"SET", &key(&name), &oversized]).unwrap();
    let (is_in, _, store_error) = ask(&process(&redis), &validator, &good);
    assert!(is_in && matches!(store_error, Some(StoreError::Get(RedisError::Protocol))));

    // It stops: clients are validated, and the caller is told.
    redis.stop();
    let (is_in, source, store_error) = ask(&a, &validator, &client("later"));
    assert!(is_in && source == VerdictSource::Validation);
    assert!(
        matches!(store_error, Some(StoreError::Get(RedisError::Io(_)))),
        "{store_error:?}"
    );
    assert_eq!(ask(&a, &validator, &good).1, VerdictSource::Cache);
}

/// A Redis that takes every connection and sends an octet now and then, so that no single read
/// takes long.
fn drips(every: Duration) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 1024]);
                while stream.write_all(b"+").is_ok() {
                    thread::sleep(every);
                }
            });
        }
    });
    address
}

#[test]
fn a_slow_redis_holds_nobody_up() {
    let patience = Duration::from_millis(400);
    let redis = Redis::new(drips(patience / 20), patience);
    let start = Instant::now();
    // More at once than there are connections.
    thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                let answer = redis.command(&[b"GET", b"name"]);
                assert!(
                    matches!(
                        answer,
                        Err(RedisError::Io(_) | RedisError::Busy | RedisError::Down)
                    ),
                    "{answer:?}"
                );
            });
        }
    });
    let took = start.elapsed();
    assert!(took >= patience && took < 3 * patience, "{took:?}");
    // Who comes next does not wait at all.
    let start = Instant::now();
    let answer = redis.command(&[b"GET", b"name"]);
    assert!(matches!(answer, Err(RedisError::Down)), "{answer:?}");
    assert!(start.elapsed() < patience / 4);

    // And a client of the server is validated in the meantime.
    let world = World::new("slow redis");
    let client = world.ca.issue(Template::client("client"));
    let client = presented(&client, &[&world.ca.certificate]);
    let cache = Arc::new(VerdictCache::new(CacheOptions::default()));
    let server = FleetCache::new(cache, redis, sealing());
    let (is_in, source, store_error) = ask(&server, &world.validator(), &client);
    assert!(is_in && source == VerdictSource::Validation);
    assert!(matches!(
        store_error,
        Some(StoreError::Get(RedisError::Down))
    ));
}
