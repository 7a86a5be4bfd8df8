//! Who sent a request: a trusted proxy, or anybody.

/// Is the other end of the connection a proxy whose headers are trusted?
///
/// The caller knows: by the proxy's own client certificate, by a Unix socket that only the proxy
/// may open, or by its address. Every program on the proxy's machine has that address, so it takes
/// a [`ProxySecret`](super::ProxySecret) as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// It is, and it removes or overwrites these headers in what it passes on.
    TrustedProxy,
    /// It may be anybody.
    Untrusted,
}

/// What happens to the header of a peer that is not a trusted proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UntrustedHeader {
    /// It is an error: nobody sends it by accident.
    #[default]
    Refuse,
    /// It is treated as absent.
    Ignore,
}
