//! Authority information access (RFC 5280 section 4.2.2.1).
//!
//! ```text
//! AuthorityInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//!     accessMethod    OBJECT IDENTIFIER,
//!     accessLocation  GeneralName }
//! ```

use const_oid::ObjectIdentifier;

use super::fast;
use super::list::{sequence, sequence_of};
use crate::certificate::general_name::GeneralName;
use crate::oid::{self, Oid};

sequence! {
    'a:
    /// One place, and what is to be had there.
    pub struct AccessDescription<'a> {
        /// What is to be had.
        pub method: Oid<'a> = Oid::read;
        /// Where.
        pub location: GeneralName<'a> = GeneralName::read;
    }
    glance fast::after_access
}

sequence_of! {
    /// Where the issuer's certificate and its OCSP responder are.
    AuthorityInfoAccess<'a> of AccessDescription<'a>
}

impl<'a> AuthorityInfoAccess<'a> {
    /// The URIs of OCSP responders, whatever their scheme.
    pub fn ocsp_uris(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.uris(oid::OCSP_ACCESS)
    }

    /// The URIs of certificates of the issuer, whatever their scheme.
    pub fn ca_issuer_uris(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.uris(oid::CA_ISSUERS_ACCESS)
    }

    fn uris(&self, wanted: ObjectIdentifier) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.iter().filter_map(move |access| match access.location {
            GeneralName::Uri(uri) if access.method == wanted => Some(uri),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use ::der::Encode;
    use ::der::asn1::Ia5String;
    use const_oid::db::rfc5280;
    use proptest::prelude::*;
    use x509_cert::ext::pkix;

    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn faults() {
        assert_eq!(
            AuthorityInfoAccess::from_der(&[0x30, 0])
                .unwrap()
                .iter()
                .count(),
            0
        );
        for (der, kind) in [
            (&[0x30, 5, 0x30, 3, 6, 1, 0x2a][..], ErrorKind::Truncated),
            (
                &[0x30, 8, 0x30, 6, 6, 1, 0x2a, 0x86, 1, 0],
                ErrorKind::BadValue,
            ),
            (
                &[0x30, 7, 0x30, 5, 6, 1, 0x2a, 0x89, 0],
                ErrorKind::UnexpectedTag,
            ),
            (
                &[0x30, 9, 0x30, 7, 6, 1, 0x2a, 0x86, 0, 5, 0],
                ErrorKind::TrailingData,
            ),
            (&[0x30, 2, 6, 0], ErrorKind::UnexpectedTag),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
        ] {
            assert_eq!(
                AuthorityInfoAccess::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }

    #[test]
    fn only_uris_of_the_method() {
        // An OCSP responder named by a dNSName is no URI.
        let der = [
            &[0x30, 15, 0x30, 13, 6, 8][..],
            oid::OCSP_ACCESS.as_bytes(),
            &[0x82, 1, b'a'],
        ]
        .concat();
        let access = AuthorityInfoAccess::from_der(&der).unwrap();
        assert_eq!(access.iter().count(), 1);
        assert_eq!(
            access.ocsp_uris().count() + access.ca_issuer_uris().count(),
            0
        );
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(
            places in proptest::collection::vec((any::<bool>(), "[a-z:/]{0,40}"), 0..9),
        ) {
            let access = |(ocsp, uri): &(bool, String)| pkix::AccessDescription {
                access_method: if *ocsp { rfc5280::ID_AD_OCSP } else { rfc5280::ID_AD_CA_ISSUERS },
                access_location: pkix::name::GeneralName::UniformResourceIdentifier(
                    Ia5String::new(uri.as_str()).unwrap(),
                ),
            };
            let theirs = pkix::AuthorityInfoAccessSyntax(places.iter().map(access).collect());
            let der = theirs.to_der().unwrap();
            let ours = AuthorityInfoAccess::from_der(&der).unwrap();
            let wanted = |ocsp| {
                let places = places.iter().filter(move |place| place.0 == ocsp);
                places.map(|place| place.1.as_str()).collect::<Vec<_>>()
            };
            prop_assert_eq!(ours.ocsp_uris().collect::<Vec<_>>(), wanted(true));
            prop_assert_eq!(ours.ca_issuer_uris().collect::<Vec<_>>(), wanted(false));
        }
    }
}
