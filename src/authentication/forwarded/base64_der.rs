//! One certificate as base64 of its DER, on one line: the format of ASP.NET, Azure, Caddy and
//! Cloudflare.

use alloc::string::String;
use alloc::vec::Vec;

use super::encoding::base64;
use super::format::{Decoded, ValueFormat, WithBase64};
use super::header_reader::HeaderOptions;
use crate::validator::Presented;

/// One certificate as base64 of its DER. Any other content is an error, such as a PKCS #12 file,
/// PEM or a second certificate.
#[derive(Clone, Debug)]
pub struct Base64Der;

impl ValueFormat for Base64Der {
    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        Ok(Vec::from([base64::decode(value, options.padding)?]))
    }

    fn encode(&self, presented: &Presented) -> String {
        base64::encode(presented.leaf().as_der())
    }
}

impl WithBase64 for Base64Der {}
