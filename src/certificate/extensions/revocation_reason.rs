//! Why a certificate was revoked.

use core::fmt;

/// The reason that an issuer gives for a revocation: `CRLReason` of RFC 5280 section 5.3.1.
///
/// ```text
/// CRLReason ::= ENUMERATED {
///      unspecified (0), keyCompromise (1), cACompromise (2), affiliationChanged (3), superseded (4),
///      cessationOfOperation (5), certificateHold (6), -- value 7 is not used --
///      removeFromCRL (8), privilegeWithdrawn (9), aACompromise (10) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RevocationReason {
    /// None in particular.
    Unspecified,
    /// The private key is known or suspected to be in other hands.
    KeyCompromise,
    /// The same of a CA's key.
    CaCompromise,
    /// The subject's name or other information has changed.
    AffiliationChanged,
    /// Another certificate has taken its place.
    Superseded,
    /// It is no longer needed.
    CessationOfOperation,
    /// It is suspended, and may come back.
    CertificateHold,
    /// In a delta CRL: it is no longer suspended, or has expired.
    RemoveFromCrl,
    /// A privilege that it speaks of has been withdrawn.
    PrivilegeWithdrawn,
    /// The key of an attribute authority is known or suspected to be in other hands.
    AaCompromise,
    /// A number that RFC 5280 gives no meaning; it revokes all the same.
    Other(u8),
}

impl RevocationReason {
    /// The reason of this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            8 => Self::RemoveFromCrl,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            other => Self::Other(other),
        }
    }

    /// Its number in ASN.1.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::RemoveFromCrl => 8,
            Self::PrivilegeWithdrawn => 9,
            Self::AaCompromise => 10,
            Self::Other(number) => number,
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
            Self::Other(number) => return write!(f, "reason {number}"),
        };
        f.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_there_and_back() {
        for number in 0..=u8::MAX {
            assert_eq!(RevocationReason::from_number(number).number(), number);
        }
        assert_eq!(RevocationReason::from_number(7), RevocationReason::Other(7));
    }
}
