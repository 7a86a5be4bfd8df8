//! Why a certificate was revoked (RFC 5280 section 5.3.1).

use core::fmt;

/// Rows of `Variant = number, "name";`.
macro_rules! reasons {
    ($($(#[$doc:meta])* $Variant:ident = $number:literal, $name:literal;)+) => {
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
            $($(#[$doc])* $Variant,)+
            /// A number that RFC 5280 gives no meaning; it revokes all the same.
            Other(u8),
        }

        impl RevocationReason {
            /// The reason of this number.
            #[must_use]
            pub const fn from_number(number: u8) -> Self {
                match number {
                    $($number => Self::$Variant,)+
                    other => Self::Other(other),
                }
            }

            /// Its number in ASN.1.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self {
                    $(Self::$Variant => $number,)+
                    Self::Other(number) => number,
                }
            }
        }

        impl fmt::Display for RevocationReason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$Variant => f.write_str($name),)+
                    Self::Other(number) => write!(f, "reason {number}"),
                }
            }
        }
    };
}

reasons! {
    /// None in particular.
    Unspecified = 0, "unspecified";
    /// The private key is known or suspected to be in other hands.
    KeyCompromise = 1, "keyCompromise";
    /// The same of a CA's key.
    CaCompromise = 2, "cACompromise";
    /// The subject's name or other information has changed.
    AffiliationChanged = 3, "affiliationChanged";
    /// Another certificate has taken its place.
    Superseded = 4, "superseded";
    /// It is no longer needed.
    CessationOfOperation = 5, "cessationOfOperation";
    /// It is suspended, and may come back.
    CertificateHold = 6, "certificateHold";
    /// In a delta CRL: it is no longer suspended, or has expired.
    RemoveFromCrl = 8, "removeFromCRL";
    /// A privilege that it speaks of has been withdrawn.
    PrivilegeWithdrawn = 9, "privilegeWithdrawn";
    /// The key of an attribute authority is known or suspected to be in other hands.
    AaCompromise = 10, "aACompromise";
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
