//! OCSP responses: parsing, every accessor, and which certificates they are about. Also requests
//! about any serial number.
//!
//! The input is the bytes of a response or, if it does not begin like one, two octets that choose
//! an issuer from the test data, two octets of length, a response to edit, the edits, and the
//! contents of a request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::Certificate;
use portcullis::revocation::ocsp::{
    CertIdHash, CertStatus, IssuerHashes, MAX_BYTES, MAX_CERTIFICATES, MAX_NONCE, MAX_SINGLES,
    OcspError, OcspRequest, OcspResponse, ResponderId, SingleResponse,
};
use portcullis_fuzz::edit::edited;
use portcullis_fuzz::input::Input;
use portcullis_fuzz::samples;

const HASHES: [CertIdHash; 4] = [
    CertIdHash::Sha1,
    CertIdHash::Sha256,
    CertIdHash::Sha384,
    CertIdHash::Sha512,
];

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (issuer, response) = if bytes.first() == Some(&0x30) {
        (&samples::certificates()[0], bytes.to_vec())
    } else {
        let all = samples::certificates();
        let issuer = &all[usize::from(input.u16()) % all.len()];
        let length = input.u16().into();
        let response = input.take(length);
        (issuer, edited(response, &mut input))
    };
    let issuer = Certificate::from_der(issuer).expect("it is one of the test data");
    let (name, key) = (issuer.subject(), issuer.public_key());
    let hashes = IssuerHashes::new(&name, &key);
    look(&response, &issuer, &hashes);
    ask(&mut input, &hashes);
});

fn look(der: &[u8], issuer: &Certificate, hashes: &IssuerHashes<'_>) {
    let response = match OcspResponse::from_der(der) {
        Ok(response) => response,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.section().is_empty());
            if let OcspError::Encoding { error, .. } = error {
                assert!(error.offset as usize <= der.len());
            }
            assert_eq!(OcspResponse::from_shared(der.into()), Err(error));
            return;
        }
    };
    assert_eq!(response.as_der(), der);
    assert!(der.len() <= MAX_BYTES && response.memory_size() > der.len());
    accessors(&response, issuer);
    let mut count = 0;
    for single in response.singles() {
        count += 1;
        statement(&response, &single, hashes);
    }
    assert!(count <= MAX_SINGLES);
    assert_eq!(
        OcspResponse::from_shared(der.into()).as_ref(),
        Ok(&response)
    );
}

fn accessors(response: &OcspResponse, issuer: &Certificate) {
    for part in [
        response.tbs(),
        response.signature(),
        response.signature_algorithm().as_der(),
        response.nonce().unwrap_or_default(),
    ] {
        assert!(is_inside(part, response.as_der()));
    }
    assert_eq!(response.tbs().first(), Some(&0x30));
    assert!(
        response
            .nonce()
            .is_none_or(|nonce| (1..=MAX_NONCE).contains(&nonce.len()))
    );
    let sent = response.certificates().len() + response.unparsed_certificates();
    assert!(sent <= MAX_CERTIFICATES);
    let id = response.responder_id();
    if let ResponderId::ByName(name) = id {
        assert!(is_inside(name.as_der(), response.as_der()));
        assert!(id.matches(&name, &issuer.public_key()));
    }
    let _ = id.matches(&issuer.subject(), &issuer.public_key());
    let unknown = response.unknown_critical_extension();
    assert!(unknown.is_none_or(|oid| !oid.to_string().is_empty()));
    assert!(!format!("{response:?} {}", response.produced_at()).is_empty());
}

fn statement(response: &OcspResponse, single: &SingleResponse<'_>, hashes: &IssuerHashes<'_>) {
    let id = single.cert_id;
    for part in [id.serial, id.issuer_name_hash, id.issuer_key_hash] {
        assert!(is_inside(part, response.as_der()));
    }
    if let CertStatus::Revoked { time, reason } = single.status {
        let reason = reason.map(|reason| reason.to_string());
        assert!(!format!("{time} {reason:?}").is_empty());
    }
    let found = id.matches(id.serial, hashes);
    if found {
        let first = response.singles_for(id.serial, hashes).next();
        assert!(first.is_some_and(|first| first.cert_id.serial == id.serial));
    }
    if let Some(hash) = id.hash() {
        let is_issuer = id.issuer_name_hash == hashes.name_hash(hash)
            && id.issuer_key_hash == hashes.key_hash(hash);
        assert_eq!(found, is_issuer);
    } else {
        assert!(!found);
    }
}

/// A request has what it was made with, and its URL has the same octets.
fn ask(input: &mut Input<'_>, hashes: &IssuerHashes<'_>) {
    let hash = *input.pick(&HASHES);
    let nonce = input.flag().then(|| input.short());
    let serial = input.short();
    let Ok(request) = OcspRequest::from_hashes(serial, hashes, hash, nonce) else {
        return;
    };
    let der = request.as_der();
    assert_eq!(request.nonce(), nonce);
    for part in [hashes.name_hash(hash), hashes.key_hash(hash), serial] {
        assert!(der.windows(part.len()).any(|window| window == part));
    }
    let url = request.get_url("http://ocsp.example.test/");
    assert!(url.is_ascii() && url.len() >= der.len() / 3 * 4);
    assert_eq!(url.matches('/').count(), 3);
}

fn is_inside(part: &[u8], whole: &[u8]) -> bool {
    part.is_empty()
        || whole.as_ptr_range().contains(&part.as_ptr())
            && part.as_ptr_range().end <= whole.as_ptr_range().end
}
