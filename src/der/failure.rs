//! How much a reader says of a failure, chosen when it is made.
//!
//! A decoder is generic over it: it is written once, and compiled for a reading that keeps places
//! and reasons, for one that keeps neither, and for one of bytes that have been read before.

/// What a reader tells of a failure: an [`Error`](super::Error), or with [`Failed`] only that there
/// is one. Sealed.
pub trait ReadError: sealed::ReadError {}

/// That reading failed, not why and where.
///
/// Nearly everything that is read is well formed. A reading that keeps no account of places takes
/// half the time; what it refuses is read once more, by the same code, for the
/// [`Error`](super::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// As [`Failed`], for a reader that knows where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailedSomewhere;

/// As [`Failed`], for bytes that the same decoder has accepted before: what only has to be checked
/// is not read again. **Only for such bytes.**
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadBefore;

impl<E: sealed::ReadError> ReadError for E {}

mod sealed {
    use super::{Failed, FailedSomewhere, ReadBefore};
    use crate::der::{Error, ErrorKind};

    pub trait ReadError: Copy {
        /// An offset from the start of the outermost input; nothing where nobody asks for it.
        type Place: Copy + From<u32> + Into<u32>;

        /// Have these bytes been accepted before?
        const READ_BEFORE: bool = false;

        fn new(kind: ErrorKind, place: Self::Place) -> Self;
    }

    /// No offset.
    #[derive(Clone, Copy, Debug)]
    pub struct Nowhere;

    impl From<u32> for Nowhere {
        #[inline(always)]
        fn from(_: u32) -> Self {
            Self
        }
    }

    impl From<Nowhere> for u32 {
        #[inline(always)]
        fn from(_: Nowhere) -> Self {
            0
        }
    }

    impl ReadError for Error {
        type Place = u32;
        #[inline]
        fn new(kind: ErrorKind, offset: u32) -> Self {
            Self { kind, offset }
        }
    }

    /// Kinds that keep no reason: their place, and whether the bytes have been accepted before.
    macro_rules! silent {
        ($($kind:ident, $place:ident, $read_before:literal;)*) => {$(
            impl ReadError for $kind {
                type Place = $place;
                const READ_BEFORE: bool = $read_before;
                #[inline(always)]
                fn new(_: ErrorKind, _: $place) -> Self {
                    Self
                }
            }
        )*};
    }

    silent! {
        FailedSomewhere, u32, false;
        Failed, Nowhere, false;
        ReadBefore, Nowhere, true;
    }
}
