//! Verdicts that servers share by Redis: what one has found out, the others need not.
//!
//! ```sh
//! redis-server --save '' &
//! cargo run --release --example shared_cache             # validates
//! cargo run --release --example shared_cache             # another process: finds it in Redis
//! cargo run --release --example shared_cache -- 127.0.0.1:7000
//! ```
//!
//! Each run is a server of the fleet that sees one client twice. Without a Redis it validates, and
//! says so.

mod redis;

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use portcullis::cache::{CacheOptions, FleetCache, Sealing, SealingKey, VerdictCache};
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{Presented, Purpose, Time, TrustMode, TrustStore, Validator};

use redis::Redis;

/// In earnest it comes from a vault: whoever has it can let anyone in.
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
        if let Some(trouble) = &served.store_error {
            println!("{request} request: {trouble}");
        }
        let answer = match &served.cached.verdict {
            Ok(accepted) => format!("welcome, {}", accepted.leaf().subject()),
            Err(rejected) => format!("no: {rejected}"),
        };
        println!("{request} request: {answer} ({:?})", served.source);
    }
    Ok(())
}
