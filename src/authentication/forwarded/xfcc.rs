//! The grammar of `x-forwarded-client-cert`.
//!
//! ```text
//! header  = element *( "," element )          appended at the end, by each proxy
//! element = pair *( ";" pair )
//! pair    = key "=" ( value / DQUOTE quoted DQUOTE )
//! ```
//!
//! Keys are `By`, `Hash`, `Cert`, `Chain`, `Subject`, `URI` and `DNS`, in any case. A quotation
//! mark stands at the beginning and the end of a value or nowhere, and the whole header must follow
//! the grammar, so that none in an element of the client's moves the borders of those behind it.
//!
//! The grammar cannot tell a value with a comma or a semicolon in it from two values. The head of
//! `envoy.rs` tells which values may have them; here the first of them is noted, and whether
//! anything that is read stands behind it.

use super::error::HeaderFault;

/// What an element says about a certificate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ElementParts<'a> {
    pub(super) hash: Option<&'a [u8]>,
    pub(super) cert: Option<&'a [u8]>,
    pub(super) chain: Option<&'a [u8]>,
    /// The offset in the header of the first unescaped name of the client's certificate.
    pub(super) unescaped_name: Option<usize>,
    /// Does one of the three stand behind that name?
    pub(super) is_read_behind_name: bool,
}

impl<'a> ElementParts<'a> {
    /// Adds a pair that begins at this offset; `None`: that is an error.
    fn add(&mut self, pair: &KeyValue<'a>, offset: usize) -> Option<()> {
        let is = |key: &[u8]| pair.key.eq_ignore_ascii_case(key);
        let place = match () {
            () if is(b"hash") => &mut self.hash,
            () if is(b"cert") => &mut self.cert,
            () if is(b"chain") => &mut self.chain,
            // The proxy's own name.
            () if is(b"by") => return Some(()),
            () if is(b"subject") && pair.is_quoted => return Some(()),
            // Quotation marks around a URI or a DNS name may be part of it.
            () if is(b"subject") || is(b"uri") || is(b"dns") => {
                self.unescaped_name.get_or_insert(offset);
                return Some(());
            }
            // A hash whose name somebody misspelt must not go unchecked.
            () => return None,
        };
        self.is_read_behind_name |= self.unescaped_name.is_some();
        // One of two would be a choice.
        place.replace(pair.value).is_none().then_some(())
    }
}

/// The elements, from left to right, up to the first that is none.
pub(super) fn elements(
    value: &[u8],
) -> impl Iterator<Item = Result<ElementParts<'_>, HeaderFault>> {
    let mut rest = Some(value);
    core::iter::from_fn(move || {
        let text = skip_spaces(rest.take()?);
        let offset_of = |left: usize| value.len().saturating_sub(left);
        Some(match element(text, offset_of) {
            Ok((parts, after)) => {
                rest = after;
                Ok(parts)
            }
            Err(Left(left)) => {
                let offset = offset_of(left);
                Err(HeaderFault::NotXfcc { offset })
            }
        })
    })
}

/// How many bytes of the header are left where it breaks the grammar.
struct Left(usize);

/// A key, its value without quotes, and what comes behind.
struct KeyValue<'a> {
    key: &'a [u8],
    value: &'a [u8],
    is_quoted: bool,
    after: &'a [u8],
}

/// An element, and what comes behind its comma. `offset_of` tells the place in the header behind
/// which so many bytes are left.
fn element(
    mut text: &[u8],
    offset_of: impl Fn(usize) -> usize,
) -> Result<(ElementParts<'_>, Option<&[u8]>), Left> {
    let mut parts = ElementParts::default();
    loop {
        let pair = pair(text)?;
        let offset = offset_of(text.len());
        parts.add(&pair, offset).ok_or(Left(text.len()))?;
        match pair.after {
            [] => return Ok((parts, None)),
            [b',', rest @ ..] => return Ok((parts, Some(rest))),
            [b';', rest @ ..] => text = rest,
            _ => return Err(Left(pair.after.len())),
        }
    }
}

fn pair(text: &[u8]) -> Result<KeyValue<'_>, Left> {
    let end = text.iter().position(|octet| !octet.is_ascii_alphabetic());
    let (key, after) = end
        .and_then(|end| text.split_at_checked(end))
        .ok_or(Left(0))?;
    let value = after.strip_prefix(b"=").filter(|_| !key.is_empty());
    let value = value.ok_or(Left(after.len()))?;
    let inside = value.strip_prefix(b"\"");
    let (value, after) = match inside {
        Some(inside) => {
            let end = closing_quote(inside).ok_or(Left(value.len()))?;
            let (value, after) = inside.split_at_checked(end).unwrap_or_default();
            (value, skip_spaces(after.get(1..).unwrap_or_default()))
        }
        None => {
            let ends = |octet: &u8| matches!(octet, b',' | b';' | b'"');
            let end = value.iter().position(ends).unwrap_or(value.len());
            value.split_at_checked(end).unwrap_or_default()
        }
    };
    Ok(KeyValue {
        key,
        value,
        is_quoted: inside.is_some(),
        after,
    })
}

/// Where a quoted value ends. A backslash takes the next octet with it: Envoy puts one before
/// quotation marks, and RFC 2253 before backslashes in subjects.
fn closing_quote(inside: &[u8]) -> Option<usize> {
    let mut escaped = false;
    inside.iter().position(|octet| {
        let ends = *octet == b'"' && !escaped;
        escaped = *octet == b'\\' && !escaped;
        ends
    })
}

fn skip_spaces(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|octet| !matches!(octet, b' ' | b'\t'));
    let rest = start.and_then(|start| text.get(start..));
    rest.unwrap_or_default()
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
