//! Whether two names are the same name: RFC 5280 section 7.1.
//!
//! Octets decide first: nearly all names that match are equal as received. Otherwise RDNs are
//! compared in order, the attributes of an RDN as a set, and attribute types octet by octet.
//! Two values match when both are strings, of whatever types, with one prepared form (see
//! `string_prep`); domainComponent and emailAddress, IA5Strings, fold case in the same way. A value
//! that is no string, or one whose octets are not of its type, matches its own encoding only.
//!
//! So each name has one normal form, matching is equality of normal forms, and [`Name::write_key`]
//! hashes just that. The cost is linear in both names; an RDN of several attributes that stand in
//! another order costs a sort of their forms, and only it allocates.

use alloc::vec::Vec;
use core::hash::Hasher;

use super::{
    name::{Attribute, FastRdn, Name, Rdn},
    string::Teletex,
    string_prep::Prepared,
};
use crate::der::tag;
use crate::octets;

impl Name<'_> {
    /// True when both are the same name (RFC 5280 section 7.1).
    #[must_use]
    pub fn matches(&self, other: &Name<'_>) -> bool {
        self.glance(other)
            .unwrap_or_else(|| pairwise(self.rdns(), other.rdns(), |a, b| a.matches(b)))
    }

    /// What [`Name::matches`] says, where that shows without preparing a value: the names are equal
    /// as received, or the first RDNs that are not begin to differ in a letter. `None` decides
    /// nothing. The cost is linear in the octets of both names, whatever stands in them.
    #[must_use]
    pub(crate) fn glance(&self, other: &Name<'_>) -> Option<bool> {
        if self == other {
            return Some(true);
        }
        let (a, b) = (self.content(), other.content());
        let common = octets::common_prefix(a, b);
        let start = whole_rdns(a, common)?;
        let (a, b) = (a.get(start..)?, b.get(start..)?);
        if a.is_empty() || b.is_empty() {
            return Some(false); // one has an RDN more
        }
        let ((x, _), (y, _)) = (FastRdn::read(a)?, FastRdn::read(b)?);
        let common = (common - start).saturating_sub(FastRdn::FRAME);
        x.differs_plainly(&y, common).then_some(false)
    }

    /// True when this name lies within the subtree `base`, as a directoryName constraint means it
    /// (RFC 5280 section 4.2.1.10): its first RDNs are those of `base`. Every name lies within
    /// the empty one.
    #[must_use]
    pub fn has_prefix(&self, base: &Name<'_>) -> bool {
        if self.content().starts_with(base.content()) {
            return true;
        }
        let mut own = self.rdns();
        base.rdns()
            .all(|rdn| own.next().is_some_and(|own| own.matches(&rdn)))
    }

    /// The work of preparing this name for comparison, counted in octets of plain ASCII: other
    /// characters are decomposed and composed again, and some stand for eighteen (U+FDFA).
    #[must_use]
    pub(crate) fn work(&self) -> usize {
        const OTHER: usize = 64;
        let others = self.attributes().map(|attribute| {
            let wide = matches!(attribute.tag, tag::BMP_STRING | tag::UNIVERSAL_STRING);
            if wide || !attribute.value.is_ascii() {
                attribute.value.len()
            } else {
                0
            }
        });
        let others = others.fold(0, usize::saturating_add);
        self.as_der()
            .len()
            .saturating_add(others.saturating_mul(OTHER))
    }

    /// Does it make a difference how a TeletexString is read?
    pub(crate) fn has_two_readings(&self) -> bool {
        self.attributes().any(|attribute| {
            let (tag, octets) = (attribute.tag, attribute.value);
            tag == tag::TELETEX_STRING
                && !octets.is_ascii()
                && Teletex::Utf8.tag(tag, octets) != tag
        })
    }

    /// The normal form of this name. Names that match have equal forms, and a name within a subtree
    /// begins with the form of its base (`normal_forms_decide_as_comparison_does`). The form can be
    /// several times as long as the name ([`Name::work`]).
    pub(crate) fn normal_form(&self, reading: Teletex) -> Vec<u8> {
        let mut form = Vec::with_capacity(self.as_der().len());
        self.write_form(reading, &mut |chunk| form.extend_from_slice(chunk));
        form
    }

    /// Feeds the normal form of this name to a hasher: names that match give equal keys.
    pub fn write_key<H: Hasher>(&self, hasher: &mut H) {
        self.write_form(Teletex::Latin1, &mut |chunk| hasher.write(chunk));
    }

    fn write_form(&self, reading: Teletex, sink: &mut impl FnMut(&[u8])) {
        for rdn in self.rdns() {
            let mut attributes = rdn.attributes();
            if let (Some(only), None) = (attributes.next(), attributes.next()) {
                sink(&1usize.to_be_bytes());
                write_type(only.oid.as_bytes(), sink);
                write_value(&only, reading, sink);
                continue;
            }
            let set = normal_set(&rdn, reading);
            sink(&set.len().to_be_bytes());
            for (oid, value) in set {
                write_type(oid, sink);
                sink(&value);
            }
        }
    }
}

impl Rdn<'_> {
    /// True when both are the same RDN: the same set of attributes, compared as [`Name::matches`]
    /// does.
    #[must_use]
    pub fn matches(&self, other: &Rdn<'_>) -> bool {
        self.as_bytes() == other.as_bytes()
            || pairwise(self.attributes(), other.attributes(), same_attribute)
            || same_set(self, other)
    }
}

impl FastRdn<'_> {
    /// True when the two cannot match. The first `common` octets of their values are the same.
    fn differs_plainly(&self, other: &Self, common: usize) -> bool {
        let is_utf8 = |rdn: &Self| matches!(rdn.tag, tag::UTF8_STRING | tag::PRINTABLE_STRING);
        self.arc != other.arc
            || is_utf8(self) && is_utf8(other) && differ_plainly(self.value, other.value, common)
    }
}

/// How many of the first `length` octets are whole RDNs. `None` for one of 128 octets or more among
/// them.
#[inline]
fn whole_rdns(rdns: &[u8], length: usize) -> Option<usize> {
    let mut end = 0;
    while let Some(&[_, octets]) = rdns.get(end..).and_then(<[u8]>::first_chunk) {
        if octets >= 0x80 {
            return None;
        }
        let next = end + 2 + usize::from(octets);
        if next > length {
            break;
        }
        end = next;
    }
    Some(end)
}

/// True when the prepared forms of two values, if they are UTF-8, cannot be the same: the values
/// are alike but for case, and then differ in a graphic character of ASCII. Such a character begins
/// anew in every form, whatever follows it; it is kept, and differs from others but for case. Other
/// characters may be dropped, and of SPACE one is kept behind a graphic character unless it ends
/// the value.
fn differ_plainly(a: &[u8], b: &[u8], common: usize) -> bool {
    let same = |(x, y): &(&u8, &u8)| x.eq_ignore_ascii_case(y);
    let both = a.iter().zip(b).skip(common);
    let common = common + both.take_while(same).count();
    let last = common.checked_sub(1).and_then(|last| a.get(last));
    let after_graphic = last.is_some_and(u8::is_ascii_graphic);
    match (a.get(common), b.get(common)) {
        (Some(x), Some(y)) if x.is_ascii_graphic() => {
            y.is_ascii_graphic() || (*y == b' ' && after_graphic)
        }
        (Some(b' '), Some(y)) => y.is_ascii_graphic() && after_graphic,
        // The longer one has a character more, which is kept.
        (Some(more), None) | (None, Some(more)) => more.is_ascii_graphic(),
        _ => false,
    }
}

/// True when both give equally many items, each the same as its counterpart.
fn pairwise<T>(
    a: impl Iterator<Item = T>,
    mut b: impl Iterator<Item = T>,
    same: impl Fn(&T, &T) -> bool,
) -> bool {
    for x in a {
        if !b.next().is_some_and(|y| same(&x, &y)) {
            return false;
        }
    }
    b.next().is_none()
}

fn same_attribute(a: &Attribute<'_>, b: &Attribute<'_>) -> bool {
    if a.oid != b.oid {
        return false;
    }
    if a.value_der == b.value_der {
        return true;
    }
    match (Prepared::new(a.tag, a.value), Prepared::new(b.tag, b.value)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// For RDNs whose attributes differ in order: DER sorts by encoding, which string types and case
/// change.
fn same_set(a: &Rdn<'_>, b: &Rdn<'_>) -> bool {
    let count = a.attributes().count();
    count > 1 && count == b.attributes().count() && {
        normal_set(a, Teletex::Latin1) == normal_set(b, Teletex::Latin1)
    }
}

/// The attributes of an RDN, each as type and normal form, in an order that the encoding has no
/// part in.
fn normal_set<'a>(rdn: &Rdn<'a>, reading: Teletex) -> Vec<(&'a [u8], Vec<u8>)> {
    let attributes = rdn.attributes().map(|attribute| {
        let mut form = Vec::new();
        write_value(&attribute, reading, &mut |chunk| {
            form.extend_from_slice(chunk)
        });
        (attribute.oid.as_bytes(), form)
    });
    let mut set: Vec<_> = attributes.collect();
    set.sort_unstable();
    set
}

fn write_type(oid: &[u8], sink: &mut impl FnMut(&[u8])) {
    sink(&oid.len().to_be_bytes());
    sink(oid);
}

/// The normal form of a value. The first octet tells the kinds apart; the last, which no UTF-8 has,
/// ends it.
fn write_value(attribute: &Attribute<'_>, reading: Teletex, sink: &mut impl FnMut(&[u8])) {
    let tag = reading.tag(attribute.tag, attribute.value);
    match Prepared::new(tag, attribute.value) {
        Some(prepared) => {
            sink(&[1]);
            prepared.write_to(&mut *sink);
        }
        None => {
            sink(&[0]);
            sink(attribute.value_der);
        }
    }
    sink(&[0xff]);
}

#[cfg(test)]
mod tests {
    use core::hash::BuildHasher;
    use std::{collections::hash_map::RandomState, vec::Vec};

    use proptest::prelude::*;

    use super::super::name::build::{
        Ava, C, CN, DC, EMAIL, O, OU, any_name, any_value, cn, name, rdn, tlv,
    };
    use super::*;
    use crate::der::tag;

    const UTF8: u8 = tag::UTF8_STRING;
    const PRINTABLE: u8 = tag::PRINTABLE_STRING;

    fn matches(a: &[u8], b: &[u8]) -> bool {
        let (a, b) = (Name::from_der(a).unwrap(), Name::from_der(b).unwrap());
        let verdict = a.matches(&b);
        assert_eq!(b.matches(&a), verdict, "symmetric");
        let state = RandomState::new();
        if verdict {
            assert_eq!(key(&a, &state), key(&b, &state));
        }
        verdict
    }

    fn key(name: &Name<'_>, state: &RandomState) -> u64 {
        let mut hasher = state.build_hasher();
        name.write_key(&mut hasher);
        hasher.finish()
    }

    fn has_prefix(name: &[u8], base: &[u8]) -> bool {
        Name::from_der(name)
            .unwrap()
            .has_prefix(&Name::from_der(base).unwrap())
    }

    #[test]
    fn case_white_space_and_string_types() {
        let plain = cn("Example Org");
        for (tag, value, same) in [
            (PRINTABLE, &b"Example Org"[..], true),
            (PRINTABLE, b"example org", true),
            (UTF8, b"  EXAMPLE \t org ", true),
            (tag::TELETEX_STRING, b"Example Org", true),
            (tag::IA5_STRING, b"Example Org", true),
            (tag::BMP_STRING, b"\0e\0x\0a\0m\0p\0l\0e\0 \0o\0r\0g", true),
            (UTF8, "Example\u{a0}Org".as_bytes(), true),
            (UTF8, "Exam\u{ad}ple Org".as_bytes(), true),
            (PRINTABLE, b"ExampleOrg", false),
            (PRINTABLE, b"Example Orgs", false),
            (UTF8, b"", false),
            (tag::OCTET_STRING, b"Example Org", false),
            (tag::BMP_STRING, b"Example Org!", false),
        ] {
            let other = name(&[&[(CN, tag, value)]]);
            assert_eq!(matches(&plain, &other), same, "{tag:#x} {value:x?}");
        }
    }

    #[test]
    fn unicode_case_and_compositions() {
        assert!(matches(&cn("Ärger"), &cn("ärger")));
        assert!(matches(&cn("Ärger"), &cn("A\u{308}RGER")));
        assert!(!matches(&cn("Ärger"), &cn("Arger")));
        assert!(matches(&cn("Straße"), &cn("STRASSE")));
        let latin1 = name(&[&[(CN, tag::TELETEX_STRING, b"\xe4rger")]]);
        assert!(matches(&cn("Ärger"), &latin1));
        let bmp = name(&[&[(CN, tag::BMP_STRING, b"\0\xe4\0r\0g\0e\0r")]]);
        assert!(matches(&cn("Ärger"), &bmp));
    }

    #[test]
    fn ia5_attributes_fold_case() {
        let of = |oid, text: &'static [u8]| name(&[&[(oid, tag::IA5_STRING, text)]]);
        assert!(matches(&of(DC, b"Example"), &of(DC, b"eXAMPLE")));
        assert!(matches(
            &of(EMAIL, b"A@Example.COM"),
            &of(EMAIL, b"a@example.com")
        ));
        assert!(!matches(&of(DC, b"example"), &of(EMAIL, b"example")));
    }

    #[test]
    fn values_that_are_no_strings_match_octet_by_octet() {
        let of = |tag, value: &'static [u8]| name(&[&[(CN, tag, value)]]);
        assert!(matches(
            &of(tag::BIT_STRING, b"\0a"),
            &of(tag::BIT_STRING, b"\0a")
        ));
        assert!(!matches(
            &of(tag::BIT_STRING, b"\0a"),
            &of(tag::BIT_STRING, b"\0A")
        ));
        assert!(!matches(&of(UTF8, b"\xffa"), &of(UTF8, b"\xffA")));
        assert!(!matches(&of(UTF8, b"\xffa"), &of(PRINTABLE, b"\xffa")));
    }

    #[test]
    fn order_and_number_of_rdns_matter() {
        let (c, o): (Ava<'_>, Ava<'_>) = ((C, PRINTABLE, b"NL"), (O, UTF8, b"Org"));
        let two = name(&[&[c], &[o]]);
        assert!(!matches(&two, &name(&[&[o], &[c]])));
        assert!(!matches(&two, &name(&[&[c]])));
        assert!(!matches(&two, &name(&[&[c, o]])));
        assert!(matches(&name(&[]), &name(&[])));
        assert!(!matches(&two, &name(&[])));
    }

    #[test]
    fn attributes_of_an_rdn_are_a_set() {
        let a: &[Ava<'_>] = &[(CN, UTF8, b"Zebra"), (OU, UTF8, b"ant"), (O, UTF8, b"x")];
        let b: &[Ava<'_>] = &[
            (CN, PRINTABLE, b"zebra  "),
            (OU, UTF8, b"ANT   "),
            (O, UTF8, b"X"),
        ];
        assert!(matches(&name(&[a]), &name(&[b])));
        // Another string type moves an attribute to another place of the SET OF.
        let a: &[Ava<'_>] = &[(OU, UTF8, b"aa"), (OU, UTF8, b"BB")];
        let b: &[Ava<'_>] = &[(OU, UTF8, b"AA"), (OU, PRINTABLE, b"bb")];
        let c: &[Ava<'_>] = &[(OU, PRINTABLE, b"aa"), (OU, UTF8, b"bb")];
        assert!(matches(&name(&[a]), &name(&[b])));
        assert!(matches(&name(&[a]), &name(&[c])));
        assert!(matches(&name(&[b]), &name(&[c])));
    }

    #[test]
    fn a_set_counts_each_attribute() {
        let a: &[Ava<'_>] = &[(OU, UTF8, b"a"), (OU, UTF8, b"A"), (OU, UTF8, b"b")];
        let b: &[Ava<'_>] = &[(OU, UTF8, b"a"), (OU, UTF8, b"B"), (OU, UTF8, b"b")];
        let c: &[Ava<'_>] = &[(OU, UTF8, b"a"), (OU, UTF8, b"b")];
        assert!(!matches(&name(&[a]), &name(&[b])));
        assert!(!matches(&name(&[a]), &name(&[c])));
    }

    #[test]
    fn subtrees() {
        let (c, o, cn): (Ava<'_>, Ava<'_>, Ava<'_>) =
            ((C, PRINTABLE, b"NL"), (O, UTF8, b"Org"), (CN, UTF8, b"a"));
        let full = name(&[&[c], &[o], &[cn]]);
        assert!(has_prefix(&full, &full));
        assert!(has_prefix(&full, &name(&[])));
        assert!(has_prefix(&full, &name(&[&[c], &[o]])));
        assert!(has_prefix(
            &full,
            &name(&[&[(C, UTF8, b"nl")], &[(O, PRINTABLE, b"ORG ")]])
        ));
        assert!(!has_prefix(&full, &name(&[&[o]])));
        assert!(!has_prefix(&full, &name(&[&[c], &[(O, UTF8, b"Or")]])));
        assert!(!has_prefix(&name(&[&[c]]), &full));
        assert!(!has_prefix(&name(&[]), &name(&[&[c]])));
        assert!(!has_prefix(&name(&[&[c, o]]), &name(&[&[c]])));
    }

    #[test]
    fn a_set_of_thousands_is_no_burden() {
        let count = if cfg!(miri) { 20 } else { 4000u16 };
        let values: Vec<_> = (0..count).map(|n| std::format!("a{n:05}ß")).collect();
        let lower: Vec<Ava<'_>> = values.iter().map(|v| (OU, UTF8, v.as_bytes())).collect();
        let spaced: Vec<_> = values
            .iter()
            .rev()
            .map(|v| std::format!("A{} ", &v[1..]))
            .collect();
        let spaced: Vec<Ava<'_>> = spaced.iter().map(|v| (OU, UTF8, v.as_bytes())).collect();
        let wrap = |avas: &[Ava<'_>]| tlv(tag::SEQUENCE, &rdn(avas));
        assert!(matches(&wrap(&lower), &wrap(&spaced)));
    }

    proptest! {
        /// P4: name constraints compare normal forms, which decide as comparison does.
        #[test]
        fn normal_forms_decide_as_comparison_does(a in any_name(), b in any_name()) {
            let (a, b) = (Name::from_der(&a).unwrap(), Name::from_der(&b).unwrap());
            let form = |name: &Name<'_>| name.normal_form(Teletex::Latin1);
            prop_assert_eq!(form(&a).starts_with(&form(&b)), a.has_prefix(&b));
            prop_assert_eq!(form(&a) == form(&b), a.matches(&b));
        }

        #[test]
        fn a_glance_says_what_a_long_look_says(a in any_name(), b in any_name()) {
            for (a, b) in [(&a, &b), (&b, &a), (&a, &a)] {
                let (a, b) = (Name::from_der(a).unwrap(), Name::from_der(b).unwrap());
                if let Some(matches) = a.glance(&b) {
                    prop_assert_eq!(matches, pairwise(a.rdns(), b.rdns(), |a, b| a.matches(b)));
                }
            }
        }

        #[test]
        fn values_that_differ_plainly_have_different_forms(
            a in "[aAbkK\u{212a}ß \\t\x00\u{ad}äÄ\u{308}\u{338}=ﬁ]{0,5}",
            b in "[aAbkK\u{212a}ß \\t\x00\u{ad}äÄ\u{308}\u{338}=ﬁ]{0,5}",
        ) {
            let common = octets::common_prefix(a.as_bytes(), b.as_bytes());
            if differ_plainly(a.as_bytes(), b.as_bytes(), common) {
                let a = Prepared::new(tag::UTF8_STRING, a.as_bytes()).unwrap();
                let b = Prepared::new(tag::UTF8_STRING, b.as_bytes()).unwrap();
                prop_assert!(a != b);
            }
        }

        #[test]
        fn matching_is_an_equivalence_that_keys_respect(a in any_name(), b in any_name(), c in any_name()) {
            prop_assert!(matches(&a, &a));
            if matches(&a, &b) && matches(&b, &c) {
                prop_assert!(matches(&a, &c));
            }
            let (a, b) = (Name::from_der(&a).unwrap(), Name::from_der(&b).unwrap());
            prop_assert!(a.has_prefix(&a));
            prop_assert_eq!(a.matches(&b), a.has_prefix(&b) && b.has_prefix(&a));
        }

        #[test]
        fn values_match_alike_alone_and_in_a_set(a in any_value(), b in any_value()) {
            let alone = |(tag, value): &(u8, Vec<u8>)| name(&[&[(CN, *tag, value)]]);
            let in_set = |(tag, value): &(u8, Vec<u8>)| name(&[&[(CN, *tag, value), (O, UTF8, b"o")]]);
            prop_assert_eq!(matches(&alone(&a), &alone(&b)), matches(&in_set(&a), &in_set(&b)));
        }

        #[test]
        fn never_panics(a in proptest::collection::vec(any::<u8>(), 0..48), b in proptest::collection::vec(any::<u8>(), 0..48)) {
            let (a, b) = (Name::from_checked(&a), Name::from_checked(&b));
            let _ = a.matches(&b);
            let _ = a.has_prefix(&b);
            let _ = key(&a, &RandomState::new());
        }
    }
}
