//! The grammar of `x-forwarded-client-cert`.
//!
//! ```text
//! header  = element *( "," element )          appended at the end, by each proxy
//! element = pair *( ";" pair )
//! pair    = key "=" ( value / DQUOTE quoted DQUOTE )
//! ```
//!
//! Keys are `By`, `Hash`, `Cert`, `Chain`, `Subject`, `URI` and `DNS`, in any case. A quotation
//! mark may stand only at the beginning and the end of a value, and the whole header must follow
//! the grammar. So a quotation mark in an element that the client wrote cannot move the borders of
//! later elements.
//!
//! The grammar cannot distinguish one value that contains a comma or a semicolon from two values.
//! The head of `envoy.rs` says which values may contain them. This module records the first such
//! value, and whether a value that is read comes after it.

use super::error::HeaderFault;

/// The values of one element that are read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ElementParts<'a> {
    pub(super) hash: Option<&'a [u8]>,
    pub(super) cert: Option<&'a [u8]>,
    pub(super) chain: Option<&'a [u8]>,
    /// The offset in the header of the first unescaped name from the client's certificate.
    pub(super) unescaped_name: Option<usize>,
    /// True if one of the three comes after that name.
    pub(super) is_read_behind_name: bool,
}

impl<'a> ElementParts<'a> {
    /// Adds a pair that begins at this offset. Returns `None` if the pair is not allowed.
    fn add(&mut self, pair: &KeyValue<'a>, offset: usize) -> Option<()> {
        let is = |key: &[u8]| pair.key.eq_ignore_ascii_case(key);
        let place = match () {
            () if is(b"hash") => &mut self.hash,
            () if is(b"cert") => &mut self.cert,
            () if is(b"chain") => &mut self.chain,
            // The proxy's own name.
            () if is(b"by") => return Some(()),
            () if is(b"subject") && pair.is_quoted => return Some(()),
            // Quotation marks around a URI or a DNS name may be part of the name itself.
            () if is(b"subject") || is(b"uri") || is(b"dns") => {
                self.unescaped_name.get_or_insert(offset);
                return Some(());
            }
            // An unknown key may be a misspelt `Hash`, which must not go unchecked.
            () => return None,
        };
        self.is_read_behind_name |= self.unescaped_name.is_some();
        // Of two values, neither may be preferred.
        place.replace(pair.value).is_none().then_some(())
    }
}

/// The elements from left to right. The iterator ends after the first error.
pub(super) fn elements(
    value: &[u8],
) -> impl Iterator<Item = Result<ElementParts<'_>, HeaderFault>> {
    let mut rest = value;
    let mut is_last = false;
    core::iter::from_fn(move || {
        if is_last {
            return None;
        }
        skip_spaces(&mut rest);
        let parts = element(&mut rest, value.len());
        let offset = value.len() - rest.len();
        is_last = parts.is_none() || rest.is_empty();
        // The comma.
        rest = rest.get(1..).unwrap_or_default();
        Some(parts.ok_or(HeaderFault::NotXfcc { offset }))
    })
}

/// A key and its value without quotes.
struct KeyValue<'a> {
    key: &'a [u8],
    value: &'a [u8],
    is_quoted: bool,
}

/// Reads one element and stops at its comma. On an error it stops where the grammar is broken.
fn element<'a>(rest: &mut &'a [u8], header_length: usize) -> Option<ElementParts<'a>> {
    let mut parts = ElementParts::default();
    loop {
        let start = *rest;
        let pair = pair(rest)?;
        if parts.add(&pair, header_length - start.len()).is_none() {
            *rest = start;
            return None;
        }
        match *rest {
            [] | [b',', ..] => return Some(parts),
            [b';', after @ ..] => *rest = after,
            _ => return None,
        }
    }
}

fn pair<'a>(rest: &mut &'a [u8]) -> Option<KeyValue<'a>> {
    let key = take(rest, u8::is_ascii_alphabetic);
    *rest = rest.strip_prefix(b"=").filter(|_| !key.is_empty())?;
    let inside = rest.strip_prefix(b"\"");
    let value = match inside {
        Some(inside) => {
            let (value, after) = inside.split_at_checked(closing_quote(inside)?)?;
            *rest = after.get(1..)?;
            skip_spaces(rest);
            value
        }
        None => take(rest, |octet| !matches!(octet, b',' | b';' | b'"')),
    };
    let is_quoted = inside.is_some();
    Some(KeyValue {
        key,
        value,
        is_quoted,
    })
}

/// The position where a quoted value ends. A backslash escapes the next octet: Envoy escapes
/// quotation marks, and RFC 2253 escapes backslashes in subjects.
fn closing_quote(inside: &[u8]) -> Option<usize> {
    let mut escaped = false;
    inside.iter().position(|octet| {
        let ends = *octet == b'"' && !escaped;
        escaped = *octet == b'\\' && !escaped;
        ends
    })
}

fn skip_spaces(rest: &mut &[u8]) {
    take(rest, |octet| matches!(octet, b' ' | b'\t'));
}

/// Removes the leading octets of this kind and returns them.
fn take<'a>(rest: &mut &'a [u8], is_kind: impl Fn(&u8) -> bool) -> &'a [u8] {
    let end = rest.iter().position(|octet| !is_kind(octet));
    let (taken, after) = rest
        .split_at_checked(end.unwrap_or(rest.len()))
        .unwrap_or_default();
    *rest = after;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn hashes(text: &str) -> Result<Vec<Option<&str>>, HeaderFault> {
        let text_of = |hash| str::from_utf8(hash).unwrap();
        let elements = elements(text.as_bytes());
        elements.map(|parts| Ok(parts?.hash.map(text_of))).collect()
    }

    #[test]
    fn commas_and_semicolons_in_quotes_are_text() {
        let read =
            hashes("By=\"a,b;Hash=1\";hASH=2 ,  Hash=\"3\" ,Subject=\"CN=\\\"x\\\\\";URI=a=b")
                .unwrap();
        assert_eq!(read, [Some("2 "), Some("3"), None]);
        assert_eq!(hashes("Hash=").unwrap(), [Some("")]);
    }

    #[test]
    fn errors_tell_where() {
        for (text, offset) in [
            ("", 0),
            ("x", 1),
            ("x=", 0),
            ("=x", 0),
            ("By=a,", 5),
            ("By=a;;", 5),
            ("By=\"", 3),
            ("By=a\"", 4),
            ("By=\"a\"b", 6),
            ("By=a,  ,", 7),
            ("Hash=1;HASH=2", 7),
            ("By=a;xHash=1", 5),
            ("By=a; Hash=1", 5),
        ] {
            assert_eq!(hashes(text), Err(HeaderFault::NotXfcc { offset }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_appended_is_an_element_of_its_own_or_an_error(before in "(By=|Hash=1|\"|\\\\|,|;|=|a| ){0,9}") {
            let own = "Hash=own;Subject=\"CN=a, O=b\"";
            let text = alloc::format!("{before},{own}");
            let alone = elements(before.as_bytes()).try_fold(0, |count, element| element.map(|_| count + 1));
            if let Ok(read) = hashes(&text) {
                prop_assert_eq!(read.last(), Some(&Some("own")));
                prop_assert_eq!(Ok(read.len()), alone.map(|count: usize| count + 1));
            }
        }
    }
}
