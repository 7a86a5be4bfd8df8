//! Which URLs and addresses may be asked, and how large an answer may be. Both fetchers use these
//! rules.
//!
//! The URLs come from certificates. A validation asks only for URLs on paths to a trust anchor, but
//! an intermediate CA could still send a server to an address of the server's own network
//! (server-side request forgery). So each address is checked after its name is resolved, and the
//! connection goes to that address and no other. No proxy is used, because a proxy would resolve
//! the name again.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use http::Uri;
use portcullis::revocation::{FetchFailure, Request, RequestKind};

/// Longest URL of an OCSP request that is sent by GET (RFC 5019 section 5).
const MAX_GET: usize = 255;

/// Which URLs and addresses may be asked, and how large an answer may be.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The time for one request, from resolving the name to the last octet, redirects included.
    pub time_limit: Duration,
    /// The most octets of a CRL. The largest CRLs of public CAs have some 10 MB.
    pub crl_limit: usize,
    /// The most octets of anything else. An OCSP response with its responder's certificate has
    /// some 2 kB.
    pub other_limit: usize,
    /// How many redirects are followed.
    pub redirects: usize,
    /// The hosts that may be asked, also after a redirect. `None` allows all.
    pub hosts: Option<Vec<String>>,
    /// Whether addresses that are not public may be asked.
    pub allow_private: bool,
    /// Whether short OCSP requests are sent by GET, so that HTTP caches can answer them.
    pub ocsp_by_get: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            time_limit: Duration::from_secs(10),
            crl_limit: 16 << 20,
            other_limit: 64 << 10,
            redirects: 3,
            hosts: None,
            allow_private: false,
            ocsp_by_get: false,
        }
    }
}

/// One HTTP request.
#[derive(Clone, Debug)]
pub struct Call {
    pub uri: Uri,
    /// The body of a POST. Without one the request is a GET.
    pub body: Option<Vec<u8>>,
    /// The media type that the answer should have.
    pub accept: &'static str,
    /// The most octets of the answer.
    pub limit: usize,
}

/// What to do with an answer, by its status and headers.
#[derive(Debug)]
pub enum Next {
    Read,
    Follow(Call),
}

impl Rules {
    /// The HTTP request for what a validation asks.
    pub fn call(&self, request: &Request) -> Result<Call, FetchFailure> {
        let get_url = request.get_url();
        let by_get = self.ocsp_by_get && get_url.len() <= MAX_GET;
        let (url, body) = match request.body() {
            Some(body) if !by_get => (request.url().into(), Some(Vec::from(body))),
            _ => (get_url, None),
        };
        let limit = match request.kind() {
            RequestKind::Crl | RequestKind::DeltaCrl => self.crl_limit,
            _ => self.other_limit,
        };
        Ok(Call {
            uri: self.target(&url)?,
            body,
            accept: request.kind().media_type(),
            limit,
        })
    }

    /// Parses a URL and checks what its text tells: the scheme is http, there is no user, and the
    /// host is allowed.
    fn target(&self, url: &str) -> Result<Uri, FetchFailure> {
        let uri: Uri = url.parse().map_err(|_| FetchFailure::Refused)?;
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let has_user = uri.authority().is_some_and(|a| a.as_str().contains('@'));
        let is_allowed = match &self.hosts {
            Some(hosts) => hosts.iter().any(|known| known.eq_ignore_ascii_case(&host)),
            None => !host.is_empty(),
        };
        if uri.scheme_str() == Some("http") && !has_user && is_allowed {
            Ok(uri)
        } else {
            Err(FetchFailure::Refused)
        }
    }

    /// Whether the fetcher may connect to this address.
    pub fn allows(&self, address: IpAddr) -> bool {
        self.allow_private || is_public(address)
    }

    /// Decides by the status and `Location` of an answer.
    pub fn next(
        &self,
        call: &Call,
        status: u16,
        location: Option<&str>,
    ) -> Result<Next, FetchFailure> {
        match (status, location) {
            (200, _) => Ok(Next::Read),
            // These three turn a POST into a GET, which would lose the body.
            (301..=303, Some(location)) if call.body.is_none() => self.follow(call, location),
            (307 | 308, Some(location)) => self.follow(call, location),
            _ => Err(FetchFailure::Status(status)),
        }
    }

    fn follow(&self, call: &Call, location: &str) -> Result<Next, FetchFailure> {
        let is_path = location.starts_with('/') && !location.starts_with("//");
        let authority = call.uri.authority().filter(|_| is_path);
        let uri = match authority {
            Some(authority) => self.target(&format!("http://{authority}{location}")),
            None => self.target(location),
        };
        Ok(Next::Follow(Call {
            uri: uri?,
            ..call.clone()
        }))
    }
}

/// Whether an address is public. Addresses in IANA's special-purpose registries (RFC 6890) are not.
/// An IPv6 address that contains an IPv4 address is public if that one is.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match carried(address) {
            Some(address) => is_public_v4(address),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    let is_private = matches!(
        octets,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..]
    );
    let is_local = matches!(octets, [0 | 127, ..] | [169, 254, ..]);
    let is_for_tests = matches!(
        octets,
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [198, 18 | 19, ..]
    );
    // Multicast and reserved.
    let is_no_host = matches!(octets, [224..=255, ..]);
    !(is_private || is_local || is_for_tests || is_no_host)
}

/// Global unicast addresses, except those for documentation and Teredo.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first >> 13 == 0b001,
    }
}

/// The IPv4 address in an IPv6 address: mapped, 6to4 or NAT64.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => (high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rules: &Rules, address: &str) -> bool {
        rules.allows(address.parse().unwrap())
    }

    #[test]
    fn addresses_that_are_not_public_are_refused_unless_allowed() {
        let rules = Rules::default();
        let any = Rules {
            allow_private: true,
            ..Rules::default()
        };
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!allows(&rules, address), "{address}");
            assert!(allows(&any, address), "{address}");
        }
        for address in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2606:4700::1111",
            "2a00::1",
        ] {
            assert!(allows(&rules, address), "{address}");
        }
    }

    #[test]
    fn urls_go_by_scheme_user_and_host() {
        let rules = Rules::default();
        for url in ["http://a.test/x.crl", "HTTP://a.test", "http://[::1]:80/"] {
            assert!(rules.target(url).is_ok(), "{url}");
        }
        for url in [
            "https://a.test/",
            "ftp://a.test/",
            "file:///etc/passwd",
            "http://user@a.test/",
            "http://",
            "/x.crl",
            "a.test",
            "http://a.test/ x",
            "",
        ] {
            assert_eq!(rules.target(url), Err(FetchFailure::Refused), "{url}");
        }
        let only = Rules {
            hosts: Some(vec!["crl.a.test".into()]),
            ..Rules::default()
        };
        assert!(only.target("http://CRL.a.test:8080/x").is_ok());
        for url in ["http://a.test/", "http://crl.a.test.b.test/"] {
            assert_eq!(only.target(url), Err(FetchFailure::Refused), "{url}");
        }
    }

    #[test]
    fn redirects_stay_with_http_and_do_not_lose_the_body() {
        let rules = Rules::default();
        let get = Call {
            uri: Uri::from_static("http://a.test:81/x"),
            body: None,
            accept: "application/pkix-crl",
            limit: 1,
        };
        let post = Call {
            body: Some(vec![1]),
            ..get.clone()
        };
        let next = |call: &Call, status, location| {
            let next = rules.next(call, status, Some(location))?;
            Ok(match next {
                Next::Read => String::new(),
                Next::Follow(next) => {
                    assert_eq!(next.body, call.body);
                    next.uri.to_string()
                }
            })
        };
        assert_eq!(next(&get, 200, "/y"), Ok(String::new()));
        assert_eq!(next(&get, 302, "/y"), Ok("http://a.test:81/y".into()));
        let elsewhere = "http://b.test/z";
        assert_eq!(next(&get, 301, elsewhere), Ok(elsewhere.into()));
        assert_eq!(next(&post, 308, elsewhere), Ok(elsewhere.into()));
        assert_eq!(next(&post, 302, "/y"), Err(FetchFailure::Status(302)));
        for location in ["https://a.test/", "//b.test/", "y", "file:///x"] {
            assert_eq!(next(&get, 302, location), Err(FetchFailure::Refused));
        }
        assert!(matches!(
            rules.next(&get, 302, None),
            Err(FetchFailure::Status(302))
        ));
        assert_eq!(next(&get, 404, "/y"), Err(FetchFailure::Status(404)));
        assert_eq!(next(&get, 206, "/y"), Err(FetchFailure::Status(206)));
    }
}
