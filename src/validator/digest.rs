//! The digest of a validator: SHA-256 over a stable form of all that decides its verdicts.
//!
//! What remembers verdicts must never answer with one that other options or other anchors gave. So
//! options, anchors and additional certificates are written down in a fixed order, each number in
//! eight octets and each text behind its length, and hashed once when the validator is made. Every
//! structure is taken apart field by field, so that a new option that is left out does not compile.
//! Enums without values are written as the discriminants of their declarations, which never change.
//! What does not decide is not in it: where evidence and signatures are remembered. A provider is
//! known by its name and by what it says that it supports.

use alloc::format;
use alloc::vec::Vec;

use const_oid::ObjectIdentifier;
use sha2::{Digest as _, Sha256};

use super::Shared;
use super::types::{Pin, SelfSignedTrust};
use crate::certificate::Certificate;
use crate::path::options::PathOptions;
use crate::path::status::Forgiven;
use crate::path::{InitialPolicies, Limits, PolicyInputs, Purpose, UsagePolicy};
use crate::revocation::RevocationPolicy;
use crate::trust::{AnchorConstraints, TrustAnchor};

/// The version of the form: another one gives other digests.
const FORM: u64 = 1;

/// The digest of what a validator was made of.
pub(super) fn digest(shared: &Shared) -> [u8; 32] {
    let mut form = Form(Sha256::new());
    form.number(FORM);
    form.options(&shared.path);
    form.revocation(&shared.revocation);
    form.number(shared.types as u64);
    form.self_signed(&shared.self_signed);
    form.numbers([shared.dotnet, shared.fetch_issuers]);
    form.bytes(format!("{:?}", shared.provider).as_bytes());
    form.bytes(format!("{:?}", shared.provider.supported()).as_bytes());
    form.list(shared.store.anchors(), Form::anchor);
    let certificate = |form: &mut Form, one: &Certificate| form.bytes(one.as_der());
    form.list(shared.store.candidates(), certificate);
    form.list(shared.additional.certificates(), certificate);
    form.0.finalize().into()
}

struct Form(Sha256);

impl Form {
    fn number(&mut self, number: u64) {
        self.0.update(number.to_be_bytes());
    }

    fn numbers<const N: usize>(&mut self, numbers: [impl Into<u64>; N]) {
        numbers
            .into_iter()
            .for_each(|number| self.number(number.into()));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
    }

    fn oid(&mut self, oid: &ObjectIdentifier) {
        self.bytes(oid.as_bytes());
    }

    fn list<T>(&mut self, list: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(list.len() as u64);
        list.iter().for_each(|one| write(self, one));
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.numbers([value.is_some()]);
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn options(&mut self, options: &PathOptions) {
        let PathOptions {
            purpose,
            usage,
            profile,
            peer_names,
            key_usage,
            policies,
            max_intermediates,
            limits,
            algorithms,
            clock_skew,
            forgiven: Forgiven { leaf, issuers },
            // Of nobody but signers of evidence, whose options follow from these.
            ignores_anchor_purposes: _,
        } = options;
        self.number(match purpose {
            Purpose::Any => 0,
            Purpose::ClientAuth => 1,
            Purpose::ServerAuth => 2,
            Purpose::All(_) => 3,
        });
        if let Purpose::All(purposes) = purpose {
            self.list(purposes, Self::oid);
        }
        self.usage(*usage);
        self.number(*profile as u64);
        self.list(peer_names, |form, name| {
            form.bytes(format!("{name:?}").as_bytes());
        });
        self.numbers([key_usage.bits()]);
        self.policies(policies);
        self.optional(*max_intermediates, |form, most| form.number(most.into()));
        self.limits(limits);
        let mut written = Vec::new();
        algorithms.write_digest(&mut written);
        self.bytes(&written);
        self.numbers([*clock_skew, leaf.bits(), issuers.bits()]);
    }

    fn usage(&mut self, usage: UsagePolicy) {
        let UsagePolicy {
            scope,
            any_stands_for_all,
            leaf_must_have,
            application_policies,
            ignores_key_usage,
        } = usage;
        self.number(scope as u64);
        self.numbers([
            any_stands_for_all,
            leaf_must_have,
            application_policies,
            ignores_key_usage,
        ]);
    }

    fn policies(&mut self, inputs: &PolicyInputs) {
        let PolicyInputs {
            initial,
            require_explicit_policy,
            inhibit_policy_mapping,
            inhibit_any_policy,
        } = inputs;
        let (kind, listed) = match initial {
            InitialPolicies::Any => (0, None),
            InitialPolicies::Only(policies) => (1, Some(policies)),
            InitialPolicies::WhereRequired(policies) => (2, Some(policies)),
        };
        self.number(kind);
        if let Some(policies) = listed {
            self.list(policies, Self::oid);
        }
        self.numbers([
            *require_explicit_policy,
            *inhibit_policy_mapping,
            *inhibit_any_policy,
        ]);
    }

    fn limits(&mut self, limits: &Limits) {
        let Limits {
            signatures,
            search_steps,
            name_comparisons,
            policy_nodes,
            certificates,
            bytes,
            path_length,
            fetches,
            evidence_bytes,
        } = *limits;
        self.numbers([
            signatures,
            search_steps,
            name_comparisons,
            policy_nodes,
            certificates,
            bytes,
            path_length,
            fetches,
            evidence_bytes,
        ]);
    }

    fn revocation(&mut self, policy: &RevocationPolicy) {
        let RevocationPolicy {
            mode,
            flag,
            order,
            accepted,
            clock_skew,
            max_age_without_next_update,
            max_age,
            use_deltas,
            at_validation_time,
            must_staple,
            cert_id_hash,
            nonce,
            require_no_check,
            trusted_responders,
            require_crl_number,
        } = policy;
        self.numbers([*mode as u64, *flag as u64, *order as u64]);
        self.numbers([u32::from(accepted.bits()), *clock_skew]);
        let seconds = |form: &mut Self, seconds: u32| form.number(seconds.into());
        self.optional(*max_age_without_next_update, seconds);
        self.optional(*max_age, seconds);
        self.numbers([*use_deltas, *at_validation_time, *must_staple]);
        self.numbers([
            *cert_id_hash as u64,
            *nonce as u64,
            u64::from(*require_no_check),
        ]);
        self.list(trusted_responders, |form, one| form.bytes(one.as_der()));
        self.numbers([*require_crl_number]);
    }

    fn self_signed(&mut self, trust: &SelfSignedTrust) {
        match trust {
            SelfSignedTrust::Any => self.number(0),
            SelfSignedTrust::Pinned(pins) => {
                self.number(1);
                self.list(pins, |form, pin| {
                    let (kind, hash) = match pin {
                        Pin::Certificate(hash) => (0, hash),
                        Pin::PublicKey(hash) => (1, hash),
                    };
                    form.number(kind);
                    form.bytes(hash);
                });
            }
        }
    }

    fn anchor(&mut self, anchor: &TrustAnchor) {
        let AnchorConstraints {
            purposes,
            name_constraints,
            not_after,
        } = anchor.constraints();
        self.bytes(anchor.subject().as_der());
        self.bytes(anchor.spki_der());
        self.optional(anchor.certificate(), |form, one| form.bytes(one.as_der()));
        self.optional(purposes.as_deref(), |form, purposes| {
            form.list(purposes, Self::oid);
        });
        self.optional(name_constraints.as_deref(), Self::bytes);
        self.optional(*not_after, |form, time| {
            form.bytes(&time.unix().to_be_bytes());
        });
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use crate::certificate::testing::Parts;
    use crate::revocation::{RevocationFlag, RevocationMode, RevocationPolicy};
    use crate::{
        AlgorithmPolicy, AnchorConstraints, Certificate, CertificateTypes, InitialPolicies, Limits,
        PeerName, Pin, PolicyInputs, Profile, Purpose, Time, TrustAnchor, TrustMode, TrustStore,
        UnknownStatus, UsagePolicy, Validator, ValidatorBuilder, VerificationFlags,
    };

    fn certificate() -> Certificate {
        Certificate::from_der(&Parts::default().der()).unwrap()
    }

    fn builder() -> ValidatorBuilder {
        let store = TrustStore::anchoring_each([certificate()]);
        Validator::builder(TrustMode::CustomRootTrust(store))
    }

    /// Each change of an option, of the anchors or of the additional certificates is another
    /// digest; the same options are the same, and where a validator remembers things does not
    /// matter.
    #[test]
    fn each_option_is_in_it() {
        let pin = Pin::certificate(&certificate());
        let fewer = Limits {
            signatures: 1,
            ..Limits::default()
        };
        let changed: Vec<ValidatorBuilder> = Vec::from([
            builder(),
            builder().purpose(Purpose::ClientAuth),
            builder().purpose(Purpose::ServerAuth),
            builder().purpose(Purpose::All(Vec::from([crate::oid::CLIENT_AUTH]))),
            builder().usage(UsagePolicy::default().any_stands_for_all(true)),
            builder().usage(UsagePolicy::default().ignores_key_usage(true)),
            builder().profile(Profile::Rfc5280),
            builder().profile(Profile::WebPki),
            builder().additional_chain_certificates([certificate()]),
            builder()
                .certificate_types(CertificateTypes::All)
                .pins([pin]),
            builder()
                .certificate_types(CertificateTypes::SelfSigned)
                .pins([pin]),
            builder()
                .certificate_types(CertificateTypes::All)
                .dangerously_trust_any_self_signed(),
            builder().verification_flags(VerificationFlags::IGNORE_WRONG_USAGE),
            builder().validate_leaf_period(false),
            builder().validate_issuers_period(false),
            builder().clock_skew(1),
            builder().expect_name(PeerName::dns("a.example").unwrap()),
            builder().expect_name(PeerName::email("a@a.example").unwrap()),
            builder().key_usage(crate::KeyUsage::DIGITAL_SIGNATURE),
            builder().policies(PolicyInputs {
                require_explicit_policy: true,
                ..PolicyInputs::default()
            }),
            builder().policies(PolicyInputs {
                initial: InitialPolicies::Only(Vec::from([crate::oid::ANY_POLICY])),
                ..PolicyInputs::default()
            }),
            builder().policies(PolicyInputs {
                initial: InitialPolicies::WhereRequired(Vec::from([crate::oid::ANY_POLICY])),
                ..PolicyInputs::default()
            }),
            builder().max_intermediates(1),
            builder().limits(fewer),
            builder().algorithms(AlgorithmPolicy::default().min_rsa_bits(4096)),
            builder().dotnet_compatible(true),
            builder().fetch_issuers(true),
            builder().revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot),
            builder().revocation(RevocationMode::Online, RevocationFlag::EntireChain),
            builder().revocation_policy(RevocationPolicy::default().must_staple(true)),
            builder().revocation_policy(
                RevocationPolicy::default().accept_unknown(UnknownStatus::NoSource),
            ),
        ]);
        let digests: Vec<_> = changed
            .into_iter()
            .map(|builder| builder.build().unwrap().digest())
            .collect();
        for (i, one) in digests.iter().enumerate() {
            assert!(!digests[..i].contains(one), "{i}");
        }
        assert_eq!(digests[0], builder().build().unwrap().digest());
        let elsewhere = builder().memo(alloc::sync::Arc::new(crate::crypto::NoMemo));
        assert_eq!(digests[0], elsewhere.build().unwrap().digest());
    }

    #[test]
    fn anchors_and_candidates_are_in_it_with_their_constraints() {
        let validator = builder().build().unwrap();
        let anchor = || TrustAnchor::from_certificate(certificate());
        let until = AnchorConstraints::default().not_after(Time::from_unix(5));
        let constrained = anchor().with_constraints(until);
        let twice = TrustStore::new([anchor(), anchor()]);
        let with_candidate = TrustStore::new([anchor()]).with_candidates([certificate()]);
        let candidate = TrustStore::of_candidates([certificate()]);
        let stores = [
            twice,
            TrustStore::new([constrained]),
            with_candidate,
            candidate,
            TrustStore::default(),
        ];
        let mut digests = Vec::from([validator.digest()]);
        for store in stores {
            let digest = validator.with_store(store).digest();
            assert!(!digests.contains(&digest));
            digests.push(digest);
        }
        let again = validator.with_store(TrustStore::new([anchor()]));
        assert_eq!(again.digest(), validator.digest());
    }
}
