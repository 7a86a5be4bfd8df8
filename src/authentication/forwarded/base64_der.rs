//! One certificate as base64 of its DER, on one line: what ASP.NET, Azure, Caddy and Cloudflare
//! have in common.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codec::{Certificates, Wire, WithBase64};
use super::encoding::base64::{self, Padding};
use super::error::ForwardedError;
use super::headers::HeaderName;
use super::source::Source;
use crate::validator::Presented;

/// One certificate as base64 of its DER. Anything else in it, a PKCS #12 file, PEM, a second
/// certificate, is an error.
#[derive(Clone, Debug, Default)]
pub struct Base64Der {
    padding: Padding,
}

impl Wire for Base64Der {
    fn more_headers(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    fn read(&self, source: &mut Source<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let Some(value) = source.certificate()? else {
            return Ok(None);
        };
        let der = base64::decode(value, self.padding);
        der.map(|der| Some(Vec::from([der])))
            .map_err(|fault| source.error(fault))
    }

    fn write(&self, header: &HeaderName, presented: &Presented) -> Vec<(String, String)> {
        let value = base64::encode(presented.leaf().as_der());
        Vec::from([(header.to_string(), value)])
    }
}

impl WithBase64 for Base64Der {
    fn padding_mut(&mut self) -> &mut Padding {
        &mut self.padding
    }
}
