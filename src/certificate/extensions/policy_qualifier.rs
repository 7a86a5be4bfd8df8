//! Policy qualifiers (RFC 5280 section 4.2.1.4).
//!
//! ```text
//! PolicyQualifierInfo ::= SEQUENCE {
//!     policyQualifierId  OBJECT IDENTIFIER,
//!     qualifier          ANY DEFINED BY policyQualifierId }
//!
//! PRACTICE_STATEMENTuri ::= IA5String
//!
//! UserNotice ::= SEQUENCE {
//!     noticeRef     SEQUENCE {
//!         organization   DisplayText,
//!         noticeNumbers  SEQUENCE OF INTEGER } OPTIONAL,
//!     explicitText  DisplayText OPTIONAL }
//!
//! DisplayText ::= CHOICE { IA5String, VisibleString, BMPString, UTF8String }
//! ```
//!
//! No path falls for what a qualifier says. But whoever takes a *critical* certificatePolicies has
//! to be able to interpret it, qualifiers included; what that takes is here. How long a text is
//! makes no difference: the RFC asks users to cope with more than its 200 characters.

use const_oid::ObjectIdentifier;

use super::fast;
use super::list::sequence;
use crate::certificate::string;
use crate::der::{self, Element, Failed, ReadError, Reader, tag};
use crate::oid::{Oid, PRACTICE_STATEMENT, USER_NOTICE};

/// Is it one of the two kinds of qualifier that RFC 5280 defines?
pub(crate) fn is_defined(kind: &ObjectIdentifier) -> bool {
    *kind == PRACTICE_STATEMENT || *kind == USER_NOTICE
}

sequence! {
    'a:
    /// A qualifier: its kind, and a value that is one element.
    pub(super) struct Qualifier<'a> {
        pub(super) kind: Oid<'a> = Oid::read;
        value: &'a [u8] = one_element;
    }
    glance fast::after_qualifier
}

fn one_element<'a, E: ReadError>(fields: &mut Reader<'a, E>) -> Result<&'a [u8], E> {
    fields.element().map(|value| value.whole)
}

impl Qualifier<'_> {
    /// Is its kind defined by RFC 5280, and its value what that kind has?
    pub(super) fn is_interpretable(&self) -> bool {
        let value = Reader::quick(self.value);
        let read = match self.kind {
            kind if kind == PRACTICE_STATEMENT => practice_statement(value),
            kind if kind == USER_NOTICE => user_notice(value),
            _ => Err(Failed),
        };
        read.is_ok()
    }
}

fn practice_statement(mut value: Reader<'_, Failed>) -> Result<(), Failed> {
    let uri = value.expect(tag::IA5_STRING)?;
    if uri.value.is_ascii() {
        Ok(())
    } else {
        Err(Failed)
    }
}

fn user_notice(mut value: Reader<'_, Failed>) -> Result<(), Failed> {
    let mut notice = value.sequence()?;
    if let Some(reference) = notice.optional(tag::SEQUENCE)? {
        notice_reference(reference.reader())?;
    }
    if !notice.is_empty() {
        display_text(notice.element()?)?;
    }
    notice.finish()
}

fn notice_reference(mut reference: Reader<'_, Failed>) -> Result<(), Failed> {
    display_text(reference.element()?)?;
    let mut numbers = reference.sequence()?;
    while !numbers.is_empty() {
        numbers.integer()?;
    }
    reference.finish()
}

fn display_text(text: Element<'_, Failed>) -> der::Result<(), Failed> {
    let is_allowed = matches!(
        text.tag,
        tag::IA5_STRING | tag::VISIBLE_STRING | tag::BMP_STRING | tag::UTF8_STRING
    );
    if is_allowed && string::chars(text.tag, text.value).is_some() {
        Ok(())
    } else {
        Err(Failed)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::certificate::extensions::list::Item;
    use crate::certificate::testing::{sequence, tlv};

    fn interpretable(kind: &ObjectIdentifier, value: &[u8]) -> bool {
        let der = sequence(&[tlv(tag::OID, kind.as_bytes()), value.to_vec()]);
        let mut reader = Reader::quick(&der);
        Qualifier::read(&mut reader).unwrap().is_interpretable()
    }

    /// F6: a PRACTICE_STATEMENT pointer is an IA5String.
    #[test]
    fn practice_statements() {
        let long = "a".repeat(300);
        for good in ["", "https://policy.example/", "any text", &long] {
            assert!(interpretable(
                &PRACTICE_STATEMENT,
                &tlv(tag::IA5_STRING, good.as_bytes())
            ));
        }
        let uri = b"https://policy.example/";
        for other in [
            tag::UTF8_STRING,
            tag::OCTET_STRING,
            tag::VISIBLE_STRING,
            0x86,
        ] {
            assert!(
                !interpretable(&PRACTICE_STATEMENT, &tlv(other, uri)),
                "{other:#x}"
            );
        }
        assert!(!interpretable(
            &PRACTICE_STATEMENT,
            &tlv(tag::IA5_STRING, "ä".as_bytes())
        ));
        assert!(!interpretable(&PRACTICE_STATEMENT, &sequence(&[])));
    }

    /// F6: a user notice has its reference, its text, both or none.
    #[test]
    fn user_notices() {
        let text = || tlv(tag::UTF8_STRING, "Bedingungen für alle".as_bytes());
        let number = || tlv(tag::INTEGER, &[7]);
        let reference = |numbers: &[Vec<u8>]| {
            let organization = tlv(tag::VISIBLE_STRING, b"Example");
            sequence(&[organization, sequence(numbers)])
        };
        for good in [
            sequence(&[]),
            sequence(&[text()]),
            sequence(&[tlv(tag::BMP_STRING, &[0, 65])]),
            sequence(&[reference(&[])]),
            sequence(&[reference(&[number(), number()]), text()]),
            sequence(&[tlv(tag::IA5_STRING, &[b'a'; 300])]),
        ] {
            assert!(interpretable(&USER_NOTICE, &good), "{good:x?}");
        }
        for bad in [
            text(),
            tlv(tag::NULL, &[]),
            sequence(&[text(), text()]),
            sequence(&[text(), reference(&[])]),
            sequence(&[number()]),
            sequence(&[tlv(tag::PRINTABLE_STRING, b"Example")]),
            sequence(&[tlv(tag::UTF8_STRING, &[0xff])]),
            sequence(&[tlv(tag::BMP_STRING, &[0])]),
            sequence(&[reference(&[text()])]),
            sequence(&[sequence(&[text()])]),
            sequence(&[sequence(&[number(), sequence(&[])])]),
        ] {
            assert!(!interpretable(&USER_NOTICE, &bad), "{bad:x?}");
        }
    }

    #[test]
    fn other_kinds() {
        let other = ObjectIdentifier::new_unwrap("1.2.3");
        assert!(!interpretable(&other, &tlv(tag::IA5_STRING, b"text")));
        assert!(!is_defined(&other) && is_defined(&PRACTICE_STATEMENT) && is_defined(&USER_NOTICE));
    }
}
