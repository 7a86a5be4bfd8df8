//! Name constraints (RFC 5280 section 4.2.1.10): decoding only.
//!
//! ```text
//! NameConstraints ::= SEQUENCE {
//!     permittedSubtrees  [0] GeneralSubtrees OPTIONAL,
//!     excludedSubtrees   [1] GeneralSubtrees OPTIONAL }
//! GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//!     base     GeneralName,
//!     minimum  [0] INTEGER (0..MAX) DEFAULT 0,
//!     maximum  [1] INTEGER (0..MAX) OPTIONAL }
//! ```
//!
//! What is not DER or not a name of its form is malformed here. What is a name but cannot be
//! applied (an address of the wrong length, a minimum, a form that no one implements) decodes: it
//! is an error of the certificate that meets it.

use super::list::{Item, List, only, optional, sequence};
use super::{Decode, number};
use crate::certificate::general_name::{self, GeneralName};
use crate::der::{Element, ErrorKind, ReadError, Reader, tag};

sequence! {
    'a:
    /// Which names may stand in certificates below a CA's.
    pub struct NameConstraints<'a> {
        permitted: Option<List<'a, Subtree<'a>>> = optional(tag::context_constructed(0), subtrees);
        excluded: Option<List<'a, Subtree<'a>>> = optional(tag::context_constructed(1), subtrees);
    }
}

fn subtrees<'a, E: ReadError>(field: &Element<'a, E>) -> Result<List<'a, Subtree<'a>>, E> {
    List::read(field.reader())
}

impl<'a> NameConstraints<'a> {
    /// The subtrees in one of which a name of their form must be.
    pub fn permitted(&self) -> impl Iterator<Item = Subtree<'a>> + Clone + use<'a> {
        self.permitted.into_iter().flat_map(|list| list.iter())
    }

    /// The subtrees in none of which a name may be.
    pub fn excluded(&self) -> impl Iterator<Item = Subtree<'a>> + Clone + use<'a> {
        self.excluded.into_iter().flat_map(|list| list.iter())
    }

    /// True when neither field is present or one is an empty list, both of which RFC 5280 forbids
    /// issuers. Such a field constrains nothing; a strict profile refuses the certificate.
    #[must_use]
    pub fn has_empty_field(&self) -> bool {
        let mut fields = [self.permitted, self.excluded].into_iter().flatten();
        let is_any_empty = fields.clone().any(|list| list.is_empty());
        fields.next().is_none() || is_any_empty
    }
}

impl<'a> Decode<'a> for NameConstraints<'a> {
    fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        only(value)
    }
}

/// One subtree of names. RFC 5280 gives `minimum` and `maximum` no meaning: they are to be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree<'a> {
    /// The name at its root: of a mailbox, all of a host or (with a leading dot) of a domain; of
    /// a DNS name, all below it; of a URI, those of a host or (with a leading dot) of a domain; of
    /// an address, those of a network: address and mask.
    pub base: GeneralName<'a>,
    /// The minimum is absent, and so 0.
    pub minimum_is_default: bool,
    /// There is a maximum.
    pub has_maximum: bool,
}

impl<'a> Item<'a> for Subtree<'a> {
    fn read<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<Self, E> {
        let mut fields = reader.sequence()?;
        let base = GeneralName::of_subtree(&fields.element()?)?;
        let (minimum, maximum) = distances(fields)?;
        Ok(Self {
            base,
            minimum_is_default: minimum.is_none(),
            has_maximum: maximum.is_some(),
        })
    }

    #[inline]
    fn check<E: ReadError>(reader: &mut Reader<'a, E>) -> Result<(), E> {
        let mut fields = reader.sequence()?;
        let base = fields.element()?;
        if base.tag != general_name::IP {
            GeneralName::check_element(&base)?;
        }
        distances(fields).map(drop)
    }
}

/// Minimum and maximum, behind the base.
#[inline]
fn distances<E: ReadError>(mut fields: Reader<'_, E>) -> Result<(Option<u32>, Option<u32>), E> {
    if fields.is_empty() {
        return Ok((None, None));
    }
    let at_minimum = fields;
    let minimum = fields.optional_as(tag::context(0), number::saturating)?;
    if minimum == Some(0) {
        return Err(at_minimum.error(ErrorKind::EncodedDefault));
    }
    let maximum = fields.optional_as(tag::context(1), number::saturating)?;
    fields.finish()?;
    Ok((minimum, maximum))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use ::der::Encode;
    use ::der::asn1::{Ia5String, OctetString};
    use proptest::prelude::*;
    use x509_cert::ext::pkix::{self, constraints::name as theirs, name::GeneralName as Reference};

    use super::*;
    use crate::der::ReadBefore;

    /// Name constraints that permit one subtree.
    fn permitting(subtree: &[u8]) -> Vec<u8> {
        let n = u8::try_from(subtree.len()).unwrap();
        [&[0x30, n + 4, 0xa0, n + 2, 0x30, n], subtree].concat()
    }

    fn subtree(der: &[u8]) -> Subtree<'_> {
        NameConstraints::from_der(der)
            .unwrap()
            .permitted()
            .next()
            .unwrap()
    }

    #[test]
    fn distances() {
        for (der, minimum_is_default, has_maximum) in [
            (&[0x82, 1, b'a'][..], true, false),
            (&[0x82, 1, b'a', 0x80, 1, 1], false, false),
            (&[0x82, 1, b'a', 0x81, 1, 0], true, true),
            (&[0x82, 1, b'a', 0x80, 1, 1, 0x81, 1, 9], false, true),
        ] {
            let expected = Subtree {
                base: GeneralName::Dns("a"),
                minimum_is_default,
                has_maximum,
            };
            assert_eq!(subtree(&permitting(der)), expected);
        }
    }

    #[test]
    fn addresses_of_any_length_decode() {
        for octets in [0, 3, 4, 8, 16, 32] {
            let der =
                permitting(&[&[0x87, octets][..], &alloc::vec![7; usize::from(octets)]].concat());
            let octets = alloc::vec![7; usize::from(octets)];
            assert_eq!(subtree(&der).base, GeneralName::Ip(&octets));
        }
    }

    #[test]
    fn fields_that_constrain_nothing() {
        for (der, empty) in [
            (&[0x30, 0][..], true),
            (&[0x30, 2, 0xa0, 0], true),
            (&[0x30, 4, 0xa0, 0, 0xa1, 0], true),
            (&[0x30, 8, 0xa0, 4, 0x30, 2, 0x82, 0, 0xa1, 0], true),
            (&[0x30, 6, 0xa1, 4, 0x30, 2, 0x82, 0], false),
        ] {
            let constraints = NameConstraints::from_der(der).unwrap();
            assert_eq!(constraints.has_empty_field(), empty, "{der:x?}");
        }
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (
                permitting(&[0x82, 1, b'a', 0x80, 1, 0]),
                ErrorKind::EncodedDefault,
            ),
            (
                permitting(&[0x82, 1, b'a', 0x80, 1, 0xff]),
                ErrorKind::BadValue,
            ),
            (permitting(&[0x82, 1, b'a', 0x81, 0]), ErrorKind::BadValue),
            (
                permitting(&[0x82, 1, b'a', 0x81, 1, 1, 0x80, 1, 1]),
                ErrorKind::TrailingData,
            ),
            (permitting(&[0x82, 1, 0]), ErrorKind::BadValue),
            (permitting(&[0x81, 1, 0xe9]), ErrorKind::BadValue),
            (permitting(&[0x89, 0]), ErrorKind::UnexpectedTag),
            (permitting(&[]), ErrorKind::Truncated),
            (
                Vec::from([0x30, 4, 0xa1, 0, 0xa0, 0]),
                ErrorKind::TrailingData,
            ),
            (
                Vec::from([0x30, 4, 0xa0, 2, 0x82, 0]),
                ErrorKind::UnexpectedTag,
            ),
            (Vec::from([0x30, 3, 0xa0, 2, 0x30]), ErrorKind::Truncated),
            (Vec::from([0x30, 0, 0]), ErrorKind::TrailingData),
            (Vec::new(), ErrorKind::Truncated),
        ] {
            assert_eq!(
                NameConstraints::from_der(&der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }

    fn subtrees() -> impl Strategy<Value = Vec<theirs::GeneralSubtree>> {
        let ia5 = |text: String| Ia5String::new(text.as_str()).unwrap();
        let base = prop_oneof![
            "[a-z.]{0,20}".prop_map(move |t| Reference::DnsName(ia5(t))),
            "[a-z.@]{0,20}".prop_map(move |t| Reference::Rfc822Name(ia5(t))),
            any::<[u8; 8]>().prop_map(|a| Reference::IpAddress(OctetString::new(a).unwrap())),
            "[a-z]{1,20}".prop_map(|cn| Reference::DirectoryName(
                alloc::format!("CN={cn}").parse().unwrap()
            )),
        ];
        let subtree =
            (base, any::<u32>(), any::<Option<u32>>()).prop_map(|(base, minimum, maximum)| {
                theirs::GeneralSubtree {
                    base,
                    minimum: minimum % 2,
                    maximum,
                }
            });
        proptest::collection::vec(subtree, 0..5)
    }

    fn same(ours: &Subtree<'_>, theirs: &theirs::GeneralSubtree) -> bool {
        let base = match (&ours.base, &theirs.base) {
            (GeneralName::Dns(a), Reference::DnsName(b))
            | (GeneralName::Rfc822(a), Reference::Rfc822Name(b)) => *a == b.as_str(),
            (GeneralName::Ip(a), Reference::IpAddress(b)) => *a == b.as_bytes(),
            (GeneralName::Directory(a), Reference::DirectoryName(b)) => {
                a.as_der() == b.to_der().unwrap()
            }
            _ => false,
        };
        base && ours.minimum_is_default == (theirs.minimum == 0)
            && ours.has_maximum == theirs.maximum.is_some()
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(
            permitted in proptest::option::of(subtrees()),
            excluded in proptest::option::of(subtrees()),
        ) {
            let theirs = pkix::NameConstraints {
                permitted_subtrees: permitted.clone(),
                excluded_subtrees: excluded.clone(),
            };
            let der = theirs.to_der().unwrap();
            let ours = NameConstraints::from_der(&der).unwrap();
            let [permitted, excluded] = [permitted, excluded].map(Option::unwrap_or_default);
            prop_assert_eq!(ours.permitted().count(), permitted.len());
            prop_assert_eq!(ours.excluded().count(), excluded.len());
            prop_assert!(ours.permitted().zip(&permitted).all(|(a, b)| same(&a, b)));
            prop_assert!(ours.excluded().zip(&excluded).all(|(a, b)| same(&a, b)));
        }

        /// What was read once is read the same without checks, and the check of a subtree accepts
        /// what reading it does.
        #[test]
        fn checked_values_read_the_same(
            permitted in proptest::option::of(subtrees()),
            excluded in proptest::option::of(subtrees()),
            edit in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let theirs = pkix::NameConstraints {
                permitted_subtrees: permitted,
                excluded_subtrees: excluded,
            };
            let mut der = theirs.to_der().unwrap();
            if let Some((place, octet)) = edit {
                let place = place.index(der.len());
                der[place] = octet;
            }
            let strict = NameConstraints::from_der(&der);
            if let Ok(strict) = strict {
                let quick = NameConstraints::decode(Reader::<ReadBefore>::over(&der)).unwrap();
                prop_assert!(strict.permitted().eq(quick.permitted()));
                prop_assert!(strict.excluded().eq(quick.excluded()));
            }
            for start in 0..der.len() {
                let checked = Subtree::check(&mut Reader::new(&der[start..]));
                let read = Subtree::read(&mut Reader::new(&der[start..]));
                prop_assert_eq!(checked.is_ok(), read.is_ok());
            }
        }
    }
}
