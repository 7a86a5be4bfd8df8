//! Bytes that a seal authenticates (HMAC, RFC 2104).

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Bytes whose seal was verified. Only verification creates a value.
#[derive(Clone, Copy)]
pub(super) struct Authentic<'a>(&'a [u8]);

impl<'a> Authentic<'a> {
    /// Returns `content` if `seal` is its authentication code. `code` has already been fed what
    /// precedes the content.
    pub(super) fn verify(mut code: Hmac<Sha256>, content: &'a [u8], seal: &[u8]) -> Option<Self> {
        code.update(content);
        code.verify_slice(seal).ok().map(|()| Self(content))
    }

    /// The rest after this number of bytes.
    pub(super) fn after(self, octets: usize) -> Self {
        Self(self.0.get(octets..).unwrap_or_default())
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.0
    }
}
