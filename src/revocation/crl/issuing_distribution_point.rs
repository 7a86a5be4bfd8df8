//! The issuing distribution point (RFC 5280 section 5.2.5): which certificates a list speaks of.
//!
//! ```text
//! IssuingDistributionPoint ::= SEQUENCE {
//!     distributionPoint           [0] EXPLICIT DistributionPointName OPTIONAL,
//!     onlyContainsUserCerts       [1] BOOLEAN DEFAULT FALSE,
//!     onlyContainsCACerts         [2] BOOLEAN DEFAULT FALSE,
//!     onlySomeReasons             [3] ReasonFlags OPTIONAL,
//!     indirectCRL                 [4] BOOLEAN DEFAULT FALSE,
//!     onlyContainsAttributeCerts  [5] BOOLEAN DEFAULT FALSE }
//! ```
//!
//! An empty SEQUENCE decodes, as a scope without limits, and so do several `onlyContains` at once, as one that nothing is
//! in: what RFC 5280 forbids to issuers there is for the profile to judge.

use crate::certificate::extensions::{DistributionPointName, ReasonFlags};
use crate::der::{self, ErrorKind, Reader, tag};

/// The scope of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuingDistributionPoint<'a> {
    /// The list's names; absent: wherever the issuer's certificates point.
    pub name: Option<DistributionPointName<'a>>,
    /// It speaks of end entities' certificates only.
    pub only_user: bool,
    /// It speaks of CAs' certificates only.
    pub only_ca: bool,
    /// The reasons for revocation that it covers; absent: all of them.
    pub only_some_reasons: Option<ReasonFlags>,
    /// It may speak of other issuers' certificates.
    pub indirect: bool,
    /// It speaks of attribute certificates only.
    pub only_attribute: bool,
}

impl<'a> IssuingDistributionPoint<'a> {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`IssuingDistributionPoint::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`IssuingDistributionPoint::from_der`].
    pub fn from_reader(mut reader: Reader<'a>) -> der::Result<Self> {
        let mut fields = reader.sequence()?;
        reader.finish()?;
        let name = fields.optional(tag::context_constructed(0))?;
        let name = name
            .as_ref()
            .map(DistributionPointName::from_explicit)
            .transpose()?;
        let only_user = default_false(&mut fields, 1)?;
        let only_ca = default_false(&mut fields, 2)?;
        let reasons = fields.optional(tag::context(3))?;
        let only_some_reasons = reasons
            .as_ref()
            .map(ReasonFlags::from_element)
            .transpose()?;
        let indirect = default_false(&mut fields, 4)?;
        let only_attribute = default_false(&mut fields, 5)?;
        fields.finish()?;
        Ok(Self {
            name,
            only_user,
            only_ca,
            only_some_reasons,
            indirect,
            only_attribute,
        })
    }
}

/// `[number] IMPLICIT BOOLEAN DEFAULT FALSE`.
fn default_false(fields: &mut Reader<'_>, number: u8) -> der::Result<bool> {
    let Some(element) = fields.optional(tag::context(number))? else {
        return Ok(false);
    };
    match *element.value {
        [0xff] => Ok(true),
        [0x00] => Err(element.error(ErrorKind::EncodedDefault)),
        _ => Err(element.error(ErrorKind::BadValue)),
    }
}
