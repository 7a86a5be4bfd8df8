//! Verdicts: an accepted path, or a rejection that explains itself.
//!
//! Data that is rarely used, such as the chain with its statuses or the policies, is computed on
//! each call.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use const_oid::ObjectIdentifier;

use super::prepared::PreparedOptions;
use super::types::Pin;
use crate::certificate::{Certificate, CertificateError, Name};
use crate::few::Few;
use crate::path::path_checks::{owned_oids, policies_of};
use crate::path::policy_graph::PolicySet;
use crate::path::{Budget, ChainStatus, KeyIdMatch, Origin, PeerName, Violation};
use crate::revocation::RevocationStatus;
use crate::time::Time;
use crate::trust::TrustAnchor;

/// An accepted leaf and its path. Only a validation creates one.
#[derive(Clone)]
#[must_use]
pub struct Accepted {
    pub(super) shared: Arc<PreparedOptions>,
    pub(super) leaf: Certificate,
    /// The names that were checked, in addition to those that the validator expects.
    pub(super) expected: Box<[PeerName]>,
    /// The certificates between the leaf and the anchor.
    pub(super) issuers: Few<(Certificate, Origin)>,
    /// `None` for a self-signed certificate that is itself trusted.
    pub(super) anchor: Option<u32>,
    /// Forgiven violations, by position.
    pub(super) forgiven: Vec<Violation>,
    /// Revocation statuses, leaf first and the anchor last. Empty if revocation was not checked.
    pub(super) revocation: Vec<Option<RevocationStatus>>,
}

/// The policies for which a path is valid (RFC 5280 section 6.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidPolicies {
    /// The authority-constrained policies. `None` stands for any policy.
    pub authority_constrained: Option<Vec<ObjectIdentifier>>,
    /// The user-constrained policies. `None` stands for any policy.
    pub user_constrained: Option<Vec<ObjectIdentifier>>,
}

impl Accepted {
    getters! {
        /// The certificate that was accepted.
        ref leaf: Certificate;

        /// The [digest](super::Validator::digest) of the validator that accepted it. A kept verdict
        /// applies only to a validator with the same digest.
        copy[shared] digest: [u8; 32];

        /// The violations that were forgiven, leaf first. For a self-signed certificate that is
        /// itself trusted they include its missing anchor.
        ref forgiven: [Violation];
    }

    /// The names that [`Presented::expected`](super::Presented::expected) asked for.
    pub(crate) fn expected(&self) -> &[PeerName] {
        &self.expected
    }

    /// The certificates from the leaf up to the one that the anchor issued.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let issuers = self.issuers.as_slice().iter().map(|(issuer, _)| issuer);
        core::iter::once(&self.leaf).chain(issuers)
    }

    /// The trust anchor. `None` for a self-signed certificate that is itself trusted.
    #[must_use]
    pub fn anchor(&self) -> Option<&TrustAnchor> {
        self.shared.store.anchors().get(self.anchor? as usize)
    }

    /// The pin by which a self-signed certificate is trusted: that of the whole certificate if both
    /// are pinned. `None` if there is an anchor, or if
    /// [any](crate::ValidatorBuilder::dangerously_trust_any_self_signed) self-signed certificate is
    /// trusted.
    #[must_use]
    pub fn pin(&self) -> Option<Pin> {
        match self.anchor {
            Some(_) => None,
            None => self.shared.self_signed.pin_of(&self.leaf),
        }
    }

    /// Whether anyone but the holder vouches for the names in the certificate: a CA below an
    /// anchor, or the caller, who pinned this certificate. A holder who is trusted only by the key
    /// can choose any name.
    #[must_use]
    pub fn names_are_vouched_for(&self) -> bool {
        self.anchor.is_some() || matches!(self.pin(), Some(Pin::Certificate(_)))
    }

    /// The last moment at which every certificate of the path is valid, the anchor is trusted, and
    /// the evidence that none of them is revoked is current, including the certificates of its
    /// signers. A cached verdict must end then. Clock skew is not added, and forgiven validity
    /// periods are included, so this may be before the time of the validation.
    #[must_use]
    pub fn not_after(&self) -> Time {
        let anchor = self.anchor();
        let of_anchor = anchor.and_then(TrustAnchor::certificate);
        let certificates = self.certificates().chain(of_anchor);
        let trusted = anchor.and_then(|anchor| anchor.constraints().not_after);
        let ends = certificates.map(Certificate::not_after).chain(trusted);
        let evidence = self.revocation.iter().flatten();
        let evidence = evidence.filter_map(|status| match status {
            RevocationStatus::Good(used) => used.until,
            _ => None,
        });
        let end = ends.chain(evidence).min();
        end.unwrap_or(Time::from_unix(i64::MAX))
    }

    /// The first moment at which every certificate of the path is valid. Forgiven validity periods
    /// are included.
    #[must_use]
    pub fn not_before(&self) -> Time {
        let anchor = self.anchor().and_then(TrustAnchor::certificate);
        let begins = self.certificates().chain(anchor);
        let begins = begins.map(Certificate::not_before);
        begins.max().unwrap_or(Time::from_unix(i64::MIN))
    }

    /// The policies for which the path is valid. None if a violation of policies was forgiven. They
    /// are computed on each call.
    #[must_use]
    pub fn policies(&self) -> ValidPolicies {
        let path: Vec<(&Certificate, bool)> = self
            .certificates()
            .map(|certificate| (certificate, certificate.is_self_issued()))
            .collect();
        let anchor = self.anchor().and_then(TrustAnchor::certificate);
        let options = &self.shared.path;
        let mut budget = Budget::new(&options.limits);
        let outcome = policies_of(&path, anchor, &options.policies, &mut budget);
        let owned = |set: PolicySet<'_>| match set {
            PolicySet::Any => None,
            PolicySet::Only(oids) => Some(owned_oids(oids)),
        };
        let none = || PolicySet::Only(Vec::new());
        let (authority, user) = outcome.map_or((none(), none()), |outcome| {
            (outcome.authority_constrained, outcome.user_constrained)
        });
        ValidPolicies {
            authority_constrained: owned(authority),
            user_constrained: owned(user),
        }
    }

    /// The chain, leaf first and the anchor last, with the statuses that were forgiven.
    #[must_use]
    pub fn chain(&self) -> Vec<ChainElement> {
        let leaf = (self.leaf.clone(), Origin::Leaf);
        let path: Vec<_> = core::iter::once(leaf)
            .chain(self.issuers.as_slice().iter().cloned())
            .collect();
        let found = Found {
            violations: &self.forgiven,
            revocation: &self.revocation,
        };
        chain(&path, self.anchor(), found, self.shared.dotnet_compatible)
    }
}

debug! {
    impl[] Accepted: "Accepted", |self|
    "leaf": self.leaf, "issuers": self.issuers.as_slice().len(), "not_after": self.not_after()
}

/// A rejected leaf, and why it was rejected.
///
/// The text is for logs. Programs should use the rule of the [error](Self::error).
///
/// ```
/// use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
/// use portcullis::{ChainStatus, Presented, Purpose, Rule, Time, TrustMode, TrustStore, Validator};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
///     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
///     .purpose(Purpose::ClientAuth)
///     .build()?;
///
/// let presented =
///     Presented::from_pem(include_bytes!("../../testdata/chains/time-leaf-expired.pem"))?;
/// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
/// let rejected = validator.validate(&presented, now, &NoFetcher).unwrap_err();
/// let error = rejected.error();
/// assert_eq!(error.position, 0); // the leaf
/// assert!(matches!(error.rule, Rule::Expired { .. }));
/// assert_eq!(error.rule.section(), "RFC 5280 section 6.1.3 (a)(2)");
/// assert_eq!(error.rule.status(), ChainStatus::NOT_TIME_VALID);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Rejected(pub(super) Arc<Rejection>);

#[derive(Clone, Debug)]
pub(super) struct Rejection {
    pub(super) leaf: Certificate,
    /// The names that were expected, in addition to those that the validator expects.
    pub(super) expected: Box<[PeerName]>,
    /// Presented certificates that could not be parsed, with their index.
    pub(super) unreadable: Box<[(usize, CertificateError)]>,
    /// The digest of the validator.
    pub(super) digest: [u8; 32],
    pub(super) error: Violation,
    pub(super) violations: Vec<Violation>,
    pub(super) chain: Vec<ChainElement>,
    pub(super) tried: Vec<TriedPath>,
    pub(super) more_tried: usize,
}

impl Rejected {
    /// The total size of its certificates in bytes.
    pub(crate) fn octets(&self) -> usize {
        let chain = self.0.chain.iter();
        let chain = chain.filter_map(|one| one.certificate.as_ref());
        let tried = self.0.tried.iter().flat_map(|tried| &tried.certificates);
        let all = core::iter::once(&self.0.leaf).chain(chain).chain(tried);
        all.map(|one| one.as_der().len()).sum()
    }

    getters! {
        /// The certificate that was rejected.
        ref[0] leaf: Certificate;

        /// The [digest](super::Validator::digest) of the validator that rejected the leaf.
        copy[0] digest: [u8; 32];

        /// Presented certificates that could not be parsed: the index of each among all that were
        /// presented (the leaf is 0), and the error. They are not the reason for a rejection, but a
        /// missing issuer may be among them. At most 16.
        ref[0] unreadable: [(usize, CertificateError)];

        /// The main violation, on the path that came closest.
        ref[0] error: Violation;

        /// All violations of that path, leaf first.
        ref[0] violations: [Violation];

        /// That path, leaf first, up to its anchor or as far as it goes. Empty if the leaf was
        /// rejected for its type.
        ref[0] chain: [ChainElement];

        /// The paths that were tried, at most 16 of them.
        ref[0] tried: [TriedPath];

        /// The number of further paths that were tried.
        copy[0] more_tried: usize;
    }

    /// The names that [`Presented::expected`](super::Presented::expected) asked for.
    pub(crate) fn expected(&self) -> &[PeerName] {
        &self.0.expected
    }

    /// The [`unreadable`](Self::unreadable) certificates that may be the reason why there is no
    /// path: all of them if an issuer is missing, none otherwise. Report these to a peer as
    /// malformed rather than as an unknown issuer.
    #[must_use]
    pub fn unreadable_issuers(&self) -> &[(usize, CertificateError)] {
        match self.0.error.rule.lacks_issuer() {
            true => &self.0.unreadable,
            false => &[],
        }
    }
}

impl fmt::Display for Rejected {
    /// The error, and the subject of the certificate that it concerns, truncated if it is long. If
    /// an issuer is missing, also which of the presented certificates could not be read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = &self.0.error;
        let issuer = || self.0.chain.get(error.position)?.subject();
        match error.position {
            0 => write!(f, "leaf {:.200}: ", self.0.leaf.subject())?,
            n => match issuer() {
                Some(subject) => write!(f, "issuer {n} above the leaf, {subject:.200}: ")?,
                None => write!(f, "issuer {n} above the leaf: ")?,
            },
        }
        error.rule.fmt(f)?;
        let unreadable = self.unreadable_issuers();
        for (place, why) in unreadable.iter().take(SHOWN_UNREADABLE) {
            write!(
                f,
                "; presented certificate {place} could not be read: {why}"
            )?;
        }
        match unreadable.len() {
            // Their total number is not known.
            many if many > SHOWN_UNREADABLE => f.write_str("; nor could others"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for Rejected {}

/// The maximum number of unreadable certificates in the text of a rejection.
const SHOWN_UNREADABLE: usize = 3;

/// A path that was tried, and the violation that ended it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TriedPath {
    /// The certificates, leaf first.
    pub certificates: Vec<Certificate>,
    /// The anchor that it reached.
    pub anchor: Option<TrustAnchor>,
    /// The violation.
    pub violation: Violation,
}

/// An element of a chain.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChainElement {
    /// The certificate. `None` for an anchor that is only a name and a key.
    pub certificate: Option<Certificate>,
    /// The anchor, if the element is one.
    pub anchor: Option<TrustAnchor>,
    /// Where it came from.
    pub origin: Origin,
    /// Whether its key identifier matches the authority key identifier of the certificate below.
    /// [`KeyIdMatch::Unknown`] for the leaf.
    pub key_id: KeyIdMatch,
    /// What is wrong with it, as .NET would report it.
    pub status: ChainStatus,
    /// Its revocation status with the evidence used. `None` if it was not checked.
    pub revocation: Option<RevocationStatus>,
}

impl ChainElement {
    /// The name of the element.
    #[must_use]
    pub fn subject(&self) -> Option<Name<'_>> {
        let certificate = self.certificate.as_ref().map(Certificate::subject);
        certificate.or_else(|| self.anchor.as_ref().map(TrustAnchor::subject))
    }
}

/// What was found for the elements of a chain, by position.
#[derive(Clone, Copy)]
pub(super) struct Found<'f> {
    pub(super) violations: &'f [Violation],
    pub(super) revocation: &'f [Option<RevocationStatus>],
}

/// Builds a chain from its parts.
pub(super) fn chain(
    path: &[(Certificate, Origin)],
    anchor: Option<&TrustAnchor>,
    found: Found<'_>,
    dotnet: bool,
) -> Vec<ChainElement> {
    let violations = found.violations;
    // .NET evaluates the usage of a chain, not of its elements.
    let usage = ChainStatus::NOT_VALID_FOR_USAGE;
    let is_misused = |violation: &Violation| violation.rule.status() == usage;
    let of_all = match dotnet && violations.iter().any(is_misused) {
        true => usage,
        false => ChainStatus::empty(),
    };
    let status_at = |position| {
        let here = violations.iter().filter(|v| v.position == position);
        here.fold(of_all, |all, violation| all | violation.rule.status())
    };
    let path = path.iter().map(|(certificate, origin)| {
        let key_id = certificate.subject_key_id();
        (Some(certificate), None, *origin, key_id)
    });
    let anchor = anchor.map(|anchor| {
        let certificate = anchor.certificate();
        (certificate, Some(anchor), Origin::Anchor, anchor.key_id())
    });
    let mut wanted = None;
    let elements = path.chain(anchor).enumerate();
    let elements = elements.map(|(position, (certificate, anchor, origin, own_key_id))| {
        let key_id = match position {
            0 => KeyIdMatch::Unknown,
            _ => KeyIdMatch::of(wanted, own_key_id),
        };
        wanted = certificate.and_then(Certificate::authority_key_id);
        ChainElement {
            certificate: certificate.cloned(),
            anchor: anchor.cloned(),
            origin,
            key_id,
            status: status_at(position),
            revocation: found.revocation.get(position).copied().flatten(),
        }
    });
    elements.collect()
}
