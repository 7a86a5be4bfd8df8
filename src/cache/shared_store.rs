//! The store that several servers share, as a trait: bytes under a name, for a time. It may be
//! Redis, memcached or a table of a database.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;

/// Stores bytes for servers that share their verdicts, blocking.
///
/// The store need not be trusted: what it returns is refused unless the servers' key sealed it for
/// this very client. Names are 32 octets that reveal neither leaf nor namespace, the same each
/// time. Values hold the issuers of a client in the clear; they take a few thousand octets, at most
/// [`MAX_SEALED`](crate::cache::MAX_SEALED). An implementation needs limits on time, for a whole
/// answer and not for each read, and on how much it reads.
///
/// ```
/// use std::collections::HashMap;
/// use std::convert::Infallible;
/// use std::sync::Mutex;
///
/// use portcullis::cache::SharedStore;
///
/// #[derive(Default)]
/// struct Map(Mutex<HashMap<[u8; 32], Vec<u8>>>);
///
/// impl SharedStore for Map {
///     type Error = Infallible;
///
///     fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, Infallible> {
///         Ok(self.0.lock().unwrap().get(name).cloned())
///     }
///
///     fn put(&self, name: &[u8; 32], value: &[u8], _seconds: u32) -> Result<(), Infallible> {
///         self.0.lock().unwrap().insert(*name, value.to_vec());
///         Ok(())
///     }
/// }
/// ```
pub trait SharedStore {
    /// Why the store failed.
    type Error;

    /// The value under this name, if it has not ended.
    ///
    /// # Errors
    /// When the store can't be asked; a missing value is `None`.
    fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Stores a value for so many seconds, in place of an earlier one.
    ///
    /// # Errors
    /// When the store does not take it.
    fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), Self::Error>;
}

/// As [`SharedStore`], without blocking, on whichever runtime the future runs.
pub trait AsyncSharedStore: Sync {
    /// Why the store failed.
    type Error: Send;

    /// As [`SharedStore::get`].
    fn get(
        &self,
        name: &[u8; 32],
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;

    /// As [`SharedStore::put`].
    fn put(
        &self,
        name: &[u8; 32],
        value: &[u8],
        seconds: u32,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

macro_rules! stores_behind {
    ($($pointer:ty),*) => {$(
        impl<S: SharedStore + ?Sized> SharedStore for $pointer {
            type Error = S::Error;

            fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, S::Error> {
                (**self).get(name)
            }

            fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), S::Error> {
                (**self).put(name, value, seconds)
            }
        }

        impl<S: AsyncSharedStore + Send> AsyncSharedStore for $pointer {
            type Error = S::Error;

            async fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, S::Error> {
                (**self).get(name).await
            }

            async fn put(
                &self,
                name: &[u8; 32],
                value: &[u8],
                seconds: u32,
            ) -> Result<(), S::Error> {
                (**self).put(name, value, seconds).await
            }
        }
    )*};
}

stores_behind!(&S, Arc<S>);
