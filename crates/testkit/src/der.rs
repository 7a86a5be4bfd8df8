//! A writer of DER that writes what it is told to, right or wrong.
//!
//! Faulty certificates need encodings that a careful builder refuses, so the callers hold the
//! elements themselves.

/// Identifier, length and content octets of one element.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..0x80 => out.push(short as u8),
        long => {
            let octets = long.to_be_bytes();
            let significant = &octets[(long.leading_zeros() / 8) as usize..];
            out.push(0x80 | significant.len() as u8);
            out.extend_from_slice(significant);
        }
    }
    out.extend_from_slice(content);
    out
}

/// A SEQUENCE of encoded elements.
pub fn sequence<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    tlv(0x30, &concat(parts))
}

/// A SET OF encoded elements, in the order that DER asks for.
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tlv(0x31, &concat(&parts))
}

/// `[n] EXPLICIT`, or `[n] IMPLICIT` over a constructed type whose content this is.
pub fn constructed(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, content)
}

/// `[n] IMPLICIT` over a primitive type.
pub fn primitive(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, content)
}

pub fn boolean(value: bool) -> Vec<u8> {
    tlv(0x01, &[if value { 0xff } else { 0 }])
}

/// A non-negative INTEGER from big-endian octets, leading zeros or not.
pub fn unsigned(octets: &[u8]) -> Vec<u8> {
    let significant: Vec<u8> = octets.iter().copied().skip_while(|&o| o == 0).collect();
    match significant.first() {
        None => tlv(0x02, &[0]),
        Some(&first) if first >= 0x80 => tlv(0x02, &concat(&[&[0][..], &significant])),
        Some(_) => tlv(0x02, &significant),
    }
}

pub fn small(value: u32) -> Vec<u8> {
    unsigned(&value.to_be_bytes())
}

/// A BIT STRING of whole octets.
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(0x03, &concat(&[&[0][..], octets]))
}

/// A BIT STRING with named bits, as DER wants it: no trailing zero bits (X.690 section 11.2.2).
pub fn named_bits(bits: &[u8]) -> Vec<u8> {
    let Some(&last) = bits.iter().max() else {
        return tlv(0x03, &[0]);
    };
    let mut content = vec![0u8; usize::from(last / 8) + 2];
    content[0] = 7 - last % 8;
    for bit in bits {
        content[usize::from(bit / 8) + 1] |= 0x80 >> (bit % 8);
    }
    tlv(0x03, &content)
}

pub fn octet_string(octets: &[u8]) -> Vec<u8> {
    tlv(0x04, octets)
}

pub fn null() -> Vec<u8> {
    tlv(0x05, &[])
}

pub fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, text.as_bytes())
}

pub fn enumerated(value: u8) -> Vec<u8> {
    tlv(0x0a, &[value])
}

pub fn ia5(text: &str) -> Vec<u8> {
    tlv(0x16, text.as_bytes())
}

pub fn oid(dotted: &str) -> Vec<u8> {
    tlv(0x06, &oid_content(dotted))
}

/// The content octets of an OBJECT IDENTIFIER written in dotted decimal.
pub fn oid_content(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u32> = dotted
        .split('.')
        .map(|arc| arc.parse().expect("arcs are numbers"))
        .collect();
    let mut out = Vec::new();
    push_arc(&mut out, arcs[0] * 40 + arcs[1]);
    for &arc in &arcs[2..] {
        push_arc(&mut out, arc);
    }
    out
}

fn push_arc(out: &mut Vec<u8>, arc: u32) {
    let mut groups = vec![(arc & 0x7f) as u8];
    let mut rest = arc >> 7;
    while rest > 0 {
        groups.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    groups.reverse();
    out.extend(groups);
}

/// A GeneralizedTime from `YYYYMMDDHHMMSSZ`, in any year, as all times of OCSP are.
pub fn generalized_time(text: &str) -> Vec<u8> {
    tlv(0x18, text.as_bytes())
}

/// A Time from `YYYYMMDDHHMMSSZ`: UTCTime from 1950 to 2049, GeneralizedTime outside (RFC 5280
/// section 4.1.2.5).
pub fn time(text: &str) -> Vec<u8> {
    if ("1950".."2050").contains(&&text[..4]) {
        return tlv(0x17, &text.as_bytes()[2..]);
    }
    generalized_time(text)
}

pub fn concat<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| part.as_ref().iter().copied())
        .collect()
}

/// The first element of `der`: its tag, its content, and what follows it. `None` where none begins
/// there, or where its length takes more than three octets.
pub fn split(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (octets.iter().fold(0, |n, &b| n << 8 | usize::from(b)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The elements that stand one after the other in `der`, each whole.
///
/// # Panics
///
/// Where something else stands there.
pub fn elements(mut der: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while !der.is_empty() {
        let (_, _, rest) = split(der).expect("elements of DER");
        let (element, rest) = der.split_at(der.len() - rest.len());
        all.push(element);
        der = rest;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_as_many_octets_as_they_need() {
        for (length, header) in [
            (0, &[4, 0][..]),
            (0x7f, &[4, 0x7f]),
            (0x80, &[4, 0x81, 0x80]),
            (0x100, &[4, 0x82, 1, 0]),
            (0x1_0000, &[4, 0x83, 1, 0, 0]),
        ] {
            let der = octet_string(&vec![7; length]);
            assert_eq!(&der[..header.len()], header);
            let (tag, content, rest) = split(&der).unwrap();
            assert_eq!((tag, content.len(), rest.len()), (4, length, 0));
        }
    }

    #[test]
    fn elements_are_found_again() {
        let parts = [small(5), null(), utf8("text")];
        assert_eq!(elements(&parts.concat()), parts);
        assert_eq!(split(&[4, 2, 7]), None);
    }

    #[test]
    fn numbers_and_bits_are_as_short_as_der_wants_them() {
        assert_eq!(small(0), [2, 1, 0]);
        assert_eq!(small(0x80), [2, 2, 0, 0x80]);
        assert_eq!(named_bits(&[5, 6]), [3, 2, 1, 6]);
        assert_eq!(named_bits(&[]), [3, 1, 0]);
        assert_eq!(oid("2.5.29.15"), [6, 3, 0x55, 0x1d, 15]);
        assert_eq!(oid_content("1.2.840"), [0x2a, 0x86, 0x48]);
        assert_eq!(time("20500101000000Z")[0], 0x18);
        assert_eq!(time("20491231235959Z")[0], 0x17);
    }
}
