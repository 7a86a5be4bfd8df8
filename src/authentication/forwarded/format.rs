//! The structure that all formats share: a header with the leaf or the whole chain, and in some
//! formats a second header with the rest of the chain.
//!
//! A format decodes and encodes the values of both headers. This module reads the headers, joins
//! the two values and reports errors.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::error::{ForwardedError, HeaderFault};
use super::header_reader::{HeaderOptions, HeaderReader};
use super::headers::HeaderName;
use crate::certificate::Certificate;
use crate::validator::Presented;

/// The DER of a leaf and of the certificates that came with it.
pub(super) type Certificates = Vec<Vec<u8>>;

/// The result of decoding a value.
pub(super) type Decoded = Result<Certificates, HeaderFault>;

/// Whether a format has a second header, for the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainHeader {
    /// No second header.
    None,
    /// A header that occurs once.
    Once,
    /// A list, which may be split over several lines (RFC 9110 section 5.3).
    List,
}

/// How one format reads and writes its values.
pub trait ValueFormat: Clone + fmt::Debug {
    /// The second header, if any.
    const CHAIN: ChainHeader = ChainHeader::None;

    /// Decodes the first header: the leaf, then any other certificates.
    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded;

    /// Encodes the value of the first header.
    fn encode(&self, presented: &Presented) -> String;

    /// Decodes the chain header.
    fn decode_chain(&self, _value: &[u8], _options: &HeaderOptions) -> Decoded {
        Ok(Vec::new())
    }

    /// Encodes the value of the chain header. `None` omits the header.
    fn encode_chain(&self, _chain: &[Certificate]) -> Option<String> {
        None
    }

    /// The name of the first chain header.
    fn first_chain_header(&self, chain_header: &HeaderName) -> HeaderName {
        chain_header.clone()
    }

    /// Reads the certificates of a request, leaf first.
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

    /// Joins the leaf of one header and the chain of the other. Some proxies repeat the leaf in the
    /// chain, depending on their TLS library; the result has it once.
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
        // The lines of a list are joined by commas (RFC 9651 section 4.2).
        let chain = self.decode_chain(&lines.join(&b", "[..]), reader.options);
        let chain_header = &reader.options.chain_header;
        let mut chain = chain.map_err(|fault| ForwardedError::new(chain_header, fault))?;
        chain.retain(|other| !certificates.contains(other));
        certificates.append(&mut chain);
        Ok(certificates)
    }

    /// The other headers that the proxy sends, with their values for a valid certificate.
    fn confirmations(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Writes the headers for these certificates.
    fn write(&self, options: &HeaderOptions, presented: &Presented) -> Vec<(String, String)> {
        let mut headers = Vec::from([(options.header.to_string(), self.encode(presented))]);
        let chain = self.encode_chain(presented.certificates());
        headers.extend(chain.map(|value| (options.chain_header.to_string(), value)));
        let more = self.confirmations().iter();
        headers.extend(more.map(|(name, value)| (name.to_string(), value.to_string())));
        headers
    }
}

/// The result for a request without a leaf: a chain without a leaf is an error.
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
/// Only the formats of this module implement it.
pub trait Format: ValueFormat {}

impl<F: ValueFormat> Format for F {}

/// A format that uses base64.
pub trait WithBase64: Format {}

/// A format with a second header for the chain.
pub trait WithChainHeader: Format {}
