//! Statuses from elsewhere than CRLs and OCSP: a filter such as CRLite, or a list of one's own.

use core::fmt;

use super::RevocationReason;
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::time::Time;

/// Says of certificates whether they are revoked, before CRLs and OCSP are asked.
///
/// What it says good of needs no other evidence, and nothing is fetched for it. What evidence at
/// hand revokes stays revoked. It is given to `ValidatorBuilder::status_source`, and asked about
/// those certificates that [`RevocationFlag`](super::RevocationFlag) names, once in a validation;
/// under [`RevocationMode::NoCheck`](super::RevocationMode::NoCheck) nobody asks it.
///
/// It answers in the middle of a handshake, so it looks into memory and waits for nothing. A
/// verdict that a cache remembers does not ask again: whoever adds to a list lets the cache forget
/// whom the list strikes (`VerdictCache::forget`), or everybody.
///
/// `examples/deny_list` denies by hash of the key and by issuer and serial number.
pub trait StatusSource: Send + Sync + fmt::Debug {
    /// What is known of a certificate that the holder of this key issued, at this time.
    fn status(
        &self,
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        at: Time,
    ) -> KnownStatus;
}

/// What a [`StatusSource`] knows of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownStatus {
    /// It is revoked: whatever else is said of it.
    Revoked {
        /// Since when.
        date: Time,
        /// Why, where that is known.
        reason: Option<RevocationReason>,
    },
    /// It is not revoked, and need not be asked about until then. A time that is over says nothing.
    GoodUntil(Time),
    /// Nothing is known: CRLs and OCSP are asked.
    NotCovered,
}
