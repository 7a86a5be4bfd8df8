//! Authority key identifier (RFC 5280 section 4.2.1.1).
//!
//! ```text
//! AuthorityKeyIdentifier ::= SEQUENCE {
//!     keyIdentifier              [0] OCTET STRING  OPTIONAL,
//!     authorityCertIssuer        [1] GeneralNames  OPTIONAL,
//!     authorityCertSerialNumber  [2] INTEGER       OPTIONAL }
//! ```

use super::Decode;
use super::list::{only, optional, sequence};
use crate::certificate::general_name::GeneralNames;
use crate::der::{Element, ReadError, Reader, tag};

sequence! {
    'a:
    /// Which of the issuer's keys signed: a hint in the search for an issuer, never a proof.
    pub struct AuthorityKeyIdentifier<'a> {
        /// The subject key identifier of the issuer's certificate.
        pub key_id: Option<&'a [u8]> = optional(KEY_ID, |key_id| Ok(key_id.value));
        /// The names of the issuer of the issuer's certificate.
        pub issuer: Option<GeneralNames<'a>> =
            optional(tag::context_constructed(1), GeneralNames::from_content);
        /// The serial number of the issuer's certificate: content octets of an INTEGER.
        pub serial: Option<&'a [u8]> = optional(tag::context(2), Element::as_integer);
    }
}

const KEY_ID: u8 = tag::context(0);

impl AuthorityKeyIdentifier<'_> {
    /// True unless one of issuer and serial number stands without the other, which RFC 5280
    /// appendix A.2 forbids.
    #[must_use]
    pub const fn is_paired(&self) -> bool {
        self.issuer.is_some() == self.serial.is_some()
    }
}

impl<'a> Decode<'a> for AuthorityKeyIdentifier<'a> {
    #[inline(always)]
    fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
        // As it nearly always is: a short key identifier and nothing else.
        if let [tag::SEQUENCE, whole @ 2..0x80, KEY_ID, length, ref id @ ..] = *value.rest()
            && length == whole - 2
            && id.len() == usize::from(length)
        {
            return Ok(Self {
                key_id: Some(id),
                issuer: None,
                serial: None,
            });
        }
        only(value)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use ::der::Encode;
    use ::der::asn1::{Ia5String, OctetString};
    use proptest::prelude::*;
    use x509_cert::ext::pkix;

    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn each_field_alone() {
        let key = AuthorityKeyIdentifier::from_der(&[0x30, 4, 0x80, 2, 7, 8]).unwrap();
        assert_eq!((key.key_id, key.is_paired()), (Some(&[7, 8][..]), true));
        let issuer = AuthorityKeyIdentifier::from_der(&[0x30, 5, 0xa1, 3, 0x82, 1, b'a']).unwrap();
        assert!(issuer.issuer.unwrap().dns_names().eq(["a"]) && !issuer.is_paired());
        let serial = AuthorityKeyIdentifier::from_der(&[0x30, 4, 0x82, 2, 0, 0xff]).unwrap();
        assert_eq!(
            (serial.serial, serial.is_paired()),
            (Some(&[0, 0xff][..]), false)
        );
        let none = AuthorityKeyIdentifier::from_der(&[0x30, 0]).unwrap();
        assert!(none.key_id.is_none() && none.issuer.is_none() && none.is_paired());
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (&[0x30, 2, 0x82, 0][..], ErrorKind::BadValue),
            (&[0x30, 4, 0x82, 2, 0, 1], ErrorKind::BadValue),
            (&[0x30, 4, 0xa1, 2, 0x89, 0], ErrorKind::UnexpectedTag),
            (&[0x30, 2, 0xa0, 0], ErrorKind::TrailingData),
            (&[0x30, 5, 0x82, 1, 1, 0x80, 0], ErrorKind::TrailingData),
            (&[0x30, 4, 0x80, 0, 0x80, 0], ErrorKind::TrailingData),
            (&[0x30, 3, 0x80, 2, 1], ErrorKind::Truncated),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
            (&[4, 0], ErrorKind::UnexpectedTag),
        ] {
            assert_eq!(
                AuthorityKeyIdentifier::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(
            key_id: Option<[u8; 20]>,
            issuer in proptest::option::of(proptest::collection::vec("[a-z]{1,20}", 0..4)),
            serial in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..20)),
        ) {
            let dns = |name: &String| {
                pkix::name::GeneralName::DnsName(Ia5String::new(name.as_str()).unwrap())
            };
            let theirs = pkix::AuthorityKeyIdentifier {
                key_identifier: key_id.map(|id| OctetString::new(id).unwrap()),
                authority_cert_issuer: issuer.as_ref().map(|names| names.iter().map(dns).collect()),
                authority_cert_serial_number: serial
                    .as_ref()
                    .map(|octets| x509_cert::serial_number::SerialNumber::new(octets).unwrap()),
            };
            let der = theirs.to_der().unwrap();
            let ours = AuthorityKeyIdentifier::from_der(&der).unwrap();
            prop_assert_eq!(ours.key_id, key_id.as_ref().map(|id| &id[..]));
            let names = ours.issuer.map(|names| names.dns_names().collect::<Vec<_>>());
            let issuer = issuer.as_ref().map(|names| names.iter().map(String::as_str).collect());
            prop_assert_eq!(names, issuer);
            let serial = theirs.authority_cert_serial_number;
            let theirs = serial.map(|serial| serial.to_der().unwrap().split_off(2));
            prop_assert_eq!(ours.serial, theirs.as_deref());
        }
    }
}
