//! Bytes that a key of the caller's vouches for. Only a seal that holds makes them, so that a
//! record from anywhere else is never decoded.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Octets whose seal holds.
#[derive(Clone, Copy)]
pub(super) struct Authentic<'a>(&'a [u8]);

impl<'a> Authentic<'a> {
    /// These octets, if this is their seal. `code` has begun with what else the seal covers. The
    /// comparison takes the same time wherever the seals differ.
    pub(super) fn verify(mut code: Hmac<Sha256>, bytes: &'a [u8], seal: &[u8]) -> Option<Self> {
        code.update(bytes);
        code.verify_slice(seal).ok()?;
        Some(Self(bytes))
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The first octets, and what follows.
    pub(super) fn split<const N: usize>(self) -> Option<(&'a [u8; N], Self)> {
        let (first, rest) = self.0.split_first_chunk()?;
        Some((first, Self(rest)))
    }
}
