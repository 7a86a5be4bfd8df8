//! What is held, for whoever lists it.

use alloc::string::String;
use core::fmt;

use super::entry::{Entry, Held, Source};
use super::responses::{About, Summary};
use crate::certificate::Name;
use crate::revocation::crl::Crl;
use crate::revocation::judge::Statement;
use crate::revocation::ocsp::OcspResponse;
use crate::time::Time;

/// What all that is held has.
macro_rules! kept {
    ($Kept:ident, $name:literal, $what:ident) => {
        impl<'a> $Kept<'a> {
            /// Where it was fetched from, and its successor will be.
            #[must_use]
            pub fn source(&self) -> Option<&'a Source> {
                self.entry.source.as_ref()
            }

            /// The URLs of its [`source`](Self::source).
            #[must_use]
            pub fn urls(&self) -> &'a [String] {
                self.source().map_or(&[], Source::urls)
            }

            /// The octets that it takes.
            #[must_use]
            pub fn size(&self) -> usize {
                self.entry.size()
            }
        }

        impl fmt::Debug for $Kept<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name)
                    .field(stringify!($what), self.$what())
                    .field("is_verified", &self.is_verified())
                    .field("size", &self.size())
                    .finish_non_exhaustive()
            }
        }
    };
}

/// A CRL that an [`Evidence`](super::Evidence) holds.
#[derive(Clone, Copy)]
pub struct KeptCrl<'a> {
    entry: &'a Entry,
    crl: &'a Crl,
    key: Option<&'a [u8]>,
}

kept!(KeptCrl, "KeptCrl", crl);

impl<'a> KeptCrl<'a> {
    pub(super) fn of(entry: &'a Entry) -> Option<Self> {
        match &entry.held {
            Held::Crl { crl, key } => Some(Self {
                entry,
                crl,
                key: key.as_deref(),
            }),
            Held::Response { .. } => None,
        }
    }

    /// The CRL: its issuer, its scope and its dates.
    #[must_use]
    pub fn crl(&self) -> &'a Crl {
        self.crl
    }

    /// Has a validation found whose key signed it? Until then nothing follows from it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.key.is_some()
    }

    /// The key that signed it: a `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn signed_by(&self) -> Option<&'a [u8]> {
        self.key
    }
}

/// A response that an [`Evidence`](super::Evidence) holds.
#[derive(Clone, Copy)]
pub struct KeptResponse<'a> {
    entry: &'a Entry,
    response: &'a OcspResponse,
    about: Option<&'a (About, Statement<'static>)>,
    summary: &'a Summary,
}

kept!(KeptResponse, "KeptResponse", response);

impl<'a> KeptResponse<'a> {
    pub(super) fn of(entry: &'a Entry) -> Option<Self> {
        match &entry.held {
            Held::Response {
                response,
                about,
                summary,
            } => Some(Self {
                entry,
                response,
                about: about.as_ref(),
                summary,
            }),
            Held::Crl { .. } => None,
        }
    }

    /// The response.
    #[must_use]
    pub fn response(&self) -> &'a OcspResponse {
        self.response
    }

    /// Has it been found to hold for a certificate, the one that [`serial`](Self::serial) and
    /// [`issuer`](Self::issuer) name? Until then nothing follows from it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.about.is_some()
    }

    /// The serial number of the certificate for which it holds.
    #[must_use]
    pub fn serial(&self) -> Option<&'a [u8]> {
        self.about.map(|(about, _)| &*about.serial)
    }

    /// The issuer of the certificate for which it holds.
    #[must_use]
    pub fn issuer(&self) -> Option<Name<'a>> {
        self.about
            .map(|(about, _)| Name::from_checked(&about.issuer))
    }

    /// Does it say that the certificate, or any of those of which it speaks, is revoked?
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.summary.is_revoked
    }

    /// When that was so.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.summary.this_update
    }

    /// By when more will be known.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.summary.next_update
    }
}
