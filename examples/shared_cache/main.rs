//! Servers that share verdicts through Redis: a client that one server has validated is known to
//! the others.
//!
//! ```sh
//! redis-server --save '' &
//! cargo run --release --example shared_cache             # validates
//! cargo run --release --example shared_cache             # another process: finds it in Redis
//! cargo run --release --example shared_cache -- 127.0.0.1:7000
//! ```
//!
//! Each run stands for one server, which gets two requests from one client. If Redis cannot be
//! reached, the server says so and validates the client itself.

mod redis;

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use portcullis::cache::{CacheOptions, FleetCache, Sealing, SealingKey, VerdictCache};
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{Presented, Purpose, Time, TrustMode, TrustStore, Validator};

use redis::Redis;

/// Keep it secret in production: whoever knows it can make verdicts that let anybody in.
const SECRET: &[u8] = b"an example's secret, known to all";

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:6379").parse()?;
    let store = Redis::new(address, Duration::from_millis(200));
    let sealing = Sealing::new(SealingKey::new(SECRET)?);
    let cache = Arc::new(VerdictCache::new(CacheOptions::default()));
    let fleet = FleetCache::new(cache, store, sealing);

    let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
    let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
        .purpose(Purpose::ClientAuth)
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .build()?;
    let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
    let now = Time::from(SystemTime::now());
    for request in ["first", "second"] {
        let served = fleet.validate(b"api", &validator, &presented, now, &NoFetcher, |_| ());
        if let Some(error) = &served.store_error {
            println!("{request} request: {error}");
        }
        let answer = match &served.cached.verdict {
            Ok(accepted) => format!("welcome, {}", accepted.leaf().subject()),
            Err(rejected) => format!("no: {rejected}"),
        };
        println!("{request} request: {answer} ({:?})", served.source);
    }
    Ok(())
}
