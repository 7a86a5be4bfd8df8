//! Builders of DER for the tests of this floor.

use alloc::vec::Vec;
use core::convert::Infallible;

use const_oid::ObjectIdentifier;
use rsa::rand_core::{TryCryptoRng, TryRng};

/// Tag, definite length, content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = alloc::vec![tag];
    match content.len() {
        n @ 0..=0x7f => out.push(n as u8),
        n @ 0x80..=0xff => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(content);
    out
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    element(6, ObjectIdentifier::new_unwrap(text).as_bytes())
}

/// An AlgorithmIdentifier; `parameters` is a whole element.
pub(crate) fn algorithm(text: &str, parameters: Option<&[u8]>) -> Vec<u8> {
    element(
        0x30,
        &[&oid(text)[..], parameters.unwrap_or_default()].concat(),
    )
}

pub(crate) fn bits(octets: &[u8]) -> Vec<u8> {
    element(3, &[&[0], octets].concat())
}

pub(crate) fn spki(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    element(0x30, &[algorithm, &bits(key)].concat())
}

/// A positive INTEGER from big-endian octets.
pub(crate) fn unsigned(octets: &[u8]) -> Vec<u8> {
    let start = octets
        .iter()
        .position(|&b| b != 0)
        .unwrap_or(octets.len().saturating_sub(1));
    let octets = &octets[start..];
    let sign: &[u8] = if octets[0] & 0x80 != 0 { &[0] } else { &[] };
    element(2, &[sign, octets].concat())
}

/// RSAPublicKey.
pub(crate) fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    element(0x30, &[unsigned(modulus), unsigned(exponent)].concat())
}

/// RSASSA-PSS-params with all fields but the trailer.
pub(crate) fn pss_parameters(hash: &str, mask_hash: &str, salt: u16, null: bool) -> Vec<u8> {
    let null = null.then_some(&[5u8, 0][..]);
    let mask = algorithm("1.2.840.113549.1.1.8", Some(&algorithm(mask_hash, null)));
    element(
        0x30,
        &[
            element(0xa0, &algorithm(hash, null)),
            element(0xa1, &mask),
            element(0xa2, &unsigned(&salt.to_be_bytes())),
        ]
        .concat(),
    )
}

/// A generator that gives the same for the same seed: SHA-256 of a counter.
pub(crate) struct SeededRng {
    seed: u64,
    counter: u64,
}

impl SeededRng {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    fn block(&mut self) -> [u8; 32] {
        self.counter += 1;
        crate::certificate::sha256(&[self.seed.to_be_bytes(), self.counter.to_be_bytes()].concat())
    }
}

impl TryRng for SeededRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|word| word as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let [a, b, c, d, e, f, g, h, ..] = self.block();
        Ok(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            let block = self.block();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for SeededRng {}
