//! What is told of an algorithm or a key that is not good enough.

use core::fmt;

use super::algorithm::{HashAlgorithm, KeyFamily, NamedCurve};

/// What an [`AlgorithmPolicy`](super::AlgorithmPolicy) does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyError {
    /// A signature over MD5 or an older hash.
    BrokenHash,
    /// A signature over a hash that is not allowed.
    WeakHash(HashAlgorithm),
    /// Parameters of a PSS signature that are missing or malformed, or name a hash or mask that has
    /// no name here.
    PssParameters,
    /// Keys, or signatures by keys, of a family that is not allowed.
    KeyFamily(KeyFamily),
    /// A DSA key or signature.
    Dsa,
    /// An algorithm that has neither a name here nor an explicit permission.
    UnknownAlgorithm,
    /// An RSA modulus that is too short.
    SmallRsaKey {
        /// Length of the modulus.
        bits: u32,
    },
    /// An RSA modulus that is too long.
    LargeRsaKey {
        /// Length of the modulus.
        bits: u32,
    },
    /// An RSA modulus whose length is not a multiple of 8 bits.
    UnevenRsaKey {
        /// Length of the modulus.
        bits: u32,
    },
    /// A curve that is not allowed.
    Curve(NamedCurve),
    /// A named curve that has no name here.
    UnknownCurve,
    /// A curve that is described instead of named.
    ExplicitCurve,
    /// A key that is not of the form, or not of the length, that its algorithm has.
    MalformedKey,
    /// Parameters of a PSS signature that are legal and not the usual ones.
    UnconventionalPss,
    /// A signature by a key on this curve, over a hash that belongs to another one.
    HashOfAnotherCurve(NamedCurve),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenHash => f.write_str("the signature is over MD5 or an older hash"),
            Self::WeakHash(hash) => write!(f, "signatures over {hash} are not allowed"),
            Self::PssParameters => f.write_str(
                "the PSS parameters are missing or malformed, or name an algorithm that is unknown",
            ),
            Self::UnconventionalPss => {
                f.write_str("the PSS signature has a mask or a salt that is not the usual one")
            }
            Self::HashOfAnotherCurve(curve) => {
                write!(
                    f,
                    "the signature's hash is not the one that belongs to {curve}"
                )
            }
            Self::KeyFamily(family) => write!(f, "{family} keys are not allowed"),
            Self::Dsa => f.write_str("DSA is not allowed"),
            Self::UnknownAlgorithm => f.write_str("the algorithm is unknown"),
            Self::SmallRsaKey { bits } => write!(f, "the RSA key of {bits} bits is too short"),
            Self::LargeRsaKey { bits } => write!(f, "the RSA key of {bits} bits is too long"),
            Self::UnevenRsaKey { bits } => {
                write!(
                    f,
                    "the RSA key of {bits} bits is not a whole number of octets"
                )
            }
            Self::Curve(curve) => write!(f, "the curve {curve} is not allowed"),
            Self::UnknownCurve => f.write_str("the named curve is unknown"),
            Self::ExplicitCurve => f.write_str("the curve is not named (RFC 5480 section 2.1.1)"),
            Self::MalformedKey => f.write_str("the public key is malformed"),
        }
    }
}

impl core::error::Error for PolicyError {}
