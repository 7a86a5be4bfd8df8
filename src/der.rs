//! A reader for DER (ITU-T X.690), strict and borrowing.
//!
//! It walks tag-length-value triples over the received bytes and hands out slices of them; it never
//! copies, never recurses and never re-encodes. It refuses what DER forbids and what no certificate
//! needs: indefinite and non-minimal lengths, tag numbers above 30, lengths beyond 2^31. Each step
//! is O(1) and a whole walk is linear in the input.

mod bit_string;
mod failure;
mod span;
pub(crate) mod writer;

use core::fmt;
use core::marker::PhantomData;

use crate::narrow;
use crate::octets;
use crate::table::texts;
pub(crate) use bit_string::BitString;
pub(crate) use failure::{Failed, FailedSomewhere, ReadBefore, ReadError};
pub(crate) use span::Span;

/// Universal and context tags that certificates use, as the identifier octet that is on the wire.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const TELETEX_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1a;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[n]` IMPLICIT over a primitive type.
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// `[n]` EXPLICIT, or IMPLICIT over a constructed type.
    pub(crate) const fn context_constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

texts! {
    /// Why bytes are not the DER that was expected.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ErrorKind {
        /// The input ends inside an element.
        Truncated => "the input ends inside an element";
        /// Bytes are left over after the last element.
        TrailingData => "bytes are left over";
        /// An element of another type stands here.
        UnexpectedTag => "an element of another type stands here";
        /// An indefinite, non-minimal or oversized length, or a tag number above 30.
        BadLength => "the length is not minimal, indefinite or too large";
        /// The element's content is not a value of its type in DER.
        BadValue => "the content is not a value of its type";
        /// A DEFAULT value is encoded (X.690 section 11.5).
        EncodedDefault => "a default value is encoded";
        /// A SET OF is not in ascending order (X.690 section 11.6).
        UnsortedSet => "the elements of a SET OF are not in order";
        /// A BIT STRING with named bits ends in a zero bit (X.690 section 11.2.2).
        TrailingZeroBits => "a list of named bits ends in a zero bit";
    }
}

/// An encoding error and the offset, in bytes from the start of the whole input, at which it was
/// met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in bytes from the start of the outermost input.
    pub offset: u32,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (offset {})", self.kind, self.offset)
    }
}

impl core::error::Error for Error {}

/// Result of reading DER.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// One element: its tag, its content, and the whole of it (tag and length included).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a, E: ReadError = Error> {
    /// The identifier octet.
    pub(crate) tag: u8,
    /// The content octets.
    pub(crate) value: &'a [u8],
    /// Identifier, length and content octets, as received.
    pub(crate) whole: &'a [u8],
    /// Offset of the identifier octet from the start of the outermost input; 0 where nobody asks
    /// for it.
    pub(crate) offset: u32,
    failure: PhantomData<fn() -> E>,
}

impl<'a, E: ReadError> Element<'a, E> {
    /// A reader over the content.
    #[inline]
    pub(crate) fn reader(&self) -> Reader<'a, E> {
        Reader::ending_at(self.value, self.end())
    }

    /// Offset of what follows it.
    #[inline]
    pub(crate) fn end(&self) -> u32 {
        self.offset.wrapping_add(narrow::wrapped(self.whole.len()))
    }

    /// Offset of the first content octet.
    pub(crate) fn value_offset(&self) -> u32 {
        let header = self.whole.len().saturating_sub(self.value.len());
        self.offset.wrapping_add(narrow::wrapped(header))
    }

    /// The content octets of an INTEGER, whatever the tag: big endian, two's complement, minimal.
    #[inline]
    pub(crate) fn as_integer(&self) -> Result<&'a [u8], E> {
        if is_minimal_integer(self.value) {
            Ok(self.value)
        } else {
            Err(self.error(ErrorKind::BadValue))
        }
    }

    /// An error of this kind at this element.
    #[inline]
    pub(crate) fn error(&self, kind: ErrorKind) -> E {
        E::new(kind, self.offset.into())
    }
}

/// A cursor over DER.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a, E: ReadError = Error> {
    rest: &'a [u8],
    /// Where `rest` ends in the outermost input: it stays while elements are read, so that no
    /// offset is kept up to date.
    end: E::Place,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `input`.
    #[must_use]
    pub fn new(input: &'a [u8]) -> Self {
        Self::at(input, 0)
    }

    /// Reads from the start of `input`, which stands at `offset` of something larger.
    pub(crate) fn at(input: &'a [u8], offset: u32) -> Self {
        Self::ending_at(input, offset.wrapping_add(narrow::wrapped(input.len())))
    }
}

impl<'a> Reader<'a, Failed> {
    /// Reads from the start of `input`, and says of failures only that there is one.
    #[inline]
    pub(crate) fn quick(input: &'a [u8]) -> Self {
        Self::over(input)
    }
}

impl<'a, E: ReadError> Reader<'a, E> {
    /// Reads `input`, which ends at this offset of something larger.
    #[inline]
    pub(crate) fn ending_at(input: &'a [u8], end: u32) -> Self {
        Self {
            rest: input,
            end: end.into(),
        }
    }

    #[inline]
    pub(crate) fn over(input: &'a [u8]) -> Self {
        Self::ending_at(input, narrow::wrapped(input.len()))
    }

    /// True when nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Offset of the next byte from the start of the outermost input.
    #[inline]
    pub(crate) fn offset(&self) -> u32 {
        let end: u32 = self.end.into();
        end.wrapping_sub(narrow::wrapped(self.rest.len()))
    }

    /// An error of this kind at the current position.
    #[inline]
    pub(crate) fn error(&self, kind: ErrorKind) -> E {
        E::new(kind, self.offset().into())
    }

    /// Goes on at `later`, which must be an end of what has not been read yet.
    #[inline]
    pub(crate) fn go_on_at(&mut self, later: &'a [u8]) {
        self.rest = later;
    }

    /// The next identifier octet, without reading it.
    pub(crate) fn peek_tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Fails unless everything has been read.
    ///
    /// # Errors
    /// [`ErrorKind::TrailingData`].
    pub fn finish(&self) -> Result<(), E> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.error(ErrorKind::TrailingData))
        }
    }

    /// Reads the next element, whatever its tag.
    ///
    /// # Errors
    /// When the input ends, or the length is not DER.
    // In line, since most callers use a part of the element and the rest of it need not be made. No
    // element comes back from a call: one path through memory would send them all there.
    #[inline(always)]
    pub(crate) fn element(&mut self) -> Result<Element<'a, E>, E> {
        let [tag, length, ..] = *self.rest else {
            return Err(self.bad_header());
        };
        let (header, length) = if length < 0x80 && tag & 0x1f != 0x1f {
            (2, usize::from(length))
        } else {
            match self.long_header() {
                0 => return Err(self.bad_header()),
                packed => ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize),
            }
        };
        let Some((whole, rest)) = self.rest.split_at_checked(header + length) else {
            return Err(self.error(ErrorKind::Truncated));
        };
        let element = Element {
            tag,
            value: whole.get(header..).unwrap_or_default(),
            whole,
            offset: self.offset(),
            failure: PhantomData,
        };
        self.rest = rest;
        Ok(element)
    }

    /// The lengths of header (above) and content (below) where the content has 128 octets or more,
    /// as a handful of elements have: packed, to come back in a register. 0 for a header that
    /// is not DER.
    #[inline(never)]
    fn long_header(&self) -> u64 {
        let (header, length) = match *self.rest {
            [tag, ..] if tag & 0x1f == 0x1f => return 0,
            [_, 0x82, h, l, ..] if h != 0 => (4, u32::from_be_bytes([0, 0, h, l])),
            [_, 0x81, n, ..] if n >= 0x80 => (3, u32::from(n)),
            [_, 0x83, a, b, c, ..] if a != 0 => (5, u32::from_be_bytes([0, a, b, c])),
            [_, 0x84, a, b, c, d, ..] if a != 0 && a < 0x80 => {
                (6, u32::from_be_bytes([a, b, c, d]))
            }
            _ => return 0,
        };
        header << 32 | u64::from(length)
    }

    #[cold]
    fn bad_header(&self) -> E {
        self.error(match *self.rest {
            [tag, ..] if tag & 0x1f == 0x1f => ErrorKind::BadLength,
            [] | [_] => ErrorKind::Truncated,
            [_, n, ref more @ ..]
                if (0x81..=0x84).contains(&n) && more.len() < usize::from(n - 0x80) =>
            {
                ErrorKind::Truncated
            }
            _ => ErrorKind::BadLength,
        })
    }

    /// Reads the next element, which must have this tag.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedTag`] and the errors of [`Reader::element`].
    #[inline(always)]
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a, E>, E> {
        if self.peek_tag() != Some(tag) {
            return Err(self.other_tag());
        }
        self.element()
    }

    #[cold]
    fn other_tag(&self) -> E {
        self.error(if self.is_empty() {
            ErrorKind::Truncated
        } else {
            ErrorKind::UnexpectedTag
        })
    }

    /// Reads the next element if it has this tag.
    ///
    /// # Errors
    /// The errors of [`Reader::element`].
    #[inline(always)]
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a, E>>, E> {
        if self.peek_tag() == Some(tag) {
            self.element().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Reads the next element with `read` if it has this tag.
    #[inline]
    pub(crate) fn optional_as<T>(
        &mut self,
        tag: u8,
        read: impl FnOnce(&Element<'a, E>) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        self.optional(tag)?.as_ref().map(read).transpose()
    }

    /// The one element that is left, whatever its tag.
    #[inline]
    pub(crate) fn only_element(mut self) -> Result<Element<'a, E>, E> {
        let element = self.element()?;
        self.finish()?;
        Ok(element)
    }

    /// The one element that is left, which must have this tag.
    #[inline]
    pub(crate) fn only(mut self, tag: u8) -> Result<Element<'a, E>, E> {
        let element = self.expect(tag)?;
        self.finish()?;
        Ok(element)
    }

    /// Reads a NULL, which must be all that is left.
    pub(crate) fn only_null(self) -> Result<(), E> {
        let null = self.only(tag::NULL)?;
        match null.value {
            [] => Ok(()),
            _ => Err(null.error(ErrorKind::BadValue)),
        }
    }

    /// Reads a SEQUENCE and returns a reader over its content.
    ///
    /// # Errors
    /// When another element stands here, or none that is DER.
    #[inline]
    pub fn sequence(&mut self) -> Result<Reader<'a, E>, E> {
        self.expect(tag::SEQUENCE).map(|e| e.reader())
    }

    /// Reads an OBJECT IDENTIFIER and returns its content octets, checked to be well formed.
    ///
    /// # Errors
    /// When another element stands here, or none that is DER; [`ErrorKind::BadValue`] for an empty,
    /// cut-off or non-minimal arc.
    #[inline(always)]
    pub fn oid(&mut self) -> Result<&'a [u8], E> {
        let element = self.expect(tag::OID)?;
        if E::READ_BEFORE || is_oid(element.value) {
            Ok(element.value)
        } else {
            Err(element.error(ErrorKind::BadValue))
        }
    }

    /// Reads a BOOLEAN: 0xff or 0x00, nothing else (X.690 section 11.1).
    ///
    /// # Errors
    /// As [`Reader::expect`]; [`ErrorKind::BadValue`].
    pub(crate) fn boolean(&mut self) -> Result<bool, E> {
        let element = self.expect(tag::BOOLEAN)?;
        match *element.value {
            [0xff] => Ok(true),
            [0x00] => Ok(false),
            _ => Err(element.error(ErrorKind::BadValue)),
        }
    }

    /// Reads an INTEGER and returns its content octets: big endian, two's complement, minimal.
    ///
    /// # Errors
    /// When another element stands here, or none that is DER; [`ErrorKind::BadValue`] when empty or
    /// not minimal.
    #[inline]
    pub fn integer(&mut self) -> Result<&'a [u8], E> {
        self.expect(tag::INTEGER)?.as_integer()
    }

    /// Reads a BIT STRING: the number of unused bits (0 to 7, all zero) and the octets.
    ///
    /// # Errors
    /// As [`Reader::expect`]; [`ErrorKind::BadValue`].
    #[inline]
    pub(crate) fn bit_string(&mut self) -> Result<BitString<'a>, E> {
        BitString::from_element(&self.expect(tag::BIT_STRING)?)
    }

    /// Reads a BIT STRING of whole octets, as keys and signatures are.
    ///
    /// # Errors
    /// As [`Reader::bit_string`]; [`ErrorKind::BadValue`] when bits are unused.
    #[inline]
    pub(crate) fn octet_aligned_bits(&mut self) -> Result<&'a [u8], E> {
        let element = self.expect(tag::BIT_STRING)?;
        match element.value {
            [0, octets @ ..] => Ok(octets),
            _ => Err(element.error(ErrorKind::BadValue)),
        }
    }
}

/// True for content octets of a well-formed OBJECT IDENTIFIER.
pub(crate) fn is_oid(value: &[u8]) -> bool {
    let Some(0..0x80) = value.last() else {
        return false;
    };
    // Where no octet is 0x80 no arc begins with it; where one is, it may stand inside an arc.
    let none = match (value.first_chunk(), value.last_chunk(), value.len()) {
        // Two words that may overlap.
        (Some(first), Some(last), ..=16) => !has_padding(first) && !has_padding(last),
        _ => octets::all(value, |octet| octet != 0x80),
    };
    none || no_arc_is_padded(value)
}

/// Is one of these 0x80?
#[inline]
fn has_padding(octets: &[u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let zeros = u64::from_ne_bytes(*octets) ^ (ONES << 7);
    // The high bit of the lowest octet that is 0 is set, and none where no octet is.
    zeros.wrapping_sub(ONES) & !zeros & (ONES << 7) != 0
}

#[cold]
fn no_arc_is_padded(value: &[u8]) -> bool {
    let mut first = true; // of an arc
    for &b in value {
        if first && b == 0x80 {
            return false;
        }
        first = b & 0x80 == 0;
    }
    true
}

/// True for content octets of an INTEGER that has no superfluous leading octet.
#[inline]
pub(crate) fn is_minimal_integer(value: &[u8]) -> bool {
    match *value {
        [] => false,
        [0x00, next, ..] => next & 0x80 != 0,
        [0xff, next, ..] => next & 0x80 == 0,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Only an offset that a caller makes up can come near.
    #[test]
    fn offsets_at_the_end_of_u32() {
        let element = Reader::at(&[0x30, 0], u32::MAX).element().unwrap();
        let _ = (element.reader(), element.value_offset(), element.end());
    }

    #[test]
    fn reads_nested_elements_with_offsets() {
        let input = [0x30, 0x06, 0x02, 0x01, 0x05, 0x04, 0x01, 0xaa];
        let mut reader = Reader::new(&input);
        let mut inner = reader.sequence().unwrap();
        assert_eq!(inner.offset(), 2);
        assert_eq!(inner.integer().unwrap(), [5]);
        let octets = inner.expect(tag::OCTET_STRING).unwrap();
        assert_eq!((octets.offset, octets.value), (5, &[0xaa][..]));
        inner.finish().unwrap();
        reader.finish().unwrap();
    }

    #[test]
    fn refuses_lengths_that_are_not_der() {
        for (input, kind) in [
            (&[0x30, 0x80, 0, 0][..], ErrorKind::BadLength),
            (&[0x30, 0x81, 0x7f], ErrorKind::BadLength),
            (&[0x30, 0x82, 0x00, 0xff], ErrorKind::BadLength),
            (&[0x30, 0x84, 0x80, 0, 0, 0], ErrorKind::BadLength),
            (&[0x30, 0x85, 1, 0, 0, 0, 0], ErrorKind::BadLength),
            (&[0x1f, 0x01, 0x00], ErrorKind::BadLength),
            (&[0x30], ErrorKind::Truncated),
            (&[0x30, 0x82, 0x01], ErrorKind::Truncated),
            (&[0x30, 0x02, 0x00], ErrorKind::Truncated),
        ] {
            assert_eq!(
                Reader::new(input).element().unwrap_err().kind,
                kind,
                "{input:x?}"
            );
        }
    }

    #[test]
    fn booleans_are_strict() {
        assert!(Reader::new(&[1, 1, 0xff]).boolean().unwrap());
        assert!(!Reader::new(&[1, 1, 0]).boolean().unwrap());
        assert!(Reader::new(&[1, 1, 1]).boolean().is_err());
    }

    #[test]
    fn integers_and_oids_are_minimal() {
        assert!(Reader::new(&[2, 2, 0, 0x80]).integer().is_ok());
        for bad in [&[2, 0][..], &[2, 2, 0, 0x7f], &[2, 2, 0xff, 0x80]] {
            assert!(Reader::new(bad).integer().is_err());
        }
        assert!(Reader::new(&[6, 3, 0x55, 0x1d, 0x0f]).oid().is_ok());
        for bad in [&[6, 0][..], &[6, 2, 0x55, 0x80], &[6, 3, 0x55, 0x80, 0x01]] {
            assert!(Reader::new(bad).oid().is_err());
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_never_reads_beyond(input in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = Reader::new(&input);
            let mut read = 0;
            while let Ok(element) = reader.element() {
                prop_assert_eq!(element.offset as usize, read);
                read += element.whole.len();
                prop_assert_eq!(&input[read - element.value.len()..read], element.value);
            }
            prop_assert_eq!(reader.rest().len(), input.len() - read);
        }

        #[test]
        fn reads_what_der_writes(bytes in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            use der::Encode;
            let encoded = der::asn1::OctetString::new(bytes.clone()).unwrap().to_der().unwrap();
            let mut reader = Reader::new(&encoded);
            prop_assert_eq!(reader.expect(tag::OCTET_STRING).unwrap().value, &bytes[..]);
            prop_assert!(reader.finish().is_ok());
        }
    }
}
