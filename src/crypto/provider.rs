//! Who verifies signatures: the trait that a cryptographic library stands behind.
//!
//! A provider gets what was on the wire (whole key, whole algorithm identifier, whole message,
//! signature) and judges mathematics and encodings only; what is good enough is the policy's
//! business. Decoding a key is separate from using it, since a key of an issuer verifies many
//! certificates: the prepared key is shared and kept.

use alloc::sync::Arc;
use core::fmt;

use const_oid::ObjectIdentifier;

use crate::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use crate::der::Reader;
use crate::table::errors;

/// Verifies signatures.
///
/// A provider of one's own that adds an algorithm is asked only where the policy allows its keys
/// and its signatures: [`AlgorithmPolicy::allow_key`](super::AlgorithmPolicy::allow_key) and
/// [`AlgorithmPolicy::allow_signature`](super::AlgorithmPolicy::allow_signature).
/// `tests/support/dsa.rs` in the repository adds DSA so, and hands everything else on to
/// [`RustCrypto`](super::RustCrypto).
pub trait Provider: Send + Sync + fmt::Debug {
    /// What it can verify, for listings and diagnostics; nothing is decided by it.
    fn supported(&self) -> &[SupportedPair];

    /// Decodes and checks a key, once. `inherited` are the parameters of the issuer's key (a whole
    /// DER element), for a key that has none of its own: RFC 5280 section 6.1.4 (d) to (f).
    /// Only DSA has such keys.
    ///
    /// # Errors
    /// A [`KeyError`] for a key that is unsupported or wrong; never a panic, whatever the bytes.
    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        inherited: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError>;
}

/// A public key that is ready to verify.
pub trait PreparedKey: Send + Sync {
    /// Verifies `signature` over `message`. The parameters of an ECDSA signature may be NULL, as
    /// old issuers have written them: that says no more than none.
    ///
    /// # Errors
    /// A [`SignatureError`] unless the signature is one that this key made over this message.
    fn verify(
        &self,
        algorithm: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError>;

    /// Tells the key that it is kept and will verify more signatures, so that it may spend memory
    /// on being faster. Anchors and a [`SignatureMemo`](super::SignatureMemo) tell the keys that
    /// they hold. Default: nothing.
    fn keep(&self) {}
}

/// A kind of key and a kind of signature that a provider can verify with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SupportedPair {
    /// The algorithm of the public key.
    pub key: ObjectIdentifier,
    /// The named curve of the public key, where the algorithm has curves.
    pub curve: Option<ObjectIdentifier>,
    /// The algorithm of the signature.
    pub signature: ObjectIdentifier,
}

impl SupportedPair {
    /// A key algorithm that has no curves, and a signature algorithm.
    #[must_use]
    pub const fn new(key: ObjectIdentifier, signature: ObjectIdentifier) -> Self {
        Self {
            key,
            curve: None,
            signature,
        }
    }

    /// A key algorithm on a curve, and a signature algorithm.
    #[must_use]
    pub const fn on_curve(
        key: ObjectIdentifier,
        curve: ObjectIdentifier,
        signature: ObjectIdentifier,
    ) -> Self {
        Self {
            key,
            curve: Some(curve),
            signature,
        }
    }

    /// The pair of a key with the first algorithm and a signature with the second; `None` if an
    /// identifier is longer than [`ObjectIdentifier`] can hold. Parameters of the key that are an
    /// OBJECT IDENTIFIER name its curve (RFC 5480 section 2.1.1); those of the signature don't
    /// count.
    ///
    /// Protocols that name signatures by numbers of their own, as TLS does, ask a provider so what
    /// it can verify:
    ///
    /// ```
    /// use portcullis::RustCrypto;
    /// use portcullis::certificate::AlgorithmIdentifier;
    /// use portcullis::crypto::{Provider, SupportedPair};
    ///
    /// // ed25519 of TLS 1.3 (0x0807): key and signature have one identifier (RFC 8410 section 3).
    /// let ed25519 = AlgorithmIdentifier::from_der(&[0x30, 5, 6, 3, 0x2b, 0x65, 0x70])?;
    /// let pair = SupportedPair::of(&ed25519, &ed25519).unwrap();
    /// assert!(RustCrypto.supported().contains(&pair));
    /// # Ok::<(), portcullis::der::Error>(())
    /// ```
    #[must_use]
    pub fn of(key: &AlgorithmIdentifier<'_>, signature: &AlgorithmIdentifier<'_>) -> Option<Self> {
        let parameters = key
            .parameters()
            .map(|parameters| Reader::quick(parameters).oid());
        let curve = parameters
            .and_then(Result::ok)
            .map(ObjectIdentifier::from_bytes);
        let curve = curve.transpose().ok()?;
        Some(Self {
            key: key.oid().to_owned()?,
            curve,
            signature: signature.oid().to_owned()?,
        })
    }
}

errors! {
    /// Why a public key can't be used.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum KeyError {
        /// The provider has no such kind of key.
        UnsupportedAlgorithm => "the public key algorithm is not supported";
        /// The provider does not have this named curve.
        UnsupportedCurve => "the named curve is not supported";
        /// The curve is described instead of named (CVE-2020-0601).
        ExplicitCurve => "the curve is not named (RFC 5480 section 2.1.1)";
        /// The key needs parameters and has none, not even inherited ones.
        MissingParameters => "the public key has no parameters and inherits none";
        /// The parameters are not what the algorithm has.
        BadParameters => "the public key's parameters do not fit its algorithm";
        /// The key is not what its algorithm says: wrong encoding, a point off the curve, an even
        /// modulus.
        Malformed => "the public key is malformed";
        /// The size of an RSA modulus or the value of its exponent is outside of what is computed
        /// with.
        OutOfRange => "the RSA modulus or exponent is out of range";
    }
}

errors! {
    /// Why a signature does not hold.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum SignatureError {
        /// The provider has no such signature algorithm.
        UnsupportedAlgorithm => "the signature algorithm is not supported";
        /// Keys of this kind do not make such signatures.
        AlgorithmKeyMismatch => "the signature algorithm does not fit the issuer's key";
        /// The parameters of the signature algorithm are not those that it must have.
        BadParameters => "the signature algorithm's parameters are not allowed";
        /// The signature value has not the form that its algorithm gives it.
        Malformed => "the signature value is malformed";
        /// The key did not make this signature over this message.
        Invalid => "the signature does not match";
    }
}

impl SignatureError {
    /// Is it known that the key did not make the signature? Otherwise nobody could find out: the
    /// algorithm is not one that was, or could be, computed.
    pub(crate) const fn is_found_wrong(self) -> bool {
        matches!(self, Self::Malformed | Self::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::certificate::testing::{sequence, tlv};

    #[test]
    fn errors_are_copies_with_a_text() {
        fn check<E: core::error::Error + Copy + Eq>(error: E) {
            assert!(!error.to_string().is_empty());
        }
        check(KeyError::ExplicitCurve);
        check(SignatureError::Invalid);
    }

    #[test]
    fn a_pair_has_the_curve_that_the_key_names() {
        let identifier = |octets: &[&[u8]]| sequence(&[octets.concat()]);
        let (id, curve) = (
            ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
            ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        );
        let [key, name] = [id, curve].map(|oid| tlv(6, oid.as_bytes()));
        let signature = identifier(&[&key, &name]);
        let signature = AlgorithmIdentifier::from_der(&signature).unwrap();
        for (parameters, expected) in [
            (&name[..], SupportedPair::on_curve(id, curve, id)),
            (&[], SupportedPair::new(id, id)),
            (&[5, 0], SupportedPair::new(id, id)),
            (&[0x30, 0], SupportedPair::new(id, id)),
        ] {
            let key = identifier(&[&key, parameters]);
            let key = AlgorithmIdentifier::from_der(&key).unwrap();
            assert_eq!(SupportedPair::of(&key, &signature), Some(expected));
        }
        // Longer than what holds identifiers.
        let long = identifier(&[&key, &tlv(6, &[1; 60])]);
        let long = AlgorithmIdentifier::from_der(&long).unwrap();
        assert_eq!(SupportedPair::of(&long, &signature), None);
        assert_eq!(
            SupportedPair::of(&signature, &long),
            SupportedPair::of(&signature, &signature)
        );
    }

    #[test]
    fn traits_can_be_objects() {
        fn shared<T: Send + Sync + ?Sized>() {}
        shared::<dyn Provider>();
        shared::<dyn PreparedKey>();
    }
}
