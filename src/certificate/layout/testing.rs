//! Tests of `layout.rs`.

use alloc::string::ToString;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::certificate::Certificate;
use crate::certificate::testing::{
    Parts, changes, common_name, extension, sequence, tlv, validity,
};

fn refuse(parts: &Parts) -> CertificateError {
    Certificate::from_der(&parts.der()).expect_err("refused")
}

fn change(edit: impl FnOnce(&mut Parts)) -> Parts {
    let mut parts = Parts::default();
    edit(&mut parts);
    parts
}

/// The certificate is refused for this field, with this kind of error.
fn encoding(expected: Field, kind: ErrorKind, edit: impl FnOnce(&mut Parts)) {
    match refuse(&change(edit)) {
        CertificateError::Encoding { field, error } => {
            assert_eq!((field, error.kind), (expected, kind));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn keeps_the_received_slices() {
    let parts = Parts::default();
    let certificate = Certificate::from_der(&parts.der()).unwrap();
    assert_eq!(certificate.as_der(), parts.der());
    assert_eq!(certificate.tbs(), parts.tbs());
    assert_eq!(certificate.spki_der(), parts.spki);
    assert_eq!(certificate.subject().as_der(), parts.subject);
    assert_eq!(certificate.issuer().as_der(), parts.issuer);
    assert_eq!(certificate.serial(), [1, 2, 3]);
    assert_eq!(certificate.signature(), [9; 64]);
    assert_eq!(
        certificate.signature_algorithm().as_der(),
        parts.outer_algorithm
    );
    assert_eq!(certificate.version(), Version::V3);
    assert!(certificate.is_critical(ExtensionKind::BasicConstraints));
    assert_eq!(
        certificate.extension(ExtensionKind::BasicConstraints),
        Some(&[0x30, 0][..])
    );
    assert_eq!(certificate.extension(ExtensionKind::KeyUsage), None);
    assert_eq!(certificate.not_before().to_civil().0, 2026);
    assert_eq!(certificate.not_after().to_civil().0, 2027);
}

#[test]
fn frame() {
    let der = Parts::default().der();
    for cut in (0..der.len()).step_by(if cfg!(miri) { 8 } else { 1 }) {
        assert!(Certificate::from_der(&der[..cut]).is_err(), "cut at {cut}");
    }
    let mut longer = der.clone();
    longer.push(0);
    let error = Certificate::from_der(&longer).unwrap_err();
    let expected = der::Error {
        kind: ErrorKind::TrailingData,
        offset: der.len() as u32,
    };
    assert_eq!(
        error,
        CertificateError::Encoding {
            field: Field::Frame,
            error: expected
        }
    );
    // Something after the signature, and something after the extensions.
    let parts = Parts::default();
    let after_signature = sequence(&[
        parts.tbs(),
        parts.outer_algorithm.clone(),
        parts.signature.clone(),
        tlv(0x05, &[]),
    ]);
    assert!(Certificate::from_der(&after_signature).is_err());
    encoding(Field::Frame, ErrorKind::TrailingData, |p| {
        p.extensions.extend(tlv(0x05, &[]));
    });
}

#[test]
fn versions() {
    let with = |version: Vec<u8>| {
        change(|p| {
            p.version = version;
            p.extensions.clear();
        })
    };
    let version = |parts: Parts| Certificate::from_der(&parts.der()).unwrap().version();
    assert_eq!(version(with(Vec::new())), Version::V1);
    assert_eq!(version(with(tlv(0xa0, &tlv(0x02, &[1])))), Version::V2);
    assert_eq!(version(with(tlv(0xa0, &tlv(0x02, &[2])))), Version::V3);
    encoding(Field::Version, ErrorKind::EncodedDefault, |p| {
        p.version = tlv(0xa0, &tlv(0x02, &[0]))
    });
    encoding(Field::Version, ErrorKind::BadValue, |p| {
        p.version = tlv(0xa0, &tlv(0x02, &[3]))
    });
    encoding(Field::Version, ErrorKind::BadValue, |p| {
        p.version = tlv(0xa0, &tlv(0x02, &[0, 2]))
    });
    encoding(Field::Version, ErrorKind::TrailingData, |p| {
        p.version = tlv(0xa0, &[tlv(0x02, &[2]), tlv(0x05, &[])].concat());
    });
}

#[test]
fn fields_that_a_version_lacks() {
    let field = Field::Extensions;
    for version in [Vec::new(), tlv(0xa0, &tlv(0x02, &[1]))] {
        let parts = change(|p| p.version = version);
        assert_eq!(refuse(&parts), CertificateError::NotInThisVersion { field });
    }
    let field = Field::UniqueIdentifier;
    let parts = change(|p| {
        p.version.clear();
        p.extensions.clear();
        p.unique_identifiers = tlv(0x81, &[0, 1]);
    });
    assert_eq!(refuse(&parts), CertificateError::NotInThisVersion { field });
    assert_eq!(
        refuse(&parts).to_string(),
        "a certificate of this version has no unique identifier [RFC 5280 section 4.1.2.8]"
    );
    let parts =
        change(|p| p.unique_identifiers = [tlv(0x81, &[0, 1]), tlv(0x82, &[0, 1])].concat());
    assert!(
        Certificate::from_der(&parts.der())
            .unwrap()
            .has_unique_identifiers()
    );
    encoding(field, ErrorKind::BadValue, |p| {
        p.unique_identifiers = tlv(0x81, &[])
    });
    encoding(Field::Frame, ErrorKind::TrailingData, |p| {
        p.unique_identifiers = [tlv(0x82, &[0, 1]), tlv(0x81, &[0, 1])].concat();
    });
}

#[test]
fn serial_numbers() {
    for good in [&[0][..], &[0x80], &[0, 0x80], &[0x7f; 20]] {
        let parts = change(|p| p.serial = tlv(0x02, good));
        assert_eq!(Certificate::from_der(&parts.der()).unwrap().serial(), good);
    }
    encoding(Field::SerialNumber, ErrorKind::BadValue, |p| {
        p.serial = tlv(0x02, &[])
    });
    encoding(Field::SerialNumber, ErrorKind::BadValue, |p| {
        p.serial = tlv(0x02, &[0, 1])
    });
    encoding(Field::SerialNumber, ErrorKind::BadValue, |p| {
        p.serial = tlv(0x02, &[0xff, 0xff])
    });
    encoding(Field::SerialNumber, ErrorKind::UnexpectedTag, |p| {
        p.serial = tlv(0x04, &[1])
    });
}

#[test]
fn algorithms() {
    let other = tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x71]);
    assert_eq!(
        refuse(&change(|p| p.inner_algorithm = other.clone())),
        CertificateError::AlgorithmMismatch
    );
    // The same algorithm written otherwise is another one.
    let with_null = tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0x00]);
    assert_eq!(
        refuse(&change(|p| p.inner_algorithm = with_null)),
        CertificateError::AlgorithmMismatch
    );
    let field = Field::SignatureAlgorithm;
    encoding(field, ErrorKind::BadValue, |p| {
        p.outer_algorithm = tlv(0x30, &tlv(0x06, &[0x80]))
    });
    encoding(field, ErrorKind::Truncated, |p| {
        p.outer_algorithm = tlv(0x30, &[])
    });
    encoding(field, ErrorKind::UnexpectedTag, |p| {
        p.outer_algorithm = tlv(0x31, &[])
    });
}

#[test]
fn names() {
    for (field, set) in [
        (
            Field::Issuer,
            (|p, name| p.issuer = name) as fn(&mut Parts, Vec<u8>),
        ),
        (Field::Subject, |p, name| p.subject = name),
    ] {
        // An empty name is one; who may have it is not for the parser to say.
        let parts = change(|p| set(p, tlv(0x30, &[])));
        assert!(Certificate::from_der(&parts.der()).is_ok());
        for bad in [
            tlv(0x31, &[]),
            sequence(&[tlv(0x31, &[])]),
            sequence(&[tlv(0x30, &[])]),
            sequence(&[tlv(0x31, &tlv(0x30, &tlv(0x06, &[0x55, 0x04, 0x03])))]),
            [common_name("x"), tlv(0x05, &[])].concat(),
        ] {
            let error = refuse(&change(|p| set(p, bad.clone())));
            let named = matches!(error, CertificateError::Encoding { field: f, .. } if f == field);
            assert!(named || bad.ends_with(&[0x05, 0x00]), "{error:?}");
        }
    }
}

#[test]
fn periods() {
    let early = change(|p| p.validity = validity(0x18, "20260101000000Z", 0x17, "270101000000Z"));
    let early = Certificate::from_der(&early.der()).unwrap();
    assert!(early.has_early_generalized_time());
    let late = change(|p| p.validity = validity(0x17, "500101000000Z", 0x18, "99991231235959Z"));
    let late = Certificate::from_der(&late.der()).unwrap();
    assert!(!late.has_early_generalized_time());
    assert_eq!(late.not_before().unix(), -631_152_000);
    // Reversed is no fault of the encoding.
    let reversed = change(|p| p.validity = validity(0x17, "270101000000Z", 0x17, "260101000000Z"));
    assert!(Certificate::from_der(&reversed.der()).is_ok());
    let field = Field::Validity;
    for (tag, text) in [
        (0x17, "260230000000Z"),
        (0x17, "2601010000Z"),
        (0x17, "260101000000+0000"),
        (0x18, "20260101000000.5Z"),
        (0x18, "20260101000000"),
    ] {
        encoding(field, ErrorKind::BadValue, |p| {
            p.validity = validity(tag, text, 0x17, "270101000000Z");
        });
        encoding(field, ErrorKind::BadValue, |p| {
            p.validity = validity(0x17, "260101000000Z", tag, text);
        });
    }
    encoding(field, ErrorKind::UnexpectedTag, |p| {
        p.validity = validity(0x04, "260101000000Z", 0x17, "270101000000Z");
    });
    encoding(field, ErrorKind::Truncated, |p| {
        p.validity = sequence(&[tlv(0x17, b"260101000000Z")])
    });
    encoding(field, ErrorKind::TrailingData, |p| {
        let mut three = tlv(0x17, b"260101000000Z").repeat(3);
        three = tlv(0x30, &three);
        p.validity = three;
    });
}

#[test]
fn keys_and_signatures_are_whole_octets() {
    let algorithm = tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x70]);
    let field = Field::SubjectPublicKeyInfo;
    for bits in [&[][..], &[1, 0xfe], &[8, 0]] {
        encoding(field, ErrorKind::BadValue, |p| {
            p.spki = sequence(&[algorithm.clone(), tlv(0x03, bits)])
        });
        encoding(Field::SignatureValue, ErrorKind::BadValue, |p| {
            p.signature = tlv(0x03, bits)
        });
    }
    encoding(field, ErrorKind::Truncated, |p| {
        p.spki = tlv(0x30, &algorithm)
    });
    encoding(field, ErrorKind::TrailingData, |p| {
        p.spki = sequence(&[algorithm.clone(), tlv(0x03, &[0]), tlv(0x05, &[])]);
    });
    encoding(Field::SignatureValue, ErrorKind::UnexpectedTag, |p| {
        p.signature = tlv(0x04, &[0])
    });
}

const UNKNOWN: &[u8] = &[0x2a, 0x03];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];

#[test]
fn extensions() {
    let field = Field::Extensions;
    let value = [0x03, 0x02, 0x05, 0xa0];
    encoding(field, ErrorKind::BadValue, |p| {
        p.extensions = tlv(0xa3, &sequence(&[]))
    });
    encoding(field, ErrorKind::UnexpectedTag, |p| {
        p.extensions = tlv(0xa3, &tlv(0x31, &[]))
    });
    encoding(field, ErrorKind::BadValue, |p| {
        *p = p
            .clone()
            .with_extensions(&[extension(KEY_USAGE, Some(1), &value)]);
    });
    encoding(field, ErrorKind::BadValue, |p| {
        *p = p
            .clone()
            .with_extensions(&[extension(&[0x80], None, &value)]);
    });
    encoding(field, ErrorKind::Truncated, |p| {
        *p = p
            .clone()
            .with_extensions(&[sequence(&[tlv(0x06, KEY_USAGE)])]);
    });
    encoding(field, ErrorKind::TrailingData, |p| {
        let mut long = extension(KEY_USAGE, None, &value);
        long.extend([0x05, 0x00]);
        long[1] += 2;
        *p = p.clone().with_extensions(&[long]);
    });
    encoding(field, ErrorKind::TrailingData, |p| {
        let list = sequence(&[extension(KEY_USAGE, None, &value)]);
        p.extensions = tlv(0xa3, &[list, tlv(0x05, &[])].concat());
    });
}

#[test]
fn no_extension_occurs_twice() {
    let value = [0x05, 0x00];
    let known = extension(KEY_USAGE, None, &value);
    let unknown = extension(UNKNOWN, None, &value);
    let critical = extension(UNKNOWN, Some(0xff), &value);
    let third = extension(&[0x2a, 0x04], None, &value);
    for twice in [
        &[known.clone(), known.clone()][..],
        &[unknown.clone(), unknown.clone()],
        &[
            unknown.clone(),
            known.clone(),
            third.clone(),
            critical.clone(),
        ],
        &[known.clone(), unknown.clone(), known.clone()],
    ] {
        let parts = Parts::default().with_extensions(twice);
        let refused = refuse(&parts);
        assert!(
            matches!(refused, CertificateError::DuplicateExtension { .. }),
            "{refused:?}"
        );
    }
    let parts = Parts::default().with_extensions(&[critical, known, third]);
    let certificate = Certificate::from_der(&parts.der()).unwrap();
    assert_eq!(certificate.extensions().count(), 3);
    assert_eq!(
        certificate.unknown_critical_extension().unwrap().as_bytes(),
        UNKNOWN
    );
}

#[test]
fn limits() {
    let numbered = |n: u8| extension(&[0x2a, n], None, &[]);
    let many: Vec<_> = (0..MAX_EXTENSIONS as u8).map(numbered).collect();
    assert!(Certificate::from_der(&Parts::default().with_extensions(&many).der()).is_ok());
    let more: Vec<_> = (0..=MAX_EXTENSIONS as u8).map(numbered).collect();
    assert_eq!(
        refuse(&Parts::default().with_extensions(&more)),
        CertificateError::TooManyExtensions
    );
    let large = alloc::vec![0x30; MAX_BYTES + 1];
    assert_eq!(
        Certificate::from_der(&large).unwrap_err(),
        CertificateError::TooLarge {
            bytes: MAX_BYTES + 1
        }
    );
}

#[test]
fn every_single_byte_change_is_refused_or_kept() {
    let der = Parts::default().der();
    let step = if cfg!(miri) { 16 } else { 1 };
    for place in (0..der.len()).step_by(step) {
        for flip in [0x01, 0x80, 0xff] {
            let mut changed = der.clone();
            changed[place] ^= flip;
            if let Ok(certificate) = Certificate::from_der(&changed) {
                assert_eq!(certificate.as_der(), changed);
                assert!(certificate.tbs().len() < changed.len());
            }
        }
    }
}

proptest! {
    #[test]
    fn both_readings_come_to_the_same(changes in changes()) {
        let known = [(&[0x55, 0x1d, 15][..], Some(0xff)), (&[0x55, 0x1d, 17], None)];
        let known = known.map(|(oid, critical)| extension(oid, critical, &[4, 2, 5, 0]));
        let mut der = Parts::default().with_extensions(&known).der();
        for (at, octet) in changes {
            let at = at.index(der.len());
            der[at] = octet;
        }
        let (mut quick, mut exact) = (Layout::default(), Layout::default());
        let first = quick.read::<FailedSomewhere>(&der);
        let second = exact.read::<CertificateError>(&der);
        prop_assert_eq!(first.is_ok(), second.is_ok());
        prop_assert!(first.is_err() || quick == exact);
    }

    #[test]
    fn a_validity_at_one_glance_is_the_one_field_by_field(changes in changes()) {
        let mut der = b"\x30\x1e\x17\x0d491231235959Z\x17\x0d500101000000Z\x05\x00".to_vec();
        for (at, octet) in changes {
            let at = at.index(der.len());
            der[at] = octet;
        }
        if let Some((fast, rest)) = Validity::fast(&der) {
            let mut reader = Reader::new(&der);
            let mut fields = reader.sequence().unwrap();
            for time in [fast.not_before, fast.not_after] {
                prop_assert_eq!(Time::from_element(&fields.element().unwrap()), Ok(time));
            }
            prop_assert!(fields.is_empty() && !fast.early_generalized_time);
            prop_assert_eq!(rest, reader.rest());
        }
    }
}
