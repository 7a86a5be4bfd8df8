//! The place of a field: what parsed certificates, CRLs and OCSP responses keep of it.

use super::{Element, ReadError, Reader};
use crate::narrow;

/// Where a field is: offsets from the start of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) const EMPTY: Self = Self { start: 0, end: 0 };

    pub(crate) fn of<E: ReadError>(element: &Element<'_, E>) -> Self {
        Self {
            start: element.offset,
            end: element.end(),
        }
    }

    pub(crate) fn of_value<E: ReadError>(element: &Element<'_, E>) -> Self {
        Self {
            start: element.value_offset(),
            end: element.end(),
        }
    }

    /// Of a part of `whole`, which stands at `offset`.
    pub(crate) fn within(offset: u32, whole: &[u8], part: &[u8]) -> Self {
        let before = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        let start = offset + narrow::bounded(before);
        Self {
            start,
            end: start + narrow::bounded(part.len()),
        }
    }

    /// Nothing of interest stands at the very start: this tells a span that was set from one that
    /// was not.
    pub(crate) const fn is_set(self) -> bool {
        self.start != 0
    }

    #[inline]
    pub(crate) fn slice(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    #[inline]
    pub(crate) fn reader<E: ReadError>(self, bytes: &[u8]) -> Reader<'_, E> {
        Reader::ending_at(self.slice(bytes), self.end)
    }
}
