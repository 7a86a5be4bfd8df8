//! How much a reader says of a failure, chosen when it is made.
//!
//! Decoders are generic over it: each is written once, and compiled for a reading that keeps places
//! and reasons and for one that keeps neither.

/// What whoever reads wants to know: of a failure an [`Error`](super::Error), or with [`Failed`]
/// only that there is one. Sealed.
pub trait Failure: sealed::Failure {}

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

impl<E: sealed::Failure> Failure for E {}

mod sealed {
    use super::{Failed, FailedSomewhere};
    use crate::der::{Error, ErrorKind};

    pub trait Failure: Copy {
        /// An offset from the start of the outermost input; nothing where nobody asks for it.
        type Place: Copy;
        fn new(kind: ErrorKind, place: Self::Place) -> Self;
        fn place(offset: u32) -> Self::Place;
        fn offset(place: Self::Place) -> u32;
    }

    impl Failure for Error {
        type Place = u32;
        #[inline]
        fn new(kind: ErrorKind, offset: u32) -> Self {
            Self { kind, offset }
        }
        #[inline]
        fn place(offset: u32) -> u32 {
            offset
        }
        #[inline]
        fn offset(place: u32) -> u32 {
            place
        }
    }

    impl Failure for FailedSomewhere {
        type Place = u32;
        #[inline(always)]
        fn new(_: ErrorKind, _: u32) -> Self {
            Self
        }
        #[inline(always)]
        fn place(offset: u32) -> u32 {
            offset
        }
        #[inline(always)]
        fn offset(place: u32) -> u32 {
            place
        }
    }

    impl Failure for Failed {
        type Place = ();
        #[inline(always)]
        fn new(_: ErrorKind, (): ()) -> Self {
            Self
        }
        #[inline(always)]
        fn place(_: u32) {}
        #[inline(always)]
        fn offset((): ()) -> u32 {
            0
        }
    }
}
