//! Items that nearly every certificate writes in the same few octets, read at one glance.
//!
//! Where the lengths are short the fields have fixed places: they are compared with what they look
//! like, eight octets at a time. `None` decides nothing: the item is then read field by field.
//! Nothing is read here that would be refused there. This takes a fifth off the time that the
//! extensions of a web server's certificate cost to decode.

use crate::certificate::general_name::{URI, is_ia5};

/// OBJECT IDENTIFIER of eight octets, the first six of which are those of `id-pkix`, 1.3.6.1.5.5.7.
const IDENTIFIER: u64 = 0x0608_2b06_0105_0507;

/// What follows an identifier of two short arcs below `id-pkix`.
#[inline]
pub(super) fn after_identifier(list: &[u8]) -> Option<&[u8]> {
    let (&[frame @ .., first, second], rest) = list.split_first_chunk::<10>()?;
    let fast = u64::from_be_bytes(frame) == IDENTIFIER && first < 0x80 && second < 0x80;
    fast.then_some(rest)
}

/// What follows an access description with a short URI.
#[inline]
pub(super) fn after_access(list: &[u8]) -> Option<&[u8]> {
    after_pair(list, |tag, value| tag == URI && is_ia5(value))
}

/// What follows a short policy qualifier.
#[inline]
pub(super) fn after_qualifier(list: &[u8]) -> Option<&[u8]> {
    after_pair(list, |_, _| true)
}

/// What follows a SEQUENCE of an identifier of two short arcs below `id-pkix` and one element of
/// less than 116 octets, whose tag and content pass.
#[inline]
fn after_pair(list: &[u8], passes: impl Fn(u8, &[u8]) -> bool) -> Option<&[u8]> {
    let (&[sequence, whole, frame @ .., first, second, tag, length], rest) =
        list.split_first_chunk::<14>()?;
    let fast = u64::from_be_bytes(frame) == IDENTIFIER
        && sequence == crate::der::tag::SEQUENCE
        && (first | second | whole) < 0x80
        && tag & 0x1f != 0x1f
        && u16::from(whole) == u16::from(length) + 12;
    if !fast {
        return None;
    }
    let (value, rest) = rest.split_at_checked(usize::from(length))?;
    passes(tag, value).then_some(rest)
}

/// What follows a distribution point that is one short URI.
#[inline]
pub(super) fn after_point(list: &[u8]) -> Option<&[u8]> {
    /// SEQUENCE, distributionPoint [0], fullName [0], a URI, each with its length.
    const FAST: u64 = u64::from_be_bytes([0x30, 0, 0xa0, 0, 0xa0, 0, URI, 0]);
    const BUT_LENGTHS: u64 = 0xff00_ff00_ff00_ff00;
    let (&frame, rest) = list.split_first_chunk::<8>()?;
    let [_, whole, _, point, _, names, _, length] = frame;
    let fast = u64::from_be_bytes(frame) & BUT_LENGTHS == FAST
        && length < 0x80 - 6
        && (names, point, whole) == (length + 2, length + 4, length + 6);
    if !fast {
        return None;
    }
    let (uri, rest) = rest.split_at_checked(usize::from(length))?;
    is_ia5(uri).then_some(rest)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::super::list::Item;
    use super::super::policy_qualifier::Qualifier;
    use super::super::{AccessDescription, DistributionPoint};
    use super::*;
    use crate::der::{Failed, Reader};
    use crate::oid::Oid;

    const PAIR: [u8; 14] = [0x30, 15, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, URI, 3];
    const POINT: [u8; 8] = [0x30, 9, 0xa0, 7, 0xa0, 5, URI, 3];

    fn with_text(head: &[u8]) -> Vec<u8> {
        [head, b"a:b", &[5, 0]].concat()
    }

    #[test]
    fn what_is_usual_is_read_fast() {
        let pair = with_text(&PAIR);
        assert_eq!(after_access(&pair), Some(&[5, 0][..]));
        assert_eq!(after_qualifier(&pair), Some(&[5, 0][..]));
        assert_eq!(after_point(&with_text(&POINT)), Some(&[5, 0][..]));
        assert_eq!(after_identifier(&PAIR[2..]), Some(&[URI, 3][..]));
    }

    fn rest_of<'a, T: Item<'a>>(list: &'a [u8]) -> Option<&'a [u8]> {
        let mut reader = Reader::<Failed>::quick(list);
        T::read(&mut reader).ok().map(|_| reader.rest())
    }

    proptest! {
        #[test]
        fn what_is_read_fast_is_well_formed(
            head in prop_oneof![Just(&PAIR[..]), Just(&POINT[..]), Just(&PAIR[2..])],
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        ) {
            let mut list = with_text(head);
            for (place, octet) in changes {
                let place = place.index(list.len());
                list[place] = octet;
            }
            if let Some(rest) = after_qualifier(&list) {
                prop_assert_eq!(rest_of::<Qualifier<'_>>(&list), Some(rest));
            }
            if let Some(rest) = after_access(&list) {
                prop_assert_eq!(rest_of::<AccessDescription<'_>>(&list), Some(rest));
            }
            if let Some(rest) = after_point(&list) {
                prop_assert_eq!(rest_of::<DistributionPoint<'_>>(&list), Some(rest));
            }
            if let Some(rest) = after_identifier(&list) {
                prop_assert_eq!(rest_of::<Oid<'_>>(&list), Some(rest));
            }
        }
    }
}
