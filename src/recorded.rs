//! Values as octets of a record: what servers that share verdicts write for each other.
//!
//! Numbers are big endian. Which number stands for which variant of an enum is declared with the
//! enum, by [`numbered!`](crate::table::numbered).

use alloc::vec::Vec;

/// A value that has a form in records.
pub(crate) trait Recorded: Sized {
    /// Appends the value.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads one; `None` where the octets are none.
    fn read(octets: &mut Octets<'_>) -> Option<Self>;
}

/// What is left to read.
pub(crate) struct Octets<'a>(pub(crate) &'a [u8]);

impl<'a> Octets<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }
}

macro_rules! integers {
    ($($integer:ident)*) => {$(
        impl Recorded for $integer {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend(self.to_be_bytes());
            }

            fn read(octets: &mut Octets<'_>) -> Option<Self> {
                octets.array().map(Self::from_be_bytes)
            }
        }
    )*};
}

integers!(u8 u16 u32 i64);

impl<T: Recorded> Recorded for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_some()));
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(octets: &mut Octets<'_>) -> Option<Self> {
        match u8::read(octets)? {
            0 => Some(None),
            1 => T::read(octets).map(Some),
            _ => None,
        }
    }
}
