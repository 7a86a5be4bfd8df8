//! The trait for a store that several servers share. It holds bytes under a name for some time, and
//! may be Redis, memcached or a database table.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;

/// A blocking store for servers that share their verdicts.
///
/// The store need not be trusted: what it returns is refused unless the servers' key sealed it for
/// this client. Names have 32 bytes, are always the same for a client, and reveal neither leaf nor
/// namespace. Values contain the issuers of a client in the clear. They usually have a few thousand
/// bytes, and at most [`MAX_SEALED`](crate::cache::MAX_SEALED). An implementation needs a timeout
/// for the whole response, not only for each read, and a limit on the number of bytes that it
/// reads.
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
    /// If the store cannot be read. A missing value is not an error.
    fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Stores a value for this number of seconds, and replaces an earlier one.
    ///
    /// # Errors
    /// If the store does not accept the value.
    fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), Self::Error>;
}

/// Like [`SharedStore`], without blocking. The futures run on any runtime.
pub trait AsyncSharedStore: Sync {
    /// Why the store failed.
    type Error: Send;

    /// Like [`SharedStore::get`].
    fn get(
        &self,
        name: &[u8; 32],
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;

    /// Like [`SharedStore::put`].
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
