//! Simulates a day of virtual time from a seed. Servers share one evidence store and one cache of
//! verdicts. CAs publish CRLs, delta CRLs and OCSP responses, split CRLs, revoke and change keys.
//! Mirrors hang, lag, lie and mix up what they serve. Clients come, go and resume. A hostile CA
//! below the same root attacks the others. The real validator, evidence store, cache and renewals
//! run; only signatures are stubs.
//!
//! After each step it checks that
//!
//! - nobody is accepted whose revocation was published and has been reachable long enough,
//! - no good client is refused if its CA's sources have been reachable long enough,
//! - no verdict outlives the evidence that it rests on,
//! - no round of fetching and no validation goes beyond its time, its requests and its visits to
//!   the store, and the store is within its limit.
//!
//! `SIMULATION_SEEDS=10000 cargo test --release --test simulation` runs this many seeds;
//! `SIMULATION_SEED=17` runs one and, with `-- --nocapture`, tells what happens in it. A seed that
//! fails is printed.
#![cfg(feature = "std")] // for the evidence that threads share

mod hostile;
mod marks;
mod network;
mod random;
mod servers;
mod world;

use std::env;
use std::ops::Range;
use std::thread;

use random::Random;
use servers::{MAX_BYTES, Servers};
use world::{Client, LIFE, Speech, World, speech};

/// 2026-01-01, and how long a world lasts.
const START: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

/// How often CRLs are polled.
const POLL: i64 = 600;

/// After so long, what has been published and reachable must be known: a poll, the wait for it, and
/// the pauses after failures of a mirror that was down before.
const DUE: i64 = POLL + 1_800;

/// What became of the clients of a day.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    accepted: u64,
    resumed: u64,
    revoked: u64,
    refused: u64,
}

/// Runs a day; what goes wrong is told.
fn run(seed: u64, is_told: bool) -> Result<Counts, String> {
    let mut random = Random(seed);
    let mut world = World::new(START);
    world.is_told = is_told;
    let mut servers = Servers::new(&world);
    let mut counts = Counts::default();
    while world.now < START + DAY {
        let seconds = 60 + i64::try_from(random.below(600)).expect("it is small");
        world.pass(seconds, &mut random);
        let hour = (world.now - START) / 3_600;
        step(&mut world, &mut servers, &mut random, &mut counts)
            .map_err(|what| format!("hour {hour}: {what}"))?;
    }
    Ok(counts)
}

fn step(
    world: &mut World,
    servers: &mut Servers,
    random: &mut Random,
    counts: &mut Counts,
) -> Result<(), String> {
    for _ in 0..random.below(4) {
        let presented = world.evil_client(random);
        let _ = servers.handshake(random, &presented, world.now)?;
    }
    if world.clients.is_empty() {
        return Ok(());
    }
    if random.once_in(40)
        && let Some((crl, source)) = world.by_mail(random)
    {
        servers.insert(crl, source);
    }
    if !random.once_in(6) {
        servers.fetch(world, random)?;
    }
    for place in servers.sessions_that_resume(random, world.now) {
        counts.resumed += 1;
        check_accepted(world, &world.clients[place])?;
    }
    for _ in 0..3 {
        let place = random.place(world.clients.len());
        comes(world, place, servers, random, counts)?;
    }
    let bytes = servers.bytes();
    if bytes > MAX_BYTES {
        return Err(format!("the store has {bytes} octets"));
    }
    Ok(())
}

/// A client comes. If it is turned away and comes for the first time, it waits for the task, and
/// comes again.
fn comes(
    world: &World,
    place: usize,
    servers: &mut Servers,
    random: &mut Random,
    counts: &mut Counts,
) -> Result<(), String> {
    let client = &world.clients[place];
    let presented = world.presented(client);
    let mut verdict = servers.handshake(random, &presented, world.now)?;
    world.tell(|| format!("client {place} comes: {}", verdict.is_ok()));
    if verdict.is_err() && client.revoked.is_none() {
        servers.fetch(world, random)?;
        verdict = servers.handshake(random, &presented, world.now)?;
    }
    match (verdict, client.revoked) {
        (Ok(end), _) => {
            counts.accepted += 1;
            check_accepted(world, client)?;
            if end > world.last_end(client.ca) {
                return Err("a verdict outlives all evidence".to_owned());
            }
            servers.begin_session(place, presented);
        }
        (Err(_), Some(_)) => counts.revoked += 1,
        (Err(why), None) => {
            counts.refused += 1;
            if world.served_for(client.ca) > DUE {
                return Err(format!("a good client is refused: {why}"));
            }
        }
    }
    Ok(())
}

/// Who is accepted may have been revoked a moment ago, and not more.
fn check_accepted(world: &World, client: &Client) -> Result<(), String> {
    // A response counts until it ends; nobody asks again before.
    let due = match speech(client.ca) {
        Speech::Responses => LIFE + DUE,
        _ => DUE,
    };
    match world.known_for(client) {
        Some(known) if known > due => Err(format!(
            "a revoked client of CA {}, key {}, part {} is accepted, {known} s after",
            client.ca, client.key, client.part
        )),
        _ => Ok(()),
    }
}

/// Runs seeds on all processors.
fn run_all(seeds: Range<u64>, is_told: bool) -> Vec<(u64, Result<Counts, String>)> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let run_share = |first| -> Vec<_> {
        let share = seeds.clone().skip(first).step_by(threads);
        share.map(|seed| (seed, run(seed, is_told))).collect()
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
    let (seeds, is_told) = match number("SIMULATION_SEED") {
        Some(one) => (one..one + 1, true),
        None => (0..number("SIMULATION_SEEDS").unwrap_or(20), false),
    };
    let results = run_all(seeds, is_told);
    let mut all = Counts::default();
    let mut failed = Vec::new();
    for (seed, result) in results {
        match result {
            Ok(counts) => {
                all.accepted += counts.accepted;
                all.resumed += counts.resumed;
                all.revoked += counts.revoked;
                all.refused += counts.refused;
            }
            Err(what) => failed.push(format!("seed {seed}: {what}")),
        }
    }
    println!("{all:?}");
    assert!(
        failed.is_empty(),
        "{} seeds: {}",
        failed.len(),
        failed[..failed.len().min(10)].join("\n")
    );
    assert!(
        all.accepted > all.refused && all.resumed > 0 && all.revoked > 0,
        "{all:?}"
    );
}
