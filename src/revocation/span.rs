//! Where the fields of lists and responses are.

use crate::der::{Element, Reader};

/// Where a field is: offsets from the start of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) fn of(element: &Element<'_>) -> Self {
        Self {
            start: element.offset,
            end: element.offset + element.whole.len() as u32,
        }
    }

    pub(crate) fn of_value(element: &Element<'_>) -> Self {
        Self {
            start: element.value_offset(),
            end: element.offset + element.whole.len() as u32,
        }
    }

    /// Of a part of `whole`, which stands at `offset`.
    pub(crate) fn within(offset: u32, whole: &[u8], part: &[u8]) -> Self {
        let start = offset + (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize) as u32;
        Self {
            start,
            end: start + part.len() as u32,
        }
    }

    /// Nothing of interest stands at the very start: this tells a span that was set from one that was not.
    pub(crate) const fn is_set(self) -> bool {
        self.start != 0
    }

    #[inline]
    pub(crate) fn slice(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// What of this comes after a part of it.
    pub(crate) fn after(self, part: Self) -> Self {
        Self {
            start: part.end,
            end: self.end,
        }
    }

    #[inline]
    pub(crate) fn reader(self, bytes: &[u8]) -> Reader<'_> {
        Reader::at(self.slice(bytes), self.start)
    }
}
