//! Responses for tests: put together element by element, so that a test can get any of them wrong,
//! and out of structures that `der` encodes, as another implementation would.

use alloc::vec::Vec;

use crate::certificate::testing::{common_name, sequence, tlv};

pub(super) const SHA1_IDENTIFIER: [u8; 5] = [0x2b, 0x0e, 3, 2, 26];

pub(super) fn octets(content: &[u8]) -> Vec<u8> {
    tlv(0x04, content)
}

pub(super) fn time(text: &str) -> Vec<u8> {
    tlv(0x18, text.as_bytes())
}

/// `[n] EXPLICIT`, or IMPLICIT over a constructed type.
pub(super) fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, content)
}

/// `[1] EXPLICIT Extensions` of these, each a whole `Extension`.
pub(super) fn extensions(list: &[Vec<u8>]) -> Vec<u8> {
    context(1, &sequence(list))
}

/// An `AlgorithmIdentifier` whose parameters are a NULL.
pub(super) fn algorithm(oid: &[u8]) -> Vec<u8> {
    sequence(&[tlv(0x06, oid), tlv(0x05, &[])])
}

/// The fields of a single response, each a whole element.
#[derive(Clone)]
pub(super) struct SingleParts {
    pub(super) cert_id: Vec<u8>,
    pub(super) status: Vec<u8>,
    pub(super) this_update: Vec<u8>,
    pub(super) next_update: Vec<u8>,
    pub(super) extensions: Vec<u8>,
}

impl Default for SingleParts {
    fn default() -> Self {
        let cert_id = [
            algorithm(&SHA1_IDENTIFIER),
            octets(&[0x11; 20]),
            octets(&[0x22; 20]),
            tlv(0x02, &[0x01, 0x02]),
        ];
        Self {
            cert_id: sequence(&cert_id),
            status: tlv(0x80, &[]),
            this_update: time("20260101000000Z"),
            next_update: context(0, &time("20260102000000Z")),
            extensions: Vec::new(),
        }
    }
}

impl SingleParts {
    pub(super) fn der(&self) -> Vec<u8> {
        sequence(&[
            self.cert_id.clone(),
            self.status.clone(),
            self.this_update.clone(),
            self.next_update.clone(),
            self.extensions.clone(),
        ])
    }
}

/// The fields of a response, each a whole element.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) status: Vec<u8>,
    pub(super) response_type: Vec<u8>,
    pub(super) version: Vec<u8>,
    pub(super) responder_id: Vec<u8>,
    pub(super) produced_at: Vec<u8>,
    pub(super) singles: Vec<u8>,
    pub(super) extensions: Vec<u8>,
    pub(super) algorithm: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) certificates: Vec<u8>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            status: tlv(0x0a, &[0]),
            response_type: tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1]),
            version: Vec::new(),
            responder_id: context(1, &common_name("responder")),
            produced_at: time("20260101120000Z"),
            singles: sequence(&[SingleParts::default().der()]),
            extensions: Vec::new(),
            algorithm: tlv(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x70]),
            signature: tlv(0x03, &[&[0u8][..], &[9; 64]].concat()),
            certificates: Vec::new(),
        }
    }
}

impl Parts {
    pub(super) fn tbs(&self) -> Vec<u8> {
        sequence(&[
            self.version.clone(),
            self.responder_id.clone(),
            self.produced_at.clone(),
            self.singles.clone(),
            self.extensions.clone(),
        ])
    }

    pub(super) fn basic(&self) -> Vec<u8> {
        sequence(&[
            self.tbs(),
            self.algorithm.clone(),
            self.signature.clone(),
            self.certificates.clone(),
        ])
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let bytes = sequence(&[self.response_type.clone(), octets(&self.basic())]);
        sequence(&[self.status.clone(), context(0, &bytes)])
    }

    /// With these certificates, each a whole element.
    pub(super) fn with_certificates(mut self, certificates: &[Vec<u8>]) -> Self {
        self.certificates = context(0, &sequence(certificates));
        self
    }
}

/// The structures of RFC 6960 section 4.2.1, as `der` derives them.
pub(super) mod derived {
    use alloc::vec::Vec;

    use ::der::asn1::{Any, BitString, GeneralizedTime, Null, ObjectIdentifier, OctetString};
    use ::der::{Choice, Encode, Enumerated, Sequence};
    use spki::AlgorithmIdentifier;
    use x509_cert::ext::Extension;
    use x509_cert::ext::pkix::CrlReason;
    use x509_cert::name::Name;
    use x509_cert::serial_number::SerialNumber;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
    #[repr(u8)]
    pub(crate) enum Status {
        Successful = 0,
    }

    #[derive(Clone, Debug, Sequence)]
    pub(crate) struct OcspResponse {
        pub(crate) status: Status,
        #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
        pub(crate) bytes: Option<ResponseBytes>,
    }

    #[derive(Clone, Debug, Sequence)]
    pub(crate) struct ResponseBytes {
        pub(crate) response_type: ObjectIdentifier,
        pub(crate) response: OctetString,
    }

    #[derive(Clone, Debug, Sequence)]
    pub(crate) struct BasicOcspResponse {
        pub(crate) tbs: ResponseData,
        pub(crate) algorithm: AlgorithmIdentifier<Any>,
        pub(crate) signature: BitString,
        #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
        pub(crate) certificates: Option<Vec<Any>>,
    }

    #[derive(Clone, Debug, Sequence)]
    pub(crate) struct ResponseData {
        pub(crate) responder_id: ResponderId,
        pub(crate) produced_at: GeneralizedTime,
        pub(crate) responses: Vec<SingleResponse>,
        #[asn1(context_specific = "1", optional = "true", tag_mode = "EXPLICIT")]
        pub(crate) extensions: Option<Vec<Extension>>,
    }

    #[derive(Clone, Debug, Choice)]
    pub(crate) enum ResponderId {
        #[asn1(context_specific = "1", tag_mode = "EXPLICIT", constructed = "true")]
        ByName(Name),
        #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true")]
        ByKey(OctetString),
    }

    #[derive(Clone, Debug, Sequence)]
    pub(crate) struct SingleResponse {
        pub(crate) cert_id: CertId,
        pub(crate) status: CertStatus,
        pub(crate) this_update: GeneralizedTime,
        #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
        pub(crate) next_update: Option<GeneralizedTime>,
        #[asn1(context_specific = "1", optional = "true", tag_mode = "EXPLICIT")]
        pub(crate) extensions: Option<Vec<Extension>>,
    }

    #[derive(Clone, Debug, Sequence)]
    pub(crate) struct CertId {
        pub(crate) hash_algorithm: AlgorithmIdentifier<Any>,
        pub(crate) issuer_name_hash: OctetString,
        pub(crate) issuer_key_hash: OctetString,
        pub(crate) serial: SerialNumber,
    }

    #[derive(Clone, Copy, Debug, Choice)]
    pub(crate) enum CertStatus {
        #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
        Good(Null),
        #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
        Revoked(RevokedInfo),
        #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
        Unknown(Null),
    }

    #[derive(Clone, Copy, Debug, Sequence)]
    pub(crate) struct RevokedInfo {
        pub(crate) time: GeneralizedTime,
        #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
        pub(crate) reason: Option<CrlReason>,
    }

    impl BasicOcspResponse {
        /// The whole `OCSPResponse` around it.
        pub(crate) fn response(&self) -> Vec<u8> {
            let basic = OctetString::new(self.to_der().unwrap()).unwrap();
            let bytes = ResponseBytes {
                response_type: ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1"),
                response: basic,
            };
            let response = OcspResponse {
                status: Status::Successful,
                bytes: Some(bytes),
            };
            response.to_der().unwrap()
        }
    }
}
