//! Conversions to and from x509-cert's types, at the edge.
//!
//! x509-cert accepts inputs whose TBS it encodes otherwise than it was received, so that the way
//! out goes through the received bytes, and the way in through its encoder and then the one parser
//! of this library.

use der::{Decode, Encode};

use super::{Certificate, CertificateError};
use crate::table::errors;

errors! {
    /// Why a certificate could not be converted from x509-cert's type.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ConversionError {
        /// x509-cert could not encode its value.
        Encoding(error: der::Error) => "{error}", source error, from der::Error;
        /// What it encoded is refused here.
        Certificate(error: CertificateError) => "{error}", source error, from CertificateError;
    }
}

impl TryFrom<&x509_cert::Certificate> for Certificate {
    type Error = ConversionError;

    fn try_from(certificate: &x509_cert::Certificate) -> Result<Self, ConversionError> {
        Ok(Self::from_owned(certificate.to_der()?.into())?)
    }
}

impl TryFrom<&Certificate> for x509_cert::Certificate {
    type Error = der::Error;

    fn try_from(certificate: &Certificate) -> Result<Self, der::Error> {
        Self::from_der(certificate.as_der())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::testing::{Parts, validity};

    #[test]
    fn there_and_back() {
        let pem = include_bytes!("../../testdata/chains/good-d2.pem");
        for certificate in Certificate::from_pem_bundle(pem).unwrap() {
            let theirs = x509_cert::Certificate::try_from(&certificate).unwrap();
            assert_eq!(Certificate::try_from(&theirs).unwrap(), certificate);
        }
    }

    #[test]
    fn errors_of_either_side() {
        // x509-cert reads times from 1970 on.
        let parts = Parts {
            validity: validity(0x17, "500101000000Z", 0x17, "270101000000Z"),
            ..Parts::default()
        };
        let certificate = Certificate::from_der(&parts.der()).unwrap();
        assert!(x509_cert::Certificate::try_from(&certificate).is_err());
        // Nobody but this library asks that the two signature algorithms be alike.
        let mut theirs = x509_cert::Certificate::try_from(
            &Certificate::from_der(&Parts::default().der()).unwrap(),
        )
        .unwrap();
        theirs = alter_algorithm(&theirs);
        assert_eq!(
            Certificate::try_from(&theirs),
            Err(ConversionError::Certificate(
                CertificateError::AlgorithmMismatch
            ))
        );
    }

    fn alter_algorithm(certificate: &x509_cert::Certificate) -> x509_cert::Certificate {
        let mut der = certificate.to_der().unwrap();
        // The outer algorithm stands before the signature: 66 octets and their header from the end.
        let place = der.len() - 67 - 1;
        assert_eq!(der[place], 0x70);
        der[place] = 0x71;
        x509_cert::Certificate::from_der(&der).unwrap()
    }
}
