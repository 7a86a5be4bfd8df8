//! Simulates a day of virtual time from a seed. Servers share one evidence store. CAs publish CRLs,
//! split them, revoke and change keys. Mirrors hang, lag and lie. A hostile CA below the same root
//! attacks the others. The real validator, evidence store and renewals run; only signatures are
//! stubs.
//!
//! After each step it checks that
//!
//! - nobody is accepted whose revocation was published and has been reachable long enough,
//! - no good client is refused if its CA's sources have been reachable long enough,
//! - the store is within its limit,
//! - no verdict outlives the evidence that it rests on.
//!
//! `SIMULATION_SEEDS=10000 cargo test --release --test simulation` runs this many seeds;
//! `SIMULATION_SEED=17` runs one. A seed that fails is printed.
#![cfg(feature = "std")] // for the evidence that threads share

mod marks;
mod random;
mod world;

use std::env;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use portcullis::revocation::{
    Evidence, NoFetcher, RefreshSchedule, RevocationFlag, RevocationMode, SharedEvidence,
};
use portcullis::{
    Accepted, Presented, Purpose, Rejected, Rule, Time, TrustMode, TrustStore, Validator,
};

use marks::Marks;
use random::Random;
use world::{Network, World};

/// 2026-01-01, and how long a world lasts.
const START: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

/// How much a store holds: little, so that parties press each other.
const MAX_BYTES: usize = 160 * 1024;

/// How often CRLs are polled, and for how long a round of fetching may go on.
const POLL: i64 = 600;
const ROUND: i64 = 60;

/// After so long, what has been published and reachable must be known: a poll, the wait for it, and
/// the pauses after failures of a mirror that was down before.
const DUE: i64 = POLL + 1_800;

struct Servers {
    validators: [Validator; 2],
    store: Arc<SharedEvidence>,
    /// Who lacked evidence at a handshake.
    missing: Vec<Presented>,
}

impl Servers {
    fn new(world: &World) -> Self {
        let store = Arc::new(SharedEvidence::new(Evidence::new().max_bytes(MAX_BYTES)));
        let roots = TrustStore::from_der([&world.root.certificate.der]).expect("it parses");
        let validator = || {
            Validator::builder(TrustMode::CustomRootTrust(roots.clone()))
                .purpose(Purpose::ClientAuth)
                .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
                .provider(Arc::new(Marks))
                .evidence(Arc::clone(&store) as _)
                .build()
                .expect("options are sound")
        };
        Self {
            validators: [validator(), validator()],
            store,
            missing: Vec::new(),
        }
    }

    /// A handshake fetches nothing; who lacks evidence is noted.
    fn handshake(
        &mut self,
        random: &mut Random,
        presented: &Presented,
        now: i64,
    ) -> Result<Accepted, Rejected> {
        let validator = &self.validators[random.place(2)];
        let verdict = validator.validate(presented, Time::from_unix(now), &NoFetcher);
        if let Err(rejected) = &verdict {
            let is_unknown = |rule: &Rule| matches!(rule, Rule::RevocationUnknown(_));
            let mut violations = rejected.violations().iter();
            if violations.any(|violation| is_unknown(&violation.rule)) && self.missing.len() < 64 {
                self.missing.push(presented.clone());
            }
        }
        verdict
    }

    /// The task beside the handshakes: renews what is due, then fetches what handshakes lacked.
    fn fetch(&mut self, world: &World, random: &mut Random) {
        let schedule = RefreshSchedule::from(900)
            .poll_crls_every(u32::try_from(POLL).expect("it is short"))
            .jitter(7);
        let validator = &self.validators[0];
        let now = Time::from_unix(world.now);
        validator.refresh_due(now, schedule, &Network::of(world, random, ROUND));
        for presented in std::mem::take(&mut self.missing) {
            // A round of its own for each, so that one does not use up the time of another.
            let _ = validator.validate(&presented, now, &Network::of(world, random, ROUND));
        }
    }
}

/// Runs a day; what goes wrong is told.
fn run(seed: u64) -> Result<[u64; 3], String> {
    let mut random = Random(seed);
    let mut world = World::new(START);
    let mut servers = Servers::new(&world);
    let mut counts = [0; 3];
    while world.now < START + DAY {
        let seconds = 60 + i64::try_from(random.below(600)).expect("it is small");
        world.pass(seconds, &mut random);
        for _ in 0..random.below(4) {
            let presented = world.evil_client(&mut random);
            let _ = servers.handshake(&mut random, &presented, world.now);
        }
        if random.once_in(40)
            && !world.clients.is_empty()
            && let Some((crl, source)) = world.by_mail(&mut random)
        {
            let insert = |evidence: &mut Evidence| evidence.insert_crl_from(crl, source);
            let _ = servers.store.edit(insert);
        }
        if !random.once_in(6) {
            servers.fetch(&world, &mut random);
        }
        step(&world, &mut servers, &mut random, &mut counts)?;
    }
    Ok(counts)
}

fn step(
    world: &World,
    servers: &mut Servers,
    random: &mut Random,
    counts: &mut [u64; 3],
) -> Result<(), String> {
    let hour = (world.now - START) / 3_600;
    let bytes = servers.store.edit(|evidence| evidence.bytes());
    if bytes > MAX_BYTES {
        return Err(format!("hour {hour}: the store has {bytes} octets"));
    }
    for _ in 0..3 {
        if world.clients.is_empty() {
            return Ok(());
        }
        let client = &world.clients[random.place(world.clients.len())];
        let presented = world.presented(client);
        let served_for = world.served_for(client.ca);
        let mut verdict = servers.handshake(random, &presented, world.now);
        // Who comes for the first time waits for the task, and comes again.
        if verdict.is_err() && client.revoked.is_none() {
            servers.fetch(world, random);
            verdict = servers.handshake(random, &presented, world.now);
        }
        match (&verdict, client.revoked) {
            (Ok(accepted), revoked) => {
                counts[0] += 1;
                let known_since = revoked.map(|revoked| world.now - revoked);
                if known_since.is_some_and(|since| since.min(served_for) > DUE) {
                    return Err(format!(
                        "hour {hour}: a revoked client of CA {} is accepted, {} s after",
                        client.ca,
                        known_since.unwrap_or(0)
                    ));
                }
                let end = accepted.not_after().unix();
                if end > world.last_end(client.ca) {
                    return Err(format!("hour {hour}: a verdict outlives all evidence"));
                }
            }
            (Err(_), Some(_)) => counts[1] += 1,
            (Err(rejected), None) => {
                counts[2] += 1;
                if served_for > DUE {
                    return Err(format!("hour {hour}: a good client is refused: {rejected}"));
                }
            }
        }
    }
    Ok(())
}

/// Runs seeds on all processors.
fn run_all(seeds: Range<u64>) -> Vec<(u64, Result<[u64; 3], String>)> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let run_share = |first| -> Vec<_> {
        let share = seeds.clone().skip(first).step_by(threads);
        share.map(|seed| (seed, run(seed))).collect()
    };
    let run_share = &run_share;
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || run_share(first)))
            .collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined
            .flat_map(|results| results.expect("it ended"))
            .collect()
    })
}

#[test]
fn nobody_is_harmed_by_a_neighbour() {
    let number = |name: &str| {
        env::var(name)
            .ok()
            .map(|text| text.parse().expect("a number"))
    };
    let seeds = match number("SIMULATION_SEED") {
        Some(one) => one..one + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(20),
    };
    let results = run_all(seeds);
    let mut all = [0; 3];
    let mut failed = Vec::new();
    for (seed, result) in results {
        match result {
            Ok(counts) => all
                .iter_mut()
                .zip(counts)
                .for_each(|(all, one)| *all += one),
            Err(what) => failed.push(format!("seed {seed}: {what}")),
        }
    }
    println!("accepted, revoked, refused: {all:?}");
    assert!(
        failed.is_empty(),
        "{} seeds: {}",
        failed.len(),
        failed[..failed.len().min(10)].join("\n")
    );
    assert!(all[0] > all[2] && all[1] > 0, "{all:?}");
}
