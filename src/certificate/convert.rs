//! Conversions to and from x509-cert's types, at the edge.
//!
//! x509-cert accepts inputs whose TBS it encodes otherwise than it was received, so that the way out goes through the
//! received bytes, and the way in through its encoder and then the one parser of this library.

use core::fmt;

use der::{Decode, Encode};

use super::{Certificate, CertificateError};

/// Why a certificate could not be converted from x509-cert's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConversionError {
    /// x509-cert could not encode its value.
    Encoding(der::Error),
    /// What it encoded is refused here.
    Certificate(CertificateError),
}

impl fmt::Display for ConversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(error) => error.fmt(f),
            Self::Certificate(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConversionError {}

impl TryFrom<&x509_cert::Certificate> for Certificate {
    type Error = ConversionError;

    fn try_from(certificate: &x509_cert::Certificate) -> Result<Self, ConversionError> {
        let bytes = certificate.to_der().map_err(ConversionError::Encoding)?;
        Self::from_shared(bytes.into()).map_err(ConversionError::Certificate)
    }
}

impl TryFrom<&Certificate> for x509_cert::Certificate {
    type Error = der::Error;

    fn try_from(certificate: &Certificate) -> Result<Self, der::Error> {
        Self::from_der(certificate.as_der())
    }
}
