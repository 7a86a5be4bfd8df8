//! All ways to run a validation give the same verdict, path and error, and spend the same.
//!
//! What a validation spends shows in the limits that it reaches. So each validation is repeated
//! with random limits near what its chain needs.

use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use portcullis::certificate::sha256;
use portcullis::revocation::{
    AsyncRevocationFetcher, FetchFailure, NoFetcher, Request, RequestKind, RevocationFetcher,
    RevocationFlag, RevocationMode,
};
use portcullis::{
    Accepted, Certificate, Limits, Presented, Progress, Rejected, Time, TrustMode, TrustStore,
    Validator,
};
use proptest::prelude::*;

const NOW: Time = Time::from_unix(1_767_225_600);

/// Certificates from one folder of the test data, by the name of their file.
fn certificates(folder: &str) -> BTreeMap<String, Vec<Certificate>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let read = files.filter_map(|file| {
        let certificates = Certificate::from_pem_bundle(&fs::read(file.path()).unwrap()).ok()?;
        Some((file.file_name().into_string().unwrap(), certificates))
    });
    read.collect()
}

static CHAINS: LazyLock<Vec<Vec<Certificate>>> =
    LazyLock::new(|| certificates("chains").into_values().collect());

static ROOTS: LazyLock<Vec<Certificate>> = LazyLock::new(|| {
    let few = certificates("roots").into_iter();
    let few = few.filter(|(name, _)| name != "150.pem");
    few.flat_map(|(_, roots)| roots).collect()
});

/// Lists and responses of the test data, good, bad and of others.
static EVIDENCE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let files = ["crls", "ocsp"].map(|folder| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let mut files: Vec<_> = fs::read_dir(root.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
    });
    files
        .iter()
        .flatten()
        .map(|file| fs::read(file).unwrap())
        .collect()
});

/// Answers each request as its certificate and a seed say, always the same.
struct Seeded(u8);

impl Seeded {
    fn answer(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        if request.kind() == RequestKind::IssuerCertificate {
            let all: Vec<&Certificate> = CHAINS.iter().flatten().collect();
            let issuer = request.certificate().issuer();
            let found = all
                .into_iter()
                .find(|certificate| certificate.subject() == issuer);
            return match found {
                Some(found) => Ok(found.as_der().to_vec()),
                None => Err(FetchFailure::Status(404)),
            };
        }
        let hash = sha256(request.certificate().as_der());
        let pick = usize::from(hash[0] ^ self.0);
        match EVIDENCE.get(pick % (EVIDENCE.len() + 4)) {
            Some(evidence) => Ok(evidence.clone()),
            None => Err(FetchFailure::Unreachable),
        }
    }
}

impl RevocationFetcher for Seeded {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        self.answer(request)
    }
}

impl AsyncRevocationFetcher for Seeded {
    async fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        self.answer(request)
    }
}

/// What is asked, and with which limits.
#[derive(Clone, Debug)]
struct Question {
    presented: Presented,
    mode: RevocationMode,
    fetch_issuers: bool,
    limits: Limits,
    answers: u8,
}

impl Question {
    /// A validator that knows of no other validation.
    fn validator(&self) -> Validator {
        let store = TrustStore::from_der(ROOTS.iter().map(Certificate::as_der)).unwrap();
        Validator::builder(TrustMode::CustomRootTrust(store))
            .revocation(self.mode, RevocationFlag::ExcludeRoot)
            .fetch_issuers(self.fetch_issuers)
            .limits(self.limits.clone())
            .build()
            .unwrap()
    }

    fn at_once(&self) -> Told {
        let fetcher = Seeded(self.answers);
        told(self.validator().validate(&self.presented, NOW, &fetcher))
    }

    fn stepwise(&self) -> Told {
        let fetcher = Seeded(self.answers);
        let mut validation = self.validator().begin(&self.presented, NOW);
        loop {
            match validation.advance() {
                Progress::Done(verdict) => return told(verdict),
                Progress::Fetch(requests) => {
                    for request in requests {
                        validation.provide(request.id(), fetcher.answer(&request));
                    }
                }
            }
        }
    }

    fn asynchronous(&self) -> Told {
        let fetcher = Seeded(self.answers);
        let validator = self.validator();
        let future = pin!(validator.validate_async(&self.presented, NOW, &fetcher));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(verdict) => told(verdict),
            Poll::Pending => panic!("every answer is there at once"),
        }
    }
}

/// All that a verdict says.
#[derive(Debug, PartialEq)]
struct Told {
    error: Option<String>,
    chain: String,
    violations: String,
    tried: String,
}

fn told(verdict: Result<Accepted, Rejected>) -> Told {
    match verdict {
        Ok(accepted) => Told {
            error: None,
            chain: format!("{:?}", accepted.chain()),
            violations: format!("{:?}", accepted.not_after()),
            tried: String::new(),
        },
        Err(rejected) => Told {
            error: Some(format!("{:?} {rejected}", rejected.error())),
            chain: format!("{:?}", rejected.chain()),
            violations: format!("{:?}", rejected.violations()),
            tried: format!("{:?} {}", rejected.tried(), rejected.more_tried()),
        },
    }
}

/// Limits so small that some are met.
fn limits() -> impl Strategy<Value = Limits> {
    let small = || prop_oneof![3 => Just(None), 1 => (0u32..12).prop_map(Some)];
    let work = || prop_oneof![2 => Just(None), 1 => (0u32..300).prop_map(Some)];
    (small(), small(), work(), work(), small(), small(), small()).prop_map(
        |(signatures, steps, comparisons, nodes, length, fetches, certificates)| {
            let mut limits = Limits::default();
            let set = |limit: &mut u32, new: Option<u32>| *limit = new.unwrap_or(*limit);
            set(&mut limits.signatures, signatures);
            set(&mut limits.search_steps, steps);
            set(&mut limits.name_comparisons, comparisons);
            set(&mut limits.policy_nodes, nodes);
            set(&mut limits.path_length, length);
            set(&mut limits.fetches, fetches);
            set(&mut limits.certificates, certificates.map(|n| n + 1));
            limits
        },
    )
}

fn question() -> impl Strategy<Value = Question> {
    let chain = any::<prop::sample::Index>();
    let other = prop_oneof![2 => Just(None), 1 => chain.clone().prop_map(Some)];
    let mode = prop_oneof![
        Just(RevocationMode::NoCheck),
        Just(RevocationMode::Offline),
        Just(RevocationMode::Online)
    ];
    (
        chain,
        other,
        any::<bool>(),
        mode,
        any::<bool>(),
        limits(),
        any::<u8>(),
    )
        .prop_map(
            |(chain, other, reversed, mode, fetch_issuers, limits, answers)| {
                let (leaf, issuers) = chain.get(&CHAINS).split_first().unwrap();
                let mut beside: Vec<Certificate> = issuers.to_vec();
                beside.extend(other.iter().flat_map(|other| other.get(&CHAINS).clone()));
                if reversed {
                    beside.reverse();
                }
                Question {
                    presented: Presented::new(leaf.clone()).with_certificates(beside),
                    mode,
                    fetch_issuers,
                    limits,
                    answers,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn all_say_and_spend_the_same(question in question()) {
        let at_once = question.at_once();
        prop_assert_eq!(&question.stepwise(), &at_once);
        prop_assert_eq!(&question.asynchronous(), &at_once);
    }
}

/// P3: near a limit `validate` said something else than `begin` and `advance`, and spent twice.
#[test]
fn p3_limits_are_met_by_all_at_the_same_place() {
    for chain in CHAINS.iter() {
        for steps in 0..8 {
            let (leaf, issuers) = chain.split_first().unwrap();
            let mut limits = Limits::default();
            limits.search_steps = steps;
            limits.signatures = 8 - steps;
            let question = Question {
                presented: Presented::new(leaf.clone()).with_certificates(issuers.to_vec()),
                mode: RevocationMode::NoCheck,
                fetch_issuers: false,
                limits,
                answers: 0,
            };
            assert_eq!(question.stepwise(), question.at_once());
        }
    }
}

/// A path of so many certificates costs so many steps and signatures, and no more.
#[test]
fn a_path_without_a_choice_costs_what_it_has() {
    let chains = certificates("chains");
    for depth in 1..=6 {
        let (leaf, issuers) = chains[&format!("bench-d{depth}.pem")]
            .split_first()
            .unwrap();
        let presented = Presented::new(leaf.clone()).with_certificates(issuers.to_vec());
        let accepts = |steps, signatures| {
            let mut limits = Limits::default();
            (limits.search_steps, limits.signatures) = (steps, signatures);
            let question = Question {
                presented: presented.clone(),
                mode: RevocationMode::NoCheck,
                fetch_issuers: false,
                limits,
                answers: 0,
            };
            let verdict = question.validator().validate(&presented, NOW, &NoFetcher);
            verdict.is_ok()
        };
        assert!(accepts(depth, depth), "{depth}");
        assert!(!accepts(depth - 1, depth), "{depth}");
        assert!(!accepts(depth, depth - 1), "{depth}");
    }
}
