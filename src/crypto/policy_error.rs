//! What is told of an algorithm or a key that is not good enough.

use super::algorithm::{HashAlgorithm, KeyFamily, NamedCurve};
use crate::table::errors;

errors! {
    /// What an [`AlgorithmPolicy`](super::AlgorithmPolicy) does not allow.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum PolicyError {
        /// A signature over MD5 or an older hash.
        BrokenHash => "the signature is over MD5 or an older hash";
        /// A signature over a hash that is not allowed.
        WeakHash(hash: HashAlgorithm) => "signatures over {hash} are not allowed";
        /// Parameters of a PSS signature that are missing or malformed, or name a hash or mask that
        /// has no name here.
        PssParameters => "the PSS parameters are missing or malformed, or name an algorithm that is unknown";
        /// Keys, or signatures by keys, of a family that is not allowed.
        KeyFamily(family: KeyFamily) => "{family} keys are not allowed";
        /// A DSA key or signature.
        Dsa => "DSA is not allowed";
        /// An algorithm that has neither a name here nor an explicit permission.
        UnknownAlgorithm => "the algorithm is unknown";
        /// An RSA modulus that is too short.
        SmallRsaKey {
            /// Length of the modulus.
            bits: u32,
        } => "the RSA key of {bits} bits is too short";
        /// An RSA modulus that is too long.
        LargeRsaKey {
            /// Length of the modulus.
            bits: u32,
        } => "the RSA key of {bits} bits is too long";
        /// An RSA modulus whose length is not a multiple of 8 bits.
        UnevenRsaKey {
            /// Length of the modulus.
            bits: u32,
        } => "the RSA key of {bits} bits is not a whole number of octets";
        /// A curve that is not allowed.
        Curve(curve: NamedCurve) => "the curve {curve} is not allowed";
        /// A named curve that has no name here.
        UnknownCurve => "the named curve is unknown";
        /// A curve that is described instead of named.
        ExplicitCurve => "the curve is not named (RFC 5480 section 2.1.1)";
        /// A key that is not of the form, or not of the length, that its algorithm has.
        MalformedKey => "the public key is malformed";
        /// Parameters of a PSS signature that are legal and not the usual ones.
        UnconventionalPss => "the PSS signature has a mask or a salt that is not the usual one";
        /// A signature by a key on this curve, over a hash that belongs to another one.
        HashOfAnotherCurve(curve: NamedCurve) => "the signature's hash is not the one that belongs to {curve}";
    }
}
