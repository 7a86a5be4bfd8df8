//! A chain that comes in a header of its own, beside that of the leaf.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::codec::{Certificates, Codec, Format};
use super::error::{ForwardedError, HeaderFault};
use super::headers::{HeaderName, InvalidHeaderName};

/// A format with such a header.
pub trait WithChainHeader {
    /// Its name.
    fn chain_header_mut(&mut self) -> &mut HeaderName;
}

impl<F: Format + WithChainHeader> Codec<F> {
    /// The name of the header with the chain; for Apache, what stands before its number. Default:
    /// that of the format, a constant of its module. The proxy must remove or overwrite it as
    /// it does the other one: what a client smuggles in here is tried as an intermediate.
    ///
    /// # Errors
    /// When it is not the name of a header.
    pub fn chain_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
    ) -> Result<Self, InvalidHeaderName> {
        *self.format.chain_header_mut() = HeaderName::new(name)?;
        Ok(self)
    }
}

/// The leaf and its chain. Some proxies repeat the leaf in the chain, depending on their TLS
/// library; here it is there once.
pub(super) fn join(leaf: Vec<u8>, mut chain: Certificates) -> Certificates {
    chain.retain(|other| *other != leaf);
    chain.insert(0, leaf);
    chain
}

/// There is no leaf: then there must be no chain.
pub(super) fn none(
    header: &HeaderName,
    chain: &[&[u8]],
) -> Result<Option<Certificates>, ForwardedError> {
    let blank = |value: &&[u8]| value.iter().all(|octet| *octet == b' ');
    if chain.iter().all(blank) {
        Ok(None)
    } else {
        Err(ForwardedError::new(header, HeaderFault::ChainAlone))
    }
}
