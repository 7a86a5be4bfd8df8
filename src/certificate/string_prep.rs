//! Strings prepared for comparison: RFC 4518 section 2, as RFC 5280 section 7.1 asks for names.
//!
//! Two strings are equal when their prepared forms are: transcoded to Unicode, control and
//! zero-width characters dropped, each white space made a SPACE (2.2), case folded, NFKC (2.3),
//! SPACE at both ends removed and runs of it made one (2.6.1 with RFC 5280's rule for runs).
//! Strings of ASCII alone, by far the most, take a byte-wise short cut that gives the same form.
//!
//! Where this departs from the letter: prohibited characters (2.4) stand for themselves instead of
//! making the value incomparable, so that no one leaves an excluded subtree by adding one; and
//! decomposition comes before folding too, so that compatibility characters fold like what they
//! stand for (table B.2 of RFC 3454 has that built in). Folding is lower case of upper case of
//! lower case, which gives the classes of Unicode's full case folding; dotless i is its own class.
//!
//! The form is compared and hashed while it is made: linear, and without allocation unless a
//! character has a long tail of combining marks.

use unicode_normalization::UnicodeNormalization;

use super::string::{self, Chars};

/// A string whose prepared form is made as it is read.
#[derive(Clone, Debug)]
pub(super) struct Prepared<'a> {
    chars: Chars<'a>,
    /// The octets, when each is an ASCII character.
    ascii: Option<&'a [u8]>,
}

impl<'a> Prepared<'a> {
    /// From content octets; `None` where they are no string, or not one of their type.
    pub(super) fn new(tag: u8, octets: &'a [u8]) -> Option<Self> {
        let chars = string::chars(tag, octets)?;
        let ascii = chars.is_single_octets() && octets.is_ascii();
        Some(Self {
            chars,
            ascii: ascii.then_some(octets),
        })
    }

    /// Feeds the form, in UTF-8, to `sink`, cut in the same places for equal forms.
    pub(super) fn write_to(&self, sink: impl FnMut(&[u8])) {
        let mut chunks = Chunks {
            sink,
            held: [0; CHUNK],
            len: 0,
        };
        match self.ascii {
            Some(octets) => ascii_form(octets).for_each(|octet| chunks.push(octet)),
            None => {
                for c in unicode_form(self.chars.clone()) {
                    let mut utf8 = [0; 4];
                    for octet in c.encode_utf8(&mut utf8).bytes() {
                        chunks.push(octet);
                    }
                }
            }
        }
        chunks.flush();
    }
}

impl PartialEq for Prepared<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.ascii, other.ascii) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b) || ascii_form(a).eq(ascii_form(b)),
            _ => unicode_form(self.chars.clone()).eq(unicode_form(other.chars.clone())),
        }
    }
}

fn ascii_form(octets: &[u8]) -> impl Iterator<Item = u8> {
    Squeezed::new(octets.iter().filter_map(|octet| match octet {
        0x09..=0x0d => Some(b' '),
        0x00..=0x1f | 0x7f => None,
        _ => Some(octet.to_ascii_lowercase()),
    }))
}

fn unicode_form(chars: Chars<'_>) -> impl Iterator<Item = char> {
    Squeezed::new(chars.filter_map(mapped).nfkd().flat_map(folded).nfkc())
}

/// RFC 4518 section 2.2 without case folding: the character, a SPACE for white space, `None` for
/// what is dropped.
fn mapped(c: char) -> Option<char> {
    match c {
        '\u{20}'..='\u{7e}' => Some(c),
        '\u{9}'..='\u{d}' | '\u{85}' => Some(' '),
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => None,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' => Some(' '),
        '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        // Soft hyphens, the grapheme joiner, variation selectors, the object replacement character.
        '\u{ad}' | '\u{1806}' | '\u{34f}' | '\u{180b}'..='\u{180d}' => None,
        '\u{fe00}'..='\u{fe0f}' | '\u{fffc}' => None,
        // Code points with a control function.
        '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2063}' | '\u{206a}'..='\u{206f}' => None,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' => None,
        '\u{e0001}' | '\u{e0020}'..='\u{e007f}' => None,
        _ => Some(c),
    }
}

fn folded(c: char) -> impl Iterator<Item = char> {
    let simple = match c {
        'ı' => Some(c), // upper case would make a plain I of it
        _ if c.is_ascii() => Some(c.to_ascii_lowercase()),
        _ => None,
    };
    let cased = simple.is_none().then_some(c);
    simple.into_iter().chain(
        cased
            .into_iter()
            .flat_map(char::to_lowercase)
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase),
    )
}

/// Drops SPACE at both ends and keeps one of each inner run.
struct Squeezed<I: Iterator> {
    items: I,
    /// The item after a SPACE that was handed out.
    next: Option<I::Item>,
    started: bool,
}

impl<I: Iterator> Squeezed<I> {
    fn new(items: I) -> Self {
        Self {
            items,
            next: None,
            started: false,
        }
    }
}

impl<T: From<u8> + PartialEq, I: Iterator<Item = T>> Iterator for Squeezed<I> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if let Some(item) = self.next.take() {
            return Some(item);
        }
        let space = T::from(b' ');
        let mut item = self.items.next()?;
        if item != space {
            self.started = true;
            return Some(item);
        }
        while item == space {
            item = self.items.next()?;
        }
        if !self.started {
            self.started = true;
            return Some(item);
        }
        self.next = Some(item);
        Some(space)
    }
}

const CHUNK: usize = 64;

/// Gathers octets, since a hasher is slow octet by octet.
struct Chunks<F> {
    sink: F,
    held: [u8; CHUNK],
    len: usize,
}

impl<F: FnMut(&[u8])> Chunks<F> {
    fn push(&mut self, octet: u8) {
        if self.len == CHUNK {
            self.flush();
        }
        if let Some(slot) = self.held.get_mut(self.len) {
            *slot = octet;
            self.len += 1;
        }
    }

    fn flush(&mut self) {
        (self.sink)(self.held.get(..self.len).unwrap_or_default());
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec::Vec};

    use proptest::prelude::*;

    use super::*;
    use crate::der::tag;

    fn form(text: &str) -> String {
        let prepared = Prepared::new(tag::UTF8_STRING, text.as_bytes()).unwrap();
        let mut out = Vec::new();
        prepared.write_to(|chunk| out.extend_from_slice(chunk));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn folds_case_and_white_space() {
        for (text, expected) in [
            ("", ""),
            ("  ", ""),
            (" Example  Org ", "example org"),
            ("a\t\r\nb", "a b"),
            ("a\u{b}\u{c}b", "a b"),
            ("a\0b\x7f\x1b", "ab"),
            ("a \0 b", "a b"),
            ("Ärger", "ärger"),
            ("A\u{308}rger", "ärger"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("ΟΔΟΣ", "οδοσ"),
            ("οδος", "οδοσ"),
            ("\u{212a}", "k"), // Kelvin sign
            ("ﬁ", "fi"),       // ligature
            ("ＡＢ", "ab"),    // full width
            ("𝐀", "a"),        // mathematical bold
            ("℡", "tel"),
            ("ı", "ı"),
            ("İ", "i\u{307}"),
            ("a\u{ad}b\u{200b}c\u{feff}d\u{202e}e\u{85}f", "abcde f"),
            ("\u{a0}a\u{3000}\u{2003}b\u{2028}", "a b"),
            ("a\u{fe0f}\u{180e}\u{e0041}b\u{fffc}", "ab"),
            ("山田", "山田"),
        ] {
            assert_eq!(form(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_form_is_made_of_whole_chunks() {
        for len in [0, 1, 63, 64, 65, 128, 200] {
            let text = "aß".repeat(len);
            assert_eq!(form(&text), "ass".repeat(len));
            assert_eq!(form(&"A".repeat(len)), "a".repeat(len));
        }
    }

    #[test]
    fn octets_that_are_no_string_are_not_prepared() {
        assert!(Prepared::new(tag::OCTET_STRING, b"a").is_none());
        assert!(Prepared::new(tag::UTF8_STRING, b"\xff").is_none());
        // ASCII octets of a wide type are not ASCII characters.
        assert_eq!(Prepared::new(tag::BMP_STRING, b"ab").unwrap().ascii, None);
    }

    proptest! {
        #[test]
        fn the_short_cut_gives_the_same_form(text in "[\\x00-\\x7f]{0,80}") {
            let prepared = Prepared::new(tag::IA5_STRING, text.as_bytes()).unwrap();
            let long: String = unicode_form(prepared.chars.clone()).collect();
            prop_assert_eq!(form(&text), long);
        }

        #[test]
        fn preparing_twice_changes_nothing(text in ".{0,24}") {
            let once = form(&text);
            prop_assert_eq!(form(&once), once);
        }

        #[test]
        fn upper_and_lower_case_are_equal(text in "[a-zäöüßéñçα-ωа-яﬁ ]{0,16}") {
            prop_assert_eq!(form(&text.to_uppercase()), form(&text.to_lowercase()));
        }

        #[test]
        fn compositions_are_equal(text in ".{0,16}") {
            prop_assert_eq!(form(&text.nfc().collect::<String>()), form(&text));
            prop_assert_eq!(form(&text.nfd().collect::<String>()), form(&text));
        }
    }
}
