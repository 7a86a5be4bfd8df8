//! Distinguished names as they were received.
//!
//! ```text
//! Name                      ::= CHOICE { rdnSequence SEQUENCE OF RelativeDistinguishedName }
//! RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue
//! AttributeTypeAndValue     ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY }
//! ```
//!
//! A [`Name`] is one slice, checked once against RFC 5280 section 4.1.2.4 down to each value's
//! frame, the order of each SET OF (X.690 section 11.6) included; what a value holds is judged only
//! where it is read. The check is one walk without allocation, with a short cut for RDNs of one
//! short attribute, as nearly all are. Later walks trust it, and end early on bytes that were never
//! checked.

use alloc::borrow::Cow;

use super::extensions::Iter;
use super::extensions::list::Item;
use super::string;
use crate::{
    Oid,
    der::{Element, ErrorKind, ReadError, Reader, Result, tag},
};

/// A distinguished name: its DER as received.
///
/// `==` compares bytes; what RFC 5280 calls the same name is [`Name::matches`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<'a>(&'a [u8]);

impl<'a> Name<'a> {
    /// From the DER of a Name and nothing else.
    ///
    /// # Errors
    /// When the bytes are not the DER of a Name, or more than it.
    pub fn from_der(der: &'a [u8]) -> Result<Self> {
        Self::from_element(&Reader::new(der).only_element()?)
    }

    /// From an element that must be a Name.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedTag`] unless each level has its type, [`ErrorKind::BadValue`] for an
    /// RDN without attributes or a malformed attribute type, [`ErrorKind::UnsortedSet`], and
    /// the errors of [`Reader::element`].
    #[inline]
    pub(crate) fn from_element<E: ReadError>(element: &Element<'a, E>) -> Result<Self, E> {
        if element.tag != tag::SEQUENCE {
            return Err(element.error(ErrorKind::UnexpectedTag));
        }
        check_rdns(element.reader())?;
        Ok(Self(element.whole))
    }

    /// From DER that has passed [`Name::from_element`] before.
    pub(crate) const fn from_checked(der: &'a [u8]) -> Self {
        Self(der)
    }

    /// The name as received, tag and length included.
    #[must_use]
    pub const fn as_der(&self) -> &'a [u8] {
        self.0
    }

    /// True for a name without RDNs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.content().is_empty()
    }

    /// The RDNs in the order of the encoding: the most general (say, the country) first.
    #[must_use]
    pub fn rdns(&self) -> Iter<'a, Rdn<'a>> {
        Iter::over(self.content())
    }

    /// The attributes of all RDNs in the order of the encoding.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + Clone + use<'a> {
        self.rdns().flatten()
    }

    /// The content octets of the SEQUENCE.
    pub(super) fn content(&self) -> &'a [u8] {
        Reader::quick(self.0)
            .element()
            .map_or(&[][..], |element| element.value)
    }
}

/// Checks the content of an RDN sequence.
#[inline]
fn check_rdns<E: ReadError>(mut rdns: Reader<'_, E>) -> Result<(), E> {
    loop {
        rdns.go_on_at(skip_fast_rdns(rdns.rest()));
        if rdns.is_empty() {
            return Ok(());
        }
        check_rdn(&rdns.expect(tag::SET)?)?;
    }
}

/// What follows the well-formed RDNs at the start that are read fast.
fn skip_fast_rdns(mut rdns: &[u8]) -> &[u8] {
    while let Some((_, rest)) = FastRdn::read(rdns) {
        rdns = rest;
    }
    rdns
}

/// A well-formed RDN of one short attribute of type 2.5.4.0 to 2.5.4.127, as nearly every one is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FastRdn<'a> {
    /// The last arc of the type.
    pub(super) arc: u8,
    /// The identifier octet of the value.
    pub(super) tag: u8,
    /// The content octets of the value.
    pub(super) value: &'a [u8],
}

impl<'a> FastRdn<'a> {
    /// Octets before the value.
    pub(super) const FRAME: usize = 11;

    /// The RDN that `rdns` starts with, and what follows it; `None` decides nothing.
    #[inline]
    pub(super) fn read(rdns: &'a [u8]) -> Option<(Self, &'a [u8])> {
        /// SET, its length, SEQUENCE, its length, OBJECT IDENTIFIER of three octets: 2.5.4.
        const FAST: u64 = 0x3100_3000_0603_5504;
        const BUT_LENGTHS: u64 = 0xff00_ff00_ffff_ffff;
        let (&[frame @ .., arc, tag, length], rest) =
            rdns.split_first_chunk::<{ FastRdn::FRAME }>()?;
        let [_, set, _, sequence, ..] = frame;
        let fast = u64::from_be_bytes(frame) & BUT_LENGTHS == FAST
            && arc < 0x80
            && tag & 0x1f != 0x1f
            && length < 0x80 - 9
            && sequence == length + 7
            && set == length + 9;
        if !fast {
            return None;
        }
        let (value, rest) = rest.split_at_checked(usize::from(length))?;
        Some((Self { arc, tag, value }, rest))
    }
}

fn check_rdn<E: ReadError>(set: &Element<'_, E>) -> Result<(), E> {
    let mut attributes = set.reader();
    if attributes.is_empty() {
        return Err(set.error(ErrorKind::BadValue));
    }
    let mut previous: &[u8] = &[];
    while !attributes.is_empty() {
        let attribute = attributes.expect(tag::SEQUENCE)?;
        // No encoding is a proper prefix of another, so plain order is that of X.690 section 11.6.
        if attribute.whole < previous {
            return Err(attribute.error(ErrorKind::UnsortedSet));
        }
        previous = attribute.whole;
        let mut fields = attribute.reader();
        fields.oid()?;
        fields.element()?;
        fields.finish()?;
    }
    Ok(())
}

/// A relative distinguished name: the content octets of its SET.
#[derive(Clone, Copy, Debug)]
pub struct Rdn<'a>(&'a [u8]);

impl<'a> Rdn<'a> {
    /// From an element whose content is that of an RDN; its tag is the caller's to judge, since a
    /// distribution point tags its `nameRelativeToCRLIssuer` implicitly (RFC 5280 section
    /// 4.2.1.13).
    ///
    /// # Errors
    /// As [`Name::from_element`].
    pub(crate) fn from_element<E: ReadError>(element: &Element<'a, E>) -> Result<Self, E> {
        check_rdn(element)?;
        Ok(Self(element.value))
    }

    /// The content octets of the SET.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The attributes in the order of the encoding.
    #[must_use]
    pub fn attributes(&self) -> Iter<'a, Attribute<'a>> {
        Iter::over(self.0)
    }
}

impl<'a> Item<'a> for Rdn<'a> {
    #[inline]
    fn read<E: ReadError>(rdns: &mut Reader<'a, E>) -> Result<Self, E> {
        rdns.expect(tag::SET).map(|set| Self(set.value))
    }
}

impl<'a> IntoIterator for Rdn<'a> {
    type Item = Attribute<'a>;
    type IntoIter = Iter<'a, Attribute<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.attributes()
    }
}

/// One attribute of an RDN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute<'a> {
    /// The attribute type.
    pub oid: Oid<'a>,
    /// The identifier octet of the value.
    pub tag: u8,
    /// The content octets of the value.
    pub value: &'a [u8],
    /// The value with its tag and length.
    pub value_der: &'a [u8],
}

impl<'a> Attribute<'a> {
    /// The value as text; `None` where it is no string, or one whose octets are not of its type. It
    /// is as it stands in the certificate, where it may hold control characters; `Display` of the
    /// [`Name`] escapes them.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        string::text(self.tag, self.value)
    }
}

impl<'a> Item<'a> for Attribute<'a> {
    #[inline]
    fn read<E: ReadError>(attributes: &mut Reader<'a, E>) -> Result<Self, E> {
        let mut fields = attributes.sequence()?;
        let oid = fields.expect(tag::OID)?;
        let value = fields.element()?;
        Ok(Self {
            oid: Oid::new(oid.value),
            tag: value.tag,
            value: value.value,
            value_der: value.whole,
        })
    }
}

/// Names for the tests of this and the neighbouring files.
#[cfg(test)]
pub(super) mod build {
    use alloc::vec::Vec;

    pub(crate) use portcullis_testkit::der::tlv;
    use proptest::prelude::*;

    use crate::der::tag;

    pub(crate) const CN: &[u8] = &[0x55, 0x04, 0x03];
    pub(crate) const C: &[u8] = &[0x55, 0x04, 0x06];
    pub(crate) const O: &[u8] = &[0x55, 0x04, 0x0a];
    pub(crate) const OU: &[u8] = &[0x55, 0x04, 0x0b];
    pub(crate) const EMAIL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];
    pub(crate) const DC: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19];

    pub(crate) type Ava<'a> = (&'a [u8], u8, &'a [u8]);

    /// One AttributeTypeAndValue.
    pub(crate) fn ava(&(oid, tag, value): &Ava<'_>) -> Vec<u8> {
        tlv(
            tag::SEQUENCE,
            &[tlv(tag::OID, oid), tlv(tag, value)].concat(),
        )
    }

    /// One RDN, its attributes brought into order.
    pub(crate) fn rdn(avas: &[Ava<'_>]) -> Vec<u8> {
        let mut set: Vec<_> = avas.iter().map(ava).collect();
        set.sort();
        tlv(tag::SET, &set.concat())
    }

    pub(crate) fn name(rdns: &[&[Ava<'_>]]) -> Vec<u8> {
        let rdns: Vec<_> = rdns.iter().map(|avas| rdn(avas)).collect();
        tlv(tag::SEQUENCE, &rdns.concat())
    }

    /// CN=`text` as a UTF8String.
    pub(crate) fn cn(text: &str) -> Vec<u8> {
        name(&[&[(CN, tag::UTF8_STRING, text.as_bytes())]])
    }

    /// Values over a small alphabet of what comparison folds, so that equal names are common.
    pub(crate) fn any_value() -> impl Strategy<Value = (u8, Vec<u8>)> {
        let text = "[aAbß \t\u{ad}äÄ\u{308}ﬁ]{0,6}";
        prop_oneof![
            (text, 0..4u8).prop_map(|(text, form)| match form {
                0 => (
                    tag::BMP_STRING,
                    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
                ),
                1 => (
                    tag::UNIVERSAL_STRING,
                    text.chars()
                        .flat_map(|c| u32::from(c).to_be_bytes())
                        .collect()
                ),
                _ => (tag::UTF8_STRING, text.into_bytes()),
            }),
            "[aAb \t]{0,4}".prop_map(|text| (tag::PRINTABLE_STRING, text.into_bytes())),
            (
                any::<u8>().prop_map(|tag| tag & 0xde),
                proptest::collection::vec(any::<u8>(), 0..5)
            ),
        ]
    }

    /// Well-formed names of up to three RDNs with up to three attributes each.
    pub(crate) fn any_name() -> impl Strategy<Value = Vec<u8>> {
        let oid = prop_oneof![
            Just(CN),
            Just(O),
            Just(DC),
            Just(EMAIL),
            Just(&[0x2a, 0x03][..])
        ];
        let rdn = proptest::collection::vec((oid, any_value()), 1..4);
        proptest::collection::vec(rdn, 0..4).prop_map(|rdns| {
            let rdns: Vec<Vec<Ava<'_>>> = rdns
                .iter()
                .map(|avas| {
                    avas.iter()
                        .map(|(oid, (tag, value))| (*oid, *tag, &value[..]))
                        .collect()
                })
                .collect();
            name(&rdns.iter().map(|avas| &avas[..]).collect::<Vec<_>>())
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use proptest::prelude::*;

    use super::{
        build::{C, CN, O, OU, any_name, ava, cn, name, rdn, tlv},
        *,
    };

    fn kind(der: &[u8]) -> ErrorKind {
        Name::from_der(der).err().unwrap().kind
    }

    #[test]
    fn walks_rdns_and_attributes() {
        let der = name(&[
            &[(C, tag::PRINTABLE_STRING, b"NL")],
            &[
                (O, tag::UTF8_STRING, b"Org"),
                (OU, tag::UTF8_STRING, b"Unit"),
            ],
            &[(CN, tag::BMP_STRING, b"\0n\0\xe4")],
        ]);
        let name = Name::from_der(&der).unwrap();
        assert_eq!(name.as_der(), der);
        let texts: Vec<_> = name.attributes().map(|a| a.text().unwrap()).collect();
        assert_eq!(texts, ["NL", "Org", "Unit", "nä"]);
        let sizes: Vec<_> = name.rdns().map(|rdn| rdn.attributes().count()).collect();
        assert_eq!(sizes, [1, 2, 1]);
        let first = name.attributes().next().unwrap();
        assert_eq!(first.oid.as_bytes(), C);
        assert_eq!(first.value_der, [tag::PRINTABLE_STRING, 2, b'N', b'L']);
    }

    #[test]
    fn an_empty_name() {
        let name = Name::from_der(&[0x30, 0]).unwrap();
        assert!(name.is_empty());
        assert_eq!(name.rdns().count(), 0);
    }

    #[test]
    fn refuses_what_is_not_a_name() {
        let a = ava(&(CN, tag::UTF8_STRING, b"a"));
        let in_name = |rdn: &[u8]| tlv(tag::SEQUENCE, rdn);
        let in_rdn = |ava: &[u8]| in_name(&tlv(tag::SET, ava));
        let oid = tlv(tag::OID, CN);
        for (der, expected) in [
            (vec![], ErrorKind::Truncated),
            (tlv(tag::SET, &[]), ErrorKind::UnexpectedTag),
            (in_name(&a), ErrorKind::UnexpectedTag),
            (in_name(&tlv(tag::SET, &[])), ErrorKind::BadValue),
            (in_rdn(&tlv(tag::SET, &[])), ErrorKind::UnexpectedTag),
            (in_rdn(&tlv(tag::SEQUENCE, &[])), ErrorKind::Truncated),
            (in_rdn(&tlv(tag::SEQUENCE, &oid)), ErrorKind::Truncated),
            (
                in_rdn(&tlv(tag::SEQUENCE, &[tag::OID, 0, 5, 0])),
                ErrorKind::BadValue,
            ),
            (
                in_rdn(&tlv(tag::SEQUENCE, &[tag::OID, 2, 0x55, 0x80, 5, 0])),
                ErrorKind::BadValue,
            ),
            (
                in_rdn(&tlv(tag::SEQUENCE, &[&oid[..], &[5, 0, 5, 0]].concat())),
                ErrorKind::TrailingData,
            ),
            (
                in_rdn(&tlv(tag::SEQUENCE, &[&oid[..], &[0x1f, 1, 0]].concat())),
                ErrorKind::BadLength,
            ),
            (
                in_rdn(&tlv(
                    tag::SEQUENCE,
                    &[&oid[..], &[0x0c, 0x81, 1, b'a']].concat(),
                )),
                ErrorKind::BadLength,
            ),
            (
                in_rdn(&tlv(tag::SEQUENCE, &[&oid[..], &[0x0c, 2, b'a']].concat())),
                ErrorKind::Truncated,
            ),
            (in_rdn(&[&a[..], &[0]].concat()), ErrorKind::UnexpectedTag),
            (
                in_name(&[&tlv(tag::SET, &a)[..], &[0x31]].concat()),
                ErrorKind::Truncated,
            ),
            ([&cn("a")[..], &[0]].concat(), ErrorKind::TrailingData),
        ] {
            assert_eq!(kind(&der), expected, "{der:x?}");
        }
    }

    #[test]
    fn refuses_unsorted_sets_and_says_where() {
        let [cn, ou] = [
            (CN, tag::UTF8_STRING, &b"a"[..]),
            (OU, tag::UTF8_STRING, b"a"),
        ]
        .map(|a| ava(&a));
        let set = |avas: &[&[u8]]| tlv(tag::SEQUENCE, &tlv(tag::SET, &avas.concat()));
        assert!(Name::from_der(&set(&[&cn, &ou])).is_ok());
        assert!(Name::from_der(&set(&[&cn, &cn])).is_ok());
        let unsorted = set(&[&ou, &cn]);
        let error = Name::from_der(&unsorted).err().unwrap();
        assert_eq!(error.kind, ErrorKind::UnsortedSet);
        assert_eq!(error.offset as usize, 4 + ou.len());

        // Behind a sound RDN, and deep in another structure.
        let sound = rdn(&[(C, tag::PRINTABLE_STRING, b"NL")]);
        let der = tlv(tag::SEQUENCE, &[&sound, &unsorted[2..]].concat());
        let outer = tlv(tag::SEQUENCE, &der);
        let element = Reader::new(&outer).sequence().unwrap().element().unwrap();
        let error = Name::from_element(&element).err().unwrap();
        assert_eq!(error.kind, ErrorKind::UnsortedSet);
        assert_eq!(error.offset as usize, 6 + sound.len() + ou.len());
    }

    #[test]
    fn long_names_take_the_long_walk() {
        let long = [b'a'; 300];
        let der = name(&[
            &[(CN, tag::UTF8_STRING, &long)],
            &[(C, tag::PRINTABLE_STRING, b"NL")],
        ]);
        let name = Name::from_der(&der).unwrap();
        assert!(FastRdn::read(name.content()).is_none());
        assert_eq!(name.attributes().next().unwrap().value, long);
    }

    #[test]
    fn an_rdn_under_an_implicit_tag() {
        let der = tlv(
            tag::context_constructed(1),
            &ava(&(CN, tag::UTF8_STRING, b"a")),
        );
        let element = Reader::new(&der).element().unwrap();
        let rdn = Rdn::from_element(&element).unwrap();
        assert_eq!(rdn.attributes().next().unwrap().text().unwrap(), "a");
        let empty = Reader::new(&[0xa1, 0]).element().unwrap();
        assert!(Rdn::from_element(&empty).is_err());
    }

    proptest! {
        #[test]
        fn the_short_walk_accepts_nothing_that_the_long_one_refuses(
            mut der in any_name(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        ) {
            for (at, octet) in changes {
                let at = at.index(der.len());
                der[at] = octet;
            }
            let content = der.get(2..).unwrap_or_default();
            if let Some((_, rest)) = FastRdn::read(content) {
                let mut reader = Reader::new(content);
                let rdn = reader.expect(tag::SET);
                prop_assert_eq!(rdn.and_then(|rdn| check_rdn(&rdn)), Ok(()));
                prop_assert_eq!(reader.rest(), rest);
            }
        }

        #[test]
        fn never_panics(der in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Name::from_der(&der);
            // Even bytes that were never checked are walked without harm.
            let name = Name::from_checked(&der);
            for attribute in name.attributes() {
                let _ = attribute.text();
            }
        }

        #[test]
        fn well_formed_names_are_accepted(der in any_name()) {
            let name = Name::from_der(&der);
            prop_assert!(name.is_ok(), "{:?}", name.err());
        }
    }
}
