//! Certificates from a few octets. There are only a few names, keys and signers, so that
//! certificates form paths by chance.

use portcullis_testkit::der::{generalized_time, sequence, tlv};
use portcullis_testkit::parts::{ED25519, ce};

use crate::input::Input;

/// A key that no provider can use.
pub const UNUSABLE_KEY: u8 = 7;

const KEYS: usize = 8;
const NAMES: usize = 11;

/// The key in a forged SubjectPublicKeyInfo.
pub fn key_of(bits: &[u8]) -> Option<u8> {
    match bits {
        [key, rest @ ..] if rest.len() == 31 && rest.iter().all(|&b| b == 0xee) => Some(*key),
        _ => None,
    }
}

/// The signer in a forged signature.
pub fn signer_of(signature: &[u8]) -> Option<u8> {
    match signature {
        [signer, rest @ ..] if rest.len() == 63 && rest.iter().all(|&b| b == 0xee) => Some(*signer),
        _ => None,
    }
}

/// What is unusual about a certificate. The fields follow in this order.
mod odd {
    pub const KEY: u8 = 1;
    pub const SIGNER: u8 = 2;
    pub const PERIOD: u8 = 4;
    pub const AUTHORITY: u8 = 8;
    pub const USAGE: u8 = 16;
    pub const KEY_IDS: u8 = 32;
    pub const EXTENSIONS: u8 = 64;
    pub const UNKNOWN: u8 = 128;
}

/// Reads subject, issuer, and what is unusual, and makes the certificate.
///
/// By default it is a CA, has the key of its name, and is signed with the key of its issuer's name.
pub fn certificate(input: &mut Input<'_>) -> Vec<u8> {
    let (subject, issuer) = (input.below(NAMES), input.below(NAMES));
    let odd = input.byte();
    let mut key = |name: usize, bit: u8| match odd & bit {
        0 => (name % 8 % UNUSABLE_KEY as usize) as u8,
        _ => input.below(KEYS) as u8,
    };
    let (key, signer) = (key(subject, odd::KEY), key(issuer, odd::SIGNER));
    let periods = [
        ("20240101000000Z", "20440101000000Z"),
        ("20250101000000Z", "20260101000000Z"),
        ("20260101000000Z", "20270101000000Z"),
        ("19500101000000Z", "99991231235959Z"),
        ("20240101000000Z", "20250101000000Z"),
    ];
    let (not_before, not_after) = match odd & odd::PERIOD {
        0 => periods[0],
        _ => *input.pick(&periods),
    };
    let dates = [time(not_before), time(not_after)];
    let spki = [ED25519.to_vec(), tlv(3, &marked(0, key, 32))];
    let extensions = extensions(input, odd, key, signer);
    let mut tbs = vec![0xa0, 3, 2, 1, 2, 2, 1, 1];
    for field in [
        &ED25519[..],
        &name(issuer),
        &tlv(0x30, &dates.concat()),
        &name(subject),
        &tlv(0x30, &spki.concat()),
        &tlv(0xa3, &tlv(0x30, &extensions)),
    ] {
        tbs.extend(field);
    }
    let signature = tlv(3, &marked(0, signer, 64));
    sequence(&[&tlv(0x30, &tbs), &ED25519[..], &signature])
}

/// The count of unused bits, the mark, and filler octets.
fn marked(unused: u8, mark: u8, length: usize) -> Vec<u8> {
    let mut out = vec![0xee; length + 1];
    out[0] = unused;
    out[1] = mark;
    out
}

/// The names from 8 on are those from 0 on in other bytes, equal by RFC 5280 section 7.1. Number 3
/// is below number 2.
fn name(number: usize) -> Vec<u8> {
    let common = |text: &str| {
        let attribute = [&[6, 3, 0x55, 4, 3][..], &tlv(0x0c, text.as_bytes())].concat();
        tlv(0x31, &tlv(0x30, &attribute))
    };
    let rdns = match number {
        0..3 | 4..7 => common(&format!("name {number}")),
        3 => [common("name 2"), common("below")].concat(),
        7 => Vec::new(),
        _ => common(&format!("NAME  {}", number - 8)),
    };
    tlv(0x30, &rdns)
}

/// 1950 is written as GeneralizedTime here, which RFC 5280 does not allow.
fn time(text: &str) -> Vec<u8> {
    match text.as_bytes() {
        [b'2', b'0', short @ ..] if text < "2050" => tlv(0x17, short),
        _ => generalized_time(text),
    }
}

fn extensions(input: &mut Input<'_>, odd: u8, key: u8, signer: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut add = |last: u8, critical: bool, value: &[u8]| {
        out.extend(ce(last, critical, value));
    };
    let authority = if odd & odd::AUTHORITY == 0 {
        0
    } else {
        input.byte()
    };
    match authority % 6 {
        0 => add(19, true, &[0x30, 3, 1, 1, 0xff]),
        n @ 1..4 => add(19, true, &[0x30, 6, 1, 1, 0xff, 2, 1, n - 1]),
        4 => add(19, false, &[0x30, 0]),
        _ => {}
    }
    match authority / 6 % 4 {
        2 => add(15, true, &[3, 2, 1, 6]),
        3 => add(15, true, &[3, 2, 7, 0x80]),
        _ => {}
    }
    if odd & odd::USAGE != 0 {
        let purpose = |last: u8| tlv(6, &[0x2b, 6, 1, 5, 5, 7, 3, last]);
        let purposes = match input.below(4) {
            0 => purpose(1),
            1 => purpose(2),
            2 => [purpose(1), purpose(2)].concat(),
            _ => vec![6, 4, 0x55, 0x1d, 37, 0],
        };
        add(37, false, &tlv(0x30, &purposes));
    }
    if odd & odd::KEY_IDS != 0 {
        let (own, above) = (input.byte(), input.byte());
        let id = |choice: u8, key: u8| if choice & 1 == 0 { key } else { choice };
        add(14, false, &tlv(4, &[id(own, key); 4]));
        add(35, false, &tlv(0x30, &tlv(0x80, &[id(above, signer); 4])));
    }
    if odd & odd::EXTENSIONS != 0 {
        let kinds = input.byte();
        if kinds & 1 != 0 {
            let many = input.below(4);
            let names: Vec<Vec<u8>> = (0..many).map(|_| general_name(input)).collect();
            add(17, false, &tlv(0x30, &names.concat()));
        }
        if kinds & 2 != 0 {
            add(30, true, &name_constraints(input));
        }
        if kinds & 4 != 0 {
            add(32, false, &policies(input));
        }
        if kinds & 8 != 0 {
            add(33, true, &mappings(input));
        }
        if kinds & 16 != 0 {
            let [require, inhibit] = [0x80, 0x81].map(|tag| tlv(tag, &[input.byte() & 3]));
            add(36, true, &tlv(0x30, &[require, inhibit].concat()));
        }
        if kinds & 32 != 0 {
            add(54, true, &[2, 1, input.byte() & 3]);
        }
    }
    if odd & odd::UNKNOWN != 0 {
        add(99, input.flag(), &[5, 0]);
    }
    out
}

fn general_name(input: &mut Input<'_>) -> Vec<u8> {
    let text: &[&str] = &["example.com", "a.example.com", "*.example.com", "", "a@b.c"];
    match input.below(6) {
        0 => tlv(0x81, input.pick(text).as_bytes()),
        1 => tlv(0x86, b"https://a.example.com/"),
        2 => tlv(0x87, &[10, 0, 0, input.byte()]),
        3 => tlv(0xa4, &name(input.below(NAMES))),
        _ => tlv(0x82, input.pick(text).as_bytes()),
    }
}

fn name_constraints(input: &mut Input<'_>) -> Vec<u8> {
    let mut subtrees = |tag: u8| {
        let mut content = Vec::new();
        for _ in 0..input.below(3) {
            let base = match input.below(4) {
                0 => tlv(0x87, &[10, 0, 0, 0, 255, 255, 255, 0]),
                _ => general_name(input),
            };
            content.extend(tlv(0x30, &base));
        }
        if content.is_empty() {
            content
        } else {
            tlv(tag, &content)
        }
    };
    let (permitted, excluded) = (subtrees(0xa0), subtrees(0xa1));
    tlv(0x30, &[permitted, excluded].concat())
}

fn policy(number: usize) -> Vec<u8> {
    match number {
        0 => tlv(6, &[0x55, 0x1d, 32, 0]),
        n => tlv(6, &[0x2a, 3, n as u8]),
    }
}

fn policies(input: &mut Input<'_>) -> Vec<u8> {
    let many = 1 + input.below(3);
    let first = input.below(4);
    let listed = (0..many).map(|i| tlv(0x30, &policy((first + i) % 4)));
    tlv(0x30, &listed.collect::<Vec<_>>().concat())
}

fn mappings(input: &mut Input<'_>) -> Vec<u8> {
    let mut content = Vec::new();
    for _ in 0..=input.below(3) {
        let pair = [policy(input.below(4)), policy(input.below(4))].concat();
        content.extend(tlv(0x30, &pair));
    }
    tlv(0x30, &content)
}

#[cfg(test)]
mod tests {
    use portcullis::Certificate;

    use super::*;

    #[test]
    fn most_of_what_is_forged_parses() {
        let mut state = 1u32;
        let mut parsed = 0;
        for _ in 0..1_000 {
            let bytes: Vec<u8> = (0..64)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect();
            let der = certificate(&mut Input::new(&bytes));
            parsed += usize::from(Certificate::from_der(&der).is_ok());
        }
        assert!(parsed > 800, "{parsed}");
    }
}
