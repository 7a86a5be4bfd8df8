//! Who sent a request: a trusted proxy or an unknown client.

/// Whether the other end of the connection is a proxy whose headers are trusted.
///
/// The caller decides this: by the proxy's own client certificate, by a Unix socket that only the
/// proxy may open, or by its address. Every program on the proxy's machine has the same address, so
/// an address needs a [`ProxySecret`](super::ProxySecret) as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// A trusted proxy. It removes or overwrites these headers in every request that it forwards.
    TrustedProxy,
    /// Anyone else.
    Untrusted,
}

/// How to treat the header of a peer that is not a trusted proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UntrustedHeader {
    /// Return an error. No client sends such a header by accident.
    #[default]
    Refuse,
    /// Treat the header as absent.
    Ignore,
}
