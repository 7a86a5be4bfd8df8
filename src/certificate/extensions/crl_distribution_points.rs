//! CRL distribution points (RFC 5280 section 4.2.1.13), and the freshest CRL (4.2.1.15), which has
//! the same syntax.
//!
//! ```text
//! CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//!     distributionPoint  [0] EXPLICIT DistributionPointName OPTIONAL,
//!     reasons            [1] ReasonFlags                    OPTIONAL,
//!     cRLIssuer          [2] GeneralNames                   OPTIONAL }
//! DistributionPointName ::= CHOICE {
//!     fullName                 [0] GeneralNames,
//!     nameRelativeToCRLIssuer  [1] SET SIZE (1..MAX) OF AttributeTypeAndValue }
//! ```
//!
//! A point without a name and without an issuer decodes: it leads to no CRL.
//! Decoding is one pass over the octets; nothing is copied.

use super::fast;
use super::list::{optional, same_syntax, sequence, sequence_of};
use super::reason_flags::ReasonFlags;
use crate::certificate::general_name::GeneralNames;
use crate::certificate::name::Rdn;
use crate::der::{Element, ErrorKind, ReadError, tag};

sequence_of! {
    /// Where to find the CRL that covers the certificate.
    CrlDistributionPoints<'a> of DistributionPoint<'a>
}

same_syntax! {
    /// Where to find the delta CRL to that CRL.
    FreshestCrl: CrlDistributionPoints,
    /// The points, which have the same syntax.
    points
}

sequence! {
    'a:
    /// One place where a CRL is, the reasons that it covers, and its issuer.
    pub struct DistributionPoint<'a> {
        /// The CRL's names.
        pub name: Option<DistributionPointName<'a>> =
            optional(tag::context_constructed(0), DistributionPointName::from_explicit);
        /// The reasons for revocation that the CRL covers; absent: all of them.
        pub reasons: Option<ReasonFlags> = optional(tag::context(1), ReasonFlags::from_element);
        /// The issuer of the CRL; absent: the issuer of the certificate.
        pub crl_issuer: Option<GeneralNames<'a>> =
            optional(tag::context_constructed(2), GeneralNames::from_content);
    }
    glance fast::after_point
}

impl<'a> DistributionPoint<'a> {
    /// The URIs in the full name, whatever their scheme.
    pub fn uris(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let names = match self.name {
            Some(DistributionPointName::FullName(names)) => Some(names),
            _ => None,
        };
        names.into_iter().flat_map(|names| names.uris())
    }
}

/// The names of a CRL, in full or relative to the name of its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistributionPointName<'a> {
    /// Names of one and the same CRL.
    FullName(GeneralNames<'a>),
    /// One RDN to append to the issuer's name: the content octets of its SET OF.
    RelativeName(&'a [u8]),
}

impl<'a> DistributionPointName<'a> {
    /// The name inside an EXPLICIT tag; distribution points and issuing distribution points
    /// (section 5.2.5) have it.
    pub(crate) fn from_explicit<E: ReadError>(outer: &Element<'a, E>) -> Result<Self, E> {
        let name = outer.reader().only_element()?;
        match name.tag {
            FULL_NAME => GeneralNames::from_content(&name).map(Self::FullName),
            RELATIVE_NAME => Rdn::from_element(&name).map(|rdn| Self::RelativeName(rdn.as_bytes())),
            _ => Err(name.error(ErrorKind::UnexpectedTag)),
        }
    }
}

const FULL_NAME: u8 = tag::context_constructed(0);
const RELATIVE_NAME: u8 = tag::context_constructed(1);

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use ::der::Encode;
    use ::der::asn1::Ia5String;
    use ::der::flagset::FlagSet;
    use proptest::prelude::*;
    use x509_cert::ext::pkix::{self, name as theirs};
    use x509_cert::name::RelativeDistinguishedName;

    use super::*;

    fn kind(der: &[u8]) -> ErrorKind {
        CrlDistributionPoints::from_der(der).unwrap_err().kind
    }

    fn only(der: &[u8]) -> DistributionPoint<'_> {
        CrlDistributionPoints::from_der(der)
            .unwrap()
            .iter()
            .next()
            .unwrap()
    }

    /// A point whose name is `name`.
    fn named(name: &[u8]) -> Vec<u8> {
        let n = u8::try_from(name.len()).unwrap();
        [&[0x30, n + 4, 0x30, n + 2, 0xa0, n], name].concat()
    }

    #[test]
    fn names() {
        let full = named(&[0xa0, 6, 0x86, 1, b'u', 0x82, 1, b'd']);
        assert!(only(&full).uris().eq(["u"]));
        let attribute = [0x30, 5, 6, 1, 0x2a, 0x0c, 0];
        let relative = named(&[&[0xa1, 7][..], &attribute].concat());
        assert_eq!(
            only(&relative).name,
            Some(DistributionPointName::RelativeName(&attribute))
        );
        assert_eq!(only(&relative).uris().count(), 0);
    }

    #[test]
    fn a_point_may_be_empty_and_so_may_the_list() {
        let point = only(&[0x30, 2, 0x30, 0]);
        assert!(point.name.is_none() && point.reasons.is_none() && point.crl_issuer.is_none());
        assert!(
            CrlDistributionPoints::from_der(&[0x30, 0])
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn empty_reasons_are_legal() {
        assert!(
            only(&[0x30, 5, 0x30, 3, 0x81, 1, 0])
                .reasons
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn faults_of_points() {
        for (der, expected) in [
            (&[0x30, 4, 0x30, 2, 0x81, 0][..], ErrorKind::BadValue),
            (
                &[0x30, 6, 0x30, 4, 0x81, 2, 7, 0],
                ErrorKind::TrailingZeroBits,
            ),
            (
                &[0x30, 6, 0x30, 4, 0xa2, 2, 0x89, 0],
                ErrorKind::UnexpectedTag,
            ),
            (
                &[0x30, 7, 0x30, 5, 0xa2, 0, 0x81, 1, 0],
                ErrorKind::TrailingData,
            ),
            (&[0x30, 4, 0x30, 2, 0x80, 0], ErrorKind::TrailingData),
            (&[0x30, 2, 0x31, 0], ErrorKind::UnexpectedTag),
            (&[0x30, 3, 0x30, 2, 0xa0], ErrorKind::Truncated),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
            (&[], ErrorKind::Truncated),
        ] {
            assert_eq!(kind(der), expected, "{der:x?}");
        }
    }

    #[test]
    fn faults_of_names() {
        let [a, b] = [[0x30, 5, 6, 1, 0x2a, 5, 0], [0x30, 5, 6, 1, 0x2b, 5, 0]];
        let rdn = |parts: [[u8; 7]; 2]| named(&[&[0xa1, 14][..], &parts.concat()].concat());
        assert!(CrlDistributionPoints::from_der(&rdn([a, b])).is_ok());
        assert_eq!(kind(&rdn([b, a])), ErrorKind::UnsortedSet);
        for (name, expected) in [
            (&[][..], ErrorKind::Truncated),
            (&[0xa1, 0], ErrorKind::BadValue),
            (&[0xa1, 2, 0x30, 0], ErrorKind::Truncated),
            (&[0xa1, 5, 0x30, 3, 6, 1, 0x2a], ErrorKind::Truncated),
            (
                &[0xa1, 9, 0x30, 7, 6, 1, 0x2a, 5, 0, 5, 0],
                ErrorKind::TrailingData,
            ),
            (&[0xa2, 0], ErrorKind::UnexpectedTag),
            (&[0x80, 0], ErrorKind::UnexpectedTag),
            (&[0xa0, 0, 0xa0, 0], ErrorKind::TrailingData),
            (&[0xa0, 2, 0x87, 0], ErrorKind::BadValue),
        ] {
            assert_eq!(kind(&named(name)), expected, "{name:x?}");
        }
    }

    fn general_names() -> impl Strategy<Value = theirs::GeneralNames> {
        let uri = "[a-z:/]{0,30}".prop_map(|text| {
            theirs::GeneralName::UniformResourceIdentifier(Ia5String::new(text.as_str()).unwrap())
        });
        proptest::collection::vec(uri, 0..4)
    }

    fn same(ours: &GeneralNames<'_>, theirs: &theirs::GeneralNames) -> bool {
        GeneralNames::from_der(&theirs.to_der().unwrap()) == Ok(*ours)
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(
            full_name in proptest::option::of(general_names()),
            reasons in proptest::option::of(0u16..512),
            crl_issuer in proptest::option::of(general_names()),
        ) {
            let theirs = pkix::crl::dp::DistributionPoint {
                distribution_point: full_name.clone().map(theirs::DistributionPointName::FullName),
                reasons: reasons.map(FlagSet::new_truncated),
                crl_issuer: crl_issuer.clone(),
            };
            let der = pkix::CrlDistributionPoints(alloc::vec![theirs]).to_der().unwrap();
            let point = only(&der);
            prop_assert_eq!(point.reasons.map(ReasonFlags::bits), reasons);
            match (point.name, full_name) {
                (Some(DistributionPointName::FullName(a)), Some(b)) => prop_assert!(same(&a, &b)),
                (a, b) => prop_assert!(a.is_none() && b.is_none()),
            }
            match (point.crl_issuer, crl_issuer) {
                (Some(a), Some(b)) => prop_assert!(same(&a, &b)),
                (a, b) => prop_assert!(a.is_none() && b.is_none()),
            }
        }

        #[test]
        fn relative_names_of_x509_cert_decode(cn in "[a-z]{1,9}", ou in "[a-z]{1,9}") {
            let name = alloc::format!("CN={cn}+OU={ou}");
            let name: RelativeDistinguishedName = name.parse().unwrap();
            let point = pkix::crl::dp::DistributionPoint {
                distribution_point: Some(
                    theirs::DistributionPointName::NameRelativeToCRLIssuer(name.clone()),
                ),
                reasons: None,
                crl_issuer: None,
            };
            let der = pkix::CrlDistributionPoints(alloc::vec![point]).to_der().unwrap();
            let set = name.to_der().unwrap();
            prop_assert_eq!(only(&der).name, Some(DistributionPointName::RelativeName(&set[2..])));
        }
    }
}
