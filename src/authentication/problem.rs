//! What a client may be told about why it was not let in.
//!
//! Reports are for operators: they name hosts, CRLs and other certificates. The client gets a code
//! and a sentence from a fixed set, which help to renew a certificate and say nothing about the
//! server.

use alloc::format;
use alloc::string::String;

use super::result::{AuthenticationError, Denied, FORBIDDEN, NoResult};
use crate::path::Rule;

impl Denied {
    /// A sentence for the client. It is one of a few, and nothing of it comes from a certificate or
    /// an event.
    ///
    /// ```
    /// use portcullis::authentication::{Denied, NoResult};
    ///
    /// let denied = Denied::NoResult(NoResult::NoCertificate);
    /// assert_eq!(denied.public_reason(), "a client certificate is needed");
    /// ```
    #[must_use]
    pub fn public_reason(&self) -> &'static str {
        match self {
            Self::NoResult(NoResult::NotHttps) => "https is needed",
            Self::NoResult(NoResult::NoCertificate) => "a client certificate is needed",
            Self::NoResult(NoResult::Event(_)) => "the client certificate is not known here",
            Self::Failure(failure) => of_failure(failure),
        }
    }

    /// The body of a response of type `application/problem+json` (RFC 9457): status, the sentence
    /// of [`public_reason`](Self::public_reason), and the word of [`code`](Self::code).
    ///
    /// ```
    /// use portcullis::authentication::{Denied, NoResult};
    ///
    /// let denied = Denied::NoResult(NoResult::NoCertificate);
    /// assert_eq!(
    ///     denied.problem_details(),
    ///     r#"{"title":"Forbidden","status":403,"detail":"a client certificate is needed","code":"no-certificate"}"#
    /// );
    /// ```
    #[must_use]
    pub fn problem_details(&self) -> String {
        // Every part is a constant without a character that JSON escapes.
        let (detail, code) = (self.public_reason(), self.code());
        format!(
            r#"{{"title":"Forbidden","status":{FORBIDDEN},"detail":"{detail}","code":"{code}"}}"#
        )
    }
}

fn of_failure(failure: &AuthenticationError) -> &'static str {
    match failure {
        AuthenticationError::Unreadable(_) => "the client certificate cannot be read",
        AuthenticationError::HeaderNotTrusted(_) => {
            "a client certificate is not taken from this header"
        }
        AuthenticationError::NotConfirmed(_) => "the client certificate was not verified",
        AuthenticationError::TypeNotAllowed(_) => {
            "client certificates of this type are not accepted"
        }
        AuthenticationError::ChainInvalid(rejected) => of_rule(&rejected.error().rule),
        AuthenticationError::Refused(_) => "the client certificate was refused",
        AuthenticationError::EventFailed(_) | AuthenticationError::NoPrincipal => {
            "the client certificate could not be checked"
        }
        AuthenticationError::WithEventError(reason, _) => of_failure(reason),
    }
}

fn of_rule(rule: &Rule) -> &'static str {
    match rule {
        Rule::Expired { .. } => "the client certificate, or one above it, has expired",
        Rule::NotYetValid { .. } => "the client certificate, or one above it, is not valid yet",
        Rule::Revoked(_) => "the client certificate, or one above it, has been revoked",
        Rule::RevocationUnknown(_) | Rule::StapleMissing => {
            "it could not be found out whether the client certificate is revoked"
        }
        _ => "the client certificate is not accepted",
    }
}
