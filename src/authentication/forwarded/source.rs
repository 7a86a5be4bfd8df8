//! The headers of a request under the limits of a codec.

use alloc::vec::Vec;

use super::codec::Options;
use super::error::{ForwardedError, HeaderFault};
use super::headers::{HeaderName, Headers, single};

/// What a format reads from. All that is read is counted, before anybody decodes it.
pub struct Source<'h> {
    headers: &'h dyn Headers,
    options: &'h Options,
    read: usize,
}

impl<'h> Source<'h> {
    pub(super) fn new(headers: &'h dyn Headers, options: &'h Options) -> Self {
        Self {
            headers,
            options,
            read: 0,
        }
    }

    /// The only value of the header with the certificate.
    pub(super) fn certificate(&mut self) -> Result<Option<&'h [u8]>, ForwardedError> {
        let header = &self.options.header;
        match self.once(header)? {
            Some([]) if self.options.empty_is_absent => Ok(None),
            Some([]) => Err(ForwardedError::new(header, HeaderFault::Empty)),
            value => Ok(value),
        }
    }

    /// The same, for a format that says by other means why it is absent or empty.
    pub(super) fn certificate_or_empty(&mut self) -> Result<&'h [u8], ForwardedError> {
        Ok(self.once(&self.options.header)?.unwrap_or_default())
    }

    /// The setting.
    pub(super) fn empty_is_absent(&self) -> bool {
        self.options.empty_is_absent
    }

    /// The only value of another header, which may be empty.
    pub(super) fn once(&mut self, header: &HeaderName) -> Result<Option<&'h [u8]>, ForwardedError> {
        let values = self.all(header)?;
        single(&values).map_err(|repeated| ForwardedError::new(header, repeated.into()))
    }

    /// All values of a header.
    pub(super) fn all(&mut self, header: &HeaderName) -> Result<Vec<&'h [u8]>, ForwardedError> {
        let values = self.headers.values(header.as_str());
        let lengths = values.iter().map(|value| value.len());
        self.read = lengths.fold(self.read, usize::saturating_add);
        let limit = self.options.limits.bytes;
        if self.read > limit {
            return Err(ForwardedError::new(header, HeaderFault::TooLarge { limit }));
        }
        Ok(values)
    }

    /// Is there room for so many certificates?
    pub(super) fn room_for(&self, certificates: usize) -> Result<(), HeaderFault> {
        let limit = self.options.limits.certificates;
        if certificates > limit {
            return Err(HeaderFault::TooManyCertificates { limit });
        }
        Ok(())
    }

    /// An error about the header with the certificate.
    pub(super) fn error(&self, fault: HeaderFault) -> ForwardedError {
        ForwardedError::new(&self.options.header, fault)
    }
}
