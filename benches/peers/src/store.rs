//! The evidence store: what a validation, an insertion and the planning of a round cost if the
//! store is full.
//!
//! Both sides are ours: one has many CRLs of other CAs in the store, the other few. Signatures cost
//! nothing here, so that the store is measured. Only the row with two threads has real signatures.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use portcullis::crypto::{NoMemo, Provider};
use portcullis::revocation::{
    Evidence, FetchFailure, NoFetcher, Request, RevocationFetcher, RevocationFlag, RevocationMode,
    SharedEvidence,
};
use portcullis::{Presented, Time, TrustMode, TrustStore, Validator};
use portcullis_testkit::distribution::{DistributionPoint, IssuingDistributionPoint, points};
use portcullis_testkit::{Authority, CrlTemplate, Template};

use crate::ours::{Ring, Yes};
use crate::timing::{Medians, compare, median};

/// Name, goal, measurement.
pub type Row = (&'static str, Option<f64>, Box<dyn Fn() -> Medians>);

const TIME: Duration = Duration::from_secs(4);
const URL: &str = "http://crl.example.test/";

/// All rows of this file.
pub fn rows() -> Vec<Row> {
    vec![
        ("store-20k", Some(1.2), Box::new(validation)),
        ("store-full-insert", Some(2.0), Box::new(insertion)),
        ("store-2-threads", Some(1.1), Box::new(threads)),
        ("refresh-20k", Some(12.0), Box::new(planning)),
    ]
}

fn now() -> Time {
    Time::from_civil(2026, 1, 1, 0, 0, 0).expect("a day")
}

/// Answers every request with one CRL.
struct Sends(Vec<u8>);

impl RevocationFetcher for Sends {
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        Ok(self.0.clone())
    }
}

/// A PKI with one root.
struct World {
    root: Authority,
}

/// A client, and the CRL about it.
struct Client {
    presented: Presented,
    crl: Vec<u8>,
}

impl World {
    fn new() -> Self {
        Self {
            root: Authority::root("root"),
        }
    }

    fn ca(&self, label: &str) -> Authority {
        self.root.issue_ca(Template::ca(label))
    }

    fn client(ca: &Authority, number: usize) -> Client {
        let url = format!("{URL}{number}");
        let template = Template::client("client").with(points(&[DistributionPoint::url(&url)]));
        let leaf = ca.issue(template);
        let chain = [leaf.der, ca.certificate.der.clone()];
        let scope = IssuingDistributionPoint::url(&url);
        Client {
            presented: Presented::from_der(chain).expect("it parses"),
            crl: CrlTemplate::by(ca).scope(scope).der(),
        }
    }

    fn validator(&self, store: &Arc<SharedEvidence>, provider: Arc<dyn Provider>) -> Validator {
        let roots = TrustStore::from_der([&self.root.certificate.der]).expect("it parses");
        Validator::builder(TrustMode::CustomRootTrust(roots))
            .revocation(RevocationMode::Online, RevocationFlag::EndCertificateOnly)
            .evidence(Arc::clone(store) as _)
            .provider(provider)
            .memo(Arc::new(NoMemo))
            .build()
            .expect("options are sound")
    }

    /// A store with this many CRLs of twenty CAs, one CRL for each client.
    fn filled(&self, crls: usize, max_bytes: usize) -> Arc<SharedEvidence> {
        let store = Arc::new(SharedEvidence::new(Evidence::new().max_bytes(max_bytes)));
        let validator = self.validator(&store, Arc::new(Yes));
        let cas: Vec<Authority> = (0..20).map(|ca| self.ca(&format!("other {ca}"))).collect();
        for number in 0..crls {
            accept(&validator, Self::client(&cas[number % 20], number));
        }
        store
    }
}

fn accept(validator: &Validator, client: Client) {
    let verdict = validator.validate(&client.presented, now(), &Sends(client.crl));
    assert!(verdict.is_ok(), "{:?}", verdict.map(|_| ()));
}

const MIB: usize = 1024 * 1024;

/// A validation whose CRL is in the store.
fn validation() -> Medians {
    let world = World::new();
    let ca = world.ca("ca");
    let [mut many, mut one] = [20_000, 0].map(|others| {
        let store = world.filled(others, 256 * MIB);
        let validator = world.validator(&store, Arc::new(Yes));
        let client = World::client(&ca, 0);
        let presented = client.presented.clone();
        accept(&validator, client);
        assert_eq!(store.edit(|evidence| evidence.len()), others + 1);
        move |_: usize| {
            let verdict = validator.validate(&presented, now(), &NoFetcher);
            assert!(black_box(verdict).is_ok());
        }
    });
    compare(TIME, 8, &mut many, &mut one)
}

/// A validation that fetches a CRL, which is parsed and kept. A full store drops others for it.
fn insertion() -> Medians {
    let world = World::new();
    let ca = world.ca("ca");
    let clients: Vec<Client> = (0..2_000)
        .map(|number| World::client(&ca, number))
        .collect();
    let subject = |store: Arc<SharedEvidence>, flushed: bool| {
        let validator = world.validator(&store, Arc::new(Yes));
        let (clients, mut next) = (&clients, 0);
        move |_: usize| {
            let client = &clients[next % clients.len()];
            if flushed && next % clients.len() == 0 {
                store.edit(Evidence::flush);
            }
            next += 1;
            let sends = Sends(client.crl.clone());
            let verdict = validator.validate(&client.presented, now(), &sends);
            assert!(black_box(verdict).is_ok());
        }
    };
    let full = world.filled(4_000, 2 * MIB);
    assert!(full.edit(|evidence| evidence.bytes()) > 2 * MIB - 65_536);
    let empty = world.filled(0, 256 * MIB);
    compare(
        TIME,
        8,
        &mut subject(full, false),
        &mut subject(empty, true),
    )
}

/// Two threads that share a store, and two with a store each. There is no memo, and signatures are
/// ring's.
fn threads() -> Medians {
    const CALLS: usize = 200;
    let world = World::new();
    let ca = world.ca("ca");
    let client = World::client(&ca, 0);
    let stores = [(); 3].map(|()| {
        let store = world.filled(500, 256 * MIB);
        let validator = world.validator(&store, Arc::new(Ring));
        accept(&validator, World::client(&ca, 0));
        validator
    });
    let run = |validators: [&Validator; 2]| {
        let barrier = Barrier::new(2);
        let times: Vec<Duration> = thread::scope(|scope| {
            let running = validators.map(|validator| {
                let (barrier, presented) = (&barrier, &client.presented);
                scope.spawn(move || {
                    barrier.wait();
                    let start = Instant::now();
                    for _ in 0..CALLS {
                        let verdict = validator.validate(presented, now(), &NoFetcher);
                        assert!(black_box(verdict).is_ok());
                    }
                    start.elapsed()
                })
            });
            running.map(|one| one.join().expect("no panic")).into()
        });
        let longest = times.into_iter().max().unwrap_or_default();
        longest.as_nanos() as f64 / CALLS as f64
    };
    let (mut shared, mut apart) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while start.elapsed() < TIME {
        shared.push(run([&stores[0], &stores[0]]));
        apart.push(run([&stores[1], &stores[2]]));
    }
    Medians {
        rounds: shared.len(),
        ours: median(&mut shared),
        theirs: median(&mut apart),
    }
}

/// Planning a round in which nothing is due: with many CRLs, and with a tenth of them.
fn planning() -> Medians {
    let world = World::new();
    let [mut many, mut few] = [20_000, 2_000].map(|crls| {
        let store = world.filled(crls, 256 * MIB);
        let validator = world.validator(&store, Arc::new(Yes));
        move |_: usize| assert!(black_box(validator.due(now(), 0)).is_empty())
    });
    compare(TIME, 1, &mut many, &mut few)
}
