//! The builder of a validator: its options with their defaults, and which of them contradict each
//! other.
//!
//! Options that together ask nothing, or would let in anybody, are refused here, before the first
//! certificate comes. Nothing is decoded yet: `options.rs` prepares what validations share.

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

/// Where trust comes from: `X509ChainTrustMode` of .NET. The caller loads the certificates in
/// either case, and a validation treats both alike; the name documents the choice.
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
        AnchorPurposesNotAsked
            => "an anchor is trusted for certain purposes only, and \
               no purpose is asked for; call .purpose(..)";
    }
}

/// Options of a [`Validator`](crate::Validator); the defaults are those of a careful server that
/// authenticates clients of any purpose.
///
/// Certificates, pins, flags and names add up when they are given again; other options replace what
/// was set.
#[derive(Debug)]
#[must_use]
pub struct ValidatorBuilder {
    options: ValidatorOptions,
    additional_chain_certificates: Vec<Certificate>,
    flags: VerificationFlags,
    dangerous_flags: bool,
    validate_leaf_period: bool,
    validate_issuers_period: bool,
    /// `None`: those of the profile.
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

    /// Where trust comes from, in place of what was given before.
    pub(crate) fn trust(mut self, trust: TrustMode) -> Self {
        self.options.store = trust.into_store();
        self
    }

    setters! {
        /// What the leaf must be meant for. Default: [`Purpose::Any`], under which a server's
        /// certificate passes for a client's; [`Purpose::ClientAuth`] and [`Purpose::ServerAuth`]
        /// tell them apart. An anchor that is trusted for
        /// [certain purposes](crate::AnchorConstraints::purposes) alone needs one to be asked for.
        [options.path] purpose: Purpose;

        /// How extended key usage is read. Default: as the methods of [`UsagePolicy`] say.
        [options.path] usage: UsagePolicy;

        /// Which requirements of issuers are insisted on. Default: [`Profile::Default`].
        [options.path] profile: Profile;

        /// Is the leaf's period looked at? Default: yes.
        validate_leaf_period: bool;

        /// Are the periods of the CAs and the anchor looked at? Default: yes. With
        /// [`ValidatorBuilder::validate_leaf_period`] this is `ValidateValidityPeriod` of .NET.
        validate_issuers_period: bool;

        /// Seconds by which both ends of every certificate's period are moved outwards, for clocks
        /// that are not exact. Default: 0. Evidence of revocation has an option of its own,
        /// [`RevocationPolicy::clock_skew`].
        [options.path] clock_skew: u32;

        /// Key usages that the leaf must allow, if it has the extension. Default: none, since what
        /// a client's key must be able to do depends on the protocol (RFC 5280 section 4.2.1.3).
        [options.path] key_usage: KeyUsage;

        /// The policy inputs of RFC 5280 section 6.1.1 (c) and (e) to (g). Default: any policy,
        /// none required.
        [options.path] policies: PolicyInputs;

        /// Most CAs between leaf and anchor; self-issued ones are not counted. Default: as many as
        /// [`Limits::path_length`] has room for.
        [options.path] max_intermediates: u32 = Some(max_intermediates);

        /// How much work a validation may cost. Default: what the fields of [`Limits`] say.
        [options.path] limits: Limits;

        /// Which algorithms and keys are good enough. Default: [`AlgorithmPolicy::web_pki`] under
        /// [`Profile::WebPki`], otherwise [`AlgorithmPolicy::default`].
        algorithms: AlgorithmPolicy = Some(algorithms);

        /// The provider, which verifies signatures. Default: [`RustCrypto`](crate::RustCrypto).
        [options] provider: Arc<dyn Provider>;

        /// Where signatures of issuers that held are remembered. Default with `std`: 1,024 of them;
        /// without: nowhere.
        [options] memo: Arc<dyn SignatureMemo>;

        /// Where evidence of revocation is kept and shared. Default with `std`: a store of 64 MiB
        /// that this validator shares with its clones and those made by
        /// [`Validator::with_store`](crate::Validator::with_store);
        /// without: nowhere, so that each validation asks anew.
        [options] evidence: Arc<dyn EvidenceStore> = Some(evidence);

        /// Who says of certificates whether they are revoked before CRLs and OCSP are asked: a
        /// filter such as CRLite, or a deny list. Default: nobody.
        [options] status_source: Arc<dyn StatusSource> = Some(status_source);

        /// Are issuers that nobody presented asked for at the URLs that certificates name (RFC 5280
        /// section 4.2.2.1)? The opposite of `DisableCertificateDownloads` of .NET. Default: no,
        /// since the URLs are those of strangers: nobody has vouched for a certificate whose issuer
        /// is not known.
        [options] fetch_issuers: bool;

        /// Which types of leaf may be accepted: `AllowedCertificateTypes` of .NET. Default: chained
        /// ones.
        [options] certificate_types: CertificateTypes;

        /// Follows .NET on Linux where the two differ. Application policies replace the extended
        /// key usage, so a certificate may pass whose extended key usage alone would not. The
        /// leaf's key usage is ignored if its extended key usage includes the purpose. A wrong
        /// usage is a status of the whole chain. A rejection shows the chain that .NET would build.
        /// The names alone decide whether a leaf is self-signed. An empty trust store is allowed.
        /// Default: no.
        [options] dotnet_compatible: bool;
    }

    setters! { extend
        /// Certificates that may stand between a leaf and an anchor, in addition to those
        /// presented: `AdditionalChainCertificates` of .NET. They are not trusted. Default: none.
        additional_chain_certificates: Certificate;
    }

    /// Self-signed certificates that are trusted. They have to be allowed by
    /// [`ValidatorBuilder::certificate_types`]. Default: none.
    pub fn pins(mut self, pins: impl IntoIterator<Item = Pin>) -> Self {
        self.options.self_signed.pin(pins);
        self
    }

    /// Trusts **any** self-signed certificate (default: none but those pinned), as .NET does when
    /// `SelfSigned` is allowed: everybody can make such a certificate, under any name. Use it
    /// only in a server that checks the certificate itself afterwards.
    pub fn dangerously_trust_any_self_signed(mut self) -> Self {
        self.options.self_signed = SelfSignedTrust::Any;
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

    /// Expects every leaf to have this name; all of them if called again. Default: no name.
    pub fn expect_name(mut self, name: PeerName) -> Self {
        self.options.path.peer_names.push(name);
        self
    }

    /// Is revocation checked, and of which certificates: `RevocationMode` and `RevocationFlag` of
    /// .NET. Default: `Online` and `ExcludeRoot`, under which a certificate whose status cannot
    /// be found out is rejected.
    pub fn revocation(mut self, mode: RevocationMode, flag: RevocationFlag) -> Self {
        self.options.revocation.mode = mode;
        self.options.revocation.flag = flag;
        self
    }

    /// How evidence of revocation is judged and asked for. Default: as the methods of
    /// [`RevocationPolicy`] say. Mode and flag stay as [`ValidatorBuilder::revocation`] set
    /// them.
    pub fn revocation_policy(mut self, policy: RevocationPolicy) -> Self {
        let RevocationPolicy { mode, flag, .. } = self.options.revocation;
        self.options.revocation = policy;
        self.revocation(mode, flag)
    }

    /// The options, as they go together.
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
