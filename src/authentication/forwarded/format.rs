//! The shape that all formats share: a header with the leaf or the whole chain, and for some a
//! second header with the rest of the chain.
//!
//! A format decodes and encodes the values of the two; reading, joining and errors are here.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::error::{ForwardedError, HeaderFault};
use super::header_reader::{HeaderOptions, HeaderReader};
use super::headers::HeaderName;
use crate::certificate::Certificate;
use crate::validator::Presented;

/// DER of a leaf and of the certificates that came with it.
pub(super) type Certificates = Vec<Vec<u8>>;

/// What a value comes to.
pub(super) type Decoded = Result<Certificates, HeaderFault>;

/// A second header, for the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainHeader {
    /// There is none.
    None,
    /// It occurs once.
    Once,
    /// It is a list, which may be spread over several lines (RFC 9110 section 5.3).
    List,
}

/// How the values of one format are read and written.
pub trait ValueFormat: Clone + fmt::Debug {
    /// Is there a second header?
    const CHAIN: ChainHeader = ChainHeader::None;

    /// The certificates in the first header, the leaf first.
    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded;

    /// The value of the first header.
    fn encode(&self, presented: &Presented) -> String;

    /// The certificates in the header of the chain.
    fn decode_chain(&self, _value: &[u8], _options: &HeaderOptions) -> Decoded {
        Ok(Vec::new())
    }

    /// The value of the chain's header; `None`: it is left out.
    fn encode_chain(&self, _chain: &[Certificate]) -> Option<String> {
        None
    }

    /// The first header of the chain.
    fn first_chain_header(&self, chain_header: &HeaderName) -> HeaderName {
        chain_header.clone()
    }

    /// The certificates of a request, the leaf first.
    fn read(&self, reader: &mut HeaderReader<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let leaf = reader.certificate()?;
        let chain_header = &reader.options.chain_header;
        let lines = match Self::CHAIN {
            ChainHeader::None => Vec::new(),
            ChainHeader::Once => reader.once(chain_header)?.into_iter().collect(),
            ChainHeader::List => reader.all(chain_header)?,
        };
        match leaf {
            None => without_leaf(chain_header, &lines),
            Some(leaf) => self.join(reader, leaf, &lines).map(Some),
        }
    }

    /// The leaf of one header and the chain of the other. Some proxies repeat the leaf in the
    /// chain, depending on their TLS library; here it is there once.
    fn join(
        &self,
        reader: &HeaderReader<'_>,
        leaf: &[u8],
        lines: &[&[u8]],
    ) -> Result<Certificates, ForwardedError> {
        let leaf = self.decode(leaf, reader.options);
        let mut certificates = leaf.map_err(|fault| reader.error(fault))?;
        if lines.is_empty() {
            return Ok(certificates);
        }
        // Lines of a list are one list, joined by commas (RFC 9651 section 4.2).
        let chain = self.decode_chain(&lines.join(&b", "[..]), reader.options);
        let chain_header = &reader.options.chain_header;
        let mut chain = chain.map_err(|fault| ForwardedError::new(chain_header, fault))?;
        chain.retain(|other| !certificates.contains(other));
        certificates.append(&mut chain);
        Ok(certificates)
    }

    /// Headers that the proxy sends besides, with their values for a good certificate.
    fn confirmations(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The headers for these certificates.
    fn write(&self, options: &HeaderOptions, presented: &Presented) -> Vec<(String, String)> {
        let mut headers = Vec::from([(options.header.to_string(), self.encode(presented))]);
        let chain = self.encode_chain(presented.certificates());
        headers.extend(chain.map(|value| (options.chain_header.to_string(), value)));
        let more = self.confirmations().iter();
        headers.extend(more.map(|(name, value)| (name.to_string(), value.to_string())));
        headers
    }
}

/// A chain without a leaf is an error.
pub(super) fn without_leaf(
    chain_header: &HeaderName,
    chain: &[&[u8]],
) -> Result<Option<Certificates>, ForwardedError> {
    let blank = |value: &&[u8]| value.iter().all(|octet| *octet == b' ');
    match chain.iter().all(blank) {
        true => Ok(None),
        false => Err(ForwardedError::new(chain_header, HeaderFault::ChainAlone)),
    }
}

/// A format of headers.
///
/// Implemented by the formats of this module, and by nothing else.
pub trait Format: ValueFormat {}

impl<F: ValueFormat> Format for F {}

/// A format with base64 in it.
pub trait WithBase64: Format {}

/// A format with a second header for the chain.
pub trait WithChainHeader: Format {}
