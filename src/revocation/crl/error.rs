//! Why bytes are not a list of revoked certificates.

use core::fmt;

use crate::certificate::PemError;
use crate::der;

/// The part of a list in which an error was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum CrlField {
    /// `CertificateList` and `TBSCertList`, the outer frames.
    Frame = 1,
    /// `version`
    Version = 2,
    /// `signatureAlgorithm` or `signature`
    SignatureAlgorithm = 3,
    /// `signatureValue`
    SignatureValue = 4,
    /// `issuer`
    Issuer = 5,
    /// `thisUpdate`
    ThisUpdate = 6,
    /// `nextUpdate`
    NextUpdate = 7,
    /// `revokedCertificates`: its frame, or the serial number or date of an entry
    RevokedCertificates = 8,
    /// `crlExtensions`: their frames
    Extensions = 9,
    /// The extension `authorityKeyIdentifier`
    AuthorityKeyIdentifier = 10,
    /// The extension `issuerAltName`
    IssuerAltName = 11,
    /// The extension `cRLNumber`
    CrlNumber = 12,
    /// The extension `deltaCRLIndicator`
    DeltaCrlIndicator = 13,
    /// The extension `issuingDistributionPoint`
    IssuingDistributionPoint = 14,
    /// The extension `freshestCRL`
    FreshestCrl = 15,
    /// The extension `authorityInfoAccess`
    AuthorityInfoAccess = 16,
    /// `crlEntryExtensions`: their frames
    EntryExtensions = 17,
    /// The entry extension `reasonCode`
    ReasonCode = 18,
    /// The entry extension `invalidityDate`
    InvalidityDate = 19,
    /// The entry extension `certificateIssuer`
    CertificateIssuer = 20,
}

impl CrlField {
    /// Where the field is defined.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::Frame => "RFC 5280 section 5.1",
            Self::Version => "RFC 5280 section 5.1.2.1",
            Self::SignatureAlgorithm => "RFC 5280 section 5.1.1.2",
            Self::SignatureValue => "RFC 5280 section 5.1.1.3",
            Self::Issuer => "RFC 5280 section 5.1.2.3",
            Self::ThisUpdate => "RFC 5280 section 5.1.2.4",
            Self::NextUpdate => "RFC 5280 section 5.1.2.5",
            Self::RevokedCertificates => "RFC 5280 section 5.1.2.6",
            Self::Extensions => "RFC 5280 section 5.1.2.7",
            Self::AuthorityKeyIdentifier => "RFC 5280 section 5.2.1",
            Self::IssuerAltName => "RFC 5280 section 5.2.2",
            Self::CrlNumber => "RFC 5280 section 5.2.3",
            Self::DeltaCrlIndicator => "RFC 5280 section 5.2.4",
            Self::IssuingDistributionPoint => "RFC 5280 section 5.2.5",
            Self::FreshestCrl => "RFC 5280 section 5.2.6",
            Self::AuthorityInfoAccess => "RFC 5280 section 5.2.7",
            Self::EntryExtensions => "RFC 5280 section 5.3",
            Self::ReasonCode => "RFC 5280 section 5.3.1",
            Self::InvalidityDate => "RFC 5280 section 5.3.2",
            Self::CertificateIssuer => "RFC 5280 section 5.3.3",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Frame => "the outer frame",
            Self::Version => "version",
            Self::SignatureAlgorithm => "signatureAlgorithm",
            Self::SignatureValue => "signatureValue",
            Self::Issuer => "issuer",
            Self::ThisUpdate => "thisUpdate",
            Self::NextUpdate => "nextUpdate",
            Self::RevokedCertificates => "revokedCertificates",
            Self::Extensions => "crlExtensions",
            Self::AuthorityKeyIdentifier => "authorityKeyIdentifier",
            Self::IssuerAltName => "issuerAltName",
            Self::CrlNumber => "cRLNumber",
            Self::DeltaCrlIndicator => "deltaCRLIndicator",
            Self::IssuingDistributionPoint => "issuingDistributionPoint",
            Self::FreshestCrl => "freshestCRL",
            Self::AuthorityInfoAccess => "authorityInfoAccess",
            Self::EntryExtensions => "crlEntryExtensions",
            Self::ReasonCode => "reasonCode",
            Self::InvalidityDate => "invalidityDate",
            Self::CertificateIssuer => "certificateIssuer",
        }
    }
}

/// Why bytes were refused as a list of revoked certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrlError {
    /// A field is not what RFC 5280 section 5 says, in DER.
    Encoding {
        /// The field.
        field: CrlField,
        /// What is wrong with it, and where.
        error: der::Error,
    },
    /// More bytes than the limit.
    TooLarge {
        /// How many there were.
        bytes: usize,
    },
    /// The list, or one of its entries, has too many extensions.
    TooManyExtensions {
        /// Offset of the first one too many.
        offset: u32,
    },
    /// An extension occurs twice, in the list or in one entry (RFC 5280 section 4.2).
    DuplicateExtension {
        /// Offset of the second one.
        offset: u32,
    },
    /// A version 1 list, or an entry of one, has extensions.
    NotInThisVersion {
        /// The field that the version does not have.
        field: CrlField,
        /// Where it is.
        offset: u32,
    },
    /// The names of certificate issuers take more work to compare than
    /// [`MAX_ISSUER_WORK`](super::MAX_ISSUER_WORK).
    IssuersTooLong {
        /// Offset of the first entry too many.
        offset: u32,
    },
    /// The signature algorithm outside of what is signed differs from the one inside (RFC 5280
    /// section 5.1.1.2).
    AlgorithmMismatch,
    /// The issuer is the empty name (RFC 5280 section 5.1.2.3).
    EmptyIssuer,
    /// An entry names a certificate issuer, and the list does not say that it is indirect (RFC 5280
    /// section 5.3.3).
    NotIndirect {
        /// Offset of the entry's extension.
        offset: u32,
    },
    /// An entry names a certificate issuer in an extension that is not critical (RFC 5280 section
    /// 5.3.3).
    CertificateIssuerNotCritical {
        /// Offset of the entry's extension.
        offset: u32,
    },
    /// The certificate issuer of an entry is not exactly one distinguished name that is not empty
    /// (RFC 5280 section 5.3.3).
    CertificateIssuerName {
        /// Offset of the entry's extension.
        offset: u32,
    },
}

impl CrlError {
    /// The rule that was broken.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self {
            Self::Encoding { field, .. } | Self::NotInThisVersion { field, .. } => field.section(),
            Self::TooLarge { .. }
            | Self::TooManyExtensions { .. }
            | Self::IssuersTooLong { .. } => "a limit of this library",
            Self::DuplicateExtension { .. } => "RFC 5280 section 4.2",
            Self::AlgorithmMismatch => "RFC 5280 section 5.1.1.2",
            Self::EmptyIssuer => "RFC 5280 section 5.1.2.3",
            Self::NotIndirect { .. }
            | Self::CertificateIssuerNotCritical { .. }
            | Self::CertificateIssuerName { .. } => "RFC 5280 section 5.3.3",
        }
    }
}

impl fmt::Display for CrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { field, error } => write!(f, "{}: {error}", field.name()),
            Self::TooLarge { bytes } => write!(f, "{bytes} bytes are more than a list may have"),
            Self::TooManyExtensions { offset } => {
                write!(f, "there are too many extensions (offset {offset})")
            }
            Self::IssuersTooLong { offset } => write!(
                f,
                "the names of certificate issuers are too long together (offset {offset})"
            ),
            Self::DuplicateExtension { offset } => {
                write!(f, "an extension occurs twice (offset {offset})")
            }
            Self::NotInThisVersion { field, offset } => {
                let name = field.name();
                write!(f, "a version 1 list has no {name} (offset {offset})")
            }
            Self::AlgorithmMismatch => {
                f.write_str("the outer signature algorithm differs from the inner one")
            }
            Self::EmptyIssuer => f.write_str("the issuer is the empty name"),
            Self::NotIndirect { offset } => write!(
                f,
                "an entry names a certificate issuer in a list that is not indirect (offset {offset})"
            ),
            Self::CertificateIssuerNotCritical { offset } => {
                write!(f, "certificateIssuer is not critical (offset {offset})")
            }
            Self::CertificateIssuerName { offset } => write!(
                f,
                "certificateIssuer is not exactly one distinguished name (offset {offset})"
            ),
        }?;
        write!(f, " [{}]", self.section())
    }
}

impl core::error::Error for CrlError {}

/// Why PEM text gave no lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrlInputError {
    /// The text is not PEM.
    Pem(PemError),
    /// A list does not parse.
    Crl {
        /// Its place in the input, from 0.
        index: usize,
        /// Why.
        error: CrlError,
    },
    /// There is no list in the input.
    Empty,
}

impl fmt::Display for CrlInputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(error) => error.fmt(f),
            Self::Crl { index, error } => write!(f, "list {index}: {error}"),
            Self::Empty => f.write_str("there is no list of revoked certificates in the input"),
        }
    }
}

impl core::error::Error for CrlInputError {}

#[inline(always)]
pub(super) fn at<T>(field: CrlField, result: der::Result<T>) -> Result<T, CrlError> {
    match result {
        Ok(value) => Ok(value),
        Err(error) => Err(CrlError::Encoding { field, error }),
    }
}
