//! RSA (RFC 8017 sections 8.1.2 and 8.2.2) over crypto-bigint's Montgomery forms.
//!
//! `s^e` is compared with what a signature of the hash must contain. For PKCS #1 v1.5 that is all
//! of it, encoded anew: nothing that came out of a signature is parsed, which is what
//! Bleichenbacher's and the BERserk forgeries lived on. For PSS it is what section 9.1.2 says, step
//! by step.

use alloc::vec;
use alloc::vec::Vec;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use sha2::Digest;

use crate::crypto::HashAlgorithm;
use crate::crypto::rsa_key::{RsaKey, RsaNumbers};
use crate::crypto::signed::with_hash;

pub(super) struct Key {
    modulus: BoxedMontyParams,
    exponent: u64,
    octets: usize,
    /// Bits of the highest octet of the modulus, 1 to 8.
    top_bits: u32,
}

impl RsaKey for Key {
    fn new(numbers: &RsaNumbers<'_>) -> Option<Self> {
        let modulus = BoxedUint::from_be_slice_vartime(numbers.modulus);
        let modulus: Option<Odd<BoxedUint>> = Odd::new(modulus).into();
        Some(Self {
            modulus: BoxedMontyParams::new_vartime(modulus?),
            exponent: numbers.exponent,
            octets: numbers.modulus.len(),
            top_bits: 8 - numbers.modulus.first()?.leading_zeros(),
        })
    }

    fn verify_pkcs1(&self, hash: HashAlgorithm, hashed: &[u8], signature: &[u8]) -> bool {
        let encoded = pkcs1_encoding(hash, hashed, self.octets);
        encoded.is_some() && self.power(signature) == encoded
    }

    fn verify_pss(
        &self,
        hash: HashAlgorithm,
        salt_length: usize,
        hashed: &[u8],
        signature: &[u8],
    ) -> bool {
        let Some(power) = self.power(signature) else {
            return false;
        };
        // The encoding has one bit less than the modulus, so perhaps one octet less.
        let (encoded, unused_bits) = match (self.top_bits, &power[..]) {
            (1, [0, encoded @ ..]) => (encoded, 0),
            (1, _) => return false,
            (bits, encoded) => (encoded, 9 - bits),
        };
        with_hash!(hash, D => {
            is_pss_encoding::<D>(encoded, unused_bits, hashed, salt_length).unwrap_or(false)
        })
    }
}

impl Key {
    /// `s^e`, as many octets as the modulus has; `None` if the number is not below the modulus.
    fn power(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let modulus: &BoxedUint = self.modulus.modulus();
        let number = BoxedUint::from_be_slice(signature, modulus.bits_precision()).ok()?;
        if number >= *modulus {
            return None;
        }
        let base = BoxedMontyForm::new(number, &self.modulus);
        let below_top = (0..u64::BITS - 1 - self.exponent.leading_zeros()).rev();
        let power = below_top.fold(base.clone(), |power, bit| {
            let square = power.square();
            match self.exponent >> bit & 1 {
                0 => square,
                _ => square.mul(&base),
            }
        });
        let octets = power.retrieve().to_be_bytes();
        let start = octets.len().checked_sub(self.octets)?;
        octets.get(start..).map(Vec::from)
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): `00 01 FF .. FF 00` and the DigestInfo, in which the
/// hash's parameters are NULL (appendix B.1).
fn pkcs1_encoding(hash: HashAlgorithm, hashed: &[u8], octets: usize) -> Option<Vec<u8>> {
    let prefix: &[u8] = match hash {
        HashAlgorithm::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
        HashAlgorithm::Sha256 => {
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        }
        HashAlgorithm::Sha384 => {
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
        }
        HashAlgorithm::Sha512 => {
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
        }
    };
    let padding = octets.checked_sub(prefix.len() + hashed.len() + 3)?;
    if padding < 8 {
        return None;
    }
    let mut encoded = vec![0xff; octets];
    let (start, end) = encoded.split_at_mut(2 + padding);
    start.get_mut(..2)?.copy_from_slice(&[0, 1]);
    let (zero, end) = end.split_first_mut()?;
    *zero = 0;
    let (info, value) = end.split_at_mut(prefix.len());
    info.copy_from_slice(prefix);
    value.copy_from_slice(hashed);
    Some(encoded)
}

/// EMSA-PSS-VERIFY (RFC 8017 section 9.1.2), from step 3 on, with MGF1 over the same hash. `None`
/// is no as well: lengths that do not fit.
fn is_pss_encoding<D: Digest>(
    encoded: &[u8],
    unused_bits: u32,
    hashed: &[u8],
    salt_length: usize,
) -> Option<bool> {
    let (&trailer, encoded) = encoded.split_last()?;
    let data_length = encoded.len().checked_sub(hashed.len())?;
    let (masked, hash) = encoded.split_at(data_length);
    let padding = data_length.checked_sub(salt_length + 1)?;
    let unused = !(0xff >> unused_bits);
    if trailer != 0xbc || masked.first()? & unused != 0 {
        return Some(false);
    }
    let mut data = mask::<D>(hash, data_length);
    for (octet, masked) in data.iter_mut().zip(masked) {
        *octet ^= masked;
    }
    *data.first_mut()? &= !unused;
    let (zeros, rest) = data.split_at(padding);
    let (&one, salt) = rest.split_first()?;
    if one != 1 || zeros.iter().any(|&octet| octet != 0) {
        return Some(false);
    }
    let again = D::new().chain_update([0; 8]).chain_update(hashed);
    Some(again.chain_update(salt).finalize()[..] == *hash)
}

/// MGF1 (RFC 8017 appendix B.2.1).
fn mask<D: Digest>(seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::new();
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        let block = D::new()
            .chain_update(seed)
            .chain_update(counter.to_be_bytes());
        mask.extend_from_slice(&block.finalize());
    }
    mask.truncate(length);
    mask
}
