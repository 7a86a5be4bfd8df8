//! A list that most often has at most one item.
//!
//! One intermediate is what most peers send. It stays where the list is: only more take memory.

use alloc::vec::Vec;

#[derive(Clone, Debug, Default)]
pub(crate) enum Few<T> {
    #[default]
    None,
    One(T),
    Many(Vec<T>),
}

impl<T> Few<T> {
    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(item) => core::slice::from_ref(item),
            Self::Many(items) => items,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        match self {
            Self::None => *self = Self::One(item),
            Self::One(_) => self.push_another(item),
            Self::Many(items) => items.push(item),
        }
    }

    #[inline(never)]
    fn push_another(&mut self, item: T) {
        if let Self::One(first) = core::mem::replace(self, Self::None) {
            *self = Self::Many(Vec::from([first, item]));
        }
    }
}

impl<T> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T> FromIterator<T> for Few<T> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut few = Self::None;
        for item in items {
            few.push(item);
        }
        few
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::Few;

    #[test]
    fn is_the_list_of_what_was_put_in() {
        for count in 0..5u8 {
            let few: Few<u8> = (0..count).collect();
            assert_eq!(few.as_slice(), (0..count).collect::<Vec<_>>());
            let mut twice = few.clone();
            twice.extend(0..count);
            let expected: Vec<_> = (0..count).chain(0..count).collect();
            assert_eq!(twice.as_slice(), expected);
        }
    }
}
