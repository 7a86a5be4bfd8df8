//! The digest of a validator: SHA-256 over a stable form of everything that affects its verdicts.
//!
//! A cache must never return a verdict that was made with other options or anchors. So options,
//! anchors and additional certificates are written in a fixed order, each number in eight bytes and
//! each text after its length, and hashed once when the validator is built. Every structure is
//! destructured field by field, so an option that is left out does not compile. Enums without
//! values are written as the discriminants of their declarations, which never change. Where
//! evidence and signatures are remembered does not affect verdicts and is not included. A provider
//! is identified by its name and by the algorithms that it supports.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use const_oid::ObjectIdentifier;
use sha2::{Digest as _, Sha256};

use super::options::ValidatorOptions;
use super::types::{CertificateTypes, Pin, SelfSignedTrust};
use crate::certificate::Certificate;
use crate::certificate::extensions::KeyUsage;
use crate::crypto::AlgorithmPolicy;
use crate::path::options::PathOptions;
use crate::path::status::Forgiven;
use crate::path::{
    ChainStatus, InitialPolicies, Limits, PeerName, PolicyInputs, Profile, Purpose, UsagePolicy,
    UsageScope,
};
use crate::revocation::{
    AcceptedUnknown, CertIdHash, NonceRule, RevocationFlag, RevocationMode, RevocationPolicy,
    SourceOrder,
};
use crate::time::Time;
use crate::trust::{AnchorConstraints, TrustAnchor};

/// The version of the form. Another version gives other digests.
const FORM: u64 = 1;

/// The digest of a validator's options.
pub(super) fn digest(options: &ValidatorOptions) -> [u8; 32] {
    let mut form = Form(Sha256::new());
    form.add(&FORM);
    form.add(&options.path);
    form.add(&options.revocation);
    form.add(&options.certificate_types);
    form.add(&options.self_signed);
    form.add(&options.dotnet_compatible);
    form.add(&options.fetch_issuers);
    // The source's answers change from hour to hour. Only whether there is a source is included.
    form.number(options.status_source.is_some());
    form.bytes(format!("{:?}", options.provider));
    form.bytes(format!("{:?}", options.provider.supported()));
    form.add(options.store.anchors());
    form.add(options.store.candidates());
    form.add(options.additional.certificates());
    form.0.finalize().into()
}

/// Hashes what is written.
struct Form(Sha256);

impl Form {
    fn add<T: Digested + ?Sized>(&mut self, value: &T) {
        value.write(self);
    }

    fn number(&mut self, number: impl Into<u64>) {
        self.0.update(number.into().to_be_bytes());
    }

    fn bytes(&mut self, bytes: impl AsRef<[u8]>) {
        self.number(bytes.as_ref().len() as u64);
        self.0.update(bytes);
    }
}

/// A value that has a form.
trait Digested {
    fn write(&self, form: &mut Form);
}

/// Values that are written as one number, as bytes, by variant (its number, then its value), or
/// field by field in the order given here. A field after `not` is left out.
macro_rules! digested {
    (numbers |$value:ident| $($Type:ty => $number:expr;)*) => {$(
        impl Digested for $Type {
            fn write(&self, form: &mut Form) {
                let $value = self;
                form.number($number);
            }
        }
    )*};
    (bytes |$value:ident| $($Type:ty => $bytes:expr;)*) => {$(
        impl Digested for $Type {
            fn write(&self, form: &mut Form) {
                let $value = self;
                form.bytes($bytes);
            }
        }
    )*};
    (variants $($Type:ident { $($Variant:ident $(($value:ident))? => $number:literal,)+ })*) => {$(
        impl Digested for $Type {
            fn write(&self, form: &mut Form) {
                match self {$(
                    Self::$Variant $(($value))? => {
                        let number: u32 = $number;
                        form.number(number);
                        $(form.add($value);)?
                    }
                )+}
            }
        }
    )*};
    (fields $($Type:ident { $($field:ident),+ $(; not $omitted:ident)? })*) => {$(
        impl Digested for $Type {
            fn write(&self, form: &mut Form) {
                let Self { $($field,)+ $($omitted: _)? } = self;
                $(form.add($field);)+
            }
        }
    )*};
}

digested! { numbers |value|
    bool => *value;
    u32 => *value;
    u64 => *value;
    CertificateTypes => *value as u64;
    CertIdHash => *value as u64;
    NonceRule => *value as u64;
    Profile => *value as u64;
    RevocationFlag => *value as u64;
    RevocationMode => *value as u64;
    SourceOrder => *value as u64;
    UsageScope => *value as u64;
    AcceptedUnknown => u32::from(value.bits());
    ChainStatus => value.bits();
    KeyUsage => value.bits();
}

digested! { bytes |value|
    [u8] => value;
    [u8; 32] => value;
    Arc<[u8]> => value;
    Certificate => value.as_der();
    ObjectIdentifier => value.as_bytes();
    PeerName => format!("{value:?}");
    Time => value.unix().to_be_bytes();
    AlgorithmPolicy => {
        let mut written = Vec::new();
        value.write_digest(&mut written);
        written
    };
}

digested! { fields
    PathOptions {
        purpose, usage, profile, peer_names, key_usage, policies, max_intermediates, limits,
        algorithms, clock_skew, forgiven;
        // Set only for signers of evidence, whose options follow from these.
        not ignores_anchor_purposes
    }
    UsagePolicy {
        scope, any_stands_for_all, leaf_must_have, application_policies, ignores_key_usage
    }
    PolicyInputs { initial, require_explicit_policy, inhibit_policy_mapping, inhibit_any_policy }
    Limits {
        signatures, search_steps, name_comparisons, policy_nodes, certificates, bytes, path_length,
        fetches, evidence_bytes
    }
    Forgiven { leaf, issuers }
    RevocationPolicy {
        mode, flag, order, accepted, clock_skew, max_age_without_next_update, max_age, use_deltas,
        revoked_only_from_its_date_on, must_staple, cert_id_hash, nonce, require_no_check,
        trusted_responders, strict_crls, reasons_by_points_alone, accept_no_rev_avail, short_lived
    }
    AnchorConstraints { purposes, name_constraints, not_after }
}

impl<T: Digested> Digested for [T] {
    fn write(&self, form: &mut Form) {
        form.number(self.len() as u64);
        self.iter().for_each(|one| form.add(one));
    }
}

impl<T: Digested> Digested for Vec<T> {
    fn write(&self, form: &mut Form) {
        form.add(&**self);
    }
}

impl<T: Digested> Digested for Option<T> {
    fn write(&self, form: &mut Form) {
        form.number(self.is_some());
        self.iter().for_each(|value| form.add(value));
    }
}

digested! { variants
    Purpose { Any => 0, ClientAuth => 1, ServerAuth => 2, All(purposes) => 3, }
    InitialPolicies { Any => 0, Only(policies) => 1, WhereRequired(policies) => 2, }
    SelfSignedTrust { Any => 0, Pinned(pins) => 1, }
    Pin { Certificate(hash) => 0, PublicKey(hash) => 1, }
}

impl Digested for TrustAnchor {
    fn write(&self, form: &mut Form) {
        form.bytes(self.subject().as_der());
        form.bytes(self.spki_der());
        form.add(&self.certificate().cloned());
        form.add(self.constraints());
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use crate::certificate::SubjectPublicKeyInfo;
    use crate::certificate::testing::Parts;
    use crate::revocation::{
        KnownStatus, RevocationFlag, RevocationMode, RevocationPolicy, StatusSource,
    };
    use crate::{
        AlgorithmPolicy, AnchorConstraints, Certificate, CertificateTypes, InitialPolicies, Limits,
        PeerName, Pin, PolicyInputs, Profile, Purpose, Time, TrustAnchor, TrustMode, TrustStore,
        UnknownStatus, UsagePolicy, Validator, ValidatorBuilder, VerificationFlags,
    };

    fn certificate() -> Certificate {
        Certificate::from_der(&Parts::default().der()).unwrap()
    }

    #[derive(Debug)]
    struct NothingKnown;

    impl StatusSource for NothingKnown {
        fn status(&self, _: &Certificate, _: &SubjectPublicKeyInfo<'_>, _: Time) -> KnownStatus {
            KnownStatus::NotCovered
        }
    }

    fn builder() -> ValidatorBuilder {
        let store = TrustStore::anchoring_each([certificate()]);
        Validator::builder(TrustMode::CustomRootTrust(store))
    }

    /// Each change of an option, of the anchors or of the additional certificates changes the
    /// digest. The same options have the same digest, and where a validator remembers things does
    /// not matter.
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
            builder().revocation_policy(RevocationPolicy::default().accept_no_rev_avail(true)),
            builder().revocation_policy(RevocationPolicy::default().short_lived(Some(60))),
            builder().status_source(Arc::new(NothingKnown)),
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
