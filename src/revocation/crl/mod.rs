//! Lists of revoked certificates (RFC 5280 section 5) as bytes: parsed once, looked up often.
//!
//! A [`Crl`] is the bytes that came in, the offsets of its fields, and an index from serial numbers
//! to entries. Parsing checks all of it, every entry and its extensions included; afterwards
//! nothing can fail. It trusts nothing: whether the signature holds, whether the list is fresh, and
//! whom it may speak of, is decided elsewhere.
//!
//! Version 1 and 2, complete and delta lists, lists for some reasons or some certificates only, and
//! indirect lists parse. An empty `revokedCertificates` is tolerated, as some issuers write it
//! where RFC 5280 section 5.1.2.6 wants it absent. A critical extension that is not known, of the
//! list or of any entry, does not hinder parsing; it makes the list [unusable](Crl::unusable).

mod entries;
mod entry;
mod error;
mod extension;
mod index;
mod issuers;
mod issuing_distribution_point;
mod layout;
mod number;
mod octets;
mod plain;
mod revoked;
#[cfg(test)]
mod testing;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;

pub use error::{CrlError, CrlField, CrlInputError};
pub use extension::MAX_EXTENSIONS;
pub use issuers::MAX_ISSUER_WORK;
pub use issuing_distribution_point::IssuingDistributionPoint;
pub use layout::MAX_BYTES;
pub use number::{CrlNumber, MAX_NUMBER_OCTETS};
pub use revoked::RevokedEntry;

use crate::certificate::extensions::{
    AuthorityKeyIdentifier, CrlDistributionPoints, Decode, FreshestCrl,
};
use crate::certificate::raw_extension::RawExtension;
use crate::certificate::{AlgorithmIdentifier, Extension, Name, pem};
use crate::der::{Failed, Reader, tag};
use crate::oid::Oid;
use crate::time::Time;
use entries::{entry_at, serial_at, short_at};
use entry::RawEntry;
use layout::{Flaw, Known, Layout};
use octets::same;

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
/// assert_eq!(list.find(entry.serial(), list.issuer()), Some(entry));
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
    /// When the bytes are not exactly one list in DER, break a rule of RFC 5280 section 5 that
    /// nothing can be concluded without, or exceed [`MAX_BYTES`] or [`MAX_EXTENSIONS`].
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

    /// All lists of a PEM bundle, in order; text between blocks and blocks of other kinds are
    /// skipped.
    ///
    /// # Errors
    /// When a block is broken, a list does not parse, or there is none.
    pub fn from_pem_bundle(text: &[u8]) -> Result<Vec<Self>, CrlInputError> {
        let blocks = pem::decode(text, PEM_LABEL)?;
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
        AlgorithmIdentifier::from_checked(self.0.layout.algorithm.slice(self.as_der()))
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
        AuthorityKeyIdentifier::decode(self.known(Known::AuthorityKeyIdentifier)?).ok()
    }

    /// Which certificates it speaks of (RFC 5280 section 5.2.5); absent: all of its issuer's.
    #[must_use]
    pub fn issuing_distribution_point(&self) -> Option<IssuingDistributionPoint<'_>> {
        IssuingDistributionPoint::from_reader(self.known(Known::IssuingDistributionPoint)?).ok()
    }

    /// The issuing distribution point as received: lists of one issuer and scope have the same
    /// octets here.
    #[must_use]
    pub fn idp_der(&self) -> Option<&[u8]> {
        self.known(Known::IssuingDistributionPoint)
            .map(|reader| reader.rest())
    }

    /// Is its issuing distribution point, where there is one, critical and not empty? RFC 5280
    /// section 5.2.5 asks that of issuers.
    pub(crate) fn idp_follows_the_profile(&self) -> bool {
        let is_critical = self.0.layout.is_critical(Known::IssuingDistributionPoint);
        let says_something = |der: &[u8]| der != [tag::SEQUENCE, 0];
        self.idp_der()
            .is_none_or(|der| is_critical && says_something(der))
    }

    /// Has it an empty `revokedCertificates`? RFC 5280 section 5.1.2.6 wants that absent.
    pub(crate) fn has_empty_entries(&self) -> bool {
        self.0.layout.has_empty_entries
    }

    /// Where deltas to this list are (RFC 5280 section 5.2.6).
    #[must_use]
    pub fn freshest_crl(&self) -> Option<CrlDistributionPoints<'_>> {
        let value = self.known(Known::FreshestCrl)?;
        FreshestCrl::decode(value)
            .ok()
            .map(|freshest| freshest.points())
    }

    /// All extensions of the list, in order, known to this library or not.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        let mut reader = self.0.layout.extensions.reader::<Failed>(self.as_der());
        core::iter::from_fn(move || {
            let raw = RawExtension::read(&mut reader).ok()?;
            Some(Extension {
                oid: raw.oid,
                critical: raw.critical,
                value: raw.value.value,
            })
        })
    }

    /// Why nothing may be concluded from the list: a critical extension that is not known, of the
    /// list itself or else of any entry (RFC 5280 sections 5.2 and 5.3).
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
    /// Issuers are compared by RFC 5280 section 7.1. Of several entries for one certificate the
    /// first counts whose reason is not `removeFromCRL`; one with that reason is reported only
    /// where there is no other. So an entry that undoes a revocation, or a later duplicate,
    /// hides none.
    ///
    /// `removeFromCRL` has a meaning in delta lists only (RFC 5280 section 5.3.1); in another list
    /// the entry is reported as it stands, and the caller decides.
    #[must_use]
    pub fn find(&self, serial: &[u8], certificate_issuer: Name<'_>) -> Option<RevokedEntry<'_>> {
        let layout = &self.0.layout;
        if !layout.is_direct {
            return self.find_any(serial, certificate_issuer);
        }
        let offset = layout.index.first_candidate(serial)?;
        let issuer = self.issuer();
        match short_at(self.as_der(), offset) {
            Some((found, der))
                if same(found, serial) && same(issuer.as_der(), certificate_issuer.as_der()) =>
            {
                Some(RevokedEntry::from_checked(der, issuer))
            }
            _ => self.find_any(serial, certificate_issuer),
        }
    }

    /// As [`Crl::find`], whatever shape entries have and whomever they speak of.
    #[cold]
    #[inline(never)]
    fn find_any(&self, serial: &[u8], certificate_issuer: Name<'_>) -> Option<RevokedEntry<'_>> {
        let layout = &self.0.layout;
        let key = layout.issuers.key_of(&certificate_issuer, &self.issuer());
        let mut entries = layout.index.candidates(serial, key).filter_map(|offset| {
            if serial_at(self.as_der(), offset) != serial {
                return None;
            }
            let issuer = layout.issuers.name_at(self.as_der(), offset);
            let issuer = issuer.unwrap_or_else(|| self.issuer());
            let der = entry_at(self.as_der(), offset)?;
            let is_meant = issuer.matches(&certificate_issuer);
            is_meant.then_some(RevokedEntry::from_checked(der, issuer))
        });
        let first = entries.next()?;
        if first.is_removal() {
            return Some(entries.find(|entry| !entry.is_removal()).unwrap_or(first));
        }
        Some(first)
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
        Some(raw.oid)
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
        Some(RevokedEntry::from_checked(raw.der, self.issuer))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for CrlEntries<'_> {}

impl FusedIterator for CrlEntries<'_> {}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::testing::{
        Parts, ce, common_name, entry, extension, invalidity, issuer, reason, sequence, tlv,
    };
    use super::*;
    use crate::revocation::RevocationReason;

    const TESTDATA: [&[u8]; 4] = [
        include_bytes!("../../../testdata/crls/crl-intermediate-revoking.pem"),
        include_bytes!("../../../testdata/crls/crl-intermediate.pem"),
        include_bytes!("../../../testdata/crls/crl-root-revoking.pem"),
        include_bytes!("../../../testdata/crls/crl-root.pem"),
    ];

    fn crl(parts: &Parts) -> Crl {
        Crl::from_vec(parts.der()).unwrap()
    }

    /// The reason of the entry for this number of this issuer, as a number; 255 for none.
    fn found(list: &Crl, serial: &[u8], issuer: &[u8]) -> Option<u8> {
        let entry = list.find(serial, Name::from_der(issuer).unwrap())?;
        assert_eq!(entry.serial(), serial);
        Some(entry.reason().map_or(255, RevocationReason::number))
    }

    #[test]
    fn reads_a_signed_list() {
        let list = Crl::from_pem(TESTDATA[2]).unwrap();
        let root = include_bytes!("../../../testdata/roots/root.pem");
        let root = crate::Certificate::from_pem(root).unwrap();
        assert_eq!(list.version(), CrlVersion::V2);
        assert_eq!(list.issuer(), root.subject());
        assert_eq!(list.this_update().to_string(), "2025-12-15T00:00:00Z");
        assert_eq!(
            list.next_update().unwrap().to_string(),
            "2026-01-15T00:00:00Z"
        );
        assert_eq!(list.crl_number().unwrap().as_bytes(), [7]);
        assert!(!list.crl_number_is_critical());
        assert_eq!(
            list.authority_key_identifier().unwrap().key_id,
            root.subject_key_id()
        );
        assert_eq!(list.signature_algorithm(), root.signature_algorithm());
        assert!(
            list.as_der()
                .windows(list.tbs().len())
                .any(|w| w == list.tbs())
        );
        assert!(list.as_der().ends_with(list.signature()));
        assert!(!list.is_delta() && list.delta_base().is_none());
        assert!(list.issuing_distribution_point().is_none() && list.idp_der().is_none());
        assert!(list.freshest_crl().is_none() && list.unusable().is_none());
        assert_eq!(list.extensions().count(), 2);
        assert_eq!((list.len(), list.is_empty()), (1, false));
        let entry = list.entries().next().unwrap();
        assert_eq!(entry.revocation_date().to_string(), "2025-06-01T00:00:00Z");
        assert_eq!(entry.reason(), Some(RevocationReason::KeyCompromise));
        assert_eq!(entry.invalidity_date(), None);
        assert_eq!(list.find(entry.serial(), root.subject()), Some(entry));
        assert_eq!(list.find(entry.serial(), list_of("other").issuer()), None);
        assert!(format!("{list:?}").contains("entries: 1"));
    }

    fn list_of(issuer: &str) -> Crl {
        let issuer = common_name(issuer);
        crl(&Parts {
            issuer,
            ..Parts::default()
        })
    }

    #[test]
    fn pem_there_and_back() {
        for text in TESTDATA {
            let list = Crl::from_pem(text).unwrap();
            assert_eq!(list.to_pem().as_bytes(), text);
            assert_eq!(Crl::from_der(list.as_der()), Ok(list));
        }
        let both = [TESTDATA[0], TESTDATA[2]].concat();
        assert_eq!(Crl::from_pem_bundle(&both).unwrap().len(), 2);
        assert_eq!(Crl::from_pem(b"text").unwrap_err(), CrlInputError::Empty);
        let cut = &TESTDATA[0][..100];
        assert!(matches!(Crl::from_pem(cut), Err(CrlInputError::Pem(_))));
        let certificate = b"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n";
        let broken = [TESTDATA[0], certificate].concat();
        let error = Crl::from_pem(&broken).unwrap_err();
        assert!(matches!(error, CrlInputError::Crl { index: 1, .. }));
        assert!(error.to_string().starts_with("list 1: the outer frame"));
    }

    #[test]
    fn reads_all_extensions() {
        let name = sequence(&[tlv(0xa0, &tlv(0xa0, &tlv(0x86, b"http://a/")))]);
        let scope = sequence(&[
            tlv(0xa0, &tlv(0xa0, &tlv(0x86, b"http://a/"))),
            tlv(0x84, &[0xff]),
        ]);
        let access = sequence(&[sequence(&[
            tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 48, 2]),
            tlv(0x86, b"http://ca/"),
        ])]);
        let list = crl(&Parts::default().extensions(&[
            ce(35, false, &sequence(&[tlv(0x80, b"key")])),
            ce(18, false, &sequence(&[tlv(0x82, b"ca.test")])),
            ce(20, true, &tlv(0x02, &[0, 0x80])),
            ce(27, true, &tlv(0x02, &[0x7f])),
            ce(28, true, &scope),
            ce(46, false, &sequence(&[name])),
            extension(&[0x2b, 6, 1, 5, 5, 7, 1, 1], None, &access),
            extension(&[0x2a, 3], None, b"anything"),
        ]));
        assert_eq!(
            list.authority_key_identifier().unwrap().key_id,
            Some(&b"key"[..])
        );
        assert_eq!(list.crl_number().unwrap().as_bytes(), [0x80]);
        assert!(list.crl_number_is_critical() && list.is_delta());
        assert!(list.delta_base() < list.crl_number());
        assert!(list.issuing_distribution_point().unwrap().indirect);
        assert_eq!(list.idp_der(), Some(&scope[..]));
        let freshest = list.freshest_crl().unwrap().iter().next().unwrap();
        assert!(freshest.uris().eq(["http://a/"]));
        assert_eq!(list.extensions().count(), 8);
        assert!(list.unusable().is_none());
    }

    #[test]
    fn version_1() {
        let list = crl(&Parts::default().v1().entries(&[entry(&[5], &[])]));
        assert_eq!(list.version(), CrlVersion::V1);
        assert_eq!(found(&list, &[5], &common_name("issuer")), Some(255));
        assert!(list.crl_number().is_none() && list.extensions().next().is_none());
    }

    #[test]
    fn an_empty_list_revokes_nobody() {
        for parts in [Parts::default(), Parts::default().entries(&[])] {
            let list = crl(&parts);
            assert!(list.is_empty() && list.entries().next().is_none());
            for serial in [&[][..], &[0], &[1, 2, 3]] {
                assert_eq!(list.find(serial, list.issuer()), None);
            }
        }
    }

    #[test]
    fn next_update_may_be_absent() {
        let next_update = Vec::new();
        let list = crl(&Parts {
            next_update,
            ..Parts::default().entries(&[entry(&[5], &[])])
        });
        assert_eq!((list.next_update(), list.len()), (None, 1));
    }

    #[test]
    fn issuers_are_compared_as_names() {
        let list = crl(&Parts::default().entries(&[entry(&[5], &[])]));
        assert!(found(&list, &[5], &common_name("ISSUER ")).is_some());
        assert_eq!(found(&list, &[5], &common_name("another")), None);
    }

    #[test]
    fn no_entry_hides_a_revocation() {
        let list = crl(&Parts::default().entries(&[
            entry(&[1], &[reason(8)]),
            entry(&[1], &[reason(1)]),
            entry(&[1], &[reason(4)]),
            entry(&[1], &[reason(8)]),
            entry(&[2], &[reason(8)]),
            entry(&[3], &[]),
            entry(&[3], &[reason(8)]),
        ]));
        let name = common_name("issuer");
        assert_eq!(found(&list, &[1], &name), Some(1));
        assert_eq!(found(&list, &[2], &name), Some(8));
        assert_eq!(found(&list, &[3], &name), Some(255));
        assert_eq!(list.len(), 7);
    }

    #[test]
    fn certificate_issuers_hold_until_the_next() {
        let [own, a, b] = ["issuer", "a", "b"].map(common_name);
        let list = crl(&Parts::default().indirect().entries(&[
            entry(&[1], &[reason(1)]),
            entry(&[2], &[reason(2), issuer(&a)]),
            entry(&[1], &[reason(3)]),
            entry(&[1], &[issuer(&b), reason(4)]),
            entry(&[3], &[reason(5)]),
            entry(&[3], &[reason(6), issuer(&common_name("ISSUER"))]),
        ]));
        for (serial, name, expected) in [
            (1, &own, Some(1)),
            (2, &own, None),
            (3, &own, Some(6)),
            (1, &a, Some(3)),
            (2, &a, Some(2)),
            (3, &a, None),
            (1, &b, Some(4)),
            (3, &b, Some(5)),
            (2, &b, None),
            (3, &common_name("Issuer"), Some(6)),
            (1, &common_name("A"), Some(3)),
            (1, &common_name("c"), None),
        ] {
            assert_eq!(
                found(&list, &[serial], name),
                expected,
                "{serial} {name:x?}"
            );
        }
        let issuers: Vec<_> = list.entries().map(|e| e.issuer().as_der()).collect();
        let last = common_name("ISSUER");
        assert_eq!(issuers, [&own, &a, &a, &b, &b, &last]);
    }

    #[test]
    fn names_of_certificate_issuers_are_bounded() {
        // Characters of two octets each, which count as 64.
        let name = |n: u8| {
            let text = [0, b'a' + n].repeat(30_000);
            let attribute = sequence(&[tlv(6, &[0x55, 4, 3]), tlv(0x1e, &text)]);
            sequence(&[tlv(0x31, &attribute)])
        };
        let entries = |count: u8| {
            let entries = (0..count).map(|n| entry(&[1], &[issuer(&name(n % 4))]));
            Parts::default()
                .indirect()
                .entries(&entries.collect::<Vec<_>>())
        };
        assert!(Crl::from_vec(entries(8).der()).is_ok());
        let error = Crl::from_vec(entries(9).der()).unwrap_err();
        assert!(matches!(error, CrlError::IssuersTooLong { .. }), "{error}");
    }

    #[test]
    fn unknown_critical_extensions_make_a_list_unusable() {
        let own = extension(&[0x2a, 3, 4], Some(0xff), b"?");
        let entries = [
            entry(&[1], &[extension(&[0x2a, 3, 4], None, b"?")]),
            entry(
                &[2],
                &[reason(1), extension(&[0x2a, 3, 5], Some(0xff), b"?")],
            ),
            entry(&[3], &[extension(&[0x2a, 3, 6], Some(0xff), b"?")]),
        ];
        let of_entry = Parts::default().entries(&entries);
        let list = crl(&of_entry);
        assert_eq!(
            list.unusable(),
            Some(CrlFlaw::UnknownCriticalEntryExtension {
                serial: &[2],
                oid: Oid::new(&[0x2a, 3, 5])
            })
        );
        assert!(list.unusable().unwrap().to_string().contains("1.2.3.5"));
        let list = crl(&of_entry.extensions(&[own]));
        let oid = Oid::new(&[0x2a, 3, 4]);
        assert_eq!(
            list.unusable(),
            Some(CrlFlaw::UnknownCriticalExtension { oid })
        );
        assert!(list.unusable().unwrap().to_string().contains("1.2.3.4"));
        // What is for certificates is not known in lists.
        let usage = ce(15, true, &[3, 2, 7, 0x80]);
        assert!(
            crl(&Parts::default().extensions(&[usage]))
                .unusable()
                .is_some()
        );
    }

    #[test]
    fn clones_share_and_the_size_is_told() {
        let entries: Vec<_> = (0..1000u16)
            .map(|n| entry(&[1, (n >> 8) as u8, n as u8], &[]))
            .collect();
        let list = crl(&Parts::default().entries(&entries));
        assert_eq!(list.clone().as_der().as_ptr(), list.as_der().as_ptr());
        let beyond = list.memory_size() - list.as_der().len();
        assert!((4_000..12_000).contains(&beyond), "{beyond}");
        fn is_shared<T: Send + Sync + 'static>(_: &T) {}
        is_shared(&list);
    }

    /// Every entry and some that are not there, by a walk over all entries.
    fn index_agrees(list: &Crl) {
        let entries: Vec<_> = list.entries().collect();
        let mut asked: Vec<_> = entries.iter().map(|e| (e.serial(), e.issuer())).collect();
        let issuers = ["issuer", "a", "b", "c", "none"].map(common_name);
        let serials = (0..=255).map(|n| [n]).collect::<Vec<_>>();
        for name in &issuers {
            let name = Name::from_der(name).unwrap();
            asked.extend(serials.iter().map(|serial| (&serial[..], name)));
            asked.extend(entries.iter().map(|e| (e.serial(), name)));
        }
        for (serial, issuer) in asked {
            let same = |e: &&RevokedEntry<'_>| e.serial() == serial && e.issuer().matches(&issuer);
            let all: Vec<_> = entries.iter().filter(same).collect();
            let first = all.iter().find(|e| !e.is_removal()).or(all.first());
            assert_eq!(list.find(serial, issuer).as_ref(), first.copied());
        }
    }

    #[derive(Clone, Debug)]
    struct Spec {
        serial: Vec<u8>,
        reason: Option<u8>,
        issuer: Option<usize>,
        dated: bool,
    }

    fn spec() -> impl Strategy<Value = Spec> {
        let serial = prop_oneof![
            proptest::collection::vec(0u8..4, 1..3),
            proptest::collection::vec(any::<u8>(), 1..21),
            (1u8..0x7f, any::<u8>()).prop_map(|(a, b)| [&[a][..], &[b; 9]].concat()),
        ];
        let serial = serial.prop_map(|mut octets| {
            while !crate::der::is_minimal_integer(&octets) {
                octets.remove(0);
            }
            octets
        });
        let issuer = proptest::option::weighted(0.2, 0usize..4);
        (serial, proptest::option::of(0u8..12), issuer, any::<bool>()).prop_map(
            |(serial, reason, issuer, dated)| Spec {
                serial,
                reason,
                issuer,
                dated,
            },
        )
    }

    fn der_of(spec: &Spec, is_indirect: bool) -> Vec<u8> {
        let names = ["issuer", "a", "b", "C"].map(common_name);
        let mut extensions = Vec::new();
        extensions.extend(spec.reason.map(reason));
        if spec.dated {
            extensions.push(invalidity("20250101000000Z"));
        }
        if is_indirect {
            extensions.extend(spec.issuer.map(|n| issuer(&names[n])));
        }
        entry(&spec.serial, &extensions)
    }

    proptest! {
        #[test]
        fn the_index_agrees_with_a_walk(
            specs in proptest::collection::vec(spec(), 0..60),
            is_indirect: bool,
        ) {
            let entries: Vec<_> = specs.iter().map(|spec| der_of(spec, is_indirect)).collect();
            let parts = Parts::default().entries(&entries);
            let parts = if is_indirect { parts.indirect() } else { parts };
            let list = crl(&parts);
            prop_assert_eq!(list.len(), specs.len());
            for (entry, spec) in list.entries().zip(&specs) {
                prop_assert_eq!(entry.serial(), &spec.serial[..]);
                prop_assert_eq!(entry.reason().map(RevocationReason::number), spec.reason);
                prop_assert_eq!(entry.invalidity_date().is_some(), spec.dated);
            }
            index_agrees(&list);
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Crl::from_der(&bytes);
        }

        #[test]
        fn random_edits_never_panic(
            which in 0usize..9,
            edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in proptest::option::weighted(0.1, any::<prop::sample::Index>()),
        ) {
            let mut der = sample(which);
            for (place, octet) in edits {
                let place = place.index(der.len());
                der[place] = octet;
            }
            if let Some(cut) = cut {
                der.truncate(cut.index(der.len()));
            }
            match Crl::from_der(&der) {
                Ok(list) => {
                    prop_assert_eq!(list.as_der(), &der[..]);
                    prop_assert_eq!(list.entries().count(), list.len());
                    index_agrees(&list);
                    let _ = format!("{list:?} {:?}", list.unusable());
                    let _ = (list.issuing_distribution_point(), list.freshest_crl());
                }
                Err(error) => {
                    prop_assert!(!error.to_string().is_empty());
                    if let CrlError::Encoding { error, .. } = error {
                        prop_assert!(error.offset as usize <= der.len());
                    }
                }
            }
        }
    }

    fn sample(which: usize) -> Vec<u8> {
        if let Some(text) = TESTDATA.get(which) {
            return Crl::from_pem(text).unwrap().as_der().to_vec();
        }
        let entries = [
            entry(&[1], &[reason(1)]),
            entry(&[2; 20], &[]),
            entry(&[3], &[invalidity("20250101000000Z"), reason(8)]),
            entry(&[3], &[issuer(&common_name("a")), reason(4)]),
        ];
        let scope = sequence(&[
            tlv(0xa0, &tlv(0xa0, &tlv(0x86, b"http://a/"))),
            tlv(0x83, &[5, 0x60]),
            tlv(0x84, &[0xff]),
        ]);
        match which {
            7 => Parts::default().v1().entries(&entries[1..2]).der(),
            _ => {
                let extensions = [ce(28, true, &scope), ce(20, false, &tlv(0x02, &[7]))];
                Parts::default()
                    .entries(&entries)
                    .extensions(&extensions)
                    .der()
            }
        }
    }
}
