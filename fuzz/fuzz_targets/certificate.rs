//! One certificate: parsing, every accessor, every text form, and the conversions.
//!
//! The input is the bytes of a certificate or, if it does not begin like one, a recipe for an
//! edited or forged one.
#![no_main]

use std::hash::{DefaultHasher, Hasher};

use libfuzzer_sys::fuzz_target;
use portcullis::certificate::ExtensionKind;
use portcullis::der::Reader;
use portcullis::{Certificate, Name};
use portcullis_fuzz::input::Input;
use portcullis_fuzz::scenario;

fuzz_target!(|bytes: &[u8]| {
    if bytes.first() == Some(&0x30) {
        look(bytes);
    } else {
        look(&scenario::certificate(&mut Input::new(bytes)));
    }
});

fn look(der: &[u8]) {
    let Ok(certificate) = Certificate::from_der(der).map_err(|error| {
        assert!(!error.to_string().is_empty() && !error.section().is_empty());
    }) else {
        // It is refused by every constructor.
        assert!(Certificate::from_owned(der.into()).is_err());
        return;
    };
    assert_eq!(certificate.as_der(), der);
    assert!(der.len() <= Certificate::MAX_BYTES);
    accessors(&certificate);
    extensions(&certificate);
    names(&certificate.subject());
    names(&certificate.issuer());
    round_trips(&certificate);
    conversions(&certificate);
}

fn accessors(certificate: &Certificate) {
    let der = certificate.as_der();
    for part in [
        certificate.tbs(),
        certificate.serial(),
        certificate.subject().as_der(),
        certificate.issuer().as_der(),
        certificate.spki_der(),
        certificate.signature_algorithm().as_der(),
        certificate.signature(),
    ] {
        assert!(is_inside(part, der));
    }
    assert!(!certificate.serial().is_empty());
    let _ = (
        certificate.version(),
        certificate.not_before(),
        certificate.not_after(),
    );
    assert!(!format!("{} {}", certificate.not_before(), certificate.not_after()).is_empty());
    let key = certificate.public_key();
    let _ = (
        key.algorithm().oid().to_string(),
        key.algorithm().parameters(),
        key.key_bits(),
    );
    let _ = certificate.signature_algorithm().oid().to_owned();
    assert!(!certificate.has_identical_names() || certificate.is_self_issued());
    let _ = (
        certificate.has_early_generalized_time(),
        certificate.has_unique_identifiers(),
        certificate.subject_key_id(),
        certificate.authority_key_id(),
        certificate
            .unknown_critical_extension()
            .map(|oid| oid.to_string()),
    );
    assert!(!format!("{certificate:?}").is_empty());
}

fn extensions(certificate: &Certificate) {
    let all: Vec<_> = certificate.extensions().collect();
    assert!(all.len() <= Certificate::MAX_EXTENSIONS);
    for (i, extension) in all.iter().enumerate() {
        let again = all[..i].iter().any(|other| other.oid == extension.oid);
        assert!(!again, "an extension occurs twice");
        match ExtensionKind::from_oid(extension.oid.as_bytes()) {
            Some(kind) => {
                assert_eq!(certificate.extension(kind), Some(extension.value));
                assert_eq!(certificate.is_critical(kind), extension.critical);
                let _ = kind.check(Reader::new(extension.value));
            }
            None if extension.critical => {
                assert!(certificate.unknown_critical_extension().is_some());
            }
            None => {}
        }
    }
    for kind in ExtensionKind::ALL {
        let found = all.iter().any(|extension| extension.oid == kind.oid());
        assert_eq!(certificate.extension(kind).is_some(), found);
    }
}

fn names(name: &Name<'_>) {
    assert_eq!(Name::from_der(name.as_der()).as_ref(), Ok(name));
    assert!(name.matches(name) && name.has_prefix(name));
    let mut hasher = DefaultHasher::new();
    name.write_key(&mut hasher);
    let _ = hasher.finish();
    let _ = (
        name.rfc4514().to_string(),
        name.dotnet().to_string(),
        name.to_string(),
    );
    for attribute in name.attributes() {
        let _ = attribute.text();
    }
}

fn round_trips(certificate: &Certificate) {
    let again = Certificate::from_der(certificate.as_der()).expect("it parsed before");
    assert_eq!(&again, certificate);
    let pem = certificate.to_pem();
    assert_eq!(
        Certificate::from_pem(pem.as_bytes()).as_ref(),
        Ok(certificate)
    );
}

fn conversions(certificate: &Certificate) {
    let Ok(theirs) = x509_cert::Certificate::try_from(certificate) else {
        return;
    };
    // Its encoding may differ from the received bytes. Encoding it again must change nothing.
    if let Ok(ours) = Certificate::try_from(&theirs)
        && let Ok(theirs) = x509_cert::Certificate::try_from(&ours)
    {
        assert_eq!(Certificate::try_from(&theirs).as_ref(), Ok(&ours));
    }
}

fn is_inside(part: &[u8], whole: &[u8]) -> bool {
    part.is_empty()
        || whole.as_ptr_range().contains(&part.as_ptr())
            && part.as_ptr_range().end <= whole.as_ptr_range().end
}
