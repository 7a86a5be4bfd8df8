//! One entry of a list (RFC 5280 sections 5.1.2.6 and 5.3).
//!
//! ```text
//! SEQUENCE { userCertificate CertificateSerialNumber, revocationDate Time, crlEntryExtensions Extensions OPTIONAL }
//! ```
//!
//! Known entry extensions are `reasonCode`, `invalidityDate` and `certificateIssuer`; they are decoded whole when the list
//! is parsed, and a fault in one is a fault of the list. An unknown critical one makes the list unusable (section 5.3): it is
//! noted. Nearly all entries have one of two shapes, which `plain` reads without any of this.

use super::error::{CrlError, CrlField, at};
use super::extension::{self, RawExtension};
use crate::certificate::{GeneralName, GeneralNames, Name};
use crate::der::{self, Element, ErrorKind, Reader, is_minimal_integer, tag};
use crate::revocation::RevocationReason;
use crate::time::Time;

/// What a list says of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevokedEntry<'a> {
    /// The certificate's serial number: content octets of an INTEGER.
    pub serial: &'a [u8],
    /// Whose certificate it is: the list's issuer, or in an indirect list whom `certificateIssuer` names.
    pub issuer: Name<'a>,
    /// When the issuer revoked it.
    pub revocation_date: Time,
    /// Why; absent: unspecified.
    pub reason: Option<RevocationReason>,
    /// Since when the certificate should not have been trusted any more, where the issuer says so.
    pub invalidity_date: Option<Time>,
}

/// An entry as it stands in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawEntry<'a> {
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
    pub(super) const fn new(serial: &'a [u8], date: Time) -> Self {
        Self {
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
        let mut fields = at(field, list.expect(tag::SEQUENCE))?.reader();
        let serial = at(field, fields.integer())?;
        let date = at(field, fields.element().and_then(|e| Time::from_der(&e)))?;
        let mut entry = Self::new(serial, date);
        if !fields.is_empty() {
            let field = CrlField::EntryExtensions;
            let extensions = at(field, fields.expect(tag::SEQUENCE))?;
            at(field, fields.finish())?;
            entry.extensions = Some(extensions.offset);
            extension::each(&extensions, field, |extension| entry.look(extension))?;
        }
        Ok(entry)
    }

    pub(super) fn view(&self, issuer: Name<'a>) -> RevokedEntry<'a> {
        RevokedEntry {
            serial: self.serial,
            issuer,
            revocation_date: self.date,
            reason: self.reason,
            invalidity_date: self.invalidity_date,
        }
    }

    fn look(&mut self, extension: &RawExtension<'a>) -> Result<(), CrlError> {
        let value = extension.value.reader();
        match extension.ce_arc() {
            Some(21) => self.reason = Some(at(CrlField::ReasonCode, reason(value))?),
            Some(24) => self.invalidity_date = Some(at(CrlField::InvalidityDate, moment(value))?),
            Some(29) => {
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

fn only(mut reader: Reader<'_>, tag: u8) -> der::Result<Element<'_>> {
    let element = reader.expect(tag)?;
    reader.finish()?;
    Ok(element)
}

/// `CRLReason ::= ENUMERATED`. A number without meaning revokes all the same; one beyond 255 is not told from 255.
fn reason(value: Reader<'_>) -> der::Result<RevocationReason> {
    let element = only(value, tag::ENUMERATED)?;
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
    Time::from_der(&only(value, tag::GENERALIZED_TIME)?)
}

/// `CertificateIssuer ::= GeneralNames`, with the certificate issuer's distinguished name among them. It is one: which of
/// two would be meant nobody could tell.
fn certificate_issuer<'a>(extension: &RawExtension<'a>) -> Result<Name<'a>, CrlError> {
    let offset = extension.offset;
    if !extension.critical {
        return Err(CrlError::CertificateIssuerNotCritical { offset });
    }
    let names = GeneralNames::from_reader(extension.value.reader());
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
