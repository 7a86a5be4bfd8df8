//! Lists of revoked certificates (RFC 5280 section 5) as bytes: parsed once, looked up often.
//!
//! A [`Crl`] is the bytes that came in, the offsets of its fields, and an index from serial numbers to entries. Parsing
//! checks all of it, every entry and its extensions included; afterwards nothing can fail. It trusts nothing: whether
//! the signature holds, whether the list is fresh, and whom it may speak of, is decided elsewhere.
//!
//! Version 1 and 2, complete and delta lists, lists for some reasons or some certificates only, and indirect lists parse.
//! An empty `revokedCertificates` is tolerated, as some issuers write it where RFC 5280 section 5.1.2.6 wants it absent.
//! A critical extension that is not known, of the list or of any entry, does not hinder parsing; it makes the list
//! [unusable](Crl::unusable).

mod entry;
mod error;
mod extension;
mod index;
mod issuers;
mod issuing_distribution_point;
mod layout;
mod number;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;

pub use entry::RevokedEntry;
pub use error::{CrlError, CrlField, CrlInputError};
pub use extension::MAX_EXTENSIONS;
pub use issuing_distribution_point::IssuingDistributionPoint;
pub use layout::MAX_BYTES;
pub use number::{CrlNumber, MAX_NUMBER_OCTETS};

use super::RevocationReason;
use crate::certificate::extensions::{AuthorityKeyIdentifier, CrlDistributionPoints};
use crate::certificate::{AlgorithmIdentifier, Extension, Name, pem};
use crate::der::Reader;
use crate::oid::Oid;
use crate::time::Time;
use entry::RawEntry;
use extension::RawExtension;
use layout::{Flaw, Known, Layout, serial_at};

/// The label of lists in PEM (RFC 7468 section 6).
const PEM_LABEL: &str = "X509 CRL";

/// The version of a list (RFC 5280 section 5.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrlVersion {
    /// No extensions.
    V1,
    /// Extensions of the list and of its entries.
    V2,
}

/// Why a list that parses cannot be used, by nobody who does not know more than this library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrlFlaw<'a> {
    /// The list has a critical extension that is not known (RFC 5280 section 5.2).
    UnknownCriticalExtension {
        /// Which.
        oid: Oid<'a>,
    },
    /// An entry has a critical extension that is not known (RFC 5280 section 5.3).
    UnknownCriticalEntryExtension {
        /// The serial number of the entry.
        serial: &'a [u8],
        /// Which.
        oid: Oid<'a>,
    },
}

impl fmt::Display for CrlFlaw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCriticalExtension { oid } => write!(
                f,
                "the list has the unknown critical extension {oid} [RFC 5280 section 5.2]"
            ),
            Self::UnknownCriticalEntryExtension { oid, .. } => write!(
                f,
                "an entry has the unknown critical extension {oid} [RFC 5280 section 5.3]"
            ),
        }
    }
}

/// A list of revoked certificates (RFC 5280 section 5.1).
///
/// Cloning shares the bytes and the index.
///
/// ```
/// use portcullis::revocation::Crl;
///
/// let list = Crl::from_pem(include_bytes!("../../../testdata/crls/crl-root-revoking.pem"))?;
/// assert_eq!(list.len(), 1);
/// let entry = list.entries().next().unwrap();
/// assert_eq!(list.find(entry.serial, list.issuer()), Some(entry));
/// # Ok::<(), portcullis::revocation::CrlInputError>(())
/// ```
#[derive(Clone)]
pub struct Crl(Arc<Inner>);

struct Inner {
    bytes: Vec<u8>,
    layout: Layout,
}

impl Crl {
    /// Parses one list in DER and keeps a copy of its bytes.
    ///
    /// # Errors
    /// When the bytes are not exactly one list in DER, break a rule of RFC 5280 section 5 that nothing can be concluded
    /// without, or exceed [`MAX_BYTES`] or [`MAX_EXTENSIONS`].
    pub fn from_der(der: &[u8]) -> Result<Self, CrlError> {
        let layout = Layout::parse(der)?;
        Ok(Self::new(der.to_vec(), layout))
    }

    /// As [`Crl::from_der`], keeping these bytes instead of a copy.
    ///
    /// # Errors
    /// As [`Crl::from_der`].
    pub fn from_vec(der: Vec<u8>) -> Result<Self, CrlError> {
        let layout = Layout::parse(&der)?;
        Ok(Self::new(der, layout))
    }

    fn new(bytes: Vec<u8>, layout: Layout) -> Self {
        Self(Arc::new(Inner { bytes, layout }))
    }

    /// All lists of a PEM bundle, in order; text between blocks and blocks of other kinds are skipped.
    ///
    /// # Errors
    /// When a block is broken, a list does not parse, or there is none.
    pub fn from_pem_bundle(text: &[u8]) -> Result<Vec<Self>, CrlInputError> {
        let blocks = pem::decode(text, PEM_LABEL).map_err(CrlInputError::Pem)?;
        if blocks.is_empty() {
            return Err(CrlInputError::Empty);
        }
        let parsed = blocks.into_iter().enumerate();
        let parsed = parsed.map(|(index, der)| {
            Self::from_vec(der).map_err(|error| CrlInputError::Crl { index, error })
        });
        parsed.collect()
    }

    /// The first list of PEM text; those behind it must parse too.
    ///
    /// # Errors
    /// As [`Crl::from_pem_bundle`].
    pub fn from_pem(text: &[u8]) -> Result<Self, CrlInputError> {
        let bundle = Self::from_pem_bundle(text)?;
        bundle.into_iter().next().ok_or(CrlInputError::Empty)
    }

    /// The list as PEM text (RFC 7468).
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(self.as_der(), PEM_LABEL)
    }

    /// The received bytes.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> CrlVersion {
        self.0.layout.version
    }

    /// What the issuer signed: the exact `TBSCertList`.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.layout.tbs.slice(self.as_der())
    }

    /// How it is signed.
    #[must_use]
    pub fn signature_algorithm(&self) -> AlgorithmIdentifier<'_> {
        let layout = &self.0.layout;
        let parameters = layout.algorithm.after(layout.algorithm_oid);
        let parameters = parameters.slice(self.as_der());
        AlgorithmIdentifier::from_parts(
            layout.algorithm.slice(self.as_der()),
            layout.algorithm_oid.slice(self.as_der()),
            Some(parameters).filter(|parameters| !parameters.is_empty()),
        )
    }

    /// The octets of the signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.0.layout.signature.slice(self.as_der())
    }

    /// Who signed it.
    #[must_use]
    pub fn issuer(&self) -> Name<'_> {
        Name::from_checked(self.0.layout.issuer.slice(self.as_der()))
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.0.layout.this_update
    }

    /// By when the next one will be issued; RFC 5280 section 5.1.2.5 wants it in every list.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.0.layout.next_update
    }

    /// Its number (RFC 5280 section 5.2.3).
    #[must_use]
    pub fn crl_number(&self) -> Option<CrlNumber<'_>> {
        CrlNumber::from_reader(self.known(Known::CrlNumber)?).ok()
    }

    /// Is its number marked critical? RFC 5280 section 5.2.3 forbids that to issuers.
    #[must_use]
    pub fn crl_number_is_critical(&self) -> bool {
        self.0.layout.is_critical(Known::CrlNumber)
    }

    /// The number of the list that this one is a delta to (RFC 5280 section 5.2.4).
    #[must_use]
    pub fn delta_base(&self) -> Option<CrlNumber<'_>> {
        CrlNumber::from_reader(self.known(Known::DeltaCrlIndicator)?).ok()
    }

    /// Does it tell only what has changed since another list?
    #[must_use]
    pub fn is_delta(&self) -> bool {
        self.known(Known::DeltaCrlIndicator).is_some()
    }

    /// Which of the issuer's keys signed it (RFC 5280 section 5.2.1).
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<AuthorityKeyIdentifier<'_>> {
        AuthorityKeyIdentifier::from_reader(self.known(Known::AuthorityKeyIdentifier)?).ok()
    }

    /// Which certificates it speaks of (RFC 5280 section 5.2.5); absent: all of its issuer's.
    #[must_use]
    pub fn issuing_distribution_point(&self) -> Option<IssuingDistributionPoint<'_>> {
        IssuingDistributionPoint::from_reader(self.known(Known::IssuingDistributionPoint)?).ok()
    }

    /// The issuing distribution point as received: lists of one issuer and scope have the same octets here.
    #[must_use]
    pub fn idp_der(&self) -> Option<&[u8]> {
        self.known(Known::IssuingDistributionPoint)
            .map(|reader| reader.rest())
    }

    /// Where deltas to this list are (RFC 5280 section 5.2.6).
    #[must_use]
    pub fn freshest_crl(&self) -> Option<CrlDistributionPoints<'_>> {
        CrlDistributionPoints::from_reader(self.known(Known::FreshestCrl)?).ok()
    }

    /// All extensions of the list, in order, known to this library or not.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        let mut reader = self.0.layout.extensions.reader(self.as_der());
        core::iter::from_fn(move || {
            let raw = RawExtension::read(&mut reader).ok()?;
            Some(Extension {
                oid: Oid::new(raw.oid),
                critical: raw.critical,
                value: raw.value.value,
            })
        })
    }

    /// Why nothing may be concluded from the list: a critical extension that is not known, of the list itself or else of
    /// any entry (RFC 5280 sections 5.2 and 5.3).
    #[must_use]
    pub fn unusable(&self) -> Option<CrlFlaw<'_>> {
        match self.0.layout.flaw? {
            Flaw::InList(extension) => {
                let oid = self.oid_at(extension)?;
                Some(CrlFlaw::UnknownCriticalExtension { oid })
            }
            Flaw::InEntry { entry, extension } => Some(CrlFlaw::UnknownCriticalEntryExtension {
                serial: serial_at(self.as_der(), entry),
                oid: self.oid_at(extension)?,
            }),
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.layout.count
    }

    /// True when no certificate is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All entries, in order.
    #[must_use]
    pub fn entries(&self) -> CrlEntries<'_> {
        CrlEntries {
            rest: self.0.layout.entries.reader(self.as_der()),
            left: self.len(),
            issuer: self.issuer(),
        }
    }

    /// What the list says of the certificate with this serial number (content octets, as
    /// [`Certificate::serial`](crate::Certificate::serial) gives them) of this issuer.
    ///
    /// Issuers are compared by RFC 5280 section 7.1. Of several entries for one certificate the first counts whose reason is
    /// not `removeFromCRL`; one with that reason is reported only where there is no other. So an entry that undoes
    /// a revocation, or a later duplicate, hides none.
    ///
    /// `removeFromCRL` has a meaning in delta lists only (RFC 5280 section 5.3.1); in another list the entry is reported as it
    /// stands, and the caller decides.
    #[must_use]
    pub fn find(&self, serial: &[u8], certificate_issuer: Name<'_>) -> Option<RevokedEntry<'_>> {
        let layout = &self.0.layout;
        let hash = index::hash(serial, layout.issuers.key_of(&certificate_issuer));
        let mut removal = None;
        for offset in layout.index.candidates(hash) {
            if serial_at(self.as_der(), offset) != serial {
                continue;
            }
            let issuer = layout.issuers.name_at(self.as_der(), offset);
            let issuer = issuer.unwrap_or_else(|| self.issuer());
            if !issuer.matches(&certificate_issuer) {
                continue;
            }
            let Some(entry) = self.entry_at(offset, issuer) else {
                continue;
            };
            if entry.reason != Some(RevocationReason::RemoveFromCrl) {
                return Some(entry);
            }
            removal.get_or_insert(entry);
        }
        removal
    }

    /// What the list holds in memory, in octets: its bytes, its index and itself.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let inner = &*self.0;
        let own = inner.layout.index.memory_size() + inner.layout.issuers.memory_size();
        size_of::<Inner>() + inner.bytes.capacity() + own
    }

    fn known(&self, known: Known) -> Option<Reader<'_>> {
        self.0.layout.known(self.as_der(), known)
    }

    fn oid_at(&self, extension: u32) -> Option<Oid<'_>> {
        let bytes = self.as_der().get(extension as usize..)?;
        let raw = RawExtension::read(&mut Reader::new(bytes)).ok()?;
        Some(Oid::new(raw.oid))
    }

    fn entry_at<'a>(&'a self, offset: u32, issuer: Name<'a>) -> Option<RevokedEntry<'a>> {
        let bytes = self.as_der().get(offset as usize..)?;
        let raw = RawEntry::read(&mut Reader::at(bytes, offset)).ok()?;
        Some(raw.view(issuer))
    }
}

impl PartialEq for Crl {
    /// Equality of the received bytes.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.as_der() == other.as_der()
    }
}

impl Eq for Crl {}

impl AsRef<[u8]> for Crl {
    fn as_ref(&self) -> &[u8] {
        self.as_der()
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("issuer", &format_args!("{:.200}", self.issuer()))
            .field("this_update", &format_args!("{}", self.this_update()))
            .field("entries", &self.len())
            .field("bytes", &self.as_der().len())
            .finish_non_exhaustive()
    }
}

/// The entries of a list in its order, made by [`Crl::entries`].
#[derive(Clone, Debug)]
pub struct CrlEntries<'a> {
    rest: Reader<'a>,
    left: usize,
    issuer: Name<'a>,
}

impl<'a> Iterator for CrlEntries<'a> {
    type Item = RevokedEntry<'a>;

    fn next(&mut self) -> Option<RevokedEntry<'a>> {
        self.left = self.left.checked_sub(1)?;
        // The same bytes were read when the list was parsed: there is no error to lose.
        let raw = RawEntry::read(&mut self.rest).ok()?;
        self.issuer = raw.issuer.unwrap_or(self.issuer);
        Some(raw.view(self.issuer))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for CrlEntries<'_> {}

impl FusedIterator for CrlEntries<'_> {}
