//! Options, and the validator that they make.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::types::{CertificateTypes, Pin, SelfSignedTrust};
use super::{Shared, Validator};
use crate::certificate::Certificate;
use crate::certificate::extensions::KeyUsage;
use crate::crypto::{AlgorithmPolicy, Provider, RustCrypto, SignatureMemo};
use crate::path::certificate_checks::AnchorSummaries;
use crate::path::options::PathOptions;
use crate::path::status::Forgiven;
use crate::path::{
    ChainStatus, Limits, PeerName, PolicyInputs, Profile, Purpose, UsagePolicy, VerificationFlags,
};
use crate::revocation::{EvidenceStore, RevocationFlag, RevocationMode, RevocationPolicy};
use crate::table::errors;
use crate::trust::{AnchorKeys, Pool, TrustAnchor, TrustStore};

/// Where trust comes from: `X509ChainTrustMode` of .NET. The caller loads the certificates in
/// either case, and a validation treats both alike; the name tells whoever reads the options.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TrustMode {
    /// The roots of the operating system, or a bundle in their place.
    System(TrustStore),
    /// Roots of the caller's own and no others.
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
    /// Why options do not make a validator.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum BuildError {
        /// Verification flags among [`VerificationFlags::DANGEROUS`] were given to
        /// [`ValidatorBuilder::verification_flags`].
        DangerousFlags(flags: VerificationFlags)
            => "the verification flags {flags} let in whom an issuer did not mean to let in";
        /// Self-signed certificates are allowed, and none is pinned.
        NoPins => "self-signed certificates are allowed and none is pinned";
        /// Self-signed certificates are pinned, or any is trusted, and they are not allowed.
        UnusedPins => "self-signed certificates are pinned and not allowed";
        /// Chained certificates are allowed, and there is no trust anchor.
        NoAnchors => "the trust store has no anchor: no chained certificate could be accepted";
        /// A stapled response is demanded, and revocation is not checked.
        StapleNotChecked => "a stapled response is demanded, and revocation is not checked";
        /// [`Purpose::All`] of nothing, which asks nothing; [`Purpose::Any`] says so.
        NoPurpose
            => "all of no purposes are asked for, which asks nothing; write Purpose::Any for that";
        /// An anchor is trusted for [certain purposes](crate::AnchorConstraints::purposes) only,
        /// and none is asked for.
        AnchorPurposesNotAsked => "an anchor is trusted for certain purposes only, and no purpose is asked for; call .purpose(..)";
    }
}

/// Options of a [`Validator`]; the defaults are those of a careful server that authenticates
/// clients of any purpose.
///
/// Certificates, pins, flags and names add up when they are given again; other options replace what
/// was set.
#[derive(Debug)]
#[must_use]
pub struct ValidatorBuilder {
    store: TrustStore,
    additional: Vec<Certificate>,
    types: CertificateTypes,
    pins: Vec<Pin>,
    any_self_signed: bool,
    flags: VerificationFlags,
    dangerous_flags: bool,
    validate_leaf_period: bool,
    validate_issuers_period: bool,
    dotnet: bool,
    algorithms: Option<AlgorithmPolicy>,
    path: PathOptions,
    provider: Arc<dyn Provider>,
    memo: Arc<dyn SignatureMemo>,
    revocation: RevocationPolicy,
    evidence: Option<Arc<dyn EvidenceStore>>,
    fetch_issuers: bool,
}

impl ValidatorBuilder {
    pub(super) fn new(trust: TrustMode) -> Self {
        Self {
            store: trust.into_store(),
            additional: Vec::new(),
            types: CertificateTypes::default(),
            pins: Vec::new(),
            any_self_signed: false,
            flags: VerificationFlags::empty(),
            dangerous_flags: false,
            validate_leaf_period: true,
            validate_issuers_period: true,
            dotnet: false,
            algorithms: None,
            path: PathOptions::default(),
            provider: Arc::new(RustCrypto),
            memo: crate::crypto::default_memo(),
            revocation: RevocationPolicy::default(),
            evidence: default_evidence(),
            fetch_issuers: false,
        }
    }

    /// Where trust comes from, in place of what was given before.
    pub(crate) fn trust(mut self, trust: TrustMode) -> Self {
        self.store = trust.into_store();
        self
    }

    /// What the leaf must be meant for. Default: [`Purpose::Any`], under which a server's
    /// certificate passes for a client's; [`Purpose::ClientAuth`] and [`Purpose::ServerAuth`]
    /// tell them apart. An anchor that is trusted for
    /// [certain purposes](crate::AnchorConstraints::purposes) alone needs one to be asked for.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.path.purpose = purpose;
        self
    }

    /// How extended key usage is read. Default: as the methods of [`UsagePolicy`] say.
    pub fn usage(mut self, usage: UsagePolicy) -> Self {
        self.path.usage = usage;
        self
    }

    /// Which requirements of issuers are insisted on. Default: [`Profile::Default`].
    pub fn profile(mut self, profile: Profile) -> Self {
        self.path.profile = profile;
        self
    }

    /// Certificates that may stand between a leaf and an anchor, beside those presented:
    /// `AdditionalChainCertificates` of .NET. They are not trusted. Default: none.
    pub fn additional_chain_certificates(
        mut self,
        certificates: impl IntoIterator<Item = Certificate>,
    ) -> Self {
        self.additional.extend(certificates);
        self
    }

    /// Which types of leaf may be accepted: `AllowedCertificateTypes` of .NET. Default: chained
    /// ones.
    pub fn certificate_types(mut self, types: CertificateTypes) -> Self {
        self.types = types;
        self
    }

    /// Self-signed certificates that are trusted. They have to be allowed by
    /// [`ValidatorBuilder::certificate_types`]. Default: none.
    pub fn pins(mut self, pins: impl IntoIterator<Item = Pin>) -> Self {
        self.pins.extend(pins);
        self
    }

    /// Trusts **any** self-signed certificate (default: none but those pinned), as .NET does when
    /// `SelfSigned` is allowed: whoever can run a command to make a certificate is accepted
    /// under whichever name they like. Only for servers that check the certificate by
    /// themselves afterwards.
    pub fn dangerously_trust_any_self_signed(mut self) -> Self {
        self.any_self_signed = true;
        self
    }

    /// Statuses that do not make a chain invalid: `VerificationFlags` of .NET. Default: none.
    pub fn verification_flags(mut self, flags: VerificationFlags) -> Self {
        self.flags |= flags;
        self
    }

    /// As [`ValidatorBuilder::verification_flags`], and allows those among
    /// [`VerificationFlags::DANGEROUS`]. `AllowUnknownCertificateAuthority` forgives nothing
    /// even so.
    pub fn dangerously_forgive(mut self, flags: VerificationFlags) -> Self {
        self.dangerous_flags = true;
        self.flags |= flags;
        self
    }

    /// Is the leaf's period looked at? Default: yes.
    pub fn validate_leaf_period(mut self, yes: bool) -> Self {
        self.validate_leaf_period = yes;
        self
    }

    /// Are the periods of the CAs and the anchor looked at? Default: yes. With
    /// [`ValidatorBuilder::validate_leaf_period`] this is `ValidateValidityPeriod` of .NET.
    pub fn validate_issuers_period(mut self, yes: bool) -> Self {
        self.validate_issuers_period = yes;
        self
    }

    /// Seconds by which both ends of every certificate's period are moved outwards, for clocks that
    /// are not exact. Default:
    /// 0. Evidence of revocation has an option of its own, [`RevocationPolicy::clock_skew`].
    pub fn clock_skew(mut self, seconds: u32) -> Self {
        self.path.clock_skew = seconds;
        self
    }

    /// Expects every leaf to have this name; all of them if called again. Default: no name.
    pub fn expect_name(mut self, name: PeerName) -> Self {
        self.path.peer_names.push(name);
        self
    }

    /// Key usages that the leaf must allow, if it has the extension. Default: none, as in .NET.
    pub fn key_usage(mut self, usage: KeyUsage) -> Self {
        self.path.key_usage = usage;
        self
    }

    /// The policy inputs of RFC 5280 section 6.1.1 (c) and (e) to (g). Default: any policy, none
    /// required.
    pub fn policies(mut self, inputs: PolicyInputs) -> Self {
        self.path.policies = inputs;
        self
    }

    /// Most CAs between leaf and anchor; self-issued ones are not counted. Default: as many as
    /// [`Limits::path_length`] has room for.
    pub fn max_intermediates(mut self, most: u32) -> Self {
        self.path.max_intermediates = Some(most);
        self
    }

    /// How much work a validation may cost. Default: what the fields of [`Limits`] say.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.path.limits = limits;
        self
    }

    /// Which algorithms and keys are good enough. Default: [`AlgorithmPolicy::web_pki`] under
    /// [`Profile::WebPki`], otherwise [`AlgorithmPolicy::default`].
    pub fn algorithms(mut self, policy: AlgorithmPolicy) -> Self {
        self.algorithms = Some(policy);
        self
    }

    /// Who verifies signatures. Default: [`RustCrypto`].
    pub fn provider(mut self, provider: Arc<dyn Provider>) -> Self {
        self.provider = provider;
        self
    }

    /// Where signatures of issuers that held are remembered. Default with `std`: 1,024 of them;
    /// without: nowhere.
    pub fn memo(mut self, memo: Arc<dyn SignatureMemo>) -> Self {
        self.memo = memo;
        self
    }

    /// Is revocation checked, and of which certificates: `RevocationMode` and `RevocationFlag` of
    /// .NET. Default: `Online` and `ExcludeRoot`, under which a certificate whose status cannot
    /// be found out is rejected.
    pub fn revocation(mut self, mode: RevocationMode, flag: RevocationFlag) -> Self {
        self.revocation.mode = mode;
        self.revocation.flag = flag;
        self
    }

    /// How evidence of revocation is judged and asked for. Default: as the methods of
    /// [`RevocationPolicy`] say. Mode and flag stay as [`ValidatorBuilder::revocation`] set
    /// them.
    pub fn revocation_policy(mut self, policy: RevocationPolicy) -> Self {
        let RevocationPolicy { mode, flag, .. } = self.revocation;
        self.revocation = RevocationPolicy {
            mode,
            flag,
            ..policy
        };
        self
    }

    /// Where evidence of revocation is kept and shared. Default with `std`: a store of 64 MiB that
    /// this validator shares with its clones and those made by [`Validator::with_store`];
    /// without: nowhere, so that each validation asks anew.
    pub fn evidence(mut self, store: Arc<dyn EvidenceStore>) -> Self {
        self.evidence = Some(store);
        self
    }

    /// Are issuers that nobody presented asked for at the URLs that certificates name (RFC 5280
    /// section 4.2.2.1)? The opposite of `DisableCertificateDownloads` of .NET. Default: no,
    /// since the URLs are those of strangers: nobody has vouched for a certificate whose issuer
    /// is not known.
    pub fn fetch_issuers(mut self, yes: bool) -> Self {
        self.fetch_issuers = yes;
        self
    }

    /// Reads certificates as .NET on Linux reads them, where the two differ: application policies
    /// replace extended key usage (so that a certificate may pass by its application policies
    /// whose extended key usage would not), the leaf's keyUsage is left out of account where its
    /// extended key usage has the purpose, a wrong usage is a status of the whole chain, the
    /// chain of a rejection is the one that .NET would build, and the type of a leaf is decided
    /// by its names alone. An empty trust store can be built. Default: no.
    pub fn dotnet_compatible(mut self, yes: bool) -> Self {
        self.dotnet = yes;
        self
    }

    /// Makes the validator. Keys of anchors are decoded here, once.
    ///
    /// # Errors
    /// When options contradict each other or would let anyone in without having been asked to.
    pub fn build(mut self) -> Result<Validator, BuildError> {
        let dangerous = self.flags.intersects(VerificationFlags::DANGEROUS);
        if dangerous && !self.dangerous_flags {
            let dangerous = self.flags.intersection(VerificationFlags::DANGEROUS);
            return Err(BuildError::DangerousFlags(dangerous));
        }
        let trusted = !self.pins.is_empty() || self.any_self_signed;
        match (self.types.allow_self_signed(), trusted) {
            (true, false) => return Err(BuildError::NoPins),
            (false, true) => return Err(BuildError::UnusedPins),
            _ => {}
        }
        if self.types.allow_chained() && self.store.anchors().is_empty() && !self.dotnet {
            return Err(BuildError::NoAnchors);
        }
        if self.revocation.must_staple && !self.revocation.is_checked() {
            return Err(BuildError::StapleNotChecked);
        }
        check_purpose(&self.path.purpose, self.types, &self.store)?;
        self.settle_path_options();
        let anchor_keys = AnchorKeys::prepare(&*self.provider, &self.store);
        let anchor_summaries = AnchorSummaries::prepare(&self.store, &anchor_keys, &self.path);
        let self_signed = if self.any_self_signed {
            SelfSignedTrust::Any
        } else {
            SelfSignedTrust::Pinned(self.pins)
        };
        let shared = Shared {
            store: self.store,
            additional: Pool::new(self.additional),
            anchor_keys,
            anchor_summaries,
            types: self.types,
            self_signed,
            dotnet: self.dotnet,
            provider: self.provider,
            memo: self.memo,
            signer: signer_options(&self.path),
            path: self.path,
            revocation: self.revocation,
            evidence: self.evidence,
            fetch_issuers: self.fetch_issuers,
            digest: [0; 32],
        };
        Ok(Validator {
            shared: shared.sealed(),
        })
    }

    fn settle_path_options(&mut self) {
        let forgiven = self.flags.forgiven();
        let unless = |validated: bool| {
            if validated {
                ChainStatus::empty()
            } else {
                ChainStatus::NOT_TIME_VALID
            }
        };
        let leaf = forgiven | self.flags.forgiven_of_leaf();
        self.path.forgiven.leaf = leaf | unless(self.validate_leaf_period);
        let issuers = forgiven | self.flags.forgiven_of_issuers();
        self.path.forgiven.issuers = issuers | unless(self.validate_issuers_period);
        if self.dotnet {
            let usage = self.path.usage.application_policies(true);
            self.path.usage = usage.ignores_key_usage(true);
        }
        self.path.algorithms = match (self.algorithms.take(), self.path.profile) {
            (Some(policy), _) => policy,
            (None, Profile::WebPki) => AlgorithmPolicy::web_pki(),
            (None, _) => AlgorithmPolicy::default(),
        };
        self.revocation.require_crl_number = self.path.profile == Profile::Rfc5280;
    }
}

/// A purpose must ask for something, and for what anchors are limited to.
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

/// What the path of somebody who signs evidence must satisfy: all but what is asked of the leaf's
/// purpose and name.
fn signer_options(path: &PathOptions) -> PathOptions {
    PathOptions {
        limits: path.limits.clone(),
        algorithms: path.algorithms.clone(),
        clock_skew: path.clock_skew,
        // An anchor that vouches for clients alone vouches for who signs evidence about them.
        ignores_anchor_purposes: true,
        // What is forgiven the leaf is not forgiven those who vouch for it.
        forgiven: Forgiven {
            leaf: ChainStatus::empty(),
            ..path.forgiven
        },
        ..PathOptions::default()
    }
}

fn default_evidence() -> Option<Arc<dyn EvidenceStore>> {
    #[cfg(feature = "std")]
    return Some(Arc::new(crate::revocation::SharedEvidence::default()));
    #[cfg(not(feature = "std"))]
    None
}
