//! The algorithms that this crate knows by name.
//!
//! Knowing an algorithm does not mean trusting it: MD5 and DSA are here so that a refusal can name
//! them. A signature algorithm is looked up by its OID alone; its parameters are checked by the
//! provider. Each look-up is one match on a few octets.

use crate::der::{Reader, tag};
use crate::oid::Oid;
use crate::table::texts;

use super::provider::KeyError;
use crate::certificate::AlgorithmIdentifier;

pub(crate) use crate::oid::algorithms::*;

/// DER of NULL: what RSA has for parameters.
pub(crate) const NULL: &[u8] = &[0x05, 0x00];

/// The function from identifiers to what they stand for.
macro_rules! from_oid {
    ($($($name:ident)|+ => $value:expr;)*) => {
        #[inline]
        pub(crate) fn from_oid(oid: Oid<'_>) -> Option<Self> {
            Some(match oid.as_bytes() {
                $($(octets::$name)|+ => $value,)*
                _ => return None,
            })
        }
    };
}

texts! {
    /// A hash that signatures are made over.
    ///
    /// MD5 and its ancestors are not among them: nothing can allow them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum HashAlgorithm {
        /// SHA-1: collisions are practical; the policy refuses it by default.
        Sha1 => "SHA-1";
        /// SHA-256.
        Sha256 => "SHA-256";
        /// SHA-384.
        Sha384 => "SHA-384";
        /// SHA-512.
        Sha512 => "SHA-512";
    }
}

impl HashAlgorithm {
    from_oid! {
        SHA1 => Self::Sha1;
        SHA256 => Self::Sha256;
        SHA384 => Self::Sha384;
        SHA512 => Self::Sha512;
    }

    /// Length of the hash value in octets.
    pub(crate) const fn output_len(self) -> u32 {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

texts! {
    /// A curve that has a name (RFC 5480 section 2.1.1.1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum NamedCurve {
        /// NIST P-256, secp256r1, prime256v1.
        P256 => "P-256";
        /// NIST P-384, secp384r1.
        P384 => "P-384";
        /// NIST P-521, secp521r1.
        P521 => "P-521";
    }
}

impl NamedCurve {
    from_oid! {
        SECP256R1 => Self::P256;
        SECP384R1 => Self::P384;
        SECP521R1 => Self::P521;
    }

    /// Octets of a coordinate (SEC 1 section 2.3.5).
    pub(super) const fn field_octets(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The hash that is as strong as the curve, and goes with it where one is prescribed.
    pub(crate) const fn hash(self) -> HashAlgorithm {
        match self {
            Self::P256 => HashAlgorithm::Sha256,
            Self::P384 => HashAlgorithm::Sha384,
            Self::P521 => HashAlgorithm::Sha512,
        }
    }

    /// From the parameters of a key, which name a curve or are refused:
    /// `ECParameters ::= CHOICE { namedCurve OBJECT IDENTIFIER, implicitCurve NULL, specifiedCurve
    /// SEQUENCE }`.
    #[inline]
    pub(crate) fn from_parameters(parameters: Option<&[u8]>) -> Result<Self, KeyError> {
        if let Some([tag::OID, length, oid @ ..]) = parameters
            && oid.len() == usize::from(*length)
            && let Some(curve) = Self::from_oid(Oid::new(oid))
        {
            return Ok(curve);
        }
        let parameters = match parameters {
            None | Some(NULL) => return Err(KeyError::MissingParameters),
            Some(parameters) => parameters,
        };
        let mut reader = Reader::new(parameters);
        match reader.peek_tag() {
            Some(tag::OID) => {
                let oid = reader.oid().map_err(|_| KeyError::BadParameters)?;
                Self::from_oid(Oid::new(oid)).ok_or(KeyError::UnsupportedCurve)
            }
            Some(tag::SEQUENCE) => Err(KeyError::ExplicitCurve),
            _ => Err(KeyError::BadParameters),
        }
    }
}

texts! {
    /// A kind of public key.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum KeyFamily {
        /// `rsaEncryption`: PKCS #1 v1.5 and PSS signatures.
        Rsa => "RSA";
        /// `id-RSASSA-PSS`: a key for PSS signatures alone (RFC 4055 section 1.2).
        RsaPss => "RSASSA-PSS";
        /// `id-ecPublicKey`.
        Ec => "EC";
        /// `id-Ed25519`.
        Ed25519 => "Ed25519";
        /// `id-ml-dsa-44`, `-65` and `-87`.
        MlDsa => "ML-DSA";
    }
}

/// A parameter set of ML-DSA (FIPS 204 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MlDsa {
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

/// What the OID of a public key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyAlgorithm {
    Rsa,
    RsaPss,
    Ec,
    Ed25519,
    MlDsa(MlDsa),
    Dsa,
}

impl KeyAlgorithm {
    from_oid! {
        RSA_ENCRYPTION => Self::Rsa;
        RSASSA_PSS => Self::RsaPss;
        EC_PUBLIC_KEY => Self::Ec;
        ED25519 => Self::Ed25519;
        ML_DSA_44 => Self::MlDsa(MlDsa::MlDsa44);
        ML_DSA_65 => Self::MlDsa(MlDsa::MlDsa65);
        ML_DSA_87 => Self::MlDsa(MlDsa::MlDsa87);
        DSA => Self::Dsa;
    }
}

/// What the OID of a signature stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureAlgorithm {
    RsaPkcs1(HashAlgorithm),
    /// RSA over MD2, MD4 or MD5.
    RsaBroken,
    /// The hash stands in the parameters.
    RsaPss,
    Ecdsa(HashAlgorithm),
    Ed25519,
    MlDsa(MlDsa),
    Dsa,
}

impl SignatureAlgorithm {
    from_oid! {
        ECDSA_WITH_SHA256 => Self::Ecdsa(HashAlgorithm::Sha256);
        ECDSA_WITH_SHA384 => Self::Ecdsa(HashAlgorithm::Sha384);
        ECDSA_WITH_SHA512 => Self::Ecdsa(HashAlgorithm::Sha512);
        ECDSA_WITH_SHA1 => Self::Ecdsa(HashAlgorithm::Sha1);
        SHA256_WITH_RSA => Self::RsaPkcs1(HashAlgorithm::Sha256);
        SHA384_WITH_RSA => Self::RsaPkcs1(HashAlgorithm::Sha384);
        SHA512_WITH_RSA => Self::RsaPkcs1(HashAlgorithm::Sha512);
        SHA1_WITH_RSA => Self::RsaPkcs1(HashAlgorithm::Sha1);
        MD2_WITH_RSA | MD4_WITH_RSA | MD5_WITH_RSA => Self::RsaBroken;
        RSASSA_PSS => Self::RsaPss;
        ED25519 => Self::Ed25519;
        ML_DSA_44 => Self::MlDsa(MlDsa::MlDsa44);
        ML_DSA_65 => Self::MlDsa(MlDsa::MlDsa65);
        ML_DSA_87 => Self::MlDsa(MlDsa::MlDsa87);
        DSA_WITH_SHA1 | DSA_WITH_SHA224 | DSA_WITH_SHA256 => Self::Dsa;
    }
}

/// Does an ECDSA signature have NULL for parameters, where RFC 5758 section 3.2 (and RFC 3279
/// section 2.2.3 before it) has it without any? Old Java wrote certificates so. It has one meaning:
/// whoever verifies signatures takes it for none, and profiles that hold issuers to their
/// requirements refuse it.
pub(crate) fn is_ecdsa_with_null(algorithm: &AlgorithmIdentifier<'_>) -> bool {
    let known = SignatureAlgorithm::from_oid(algorithm.oid());
    matches!(known, Some(SignatureAlgorithm::Ecdsa(_))) && algorithm.parameters() == Some(NULL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_told_apart() {
        assert_eq!(
            SignatureAlgorithm::from_oid(Oid::from(&SHA256_WITH_RSA)),
            Some(SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256))
        );
        assert_eq!(
            SignatureAlgorithm::from_oid(Oid::from(&MD5_WITH_RSA)),
            Some(SignatureAlgorithm::RsaBroken)
        );
        assert_eq!(
            SignatureAlgorithm::from_oid(Oid::from(&RSA_ENCRYPTION)),
            None
        );
        assert_eq!(
            KeyAlgorithm::from_oid(Oid::from(&DSA)),
            Some(KeyAlgorithm::Dsa)
        );
        assert_eq!(KeyAlgorithm::from_oid(Oid::from(&SHA256_WITH_RSA)), None);
        assert_eq!(
            NamedCurve::from_oid(Oid::from(&SECP521R1)),
            Some(NamedCurve::P521)
        );
        assert_eq!(
            HashAlgorithm::from_oid(Oid::from(&SHA512)),
            Some(HashAlgorithm::Sha512)
        );
    }
}
