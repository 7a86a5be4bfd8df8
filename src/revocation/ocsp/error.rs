//! Why bytes are not an OCSP response that says something, and why a request cannot be made.

use crate::der;
use crate::table::{errors, numbered};

numbered! {
    /// The part of a response in which an encoding error was met.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum OcspField: u8 {
        /// `OCSPResponse`, `ResponseBytes`, `BasicOCSPResponse` and `ResponseData`, the outer frames.
        Frame = 1, "RFC 6960 section 4.2.1", "the outer frame";
        /// `responseStatus`
        ResponseStatus = 2, "RFC 6960 section 4.2.1", "responseStatus";
        /// `responseType`
        ResponseType = 3, "RFC 6960 section 4.2.1", "responseType";
        /// `version`
        Version = 4, "RFC 6960 section 4.2.1", "version";
        /// `responderID`
        ResponderId = 5, "RFC 6960 section 4.2.1", "responderID";
        /// `producedAt`
        ProducedAt = 6, "RFC 6960 section 4.2.1", "producedAt";
        /// `responses`, but for the parts that are fields of their own here
        SingleResponse = 7, "RFC 6960 section 4.2.1", "a single response";
        /// `certID`
        CertId = 8, "RFC 6960 section 4.1.1", "certID";
        /// `certStatus`
        CertStatus = 9, "RFC 6960 section 4.2.1", "certStatus";
        /// `thisUpdate`
        ThisUpdate = 10, "RFC 6960 section 4.2.1", "thisUpdate";
        /// `nextUpdate`
        NextUpdate = 11, "RFC 6960 section 4.2.1", "nextUpdate";
        /// `singleExtensions`
        SingleExtensions = 12, "RFC 6960 section 4.4", "singleExtensions";
        /// `responseExtensions`
        ResponseExtensions = 13, "RFC 6960 section 4.4", "responseExtensions";
        /// `signatureAlgorithm`
        SignatureAlgorithm = 14, "RFC 6960 section 4.2.1", "signatureAlgorithm";
        /// `signature`
        Signature = 15, "RFC 6960 section 4.2.1", "signature";
        /// `certs`
        Certificates = 16, "RFC 6960 section 4.2.1", "certs";
    }
}

numbered! {
    /// Why a responder gave no answer: `OCSPResponseStatus` of RFC 6960 section 4.2.1, without
    /// `successful`.
    ///
    /// Such a response is not signed: anybody on the way can have made it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ResponderStatus: u8 {
        /// The request did not conform to the syntax.
        MalformedRequest = 1, "malformedRequest";
        /// The responder is in an inconsistent state.
        InternalError = 2, "internalError";
        /// The responder cannot answer for now.
        TryLater = 3, "tryLater";
        /// The responder answers signed requests only.
        SigRequired = 5, "sigRequired";
        /// The responder does not serve this client, or does not know the certificate.
        Unauthorized = 6, "unauthorized";
    }
}

errors! {
    /// Why bytes are not an OCSP response that says something about a certificate.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum OcspError with section {
        /// A field is not what RFC 6960 says, in DER.
        Encoding {
            /// The field.
            field: OcspField,
            /// What is wrong with it, and where.
            error: der::Error,
        } => "{field}: {error}" [field.section()], source error;
        /// The responder says that it does not answer.
        Status(status: ResponderStatus) => "the responder does not answer: {status}"
            ["RFC 6960 section 4.2.1"];
        /// The responder says that it answers, and there is no answer.
        NoResponseBytes => "the responder answers, and says nothing" ["RFC 6960 section 4.2.1"];
        /// The answer is of another type than `id-pkix-ocsp-basic`.
        UnknownResponseType => "the answer is no basic OCSP response" ["RFC 6960 section 4.2.1"];
        /// The answer is of a later version than 1.
        UnknownVersion => "the answer is of an unknown version" ["RFC 6960 section 4.2.1"];
        /// An extension occurs twice in one list.
        DuplicateExtension {
            /// Offset of the second one.
            offset: u32,
        } => "an extension occurs twice (offset {offset})" ["RFC 5280 section 4.2"];
        /// More bytes than [`MAX_BYTES`](super::MAX_BYTES).
        TooLarge {
            /// How many there were.
            bytes: usize,
        } => "{bytes} bytes are more than an OCSP response may have" ["a limit of this library"];
        /// More single responses than [`MAX_SINGLES`](super::MAX_SINGLES).
        TooManySingles => "there are too many single responses" ["a limit of this library"];
        /// More certificates than [`MAX_CERTIFICATES`](super::MAX_CERTIFICATES).
        TooManyCertificates => "there are too many certificates" ["a limit of this library"];
        /// More extensions in one list than [`MAX_EXTENSIONS`](super::MAX_EXTENSIONS).
        TooManyExtensions => "there are too many extensions" ["a limit of this library"];
    }
}

errors! {
    /// Why a request cannot be made.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum OcspRequestError with section {
        /// A nonce has 1 to [`MAX_NONCE`](super::MAX_NONCE) octets.
        NonceLength {
            /// How many there were.
            octets: usize,
        } => "a nonce cannot have {octets} octets" ["RFC 9654 section 2.1"];
        /// The serial number is not the content of an INTEGER in DER.
        Serial => "the serial number is not an INTEGER in DER" ["RFC 6960 section 4.1.1"];
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn errors_name_field_place_and_rule() {
        let error = OcspError::Encoding {
            field: OcspField::ProducedAt,
            error: der::Error {
                kind: der::ErrorKind::BadValue,
                offset: 17,
            },
        };
        assert_eq!(
            error.to_string(),
            "producedAt: the content is not a value of its type (offset 17) [RFC 6960 section 4.2.1]"
        );
        assert_eq!(
            OcspError::Status(ResponderStatus::TryLater).to_string(),
            "the responder does not answer: tryLater [RFC 6960 section 4.2.1]"
        );
        assert_eq!(
            OcspRequestError::NonceLength { octets: 129 }.to_string(),
            "a nonce cannot have 129 octets [RFC 9654 section 2.1]"
        );
    }
}
