//! What can be wrong with a path: the rule, the certificate, the section that says so.
//!
//! A new rule takes a variant of [`Rule`], an arm in each of its functions (the compiler asks for
//! them) and a number that no rule has had. `examples/validate/advice.rs` may say what helps
//! against it.

use core::fmt;

use const_oid::ObjectIdentifier;

use super::budget::Exhausted;
use super::name_constraints::Fault as NameFault;
use super::options::Forgiven;
use super::policy_graph::PolicyFault;
use super::profile::Duty;
use super::standing::{Revocation, UnknownStatus};
use super::status::ChainStatus;
use crate::certificate::extensions::policy_qualifier;
use crate::certificate::{CertificateError, ExtensionKind};
use crate::crypto::{KeyError, PolicyError, SignatureError};
use crate::der;
use crate::time::Time;

/// A rule that a certificate on a path breaks.
///
/// Its text speaks of the certificate as "it"; that of [`Fault`] says which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The bytes are not a certificate.
    Malformed(CertificateError),
    /// An extension that this library knows does not decode.
    InvalidExtension {
        /// Which.
        extension: ExtensionKind,
        /// Why, and where in the certificate.
        error: der::Error,
    },
    /// A critical extension that this library does not know; `None` for an identifier too long to
    /// keep.
    UnknownCriticalExtension(Option<ObjectIdentifier>),
    /// A policy qualifier, in a critical certificatePolicies, that this library cannot interpret:
    /// one of a kind that it does not know, or with a value that is not of the type of its kind.
    /// This is its kind; `None` for an identifier too long to keep.
    UnknownPolicyQualifier(Option<ObjectIdentifier>),
    /// Asked for before notBefore.
    NotYetValid {
        /// The first moment of validity.
        not_before: Time,
    },
    /// Asked for after notAfter.
    Expired {
        /// The last moment of validity.
        not_after: Time,
    },
    /// The certificate issued another one and is no CA by its basicConstraints, or has none.
    NotACa,
    /// More certificates follow than this CA's pathLenConstraint allows.
    PathTooLong {
        /// Its pathLenConstraint.
        allowed: u32,
    },
    /// The certificate issued another one and its keyUsage lacks keyCertSign.
    MayNotSignCertificates,
    /// Its keyUsage lacks a usage that the caller asked for.
    KeyUsageMissing,
    /// Its extended key usage does not include the purpose that was asked for.
    WrongUsage,
    /// Its extended key usage includes the purpose that was asked for, and its keyUsage does not
    /// allow it.
    KeyUsageAgainstPurpose,
    /// It has no extended key usage where the caller demands one.
    NoExtendedKeyUsage,
    /// It has none of the names that were asked for.
    NameMismatch,
    /// A name constraint above it is broken, or cannot be applied to it.
    Name(NameFault),
    /// The path from the anchor down to this certificate lacks a policy that is required, or breaks
    /// a rule on policies.
    Policy(PolicyFault),
    /// The algorithm policy refuses its key or the algorithm of its signature.
    Algorithm(PolicyError),
    /// The key that should have made its signature is not usable.
    IssuerKey(KeyError),
    /// Its signature does not hold under its issuer's key.
    Signature(SignatureError),
    /// A duty of issuers that the profile insists on.
    Duty(Duty),
    /// No certificate of its issuer was found.
    NoIssuer,
    /// Its issuers are on the path already: they certify each other, and no anchor certifies them.
    Circle,
    /// The path ends here in a self-issued certificate that is not trusted.
    UntrustedRoot,
    /// More CAs stand between the leaf and the anchor than the caller allows; this is the topmost.
    TooDeep {
        /// Most CAs between leaf and anchor, self-issued ones not counted.
        allowed: u32,
    },
    /// The caller's constraints on the anchor end before the time that was asked for.
    AnchorExpired {
        /// The anchor's last date.
        not_after: Time,
    },
    /// The caller's constraints on the anchor do not include the purpose that was asked for; or
    /// they name purposes, and none was asked for.
    AnchorPurpose,
    /// The leaf is self-signed, and self-signed certificates are not allowed.
    SelfSignedNotAllowed,
    /// The leaf is self-signed and allowed, but is not among the pinned ones.
    SelfSignedNotPinned,
    /// The leaf is not self-signed, and only self-signed certificates are allowed.
    ChainedNotAllowed,
    /// Its issuer has revoked it.
    Revoked(Revocation),
    /// Whether its issuer has revoked it could not be found out.
    RevocationUnknown(UnknownStatus),
    /// It promises a stapled OCSP response (RFC 7633), and none came that holds.
    StapleMissing,
    /// It does not promise each TLS feature that its issuer does (RFC 7633).
    TlsFeatureMissing,
    /// An allowance of [`Limits`](crate::Limits) ran out.
    Exhausted(Exhausted),
}

impl Rule {
    /// A stable number: it does not change between versions of this library.
    #[must_use]
    pub const fn number(&self) -> u16 {
        match self {
            Self::Malformed(_) => 1,
            Self::InvalidExtension { .. } => 2,
            Self::UnknownCriticalExtension(_) => 3,
            Self::NotYetValid { .. } => 4,
            Self::Expired { .. } => 5,
            Self::NotACa => 6,
            Self::PathTooLong { .. } => 7,
            Self::MayNotSignCertificates => 8,
            Self::KeyUsageMissing => 9,
            Self::WrongUsage => 10,
            Self::NoExtendedKeyUsage => 11,
            Self::NameMismatch => 12,
            Self::Name(_) => 13,
            Self::Policy(_) => 14,
            Self::Algorithm(_) => 15,
            Self::IssuerKey(_) => 16,
            Self::Signature(_) => 17,
            Self::Duty(_) => 18,
            Self::NoIssuer => 19,
            Self::UntrustedRoot => 20,
            Self::TooDeep { .. } => 21,
            Self::AnchorExpired { .. } => 22,
            Self::AnchorPurpose => 23,
            Self::SelfSignedNotAllowed => 24,
            Self::SelfSignedNotPinned => 25,
            Self::ChainedNotAllowed => 26,
            Self::Exhausted(_) => 27,
            Self::Circle => 28,
            Self::Revoked(_) => 29,
            Self::RevocationUnknown(_) => 30,
            Self::StapleMissing => 31,
            Self::UnknownPolicyQualifier(_) => 32,
            Self::TlsFeatureMissing => 33,
            Self::KeyUsageAgainstPurpose => 34,
        }
    }

    /// Where the rule stands.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.section(),
            Self::InvalidExtension { extension, .. } => extension.section(),
            Self::UnknownCriticalExtension(_) => "RFC 5280 section 4.2",
            Self::UnknownPolicyQualifier(_) => "RFC 5280 section 4.2.1.4",
            Self::NotYetValid { .. } | Self::Expired { .. } => "RFC 5280 section 6.1.3 (a)(2)",
            Self::NotACa => "RFC 5280 section 6.1.4 (k)",
            Self::PathTooLong { .. } => "RFC 5280 section 6.1.4 (l)",
            Self::MayNotSignCertificates => "RFC 5280 section 6.1.4 (n)",
            Self::KeyUsageMissing => "RFC 5280 section 4.2.1.3",
            Self::WrongUsage | Self::NoExtendedKeyUsage | Self::KeyUsageAgainstPurpose => {
                "RFC 5280 section 4.2.1.12"
            }
            Self::NameMismatch => "RFC 9525 section 6",
            Self::Name(_) => "RFC 5280 section 4.2.1.10",
            Self::Policy(fault) => fault.section(),
            Self::Algorithm(_) => "the algorithm policy",
            Self::IssuerKey(_) => "RFC 5280 section 4.1.2.7",
            Self::Signature(_) => "RFC 5280 section 6.1.3 (a)(1)",
            Self::Duty(duty) => duty.section(),
            Self::NoIssuer | Self::Circle | Self::UntrustedRoot => "RFC 5280 section 6.1",
            Self::TooDeep { .. } | Self::Exhausted(_) => "a limit that the caller set",
            Self::AnchorExpired { .. } | Self::AnchorPurpose => "RFC 5280 section 6.1.1 (d)",
            Self::SelfSignedNotAllowed | Self::SelfSignedNotPinned | Self::ChainedNotAllowed => {
                "the allowed certificate types"
            }
            Self::Revoked(_) | Self::RevocationUnknown(_) => "RFC 5280 section 6.1.3 (a)(3)",
            Self::StapleMissing => "RFC 7633 section 4.3.3",
            Self::TlsFeatureMissing => "RFC 7633 section 4.2.2",
        }
    }

    /// What .NET's `X509Chain` calls it. A wrong name and the refusal of a certificate type have no
    /// status there.
    pub const fn status(&self) -> ChainStatus {
        match self {
            Self::Malformed(_)
            | Self::InvalidExtension { .. }
            | Self::Duty(_)
            | Self::TlsFeatureMissing => ChainStatus::INVALID_EXTENSION,
            Self::UnknownCriticalExtension(_) | Self::UnknownPolicyQualifier(_) => {
                ChainStatus::HAS_NOT_SUPPORTED_CRITICAL_EXTENSION
            }
            Self::NotYetValid { .. } | Self::Expired { .. } | Self::AnchorExpired { .. } => {
                ChainStatus::NOT_TIME_VALID
            }
            Self::NotACa | Self::PathTooLong { .. } | Self::MayNotSignCertificates => {
                ChainStatus::INVALID_BASIC_CONSTRAINTS
            }
            Self::KeyUsageMissing
            | Self::WrongUsage
            | Self::NoExtendedKeyUsage
            | Self::KeyUsageAgainstPurpose
            | Self::AnchorPurpose => ChainStatus::NOT_VALID_FOR_USAGE,
            Self::Name(NameFault::NotPermitted(_)) => {
                ChainStatus::HAS_NOT_PERMITTED_NAME_CONSTRAINT
            }
            Self::Name(NameFault::Excluded(_)) => ChainStatus::HAS_EXCLUDED_NAME_CONSTRAINT,
            Self::Name(NameFault::NotSupported(_)) => {
                ChainStatus::HAS_NOT_SUPPORTED_NAME_CONSTRAINT
            }
            Self::Name(NameFault::Invalid(_)) => ChainStatus::INVALID_NAME_CONSTRAINTS,
            Self::Policy(_) => ChainStatus::INVALID_POLICY_CONSTRAINTS,
            Self::Algorithm(_) => ChainStatus::HAS_WEAK_SIGNATURE,
            Self::IssuerKey(_) | Self::Signature(_) => ChainStatus::NOT_SIGNATURE_VALID,
            Self::NoIssuer | Self::Circle | Self::TooDeep { .. } | Self::Exhausted(_) => {
                ChainStatus::PARTIAL_CHAIN
            }
            Self::UntrustedRoot | Self::SelfSignedNotPinned => ChainStatus::UNTRUSTED_ROOT,
            Self::NameMismatch | Self::SelfSignedNotAllowed | Self::ChainedNotAllowed => {
                ChainStatus::empty()
            }
            Self::Revoked(_) => ChainStatus::REVOKED,
            // .NET on Linux sets both together, whatever the reason.
            Self::RevocationUnknown(_) | Self::StapleMissing => {
                ChainStatus::REVOCATION_STATUS_UNKNOWN.union(ChainStatus::OFFLINE_REVOCATION)
            }
        }
    }

    /// Does the path end too early: is what it lacks an issuer, or a trusted one?
    pub(crate) const fn lacks_issuer(&self) -> bool {
        matches!(self, Self::NoIssuer | Self::Circle | Self::UntrustedRoot)
    }

    /// How much a fault tells: of several paths that fell, the one that came closest is reported. A
    /// path that fell for what its certificates say came closer than one whose signatures do
    /// not hold, and that closer than one that leads nowhere.
    pub(crate) const fn closeness(&self) -> u8 {
        match self {
            Self::NoIssuer | Self::Circle => 0,
            Self::UntrustedRoot | Self::SelfSignedNotPinned => 1,
            Self::Exhausted(_) | Self::TooDeep { .. } => 2,
            Self::Algorithm(_) => 3,
            Self::Malformed(_) | Self::IssuerKey(_) | Self::Signature(_) => 4,
            // What does not decode counts as absent for other checks, whose faults then follow from
            // it.
            Self::InvalidExtension { .. } => 5,
            Self::NotACa | Self::MayNotSignCertificates | Self::PathTooLong { .. } => 6,
            Self::UnknownCriticalExtension(_) | Self::UnknownPolicyQualifier(_) | Self::Duty(_) => {
                7
            }
            Self::Name(_) | Self::Policy(_) | Self::AnchorPurpose | Self::TlsFeatureMissing => 8,
            Self::WrongUsage
            | Self::NoExtendedKeyUsage
            | Self::KeyUsageAgainstPurpose
            | Self::KeyUsageMissing => 9,
            Self::NotYetValid { .. } | Self::Expired { .. } | Self::AnchorExpired { .. } => 10,
            Self::NameMismatch | Self::SelfSignedNotAllowed | Self::ChainedNotAllowed => 11,
            Self::Revoked(_) => 12,
            Self::RevocationUnknown(UnknownStatus::PathFell) => 14,
            Self::RevocationUnknown(_) | Self::StapleMissing => 13,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => return write!(f, "it is malformed: {error}"),
            Self::InvalidExtension { extension, error } => {
                write!(f, "its {} does not decode: {error}", extension.name())
            }
            Self::UnknownCriticalExtension(Some(oid)) => {
                write!(f, "its critical extension {oid} is not known")
            }
            Self::UnknownCriticalExtension(None) => {
                f.write_str("a critical extension is not known")
            }
            Self::UnknownPolicyQualifier(Some(oid)) if policy_qualifier::is_defined(oid) => {
                write!(
                    f,
                    "its certificatePolicies is critical, and the value of a qualifier {oid} is not of its type"
                )
            }
            Self::UnknownPolicyQualifier(Some(oid)) => {
                write!(
                    f,
                    "its certificatePolicies is critical, and its qualifier {oid} is not known"
                )
            }
            Self::UnknownPolicyQualifier(None) => {
                f.write_str("its certificatePolicies is critical, and a qualifier is not known")
            }
            Self::NotYetValid { not_before } => write!(f, "it is valid only from {not_before} on"),
            Self::Expired { not_after } => write!(f, "it was valid only until {not_after}"),
            Self::NotACa => f.write_str("it issued a certificate and is no CA"),
            Self::PathTooLong { allowed } => {
                write!(f, "it allows {allowed} CAs below it, and there are more")
            }
            Self::MayNotSignCertificates => {
                f.write_str("its key usage does not allow to sign certificates")
            }
            Self::KeyUsageMissing => f.write_str("its key usage lacks one that was asked for"),
            Self::WrongUsage => f.write_str("it is not meant for the purpose that was asked for"),
            Self::KeyUsageAgainstPurpose => {
                f.write_str("its keyUsage does not allow the purpose that was asked for")
            }
            Self::NoExtendedKeyUsage => f.write_str("it does not say what it is meant for"),
            Self::NameMismatch => f.write_str("it does not have the name that was asked for"),
            Self::Name(fault) => fault.fmt(f),
            Self::Policy(fault) => fault.fmt(f),
            Self::Algorithm(error) => error.fmt(f),
            Self::IssuerKey(error) => write!(f, "its issuer's key is not usable: {error}"),
            Self::Signature(error) if error.is_found_wrong() => {
                write!(f, "its signature does not hold: {error}")
            }
            Self::Signature(error) => write!(f, "its signature cannot be checked: {error}"),
            Self::Duty(duty) => duty.fmt(f),
            Self::NoIssuer => f.write_str("no certificate of its issuer was found"),
            Self::Circle => {
                f.write_str("its issuers certify each other, and no anchor certifies them")
            }
            Self::UntrustedRoot => f.write_str("it signed itself and is not trusted"),
            Self::TooDeep { allowed } => {
                write!(
                    f,
                    "more than {allowed} CAs stand between the leaf and the anchor"
                )
            }
            Self::AnchorExpired { not_after } => write!(f, "it is trusted only until {not_after}"),
            Self::AnchorPurpose => {
                f.write_str("it is trusted for certain purposes only, and not for what was asked")
            }
            Self::SelfSignedNotAllowed => f.write_str("self-signed certificates are not allowed"),
            Self::SelfSignedNotPinned => {
                f.write_str("it is self-signed and not among the pinned certificates")
            }
            Self::ChainedNotAllowed => f.write_str("only self-signed certificates are allowed"),
            Self::Revoked(revocation) => write!(f, "its issuer revoked it {revocation}"),
            Self::RevocationUnknown(reason) => {
                write!(f, "whether it is revoked is not known: {reason}")
            }
            Self::StapleMissing => {
                f.write_str("it promises a stapled OCSP response, and none came that holds")
            }
            Self::TlsFeatureMissing => {
                f.write_str("it does not promise each TLS feature that its issuer does")
            }
            Self::Exhausted(exhausted) => exhausted.fmt(f),
        }?;
        write!(f, " [{}]", self.section())
    }
}

/// A rule and the certificate that breaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The certificate's place on the path: 0 is the leaf, then its issuer, and so on.
    pub position: usize,
    /// What is wrong with it.
    pub rule: Rule,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            0 => write!(f, "leaf: {}", self.rule),
            n => write!(f, "issuer {n} above the leaf: {}", self.rule),
        }
    }
}

impl core::error::Error for Fault {}

/// Where checks put what they find.
///
/// The search stops at the first fault; the second look at a rejected path notes them all and goes
/// on.
pub(crate) trait Findings {
    /// Notes a fault; an error ends the checks.
    fn note(&mut self, fault: Fault) -> Result<(), Fault>;
}

/// Ends at the first fault that is not forgiven.
pub(crate) struct FirstFault(pub(crate) Forgiven);

impl FirstFault {
    pub(crate) fn is_forgiven(&self, fault: &Fault) -> bool {
        // What the caller said of an anchor is no fault of a certificate, which flags are about;
        // nor is what the caller demands beyond .NET.
        if matches!(
            fault.rule,
            Rule::AnchorExpired { .. } | Rule::AnchorPurpose | Rule::StapleMissing
        ) {
            return false;
        }
        let status = fault.rule.status();
        !status.is_empty() && self.0.at(fault.position).contains(status)
    }
}

impl Findings for FirstFault {
    fn note(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.is_forgiven(&fault) {
            Ok(())
        } else {
            Err(fault)
        }
    }
}

/// Most faults that are kept of one path, which bounds what hostile certificates can add.
const MAX_FAULTS: usize = 128;

/// Keeps every fault.
#[derive(Default)]
pub(crate) struct AllFaults {
    pub(crate) faults: alloc::vec::Vec<Fault>,
}

impl Findings for AllFaults {
    fn note(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.faults.len() < MAX_FAULTS && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
        Ok(())
    }
}
