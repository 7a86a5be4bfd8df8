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
//! An empty SEQUENCE decodes, as a scope without limits, and so do several `onlyContains` at once,
//! as one that nothing is in: what RFC 5280 forbids to issuers there is for the profile to judge.

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

#[cfg(test)]
mod tests {
    use ::der::Encode;
    use ::der::flagset::FlagSet;
    use proptest::prelude::*;
    use x509_cert::ext::pkix::{crl, name as theirs};

    use super::*;

    fn kind(der: &[u8]) -> ErrorKind {
        IssuingDistributionPoint::from_der(der).unwrap_err().kind
    }

    #[test]
    fn an_empty_one_limits_nothing() {
        let scope = IssuingDistributionPoint::from_der(&[0x30, 0]).unwrap();
        assert!(scope.name.is_none() && scope.only_some_reasons.is_none());
        assert!(!scope.only_user && !scope.only_ca && !scope.only_attribute && !scope.indirect);
    }

    #[test]
    fn rustsec_2026_0104_empty_reasons_are_legal() {
        let scope = IssuingDistributionPoint::from_der(&[0x30, 3, 0x83, 1, 0]).unwrap();
        assert!(scope.only_some_reasons.unwrap().is_empty());
    }

    #[test]
    fn faults() {
        for (der, expected) in [
            (&[0x30, 3, 0x81, 1, 0][..], ErrorKind::EncodedDefault),
            (&[0x30, 3, 0x82, 1, 0], ErrorKind::EncodedDefault),
            (&[0x30, 3, 0x84, 1, 0], ErrorKind::EncodedDefault),
            (&[0x30, 3, 0x85, 1, 0], ErrorKind::EncodedDefault),
            (&[0x30, 3, 0x81, 1, 1], ErrorKind::BadValue),
            (&[0x30, 2, 0x84, 0], ErrorKind::BadValue),
            (&[0x30, 2, 0x83, 0], ErrorKind::BadValue),
            (&[0x30, 4, 0x83, 2, 7, 0], ErrorKind::TrailingZeroBits),
            (&[0x30, 2, 0xa0, 0], ErrorKind::Truncated),
            (&[0x30, 4, 0xa0, 2, 0xa2, 0], ErrorKind::UnexpectedTag),
            (
                &[0x30, 6, 0x82, 1, 0xff, 0x81, 1, 0xff],
                ErrorKind::TrailingData,
            ),
            (&[0x30, 3, 0x01, 1, 0xff], ErrorKind::TrailingData),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
            (&[0x31, 0], ErrorKind::UnexpectedTag),
        ] {
            assert_eq!(kind(der), expected, "{der:x?}");
        }
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(
            uri in proptest::option::of("[a-z:/]{0,30}"),
            flags: [bool; 4],
            reasons in proptest::option::of(0u16..512),
        ) {
            let name = uri.as_deref().map(|uri| {
                let uri = ::der::asn1::Ia5String::new(uri).unwrap();
                let uri = theirs::GeneralName::UniformResourceIdentifier(uri);
                theirs::DistributionPointName::FullName(alloc::vec![uri])
            });
            let [user, ca, indirect, attribute] = flags;
            let theirs = crl::IssuingDistributionPoint {
                distribution_point: name,
                only_contains_user_certs: user,
                only_contains_ca_certs: ca,
                only_some_reasons: reasons.map(FlagSet::new_truncated),
                indirect_crl: indirect,
                only_contains_attribute_certs: attribute,
            };
            let der = theirs.to_der().unwrap();
            let ours = IssuingDistributionPoint::from_der(&der).unwrap();
            let found = [ours.only_user, ours.only_ca, ours.indirect, ours.only_attribute];
            prop_assert_eq!(found, flags);
            prop_assert_eq!(ours.only_some_reasons.map(ReasonFlags::bits), reasons);
            let names = match ours.name {
                Some(DistributionPointName::FullName(names)) => names.uris().next(),
                _ => None,
            };
            prop_assert_eq!(names, uri.as_deref());
        }
    }
}
