//! Prints `NAME: ratio R` for each row, and the medians that it is made of. The ratio is ours
//! divided by theirs, which were run in turn.
//!
//! `cargo run --release` runs all rows in some minutes, `cargo run --release -- own-work` those
//! whose names begin with `own-work`.

use std::env;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use peers::cache;
use peers::crl::{self, LISTED, List, Random};
use peers::data::{self, Chain};
use peers::memory::{self, Counting};
use peers::others::{Certval, OpenSsl};
use peers::ours::{self, Memo};
use peers::signatures;
use peers::store;
use peers::sums::Sum;
use peers::theirs;
use peers::timing::{Medians, Subject, compare};
use portcullis::crypto::Provider;
use portcullis::revocation::{Crl, RevokedEntry};
use portcullis::{Certificate, Name, Purpose};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::{CertRevocationList, EndEntityCert, KeyUsage};

/// Batches of calls that take a few microseconds. Larger batches need more memos, one for each
/// call, which do not fit into the first cache.
const SHORT: usize = 8;
const SHORT_TIME: Duration = Duration::from_secs(3);
/// For calls that take many microseconds.
const LONG_TIME: Duration = Duration::from_secs(5);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let wanted = env::args().nth(1).unwrap_or_default();
    let all = rows()
        .into_iter()
        .chain(signatures::rows())
        .chain(cache::rows())
        .chain(store::rows());
    for (name, goal, measure) in all {
        if name.starts_with(&wanted) {
            print(name, goal, measure());
        }
    }
    if "crl-100k-memory".starts_with(&wanted) {
        crl_memory();
    }
    cache::print_memory(&wanted);
}

/// The heap that a CRL takes, without its own bytes, of which both sides keep a copy.
fn crl_memory() {
    let list = List::new();
    let ours = memory::held(|| list.ours()) - list.der.len();
    let theirs = memory::held(|| list.theirs()) - list.der.len();
    println!("crl-100k-memory: ratio {:.3}", ours as f64 / theirs as f64);
    println!("    {ours} / {theirs} bytes without those of the CRL, goal 0.1");
}

type Row = (&'static str, Option<f64>, Box<dyn Fn() -> Medians>);

fn rows() -> Vec<Row> {
    vec![
        ("parse-978", Some(1.0), Box::new(parse)),
        (
            "own-work-d1",
            Some(1.0),
            Box::new(|| own_work("bench-d1", 1, Memo::Emptied)),
        ),
        (
            "own-work-d2",
            Some(1.0),
            Box::new(|| own_work("bench-d2", 2, Memo::Emptied)),
        ),
        (
            "own-work-d3",
            Some(1.0),
            Box::new(|| own_work("bench-d3", 3, Memo::Emptied)),
        ),
        (
            "own-work-d1-no-memo",
            None,
            Box::new(|| own_work("bench-d1", 1, Memo::None)),
        ),
        (
            "own-work-d2-no-memo",
            None,
            Box::new(|| own_work("bench-d2", 2, Memo::None)),
        ),
        (
            "own-work-d3-no-memo",
            None,
            Box::new(|| own_work("bench-d3", 3, Memo::None)),
        ),
        ("own-work-d6", Some(1.35), Box::new(own_work_by_depth)),
        ("session-d2", Some(1.25), Box::new(session)),
        ("roots-150", Some(1.1), Box::new(roots_150)),
        (
            "mesh-3x3",
            Some(0.3),
            Box::new(|| mesh(Arc::new(ours::Ring), theirs::RING)),
        ),
        (
            "mesh-3x3-rustcrypto",
            None,
            Box::new(|| mesh(Arc::new(portcullis::RustCrypto), &theirs::RustCrypto)),
        ),
        (
            "constraints-1000x100",
            Some(0.25),
            Box::new(|| own_work("constraints-1000x100", 2, Memo::Emptied)),
        ),
        (
            "constraints-1x100",
            Some(1.0),
            Box::new(|| own_work("constraints-1x100", 2, Memo::Emptied)),
        ),
        (
            "selfissued-127",
            Some(0.06),
            Box::new(|| selfissued("selfissued-127")),
        ),
        (
            "selfissued-127-keys",
            None,
            Box::new(|| selfissued("selfissued-127-keys")),
        ),
        ("cold-sum-d2", Some(1.03), Box::new(cold_sum)),
        (
            "cold-ring-d1",
            Some(1.03),
            Box::new(|| on_ring("bench-d1", 1, Memo::Emptied)),
        ),
        (
            "cold-ring-d2",
            Some(1.03),
            Box::new(|| on_ring("bench-d2", 2, Memo::Emptied)),
        ),
        (
            "cold-ring-d3",
            Some(1.03),
            Box::new(|| on_ring("bench-d3", 3, Memo::Emptied)),
        ),
        ("cold-rustcrypto-d2", None, Box::new(cold_rustcrypto)),
        (
            "known-issuer-ring-d1",
            Some(1.03),
            Box::new(|| on_ring("bench-d1", 1, Memo::Kept)),
        ),
        (
            "known-issuer-ring-d2",
            Some(0.55),
            Box::new(|| on_ring("bench-d2", 2, Memo::Kept)),
        ),
        (
            "known-issuer-ring-d3",
            Some(0.37),
            Box::new(|| on_ring("bench-d3", 3, Memo::Kept)),
        ),
        (
            "known-issuer-d2",
            Some(1.03),
            Box::new(|| known_issuer("bench-d2", 2)),
        ),
        (
            "known-issuer-d5",
            Some(1.03),
            Box::new(|| known_issuer("bench-d5", 5)),
        ),
        ("openssl-d2", None, Box::new(|| openssl(Memo::Emptied))),
        ("openssl-known-d2", None, Box::new(|| openssl(Memo::Kept))),
        ("certval-d2", None, Box::new(|| certval(Memo::Emptied))),
        ("certval-known-d2", None, Box::new(|| certval(Memo::Kept))),
        ("crl-100k-build", Some(0.05), Box::new(crl_build)),
        ("crl-2m-build", Some(0.06), Box::new(crl_2m_build)),
        ("crl-2m-same-tail", Some(1.5), Box::new(crl_2m_same_tail)),
        ("crl-100k-lookup", Some(0.1), Box::new(crl_in_turn)),
        ("crl-100k-dated", None, Box::new(crl_dated)),
        (
            "crl-100k-shuffled",
            None,
            Box::new(|| crl_shuffled(|list| list.listed().to_vec())),
        ),
        (
            "crl-100k-miss",
            None,
            Box::new(|| crl_shuffled(List::unlisted)),
        ),
        ("crl-100k-cold", None, Box::new(|| crl_shuffled(List::all))),
    ]
}

fn print(name: &str, goal: Option<f64>, medians: Medians) {
    let goal = goal
        .map(|goal| format!(", goal {goal}"))
        .unwrap_or_default();
    println!("{name}: ratio {:.3}", medians.ratio());
    println!(
        "    medians {} / {}, {} rounds{goal}",
        time(medians.ours),
        time(medians.theirs),
        medians.rounds,
    );
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 10_000.0 => format!("{n:.0} ns"),
        n if n < 10_000_000.0 => format!("{:.1} us", n / 1e3),
        n => format!("{:.1} ms", n / 1e6),
    }
}

fn parse() -> Medians {
    let leaf = leaf_978();
    let mut ours = |_| {
        drop(black_box(Certificate::from_der(black_box(&leaf))));
    };
    compare(SHORT_TIME, 4 * SHORT, &mut ours, &mut webpki_parse(&leaf))
}

fn leaf_978() -> CertificateDer<'static> {
    let leaf = Chain::read("bench-978").certificates.remove(0);
    assert_eq!(leaf.len(), 978);
    assert!(Certificate::from_der(&leaf).is_ok());
    assert!(EndEntityCert::try_from(&leaf).is_ok());
    leaf
}

fn webpki_parse(leaf: &CertificateDer<'_>) -> impl Subject {
    move |_| {
        let _ = black_box(EndEntityCert::try_from(black_box(leaf)));
    }
}

/// Everything but the signatures.
fn own_work(name: &str, signatures: usize, memo: Memo) -> Medians {
    let mut ours = our_server(name, 1, Arc::new(ours::Yes), memo, SHORT);
    let mut theirs = their_server(name, &theirs::Yes);
    assert_eq!(ours.verdict(), Ok(signatures));
    assert_eq!(theirs.verdict(), Ok(signatures));
    compare(SHORT_TIME, SHORT, &mut ours, &mut theirs)
}

/// A path of six signatures against one of five, both ours.
fn own_work_by_depth() -> Medians {
    let of = |name| our_server(name, 1, Arc::new(ours::Yes), Memo::Emptied, SHORT);
    let (mut six, mut five) = (of("bench-d6"), of("bench-d5"));
    assert_eq!(six.verdict(), Ok(6));
    assert_eq!(five.verdict(), Ok(5));
    compare(SHORT_TIME, SHORT, &mut six, &mut five)
}

/// Step by step against one call, both ours.
fn session() -> Medians {
    let validations = || our_server("bench-d2", 1, Arc::new(ours::Yes), Memo::Emptied, SHORT);
    let (mut stepwise, mut at_once) = (ours::Sessions(validations()), validations());
    assert_eq!(at_once.verdict(), Ok(2));
    compare(SHORT_TIME, SHORT, &mut stepwise, &mut at_once)
}

/// 150 roots against 1, both ours.
fn roots_150() -> Medians {
    let with = |roots| our_server("bench-d2", roots, Arc::new(ours::Yes), Memo::Emptied, SHORT);
    let (mut many, mut one) = (with(150), with(1));
    assert_eq!(many.verdict(), Ok(2));
    assert_eq!(one.verdict(), Ok(2));
    compare(SHORT_TIME, SHORT, &mut many, &mut one)
}

/// A whole validation against its signatures only, with the preparation of keys.
fn cold_sum() -> Medians {
    let provider = Arc::new(portcullis::RustCrypto);
    let mut ours = our_server("bench-d2", 1, provider, Memo::Emptied, 1);
    assert_eq!(ours.verdict(), Ok(2));
    let chain = Chain::read("bench-d2");
    let mut sum = Sum::of_all(&chain, &data::roots("bench-root")[0]);
    assert_eq!(sum.signatures(), 2);
    compare(LONG_TIME, 1, &mut ours, &mut sum)
}

/// A new leaf of known issuers against its signature only, by a prepared key.
fn known_issuer(name: &str, depth: usize) -> Medians {
    let provider = Arc::new(portcullis::RustCrypto);
    let mut ours = our_server(name, 1, provider, Memo::Kept, 1);
    assert_eq!(ours.verdict(), Ok(depth));
    let mut sum = Sum::of_leaf(&Chain::read(name));
    assert_eq!(sum.signatures(), 1);
    compare(LONG_TIME, 1, &mut ours, &mut sum)
}

/// Ours on ring, whose P-256 is written in assembly as that of OpenSSL is.
fn openssl(memo: Memo) -> Medians {
    let mut ours = our_server("bench-d2", 1, Arc::new(ours::Ring), memo, 1);
    let mut theirs = OpenSsl::new(&Chain::read("bench-d2"), &data::roots("bench-root"));
    assert_eq!(ours.verdict(), Ok(2));
    assert_eq!(theirs.verdict(), Ok(2));
    compare(SHORT_TIME, 1, &mut ours, &mut theirs)
}

/// RustCrypto on both sides.
fn certval(memo: Memo) -> Medians {
    let provider = Arc::new(portcullis::RustCrypto);
    let mut ours = our_server("bench-d2", 1, provider, memo, 1);
    let mut theirs = Certval::new(&Chain::read("bench-d2"), &data::roots("bench-root")[0]);
    assert_eq!(ours.verdict(), Ok(2));
    assert_eq!(theirs.verdict(), Ok(2));
    compare(SHORT_TIME, 1, &mut ours, &mut theirs)
}

fn on_ring(name: &str, signatures: usize, memo: Memo) -> Medians {
    let mut ours = our_server(name, 1, Arc::new(ours::Ring), memo, 1);
    let mut theirs = their_server(name, theirs::RING);
    assert_eq!(ours.verdict(), Ok(signatures));
    assert_eq!(theirs.verdict(), Ok(signatures));
    compare(SHORT_TIME, 1, &mut ours, &mut theirs)
}

fn cold_rustcrypto() -> Medians {
    let provider = Arc::new(portcullis::RustCrypto);
    let mut ours = our_server("bench-d2", 1, provider, Memo::Emptied, 1);
    let mut theirs = their_server("bench-d2", &theirs::RustCrypto);
    assert_eq!(ours.verdict(), Ok(2));
    assert_eq!(theirs.verdict(), Ok(2));
    compare(LONG_TIME, 1, &mut ours, &mut theirs)
}

/// A rejection: a mesh under a root of the right name and another key.
fn mesh(
    provider: Arc<dyn Provider>,
    algorithm: &'static dyn SignatureVerificationAlgorithm,
) -> Medians {
    let chain = Chain::read("mesh-3x3");
    assert_eq!(chain.intermediates().len(), 27);
    let subjects = |root| {
        let roots = data::roots(root);
        let purpose = Purpose::ClientAuth;
        let provider = Arc::clone(&provider);
        let ours = ours::Validations::new(&chain, &roots, purpose, provider, Memo::Emptied, 1);
        let usage = KeyUsage::client_auth();
        let theirs = theirs::Validations::new(&chain, &roots, usage, algorithm);
        (ours, theirs)
    };
    // rustls-webpki spends its budget of signatures before it finds this path.
    let (mut ours, _) = subjects("mesh-root-1");
    assert_eq!(
        ours.verdict(),
        Ok(4),
        "the mesh has a path under its own root"
    );
    let (mut ours, mut theirs) = subjects("mesh-root-4");
    assert!(ours.verdict().is_err());
    assert!(theirs.verdict().is_err());
    compare(LONG_TIME, 1, &mut ours, &mut theirs)
}

/// A rejection: a leaf below many self-issued certificates of its issuer's name. Signatures cost
/// nothing.
fn selfissued(name: &str) -> Medians {
    let mut ours = our_server(name, 1, Arc::new(ours::Yes), Memo::Emptied, 1);
    let mut theirs = their_server(name, &theirs::Yes);
    assert!(ours.verdict().is_err());
    assert!(theirs.verdict().is_err());
    compare(LONG_TIME, 1, &mut ours, &mut theirs)
}

/// A CRL of 100,000 entries, from DER until it can be searched. It is dropped while no clock runs.
fn crl_build() -> Medians {
    let list = List::new();
    let mut ours = Kept(|| list.ours(), None);
    let mut theirs = Kept(|| list.theirs(), None);
    compare(LONG_TIME, 1, &mut ours, &mut theirs)
}

/// As [`crl_build`], with two million entries.
fn crl_2m_build() -> Medians {
    let list = List::large();
    let mut ours = Kept(|| list.ours(), None);
    let mut theirs = Kept(|| list.theirs(), None);
    compare(LONG_TIME, 1, &mut ours, &mut theirs)
}

/// Two million serial numbers whose last octets are the same, against random ones, both ours.
fn crl_2m_same_tail() -> Medians {
    let (same, random) = (List::same_tails(), List::large());
    let mut ours = Kept(|| same.ours(), None);
    let mut theirs = Kept(|| random.ours(), None);
    compare(LONG_TIME, 1, &mut ours, &mut theirs)
}

/// A subject whose result outlives the call.
struct Kept<F, T>(F, Option<T>);

impl<F: Fn() -> T, T> Subject for Kept<F, T> {
    fn reset(&mut self) {
        self.1 = None;
    }

    fn call(&mut self, _: usize) {
        self.1 = Some(black_box(self.0()));
    }
}

/// From a serial number to its entry. Ours compares the issuer too. 256 serial numbers are looked
/// up in turn, again and again.
fn crl_in_turn() -> Medians {
    let sides = Sides::new();
    let serials = sides.list.listed();
    let mut ours = |i: usize| {
        black_box(sides.find(black_box(&serials[i % LISTED])));
    };
    let mut theirs = |i: usize| {
        let _ = black_box(sides.theirs.find_serial(black_box(&serials[i % LISTED])));
    };
    compare(SHORT_TIME, LOOKUPS, &mut ours, &mut theirs)
}

/// As [`crl_in_turn`], with date and reason, which ours decodes on demand.
fn crl_dated() -> Medians {
    let sides = Sides::new();
    let serials = sides.list.listed();
    let mut ours = |i: usize| {
        let entry = sides.find(black_box(&serials[i % LISTED]));
        black_box(entry.map(|entry| (entry.revocation_date(), entry.reason())));
    };
    let mut theirs = |i: usize| {
        let entry = sides.theirs.find_serial(black_box(&serials[i % LISTED]));
        let entry = entry.ok().flatten();
        black_box(entry.map(|entry| (entry.revocation_date, entry.reason_code)));
    };
    compare(SHORT_TIME, LOOKUPS, &mut ours, &mut theirs)
}

/// In a random order that changes with each batch, so that no branch predictor learns it.
fn crl_shuffled(serials: impl Fn(&List) -> Vec<[u8; 16]>) -> Medians {
    let sides = Sides::new();
    let serials = serials(&sides.list);
    let mut ours = Shuffled::new(&serials, |serial| {
        black_box(sides.find(serial));
    });
    let mut theirs = Shuffled::new(&serials, |serial| {
        let _ = black_box(sides.theirs.find_serial(serial));
    });
    compare(SHORT_TIME, LOOKUPS, &mut ours, &mut theirs)
}

/// One CRL as both sides keep it.
struct Sides {
    list: List,
    ours: Crl,
    theirs: CertRevocationList<'static>,
    /// The issuer, in memory of its own as in a certificate.
    issuer: Name<'static>,
}

impl Sides {
    fn new() -> Self {
        let list = List::new();
        let (ours, theirs) = (list.ours(), CertRevocationList::Owned(list.theirs()));
        assert_eq!(ours.len(), crl::ENTRIES);
        let serials = list.all().into_iter().chain(list.unlisted());
        serials.for_each(|serial| assert!(crl::agree(&ours, &theirs, &serial)));
        let issuer = ours.issuer().as_der().to_vec().leak();
        let issuer = Name::from_der(issuer).expect("it parses");
        Self {
            list,
            ours,
            theirs,
            issuer,
        }
    }

    fn find(&self, serial: &[u8]) -> Option<RevokedEntry<'_>> {
        self.ours.find(serial, self.issuer)
    }
}

/// Calls of a batch. With few serial numbers, so many that what the other side left in the
/// processor's caches does not matter.
const LOOKUPS: usize = 32 * 1024;

/// Looks up serial numbers of a set in random order.
struct Shuffled<'a, F> {
    set: &'a [[u8; 16]],
    random: Random,
    batch: Vec<u32>,
    look_up: F,
}

impl<'a, F: FnMut(&[u8])> Shuffled<'a, F> {
    fn new(set: &'a [[u8; 16]], look_up: F) -> Self {
        Self {
            set,
            random: Random::new(4),
            batch: vec![0; LOOKUPS],
            look_up,
        }
    }
}

impl<F: FnMut(&[u8])> Subject for Shuffled<'_, F> {
    fn reset(&mut self) {
        for pick in &mut self.batch {
            *pick = self.random.below(self.set.len()) as u32;
        }
    }

    fn call(&mut self, i: usize) {
        let pick = self.batch[i] as usize;
        (self.look_up)(black_box(&self.set[pick]));
    }
}

fn our_server(
    name: &str,
    roots: usize,
    provider: Arc<dyn Provider>,
    memo: Memo,
    batch: usize,
) -> ours::Validations {
    let roots = match roots {
        1 => data::roots("bench-root"),
        _ => data::roots_around("bench-root", roots),
    };
    let chain = Chain::read(name);
    ours::Validations::new(&chain, &roots, Purpose::ServerAuth, provider, memo, batch)
}

fn their_server(
    name: &str,
    algorithm: &'static dyn SignatureVerificationAlgorithm,
) -> theirs::Validations {
    let roots = data::roots("bench-root");
    theirs::Validations::new(
        &Chain::read(name),
        &roots,
        KeyUsage::server_auth(),
        algorithm,
    )
}
