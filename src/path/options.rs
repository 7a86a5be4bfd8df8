//! What a path is asked to satisfy: plain data, which nothing here acts on.

use alloc::vec::Vec;

use const_oid::ObjectIdentifier;

use super::budget::Limits;
use super::peer_name::PeerName;
use super::policy_inputs::PolicyInputs;
use super::profile::Profile;
use super::status::Forgiven;
use crate::certificate::extensions::KeyUsage;
use crate::crypto::AlgorithmPolicy;
use crate::oid;

/// What the leaf must be meant for (RFC 5280 section 4.2.1.12).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// Anything: extended key usage is not looked at, that of CAs and of an anchor's certificate
    /// included.
    #[default]
    Any,
    /// `id-kp-clientAuth`.
    ClientAuth,
    /// `id-kp-serverAuth`.
    ServerAuth,
    /// All of these.
    All(Vec<ObjectIdentifier>),
}

impl Purpose {
    /// The key purposes that are required, all of them.
    #[must_use]
    pub fn required(&self) -> &[ObjectIdentifier] {
        match self {
            Self::Any => &[],
            Self::ClientAuth => &[oid::CLIENT_AUTH],
            Self::ServerAuth => &[oid::SERVER_AUTH],
            Self::All(purposes) => purposes,
        }
    }
}

/// The usages of which a key must have one to serve a purpose (RFC 5280 section 4.2.1.12); `None`
/// for purposes that section does not know.
pub(super) fn usages_consistent_with(purpose: &ObjectIdentifier) -> Option<KeyUsage> {
    const SIGNS: KeyUsage = KeyUsage::DIGITAL_SIGNATURE;
    const AGREES: KeyUsage = KeyUsage::KEY_AGREEMENT;
    const ENCIPHERS: KeyUsage = KeyUsage::KEY_ENCIPHERMENT;
    const COMMITS: KeyUsage = KeyUsage::NON_REPUDIATION;
    match *purpose {
        oid::CLIENT_AUTH => Some(SIGNS | AGREES),
        oid::SERVER_AUTH => Some(SIGNS | AGREES | ENCIPHERS),
        oid::CODE_SIGNING => Some(SIGNS),
        oid::EMAIL_PROTECTION => Some(SIGNS | COMMITS | AGREES | ENCIPHERS),
        oid::TIME_STAMPING | oid::OCSP_SIGNING => Some(SIGNS | COMMITS),
        _ => None,
    }
}

/// Which certificates of a path must be meant for the purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsageScope {
    /// Each certificate with an extended key usage, the anchor's included, as in .NET and in
    /// CA/Browser Forum practice.
    #[default]
    Nested = 0,
    /// The leaf alone, as RFC 5280 has it.
    LeafOnly = 1,
}

/// How extended key usage is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct UsagePolicy {
    pub(crate) scope: UsageScope,
    pub(crate) any_stands_for_all: bool,
    pub(crate) leaf_must_have: bool,
    pub(crate) application_policies: bool,
    pub(crate) ignores_key_usage: bool,
}

impl UsagePolicy {
    /// Which certificates are asked. Default: each that has the extension.
    pub const fn scope(mut self, scope: UsageScope) -> Self {
        self.scope = scope;
        self
    }

    /// Does anyExtendedKeyUsage stand for the purpose? Default: no, as .NET was recorded to do.
    pub const fn any_stands_for_all(mut self, yes: bool) -> Self {
        self.any_stands_for_all = yes;
        self
    }

    /// Must the leaf have an extended key usage? Default: no; without one it may serve any purpose.
    pub const fn leaf_must_have(mut self, yes: bool) -> Self {
        self.leaf_must_have = yes;
        self
    }

    /// Does Microsoft's application policies extension (1.3.6.1.4.1.311.21.10), where present,
    /// replace the extended key usage of its certificate, as in .NET? Default: no.
    pub const fn application_policies(mut self, yes: bool) -> Self {
        self.application_policies = yes;
        self
    }

    /// Is a leaf's keyUsage left out of account where its extended key usage has the purpose, as in
    /// .NET? Default: no; where a leaf has both, both must allow the purpose (RFC 5280 section
    /// 4.2.1.12). For clientAuth that is digitalSignature or keyAgreement, for serverAuth also
    /// keyEncipherment.
    pub const fn ignores_key_usage(mut self, yes: bool) -> Self {
        self.ignores_key_usage = yes;
        self
    }
}

/// All that the checks of a path are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PathOptions {
    pub(crate) purpose: Purpose,
    pub(crate) usage: UsagePolicy,
    pub(crate) profile: Profile,
    pub(crate) peer_names: Vec<PeerName>,
    pub(crate) key_usage: KeyUsage,
    pub(crate) policies: PolicyInputs,
    pub(crate) max_intermediates: Option<u32>,
    pub(crate) limits: Limits,
    pub(crate) algorithms: AlgorithmPolicy,
    /// Seconds by which both ends of every period are moved outwards.
    pub(crate) clock_skew: u32,
    pub(crate) forgiven: Forgiven,
    /// Is it left out of account for which purposes the caller trusts an anchor?
    pub(crate) ignores_anchor_purposes: bool,
}
