//! Responses for tests: put together element by element, so that a test can get any of them wrong,
//! and out of structures that `der` encodes, as another implementation would.

pub(super) use portcullis_testkit::der::{
    constructed as context, generalized_time as time, octet_string as octets,
};
pub(super) use portcullis_testkit::parts::{
    ResponseParts as Parts, SingleParts, algorithm_with_null as algorithm, extensions,
};

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
