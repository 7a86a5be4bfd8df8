//! The response to a client that was denied access to a resource that requires a client.
//!
//! It is 403, as in ASP.NET Core's handler, unless the challenge event chooses another, such as a
//! redirect to a host that requests a certificate. The server writes the response. It is never a
//! success.

use alloc::string::String;

use super::result::FORBIDDEN;
use crate::table::errors;

/// The response to a client that was denied access.
///
/// ```
/// use portcullis::authentication::Challenge;
///
/// assert_eq!(Challenge::forbid().status(), 403);
/// let redirect = Challenge::redirect(307, "https://mtls.example/orders")?;
/// assert_eq!(redirect.location(), Some("https://mtls.example/orders"));
/// assert!(Challenge::redirect(307, "https://mtls.example/\r\nSet-Cookie: a=b").is_err());
/// # Ok::<(), portcullis::authentication::InvalidChallenge>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Challenge {
    status: u16,
    location: Option<String>,
}

impl Challenge {
    /// 403.
    pub const fn forbid() -> Self {
        let (status, location) = (FORBIDDEN, None);
        Self { status, location }
    }

    /// Another status, from 300 to 599.
    ///
    /// # Errors
    /// For any other status: it would tell the client that it was granted access.
    pub const fn with_status(status: u16) -> Result<Self, InvalidChallenge> {
        let location = None;
        match status {
            300..=599 => Ok(Self { status, location }),
            _ => Err(InvalidChallenge::Status(status)),
        }
    }

    /// Redirects the client. 307 keeps the method and body; after 302 most clients send a GET.
    ///
    /// # Errors
    /// If the status is not a redirect, or if the location is empty or not visible ASCII.
    pub fn redirect(status: u16, location: impl Into<String>) -> Result<Self, InvalidChallenge> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Err(InvalidChallenge::Status(status));
        }
        let location = location.into();
        if location.is_empty() || !location.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(InvalidChallenge::Location);
        }
        let location = Some(location);
        Ok(Self { status, location })
    }

    getters! {
        /// The status.
        copy status: u16;
    }

    /// The redirect's target.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

errors! {
    /// Why a response to a challenge is not allowed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum InvalidChallenge {
        /// The status is neither a redirect nor an error.
        Status(status: u16) => "status {status} is not a response to a challenge";
        /// A header cannot contain the location.
        Location => "the location is empty or not visible ASCII";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_a_success() {
        for status in [0, 100, 200, 204, 299, 600, u16::MAX] {
            let expected = Err(InvalidChallenge::Status(status));
            assert_eq!(Challenge::with_status(status), expected);
            assert_eq!(Challenge::redirect(status, "https://a"), expected);
        }
        assert_eq!(Challenge::with_status(421).map(|c| c.status()), Ok(421));
        assert!(Challenge::redirect(403, "https://a").is_err());
        assert!(Challenge::redirect(304, "https://a").is_err());
    }

    #[test]
    fn locations_end_no_line() {
        for location in ["", " ", "https://a\nb", "https://a\r", "https://ä", "a\0"] {
            let redirect = Challenge::redirect(307, location);
            assert_eq!(redirect, Err(InvalidChallenge::Location), "{location:?}");
        }
    }
}
