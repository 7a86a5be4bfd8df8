//! Octets that a seal vouches for (HMAC, RFC 2104).

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Octets whose seal holds. Nothing else makes one than verifying the seal.
#[derive(Clone, Copy)]
pub(super) struct Authentic<'a>(&'a [u8]);

impl<'a> Authentic<'a> {
    /// `content`, if `seal` is the code over it; `code` has begun.
    pub(super) fn verify(mut code: Hmac<Sha256>, content: &'a [u8], seal: &[u8]) -> Option<Self> {
        code.update(content);
        code.verify_slice(seal).ok().map(|()| Self(content))
    }

    /// What comes after so many octets.
    pub(super) fn after(self, octets: usize) -> Self {
        Self(self.0.get(octets..).unwrap_or_default())
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.0
    }
}
