//! Which host a request is for, of the places in which it may say so: the request target,
//! `:authority` and `Host`.
//!
//! Of HTTP/1.1 the target wins, and `Host` counts only where the target has no host; there must be
//! exactly one all the same (RFC 9112 sections 3.2 and 3.2.2). Of HTTP/2 and HTTP/3 `:authority`
//! wins, and `Host` may be absent but not different (RFC 9113 section 8.3.1, RFC 9114 section
//! 4.3.1). A server that looks at one of them alone is told one host and serves another.

use core::fmt;

use super::authority::{is_authority, is_same};
use super::mode::Http;
use crate::authentication::forwarded::{Headers, RepeatedHeader};

/// The host that a request is for, with its port if it has one: what [`Request::new`] is to be
/// given. **Route the request by it too, and by no header**: an HTTP/1.1 request may say another
/// host in its `Host`, which does not count then.
///
/// The target is the request target of HTTP/1 as it came, or `:path`. The authority is
/// `:authority`, or what an HTTP library took out of the target of HTTP/1; of the `http` crate it
/// is `uri.authority()` in all versions, and the target may be `uri.path()`.
///
/// ```
/// use portcullis::authentication::negotiation::{Http, requested_authority};
///
/// let headers = [("Host", "www.test")];
/// let of = |http, target, authority| requested_authority(http, target, authority, &headers);
/// assert_eq!(of(Http::V1, "/orders?open", None)?, "www.test");
/// assert_eq!(of(Http::V1, "https://id.test/orders", None)?, "id.test");
/// assert_eq!(of(Http::V2, "/orders", Some("www.test:443"))?, "www.test:443");
/// assert!(of(Http::V2, "/orders", Some("id.test")).is_err());
/// # Ok::<(), portcullis::authentication::negotiation::InvalidAuthority>(())
/// ```
///
/// # Errors
/// [`InvalidAuthority`]; the answer is 400. Whether it is the name of a host that is served here is
/// not looked at: [`Negotiation::request`](super::Negotiation::request) does so.
///
/// [`Request::new`]: super::Request::new
pub fn requested_authority<'a>(
    http: Http,
    target: &'a str,
    authority: Option<&'a str>,
    headers: &'a (impl Headers + ?Sized),
) -> Result<&'a str, InvalidAuthority> {
    let host = headers.single("host")?.map(str::from_utf8).transpose();
    let host = host.map_err(|_| InvalidAuthority::Malformed)?;
    // RFC 9110 section 7.2: it is empty where the target has no authority to be repeated.
    let host = host.map(|host| if host.is_empty() { Ok("") } else { valid(host) });
    let host = host.transpose()?;
    let authority = authority.map(valid).transpose()?;
    let first = match (of_target(target)?, authority) {
        (Some(a), Some(b)) if !is_same(a, b) => return Err(InvalidAuthority::Contradiction),
        (of_target, authority) => of_target.or(authority),
    };
    match (http, first, host) {
        (Http::V1, _, None) | (_, None, None | Some("")) => Err(InvalidAuthority::Missing),
        (Http::V2 | Http::V3, Some(first), Some(host)) if !is_same(first, host) => {
            Err(InvalidAuthority::Contradiction)
        }
        (_, first, host) => first.or(host).ok_or(InvalidAuthority::Missing),
    }
}

/// The authority in a request target; `None`: a path, or `*` (RFC 9112 section 3.2).
fn of_target(target: &str) -> Result<Option<&str>, InvalidAuthority> {
    if target.is_empty() || target.starts_with('/') || target == "*" {
        return Ok(None);
    }
    // That of CONNECT is an authority and nothing else.
    let Some((scheme, rest)) = target.split_once("://") else {
        return valid(target).map(Some);
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match is_scheme {
        true => valid(authority).map(Some),
        false => Err(InvalidAuthority::Malformed),
    }
}

fn valid(authority: &str) -> Result<&str, InvalidAuthority> {
    let valid = is_authority(authority).then_some(authority);
    valid.ok_or(InvalidAuthority::Malformed)
}

/// A request does not say which host it is for. The answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidAuthority {
    /// There is none, or an HTTP/1.1 request has no `Host`.
    Missing,
    /// `Host` occurs more than once.
    Repeated {
        /// How often.
        times: usize,
    },
    /// One of the places holds no `host [":" port]`, or a user before it.
    Malformed,
    /// Two places name different hosts or ports, where they must not.
    Contradiction,
}

impl From<RepeatedHeader> for InvalidAuthority {
    fn from(repeated: RepeatedHeader) -> Self {
        let times = repeated.times;
        Self::Repeated { times }
    }
}

impl fmt::Display for InvalidAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the request names no host [RFC 9112 section 3.2]"),
            Self::Repeated { times } => {
                write!(f, "there are {times} Host headers [RFC 9112 section 3.2]")
            }
            Self::Malformed => {
                f.write_str("the request's host is no host and port [RFC 9110 section 4.2]")
            }
            Self::Contradiction => {
                f.write_str("the request names two hosts [RFC 9113 section 8.3.1]")
            }
        }
    }
}

impl core::error::Error for InvalidAuthority {}

#[cfg(test)]
mod tests {
    use super::super::{ClientCertificateMode, Negotiation, Request, Status, Tls};
    use super::InvalidAuthority::{Contradiction, Malformed, Missing, Repeated};
    use super::*;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn of(
        http: Http,
        target: &str,
        authority: Option<&str>,
        hosts: &[&str],
    ) -> Result<String, InvalidAuthority> {
        let headers: Vec<_> = hosts.iter().map(|host| ("HoSt", *host)).collect();
        requested_authority(http, target, authority, &headers).map(ToString::to_string)
    }

    /// S3: the target wins over `Host`, which must be there once and be one.
    #[test]
    fn the_target_of_http_1_wins() {
        let v1 = |target, hosts: &[&str]| of(Http::V1, target, None, hosts);
        for (target, expected) in [
            ("/", "www.test"),
            ("//id.test/", "www.test"),
            ("/x://id.test/", "www.test"),
            ("", "www.test"),
            ("*", "www.test"),
            ("http://id.test", "id.test"),
            ("HTTPS://ID.test:8443/x", "ID.test:8443"),
            ("https://id.test?x", "id.test"),
            ("https://id.test#x", "id.test"),
            ("https://id.test./", "id.test."),
            ("https://id.test:/", "id.test:"),
            ("https://[2001:db8::1]:443/", "[2001:db8::1]:443"),
            ("id.test:443", "id.test:443"),
            ("[::1]:443", "[::1]:443"),
        ] {
            assert_eq!(
                v1(target, &["www.test"]).as_deref(),
                Ok(expected),
                "{target}"
            );
            assert_eq!(v1(target, &[]), Err(Missing), "{target}");
            let two = ["www.test", "www.test"];
            assert_eq!(v1(target, &two), Err(Repeated { times: 2 }), "{target}");
            assert_eq!(v1(target, &["a b"]), Err(Malformed), "{target}");
        }
        assert_eq!(v1("https://id.test/", &[""]).as_deref(), Ok("id.test"));
        assert_eq!(v1("/", &[""]), Err(Missing));
        for target in [
            "https:///x",
            "https://",
            "https://x@id.test/",
            "https://id.test:443:443/",
            "https://id.test:x/",
            "https://id.test:65536/",
            "https://id.test\\@www.test/",
            "https://id.test,www.test/x",
            "https://é.test/",
            "://id.test/",
            "1x://id.test/",
            "h ttps://id.test/",
            "x@id.test",
            "http:/x",
            "mailto:x",
            "[::1",
            "[]",
            "?x",
        ] {
            assert_eq!(v1(target, &["www.test"]), Err(Malformed), "{target}");
        }
        // A library that splits the target tells the same.
        let split = |authority| of(Http::V1, "/x", Some(authority), &["www.test"]);
        assert_eq!(split("id.test").as_deref(), Ok("id.test"));
        assert_eq!(split("x@id.test"), Err(Malformed));
        let both = |authority| of(Http::V1, "https://id.test/", Some(authority), &["www.test"]);
        assert_eq!(both("ID.test:443").as_deref(), Ok("id.test"));
        assert_eq!(both("www.test"), Err(Contradiction));
    }

    /// S3: HTTP/2 and HTTP/3 may say it twice, and not two things.
    #[test]
    fn pseudo_header_and_host_agree() {
        for http in [Http::V2, Http::V3] {
            let read = |authority, hosts: &[&str]| of(http, "/x", authority, hosts);
            assert_eq!(read(Some("a.test"), &[]).as_deref(), Ok("a.test"));
            assert_eq!(read(None, &["a.test"]).as_deref(), Ok("a.test"));
            assert_eq!(read(None, &[]), Err(Missing));
            assert_eq!(read(None, &[""]), Err(Missing));
            assert_eq!(read(Some(""), &["a.test"]), Err(Malformed));
            let two = ["a.test", "b.test"];
            assert_eq!(read(Some("a.test"), &two), Err(Repeated { times: 2 }));
            assert_eq!(read(None, &two), Err(Repeated { times: 2 }));
            for (authority, host, same) in [
                ("a.test", "a.test", true),
                ("a.test", "A.TEST", true),
                ("a.test", "a.test:443", true),
                ("a.test:", "a.test:0443", true),
                ("a.test:8443", "a.test:8443", true),
                ("a_b.test", "A_b.test", true),
                ("192.0.2.1", "192.0.2.1:443", true),
                ("[2001:db8::1]", "[2001:DB8:0::1]:443", true),
                ("a.test", "b.test", false),
                ("a.test", "", false),
                ("a.test", "a.test.", false),
                ("a.test", "a.test:8443", false),
                ("a.test:80", "a.test", false),
                ("[2001:db8::1]", "[2001:db8::2]", false),
                ("[::ffff:192.0.2.1]", "192.0.2.1", false),
                ("%61.test", "a.test", false),
            ] {
                let expected = if same {
                    Ok(authority)
                } else {
                    Err(Contradiction)
                };
                let found = read(Some(authority), &[host]);
                assert_eq!(found.as_deref().map_err(|error| *error), expected, "{host}");
            }
        }
    }

    /// S3: no way to write the host of a request leads past the host of the handshake.
    #[test]
    fn every_place_is_held_to_the_handshake() {
        let negotiation = Negotiation::new(ClientCertificateMode::NoCertificate)
            .host("id.test", ClientCertificateMode::RequireCertificate)
            .unwrap();
        let is_misdirected = |http, target: &str, authority, hosts: &[&str]| {
            let authority = of(http, target, authority, hosts).ok()?;
            let request = Request::new(Tls::V1_3, http, &authority).sni(Some("www.test"));
            let status = negotiation.request(&request).status;
            Some(status == Some(Status::MisdirectedRequest))
        };
        for host in [
            "id.test",
            "ID.test:443",
            "id.test.",
            "id.test:8443",
            "[::1]",
            "192.0.2.1",
        ] {
            let target = alloc::format!("https://{host}/x");
            let v1 = |target: &str, hosts: &[&str]| is_misdirected(Http::V1, target, None, hosts);
            assert_eq!(v1(&target, &["www.test"]), Some(true), "{host}");
            assert_eq!(v1("/x", &[host]), Some(true), "{host}");
            assert_eq!(v1("/x", &["www.test", host]), None, "{host}");
            assert_eq!(v1("https://www.test/x", &[host]), Some(false), "{host}");
            let v2 = |authority, hosts: &[&str]| is_misdirected(Http::V2, "/x", authority, hosts);
            assert_eq!(v2(Some(host), &[]), Some(true), "{host}");
            assert_eq!(v2(None, &[host]), Some(true), "{host}");
            assert_eq!(v2(Some("www.test"), &[host]), None, "{host}");
            assert_eq!(v2(Some(host), &["www.test"]), None, "{host}");
        }
    }

    proptest! {
        #[test]
        fn what_is_found_is_one_of_what_came(
            target in "(/|https?://|\\*)?[ab.:@\\[\\]1é/?-]{0,8}",
            authority in proptest::option::of("[ab.:@\\[\\]1-]{0,6}"),
            hosts in proptest::collection::vec("[ab.:@\\[\\]1é-]{0,6}", 0..3),
            http in prop::sample::select(Vec::from([Http::V1, Http::V2, Http::V3])),
        ) {
            let headers: Vec<_> = hosts.iter().map(|host| ("host", &**host)).collect();
            let found = requested_authority(http, &target, authority.as_deref(), &headers);
            if let Ok(found) = found {
                prop_assert!(is_authority(found) && !found.contains('@'));
                prop_assert!(hosts.len() < 2);
                let is_named = authority.as_deref() == Some(found)
                    || hosts.iter().any(|host| host == found)
                    || target.contains(found);
                prop_assert!(is_named, "{}", found);
            }
        }
    }
}
