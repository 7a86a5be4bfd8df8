//! Whole validations that ask for evidence. Answers are octets of the fuzzer, forged CRLs and
//! responses, and edits of them.
//!
//! What must hold: there are few rounds, nothing panics, the same answers give the same verdict,
//! and no certificate is accepted that a CRL or response at hand plainly revokes, neither in this
//! validation nor in a later one with what the store has kept.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use portcullis::revocation::ocsp::{CertStatus, IssuerHashes};
use portcullis::revocation::{
    Answer, Crl, FetchFailure, OcspResponse, RequestKind, RevocationFlag, RevocationMode,
    RevocationPolicy, RevocationReason, SharedEvidence, SourceOrder,
};
use portcullis::{
    Accepted, AlgorithmPolicy, Certificate, Presented, Progress, Rejected, TrustMode, TrustStore,
    UnknownStatus, Validator,
};
use portcullis_fuzz::input::Input;
use portcullis_fuzz::revoking::{self, CA, LEAF, LISTS, OTHER_KEY, ROOT};
use portcullis_fuzz::scenario::NOW;
use portcullis_fuzz::stub::Stub;

/// At most 64 requests are sent, and each round sends at least one.
const MAX_ROUNDS: usize = 64;
/// The answers of one round.
const MAX_ANSWERS: usize = 12;

struct Pki {
    root: Certificate,
    ca: Certificate,
    leaf: Certificate,
    others: Vec<Certificate>,
    flag: RevocationFlag,
    policy: RevocationPolicy,
}

/// The answers that were given, with the kind of their requests.
type Sent = Vec<(bool, Vec<u8>)>;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let pki = Pki::read(&mut input);
    let store = Arc::new(SharedEvidence::default());
    let answers = input;
    let (verdict, sent) = pki.run(RevocationMode::Online, &store, input);
    let (again, _) = pki.run(RevocationMode::Online, &Arc::default(), answers);
    assert_eq!(verdict.is_ok(), again.is_ok(), "the same answers again");
    pki.check(&verdict, &sent, false);
    let (later, _) = pki.run(RevocationMode::Offline, &store, Input::new(&[]));
    pki.check(&later, &sent, true);
});

impl Pki {
    fn read(input: &mut Input<'_>) -> Self {
        let choices = input.byte();
        let indirect = choices & 1 != 0;
        let made = |party| Certificate::from_der(&revoking::certificate(party, indirect)).unwrap();
        let flags = [
            RevocationFlag::ExcludeRoot,
            RevocationFlag::EndCertificateOnly,
            RevocationFlag::EntireChain,
        ];
        let orders = [
            SourceOrder::CrlFirst,
            SourceOrder::OcspFirst,
            SourceOrder::CrlOnly,
            SourceOrder::OcspOnly,
        ];
        let flag = *input.pick(&flags);
        let mut policy = RevocationPolicy::default().order(*input.pick(&orders));
        if choices & 2 != 0 {
            for &reason in UnknownStatus::ALL {
                policy = policy.accept_unknown(reason);
            }
        }
        if choices & 4 != 0 {
            policy = policy.accept_unknown(UnknownStatus::NoSource);
        }
        Self {
            root: made(ROOT),
            ca: made(CA),
            leaf: made(LEAF),
            others: vec![made(CA), made(LISTS), made(OTHER_KEY)],
            flag,
            policy,
        }
    }

    fn run(
        &self,
        mode: RevocationMode,
        store: &Arc<SharedEvidence>,
        mut input: Input<'_>,
    ) -> (Result<Accepted, Rejected>, Sent) {
        let anchors = TrustStore::anchoring_each([self.root.clone()]);
        let validator = Validator::builder(TrustMode::CustomRootTrust(anchors))
            .revocation(mode, self.flag)
            .revocation_policy(self.policy.clone())
            .algorithms(AlgorithmPolicy::default())
            .provider(Arc::new(Stub { refused: 0 }))
            .evidence(Arc::clone(store) as _)
            .build()
            .unwrap();
        let presented = Presented::new(self.leaf.clone()).with_certificates(self.others.clone());
        let mut validation = validator.begin(&presented, NOW);
        let mut sent = Vec::new();
        let mut rounds = 0;
        loop {
            let requests = match validation.advance() {
                Progress::Done(verdict) => return (verdict, sent),
                Progress::Fetch(requests) => requests,
            };
            rounds += 1;
            assert!(!requests.is_empty() && rounds <= MAX_ROUNDS);
            for _ in 0..input.below(MAX_ANSWERS) {
                let request = &requests[input.below(requests.len())];
                if input.byte() == 0xff {
                    validation.provide(request.id(), FetchFailure::Unreachable);
                    continue;
                }
                let bytes = revoking::evidence(&mut input);
                sent.push((request.kind() == RequestKind::Ocsp, bytes.clone()));
                validation.provide(request.id(), Answer::body(bytes));
            }
        }
    }

    /// `is_later`: with what a store has kept, which is one of several CRLs of one date and number.
    fn check(&self, verdict: &Result<Accepted, Rejected>, sent: &Sent, is_later: bool) {
        let Ok(accepted) = verdict else {
            return;
        };
        let chain = accepted.chain();
        assert_eq!(chain.len(), 3);
        let asked = match self.flag {
            RevocationFlag::EndCertificateOnly => vec![(&self.leaf, &self.ca)],
            _ => vec![(&self.leaf, &self.ca), (&self.ca, &self.root)],
        };
        for (subject, issuer) in asked {
            assert!(
                !plainly_revoked(subject, issuer, sent, is_later),
                "{accepted:?}"
            );
        }
    }
}

fn plainly_revoked(
    subject: &Certificate,
    issuer: &Certificate,
    sent: &Sent,
    is_later: bool,
) -> bool {
    by_lists(subject, issuer, sent, is_later) || by_responses(subject, issuer, sent)
}

/// Whether a CRL by the issuer's own key and about all its certificates names this one, and no
/// other CRL may contradict it.
fn by_lists(subject: &Certificate, issuer: &Certificate, sent: &Sent, is_later: bool) -> bool {
    let lists = sent.iter().filter(|(is_ocsp, _)| !is_ocsp);
    let lists = lists.filter_map(|(_, bytes)| Crl::from_der(bytes).ok());
    let lists: Vec<Crl> = lists
        .filter(|list| list.issuer().matches(&subject.issuer()))
        .collect();
    let entry = |list: &Crl| {
        let entry = list.find(subject.serial(), subject.issuer());
        entry.map(|entry| entry.reason())
    };
    let removed = Some(Some(RevocationReason::RemoveFromCrl));
    if lists
        .iter()
        .any(|list| list.is_delta() && entry(list) == removed)
    {
        return false;
    }
    let order = |list: &Crl| list.this_update();
    let whole = lists.iter().filter(|list| !list.is_delta());
    let newest = whole.clone().map(order).filter(|date| *date <= NOW).max();
    whole.clone().any(|list| {
        let signer = portcullis_fuzz::forge::signer_of(list.signature());
        let key = portcullis_fuzz::forge::key_of(issuer.public_key().key_bits());
        let numbered = |other: &Crl| {
            let (other_number, number) = (other.crl_number(), list.crl_number());
            let is_same = other == list || !is_later;
            other_number < number || (other_number == number && is_same)
        };
        signer == key
            && list.signature_algorithm().as_der() == issuer.signature_algorithm().as_der()
            && list.unusable().is_none()
            && list.issuing_distribution_point().is_none()
            && issuer_speaks(subject)
            && Some(order(list)) == newest
            && whole
                .clone()
                .all(|other| order(other) < order(list) || numbered(other))
            && entry(list).is_some()
    })
}

/// Whether the certificate names no other CRL issuer than its issuer.
fn issuer_speaks(subject: &Certificate) -> bool {
    let kind = portcullis::ExtensionKind::CrlDistributionPoints;
    let value = subject.extension(kind).unwrap_or_default();
    let points = portcullis::certificate::extensions::CrlDistributionPoints::from_der(value);
    points.is_ok_and(|points| points.iter().any(|point| point.crl_issuer.is_none()))
}

/// Whether a response by the issuer's own key revokes it, and there is no newer one.
fn by_responses(subject: &Certificate, issuer: &Certificate, sent: &Sent) -> bool {
    let (name, key) = (issuer.subject(), issuer.public_key());
    let hashes = IssuerHashes::new(&subject.issuer(), &key);
    let responses = sent.iter().filter(|(is_ocsp, _)| *is_ocsp);
    let responses = responses.filter_map(|(_, bytes)| OcspResponse::from_der(bytes).ok());
    let responses: Vec<OcspResponse> = responses.collect();
    // The newest statement counts, because a hold may have been released.
    let newest = responses
        .iter()
        .flat_map(|response| response.singles_for(subject.serial(), &hashes))
        .map(|single| single.this_update)
        .filter(|date| *date <= NOW)
        .max();
    responses.iter().any(|response| {
        let signer = portcullis_fuzz::forge::signer_of(response.signature());
        let holds = signer == portcullis_fuzz::forge::key_of(key.key_bits())
            && response.signature_algorithm().as_der() == issuer.signature_algorithm().as_der()
            && response.responder_id().matches(&name, &key)
            && response.unknown_critical_extension().is_none();
        let mut said = response.singles_for(subject.serial(), &hashes);
        holds
            && said.any(|single| {
                matches!(single.status, CertStatus::Revoked { .. })
                    && single.this_update <= NOW
                    && Some(single.this_update) == newest
                    && single.unknown_critical_extension.is_none()
            })
    })
}
