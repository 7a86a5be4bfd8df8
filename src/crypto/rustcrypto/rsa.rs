//! RSA by the crate `rsa`.
//!
//! It checks a PKCS #1 v1.5 signature by encoding what it must contain and comparing all of it (RFC
//! 8017 section 8.2.2), never by parsing what it contains: parsers are what Bleichenbacher's and
//! the BERserk forgeries lived on.

use rsa::{BoxedUint, Pkcs1v15Sign, Pss, PublicKey};

use crate::crypto::HashAlgorithm;
use crate::crypto::rsa_key::{RsaKey, RsaNumbers};
use crate::crypto::signed::with_hash;

impl RsaKey for PublicKey {
    fn new(numbers: &RsaNumbers<'_>) -> Option<Self> {
        let bits = 8 * numbers.modulus.len();
        let modulus = BoxedUint::from_be_slice_vartime(numbers.modulus);
        let exponent = BoxedUint::from(numbers.exponent);
        Self::new_with_size_limits(modulus, exponent, 0..=bits).ok()
    }

    fn verify_pkcs1(&self, hash: HashAlgorithm, hashed: &[u8], signature: &[u8]) -> bool {
        let scheme = with_hash!(hash, D => Pkcs1v15Sign::new::<D>());
        self.verify(scheme, hashed, signature).is_ok()
    }

    fn verify_pss(
        &self,
        hash: HashAlgorithm,
        salt_length: usize,
        hashed: &[u8],
        signature: &[u8],
    ) -> bool {
        with_hash!(hash, D => {
            let scheme = Pss::<D>::new_with_salt(salt_length);
            self.verify(scheme, hashed, signature).is_ok()
        })
    }
}
