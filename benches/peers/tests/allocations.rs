//! A hit in the cache allocates nothing: by a presented chain, a leaf in DER, or the handle of a
//! connection.
//!
//! The test is here because counting needs an allocator, and that needs `unsafe`. It is one test,
//! so that nothing else is counted.

use std::sync::Arc;

use peers::data::{self, Chain, NOW};
use peers::memory::{self, Counting};
use portcullis::cache::{
    CacheKey, CacheOptions, ConnectionPeer, LeafLookup, LocalCache, VerdictCache,
};
use portcullis::certificate::extensions::SubjectAltName;
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{PeerName, Presented, Purpose, Time, TrustMode, TrustStore, Validator};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_hit_asks_for_no_memory() {
    let store = TrustStore::from_der(data::roots("bench-root")).unwrap();
    let validator = Validator::builder(TrustMode::CustomRootTrust(store))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .purpose(Purpose::ServerAuth)
        .build()
        .unwrap();
    let chain = Chain::read("bench-d2");
    let presented = Presented::from_der(&chain.certificates).unwrap();
    let names = presented
        .leaf()
        .get::<SubjectAltName<'_>>()
        .unwrap()
        .unwrap();
    let name = names.dns_names().next().unwrap().replace('*', "a");
    let named = presented.clone().expecting(PeerName::dns(&name).unwrap());
    let alone = Presented::new(presented.leaf().clone());
    let now = Time::from_unix(NOW);
    for lookup in [LeafLookup::Bytes, LeafLookup::Thumbprint] {
        for capacity in [8, 1_024] {
            let options = CacheOptions::default().lookup(lookup).capacity(capacity);
            let cache = Arc::new(VerdictCache::new(options));
            let mut local = LocalCache::new(options);
            for client in [&presented, &named] {
                let served = cache.validate(b"tls", &validator, client, now, &NoFetcher, |_| ());
                let accepted = served.verdict.as_ref().unwrap().clone();
                local.put(
                    &CacheKey::new(b"tls", &validator, client),
                    Ok(accepted),
                    (),
                    now,
                );
                let peer = ConnectionPeer::new(Arc::clone(&cache), b"tls", client.clone());
                none(|| peer.get(&validator, now).is_some());
                none(|| {
                    let keep = |_: &Result<_, _>| ();
                    let served = peer.validate(&validator, now, &NoFetcher, keep);
                    served.verdict.is_ok()
                });
            }
            for client in [&presented, &named, &alone] {
                let key = CacheKey::new(b"tls", &validator, client);
                none(|| cache.get(&key, now).is_some());
                none(|| local.get(&key, now).is_some());
            }
            let leaf = chain.leaf();
            none(|| {
                let key = CacheKey::of_leaf(b"tls", &validator, leaf);
                cache.get(&key, now).is_some() && local.get(&key, now).is_some()
            });
        }
    }
}

#[track_caller]
fn none(mut hit: impl FnMut() -> bool) {
    let mut is_hit = false;
    let asked = memory::asked(|| is_hit = hit());
    assert!(is_hit);
    assert_eq!(asked, (0, 0));
}
