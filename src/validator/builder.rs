//! The builder of a validator: the options with their defaults, and the checks for conflicts
//! between them.
//!
//! Options that together check nothing, or would accept anyone, are errors here, before the first
//! certificate is validated. `prepared.rs` decodes what validations share.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::options::ValidatorOptions;
use super::types::{CertificateTypes, Pin, SelfSignedTrust};
use crate::certificate::Certificate;
use crate::certificate::extensions::KeyUsage;
use crate::crypto::{AlgorithmPolicy, Provider, SignatureMemo};
use crate::path::{
    ChainStatus, Limits, PeerName, PolicyInputs, Profile, Purpose, UsagePolicy, VerificationFlags,
};
use crate::revocation::{
    EvidenceStore, RevocationFlag, RevocationMode, RevocationPolicy, StatusSource,
};
use crate::table::errors;
use crate::trust::{Pool, TrustAnchor, TrustStore};

/// The source of trust: .NET's `X509ChainTrustMode`. The caller loads the certificates in both
/// cases, and validation treats both the same; the name documents the choice.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TrustMode {
    /// The roots of the operating system, or a bundle in place of them.
    System(TrustStore),
    /// Only the caller's own roots.
    CustomRootTrust(TrustStore),
}

impl TrustMode {
    fn into_store(self) -> TrustStore {
        match self {
            Self::System(store) | Self::CustomRootTrust(store) => store,
        }
    }
}

errors! {
    /// Why a validator cannot be built.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum BuildError {
        /// Verification flags among [`VerificationFlags::DANGEROUS`] were given to
        /// [`ValidatorBuilder::verification_flags`].
        DangerousFlags(flags: VerificationFlags)
            => "the verification flags {flags} accept certificates that an issuer ruled out";
        /// Self-signed certificates are allowed, but none is pinned.
        NoPins => "self-signed certificates are allowed, but none is pinned";
        /// Self-signed certificates are pinned, or any is trusted, but they are not allowed.
        UnusedPins => "self-signed certificates are pinned, but not allowed";
        /// Chained certificates are allowed, but there is no trust anchor.
        NoAnchors => "the trust store has no anchor: no chained certificate could be accepted";
        /// A stapled response is required, but revocation is not checked.
        StapleNotChecked => "a stapled response is required, but revocation is not checked";
        /// [`Purpose::All`] with an empty list, which checks nothing. Use [`Purpose::Any`] for
        /// that.
        NoPurpose
            => "the list of purposes is empty, which checks nothing; use Purpose::Any for that";
        /// An anchor is trusted only for [certain purposes](crate::AnchorConstraints::purposes),
        /// but no purpose is set.
        AnchorPurposesNotAsked
            => "an anchor is trusted for certain purposes only, and \
               no purpose is asked for; call .purpose(..)";
    }
}

/// Options of a [`Validator`](crate::Validator). The defaults suit a careful server that
/// authenticates clients of any purpose.
///
/// Certificates, pins, flags and names accumulate over several calls. Other options replace the
/// previous value.
#[derive(Debug)]
#[must_use]
pub struct ValidatorBuilder {
    options: ValidatorOptions,
    additional_chain_certificates: Vec<Certificate>,
    flags: VerificationFlags,
    dangerous_flags: bool,
    validate_leaf_period: bool,
    validate_issuers_period: bool,
    /// `None`: the profile's policy.
    algorithms: Option<AlgorithmPolicy>,
}

impl ValidatorBuilder {
    pub(super) fn new(trust: TrustMode) -> Self {
        Self {
            options: ValidatorOptions::default(),
            additional_chain_certificates: Vec::new(),
            flags: VerificationFlags::empty(),
            dangerous_flags: false,
            validate_leaf_period: true,
            validate_issuers_period: true,
            algorithms: None,
        }
        .trust(trust)
    }

    /// Replaces the source of trust.
    pub(crate) fn trust(mut self, trust: TrustMode) -> Self {
        self.options.store = trust.into_store();
        self
    }

    setters! {
        /// The purpose that the leaf must be issued for. Default: [`Purpose::Any`], which accepts a
        /// server's certificate as a client's; [`Purpose::ClientAuth`] and [`Purpose::ServerAuth`]
        /// distinguish them. It must be set if an anchor is trusted only for [certain
        /// purposes](crate::AnchorConstraints::purposes).
        [options.path] purpose: Purpose;

        /// How extended key usage is interpreted. Default: see the methods of [`UsagePolicy`].
        [options.path] usage: UsagePolicy;

        /// Which requirements of the certificate profile are enforced. Default:
        /// [`Profile::Default`].
        [options.path] profile: Profile;

        /// Whether to check the leaf's validity period. Default: true.
        validate_leaf_period: bool;

        /// Whether to check the validity periods of the CAs and the anchor. Default: true. Together
        /// with [`ValidatorBuilder::validate_leaf_period`] this is .NET's `ValidateValidityPeriod`.
        validate_issuers_period: bool;

        /// Extends the validity period of every certificate by this number of seconds in both
        /// directions, for inaccurate clocks. Default: 0. For revocation evidence there is a
        /// separate option, [`RevocationPolicy::clock_skew`].
        [options.path] clock_skew: u32;

        /// Key usages that the leaf must allow, if it has the extension. Default: none, since the
        /// required usages depend on the protocol (RFC 5280 section 4.2.1.3).
        [options.path] key_usage: KeyUsage;

        /// The policy inputs of RFC 5280 section 6.1.1 (c) and (e) to (g). Default: any policy,
        /// none required.
        [options.path] policies: PolicyInputs;

        /// The maximum number of CAs between leaf and anchor, without self-issued ones. Default:
        /// limited only by [`Limits::path_length`].
        [options.path] max_intermediates: u32 = Some(max_intermediates);

        /// How much work a validation may cost. Default: see the fields of [`Limits`].
        [options.path] limits: Limits;

        /// Which algorithms and keys are accepted. Default: [`AlgorithmPolicy::web_pki`] with
        /// [`Profile::WebPki`], otherwise [`AlgorithmPolicy::default`].
        algorithms: AlgorithmPolicy = Some(algorithms);

        /// The provider, which verifies signatures. Default: [`Native`](crate::Native), which is fast;
        /// [`RustCrypto`](crate::RustCrypto) is slower and older.
        [options] provider: Arc<dyn Provider>;

        /// Where verified signatures of issuers are remembered. Default with `std`: a memo of 1,024
        /// signatures. Without `std`: none.
        [options] memo: Arc<dyn SignatureMemo>;

        /// Where revocation evidence is kept and shared. Default with `std`: a store of 64 MiB,
        /// which this validator shares with its clones and with those made by
        /// [`Validator::with_store`](crate::Validator::with_store). Without `std`: none, so that
        /// each validation fetches again.
        [options] evidence: Arc<dyn EvidenceStore> = Some(evidence);

        /// A source that is asked for the status of certificates before CRLs and OCSP: a filter
        /// such as CRLite, or a deny list. Default: none.
        [options] status_source: Arc<dyn StatusSource> = Some(status_source);

        /// Whether to fetch issuers that were not presented from the URLs in certificates (RFC 5280
        /// section 4.2.2.1). The opposite of .NET's `DisableCertificateDownloads`. Default: false,
        /// since the URLs are untrusted: nobody vouches for a certificate whose issuer is unknown.
        [options] fetch_issuers: bool;

        /// Which types of leaf may be accepted: .NET's `AllowedCertificateTypes`. Default: chained.
        [options] certificate_types: CertificateTypes;

        /// Follows .NET on Linux where this crate differs from it. Application policies replace the
        /// extended key usage, so a certificate may pass whose extended key usage alone would not.
        /// The leaf's key usage is ignored if its extended key usage includes the purpose. A wrong
        /// usage is a status of the whole chain. A rejection shows the chain that .NET would build.
        /// The names alone decide whether a leaf is self-signed. An empty trust store is allowed.
        /// Default: false.
        [options] dotnet_compatible: bool;
    }

    setters! { extend
        /// Certificates that may stand between a leaf and an anchor, in addition to those
        /// presented: .NET's `AdditionalChainCertificates`. They are not trusted. Default: none.
        additional_chain_certificates: Certificate;
    }

    /// Self-signed certificates that are trusted. [`ValidatorBuilder::certificate_types`] must
    /// allow them. Default: none.
    pub fn pins(mut self, pins: impl IntoIterator<Item = Pin>) -> Self {
        self.options.self_signed.pin(pins);
        self
    }

    /// Trusts **any** self-signed certificate, as .NET does when `SelfSigned` is allowed. Anyone
    /// can create one with any name. Use this only in a server that checks the certificate itself
    /// afterwards. Default: only pinned ones are trusted.
    pub fn dangerously_trust_any_self_signed(mut self) -> Self {
        self.options.self_signed = SelfSignedTrust::Any;
        self
    }

    /// Statuses that do not make a chain invalid: .NET's `VerificationFlags`. Default: none.
    pub fn verification_flags(mut self, flags: VerificationFlags) -> Self {
        self.flags |= flags;
        self
    }

    /// Like [`ValidatorBuilder::verification_flags`], but also allows
    /// [`VerificationFlags::DANGEROUS`]. Even so, `AllowUnknownCertificateAuthority` forgives
    /// nothing.
    pub fn dangerously_forgive(mut self, flags: VerificationFlags) -> Self {
        self.dangerous_flags = true;
        self.flags |= flags;
        self
    }

    /// Requires every leaf to have this name. Several calls require all the names. Default: none.
    pub fn expect_name(mut self, name: PeerName) -> Self {
        self.options.path.peer_names.push(name);
        self
    }

    /// How revocation is checked, and for which certificates: .NET's `RevocationMode` and
    /// `RevocationFlag`. Default: `Online` and `ExcludeRoot`. A certificate whose status cannot be
    /// determined is then rejected.
    pub fn revocation(mut self, mode: RevocationMode, flag: RevocationFlag) -> Self {
        self.options.revocation.mode = mode;
        self.options.revocation.flag = flag;
        self
    }

    /// How revocation evidence is evaluated and fetched. Default: see the methods of
    /// [`RevocationPolicy`]. Mode and flag remain as set by [`ValidatorBuilder::revocation`].
    pub fn revocation_policy(mut self, policy: RevocationPolicy) -> Self {
        let RevocationPolicy { mode, flag, .. } = self.options.revocation;
        self.options.revocation = policy;
        self.revocation(mode, flag)
    }

    /// Checks the options and combines them.
    pub(super) fn settle(mut self) -> Result<ValidatorOptions, BuildError> {
        let options = &mut self.options;
        let dangerous = self.flags.intersection(VerificationFlags::DANGEROUS);
        if !dangerous.is_empty() && !self.dangerous_flags {
            return Err(BuildError::DangerousFlags(dangerous));
        }
        let types = options.certificate_types;
        match (types.allow_self_signed(), options.self_signed.is_none()) {
            (true, true) => return Err(BuildError::NoPins),
            (false, false) => return Err(BuildError::UnusedPins),
            _ => {}
        }
        let has_anchors = !options.store.anchors().is_empty();
        if types.allow_chained() && !has_anchors && !options.dotnet_compatible {
            return Err(BuildError::NoAnchors);
        }
        if options.revocation.must_staple && !options.revocation.is_checked() {
            return Err(BuildError::StapleNotChecked);
        }
        check_purpose(&options.path.purpose, types, &options.store)?;
        options.additional = Pool::new(self.additional_chain_certificates);
        let flags = self.flags;
        let forgiven = |more, validate_period| match validate_period {
            true => flags.forgiven() | more,
            false => flags.forgiven() | more | ChainStatus::NOT_TIME_VALID,
        };
        let path = &mut options.path;
        path.forgiven.leaf = forgiven(flags.forgiven_of_leaf(), self.validate_leaf_period);
        path.forgiven.issuers = forgiven(flags.forgiven_of_issuers(), self.validate_issuers_period);
        if options.dotnet_compatible {
            let usage = path.usage.application_policies(true);
            path.usage = usage.ignores_key_usage(true);
        }
        path.algorithms = self.algorithms.unwrap_or_else(|| match path.profile {
            Profile::WebPki => AlgorithmPolicy::web_pki(),
            _ => AlgorithmPolicy::default(),
        });
        options.revocation.reasons_by_points_alone = options.dotnet_compatible;
        options.revocation.strict_crls = path.profile == Profile::Rfc5280;
        Ok(self.options)
    }
}

/// A purpose must not be empty, and must be set if anchors are limited to purposes.
pub(super) fn check_purpose(
    purpose: &Purpose,
    types: CertificateTypes,
    store: &TrustStore,
) -> Result<(), BuildError> {
    if *purpose == Purpose::All(Vec::new()) {
        return Err(BuildError::NoPurpose);
    }
    let is_limited = |anchor: &TrustAnchor| anchor.constraints().purposes.is_some();
    if *purpose == Purpose::Any && types.allow_chained() && store.anchors().iter().any(is_limited) {
        return Err(BuildError::AnchorPurposesNotAsked);
    }
    Ok(())
}
