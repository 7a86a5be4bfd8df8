//! Determines the host of a request, which may be named in the request target, `:authority` and
//! `Host`.
//!
//! In HTTP/1.1 the target takes precedence, and `Host` applies only if the target has no host, but
//! there must be exactly one `Host` in any case (RFC 9112 sections 3.2 and 3.2.2). In HTTP/2 and
//! HTTP/3 `:authority` takes precedence, and `Host` may be absent but must not differ (RFC 9113
//! section 8.3.1, RFC 9114 section 4.3.1). A server that looks in only one place may check one host
//! and serve another.

use super::authority::{is_authority, is_same};
use super::mode::Http;
use crate::authentication::forwarded::{Headers, RepeatedHeader};
use crate::table::errors;

/// The host that a request is for, with its port if it has one: the argument of
/// [`HttpRequest::new`]. **Use it to route the request too, not a header**: the `Host` of an
/// HTTP/1.1 request may name another host, which does not apply.
///
/// The target is the request target of HTTP/1 as received, or `:path`. The authority is
/// `:authority`, or what an HTTP library took from the target of HTTP/1. With the `http` crate it
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
/// If the request does not name exactly one valid host. The response should be 400. Whether this
/// server serves the host is checked by [`Negotiation::request`](super::Negotiation::request).
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
    // RFC 9110 section 7.2: `Host` is empty if the target has no authority to repeat.
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

/// The authority in a request target. `None` for a path or `*` (RFC 9112 section 3.2).
fn of_target(target: &str) -> Result<Option<&str>, InvalidAuthority> {
    if target.is_empty() || target.starts_with('/') || target == "*" {
        return Ok(None);
    }
    // The target of CONNECT is an authority alone.
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
    /// Why a request does not name exactly one host. The response should be 400.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum InvalidAuthority {
        /// The request does not name a host, or an HTTP/1.1 request has no `Host`.
        Missing => "the request does not name a host [RFC 9112 section 3.2]";
        /// `Host` occurs more than once.
        Repeated {
            /// The number of occurrences.
            times: usize,
        } => "there are {times} Host headers [RFC 9112 section 3.2]";
        /// One of the places does not have the form `host [":" port]`, for example because of a
        /// user.
        Malformed => "the request's host is not a valid host and port [RFC 9110 section 4.2]";
        /// Two places name different hosts or ports.
        Contradiction => "the request names two different hosts [RFC 9113 section 8.3.1]";
    }
}
