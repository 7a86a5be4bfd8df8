//! The headers of one request: looked up by name, all values in order.
//!
//! A codec looks up each header that it needs. So a caller cannot pass only the first of two
//! values, or forget the header that says whether the proxy verified the certificate.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

/// The headers of a request.
///
/// Slices, arrays and `Vec`s of name and value pairs implement this trait. Another type needs one
/// line. For the `http` crate, which hyper and axum use:
///
/// ```
/// use portcullis::authentication::forwarded::Headers;
///
/// struct Request<'a>(&'a http::HeaderMap);
///
/// impl Headers for Request<'_> {
///     fn values(&self, name: &str) -> Vec<&[u8]> {
///         self.0.get_all(name).iter().map(|value| value.as_bytes()).collect()
///     }
/// }
/// ```
pub trait Headers {
    /// All values of the headers with this name, in the order of the request, **one for each header
    /// line**. Names are compared without regard to case (RFC 9110 section 5.1).
    ///
    /// A framework that joins lines with commas, or keeps only the first or last, hides a repeated
    /// header. Traefik's and Envoy's headers contain commas themselves, so a joined header line
    /// from a client would become part of the value.
    fn values(&self, name: &str) -> Vec<&[u8]>;

    /// The value of a header that occurs once, or `None` if it is absent.
    ///
    /// ```
    /// use portcullis::authentication::forwarded::Headers;
    ///
    /// let scheme = [("x-forwarded-proto", "https"), ("X-Forwarded-Proto", "http")];
    /// let headers = [&[("host", "a.test")][..], &scheme].concat();
    /// assert_eq!(headers.single("Host")?, Some(&b"a.test"[..]));
    /// assert_eq!(headers.single("cookie")?, None);
    /// assert_eq!(headers.single("x-forwarded-proto").unwrap_err().times, 2);
    /// # Ok::<(), portcullis::authentication::forwarded::RepeatedHeader>(())
    /// ```
    ///
    /// # Errors
    /// If the header occurs more than once: the client may have written one of the values.
    fn single(&self, name: &str) -> Result<Option<&[u8]>, RepeatedHeader> {
        single(&self.values(name))
    }
}

/// Returns the only value of a header.
pub(in crate::authentication) fn single<'h>(
    values: &[&'h [u8]],
) -> Result<Option<&'h [u8]>, RepeatedHeader> {
    let times = values.len();
    match *values {
        [] => Ok(None),
        [value] => Ok(Some(value)),
        _ => Err(RepeatedHeader { times }),
    }
}

error! {
    /// A header that should occur once occurs more often.
    pub struct RepeatedHeader {
        /// The number of occurrences.
        times: usize,
    } => "it occurs {times} times"
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for [(N, V)] {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        let lines = self.iter();
        let named = lines.filter(|(other, _)| other.as_ref().eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_ref()).collect()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const K: usize> Headers for [(N, V); K] {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        self.as_slice().values(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for Vec<(N, V)> {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        self.as_slice().values(name)
    }
}

impl<H: Headers + ?Sized> Headers for &H {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        (**self).values(name)
    }
}

/// The maximum length of a name, more than any header in use has.
const LONGEST_NAME: usize = 128;

/// The name of a header: a token (RFC 9110 section 5.6.2) of at most 128 characters. Names that
/// differ only in case are equal.
///
/// ```
/// use portcullis::authentication::forwarded::HeaderName;
///
/// assert_eq!(HeaderName::new("ssl-client-cert")?, HeaderName::new("SSL-Client-Cert")?);
/// assert!(HeaderName::new("").is_err());
/// # Ok::<(), portcullis::authentication::forwarded::InvalidHeaderName>(())
/// ```
#[derive(Clone, Debug)]
pub struct HeaderName(Cow<'static, str>);

impl HeaderName {
    /// The name of a header.
    ///
    /// # Errors
    /// If the name is empty, too long or not a token.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidHeaderName> {
        let name = name.into();
        let fits = (1..=LONGEST_NAME).contains(&name.len());
        match fits && name.bytes().all(is_token) {
            true => Ok(Self(name)),
            false => Err(InvalidHeaderName {}),
        }
    }

    /// A name that is a constant of this crate.
    pub(in crate::authentication) const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name with this number appended: `SSL_CLIENT_CERT_CHAIN_0`, `SSL_CLIENT_CERT_CHAIN_1` and
    /// so on.
    pub(super) fn numbered(&self, number: usize) -> Self {
        Self(Cow::Owned(alloc::format!("{self}{number}")))
    }

    /// The name as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for HeaderName {}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

error! {
    /// Text is not the name of a header.
    pub struct InvalidHeaderName {} => "this is not the name of a header [RFC 9110 section 5.1]"
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn names_are_equal_whatever_their_case_and_all_values_come() {
        let headers = [("A", "1"), ("b", "2"), ("a", "3")];
        assert_eq!(headers.values("a"), [b"1", b"3"]);
        assert_eq!(headers.values("B"), [b"2"]);
        assert!(headers.values("c").is_empty());
        assert_eq!(
            Headers::values(&&headers, "A"),
            headers.to_vec().values("A")
        );
    }

    #[test]
    fn a_name_is_a_token() {
        for name in ["", "a b", "a:", "a\r\nb", "é", "(a)"] {
            assert_eq!(HeaderName::new(name), Err(InvalidHeaderName {}), "{name}");
        }
        assert!(HeaderName::new(String::from("x").repeat(128)).is_ok());
        assert!(HeaderName::new(String::from("x").repeat(129)).is_err());
        assert_eq!(
            HeaderName::new("SSL_CLIENT_CERT").unwrap().as_str(),
            "SSL_CLIENT_CERT"
        );
    }
}
