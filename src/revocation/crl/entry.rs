//! One entry of a list (RFC 5280 sections 5.1.2.6 and 5.3).
//!
//! ```text
//! SEQUENCE { userCertificate CertificateSerialNumber, revocationDate Time, crlEntryExtensions Extensions OPTIONAL }
//! ```
//!
//! Known entry extensions are `reasonCode`, `invalidityDate` and `certificateIssuer`; they are
//! decoded whole when the list is parsed, and a fault in one is a fault of the list. An unknown
//! critical one makes the list unusable (section 5.3): it is noted. Nearly all entries have one of
//! two shapes, which `plain` reads without any of this.

use super::error::{CrlError, CrlField, at};
use super::extension;
use crate::certificate::extensions::Decode;
use crate::certificate::raw_extension::RawExtension;
use crate::certificate::{GeneralName, GeneralNames, Name};
use crate::der::{self, ErrorKind, Reader, is_minimal_integer, tag};
use crate::revocation::RevocationReason;
use crate::time::Time;

/// An entry as it stands in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawEntry<'a> {
    /// All of it.
    pub(super) der: &'a [u8],
    pub(super) serial: &'a [u8],
    pub(super) date: Time,
    pub(super) reason: Option<RevocationReason>,
    pub(super) invalidity_date: Option<Time>,
    /// The name in a certificateIssuer.
    pub(super) issuer: Option<Name<'a>>,
    /// Where the certificateIssuer is.
    pub(super) issuer_offset: u32,
    /// The first critical extension that is not known.
    pub(super) unknown_critical: Option<u32>,
    /// Where the entry's extensions are.
    pub(super) extensions: Option<u32>,
}

impl<'a> RawEntry<'a> {
    /// Without extensions.
    const fn new(der: &'a [u8], serial: &'a [u8], date: Time) -> Self {
        Self {
            der,
            serial,
            date,
            reason: None,
            invalidity_date: None,
            issuer: None,
            issuer_offset: 0,
            unknown_critical: None,
            extensions: None,
        }
    }

    /// Reads the next entry.
    pub(super) fn read(list: &mut Reader<'a>) -> Result<Self, CrlError> {
        let field = CrlField::RevokedCertificates;
        let element = at(field, list.expect(tag::SEQUENCE))?;
        let mut fields = element.reader();
        let serial = at(field, fields.integer())?;
        let date = at(field, fields.element().and_then(|e| Time::from_element(&e)))?;
        let mut entry = Self::new(element.whole, serial, date);
        if !fields.is_empty() {
            let field = CrlField::EntryExtensions;
            let extensions = at(field, fields.expect(tag::SEQUENCE))?;
            at(field, fields.finish())?;
            entry.extensions = Some(extensions.offset);
            extension::each(&extensions, field, |extension| entry.look(extension))?;
        }
        Ok(entry)
    }

    fn look(&mut self, extension: &RawExtension<'a>) -> Result<(), CrlError> {
        let value = extension.value.reader();
        match *extension.oid.as_bytes() {
            [0x55, 0x1d, 21] => self.reason = Some(at(CrlField::ReasonCode, reason(value))?),
            [0x55, 0x1d, 24] => {
                self.invalidity_date = Some(at(CrlField::InvalidityDate, moment(value))?)
            }
            [0x55, 0x1d, 29] => {
                self.issuer = Some(certificate_issuer(extension)?);
                self.issuer_offset = extension.offset;
            }
            _ if extension.critical => {
                self.unknown_critical.get_or_insert(extension.offset);
            }
            _ => {}
        }
        Ok(())
    }
}

/// `CRLReason ::= ENUMERATED`. A number without meaning revokes all the same; one beyond 255 is not
/// told from 255.
fn reason(value: Reader<'_>) -> der::Result<RevocationReason> {
    let element = value.only(tag::ENUMERATED)?;
    let octets = element.value;
    let negative = octets.first().is_some_and(|first| first & 0x80 != 0);
    if negative || !is_minimal_integer(octets) {
        return Err(element.error(ErrorKind::BadValue));
    }
    let number = match *octets {
        [number] | [0, number] => number,
        _ => u8::MAX,
    };
    Ok(RevocationReason::from_number(number))
}

/// `InvalidityDate ::= GeneralizedTime`.
fn moment(value: Reader<'_>) -> der::Result<Time> {
    Time::from_element(&value.only(tag::GENERALIZED_TIME)?)
}

/// `CertificateIssuer ::= GeneralNames`, with the certificate issuer's distinguished name among
/// them. It is one: which of two would be meant nobody could tell.
fn certificate_issuer<'a>(extension: &RawExtension<'a>) -> Result<Name<'a>, CrlError> {
    let offset = extension.offset;
    if !extension.critical {
        return Err(CrlError::CertificateIssuerNotCritical { offset });
    }
    let names = GeneralNames::decode(extension.value.reader());
    let names = at(CrlField::CertificateIssuer, names)?;
    let mut directory = names.iter().filter_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    match (directory.next(), directory.next()) {
        (Some(name), None) if !name.is_empty() => Ok(name),
        _ => Err(CrlError::CertificateIssuerName { offset }),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::{
        ce, common_name, entry, extension, invalidity, issuer, reason, sequence, tlv,
    };
    use super::*;

    fn read(der: &[u8]) -> Result<RawEntry<'_>, CrlError> {
        RawEntry::read(&mut Reader::new(der))
    }

    fn fault(der: &[u8]) -> (CrlField, ErrorKind) {
        match read(der) {
            Err(CrlError::Encoding { field, error }) => (field, error.kind),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn everything_at_once() {
        let name = common_name("a");
        let der = entry(
            &[0x7f],
            &[
                ce(21, true, &tlv(0x0a, &[4])),
                invalidity("19991231235959Z"),
                issuer(&name),
                extension(&[0x2a, 1], Some(0xff), b"?"),
                extension(&[0x2a, 2], Some(0xff), b"?"),
            ],
        );
        let entry = read(&der).unwrap();
        assert_eq!(entry.serial, [0x7f]);
        assert_eq!(entry.reason, Some(RevocationReason::Superseded));
        assert_eq!(
            entry.invalidity_date,
            Time::from_civil(1999, 12, 31, 23, 59, 59)
        );
        assert_eq!(entry.issuer.unwrap().as_der(), name);
        let unknown = Reader::at(&der[entry.unknown_critical.unwrap() as usize..], 0);
        assert_eq!(
            unknown.clone().sequence().unwrap().oid(),
            Ok(&[0x2a, 1][..])
        );
    }

    #[test]
    fn reasons_without_meaning_revoke_all_the_same() {
        let of = |octets: &[u8]| {
            let der = entry(&[1], &[ce(21, false, &tlv(0x0a, octets))]);
            read(&der).unwrap().reason.unwrap()
        };
        assert_eq!(of(&[7]), RevocationReason::Other(7));
        assert_eq!(of(&[11]), RevocationReason::Other(11));
        assert_eq!(of(&[0, 0x80]), RevocationReason::Other(0x80));
        assert_eq!(of(&[1, 0]), RevocationReason::Other(255));
    }

    #[test]
    fn generalized_time_and_any_serial() {
        for serial in [&[0][..], &[0xff], &[0x80; 40], &[0, 0xff]] {
            let der = sequence(&[tlv(2, serial), tlv(0x18, b"20500101000000Z")]);
            assert_eq!(read(&der).unwrap().serial, serial);
        }
    }

    #[test]
    fn faults_of_the_frame() {
        let date = tlv(0x17, b"260101000000Z");
        let serial = tlv(2, &[1]);
        let field = CrlField::RevokedCertificates;
        for (parts, expected) in [
            (&[][..], ErrorKind::Truncated),
            (&[tlv(2, &[]), date.clone()], ErrorKind::BadValue),
            (&[tlv(2, &[0, 1]), date.clone()], ErrorKind::BadValue),
            (&[tlv(4, &[1]), date.clone()], ErrorKind::UnexpectedTag),
            (core::slice::from_ref(&serial), ErrorKind::Truncated),
            (
                &[serial.clone(), tlv(0x17, b"260230000000Z")],
                ErrorKind::BadValue,
            ),
            (
                &[serial.clone(), tlv(0x17, b"2602280000Z")],
                ErrorKind::BadValue,
            ),
            (&[serial.clone(), serial.clone()], ErrorKind::UnexpectedTag),
        ] {
            assert_eq!(fault(&sequence(parts)), (field, expected), "{parts:x?}");
        }
        assert_eq!(fault(&tlv(0x31, &[])), (field, ErrorKind::UnexpectedTag));
        let field = CrlField::EntryExtensions;
        let more = sequence(&[serial.clone(), date.clone(), tlv(0x30, &[])]);
        assert_eq!(fault(&more), (field, ErrorKind::BadValue));
        let more = sequence(&[serial.clone(), date.clone(), serial.clone()]);
        assert_eq!(fault(&more), (field, ErrorKind::UnexpectedTag));
        let more = sequence(&[serial.clone(), date, sequence(&[reason(1)]), serial]);
        assert_eq!(fault(&more), (field, ErrorKind::TrailingData));
        let twice = entry(&[1], &[reason(1), reason(1)]);
        assert!(matches!(
            read(&twice),
            Err(CrlError::DuplicateExtension { .. })
        ));
    }

    #[test]
    fn faults_of_extensions() {
        for (arc, field, value, expected) in [
            (
                21,
                CrlField::ReasonCode,
                tlv(0x0a, &[]),
                ErrorKind::BadValue,
            ),
            (
                21,
                CrlField::ReasonCode,
                tlv(0x0a, &[0, 1]),
                ErrorKind::BadValue,
            ),
            (
                21,
                CrlField::ReasonCode,
                tlv(0x0a, &[0xff]),
                ErrorKind::BadValue,
            ),
            (
                21,
                CrlField::ReasonCode,
                tlv(0x02, &[1]),
                ErrorKind::UnexpectedTag,
            ),
            (21, CrlField::ReasonCode, Vec::new(), ErrorKind::Truncated),
            (
                21,
                CrlField::ReasonCode,
                [tlv(0x0a, &[1]), tlv(5, &[])].concat(),
                ErrorKind::TrailingData,
            ),
            (
                24,
                CrlField::InvalidityDate,
                tlv(0x17, b"260101000000Z"),
                ErrorKind::UnexpectedTag,
            ),
            (
                24,
                CrlField::InvalidityDate,
                tlv(0x18, b"20261301000000Z"),
                ErrorKind::BadValue,
            ),
            (
                24,
                CrlField::InvalidityDate,
                [tlv(0x18, b"20260101000000Z"), tlv(5, &[])].concat(),
                ErrorKind::TrailingData,
            ),
            (
                29,
                CrlField::CertificateIssuer,
                tlv(0x31, &[]),
                ErrorKind::UnexpectedTag,
            ),
            (
                29,
                CrlField::CertificateIssuer,
                sequence(&[tlv(0xa4, &[])]),
                ErrorKind::Truncated,
            ),
            (
                29,
                CrlField::CertificateIssuer,
                sequence(&[tlv(0x89, &[])]),
                ErrorKind::UnexpectedTag,
            ),
        ] {
            let der = entry(&[1], &[ce(arc, true, &value)]);
            assert_eq!(fault(&der), (field, expected), "{arc} {value:x?}");
        }
    }

    #[test]
    fn a_certificate_issuer_is_one_name_and_critical() {
        let name = |text| tlv(0xa4, &common_name(text));
        let host = tlv(0x82, b"ca.test");
        let one = entry(&[1], &[ce(29, true, &sequence(&[host.clone(), name("a")]))]);
        let issuer = read(&one).unwrap().issuer.unwrap();
        assert_eq!(issuer, Name::from_der(&common_name("a")).unwrap());
        for names in [
            &[][..],
            &[host],
            &[name("a"), name("b")],
            &[tlv(0xa4, &[0x30, 0])],
        ] {
            let der = entry(&[1], &[ce(29, true, &sequence(names))]);
            assert!(matches!(
                read(&der),
                Err(CrlError::CertificateIssuerName { .. })
            ));
        }
        let der = entry(&[1], &[ce(29, false, &sequence(&[name("a")]))]);
        let error = read(&der).unwrap_err();
        assert!(matches!(
            error,
            CrlError::CertificateIssuerNotCritical { .. }
        ));
    }
}
