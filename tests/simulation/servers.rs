//! Servers that share an evidence store and a cache of verdicts, and the task beside them.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use portcullis::cache::{CacheOptions, ConnectionPeer, VerdictCache};
use portcullis::revocation::{
    Crl, Evidence, EvidenceStore, FetchFailure, RefreshSchedule, Request, RequestKind,
    RevocationFetcher, RevocationFlag, RevocationMode, SharedEvidence, Source,
};
use portcullis::{Presented, Purpose, Time, TrustMode, TrustStore, Validator};

use crate::POLL;
use crate::marks::Marks;
use crate::network::{HANGING, Network};
use crate::random::Random;
use crate::world::World;

/// How much the store holds: little, so that parties press each other.
pub const MAX_BYTES: usize = 160 * 1024;

/// For how long a round of fetching may go on; what was begun is waited for.
const ROUND: i64 = 60;

/// Requests of one validation: `Limits::fetches` of the default.
const MAX_REQUESTS: u32 = 64;

/// How often one validation may visit the store: for each of its names, URLs and answers once, of
/// which there are at most as many as requests.
const MAX_VISITS: u32 = 4 * MAX_REQUESTS;

/// How many clients wait for evidence, and how many sessions are open.
const ROOM: usize = 64;

/// A store that counts how often it is visited.
struct Counted {
    evidence: SharedEvidence,
    visits: AtomicU32,
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.evidence.fmt(f)
    }
}

impl EvidenceStore for Counted {
    fn with(&self, work: &mut dyn FnMut(&mut Evidence)) {
        self.visits.fetch_add(1, Ordering::Relaxed);
        self.evidence.with(work);
    }

    fn read(&self, work: &mut dyn FnMut(&Evidence)) {
        self.visits.fetch_add(1, Ordering::Relaxed);
        self.evidence.read(work);
    }
}

/// A handshake fetches nothing; who lacks evidence is noted.
#[derive(Default)]
struct Noting {
    asked: Cell<bool>,
}

impl RevocationFetcher for Noting {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        if request.kind() != RequestKind::IssuerCertificate {
            self.asked.set(true);
        }
        Err(FetchFailure::NotAsked)
    }
}

pub struct Servers {
    validators: [Validator; 2],
    store: Arc<Counted>,
    cache: Arc<VerdictCache<()>>,
    /// Who lacked evidence at a handshake.
    missing: Vec<Presented>,
    /// The client, and what it presented when it came.
    sessions: Vec<(usize, ConnectionPeer<()>)>,
}

impl Servers {
    pub fn new(world: &World) -> Self {
        let store = Arc::new(Counted {
            evidence: SharedEvidence::new(Evidence::new().max_bytes(MAX_BYTES)),
            visits: AtomicU32::new(0),
        });
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
            cache: Arc::new(VerdictCache::new(CacheOptions::default())),
            missing: Vec::new(),
            sessions: Vec::new(),
        }
    }

    pub fn bytes(&self) -> usize {
        self.store.evidence.edit(|evidence| evidence.bytes())
    }

    /// What came by mail.
    pub fn insert(&self, crl: Crl, source: Source) {
        let insert = |evidence: &mut Evidence| evidence.insert_crl_from(crl, source);
        let _ = self.store.evidence.edit(insert);
        self.cache.forget(|cached| cached.verdict.is_ok());
    }

    /// A handshake: until when the client is accepted, or why it is not. Fails if the validation
    /// visits the store too often.
    pub fn handshake(
        &mut self,
        random: &mut Random,
        presented: &Presented,
        now: i64,
    ) -> Result<Result<i64, String>, String> {
        let validator = &self.validators[random.place(2)];
        let noting = Noting::default();
        let at = Time::from_unix(now);
        self.store.visits.store(0, Ordering::Relaxed);
        let cached = self
            .cache
            .validate(b"", validator, presented, at, &noting, |_| ());
        check_visits(&self.store)?;
        if noting.asked.get() && self.missing.len() < ROOM {
            self.missing.push(presented.clone());
        }
        Ok(match &cached.verdict {
            Ok(accepted) => Ok(accepted.not_after().unix()),
            Err(rejected) => Err(rejected.to_string()),
        })
    }

    /// Keeps a session of a client that was accepted; the oldest makes way.
    pub fn begin_session(&mut self, client: usize, presented: Presented) {
        if self.sessions.len() >= ROOM {
            self.sessions.remove(0);
        }
        let peer = ConnectionPeer::new(Arc::clone(&self.cache), b"", presented);
        self.sessions.push((client, peer));
    }

    /// Clients that resume a session: no handshake, only what the cache still holds, or a verdict
    /// by the evidence at hand.
    pub fn sessions_that_resume(&mut self, random: &mut Random, now: i64) -> Vec<usize> {
        let mut resumed = Vec::new();
        let (validator, at) = (&self.validators[random.place(2)], Time::from_unix(now));
        self.sessions.retain(|(client, peer)| {
            if !random.once_in(8) {
                return true;
            }
            let cached = peer.validate(validator, at, &Noting::default(), |_| ());
            if cached.verdict.is_ok() {
                resumed.push(*client);
            }
            cached.verdict.is_ok()
        });
        resumed
    }

    /// The task beside the handshakes: renews what is due, then fetches what handshakes lacked.
    pub fn fetch(&mut self, world: &World, random: &mut Random) -> Result<(), String> {
        let schedule = RefreshSchedule::from(900)
            .poll_crls_every(u32::try_from(POLL).expect("it is short"))
            .jitter(7);
        let validator = &self.validators[0];
        let now = Time::from_unix(world.now);
        world.tell(|| format!("a round; {} wait", self.missing.len()));
        let network = Network::of(world, random, ROUND);
        let renewed = validator.refresh_due(now, schedule, &network);
        check_time(&network)?;
        for presented in std::mem::take(&mut self.missing) {
            // A round of its own for each, so that one does not use up the time of another.
            let network = Network::of(world, random, ROUND);
            self.store.visits.store(0, Ordering::Relaxed);
            let _ = validator.validate(&presented, now, &network);
            check_time(&network)?;
            check_visits(&self.store)?;
            if network.requests() > MAX_REQUESTS {
                return Err(format!("{} requests of one client", network.requests()));
            }
        }
        if renewed > 0 {
            self.cache.forget(|cached| cached.verdict.is_ok());
        }
        Ok(())
    }
}

fn check_time(network: &Network<'_>) -> Result<(), String> {
    match network.overtime() {
        over if over > HANGING => Err(format!("a round is {over} s too long")),
        _ => Ok(()),
    }
}

fn check_visits(store: &Counted) -> Result<(), String> {
    match store.visits.load(Ordering::Relaxed) {
        visits if visits > MAX_VISITS => Err(format!("{visits} visits of a validation")),
        _ => Ok(()),
    }
}
