//! Distinguished names and general names.

use crate::der::{
    concat, constructed, ia5, oid, oid_content, primitive, sequence, set_of, tlv, utf8,
};

pub const COMMON_NAME: &str = "2.5.4.3";
pub const COUNTRY: &str = "2.5.4.6";
pub const LOCALITY: &str = "2.5.4.7";
pub const ORGANIZATION: &str = "2.5.4.10";
pub const ORGANIZATIONAL_UNIT: &str = "2.5.4.11";
pub const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";
pub const UPN: &str = "1.3.6.1.4.1.311.20.2.3";

/// AttributeTypeAndValue with the value's encoding given.
pub fn attribute(kind: &str, value: Vec<u8>) -> Vec<u8> {
    sequence(&[oid(kind), value])
}

/// A Name of RDNs that are sets of attributes.
pub fn name_of(rdns: Vec<Vec<Vec<u8>>>) -> Vec<u8> {
    let sets: Vec<Vec<u8>> = rdns.into_iter().map(set_of).collect();
    sequence(&sets)
}

/// A Name of single-valued RDNs in UTF8String.
pub fn name(pairs: &[(&str, &str)]) -> Vec<u8> {
    let rdns = pairs
        .iter()
        .map(|(kind, text)| vec![attribute(kind, utf8(text))]);
    name_of(rdns.collect())
}

/// `CN=…`, which keeps several hundred certificates small.
pub fn common_name(text: &str) -> Vec<u8> {
    name(&[(COMMON_NAME, text)])
}

pub fn printable(text: &str) -> Vec<u8> {
    tlv(0x13, text.as_bytes())
}

/// A TeletexString in Latin-1, as deployed certificates have it.
pub fn teletex(text: &str) -> Vec<u8> {
    let octets: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect();
    tlv(0x14, &octets)
}

pub fn bmp(text: &str) -> Vec<u8> {
    let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    tlv(0x1e, &octets)
}

pub fn dns(host: &str) -> Vec<u8> {
    primitive(2, host.as_bytes())
}

pub fn email(mailbox: &str) -> Vec<u8> {
    primitive(1, mailbox.as_bytes())
}

pub fn uri(text: &str) -> Vec<u8> {
    primitive(6, text.as_bytes())
}

/// An address, or, in a name constraint, an address and its mask.
pub fn ip(octets: &[u8]) -> Vec<u8> {
    primitive(7, octets)
}

/// `[4]` is explicit here: Name is a CHOICE.
pub fn directory(name: &[u8]) -> Vec<u8> {
    constructed(4, name)
}

pub fn registered_id(dotted: &str) -> Vec<u8> {
    primitive(8, &oid_content(dotted))
}

pub fn other_name(kind: &str, value: &[u8]) -> Vec<u8> {
    constructed(0, &concat(&[oid(kind), constructed(0, value)]))
}

/// Microsoft's user principal name.
pub fn upn(text: &str) -> Vec<u8> {
    other_name(UPN, &utf8(text))
}

/// The e-mail address in a subject, in IA5String as PKCS #9 has it.
pub fn subject_email(mailbox: &str) -> Vec<u8> {
    attribute(EMAIL_ADDRESS, ia5(mailbox))
}
