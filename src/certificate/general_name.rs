//! GeneralName (RFC 5280 section 4.2.1.6): the forms in which certificates name holders, issuers
//! and places.
//!
//! ```text
//! GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName
//! GeneralName ::= CHOICE {
//!     otherName                  [0] SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY },
//!     rfc822Name                 [1] IA5String,
//!     dNSName                    [2] IA5String,
//!     x400Address                [3] ORAddress,
//!     directoryName              [4] EXPLICIT Name,
//!     ediPartyName               [5] SEQUENCE { nameAssigner [0], partyName [1] },
//!     uniformResourceIdentifier  [6] IA5String,
//!     iPAddress                  [7] OCTET STRING,
//!     registeredID               [8] OBJECT IDENTIFIER }
//! ```
//!
//! Decoding refuses what has let names be read in two ways: octets outside ASCII and an embedded
//! NUL in any string. It does not ask that a name can be *used*: a dNSName that is no host name
//! (`Root CA`, `host:443`), an empty string, a wildcard in the middle and an empty list decode, and
//! name nobody. A name constraint that meets such a dNSName refuses it, and a strict profile asks
//! [`dns_is_well_formed`]. One pass over the octets, nothing copied.

use core::net::IpAddr;

use super::extensions::Decode;
use super::extensions::list::{Item, List, sequence_of};
use super::name::Name;
use crate::der::{self, Element, ErrorKind, ReadError, Reader, tag};
use crate::octets;
use crate::oid::{Oid, UPN};

const OTHER: u8 = tag::context_constructed(0);
const RFC822: u8 = tag::context(1);
const DNS: u8 = tag::context(2);
const X400: u8 = tag::context_constructed(3);
const DIRECTORY: u8 = tag::context_constructed(4);
const EDI_PARTY: u8 = tag::context_constructed(5);
pub(super) const URI: u8 = tag::context(6);
/// The tag of an iPAddress, which name constraints read by a rule of their own.
pub(super) const IP: u8 = tag::context(7);
const REGISTERED_ID: u8 = tag::context(8);

/// One name, in one of the forms of RFC 5280. Texts are as they stand in the certificate, where
/// they may hold control characters; `Debug` escapes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneralName<'a> {
    /// A name of a form that its identifier defines.
    Other {
        /// Which form.
        type_id: Oid<'a>,
        /// The value: one whole DER element, its inside not looked at.
        value: &'a [u8],
    },
    /// A mailbox. ASCII without NUL; its syntax is not checked.
    Rfc822(&'a str),
    /// What stands for a DNS name. ASCII without NUL; its syntax is not checked.
    Dns(&'a str),
    /// An X.400 address: the content octets, a run of DER elements.
    X400(&'a [u8]),
    /// A distinguished name.
    Directory(Name<'a>),
    /// An EDI party: the content octets, assigner (if any) and party.
    EdiParty(&'a [u8]),
    /// A URI. ASCII without NUL; its syntax is not checked.
    Uri(&'a str),
    /// An IP address: 4 or 16 octets. At the root of a subtree of name constraints an address and a
    /// mask: 8 or 32 octets, where any other length decodes and cannot be applied.
    Ip(&'a [u8]),
    /// A registered object identifier.
    RegisteredId(Oid<'a>),
}

impl<'a> GeneralName<'a> {
    /// Decodes one GeneralName.
    ///
    /// # Errors
    /// When the input is not exactly one well-formed name.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_element(&Reader::new(input).only_element()?)
    }

    /// Decodes the name that an element holds.
    pub(super) fn from_element<E: ReadError>(element: &Element<'a, E>) -> Result<Self, E> {
        match element.tag {
            OTHER => other(element),
            RFC822 => ia5(element).map(Self::Rfc822),
            DNS => ia5(element).map(Self::Dns),
            X400 => x400(element).map(Self::X400),
            DIRECTORY => directory(element).map(Self::Directory),
            EDI_PARTY => edi_party(element).map(Self::EdiParty),
            URI => ia5(element).map(Self::Uri),
            IP if matches!(element.value.len(), 4 | 16) => Ok(Self::Ip(element.value)),
            IP => Err(element.error(ErrorKind::BadValue)),
            REGISTERED_ID if der::is_oid(element.value) => {
                Ok(Self::RegisteredId(Oid::new(element.value)))
            }
            REGISTERED_ID => Err(element.error(ErrorKind::BadValue)),
            _ => Err(element.error(ErrorKind::UnexpectedTag)),
        }
    }

    /// Decodes the root of a subtree of name constraints, where an address of any length decodes.
    pub(super) fn of_subtree<E: ReadError>(element: &Element<'a, E>) -> Result<Self, E> {
        match element.tag {
            IP => Ok(Self::Ip(element.value)),
            _ => Self::from_element(element),
        }
    }

    /// Fails where [`GeneralName::from_element`] does.
    #[inline]
    pub(super) fn check_element<E: ReadError>(element: &Element<'a, E>) -> Result<(), E> {
        match element.tag {
            RFC822 | DNS | URI if is_ia5(element.value) => Ok(()),
            RFC822 | DNS | URI => Err(element.error(ErrorKind::BadValue)),
            _ => Self::from_element(element).map(drop),
        }
    }

    /// The user principal name: an otherName 1.3.6.1.4.1.311.20.2.3 whose value is a UTF8String.
    /// One with control characters is none: a NUL or an end of line makes others read another
    /// name than was vouched for.
    #[must_use]
    pub fn upn(&self) -> Option<&'a str> {
        match self {
            Self::Other { type_id, value } if *type_id == UPN => {
                utf8_string(value).filter(|text| !text.contains(char::is_control))
            }
            _ => None,
        }
    }

    /// The address of an iPAddress.
    #[must_use]
    pub fn ip_address(&self) -> Option<IpAddr> {
        let Self::Ip(octets) = self else { return None };
        <[u8; 4]>::try_from(*octets)
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(*octets).map(IpAddr::from))
            .ok()
    }
}

impl<'a> Item<'a> for GeneralName<'a> {
    fn read<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<Self, E> {
        Self::from_element(&reader.element()?)
    }

    #[inline]
    fn check<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<(), E> {
        Self::check_element(&reader.element()?)
    }
}

fn other<'a, E: ReadError>(element: &Element<'a, E>) -> Result<GeneralName<'a>, E> {
    let mut fields = element.reader();
    let type_id = Oid::new(fields.oid()?);
    let value = fields
        .expect(tag::context_constructed(0))?
        .reader()
        .only_element()?;
    fields.finish()?;
    Ok(GeneralName::Other {
        type_id,
        value: value.whole,
    })
}

fn directory<'a, E: ReadError>(element: &Element<'a, E>) -> Result<Name<'a>, E> {
    Name::from_element(&element.reader().only_element()?)
}

fn x400<'a, E: ReadError>(element: &Element<'a, E>) -> Result<&'a [u8], E> {
    let mut reader = element.reader();
    while !reader.is_empty() {
        reader.element()?;
    }
    Ok(element.value)
}

/// Both fields are CHOICEs (DirectoryString), so their tags are explicit.
fn edi_party<'a, E: ReadError>(element: &Element<'a, E>) -> Result<&'a [u8], E> {
    let mut reader = element.reader();
    if let Some(assigner) = reader.optional(tag::context_constructed(0))? {
        assigner.reader().only_element()?;
    }
    let party = reader.expect(tag::context_constructed(1))?;
    party.reader().only_element()?;
    reader.finish()?;
    Ok(element.value)
}

fn ia5<'a, E: ReadError>(element: &Element<'a, E>) -> Result<&'a str, E> {
    let text = core::str::from_utf8(element.value).ok();
    let text = text.filter(|_| is_ia5(element.value));
    text.ok_or_else(|| element.error(ErrorKind::BadValue))
}

/// An IA5String without NUL (CVE-2009-2408: what stands before the NUL was taken for the name).
// Once, and called: it is long where it stands, and a validation that is short of room for its own
// code is slow.
#[inline(never)]
pub(crate) fn is_ia5(octets: &[u8]) -> bool {
    octets::all(octets, |b| b.is_ascii() & (b != 0))
}

fn utf8_string(der: &[u8]) -> Option<&str> {
    let text = Reader::quick(der).only(tag::UTF8_STRING).ok()?;
    core::str::from_utf8(text.value).ok()
}

/// True for a name in the preferred syntax that RFC 5280 section 4.2.1.6 asks of a dNSName (RFC
/// 1034 section 3.5, a digit may come first by RFC 1123 section 2.1), or a wildcard over one:
/// labels of 1 to 63 letters, digits and inner hyphens, 253 octets in all, no trailing dot, `*`
/// only as the whole leftmost label and not alone.
#[must_use]
pub(crate) fn dns_is_well_formed(name: &str) -> bool {
    let host = name.strip_prefix("*.").unwrap_or(name);
    name.len() <= 253 && host.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    label.len() <= 63
        && !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

sequence_of! {
    /// A list of names, all of them well formed. It may be empty, and then names nobody.
    GeneralNames<'a> of GeneralName<'a>
}

/// The names of one form that is text.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $Form:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
            self.iter().filter_map(|name| match name {
                GeneralName::$Form(text) => Some(text),
                _ => None,
            })
        }
    )*};
}

impl<'a> GeneralNames<'a> {
    /// Decodes a SEQUENCE OF GeneralName, with nothing behind it.
    ///
    /// # Errors
    /// When the framing or any of the names is malformed.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::decode(Reader::new(input))
    }

    /// From an element of any tag whose content is that of GeneralNames (IMPLICIT tagging).
    pub(crate) fn from_content<E: ReadError>(element: &Element<'a, E>) -> Result<Self, E> {
        List::read(element.reader()).map(Self)
    }

    texts! {
        /// The dNSNames.
        dns_names: Dns;
        /// The rfc822Names (mailboxes).
        rfc822_names: Rfc822;
        /// The URIs.
        uris: Uri;
    }

    /// The user principal names.
    pub fn upns(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.iter().filter_map(|name| name.upn())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use ::der::Encode;
    use ::der::asn1::{Any, Ia5String, ObjectIdentifier, OctetString};
    use portcullis_testkit::der::tlv;
    use proptest::prelude::*;
    use x509_cert::ext::pkix::name::{GeneralName as Reference, OtherName};

    use super::*;

    fn kind(der: &[u8]) -> ErrorKind {
        GeneralName::from_der(der).unwrap_err().kind
    }

    #[test]
    fn every_form_decodes() {
        let oid = Oid::new(&[0x2a, 3, 4]);
        for (der, name) in [
            (tlv(0x81, b"a@b"), GeneralName::Rfc822("a@b")),
            (tlv(0x82, b"*.a_b.c"), GeneralName::Dns("*.a_b.c")),
            (tlv(0xa3, &[0x30, 0]), GeneralName::X400(&[0x30, 0])),
            (
                tlv(0xa4, &[0x30, 0]),
                GeneralName::Directory(Name::from_der(&[0x30, 0]).unwrap()),
            ),
            (
                tlv(0xa5, &[0xa1, 2, 0x0c, 0]),
                GeneralName::EdiParty(&[0xa1, 2, 0x0c, 0]),
            ),
            (tlv(0x86, b"urn:x"), GeneralName::Uri("urn:x")),
            (tlv(0x87, &[10, 0, 0, 1]), GeneralName::Ip(&[10, 0, 0, 1])),
            (tlv(0x88, &[0x2a, 3, 4]), GeneralName::RegisteredId(oid)),
            (
                tlv(0xa0, &[6, 3, 0x2a, 3, 4, 0xa0, 2, 5, 0]),
                GeneralName::Other {
                    type_id: oid,
                    value: &[5, 0],
                },
            ),
        ] {
            assert_eq!(GeneralName::from_der(&der), Ok(name), "{der:x?}");
        }
    }

    #[test]
    fn strings_are_ascii_without_nul() {
        for tag in [0x81, 0x82, 0x86] {
            for text in [&b"a\0.b"[..], b"\0", "\u{e9}".as_bytes(), &[0xff]] {
                assert_eq!(
                    kind(&tlv(tag, text)),
                    ErrorKind::BadValue,
                    "{tag:x} {text:x?}"
                );
            }
            assert!(GeneralName::from_der(&tlv(tag, b"")).is_ok());
        }
    }

    /// F1: what is no host name decodes, and is for others to judge.
    #[test]
    fn dns_names_are_ascii_without_nul() {
        for good in [
            "", " ", ".", "A.b.", ".a", "*", "b*r.x", "_sip.a", "Root CA", "a:443", "a,b", "a\nb",
        ] {
            let der = tlv(0x82, good.as_bytes());
            assert_eq!(GeneralName::from_der(&der), Ok(GeneralName::Dns(good)));
        }
        for bad in ["a\0b", "\0", "ä"] {
            assert_eq!(kind(&tlv(0x82, bad.as_bytes())), ErrorKind::BadValue);
        }
    }

    #[test]
    fn faults_of_the_other_forms() {
        for (der, expected) in [
            (&[0x89, 1, 0x78][..], ErrorKind::UnexpectedTag),
            (&[0x80, 0], ErrorKind::UnexpectedTag),
            (&[0xa2, 0], ErrorKind::UnexpectedTag),
            (&[0x87, 3, 1, 2, 3], ErrorKind::BadValue),
            (&[0x87, 8, 1, 2, 3, 4, 5, 6, 7, 8], ErrorKind::BadValue),
            (&[0x88, 0], ErrorKind::BadValue),
            (&[0x88, 1, 0x80], ErrorKind::BadValue),
            (&[0xa0, 0], ErrorKind::Truncated),
            (&[0xa0, 5, 6, 3, 0x2a, 3, 4], ErrorKind::Truncated),
            (&[0xa0, 7, 6, 3, 0x2a, 3, 4, 0xa0, 0], ErrorKind::Truncated),
            (&[0xa0, 7, 6, 3, 0x2a, 3, 4, 5, 0], ErrorKind::UnexpectedTag),
            (
                &[0xa0, 11, 6, 3, 0x2a, 3, 4, 0xa0, 4, 5, 0, 5, 0],
                ErrorKind::TrailingData,
            ),
            (
                &[0xa0, 11, 6, 3, 0x2a, 3, 4, 0xa0, 2, 5, 0, 5, 0],
                ErrorKind::TrailingData,
            ),
            (&[0xa3, 1, 0x30], ErrorKind::Truncated),
            (&[0xa4, 0], ErrorKind::Truncated),
            (&[0xa4, 2, 0x31, 0], ErrorKind::UnexpectedTag),
            (&[0xa4, 4, 0x30, 0, 0x30, 0], ErrorKind::TrailingData),
            (&[0xa5, 0], ErrorKind::Truncated),
            (&[0xa5, 4, 0xa0, 2, 0x0c, 0], ErrorKind::Truncated),
            (&[0xa5, 2, 0xa1, 0], ErrorKind::Truncated),
            (&[0x82, 1], ErrorKind::Truncated),
            (&[0x82, 0, 0], ErrorKind::TrailingData),
            (&[], ErrorKind::Truncated),
        ] {
            assert_eq!(kind(der), expected, "{der:x?}");
        }
    }

    #[test]
    fn principal_names_are_utf8_strings() {
        let upn = |value: &[u8]| {
            let mut content = tlv(6, UPN.as_bytes());
            content.extend(tlv(0xa0, value));
            tlv(0xa0, &content)
        };
        let text = |value: &[u8]| {
            let der = upn(value);
            GeneralName::from_der(&der).unwrap().upn().map(String::from)
        };
        assert_eq!(text(&tlv(0x0c, b"a@x")).as_deref(), Some("a@x"));
        assert_eq!(text(&tlv(0x16, b"a@x")), None);
        assert_eq!(text(&tlv(0x0c, &[0xff])), None);
        for control in ["a@x\0", "a@x\0.y", "a@x\r\nb", "\u{7f}a@x", "a@x\u{85}"] {
            assert_eq!(text(&tlv(0x0c, control.as_bytes())), None, "{control:?}");
        }
        assert_eq!(GeneralName::Rfc822("a@x").upn(), None);
    }

    #[test]
    fn addresses() {
        let v6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let text = |name: GeneralName<'_>| name.ip_address().map(|ip| ip.to_string());
        assert_eq!(
            text(GeneralName::Ip(&[10, 0, 0, 1])).as_deref(),
            Some("10.0.0.1")
        );
        assert_eq!(text(GeneralName::Ip(&v6)).as_deref(), Some("::1"));
        assert_eq!(text(GeneralName::Dns("10.0.0.1")), None);
    }

    #[test]
    fn preferred_syntax() {
        let long = |n: usize| "a".repeat(n);
        let labels = |n: usize| "a.".repeat(n) + "a";
        for good in [
            "a",
            "a.b",
            "*.a.b",
            "*.a",
            "1.a",
            "xn--bcher-kva.example",
            "a-b.c",
        ] {
            assert!(dns_is_well_formed(good), "{good}");
        }
        assert!(dns_is_well_formed(&long(63)) && !dns_is_well_formed(&long(64)));
        assert!(dns_is_well_formed(&labels(126)) && !dns_is_well_formed(&labels(127)));
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "*",
            "*.",
            "*.*.a",
            "a.*.b",
            "b*.a",
            "*a.b",
            "xn--*-a.b",
            "-a.b",
            "a-.b",
            "a_b.c",
            " ",
            "a b",
            "\u{fc}.a",
        ] {
            assert!(!dns_is_well_formed(bad), "{bad:?}");
        }
    }

    #[test]
    fn lists_give_names_by_form() {
        let der = [
            &[0x30, 20][..],
            &[0x82, 1, b'a', 0x81, 1, b'm', 0x86, 1, b'u', 0x82, 0],
            &[0x87, 4, 10, 0, 0, 1, 0x82, 1, b'b'],
        ]
        .concat();
        let names = GeneralNames::from_der(&der).unwrap();
        assert_eq!(names.iter().count(), 6);
        assert_eq!(names.dns_names().collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(names.rfc822_names().next(), Some("m"));
        assert_eq!(names.uris().next(), Some("u"));
        assert_eq!(names.upns().next(), None);
    }

    #[test]
    fn lists_are_checked_as_a_whole() {
        assert!(GeneralNames::from_der(&[0x30, 0]).unwrap().is_empty());
        let error = GeneralNames::from_der(&[0x30, 5, 0x82, 1, b'a', 0x89, 0]).unwrap_err();
        assert_eq!((error.kind, error.offset), (ErrorKind::UnexpectedTag, 5));
        // An entry whose length runs beyond the SEQUENCE.
        let error = GeneralNames::from_der(&[0x30, 3, 0x82, 2, b'a', b'b']).unwrap_err();
        assert_eq!(error.kind, ErrorKind::TrailingData);
        let error = GeneralNames::from_der(&[0x30, 3, 0x82, 2, b'a']).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Truncated);
    }

    fn names() -> impl Strategy<Value = Reference> {
        let ia5 = |text: String| Ia5String::new(text.as_str()).unwrap();
        let arcs = (0u32..40, proptest::collection::vec(any::<u32>(), 1..4));
        let oid = arcs.prop_map(|(second, arcs)| {
            ObjectIdentifier::from_arcs([1, second].into_iter().chain(arcs)).unwrap()
        });
        prop_oneof![
            "[a-z@.]{0,200}".prop_map(move |t| Reference::Rfc822Name(ia5(t))),
            "[a-z*._-]{0,200}".prop_map(move |t| Reference::DnsName(ia5(t))),
            "[ -~]{0,200}".prop_map(move |t| Reference::UniformResourceIdentifier(ia5(t))),
            any::<[u8; 4]>().prop_map(|a| Reference::IpAddress(OctetString::new(a).unwrap())),
            any::<[u8; 16]>().prop_map(|a| Reference::IpAddress(OctetString::new(a).unwrap())),
            oid.clone().prop_map(Reference::RegisteredId),
            (oid, any::<bool>()).prop_map(|(type_id, value)| Reference::OtherName(OtherName {
                type_id,
                value: Any::encode_from(&value).unwrap(),
            })),
            "[a-z]{1,20}".prop_map(|cn| Reference::DirectoryName(
                alloc::format!("CN={cn},C=DE").parse().unwrap()
            )),
        ]
    }

    fn same(ours: &GeneralName<'_>, theirs: &Reference) -> bool {
        match (ours, theirs) {
            (GeneralName::Rfc822(a), Reference::Rfc822Name(b))
            | (GeneralName::Dns(a), Reference::DnsName(b))
            | (GeneralName::Uri(a), Reference::UniformResourceIdentifier(b)) => *a == b.as_str(),
            (GeneralName::Ip(a), Reference::IpAddress(b)) => *a == b.as_bytes(),
            (GeneralName::RegisteredId(a), Reference::RegisteredId(b)) => a == b,
            (GeneralName::Other { type_id, value }, Reference::OtherName(b)) => {
                *type_id == b.type_id && *value == b.value.to_der().unwrap()
            }
            (GeneralName::Directory(a), Reference::DirectoryName(b)) => {
                a.as_der() == b.to_der().unwrap()
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(theirs in proptest::collection::vec(names(), 0..8)) {
            let der = theirs.to_der().unwrap();
            let ours = GeneralNames::from_der(&der).unwrap();
            prop_assert_eq!(ours.iter().count(), theirs.len());
            for (a, b) in ours.iter().zip(&theirs) {
                prop_assert!(same(&a, b), "{:?} {:?}", a, b);
            }
        }

        #[test]
        fn never_panics(
            tag in prop_oneof![0x80u8..=0x89, 0xa0u8..=0xa9],
            content in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let _ = GeneralNames::from_der(&content);
            if let Ok(name) = GeneralName::from_der(&tlv(tag, &content)) {
                let _ = (name.upn(), name.ip_address());
            }
        }

        #[test]
        fn well_formed_dns_names_decode(name in "[a-z0-9*._-]{0,70}") {
            if dns_is_well_formed(&name) {
                prop_assert!(GeneralName::from_der(&tlv(0x82, name.as_bytes())).is_ok());
            }
        }
    }
}
