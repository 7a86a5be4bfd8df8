//! What a client may learn about why it was denied access.
//!
//! Reports are for operators: they name hosts, CRLs and other certificates. The client gets a code
//! and a sentence from a fixed set. They help to renew a certificate but reveal nothing about the
//! server.

use alloc::format;
use alloc::string::String;

use super::result::{AuthenticationError, Denied, FORBIDDEN, NoResult};
use crate::path::Rule;

impl NoResult {
    /// A stable word for metrics and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code_and_reason().0
    }

    fn code_and_reason(&self) -> CodeAndReason {
        match self {
            Self::NotHttps => ("not-https", "https is required"),
            Self::NoCertificate => ("no-certificate", "a client certificate is required"),
            Self::Event(_) => (
                "event-no-result",
                "the client certificate is not known here",
            ),
        }
    }
}

impl AuthenticationError {
    /// A stable word for metrics and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code_and_reason().0
    }

    fn code_and_reason(&self) -> CodeAndReason {
        match self {
            Self::TypeNotAllowed(rejected) => {
                let code = match rejected.error().rule {
                    Rule::ChainedNotAllowed => "chained-not-allowed",
                    _ => "self-signed-not-allowed",
                };
                (code, "client certificates of this type are not accepted")
            }
            Self::ChainInvalid(rejected) => ("chain-invalid", of_rule(&rejected.error().rule)),
            Self::Unreadable(_) => ("unreadable", "the client certificate cannot be read"),
            Self::HeaderNotTrusted(_) => (
                "header-not-trusted",
                "a client certificate is not accepted from this header",
            ),
            Self::NotConfirmed(_) => ("not-confirmed", "the client certificate was not verified"),
            Self::Refused(_) => ("refused", "the client certificate was refused"),
            Self::EventFailed(_) => ("event-failed", NOT_CHECKED),
            Self::NoPrincipal => ("no-principal", NOT_CHECKED),
            Self::WithEventError { reason, .. } => reason.code_and_reason(),
        }
    }
}

/// A stable word for metrics and logs, and a sentence for the client.
type CodeAndReason = (&'static str, &'static str);

const NOT_CHECKED: &str = "the client certificate could not be checked";

impl Denied {
    /// A sentence for the client, from a fixed set. It contains no text from a certificate or an
    /// event.
    ///
    /// ```
    /// use portcullis::authentication::{Denied, NoResult};
    ///
    /// let denied = Denied::NoResult(NoResult::NoCertificate);
    /// assert_eq!(denied.public_reason(), "a client certificate is required");
    /// ```
    #[must_use]
    pub fn public_reason(&self) -> &'static str {
        self.code_and_reason().1
    }

    /// A stable word for metrics and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code_and_reason().0
    }

    fn code_and_reason(&self) -> CodeAndReason {
        match self {
            Self::NoResult(why) => why.code_and_reason(),
            Self::Failure(why) => why.code_and_reason(),
        }
    }

    /// The body of a response of type `application/problem+json` (RFC 9457): the status, the
    /// [`public_reason`](Self::public_reason) and the [`code`](Self::code).
    ///
    /// ```
    /// use portcullis::authentication::{Denied, NoResult};
    ///
    /// let denied = Denied::NoResult(NoResult::NoCertificate);
    /// assert_eq!(
    ///     denied.problem_details(),
    ///     r#"{"title":"Forbidden","status":403,"detail":"a client certificate is required","code":"no-certificate"}"#
    /// );
    /// ```
    #[must_use]
    pub fn problem_details(&self) -> String {
        // All parts are constants without characters that JSON escapes.
        let (detail, code) = (self.public_reason(), self.code());
        format!(
            r#"{{"title":"Forbidden","status":{FORBIDDEN},"detail":"{detail}","code":"{code}"}}"#
        )
    }
}

fn of_rule(rule: &Rule) -> &'static str {
    match rule {
        Rule::Expired { .. } => "the client certificate, or one above it, has expired",
        Rule::NotYetValid { .. } => "the client certificate, or one above it, is not valid yet",
        Rule::Revoked(_) => "the client certificate, or one above it, has been revoked",
        Rule::RevocationUnknown(_) | Rule::StapleMissing => {
            "the revocation status of the client certificate could not be determined"
        }
        _ => "the client certificate is not accepted",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_guide_has_every_code() {
        let source = include_str!("problem.rs");
        let code = source.lines().take_while(|line| *line != "mod tests {");
        let code = code.filter(|line| !line.trim_start().starts_with("//") && !line.contains("r#"));
        let texts = code.flat_map(|line| line.split('"').skip(1).step_by(2));
        let is_code = |text: &&str| text.bytes().all(|c| c.is_ascii_lowercase() || c == b'-');
        let codes: alloc::vec::Vec<_> = texts.filter(is_code).collect();
        assert_eq!(codes.len(), 12, "{codes:?}");
        let guide = include_str!("guide.md");
        for code in codes {
            assert!(guide.contains(&alloc::format!("| `{code}` | [`")), "{code}");
        }
    }
}
