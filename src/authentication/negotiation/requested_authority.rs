//! Which host a request is for, of the places that may name one: request target, `:authority` and
//! `Host`.
//!
//! In HTTP/1.1 the target wins, and `Host` counts only where the target has no host; there must be
//! exactly one `Host` all the same (RFC 9112 sections 3.2 and 3.2.2). In HTTP/2 and HTTP/3
//! `:authority` wins, and `Host` may be absent but not different (RFC 9113 section 8.3.1, RFC 9114
//! section 4.3.1). A server that looks at one place only may check one host and serve another.

use super::authority::{is_authority, is_same};
use super::mode::Http;
use crate::authentication::forwarded::{Headers, RepeatedHeader};
use crate::table::errors;

/// The host that a request is for, with its port if it has one: the argument of
/// [`HttpRequest::new`]. **Route the request by it too, and by no header**: an HTTP/1.1 request may
/// have another host in its `Host`, which then does not count.
///
/// The target is the request target of HTTP/1 as it came, or `:path`. The authority is
/// `:authority`, or what an HTTP library took from the target of HTTP/1; with the `http` crate it
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
/// [`InvalidAuthority`]; the answer is 400. It does not check that the host is served here:
/// [`Negotiation::request`](super::Negotiation::request) does.
///
/// [`HttpRequest::new`]: super::HttpRequest::new
pub fn requested_authority<'a>(
    http: Http,
    target: &'a str,
    authority: Option<&'a str>,
    headers: &'a (impl Headers + ?Sized),
) -> Result<&'a str, InvalidAuthority> {
    let repeated = |RepeatedHeader { times }| InvalidAuthority::Repeated { times };
    let host = headers.single("host").map_err(repeated)?;
    let host = host.map(str::from_utf8).transpose();
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

errors! {
    /// A request does not say which host it is for. The answer is 400.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum InvalidAuthority {
        /// There is none, or an HTTP/1.1 request has no `Host`.
        Missing => "the request names no host [RFC 9112 section 3.2]";
        /// `Host` occurs more than once.
        Repeated {
            /// How often.
            times: usize,
        } => "there are {times} Host headers [RFC 9112 section 3.2]";
        /// One of the places does not hold `host [":" port]`, or has a user before it.
        Malformed => "the request's host is no host and port [RFC 9110 section 4.2]";
        /// Two places name different hosts or ports, where they must not.
        Contradiction => "the request names two hosts [RFC 9113 section 8.3.1]";
    }
}
