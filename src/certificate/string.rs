//! ASN.1 character strings (X.680 section 41, RFC 5280 appendix A.1) read as Unicode.
//!
//! Two questions are kept apart. *What does it say?* ([`chars`], [`text`]) is answered leniently,
//! as certificates in the field demand: a PrintableString, IA5String, NumericString or
//! VisibleString may hold any ASCII character, a TeletexString is read as Latin-1 (which is what
//! issuers put there, whatever T.61 says), a BMPString may hold surrogate pairs. *Does it keep
//! to its type's alphabet?* ([`is_strict`]) is for profiles that refuse the rest. Both are linear
//! and one pass.

use alloc::borrow::Cow;
use core::char::DecodeUtf16;
use core::iter::Map;
use core::slice::Iter;

use crate::der::tag;

/// True for the tags of the character string types that attributes of names use.
#[must_use]
pub(crate) fn is_string(tag: u8) -> bool {
    chars(tag, &[]).is_some()
}

/// How a TeletexString is read that is not ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Teletex {
    /// As most issuers mean it.
    Latin1,
    /// As UTF-8 where it is that, and as Latin-1 otherwise: as .NET reads it.
    Utf8,
}

impl Teletex {
    /// The string type by which the octets of a string of type `tag` are read.
    pub(super) fn tag(self, tag: u8, octets: &[u8]) -> u8 {
        match (self, tag) {
            (Self::Utf8, tag::TELETEX_STRING) if core::str::from_utf8(octets).is_ok() => {
                tag::UTF8_STRING
            }
            _ => tag,
        }
    }
}

/// The characters of a string of type `tag`; `None` where that is no string type or the octets are
/// not a value of it.
#[must_use]
pub(crate) fn chars(tag: u8, octets: &[u8]) -> Option<Chars<'_>> {
    let form = match tag {
        tag::UTF8_STRING => Form::Utf8(core::str::from_utf8(octets).ok()?.chars()),
        tag::PRINTABLE_STRING | tag::IA5_STRING | tag::NUMERIC_STRING | tag::VISIBLE_STRING => {
            Form::Utf8(ascii(octets)?.chars())
        }
        tag::TELETEX_STRING => match ascii(octets) {
            Some(text) => Form::Utf8(text.chars()),
            None => Form::Latin1(octets.iter()),
        },
        tag::BMP_STRING => {
            let (units, []) = octets.as_chunks() else {
                return None;
            };
            let units = units.iter().map(unit as fn(&[u8; 2]) -> u16);
            let chars = char::decode_utf16(units);
            // Only the wide forms can still fail, so only they are walked ahead of use.
            chars.clone().all(|c| c.is_ok()).then_some(())?;
            Form::Utf16(chars)
        }
        tag::UNIVERSAL_STRING => {
            let (units, []) = octets.as_chunks() else {
                return None;
            };
            units
                .iter()
                .all(|unit| wide(unit).is_some())
                .then_some(())?;
            Form::Utf32(units.iter())
        }
        _ => return None,
    };
    Some(Chars(form))
}

/// The text of a string of type `tag`, borrowed where the octets are UTF-8 already; `None` as for
/// [`chars`].
#[must_use]
pub(crate) fn text(tag: u8, octets: &[u8]) -> Option<Cow<'_, str>> {
    Some(match chars(tag, octets)? {
        Chars(Form::Utf8(chars)) => Cow::Borrowed(chars.as_str()),
        chars => Cow::Owned(chars.collect()),
    })
}

fn unit(octets: &[u8; 2]) -> u16 {
    u16::from_be_bytes(*octets)
}

fn wide(octets: &[u8; 4]) -> Option<char> {
    char::from_u32(u32::from_be_bytes(*octets))
}

/// True when the octets keep to the alphabet of the string type `tag`.
///
/// T.61 leaves no octet unassigned that escape sequences could not give a meaning, so every
/// TeletexString passes. A BMPString has no surrogates. An empty string passes: its size is the
/// attribute's business, not the alphabet's.
#[must_use]
pub(crate) fn is_strict(tag: u8, octets: &[u8]) -> bool {
    match tag {
        tag::PRINTABLE_STRING => octets.iter().copied().all(is_printable),
        tag::NUMERIC_STRING => octets.iter().all(|b| b.is_ascii_digit() || *b == b' '),
        tag::VISIBLE_STRING => octets.iter().all(|b| (0x20..0x7f).contains(b)),
        tag::BMP_STRING => {
            chars(tag, octets).is_some_and(|mut chars| chars.all(|c| u32::from(c) <= 0xffff))
        }
        _ => chars(tag, octets).is_some(),
    }
}

/// The alphabet of PrintableString (X.680 section 41.4).
const fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b' ' | b'\'' | b'(' | b')' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b'=' | b'?'
        )
}

fn ascii(octets: &[u8]) -> Option<&str> {
    // Two passes over short strings, each vectorised: validation stops mattering once it is ASCII.
    octets
        .is_ascii()
        .then(|| core::str::from_utf8(octets).ok())
        .flatten()
}

type Units<'a> = Map<Iter<'a, [u8; 2]>, fn(&[u8; 2]) -> u16>;

/// Iterator over the characters of a string, made by [`chars`].
#[derive(Clone, Debug)]
pub(crate) struct Chars<'a>(Form<'a>);

#[derive(Clone, Debug)]
enum Form<'a> {
    Utf8(core::str::Chars<'a>),
    Latin1(Iter<'a, u8>),
    Utf16(DecodeUtf16<Units<'a>>),
    Utf32(Iter<'a, [u8; 4]>),
}

impl Chars<'_> {
    /// True for types that write an ASCII character as one octet.
    pub(super) const fn is_single_octets(&self) -> bool {
        matches!(self.0, Form::Utf8(_) | Form::Latin1(_))
    }
}

impl Iterator for Chars<'_> {
    type Item = char;

    #[inline]
    fn next(&mut self) -> Option<char> {
        match &mut self.0 {
            Form::Utf8(chars) => chars.next(),
            Form::Latin1(octets) => octets.next().copied().map(char::from),
            Form::Utf16(chars) => chars.next()?.ok(),
            Form::Utf32(units) => wide(units.next()?),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            Form::Utf8(chars) => chars.size_hint(),
            Form::Latin1(octets) => octets.size_hint(),
            Form::Utf16(chars) => chars.size_hint(),
            Form::Utf32(units) => units.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    const TYPES: [u8; 8] = [
        tag::UTF8_STRING,
        tag::PRINTABLE_STRING,
        tag::IA5_STRING,
        tag::TELETEX_STRING,
        tag::NUMERIC_STRING,
        tag::VISIBLE_STRING,
        tag::BMP_STRING,
        tag::UNIVERSAL_STRING,
    ];

    #[test]
    fn reads_each_type() {
        for (tag, octets, expected) in [
            (tag::UTF8_STRING, "näme".as_bytes(), "näme"),
            (tag::PRINTABLE_STRING, b"name", "name"),
            (tag::IA5_STRING, b"a@b", "a@b"),
            (tag::TELETEX_STRING, b"n\xe4me", "näme"),
            (tag::TELETEX_STRING, b"name", "name"),
            (tag::NUMERIC_STRING, b"12 3", "12 3"),
            (tag::VISIBLE_STRING, b"name", "name"),
            (tag::BMP_STRING, b"\0n\0\xe4", "nä"),
            (tag::BMP_STRING, b"\xd8\x3d\xdd\x11", "🔑"),
            (tag::UNIVERSAL_STRING, b"\0\0\0n\0\x01\xf5\x11", "n🔑"),
            (tag::UTF8_STRING, b"", ""),
            (tag::BMP_STRING, b"", ""),
        ] {
            assert_eq!(text(tag, octets).as_deref(), Some(expected), "{tag:#x}");
        }
    }

    #[test]
    fn borrows_what_is_utf8_already() {
        for tag in [tag::UTF8_STRING, tag::PRINTABLE_STRING, tag::TELETEX_STRING] {
            assert!(matches!(text(tag, b"name"), Some(Cow::Borrowed("name"))));
        }
    }

    #[test]
    fn printable_strings_are_read_beyond_their_alphabet() {
        let octets = b"*.a_b@c&d";
        assert_eq!(
            text(tag::PRINTABLE_STRING, octets).as_deref(),
            Some("*.a_b@c&d")
        );
        assert!(!is_strict(tag::PRINTABLE_STRING, octets));
        assert!(is_strict(tag::PRINTABLE_STRING, b"Az09 '()+,-./:=?"));
        for octet in b"*@_&!\"#$%;<>[]\\^`{|}~" {
            assert!(!is_strict(tag::PRINTABLE_STRING, &[*octet]), "{octet}");
        }
    }

    #[test]
    fn refuses_octets_that_are_not_of_the_type() {
        for (tag, octets) in [
            (tag::UTF8_STRING, &b"a\xffb"[..]),
            (tag::UTF8_STRING, b"\xed\xa0\x80"), // a surrogate
            (tag::UTF8_STRING, b"\xc0\x80"),     // an overlong NUL
            (tag::PRINTABLE_STRING, b"\xe4"),
            (tag::IA5_STRING, b"\x80"),
            (tag::NUMERIC_STRING, b"\x80"),
            (tag::VISIBLE_STRING, b"\xa0"),
            (tag::BMP_STRING, b"\0AB"),
            (tag::BMP_STRING, b"\xd8\x3d"),
            (tag::BMP_STRING, b"\xd8\x3d\0a"),
            (tag::BMP_STRING, b"\xdd\x11\xd8\x3d"),
            (tag::UNIVERSAL_STRING, b"\0\0\0"),
            (tag::UNIVERSAL_STRING, b"\0\x11\0\0"),
            (tag::UNIVERSAL_STRING, b"\0\0\xd8\0"),
            (tag::OCTET_STRING, b"a"),
            (tag::SEQUENCE, b""),
        ] {
            assert_eq!(text(tag, octets), None, "{tag:#x} {octets:x?}");
            assert!(!is_strict(tag, octets), "{tag:#x} {octets:x?}");
        }
    }

    #[test]
    fn strict_alphabets() {
        assert!(is_strict(tag::NUMERIC_STRING, b"12 3"));
        assert!(!is_strict(tag::NUMERIC_STRING, b"1-2"));
        assert!(is_strict(tag::VISIBLE_STRING, b" ~"));
        assert!(!is_strict(tag::VISIBLE_STRING, b"\t"));
        assert!(is_strict(tag::IA5_STRING, b"\t@\0"));
        assert!(is_strict(tag::BMP_STRING, b"\0a"));
        assert!(!is_strict(tag::BMP_STRING, b"\xd8\x3d\xdd\x11"));
    }

    proptest! {
        #[test]
        fn chars_and_text_agree(tag in any::<u8>(), kind in 0usize..16, octets in proptest::collection::vec(any::<u8>(), 0..24)) {
            let tag = TYPES.get(kind).copied().unwrap_or(tag);
            let read: Option<String> = chars(tag, &octets).map(Iterator::collect);
            prop_assert_eq!(read.as_deref().map(Cow::Borrowed), text(tag, &octets));
            prop_assert!(!is_strict(tag, &octets) || read.is_some());
            prop_assert!(read.is_none() || is_string(tag));
        }

        #[test]
        fn wide_types_read_what_was_written(value in ".{0,24}") {
            let bmp: Vec<u8> = value.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let universal: Vec<u8> = value.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
            prop_assert_eq!(text(tag::BMP_STRING, &bmp), Some(Cow::Borrowed(&*value)));
            prop_assert_eq!(text(tag::UNIVERSAL_STRING, &universal), Some(Cow::Borrowed(&*value)));
        }
    }
}
