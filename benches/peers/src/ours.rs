//! portcullis: providers, and validations with an empty memo of checked signatures, or with one
//! that knows the issuers.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::{
    BoundedMemo, Fact, KeyError, NoMemo, PreparedKey, Provider, Recalled, SignatureError,
    SignatureMemo, SupportedPair,
};
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{Presented, Progress, Purpose, Time, TrustMode, TrustStore, Validator};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls_pki_types::CertificateDer;

use crate::data::{Chain, NOW};
use crate::timing::Subject;

/// Signatures that always hold. Each key is prepared again, as by a real provider.
#[derive(Debug)]
pub struct Yes;

struct YesKey;

impl Provider for Yes {
    fn supported(&self) -> &[SupportedPair] {
        &[]
    }

    fn prepare(
        &self,
        _: &SubjectPublicKeyInfo<'_>,
        _: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        Ok(Arc::new(YesKey))
    }
}

impl PreparedKey for YesKey {
    fn verify(
        &self,
        _: &AlgorithmIdentifier<'_>,
        _: &[u8],
        _: &[u8],
    ) -> Result<(), SignatureError> {
        Ok(())
    }
}

/// ECDSA on P-256 with SHA-256 by ring.
#[derive(Debug)]
pub struct Ring;

struct RingKey(UnparsedPublicKey<Box<[u8]>>);

/// `ecdsa-with-SHA256` without parameters.
const ECDSA_WITH_SHA256: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
/// `id-ecPublicKey` with the named curve `secp256r1`.
const EC_P256: &[u8] = &[
    0x30, 19, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7,
];

impl Provider for Ring {
    fn supported(&self) -> &[SupportedPair] {
        &[]
    }

    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        _: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        if key.algorithm().as_der() != EC_P256 {
            return Err(KeyError::UnsupportedAlgorithm);
        }
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.key_bits().into());
        Ok(Arc::new(RingKey(key)))
    }
}

impl PreparedKey for RingKey {
    fn verify(
        &self,
        algorithm: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        if algorithm.as_der() != ECDSA_WITH_SHA256 {
            return Err(SignatureError::UnsupportedAlgorithm);
        }
        let verified = self.0.verify(message, signature);
        verified.map_err(|_| SignatureError::Invalid)
    }
}

/// Which memo a validator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memo {
    /// The default memo, emptied before each call.
    Emptied,
    /// The default memo, which knows the issuers. It never keeps leaves.
    Kept,
    /// No memo.
    None,
}

/// One memo for each call of a batch, so that each call has an empty memo and none is emptied while
/// the clock runs.
#[derive(Debug)]
struct OneForEachCall {
    memos: Vec<BoundedMemo>,
    call: AtomicUsize,
}

impl OneForEachCall {
    fn new(batch: usize) -> Self {
        Self {
            memos: (0..batch).map(|_| BoundedMemo::default()).collect(),
            call: AtomicUsize::new(0),
        }
    }

    fn memo(&self) -> &BoundedMemo {
        &self.memos[self.call.load(Ordering::Relaxed)]
    }
}

impl SignatureMemo for OneForEachCall {
    fn recall(&self, fact: &Fact<'_>) -> Option<Recalled> {
        self.memo().recall(fact)
    }

    fn remember(&self, fact: &Fact<'_>, key: Option<&Arc<dyn PreparedKey>>) {
        self.memo().remember(fact, key);
    }
}

/// Validations of one chain, from DER to the verdict.
pub struct Validations {
    chain: Chain,
    others: Vec<Chain>,
    validator: Validator,
    emptied: Option<Arc<OneForEachCall>>,
}

impl Validations {
    pub fn new(
        chain: &Chain,
        roots: &[CertificateDer<'_>],
        purpose: Purpose,
        provider: Arc<dyn Provider>,
        memo: Memo,
        batch: usize,
    ) -> Self {
        let emptied = (memo == Memo::Emptied).then(|| Arc::new(OneForEachCall::new(batch)));
        let memo: Arc<dyn SignatureMemo> = match (&emptied, memo) {
            (Some(emptied), _) => Arc::clone(emptied) as _,
            (None, Memo::None) => Arc::new(NoMemo),
            (None, _) => Arc::new(BoundedMemo::default()),
        };
        let store = TrustStore::from_der(roots).expect("roots parse");
        let validator = Validator::builder(TrustMode::CustomRootTrust(store))
            .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
            .purpose(purpose)
            .provider(provider)
            .memo(memo)
            .build();
        Self {
            chain: chain.clone(),
            others: Vec::new(),
            validator: validator.expect("options are sound"),
            emptied,
        }
    }

    /// Another one of these chains for each batch.
    pub fn take_turns(&mut self, chains: Vec<Chain>) {
        self.others = chains;
    }

    /// The number of signatures on the path, or why there is none.
    pub fn verdict(&mut self) -> Result<usize, String> {
        self.reset();
        let presented = Presented::from_der(&self.chain.certificates).expect("the leaf parses");
        let at = Time::from_unix(NOW);
        match self.validator.validate(&presented, at, &NoFetcher) {
            Ok(accepted) => Ok(accepted.certificates().count()),
            Err(rejected) => Err(rejected.to_string()),
        }
    }
}

/// The same validations, step by step.
pub struct Sessions(pub Validations);

impl Subject for Sessions {
    fn reset(&mut self) {
        self.0.reset();
    }

    fn call(&mut self, i: usize) {
        if let Some(emptied) = &self.0.emptied {
            emptied.call.store(i, Ordering::Relaxed);
        }
        let chain = black_box(&self.0.chain.certificates);
        let presented = Presented::from_der(chain).expect("the leaf parses");
        let mut validation = self.0.validator.begin(&presented, Time::from_unix(NOW));
        match validation.advance() {
            Progress::Done(verdict) => drop(black_box(verdict)),
            Progress::Fetch(_) => panic!("nobody asked about revocation"),
        }
    }
}

impl Subject for Validations {
    fn reset(&mut self) {
        if !self.others.is_empty() {
            self.others.rotate_left(1);
            self.chain.clone_from(&self.others[0]);
        }
        let memos = self.emptied.iter().flat_map(|emptied| &emptied.memos);
        memos.for_each(|memo| memo.clear());
    }

    fn call(&mut self, i: usize) {
        if let Some(emptied) = &self.emptied {
            emptied.call.store(i, Ordering::Relaxed);
        }
        let chain = black_box(&self.chain.certificates);
        let presented = Presented::from_der(chain).expect("the leaf parses");
        let at = Time::from_unix(NOW);
        let verdict = self.validator.validate(&presented, at, &NoFetcher);
        drop(black_box(verdict));
    }
}
