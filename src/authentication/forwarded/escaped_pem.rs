//! PEM with percent encoding, since a header has no line breaks: what nginx, AWS and Cloudflare
//! have in common.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codec::{Certificates, Wire};
use super::encoding::pem::{self, Lines};
use super::encoding::percent;
use super::error::{ForwardedError, HeaderFault};
use super::headers::HeaderName;
use super::source::Source;
use crate::validator::Presented;

/// PEM with percent encoding. A `+` stays one.
#[derive(Clone, Debug)]
pub struct EscapedPem {
    chain: bool,
    stays: fn(u8) -> bool,
}

impl EscapedPem {
    /// The leaf alone; `stays` says which octets the proxy leaves as they are.
    pub(super) fn leaf(stays: fn(u8) -> bool) -> Self {
        let chain = false;
        Self { chain, stays }
    }

    /// The leaf and what came with it.
    pub(super) fn chain(stays: fn(u8) -> bool) -> Self {
        let chain = true;
        Self { chain, stays }
    }
}

impl Wire for EscapedPem {
    fn more_headers(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    fn read(&self, source: &mut Source<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let Some(value) = source.certificate()? else {
            return Ok(None);
        };
        let room_for = |certificates| match certificates {
            2.. if !self.chain => Err(HeaderFault::MoreThanOneCertificate),
            _ => source.room_for(certificates),
        };
        let text = percent::decode(value);
        let found = text.and_then(|text| pem::decode(&text, Lines::Broken, room_for));
        found.map(Some).map_err(|fault| source.error(fault))
    }

    fn write(&self, header: &HeaderName, presented: &Presented) -> Vec<(String, String)> {
        let mut text = pem::encode(presented.leaf().as_der());
        if self.chain {
            let chain = presented.certificates().iter();
            text.extend(chain.map(|certificate| pem::encode(certificate.as_der())));
        }
        let value = percent::encode(&text, self.stays);
        Vec::from([(header.to_string(), value)])
    }
}
