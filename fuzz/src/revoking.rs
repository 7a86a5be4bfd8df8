//! A PKI of forged certificates that name CRLs and responders, and CRLs and OCSP responses about
//! them, made from a few octets.
//!
//! A party has one number for its name and its key. A signature names the key under which it holds
//! ([`crate::stub`]).

use portcullis::certificate::sha1;
use portcullis_testkit::der::{generalized_time, sequence, tlv};
use portcullis_testkit::names::common_name;
use portcullis_testkit::parts::{ED25519, ce, cert_id, extension};

use crate::edit;
use crate::input::Input;

pub const ROOT: u8 = 0;
pub const CA: u8 = 1;
/// A CRL issuer, if a distribution point of the leaf names it.
pub const LISTS: u8 = 2;
/// A delegated responder of the CA.
pub const RESPONDER: u8 = 3;
pub const LEAF: u8 = 4;
/// The CA with another key.
pub const OTHER_KEY: u8 = 5;
const PARTIES: usize = 7;

const DATES: [&str; 6] = [
    "251215000000Z",
    "251220000000Z",
    "251201000000Z",
    "260105000000Z",
    "260115000000Z",
    "251225000000Z",
];

/// The certificate of a party. Its serial number is the number of the party plus one. If
/// `indirect`, the distribution point of the leaf names [`LISTS`] as CRL issuer.
pub fn certificate(party: u8, indirect: bool) -> Vec<u8> {
    let issuer = match party {
        ROOT | CA | LISTS | OTHER_KEY => ROOT,
        _ => CA,
    };
    let mut extensions = Vec::new();
    match party {
        ROOT | CA => {
            extensions.extend(ce(19, true, &[0x30, 3, 1, 1, 0xff]));
            extensions.extend(ce(15, true, &[3, 2, 1, 6]));
        }
        LISTS | OTHER_KEY => extensions.extend(ce(15, true, &[3, 2, 1, 2])),
        RESPONDER => {
            let usage = tlv(0x30, &tlv(6, &[0x2b, 6, 1, 5, 5, 7, 3, 9]));
            extensions.extend(ce(37, false, &usage));
        }
        _ => {}
    }
    if party != RESPONDER {
        let url = |kind: &str| tlv(0x86, format!("http://a/{kind}{party}").as_bytes());
        let mut point = tlv(0xa0, &tlv(0xa0, &[url("l"), url("m")].concat()));
        if indirect && party == LEAF {
            point.extend(tlv(0xa2, &tlv(0xa4, &name(LISTS))));
        }
        let points = tlv(0x30, &tlv(0x30, &point));
        extensions.extend(ce(31, false, &points));
        let ocsp = [&tlv(6, &[0x2b, 6, 1, 5, 5, 7, 0x30, 1])[..], &url("o")].concat();
        let access = tlv(0x30, &tlv(0x30, &ocsp));
        extensions.extend(extension(&[0x2b, 6, 1, 5, 5, 7, 1, 1], None, &access));
    }
    let spki = [ED25519.to_vec(), tlv(3, &marked(party, 32))].concat();
    let period = [tlv(0x17, b"240101000000Z"), tlv(0x17, b"440101000000Z")].concat();
    let subject = if party == OTHER_KEY { CA } else { party };
    let tbs = [
        vec![0xa0, 3, 2, 1, 2, 2, 1, party + 1],
        ED25519.to_vec(),
        name(issuer),
        tlv(0x30, &period),
        name(subject),
        tlv(0x30, &spki),
        tlv(0xa3, &tlv(0x30, &extensions)),
    ];
    signed(&tbs.concat(), issuer)
}

/// Evidence: forged, edited, or octets of the input.
pub fn evidence(input: &mut Input<'_>) -> Vec<u8> {
    let kind = input.byte();
    let der = match kind % 4 {
        0 | 3 => list(input),
        1 => response(input),
        _ => {
            let length = input.u16();
            return input.take(length.into()).to_vec();
        }
    };
    match kind & 0x80 {
        0 => der,
        _ => edit::edited(&der, input),
    }
}

/// What is unusual about a CRL. The fields follow in this order.
mod odd {
    pub const SIGNER: u8 = 1;
    pub const DATES: u8 = 2;
    pub const NUMBER: u8 = 4;
    pub const DELTA: u8 = 8;
    pub const SCOPE: u8 = 16;
    pub const UNKNOWN: u8 = 32;
    pub const V1: u8 = 64;
    pub const FRESHEST: u8 = 128;
}

/// Reads issuer, what is unusual, and entries.
fn list(input: &mut Input<'_>) -> Vec<u8> {
    let issuer = input.below(4) as u8;
    let odd = input.byte();
    let has = |bit: u8| odd & bit != 0;
    let signer = if has(odd::SIGNER) {
        input.below(PARTIES) as u8
    } else {
        issuer
    };
    let mut dates = [DATES[0], DATES[4]];
    if has(odd::DATES) {
        dates = dates.map(|_| *input.pick(&DATES));
    }
    let mut extensions = Vec::new();
    let number = if has(odd::NUMBER) {
        input.byte() & 15
    } else {
        7
    };
    extensions.extend(ce(20, false, &[2, 1, number]));
    if has(odd::DELTA) {
        let base = input.byte() & 15;
        extensions.extend(ce(27, true, &[2, 1, base]));
    }
    if has(odd::SCOPE) {
        extensions.extend(ce(28, true, &scope(input)));
    }
    if has(odd::UNKNOWN) {
        extensions.extend(ce(99, true, &[5, 0]));
    }
    if has(odd::FRESHEST) {
        let url = tlv(0x86, b"http://a/d");
        let points = tlv(0x30, &tlv(0x30, &tlv(0xa0, &tlv(0xa0, &url))));
        extensions.extend(ce(46, false, &points));
    }
    let entries: Vec<u8> = (0..input.below(4)).flat_map(|_| entry(input)).collect();
    let mut tbs = Vec::new();
    if !has(odd::V1) {
        tbs.extend([2, 1, 1]);
    }
    tbs.extend(ED25519);
    tbs.extend(name(issuer));
    dates
        .iter()
        .for_each(|date| tbs.extend(tlv(0x17, date.as_bytes())));
    if !entries.is_empty() {
        tbs.extend(tlv(0x30, &entries));
    }
    if !has(odd::V1) {
        tbs.extend(tlv(0xa0, &tlv(0x30, &extensions)));
    }
    signed(&tbs, signer)
}

/// Reads whose certificate it is, and one octet for reason and certificateIssuer.
fn entry(input: &mut Input<'_>) -> Vec<u8> {
    let serial = input.below(PARTIES) as u8 + 1;
    let how = input.byte();
    let mut extensions = Vec::new();
    if how & 15 < 11 {
        extensions.extend(ce(21, false, &[10, 1, how & 15]));
    }
    if how & 0x30 == 0x30 {
        let names = tlv(0x30, &tlv(0xa4, &name(how >> 6)));
        extensions.extend(ce(29, true, &names));
    }
    let mut content = vec![2, 1, serial];
    content.extend(tlv(0x17, b"250601000000Z"));
    if !extensions.is_empty() {
        content.extend(tlv(0x30, &extensions));
    }
    tlv(0x30, &content)
}

fn scope(input: &mut Input<'_>) -> Vec<u8> {
    let bits = input.byte();
    let mut content = Vec::new();
    if bits & 1 != 0 {
        let of = input.below(PARTIES);
        let url = tlv(0x86, format!("http://a/l{of}").as_bytes());
        content.extend(tlv(0xa0, &tlv(0xa0, &url)));
    }
    for (bit, number) in [(2, 1), (4, 2)] {
        if bits & bit != 0 {
            content.extend([0x80 | number, 1, 0xff]);
        }
    }
    if bits & 8 != 0 {
        let reasons = if bits & 64 == 0 { 0x70 } else { 0x0f };
        content.extend([0x83, 3, 7, reasons, 0x80 & reasons << 7]);
    }
    for (bit, number) in [(16, 4), (32, 5)] {
        if bits & bit != 0 {
            content.extend([0x80 | number, 1, 0xff]);
        }
    }
    tlv(0x30, &content)
}

/// Reads responder, signer and statements.
fn response(input: &mut Input<'_>) -> Vec<u8> {
    let responder = input.below(4) as u8;
    let signer = match input.byte() {
        octet if octet < 0x80 => responder,
        octet => octet & 7,
    };
    let singles: Vec<u8> = (0..input.below(4)).flat_map(|_| single(input)).collect();
    let moment = |date: &str| generalized_time(&format!("20{date}"));
    let data = [
        tlv(0xa1, &name(responder)),
        moment("251231000000Z"),
        tlv(0x30, &singles),
    ];
    let mut basic = [tlv(0x30, &data.concat()), ED25519.to_vec()].concat();
    basic.extend(tlv(3, &marked(signer, 64)));
    if responder == RESPONDER {
        let sent = certificate(RESPONDER, false);
        basic.extend(tlv(0xa0, &tlv(0x30, &sent)));
    }
    let kind = tlv(6, &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1]);
    let bytes = [kind, tlv(4, &tlv(0x30, &basic))].concat();
    sequence(&[vec![10, 1, 0], tlv(0xa0, &tlv(0x30, &bytes))])
}

/// Reads whose certificate it is, and one octet for the status and its dates.
fn single(input: &mut Input<'_>) -> Vec<u8> {
    let party = input.below(PARTIES) as u8;
    let how = input.byte();
    let issuer = if party < 3 { ROOT } else { CA };
    let id = cert_id(
        &sha1(&name(issuer)),
        &sha1(&marked(issuer, 32)[1..]),
        &[party + 1],
    );
    let moment = |date: &str| generalized_time(&format!("20{date}"));
    let said = match how % 4 {
        0 | 3 => vec![0x80, 0],
        1 => tlv(0xa1, &moment("250601000000Z")),
        _ => vec![0x82, 0],
    };
    let this = DATES[usize::from(how >> 2) % DATES.len()];
    let next = if how & 0x80 == 0 { DATES[4] } else { DATES[2] };
    let parts = [id, said, moment(this), tlv(0xa0, &moment(next))];
    sequence(&parts)
}

fn signed(tbs: &[u8], signer: u8) -> Vec<u8> {
    let signature = tlv(3, &marked(signer, 64));
    sequence(&[&tlv(0x30, tbs), &ED25519[..], &signature])
}

/// The count of unused bits, the mark, and filler octets.
fn marked(mark: u8, length: usize) -> Vec<u8> {
    let mut out = vec![0xee; length + 1];
    out[0] = 0;
    out[1] = mark;
    out
}

fn name(party: u8) -> Vec<u8> {
    common_name(&format!("party {party}"))
}

#[cfg(test)]
mod tests {
    use portcullis::Certificate;
    use portcullis::revocation::{Crl, OcspResponse};

    use super::*;

    #[test]
    fn certificates_and_most_evidence_parse() {
        for party in [ROOT, CA, LISTS, RESPONDER, LEAF, OTHER_KEY] {
            for indirect in [false, true] {
                Certificate::from_der(&certificate(party, indirect)).unwrap();
            }
        }
        let mut state = 1u32;
        let (mut lists, mut responses) = (0, 0);
        for _ in 0..1_000 {
            let bytes: Vec<u8> = (0..64)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect();
            lists += usize::from(Crl::from_der(&list(&mut Input::new(&bytes))).is_ok());
            let response = response(&mut Input::new(&bytes));
            responses += usize::from(OcspResponse::from_der(&response).is_ok());
        }
        assert!(lists > 400 && responses > 600, "{lists} {responses}");
    }
}
