//! SEQUENCE OF: checked once as a whole, walked as often as needed.
//!
//! Most extensions are a SEQUENCE OF something. [`List::read`] checks each item and forgets it,
//! which proves that every later walk over the same bytes succeeds; so [`Iter`] gives items, not
//! results, and passes over none. Nothing is kept but the slice: a list costs one linear pass to
//! check, no allocation, and each walk costs one pass more. Bytes that were checked before are not
//! checked again: a reader says so by its kind of failure, `ReadBefore`.

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;

use crate::der::{Element, Failed, ReadError, Reader, tag};

/// What stands in a list: can be read at a position. Sealed; only this crate's types have it.
pub trait Item<'a>: Sized {
    /// Reads one item and moves past it.
    ///
    /// # Errors
    /// When no well-formed item stands there.
    fn read<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<Self, E>;

    /// What follows the item that `list` begins with, where its few octets show at one glance that
    /// it is well formed. `None` decides nothing.
    #[inline]
    fn glance(_list: &'a [u8]) -> Option<&'a [u8]> {
        None
    }

    /// Moves past one item: fails exactly where reading it does, and may cost less.
    ///
    /// # Errors
    /// As [`Item::read`].
    #[inline]
    fn check<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<(), E> {
        Self::read(reader).map(drop)
    }
}

/// The content octets of a SEQUENCE OF whose items have all been decoded once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct List<'a, T> {
    content: &'a [u8],
    items: PhantomData<fn() -> T>,
}

impl<'a, T: Item<'a>> List<'a, T> {
    /// Reads items to the end of `reader`, which stands at the content of the SEQUENCE OF.
    pub(crate) fn read<E: ReadError>(mut reader: Reader<'a, E>) -> Result<Self, E> {
        let content = reader.rest();
        while !E::READ_BEFORE && !reader.is_empty() {
            match T::glance(reader.rest()) {
                Some(rest) => reader.go_on_at(rest),
                None => T::check(&mut reader)?,
            }
        }
        let items = PhantomData;
        Ok(Self { content, items })
    }

    /// Reads a SEQUENCE OF and nothing behind it.
    pub(crate) fn only<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        Self::read(value.only(tag::SEQUENCE)?.reader())
    }

    pub(crate) fn iter(&self) -> Iter<'a, T> {
        Iter::over(self.content)
    }
}

impl<'a, T> List<'a, T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// True for a list of one item that is one element, as most are: found out without reading the
    /// item.
    #[inline]
    pub(crate) fn is_one_element(&self) -> bool {
        let mut reader = Reader::quick(self.content);
        reader.element().is_ok() && reader.is_empty()
    }

    /// Is one of the elements of this content? Nothing in them is read again.
    #[inline]
    pub(crate) fn has_element(&self, content: &[u8]) -> bool {
        let mut reader = Reader::quick(self.content);
        while let Ok(element) = reader.element() {
            if element.value == content {
                return true;
            }
        }
        false
    }

    pub(crate) fn content(&self) -> &'a [u8] {
        self.content
    }
}

impl<'a, T: Item<'a> + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The items of a list that was checked when it was decoded, in the order of the certificate.
#[derive(Clone)]
pub struct Iter<'a, T> {
    rest: Reader<'a, Failed>,
    items: PhantomData<fn() -> T>,
}

impl<'a, T> Iter<'a, T> {
    /// The items in content that has been checked.
    pub(crate) fn over(content: &'a [u8]) -> Self {
        let (rest, items) = (Reader::quick(content), PhantomData);
        Self { rest, items }
    }
}

impl<'a, T: Item<'a>> Iterator for Iter<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if self.rest.is_empty() {
            return None;
        }
        // The same bytes were read when the list was checked: there is no error to lose.
        T::read(&mut self.rest).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // No item is shorter than tag and length.
        let left = self.rest.rest().len();
        (usize::from(left > 0), Some(left / 2))
    }
}

impl<'a, T: Item<'a>> FusedIterator for Iter<'a, T> {}

impl<'a, T: Item<'a> + Clone + fmt::Debug> fmt::Debug for Iter<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Defines a type that is a SEQUENCE OF and nothing more; `where` names a further check of the
/// list, which is given the error to fail with.
macro_rules! sequence_of {
    ($(#[$doc:meta])* $name:ident<$a:lifetime> of $item:ty $(where $check:path)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<$a>($crate::certificate::extensions::list::List<$a, $item>);

        impl<$a> $name<$a> {
            /// The items, in the order of the certificate.
            #[must_use]
            pub fn iter(&self) -> $crate::certificate::extensions::Iter<$a, $item> {
                self.0.iter()
            }

            /// True when there is no item, which RFC 5280 forbids issuers.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl<$a> $crate::certificate::extensions::Decode<$a> for $name<$a> {
            #[inline]
            fn decode<E: $crate::der::ReadError>(
                value: $crate::der::Reader<$a, E>,
            ) -> Result<Self, E> {
                let list = $crate::certificate::extensions::list::List::only(value)?;
                $($check(&list, value.error($crate::der::ErrorKind::BadValue))?;)?
                Ok(Self(list))
            }
        }

        impl<$a> IntoIterator for &$name<$a> {
            type Item = $item;
            type IntoIter = $crate::certificate::extensions::Iter<$a, $item>;

            fn into_iter(self) -> Self::IntoIter {
                self.iter()
            }
        }
    };
}

/// Defines a type that is a SEQUENCE: its fields in order, each with the function that reads it.
/// `glance` names the function of [`Item::glance`].
macro_rules! sequence {
    (
        $a:lifetime: $(#[$doc:meta])* $vis:vis struct $name:ident $(<$own:lifetime>)? {
            $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty = $read:expr;)*
        }
        $(glance $glance:path)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis struct $name $(<$own>)? {
            $($(#[$field_doc])* $field_vis $field: $type,)*
        }

        impl<$a> $crate::certificate::extensions::list::Item<$a> for $name $(<$own>)? {
            fn read<E: $crate::der::ReadError>(
                list: &mut $crate::der::Reader<$a, E>,
            ) -> Result<Self, E> {
                let mut fields = list.sequence()?;
                $(let $field = $read(&mut fields)?;)*
                fields.finish()?;
                Ok(Self { $($field),* })
            }

            $(
                #[inline]
                fn glance(list: &$a [u8]) -> Option<&$a [u8]> {
                    $glance(list)
                }
            )?
        }
    };
}

/// The reading of a field that is there if its tag is.
pub(super) fn optional<'a, E: ReadError, T>(
    tag: u8,
    read: impl FnOnce(&Element<'a, E>) -> Result<T, E>,
) -> impl FnOnce(&mut Reader<'a, E>) -> Result<Option<T>, E> {
    move |fields| fields.optional_as(tag, read)
}

/// Reads one item and nothing behind it.
pub(super) fn only<'a, T: Item<'a>, E: ReadError>(mut value: Reader<'a, E>) -> Result<T, E> {
    let item = T::read(&mut value)?;
    value.finish()?;
    Ok(item)
}

/// Defines an extension that has the syntax of another type.
macro_rules! same_syntax {
    ($(#[$doc:meta])* $name:ident: $type:ident, $(#[$accessor_doc:meta])* $accessor:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<'a>($type<'a>);

        impl<'a> $name<'a> {
            $(#[$accessor_doc])*
            #[must_use]
            pub const fn $accessor(&self) -> $type<'a> {
                self.0
            }
        }

        impl<'a> core::ops::Deref for $name<'a> {
            type Target = $type<'a>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<'a> $crate::certificate::extensions::Decode<'a> for $name<'a> {
            fn decode<E: $crate::der::ReadError>(
                value: $crate::der::Reader<'a, E>,
            ) -> Result<Self, E> {
                $crate::certificate::extensions::Decode::decode(value).map(Self)
            }
        }
    };
}

pub(crate) use sequence_of;
pub(super) use {same_syntax, sequence};

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::der::{self, ErrorKind};

    impl<'a> Item<'a> for bool {
        fn read<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<Self, E> {
            reader.boolean()
        }
    }

    fn list(der: &[u8]) -> der::Result<List<'_, bool>> {
        List::only(Reader::new(der))
    }

    #[test]
    fn gives_all_items_in_order() {
        let der = [0x30, 6, 1, 1, 0xff, 1, 1, 0];
        let list = list(&der).unwrap();
        assert_eq!(list.iter().collect::<Vec<_>>(), [true, false]);
        assert_eq!(list.iter().size_hint(), (1, Some(3)));
        assert_eq!(alloc::format!("{list:?}"), "[true, false]");
    }

    #[test]
    fn an_empty_list_decodes() {
        let list = list(&[0x30, 0]).unwrap();
        assert!(list.is_empty());
        assert_eq!(list.iter().next(), None);
        assert_eq!(list.iter().size_hint(), (0, Some(0)));
    }

    #[test]
    fn one_bad_item_spoils_the_list() {
        let bad = [0x30, 6, 1, 1, 0xff, 1, 1, 1];
        let error = list(&bad).unwrap_err();
        assert_eq!((error.kind, error.offset), (ErrorKind::BadValue, 5));
        assert_eq!(
            list(&[0x30, 0, 0]).unwrap_err().kind,
            ErrorKind::TrailingData
        );
        assert_eq!(list(&[]).unwrap_err().kind, ErrorKind::Truncated);
        assert_eq!(list(&[0x31, 0]).unwrap_err().kind, ErrorKind::UnexpectedTag);
    }
}
