//! What can be wrong with a path: the rule, the certificate, the section that says so.
//!
//! A new rule takes a row of the table [`rules!`]. `examples/validate/advice.rs` may say what helps
//! against it.

use alloc::vec::Vec;
use core::fmt;

use const_oid::ObjectIdentifier;

use super::budget::Exhausted;
use super::issuer_requirement::IssuerRequirement;
use super::name_constraints::Violation as NameViolation;
use super::policy_graph::PolicyViolation;
use super::revocation_outcome::{Revocation, UnknownStatus};
use super::status::{ChainStatus, Forgiven};
use crate::certificate::extensions::policy_qualifier;
use crate::certificate::{CertificateError, ExtensionKind};
use crate::crypto::{KeyError, PolicyError, SignatureError};
use crate::der;
use crate::recorded::{Octets, Recorded};
use crate::table::{source, text};
use crate::time::Time;

/// Rows of `Variant = number [section] status, closeness, kept, text;`, where a variant has its
/// values as in [`texts!`](crate::table::texts).
///
/// `kept` is `forgivable` where an accepted path may have the violation, because flags or pins let
/// it pass: such rules have a form in records. Others are `fatal`. `source name` at the end says
/// that a value is the error underneath.
macro_rules! rules {
    ($(
        $(#[$doc:meta])*
        $Variant:ident
        $(($value:ident: $value_type:ty))?
        $({ $($(#[$field_doc:meta])* $field:ident: $field_type:ty),+ $(,)? })?
        = $number:literal [$section:expr] $status:expr, $closeness:expr, $kept:ident,
        $text:tt $(, source $source:ident)?;
    )+) => {
        /// A rule that a certificate on a path breaks.
        ///
        /// Its text speaks of the certificate as "it"; that of [`Violation`] says which one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Rule {$(
            $(#[$doc])*
            $Variant $(($value_type))? $({ $($(#[$field_doc])* $field: $field_type),+ })?,
        )+}

        #[allow(unused_variables, reason = "few columns depend on the values")]
        impl Rule {
            /// The name of each rule and its number, in the order of their declaration.
            pub const NUMBERS: &'static [(&'static str, u16)] =
                &[$((stringify!($Variant), $number)),+];

            /// A stable number: it does not change between versions of this library.
            #[must_use]
            pub const fn number(&self) -> u16 {
                match self {
                    $(Self::$Variant { .. } => $number,)+
                }
            }

            /// Where the rule stands.
            #[must_use]
            pub const fn section(&self) -> &'static str {
                match self {
                    $(Self::$Variant $(($value))? $({ $($field),+ })? => $section,)+
                }
            }

            /// What .NET's `X509Chain` calls it. A wrong name and the refusal of a certificate type
            /// have no status there.
            pub const fn status(&self) -> ChainStatus {
                match self {
                    $(Self::$Variant $(($value))? $({ $($field),+ })? => $status,)+
                }
            }

            /// How much a violation tells: of several paths that fell, the one that came closest is
            /// reported. A path that fell for what its certificates say came closer than one whose
            /// signatures do not hold, and that closer than one that leads nowhere.
            pub(crate) const fn closeness(&self) -> u8 {
                match self {
                    $(Self::$Variant $(($value))? $({ $($field),+ })? => $closeness,)+
                }
            }

            /// May an accepted path have this violation?
            const fn is_forgivable(&self) -> bool {
                let forgivable: Option<()> = match self {
                    $(Self::$Variant { .. } => if_forgivable!($kept, ()),)+
                };
                forgivable.is_some()
            }

            /// Appends a forgivable violation to a record; `None` for others, which have no form.
            pub(crate) fn write(&self, out: &mut Vec<u8>) -> Option<()> {
                self.number().write(out);
                match self {
                    $(Self::$Variant $(($value))? $({ $($field),+ })? => if_forgivable!($kept, {
                        $($value.write(out);)?
                        $($($field.write(out);)+)?
                    }),)+
                }
            }

            /// Reads what [`Rule::write`] has written.
            #[deny(unreachable_patterns, reason = "each number is that of one rule")]
            pub(crate) fn read(octets: &mut Octets<'_>) -> Option<Self> {
                match u16::read(octets)? {
                    $($number => if_forgivable!(
                        $kept,
                        Self::$Variant
                            $((<$value_type>::read(octets)?))?
                            $({ $($field: <$field_type>::read(octets)?),+ })?
                    ),)+
                    _ => None,
                }
            }

            fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$Variant $(($value))? $({ $($field),+ })? => text!(f, $text),)+
                }
            }

            fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
                match self {
                    $(Self::$Variant $(($value))? $({ $($field),+ })? => source!($($source)?),)+
                }
            }
        }
    };
}

macro_rules! if_forgivable {
    (forgivable, $value:expr) => {
        Some($value)
    };
    (fatal, $value:expr) => {
        None
    };
}

rules! {
    /// The bytes are not a certificate.
    Malformed(error: CertificateError) = 1 [error.section()]
        ChainStatus::INVALID_EXTENSION, 4, fatal,
        "it is malformed: {error}", source error;
    /// An extension that this library knows does not decode.
    // What does not decode counts as absent for other checks, whose violations then follow from it.
    InvalidExtension {
        /// Which.
        extension: ExtensionKind,
        /// Why, and where in the certificate.
        error: der::Error,
    } = 2 [extension.section()] ChainStatus::INVALID_EXTENSION, 5, fatal,
        (|f| write!(f, "its {} does not decode: {error}", extension.name())), source error;
    /// A critical extension that this library does not know; `None` for an identifier too long to
    /// keep.
    UnknownCriticalExtension(oid: Option<ObjectIdentifier>) = 3 ["RFC 5280 section 4.2"]
        ChainStatus::HAS_NOT_SUPPORTED_CRITICAL_EXTENSION, 7, fatal,
        (|f| match oid {
            Some(oid) => write!(f, "its critical extension {oid} is not known"),
            None => f.write_str("a critical extension is not known"),
        });
    /// Asked for before notBefore.
    NotYetValid {
        /// The first moment of validity.
        not_before: Time,
    } = 4 ["RFC 5280 section 6.1.3 (a)(2)"] ChainStatus::NOT_TIME_VALID, 10, forgivable,
        "it is valid only from {not_before} on";
    /// Asked for after notAfter.
    Expired {
        /// The last moment of validity.
        not_after: Time,
    } = 5 ["RFC 5280 section 6.1.3 (a)(2)"] ChainStatus::NOT_TIME_VALID, 10, forgivable,
        "it was valid only until {not_after}";
    /// The certificate issued another one and is no CA by its basicConstraints, or has none.
    NotACa = 6 ["RFC 5280 section 6.1.4 (k)"]
        ChainStatus::INVALID_BASIC_CONSTRAINTS, 6, forgivable,
        "it issued a certificate and is no CA";
    /// More certificates follow than this CA's pathLenConstraint allows.
    PathTooLong {
        /// Its pathLenConstraint.
        allowed: u32,
    } = 7 ["RFC 5280 section 6.1.4 (l)"] ChainStatus::INVALID_BASIC_CONSTRAINTS, 6, forgivable,
        "it allows {allowed} CAs below it, and there are more";
    /// The certificate issued another one and its keyUsage lacks keyCertSign.
    MayNotSignCertificates = 8 ["RFC 5280 section 6.1.4 (n)"]
        ChainStatus::INVALID_BASIC_CONSTRAINTS, 6, forgivable,
        "its key usage does not allow to sign certificates";
    /// Its keyUsage lacks a usage that the caller asked for.
    KeyUsageMissing = 9 ["RFC 5280 section 4.2.1.3"]
        ChainStatus::NOT_VALID_FOR_USAGE, 9, forgivable,
        "its key usage lacks one that was asked for";
    /// Its extended key usage does not include the purpose that was asked for.
    WrongUsage = 10 ["RFC 5280 section 4.2.1.12"]
        ChainStatus::NOT_VALID_FOR_USAGE, 9, forgivable,
        "it is not meant for the purpose that was asked for";
    /// It has no extended key usage where the caller demands one.
    NoExtendedKeyUsage = 11 ["RFC 5280 section 4.2.1.12"]
        ChainStatus::NOT_VALID_FOR_USAGE, 9, forgivable,
        "it does not say what it is meant for";
    /// Its extended key usage includes the purpose that was asked for, and its keyUsage does not
    /// allow it.
    KeyUsageAgainstPurpose = 34 ["RFC 5280 section 4.2.1.12"]
        ChainStatus::NOT_VALID_FOR_USAGE, 9, forgivable,
        "its keyUsage does not allow the purpose that was asked for";
    /// It has none of the names that were asked for.
    NameMismatch = 12 ["RFC 9525 section 6"] ChainStatus::empty(), 11, fatal,
        "it does not have the name that was asked for";
    /// A name constraint above it is broken, or cannot be applied to it.
    Name(violation: NameViolation) = 13 ["RFC 5280 section 4.2.1.10"] violation.status(), 8, forgivable,
        "{violation}", source violation;
    /// The path from the anchor down to this certificate lacks a policy that is required, or breaks
    /// a rule on policies.
    Policy(violation: PolicyViolation) = 14 [violation.section()]
        ChainStatus::INVALID_POLICY_CONSTRAINTS, 8, forgivable,
        "{violation}", source violation;
    /// A policy qualifier, in a critical certificatePolicies, that this library cannot interpret:
    /// one of a kind that it does not know, or with a value that is not of the type of its kind.
    /// This is its kind; `None` for an identifier too long to keep.
    UnknownPolicyQualifier(oid: Option<ObjectIdentifier>) = 32 ["RFC 5280 section 4.2.1.4"]
        ChainStatus::HAS_NOT_SUPPORTED_CRITICAL_EXTENSION, 7, fatal,
        (|f| {
            f.write_str("its certificatePolicies is critical, and ")?;
            match oid {
                Some(oid) if policy_qualifier::is_defined(oid) => {
                    write!(f, "the value of a qualifier {oid} is not of its type")
                }
                Some(oid) => write!(f, "its qualifier {oid} is not known"),
                None => f.write_str("a qualifier is not known"),
            }
        });
    /// The algorithm policy refuses its key or the algorithm of its signature.
    Algorithm(error: PolicyError) = 15 ["the algorithm policy"]
        ChainStatus::HAS_WEAK_SIGNATURE, 3, fatal,
        "{error}", source error;
    /// The key that should have made its signature is not usable.
    IssuerKey(error: KeyError) = 16 ["RFC 5280 section 4.1.2.7"]
        ChainStatus::NOT_SIGNATURE_VALID, 4, fatal,
        "its issuer's key is not usable: {error}", source error;
    /// Its signature does not hold under its issuer's key.
    Signature(error: SignatureError) = 17 ["RFC 5280 section 6.1.3 (a)(1)"]
        ChainStatus::NOT_SIGNATURE_VALID, 4, fatal,
        (|f| if error.is_found_wrong() {
            write!(f, "its signature does not hold: {error}")
        } else {
            write!(f, "its signature cannot be checked: {error}")
        }), source error;
    /// A requirement of issuers that the profile insists on.
    IssuerRequirement(requirement: IssuerRequirement) = 18 [requirement.section()]
        ChainStatus::INVALID_EXTENSION, 7, fatal,
        "{requirement}";
    /// It does not promise each TLS feature that its issuer does (RFC 7633).
    TlsFeatureMissing = 33 ["RFC 7633 section 4.2.2"] ChainStatus::INVALID_EXTENSION, 8, fatal,
        "it does not promise each TLS feature that its issuer does";
    /// No certificate of its issuer was found.
    NoIssuer = 19 ["RFC 5280 section 6.1"] ChainStatus::PARTIAL_CHAIN, 0, forgivable,
        "no certificate of its issuer was found";
    /// Its issuers are on the path already: they certify each other, and no anchor certifies them.
    Circle = 28 ["RFC 5280 section 6.1"] ChainStatus::PARTIAL_CHAIN, 0, fatal,
        "its issuers certify each other, and no anchor certifies them";
    /// The path ends here in a self-issued certificate that is not trusted.
    UntrustedRoot = 20 ["RFC 5280 section 6.1"] ChainStatus::UNTRUSTED_ROOT, 1, forgivable,
        "it signed itself and is not trusted";
    /// More CAs stand between the leaf and the anchor than the caller allows; this is the topmost.
    TooDeep {
        /// Most CAs between leaf and anchor, self-issued ones not counted.
        allowed: u32,
    } = 21 ["a limit that the caller set"] ChainStatus::PARTIAL_CHAIN, 2, fatal,
        "more than {allowed} CAs stand between the leaf and the anchor";
    /// An allowance of [`Limits`](crate::Limits) ran out.
    Exhausted(exhausted: Exhausted) = 27 ["a limit that the caller set"]
        ChainStatus::PARTIAL_CHAIN, 2, fatal,
        "{exhausted}", source exhausted;
    /// The caller's constraints on the anchor end before the time that was asked for.
    AnchorExpired {
        /// The anchor's last date.
        not_after: Time,
    } = 22 ["RFC 5280 section 6.1.1 (d)"] ChainStatus::NOT_TIME_VALID, 10, fatal,
        "it is trusted only until {not_after}";
    /// The caller's constraints on the anchor do not include the purpose that was asked for; or
    /// they name purposes, and none was asked for.
    AnchorPurpose = 23 ["RFC 5280 section 6.1.1 (d)"] ChainStatus::NOT_VALID_FOR_USAGE, 8, fatal,
        "it is trusted for certain purposes only, and not for what was asked";
    /// The leaf is self-signed, and self-signed certificates are not allowed.
    SelfSignedNotAllowed = 24 ["the allowed certificate types"] ChainStatus::empty(), 11, fatal,
        "self-signed certificates are not allowed";
    /// The leaf is self-signed and allowed, but is not among the pinned ones.
    SelfSignedNotPinned = 25 ["the allowed certificate types"]
        ChainStatus::UNTRUSTED_ROOT, 1, fatal,
        "it is self-signed and not among the pinned certificates";
    /// The leaf is not self-signed, and only self-signed certificates are allowed.
    ChainedNotAllowed = 26 ["the allowed certificate types"] ChainStatus::empty(), 11, fatal,
        "only self-signed certificates are allowed";
    /// Its issuer has revoked it.
    Revoked(revocation: Revocation) = 29 ["RFC 5280 section 6.1.3 (a)(3)"]
        ChainStatus::REVOKED, 12, fatal,
        "it was revoked {revocation}";
    /// Whether its issuer has revoked it could not be found out.
    RevocationUnknown(reason: UnknownStatus) = 30 ["RFC 5280 section 6.1.3 (a)(3)"]
        ChainStatus::UNKNOWN, if matches!(reason, UnknownStatus::PathFell) { 14 } else { 13 },
        forgivable, "whether it is revoked is not known: {reason}";
    /// It promises a stapled OCSP response (RFC 7633), and none came that holds.
    StapleMissing = 31 ["RFC 7633 section 4.3.3"] ChainStatus::UNKNOWN, 13, fatal,
        "it promises a stapled OCSP response, and none came that holds";
}

impl Rule {
    /// Does the path end too early: is what it lacks an issuer, or a trusted one?
    pub(crate) const fn lacks_issuer(&self) -> bool {
        matches!(self, Self::NoIssuer | Self::Circle | Self::UntrustedRoot)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text(f)?;
        match self {
            // The text ends with the section of the error.
            Self::Malformed(_) => Ok(()),
            _ => write!(f, " [{}]", self.section()),
        }
    }
}

/// A rule and the certificate that breaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The certificate's place on the path: 0 is the leaf, then its issuer, and so on.
    pub position: usize,
    /// What is wrong with it.
    pub rule: Rule,
}

impl Violation {
    pub(crate) const fn of_leaf(rule: Rule) -> Self {
        let position = 0;
        Self { position, rule }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            0 => write!(f, "leaf: {}", self.rule),
            n => write!(f, "issuer {n} above the leaf: {}", self.rule),
        }
    }
}

impl core::error::Error for Violation {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.rule.source()
    }
}

impl From<Exhausted> for Rule {
    fn from(exhausted: Exhausted) -> Self {
        Self::Exhausted(exhausted)
    }
}

/// Where checks put what they find.
///
/// The search stops at the first violation; the second look at a rejected path notes them all and
/// goes on.
pub(crate) trait Findings {
    /// Notes a violation; an error ends the checks.
    fn note(&mut self, violation: Violation) -> Result<(), Violation>;
}

/// Ends at the first violation that is not forgiven.
pub(crate) struct FirstViolation(pub(crate) Forgiven);

impl FirstViolation {
    pub(crate) fn is_forgiven(&self, violation: &Violation) -> bool {
        let status = violation.rule.status();
        violation.rule.is_forgivable()
            && !status.is_empty()
            && self.0.at(violation.position).contains(status)
    }
}

impl Findings for FirstViolation {
    fn note(&mut self, violation: Violation) -> Result<(), Violation> {
        if self.is_forgiven(&violation) {
            Ok(())
        } else {
            Err(violation)
        }
    }
}

/// Most violations that are kept of one path, which bounds what hostile certificates can add.
const MAX_VIOLATIONS: usize = 128;

/// Keeps every violation.
#[derive(Default)]
pub(crate) struct AllViolations {
    pub(crate) violations: Vec<Violation>,
}

impl Findings for AllViolations {
    fn note(&mut self, violation: Violation) -> Result<(), Violation> {
        if self.violations.len() < MAX_VIOLATIONS && !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
        Ok(())
    }
}
