//! Why bytes are not a certificate.

use core::fmt;

use crate::der;

/// The part of a certificate in which an encoding error was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Field {
    /// `Certificate` and `TBSCertificate`, the outer frames.
    Frame = 1,
    /// `version`
    Version = 2,
    /// `serialNumber`
    SerialNumber = 3,
    /// `signatureAlgorithm` or `signature`
    SignatureAlgorithm = 4,
    /// `issuer`
    Issuer = 5,
    /// `validity`
    Validity = 6,
    /// `subject`
    Subject = 7,
    /// `subjectPublicKeyInfo`
    SubjectPublicKeyInfo = 8,
    /// `issuerUniqueID` or `subjectUniqueID`
    UniqueIdentifier = 9,
    /// `extensions`
    Extensions = 10,
    /// `signatureValue`
    SignatureValue = 11,
}

impl Field {
    /// Where the field is defined.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::Frame => "RFC 5280 section 4.1",
            Self::Version => "RFC 5280 section 4.1.2.1",
            Self::SerialNumber => "RFC 5280 section 4.1.2.2",
            Self::SignatureAlgorithm => "RFC 5280 section 4.1.1.2",
            Self::Issuer => "RFC 5280 section 4.1.2.4",
            Self::Validity => "RFC 5280 section 4.1.2.5",
            Self::Subject => "RFC 5280 section 4.1.2.6",
            Self::SubjectPublicKeyInfo => "RFC 5280 section 4.1.2.7",
            Self::UniqueIdentifier => "RFC 5280 section 4.1.2.8",
            Self::Extensions => "RFC 5280 section 4.1.2.9",
            Self::SignatureValue => "RFC 5280 section 4.1.1.3",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Frame => "the outer frame",
            Self::Version => "version",
            Self::SerialNumber => "serialNumber",
            Self::SignatureAlgorithm => "signatureAlgorithm",
            Self::Issuer => "issuer",
            Self::Validity => "validity",
            Self::Subject => "subject",
            Self::SubjectPublicKeyInfo => "subjectPublicKeyInfo",
            Self::UniqueIdentifier => "unique identifier",
            Self::Extensions => "extensions",
            Self::SignatureValue => "signatureValue",
        }
    }
}

/// Why bytes were refused as a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateError {
    /// A field is not what RFC 5280 section 4.1 says, in DER.
    Encoding {
        /// The field.
        field: Field,
        /// What is wrong with it, and where.
        error: der::Error,
    },
    /// More bytes than the limit.
    TooLarge {
        /// How many there were.
        bytes: usize,
    },
    /// More extensions than [`MAX_EXTENSIONS`](super::MAX_EXTENSIONS).
    TooManyExtensions,
    /// An extension occurs twice (RFC 5280 section 4.2).
    DuplicateExtension {
        /// Offset of the second one.
        offset: u32,
    },
    /// A version 1 or 2 certificate has extensions, or a version 1 certificate unique identifiers.
    NotInThisVersion {
        /// The field that the version does not have.
        field: Field,
    },
    /// The signature algorithm outside of what is signed differs from the one inside (RFC 5280
    /// section 4.1.1.2).
    AlgorithmMismatch,
}

impl CertificateError {
    /// The rule that was broken.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self {
            Self::Encoding { field, .. } => field.section(),
            Self::TooLarge { .. } | Self::TooManyExtensions => "a limit of this library",
            Self::DuplicateExtension { .. } => "RFC 5280 section 4.2",
            Self::NotInThisVersion { field } => field.section(),
            Self::AlgorithmMismatch => "RFC 5280 section 4.1.1.2",
        }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { field, error } => write!(f, "{}: {error}", field.name()),
            Self::TooLarge { bytes } => {
                write!(f, "{bytes} bytes are more than a certificate may have")
            }
            Self::TooManyExtensions => f.write_str("there are too many extensions"),
            Self::DuplicateExtension { offset } => {
                write!(f, "an extension occurs twice (offset {offset})")
            }
            Self::NotInThisVersion { field } => {
                write!(f, "a certificate of this version has no {}", field.name())
            }
            Self::AlgorithmMismatch => {
                f.write_str("the outer signature algorithm differs from the inner one")
            }
        }?;
        write!(f, " [{}]", self.section())
    }
}

impl core::error::Error for CertificateError {}
