//! The verifiers are doors to the same validation: with whatever limits, they say of a chain what
//! [`Validator::validate`] says.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{
    Accepted, Certificate, Limits, PeerName, Presented, Purpose, Rejected, Time, TrustMode,
    TrustStore, Validator,
};
use portcullis_rustls::{ClientVerifier, ServerVerifier, SharedValidator, certificate_error};
use proptest::prelude::*;
use rustls::Error;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::ClientCertVerifier;

const NOW: u64 = 1_767_225_600;
/// The name in the server certificates of the test data.
const HOST: &str = "host.example.test";

fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let files = fs::read_dir(root.join(folder)).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn bundle(file: &PathBuf) -> Option<Vec<Certificate>> {
    Certificate::from_pem_bundle(&fs::read(file).unwrap()).ok()
}

static CHAINS: LazyLock<Vec<Vec<Certificate>>> =
    LazyLock::new(|| files("chains").iter().filter_map(bundle).collect());

/// All roots but those of the file with 150.
static ROOTS: LazyLock<Vec<Certificate>> = LazyLock::new(|| {
    let files = files("roots").into_iter();
    let few = files.filter(|file| !file.ends_with("150.pem"));
    few.filter_map(|file| bundle(&file)).flatten().collect()
});

/// What is asked, and with which limits.
#[derive(Clone, Debug)]
struct Question {
    chain: Vec<Certificate>,
    purpose: Purpose,
    mode: RevocationMode,
    limits: Limits,
}

impl Question {
    /// A validator that remembers nothing of another validation.
    fn validator(&self) -> Validator {
        let store = TrustStore::from_der(ROOTS.iter().map(Certificate::as_der)).unwrap();
        Validator::builder(TrustMode::CustomRootTrust(store))
            .purpose(self.purpose.clone())
            .revocation(self.mode, RevocationFlag::ExcludeRoot)
            .limits(self.limits.clone())
            .build()
            .unwrap()
    }

    /// The verdict of the validator itself, asking for this purpose where it asks for none.
    fn expected(&self, of_peer: Purpose, name: Option<PeerName>) -> Result<Accepted, Rejected> {
        let validator = match self.purpose {
            Purpose::Any => self.validator().with_purpose(of_peer).unwrap(),
            _ => self.validator(),
        };
        let (leaf, more) = self.chain.split_first().unwrap();
        let presented = Presented::new(leaf.clone()).with_certificates(more.to_vec());
        let presented = name.into_iter().fold(presented, Presented::expecting);
        validator.validate(&presented, at(), &NoFetcher)
    }

    fn shared(&self) -> Arc<SharedValidator> {
        Arc::new(SharedValidator::new(self.validator()))
    }

    /// The chain as rustls gives it to a verifier.
    fn with_der<T>(
        &self,
        verify: impl FnOnce(&CertificateDer<'_>, &[CertificateDer<'_>]) -> T,
    ) -> T {
        let chain = self
            .chain
            .iter()
            .map(|one| CertificateDer::from(one.as_der()));
        let chain: Vec<_> = chain.collect();
        let (leaf, more) = chain.split_first().unwrap();
        verify(leaf, more)
    }

    fn check(&self) {
        self.check_client();
        self.check_server();
    }

    fn check_client(&self) {
        let expected = self.expected(Purpose::ClientAuth, None);
        let heard = Arc::new(Mutex::new(None));
        let hearing = Arc::clone(&heard);
        let verifier = ClientVerifier::full(self.shared())
            .on_verdict(move |_, _, verdict, _| *hearing.lock().unwrap() = Some(told(verdict)))
            .build();
        let answer = self.with_der(|leaf, more| verifier.verify_client_cert(leaf, more, now()));
        assert_eq!(text(answer.err().as_ref()), text(error(&expected).as_ref()));
        assert_eq!(heard.lock().unwrap().take(), Some(told(&expected)));
    }

    fn check_server(&self) {
        let name = PeerName::dns(HOST).unwrap();
        let expected = self.expected(Purpose::ServerAuth, Some(name));
        let verifier = ServerVerifier::new(self.shared());
        let name = ServerName::try_from(HOST).unwrap();
        let answer =
            self.with_der(|leaf, more| verifier.verify_server_cert(leaf, more, &name, &[], now()));
        assert_eq!(text(answer.err().as_ref()), text(error(&expected).as_ref()));
    }
}

fn at() -> Time {
    Time::from_unix(i64::try_from(NOW).unwrap())
}

fn now() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(NOW))
}

fn error(verdict: &Result<Accepted, Rejected>) -> Option<Error> {
    let rejected = verdict.as_ref().err()?;
    Some(certificate_error(rejected, at()).into())
}

/// Errors of rustls that hold another error are never equal; their texts are.
fn text(error: Option<&Error>) -> Option<String> {
    error.map(|error| format!("{error:?}"))
}

/// All that a verdict says.
fn told(verdict: &Result<Accepted, Rejected>) -> String {
    match verdict {
        Ok(accepted) => format!("{:?} {:?}", accepted.chain(), accepted.not_after()),
        Err(rejected) => format!(
            "{rejected} {:?} {:?} {:?} {}",
            rejected.chain(),
            rejected.violations(),
            rejected.tried(),
            rejected.more_tried()
        ),
    }
}

/// Limits so small that some are met.
fn limits() -> impl Strategy<Value = Limits> {
    let small = || prop_oneof![2 => Just(None), 1 => (0u32..12).prop_map(Some)];
    let work = prop_oneof![2 => Just(None), 1 => (0u32..300).prop_map(Some)];
    (small(), small(), work, small(), small()).prop_map(
        |(signatures, steps, comparisons, length, certificates)| {
            let mut limits = Limits::default();
            let set = |limit: &mut u32, new: Option<u32>| *limit = new.unwrap_or(*limit);
            set(&mut limits.signatures, signatures);
            set(&mut limits.search_steps, steps);
            set(&mut limits.name_comparisons, comparisons);
            set(&mut limits.path_length, length);
            set(&mut limits.certificates, certificates);
            limits
        },
    )
}

fn question() -> impl Strategy<Value = Question> {
    let chain = any::<prop::sample::Index>();
    let purposes = [Purpose::Any, Purpose::ClientAuth, Purpose::ServerAuth];
    let modes = [RevocationMode::NoCheck, RevocationMode::Offline];
    (
        chain,
        prop::sample::select(purposes.to_vec()),
        prop::sample::select(modes.to_vec()),
        limits(),
    )
        .prop_map(|(chain, purpose, mode, limits)| Question {
            chain: chain.get(&CHAINS).clone(),
            purpose,
            mode,
            limits,
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn verifiers_say_what_the_validator_says(question in question()) {
        question.check();
    }
}

/// Without limits that are met each chain of the test data, good and bad, is judged alike; some
/// are let in by each verifier.
#[test]
fn all_chains_of_the_test_data_are_judged_alike() {
    let mut let_in = [0, 0];
    for chain in CHAINS.iter() {
        let question = Question {
            chain: chain.clone(),
            purpose: Purpose::Any,
            mode: RevocationMode::NoCheck,
            limits: Limits::default(),
        };
        question.check();
        let name = PeerName::dns(HOST).unwrap();
        let_in[0] += usize::from(question.expected(Purpose::ClientAuth, None).is_ok());
        let_in[1] += usize::from(question.expected(Purpose::ServerAuth, Some(name)).is_ok());
    }
    assert!(let_in.iter().all(|count| *count > 0), "{let_in:?}");
}
