//! Why bytes are not a certificate.

use crate::der;
use crate::table::{errors, numbered};

numbered! {
    /// The part of a certificate in which an encoding error was met.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Field: u8 {
        /// `Certificate` and `TBSCertificate`, the outer frames.
        Frame = 1, "RFC 5280 section 4.1", "the outer frame";
        /// `version`
        Version = 2, "RFC 5280 section 4.1.2.1", "version";
        /// `serialNumber`
        SerialNumber = 3, "RFC 5280 section 4.1.2.2", "serialNumber";
        /// `signatureAlgorithm` or `signature`
        SignatureAlgorithm = 4, "RFC 5280 section 4.1.1.2", "signatureAlgorithm";
        /// `issuer`
        Issuer = 5, "RFC 5280 section 4.1.2.4", "issuer";
        /// `validity`
        Validity = 6, "RFC 5280 section 4.1.2.5", "validity";
        /// `subject`
        Subject = 7, "RFC 5280 section 4.1.2.6", "subject";
        /// `subjectPublicKeyInfo`
        SubjectPublicKeyInfo = 8, "RFC 5280 section 4.1.2.7", "subjectPublicKeyInfo";
        /// `issuerUniqueID` or `subjectUniqueID`
        UniqueIdentifier = 9, "RFC 5280 section 4.1.2.8", "unique identifier";
        /// `extensions`
        Extensions = 10, "RFC 5280 section 4.1.2.9", "extensions";
        /// `signatureValue`
        SignatureValue = 11, "RFC 5280 section 4.1.1.3", "signatureValue";
    }
}

errors! {
    /// Why bytes were refused as a certificate.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum CertificateError with section {
        /// A field is not what RFC 5280 section 4.1 says, in DER.
        Encoding {
            /// The field.
            field: Field,
            /// What is wrong with it, and where.
            error: der::Error,
        } => "{field}: {error}" [field.section()], source error;
        /// More bytes than the limit.
        TooLarge {
            /// How many there were.
            bytes: usize,
        } => "{bytes} bytes are more than a certificate may have" ["a limit of this library"];
        /// More extensions than [`Certificate::MAX_EXTENSIONS`](super::Certificate::MAX_EXTENSIONS).
        TooManyExtensions => "there are too many extensions" ["a limit of this library"];
        /// An extension occurs twice (RFC 5280 section 4.2).
        DuplicateExtension {
            /// Offset of the second one.
            offset: u32,
        } => "an extension occurs twice (offset {offset})" ["RFC 5280 section 4.2"];
        /// A version 1 or 2 certificate has extensions, or a version 1 certificate unique
        /// identifiers.
        NotInThisVersion {
            /// The field that the version does not have.
            field: Field,
        } => "a certificate of this version has no {field}" [field.section()];
        /// The signature algorithm outside of what is signed differs from the one inside (RFC 5280
        /// section 4.1.1.2).
        AlgorithmMismatch => "the outer signature algorithm differs from the inner one"
            ["RFC 5280 section 4.1.1.2"];
    }
}
