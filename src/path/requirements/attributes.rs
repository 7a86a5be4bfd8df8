//! String types, alphabets and lengths of the attributes of names (RFC 5280 appendix A.1).
//!
//! A DirectoryString may be of five types, of which three are for names that were in use before the
//! RFC; whether one was cannot be seen, so that only the Baseline Requirements refuse them, in
//! leaves. Attributes that the RFC does not define have to keep to the alphabet of their type. One
//! pass over the value.

use crate::certificate::Attribute;
use crate::certificate::string;
use crate::der::tag;
use crate::oid::attribute_types as types;

/// The string types of an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Directory,
    Printable,
    Ia5,
}

impl Type {
    const fn allows(self, tag: u8) -> bool {
        match self {
            Self::Directory => matches!(
                tag,
                tag::UTF8_STRING
                    | tag::PRINTABLE_STRING
                    | tag::TELETEX_STRING
                    | tag::BMP_STRING
                    | tag::UNIVERSAL_STRING
            ),
            Self::Printable => tag == tag::PRINTABLE_STRING,
            Self::Ia5 => tag == tag::IA5_STRING,
        }
    }
}

/// The type of an attribute and the characters that it may have: at least, at most.
fn syntax(attribute: &Attribute<'_>) -> Option<(Type, usize, usize)> {
    let (last, arcs) = attribute.oid.as_bytes().split_last()?;
    Some(match (arcs, last) {
        (types::X520, 3 | 10 | 11 | 12) => (Type::Directory, 1, 64), // CN, O, OU, title
        (types::X520, 7 | 8 | 65) => (Type::Directory, 1, 128),      // L, ST, pseudonym
        // surname, name, givenName, initials, generation
        (types::X520, 4 | 41..=44) => (Type::Directory, 1, 32_768),
        (types::X520, 5) => (Type::Printable, 1, 64), // serialNumber
        (types::X520, 6) => (Type::Printable, 2, 2),  // C
        (types::X520, 46) => (Type::Printable, 1, usize::MAX), // dnQualifier
        (types::PILOT, 25) => (Type::Ia5, 0, usize::MAX), // DC
        (types::PKCS9, 1) => (Type::Ia5, 1, 255),     // emailAddress
        _ => return None,
    })
}

/// True when the value has the type, the alphabet and the length of its attribute.
pub(super) fn is_regular(attribute: &Attribute<'_>) -> bool {
    if string::is_string(attribute.tag) && !string::is_strict(attribute.tag, attribute.value) {
        return false;
    }
    let Some((expected, least, most)) = syntax(attribute) else {
        return true;
    };
    let length = || string::chars(attribute.tag, attribute.value).map(Iterator::count);
    expected.allows(attribute.tag) && length().is_some_and(|n| (least..=most).contains(&n))
}

/// False for a DirectoryString of a type that is only there for names of the past.
pub(super) fn is_current(attribute: &Attribute<'_>) -> bool {
    let directory = matches!(syntax(attribute), Some((Type::Directory, ..)));
    !directory || matches!(attribute.tag, tag::UTF8_STRING | tag::PRINTABLE_STRING)
}

#[cfg(test)]
mod tests {
    use const_oid::ObjectIdentifier;

    use super::*;
    use crate::certificate::Name;
    use crate::certificate::testing::{sequence, tlv};

    /// Is it regular, is it current?
    fn regular(oid: &str, tag: u8, value: &[u8]) -> (bool, bool) {
        let oid = ObjectIdentifier::new_unwrap(oid);
        let attribute = sequence(&[tlv(6, oid.as_bytes()), tlv(tag, value)]);
        let der = sequence(&[tlv(0x31, &attribute)]);
        let name = Name::from_der(&der).unwrap();
        let attribute = name.attributes().next().unwrap();
        (is_regular(&attribute), is_current(&attribute))
    }

    #[test]
    fn directory_strings_are_of_five_types_and_bounded() {
        let cn = "2.5.4.3";
        assert_eq!(regular(cn, tag::UTF8_STRING, "Ä".as_bytes()), (true, true));
        assert_eq!(regular(cn, tag::PRINTABLE_STRING, b"a"), (true, true));
        assert_eq!(regular(cn, tag::TELETEX_STRING, b"a"), (true, false));
        assert_eq!(regular(cn, tag::BMP_STRING, b"\0a"), (true, false));
        assert_eq!(regular(cn, tag::IA5_STRING, b"a"), (false, false));
        assert_eq!(regular(cn, tag::UTF8_STRING, b""), (false, true));
        // Characters are counted, not octets.
        let long = "Ä".repeat(64);
        assert_eq!(regular(cn, tag::UTF8_STRING, long.as_bytes()), (true, true));
        assert_eq!(
            regular(cn, tag::UTF8_STRING, &[b'a'; 65][..]),
            (false, true)
        );
        assert!(regular("2.5.4.7", tag::UTF8_STRING, &[b'a'; 65]).0);
    }

    #[test]
    fn alphabets_are_kept() {
        assert!(!regular("2.5.4.3", tag::PRINTABLE_STRING, b"a@b").0);
        assert!(!regular("2.5.4.3", tag::PRINTABLE_STRING, b"*.a").0);
        assert!(!regular("2.5.4.99", tag::PRINTABLE_STRING, b"a_b").0);
        assert!(regular("2.5.4.99", tag::NUMERIC_STRING, b"1 2").0);
        assert!(!regular("2.5.4.99", tag::NUMERIC_STRING, b"1a").0);
        // What is no string is its attribute's business.
        assert!(regular("2.5.4.99", 4, &[0xff]).0);
    }

    #[test]
    fn countries_and_mail_have_types_of_their_own() {
        assert!(regular("2.5.4.6", tag::PRINTABLE_STRING, b"CH").0);
        assert!(!regular("2.5.4.6", tag::PRINTABLE_STRING, b"CHE").0);
        assert!(!regular("2.5.4.6", tag::UTF8_STRING, b"CH").0);
        assert!(regular("1.2.840.113549.1.9.1", tag::IA5_STRING, b"a@b.example").0);
        assert!(!regular("1.2.840.113549.1.9.1", tag::UTF8_STRING, b"a@b.example").0);
        assert!(regular("0.9.2342.19200300.100.1.25", tag::IA5_STRING, b"example").0);
    }
}
