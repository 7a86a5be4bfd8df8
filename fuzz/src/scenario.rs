//! A whole validation from the bytes of a fuzzer: trust anchors, presented certificates, options.

use std::sync::Arc;

use portcullis::certificate::extensions::KeyUsage;
use portcullis::revocation::{RevocationFlag, RevocationMode};
use portcullis::{
    AlgorithmPolicy, AnchorConstraints, BuildError, Certificate, CertificateTypes, InitialPolicies,
    Limits, ObjectIdentifier, PeerName, Pin, PolicyInputs, Presented, Profile, Purpose, Time,
    TrustAnchor, TrustMode, TrustStore, UsagePolicy, UsageScope, Validator, VerificationFlags,
};

use crate::input::Input;
use crate::stub::Stub;
use crate::{edit, forge, samples};

/// 2026-01-01, when most certificates of the test data are valid.
pub const NOW: Time = Time::from_unix(1_767_225_600);
/// The most certificates that are presented in addition to the leaf.
pub const MAX_PRESENTED: usize = 12;
pub const MAX_ANCHORS: usize = 3;

const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.3.1");

/// The parts of a validation.
#[derive(Debug)]
pub struct Scenario {
    pub leaf: Certificate,
    pub presented: Vec<Certificate>,
    pub store: TrustStore,
    pub at: Time,
    pub options: Options,
}

/// The options of a validation.
#[derive(Clone, Debug)]
pub struct Options {
    pub purpose: Purpose,
    pub usage: UsagePolicy,
    pub profile: Profile,
    pub policies: PolicyInputs,
    pub key_usage: KeyUsage,
    pub max_intermediates: Option<u32>,
    pub expected: Option<PeerName>,
    pub clock_skew: u32,
    pub leaf_period: bool,
    pub issuers_period: bool,
    pub flags: VerificationFlags,
    pub types: CertificateTypes,
    pub pins: Vec<Pin>,
    pub any_self_signed: bool,
    pub dotnet: bool,
    pub limits: Limits,
    pub additional: Vec<Certificate>,
    pub stub: Stub,
}

impl Options {
    /// Whether nothing is forgiven, so that an accepted path breaks no rule.
    pub fn is_plain(&self) -> bool {
        self.flags.is_empty() && self.leaf_period && self.issuers_period && self.clock_skew == 0
    }

    /// The validator, with these limits.
    pub fn validator(&self, store: &TrustStore, limits: Limits) -> Result<Validator, BuildError> {
        let mut builder = Validator::builder(TrustMode::CustomRootTrust(store.clone()))
            .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
            .purpose(self.purpose.clone())
            .usage(self.usage)
            .profile(self.profile)
            .policies(self.policies.clone())
            .key_usage(self.key_usage)
            .clock_skew(self.clock_skew)
            .validate_leaf_period(self.leaf_period)
            .validate_issuers_period(self.issuers_period)
            .dangerously_forgive(self.flags)
            .certificate_types(self.types)
            .pins(self.pins.iter().copied())
            .dotnet_compatible(self.dotnet)
            // Every profile accepts forged keys.
            .algorithms(AlgorithmPolicy::default())
            .additional_chain_certificates(self.additional.iter().cloned())
            .provider(Arc::new(self.stub))
            .limits(limits);
        if self.any_self_signed {
            builder = builder.dangerously_trust_any_self_signed();
        }
        if let Some(most) = self.max_intermediates {
            builder = builder.max_intermediates(most);
        }
        if let Some(name) = &self.expected {
            builder = builder.expect_name(name.clone());
        }
        builder.build()
    }
}

impl Scenario {
    /// `None` if the leaf does not parse.
    pub fn read(input: &mut Input<'_>) -> Option<Self> {
        let mut options = options(input);
        let time = input.below(6);
        let anchors = anchors(input);
        let leaf = Certificate::from_der(&certificate(input)).ok()?;
        let presented = (0..input.below(MAX_PRESENTED + 1)).map(|_| certificate(input));
        let presented: Vec<Certificate> = presented
            .filter_map(|der| Certificate::from_der(&der).ok())
            .collect();
        if input.byte() == 1 {
            let additional = Certificate::from_der(&certificate(input));
            options.additional.extend(additional);
        }
        let at = match time {
            0..2 => NOW,
            2 => leaf.not_after(),
            3 => leaf.not_before(),
            4 => leaf.not_after().plus(1),
            _ => Time::from_unix(input.i64()),
        };
        if options.types != CertificateTypes::Chained && !options.any_self_signed {
            options.pins.push(Pin::public_key(&leaf));
        }
        Some(Self {
            leaf,
            presented,
            store: anchors,
            at,
            options,
        })
    }

    /// The leaf with these certificates.
    pub fn present(&self, certificates: impl IntoIterator<Item = Certificate>) -> Presented {
        Presented::new(self.leaf.clone()).with_certificates(certificates)
    }
}

/// A forged certificate, or one of the test data with some edits.
pub fn certificate(input: &mut Input<'_>) -> Vec<u8> {
    if !input.flag() {
        return forge::certificate(input);
    }
    let samples = samples::certificates();
    let sample = &samples[usize::from(input.u16()) % samples.len()];
    edit::edited(sample, input)
}

/// The octets that [`Scenario::read`] reads before the certificates of the anchors, for options
/// that require little.
pub const PLAIN: [u8; 15] = [
    4, 0, 0, 0, 0, 0, // any purpose, usage, profile, policies, periods, chained leaves
    7, 7, 9, 7, 0, // no name, no flag, any number of CAs, no small limit, all signatures
    0, // now
    0, 0, 0, // anchors from certificates, without constraints
];

/// The octets that [`certificate`] reads for an unchanged certificate of the test data.
pub fn sample(der: &[u8]) -> Option<[u8; 4]> {
    let [high, low] = samples::index_of(der)?.to_be_bytes();
    Some([1, high, low, 0])
}

fn anchors(input: &mut Input<'_>) -> TrustStore {
    let self_issued_only = input.byte() == 1;
    let bare = input.byte() == 1;
    let constrained = input.byte();
    let certificates = (0..=input.below(MAX_ANCHORS)).map(|_| certificate(input));
    let certificates: Vec<Certificate> = certificates
        .filter_map(|der| Certificate::from_der(&der).ok())
        .collect();
    if self_issued_only {
        return TrustStore::from_certificates(certificates.iter().cloned())
            .unwrap_or_else(|_| TrustStore::of_candidates(certificates));
    }
    let constraints = match constrained {
        1 => AnchorConstraints::default().purposes([portcullis::oid::CLIENT_AUTH]),
        2 => AnchorConstraints::default().not_after(NOW),
        _ => AnchorConstraints::default(),
    };
    let anchors = certificates.into_iter().map(|certificate| {
        let subject = certificate.subject().as_der();
        let anchor = if bare {
            TrustAnchor::from_name_and_key(subject, certificate.spki_der())
                .expect("the name and the key of a certificate that was parsed")
        } else {
            TrustAnchor::from_certificate(certificate)
        };
        anchor.with_constraints(constraints.clone())
    });
    TrustStore::new(anchors)
}

fn options(input: &mut Input<'_>) -> Options {
    let purpose = match input.below(5) {
        0 => Purpose::ClientAuth,
        1 => Purpose::ServerAuth,
        2 => Purpose::All(vec![
            portcullis::oid::CLIENT_AUTH,
            portcullis::oid::SERVER_AUTH,
        ]),
        _ => Purpose::Any,
    };
    let usage = input.byte();
    let scope = if usage & 1 == 0 {
        UsageScope::Nested
    } else {
        UsageScope::LeafOnly
    };
    let usage = UsagePolicy::default()
        .scope(scope)
        .any_stands_for_all(usage & 2 != 0)
        .leaf_must_have(usage & 12 == 12)
        .application_policies(usage & 16 != 0);
    let profile = *input.pick(&[
        Profile::Default,
        Profile::Default,
        Profile::Rfc5280,
        Profile::WebPki,
    ]);
    let bits = input.byte();
    let policies = PolicyInputs {
        initial: match bits & 56 {
            24 => InitialPolicies::Only(vec![POLICY]),
            56 => InitialPolicies::WhereRequired(vec![POLICY]),
            _ => InitialPolicies::Any,
        },
        require_explicit_policy: bits & 1 != 0,
        inhibit_policy_mapping: bits & 2 != 0,
        inhibit_any_policy: bits & 4 != 0,
    };
    let several = input.byte();
    let types = *input.pick(&[
        CertificateTypes::Chained,
        CertificateTypes::Chained,
        CertificateTypes::Chained,
        CertificateTypes::SelfSigned,
        CertificateTypes::All,
    ]);
    let expected = match input.below(8) {
        0 => PeerName::dns("a.example.com").ok(),
        1 => Some(PeerName::ip([10, 0, 0, 1])),
        2 => PeerName::email("a@b.c").ok(),
        _ => None,
    };
    let flags = match input.below(8) {
        0 => VerificationFlags::ALL_FLAGS,
        1 => VerificationFlags::IGNORE_NOT_TIME_VALID,
        2 => VerificationFlags::IGNORE_INVALID_BASIC_CONSTRAINTS,
        3 => VerificationFlags::IGNORE_INVALID_NAME | VerificationFlags::IGNORE_INVALID_POLICY,
        _ => VerificationFlags::empty(),
    };
    let max_intermediates = input.byte();
    Options {
        purpose,
        usage,
        profile,
        policies,
        key_usage: KeyUsage::default(),
        max_intermediates: (max_intermediates < 4).then_some(max_intermediates.into()),
        expected,
        clock_skew: if several & 3 == 3 { 3_600 } else { 0 },
        leaf_period: several & 12 != 12,
        issuers_period: several & 48 != 48,
        flags,
        types,
        pins: Vec::new(),
        any_self_signed: types != CertificateTypes::Chained && several & 64 != 0,
        dotnet: several & 128 != 0,
        limits: limits(input),
        additional: Vec::new(),
        stub: Stub {
            refused: *input.pick(&[0, 0, 64, 200]),
        },
    }
}

/// Limits, one of which is small.
fn limits(input: &mut Input<'_>) -> Limits {
    let mut limits = Limits::default();
    let small = match input.below(8) {
        0 => &mut limits.signatures,
        1 => &mut limits.search_steps,
        2 => &mut limits.name_comparisons,
        3 => &mut limits.policy_nodes,
        4 => &mut limits.certificates,
        5 => &mut limits.bytes,
        6 => &mut limits.path_length,
        _ => return limits,
    };
    *small = input.byte().into();
    limits
}
