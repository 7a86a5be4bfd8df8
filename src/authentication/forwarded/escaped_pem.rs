//! PEM with percent encoding, because a header cannot hold line breaks: the format of nginx, AWS
//! and Cloudflare.

use alloc::string::String;

use super::encoding::pem::{self, Lines};
use super::encoding::percent;
use super::format::{Decoded, ValueFormat};
use super::header_reader::{CertificateLimit, HeaderOptions};
use crate::certificate::Certificate;
use crate::validator::Presented;

/// PEM with percent encoding. A `+` stands for itself, not for a space.
#[derive(Clone, Debug)]
pub struct EscapedPem {
    has_chain: bool,
    stays: fn(u8) -> bool,
}

impl EscapedPem {
    /// The leaf alone. `stays` is true for octets that the proxy does not escape.
    pub(super) fn leaf(stays: fn(u8) -> bool) -> Self {
        let has_chain = false;
        Self { has_chain, stays }
    }

    /// The leaf and the rest of the chain.
    pub(super) fn chain(stays: fn(u8) -> bool) -> Self {
        let has_chain = true;
        Self { has_chain, stays }
    }
}

impl ValueFormat for EscapedPem {
    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        let limit = match self.has_chain {
            true => CertificateLimit::of(options, 0),
            false => CertificateLimit::One,
        };
        pem::decode(&percent::decode(value)?, Lines::Broken, limit)
    }

    fn encode(&self, presented: &Presented) -> String {
        let chain = presented.certificates().iter().filter(|_| self.has_chain);
        let certificates = core::iter::once(presented.leaf()).chain(chain);
        let text: String = certificates.map(Certificate::to_pem).collect();
        percent::encode(&text, self.stays)
    }
}
