//! Why bytes are not a list of revoked certificates.

use crate::certificate::PemError;
use crate::der;
use crate::table::{errors, numbered};

numbered! {
    /// The part of a list in which an error was met.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum CrlField: u8 {
        /// `CertificateList` and `TBSCertList`, the outer frames.
        Frame = 1, "RFC 5280 section 5.1", "the outer frame";
        /// `version`
        Version = 2, "RFC 5280 section 5.1.2.1", "version";
        /// `signatureAlgorithm` or `signature`
        SignatureAlgorithm = 3, "RFC 5280 section 5.1.1.2", "signatureAlgorithm";
        /// `signatureValue`
        SignatureValue = 4, "RFC 5280 section 5.1.1.3", "signatureValue";
        /// `issuer`
        Issuer = 5, "RFC 5280 section 5.1.2.3", "issuer";
        /// `thisUpdate`
        ThisUpdate = 6, "RFC 5280 section 5.1.2.4", "thisUpdate";
        /// `nextUpdate`
        NextUpdate = 7, "RFC 5280 section 5.1.2.5", "nextUpdate";
        /// `revokedCertificates`: its frame, or the serial number or date of an entry
        RevokedCertificates = 8, "RFC 5280 section 5.1.2.6", "revokedCertificates";
        /// `crlExtensions`: their frames
        Extensions = 9, "RFC 5280 section 5.1.2.7", "crlExtensions";
        /// The extension `authorityKeyIdentifier`
        AuthorityKeyIdentifier = 10, "RFC 5280 section 5.2.1", "authorityKeyIdentifier";
        /// The extension `issuerAltName`
        IssuerAltName = 11, "RFC 5280 section 5.2.2", "issuerAltName";
        /// The extension `cRLNumber`
        CrlNumber = 12, "RFC 5280 section 5.2.3", "cRLNumber";
        /// The extension `deltaCRLIndicator`
        DeltaCrlIndicator = 13, "RFC 5280 section 5.2.4", "deltaCRLIndicator";
        /// The extension `issuingDistributionPoint`
        IssuingDistributionPoint = 14, "RFC 5280 section 5.2.5", "issuingDistributionPoint";
        /// The extension `freshestCRL`
        FreshestCrl = 15, "RFC 5280 section 5.2.6", "freshestCRL";
        /// The extension `authorityInfoAccess`
        AuthorityInfoAccess = 16, "RFC 5280 section 5.2.7", "authorityInfoAccess";
        /// `crlEntryExtensions`: their frames
        EntryExtensions = 17, "RFC 5280 section 5.3", "crlEntryExtensions";
        /// The entry extension `reasonCode`
        ReasonCode = 18, "RFC 5280 section 5.3.1", "reasonCode";
        /// The entry extension `invalidityDate`
        InvalidityDate = 19, "RFC 5280 section 5.3.2", "invalidityDate";
        /// The entry extension `certificateIssuer`
        CertificateIssuer = 20, "RFC 5280 section 5.3.3", "certificateIssuer";
    }
}

errors! {
    /// Why bytes were refused as a list of revoked certificates.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum CrlError with section {
        /// A field is not what RFC 5280 section 5 says, in DER.
        Encoding {
            /// The field.
            field: CrlField,
            /// What is wrong with it, and where.
            error: der::Error,
        } => "{field}: {error}" [field.section()], source error;
        /// More bytes than the limit.
        TooLarge {
            /// How many there were.
            bytes: usize,
        } => "{bytes} bytes are more than a list may have" ["a limit of this library"];
        /// The list, or one of its entries, has too many extensions.
        TooManyExtensions {
            /// Offset of the first one too many.
            offset: u32,
        } => "there are too many extensions (offset {offset})" ["a limit of this library"];
        /// An extension occurs twice, in the list or in one entry (RFC 5280 section 4.2).
        DuplicateExtension {
            /// Offset of the second one.
            offset: u32,
        } => "an extension occurs twice (offset {offset})" ["RFC 5280 section 4.2"];
        /// A version 1 list, or an entry of one, has extensions.
        NotInThisVersion {
            /// The field that the version does not have.
            field: CrlField,
            /// Where it is.
            offset: u32,
        } => "a version 1 list has no {field} (offset {offset})" [field.section()];
        /// The names of certificate issuers take more work to compare than
        /// [`MAX_ISSUER_WORK`](super::MAX_ISSUER_WORK).
        IssuersTooLong {
            /// Offset of the first entry too many.
            offset: u32,
        } => "the names of certificate issuers are too long together (offset {offset})"
            ["a limit of this library"];
        /// The signature algorithm outside of what is signed differs from the one inside (RFC 5280
        /// section 5.1.1.2).
        AlgorithmMismatch => "the outer signature algorithm differs from the inner one"
            ["RFC 5280 section 5.1.1.2"];
        /// The issuer is the empty name (RFC 5280 section 5.1.2.3).
        EmptyIssuer => "the issuer is the empty name" ["RFC 5280 section 5.1.2.3"];
        /// An entry names a certificate issuer, and the list does not say that it is indirect (RFC
        /// 5280 section 5.3.3).
        NotIndirect {
            /// Offset of the entry's extension.
            offset: u32,
        } => "an entry names a certificate issuer in a list that is not indirect (offset {offset})"
            ["RFC 5280 section 5.3.3"];
        /// An entry names a certificate issuer in an extension that is not critical (RFC 5280
        /// section 5.3.3).
        CertificateIssuerNotCritical {
            /// Offset of the entry's extension.
            offset: u32,
        } => "certificateIssuer is not critical (offset {offset})" ["RFC 5280 section 5.3.3"];
        /// The certificate issuer of an entry is not exactly one distinguished name that is not
        /// empty (RFC 5280 section 5.3.3).
        CertificateIssuerName {
            /// Offset of the entry's extension.
            offset: u32,
        } => "certificateIssuer is not exactly one distinguished name (offset {offset})"
            ["RFC 5280 section 5.3.3"];
    }
}

errors! {
    /// Why PEM text gave no lists.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum CrlInputError {
        /// The text is not PEM.
        Pem(error: PemError) => "{error}", source error, from PemError;
        /// A list does not parse.
        Crl {
            /// Its place in the input, from 0.
            index: usize,
            /// Why.
            error: CrlError,
        } => "list {index}: {error}", source error;
        /// There is no list in the input.
        Empty => "there is no list of revoked certificates in the input";
    }
}

#[inline(always)]
pub(super) fn at<T>(field: CrlField, result: der::Result<T>) -> Result<T, CrlError> {
    match result {
        Ok(value) => Ok(value),
        Err(error) => Err(CrlError::Encoding { field, error }),
    }
}
