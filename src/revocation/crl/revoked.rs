//! What a list says of one certificate, decoded when asked.
//!
//! All of it was decoded when the list was parsed, so that no fault is left to be found here. Most
//! who look up a certificate want to know whether it is there; date and reason of those that are
//! cost a few nanoseconds more.

use core::fmt;

use super::entries::serial_at;
use super::entry::RawEntry;
use super::plain::Plain;
use crate::certificate::Name;
use crate::der::Reader;
use crate::revocation::RevocationReason;
use crate::time::Time;

/// What a list says of one certificate: one entry, and whom it speaks of.
///
/// `==` compares bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RevokedEntry<'a> {
    der: &'a [u8],
    issuer: Name<'a>,
}

impl<'a> RevokedEntry<'a> {
    /// Of an entry that was checked.
    #[inline(always)]
    pub(super) const fn from_checked(der: &'a [u8], issuer: Name<'a>) -> Self {
        Self { der, issuer }
    }

    /// The entry as it stands in the list.
    #[must_use]
    pub const fn as_der(&self) -> &'a [u8] {
        self.der
    }

    /// The certificate's serial number: content octets of an INTEGER.
    #[must_use]
    pub fn serial(&self) -> &'a [u8] {
        serial_at(self.der, 0)
    }

    /// Whose certificate it is: the list's issuer, or in an indirect list whom `certificateIssuer`
    /// names.
    #[must_use]
    pub const fn issuer(&self) -> Name<'a> {
        self.issuer
    }

    /// When the issuer revoked it.
    #[must_use]
    pub fn revocation_date(&self) -> Time {
        match Plain::at(self.der, 0) {
            Some(plain) => plain.time(),
            // An entry was checked; what was not would be revoked since ever.
            None => self.raw().map_or(Time::from_unix(i64::MIN), |raw| raw.date),
        }
    }

    /// Why; absent: unspecified.
    #[must_use]
    pub fn reason(&self) -> Option<RevocationReason> {
        match Plain::at(self.der, 0) {
            Some(plain) => plain.reason(),
            None => self.raw()?.reason,
        }
    }

    /// Since when the certificate should not have been trusted any more, where the issuer says so.
    #[must_use]
    pub fn invalidity_date(&self) -> Option<Time> {
        match Plain::at(self.der, 0) {
            Some(_) => None,
            None => self.raw()?.invalidity_date,
        }
    }

    /// Does it undo a revocation?
    pub(super) fn is_removal(&self) -> bool {
        self.reason() == Some(RevocationReason::RemoveFromCrl)
    }

    fn raw(&self) -> Option<RawEntry<'a>> {
        RawEntry::read(&mut Reader::new(self.der)).ok()
    }
}

impl fmt::Debug for RevokedEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevokedEntry")
            .field("serial", &self.serial())
            .field("issuer", &self.issuer())
            .field("revocation_date", &self.revocation_date())
            .field("reason", &self.reason())
            .field("invalidity_date", &self.invalidity_date())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::super::testing::{entry, invalidity, reason, sequence, tlv};
    use super::*;

    const ISSUER: Name<'_> = Name::from_checked(&[0x30, 0]);

    fn decoded(der: &[u8]) -> (&[u8], Time, Option<RevocationReason>, Option<Time>) {
        let entry = RevokedEntry::from_checked(der, ISSUER);
        assert_eq!((entry.as_der(), entry.issuer()), (der, ISSUER));
        (
            entry.serial(),
            entry.revocation_date(),
            entry.reason(),
            entry.invalidity_date(),
        )
    }

    #[test]
    fn all_shapes() {
        let date = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
        let earlier = Time::from_civil(2025, 1, 1, 0, 0, 0);
        let superseded = Some(RevocationReason::Superseded);
        let dated = invalidity("20250101000000Z");
        let late = sequence(&[tlv(2, &[1]), tlv(0x18, b"20500101000000Z")]);
        let late_date = Time::from_civil(2050, 1, 1, 0, 0, 0).unwrap();
        for (der, expected) in [
            (entry(&[5; 9], &[]), (&[5; 9][..], date, None, None)),
            (entry(&[1], &[reason(4)]), (&[1], date, superseded, None)),
            (
                entry(&[1], core::slice::from_ref(&dated)),
                (&[1], date, None, earlier),
            ),
            (
                entry(&[7; 120], &[reason(4), dated]),
                (&[7; 120], date, superseded, earlier),
            ),
            (late, (&[1], late_date, None, None)),
        ] {
            assert_eq!(decoded(&der), expected);
        }
    }

    #[test]
    fn debug_tells_what_it_says() {
        let der = entry(&[9], &[reason(8)]);
        let entry = RevokedEntry::from_checked(&der, ISSUER);
        assert!(entry.is_removal());
        let text = format!("{entry:?}");
        assert!(text.contains("serial: [9]") && text.contains("RemoveFromCrl"));
    }
}
