//! Writing DER: the little of it that this crate makes itself. What is received is never written
//! again.

use alloc::vec::Vec;

use super::tag;

/// An element: its tag, the length of its content, and the parts of the content one behind the
/// other.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(2 + size_of::<usize>() + length);
    out.push(tag);
    let octets = length.to_be_bytes();
    let octets = octets.iter().skip_while(|octet| **octet == 0);
    if length >= 0x80 {
        out.push(octets.clone().fold(0x80, |count, _| count + 1));
    }
    match length {
        0 => out.push(0),
        _ => out.extend(octets),
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// A SEQUENCE of these elements.
pub(crate) fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(tag::SEQUENCE, elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::Reader;

    #[test]
    fn lengths_are_minimal() {
        let head = |length: usize| {
            let content = alloc::vec![7; length];
            let (first, second) = content.split_at(length / 3);
            let mut written = element(tag::OCTET_STRING, &[first, second]);
            let read = Reader::new(&written).only(tag::OCTET_STRING).unwrap();
            assert_eq!(read.value, content);
            written.truncate(written.len() - length);
            written
        };
        assert_eq!(head(0), [4, 0]);
        assert_eq!(head(0x7f), [4, 0x7f]);
        assert_eq!(head(0x80), [4, 0x81, 0x80]);
        assert_eq!(head(0xff), [4, 0x81, 0xff]);
        assert_eq!(head(0x100), [4, 0x82, 1, 0]);
        assert_eq!(head(0x1_0002), [4, 0x83, 1, 0, 2]);
    }

    #[test]
    fn elements_stand_in_their_order() {
        let inner = [element(tag::BOOLEAN, &[&[0xff]]), element(tag::NULL, &[])];
        let both = sequence(&[&inner[0], &inner[1]]);
        assert_eq!(both, [0x30, 5, 1, 1, 0xff, 5, 0]);
    }
}
