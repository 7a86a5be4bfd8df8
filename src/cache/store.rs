//! A store that several servers share: bytes by bytes, each for a while. Redis, memcached, a table
//! of a database.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;

/// Keeps bytes for servers that share their verdicts, blocking.
///
/// It is trusted with nothing: what it returns is refused unless the servers' key sealed it for the
/// very client that is asked about. Names are 32 octets that tell neither leaf nor namespace, the
/// same each time. Values hold the issuers of a client in the clear; they take a few thousand
/// octets, at most [`MAX_SEALED`](crate::cache::MAX_SEALED). A client of it needs limits on time,
/// for a whole answer and not for each read, and on how much it reads.
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
    /// Why the store did not do it.
    type Error;

    /// What was put under this name and has not ended.
    ///
    /// # Errors
    /// When the store can't be asked; what it has not got is `None`.
    fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Keeps this for so many seconds, in the place of what is there.
    ///
    /// # Errors
    /// When the store does not take it.
    fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), Self::Error>;
}

impl<S: SharedStore + ?Sized> SharedStore for &S {
    type Error = S::Error;

    fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).get(name)
    }

    fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), S::Error> {
        (**self).put(name, value, seconds)
    }
}

impl<S: SharedStore + ?Sized> SharedStore for Arc<S> {
    type Error = S::Error;

    fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).get(name)
    }

    fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), S::Error> {
        (**self).put(name, value, seconds)
    }
}

/// As [`SharedStore`], without blocking, on whichever runtime the future runs.
pub trait AsyncSharedStore: Sync {
    /// Why the store did not do it.
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

impl<S: AsyncSharedStore> AsyncSharedStore for &S {
    type Error = S::Error;

    async fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).get(name).await
    }

    async fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), S::Error> {
        (**self).put(name, value, seconds).await
    }
}

impl<S: AsyncSharedStore + Send> AsyncSharedStore for Arc<S> {
    type Error = S::Error;

    async fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).get(name).await
    }

    async fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), S::Error> {
        (**self).put(name, value, seconds).await
    }
}
