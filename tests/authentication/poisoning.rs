//! One test for each way to change another client's verdict. `store_tampered` and
//! `options_swapped_in_the_store` are in `tests/authentication/sealing.rs`.

use std::sync::Arc;

use portcullis::cache::{CacheKey, CacheOptions, ConnectionPeer, LocalCache, VerdictCache};
use portcullis::revocation::{
    FetchFailure, NoFetcher, Request, RevocationFetcher, RevocationFlag, RevocationMode,
};
use portcullis::{PeerName, Presented, Rule, Validator};
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, points};

use crate::support;
use crate::support::{Template, World, below, now, presented};

/// Is this client let in, by a cache that others have used?
fn is_in(cache: &VerdictCache<()>, validator: &Validator, presented: &Presented) -> bool {
    let served = cache.validate(b"", validator, presented, now(), &NoFetcher, |_| ());
    served.verdict.is_ok()
}

fn cache() -> VerdictCache<()> {
    // Even one that keeps everything it may.
    VerdictCache::new(CacheOptions::default().transient_rejections(true))
}

/// Somebody presents the victim's leaf among junk before the victim comes.
#[test]
fn junk_chain_first() {
    let world = World::new("junk first");
    let junk = World::new("junk first, junk");
    let victim = world.ca.issue(Template::client("victim"));
    let validator = world.validator();
    let cache = cache();
    let with = |more: &[_]| presented(&victim, more);
    assert!(!is_in(&cache, &validator, &with(&[])));
    assert!(!is_in(
        &cache,
        &validator,
        &with(&[&junk.ca.certificate, &junk.root.certificate])
    ));
    assert!(is_in(&cache, &validator, &with(&[&world.ca.certificate])));
    // Both orders of what came are presentations of their own.
    let both = [&world.ca.certificate, &junk.ca.certificate];
    assert!(is_in(&cache, &validator, &with(&both)));
}

/// The victim's old certificate, or an expired namesake of the CA, comes first.
#[test]
fn expired_first() {
    let world = World::new("expired first");
    let victim = world.ca.issue(Template::client("victim"));
    let old = Template::client("victim").valid("20240101000000Z", "20250101000000Z");
    let old = world.ca.issue(old);
    let old_ca = Template::ca("expired first ca")
        .subject(world.ca.name.clone())
        .key(world.ca.key.clone())
        .valid("20200101000000Z", "20250101000000Z");
    let old_ca = world.root.issue_ca(old_ca);
    let validator = world.validator();
    let cache = cache();
    let ca = &world.ca.certificate;
    assert!(!is_in(&cache, &validator, &presented(&old, &[ca])));
    assert!(!is_in(
        &cache,
        &validator,
        &presented(&victim, &[&old_ca.certificate])
    ));
    assert!(is_in(&cache, &validator, &presented(&victim, &[ca])));
    assert!(!is_in(&cache, &validator, &presented(&old, &[ca])));
}

/// What the network has to say.
enum Web {
    Dead,
    Sends(Vec<u8>),
}

impl RevocationFetcher for Web {
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        match self {
            Self::Dead => Err(FetchFailure::Unreachable),
            Self::Sends(list) => Ok(list.clone()),
        }
    }
}

/// The list can't be fetched when the victim's certificate is first seen.
#[test]
fn dead_url_first() {
    let world = World::new("dead first");
    let source = points(&[DistributionPoint::url("http://crl.example.test/list")]);
    let victim = world.ca.issue(Template::client("victim").with(source));
    let victim = presented(&victim, &[&world.ca.certificate]);
    let validator = below(&[&world.root])
        .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
        .build()
        .unwrap();
    let cache: VerdictCache<()> = VerdictCache::new(CacheOptions::default());
    let ask = |web: &Web, seconds| {
        let at = now().plus(seconds);
        cache.validate(b"", &validator, &victim, at, web, |_| ())
    };
    let refused = ask(&Web::Dead, 0);
    let rule = refused.verdict.as_ref().unwrap_err().error().rule;
    assert!(matches!(rule, Rule::RevocationUnknown(_)), "{rule}");
    assert!(cache.is_empty());
    // The URL is left alone for a moment, and no longer.
    let web = Web::Sends(CrlTemplate::by(&world.ca).der());
    let served = ask(&web, 3_600);
    assert!(served.verdict.is_ok(), "{:?}", served.verdict);
}

/// The server changes its options or roots while connections live on.
#[test]
fn options_swapped() {
    let world = World::new("swapped");
    let other = World::new("swapped, another root");
    let client = world.ca.issue(Template::client("client"));
    let client = presented(&client, &[&world.ca.certificate]);
    let cache = Arc::new(cache());
    let validator = world.validator();
    let peer = ConnectionPeer::new(Arc::clone(&cache), b"", client.clone());
    let ask = |validator: &Validator| {
        let served = peer.validate(validator, now(), &NoFetcher, |_| ());
        served.verdict.is_ok()
    };
    assert!(ask(&validator));
    assert!(peer.get(&validator, now()).is_some());
    let strict = below(&[&world.root]).max_intermediates(0).build().unwrap();
    let roots = validator.with_store(support::store(&[&other.root]));
    for swapped in [strict, roots] {
        assert!(peer.get(&swapped, now()).is_none());
        assert!(!ask(&swapped));
        assert!(!is_in(&cache, &swapped, &client));
    }
    assert!(ask(&validator));
    // What is forgotten is forgotten on connections that are open, too.
    cache.forget(|remembered| remembered.verdict.is_ok());
    assert!(peer.get(&validator, now()).is_none());
    assert!(ask(&validator));
    cache.clear();
    assert!(peer.get(&validator, now()).is_none());
}

/// A verdict about somebody else, or of another validator, is not remembered under a key that it
/// does not answer.
#[test]
fn verdict_under_a_wrong_key() {
    let world = World::new("wrong key");
    let [good, bad] = ["good", "bad"].map(|name| {
        let client = world.ca.issue(Template::client(name));
        presented(&client, &[&world.ca.certificate])
    });
    let validator = world.validator();
    let strict = below(&[&world.root]).max_intermediates(0).build().unwrap();
    let cache = cache();
    let accepted = validator.validate(&good, now(), &NoFetcher).unwrap();
    let name = PeerName::dns("bank.example").unwrap();
    let named = good.clone().expecting(name);
    let rejected = strict.validate(&good, now(), &NoFetcher).unwrap_err();
    let misnamed = validator.validate(&named, now(), &NoFetcher).unwrap_err();
    for (key, verdict) in [
        (CacheKey::new(b"", &validator, &bad), Ok(accepted.clone())),
        (CacheKey::new(b"", &strict, &good), Ok(accepted.clone())),
        // Its names were never looked at.
        (CacheKey::new(b"", &validator, &named), Ok(accepted)),
        // Whom one validator turns away another lets in.
        (CacheKey::new(b"", &validator, &good), Err(rejected)),
        (CacheKey::new(b"", &validator, &good), Err(misnamed)),
    ] {
        cache.put(&key, verdict.clone(), (), now());
        assert!(cache.get(&key, now()).is_none());
        let mut local: LocalCache<()> =
            LocalCache::new(CacheOptions::default().transient_rejections(true));
        local.put(&key, verdict, (), now());
        assert!(local.is_empty());
    }
    assert!(cache.is_empty());
}

/// Does something with the cache while it is asked for the list.
struct Meanwhile<'a>(Vec<u8>, &'a dyn Fn());

impl RevocationFetcher for Meanwhile<'_> {
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        (self.1)();
        Ok(self.0.clone())
    }
}

/// What is forgotten while the victim of an emergency is validated does not come back with the
/// verdict.
#[test]
fn forgetting_during_a_validation() {
    let world = World::new("forgetting");
    let source = points(&[DistributionPoint::url("http://crl.example.test/list")]);
    let client = world.ca.issue(Template::client("client").with(source));
    let client = presented(&client, &[&world.ca.certificate]);
    // Evidence of its own each time, so that the list is asked for.
    let validator = || {
        below(&[&world.root])
            .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
            .build()
            .unwrap()
    };
    let list = CrlTemplate::by(&world.ca).der();
    let cache = cache();
    let run = |meanwhile: &dyn Fn()| {
        let web = Meanwhile(list.clone(), meanwhile);
        let validator = validator();
        let served = cache.validate(b"", &validator, &client, now(), &web, |_| ());
        assert!(served.verdict.is_ok());
        let key = CacheKey::new(b"", &validator, &client);
        cache.get(&key, now()).is_some()
    };
    assert!(!run(&|| cache.clear()));
    assert!(!run(
        &|| cache.forget(|remembered| remembered.verdict.is_ok())
    ));
    assert!(cache.is_empty());
    // What has merely ended is no reason.
    assert!(run(&|| cache.forget_ended(now())));
    cache.clear();

    // The same in steps: look up, validate, put.
    let validator = validator();
    let key = CacheKey::new(b"", &validator, &client);
    let web = Web::Sends(list.clone());
    let epoch = cache.epoch();
    assert!(cache.get(&key, now()).is_none());
    let verdict = validator.validate(&client, now(), &web);
    cache.clear();
    cache.put_since(epoch, &key, verdict.clone(), (), now());
    assert!(cache.is_empty());
    cache.put_since(cache.epoch(), &key, verdict, (), now());
    assert_eq!(cache.len(), 1);
}
