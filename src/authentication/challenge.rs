//! What is answered to a client that was not let in where one is demanded.
//!
//! The handler of .NET answers 403, unless its challenge event has handled it: to send the client
//! to a host that asks for a certificate, say. Here the answer is a value, which the server writes.
//! It is never a success, whatever an event says.

use alloc::string::String;
use core::fmt;

use super::result::FORBIDDEN;

/// The answer to a client that was not let in.
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
    /// 403, what .NET answers.
    pub const fn forbid() -> Self {
        Self {
            status: FORBIDDEN,
            location: None,
        }
    }

    /// Another status, from 300 to 599.
    ///
    /// # Errors
    /// For a status that tells the client that it was let in, or none at all.
    pub const fn with_status(status: u16) -> Result<Self, InvalidChallenge> {
        if matches!(status, 300..=599) {
            return Ok(Self {
                status,
                location: None,
            });
        }
        Err(InvalidChallenge::Status(status))
    }

    /// Sends the client elsewhere: 307 keeps method and body, 302 makes most clients ask anew.
    ///
    /// # Errors
    /// For a status that is no redirect, and for a location that could not stand in a header:
    /// whatever is empty or not visible ASCII.
    pub fn redirect(status: u16, location: impl Into<String>) -> Result<Self, InvalidChallenge> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Err(InvalidChallenge::Status(status));
        }
        let location = location.into();
        if location.is_empty() || !location.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(InvalidChallenge::Location);
        }
        Ok(Self {
            status,
            location: Some(location),
        })
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Where the client is sent.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

/// An answer that no challenge may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidChallenge {
    /// A status that is no redirect or no error.
    Status(u16),
    /// A location that could not stand in a header.
    Location,
}

impl fmt::Display for InvalidChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "a challenge is not answered with status {status}"),
            Self::Location => f.write_str("the location is empty or not visible ASCII"),
        }
    }
}

impl core::error::Error for InvalidChallenge {}

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
