//! Reads the headers of a request within the limits of a codec. Bytes and certificates are counted
//! before anything is decoded.

use alloc::vec::Vec;

use super::encoding::base64::Padding;
use super::error::{ForwardedError, HeaderFault};
use super::headers::{HeaderName, Headers, single};

defaults! {
    /// Limits on the headers of a request.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    #[must_use]
    pub struct ForwardedLimits;
    default;
    /// The total number of bytes in all headers that are read for a request. Default: 65,536, which
    /// is more than servers accept in headers. Proxies send less (Google Cloud and nginx at most 16
    /// KiB).
    pub bytes: usize = 64 * 1024;
    /// The number of certificates, including the leaf. Default: 16; a path of 32 exceeds the
    /// buffers of every proxy.
    pub certificates: usize = 16;
}

impl ForwardedLimits {
    setters! { const
        /// Sets the maximum number of bytes.
        bytes: usize;
        /// Sets the maximum number of certificates.
        certificates: usize;
    }
}

/// Which headers are read and how.
#[derive(Clone, Debug)]
pub struct HeaderOptions {
    pub(super) header: HeaderName,
    /// The same as `header` if the format has no chain header.
    pub(super) chain_header: HeaderName,
    pub(super) padding: Padding,
    pub(super) limits: ForwardedLimits,
    pub(super) empty_is_absent: bool,
}

/// The number of certificates that a value may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum CertificateLimit {
    One,
    /// At most `limit`, including those `already` read from other headers.
    Most {
        limit: usize,
        already: usize,
    },
}

impl CertificateLimit {
    pub(super) const fn of(options: &HeaderOptions, already: usize) -> Self {
        let limit = options.limits.certificates;
        Self::Most { limit, already }
    }

    /// Fails if this number of certificates exceeds the limit.
    pub(super) fn check(self, certificates: usize) -> Result<(), HeaderFault> {
        match self {
            Self::One if certificates > 1 => Err(HeaderFault::MoreThanOneCertificate),
            Self::Most { limit, already } if certificates.saturating_add(already) > limit => {
                Err(HeaderFault::TooManyCertificates { limit })
            }
            _ => Ok(()),
        }
    }
}

/// Gives a format the headers that it asks for, and counts their bytes.
pub struct HeaderReader<'h> {
    headers: &'h dyn Headers,
    pub(super) options: &'h HeaderOptions,
    bytes_read: usize,
}

impl<'h> HeaderReader<'h> {
    pub(super) fn new(headers: &'h dyn Headers, options: &'h HeaderOptions) -> Self {
        let bytes_read = 0;
        Self {
            headers,
            options,
            bytes_read,
        }
    }

    /// The only value of the header with the certificate.
    pub(super) fn certificate(&mut self) -> Result<Option<&'h [u8]>, ForwardedError> {
        match self.once(&self.options.header)? {
            Some([]) if self.options.empty_is_absent => Ok(None),
            Some([]) => Err(self.error(HeaderFault::Empty)),
            value => Ok(value),
        }
    }

    /// The only value of a header, which may be empty.
    pub(super) fn once(&mut self, header: &HeaderName) -> Result<Option<&'h [u8]>, ForwardedError> {
        let values = self.all(header)?;
        single(&values).map_err(|repeated| ForwardedError::new(header, repeated.into()))
    }

    /// All values of a header.
    pub(super) fn all(&mut self, header: &HeaderName) -> Result<Vec<&'h [u8]>, ForwardedError> {
        let values = self.headers.values(header.as_str());
        let lengths = values.iter().map(|value| value.len());
        self.bytes_read = lengths.fold(self.bytes_read, usize::saturating_add);
        let limit = self.options.limits.bytes;
        if self.bytes_read > limit {
            return Err(ForwardedError::new(header, HeaderFault::TooLarge { limit }));
        }
        Ok(values)
    }

    /// An error about the header with the certificate.
    pub(super) fn error(&self, fault: HeaderFault) -> ForwardedError {
        ForwardedError::new(&self.options.header, fault)
    }
}
