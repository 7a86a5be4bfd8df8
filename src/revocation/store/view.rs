//! What is held, for whoever lists it.

use alloc::string::String;
use core::fmt;

use super::entry::{Entry, Source};
use crate::certificate::Name;
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::OcspResponse;
use crate::time::Time;

/// A kind of evidence, with what all that is held has.
macro_rules! kept {
    ($(#[$doc:meta])* $Kept:ident, $(#[$what_doc:meta])* $what:ident: $What:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $Kept<'a> {
            entry: &'a Entry,
            $what: &'a $What,
        }

        impl<'a> $Kept<'a> {
            pub(super) fn of(entry: &'a Entry) -> Option<Self> {
                let $what = entry.held.$what()?;
                Some(Self { entry, $what })
            }

            $(#[$what_doc])*
            #[must_use]
            pub fn $what(&self) -> &'a $What {
                self.$what
            }

            /// Has a validation found whose key vouches for it? Until then nothing follows from it.
            #[must_use]
            pub fn is_verified(&self) -> bool {
                self.entry.key.is_some()
            }

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
                f.debug_struct(stringify!($Kept))
                    .field(stringify!($what), self.$what)
                    .field("is_verified", &self.is_verified())
                    .field("size", &self.size())
                    .finish_non_exhaustive()
            }
        }
    };
}

kept! {
    /// A CRL that an [`Evidence`](super::Evidence) holds.
    KeptCrl,
    /// The CRL: its issuer, its scope and its dates.
    crl: Crl
}

kept! {
    /// A response that an [`Evidence`](super::Evidence) holds.
    ///
    /// If it is verified, it was found to hold for one certificate, the one that
    /// [`serial`](Self::serial) and [`issuer`](Self::issuer) name.
    KeptResponse,
    /// The response.
    response: OcspResponse
}

impl<'a> KeptCrl<'a> {
    /// The key that signed it: a `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn signed_by(&self) -> Option<&'a [u8]> {
        self.entry.key.as_deref()
    }
}

impl<'a> KeptResponse<'a> {
    /// The serial number of the certificate for which it holds.
    #[must_use]
    pub fn serial(&self) -> Option<&'a [u8]> {
        let about = self.entry.about.as_ref();
        about.map(|about| &*about.serial)
    }

    /// The issuer of the certificate for which it holds.
    #[must_use]
    pub fn issuer(&self) -> Option<Name<'a>> {
        let about = self.entry.about.as_ref();
        about.map(|about| Name::from_checked(&about.issuer))
    }

    /// Does it say that the certificate, or any of those of which it speaks, is revoked?
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.entry.summary.is_revoked
    }

    /// When that was so.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.entry.summary.this_update
    }

    /// By when more will be known.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.entry.summary.next_update
    }
}
