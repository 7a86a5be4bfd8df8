//! INTEGER (0..MAX) as a `u32`: path lengths, skip counts, subtree depths.
//!
//! What counts certificates need not be exact beyond four billion, so a larger number is 2^32 - 1
//! and not an error.

use crate::der::{Element, ErrorKind, ReadError, is_minimal_integer};

/// The number in an element whose content is that of an INTEGER, whatever its tag.
pub(super) fn saturating<E: ReadError>(element: &Element<'_, E>) -> Result<u32, E> {
    let content = element.value;
    let negative = content.first().is_some_and(|first| first & 0x80 != 0);
    if negative || !is_minimal_integer(content) {
        return Err(element.error(ErrorKind::BadValue));
    }
    let number = content
        .iter()
        .try_fold(0u32, |sum, &b| Some(sum.checked_mul(256)? | u32::from(b)));
    Ok(number.unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::{self, Reader, tag};

    fn number(der: &[u8]) -> der::Result<u32> {
        saturating(&Reader::new(der).expect(tag::INTEGER)?)
    }

    #[test]
    fn numbers() {
        assert_eq!(number(&[2, 1, 0]), Ok(0));
        assert_eq!(number(&[2, 2, 0, 0x80]), Ok(128));
        assert_eq!(number(&[2, 3, 1, 0, 2]), Ok(0x1_0002));
        assert_eq!(number(&[2, 5, 0, 0xff, 0xff, 0xff, 0xff]), Ok(u32::MAX));
    }

    #[test]
    fn large_ones_saturate() {
        assert_eq!(number(&[2, 5, 1, 0, 0, 0, 0]), Ok(u32::MAX));
        assert_eq!(number(&[2, 9, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0]), Ok(u32::MAX));
    }

    #[test]
    fn negative_empty_and_padded_ones_are_malformed() {
        for bad in [
            &[2, 1, 0xff][..],
            &[2, 0],
            &[2, 2, 0, 1],
            &[2, 2, 0xff, 0x7f],
        ] {
            assert_eq!(number(bad).unwrap_err().kind, ErrorKind::BadValue);
        }
    }
}
