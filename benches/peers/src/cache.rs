//! Cached verdicts: hits against a validation, and look-ups by two threads against a map behind one
//! lock.
//!
//! The other side of `cache-2-threads` is the simplest cache: `lru` behind a `Mutex`, with a known
//! SHA-256 digest as key, whose first octets are its hash, and an `Arc` as value. Ours is asked
//! through [`ConnectionPeer`], the handle of a connection, whose certificate is hashed too. Ours
//! also checks the time and compares the namespace, the digest of the validator and the
//! certificate. Both threads draw clients by Zipf's law with exponent 1, in a new order for each
//! batch.

use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lru::LruCache;
use portcullis::cache::{
    CacheKey, CacheOptions, CachedVerdict, ConnectionPeer, LeafLookup, VerdictCache,
};
use portcullis::certificate::sha256;
use portcullis::crypto::{NoMemo, Provider};
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{Presented, Purpose, Time, TrustMode, TrustStore, Validator};
use webpki::KeyUsage;

use crate::crl::Random;
use crate::data::{self, Chain, NOW};
use crate::memory;
use crate::timing::{Medians, compare};
use crate::{ours, theirs};

const NAMESPACE: &[u8] = b"handshake";
const HITS: usize = 256;
const HIT_TIME: Duration = Duration::from_secs(3);
const THREADS_TIME: Duration = Duration::from_secs(6);

/// Name, goal, measurement.
pub type Row = (&'static str, Option<f64>, Box<dyn Fn() -> Medians>);

/// All rows of this file but the memory.
pub fn rows() -> Vec<Row> {
    vec![
        ("hit", Some(0.005), Box::new(|| hit(LeafLookup::Bytes))),
        (
            "hit-thumbprint",
            None,
            Box::new(|| hit(LeafLookup::Thumbprint)),
        ),
        ("hit-fast", Some(0.35), Box::new(hit_fast)),
        ("hit-handle", None, Box::new(hit_handle)),
        (
            "cache-2-threads-1k",
            Some(0.4),
            Box::new(|| two_threads(1_024, Asked::Handle)),
        ),
        (
            "cache-2-threads-1k-der",
            None,
            Box::new(|| two_threads(1_024, Asked::Der)),
        ),
        (
            "cache-2-threads-1m",
            Some(0.5),
            Box::new(|| two_threads(1_000_000, Asked::Handle)),
        ),
    ]
}

/// Prints how many bytes a cached verdict takes.
pub fn print_memory(wanted: &str) {
    const VERDICTS: usize = 10_000;
    for (name, chain) in [("d1", "bench-d1"), ("d2", "bench-d2")] {
        let name = format!("memory-per-verdict-{name}");
        if !name.starts_with(wanted) {
            continue;
        }
        let clients = Clients::new(chain, VERDICTS);
        let validator = validator(Arc::new(ours::Yes));
        let cache = VerdictCache::new(CacheOptions::default().capacity(VERDICTS));
        let all = memory::held(|| {
            for client in 0..VERDICTS {
                remember(&cache, &validator, &clients.presented(client));
            }
            cache.len()
        });
        assert_eq!(cache.len(), VERDICTS);
        let received = clients.received();
        println!("{name}: {} bytes", all / VERDICTS);
        println!("    {received} of them were received as certificates");
    }
}

/// From a leaf in DER to its cached verdict, against rustls-webpki on ring with two signatures.
fn hit(lookup: LeafLookup) -> Medians {
    let chain = Chain::read("bench-d2");
    let validator = validator(Arc::new(ours::Ring));
    let cache = VerdictCache::new(CacheOptions::default().lookup(lookup));
    let presented = Presented::from_der(&chain.certificates).expect("the leaf parses");
    assert!(remember(&cache, &validator, &presented).verdict.is_ok());
    let mut ours = |_| by_leaf(&cache, &validator, &chain);
    let roots = data::roots("bench-root");
    let usage = KeyUsage::server_auth();
    let mut theirs = theirs::Validations::new(&chain, &roots, usage, theirs::RING);
    assert_eq!(theirs.verdict(), Ok(2));
    compare_batches(HIT_TIME, (HITS, &mut ours), (1, &mut theirs))
}

fn hit_fast() -> Medians {
    let chain = Chain::read("bench-978");
    let validator = validator(Arc::new(ours::Yes));
    let cache = |lookup| {
        let cache = VerdictCache::new(CacheOptions::default().lookup(lookup));
        let presented = Presented::from_der(&chain.certificates).expect("the leaf parses");
        assert!(remember(&cache, &validator, &presented).verdict.is_ok());
        cache
    };
    let (bytes, thumbprint) = (cache(LeafLookup::Bytes), cache(LeafLookup::Thumbprint));
    let mut fast = |_| by_leaf(&bytes, &validator, &chain);
    let mut slow = |_| by_leaf(&thumbprint, &validator, &chain);
    compare(HIT_TIME, HITS, &mut fast, &mut slow)
}

/// A later request on a connection, by its handle, against the first one, by a leaf in DER.
fn hit_handle() -> Medians {
    let chain = Chain::read("bench-978");
    let validator = validator(Arc::new(ours::Yes));
    let cache = Arc::new(VerdictCache::new(CacheOptions::default()));
    let presented = Presented::from_der(&chain.certificates).expect("the leaf parses");
    assert!(remember(&cache, &validator, &presented).verdict.is_ok());
    let peer = ConnectionPeer::new(Arc::clone(&cache), NAMESPACE, presented);
    let now = Time::from_unix(NOW);
    let mut handle = |_| {
        let found = black_box(&peer).get(&validator, now);
        assert!(black_box(found).is_some());
    };
    let mut leaf = |_| by_leaf(&cache, &validator, &chain);
    compare(HIT_TIME, HITS, &mut handle, &mut leaf)
}

fn by_leaf(cache: &VerdictCache<()>, validator: &Validator, chain: &Chain) {
    let key = CacheKey::of_leaf(NAMESPACE, validator, black_box(chain.leaf()));
    let found = cache.get(&key, Time::from_unix(NOW));
    assert!(black_box(found).is_some());
}

/// Medians of one call of each side. Their batches differ in size.
fn compare_batches(
    time: Duration,
    ours: (usize, &mut impl FnMut(usize)),
    theirs: (usize, &mut impl crate::timing::Subject),
) -> Medians {
    let (batch, call) = ours;
    let mut many = |i: usize| (0..batch).for_each(|_| call(i));
    let medians = compare(time, theirs.0, &mut many, theirs.1);
    Medians {
        ours: medians.ours / batch as f64,
        ..medians
    }
}

fn validator(provider: Arc<dyn Provider>) -> Validator {
    let store = TrustStore::from_der(data::roots("bench-root")).expect("roots parse");
    Validator::builder(TrustMode::CustomRootTrust(store))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .purpose(Purpose::ServerAuth)
        .provider(provider)
        .memo(Arc::new(NoMemo))
        .build()
        .expect("options are sound")
}

fn remember(
    cache: &VerdictCache<()>,
    validator: &Validator,
    presented: &Presented,
) -> Arc<CachedVerdict<()>> {
    let now = Time::from_unix(NOW);
    cache.validate(NAMESPACE, validator, presented, now, &NoFetcher, |_| ())
}

/// Any number of clients: one certificate, with another serial number for each client.
struct Clients {
    chain: Chain,
    /// Where the last octets of the serial number are.
    serial: usize,
}

impl Clients {
    fn new(chain: &str, count: usize) -> Self {
        let chain = Chain::read(chain);
        let leaf = portcullis::Certificate::from_der(chain.leaf()).expect("the leaf parses");
        let serial = leaf.serial();
        assert!(serial.len() > 4 && count < 1 << 24);
        let place = leaf
            .as_der()
            .windows(serial.len())
            .position(|at| at == serial);
        let serial = place.expect("the serial number is there") + serial.len() - 4;
        Self { chain, serial }
    }

    fn presented(&self, client: usize) -> Presented {
        let mut leaf = self.chain.leaf().to_vec();
        leaf[self.serial..self.serial + 4].copy_from_slice(&(client as u32).to_be_bytes());
        let more = self.chain.intermediates().iter().map(|der| der.to_vec());
        let all = std::iter::once(leaf).chain(more);
        Presented::from_der(all).expect("the leaf parses")
    }

    fn received(&self) -> usize {
        self.chain.certificates.iter().map(|der| der.len()).sum()
    }
}

/// A digest is its own hash.
#[derive(Default)]
struct First(u64);

impl Hasher for First {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_ne_bytes(*first);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// How ours is looked up.
#[derive(Clone, Copy)]
enum Asked {
    Handle,
    Der,
}

type Theirs = Mutex<LruCache<[u8; 32], Arc<CachedVerdict<()>>, BuildHasherDefault<First>>>;

fn two_threads(entries: usize, asked: Asked) -> Medians {
    let clients = Clients::new("bench-d1", entries);
    let validator = validator(Arc::new(ours::Yes));
    let cache = Arc::new(VerdictCache::new(CacheOptions::default().capacity(entries)));
    let capacity = NonZeroUsize::new(entries).expect("there are some");
    let lru: Theirs = Mutex::new(LruCache::with_hasher(
        capacity,
        BuildHasherDefault::default(),
    ));
    let mut peers = Vec::with_capacity(entries);
    let mut digests = Vec::with_capacity(entries);
    for client in 0..entries {
        let presented = clients.presented(client);
        let remembered = remember(&cache, &validator, &presented);
        assert!(remembered.verdict.is_ok());
        let digest = sha256(presented.leaf().as_der());
        // A copy, so that neither side profits from the processor's caches of the other.
        let apart = VerdictCache::new(CacheOptions::default().capacity(1));
        let remembered = remember(&apart, &validator, &presented);
        lru.lock().expect("nobody panicked").put(digest, remembered);
        digests.push(digest);
        peers.push(ConnectionPeer::new(
            Arc::clone(&cache),
            NAMESPACE,
            presented,
        ));
    }
    assert_eq!(cache.len(), entries);
    let now = Time::from_unix(NOW);
    let ours = |i: usize| {
        let peer = &peers[i];
        let found = match asked {
            Asked::Handle => peer.get(&validator, now),
            Asked::Der => {
                let leaf = peer.presented().leaf().as_der();
                cache.get(&CacheKey::of_leaf(NAMESPACE, &validator, leaf), now)
            }
        };
        assert!(black_box(found).is_some());
    };
    let theirs = |i: usize| {
        let found = lru
            .lock()
            .expect("nobody panicked")
            .get(&digests[i])
            .cloned();
        assert!(black_box(found).is_some());
    };
    let zipf = Zipf::new(entries);
    // Look up each client once, in random order.
    for client in &zipf.ranks {
        ours(*client as usize);
        theirs(*client as usize);
    }
    in_two_threads(&zipf, &ours, &theirs)
}

/// Draws by Zipf's law with exponent 1.
struct Zipf {
    sums: Vec<f64>,
    /// The clients, the most frequent one first.
    ranks: Vec<u32>,
}

impl Zipf {
    fn new(count: usize) -> Self {
        let mut sum = 0.0;
        let sums = (1..=count).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        let sums = sums.collect();
        let mut ranks: Vec<u32> = (0..count as u32).collect();
        let mut random = Random::new(7);
        for last in (1..count).rev() {
            ranks.swap(last, random.below(last + 1));
        }
        Self { sums, ranks }
    }

    fn draw(&self, random: &mut Random) -> usize {
        const STEPS: usize = 1 << 30;
        let all = self.sums.last().copied().unwrap_or_default();
        let point = random.below(STEPS) as f64 / STEPS as f64 * all;
        let rank = self.sums.partition_point(|sum| *sum < point);
        self.ranks[rank.min(self.ranks.len() - 1)] as usize
    }
}

/// Look-ups of a batch. They are few, so that a batch is seldom interrupted.
const BATCH: usize = 512;

/// Nanoseconds of one look-up while another thread does the same. On a busy machine the threads do
/// not always begin together: medians are over the quarter of the rounds that began most together.
fn in_two_threads(
    zipf: &Zipf,
    ours: &(dyn Fn(usize) + Sync),
    theirs: &(dyn Fn(usize) + Sync),
) -> Medians {
    let start = Instant::now();
    let (arrived, goes_on) = (AtomicUsize::new(0), AtomicBool::new(true));
    let run = |thread: u64| {
        let mut random = Random::new(11 + thread);
        let mut picks = vec![0; BATCH];
        let mut spans = Vec::new();
        while goes_on.load(Ordering::Acquire) {
            for pick in &mut picks {
                *pick = zipf.draw(&mut random);
            }
            let call = if is_ours(spans.len()) { ours } else { theirs };
            meet(&arrived);
            let begin = start.elapsed();
            picks.iter().for_each(|pick| call(*pick));
            spans.push((begin, start.elapsed()));
            if thread == 0 && spans.len() % 4 == 0 && start.elapsed() > THREADS_TIME {
                goes_on.store(false, Ordering::Release);
            }
            meet(&arrived);
        }
        spans
    };
    let (a, b) = thread::scope(|scope| {
        let other = scope.spawn(|| run(1));
        (run(0), other.join().expect("it does not panic"))
    });
    let median = |ours: bool| {
        let rounds = a.iter().zip(&b).enumerate();
        let rounds = rounds.filter(|(round, _)| is_ours(*round) == ours);
        let mut rounds: Vec<(f64, f64)> = rounds.map(|(_, (a, b))| measured(*a, *b)).collect();
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        rounds.truncate(rounds.len() / 4);
        let mut each: Vec<f64> = rounds.iter().map(|(_, each)| *each).collect();
        (each.len(), crate::timing::median(&mut each))
    };
    let ((rounds, ours), (_, theirs)) = (median(true), median(false));
    Medians {
        ours,
        theirs,
        rounds,
    }
}

/// Which goes first alternates.
fn is_ours(round: usize) -> bool {
    matches!(round % 4, 0 | 3)
}

type Span = (Duration, Duration);

/// How far apart the two batches began, relative to their time, and the nanoseconds of one look-up.
fn measured(a: Span, b: Span) -> (f64, f64) {
    let nanoseconds = |time: Duration| time.as_nanos() as f64;
    let each = (nanoseconds(a.1 - a.0) + nanoseconds(b.1 - b.0)) / 2.0;
    let apart = nanoseconds(a.0.abs_diff(b.0));
    (apart / each, each / BATCH as f64)
}

/// Waits until both threads are here.
fn meet(arrived: &AtomicUsize) {
    let place = arrived.fetch_add(1, Ordering::AcqRel);
    let all = (place / 2 + 1) * 2;
    while arrived.load(Ordering::Acquire) < all {
        std::hint::spin_loop();
    }
}
