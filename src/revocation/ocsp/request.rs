//! A request for the status of one certificate (RFC 6960 section 4.1), unsigned.
//!
//! ```text
//! OCSPRequest ::= SEQUENCE { tbsRequest TBSRequest, optionalSignature [0] EXPLICIT Signature OPTIONAL }
//! TBSRequest  ::= SEQUENCE {
//!     version            [0] EXPLICIT Version DEFAULT v1,
//!     requestorName      [1] EXPLICIT GeneralName OPTIONAL,
//!     requestList        SEQUENCE OF SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL },
//!     requestExtensions  [2] EXPLICIT Extensions OPTIONAL }
//! ```
//!
//! One certificate a request, as RFC 5019 section 2.1.1 asks: answers can then be made in advance
//! and cached on the way. A nonce (RFC 9654) binds the answer to the request and takes that away;
//! where it comes from is the caller's choice, since there is no randomness here.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::cert_id::CertIdHash;
use super::error::OcspRequestError;
use super::issuer_hashes::IssuerHashes;
use super::{extension, url};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::der::writer::{element, sequence};
use crate::der::{is_minimal_integer, tag};

/// The media type of a request that is sent with POST.
pub const REQUEST_CONTENT_TYPE: &str = "application/ocsp-request";

/// The media type of a response.
pub const RESPONSE_CONTENT_TYPE: &str = "application/ocsp-response";

/// Most octets of a nonce (RFC 9654 section 2.1). Servers that know RFC 8954 only may refuse more
/// than 32.
pub const MAX_NONCE: usize = 128;

/// A request for the status of one certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct OcspRequest {
    der: Vec<u8>,
    /// Where the nonce starts, which ends with the request; at the end if there is none.
    nonce: usize,
}

impl OcspRequest {
    /// Asks about a certificate, whose issuer has this key.
    ///
    /// # Errors
    /// When the nonce has not 1 to [`MAX_NONCE`] octets.
    pub fn new(
        certificate: &Certificate,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        hash: CertIdHash,
        nonce: Option<&[u8]>,
    ) -> Result<Self, OcspRequestError> {
        let issuer = IssuerHashes::new(&certificate.issuer(), issuer_key);
        Self::from_hashes(certificate.serial(), &issuer, hash, nonce)
    }

    /// Asks about the certificate that this issuer gave this serial number.
    ///
    /// # Errors
    /// As [`OcspRequest::new`], and when the serial number is not the content of an INTEGER in DER.
    pub fn from_hashes(
        serial: &[u8],
        issuer: &IssuerHashes<'_>,
        hash: CertIdHash,
        nonce: Option<&[u8]>,
    ) -> Result<Self, OcspRequestError> {
        if !is_minimal_integer(serial) {
            return Err(OcspRequestError::Serial);
        }
        if let Some(octets) = nonce.map(<[u8]>::len)
            && !(1..=MAX_NONCE).contains(&octets)
        {
            return Err(OcspRequestError::NonceLength { octets });
        }
        let der = encode(serial, issuer, hash, nonce);
        let nonce = der.len().saturating_sub(nonce.map_or(0, <[u8]>::len));
        Ok(Self { der, nonce })
    }

    /// The request: what the body of a POST is.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The nonce, if it has one. A response that has a nonce too answers another request unless it
    /// is this one; many responders never send any.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        let nonce = self.der.get(self.nonce..)?;
        Some(nonce).filter(|nonce| !nonce.is_empty())
    }

    /// The URL of the same request with GET (RFC 6960 appendix A.1), below the responder's.
    ///
    /// RFC 5019 section 5 asks for GET where this has at most [`MAX_GET_URL`](super::MAX_GET_URL)
    /// octets: its answers can be cached on the way.
    #[must_use]
    pub fn get_url(&self, base: &str) -> String {
        url::get_url(base, &self.der)
    }
}

fn encode(
    serial: &[u8],
    issuer: &IssuerHashes<'_>,
    hash: CertIdHash,
    nonce: Option<&[u8]>,
) -> Vec<u8> {
    let octets = |octets: &[u8]| element(tag::OCTET_STRING, &[octets]);
    let identifier = |oid: &[u8]| element(tag::OID, &[oid]);
    // Parameters are optional by RFC 5754 section 2; OpenSSL and Go send them, and responders that
    // look an answer up by the bytes of the request expect what these send.
    let algorithm = sequence(&[&identifier(hash.oid().as_bytes()), &element(tag::NULL, &[])]);
    let cert_id = sequence(&[
        &algorithm,
        &octets(issuer.name_hash(hash)),
        &octets(issuer.key_hash(hash)),
        // Whatever its sign: the octets that were received.
        &element(tag::INTEGER, &[serial]),
    ]);
    let request_list = sequence(&[&sequence(&[&cert_id])]);
    let request_extensions = nonce.map(|nonce| {
        let extension = sequence(&[&identifier(&extension::NONCE), &octets(&octets(nonce))]);
        let extensions = sequence(&[&extension]);
        element(tag::context_constructed(2), &[&extensions])
    });
    let to_be_signed = sequence(&[&request_list, &request_extensions.unwrap_or_default()]);
    sequence(&[&to_be_signed])
}

impl fmt::Debug for OcspRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspRequest")
            .field("bytes", &self.der.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::super::CertIdRef;
    use super::*;
    use crate::certificate::testing::{Parts, tlv};
    use crate::certificate::{Hex, Name};
    use crate::der::Reader;

    /// A leaf and its issuer.
    fn chain() -> Vec<Certificate> {
        let pem = include_bytes!("../../../testdata/chains/good-d2.pem");
        Certificate::from_pem_bundle(pem).unwrap()
    }

    fn hex(request: &OcspRequest) -> String {
        format!("{}", Hex(request.as_der())).to_lowercase()
    }

    #[test]
    fn octets_are_those_of_openssl() {
        let chain = chain();
        let key = chain[1].public_key();
        let request = OcspRequest::new(&chain[0], &key, CertIdHash::Sha1, None).unwrap();
        // openssl ocsp -issuer issuer.pem -cert leaf.pem -no_nonce -reqout -
        assert_eq!(
            hex(&request),
            "30493047304530433041300906052b0e03021a05000414966bd7bafee75da6d62015d5f144043a2b\
         4ce3290414619376b8652786b39c901fa07b0f835eac3af66d020855511e5852591aac"
        );

        let nonce = 0x2f76_1a85_2154_3a07_279c_ddfe_2ab9_af06_u128.to_be_bytes();
        let request = OcspRequest::new(&chain[0], &key, CertIdHash::Sha256, Some(&nonce)).unwrap();
        // openssl ocsp -sha256 -issuer issuer.pem -cert leaf.pem -reqout -
        assert_eq!(
            hex(&request),
            "30818b3081883061305f305d300d06096086480165030402010500042012983a9630ab1f987f341e\
         d9822de733916ad6ef31b5593f48ad861b092a1f8104205f504b749e9d6225a1fdfde4bd7a67f7bd\
         84c57e6dd5f3d451c4c9520d2386a5020855511e5852591aaca2233021301f06092b060105050730\
         0102041204102f761a8521543a07279cddfe2ab9af06"
        );
    }

    #[test]
    fn any_serial_number_of_a_certificate_can_be_asked_about() {
        let issuer = Certificate::from_der(&Parts::default().der()).unwrap();
        let key = issuer.public_key();
        let negative = [0x80; 20];
        for serial in [&[0][..], &[0xff], &[0, 0x80], &negative] {
            let parts = Parts {
                serial: tlv(0x02, serial),
                ..Parts::default()
            };
            let certificate = Certificate::from_der(&parts.der()).unwrap();
            let request = OcspRequest::new(&certificate, &key, CertIdHash::Sha1, None).unwrap();
            assert!(request.as_der().ends_with(&parts.serial));
        }
    }

    #[test]
    fn what_is_no_serial_number_is_refused() {
        let name = [0x30, 0];
        let name = Name::from_der(&name).unwrap();
        let issuer = Certificate::from_der(&Parts::default().der()).unwrap();
        let issuer = IssuerHashes::new(&name, &issuer.public_key());
        for serial in [&[][..], &[0, 1], &[0xff, 0x80]] {
            let request = OcspRequest::from_hashes(serial, &issuer, CertIdHash::Sha512, None);
            assert_eq!(
                request.unwrap_err(),
                OcspRequestError::Serial,
                "{serial:x?}"
            );
        }
    }

    #[test]
    fn a_nonce_has_1_to_128_octets() {
        let chain = chain();
        let key = chain[1].public_key();
        let request =
            |nonce: &[u8]| OcspRequest::new(&chain[0], &key, CertIdHash::Sha1, Some(nonce));
        let without = OcspRequest::new(&chain[0], &key, CertIdHash::Sha1, None).unwrap();
        assert_eq!(without.nonce(), None);
        for octets in [1, 16, 32, MAX_NONCE] {
            let nonce = alloc::vec![0xa5; octets];
            let request = request(&nonce).unwrap();
            assert!(request.as_der().ends_with(&nonce));
            assert_eq!(request.nonce(), Some(&nonce[..]));
            assert!(request.as_der().len() > without.as_der().len() + octets);
        }
        for octets in [0, MAX_NONCE + 1] {
            let error = OcspRequestError::NonceLength { octets };
            assert_eq!(request(&alloc::vec![0; octets]).unwrap_err(), error);
        }
    }

    #[test]
    fn a_url_holds_the_same_octets() {
        let chain = chain();
        let key = chain[1].public_key();
        let request = OcspRequest::new(&chain[0], &key, CertIdHash::Sha1, None).unwrap();
        let url = request.get_url("http://ocsp.example.test");
        assert!(url.len() <= super::super::MAX_GET_URL);
        assert!(url.starts_with("http://ocsp.example.test/MEkwRzBFMEMwQTAJBgUrDgMCGgUABB"));
    }

    proptest! {
        #[test]
        fn a_request_names_what_a_response_would(
            serial in proptest::collection::vec(any::<u8>(), 1..40),
            hash in 0usize..4,
            nonce in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..=MAX_NONCE)),
        ) {
            prop_assume!(is_minimal_integer(&serial));
            let chain = chain();
            let (name, key) = (chain[0].issuer(), chain[1].public_key());
            let issuer = IssuerHashes::new(&name, &key);
            let hashes = [CertIdHash::Sha1, CertIdHash::Sha256, CertIdHash::Sha384, CertIdHash::Sha512];
            let request = OcspRequest::from_hashes(&serial, &issuer, hashes[hash], nonce.as_deref());
            let request = request.unwrap();
            prop_assert_eq!(request.nonce(), nonce.as_deref());

            let mut to_be_signed = Reader::new(request.as_der()).sequence().unwrap().sequence().unwrap();
            let mut single = to_be_signed.sequence().unwrap().sequence().unwrap();
            let id = CertIdRef::read(&mut single).unwrap();
            prop_assert!(single.is_empty());
            prop_assert_eq!(id.hash(), Some(hashes[hash]));
            prop_assert!(id.matches(&serial, &issuer));
            prop_assert_eq!(to_be_signed.is_empty(), nonce.is_none());
        }
    }
}
