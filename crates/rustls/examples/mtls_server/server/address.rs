//! The address of the other end of a connection, as this server compares addresses.
//!
//! A socket for IPv6 that takes IPv4 too tells `::ffff:192.0.2.1` of a client that another socket,
//! and the command line, calls `192.0.2.1` (RFC 4291 section 2.5.5.2). Compared as they come, these
//! are two clients, and a trusted proxy is none. Here is the one place where they become one.

use std::net::IpAddr;
use std::str::FromStr;

/// An IP address in the only form that is compared here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl Address {
    /// An address as a socket tells it, or anybody.
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// By what the other end counts: an IPv6 host chooses the last 64 bits itself (RFC 4291 section
    /// 2.5.1).
    pub fn network(self) -> Self {
        match self.0 {
            IpAddr::V6(address) if !address.is_loopback() => {
                Self(IpAddr::V6((address.to_bits() >> 64 << 64).into()))
            }
            _ => self,
        }
    }
}

impl FromStr for Address {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    /// S6: an address is the same one, however it is written.
    #[test]
    fn one_address_has_one_form() {
        let v4 = address("192.0.2.1");
        for same in [
            "::ffff:192.0.2.1",
            "::ffff:c000:201",
            "0:0:0:0:0:ffff:192.0.2.1",
        ] {
            assert_eq!(address(same), v4, "{same}");
            assert_eq!(address(same).network(), v4, "{same}");
            let of_socket: IpAddr = same.parse().unwrap();
            assert_eq!(Address::new(of_socket), v4, "{same}");
        }
        for other in [
            "192.0.2.2",
            "::192.0.2.1",
            "64:ff9b::192.0.2.1",
            "2001:db8::1",
        ] {
            assert_ne!(address(other), v4, "{other}");
        }
        assert_eq!(
            address("2001:db8::1").network(),
            address("2001:db8::2").network()
        );
        assert_ne!(address("2001:db8::1"), address("2001:db8::2"));
        assert_eq!(address("::1").network(), address("::1"));
    }
}
