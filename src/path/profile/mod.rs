//! Profiles: which duties of issuers are insisted on.

use core::fmt;

use super::certificate::{CertificateCheck, Extensions};
use super::fault::{Fault, Findings};

/// Which duties of issuers are insisted on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// What careful servers accept in practice.
    #[default]
    Default,
    /// The duties of RFC 5280 section 4 too.
    Rfc5280,
    /// The CA/Browser Forum's Baseline Requirements too.
    WebPki,
}

/// A duty of issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Duty {}

impl Duty {
    /// Where the duty stands.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        ""
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

pub(super) fn check(
    _check: &CertificateCheck<'_>,
    _extensions: &Extensions<'_>,
    _findings: &mut impl Findings,
) -> Result<(), Fault> {
    Ok(())
}
