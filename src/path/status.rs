//! The vocabulary of .NET's `X509Chain`: statuses of chain elements and the flags that forgive
//! them.
//!
//! Names and values are those of `X509ChainStatusFlags` and `X509VerificationFlags`. A status never
//! goes away by being forgiven; only the verdict does not depend on it any more.

use core::fmt;
use core::ops::{BitOr, BitOrAssign};

macro_rules! flags {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $constant:ident = $value:literal, $text:literal;)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        #[must_use]
        pub struct $name(u32);

        impl $name {
            $($(#[$inner])* pub const $constant: Self = Self($value);)*

            const NAMES: &'static [(u32, &'static str)] = &[$(($value, $text)),*];

            /// No flag.
            pub const fn empty() -> Self {
                Self(0)
            }

            /// The numeric value, which is .NET's.
            #[must_use]
            pub const fn bits(self) -> u32 {
                self.0
            }

            /// True when no flag is set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// True when all flags of `other` are set.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// True when some flag of `other` is set.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// The flags that both have.
            pub const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// The flags of both.
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// The flag of this name, as .NET spells it.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                let found = Self::NAMES.iter().find(|(_, text)| *text == name);
                found.map(|&(bits, _)| Self(bits))
            }

            /// The names of the flags that are set, as .NET spells them, by ascending value.
            pub fn names(self) -> impl Iterator<Item = &'static str> {
                let single = Self::NAMES.iter().filter(|(bits, _)| bits.is_power_of_two());
                single.filter(move |(bits, _)| self.0 & bits != 0).map(|&(_, text)| text)
            }
        }

        impl BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }

        impl BitOrAssign for $name {
            fn bitor_assign(&mut self, other: Self) {
                *self = self.union(other);
            }
        }

        impl fmt::Display for $name {
            /// The names, separated by commas.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for (i, name) in self.names().enumerate() {
                    let separator = if i == 0 { "" } else { ", " };
                    write!(f, "{separator}{name}")?;
                }
                Ok(())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

flags! {
    /// What is wrong with one element of a chain: `X509ChainStatusFlags` of .NET.
    ChainStatus {
        /// Outside of its validity period.
        NOT_TIME_VALID = 0x1, "NotTimeValid";
        /// Never set; .NET declares it obsolete.
        NOT_TIME_NESTED = 0x2, "NotTimeNested";
        /// Revoked by its issuer.
        REVOKED = 0x4, "Revoked";
        /// Its signature does not hold, or the key that should have made it is not usable.
        NOT_SIGNATURE_VALID = 0x8, "NotSignatureValid";
        /// Not meant for the purpose that was asked for.
        NOT_VALID_FOR_USAGE = 0x10, "NotValidForUsage";
        /// The chain ends in a self-issued certificate that is not trusted.
        UNTRUSTED_ROOT = 0x20, "UntrustedRoot";
        /// Whether it is revoked could not be found out.
        REVOCATION_STATUS_UNKNOWN = 0x40, "RevocationStatusUnknown";
        /// Never set here: a loop is a path that ends nowhere.
        CYCLIC = 0x80, "Cyclic";
        /// The certificate or an extension does not decode, or a requirement that the profile insists on is broken.
        INVALID_EXTENSION = 0x100, "InvalidExtension";
        /// Certificate policies: an explicit policy is required and missing, or a mapping is not allowed.
        INVALID_POLICY_CONSTRAINTS = 0x200, "InvalidPolicyConstraints";
        /// An issuer that is no CA, may not sign certificates, or allows a shorter path.
        INVALID_BASIC_CONSTRAINTS = 0x400, "InvalidBasicConstraints";
        /// A name or a constraint on it has a form to which the rule cannot be applied.
        INVALID_NAME_CONSTRAINTS = 0x800, "InvalidNameConstraints";
        /// A constraint on a kind of name that is not supported.
        HAS_NOT_SUPPORTED_NAME_CONSTRAINT = 0x1000, "HasNotSupportedNameConstraint";
        /// Never set here.
        HAS_NOT_DEFINED_NAME_CONSTRAINT = 0x2000, "HasNotDefinedNameConstraint";
        /// A name outside of what an issuer permits.
        HAS_NOT_PERMITTED_NAME_CONSTRAINT = 0x4000, "HasNotPermittedNameConstraint";
        /// A name inside of what an issuer excludes.
        HAS_EXCLUDED_NAME_CONSTRAINT = 0x8000, "HasExcludedNameConstraint";
        /// The chain reaches no anchor: no issuer was found, issuers certify each other, or a limit was reached.
        PARTIAL_CHAIN = 0x1_0000, "PartialChain";
        /// An algorithm or key that the policy holds for too weak.
        HAS_WEAK_SIGNATURE = 0x10_0000, "HasWeakSignature";
        /// Set along with [`ChainStatus::REVOCATION_STATUS_UNKNOWN`], as .NET on Linux does.
        OFFLINE_REVOCATION = 0x100_0000, "OfflineRevocation";
        /// Explicitly distrusted. Never set here: the caller leaves such a certificate out of the store.
        EXPLICIT_DISTRUST = 0x400_0000, "ExplicitDistrust";
        /// A critical extension that this library does not know.
        HAS_NOT_SUPPORTED_CRITICAL_EXTENSION = 0x800_0000, "HasNotSupportedCriticalExtension";
    }
}

flags! {
    /// Which statuses do not make a chain invalid: `X509VerificationFlags` of .NET.
    VerificationFlags {
        /// Forgives [`ChainStatus::NOT_TIME_VALID`] of every element.
        IGNORE_NOT_TIME_VALID = 0x1, "IgnoreNotTimeValid";
        /// Forgives nothing here: there are no certificate trust lists.
        IGNORE_CTL_NOT_TIME_VALID = 0x2, "IgnoreCtlNotTimeValid";
        /// Forgives [`ChainStatus::NOT_TIME_NESTED`], which is never set.
        IGNORE_NOT_TIME_NESTED = 0x4, "IgnoreNotTimeNested";
        /// Forgives [`ChainStatus::INVALID_BASIC_CONSTRAINTS`]. Dangerous: any leaf becomes a CA.
        IGNORE_INVALID_BASIC_CONSTRAINTS = 0x8, "IgnoreInvalidBasicConstraints";
        /// Known by name only: trust is nothing that a flag forgives here.
        ALLOW_UNKNOWN_CERTIFICATE_AUTHORITY = 0x10, "AllowUnknownCertificateAuthority";
        /// Forgives [`ChainStatus::NOT_VALID_FOR_USAGE`].
        IGNORE_WRONG_USAGE = 0x20, "IgnoreWrongUsage";
        /// Forgives every status that concerns name constraints. Dangerous: a constrained CA becomes a free one.
        IGNORE_INVALID_NAME = 0x40, "IgnoreInvalidName";
        /// Forgives [`ChainStatus::INVALID_POLICY_CONSTRAINTS`].
        IGNORE_INVALID_POLICY = 0x80, "IgnoreInvalidPolicy";
        /// Forgives an unknown revocation status of the leaf.
        IGNORE_END_REVOCATION_UNKNOWN = 0x100, "IgnoreEndRevocationUnknown";
        /// Forgives nothing here: there are no certificate trust lists.
        IGNORE_CTL_SIGNER_REVOCATION_UNKNOWN = 0x200, "IgnoreCtlSignerRevocationUnknown";
        /// Forgives an unknown revocation status of certificates between leaf and root.
        IGNORE_CERTIFICATE_AUTHORITY_REVOCATION_UNKNOWN = 0x400, "IgnoreCertificateAuthorityRevocationUnknown";
        /// Forgives an unknown revocation status of the root.
        IGNORE_ROOT_REVOCATION_UNKNOWN = 0x800, "IgnoreRootRevocationUnknown";
        /// All of them.
        ALL_FLAGS = 0xfff, "AllFlags";
    }
}

impl VerificationFlags {
    /// The flags that let in whom an issuer did not mean to let in: asking for them takes a call
    /// whose name warns.
    pub const DANGEROUS: Self = Self(
        Self::IGNORE_INVALID_BASIC_CONSTRAINTS.0
            | Self::ALLOW_UNKNOWN_CERTIFICATE_AUTHORITY.0
            | Self::IGNORE_INVALID_NAME.0,
    );

    /// An unknown revocation status of the leaf, if these flags forgive it. That of a root leaves
    /// no status, so that there is nothing to forgive.
    pub(crate) const fn forgiven_of_leaf(self) -> ChainStatus {
        self.forgives(Self::IGNORE_END_REVOCATION_UNKNOWN, ChainStatus::UNKNOWN)
    }

    /// An unknown revocation status of a CA, if these flags forgive it.
    pub(crate) const fn forgiven_of_issuers(self) -> ChainStatus {
        self.forgives(
            Self::IGNORE_CERTIFICATE_AUTHORITY_REVOCATION_UNKNOWN,
            ChainStatus::UNKNOWN,
        )
    }

    /// The statuses that these flags forgive, whatever the element. Revocation depends on the place
    /// of the element and is not part of it.
    pub const fn forgiven(self) -> ChainStatus {
        self.forgives(Self::IGNORE_NOT_TIME_VALID, ChainStatus::NOT_TIME_VALID)
            .union(self.forgives(Self::IGNORE_NOT_TIME_NESTED, ChainStatus::NOT_TIME_NESTED))
            .union(self.forgives(
                Self::IGNORE_INVALID_BASIC_CONSTRAINTS,
                ChainStatus::INVALID_BASIC_CONSTRAINTS,
            ))
            .union(self.forgives(Self::IGNORE_WRONG_USAGE, ChainStatus::NOT_VALID_FOR_USAGE))
            .union(self.forgives(Self::IGNORE_INVALID_NAME, ChainStatus::OF_NAME_CONSTRAINTS))
            .union(self.forgives(
                Self::IGNORE_INVALID_POLICY,
                ChainStatus::INVALID_POLICY_CONSTRAINTS,
            ))
    }

    const fn forgives(self, flag: Self, status: ChainStatus) -> ChainStatus {
        if self.contains(flag) {
            status
        } else {
            ChainStatus::empty()
        }
    }
}

impl ChainStatus {
    /// What .NET on Linux sets for an unknown revocation status, whatever the reason.
    pub(crate) const UNKNOWN: Self =
        Self(Self::REVOCATION_STATUS_UNKNOWN.0 | Self::OFFLINE_REVOCATION.0);

    /// All that concern name constraints.
    const OF_NAME_CONSTRAINTS: Self = Self(
        Self::INVALID_NAME_CONSTRAINTS.0
            | Self::HAS_NOT_SUPPORTED_NAME_CONSTRAINT.0
            | Self::HAS_NOT_DEFINED_NAME_CONSTRAINT.0
            | Self::HAS_NOT_PERMITTED_NAME_CONSTRAINT.0
            | Self::HAS_EXCLUDED_NAME_CONSTRAINT.0,
    );
}

/// Statuses that do not make a path invalid, by place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forgiven {
    pub(crate) leaf: ChainStatus,
    pub(crate) issuers: ChainStatus,
}

impl Forgiven {
    pub(crate) const fn at(&self, position: usize) -> ChainStatus {
        if position == 0 {
            self.leaf
        } else {
            self.issuers
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.leaf.is_empty() && self.issuers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn values_and_names_are_dotnets() {
        assert_eq!(
            ChainStatus::HAS_NOT_SUPPORTED_CRITICAL_EXTENSION.bits(),
            134_217_728
        );
        assert_eq!(
            ChainStatus::from_name("PartialChain"),
            Some(ChainStatus::PARTIAL_CHAIN)
        );
        assert_eq!(ChainStatus::from_name("NotTrusted"), None);
        let both = ChainStatus::UNTRUSTED_ROOT | ChainStatus::NOT_TIME_VALID;
        assert_eq!(both.to_string(), "NotTimeValid, UntrustedRoot");
        assert_eq!(VerificationFlags::ALL_FLAGS.names().count(), 12);
        assert_eq!(
            VerificationFlags::from_name("AllFlags"),
            Some(VerificationFlags::ALL_FLAGS)
        );
    }

    #[test]
    fn even_all_flags_forgive_neither_signatures_nor_trust() {
        let forgiven = VerificationFlags::ALL_FLAGS.forgiven();
        for never in [
            ChainStatus::NOT_SIGNATURE_VALID,
            ChainStatus::REVOKED,
            ChainStatus::UNTRUSTED_ROOT,
            ChainStatus::PARTIAL_CHAIN,
            ChainStatus::INVALID_EXTENSION,
            ChainStatus::HAS_NOT_SUPPORTED_CRITICAL_EXTENSION,
            ChainStatus::EXPLICIT_DISTRUST,
            ChainStatus::HAS_WEAK_SIGNATURE,
            ChainStatus::CYCLIC,
        ] {
            assert!(!forgiven.intersects(never), "{never}");
        }
        assert!(VerificationFlags::empty().forgiven().is_empty());
        let forgiven: Vec<_> = VerificationFlags::IGNORE_WRONG_USAGE
            .forgiven()
            .names()
            .collect();
        assert_eq!(forgiven, ["NotValidForUsage"]);
    }
}
