//! How many connections may be open, and how many of them from one address.
//!
//! Whoever finds no room is cut off at once, before anything is read: a client that opens all the connections that it can
//! keeps out those at its own address and nobody else. The machine that the server runs on has some room of its own, since
//! without its lists the server lets nobody in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at once, to each listener.
const MOST: usize = 512;
/// Of these from one address, or from one network of an IPv6 host.
const MOST_EACH: usize = 64;
/// Those that are for this machine alone.
const RESERVED: usize = 64;

/// The room of a listener.
pub struct Room {
    own: IpAddr,
    proxies: Vec<IpAddr>,
    free: Arc<Semaphore>,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that has found room, until it is dropped.
pub struct Place {
    room: Arc<Room>,
    address: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl Room {
    /// Room with a reserve for the address by which the server reaches itself. Proxies speak for many clients, so that each
    /// may take all but the reserve.
    pub fn new(own: IpAddr, proxies: &[IpAddr]) -> Arc<Self> {
        Arc::new(Self {
            own: host(own),
            proxies: proxies.iter().copied().map(host).collect(),
            free: Arc::new(Semaphore::new(MOST)),
            open: Mutex::default(),
        })
    }

    /// A place for a connection from this address, if there is one.
    pub fn place(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = host(address);
        let mut open = self.open();
        let taken = open.get(&address).copied().unwrap_or(0);
        let of_others = MOST - RESERVED;
        let (share, reserve) = match address {
            _ if self.proxies.contains(&address) => (of_others, RESERVED),
            _ if address == self.own => (MOST_EACH, 0),
            _ => (MOST_EACH, RESERVED),
        };
        if taken >= share || self.free.available_permits() <= reserve {
            return None;
        }
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        open.insert(address, taken + 1);
        Some(Place {
            room: Arc::clone(self),
            address,
            _permit: permit,
        })
    }

    /// Waits until all have left.
    pub async fn empty(&self) {
        let _ = self.free.acquire_many(MOST as u32).await;
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.room.open();
        match open.get_mut(&self.address) {
            Some(taken) if *taken > 1 => *taken -= 1,
            _ => drop(open.remove(&self.address)),
        }
    }
}

/// The address by which somebody counts: an IPv6 host chooses the last 64 bits itself (RFC 4291 section 2.5.1).
fn host(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6((address.to_bits() >> 64 << 64).into())
        }
        address => address,
    }
}
