//! Validations that ask for evidence, with answers from a map of URLs.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::revocation::{
    Answer, FetchFailure, Nonce, Request, RequestKind, RevocationFlag, RevocationMode,
    RevocationPolicy, RevocationStatus, SharedEvidence,
};
use portcullis::{
    Accepted, ChainElement, Limits, Presented, Profile, Progress, Rejected, Rule, Time,
    UnknownStatus, Validator, ValidatorBuilder, VerificationFlags, Violation,
};

use super::{Authority, Made, below, now, presented};

/// More rounds than any validation needs.
pub const MAX_ROUNDS: usize = 80;

/// What URLs send. A URL may send several things, which stands for several answers to one request.
#[derive(Clone, Default)]
pub struct Web(BTreeMap<String, Vec<Vec<u8>>>);

impl Web {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn with(mut self, url: &str, sent: impl Into<Vec<u8>>) -> Self {
        self.0.entry(url.into()).or_default().push(sent.into());
        self
    }

    /// The first thing that the URL of a request sends.
    pub fn sent(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        let sent = self.0.get(request.url());
        sent.and_then(|sent| sent.first().cloned())
            .ok_or(FetchFailure::Unreachable)
    }

    /// The answers to a request: all that its URL sends.
    pub fn answers(&self, request: &Request) -> Vec<Answer> {
        match self.0.get(request.url()) {
            Some(sent) => sent
                .iter()
                .map(|bytes| Answer::body(bytes.clone()))
                .collect(),
            None => vec![FetchFailure::Unreachable.into()],
        }
    }
}

/// What was asked: the kind and the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub kind: RequestKind,
    pub url: String,
}

/// What came out of a validation.
pub struct Outcome {
    pub rounds: Vec<Vec<Asked>>,
    pub verdict: Result<Accepted, Rejected>,
}

impl Outcome {
    pub fn chain(&self) -> Vec<ChainElement> {
        match &self.verdict {
            Ok(accepted) => accepted.chain(),
            Err(rejected) => rejected.chain().to_vec(),
        }
    }

    pub fn status(&self, place: usize) -> Option<RevocationStatus> {
        self.chain().get(place)?.revocation
    }

    pub fn is_accepted(&self) -> bool {
        self.verdict.is_ok()
    }

    #[track_caller]
    pub fn error(&self) -> Violation {
        match &self.verdict {
            Ok(accepted) => panic!("accepted: {accepted:?}"),
            Err(rejected) => *rejected.error(),
        }
    }

    /// The leaf is good, and comes in.
    #[track_caller]
    pub fn good(&self) {
        let status = self.status(0);
        assert!(self.verdict.is_ok(), "{}", self.error());
        assert!(
            matches!(status, Some(RevocationStatus::Good(_))),
            "{status:?}"
        );
    }

    /// The leaf comes in, and the verdict stands until this moment.
    #[track_caller]
    pub fn good_until(&self, end: Time) {
        self.good();
        let verdict = self.verdict.as_ref();
        assert_eq!(verdict.map(Accepted::not_after).ok(), Some(end));
    }

    /// The certificate at this place is revoked, and the error says so.
    #[track_caller]
    pub fn revoked_at(&self, place: usize) {
        let error = self.error();
        assert_eq!(error.position, place, "{error}");
        assert!(matches!(error.rule, Rule::Revoked(_)), "{error}");
        let status = self.status(place);
        assert!(
            matches!(status, Some(RevocationStatus::Revoked(..))),
            "{status:?}"
        );
    }

    #[track_caller]
    pub fn revoked(&self) {
        self.revoked_at(0);
    }

    /// The certificate at this place is unknown for this reason, and the error says so.
    #[track_caller]
    pub fn unknown_at(&self, place: usize, reason: UnknownStatus) {
        let error = self.error();
        let expected = (place, Rule::RevocationUnknown(reason));
        assert_eq!((error.position, error.rule), expected, "{error}");
        assert_eq!(self.status(place), Some(RevocationStatus::Unknown(reason)));
    }

    #[track_caller]
    pub fn unknown(&self, reason: UnknownStatus) {
        self.unknown_at(0, reason);
    }

    /// All URLs that were asked, round by round.
    pub fn urls(&self) -> Vec<Vec<String>> {
        let urls = |round: &Vec<Asked>| round.iter().map(|asked| asked.url.clone()).collect();
        self.rounds.iter().map(urls).collect()
    }
}

/// A validation that looks at revocation; of the leaf only, unless told otherwise.
pub struct Inquiry {
    anchors: Vec<Authority>,
    leaf: Made,
    more: Vec<Made>,
    mode: RevocationMode,
    flag: RevocationFlag,
    policy: RevocationPolicy,
    profile: Profile,
    forgiven: VerificationFlags,
    limits: Limits,
    at: Time,
    nonce: Option<Nonce>,
    staple: Option<Vec<u8>>,
    /// None: a new store for each validation.
    evidence: Option<Arc<SharedEvidence>>,
    fetch_issuers: bool,
}

impl Inquiry {
    pub fn about(anchor: &Authority, leaf: &Made, more: &[&Made]) -> Self {
        Self {
            anchors: vec![anchor.clone()],
            leaf: leaf.clone(),
            more: more.iter().map(|made| (*made).clone()).collect(),
            mode: RevocationMode::Online,
            flag: RevocationFlag::EndCertificateOnly,
            policy: RevocationPolicy::default(),
            profile: Profile::Default,
            forgiven: VerificationFlags::empty(),
            limits: Limits::default(),
            at: now(),
            nonce: None,
            staple: None,
            evidence: None,
            fetch_issuers: false,
        }
    }

    pub fn anchor(mut self, anchor: &Authority) -> Self {
        self.anchors.push(anchor.clone());
        self
    }

    pub fn mode(mut self, mode: RevocationMode) -> Self {
        self.mode = mode;
        self
    }

    pub fn flag(mut self, flag: RevocationFlag) -> Self {
        self.flag = flag;
        self
    }

    pub fn policy(mut self, policy: RevocationPolicy) -> Self {
        self.policy = policy;
        self
    }

    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    pub fn forgiving(mut self, flags: VerificationFlags) -> Self {
        self.forgiven = flags;
        self
    }

    pub fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    pub fn at(mut self, at: Time) -> Self {
        self.at = at;
        self
    }

    pub fn nonce(mut self, octets: &[u8]) -> Self {
        self.nonce = Some(Nonce::new(octets).unwrap());
        self
    }

    pub fn staple(mut self, response: &[u8]) -> Self {
        self.staple = Some(response.to_vec());
        self
    }

    pub fn evidence(mut self, evidence: &Arc<SharedEvidence>) -> Self {
        self.evidence = Some(Arc::clone(evidence));
        self
    }

    pub fn fetch_issuers(mut self) -> Self {
        self.fetch_issuers = true;
        self
    }

    pub fn builder(&self) -> ValidatorBuilder {
        let anchors: Vec<&Authority> = self.anchors.iter().collect();
        below(&anchors)
            .revocation(self.mode, self.flag)
            .revocation_policy(self.policy.clone())
            .profile(self.profile)
            .verification_flags(self.forgiven)
            .limits(self.limits.clone())
            .evidence(self.evidence.clone().unwrap_or_default())
            .fetch_issuers(self.fetch_issuers)
    }

    pub fn validator(&self) -> Validator {
        self.builder().build().unwrap()
    }

    pub fn presented(&self) -> Presented {
        let more: Vec<&Made> = self.more.iter().collect();
        let presented = presented(&self.leaf, &more);
        match &self.staple {
            Some(response) => presented.with_stapled_ocsp(response),
            None => presented,
        }
    }

    pub fn begin(&self) -> portcullis::Validation {
        let validation = self.validator().begin(&self.presented(), self.at);
        match &self.nonce {
            Some(nonce) => validation.with_nonce(nonce.clone()),
            None => validation,
        }
    }

    /// Asks the web for all that is missing.
    pub fn ask(&self, web: &Web) -> Outcome {
        self.ask_with(|request| web.answers(request))
    }

    /// Gives these to each request.
    pub fn given(&self, sent: &[Vec<u8>]) -> Outcome {
        self.ask_with(|_| sent.iter().map(|bytes| Answer::body(&bytes[..])).collect())
    }

    pub fn ask_with(&self, mut answers: impl FnMut(&Request) -> Vec<Answer>) -> Outcome {
        let mut validation = self.begin();
        let mut rounds = Vec::new();
        let verdict = loop {
            match validation.advance() {
                Progress::Done(verdict) => break verdict,
                Progress::Fetch(requests) => {
                    assert!(!requests.is_empty());
                    for request in &requests {
                        for answer in answers(request) {
                            validation.provide(request.id(), answer);
                        }
                    }
                    let asked = |request: &Request| Asked {
                        kind: request.kind(),
                        url: request.url().into(),
                    };
                    rounds.push(requests.iter().map(asked).collect());
                    assert!(rounds.len() < MAX_ROUNDS, "no end of rounds");
                }
            }
        };
        Outcome { rounds, verdict }
    }
}
