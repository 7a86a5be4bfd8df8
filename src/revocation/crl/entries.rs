//! The entries of a list, one after the other: checked once, and found again by their offsets.

use alloc::vec::Vec;

use super::CrlVersion;
use super::entry::RawEntry;
use super::error::{CrlError, CrlField};
use super::index::{Item, List, fast_hash};
use super::issuers::{Issuers, OWN};
use super::layout::Flaw;
use super::plain::Plain;
use crate::certificate::Name;
use crate::der::Span;
use crate::der::{Element, Reader, tag};
use crate::narrow;
use crate::revocation::RevocationReason;

/// Fewest octets of an entry: a serial number of one, and a UTCTime.
const SHORTEST: usize = 20;

/// What the pass over all entries leaves.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) items: Vec<Item>,
    pub(super) issuers: Issuers,
    /// Where the first certificateIssuer is.
    pub(super) first_issuer: Option<u32>,
    /// The first critical extension that is not known.
    pub(super) flaw: Option<Flaw>,
    /// Does any entry undo a revocation?
    pub(super) has_removals: bool,
}

impl Entries {
    /// Checks all entries in `revoked`, an element of the list `bytes`, whose issuer is `own`.
    pub(super) fn read(
        bytes: &[u8],
        revoked: &Element<'_>,
        version: CrlVersion,
        own: &Name<'_>,
    ) -> Result<Self, CrlError> {
        let mut entries = Self::default();
        entries.items.reserve(estimate(revoked));
        let mut key = OWN;
        let mut rest = revoked.value;
        let mut offset = revoked.value_offset();
        while !rest.is_empty() {
            let plain = Plain::read(rest).filter(|plain| {
                plain.has_date() & !(version == CrlVersion::V1 && plain.has_reason())
            });
            let (serial, length) = match plain {
                Some(plain) => {
                    entries.has_removals |= plain.is_removal();
                    (plain.serial, plain.length)
                }
                None => {
                    let mut reader = Reader::at(rest, offset);
                    let entry = RawEntry::read(&mut reader)?;
                    entries.note(offset, &entry, version)?;
                    if let Some(name) = entry.issuer {
                        let name = Span::within(0, bytes, name.as_der());
                        key = entries
                            .issuers
                            .push(offset, name, bytes, own)
                            .ok_or(CrlError::IssuersTooLong { offset })?;
                    }
                    (entry.serial, (reader.offset() - offset) as usize)
                }
            };
            let hash = fast_hash(serial, key);
            entries.items.push(Item { offset, hash });
            rest = rest.get(length..).unwrap_or_default();
            offset += narrow::bounded(length);
        }
        entries.issuers.shrink();
        Ok(entries)
    }

    fn note(
        &mut self,
        offset: u32,
        entry: &RawEntry<'_>,
        version: CrlVersion,
    ) -> Result<(), CrlError> {
        if let (CrlVersion::V1, Some(offset)) = (version, entry.extensions) {
            let field = CrlField::EntryExtensions;
            return Err(CrlError::NotInThisVersion { field, offset });
        }
        self.has_removals |= entry.reason == Some(RevocationReason::RemoveFromCrl);
        if entry.issuer.is_some() {
            self.first_issuer.get_or_insert(entry.issuer_offset);
        }
        if let Some(extension) = entry.unknown_critical {
            let entry = offset;
            self.flaw.get_or_insert(Flaw::InEntry { entry, extension });
        }
        Ok(())
    }
}

/// How many entries there are if all are as long as the first.
fn estimate(revoked: &Element<'_>) -> usize {
    let first = revoked.reader().element();
    let first = first.map_or(revoked.value.len(), |first| first.whole.len());
    revoked.value.len() / first.max(SHORTEST) + 1
}

/// The serial number of the entry at this offset, which has been checked.
#[inline]
pub(super) fn serial_at(bytes: &[u8], entry: u32) -> &[u8] {
    let entry = bytes.get(entry as usize..).unwrap_or_default();
    if let [_, content, tag::INTEGER, serial, ref rest @ ..] = *entry
        && content < 0x80
        && serial < 0x80
    {
        return rest.get(..usize::from(serial)).unwrap_or_default();
    }
    let fields = Reader::new(entry).sequence();
    let serial = fields.and_then(|mut fields| fields.expect(tag::INTEGER));
    serial.map_or(&[][..], |serial| serial.value)
}

/// The serial number of the entry at this offset, which has been checked, and all of it; `None`
/// where lengths take more than an octet.
#[inline(always)]
pub(super) fn short_at(bytes: &[u8], entry: u32) -> Option<(&[u8], &[u8])> {
    let rest = bytes.get(entry as usize..)?;
    let [_, content @ 0..0x80, _, serial, ..] = *rest else {
        return None;
    };
    let entry = rest.get(..usize::from(content) + 2)?;
    Some((entry.get(4..usize::from(serial) + 4)?, entry))
}

/// All of the entry at this offset, which has been checked.
pub(super) fn entry_at(bytes: &[u8], entry: u32) -> Option<&[u8]> {
    if let Some((_, whole)) = short_at(bytes, entry) {
        return Some(whole);
    }
    let rest = bytes.get(entry as usize..)?;
    let element = Reader::new(rest).element().ok()?;
    Some(element.whole)
}

/// A list whose entries have been checked.
pub(super) struct Checked<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) issuers: &'a Issuers,
}

impl List for Checked<'_> {
    fn bytes(&self) -> &[u8] {
        self.bytes
    }

    fn key(&self, entry: u32) -> (&[u8], u64) {
        let key = self.issuers.key_at(entry);
        (serial_at(self.bytes, entry), key)
    }

    fn is_same(&self, entry: u32, other: u32) -> bool {
        if self.key(entry) != self.key(other) {
            return false;
        }
        let issuer = |entry| self.issuers.name_at(self.bytes, entry);
        match (issuer(entry), issuer(other)) {
            (Some(one), Some(other)) => one.matches(&other),
            // One key, and that the list's own.
            _ => true,
        }
    }

    fn is_removal(&self, entry: u32) -> bool {
        let rest = self.bytes.get(entry as usize..).unwrap_or_default();
        let entry = RawEntry::read(&mut Reader::new(rest));
        entry.is_ok_and(|entry| entry.reason == Some(RevocationReason::RemoveFromCrl))
    }
}
