//! Which algorithms, hashes and key sizes are good enough.
//!
//! The policy is asked before a key is decoded or a signature computed, and it answers from the
//! bytes: the length of an RSA modulus is read off its encoding, a curve is its identifier, and
//! whether a key is as long as its algorithm has it is counted. What
//! the policy lets through may still be refused by the provider; what it refuses is never computed.
//!
//! Sources: NIST SP 800-57 part 1 (RSA from 2,048 bits), RFC 9155 (no MD5, no SHA-1), CA/Browser
//! Forum Baseline Requirements sections 6.1.5 and 7.1.3 for [`AlgorithmPolicy::web_pki`].

use alloc::vec::Vec;

use const_oid::ObjectIdentifier;

use super::algorithm::{HashAlgorithm, KeyAlgorithm, KeyFamily, NamedCurve, SignatureAlgorithm};
use super::key_shape::{self, is_point, modulus_bits};
use super::policy_error::PolicyError;
use super::provider::KeyError;
use super::pss::PssParameters;
use crate::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use crate::oid::Oid;

/// Most bits of an RSA modulus by default; the providers known to us end here too.
const MAX_RSA_BITS: u32 = 8192;

/// How the SubjectPublicKeyInfo of a key on P-256 begins, up to the coordinates.
const P256_KEY: [u8; 27] = [
    0x30, 89, 0x30, 19, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 3, 1, 7, 3, 66, 0, 4,
];

/// Octets of all of it.
const P256_KEY_LENGTH: usize = P256_KEY.len() + 64;

/// The AlgorithmIdentifier of ECDSA with SHA-256.
const ECDSA_WITH_SHA256: [u8; 12] = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

defaults! {
    /// What a signature or a key must be made with to be trusted. Plain data; MD5 and older hashes
    /// cannot be allowed.
    ///
    /// ```
    /// use portcullis::AlgorithmPolicy;
    /// use portcullis::crypto::{KeyFamily, NamedCurve};
    ///
    /// // No RSA, and no curve but P-256 and P-384.
    /// let policy = AlgorithmPolicy::default()
    ///     .forbid_family(KeyFamily::Rsa)
    ///     .forbid_family(KeyFamily::RsaPss)
    ///     .forbid_curve(NamedCurve::P521);
    /// ```
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[must_use]
    pub struct AlgorithmPolicy;

    /// SHA-2, RSA from 2,048 to 8,192 bits, P-256, P-384, P-521, Ed25519 and ML-DSA.
    default;

    hashes: Set = Set::up_to(HashAlgorithm::Sha512 as u8).without(HashAlgorithm::Sha1 as u8);
    families: Set = Set::up_to(KeyFamily::MlDsa as u8);
    curves: Set = Set::up_to(NamedCurve::P521 as u8);
    min_rsa_bits: u32 = 2048;
    max_rsa_bits: u32 = MAX_RSA_BITS;
    whole_octet_rsa: bool = false;
    conventional_pss: bool = false;
    hash_of_curve: bool = false;
    more_signatures: Vec<ObjectIdentifier> = Vec::new();
    more_keys: Vec<ObjectIdentifier> = Vec::new();
}

/// The two functions that put members into a set and take them out.
macro_rules! members {
    ($($(#[$allow_doc:meta])* $allow:ident,
       $(#[$forbid_doc:meta])* $forbid:ident, $set:ident: $type:ty;)*) => {$(
        $(#[$allow_doc])*
        pub fn $allow(mut self, member: $type) -> Self {
            self.$set = self.$set.with(member as u8);
            self
        }

        $(#[$forbid_doc])*
        pub fn $forbid(mut self, member: $type) -> Self {
            self.$set = self.$set.without(member as u8);
            self
        }
    )*};
}

impl AlgorithmPolicy {
    /// What the CA/Browser Forum lets public CAs use: SHA-2, RSA from 2,048 bits in whole octets
    /// under the plain `rsaEncryption` identifier, PSS with the usual parameters alone, and the
    /// three NIST curves, each with its hash.
    pub fn web_pki() -> Self {
        Self::default()
            .forbid_family(KeyFamily::RsaPss)
            .forbid_family(KeyFamily::Ed25519)
            .forbid_family(KeyFamily::MlDsa)
            .whole_octet_rsa(true)
            .conventional_pss(true)
            .hash_of_curve(true)
    }

    members! {
        /// Allows signatures over this hash. Whoever allows [`HashAlgorithm::Sha1`] trusts what can
        /// be forged.
        allow_hash,
        /// Refuses signatures over this hash.
        forbid_hash, hashes: HashAlgorithm;
        /// Allows keys of this family, and the signatures that they make.
        allow_family,
        /// Refuses keys of this family, and the signatures that they alone make.
        forbid_family, families: KeyFamily;
        /// Allows EC keys on this curve.
        allow_curve,
        /// Refuses EC keys on this curve.
        forbid_curve, curves: NamedCurve;
    }

    setters! {
        /// The least length of an RSA modulus. Default: 2,048.
        min_rsa_bits: u32;
        /// The greatest length of an RSA modulus. Default: 8,192.
        max_rsa_bits: u32;
        /// Whether the length of an RSA modulus in bits must be a multiple of 8. Default: no.
        whole_octet_rsa: bool;
        /// Whether a PSS signature must make its mask with the hash of the message, and have a salt
        /// as long as that hash. RFC 4055 section 3.1 recommends both and demands neither, and
        /// OpenSSL up to 3.0 took the longest salt that fits. Default: no.
        conventional_pss: bool;
        /// Whether a key on P-256 must sign certificates over SHA-256, one on P-384 over SHA-384
        /// and one on P-521 over SHA-512, as the CA/Browser Forum has it (Baseline Requirements
        /// section 7.1.3.2.2). Default: no.
        hash_of_curve: bool;
    }

    /// Allows a signature algorithm that this crate does not verify itself, for a provider of one's
    /// own: DSA, say. Of no effect for algorithms that the other settings govern.
    pub fn allow_signature(mut self, algorithm: ObjectIdentifier) -> Self {
        insert(&mut self.more_signatures, algorithm);
        self
    }

    /// Allows a public key algorithm that this crate does not know how to use; see
    /// [`AlgorithmPolicy::allow_signature`].
    pub fn allow_key(mut self, algorithm: ObjectIdentifier) -> Self {
        insert(&mut self.more_keys, algorithm);
        self
    }

    /// Is the signature algorithm with this encoding allowed, as shows at a glance of most? `false`
    /// decides nothing.
    #[inline]
    pub(crate) fn takes_signatures_by(&self, algorithm: &[u8]) -> bool {
        self.families.has(KeyFamily::Ec as u8)
            && self.hashes.has(HashAlgorithm::Sha256 as u8)
            && algorithm == ECDSA_WITH_SHA256
    }

    /// As [`AlgorithmPolicy::takes_signatures_by`], of the key with this SubjectPublicKeyInfo.
    #[inline]
    pub(crate) fn takes_key(&self, spki: &[u8]) -> bool {
        self.families.has(KeyFamily::Ec as u8)
            && self.curves.has(NamedCurve::P256 as u8)
            && spki.len() == P256_KEY_LENGTH
            && spki.starts_with(&P256_KEY)
    }

    /// Judges a signature algorithm.
    ///
    /// # Errors
    /// A [`PolicyError`] that says what is not allowed.
    pub fn check_signature(&self, algorithm: &AlgorithmIdentifier<'_>) -> Result<(), PolicyError> {
        if self.takes_signatures_by(algorithm.as_der()) {
            return Ok(());
        }
        let oid = algorithm.oid();
        let (family, hash) = match SignatureAlgorithm::from_oid(oid) {
            Some(SignatureAlgorithm::Ecdsa(hash)) => (KeyFamily::Ec, Some(hash)),
            Some(SignatureAlgorithm::RsaPkcs1(hash)) => (KeyFamily::Rsa, Some(hash)),
            Some(SignatureAlgorithm::RsaPss) => return self.check_pss(algorithm.parameters()),
            Some(SignatureAlgorithm::Ed25519) => (KeyFamily::Ed25519, None),
            Some(SignatureAlgorithm::MlDsa(_)) => (KeyFamily::MlDsa, None),
            Some(SignatureAlgorithm::RsaBroken) => return Err(PolicyError::BrokenHash),
            _ if contains(&self.more_signatures, oid) => return Ok(()),
            Some(SignatureAlgorithm::Dsa) => return Err(PolicyError::Dsa),
            None => return Err(PolicyError::UnknownAlgorithm),
        };
        self.check_family(family)?;
        hash.map_or(Ok(()), |hash| self.check_hash(hash))
    }

    /// Judges a public key.
    ///
    /// # Errors
    /// A [`PolicyError`] that says what is not allowed.
    pub fn check_key(&self, key: &SubjectPublicKeyInfo<'_>) -> Result<(), PolicyError> {
        if self.takes_key(key.as_der()) {
            return Ok(());
        }
        let (algorithm, bits) = (key.algorithm(), key.key_bits());
        let oid = algorithm.oid();
        let long = |octets| require(bits.len() == octets, PolicyError::MalformedKey);
        let (family, shape) = match KeyAlgorithm::from_oid(oid) {
            Some(KeyAlgorithm::Ec) => {
                let shape = self.check_point(algorithm.parameters(), bits);
                (KeyFamily::Ec, shape)
            }
            Some(KeyAlgorithm::Rsa) => (KeyFamily::Rsa, self.check_modulus(bits)),
            Some(KeyAlgorithm::RsaPss) => (KeyFamily::RsaPss, self.check_modulus(bits)),
            Some(KeyAlgorithm::Ed25519) => (KeyFamily::Ed25519, long(key_shape::ED25519)),
            Some(KeyAlgorithm::MlDsa(set)) => (KeyFamily::MlDsa, long(key_shape::ml_dsa(set))),
            _ if contains(&self.more_keys, oid) => return Ok(()),
            Some(KeyAlgorithm::Dsa) => return Err(PolicyError::Dsa),
            None => return Err(PolicyError::UnknownAlgorithm),
        };
        self.check_family(family)?;
        shape
    }

    /// Must a hash suit the key that signs?
    pub(crate) const fn binds_hashes(&self) -> bool {
        self.hash_of_curve
    }

    /// Judges a signature algorithm together with the key that signs, each of which has been judged
    /// by itself.
    ///
    /// # Errors
    /// [`PolicyError::HashOfAnotherCurve`].
    pub fn check_pair(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        signature: &AlgorithmIdentifier<'_>,
    ) -> Result<(), PolicyError> {
        let Some(SignatureAlgorithm::Ecdsa(hash)) = SignatureAlgorithm::from_oid(signature.oid())
        else {
            return Ok(());
        };
        match NamedCurve::from_parameters(key.algorithm().parameters()) {
            Ok(curve) if self.hash_of_curve && curve.hash() != hash => {
                Err(PolicyError::HashOfAnotherCurve(curve))
            }
            _ => Ok(()),
        }
    }

    /// Appends a stable form: equal policies give equal bytes, in whatever order they were built,
    /// and others do not.
    pub(crate) fn write_digest(&self, out: &mut Vec<u8>) {
        const FORM: u8 = 1;
        out.extend([
            FORM,
            self.hashes.0,
            self.families.0,
            self.curves.0,
            u8::from(self.whole_octet_rsa)
                | u8::from(self.conventional_pss) << 1
                | u8::from(self.hash_of_curve) << 2,
        ]);
        out.extend(self.min_rsa_bits.to_be_bytes());
        out.extend(self.max_rsa_bits.to_be_bytes());
        for list in [&self.more_signatures, &self.more_keys] {
            out.extend((list.len() as u64).to_be_bytes());
            for algorithm in list {
                // An ObjectIdentifier is shorter than 256 octets: the others of its length are 0.
                let [.., length] = algorithm.as_bytes().len().to_be_bytes();
                out.push(length);
                out.extend(algorithm.as_bytes());
            }
        }
    }

    fn check_family(&self, family: KeyFamily) -> Result<(), PolicyError> {
        let is_allowed = self.families.has(family as u8);
        require(is_allowed, PolicyError::KeyFamily(family))
    }

    fn check_hash(&self, hash: HashAlgorithm) -> Result<(), PolicyError> {
        require(self.hashes.has(hash as u8), PolicyError::WeakHash(hash))
    }

    /// Both kinds of RSA key make PSS signatures; parameters that are not there stand for SHA-1.
    fn check_pss(&self, parameters: Option<&[u8]>) -> Result<(), PolicyError> {
        if !self.families.has(KeyFamily::RsaPss as u8) {
            self.check_family(KeyFamily::Rsa)?;
        }
        let parameters = parameters
            .and_then(PssParameters::from_der)
            .ok_or(PolicyError::PssParameters)?;
        self.check_hash(parameters.hash)?;
        self.check_hash(parameters.mask_hash)?;
        let is_taken = !self.conventional_pss || parameters.is_conventional();
        require(is_taken, PolicyError::UnconventionalPss)
    }

    fn check_point(&self, parameters: Option<&[u8]>, key: &[u8]) -> Result<(), PolicyError> {
        match NamedCurve::from_parameters(parameters) {
            Ok(curve) if self.curves.has(curve as u8) => {
                require(is_point(curve, key), PolicyError::MalformedKey)
            }
            Ok(curve) => Err(PolicyError::Curve(curve)),
            Err(KeyError::UnsupportedCurve) => Err(PolicyError::UnknownCurve),
            Err(KeyError::ExplicitCurve) => Err(PolicyError::ExplicitCurve),
            Err(_) => Err(PolicyError::MalformedKey),
        }
    }

    fn check_modulus(&self, key: &[u8]) -> Result<(), PolicyError> {
        let bits = modulus_bits(key).ok_or(PolicyError::MalformedKey)?;
        require(bits >= self.min_rsa_bits, PolicyError::SmallRsaKey { bits })?;
        require(bits <= self.max_rsa_bits, PolicyError::LargeRsaKey { bits })?;
        let is_taken = !self.whole_octet_rsa || bits.is_multiple_of(8);
        require(is_taken, PolicyError::UnevenRsaKey { bits })
    }
}

fn require(holds: bool, error: PolicyError) -> Result<(), PolicyError> {
    if holds { Ok(()) } else { Err(error) }
}

/// Members of a small enumeration, a bit each: the order of insertion leaves no trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set(u8);

impl Set {
    /// All members to the last one that is meant: those that come later are not in it.
    const fn up_to(last: u8) -> Self {
        Self((2 << last) - 1)
    }

    const fn with(self, member: u8) -> Self {
        Self(self.0 | 1 << member)
    }

    const fn without(self, member: u8) -> Self {
        Self(self.0 & !(1 << member))
    }

    const fn has(self, member: u8) -> bool {
        self.0 & 1 << member != 0
    }
}

/// Keeps the list sorted and without repetitions.
fn insert(list: &mut Vec<ObjectIdentifier>, algorithm: ObjectIdentifier) {
    let place = list.binary_search_by(|member| member.as_bytes().cmp(algorithm.as_bytes()));
    if let Err(place) = place {
        list.insert(place, algorithm);
    }
}

fn contains(list: &[ObjectIdentifier], oid: Oid<'_>) -> bool {
    list.binary_search_by(|member| member.as_bytes().cmp(oid.as_bytes()))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use portcullis_testkit::der::{oid, tlv};
    use portcullis_testkit::parts::{algorithm, pss_parameters, rsa_key, spki};
    use proptest::prelude::*;

    use super::*;

    const SHA1: &str = "1.3.14.3.2.26";
    const SHA256: &str = "2.16.840.1.101.3.4.2.1";
    const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";
    const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
    const DSA_WITH_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.3");

    fn signature(
        policy: &AlgorithmPolicy,
        text: &str,
        parameters: Option<&[u8]>,
    ) -> Result<(), PolicyError> {
        let der = algorithm(text, parameters);
        policy.check_signature(&AlgorithmIdentifier::from_der(&der).unwrap())
    }

    fn key(
        policy: &AlgorithmPolicy,
        text: &str,
        parameters: Option<&[u8]>,
        key: &[u8],
    ) -> Result<(), PolicyError> {
        let der = spki(&algorithm(text, parameters), key);
        policy.check_key(&SubjectPublicKeyInfo::from_der(&der).unwrap())
    }

    fn rsa(policy: &AlgorithmPolicy, bits: usize) -> Result<(), PolicyError> {
        let mut modulus = alloc::vec![0xff; bits.div_ceil(8)];
        modulus[0] = 0xff >> (modulus.len() * 8 - bits);
        let der = rsa_key(&modulus, &[1, 0, 1]);
        key(policy, "1.2.840.113549.1.1.1", Some(&[5, 0]), &der)
    }

    fn ec(policy: &AlgorithmPolicy, parameters: Option<&[u8]>) -> Result<(), PolicyError> {
        let curve = NamedCurve::from_parameters(parameters);
        let field = curve.map_or(32, NamedCurve::field_octets);
        let point = alloc::vec![4; 1 + 2 * field];
        key(policy, "1.2.840.10045.2.1", parameters, &point)
    }

    fn digest(policy: &AlgorithmPolicy) -> Vec<u8> {
        let mut out = Vec::new();
        policy.write_digest(&mut out);
        out
    }

    #[test]
    fn hashes() {
        let policy = AlgorithmPolicy::default();
        for (text, answer) in [
            ("1.2.840.113549.1.1.11", Ok(())),
            ("1.2.840.113549.1.1.13", Ok(())),
            ("1.2.840.10045.4.3.2", Ok(())),
            ("1.3.101.112", Ok(())),
            ("2.16.840.1.101.3.4.3.18", Ok(())),
            ("1.2.840.113549.1.1.4", Err(PolicyError::BrokenHash)),
            ("1.2.840.113549.1.1.2", Err(PolicyError::BrokenHash)),
            (
                "1.2.840.113549.1.1.5",
                Err(PolicyError::WeakHash(HashAlgorithm::Sha1)),
            ),
            (
                "1.2.840.10045.4.1",
                Err(PolicyError::WeakHash(HashAlgorithm::Sha1)),
            ),
            ("1.2.840.10040.4.3", Err(PolicyError::Dsa)),
            ("1.2.840.113549.1.1.14", Err(PolicyError::UnknownAlgorithm)),
            ("1.2.3.4", Err(PolicyError::UnknownAlgorithm)),
        ] {
            assert_eq!(signature(&policy, text, None), answer, "{text}");
        }
        let lax = policy.allow_hash(HashAlgorithm::Sha1);
        assert_eq!(signature(&lax, "1.2.840.113549.1.1.5", None), Ok(()));
        assert_eq!(
            signature(&lax, "1.2.840.113549.1.1.4", None),
            Err(PolicyError::BrokenHash)
        );
        let strict = lax.forbid_hash(HashAlgorithm::Sha256);
        assert_eq!(
            signature(&strict, "1.2.840.113549.1.1.11", None),
            Err(PolicyError::WeakHash(HashAlgorithm::Sha256))
        );
    }

    #[test]
    fn hashes_of_pss_stand_in_its_parameters() {
        let policy = AlgorithmPolicy::default();
        let pss = |hash, mask| pss_parameters(hash, mask, 32, true);
        let check = |parameters: &[u8]| signature(&policy, RSASSA_PSS, Some(parameters));
        let weak = Err(PolicyError::WeakHash(HashAlgorithm::Sha1));
        assert_eq!(check(&pss(SHA256, SHA256)), Ok(()));
        assert_eq!(check(&pss(SHA1, SHA256)), weak);
        assert_eq!(check(&pss(SHA256, SHA1)), weak);
        assert_eq!(check(&[0x30, 0]), weak);
        assert_eq!(check(&pss_parameters(SHA256, SHA256, 222, true)), Ok(()));
        assert_eq!(check(&[5, 0]), Err(PolicyError::PssParameters));
        assert_eq!(
            signature(&policy, RSASSA_PSS, None),
            Err(PolicyError::PssParameters)
        );
    }

    /// Baseline Requirements section 7.1.3.2.1.
    #[test]
    fn web_pki_has_the_usual_pss_only() {
        let web = AlgorithmPolicy::web_pki();
        let check = |mask, salt| {
            let parameters = pss_parameters(SHA256, mask, salt, true);
            signature(&web, RSASSA_PSS, Some(&parameters))
        };
        let unconventional = Err(PolicyError::UnconventionalPss);
        assert_eq!(check(SHA256, 32), Ok(()));
        assert_eq!(check(SHA256, 0), unconventional);
        assert_eq!(check(SHA256, 222), unconventional);
        assert_eq!(check("2.16.840.1.101.3.4.2.2", 32), unconventional);
    }

    #[test]
    fn a_hash_suits_its_curve() {
        const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
        let pair = |policy: &AlgorithmPolicy, signature: &str| {
            let key = spki(&algorithm("1.2.840.10045.2.1", Some(P384)), &[4]);
            let signature = algorithm(signature, None);
            policy.check_pair(
                &SubjectPublicKeyInfo::from_der(&key).unwrap(),
                &AlgorithmIdentifier::from_der(&signature).unwrap(),
            )
        };
        let other = Err(PolicyError::HashOfAnotherCurve(NamedCurve::P384));
        let web = AlgorithmPolicy::web_pki();
        for (hash, expected) in [(2, other), (3, Ok(())), (4, other)] {
            let ecdsa = alloc::format!("1.2.840.10045.4.3.{hash}");
            assert_eq!(pair(&web, &ecdsa), expected);
            assert_eq!(pair(&AlgorithmPolicy::default(), &ecdsa), Ok(()));
        }
        assert_eq!(pair(&web, "1.3.101.112"), Ok(()));
    }

    #[test]
    fn rsa_lengths() {
        let policy = AlgorithmPolicy::default();
        assert_eq!(rsa(&policy, 2048), Ok(()));
        assert_eq!(rsa(&policy, 2052), Ok(()));
        assert_eq!(rsa(&policy, 8192), Ok(()));
        assert_eq!(
            rsa(&policy, 2047),
            Err(PolicyError::SmallRsaKey { bits: 2047 })
        );
        assert_eq!(
            rsa(&policy, 8193),
            Err(PolicyError::LargeRsaKey { bits: 8193 })
        );
        assert_eq!(rsa(&policy.clone().min_rsa_bits(1024), 1024), Ok(()));
        assert_eq!(
            rsa(&policy.max_rsa_bits(2048), 2049),
            Err(PolicyError::LargeRsaKey { bits: 2049 })
        );
        let web = AlgorithmPolicy::web_pki();
        assert_eq!(rsa(&web, 2056), Ok(()));
        assert_eq!(
            rsa(&web, 2052),
            Err(PolicyError::UnevenRsaKey { bits: 2052 })
        );
    }

    #[test]
    fn an_unreadable_modulus_is_malformed() {
        let policy = AlgorithmPolicy::default().min_rsa_bits(0);
        for bits in [
            &[][..],
            &[0x30, 0],
            &[0x30, 2, 2, 0],
            &[0x30, 3, 2, 1, 0x80],
            &[0x30, 4, 2, 2, 0, 1],
            &[2, 1, 1],
        ] {
            assert_eq!(
                key(&policy, "1.2.840.113549.1.1.1", Some(&[5, 0]), bits),
                Err(PolicyError::MalformedKey)
            );
        }
    }

    #[test]
    fn curves() {
        let policy = AlgorithmPolicy::default().forbid_curve(NamedCurve::P521);
        let p256 = oid("1.2.840.10045.3.1.7");
        let p521 = oid("1.3.132.0.35");
        assert_eq!(ec(&policy, Some(&p256)), Ok(()));
        assert_eq!(
            ec(&policy, Some(&p521)),
            Err(PolicyError::Curve(NamedCurve::P521))
        );
        assert_eq!(
            ec(&policy.clone().allow_curve(NamedCurve::P521), Some(&p521)),
            Ok(())
        );
        assert_eq!(
            ec(&policy, Some(&oid("1.2.840.10045.3.1.1"))),
            Err(PolicyError::UnknownCurve)
        );
        assert_eq!(
            ec(&policy, Some(&tlv(0x30, &[2, 1, 1]))),
            Err(PolicyError::ExplicitCurve)
        );
        assert_eq!(ec(&policy, None), Err(PolicyError::MalformedKey));
    }

    #[test]
    fn keys_are_as_long_as_their_algorithm() {
        let policy = AlgorithmPolicy::default();
        let curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"].map(oid);
        for (text, parameters, length) in [
            ("1.2.840.10045.2.1", Some(&curves[0][..]), 65),
            ("1.2.840.10045.2.1", Some(&curves[1]), 97),
            ("1.2.840.10045.2.1", Some(&curves[2]), 133),
            ("1.3.101.112", None, 32),
            ("2.16.840.1.101.3.4.3.17", None, 1312),
            ("2.16.840.1.101.3.4.3.18", None, 1952),
            ("2.16.840.1.101.3.4.3.19", None, 2592),
        ] {
            let judge = |octets| key(&policy, text, parameters, &alloc::vec![4; octets]);
            assert_eq!(judge(length), Ok(()), "{text}");
            for other in [0, length - 1, length + 1] {
                assert_eq!(judge(other), Err(PolicyError::MalformedKey), "{text}");
            }
        }
    }

    #[test]
    fn web_pki_has_fewer_families() {
        let web = AlgorithmPolicy::web_pki();
        assert_eq!(
            key(&web, "1.3.101.112", None, &[0; 32]),
            Err(PolicyError::KeyFamily(KeyFamily::Ed25519))
        );
        assert_eq!(
            signature(&web, "1.3.101.112", None),
            Err(PolicyError::KeyFamily(KeyFamily::Ed25519))
        );
        assert_eq!(
            signature(&web, "2.16.840.1.101.3.4.3.17", None),
            Err(PolicyError::KeyFamily(KeyFamily::MlDsa))
        );
        assert_eq!(
            key(&web, RSASSA_PSS, None, &[]),
            Err(PolicyError::KeyFamily(KeyFamily::RsaPss))
        );
        let pss = pss_parameters(SHA256, SHA256, 32, true);
        assert_eq!(signature(&web, RSASSA_PSS, Some(&pss)), Ok(()));
        let no_rsa = web.forbid_family(KeyFamily::Rsa);
        assert_eq!(
            signature(&no_rsa, RSASSA_PSS, Some(&pss)),
            Err(PolicyError::KeyFamily(KeyFamily::Rsa))
        );
        assert_eq!(
            signature(
                &no_rsa.allow_family(KeyFamily::RsaPss),
                RSASSA_PSS,
                Some(&pss)
            ),
            Ok(())
        );
    }

    #[test]
    fn algorithms_of_a_provider_of_ones_own() {
        let policy = AlgorithmPolicy::default();
        assert_eq!(
            key(&policy, "1.2.840.10040.4.1", None, &[]),
            Err(PolicyError::Dsa)
        );
        let policy = policy
            .allow_key(DSA)
            .allow_signature(DSA_WITH_SHA1)
            .allow_signature(ObjectIdentifier::new_unwrap("1.2.3.4"));
        assert_eq!(key(&policy, "1.2.840.10040.4.1", None, &[]), Ok(()));
        assert_eq!(signature(&policy, "1.2.840.10040.4.3", None), Ok(()));
        assert_eq!(signature(&policy, "1.2.3.4", None), Ok(()));
        // Only what was named, and never what another setting governs.
        assert_eq!(
            signature(&policy, "2.16.840.1.101.3.4.3.2", None),
            Err(PolicyError::Dsa)
        );
        let md5 = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4");
        assert_eq!(
            signature(&policy.allow_signature(md5), "1.2.840.113549.1.1.4", None),
            Err(PolicyError::BrokenHash)
        );
    }

    #[test]
    fn the_digest_forgets_the_order_and_nothing_else() {
        let base = AlgorithmPolicy::default();
        let one = base
            .clone()
            .allow_key(DSA)
            .allow_signature(DSA_WITH_SHA1)
            .allow_signature(DSA);
        let other = base
            .clone()
            .allow_signature(DSA)
            .allow_signature(DSA_WITH_SHA1)
            .allow_signature(DSA)
            .allow_key(DSA);
        assert_eq!(one, other);
        assert_eq!(digest(&one), digest(&other));

        let different = [
            base.clone(),
            AlgorithmPolicy::web_pki(),
            base.clone().allow_hash(HashAlgorithm::Sha1),
            base.clone().forbid_curve(NamedCurve::P384),
            base.clone().forbid_family(KeyFamily::Ed25519),
            base.clone().min_rsa_bits(3072),
            base.clone().max_rsa_bits(4096),
            base.clone().whole_octet_rsa(true),
            base.clone().conventional_pss(true),
            base.clone().hash_of_curve(true),
            base.clone().allow_key(DSA),
            base.clone().allow_signature(DSA),
            one,
        ];
        for (i, a) in different.iter().enumerate() {
            for b in &different[..i] {
                assert_ne!(digest(a), digest(b));
            }
        }
    }

    proptest! {
        #[test]
        fn the_length_is_that_of_the_number(bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
            let expected = bytes
                .iter()
                .position(|&b| b != 0)
                .map_or(0, |i| (bytes.len() - i) as u32 * 8 - bytes[i].leading_zeros());
            prop_assert_eq!(modulus_bits(&rsa_key(&bytes, &[3])), (expected > 0).then_some(expected));
        }
    }
}
