//! What is held, for whoever lists it.

use alloc::string::String;
use core::fmt;

use super::lists;
use super::record::Record;
use super::responses;
use crate::certificate::Name;
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::OcspResponse;
use crate::time::Time;

/// A list that an [`Evidence`](super::Evidence) holds.
#[derive(Clone, Copy)]
pub struct KeptList<'a>(pub(super) &'a lists::Entry);

impl<'a> KeptList<'a> {
    /// The list: its issuer, its scope and its dates.
    #[must_use]
    pub fn list(&self) -> &'a Crl {
        &self.0.list
    }

    /// Has a validation found whose key signed it? Until then nothing follows from it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.0.key.is_some()
    }

    /// The key that signed it: a `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn signed_by(&self) -> Option<&'a [u8]> {
        self.0.key.as_deref()
    }

    /// Where its successor is fetched from.
    #[must_use]
    pub fn urls(&self) -> &'a [String] {
        urls(&self.0.record)
    }

    /// The octets that it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.record.size()
    }
}

impl fmt::Debug for KeptList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptList")
            .field("list", self.list())
            .field("is_verified", &self.is_verified())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

/// A response that an [`Evidence`](super::Evidence) holds.
#[derive(Clone, Copy)]
pub struct KeptResponse<'a>(pub(super) &'a responses::Entry);

impl<'a> KeptResponse<'a> {
    /// The response.
    #[must_use]
    pub fn response(&self) -> &'a OcspResponse {
        &self.0.response
    }

    /// Has it been found to hold for a certificate, the one that [`serial`](Self::serial) and
    /// [`issuer`](Self::issuer) name? Until then nothing follows from it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.0.about.is_some()
    }

    /// The serial number of the certificate for which it holds.
    #[must_use]
    pub fn serial(&self) -> Option<&'a [u8]> {
        self.0.about.as_ref().map(|about| &*about.serial)
    }

    /// The issuer of the certificate for which it holds.
    #[must_use]
    pub fn issuer(&self) -> Option<Name<'a>> {
        let about = self.0.about.as_ref();
        about.map(|about| Name::from_checked(&about.issuer))
    }

    /// Does it say that the certificate, or any of those of which it speaks, is revoked?
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.0.statement.is_revoked
    }

    /// When that was so.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.0.statement.this_update
    }

    /// By when more will be known.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.0.statement.next_update
    }

    /// Where its successor is fetched from.
    #[must_use]
    pub fn urls(&self) -> &'a [String] {
        urls(&self.0.record)
    }

    /// The octets that it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.record.size()
    }
}

impl fmt::Debug for KeptResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptResponse")
            .field("response", self.response())
            .field("is_verified", &self.is_verified())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

fn urls(record: &Record) -> &[String] {
    record.source.as_ref().map_or(&[], |source| &source.urls)
}
