//! One CRL: parsing, every accessor, and the index against a linear search over all entries.
//!
//! The input is the bytes of a CRL or, if it does not begin like one, a recipe: for edits of a CRL,
//! or for a CRL with few serial numbers and issuers, so that there are repetitions and indirect
//! CRLs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::Name;
use portcullis::revocation::crl::{MAX_EXTENSIONS, MAX_NUMBER_OCTETS};
use portcullis::revocation::{Crl, CrlError, RevocationReason, RevokedEntry};
use portcullis_fuzz::edit::edited;
use portcullis_fuzz::input::Input;
use portcullis_testkit::der::tlv;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    match bytes.first() {
        Some(0x30) => look(bytes),
        Some(0) => {
            let _ = input.byte();
            let length = input.u16().into();
            let der = input.take(length);
            look(&edited(der, &mut input));
        }
        _ => {
            let _ = input.byte();
            look(&forged(&mut input));
        }
    }
});

fn look(der: &[u8]) {
    let list = match Crl::from_der(der) {
        Ok(list) => list,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.section().is_empty());
            if let CrlError::Encoding { error, .. } = error {
                assert!(error.offset as usize <= der.len());
            }
            assert_eq!(Crl::from_vec(der.to_vec()), Err(error));
            return;
        }
    };
    assert_eq!(list.as_der(), der);
    accessors(&list);
    entries(&list);
    assert_eq!(Crl::from_pem(list.to_pem().as_bytes()).as_ref(), Ok(&list));
}

fn accessors(list: &Crl) {
    let der = list.as_der();
    for part in [
        list.tbs(),
        list.signature(),
        list.signature_algorithm().as_der(),
        list.issuer().as_der(),
        list.idp_der().unwrap_or_default(),
    ] {
        assert!(is_inside(part, der));
    }
    assert!(!list.issuer().is_empty());
    assert_eq!(list.is_delta(), list.delta_base().is_some());
    for number in list.crl_number().into_iter().chain(list.delta_base()) {
        assert!((1..=MAX_NUMBER_OCTETS).contains(&number.as_bytes().len()));
    }
    assert!(list.crl_number().is_some() || !list.crl_number_is_critical());
    let scope = list.issuing_distribution_point();
    assert_eq!(scope.is_some(), list.idp_der().is_some());
    let _ = (list.authority_key_identifier(), list.freshest_crl());
    let extensions: Vec<_> = list.extensions().collect();
    assert!(extensions.len() <= MAX_EXTENSIONS);
    if let Some(flaw) = list.unusable() {
        assert!(!flaw.to_string().is_empty());
    }
    assert!(list.memory_size() >= der.len());
    assert!(!format!("{list:?} {:?} {:?}", list.version(), scope).is_empty());
}

fn entries(list: &Crl) {
    let all: Vec<_> = list.entries().collect();
    assert_eq!((all.len(), all.is_empty()), (list.len(), list.is_empty()));
    let is_indirect = list
        .issuing_distribution_point()
        .is_some_and(|scope| scope.indirect);
    for entry in &all {
        assert!(is_inside(entry.serial(), list.as_der()) && !entry.serial().is_empty());
        assert!(is_indirect || entry.issuer() == list.issuer());
    }
    // A linear search for each entry is quadratic.
    for entry in all.iter().take(100) {
        for issuer in [entry.issuer(), list.issuer()] {
            assert_eq!(
                list.find(entry.serial(), issuer),
                walk(&all, entry.serial(), &issuer)
            );
        }
        let mut other = entry.serial().to_vec();
        other[0] ^= 1;
        assert_eq!(
            list.find(&other, entry.issuer()),
            walk(&all, &other, &entry.issuer())
        );
    }
}

/// The first entry for this certificate that does not undo a revocation, or else the first.
fn walk<'a>(
    all: &[RevokedEntry<'a>],
    serial: &[u8],
    issuer: &Name<'_>,
) -> Option<RevokedEntry<'a>> {
    let mut same = all
        .iter()
        .filter(|entry| entry.serial() == serial && entry.issuer().matches(issuer));
    let first = same.next()?;
    let is_removal =
        |entry: &RevokedEntry<'_>| entry.reason() == Some(RevocationReason::RemoveFromCrl);
    if is_removal(first) {
        return Some(*same.find(|entry| !is_removal(entry)).unwrap_or(first));
    }
    Some(*first)
}

fn is_inside(part: &[u8], whole: &[u8]) -> bool {
    part.is_empty()
        || whole.as_ptr_range().contains(&part.as_ptr())
            && part.as_ptr_range().end <= whole.as_ptr_range().end
}

/// A CRL whose octets choose version, scope and entries.
fn forged(input: &mut Input<'_>) -> Vec<u8> {
    let version = if input.below(8) == 7 {
        Vec::new()
    } else {
        tlv(2, &[1])
    };
    let extensions = match input.below(4) {
        0 => Vec::new(),
        1 => explicit(&[extension(20, false, &tlv(2, &[1, input.byte()]))]),
        number => {
            let delta = extension(27, true, &tlv(2, &[1]));
            let scope = tlv(0x30, &[tlv(0x83, &[0]), tlv(0x84, &[0xff])].concat());
            let scope = extension(28, true, &scope);
            explicit(&[scope, delta][..number - 1])
        }
    };
    let mut entries = Vec::new();
    while !input.is_empty() {
        entries.extend(entry(input));
    }
    let algorithm = tlv(0x30, &tlv(6, &[0x2b, 0x65, 0x70]));
    let tbs = [
        version,
        algorithm.clone(),
        name(input.byte()),
        tlv(0x17, b"260101000000Z"),
        tlv(0x30, &entries),
        extensions,
    ];
    let parts = [tlv(0x30, &tbs.concat()), algorithm, tlv(3, &[0, 1])];
    tlv(0x30, &parts.concat())
}

/// An entry, without extensions or with one of a few sets of them.
fn entry(input: &mut Input<'_>) -> Vec<u8> {
    let kind = input.byte();
    let serial = match kind & 3 {
        0 => vec![1 + input.byte() % 7],
        1 => [&[1][..], &[input.byte(); 8]].concat(),
        _ => [&[0x40, input.byte() % 3][..], &[7; 14]].concat(),
    };
    let mut extensions = Vec::new();
    if kind & 4 != 0 {
        extensions.extend(extension(21, kind & 8 != 0, &tlv(10, &[input.byte() % 12])));
    }
    if kind & 0x30 == 0x30 {
        extensions.extend(extension(24, false, &tlv(0x18, b"20260101000000Z")));
    }
    if kind & 0xc0 == 0xc0 {
        let issuer = tlv(0x30, &tlv(0xa4, &name(input.byte())));
        extensions.extend(extension(29, true, &issuer));
    }
    let mut parts = [tlv(2, &serial), tlv(0x17, b"260101000000Z")].concat();
    if !extensions.is_empty() {
        parts.extend(tlv(0x30, &extensions));
    }
    tlv(0x30, &parts)
}

fn extension(arc: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical {
        tlv(1, &[0xff])
    } else {
        Vec::new()
    };
    let parts = [tlv(6, &[0x55, 0x1d, arc]), critical, tlv(4, value)];
    tlv(0x30, &parts.concat())
}

fn explicit(extensions: &[Vec<u8>]) -> Vec<u8> {
    tlv(0xa0, &tlv(0x30, &extensions.concat()))
}

/// One of a few names. Some differ in case and string type only.
fn name(number: u8) -> Vec<u8> {
    let text = [b"a", b"A", b"b", b"c"][usize::from(number & 3)];
    let string = if number & 4 != 0 { 0x0c } else { 0x13 };
    let attribute = [tlv(6, &[0x55, 4, 3]), tlv(string, text)].concat();
    tlv(0x30, &tlv(0x31, &tlv(0x30, &attribute)))
}
