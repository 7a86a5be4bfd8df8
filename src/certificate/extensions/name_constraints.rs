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

use super::list::{Item, Iter, List};
use super::number;
use crate::certificate::general_name::{self, GeneralName};
use crate::certificate::name::Name;
use crate::der::{self, Element, ErrorKind, Failure, Reader, tag};
use crate::oid::Oid;

/// Which names may stand in certificates below a CA's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameConstraints<'a> {
    permitted: Option<List<'a, Subtree<'a>>>,
    excluded: Option<List<'a, Subtree<'a>>>,
}

impl<'a> NameConstraints<'a> {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`NameConstraints::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`NameConstraints::from_der`].
    pub fn from_reader<E: Failure>(mut reader: Reader<'a, E>) -> Result<Self, E> {
        let mut fields = reader.sequence()?;
        reader.finish()?;
        let permitted = read_subtrees(&mut fields, tag::context_constructed(0))?;
        let excluded = read_subtrees(&mut fields, tag::context_constructed(1))?;
        fields.finish()?;
        Ok(Self {
            permitted,
            excluded,
        })
    }

    /// Reads a value that [`NameConstraints::from_reader`] has accepted. **Only for such a value**:
    /// one that does not decode would give no constraints (`checked_values_read_the_same`).
    pub(crate) fn from_checked(input: &'a [u8]) -> Self {
        let mut fields = Reader::quick(input).sequence();
        let mut field = |tag| {
            let field = fields.as_mut().ok()?.optional(tag).ok()??;
            Some(List::from_checked(field.value))
        };
        Self {
            permitted: field(tag::context_constructed(0)),
            excluded: field(tag::context_constructed(1)),
        }
    }

    /// The subtrees in one of which a name of their form must be.
    pub fn permitted(&self) -> impl Iterator<Item = Subtree<'a>> + Clone + use<'a> {
        walk(self.permitted)
    }

    /// The subtrees in none of which a name may be.
    pub fn excluded(&self) -> impl Iterator<Item = Subtree<'a>> + Clone + use<'a> {
        walk(self.excluded)
    }

    /// True when neither field is present or one is an empty list, both of which RFC 5280 forbids
    /// issuers. Such a field constrains nothing; a strict profile refuses the certificate.
    #[must_use]
    pub fn has_empty_field(&self) -> bool {
        let empty =
            |field: Option<List<'a, Subtree<'a>>>| field.is_some_and(|list| list.is_empty());
        (self.permitted.is_none() && self.excluded.is_none())
            || empty(self.permitted)
            || empty(self.excluded)
    }
}

fn read_subtrees<'a, E: Failure>(
    fields: &mut Reader<'a, E>,
    tag: u8,
) -> Result<Option<List<'a, Subtree<'a>>>, E> {
    let field = fields.optional(tag)?;
    field.map(|field| List::read(field.reader())).transpose()
}

fn walk<'a>(
    field: Option<List<'a, Subtree<'a>>>,
) -> impl Iterator<Item = Subtree<'a>> + Clone + use<'a> {
    let subtrees: Option<Iter<'a, Subtree<'a>>> = field.map(|list| list.iter());
    subtrees.into_iter().flatten()
}

/// One subtree of names. RFC 5280 gives `minimum` and `maximum` no meaning: they are to be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree<'a> {
    /// The name at its root.
    pub base: ConstraintBase<'a>,
    /// The minimum is absent, and so 0.
    pub minimum_is_default: bool,
    /// There is a maximum.
    pub has_maximum: bool,
}

impl<'a> Item<'a> for Subtree<'a> {
    fn read<E: Failure>(reader: &mut Reader<'a, E>) -> Result<Self, E> {
        let mut fields = reader.sequence()?;
        let base = ConstraintBase::from_element(&fields.element()?)?;
        let (minimum, maximum) = distances(fields)?;
        Ok(Self {
            base,
            minimum_is_default: minimum.is_none(),
            has_maximum: maximum.is_some(),
        })
    }

    #[inline]
    fn check<E: Failure>(reader: &mut Reader<'a, E>) -> Result<(), E> {
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
fn distances<E: Failure>(mut fields: Reader<'_, E>) -> Result<(Option<u32>, Option<u32>), E> {
    if fields.is_empty() {
        return Ok((None, None));
    }
    let at_minimum = fields;
    let minimum = number::read_optional(&mut fields, tag::context(0))?;
    if minimum == Some(0) {
        return Err(at_minimum.error(ErrorKind::EncodedDefault));
    }
    let maximum = number::read_optional(&mut fields, tag::context(1))?;
    fields.finish()?;
    Ok((minimum, maximum))
}

/// The root of a subtree: a [`GeneralName`] but for the address, which is one of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConstraintBase<'a> {
    /// Names of a form that its identifier defines.
    Other {
        /// Which form.
        type_id: Oid<'a>,
        /// The value: one whole DER element.
        value: &'a [u8],
    },
    /// A mailbox, all mailboxes of a host, or (with a leading dot) of a domain.
    Rfc822(&'a str),
    /// A domain and all below it.
    Dns(&'a str),
    /// An X.400 address: the content octets.
    X400(&'a [u8]),
    /// The leading RDNs of a distinguished name.
    Directory(Name<'a>),
    /// An EDI party: the content octets.
    EdiParty(&'a [u8]),
    /// A host, or (with a leading dot) a domain, of URIs.
    Uri(&'a str),
    /// An address and a mask, each of 4 or of 16 octets; any other length cannot be applied.
    Ip(&'a [u8]),
    /// A registered object identifier.
    RegisteredId(Oid<'a>),
}

impl<'a> ConstraintBase<'a> {
    fn from_element<E: Failure>(element: &Element<'a, E>) -> Result<Self, E> {
        if element.tag == general_name::IP {
            return Ok(Self::Ip(element.value));
        }
        GeneralName::from_element(element).map(Self::from)
    }

    /// The address and the mask of an IP base whose length is that of a network.
    #[must_use]
    pub fn ip_network(&self) -> Option<(&'a [u8], &'a [u8])> {
        match self {
            Self::Ip(octets) if matches!(octets.len(), 8 | 32) => {
                octets.split_at_checked(octets.len() / 2)
            }
            _ => None,
        }
    }
}

impl<'a> From<GeneralName<'a>> for ConstraintBase<'a> {
    fn from(name: GeneralName<'a>) -> Self {
        match name {
            GeneralName::Other { type_id, value } => Self::Other { type_id, value },
            GeneralName::Rfc822(text) => Self::Rfc822(text),
            GeneralName::Dns(text) => Self::Dns(text),
            GeneralName::X400(content) => Self::X400(content),
            GeneralName::Directory(name) => Self::Directory(name),
            GeneralName::EdiParty(content) => Self::EdiParty(content),
            GeneralName::Uri(text) => Self::Uri(text),
            GeneralName::Ip(octets) => Self::Ip(octets),
            GeneralName::RegisteredId(id) => Self::RegisteredId(id),
        }
    }
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
                base: ConstraintBase::Dns("a"),
                minimum_is_default,
                has_maximum,
            };
            assert_eq!(subtree(&permitting(der)), expected);
        }
    }

    #[test]
    fn addresses_of_any_length_decode() {
        for (octets, is_network) in [
            (0, false),
            (3, false),
            (4, false),
            (8, true),
            (16, false),
            (32, true),
        ] {
            let der =
                permitting(&[&[0x87, octets][..], &alloc::vec![7; usize::from(octets)]].concat());
            let network = subtree(&der).base.ip_network();
            assert_eq!(network.is_some(), is_network, "{octets}");
            assert!(network.is_none_or(|(a, m)| a.len() == m.len()));
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
            (ConstraintBase::Dns(a), Reference::DnsName(b))
            | (ConstraintBase::Rfc822(a), Reference::Rfc822Name(b)) => *a == b.as_str(),
            (ConstraintBase::Ip(a), Reference::IpAddress(b)) => *a == b.as_bytes(),
            (ConstraintBase::Directory(a), Reference::DirectoryName(b)) => {
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
                let quick = NameConstraints::from_checked(&der);
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
