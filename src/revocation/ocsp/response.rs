//! A response as bytes: parsed once, borrowed for ever.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use super::error::OcspError;
use super::issuer_hashes::IssuerHashes;
use super::layout::Layout;
use super::responder::ResponderId;
use super::single::{SingleResponse, Singles};
use crate::certificate::{AlgorithmIdentifier, Certificate, Name};
use crate::oid::Oid;
use crate::time::Time;

/// A basic OCSP response (RFC 6960 section 4.2.1) in which a responder says something.
///
/// Parsing trusts nothing: neither is the signature verified nor are dates looked at. Cloning
/// shares the bytes.
#[derive(Clone)]
pub struct OcspResponse(Arc<Inner>);

struct Inner {
    bytes: Arc<[u8]>,
    layout: Layout,
    certificates: Box<[Certificate]>,
    unparsed: usize,
}

impl OcspResponse {
    /// Parses one response in DER and keeps a copy of its bytes.
    ///
    /// # Errors
    /// When the bytes are not exactly one response in DER, the responder gave no answer
    /// ([`OcspError::Status`]), the answer is not a basic response of version 1, or a limit is
    /// exceeded.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspError> {
        let layout = Layout::parse(der)?;
        Ok(Self::new(Arc::from(der), layout))
    }

    /// As [`OcspResponse::from_der`], sharing bytes that are shared already.
    ///
    /// # Errors
    /// As [`OcspResponse::from_der`].
    pub fn from_shared(der: Arc<[u8]>) -> Result<Self, OcspError> {
        let layout = Layout::parse(&der)?;
        Ok(Self::new(der, layout))
    }

    fn new(bytes: Arc<[u8]>, layout: Layout) -> Self {
        let (certificates, unparsed) = layout.read_certificates(&bytes);
        Self(Arc::new(Inner {
            bytes,
            layout,
            certificates: certificates.into(),
            unparsed,
        }))
    }

    /// The received bytes.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The received bytes, shared.
    #[must_use]
    pub fn shared_der(&self) -> &Arc<[u8]> {
        &self.0.bytes
    }

    /// What the responder signed: the exact `ResponseData`.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.layout.tbs.slice(&self.0.bytes)
    }

    /// How it is signed.
    #[must_use]
    pub fn signature_algorithm(&self) -> AlgorithmIdentifier<'_> {
        AlgorithmIdentifier::from_checked(self.0.layout.signature_algorithm.slice(&self.0.bytes))
    }

    /// The octets of the signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.0.layout.signature.slice(&self.0.bytes)
    }

    /// Whose key it says it is signed with.
    #[must_use]
    pub fn responder_id(&self) -> ResponderId<'_> {
        let mut reader = self.0.layout.responder_id.reader(&self.0.bytes);
        // It was read before.
        ResponderId::read(&mut reader).unwrap_or(ResponderId::ByName(Name::from_checked(&[])))
    }

    /// When it was signed.
    #[must_use]
    pub fn produced_at(&self) -> Time {
        self.0.layout.produced_at
    }

    /// What the responder says, in its order.
    #[must_use]
    pub fn singles(&self) -> Singles<'_> {
        Singles(self.0.layout.singles.reader(&self.0.bytes))
    }

    /// What it says of the certificate that this issuer gave this serial number: nothing, one thing
    /// or several.
    pub fn singles_for<'a>(
        &'a self,
        serial: &'a [u8],
        issuer: &'a IssuerHashes<'_>,
    ) -> impl Iterator<Item = SingleResponse<'a>> {
        self.singles()
            .filter(move |single| single.cert_id.matches(serial, issuer))
    }

    /// The nonce, which binds it to one request (RFC 9654).
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        let span = self.0.layout.nonce?;
        Some(span.slice(&self.0.bytes))
    }

    /// The first critical extension of the response that this library does not know: nothing in it
    /// must be used. Each statement has extensions of its own.
    #[must_use]
    pub fn unknown_critical_extension(&self) -> Option<Oid<'_>> {
        let span = self.0.layout.unknown_critical?;
        Some(Oid::new(span.slice(&self.0.bytes)))
    }

    /// The certificates that came with it and parse; nothing makes them trusted.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// How many certificates came with it that do not parse.
    #[must_use]
    pub fn unparsed_certificates(&self) -> usize {
        self.0.unparsed
    }

    /// About how many bytes of memory it holds, shared by all clones.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let certificates = self.0.certificates.iter();
        let certificates: usize = certificates
            .map(|certificate| size_of::<Certificate>() + certificate.as_der().len())
            .sum();
        size_of::<Inner>() + self.0.bytes.len() + certificates
    }
}

impl PartialEq for OcspResponse {
    /// Equality of the received bytes.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.bytes == other.0.bytes
    }
}

impl Eq for OcspResponse {}

impl AsRef<[u8]> for OcspResponse {
    fn as_ref(&self) -> &[u8] {
        self.as_der()
    }
}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspResponse")
            .field("produced_at", &self.produced_at())
            .field("singles", &self.singles().count())
            .field("certificates", &self.certificates().len())
            .field("bytes", &self.as_der().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use ::der::asn1::{Any, BitString, GeneralizedTime, Null, ObjectIdentifier, OctetString};
    use ::der::{Decode, Encode};
    use proptest::prelude::*;
    use spki::AlgorithmIdentifier;
    use x509_cert::ext::Extension;
    use x509_cert::ext::pkix::CrlReason;
    use x509_cert::name::Name as TheirName;
    use x509_cert::serial_number::SerialNumber;

    use super::super::testing::{Parts, SingleParts, context, derived, octets};
    use super::super::{CertIdHash, CertStatus};
    use super::*;
    use crate::certificate::testing::{Parts as CertificateParts, common_name, sequence};
    use crate::revocation::RevocationReason;

    const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");

    /// Everything that can be asked of a response.
    fn walk(response: &OcspResponse) {
        let _ = format!("{response:?} {:?}", response.responder_id());
        let name = common_name("issuer");
        let name = Name::from_der(&name).unwrap();
        let certificate = CertificateParts::default().der();
        let certificate = Certificate::from_der(&certificate).unwrap();
        let key = certificate.public_key();
        let issuer = IssuerHashes::new(&name, &key);
        let _ = response.responder_id().matches(&name, &key);
        for single in response.singles() {
            let _ = format!("{single:?}");
            let mut same = response.singles_for(single.cert_id.serial, &issuer);
            assert!(same.all(|same| same.cert_id.serial == single.cert_id.serial));
        }
        let der = response.as_der();
        for slice in [response.tbs(), response.signature()] {
            assert!(slice.len() < der.len());
        }
        let _ = (response.nonce(), response.unknown_critical_extension());
        let _ = (
            response.signature_algorithm(),
            response.unparsed_certificates(),
        );
        assert!(response.memory_size() > der.len());
    }

    #[test]
    fn gives_what_was_received() {
        let certificate = CertificateParts::default().der();
        let parts = Parts::default().with_certificates(&[certificate.clone(), sequence(&[])]);
        let der = parts.der();
        let response = OcspResponse::from_der(&der).unwrap();
        assert_eq!(response.as_der(), der);
        assert_eq!(response.tbs(), parts.tbs());
        assert_eq!(response.signature_algorithm().as_der(), parts.algorithm);
        assert_eq!(response.signature(), [9; 64]);
        let produced = Time::from_civil(2026, 1, 1, 12, 0, 0).unwrap();
        assert_eq!(response.produced_at(), produced);
        let name = common_name("responder");
        let name = Name::from_der(&name).unwrap();
        assert_eq!(response.responder_id(), ResponderId::ByName(name));
        assert_eq!(response.nonce(), None);
        assert_eq!(response.unknown_critical_extension(), None);
        assert_eq!(response.certificates().len(), 1);
        assert_eq!(response.certificates()[0].as_der(), certificate);
        assert_eq!(response.unparsed_certificates(), 1);
        assert!(response.memory_size() > der.len() + certificate.len());
        walk(&response);
    }

    #[test]
    fn clones_share_the_bytes() {
        fn shared<T: Clone + Send + Sync>(_: &T) {}
        let der: Arc<[u8]> = Parts::default().der().into();
        let response = OcspResponse::from_shared(Arc::clone(&der)).unwrap();
        shared(&response);
        assert!(Arc::ptr_eq(response.shared_der(), &der));
        assert!(Arc::ptr_eq(&response.clone().0, &response.0));
        assert_eq!(response, OcspResponse::from_der(&der).unwrap());
        assert_eq!(response.as_ref(), &*der);
        assert!(OcspResponse::from_shared(Arc::from([])).is_err());
    }

    #[test]
    fn finds_the_statements_about_one_certificate() {
        let certificate = CertificateParts::default().der();
        let certificate = Certificate::from_der(&certificate).unwrap();
        let (name, key) = (certificate.issuer(), certificate.public_key());
        let issuer = IssuerHashes::new(&name, &key);
        let about = |serial: u8, hash: CertIdHash| {
            let single = SingleParts {
                cert_id: sequence(&[
                    super::super::testing::algorithm(hash.oid().as_bytes()),
                    octets(issuer.name_hash(hash)),
                    octets(issuer.key_hash(hash)),
                    alloc::vec![2, 1, serial],
                ]),
                ..SingleParts::default()
            };
            single.der()
        };
        let parts = Parts {
            singles: sequence(&[
                about(1, CertIdHash::Sha1),
                about(2, CertIdHash::Sha256),
                SingleParts::default().der(),
                about(1, CertIdHash::Sha512),
            ]),
            ..Parts::default()
        };
        let response = OcspResponse::from_der(&parts.der()).unwrap();
        assert_eq!(response.singles().count(), 4);
        let hashes = |serial: &'static [u8]| -> Vec<_> {
            let singles = response.singles_for(serial, &issuer);
            singles.map(|single| single.cert_id.hash()).collect()
        };
        assert_eq!(
            hashes(&[1]),
            [Some(CertIdHash::Sha1), Some(CertIdHash::Sha512)]
        );
        assert_eq!(hashes(&[2]), [Some(CertIdHash::Sha256)]);
        assert_eq!(hashes(&[1, 2]), []);
    }

    #[test]
    fn every_single_byte_change_is_refused_or_kept() {
        let nonce = Parts {
            extensions: super::super::testing::extensions(&[
                crate::certificate::testing::extension(
                    &[0x2b, 6, 1, 5, 5, 7, 48, 1, 2],
                    None,
                    &octets(&[7; 16]),
                ),
            ]),
            ..Parts::default()
        };
        let der = nonce.der();
        let step = if cfg!(miri) { 16 } else { 1 };
        for place in (0..der.len()).step_by(step) {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = der.clone();
                changed[place] ^= flip;
                if let Ok(response) = OcspResponse::from_der(&changed) {
                    assert_eq!(response.as_der(), changed);
                    walk(&response);
                }
            }
            assert!(OcspResponse::from_der(&der[..place]).is_err());
        }
    }

    fn bytes(length: core::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(any::<u8>(), length)
    }

    fn octet_string(octets: &[u8]) -> OctetString {
        OctetString::new(octets).unwrap()
    }

    /// Years 1970 to 9999, which is what `der` holds.
    fn moment() -> impl Strategy<Value = GeneralizedTime> {
        (0u64..253_402_300_800).prop_map(|seconds| {
            GeneralizedTime::from_unix_duration(core::time::Duration::from_secs(seconds)).unwrap()
        })
    }

    fn ours(time: GeneralizedTime) -> Time {
        Time::from_unix(time.to_unix_duration().as_secs() as i64)
    }

    fn algorithm(oid: &str, null: bool) -> AlgorithmIdentifier<Any> {
        AlgorithmIdentifier {
            oid: ObjectIdentifier::new_unwrap(oid),
            parameters: null.then(Any::null),
        }
    }

    fn cert_id() -> impl Strategy<Value = derived::CertId> {
        let hashes = Vec::from([
            "1.3.14.3.2.26",
            "2.16.840.1.101.3.4.2.1",
            "2.16.840.1.101.3.4.2.4",
        ]);
        let algorithm = (proptest::sample::select(hashes), any::<bool>());
        (algorithm, bytes(0..=64), bytes(0..=64), bytes(1..=19)).prop_map(
            |((oid, null), name, key, serial)| derived::CertId {
                hash_algorithm: self::algorithm(oid, null),
                issuer_name_hash: octet_string(&name),
                issuer_key_hash: octet_string(&key),
                serial: SerialNumber::new(&serial).unwrap(),
            },
        )
    }

    fn status() -> impl Strategy<Value = derived::CertStatus> {
        use CrlReason::{AaCompromise, CertificateHold, KeyCompromise, Unspecified};
        let reasons = Vec::from([Unspecified, KeyCompromise, CertificateHold, AaCompromise]);
        let reason = proptest::option::of(proptest::sample::select(reasons));
        prop_oneof![
            Just(derived::CertStatus::Good(Null)),
            Just(derived::CertStatus::Unknown(Null)),
            (moment(), reason).prop_map(|(time, reason)| {
                derived::CertStatus::Revoked(derived::RevokedInfo { time, reason })
            }),
        ]
    }

    fn extension() -> impl Strategy<Value = Extension> {
        (bytes(0..=20), any::<bool>()).prop_map(|(value, critical)| Extension {
            extn_id: ObjectIdentifier::new_unwrap("1.2.3.4"),
            critical,
            extn_value: octet_string(&value),
        })
    }

    fn nonce() -> impl Strategy<Value = Extension> {
        bytes(1..=128).prop_map(|nonce| Extension {
            extn_id: NONCE,
            critical: false,
            extn_value: octet_string(&octet_string(&nonce).to_der().unwrap()),
        })
    }

    fn single() -> impl Strategy<Value = derived::SingleResponse> {
        let next = proptest::option::of(moment());
        let extensions = proptest::option::of(extension().prop_map(|e| Vec::from([e])));
        (cert_id(), status(), moment(), next, extensions).prop_map(
            |(cert_id, status, this_update, next_update, extensions)| derived::SingleResponse {
                cert_id,
                status,
                this_update,
                next_update,
                extensions,
            },
        )
    }

    fn responder() -> impl Strategy<Value = derived::ResponderId> {
        prop_oneof![
            "CN=[a-z]{1,20},O=[a-z]{1,20}"
                .prop_map(|name| derived::ResponderId::ByName(name.parse::<TheirName>().unwrap())),
            bytes(20..=20).prop_map(|key| derived::ResponderId::ByKey(octet_string(&key))),
        ]
    }

    fn basic() -> impl Strategy<Value = derived::BasicOcspResponse> {
        let extensions = (
            proptest::option::of(nonce()),
            proptest::option::of(extension()),
        );
        let extensions = extensions
            .prop_map(|(nonce, other)| nonce.into_iter().chain(other).collect::<Vec<_>>())
            .prop_map(|list| Some(list).filter(|list| !list.is_empty()));
        let data = (
            responder(),
            moment(),
            proptest::collection::vec(single(), 0..4),
            extensions,
        );
        let certificates = proptest::option::of(0usize..3);
        (data, bytes(0..=70), certificates).prop_map(|(data, signature, certificates)| {
            let (responder_id, produced_at, responses, extensions) = data;
            let certificate = Any::encode_from(&Any::null()).unwrap();
            derived::BasicOcspResponse {
                tbs: derived::ResponseData {
                    responder_id,
                    produced_at,
                    responses,
                    extensions,
                },
                algorithm: algorithm("1.2.840.10045.4.3.2", false),
                signature: BitString::from_bytes(&signature).unwrap(),
                certificates: certificates.map(|n| alloc::vec![certificate; n]),
            }
        })
    }

    fn same_status(ours_: CertStatus, theirs: derived::CertStatus) -> bool {
        match theirs {
            derived::CertStatus::Good(_) => ours_ == CertStatus::Good,
            derived::CertStatus::Unknown(_) => ours_ == CertStatus::Unknown,
            derived::CertStatus::Revoked(info) => {
                let reason = info.reason.map(|reason| reason as u32 as u8);
                ours_
                    == CertStatus::Revoked {
                        time: ours(info.time),
                        reason: reason.map(RevocationReason::from_number),
                    }
            }
        }
    }

    fn unknown_critical(extensions: Option<&Vec<Extension>>) -> bool {
        extensions.is_some_and(|list| list.iter().any(|extension| extension.critical))
    }

    proptest! {
        #[test]
        fn reads_what_der_writes(theirs in basic()) {
            let der = theirs.response();
            let response = OcspResponse::from_der(&der).unwrap();
            prop_assert_eq!(response.tbs(), theirs.tbs.to_der().unwrap());
            let algorithm = theirs.algorithm.to_der().unwrap();
            prop_assert_eq!(response.signature_algorithm().as_der(), algorithm);
            prop_assert_eq!(response.signature(), theirs.signature.raw_bytes());
            prop_assert_eq!(response.produced_at(), ours(theirs.tbs.produced_at));
            match (response.responder_id(), &theirs.tbs.responder_id) {
                (ResponderId::ByName(a), derived::ResponderId::ByName(b)) => {
                    prop_assert_eq!(a.as_der(), b.to_der().unwrap());
                }
                (ResponderId::ByKey(a), derived::ResponderId::ByKey(b)) => {
                    prop_assert_eq!(&a[..], b.as_bytes());
                }
                _ => prop_assert!(false),
            }
            let list = theirs.tbs.extensions.as_ref();
            let nonce = list.and_then(|list| list.iter().find(|e| e.extn_id == NONCE));
            let nonce = nonce.map(|e| OctetString::from_der(e.extn_value.as_bytes()).unwrap());
            prop_assert_eq!(response.nonce(), nonce.as_ref().map(OctetString::as_bytes));
            prop_assert_eq!(response.unknown_critical_extension().is_some(), unknown_critical(list));
            prop_assert_eq!(response.certificates().len(), 0);
            prop_assert_eq!(response.unparsed_certificates(), theirs.certificates.as_ref().map_or(0, Vec::len));
            prop_assert_eq!(response.singles().count(), theirs.tbs.responses.len());
            for (single, theirs) in response.singles().zip(&theirs.tbs.responses) {
                let id = single.cert_id;
                prop_assert_eq!(id.hash_algorithm.as_der(), theirs.cert_id.hash_algorithm.to_der().unwrap());
                prop_assert_eq!(id.issuer_name_hash, theirs.cert_id.issuer_name_hash.as_bytes());
                prop_assert_eq!(id.issuer_key_hash, theirs.cert_id.issuer_key_hash.as_bytes());
                prop_assert_eq!(id.serial, &theirs.cert_id.serial.to_der().unwrap()[2..]);
                prop_assert!(same_status(single.status, theirs.status));
                prop_assert_eq!(single.this_update, ours(theirs.this_update));
                prop_assert_eq!(single.next_update, theirs.next_update.map(ours));
                prop_assert_eq!(
                    single.unknown_critical_extension.is_some(),
                    unknown_critical(theirs.extensions.as_ref())
                );
            }
            walk(&response);
        }

        #[test]
        fn mutated_responses_never_panic(
            theirs in basic(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in proptest::option::of(any::<prop::sample::Index>()),
        ) {
            let mut der = theirs.response();
            for (place, octet) in changes {
                let place = place.index(der.len());
                der[place] = octet;
            }
            if let Some(cut) = cut {
                der.truncate(cut.index(der.len()));
            }
            if let Ok(response) = OcspResponse::from_der(&der) {
                walk(&response);
            }
        }

        #[test]
        fn random_bytes_never_panic(input in bytes(0..=128)) {
            if let Ok(response) = OcspResponse::from_der(&input) {
                walk(&response);
            }
            let inner = sequence(&[alloc::vec![0x0a, 1, 0], context(0, &input)]);
            prop_assert!(OcspResponse::from_der(&inner).is_err());
        }
    }
}
