//! A writer for DER, small and trusting: what it is told to write, it writes, right or wrong.
//!
//! The faulty certificates need encodings that a careful builder refuses, so the callers hold the
//! pieces themselves.

/// Identifier, length and content octets of one element.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n @ 0..=0x7f => out.push(n as u8),
        n @ 0x80..=0xff => out.extend([0x81, n as u8]),
        n @ 0x100..=0xffff => out.extend([0x82, (n >> 8) as u8, n as u8]),
        n => out.extend([0x83, (n >> 16) as u8, (n >> 8) as u8, n as u8]),
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
        .map(|arc| arc.parse().expect("arcs of the generator are numbers"))
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

/// A Time from `YYYYMMDDHHMMSSZ`: UTCTime from 1950 to 2049, GeneralizedTime outside (RFC 5280
/// section 4.1.2.5).
pub fn time(text: &str) -> Vec<u8> {
    if ("1950".."2050").contains(&&text[..4]) {
        return tlv(0x17, &text.as_bytes()[2..]);
    }
    tlv(0x18, text.as_bytes())
}

pub fn concat<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| part.as_ref().iter().copied())
        .collect()
}
