//! How many connections may be open, and how many of them from one address.
//!
//! Whoever finds no room is cut off at once, before anything is read: a client that opens all the
//! connections that it can keeps out those at its own address and nobody else. Where the server
//! fetches its lists from itself some room is its own, since without them it lets nobody in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::address::Address;

/// Connections at once, to each listener.
const MOST: usize = 512;
/// Of these from one address, or from one network of an IPv6 host.
const MOST_EACH: usize = 64;
/// Those that are for this machine alone, where its lists are.
const RESERVED: usize = 64;

/// The room of a listener.
pub struct Room {
    own: Option<Address>,
    proxies: Vec<Address>,
    free: Arc<Semaphore>,
    open: Mutex<HashMap<Address, usize>>,
}

/// A connection that has found room, until it is dropped.
pub struct Place {
    room: Arc<Room>,
    address: Address,
    _permit: OwnedSemaphorePermit,
}

impl Room {
    /// Room for clients.
    pub fn of_clients() -> Arc<Self> {
        Self::new(None, &[])
    }

    /// Room for proxies, each of which speaks for many clients, and for the server itself at this
    /// address. A proxy on the same machine is not told apart from the server, and shares what
    /// is reserved.
    pub fn of_proxies(own: Address, proxies: &[Address]) -> Arc<Self> {
        Self::new(Some(own), proxies)
    }

    fn new(own: Option<Address>, proxies: &[Address]) -> Arc<Self> {
        Arc::new(Self {
            own: own.map(Address::network),
            proxies: proxies.iter().copied().map(Address::network).collect(),
            free: Arc::new(Semaphore::new(MOST)),
            open: Mutex::default(),
        })
    }

    /// A place for a connection from this address, if there is one.
    pub fn place(self: &Arc<Self>, address: Address) -> Option<Place> {
        let address = address.network();
        let mut open = self.open();
        let taken = open.get(&address).copied().unwrap_or(0);
        let share = match self.own == Some(address) || self.proxies.contains(&address) {
            true => MOST - RESERVED,
            false => MOST_EACH,
        };
        let reserve = match self.own {
            Some(own) if own != address => RESERVED,
            _ => 0,
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

    fn open(&self) -> MutexGuard<'_, HashMap<Address, usize>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// So many from one address; those that found room.
    fn come(room: &Arc<Room>, address: &str, number: usize) -> Vec<Place> {
        let address = address.parse().unwrap();
        (0..number).filter_map(|_| room.place(address)).collect()
    }

    #[test]
    fn nobody_takes_the_room_of_all() {
        let room = Room::of_clients();
        let greedy = come(&room, "192.0.2.1", MOST);
        assert_eq!(greedy.len(), MOST_EACH);
        // The same one, otherwise written.
        assert!(come(&room, "::ffff:192.0.2.1", 1).is_empty());
        // One host may have all the addresses of a network.
        let network = |n: usize| come(&room, &format!("2001:db8::{n:x}"), 1).pop();
        let places: Vec<_> = (0..MOST).filter_map(network).collect();
        assert_eq!(places.len(), MOST_EACH);
        assert_eq!(come(&room, "2001:db8:0:1::1", 1).len(), 1);
        drop(greedy);
        assert_eq!(come(&room, "192.0.2.1", 1).len(), 1);
        drop(places);
        assert!(room.open().is_empty());
        assert_eq!(room.free.available_permits(), MOST);
    }

    #[test]
    fn the_server_finds_room_for_its_lists() {
        let own = "127.0.0.1".parse().unwrap();
        let room = Room::of_proxies(own, &["192.0.2.1".parse().unwrap()]);
        let proxy = come(&room, "192.0.2.1", MOST);
        assert_eq!(proxy.len(), MOST - RESERVED);
        assert!(come(&room, "192.0.2.2", 1).is_empty());
        assert_eq!(come(&room, "127.0.0.1", MOST).len(), RESERVED);
        drop(proxy);
        assert_eq!(come(&room, "192.0.2.2", MOST).len(), MOST_EACH);
    }
}
